"""What `chargru info --system` says: this machine, the versions here, and what runs a layer."""

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import ClassVar

import chargru
from chargru import host
from chargru.engine.native import build, precision
from chargru.shown import Shown


@dataclass(frozen=True)
class System(Shown):
    """Versions, None for what is not installed; the machine; `layer` and `bfloat16` say what runs a layer."""

    schema: ClassVar = "chargru.system/1"

    chargru: str
    python: str
    torch: str | None
    numpy: str | None
    safetensors: str | None
    typer: str | None
    rich: str | None
    system: str
    processor: str
    cores: int | None
    layer: str
    bfloat16: str


def describe() -> System:
    """Describe this machine. Builds the compiled layer if that was not done yet; imports no torch."""
    return System(
        chargru=chargru.__version__,
        python=platform.python_version(),
        **{package: _version(package) for package in ("torch", "numpy", "safetensors", "typer", "rich")},
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=host.cores(),
        layer=build.description(),
        bfloat16=precision.why_not() or precision.unit(),
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name, from Linux's own table where there is one."""
    table = Path("/proc/cpuinfo")
    lines = table.read_text(encoding="utf-8").splitlines() if table.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
