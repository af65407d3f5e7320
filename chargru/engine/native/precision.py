"""In which precision a layer multiplies: float32, or bfloat16 where the processor has units for it.

In bfloat16 the operands of three products are rounded: h and W_hh of h W_hh^T, the gradients of the gates and
W_hh on the way back, and the gradients of the gates and h in dL/dW_hh. Sums, states, gates, gradients and
weights stay float32.
"""

import functools
from pathlib import Path
from typing import Literal

from chargru.engine.native import build
from chargru.errors import SettingError

Precision = Literal["fp32", "bf16", "auto"]
Resolved = Literal["fp32", "bf16"]
Bfloat16Unit = Literal["amx_bf16", "avx512_bf16"]

PROCESSOR = Path("/proc/cpuinfo")

# "auto" multiplies in bfloat16 from these hidden sizes on; docs/performance.md says what was measured. Constants
# rather than a timing, so that a run that is resumed goes on with the products it began with.
AUTO_FROM_TILES = 256
AUTO_FROM_VECTORS = {("AuthenticAMD", "26"): 96}  # by vendor and family; elsewhere it may be no faster


def resolve(precision: str, hidden_size: int) -> Resolved:
    """The precision of the products of a float32 layer on this processor. Raises SettingError.

    "auto" depends on the processor, the compiler and `hidden_size` alone. "bf16" raises where there is none.
    """
    if precision not in ("fp32", "bf16", "auto"):
        raise SettingError(f"no precision {precision!r}", "choose fp32, bf16 or auto")
    if precision == "bf16" and (reason := why_not()):
        raise SettingError(reason, "use the precision fp32")
    if precision == "auto":
        return "bf16" if is_faster(hidden_size) else "fp32"
    return "bf16" if precision == "bf16" else "fp32"


def is_faster(hidden_size: int) -> bool:
    """Whether products in bfloat16 were measured faster for this size on processors like this one."""
    if why_not():
        return False
    processor = first_core()
    vectors = AUTO_FROM_VECTORS.get((processor.get("vendor_id", ""), processor.get("cpu family", "")))
    least = AUTO_FROM_TILES if unit() == "amx_bf16" else vectors
    return least is not None and hidden_size >= least


def has_bf16() -> bool:
    """Whether a layer can multiply in bfloat16 here; builds the kernels if need be."""
    return not why_not()


@functools.cache
def why_not() -> str:
    """Why a layer cannot multiply in bfloat16 here, in one line; empty where it can."""
    if "avx512_bf16" not in first_core().get("flags", "").split():  # those with amx_bf16 have it too
        return "this processor has no bfloat16 units"
    made = build.build("bfloat16")
    if made.library is None:
        return f"no compiled products in bfloat16 ({made.reason})"
    return ""


def unit() -> Bfloat16Unit:
    """What multiplies in bfloat16; ask only where `has_bf16`."""
    library = build.build("bfloat16").library
    return "amx_bf16" if library is not None and library.tiles() else "avx512_bf16"


def first_core() -> dict[str, str]:
    """What Linux says of the first core, by its names; empty where there is nothing to read."""
    try:
        text = PROCESSOR.read_text(encoding="utf-8")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}
