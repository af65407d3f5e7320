"""In a real kernel, as a notebook has it: docs/python.md followed, the bar, an interrupt, errors."""

import doctest
import os
import re
import sys
from pathlib import Path

import pytest
import python_page

import chargru
from chargru.run import read_training

pytestmark = pytest.mark.slow
PATIENCE = 120
"""Seconds after which a kernel that says nothing is given up."""
SHOWN = ("stream", "display_data", "update_display_data", "execute_result", "error")


class Kernel:
    """A kernel of this Python in a folder."""

    def __init__(self, folder):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager()
        self.manager.kernel_spec.argv[0] = sys.executable
        here = str(Path(chargru.__file__).parent.parent)
        self.manager.start_kernel(cwd=str(folder), env={**os.environ, "PYTHONPATH": here})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, code, when_shown=lambda _: None):
        """What a cell shows, (type of message, content); `when_shown` is called with each content as it comes."""
        request = self.client.execute(code)
        shown = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") == request:
                if kind in SHOWN:
                    shown.append((kind, content))
                    when_shown(content)
                elif kind == "status" and content["execution_state"] == "idle":
                    return shown

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path):
    python_page.texts(tmp_path)
    started = Kernel(tmp_path)
    yield started
    started.stop()


def text_of(shown):
    """What the cell printed and returned, as a prompt would show it."""
    found = ""
    for kind, content in shown:
        if kind == "stream":
            found += content["text"]
        elif kind == "execute_result":
            found += content["data"]["text/plain"] + "\n"
    return found


def pictures(shown):
    """The HTML of the bar, one after another."""
    return [content["data"]["text/html"] for kind, content in shown if "display_data" in kind]


def test_the_page_on_python_in_a_notebook(kernel, tmp_path):
    same = doctest.OutputChecker().check_output
    html, bars = {}, []
    for example in python_page.examples():
        shown = kernel.run(example.source)
        errors = [content for kind, content in shown if kind == "error"]
        if example.exc_msg:
            (error,) = errors
            assert example.exc_msg == f"chargru.errors.{error['ename']}: {error['evalue']}\n"
            assert error["traceback"][1:] == [
                "hint: list the runs with: `chargru.runs()`",
                f"line 1: {example.source.strip()}",
            ]
            continue
        assert errors == [], example.source
        assert same(example.want, text_of(shown), doctest.ELLIPSIS), example.source
        bars.append(pictures(shown))
        html |= {
            example.source.strip(): content["data"].get("text/html", "")
            for kind, content in shown
            if kind == "execute_result"
        }
    model = chargru.load(tmp_path / "checkpoints" / "novel-001")
    bits = f"{model.trained['val_bpc']:.4f}"
    assert f">{tmp_path / 'checkpoints'}" not in html["model"]
    assert f"checkpoints/novel-001: {bits} bits per character</div>" in html["model"]
    assert "<polyline" in html["model"]
    assert "bits of a character" in html["score"]
    assert bits in html["chargru.runs()"]
    assert '<div class="chargru-trace">' in html["trace"]
    novel, letters = (found for found in bars if found)  # both trainings have a bar, and nothing else
    assert min(len(novel), len(letters)) > 1
    assert "100% done</span>" in novel[-1]
    assert "update</span> 200&emsp;" in novel[-1]
    assert f"best</span> {model.trained['val_bpc']:.3f}&emsp;" in novel[-1]


def test_an_interrupt_saves_and_is_told_in_a_few_lines(kernel, tmp_path):
    """SIGINT to the kernel, as the button sends it, once the bar shows an update."""
    begun = []

    def interrupt(content):
        if not begun and re.search(r"update</span> [1-9]", content.get("data", {}).get("text/html", "")):
            begun.append(True)
            kernel.manager.interrupt_kernel()

    train = "chargru.train('novel.txt', updates=10_000_000, hidden_size=16, batch_size=4, threads=1)"
    shown = kernel.run(f"import chargru\n{train}", interrupt)
    (error,) = (content for kind, content in shown if kind == "error")
    run = Path("checkpoints") / "novel-001"
    assert error["ename"] == "Interrupted"
    assert re.fullmatch(rf"stopped at update \d+; everything is saved in {re.escape(str(run))}", error["evalue"])
    assert error["traceback"][1:] == [f"go on with: chargru.train(out={str(run)!r}, resume=True)", f"line 2: {train}"]
    assert "% stopped</span>" in pictures(shown)[-1]
    updates = int(re.search(r"update (\d+)", error["evalue"])[1])
    assert read_training(tmp_path / run, tensors=False)[0]["updates"] == updates > 0


def test_an_error_names_the_line_of_the_cell(kernel):
    cell = ("import chargru", "model = chargru.load('cats')", "def write():", "  chargru.sample(model, temperature=-1)")
    shown = kernel.run("\n".join((*cell, "write()")))
    (error,) = (content for kind, content in shown if kind == "error")
    assert error["traceback"] == [
        "\x1b[31mSettingError\x1b[0m: `temperature` is -1.0, but it must be from 0 to 1e30",
        "hint: give `temperature` another value",
        "line 4: chargru.sample(model, temperature=-1)",
    ]
