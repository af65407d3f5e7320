"""The commands in one application; here errors become one line and an exit code.

Exit codes: 0 done, 1 an error of ours, 2 wrong usage, 130 Ctrl-C or SIGTERM.
"""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import chargru
from chargru.cli import corpus, evaluate, info, sample, terminal, train
from chargru.errors import ChargruError, Interrupted


class Commands(TyperGroup):
    """The group of commands, in the order in which one uses them."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what the user can mend is one line on stderr, never a traceback."""
        terminal.prepare()
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except ChargruError as error:
            terminal.error(error.message, error.hint)
            raise typer.Exit(1) from None
        except Interrupted as stopped:
            if stopped.message:
                terminal.note(stopped.message)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            terminal.closed_pipe()
            raise typer.Exit(0) from None
        except MemoryError:
            terminal.error("there is not enough memory for this", "use a smaller text, model or number of lanes")
            raise typer.Exit(1) from None
        return value


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
    version: Annotated[  # noqa: ARG001 -- acts by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train a character-level GRU, sample from it, and see in numbers what its gates do."""


app.command("train")(train.train)
app.command("sample")(sample.sample)
app.command("evaluate")(evaluate.evaluate)
app.command("info")(info.info)
app.command("corpus")(corpus.corpus)


def main() -> None:
    """The console script."""
    app(prog_name="chargru")
