"""The ledger as text: what is shown adds up, in either convention's letters."""

import re

import autograd
import numpy as np
import pytest
from rich.cells import cell_len

from chargru.conventions.authors import COURSE, TORCH
from chargru.insight.ledger import ledger, ledgers
from chargru.insight.trace import trace
from chargru.show.ablation import STUCK
from chargru.show.ledger import table as ledger_table
from chargru.show.view import View

TEXT = autograd.random_text(40)
LETTERS = {"torch": TORCH, "course": COURSE}


def lines(taken, **view):
    return ledger_table.render(taken, View(**view)).splitlines()


def shown(convention=TORCH, back=5, step=34, index=(3,), layers=1):
    return lines(ledger(autograd.model(layers), TEXT, step=step, indices=index), convention=convention, back=back)


@pytest.mark.parametrize("options", [{"steps": [34]}, {"steps": [9, 34]}, {"steps": [34], "indices": [2]}])
def test_gates_that_are_held_are_named(options):
    for held in (["z[2]=0.5"], []):
        text = " ".join(lines(ledgers(trace(autograd.model(), TEXT, force=held, **options))))
        assert ("Held, in PyTorch's letters: z[2]=0.5." in text) is bool(held)
        assert (STUCK in text) is bool(held)


def test_torch_letters_are_the_lectures_expansion():
    lines = shown()
    assert "  h_34[3] = z_34 h_33 + (1 - z_34) n_34" in lines
    assert "  h_34[3] = z_34 z_33 h_32 + z_34 (1 - z_33) n_33 + (1 - z_34) n_34" in lines


def test_course_letters_take_where_pytorch_keeps():
    text = re.sub(r"\s+", " ", "\n".join(shown(COURSE)))
    assert "c<34>[3] = (1 - gamma_u<34>) c<33> + gamma_u<34> c~<34>" in text
    assert "(1 - gamma_u<34>) (1 - gamma_u<33>) c<32> + (1 - gamma_u<34>) gamma_u<33> c~<33>" in text


@pytest.mark.parametrize("convention", LETTERS)
def test_shown_sums_hold_within_their_rounding(convention):
    sums = [line.split(" = ") for line in shown(LETTERS[convention]) if re.fullmatch(r" += [-(\d].*", line)]
    assert len(sums) == 2
    for _, addends, total in sums:
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", addends)]
        assert sum(numbers) == pytest.approx(float(total), abs=0.5e-4 * (len(numbers) + 1))


def test_rows_are_largest_first_and_the_rest_together():
    taken = ledger(autograd.model(), TEXT, step=34, indices=[3])
    found = lines(taken, back=5, whole=True)
    rows = [line.split() for line in found if re.match(r" +\d+  '", line)]
    parts = {int(row[0]): float(row[-1]) for row in rows}
    assert np.all(np.diff(np.abs(list(parts.values()))) <= 1e-4)
    for k, part in parts.items():
        assert part == pytest.approx(taken.contributions[k, 3], abs=0.51e-4)
    assert [row[1] for row in rows] == [f"'{TEXT[k - 1]}'" for k in parts]
    others = [k for k in range(1, 35) if k not in parts]
    rest = next(line for line in found if line.startswith(f"  {len(others)} other steps"))
    assert float(rest.split()[-1]) == pytest.approx(taken.contributions[others, 3].sum(), abs=0.51e-4)
    assert any(re.fullmatch(rf"  sum +100\.0% +{taken.h[3]:.4f}", line) for line in found)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("back", [1, 5, 34])
def test_the_last_steps_and_the_earlier_ones_that_count_are_listed(back, whole):
    taken = ledger(autograd.model(), TEXT, step=34, indices=range(5))
    text = "\n".join(lines(taken, back=back, whole=whole))
    for index, section in zip(range(5), text.split("\nIndex ")[1:], strict=True):
        listed = {int(step) for step in re.findall(r"^ +(\d+)  '", section, re.MULTILINE)}
        w = taken.shares[:, index]
        last = {k for k in range(35 - back, 35) if whole or w[k] >= 0.0005}
        assert listed == last | {k for k in range(1, 35) if w[k] >= 0.05}


def test_no_row_reads_nothing_unless_all_is_asked_for():
    taken = ledger(autograd.model(), TEXT, step=34, indices=range(5))
    taken.shares[0] = 0.0001
    short, whole = ("\n".join(lines(taken, back=34, whole=one)) for one in (False, True))
    assert " 0.0%" not in short
    assert whole.count(" 0.0%") > 5
    assert len(re.findall("^  h_0", short, re.MULTILINE)) == 0
    assert len(re.findall("^  h_0", whole, re.MULTILINE)) == 5


def test_the_lecture_s_misprint_is_not_told_here():
    assert not any("slide" in line for line in shown())


def brief(steps, **view):
    return ledger_table.render(ledgers(trace(autograd.model(), TEXT, steps=steps)), View(**view))


def holding(step):
    """{index: its mean lag under w, 0 where |h| < 0.1}, from the states of the trace alone."""
    found, recorded = {}, trace(autograd.model(), TEXT, steps=range(1, step + 1))
    for index in range(recorded.h.shape[1]):
        z = recorded.z[:, index]
        w = [(1 - z[k]) * np.prod(z[k + 1 :]) for k in range(step)]
        age = sum((step - 1 - k) * w[k] for k in range(step)) + step * np.prod(z)
        found[index] = age if abs(recorded.h[-1, index]) >= 0.1 else 0.0
    return found


@pytest.mark.parametrize("step", [5, 17, 34])
def test_the_index_that_holds_longest_leads(step):
    order = sorted(holding(step), key=lambda index: -holding(step)[index])
    text = brief([step])
    assert re.findall(r"^Index (\d+)", text, re.MULTILINE) == [str(order[0]), *map(str, order[:3])]
    assert text.splitlines()[1].startswith(f"Index {order[0]} holds longest. h_{step}[{order[0]}] = ")
    assert len(re.findall("^  sum", text, re.MULTILINE)) == 1
    whole = brief([step], whole=True)
    assert re.findall(r"^Index (\d+)$", whole, re.MULTILINE) == [*map(str, order[:3])]
    assert len(re.findall("^  sum", whole, re.MULTILINE)) == 3


def test_the_lead_names_the_largest_parts():
    taken = ledger(autograd.model(), TEXT, step=34)
    first = taken.indices[0]
    w, part = taken.shares[:, first], np.abs(taken.contributions[:, first])
    largest = [k for k in sorted(range(1, 35), key=lambda k: -part[k]) if w[k] >= 0.05][:3]
    said = "; ".join(
        f"{w[k]:.1%} from '{TEXT[k - 1]}', read at step {k}, {34 - k} step{'s' * (k != 33)} ago" for k in largest
    )
    assert f"h_34[{first}] = {taken.h[first]:.2f}: {said}." in " ".join(brief([34]).split())


def test_several_steps_have_a_few_lines_each():
    steps = [5, 17, 29, 34]
    text = brief(steps)
    parts = text.split("Where h_")[1:]
    assert [int(part.split()[0]) for part in parts] == steps
    assert max(len(part.strip().splitlines()) for part in parts[:-1]) <= 5
    for step, part in zip(steps, parts, strict=True):
        best = max(holding(step), key=holding(step).get)
        assert f"Index {best} holds longest. h_{step}[{best}] = " in part
        assert f"[{TEXT[step - 1]}]" in part
    assert max(map(cell_len, text.splitlines())) <= 80
    assert text.splitlines()[-1] == f"More: --all (every step whole), --index {max(holding(5), key=holding(5).get)}"
    assert "More" not in brief(steps, whole=True)


def test_age_and_oldest_are_said():
    taken = ledger(autograd.model(), TEXT, step=34, indices=[3])
    k = taken.oldest[3]
    text = " ".join(line.strip() for line in lines(taken))
    assert f"Age {taken.ages[3]:.1f} steps (mean lag, h_0 at lag 34)" in text
    assert f"still counts is '{TEXT[k - 1]}', read at step {k}, {34 - k} step" in text


@pytest.mark.parametrize("step", [1, 2, 34])
@pytest.mark.parametrize("convention", LETTERS)
def test_every_line_fits_80_columns(step, convention):
    assert max(map(cell_len, shown(LETTERS[convention], 50, step, None, layers=2))) <= 80


def test_step_1_has_one_expansion_and_no_rest():
    lines = shown(step=1)
    assert sum("h_1[3] = " in line for line in lines) == 1
    assert not any("other step" in line for line in lines)
