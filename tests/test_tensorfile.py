"""A file of tensors is written whole or not at all."""

import errno
import os
import subprocess
import sys

import pytest
from faults.disk import Disk

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


def test_what_is_written_is_flushed_before_it_is_renamed_and_its_name_after(tmp_path):
    """The one without the other loses the old content with the new one when the power fails. The folder is opened."""
    with Disk(tmp_path) as disk:
        tensorfile.write_atomically(tmp_path / "file", b"new")
    assert disk.calls == ["open", "write", "fsync", "rename", "open", "fsync"]


def test_nothing_is_written_through_a_link_that_lies_in_the_way(tmp_path):
    away = tmp_path / "away"
    away.write_bytes(b"of somebody")
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to(away)
    tensorfile.write_atomically(tmp_path / "file", b"new")
    assert ((tmp_path / "file").read_bytes(), away.read_bytes()) == (b"new", b"of somebody")


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
