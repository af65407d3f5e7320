"""A library built from altered sources, in a cache of the test's own."""

import shutil

import pytest

from chargru.engine.native import build


@pytest.fixture
def altered(tmp_path, monkeypatch):
    """altered(real, file, old, new, ...): what comes of building after each `old` became `new` in a header or source.

    Without the compiler's third level, which takes twice as long. The program then uses what was made.
    """
    compiler = tmp_path / "compiler"
    compiler.write_text(f'#!/bin/sh\nexec {build.find_compiler()} "$@" -O1\n', encoding="utf-8")
    compiler.chmod(0o755)
    monkeypatch.setenv(build.VARIABLE, str(compiler))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sources = shutil.copytree(build.SOURCE.parent, tmp_path / "c")
    monkeypatch.setattr(build, "SOURCE", sources / "kernels.c")

    def make(real, file, *changes):
        text = (sources / file).read_text(encoding="utf-8")
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert text.count(old) == 1
            text = text.replace(old, new)
        (sources / file).write_text(text, encoding="utf-8")
        forget()
        return build.build(real)

    def forget():
        build.build.cache_clear()
        build._say_once.cache_clear()

    yield make
    forget()
