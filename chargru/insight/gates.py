"""The gates over a whole text: how far open they are, how long each index holds, and where it is rewritten.

    age     mean over the steps of a_t = z_t (1 + a_{t-1}), a_0 = 0: how many steps ago, on average, what the
            state holds was written (the mean lag of the ledger)
    run     mean length of maximal runs of steps with z > 0.9; 0 if there is none
    change  |h_t - h_{t-1}| = (1 - z_t) |n_t - h_{t-1}|

An index is long-memory if its age is above 10 steps. The text is read block by block, so a long one takes no more
memory than a short one but for the steps of the map.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from chargru import memory
from chargru.arguments import several, string
from chargru.errors import SettingError, check_setting, named
from chargru.gru import recorded
from chargru.gru.network import Ids
from chargru.gru.recorded import Block
from chargru.gru.stepped import Held
from chargru.gru.weights import Architecture, Array
from chargru.insight.match import QUANTITIES, Marks, Match, compare, find_marks
from chargru.insight.select import resolve_indices, resolve_steps
from chargru.insight.trace import OnStep
from chargru.model import Model
from chargru.shown import Brief, Shown, counted

Gate = Literal["z", "r", "n", "h"]
Order = Literal["hold", "index"]

LOW, HIGH = 0.1, 0.9
"""Below and above, a gate counts as closed and as open; the words of a trace begin there too."""

LONG = 10.0
"""Steps of age above which an index is long-memory."""

MAPPED = 512
"""So many steps are kept for the map, from the first, unless some are asked for."""


@dataclass(frozen=True, eq=False)
class LayerGates(Brief):
    """What T steps of one layer amount to, arrays (H) by index.

    `z_low` and `z_high` are the shares of steps with z < 0.1 and z > 0.9, `rnn` of those with r > 0.9 and z < 0.1 at
    once; `age` and `run` are in steps; `change` (V, H) is what part of all change of an index falls on the steps that
    read a character, by its id; `largest` is the step of the largest change. `values` (S, H) are those of the map.
    """

    z_mean: Array
    z_std: Array
    r_mean: Array
    r_std: Array
    z_low: Array
    z_high: Array
    rnn: Array
    age: Array
    run: Array
    change: Array
    largest: NDArray[np.int64]
    values: Array

    @property
    def long(self) -> NDArray[np.bool_]:
        """Which indices are long-memory, (H)."""
        return np.asarray(self.age > LONG)


@dataclass(frozen=True, eq=False)
class Gates(Shown):
    """The gates of `model` over all of `text`: `layers` from the bottom up.

    `gate` says what the map shows at `steps` (S); `chosen` whether these steps were asked for. `indices` are those to
    show, None for the telling ones, and `order` is theirs; the arrays are always whole. `match` is None unless asked.
    """

    model: Model
    text: str
    gate: Gate
    steps: tuple[int, ...]
    chosen: bool
    layers: tuple[LayerGates, ...]
    indices: tuple[int, ...] | None = None
    order: Order = "hold"
    match: Match | None = None

    @property
    def rnn(self) -> float:
        """The share of unit-steps, of all layers, with r > 0.9 and z < 0.1: how often this network is a plain RNN."""
        return float(np.mean([layer.rnn for layer in self.layers]))

    def in_brief(self) -> str:
        """How long the text is, and the network."""
        return f"of {counted(len(self.text), 'step')}, {self.model.architecture.in_words}; print it for map and table"


def gates(
    model: Model,
    text: str | None = None,
    *,
    gate: Gate = "z",
    steps: Iterable[int] | None = None,
    indices: Iterable[int] | None = None,
    order: Order = "hold",
    match: str | None = None,
    among: str | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> Gates:
    """Read a whole text from h_0 = 0 in float64, and sum up what the gates of every index do in it.

    `text` is the run's own if None. The map shows `gate` at `steps` (from 1; None is the first 512) of `indices`, by
    how long they hold or by `order="index"`. `match`, a regular expression, asks how well each of r, z, n and h of an
    index, after a match's last character, tells such places from all others, or from the others that end a match of
    `among`: see `insight.match`. `force` holds gates; `where` names the text in errors; `on_step` is called after every
    step, and after every series that is ranked for `match`. Raises TextError, UnknownCharacterError, StepError,
    SettingError.

    >>> model = chargru.load("cats")
    >>> held = chargru.gates(model, "The cats were full.", force=["z=1"])
    >>> bool((held.layers[0].run == 19).all())  # z above 0.9 for all 19 steps
    True
    >>> found = chargru.gates(model, "The cats were full, the cat was not.", match="[aeiou]")
    >>> len(found.match.marks.steps), found.match.shifts
    (9, 29)
    """
    for name, value, known in (("gate", gate, Gate), ("order", order, Order)):
        check_setting(name, value, value in get_args(known), f"one of {', '.join(get_args(known))}")
    text = model.text_for(text, where=where)
    ids, architecture = model.vocabulary.encode(text, where=where), model.architecture
    wanted = resolve_steps(range(1, min(len(text), MAPPED) + 1) if steps is None else steps, len(text))
    shown = resolve_indices(indices, architecture.hidden_size)
    forced = model.force(*several("force", force), steps=len(text), where=where)
    series = architecture.layers * len(QUANTITIES) * architecture.hidden_size
    marks = _marks(match, among, text, series)
    _require_memory(architecture, len(wanted), 0 if marks is None else marks.characters)
    layers, kept = _read(forced, ids, gate, wanted, 0 if marks is None else marks.characters, on_step)
    found = None if marks is None else compare(marks, kept, on_step)
    return Gates(forced, text, gate, wanted, steps is not None, layers, shown, order, found)


def _require_memory(one: Architecture, shown: int, compared: int) -> None:
    """Raises SettingError where the map, or what is compared for a match, would not fit in the memory."""
    n_bytes = 8 * one.layers * one.hidden_size * (shown + len(QUANTITIES) * compared)
    what = f"a map of {shown:,} steps" + (f" with {compared:,} compared" if compared else "")
    memory.require(
        n_bytes, what, f"ask for fewer steps ({named('steps', '1-1000')}), or give a shorter {named('text')}"
    )


def _marks(match: str | None, among: str | None, text: str, series: int) -> Marks | None:
    if match is not None:
        return find_marks(string("match", match), among and string("among", among), text, series)
    if among is not None:
        raise SettingError(
            f"{named('among')} goes with {named('match')} only", f"give both, or leave {named('among')} out"
        )
    return None


def _read(
    model: Model, ids: Ids, gate: Gate, wanted: tuple[int, ...], keep: int, on_step: OnStep
) -> tuple[tuple[LayerGates, ...], Array]:
    """Every layer's sums, and r, z, n, h of the first `keep` steps, (L, 4, H, keep)."""
    held = Held(model.weights.astype(np.float64), model.scheduled)
    one = model.architecture
    tallies = [_Tally(one.vocabulary_size, one.hidden_size, gate, wanted) for _ in range(one.layers)]
    kept = np.empty((one.layers, len(QUANTITIES), one.hidden_size, keep))
    done = 0
    for blocks in recorded.blocks(held, ids, on_step):
        steps = slice(done, done + len(blocks[0].h))
        for layer, (tally, block) in enumerate(zip(tallies, blocks, strict=True)):
            tally.add(block, ids[steps], done)
            for quantity, name in enumerate(QUANTITIES):
                part = kept[layer, quantity, :, steps]  # shorter than the block, or empty, beyond `keep`
                part[:] = getattr(block, name)[: part.shape[1]].T
        done = steps.stop
    return tuple(tally.total(done) for tally in tallies), kept


class _Tally:
    """Sums over the steps of one layer, arrays (H)."""

    def __init__(self, V: int, H: int, gate: Gate, wanted: tuple[int, ...]) -> None:
        self._gate, self._wanted = gate, np.array(wanted)
        self._values = np.empty((len(wanted), H))
        self._start: dict[str, Array] = {}
        self._sums = {name: np.zeros((2, H)) for name in ("r", "z")}
        self._low, self._high, self._rnn, self._runs = (np.zeros(H, np.int64) for _ in range(4))
        self._was_high = np.zeros(H, bool)
        self._age, self._ages = np.zeros(H), np.zeros(H)
        self._change = np.zeros((V, H))
        self._largest, self._step = np.full(H, -1.0), np.zeros(H, np.int64)

    def add(self, block: Block, ids: Ids, done: int) -> None:
        """N more steps; `done` were read before."""
        self._moments(block)
        low, high = block.z < LOW, block.z > HIGH
        self._low += low.sum(axis=0)
        self._high += high.sum(axis=0)
        self._rnn += (low & (block.r > HIGH)).sum(axis=0)
        self._runs += (high & ~np.concatenate([self._was_high[None], high[:-1]])).sum(axis=0)
        self._was_high = high[-1]
        for z in block.z:
            self._age = z * (1.0 + self._age)
            self._ages += self._age
        self._rewritten(np.abs(block.h - block.h_prev), ids, done)
        first, last = np.searchsorted(self._wanted, (done + 1, done + len(ids) + 1))
        self._values[first:last] = getattr(block, self._gate)[self._wanted[first:last] - done - 1]

    def _moments(self, block: Block) -> None:
        """Sums of r and z and their squares, from the first step's value on: of a constant they are exactly 0."""
        for name, sums in self._sums.items():
            values = getattr(block, name)
            away = values - self._start.setdefault(name, values[0].copy())
            sums += away.sum(axis=0), (away * away).sum(axis=0)

    def _rewritten(self, change: Array, ids: Ids, done: int) -> None:
        order = np.argsort(ids, kind="stable")
        own, starts = np.unique(ids[order], return_index=True)
        self._change[own] += np.add.reduceat(change[order], starts, axis=0)
        at, largest = change.argmax(axis=0), change.max(axis=0)
        self._step = np.where(largest > self._largest, done + at + 1, self._step)
        self._largest = np.maximum(largest, self._largest)

    def total(self, steps: int) -> LayerGates:
        """What T steps amount to."""
        means, stds = {}, {}
        for name, (sums, squares) in self._sums.items():
            means[name] = self._start[name] + sums / steps
            stds[name] = np.sqrt(np.maximum(squares / steps - (sums / steps) ** 2, 0.0))
        all_change = self._change.sum(axis=0)
        return LayerGates(
            z_mean=means["z"],
            z_std=stds["z"],
            r_mean=means["r"],
            r_std=stds["r"],
            z_low=self._low / steps,
            z_high=self._high / steps,
            rnn=self._rnn / steps,
            age=self._ages / steps,
            run=self._high / np.maximum(self._runs, 1),
            change=self._change / np.where(all_change > 0, all_change, 1.0),
            largest=self._step,
            values=self._values,
        )
