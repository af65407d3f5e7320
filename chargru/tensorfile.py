"""One self-contained file of tensors and a JSON document: written atomically, read with suspicion.

The file is safetensors; the document stands in its header under the single metadata key `chargru`. Nothing is
pickled. A file on disk is always whole: a new one is written beside it, flushed to the disk, and renamed over it.
"""

import contextlib
import errno
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import save

from chargru import documents, host
from chargru.errors import ChargruError, DamagedRunError, RunError, named
from chargru.shown import in_short

KEY = "chargru"
Document = dict[str, Any]
Tensors = Mapping[str, NDArray[Any]]
TEMPORARY = ".tmp"
MOST_TENSORS = 100_000
"""Of a file: a last state of 6,000 layers has fewer."""

DAMAGED = "use another run, or a backup of this file"
"""What to do about a file that does not hold what it must."""


class NotFlushedError(RunError):
    """A file is written, but the disk refuses to flush its directory: after a loss of power it may be the old one."""


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`; after a crash at any moment the old or the new content is there, whole.

    Raises RunError if the disk refuses; the old content stays, unless it is a NotFlushedError.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:  # never through a link that somebody laid there
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        host.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        hint = f"make room or choose another {named('out')}; what was saved before is still there"
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = f"allow writing there; a new run can be elsewhere: {named('out')}"
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            hint = f"make that folder first, or choose another {named('out')}"
        raise RunError(f"cannot write {path}: {error.strerror or error}", hint) from error
    try:
        host.flush_folder(path.parent)
    except OSError as error:
        what = f"{path} is written, but its directory cannot be flushed to the disk: {error.strerror or error}"
        raise NotFlushedError(what, "check that disk; a loss of power could undo it") from error


def is_temporary(name: str, of: Iterable[str]) -> bool:
    """Whether `write_atomically` gives this name to what it writes before it is one `of` these files."""
    return any(re.fullmatch(rf"\.{re.escape(one)}\.\d+{re.escape(TEMPORARY)}", name, re.ASCII) for one in of)


def write(path: Path, document: Document, tensors: Tensors) -> None:
    """Write tensors and document atomically. Raises RunError as `write_atomically` does."""
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    write_atomically(path, save(contiguous, metadata={KEY: json.dumps(document)}))


@dataclass(frozen=True)
class Header:
    """What a file says of a tensor before its numbers are read: its type as safetensors calls it, and its shape."""

    dtype: str
    shape: tuple[int, ...]


Fits = Callable[[Document, Mapping[str, Header]], None]
"""Raises a ChargruError, without the file's name, if the tensors are not those that the document asks for."""


def read(
    path: Path, schema: str, *, tensors: bool = True, fits: Fits | None = None
) -> tuple[Document, dict[str, NDArray[Any]]]:
    """Read the document and (unless `tensors` is false) every tensor, once the document is found good and they fit it.

    Raises RunError if the file is not there, DamagedRunError if it may not be read, is not what `schema` says or
    holds a number that is not finite.
    """
    if _is_no_file(path):  # opening a pipe would wait
        raise DamagedRunError(f"{path} is not a file", DAMAGED)
    try:
        with safetensors.safe_open(path, framework="np") as file:
            document = _document(path, file.metadata(), schema)
            return document, _tensors(path, file, document, fits) if tensors else {}
    except FileNotFoundError as error:  # safetensors raises it, too, for a file that may not be read
        if os.access(path, os.F_OK):
            raise DamagedRunError(f"{path} may not be read by you", "check its permissions") from error
        raise RunError(f"{path} does not exist") from error
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error
    except (safetensors.SafetensorError, TypeError, ValueError) as error:
        raise DamagedRunError(f"{path} is not a whole safetensors file ({error})", DAMAGED) from error


def _is_no_file(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:  # opening it says so
        return False


def _tensors(path: Path, file: Any, document: Document, fits: Fits | None) -> dict[str, NDArray[Any]]:
    names = list(file.keys())
    if len(names) > MOST_TENSORS:
        raise DamagedRunError(
            f"{path} holds {len(names):,} tensors, more than the {MOST_TENSORS:,} that are read", DAMAGED
        )
    slices = {name: file.get_slice(name) for name in names}
    headers = {name: Header(str(one.get_dtype()), tuple(one.get_shape())) for name, one in slices.items()}
    try:
        if fits is not None:
            fits(document, headers)
        return {name: _tensor(file, name, header) for name, header in headers.items()}
    except ChargruError as error:
        said = in_short(error.message, documents.LONGEST_LINE)
        raise DamagedRunError(f"{path}: {said}", DAMAGED) from error


def _tensor(file: Any, name: str, header: Header) -> NDArray[Any]:
    try:
        value: NDArray[Any] = file.get_tensor(name)
    except (AttributeError, KeyError, TypeError) as error:  # a type that NumPy does not have
        raise DamagedRunError(
            f"the tensor {documents.entry(name)} is {header.dtype}, which is not supported"
        ) from error
    if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
        raise DamagedRunError(f"the tensor {documents.entry(name)} holds numbers that are not finite")
    return value


def check_types(headers: Mapping[str, Header], dtype: str) -> None:
    """Raises DamagedRunError for a tensor of another type than `dtype`, which is as safetensors calls it: F32, U8."""
    for name, header in headers.items():
        if header.dtype != dtype:
            raise DamagedRunError(f"the tensor {documents.entry(name)} is {header.dtype}, but it must be {dtype}")


def is_one(path: Path) -> bool:
    """Whether a file is meant to be such a file, whole or damaged: by its name, or by how it begins."""
    if path.suffix == ".safetensors":
        return True
    try:
        with path.open("rb") as file:
            return file.read(9)[8:] == b"{"
    except OSError:
        return False


def _document(path: Path, metadata: Mapping[str, str] | None, schema: str) -> Document:
    if not metadata or KEY not in metadata:
        raise DamagedRunError(f"{path} was not written by chargru: its header has no key {KEY!r}", DAMAGED)
    try:
        document = documents.parse(metadata[KEY])
    except ValueError as error:
        raise DamagedRunError(f"{path}: the document in its header cannot be read: {error}", DAMAGED) from error
    found = document.get("schema") if isinstance(document, dict) else None
    if found != schema:
        raise DamagedRunError(
            f"{path} has the schema {documents.entry(repr(found))}; this version reads {schema!r}",
            "it may need another version of chargru",
        )
    try:
        documents.check(document, documents.SCHEMAS[schema])
    except DamagedRunError as error:
        raise DamagedRunError(f"{path}: {error.message}", DAMAGED) from error
    return dict(document)
