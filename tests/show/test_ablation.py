"""An ablation as a person reads it: the warning first, the figures, 80 columns, and the formats for others."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.insight.ablation import ablate
from chargru.insight.trace import trace
from chargru.scoring import evaluate
from chargru.show.ablation import ASKS, STUCK
from chargru.show.formats import show
from chargru.show.view import View

FOUND = ablate(model(), TEXT)


def table():
    return show(FOUND).splitlines()


def test_the_first_line_is_the_warning():
    assert table()[0].startswith("A trained network with a stuck gate is a damaged network")
    assert "chargru ablate --retrain --minutes 1" in " ".join(table()[:3])


def test_a_row_a_variant_with_its_figures():
    lines = table()
    start = next(number for number, line in enumerate(lines) if line.startswith("─")) + 1
    shown = lines[start : start + 8]
    assert shown[0].split() == ["as", "it", "is", f"{FOUND.variants[0].val_bpc:.4f}"]
    for line, one in zip(shown[1:], FOUND.variants[1:], strict=True):
        assert line.startswith(one.variant)
        assert line.endswith(ASKS[one.variant])
        figures = line.removeprefix(one.variant).split()[:2]
        assert figures == [f"{one.val_bpc:.4f}", f"{one.difference:+.4f}"]


def test_what_counts_most_and_least_is_named():
    changed = FOUND.variants[1:]
    least, most = (pick(changed, key=lambda one: one.difference) for pick in (min, max))
    said = " ".join(table())
    assert f"largest difference is that of {most.variant} ({most.difference:+.4f} bits)" in said
    assert f"smallest that of {least.variant} ({least.difference:+.4f})" in said


def test_a_guess_is_named_where_a_variant_is_worse():
    ours = model(scale=9.0)
    bits, guess = [one.val_bpc for one in ablate(ours, TEXT).variants], np.log2(len(ours.vocabulary))
    assert max(bits) > guess
    said = f"A guess among {len(ours.vocabulary)} characters costs {guess:.2f} bits"
    assert said in show(ablate(ours, TEXT))
    better = replace(FOUND, variants=tuple(replace(one, val_bpc=guess - 0.1) for one in FOUND.variants))
    assert "A guess" not in show(better)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_no_line_is_wider_than_80_columns(reset):
    found = ablate(model(reset=reset), TEXT)
    long = replace(found, checkpoint="checkpoints/a-run-with-a-name-that-is-rather-long-001")
    assert max(map(len, show(long).splitlines())) <= 80


@pytest.mark.parametrize("width", [60, 70, 80, 120])
def test_a_narrow_terminal_breaks_no_line(width):
    lines = show(FOUND, view=View(width=width)).splitlines()
    assert max(map(len, lines)) <= min(width, 80)
    assert ("asks" in " ".join(lines)) == (width >= 80)
    figures = [f"{one.val_bpc:.4f}" for one in FOUND.variants]
    start = next(number for number, line in enumerate(lines) if line.startswith("─")) + 1
    assert [
        line.removeprefix(one.variant).split()[0] for one, line in zip(FOUND.variants, lines[start:], strict=False)
    ] == figures


def test_what_was_left_out_is_said():
    assert "the first 30 characters scored" in " ".join(show(ablate(model(), TEXT, characters=30)).split())
    assert "first" not in show(FOUND)


def test_one_character_is_one():
    assert ": 1 character scored" in " ".join(show(ablate(model(), TEXT[:2])).split())
    assert "the first 1 character scored" in " ".join(show(ablate(model(), TEXT, characters=1)).split())


def test_gates_that_the_run_itself_holds_are_named():
    """Else a row of +0.0000 looks as if the part did nothing."""
    trained = replace(model().force("r=1", "z=0"), held=())
    assert "with r=1, z=0 held, on the text" in " ".join(show(ablate(trained, TEXT)).split())
    assert json.loads(show(ablate(trained, TEXT), "json"))["forced"] == ["r=1", "z=0"]
    assert "held" not in show(FOUND)


def test_json_has_every_field():
    found = json.loads(show(FOUND, "json"))
    assert found["schema"] == "chargru.ablation/1"
    assert found["variants"] == [vars(one) for one in FOUND.variants]
    assert found["z_mean"] == [list(layer) for layer in FOUND.z_mean]
    assert (found["characters"], found["left_out"], found["skipped"]) == (len(TEXT) - 1, 0, 0)
    assert "damaged" not in str(found)


def test_csv_is_a_row_a_variant():
    rows = list(csv.DictReader(show(FOUND, "csv").splitlines()))
    assert [row["variant"] for row in rows] == [one.variant for one in FOUND.variants]
    assert [float(row["val_bpc"]) for row in rows] == [one.val_bpc for one in FOUND.variants]
    assert [float(row["difference"]) for row in rows] == [one.difference for one in FOUND.variants]


def test_markdown_has_the_same_cells():
    lines = show(FOUND, "markdown").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    assert rows[0] == ["", "bits/char", "difference", "asks"]
    assert [row[1] for row in rows[2:]] == [f"{one.val_bpc:.4f}" for one in FOUND.variants]
    assert lines[0].startswith("A trained network with a stuck gate is a damaged network")


def test_a_forced_score_and_a_forced_trace_warn_where_a_person_reads():
    held, free = evaluate(model(), TEXT, force=["r=1"]), evaluate(model(), TEXT)
    assert show(held).splitlines()[-1] == STUCK
    assert STUCK not in show(free)
    assert "damage" not in show(held, "json")
    traced, plain = (trace(model(), steps=[34], force=force) for force in (["r=1"], []))
    for format_ in ("table", "markdown"):
        assert STUCK in show(traced, format_)
        assert STUCK not in show(plain, format_)
    for format_ in ("json", "csv"):
        assert "damage" not in show(traced, format_)
    assert len(STUCK) <= 80


def test_a_run_that_was_trained_with_a_gate_held_is_not_damaged():
    """Its gates are in the file, and nobody stuck them afterwards."""
    trained = replace(model().force("r=1"), held=())
    assert STUCK not in show(trace(trained, steps=[34]))
