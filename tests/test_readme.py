"""README and docs against the program: every command and option that they show exists."""

import doctest
import functools
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import chargru
from chargru.cli.app import app
from chargru.text.files import TEXT_SUFFIXES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "data" / "README.md"]
COMMANDS = dict(typer.main.get_group(app).commands.items())


def shown_commands():
    for page in PAGES:
        for block in re.findall(r"^(?:    |```\w*\n).*?(?=\n\S|\n```|\Z)", page.read_text(), flags=re.M | re.S):
            for line in block.splitlines():
                found = re.search(r"(?:^|&& |\$ |\| )\s*(chargru [^|#>]*)", line.strip("`"))
                if found:
                    yield pytest.param(found.group(1).strip(), id=f"{page.name}: {found.group(1).strip()[:60]}")


@pytest.mark.parametrize("line", list(shown_commands()))
def test_a_shown_command_exists_with_its_options(line):
    words = shlex.split(line)[1:]
    if words and words[0].startswith("-"):
        assert words[0] in ("--version", "--help")
        return
    command = COMMANDS[words[0]]
    command = getattr(command, "commands", {}).get(words[1] if words[1:] else "", command)
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.split("=")[0] for word in words[1:] if re.match(r"--?[a-z]", word)}
    assert used - known - {"--help"} == set()


def test_the_readme_and_ci_run_the_same_set_up_line():
    readme, ci = (ROOT / "README.md").read_text(), (ROOT / ".ci" / "run").read_text()
    line = 'python3 -m venv .venv && . .venv/bin/activate && pip install -e ".[dev]" && pytest\n'
    assert line in readme
    assert line in ci
    assert "python3 -m venv .venv && . .venv/bin/activate && pip install . && chargru train\n" in readme


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def anchors(page):
    """What a link can name of a page after #: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_links_to_a_heading_find_it(page):
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text()):
        assert anchor in anchors(page.parent / path if path else page), anchor


def named_in_python(page):
    """Every `chargru.room.name` on a page."""
    return sorted(set(re.findall(r"\bchargru(?:\.[A-Za-z_]\w*)+", page.read_text())))


def files_named(page):
    """Every path into the package on a page, such as chargru/gru/cell.py."""
    return sorted(set(re.findall(r"\bchargru/[\w/]*\w\.(?:py|c|h)\b", page.read_text())))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_what_a_page_names_in_python_exists(page):
    for name in named_in_python(page):
        assert pkgutil.resolve_name(name) is not None, name
    assert [path for path in files_named(page) if not (ROOT / path).is_file()] == []


def shown_output(page):
    """Each command that a page shows after a $, and the shown parts of its output; ... stands for the rest."""
    for command, block in re.findall(r"^    \$ (chargru .+)\n\n((?:    .*\n|\n)+)", page.read_text(), flags=re.M):
        lines = [line[4:].rstrip() for line in block.rstrip().splitlines()]
        yield command, [part.strip("\n") for part in "\n".join(lines).split("\n...\n")]


@pytest.fixture(scope="module")
def printed_by(tmp_path_factory):
    """What a command prints in an empty folder; several questions of a page share one command."""

    @functools.cache
    def run(command):
        environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
        words = [sys.executable, "-m", *shlex.split(command)]
        folder = tmp_path_factory.mktemp("empty")
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        return "\n".join(line.rstrip() for line in done.stdout.splitlines())

    return run


@pytest.mark.parametrize(("command", "parts"), [shown for page in PAGES for shown in shown_output(page)])
def test_the_shown_output_is_what_the_bundled_run_gives(command, parts, printed_by):
    printed = printed_by(command)
    assert parts
    for part in parts:
        assert part in printed


@pytest.mark.parametrize("page", [one for one in PAGES if one.name != "python.md"], ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page, monkeypatch):
    """Its fenced blocks; where they are sessions, they give what they show."""
    monkeypatch.chdir(ROOT)
    names = {}
    for block in re.findall(r"^```python\n(.+?)^```", page.read_text(), flags=re.M | re.S):
        if block.startswith(">>>"):
            session = doctest.DocTestParser().get_doctest(block, names, page.name, None, None)
            report = []
            doctest.DocTestRunner().run(session, out=report.append, clear_globs=False)
            assert "".join(report) == ""
            names = session.globs
        else:
            exec(block, names)


def test_the_page_on_python_has_every_function():
    page = (ROOT / "docs" / "python.md").read_text()
    functions = {name for name in chargru.__all__ if name[0].islower()}
    assert set(re.findall(r"^\| `(\w+)\(", page, flags=re.M)) == functions


def test_the_page_on_your_text_lists_the_suffixes_that_are_read():
    listed = " ".join(f"`{suffix}`" for suffix in TEXT_SUFFIXES)
    assert f"\n{listed}\n" in (ROOT / "docs" / "your-text.md").read_text()
