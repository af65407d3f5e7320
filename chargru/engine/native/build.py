"""Builds `kernels.c` with the system's compiler at first use and loads it; never a requirement.

The library goes to the user's cache directory (`cache`), named after a hash of source, compiler, flags and processor,
so that a change of any of them builds anew. Whatever goes wrong (no compiler, a failed build, a directory
that cannot be written) leaves a reason in place of the library, and the torch operations do the work.

CHARGRU_COMPILER names the compiler (a command or a path), or is `none` to build nothing.
"""

import contextlib
import ctypes
import functools
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chargru import host
from chargru.engine.native import abi, cache, self_check
from chargru.engine.native.cache import UnavailableError

Real = Literal["float", "double", "bfloat16"]

VARIABLE = "CHARGRU_COMPILER"
SOURCE = Path(__file__).with_name("c") / "kernels.c"
COMMON_FLAGS = (
    "-O3",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
)
REAL_FLAGS: dict[Real, tuple[str, ...]] = {
    "float": ("-DREAL=float",),
    "double": ("-DREAL=double", "-DDOUBLE"),
    "bfloat16": ("-DREAL=float", "-DBFLOAT16"),  # the products alone
}
# gcc, for some processors, splits a lone chain of fused products, so that a small tile would round unlike a large one.
FUSED = "--param=avoid-fma-max-bits=0"
# Tried in turn, as not every compiler knows the first ones; without any, a processor with 128-bit vectors in its base
# set (ARM) still serves.
PROCESSOR_FLAGS: tuple[tuple[str, ...], ...] = (("-march=native", FUSED), ("-march=native",), ("-mcpu=native",), ())
UNKNOWN_FLAG = ("-march", "-mcpu", "option", "argument", "avoid-fma")
"""What a compiler's complaint of a flag has in it."""
BUILD_SECONDS = 120


@dataclass(frozen=True)
class Build:
    """What came of building for one type of operands: a library, or the reason why there is none.

    `chosen` is true where the user asked for none, so that nothing needs to be said about it.
    """

    library: ctypes.CDLL | None
    compiler: str = ""
    path: Path | None = None
    reason: str = ""
    chosen: bool = False


def library(real: Real) -> ctypes.CDLL | None:
    """The compiled kernels for `real`, built if need be; None where torch operations must do the work.

    The first failure in a process is logged once, as a warning with its reason.
    """
    made = build(real)
    if made.library is None and not made.chosen:
        _say_once("training uses torch operations, about half as fast as compiled code", made.reason)
    return made.library


def description() -> str:
    """One line that says what runs a layer here, for `chargru info --system`."""
    made = build("float")
    if made.library is None:
        return f"torch operations ({made.reason})"
    width = 32 * int(made.library.vector_width())
    return f"compiled, {width}-bit vectors, by {made.compiler} ({made.path})"


@functools.cache
def build(real: Real) -> Build:
    """Finds or makes the library for `real`; once a process. Raises nothing."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() == "none":
        return Build(None, reason=f"switched off by {VARIABLE}=none", chosen=True)
    if host.user_id() is None:  # nobody would know whose library it is; and no compiler was tried on Windows
        return Build(None, reason="compiled code is for Linux and macOS")
    try:
        command = find_compiler(chosen)
        version = compiler_version(command)
        found, path = _load(f"kernels-{real}-{_key(real, version)}", command, real)
        return Build(_checked(found, real), version, path)
    except UnavailableError as error:
        return Build(None, reason=str(error))
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:  # RuntimeError: there is no home
        return Build(None, reason=_one_line(str(error)))


def find_compiler(chosen: str = "") -> str:
    """The path of `chosen`, or of the first of cc, gcc and clang. Raises UnavailableError.

    Of PATH only the absolute directories count, so that no file of the current one is taken for a compiler.
    """
    if sys.platform == "darwin" and not chosen and not _has_command_line_tools():
        raise UnavailableError("no C compiler: xcode-select --install brings one")
    searched = os.pathsep.join(filter(os.path.isabs, os.environ.get("PATH", os.defpath).split(os.pathsep)))
    for name in (chosen,) if chosen else ("cc", "gcc", "clang"):
        if path := shutil.which(name, path=searched):
            return os.path.abspath(path)  # noqa: PTH100 -- a link stays: ccache is called by the compiler's name
    raise UnavailableError(f"{VARIABLE}: no command {chosen}" if chosen else "no C compiler: no cc, gcc or clang")


def compiler_version(command: str) -> str:
    """The first line of what `command --version` prints. Raises UnavailableError."""
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise UnavailableError(f"{command} --version failed: {_one_line(done.stderr)}")
    return done.stdout.strip().splitlines()[0]


def _load(stem: str, command: str, real: Real) -> tuple[ctypes.CDLL, Path]:
    """The library of this name and its path; builds it where there is none, or one that is not sound."""
    folder = cache.directory()
    for path in cache.kept(stem, folder):
        try:
            found = ctypes.CDLL(str(path))
        except OSError:
            path.unlink(missing_ok=True)
        else:
            with contextlib.suppress(OSError):
                os.utime(path)
            return found, path
    path = _compile(folder, stem, command, real)
    cache.remove_unused(folder)
    return ctypes.CDLL(str(path)), path


def _checked(library: ctypes.CDLL, real: Real) -> ctypes.CDLL:
    """The library, if its structs are Python's and it computes what the equations say. Raises UnavailableError.

    One that computes wrongly in bfloat16 is named in a log warning here, as the program then goes on in float32.
    """
    if mismatch := abi.declare(library, head=real != "bfloat16"):
        raise UnavailableError(mismatch)
    if not library.ready():
        raise UnavailableError("the system does not let the processor's bfloat16 units be used")
    if wrong := self_check.disagreement(library, real):
        if real == "bfloat16":
            _say_once("products are made in float32, not in bfloat16", wrong)
        raise UnavailableError(wrong)
    return library


def _compile(folder: Path, stem: str, command: str, real: Real) -> Path:
    """Builds into a temporary file and renames it, so that a process beside this one sees all or nothing; its path.

    The compiler runs in a directory of its own, where relative paths in variables such as CPATH find nothing.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=cache.BUILDING) as directory:
        made, reasons = Path(directory) / f"{stem}.so", []
        for processor in PROCESSOR_FLAGS:
            flags = (*COMMON_FLAGS, *processor, *REAL_FLAGS[real])
            done = subprocess.run(
                [command, *flags, "-o", str(made), str(SOURCE), "-lm"],
                capture_output=True,
                text=True,
                timeout=BUILD_SECONDS,
                check=False,
                cwd=directory,
            )
            if done.returncode == 0:
                return cache.keep(made, stem, folder)
            reasons.append(_one_line(done.stderr))
    # The last attempt fails on most processors, whatever was wrong: it asks for no wide vectors.
    first = next((reason for reason in reasons if not any(flag in reason for flag in UNKNOWN_FLAG)), reasons[-1])
    raise UnavailableError(f"{command} failed: {first}")


def _key(real: Real, version: str) -> str:
    """Sixteen hexadecimal digits that change with all that the library depends on."""
    flags = repr((COMMON_FLAGS, PROCESSOR_FLAGS, REAL_FLAGS[real]))
    sources = (path.read_text(encoding="utf-8") for path in sorted(SOURCE.parent.glob("*.[ch]")))
    parts = (*sources, version, flags, _processor())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _processor() -> str:
    """What tells processors apart that share a home directory: model and features of the first core."""
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout
    wanted = ("model name", "flags", "Features", "CPU part", "isa")
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        first = ""
    return "\n".join([platform.machine(), *(line for line in first.splitlines() if line.startswith(wanted))])


def _has_command_line_tools() -> bool:
    """Without them, macOS answers a call of `cc` with a window that asks to install them."""
    done = subprocess.run(["/usr/bin/xcode-select", "-p"], capture_output=True, timeout=10, check=False)
    return done.returncode == 0


def _one_line(text: str) -> str:
    """The line of a compiler's output that names the error, or the first one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no reason given"]
    return next((line for line in lines if "error" in line.lower()), lines[0])


@functools.cache
def _say_once(consequence: str, reason: str) -> None:
    logging.getLogger("chargru").warning("note: %s (%s)", consequence, reason)
