"""The ledger as text: what is shown adds up, in either convention's letters."""

import re

import autograd
import numpy as np
import pytest
from rich.cells import cell_len

from chargru.conventions.authors import COURSE, TORCH
from chargru.insight.ledger import ledger
from chargru.show.ledger import table as ledger_table
from chargru.show.view import View

TEXT = autograd.random_text(40)
LETTERS = {"torch": TORCH, "course": COURSE}


def lines(taken, **view):
    return ledger_table.render(taken, View(**view)).splitlines()


def shown(convention=TORCH, back=5, step=34, index=(3,), layers=1):
    return lines(ledger(autograd.model(layers), TEXT, step=step, indices=index), convention=convention, back=back)


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
    found = lines(taken, back=5)
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


@pytest.mark.parametrize("back", [1, 5])
def test_the_last_steps_and_the_earlier_ones_that_count_are_listed(back):
    taken = ledger(autograd.model(), TEXT, step=34, indices=range(5))
    text = "\n".join(lines(taken, back=back))
    for index, section in zip(range(5), text.split("\nIndex ")[1:], strict=True):
        listed = {int(step) for step in re.findall(r"^ +(\d+)  '", section, re.MULTILINE)}
        assert listed == {k for k in range(1, 35) if k > 34 - back or taken.shares[k, index] >= 0.05}


def test_the_slides_weights_do_not_sum_to_one():
    taken = ledger(autograd.model(), TEXT, step=34, indices=[3])
    z = taken.z[-2:, 3]
    printed = z[1] * z[0] + z[1] * (1 - z[0]) + z[1] * (1 - z[1])
    text = " ".join(line.strip() for line in lines(taken))
    assert (
        "prints z_34 (1 - z_34) in the last term, where (1 - z_34) is right; "
        f"as printed the weights would sum to {printed:.4f}, not to 1." in text
    )


@pytest.mark.parametrize("digits", [1, 4, 15])
@pytest.mark.parametrize(
    ("z", "said"),
    [(1.0, "1 only because z_34 is 1"), (1 - 1e-9, "less than 1, here by 1e-18"), (0.8, "not to 1|here by 4e-02")],
)
def test_the_slides_weights_sum_to_one_only_where_z_is_1(z, said, digits):
    taken = ledger(autograd.model(), TEXT, step=34, indices=[3])
    taken.z[-1, 3] = z
    text = " ".join(line.strip() for line in lines(taken, digits=digits))
    assert re.search(f"would sum to [^;]*?({said})", text)


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
    assert not any("other step" in line or "slide" in line for line in lines)
