"""A retraining as a person reads it: cells, answers with their figures, what one seed can say, 80 columns."""

import csv
import json
from dataclasses import replace

import pytest

from chargru.insight.retraining import Retrained, Retraining, Trial
from chargru.show.formats import show
from chargru.show.retraining import answers
from chargru.show.view import View

BITS = {
    "as it is": 2.0, "r = 1": 2.01, "r = 0": 2.2, "z = 0": 2.3, "r = 1, z = 0": 2.35, "z one constant a unit": 2.15,
    "W_hn = 0": 2.25, "reset before": 1.99, "as it is *": 2.5, "h = (1 - z) n *": 2.75, "n with ReLU *": 2.45,
    "n with identity *": 2.6,
}  # fmt: skip


def trial(bits, seed=0, **changes):
    return Trial(seed, bits * 0.6931471805599453, bits, 1234, 5678.9, **changes)


def made(seeds=(0,), bits=BITS, spread=0.0, **changes):
    """A retraining with these bits, each seed `spread` further on."""
    rows = []
    for name, value in bits.items():
        trials = tuple(trial(value + spread * number, seed) for number, seed in enumerate(seeds))
        base = bits["as it is *" if name.endswith("*") and "as it is *" in bits else "as it is"]
        rows.append(Retrained(name, 24641, "plain equations" if "*" in name else "fast layer", trials, value - base))
    given = {
        "text": "novel.txt",
        "characters": 1_000_000,
        "hidden_size": 64,
        "layers": 1,
        "reset": "after",
        "budget": "1 minute",
        "planned": len(bits) * len(seeds),
        "seeds": tuple(seeds),
        "variants": tuple(rows),
    }
    return Retraining(**{**given, **changes})


FOUND = made()


def cells(found):
    lines = show(found).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("─")) + 1
    rows = {one.variant: lines[start + number] for number, one in enumerate(found.variants)}
    return {name: line.removeprefix(name).split() for name, line in rows.items()}


def test_a_row_a_variant():
    rows = cells(FOUND)
    assert rows["as it is"] == ["2.0000", "24,641", "1,234", "5,679"]
    assert rows["z = 0"] == ["2.3000", "+0.3000", "24,641", "1,234", "5,679"]
    assert rows["reset before"][:2] == ["1.9900", "-0.0100"]
    assert rows["as it is *"] == ["2.5000", "24,641", "1,234", "5,679"]
    assert rows["n with ReLU *"][:2] == ["2.4500", "-0.0500"]


def test_it_says_what_was_done():
    said = " ".join(show(FOUND).split())
    assert said.startswith(
        "Each trained from scratch on novel.txt (1,000,000 characters), for as many updates as the GRU did "
        "in 1 minute, 1 layer of 64 units, reset after, seed 0; scored on its last part."
    )
    assert "compare these with 'as it is *', which had as few updates" in said
    equal = made(bits={name: bits for name, bits in BITS.items() if name != "as it is *"}, budget="9 updates")
    assert "only speed differs" in " ".join(show(equal).split())
    assert "(1,000,000 characters), 9 updates each, " in " ".join(show(equal).split())


def test_the_answers_rest_upon_their_figures():
    both, read, carry, candidate, tanh, reset = answers(FOUND)
    assert both == (
        "Why two gates? Bits with both gates 2.0000; with the update gate alone (r = 1) 2.0100 (+0.0100); "
        "with the reset gate alone (z = 0) 2.3000 (+0.3000); with neither, the tanh RNN 2.3500 (+0.3500)."
    )
    assert read == (
        "Must z depend on what is read? Bits with a z that does 2.0000; "
        "with one learned constant a unit 2.1500 (+0.1500)."
    )
    assert carry == (
        "Is h = (1 - z) n enough (the old state not carried on)? "
        "Bits with the GRU 2.5000; with h = (1 - z) n 2.7500 (+0.2500)."
    )
    assert candidate == (
        "Must the candidate see the old state? Bits with the GRU 2.0000; "
        "with W_hn = 0 2.2500 (+0.2500); with r = 0 2.2000 (+0.2000)."
    )
    assert tanh == (
        "Why tanh? Bits with tanh 2.5000; with ReLU 2.4500 (-0.0500); with no function at all 2.6000 (+0.1000)."
    )
    assert reset == (
        "Is r better before the product (the course) or after it (the library)? "
        "Bits with r after it 2.0000; with r before it 1.9900 (-0.0100)."
    )


def test_an_answer_needs_its_rows():
    first = made(bits={"as it is": 2.0, "r = 1": 2.5}, planned=11)
    assert list(answers(first)) == [
        "Why two gates? Bits with both gates 2.0000; with the update gate alone (r = 1) 2.5000 (+0.5000)."
    ]
    assert "Stopped after 2 of 11 trainings." in " ".join(show(first).split())
    assert list(answers(made(bits={"as it is": 2.0}))) == []


def test_one_seed_says_that_it_is_one():
    said = " ".join(show(FOUND).split())
    assert "This is one seed each" in said
    assert "--seeds 3" in said


def test_several_seeds_give_means_and_ranges():
    found = made(seeds=(4, 5, 6), spread=0.02)
    rows = cells(found)
    assert rows["as it is"] == ["2.0200", "2.0000-2.0400", "24,641", "5,679"]
    assert rows["z = 0"] == ["2.3200", "2.3000-2.3400", "+0.3000", "24,641", "5,679"]
    said = " ".join(show(found).split())
    assert "seeds 4 to 6" in said
    assert "(r = 1) 2.0300 (+0.0100, ranges overlap)" in said
    assert "(z = 0) 2.3200 (+0.3000, ranges apart)" in said
    assert "Over 3 seeds the GRU as it is gave 2.0000 to 2.0400." in said
    assert "one seed" not in said


def test_what_diverged_has_no_figure():
    variants = [replace(one, trials=(trial(3.5, diverged=True),), difference=None) if "identity" in one.variant else one
                for one in FOUND.variants]  # fmt: skip
    found = replace(FOUND, variants=tuple(variants))
    assert cells(found)["n with identity *"][0] == "diverged"
    said = " ".join(show(found).split())
    assert "n with identity *: diverged after 1,234 updates (seed 0); its best score before that was 3.5000." in said
    assert "with no function at all diverged." in said


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("found", [FOUND, made(seeds=(0, 1), spread=0.5), made(bits={"as it is": 2.0}, planned=12)])
def test_no_line_is_wider_than_the_terminal_or_80_columns(found, width):
    long = replace(found, text="a-novel-with-a-name-that-is-rather-long-and-then-some.txt " * 2)
    shown = show(long, view=View(width=width))
    assert max(map(len, shown.splitlines())) <= min(width, 80)
    assert "\xa0" not in shown
    assert ("chars/s" in shown) == (width >= 80)
    assert all(f"{one.bits:.4f}" in shown for one in found.variants)


def test_json_csv_and_markdown():
    found = made(seeds=(0, 1))
    document = json.loads(show(found, "json"))
    assert document["schema"] == "chargru.retraining/1"
    assert document["variants"][3]["trials"][1] == vars(found.variants[3].trials[1])
    assert document["variants"][3]["difference"] == found.variants[3].difference
    rows = list(csv.DictReader(show(found, "csv").splitlines()))
    assert len(rows) == 24
    assert [float(row["val_bpc"]) for row in rows[::2]] == list(BITS.values())
    assert {row["seed"] for row in rows} == {"0", "1"}
    lines = show(FOUND, "markdown").splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(BITS)
    assert "| n with ReLU \\* | 2.4500 | -0.0500 |" in table[-2]
