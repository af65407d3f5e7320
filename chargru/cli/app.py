"""The commands in one application; here errors become one line and an exit code.

Exit codes: 0 done, 1 an error of ours, 2 wrong usage, 130 Ctrl-C or SIGTERM.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any

import typer

import chargru
from chargru import host
from chargru.cli import completion, mistyped, options, terminal
from chargru.cli.sections import Groups, Sections
from chargru.errors import ChargruError, Interrupted
from chargru.training.signals import Ends

COMMANDS = {
    "train": "Train a GRU on your text.",
    "sample": "Write text with a trained model.",
    "trace": "Show what the gates computed, step by step.",
    "page": "Explore the network in a browser.",
    "gates": "Map the gates over a whole text.",
    "gradient": "Measure how far back the gradient reaches.",
    "evaluate": "Score a text in bits per character.",
    "ablate": "Score a text without parts of the network.",
    "prove": "Check what is true of every GRU.",
    "corpus": "Write a text whose entropy is known.",
    "info": "Show the runs, or what a run holds.",
    "runs": "List, rename and remove runs.",
}
"""In the order of the help: a command is the function of this name in the file of this name, loaded when it is used."""

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
    "chargru.runs()": "chargru info",
    "chargru.train(out=...)": "chargru train --out RUN",
    "half=True": "--half",
    "resume=True": "--resume",
}
"""Calls of the library, and an argument whose option has no value, as one types them."""


class Loaded(MutableMapping[str, Any]):
    """The commands by name, each loaded when it is first asked for: most of them need NumPy, and help needs none."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _command(name, COMMANDS[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _command(name: str, short_help: str) -> Any:
    """Load a command, or a group of commands, which has an `app` of its own."""
    module = import_module(f"chargru.cli.{name}")
    found = getattr(module, "app", None)
    if found is None:
        found = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
        found.command(name, cls=Sections, short_help=short_help)(getattr(module, name))
    return typer.main.get_command(found)


class Commands(Groups):
    """The group of commands."""

    def __init__(self, **known: Any) -> None:
        super().__init__(**known)
        self.commands = Loaded()
        self.short_helps = COMMANDS

    def get_params(self, ctx: Any) -> Any:
        """The options before a command; typer adds its own after the group has been made."""
        found = super().get_params(ctx)
        completion.calm(found)
        return found

    def make_context(self, *known: Any, **more: Any) -> Any:
        """Read the options before a command; one that is mistyped is one line on stderr."""
        try:
            with mistyped.refused():
                return super().make_context(*known, **more)
        except KeyboardInterrupt:
            terminal.stopped()
            raise typer.Exit(130) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what the user can mend is one line on stderr, never a traceback."""
        try:
            with Ends(), mistyped.refused():
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
        except ImportError as error:
            if "torch" not in f"{error.name} {error.path}":
                raise
            terminal.error(f"torch cannot be loaded: {error}", "give it more memory, or install it again")
            raise typer.Exit(1) from None
        except (MemoryError, RuntimeError) as error:
            if not isinstance(error, MemoryError) and "memory" not in str(error):  # torch's allocators
                raise
            hint = "use a shorter text; to train, a smaller --hidden-size or --batch-size"
            terminal.error("there is not enough memory for this", hint)
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
    """Train a character-level GRU, and see in numbers what its gates do."""


def main() -> None:
    """Run a command. What the system refuses is one line too; a reader that has gone is no error."""
    terminal.prepare()
    completion.prepare()
    code: object = 0
    try:
        try:
            app(prog_name="chargru", windows_expand_args=False)  # it would expand --text as well
        except Exception:
            if not completion.asked():
                raise
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
