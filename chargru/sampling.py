"""Text that a trained network writes, one character after another. NumPy only.

The next character is drawn from softmax(logits / temperature) by the Gumbel-max trick: with independent
g_i = -ln(E_i), E_i exponential, the id with the largest logit_i + temperature * g_i has exactly that distribution
(Gumbel 1954; Yellott 1977). It needs neither a normalisation nor a search, and temperature 0 is the largest logit by
itself. Ties go to the smaller id. Sample k of a seed draws from `default_rng([seed, k])`, so it does not depend on
how many samples there are, up to the rounding of products that are shared.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chargru import arguments, memory
from chargru.errors import RunError, check_setting, named
from chargru.gru import gumbel, numpy_threads
from chargru.gru.forcing import check_steps
from chargru.gru.network import Ids
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.gru.stream import Stream
from chargru.gru.weights import Array, Weights, precision
from chargru.model import Model
from chargru.shown import Shown
from chargru.text.beginning import beginning
from chargru.text.sample import Sample
from chargru.text.vocabulary import Vocabulary

BLOCK = 32
"""Characters made between two pieces of text: often enough to look live, seldom enough to cost nothing."""

LONGEST, MOST = 1_000_000_000, 100_000
"""Characters of a sample, and samples at once; beyond them the finger slipped."""

PACED = 8
"""Characters made between two looks at the clock, which decides on threads."""

_READ: dict[str, Callable[[str, Any], object]] = {
    "length": arguments.whole,
    "temperature": arguments.real,
    "top_k": arguments.whole,
    "top_p": arguments.real,
    "until": arguments.string,
}


@dataclass(frozen=True)
class SampleSettings:
    """How a text is made, with the default of each choice. Raises SettingError if a value is out of its range."""

    length: int = 500
    """Characters to make, at most."""
    temperature: float = 0.8
    """Divides the logits: below 1 more careful, above 1 bolder, 0 always the likeliest character."""
    top_k: int | None = None
    """Draw among the k likeliest characters only; exactly k, ties by id."""
    top_p: float | None = None
    """Draw among the fewest likeliest characters (of those k) whose probabilities reach p, at least one."""
    until: str | None = None
    """Stop after this string has been made."""

    def __post_init__(self) -> None:
        for name, read in _READ.items():
            value = getattr(self, name)
            object.__setattr__(self, name, value if value is None else read(name, value))
        check_setting("length", self.length, 0 <= self.length <= LONGEST, f"from 0 to {LONGEST:,}")
        check_setting("temperature", self.temperature, 0 <= self.temperature <= 1e30, "from 0 to 1e30")
        check_setting("top_k", self.top_k, self.top_k is None or self.top_k >= 1, "at least 1")
        check_setting("top_p", self.top_p, self.top_p is None or 0 < self.top_p <= 1, "above 0 and at most 1")
        check_setting("until", repr(self.until), self.until != "", "a string of at least one character")


DEFAULTS = SampleSettings()


@dataclass(frozen=True)
class Samples(Shown):
    """Texts of one seed, without the prime. `original` are those without the gates held for it, if there were any."""

    schema: ClassVar = "chargru.sample/1"

    checkpoint: str | None
    seed: int
    prime: str
    samples: tuple[str, ...]
    forced: tuple[str, ...] = ()
    original: tuple[str, ...] | None = None


def sample(
    model: Model,
    *,
    prime: str = "",
    length: int = DEFAULTS.length,
    temperature: float = DEFAULTS.temperature,
    top_k: int | None = DEFAULTS.top_k,
    top_p: float | None = DEFAULTS.top_p,
    until: str | None = DEFAULTS.until,
    seed: int = 0,
    force: Sequence[str] = (),
) -> Sample:
    r"""The text of one sample, without the prime, which it reads first: a `str` that a notebook shows with its prime.

    Without a prime it begins a line or a sentence. `length` is in characters, at most; `temperature` divides the logits
    (0: always the likeliest character); `top_k` and `top_p` leave only the likeliest; `until` is a string to stop
    after; the same `seed` gives the same text. `force` holds gates, step 1 reads the first character of the prime.
    Raises RunError if the model has no head, SettingError, StepError, UnknownCharacterError.

    >>> model = chargru.load("cats")
    >>> chargru.sample(model, prime="The cat", length=22, temperature=0)
    ' was full.\nThe cats we'
    """
    settings = SampleSettings(length, temperature, top_k, top_p, until)
    held = model.force(*arguments.several("force", force))
    return Sample("".join(piece for (piece,) in pieces(held, settings, prime=prime, seed=seed)), prime)


def pieces(
    model: Model, settings: SampleSettings = DEFAULTS, *, prime: str = "", seed: int = 0, count: int = 1
) -> Iterator[list[str]]:
    """What each of `count` samples says next, a few characters at a time; "" for one that has ended.

    Every sample starts from h_0 = 0 and reads `prime` first, or without one what `text.beginning` finds. The unknown
    symbol is never made. Raises what `sample` does, at once.
    """
    check_setting("count", count, 1 <= arguments.whole("count", count) <= MOST, f"from 1 to {MOST:,}")
    check_setting("seed", seed, arguments.whole("seed", seed) >= 0, "0 or more")
    noise = 8 * count * BLOCK * len(model.vocabulary)  # bytes; of float32, and there twice when it is stacked
    memory.require(noise, f"writing {count:,} samples at once", f"give a smaller {named('count')}")
    held, dtype = Held(_without_unknown(model), model.scheduled), precision(model.weights)
    if settings.until is not None:
        model.vocabulary.encode(settings.until, where=named("until"), hint="such a string never appears; give another")
    ids = _start(model, prime)
    check_steps(held.forces, len(ids) + settings.length, "the text with its prime")
    rngs = [np.random.default_rng([seed, k]) for k in range(count)]
    if count == 1 and not held.forces:
        return _one(Stream(held.weights, dtype), model.vocabulary, settings, ids, rngs[0])
    return _many(SteppedNetwork(held, dtype), model.vocabulary, settings, ids, rngs)


def whole(made: Iterator[list[str]], count: int) -> tuple[str, ...]:
    """The texts of `count` samples from their pieces."""
    texts = [""] * count
    for pieces in made:
        texts = [text + piece for text, piece in zip(texts, pieces, strict=True)]
    return tuple(texts)


def _without_unknown(model: Model) -> Weights:
    """The weights with the unknown symbol's logit at minus infinity."""
    weights, unknown = model.weights, model.vocabulary.unknown_id
    if weights.head_weight is None or weights.head_bias is None:
        raise RunError("this model has no head, so it predicts no characters", "use a run that chargru trained")
    if unknown is None:
        return weights
    bias = weights.head_bias.copy()
    bias[unknown] = -np.inf
    return replace(weights, head_bias=bias)


def _start(model: Model, prime: str) -> Ids:
    """What is read first: the prime, else what stands before a line or a sentence of such a text."""
    if not prime:
        return model.vocabulary.encode(beginning(model.trace_text or "", model.vocabulary.characters))
    hint = "prime with characters that the model was trained on"
    return model.vocabulary.encode(prime, where=named("prime"), hint=hint)


def _one(
    stream: Stream, vocabulary: Vocabulary, settings: SampleSettings, ids: Ids, rng: np.random.Generator
) -> Iterator[list[str]]:
    with numpy_threads.threads(1):
        for id_ in ids:
            stream.read(id_)
    ending, pace = _Ending(settings.until), numpy_threads.Pace(stream.size)
    scores = np.empty_like(stream.logits)
    for steps in _blocks(settings.length):
        noise_TV = gumbel.noise(rng, steps, len(vocabulary), settings.temperature)
        made: list[int] = []
        for start in range(0, steps, PACED):
            with pace.block(PACED):
                made += _next(stream, noise_TV[start : start + PACED], settings, scores, vocabulary, ending)
            if ending.over:
                break
        yield [vocabulary.decode(made)]
        if ending.over:
            return


def _next(
    stream: Stream, noise_TV: Array, settings: SampleSettings, scores: Array, vocabulary: Vocabulary, ending: "_Ending"
) -> list[int]:
    """The next T ids of a stream, fewer if it ends."""
    made = []
    for noise_V in noise_TV:
        id_ = int(choose(stream.logits, noise_V, settings, scores))
        made.append(id_)
        stream.read(id_)
        if ending.reached(vocabulary, id_):
            break
    return made


def _many(
    networks: SteppedNetwork,
    vocabulary: Vocabulary,
    settings: SampleSettings,
    ids: Ids,
    rngs: list[np.random.Generator],
) -> Iterator[list[str]]:
    step, states = networks.zero_state()
    for step, id_ in enumerate(ids, start=1):
        states = networks.at(step).step(np.array([id_]), states)
    states = [np.repeat(h, len(rngs), axis=0) for h in states]
    endings = [_Ending(settings.until) for _ in rngs]
    scores = np.empty((len(rngs), len(vocabulary)), states[-1].dtype)
    for steps in _blocks(settings.length):
        made: list[list[int]] = [[] for _ in rngs]
        noise = [gumbel.noise(rng, steps, len(vocabulary), settings.temperature) for rng in rngs]
        with numpy_threads.threads(1):
            for noise_BV in np.stack(noise, axis=1):
                ids_B = choose(networks.at(step).logits(states), noise_BV, settings, scores)
                step += 1
                states = networks.at(step).step(ids_B, states)
                for k, ending in enumerate(endings):
                    if not ending.over:
                        made[k].append(ids_B[k])
                        ending.reached(vocabulary, ids_B[k])
        yield [vocabulary.decode(each) for each in made]
        if all(ending.over for ending in endings):
            return


def _blocks(length: int) -> Iterator[int]:
    for start in range(0, length, BLOCK):
        yield min(BLOCK, length - start)


class _Ending:
    """Whether a sample has come to the string that ends it."""

    def __init__(self, until: str | None) -> None:
        self._until = until
        self._tail = ""
        self.over = False

    def reached(self, vocabulary: Vocabulary, id_: int) -> bool:
        """Take the next character; returns `over`."""
        if self._until is not None:
            self._tail = (self._tail + (vocabulary.characters[id_] or ""))[-len(self._until) :]
            self.over = self._tail == self._until
        return self.over


def choose(logits: Array, noise: Array, settings: SampleSettings, scores: Array) -> NDArray[np.intp]:
    """The next ids (...) from logits (..., V) and noise (..., V); `scores` (..., V) is room to work in."""
    np.add(logits, noise, scores)
    if settings.top_k is not None or settings.top_p is not None:
        scores[~kept(logits, settings)] = -np.inf
    return np.asarray(scores.argmax(-1))


def kept(logits: Array, settings: SampleSettings) -> NDArray[np.bool_]:
    """Which characters may be drawn under top_k and top_p, (..., V).

    The k likeliest, ties by id; and of these the smallest set, by falling probability at this temperature, that
    reaches top_p of their sum. The likeliest is always in it.
    """
    order = np.argsort(-logits, axis=-1, kind="stable")
    ranked = np.take_along_axis(logits, order, axis=-1).astype(np.float64)
    in_k = np.arange(logits.shape[-1]) < (settings.top_k or logits.shape[-1])
    keep = np.broadcast_to(in_k, logits.shape)
    if settings.top_p is not None and settings.temperature > 0:
        p = np.exp((ranked - ranked[..., :1]) / settings.temperature) * in_k
        reached = np.cumsum(p, axis=-1)
        keep = keep & (reached - p < settings.top_p * reached[..., -1:])
    mask = np.empty(logits.shape, np.bool_)
    np.put_along_axis(mask, order, keep, axis=-1)
    return mask
