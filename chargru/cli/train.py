"""`chargru train`."""

import contextlib
import ctypes
import os
import shlex
from typing import Literal

from chargru.cli import key_values, options, terminal
from chargru.cli import train_options as setting
from chargru.errors import SettingError
from chargru.training.settings import DEFAULT_BUDGET, DEFAULTS, budget
from chargru.training.signals import sigterm_as_ctrl_c

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h


def train(
    files: options.Files = None,
    out: setting.Out = None,
    resume: setting.Resume = False,
    minutes: setting.Minutes = None,
    epochs: setting.Epochs = None,
    updates: setting.Updates = None,
    hidden_size: setting.HiddenSize = None,
    reset: setting.Reset = None,
    force: setting.Force = None,
    layers: setting.Layers = None,
    batch_size: setting.BatchSize = None,
    window: setting.Window = None,
    learning_rate: setting.LearningRate = None,
    weight_decay: setting.WeightDecay = None,
    dropout: setting.Dropout = None,
    weight_drop: setting.WeightDrop = None,
    validation_fraction: setting.ValidationFraction = None,
    patience: setting.Patience = None,
    seed: setting.Seed = None,
    precision: setting.Precision = None,
    device: setting.Device = None,
    threads: setting.Threads = None,
    encoding: setting.Encoding = None,
    format: options.Format = "table",  # noqa: A002 -- the option's name
) -> None:
    """Train a GRU on text files, or on the bundled text if none is named.

    The best weights by validation land in the run's directory, where sample, trace, evaluate and info find them.
    Ctrl-C saves and stops; --resume goes on, and accepts only --device, --threads and a larger budget.

    Example: chargru train novel.txt --minutes 10
    """
    given = {
        "hidden_size": hidden_size,
        "layers": layers,
        "reset": reset,
        "force": tuple(force) if force else None,
        "batch_size": batch_size,
        "window": window,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "dropout": dropout,
        "weight_drop": weight_drop,
        "validation_fraction": validation_fraction,
        "patience": patience,
        "seed": seed,
        "precision": precision,
        "encoding": encoding,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if resume and chosen:
        option = "--" + next(iter(chosen)).replace("_", "-")
        hint = "--resume accepts --device, --threads and a larger budget; for other settings start a new run"
        raise SettingError(f"{option} cannot change when a run goes on", hint)
    hardware = {name: value for name, value in (("device", device), ("threads", threads)) if value is not None}
    allowed = budget(minutes, epochs, updates)
    settings = DEFAULTS.replace(**chosen, **hardware)
    terminal.note("loading torch ...")
    # Threads that spin at a barrier stand still for milliseconds when another program takes one of their cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    keep_freed_memory()
    with sigterm_as_ctrl_c():
        from chargru.training import begin, progress

        shown, texts = progress.for_stream(), files or ()
        if resume:
            report = begin.resume(out, paths=texts, budget=allowed, device=device, threads=threads, progress=shown)
        else:
            report = begin.start(texts, settings=settings, budget=allowed or DEFAULT_BUDGET, out=out, progress=shown)
    _print(report.to_document(), format)


def keep_freed_memory() -> None:
    """Have the C library keep what is freed, where it is glibc.

    An update frees some blocks of a few MiB and asks for the same again. glibc gave them back to the system in
    between: 3,600 page faults an update at H = 256, B = 64, T = 128.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(M_TRIM_THRESHOLD, 512 << 20)
        set_option(M_MMAP_THRESHOLD, 32 << 20)  # the most it takes


def _print(document: dict[str, object], format: Literal["table", "json"]) -> None:  # noqa: A002
    if format == "json":
        terminal.json_result(document)
        return
    key_values.show([(name, _shown(value)) for name, value in document.items() if name != "schema"])
    checkpoint = shlex.quote(str(document["checkpoint"]))
    terminal.note(f"read what it writes:  chargru sample -c {checkpoint}")
    terminal.note(f"see what it computes: chargru trace -c {checkpoint}")


def _shown(value: object) -> str:
    if value is None:
        return "not validated"
    if isinstance(value, float):
        return f"{value:.4f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
