"""How well a model predicts each character of a text, the caller's or the run's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from chargru import evaluation
from chargru.arguments import several, whole
from chargru.errors import RunError, SettingError, TextError, check_setting, named
from chargru.evaluation import Score, Scorer
from chargru.gru.forcing import check_steps
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.gru.weights import precision
from chargru.model import Model
from chargru.shown import NOT_WRITTEN, Brief, Shown, counted
from chargru.text.source import Source

_OTHER = f"name a text as {named('text')}"
Unknown = Literal["error", "skip"]
MOST_KEPT = 1_000_000
"""Characters of a text beyond which an evaluation does not keep what each of them took."""
KEPT = 20_000
"""Characters at the beginning of a text whose bits an evaluation keeps."""
VALIDATION = "the run's validation split"
LONG = 1e11
"""Characters times parameters: NumPy takes some seconds for them, about as long as torch takes to load."""


@dataclass(frozen=True)
class Figures:
    """Means per character; the perplexity is None if it is beyond all numbers."""

    val_nats: float
    val_bpc: float
    perplexity: float | None


@dataclass(frozen=True, eq=False)
class Beginning(Brief):
    """The first characters (N) of a scored text and the bits (N) of each: nan where it is not scored.

    `left_out` is where those stand, from 0, that the model does not know; `length` is that of the whole text.
    """

    text: str
    bits: NDArray[np.float64]
    left_out: tuple[int, ...]
    length: int


@dataclass(frozen=True)
class Evaluation(Shown):
    """The score of `characters` characters of a text, called `text`, as one stream or in windows of so many.

    `skipped` were left out because the model does not know them, `reread` read more than once. `forced` are the gates
    held, and `original` is what the model gives without those that were held for it, None if there were none.
    """

    schema: ClassVar = "chargru.evaluation/1"

    checkpoint: str | None
    text: str
    window: int | None
    characters: int
    skipped: int
    reread: int
    val_nats: float
    val_bpc: float
    perplexity: float | None
    forced: tuple[str, ...] = ()
    original: Figures | None = None
    beginning: "Beginning | None" = field(default=None, compare=False, repr=False, metadata=NOT_WRITTEN)
    """The first characters of a text that was given."""

    def in_brief(self) -> str:
        """The score, and of how much it is the mean."""
        many = counted(self.characters, "character")
        return f"{self.val_bpc:.4f} bits per character, the mean over {many} of {self.text}"


@dataclass(frozen=True)
class Scored(Brief):
    """What is scored: ids (N,), the first one read only; what to call it; how many characters were left out.

    `text` are all its characters, those too that were left out; `before` of them, the first, are not part of it.
    """

    ids: NDArray[np.integer]
    name: str
    text: str
    skipped: int = 0
    before: int = 0


def evaluate(
    model: Model,
    text: str | Sequence[tuple[str, str]] | None = None,
    *,
    window: int | None = None,
    force: Sequence[str] = (),
    unknown: Unknown = "error",
    on_window: Callable[[], None] | None = None,
    on_more: Callable[[int], None] | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Evaluation:
    """Score a text: the mean over its characters of how well each is predicted from all before it.

    `text` is one text, or several as (text, name) that are scored as one; None is the run's validation split. The first
    character of a text is read and not scored, that of the split is predicted from the end of the training text. With
    `window` each window of so many characters starts from the zero state. With `force`, e.g. ["r=1"], those gates are
    held, and the text is scored once more without them. `unknown` says what becomes of characters that the model does
    not know. `on_more` is called with how many windows there are to read, at the start and where more are needed,
    `on_window` after each; `on_note` with what a person may want to know. Raises RunError for a model without a head,
    TextError, SettingError, StepError, UnknownCharacterError.

    >>> score = chargru.evaluate(chargru.load("cats"), "The cats were full.")
    >>> score.characters, round(score.val_bpc, 2)
    (18, 0.54)
    """
    note = on_note or (lambda _: None)
    scored = to_score(model, text, unknown, note)
    short = text is not None and len(scored.ids) <= MOST_KEPT
    nats = np.empty(max(0, len(scored.ids) - 1)) if short else None
    found = score(model, scored, nats, window=window, force=force, on_window=on_window, on_more=on_more, note=note)
    return found if nats is None else replace(found, beginning=_beginning(*placed(model, scored, nats / np.log(2.0))))


def placed(model: Model, scored: Scored, bits: NDArray[np.float64]) -> tuple[str, NDArray[np.float64], tuple[int, ...]]:
    """The text, the bits (N) of each of its characters, and where those stand that were left out.

    `bits` are those of ids 2..N; a character that is not scored has nan.
    """
    known = model.vocabulary.has_id(scored.text)
    found = np.full(len(known), np.nan)
    found[np.flatnonzero(known)[1:]] = bits
    own = slice(scored.before, None)
    return scored.text[own], found[own], tuple(np.flatnonzero(~known[own]).tolist())


def _beginning(text: str, bits: NDArray[np.float64], left_out: tuple[int, ...]) -> Beginning:
    return Beginning(text[:KEPT], bits[:KEPT].copy(), tuple(at for at in left_out if at < KEPT), len(text))


def score(
    model: Model,
    scored: Scored,
    each: NDArray[np.float64] | None,
    *,
    window: int | None,
    force: Sequence[str],
    on_window: Callable[[], None] | None,
    on_more: Callable[[int], None] | None,
    note: Callable[[str], None],
) -> Evaluation:
    """What `evaluate` says of ids (N,). `each` (N - 1) is filled with -ln p of ids 2..N, with the gates held."""
    window = None if window is None else whole("window", window)
    models = [model.force(*several("force", force)), model] if force else [model]
    _check_steps(models[0], scored, window)
    if on_more:
        predictions = max(0, len(scored.ids) - 1)
        on_more(sum(evaluation.windows_of(predictions, window, lanes=_lanes(one)) for one in models))
    scores = [
        _score(one, scored, window, kept, on_window, on_more, note)
        for one, kept in zip(models, (each, None), strict=False)
    ]
    return Evaluation(
        checkpoint=model.checkpoint,
        text=scored.name,
        window=window,
        characters=scores[0].characters,
        skipped=scored.skipped,
        reread=scores[0].reread,
        **vars(_figures(scores[0])),
        forced=models[0].forced if force else (),
        original=_figures(scores[1]) if force else None,
    )


def to_score(
    model: Model, text: str | Sequence[tuple[str, str]] | None, unknown: Unknown, note: Callable[[str], None]
) -> Scored:
    """What `evaluate` scores of a model by this text; `note` is told what was left out. Raises what `evaluate` does."""
    if not model.architecture.head:
        name = model.checkpoint or "this model"
        raise RunError(f"{name} has no head, so it predicts no characters", "use a run that chargru trained")
    check_setting("unknown", unknown, unknown in get_args(Unknown), "error or skip")
    scored = _validation(model) if text is None else _encoded(model, text, unknown)
    if scored.skipped:
        some = f"{scored.skipped:,} character{'s' * (scored.skipped != 1)}"
        note(f"note: left out {some} that the model does not know")
    return scored


def _encoded(model: Model, text: str | Sequence[tuple[str, str]], unknown: Unknown) -> Scored:
    """Texts as one."""
    texts = ((text, "the text"),) if isinstance(text, str) else several("text", text)
    if not texts or not all(isinstance(one, tuple) and len(one) == 2 for one in texts):
        raise SettingError(f"{named('text')} is neither a string nor pairs of a text and its name", "give a string")
    hint = f"leave them out with: {named('unknown', 'skip')}"
    # One by one, so that a place in the message is a place in that file.
    parts = [model.vocabulary.encode(part, unknown=unknown, where=where, hint=hint) for part, where in texts]
    ids, whole_text = np.concatenate(parts), "".join(part for part, _ in texts)
    return Scored(ids, ", ".join(where for _, where in texts), whole_text, len(whole_text) - len(ids))


def _validation(model: Model) -> Scored:
    """The validation split, preceded by the character before it."""
    if "text" not in model.trained:
        raise TextError("the run does not say which text it was trained on", _OTHER)
    source = Source.from_document(model.trained["text"])
    if source.split >= source.characters:
        raise TextError("the run has no validation split: it was trained on its whole text", _OTHER)
    home = Path() if model.path is None else model.path.parent
    text = source.read(home=home, hint=f"put it back; a text named as {named('text')} is scored whole").text
    before = min(1, source.split)
    text = text[source.split - before :]
    return Scored(model.vocabulary.encode(text, where=VALIDATION), VALIDATION, text, before=before)


def _check_steps(model: Model, scored: Scored, window: int | None) -> None:
    """Raises SettingError for a window of nothing, StepError for a gate held at a step that is not read."""
    steps = max(0, len(scored.ids) - 1)
    if window is None:
        check_steps(model.scheduled, steps, scored.name)
    else:
        evaluation.check_window(window)
        check_steps(model.scheduled, min(window, steps), "a window")


def _score(
    model: Model,
    scored: Scored,
    window: int | None,
    each: NDArray[np.float64] | None,
    on_window: Callable[[], None] | None,
    on_more: Callable[[int], None] | None,
    note: Callable[[str], None],
) -> Score:
    network = _scorer(model, len(scored.ids), note)
    if window is not None:
        return evaluation.score_windows(network, scored.ids, window, each=each, on_window=on_window)
    lanes = _lanes(model)
    found = evaluation.score(network, scored.ids, lanes=lanes, each=each, on_window=on_window, on_more=on_more)
    if found.reread:
        note(f"note: {evaluation.long_memory(found)}")
    return found


def _lanes(model: Model) -> int:
    """Lanes in which one stream is read side by side; one where gates are held at some of its steps."""
    return 1 if model.scheduled else evaluation.LANES


def _scorer(model: Model, characters: int, note: Callable[[str], None]) -> Scorer[Any]:
    """NumPy where it is done before torch is loaded, else the layer that training uses."""
    if model.scheduled or characters * model.architecture.parameters < LONG:
        return SteppedNetwork(Held(model.weights, model.scheduled), precision(model.weights))
    note("loading torch ...")
    from chargru.engine.module import scorer

    return scorer(model.weights)


def _figures(score: Score) -> Figures:
    return Figures(score.nats, score.bpc, score.perplexity if isfinite(score.perplexity) else None)
