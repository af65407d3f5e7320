"""`chargru evaluate`."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer
from numpy.typing import NDArray

from chargru import evaluation
from chargru.cli import inputs, key_values, options, terminal
from chargru.cli.progress import Steps
from chargru.errors import RunError, SettingError, TextError
from chargru.evaluation import Score, Scorer
from chargru.gru.forcing import check_steps
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.model import Model
from chargru.text.source import Source

VALIDATION = "the run's validation split"
LONG = 1e11
"""Characters times parameters: NumPy takes some seconds for them, about as long as torch takes to load."""


@dataclass(frozen=True)
class Scored:
    """What is scored: ids (N,), the first one read only; what to call it; how many characters were left out."""

    ids: NDArray[np.integer]
    name: str
    skipped: int = 0


def evaluate(
    files: options.Files = None,
    checkpoint: options.Checkpoint = None,
    text: options.Text = None,
    window: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Score independent windows of N characters, each from the zero state.",
            show_default="one stream, the state carried throughout",
        ),
    ] = None,
    unknown: Annotated[
        Literal["error", "skip"], typer.Option(help="What to do with characters that the model does not know.")
    ] = "error",
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    format: options.Format = "table",  # noqa: A002 -- the option's name
) -> None:
    """Score a text: how well the model predicts each of its characters.

    Without FILE and --text it is the run's own validation split. The first character of a FILE has nothing before it
    and is not counted; that of the validation split is predicted from the end of the training text.

    Example: chargru evaluate novel.txt -c checkpoints/novel-001
    """
    model = inputs.model(checkpoint)
    if not model.architecture.head:
        raise RunError(
            f"{model.checkpoint} has no head, so it predicts no characters", "use a run that chargru trained"
        )
    scored = _scored(model, inputs.texts(text, files or [], encoding), unknown)
    if scored.skipped:
        some = f"{scored.skipped:,} character{'s' * (scored.skipped != 1)}"
        terminal.note(f"note: left out {some} that the model does not know")
    forced = model.force(*(force or []))
    _check_steps(forced, scored, window)
    document = _document(model.checkpoint, scored, window, _score(forced, scored, window))
    if force:
        original = _figures(_score(model, scored, window))
        document |= {"forced": list(forced.forced), "original": original}
    _print(document, format)


def _scored(model: Model, texts: list[tuple[str, str]], unknown: Literal["error", "skip"]) -> Scored:
    """The user's texts as one, or the run's own."""
    if not texts:
        return _validation(model)
    hint = "leave them out with: --unknown skip"
    # One by one, so that a place in the message is a place in that file.
    parts = [model.vocabulary.encode(part, unknown=unknown, where=where, hint=hint) for part, where in texts]
    ids = np.concatenate(parts)
    return Scored(ids, ", ".join(where for _, where in texts), sum(len(part) for part, _ in texts) - len(ids))


def _validation(model: Model) -> Scored:
    """The validation split, preceded by the character before it."""
    if "text" not in model.trained:
        raise TextError("the run does not say which text it was trained on", "name a text as FILE")
    source = Source.from_document(model.trained["text"])
    if source.split >= source.characters:
        raise TextError("the run has no validation split: it was trained on its whole text", "name a text as FILE")
    home = Path() if model.path is None else model.path.parent
    text = source.read(home=home, hint="put it back; a text named as FILE is scored whole").text
    return Scored(model.vocabulary.encode(text[max(0, source.split - 1) :], where=VALIDATION), VALIDATION)


def _check_steps(model: Model, scored: Scored, window: int | None) -> None:
    """Raises SettingError for a window of nothing, StepError for a gate held at a step that is not read."""
    if window is not None and window < 1:
        raise SettingError(f"--window is {window}, but it must be at least 1", "leave it out to score one stream")
    steps = max(0, len(scored.ids) - 1)
    if window is None:
        check_steps(model.scheduled, steps, scored.name)
    else:
        check_steps(model.scheduled, min(window, steps), "a window")


def _score(model: Model, scored: Scored, window: int | None) -> Score:
    """The score; of one stream in lanes side by side, or in one lane where gates are held at some of its steps."""
    network = _scorer(model, len(scored.ids))
    lanes = 1 if model.scheduled and window is None else evaluation.LANES
    with Steps("scoring", evaluation.windows_of(max(0, len(scored.ids) - 1), window, lanes=lanes)) as steps:
        if window is None:
            score = evaluation.score(network, scored.ids, lanes=lanes, on_window=steps.advance, on_more=steps.more)
            if score.reread:
                terminal.note(f"note: {evaluation.long_memory(score)}")
            return score
        return evaluation.score_windows(network, scored.ids, window, on_window=steps.advance)


def _scorer(model: Model, characters: int) -> Scorer[Any]:
    """NumPy where it is done before torch is loaded, else the layer that training uses."""
    if model.scheduled or characters * model.architecture.parameters < LONG:
        return SteppedNetwork(Held(model.weights, model.scheduled))
    terminal.note("loading torch ...")
    from chargru.engine.module import scorer

    return scorer(model.weights)


def _document(path: str | None, scored: Scored, window: int | None, score: Score) -> dict[str, Any]:
    return {
        "schema": "chargru.evaluation/1",
        "checkpoint": path,
        "text": scored.name,
        "window": window,
        "characters": score.characters,
        "skipped": scored.skipped,
        "reread": score.reread,
        **_figures(score),
    }


def _figures(score: Score) -> dict[str, Any]:
    perplexity = score.perplexity if isfinite(score.perplexity) else None
    return {"val_nats": score.nats, "val_bpc": score.bpc, "perplexity": perplexity}


def _print(document: dict[str, Any], format: Literal["table", "json"]) -> None:  # noqa: A002
    if format == "json":
        terminal.json_result(document)
        return
    size = document["window"]
    rows = [
        ("text", document["text"]),
        ("read as", "one stream" if size is None else f"windows of {size:,}, each from the zero state"),
        ("characters", f"{document['characters']:,} scored"),
    ]
    if "forced" not in document:
        key_values.show(rows + _rows(document))
        return
    key_values.show([*rows, ("held", ", ".join(document["forced"]))])
    key_values.show(_rows(document), "with gates held")
    key_values.show(_rows(document["original"]), "without --force")


def _rows(figures: dict[str, Any]) -> list[tuple[str, str]]:
    perplexity = figures["perplexity"]
    return [
        ("nats", f"{figures['val_nats']:.4f} per character"),
        ("bits", f"{figures['val_bpc']:.4f} per character"),
        ("perplexity", "beyond all numbers" if perplexity is None else f"{perplexity:.4g} per character"),
    ]
