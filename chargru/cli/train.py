"""`chargru train`."""
# ruff: noqa: ARG001 -- settings are read from the context, which knows those that were given

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from chargru import bundled, host
from chargru.cli import inputs, options, output, terminal
from chargru.cli import train_options as setting
from chargru.errors import SettingError
from chargru.run import word_for
from chargru.run_summary import overfitting, training_summary
from chargru.training import train as library
from chargru.training.live import for_stream
from chargru.training.progress import TRAINING
from chargru.training.settings import DEFAULT_BUDGET, DEFAULTS


def train(
    context: typer.Context,
    files: options.Files = None,
    minutes: setting.Minutes = DEFAULT_BUDGET.amount,
    epochs: setting.Epochs = None,
    updates: setting.Updates = None,
    hidden_size: setting.HiddenSize = DEFAULTS.hidden_size,
    layers: setting.Layers = DEFAULTS.layers,
    reset: setting.Reset = DEFAULTS.reset,
    force: setting.Force = None,
    initial_memory: setting.InitialMemory = DEFAULTS.initial_memory,
    learning_rate: setting.LearningRate = DEFAULTS.learning_rate,
    batch_size: setting.BatchSize = DEFAULTS.batch_size,
    window: setting.Window = DEFAULTS.window,
    dropout: setting.Dropout = DEFAULTS.dropout,
    weight_drop: setting.WeightDrop = DEFAULTS.weight_drop,
    weight_decay: setting.WeightDecay = DEFAULTS.weight_decay,
    patience: setting.Patience = DEFAULTS.patience,
    seed: setting.Seed = DEFAULTS.seed,
    out: setting.Out = None,
    resume: setting.Resume = False,
    init_from: setting.InitFrom = None,
    validation_fraction: setting.ValidationFraction = DEFAULTS.validation_fraction,
    by_option: options.File = None,
    suffix: options.Suffix = None,
    encoding: options.Encoding = DEFAULTS.encoding,
    device: setting.Device = DEFAULTS.device,
    threads: setting.Threads = DEFAULTS.threads,
    precision: setting.Precision = DEFAULTS.precision,
    format: Annotated[str, output.format_option("TrainingSummary")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Train a GRU on text files, or on the bundled text if none is named.

    The weights with the best validation score are saved in the run's directory, which sample, trace and the others
    read. Ctrl-C saves and stops; --resume continues, and accepts only --device, --threads and a larger budget.

    Example: chargru train novel.txt --minutes 10
    """
    given = _given(context)
    texts = _texts(given.pop("files", None), given.pop("by_option", None))
    shown = for_stream()
    try:
        model = library.train(*texts, progress=shown, **given)
    except KeyboardInterrupt:
        terminal.doing(shown.doing, "" if shown.doing == TRAINING else "nothing was written")
        raise
    terminal.doing("telling how it went", f"the run is in {model.checkpoint}")
    found = training_summary(Path(str(model.checkpoint)))
    figures = found.report
    output.write(found, format)
    if format == "table":
        if sys.stdout.isatty() and sys.stderr.isatty():
            terminal.note("")
        if figures.init_from is not None and figures.best_update == 0 and figures.val_nats is not None:
            terminal.note("no update improved the validation score: the run keeps the weights it started with")
        if said := overfitting(Path(figures.checkpoint), setting.written):
            terminal.note(said)
        checkpoint = host.quoted(word_for(figures.checkpoint))
        terminal.note(f"read what it writes:  chargru sample -c {checkpoint}")
        terminal.note(f"see what it computes: chargru trace -c {checkpoint}")


def _texts(files: list[str] | None, by_option: list[str] | None) -> list[str]:
    """The files to train on. Raises SettingError if one of them is a run."""
    run = next((one for one in (*(files or ()), *(by_option or ())) if inputs.is_a_run(one)), None)
    if run in bundled.RUNS:
        raise SettingError(f"{run} is a run, not a text", "to train on its text leave FILE out: chargru train")
    if run is not None:
        hint = f"to go on with it: chargru train --resume --out {host.quoted(run)}"
        raise SettingError(f"{run} is a run, not a text", hint)
    return inputs.files(files, by_option)


def _given(context: typer.Context) -> dict[str, Any]:
    """What stands on the command line for the library, by the names of the parameters."""
    sources = {name: context.get_parameter_source(name) for name in context.params if name != "format"}
    return {name: context.params[name] for name, source in sources.items() if source and source.name != "DEFAULT"}
