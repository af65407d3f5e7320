"""Networks trained from scratch with one part less: a table, the answers it gives, and rows."""

import textwrap
from collections.abc import Iterator
from statistics import fmean

from rich.text import Text

from chargru.insight.retraining import AS_IS, PLAIN_AS_IS, Retrained, Retraining
from chargru.show.ablation import LETTERS
from chargru.show.characters import visible
from chargru.show.columns import WIDTH, aligned
from chargru.show.data import csv_text
from chargru.show.view import View

_WIDTHS = (0, 9, 10, 10, 7, 7)
HEADINGS = ("", "bits/char", "difference", "parameters", "updates", "chars/s")
OF_SEEDS = ("", "mean bits", "range", "difference", "params", "chars/s")
"""The headings where there are several seeds."""
NOT_NARROW = {"updates", "range", "chars/s"}
"""Columns for which a terminal of fewer than 80 has no room."""
OTHER = {"after": "before", "before": "after"}

QUESTIONS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "Why two gates?",
        "both gates",
        {
            "r = 1": "the update gate alone (r = 1)",
            "z = 0": "the reset gate alone (z = 0)",
            "r = 1, z = 0": "neither, the tanh RNN",
        },
    ),
    (
        "Must z depend on what is read?",
        "a z that does",
        {"z one constant a unit": "one learned constant a unit"},
    ),
    (
        "Is h = (1 - z) n enough (the old state not carried on)?",
        "the GRU",
        {"h = (1 - z) n *": "h = (1 - z) n"},
    ),
    (
        "Must the candidate see the old state?",
        "the GRU",
        {"W_hn = 0": "W_hn = 0", "r = 0": "r = 0"},
    ),
    (
        "Why tanh?",
        "tanh",
        {"n with ReLU *": "ReLU", "n with identity *": "no function at all"},
    ),
)
"""Each question, what the GRU has, and what the variants that answer it have instead."""
FORMULA = "h = (1 - z) n"
WHICH_RESET = "Is r better before the product (the course) or after it (the library)?"


def render(found: Retraining, view: View | None = None) -> Text:
    """The table, and below it an answer to every question; a narrow terminal gets no updates, range and speed."""
    lines = _lines(found, min((view and view.width) or WIDTH, WIDTH))
    return Text("\n".join(lines), no_wrap=True, overflow="ignore")


def _lines(found: Retraining, width: int) -> Iterator[str]:
    yield from _wrapped(_what(found), width)
    yield ""
    if not found.variants:
        yield "No training was done."
        return
    names = next(_rows(found))
    kept = [at for at, name in enumerate(names) if width >= WIDTH or name not in NOT_NARROW]
    rows = [[row[at] for at in kept] for row in _rows(found)]
    heading, *lines = aligned(rows, [_WIDTHS[at] for at in kept], left=(0,))
    yield from (heading, "─" * width, *lines, "")
    for note in _notes(found):
        yield from _wrapped(note, width)
    yield ""
    for answer in answers(found):
        yield from _wrapped(f"- {answer}", width, "  ")
    yield from _wrapped(f"- {_means(found)}", width, "  ")


def markdown(found: Retraining, _: View | None = None) -> str:
    """The same as Markdown."""
    heading, *cells = _rows(found)
    rows = [heading, ("---", *["---:"] * 5), *cells]
    table = "\n".join(f"| {' | '.join(cell.replace('*', chr(92) + '*') for cell in row)} |" for row in rows)
    notes = [note.replace("*", "\\*") for note in _notes(found)]
    listed = "\n".join(f"- {answer.replace('*', chr(92) + '*')}" for answer in (*answers(found), _means(found)))
    return "\n\n".join([_what(found), table, *notes, listed]) + "\n"


def as_csv(found: Retraining, _: View | None = None) -> str:
    """A row a training, unrounded."""
    heading = (
        "variant",
        "parameters",
        "engine",
        "seed",
        "val_nats",
        "val_bpc",
        "updates",
        "chars_per_second",
        "diverged",
    )
    rows = (
        (one.variant, one.parameters, one.engine, *(("" if cell is None else cell) for cell in vars(trial).values()))
        for one in found.variants
        for trial in one.trials
    )
    return csv_text([heading, *rows])


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` columns; the formula is not broken."""
    whole = text.replace(FORMULA, FORMULA.replace(" ", "\xa0"))
    rows = textwrap.wrap(whole, width, subsequent_indent=indent)
    return [row.replace("\xa0", " ") for row in rows]


def _what(found: Retraining) -> str:
    units = f"{found.layers} layer{'s' * (found.layers != 1)} of {found.hidden_size:,} units, reset {found.reset}"
    seeds = f"seed {found.seeds[0]}" if len(found.seeds) == 1 else f"seeds {found.seeds[0]} to {found.seeds[-1]}"
    text = "".join(map(visible, found.text))
    done = "" if found.trials == found.planned else f" Stopped after {found.trials} of {found.planned} trainings."
    clock = "minute" in found.budget
    budget = f"for as many updates as the GRU did in {found.budget}" if clock else f"{found.budget} each"
    return (
        f"Each trained from scratch on {text} ({found.characters:,} characters), {budget}, {units}, "
        f"{seeds}; scored on its last part.{done}"
    )


def _rows(found: Retraining) -> Iterator[tuple[str, ...]]:
    """The cells of the table, headings first; several seeds give a range in the place of the updates."""
    several = len(found.seeds) > 1
    yield OF_SEEDS if several else HEADINGS
    for one in found.variants:
        bits, difference = _bits(one)
        updates = f"{one.trials[0].updates:,}"
        speed = f"{fmean(trial.chars_per_second for trial in one.trials):,.0f}"
        if several:
            yield one.variant, bits, _range(one), difference, f"{one.parameters:,}", speed
        else:
            yield one.variant, bits, difference, f"{one.parameters:,}", updates, speed


def _bits(one: Retrained) -> tuple[str, str]:
    """Bits per character and how many more they are than those of what it is compared with."""
    if one.bits is None:
        return _none(one), ""
    itself = one.variant in (AS_IS, PLAIN_AS_IS) or one.difference is None
    return f"{one.bits:.4f}", "" if one.difference is None or itself else _signed(one.difference)


def _range(one: Retrained) -> str:
    """The least and the largest of its seeds, without those that diverged."""
    return f"{min(one.scores.values()):.4f}-{max(one.scores.values()):.4f}" if one.scores else ""


def _none(one: Retrained) -> str:
    """Why it has no figure."""
    return "diverged" if any(trial.diverged for trial in one.trials) else "no score"


def _signed(difference: float) -> str:
    return f"{difference:+z.4f}"


def _notes(found: Retraining) -> Iterator[str]:
    """What the columns mean where that is not plain."""
    yield (
        "Parameters: those that can change the output. Neither the rows of a held gate count, nor what is always 0, "
        "nor what is multiplied by 0."
    )
    fast, plain = (found.named(name) for name in (AS_IS, PLAIN_AS_IS))
    starred = [one for one in found.variants if one.variant.endswith("*")]
    if starred and fast is not None:
        ratio = fast.trials[0].chars_per_second / max(starred[0].trials[0].chars_per_second, 1e-9)
        slower = f"which are {ratio:.1f} times slower than the {fast.engine} of the others"
        compare = (
            f"compare these with '{PLAIN_AS_IS}', which had as few updates"
            if plain is not None
            else "only speed differs"
        )
        yield f"* Trained by plain equations in torch, {slower}: {compare}."
    for one in found.variants:
        for trial in one.trials:
            if trial.diverged:
                best = "" if trial.val_bpc is None else f"; its best score before that was {trial.val_bpc:.4f}"
                yield f"{one.variant}: diverged after {trial.updates:,} updates (seed {trial.seed}){best}."
    yield LETTERS


def answers(found: Retraining) -> Iterator[str]:
    """An answer to each question whose rows are there, with the figures it rests upon."""
    other = OTHER[found.reset]
    last = (WHICH_RESET, f"r {found.reset} it", {f"reset {other}": f"r {other} it"})
    for question, usual, others in (*QUESTIONS, last):
        compared = [(words, one) for name, words in others.items() if (one := found.named(name)) is not None]
        base = found.base(compared[0][1]) if compared else None
        if base is not None and base.bits is not None:
            said = "; ".join(f"with {words} {_compared(one, base)}" for words, one in compared)
            yield f"{question} Bits with {usual} {base.bits:.4f}; {said}."


def _compared(one: Retrained, base: Retrained) -> str:
    difference = one.minus(base)
    if one.bits is None or difference is None:
        return _none(one)
    apart = ""
    if len(base.scores) > 1:
        low, high = sorted((one, base), key=lambda each: each.bits or 0.0)
        apart = ", ranges apart" if max(low.scores.values()) < min(high.scores.values()) else ", ranges overlap"
    return f"{one.bits:.4f} ({_signed(difference)}{apart})"


def _means(found: Retraining) -> str:
    """How large a difference has to be to mean something."""
    base = found.named(AS_IS)
    if base is None or len(base.scores) < 2:
        return (
            "How large must a difference be? This is one seed each, and another seed moves every figure; how far, "
            "these rows cannot say. --seeds 3 trains each three times and shows it."
        )
    low, high = min(base.scores.values()), max(base.scores.values())
    return (
        f"How large must a difference be? Over {len(base.scores)} seeds the GRU as it is gave {low:.4f} to {high:.4f}. "
        "Figures are means over the seeds; where the ranges of two overlap, these seeds show no difference."
    )
