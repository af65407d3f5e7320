"""The commands in one application; here errors become one line and an exit code.

Exit codes: 0 done, 1 an error of ours, 2 wrong usage, 130 Ctrl-C or SIGTERM.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import chargru
from chargru import host
from chargru.cli import (
    ablate,
    corpus,
    evaluate,
    gates,
    gradient,
    info,
    options,
    page,
    prove,
    runs,
    sample,
    terminal,
    trace,
    train,
)
from chargru.cli.sections import Sections
from chargru.errors import ChargruError, Interrupted
from chargru.training.signals import Ends

OTHERWISE = {
    "conventions": ("compare",),
    "indices": ("index",),
    "pattern": ("at",),
    "run": ("checkpoint",),
    "step": ("step", "jacobian", "weights"),
    "steps": ("step", "steps", "jacobian", "weights"),
    "text": ("text", "file", "files"),
}
"""Arguments of the library that are other parameters of a command: those of them that it has."""

CALLS = {
    "chargru.jacobian(model, step=...)": "chargru gradient --jacobian STEP",
    "chargru.runs()": "chargru runs",
    "chargru.train(out=...)": "chargru train --out RUN",
    "half=True": "--half",
    "resume=True": "--resume",
}
"""Calls of the library, and an argument whose option has no value, as one types them."""


class Commands(TyperGroup):
    """The group of commands, in the order in which one uses them."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what the user can mend is one line on stderr, never a traceback."""
        try:
            with Ends():
                return super().invoke(ctx)
        except ChargruError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            commands = [command, *getattr(command, "commands", {}).values()] if command else []
            terminal.error(*error.worded(wording([parameter for one in commands for parameter in one.params])))
            raise typer.Exit(1) from None
        except Interrupted as stopped:
            if stopped.message:
                terminal.note(stopped.message)
            if stopped.run is not None:
                terminal.note(f"go on with: chargru train --resume --out {host.quoted(stopped.run)}")
            raise typer.Exit(130) from None
        except KeyboardInterrupt:
            terminal.stopped()
            raise typer.Exit(130) from None
        except (MemoryError, RuntimeError) as error:
            if not isinstance(error, MemoryError) and "memory" not in str(error):  # torch's allocators
                raise
            terminal.error("there is not enough memory for this", "use a smaller text, model or number of lanes")
            raise typer.Exit(1) from None


def wording(parameters: Iterable[Any]) -> Callable[[str], str]:
    """How a command with these parameters puts an argument or a call of the library, for `ChargruError.worded`."""
    options = {parameter.name: _option(parameter) for parameter in parameters}

    def word(named: str) -> str:
        name, _, value = named.partition("=")
        own = " or ".join(options[one] for one in OTHERWISE.get(name, (name,)) if one in options)
        if named in CALLS or not own:
            return CALLS.get(named, f"`{named}`")
        return f"{own} {value}" if value else own

    return word


def _option(parameter: Any) -> str:
    """How a parameter is written: --lags, or FILE for one that is no option."""
    option = str(parameter.opts[0])
    return option if option.startswith("-") else str(parameter.metavar).strip("[].")


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"chargru {chargru.__version__}")
        raise typer.Exit


@app.callback()
def chargru_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    _no_pager: options.NoPager = False,
) -> None:
    """Train a character-level GRU, sample from it, and see in numbers what its gates do."""


app.command("train", cls=Sections, short_help="Train a GRU on your text.")(train.train)
app.command("sample", cls=Sections, short_help="Write text with a trained model.")(sample.sample)
app.command("trace", cls=Sections, short_help="Show what the gates computed, step by step.")(trace.trace)
app.command("gates", cls=Sections, short_help="Map the gates over a whole text: who holds, and where.")(gates.gates)
app.command("page", cls=Sections, short_help="Make one page to explore the network in, in a browser.")(page.page)
app.command("gradient", cls=Sections, short_help="Measure how far back the gradient reaches, and by which path.")(
    gradient.gradient
)
app.command("prove", short_help="Check what is true of every GRU on a trained one.")(prove.prove)
app.command("evaluate", short_help="Score a text in bits per character.")(evaluate.evaluate)
app.command("ablate", cls=Sections, short_help="Score a text without one part of the network at a time.")(ablate.ablate)
app.command("info", short_help="Show the runs, or one run's settings and figures.")(info.info)
app.add_typer(runs.app, name="runs", short_help="List, rename and remove runs.")
app.command("corpus", short_help="Write a text whose entropy is known.")(corpus.corpus)


def main() -> None:
    """Run a command. What the system refuses is one line too; a reader that has gone is no error."""
    terminal.prepare()
    code: object = 0
    try:
        try:
            app(prog_name="chargru", windows_expand_args=False)  # it would expand --text as well
        except SystemExit as stop:
            # Typer's sign of a closed pipe.
            code = 0 if type(sys.stdout).__name__ == "PacifyFlushWrapper" else stop.code
        sys.stdout.flush()
    except KeyboardInterrupt:
        terminal.stopped()
        code = 130
    except OSError as error:
        code = _refused(error)
    sys.exit(code)  # type: ignore[arg-type]


def _refused(error: OSError) -> int:
    """Say what the system refused, unless it is only that nobody reads any more; the exit code."""
    terminal.closed_pipe()
    if host.is_closed_pipe(error):
        return 0
    where = f"{error.filename}: " if error.filename else ""
    terminal.error(f"{where}{error.strerror or error}", "check the path, its permissions and the room on the disk")
    return 1
