"""One self-contained file of tensors and a JSON document: written atomically, read with suspicion.

The file is safetensors; the document stands in its header under the single metadata key `chargru`. Nothing is
pickled. A file on disk is always whole: a new one is written beside it, flushed to the disk, and renamed over it.
"""

import contextlib
import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import save

from chargru import host
from chargru.errors import DamagedRunError, RunError, named

KEY = "chargru"
Document = dict[str, Any]
Tensors = Mapping[str, NDArray[Any]]
TEMPORARY = ".tmp"
DAMAGED = "use another run, or a backup of this file"
"""What to do about a file that does not hold what it must."""


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`; after a crash at any moment the old or the new content is there, whole.

    Raises RunError if the disk refuses; the old content stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:  # never through a link that somebody laid there
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        host.replace(temporary, path)
        host.flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        hint = f"make room or choose another {named('out')}; what was saved before is still there"
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            hint = f"make that folder first, or choose another {named('out')}"
        raise RunError(f"cannot write {path}: {error.strerror or error}", hint) from error


def is_temporary(path: Path) -> bool:
    """Whether a file is one that `write_atomically` was killed over."""
    return path.name.startswith(".") and path.suffix == TEMPORARY and not path.is_dir()


def write(path: Path, document: Document, tensors: Tensors) -> None:
    """Write tensors and document atomically. Raises RunError as `write_atomically` does."""
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    write_atomically(path, save(contiguous, metadata={KEY: json.dumps(document)}))


def read(path: Path, schema: str, *, tensors: bool = True) -> tuple[Document, dict[str, NDArray[Any]]]:
    """Read the document and (unless `tensors` is false) every tensor.

    Raises RunError if the file is not there, DamagedRunError if it may not be read, is not what `schema` says or
    holds a number that is not finite.
    """
    try:
        with safetensors.safe_open(path, framework="np") as file:
            document = _document(path, file.metadata(), schema)
            values = {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118
    except FileNotFoundError as error:  # safetensors raises it, too, for a file that may not be read
        if os.access(path, os.F_OK):
            raise DamagedRunError(f"{path} may not be read by you", "check its permissions") from error
        raise RunError(f"{path} does not exist") from error
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error
    except (safetensors.SafetensorError, TypeError, ValueError) as error:
        raise DamagedRunError(f"{path} is not a whole safetensors file ({error})", DAMAGED) from error
    for name, value in values.items():
        if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
            raise DamagedRunError(f"{path}: the tensor {name} holds numbers that are not finite", DAMAGED)
    return document, values


def is_one(path: Path) -> bool:
    """Whether a file is meant to be such a file, whole or damaged: by its name, or by how it begins."""
    if path.suffix == ".safetensors":
        return True
    try:
        with path.open("rb") as file:
            return file.read(9)[8:] == b"{"
    except OSError:
        return False


def _no_constant(name: str) -> None:
    raise ValueError(f"it holds {name}")


def _document(path: Path, metadata: Mapping[str, str] | None, schema: str) -> Document:
    if not metadata or KEY not in metadata:
        raise DamagedRunError(f"{path} was not written by chargru: its header has no key {KEY!r}", DAMAGED)
    try:
        document = json.loads(metadata[KEY], parse_constant=_no_constant)
    except ValueError as error:
        raise DamagedRunError(f"{path}: the document in its header is not JSON ({error})", DAMAGED) from error
    found = document.get("schema") if isinstance(document, dict) else None
    if found != schema:
        raise DamagedRunError(
            f"{path} has the schema {found!r}; this version reads {schema!r}", "it may need another version of chargru"
        )
    return dict(document)
