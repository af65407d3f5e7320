"""CONTRIBUTING.md's recipes "a new insight" and "a new format", followed from outside the package."""

import json
from dataclasses import dataclass
from typing import ClassVar

import pytest

from chargru import bundled
from chargru.errors import SettingError
from chargru.insight.trace import Trace, trace
from chargru.model import read_model
from chargru.show.formats import TABLE, Kind, choices, show
from chargru.show.view import View
from chargru.shown import Shown


@dataclass(frozen=True)
class Openness(Shown):
    """A throwaway fact: the mean of z at each traced step."""

    schema: ClassVar = "throwaway.openness/1"

    steps: tuple[int, ...]
    means: tuple[float, ...]


def openness(traced: Trace) -> Openness:
    return Openness(traced.steps, tuple(traced.z.mean(axis=1).tolist()))


def lines(found: Openness, view: View) -> str:
    return "\n".join(f"{step} <{view.short(mean)}>" for step, mean in zip(found.steps, found.means, strict=True))


def bars(found: Trace | Openness, view: View) -> str:
    """A throwaway format, of a fact of the package and of the new one."""
    means = (openness(found) if isinstance(found, Trace) else found).means
    return "".join(f"{'#' * round(20 * mean)} {view.convention.letters['z']}\n" for mean in means)


@pytest.fixture
def recipes(monkeypatch):
    """Both recipes, followed; the table is as it was afterwards."""
    monkeypatch.setitem(TABLE, "Openness", Kind("an openness", {"table": f"{__name__}:lines", "json": ".data:as_json"}))
    for kind in ("Trace", "Openness"):
        monkeypatch.setitem(TABLE[kind].writers, "bars", f"{__name__}:bars")


@pytest.fixture
def traced():
    return trace(read_model(bundled.run_path()), steps=[33, 34])


@pytest.mark.usefixtures("recipes")
def test_a_new_insight_shows_itself(traced):
    found = openness(traced)
    first, second = (f"{mean:.2f}" for mean in traced.z.mean(axis=1))
    assert str(found) == show(found) == f"33 <{first}>\n34 <{second}>"
    table = f"33 &lt;{first}&gt;\n34 &lt;{second}&gt;"
    assert found._repr_html_() == f'<pre style="font-family:monospace">{table}</pre>'
    assert json.loads(show(found, "json")) == {
        "schema": "throwaway.openness/1",
        "steps": [33, 34],
        "means": traced.z.mean(axis=1).tolist(),
    }
    with pytest.raises(SettingError) as error:
        show(found, "csv")
    assert error.value.message == "an openness has no format csv"
    assert error.value.hint == "give `format` table, json or bars"


@pytest.mark.usefixtures("recipes")
def test_a_new_format_of_the_library(traced):
    marks = [round(20 * mean) for mean in traced.z.mean(axis=1)]
    assert marks[0] != marks[1]
    expected = "".join(f"{'#' * count} z\n" for count in marks)
    assert show(traced, "bars") == show(openness(traced), "bars") == expected


@pytest.mark.usefixtures("recipes")
def test_a_new_format_of_the_command(chargru, traced, tmp_path):
    """No line of cli/ knows it: the choices, the writing to stdout and to --out, the letters of --convention."""
    arguments = ("trace", "-c", bundled.run_path(), "--step", "33-34", "--format", "bars")
    done = chargru(*arguments)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == show(traced, "bars")
    assert chargru(*arguments, "--convention", "course").stdout == done.stdout.replace(" z\n", " gamma_u\n")
    assert chargru(*arguments, "--out", tmp_path / "z.txt").stdout == ""
    assert (tmp_path / "z.txt").read_text() == done.stdout


def test_the_table_is_as_it_was(chargru):
    assert "Openness" not in TABLE
    assert choices("Trace") == ["table", "json", "csv", "npz", "markdown", "latex", "html"]
    refused = chargru("trace", "--format", "bars")
    assert refused.exit_code == 2
    assert "--format is bars, but it must be table, json, csv, npz, markdown, latex or html" in refused.stderr
