"""A real browser for the tests of a page: Chromium without a window, one a session, and no network.

There must be one where the variable CI is set; elsewhere tests are skipped without it. Tests that use it are slow.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from chargru.show.page.html import javascript

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TOP_LEVEL = re.compile(r"^(?:async\s+)?(?:function|const|class)\s+(\w+)", re.MULTILINE)


def lacking(reason):
    """Skip, or fail where the tests must run."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def browser():
    """Chromium through Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright is not installed: pip install -e '.[dev]'")
    found = os.environ.get("CHARGRU_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        lacking(f"none of {', '.join(BROWSERS)} is here: install one, or set CHARGRU_BROWSER to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def contexts(browser):
    """Make browser contexts that are offline; each is closed at the end."""
    made = []

    def make(**options):
        made.append(browser.new_context(**options))
        made[-1].set_offline(True)
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture
def open_page(contexts, tmp_path):
    """Open a file (a path) or the text of one: open_page(page, width=400, scheme="dark", hash="step=3") -> Page.

    It is ready when it comes back. The test fails at its end if a page wrote to the console, threw, or asked for
    anything but its own file.
    """
    problems = []

    def open_one(page, *, width=1280, height=900, scheme="light", hash=""):  # noqa: A002 (as the page calls it)
        if not isinstance(page, Path):
            (tmp_path / "page.html").write_text(page, encoding="utf-8")
            page = tmp_path / "page.html"
        address = page.resolve().as_uri()
        tab = contexts(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
        watch(tab, address, problems)
        tab.goto(f"{address}#{hash}" if hash else address)
        until_ready(tab, problems)
        return tab

    yield open_one
    assert problems == []


def until_ready(tab, problems):
    """Wait for a page; fail with what it said if it does not become ready."""
    from playwright.sync_api import Error

    try:
        tab.wait_for_selector("html[data-ready]", state="attached")
    except Error:
        pytest.fail(f"the page did not become ready: {problems}")


def watch(tab, address, problems):
    """Note what a page says in the console, throws, and asks for; only its own file is given to it."""

    def answer(route):
        if route.request.url.split("#")[0] == address:
            route.continue_()
        else:
            problems.append(f"request: {route.request.url}")
            route.abort()

    def heard(message):
        if message.type in ("error", "warning", "assert"):
            problems.append(f"{message.type}: {message.text}")

    tab.route("**/*", answer)
    tab.on("console", heard)
    tab.on("pageerror", lambda error: problems.append(f"thrown: {error}"))


@pytest.fixture
def modules(contexts):
    """Load modules of the page without a page: modules("numbers.js") -> run; run("fixed(0.5, 0)") -> "0".

    An expression sees the top-level names of the modules and of what they import, and `data`, the second argument of
    run. Numbers, strings and lists of them come back; a promise is waited for.
    """

    def load(*names):
        tab = contexts().new_page()
        for script in map(javascript, names):
            top_level = ", ".join(TOP_LEVEL.findall(script))
            tab.evaluate(f'() => {{ "use strict"; {script}\nObject.assign(globalThis, {{ {top_level} }}); }}')
        return lambda expression, data=None: tab.evaluate(f"async (data) => ({expression})", data)

    return load
