"""What `chargru info --system` says: this machine, the versions here, and what runs a layer."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import chargru
from chargru.engine.native import build, precision
from chargru.model import Document

PACKAGES = ("torch", "numpy", "safetensors", "typer", "rich")


def describe() -> Document:
    """`chargru.system/1`. Builds the compiled layer if that was not done yet; imports no torch."""
    return {
        "schema": "chargru.system/1",
        "chargru": chargru.__version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "layer": build.description(),
        "bfloat16": precision.why_not() or precision.unit(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name, from Linux's own table where there is one."""
    table = Path("/proc/cpuinfo")
    lines = table.read_text().splitlines() if table.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
