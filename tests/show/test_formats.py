"""The table of formats: every row can be loaded and fits, and what is not there is refused."""

from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

import pytest
from drawn import model
from rich.text import Text

from chargru.conventions.authors import ConventionList
from chargru.errors import SettingError
from chargru.insight.ledger import ledger
from chargru.insight.trace import trace
from chargru.show.formats import NOTEBOOK, TABLE, choices, gives, html, show, writer
from chargru.show.view import View
from chargru.text.sample import Sample

ROWS = [(kind, name) for kind, rows in TABLE.items() for name in rows.writers]


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_every_row_is_a_writer_of_its_kind(kind, name):
    """It takes the kind of fact and a View, and says that it returns what its format is made of."""
    found = writer(kind, name)
    fact, view, result = get_type_hints(found).values()
    facts = get_args(fact) or (fact,)
    assert fact is Any or kind in {one.__name__ for one in facts}
    assert all(one is Any or one is Sample or is_dataclass(one) for one in facts)
    assert View in (view, *get_args(view))
    allowed = {"npz": {bytes}, "png": {bytes}, "table": {str, Text}}.get(name, {str})
    assert result in allowed
    assert gives(found) is result


@pytest.mark.parametrize("kind", TABLE)
def test_the_first_format_is_what_a_command_prints(kind):
    assert writer(kind) is writer(kind, next(iter(TABLE[kind].writers)))
    assert choices(kind)[0] in ("table", "text")
    assert (NOTEBOOK in choices(kind)) == TABLE[kind].page == (kind in ("Gates", "Trace", "Exploration", "Surprise"))


def test_a_format_that_a_kind_does_not_have_is_refused():
    with pytest.raises(SettingError) as error:
        show(ledger(model(), step=3), "markdown")
    assert error.value.message == "a ledger has no format markdown"
    assert error.value.hint == "give `format` table, json, csv or npz"
    with pytest.raises(SettingError) as error:
        show(ConventionList(), "npz")
    assert error.value.message == "the list of conventions has no format npz"
    assert error.value.hint == "give `format` table or json"


def test_what_is_no_fact_is_refused():
    with pytest.raises(SettingError, match="there is no way to show a thing of type dict") as error:
        show({"z": 1.0})
    assert "Trace" in error.value.hint


def test_a_notebook_shows_html_or_the_plain_text_escaped():
    traced, taken = trace(model(), steps=[3]), ledger(model(), step=3)
    assert html(traced) == traced._repr_html_() == show(traced, "html")
    assert "<table>" in html(traced)
    assert html(taken) == taken._repr_html_()
    assert html(taken).startswith('<pre style="font-family:monospace">Where h_3 comes from, step 3 reading &#x27;')
    assert html(taken).endswith("</pre>")


def test_a_view_is_handed_on():
    traced = trace(model(), steps=[3])
    assert show(traced, "table", View(digits=7)) != show(traced) == str(traced)
