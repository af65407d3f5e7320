"""Pages in Chromium: their size, how long they take to open, and how long a key takes to be answered.

A page is opened from a file until its first run is computed; a key (ArrowRight) takes until the next frame is drawn,
which in a page that does nothing is half a frame to a frame, 8 to 17 ms. The bundled run, and networks with first
values that read random text.

    python benchmarks/page.py
    python benchmarks/page.py --networks 256x1000 --keys 200 --format json
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

import chargru
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, unpack
from chargru.model import Model
from chargru.show.page.html import render
from chargru.text.vocabulary import Vocabulary

VOCABULARY = 65
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

WATCH = """() => {
    globalThis.taken = [];
    const turn = new MessageChannel();
    let pressed = 0;
    turn.port1.onmessage = () => globalThis.taken.push(performance.now() - pressed);
    addEventListener("keydown", (event) => {
        pressed = event.timeStamp;
        requestAnimationFrame(() => turn.port2.postMessage(null));
    }, { capture: true });
}"""
"""Note the milliseconds from each key to the turn after the frame that it leads to."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--networks", nargs="*", default=["256x1000", "512x500"], metavar="UNITSxSTEPS", help="drawn ones"
    )
    parser.add_argument("--turns", type=int, default=5, help="times that each page is opened (default 5)")
    parser.add_argument("--keys", type=int, default=50, help="keys that are pressed (default 50)")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


def bundled() -> str:
    return render(chargru.explore(chargru.load("cats"), steps=512))


def drawn(units: int, steps: int) -> str:
    """The page of a network with first values, and a random text."""
    characters = [chr(ord("!") + id_) for id_ in range(VOCABULARY)]
    architecture = Architecture(VOCABULARY, units)
    model = Model(Vocabulary(tuple(characters)), unpack(architecture, initialise(architecture, seed=0)))
    text = "".join(np.random.default_rng(0).choice(characters, steps))
    return render(chargru.explore(model, text, steps=steps))


def opened(browser: Browser, path: Path) -> tuple[Page, float]:
    """A page that is ready, and the milliseconds it took."""
    tab = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
    begun = time.perf_counter()
    tab.goto(path.as_uri())
    tab.wait_for_selector("html[data-ready]", state="attached")
    return tab, 1000 * (time.perf_counter() - begun)


def keys(tab: Page, count: int) -> list[float]:
    """The milliseconds that each key took."""
    tab.evaluate(WATCH)
    for pressed in range(1, count + 1):
        tab.keyboard.press("ArrowRight")
        tab.wait_for_function("(pressed) => globalThis.taken.length === pressed", arg=pressed)
    taken: list[float] = tab.evaluate("() => globalThis.taken")
    return taken


def measure(browser: Browser, name: str, html: str, chosen: argparse.Namespace) -> dict[str, float | str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(html, encoding="utf-8")
        ready, steps = [], []
        for turn in range(chosen.turns + 1):
            tab, took = opened(browser, path)
            if turn:  # the first only warms the disk's cache
                ready.append(took)
            if turn == chosen.turns:
                first = tab.evaluate("() => chargru.store.view.step")
                steps = keys(tab, chosen.keys)
                moved = tab.evaluate("() => chargru.store.view.step") - first
            tab.context.close()
    return {
        "page": name,
        "kB": round(len(html.encode()) / 1000),
        "ready_ms": round(statistics.median(ready)),
        "key_ms": round(statistics.median(steps), 1),
        "worst_key_ms": round(max(steps), 1),
        "steps_moved": moved,
    }


def main() -> None:
    chosen = options()
    executable = os.environ.get("CHARGRU_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)))
    sizes = [tuple(map(int, network.split("x"))) for network in chosen.networks]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        rows = [measure(browser, "bundled, 512 steps", bundled(), chosen)]
        rows += [
            measure(browser, f"{units} units, {steps} steps", drawn(units, steps), chosen) for units, steps in sizes
        ]
        about = {"system": platform.platform(), "cores": os.cpu_count(), "chromium": browser.version}
        browser.close()
    if chosen.format == "json":
        print(json.dumps({"schema": "chargru.benchmark.page/1", "machine": about, "rows": rows}, indent=2))
        return
    for name, value in about.items():
        print(f"{name}: {value}")
    print(f"\n{'':<24} {'kB':>6} {'ready, ms':>10} {'a key, ms':>10} {'the worst':>10} {'steps moved':>12}")
    for row in rows:
        print(
            f"{row['page']:<24} {row['kB']:>6,} {row['ready_ms']:>10,} {row['key_ms']:>10} {row['worst_key_ms']:>10}"
            f" {row['steps_moved']:>12}"
        )


if __name__ == "__main__":
    main()
