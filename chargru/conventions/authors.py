"""Who calls what by which letter: one `Convention` per author, and the table of who means what.

The course is Andrew Ng's, the lecture and the question are those whose slides and formulas learners bring along.
Sources: the manuals of PyTorch, Keras 3 and ONNX; Cho et al. 2014 (arXiv 1406.1078); Chung et al. 2014 (arXiv
1412.3555); d2l.ai.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from chargru.conventions.convention import Convention, Name
from chargru.conventions.expression import Symbol
from chargru.gru.weights import Reset
from chargru.shown import Shown

TORCH = Convention(
    name="torch",
    who="PyTorch",
    letters={"r": Symbol("r"), "z": Symbol("z"), "n": Symbol("n"), "h": Symbol("h")},
    suffixes={"r": "r", "z": "z", "n": "n"},
    tensors={"Wx": ("W", "i{}"), "bx": ("b", "i{}"), "Wh": ("W", "h{}"), "bh": ("b", "h{}")},
    angled=False,
    takes=False,
    resets=("after",),
    biases="two",
    meaning={
        "r": "reset gate: how much of the old state the candidate sees",
        "z": "update gate: how much of the old state stays (0 nothing, 1 all)",
        "n": "candidate: what the state could become",
        "h": "state: what is remembered, and read by whatever comes next",
    },
    notes=("The course writes gamma_r for r, gamma_u for 1 - z, c~ for n, c for h: see --convention course.",),
)
_TAKES = {**TORCH.meaning, "z": "update gate: how much of the candidate is taken (0 nothing, 1 all)"}

COURSE = Convention(
    name="course",
    who="the course",
    letters={"r": Symbol("gamma", "r"), "z": Symbol("gamma", "u"), "n": Symbol("c", tilde=True), "h": Symbol("c")},
    suffixes={"r": "r", "z": "u", "n": "c"},
    tensors={"Wx": ("W", "{}x"), "bx": ("b", "{}x"), "Wh": ("W", "{}c"), "bh": ("b", "{}c")},
    angled=True,
    takes=True,
    resets=("before",),
    biases="one",
    meaning={
        **_TAKES,
        "r": "relevance (reset) gate: how much of the old state the candidate sees",
        "h": "memory cell, the state: what is remembered",
    },
    notes=(
        (
            "The same network with other letters: c is PyTorch's h, c~ is n, gamma_r is r, and gamma_u is 1 - z, so "
            "the rows of z are negated: W_ux = -W_iz, b_ux = -b_iz, W_uc = -W_hz, b_uc = -b_hz."
        ),
        "The course writes [W_uc, W_ux] as one W_u, and b_uc + b_ux as one b_u; the same for r and c.",
    ),
)

# The others are a known one but for what is said.

CHO = replace(
    TORCH,
    name="cho",
    who="Cho et al. 2014",
    letters={"r": Symbol("r"), "z": Symbol("z"), "n": Symbol("h", tilde=True), "h": Symbol("h")},
    suffixes={"r": "r", "z": "z", "n": ""},
    tensors={"Wx": ("W", "{0}"), "bx": ("b", "i{1}"), "Wh": ("U", "{0}"), "bh": ("b", "h{1}")},
    resets=("before",),
    biases="none",
    notes=("Versions 1 and 2 of the paper reset after the product, as PyTorch does; version 3 before it, as here.",),
)

CHUNG = replace(
    CHO,
    name="chung",
    who="Chung et al. 2014",
    takes=True,
    meaning=_TAKES,
    notes=("The same letter, another meaning: z here is 1 - PyTorch's z, so the rows of z are negated.",),
)

LECTURE = replace(
    CHO,
    name="lecture",
    who="the lecture",
    resets=("after",),
    notes=("Its slide says that z = 0 ignores the previous hidden memory: the candidate still sees it, through r.",),
)

KERAS = replace(
    TORCH,
    name="keras",
    who="Keras 3",
    letters={"r": Symbol("r"), "z": Symbol("z"), "n": Symbol("hh"), "h": Symbol("h")},
    suffixes={"r": "r", "z": "z", "n": "h"},
    tensors={"Wx": ("W", "{}"), "bx": ("b0", "{}"), "Wh": ("U", "{}"), "bh": ("b1", "{}")},
    resets=("after", "before"),
    notes=(
        (
            "W is Keras' kernel (I, 3H), U its recurrent_kernel (H, 3H), both transposed against PyTorch's and packed "
            "z, r, h; b0 and b1 are the two rows of its bias. Moving weights over means reordering the gates."
        ),
        "reset_after=True, the default, is PyTorch's network; with reset_after=False b0 + b1 is one bias, 3H.",
    ),
)

ONNX = replace(
    KERAS,
    name="onnx",
    who="ONNX",
    letters={"r": Symbol("r"), "z": Symbol("z"), "n": Symbol("h"), "h": Symbol("H")},
    tensors={"Wx": ("W", "{}"), "bx": ("Wb", "{}"), "Wh": ("R", "{}"), "bh": ("Rb", "{}")},
    notes=(
        (
            "h is the candidate and H the state; W, R and B = [Wb, Rb] are packed z, r, h. linear_before_reset other "
            "than 0 resets after the product, as PyTorch does; the default 0 resets before it."
        ),
    ),
)

D2L = replace(
    TORCH,
    name="d2l",
    who="d2l.ai",
    letters={"r": Symbol("R"), "z": Symbol("Z"), "n": Symbol("H", tilde=True), "h": Symbol("H")},
    suffixes={"r": "r", "z": "z", "n": "h"},
    tensors={"Wx": ("W", "x{}"), "bx": ("b", "x{}"), "Wh": ("W", "h{}"), "bh": ("b", "h{}")},
    resets=("before",),
    biases="one",
    notes=("The book multiplies rows by matrices, X W_xr, and writes b_xr + b_hr as one b_r; the same for z and h.",),
)

CONVENTIONS: Mapping[Name, Convention] = {
    one.name: one for one in (TORCH, COURSE, CHO, CHUNG, KERAS, ONNX, LECTURE, D2L)
}


class Usage(NamedTuple):
    """One row of the table: who writes a GRU how, and by which name of `CONVENTIONS` it can be shown, if any."""

    name: Name | None
    who: str
    z_multiplies: str
    reset: str
    biases: str
    order: str

    def on(self, reset: Reset) -> str:
        """What it is to a network of one layer that resets so: "same", "sign", "b_hn" or "other", as NOTES explain."""
        if self.reset not in (reset, "either"):
            return "other"
        if self.z_multiplies == "candidate":
            return "sign"
        return "b_hn" if self.biases == "none" and reset == "after" else "same"


TABLE = (
    Usage("torch", "PyTorch, cuDNN", "old state", "after", "two 3H", "r, z, n"),
    Usage("keras", "Keras reset_after=True", "old state", "after", "(2, 3H)", "z, r, h"),
    Usage("keras", "Keras reset_after=False", "old state", "before", "3H", "z, r, h"),
    Usage("onnx", "ONNX (1)", "old state", "either", "6H", "z, r, h"),
    Usage(None, "Equinox, MLX", "old state", "after", "3H+b_hn", "r, z, n"),
    Usage(None, "Flax linen", "old state", "after", "3H+b_hn", "separate"),
    Usage(None, "Haiku", "candidate", "before", "3H", "z, r, a"),
    Usage("cho", "Cho et al. 2014 (2, 3)", "old state", "before", "none", "separate"),
    Usage("chung", "Chung et al. 2014 (3)", "candidate", "before", "none", "separate"),
    Usage("course", "Andrew Ng's course", "candidate", "before", "1 a gate", "separate"),
    Usage("lecture", "the lecture (3)", "old state", "after", "none", "separate"),
    Usage(None, "the question", "candidate", "before", "1 a gate", "separate"),
    Usage("d2l", "d2l.ai from scratch", "old state", "before", "1 a gate", "separate"),
)
"""Who means what; a row whose name is None is for reading other code."""

NOTES = (
    (
        "The last two columns: what it is to a network that resets after the product (PyTorch's) or before it. same: a "
        "renaming. sign: a renaming once the z rows of all four tensors are negated; the formula changed alone gives "
        "other numbers. b_hn: a renaming where b_hn is 0. other: another network, which no renaming and no change of "
        "sign gives; --convention NAME shows what it would compute from the same weights at each step."
    ),
    "(1) linear_before_reset other than 0 is after; the default 0 is before.",
    "(2) As quoted by PyTorch, Keras and Burn: version 3 of the paper; versions 1 and 2 reset after the product.",
    (
        "(3) Of one layer. Without biases, in layer 1 the columns of W absorb every bias but a b_hn that r multiplies; "
        "above layer 1 they absorb none, so a network of more layers is another one unless its biases there are 0."
    ),
)


@dataclass(frozen=True)
class ConventionList(Shown):
    """Who means what, with the notes on it."""

    rows: tuple[Usage, ...] = TABLE
    notes: tuple[str, ...] = NOTES
