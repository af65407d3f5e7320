"""A file of tensors is written whole or not at all, and read with suspicion."""

import errno
import json
import math
import os
import struct
import subprocess
import sys

import pytest
from faults.disk import Disk

from chargru import run, tensorfile
from chargru.errors import DamagedRunError, RunError


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


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_where_nothing_may_be_written_no_room_is_asked_for(tmp_path, number):
    with Disk(tmp_path, "open", 1, number), pytest.raises(RunError, match=os.strerror(number)) as caught:
        tensorfile.write_atomically(tmp_path / "file", b"new")
    assert caught.value.hint == "allow writing there; a new run can be elsewhere: `out`"


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
    tensorfile.write_atomically(tmp_path / run.METRICS, b"old")
    code = (
        "import os, signal; from pathlib import Path; from chargru import tensorfile;"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL);"
        f"tensorfile.write_atomically(Path({str(tmp_path / run.METRICS)!r}), b'new')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert (tmp_path / run.METRICS).read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2
    with run.lock(tmp_path):
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["lock", run.METRICS]


def entries(*tensors):
    """The header of a model's file with these tensors, (name, type, shape), of as many zero bytes as they need."""
    header, end = {"__metadata__": {"chargru": json.dumps(DOCUMENT)}}, 0
    for name, dtype, shape in tensors:
        size = math.prod(shape) * SIZES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + bytes(end)


DOCUMENT = {"schema": "chargru.model/1", "vocabulary": ["a"], "hidden_size": 1, "layers": 1, "reset": "after"}
SIZES = {"F8_E4M3": 1, "F8_E5M2": 1, "BF16": 2, "F32": 4}


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "BF16"])
def test_a_type_that_numpy_does_not_have_is_one_line(tmp_path, dtype):
    (tmp_path / "file").write_bytes(entries(("x", dtype, [2])))
    with pytest.raises(DamagedRunError, match=f"the tensor x is {dtype}, which is not supported"):
        tensorfile.read(tmp_path / "file", "chargru.model/1")


@pytest.mark.parametrize("shape", [[2**62, 0], [2**63, 2**63, 0], [0] * 100])
def test_a_shape_of_nothing_but_beyond_all_sizes_is_one_line(tmp_path, shape):
    (tmp_path / "file").write_bytes(entries(("x", "F32", shape)))
    with pytest.raises(DamagedRunError, match="file"):
        tensorfile.read(tmp_path / "file", "chargru.model/1")


def test_so_many_tensors_are_not_read(tmp_path):
    (tmp_path / "file").write_bytes(entries(*((f"x{i}", "F32", [0]) for i in range(tensorfile.MOST_TENSORS + 1))))
    with pytest.raises(DamagedRunError, match="holds 100,001 tensors, more than the 100,000 that are read"):
        tensorfile.read(tmp_path / "file", "chargru.model/1")


def test_a_document_is_checked_where_no_tensor_is_read(tmp_path):
    (tmp_path / "file").write_bytes(entries().replace(b": 1,", b":-1,"))
    with pytest.raises(DamagedRunError, match="its document says hidden_size is -1, which is less than 0"):
        tensorfile.read(tmp_path / "file", "chargru.model/1", tensors=False)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.safetensors")
    with pytest.raises(DamagedRunError, match="is not a file"):
        tensorfile.read(tmp_path / "model.safetensors", "chargru.model/1")
