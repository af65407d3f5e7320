"""A ledger as lines of plain text of at most 80 columns: the expansion of h_t, what each step wrote, how old it is.

Letters are those of a convention. Where its update gate takes, u = 1 - z, the shares are the same numbers.
"""

import textwrap
from collections.abc import Iterator, Sequence

from chargru.insight.ledger import COUNTS_FROM, Ledger, Ledgers
from chargru.show.characters import alone, excerpt
from chargru.show.columns import WIDTH, aligned
from chargru.show.trace import parts
from chargru.show.view import View


def render(found: Ledger | Ledgers, view: View | None = None) -> str:
    """The ledger of each index: the view's last steps and every earlier one that counts, largest first.

    The other steps are summed; rows that would read 0.0% are there only where the view asks for the whole. If neither
    that is asked for nor indices, one index of one step is so, and of several steps a few lines each. Held gates are
    named first.
    """
    view = View() if view is None else view
    if isinstance(found, Ledger):
        return "\n".join(_whole(found, view))
    held = [line for note in parts.held(found.trace) for line in _wrapped(note)]
    blocks = [held] if held else []
    if view.whole or found.trace.indices is not None:
        blocks += [list(_whole(ledger, view)) for ledger in found.ledgers]
    else:
        lines = _one(found.ledgers[0], view) if len(found.ledgers) == 1 else _several(found.ledgers, view)
        blocks.append(list(lines))
    return "\n\n".join(map("\n".join, blocks))


def _whole(ledger: Ledger, view: View) -> Iterator[str]:
    yield _title(ledger, view)
    yield from _wrapped(_intro(ledger))
    for index in ledger.indices:
        yield from ("", *_index(ledger, index, view))
    yield from ("", *_wrapped(_cause(ledger)))


def _one(ledger: Ledger, view: View) -> Iterator[str]:
    """The index that holds most of what is old, and of the others a sentence."""
    first, *others = ledger.indices
    yield _title(ledger, view)
    yield from _wrapped(_lead(ledger, view))
    yield from _wrapped(_intro(ledger))
    yield from ("", *_index(ledger, first, view))
    if others:
        yield ""
    for index in others:
        yield from _wrapped(f"Index {index}. {_holds(ledger, index, view)}")
    yield from (
        "",
        *_wrapped(_cause(ledger)),
        f"More: --all (the others whole, and every row), --index {ledger.indices[-1]}",
    )


def _several(ledgers: Sequence[Ledger], view: View) -> Iterator[str]:
    """Of each step the place, and the index that holds longest."""
    for ledger in ledgers:
        yield _title(ledger, view)
        before, at, after = excerpt(ledger.text, ledger.step, WIDTH - 5)
        yield f"  {before}[{at}]{after}"
        yield from _wrapped(_lead(ledger, view), "  ")
        yield ""
    yield from (*_wrapped(_cause(ledgers[0])), f"More: --all (every step whole), --index {ledgers[0].indices[0]}")


def _lead(ledger: Ledger, view: View) -> str:
    """What the first index holds, the one that holds longest."""
    first = ledger.indices[0]
    what = " holds longest" if ledger.holding[first] else ""
    return f"Index {first}{what}. {_holds(ledger, first, view)}"


def _holds(ledger: Ledger, index: int, view: View) -> str:
    """Which steps have the largest parts in an index, at most three that count."""
    state = f"{view.convention.symbol('h', ledger.step)}[{index}] = {view.short(float(ledger.h[index]))}"
    shares = ledger.shares[:, index]
    counting = [k for k in ledger.largest_first(index).tolist() if shares[k] >= COUNTS_FROM][:3]
    if not counting:
        return f"{state}: no character counts."
    parts = "; ".join(f"{shares[k]:.1%} from {_read(ledger, k)}" for k in counting)
    return f"{state}: {parts}."


_CAUSE = "The character named is the one read when the value was written, which is not necessarily its cause."
_ABOVE = " Above layer 1 especially: what is written there comes from the layer below, which remembers too."


def _cause(ledger: Ledger) -> str:
    return _CAUSE + (_ABOVE if ledger.layer > 1 else "")


def _title(ledger: Ledger, view: View) -> str:
    at = view.convention.symbol("h", ledger.step)
    layer = f" of layer {ledger.layer}" if ledger.layers > 1 else ""
    return f"Where {at}{layer} comes from, step {ledger.step} reading {alone(ledger.text[ledger.step - 1])}"


def _intro(ledger: Ledger) -> str:
    ages, oldest = ledger.ages, ledger.oldest
    unit = int(ages.argmax())
    counted = oldest[oldest > 0]
    first = int(counted.min()) if counted.size else 0
    text = (
        f"Every index is a weighted mean of what each step wrote. Mean age over the {len(ages)} indices: "
        f"{ages.mean():.1f} steps; the oldest index is {unit}, {ages[unit]:.1f} steps."
    )
    if not first:
        return text
    least = f"{COUNTS_FROM:.0%}"
    return f"{text} The oldest character with a share of {least} in any index: {_read(ledger, first)}."


def _read(ledger: Ledger, step: int) -> str:
    lag = ledger.step - step
    return f"{alone(ledger.text[step - 1])}, read at step {step}, {lag} step{'s' * (lag != 1)} ago"


def _index(ledger: Ledger, index: int, view: View) -> Iterator[str]:
    yield f"Index {index}"
    yield from _expansion(ledger, index, view)
    yield from _table(ledger, index, view)
    oldest = int(ledger.oldest[index])
    counts = f"the oldest character that still counts is {_read(ledger, oldest)}" if oldest else "no character counts"
    first = view.convention.symbol("h", 0)
    yield from _wrapped(f"Age {ledger.ages[index]:.1f} steps (mean lag, {first} at lag {ledger.step}); {counts}.", "  ")


def _expansion(ledger: Ledger, index: int, view: View) -> Iterator[str]:
    """The state by one step, then by two: the lecture's expansion of h_20."""
    t, total = ledger.step, float(ledger.h[index])
    left = f"  {view.convention.symbol('h', t)}[{index}]"
    for deep in (1, 2)[: min(t, 2)]:
        taken = range(t - deep + 1, t + 1)
        numbers = [float(ledger.contributions[k, index]) for k in taken]
        before = _kept(view, t, t - deep) + str(view.convention.symbol("h", t - deep))
        yield from _sum(left, [before, *(_product(view, t, k) for k in taken)])
        shown = " + ".join(_factor(view.long(number)) for number in (total - sum(numbers), *numbers))
        yield f"{'':{len(left)}} = {shown} = {view.long(total)}"


def _product(view: View, t: int, k: int) -> str:
    """The weight of step k times what it wrote, in letters, e.g. z_34 (1 - z_33) n_33."""
    gate = view.convention.symbol("z", k)
    taken = gate if view.convention.takes else f"(1 - {gate})"
    return f"{_kept(view, t, k)}{taken} {view.convention.symbol('n', k)}"


def _kept(view: View, t: int, k: int) -> str:
    """What is kept of step k at step t, in letters: z_{k+1} ... z_t, the latest first."""
    gates = (view.convention.symbol("z", step) for step in range(t, k, -1))
    return "".join(f"(1 - {gate}) " if view.convention.takes else f"{gate} " for gate in gates)


def _sum(left: str, addends: Sequence[str]) -> Iterator[str]:
    """A state and its addends in letters, on as few lines as fit."""
    row = f"{left} = {addends[0]}"
    for addend in addends[1:]:
        if len(row) + len(addend) + 3 > WIDTH:
            yield row
            row = " " * len(left)
        row += f" + {addend}"
    yield row


def _factor(shown: str) -> str:
    return f"({shown})" if shown.startswith("-") else shown


def _table(ledger: Ledger, index: int, view: View) -> Iterator[str]:
    """What each step wrote: the last steps and the earlier that count by size, the rest together, h_0, the sum."""
    n, first = view.convention.letters["n"], str(view.convention.symbol("h", 0))
    wrote, shares, parts = (
        values[:, index].tolist() for values in (ledger.written, ledger.shares, ledger.contributions)
    )
    one_by_one = [k for k in ledger.largest_first(index) if k > ledger.step - view.back or shares[k] >= COUNTS_FROM]
    if not view.whole:
        one_by_one = [k for k in one_by_one if _reads(shares[k])]
    read = [(str(k), alone(ledger.text[k - 1]), str(ledger.step - k)) for k in one_by_one]
    heading, *labels = aligned([("step", "read", "lag"), *read], (6, 6, 4), left=(1,))
    rows = [(heading, "share w", f"wrote {n}", f"w * {n}")]
    for label, k in zip(labels, one_by_one, strict=True):
        rows.append(_row(label, shares[k], view, wrote[k], parts[k]))
    rest = sorted(set(range(1, ledger.step + 1)) - set(one_by_one))
    others = sum(shares[k] for k in rest)
    if rest and (view.whole or _reads(others)):
        label = f"{len(rest)} other step{'s' * (len(rest) != 1)}"
        rows.append(_row(label, others, view, None, sum(parts[k] for k in rest)))
    if view.whole or _reads(shares[0]):
        rows.append(_row(first, shares[0], view, wrote[0], parts[0]))
    rows.append(_row("sum", sum(shares), view, None, sum(parts)))
    yield from aligned(rows, (20, 8, 10, 10), left=(0,), indent="  ")


def _reads(share: float) -> bool:
    """Whether a share shows as more than 0.0%."""
    return f"{share:.1%}" != "0.0%"


def _row(left: str, share: float, view: View, wrote: float | None, part: float) -> tuple[str, str, str, str]:
    return left, f"{share:.1%}", "" if wrote is None else view.long(wrote), view.long(part)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
