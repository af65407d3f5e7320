"""The trainer: one forward and backward, one update, and everything that a resumed run must get back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chargru import host
from chargru.documents import entry
from chargru.engine.engines import choose
from chargru.engine.layer import choose_precision
from chargru.engine.module import CharGRU, ModuleScorer
from chargru.errors import DamagedRunError, TrainingError, named
from chargru.gru import forcing
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, unpack
from chargru.model import WEIGHTS
from chargru.shown import quoted
from chargru.tensorfile import Header, check_types
from chargru.text.batches import Batches, Window
from chargru.training import memory
from chargru.training.schedule import learning_rate
from chargru.training.settings import Settings

BETAS = (0.9, 0.99)
STEP, MOMENTS = "step", ("exp_avg", "exp_avg_sq")
"""What AdamW keeps of a parameter, as torch calls it."""

DEVICES = ("cpu", "cuda", "mps")
"""What training is tried on. torch warns of some others, with a path, before it refuses them."""
Tensors = dict[str, NDArray[Any]]


@dataclass
class Position:
    """Where a run stands: what it has done, and which window comes next."""

    updates: int = 0
    epoch: int = 0
    index: int = 0
    seconds: float = 0.0
    """Wall-clock spent, validation included, over all sessions."""
    update_seconds: float = 0.0
    """The part of it spent in updates."""
    characters: int = 0
    """Characters trained on, repeats counted."""
    validated: int = 0
    """The update at which the last validation was done."""
    validated_seconds: float = 0.0
    waited: int = 0
    """Validations since the best one."""
    best_nats: float | None = None
    best_update: int = 0


@dataclass(frozen=True)
class Update:
    """What one update saw: the loss in nats before it, the gradient's norm before clipping, the rate used."""

    nats: float
    grad_norm: float
    learning_rate: float
    characters: int


@dataclass
class Trainer:
    """Model, optimiser, carried state and position.

    Raises TrainingError if the device cannot be had, SettingError if the precision cannot.
    """

    architecture: Architecture
    settings: Settings
    batches: Batches
    position: Position = field(default_factory=Position)

    def __post_init__(self) -> None:
        self.device = pick_device(self.settings.device)
        memory.require(self.architecture, self.batches.lanes, self.batches.window)
        if self.settings.threads:
            torch.set_num_threads(min(self.settings.threads, host.cores() or 1))
        torch.manual_seed(self.settings.seed)
        self.model = CharGRU(self.architecture, self.settings.dropout, self.settings.weight_drop)
        self.model.load(first_weights(self.architecture, self.settings))
        self.model.to(self.device)
        groups = self.model.parameter_groups(self.settings.weight_decay)
        self.optimiser = torch.optim.AdamW(groups, lr=self.settings.learning_rate, betas=BETAS, fused=True)
        self.state = self.model.zero_state(self.batches.lanes)
        engine = choose("auto", self.state[0])
        self.precision = choose_precision(self.settings.precision, engine, self.state[0])
        self.model.recurrent.precision = self.precision
        self.scorer = ModuleScorer(self.model)

    def forward_backward(self, window: Window) -> Tensor:
        """Gradients of the mean loss over a window; carries the state on. Returns the loss in nats."""
        if window.first:
            self.state = self.model.zero_state(self.batches.lanes)
        inputs_TB = torch.from_numpy(window.inputs_TB).to(self.device)
        targets_TB = torch.from_numpy(window.targets_TB).to(self.device)
        loss, state = self.model.loss(inputs_TB, targets_TB, self.state)
        self.state = state.detach()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def update(self, share: float) -> Update:
        """One step of the optimiser at this share of the budget.

        Raises TrainingError if loss or gradient is not finite, and the weights then stay as they were; or if the new
        weights are not.
        """
        position, settings = self.position, self.settings
        rate = learning_rate(settings.learning_rate, share)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        window = self.batches.window_at(position.epoch, position.index)
        loss = float(self.forward_backward(window))
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip))
        if not (np.isfinite(loss) and np.isfinite(norm)):
            raise not_finite(position.updates + 1, f"loss {loss:g}, gradient norm {norm:g}", settings)
        self.optimiser.step()
        self._advance()
        if rate > 1 or rate * settings.weight_decay > 2:  # else no weight grows by more than 10, and looking takes time
            self.require_finite()
        return Update(loss, norm, rate, window.inputs_TB.size)

    def require_finite(self) -> None:
        """Raises TrainingError if a weight is not finite."""
        if not all(bool(parameter.isfinite().all()) for parameter in self.model.parameters()):
            raise not_finite(self.position.updates, "a weight is not finite", self.settings)

    def _advance(self) -> None:
        position = self.position
        position.updates += 1
        position.characters += self.batches.lanes * self.batches.window
        position.index += 1
        if position.index == self.batches.windows_per_epoch:
            position.epoch, position.index = position.epoch + 1, 0

    @property
    def epochs(self) -> float:
        """Epochs done, with the fraction of the present one."""
        return self.position.epoch + self.position.index / self.batches.windows_per_epoch

    def tensors(self) -> Tensors:
        """Every tensor that the next update depends on. Raises TrainingError if one is not finite."""
        tensors: Tensors = {f"{WEIGHTS}{name}": value for name, value in self.model.export().items()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimiser.state.get(parameter, {}).items():
                tensors[f"optimiser.{key}.{name}"] = value.cpu().numpy().copy()
        tensors["state"] = self.state.cpu().numpy().copy()
        tensors["random.cpu"] = torch.get_rng_state().numpy().copy()
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.device).numpy().copy()
        for name, value in tensors.items():
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                raise not_finite(self.position.updates, f"{name} is not finite", self.settings)
        return tensors

    def load_tensors(self, tensors: Tensors) -> None:
        """Take back what `tensors` gave. Raises DamagedRunError if one is missing or has another shape."""
        try:
            weights = {name: value for name, value in tensors.items() if name.startswith(WEIGHTS)}
            self.model.load({name.removeprefix(WEIGHTS): value for name, value in weights.items()})
            for name, parameter in self.model.named_parameters():
                if self.position.updates:
                    moments = {key: tensors[f"optimiser.{key}.{name}"] for key in (STEP, *MOMENTS)}
                    self.optimiser.state[parameter] = {
                        key: _like(value, parameter, key) for key, value in moments.items()
                    }
            if tensors["state"].shape != tuple(self.state.shape):
                raise TypeError(f"state has shape {tensors['state'].shape}, but it must be {tuple(self.state.shape)}")
            self.state = self.state.copy_(torch.from_numpy(tensors["state"]))
            torch.set_rng_state(torch.from_numpy(tensors["random.cpu"]))
            if self.device.type == "cuda" and "random.cuda" in tensors:
                torch.cuda.set_rng_state(torch.from_numpy(tensors["random.cuda"]), self.device)
        except (KeyError, RuntimeError, TypeError) as error:
            raise DamagedRunError(f"the run's last state does not fit its settings ({error})") from error


def check_others(headers: Mapping[str, Header], *, updated: bool) -> None:
    """Raises DamagedRunError unless, beside the weights, a last state has just the tensors that training goes on with.

    Those of the optimiser, two moments of each weight's shape and one number of steps, are there once it has `updated`.
    """
    others = {name: header for name, header in headers.items() if not name.startswith(WEIGHTS)}
    weights = {name.removeprefix(WEIGHTS): headers[name].shape for name in headers.keys() - others.keys()}
    shapes = {f"optimiser.{key}.{name}": shape for name, shape in weights.items() for key in MOMENTS if updated}
    steps = {f"optimiser.{STEP}.{name}" for name in weights if updated}
    random = {"random.cpu", "random.cuda"}
    known = shapes.keys() | steps | {"state"} | random
    odd = sorted((known - {"random.cuda"} - others.keys()) | (others.keys() - known))
    if odd:
        raise DamagedRunError(f"the tensor {entry(odd[0])} is {'missing' if odd[0] in known else 'unexpected'}")
    check_types({name: header for name, header in others.items() if name not in random}, "F32")
    check_types({name: others[name] for name in random & others.keys()}, "U8")
    for name, shape in [*shapes.items(), *((step, (1,)) for step in steps)]:
        if (others[name].shape or (1,)) != shape:
            raise DamagedRunError(f"the tensor {name} has shape {others[name].shape}, but it must be {shape}")


def first_weights(architecture: Architecture, settings: Settings) -> Tensors:
    """What training starts from.

    A held gate is in the weights, and stays there: saturated, it gets a gradient of exactly 0; its rows are 0, so
    they do not decay; and biases never do (`weights.is_decayed`).
    """
    drawn = unpack(architecture, initialise(architecture, settings.seed, settings.initial_memory))
    return dict(forcing.hold(drawn, forcing.for_training(settings.force, architecture)).named())


def _like(value: NDArray[Any], parameter: Tensor, key: str) -> Tensor:
    tensor = torch.from_numpy(np.array(value)).to(parameter.device)
    return tensor if key == STEP else tensor.view_as(parameter).clone()


def not_finite(update: int, what: str, settings: Settings) -> TrainingError:
    """The error for a loss, a gradient or weights that are not finite."""
    rate = f"{named('learning_rate')} (it was {settings.learning_rate:g})"
    hint = f"start a new run with a smaller {rate}, or a smaller {named('window')} or {named('weight_decay')}"
    return TrainingError(f"training broke down at update {update}: {what}; the last good state was kept", hint)


def pick_device(name: str) -> torch.device:
    """The device of that name; "auto" is CUDA if there is one, else the CPU. Raises TrainingError."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind = name.partition(":")[0]
    if kind not in DEVICES:
        raise _no_device(name, f"it is none of {', '.join(DEVICES)}")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError, OverflowError, ValueError) as error:
        raise _no_device(name, re.split(r"\n|\. ", str(error))[0]) from error
    return device


def _no_device(name: str, why: str) -> TrainingError:
    return TrainingError(f"the device {quoted(name)} cannot be used here ({why})", f"try {named('device', 'cpu')}")
