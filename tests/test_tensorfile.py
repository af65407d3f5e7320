"""A file of tensors is written whole or not at all."""

import errno
import os
import subprocess
import sys

import pytest

from chargru import run, tensorfile
from chargru.errors import RunError


def test_a_full_disk_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "file"
    tensorfile.write_atomically(path, b"old")

    def refuse(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RunError, match="No space left") as caught:
        tensorfile.write_atomically(path, b"new")
    assert "what was saved before is still there" in caught.value.hint
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"old")]


def test_a_process_killed_while_writing_leaves_the_old_content(tmp_path):
    tensorfile.write_atomically(tmp_path / "file", b"old")
    code = (
        "import os, signal; from pathlib import Path; from chargru import tensorfile;"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL);"
        f"tensorfile.write_atomically(Path({str(tmp_path / 'file')!r}), b'new')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert (tmp_path / "file").read_bytes() == b"old"
    with run.lock(tmp_path):
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "lock"]
