"""The help of the commands, as plain text: commands in groups, options in sections, most used first."""

import inspect
import shutil
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from chargru.cli import completion, mistyped, terminal

GROUPS = {
    "Train and write": ("train", "sample"),
    "Look inside": ("trace", "page", "gates", "gradient"),
    "Measure": ("evaluate", "ablate", "prove", "corpus"),
    "Your runs": ("info", "runs"),
}
"""Of `chargru --help`. The commands of another group of commands stand under one title."""

TITLES = {
    "train": {
        "files": "Text",
        "minutes": "Budget",
        "hidden_size": "Model",
        "learning_rate": "Learning",
        "out": "Run and data",
        "device": "Machine",
        "format": "Output",
    },
    "sample": {
        "prime": "What is made",
        "temperature": "How a character is drawn",
        "checkpoint": "Model",
        "format": "Output",
    },
    "trace": {
        "step": "What is traced",
        "index": "What is shown",
        "convention": "Letters and formats",
        "check": "Checks",
    },
    "gates": {
        "gate": "What is shown",
        "match": "What is asked",
        "text": "Text and model",
        "format": "Output",
    },
    "page": {"text": "What is explored", "force": "How it opens", "half": "The file"},
    "ablate": {"files": "What is scored", "retrain": "Training instead", "format": "Output"},
    "gradient": {
        "lags": "What is measured",
        "jacobian": "One step instead",
        "text": "Text and model",
        "format": "Output",
    },
    "evaluate": {
        "files": "What is scored",
        "window": "How it is scored",
        "highlight": "Character by character too",
        "agreement": "Agreement of verbs instead",
        "format": "Output",
    },
    "prove": {"given": "Model and text", "format": "Output"},
    "info": {"given": "What is shown", "format": "Output"},
    "corpus": {"name": "What is written", "format": "Output"},
    "rename": {"given": "Names", "help": "Options"},
    "rm": {"given": "Runs", "yes": "Options"},
    "prune": {"keep_best": "What is kept", "yes": "How", "format": "Output"},
}
"""By command. A section goes on to the next title; the options stand in the order of the command's signature."""

READ = ("files", "by_option", "file")
"""Parameters that are texts to read."""

FIRST_COLUMN = 30
"""Cells of what is explained, at most, on a screen of 80 columns; on a narrower one so much less."""
NARROWEST = 40
"""Columns for which help is laid out at least."""

Records = Sequence[tuple[str, str]]


class Sections(TyperCommand):
    """A command whose help has TITLES."""

    def get_params(self, ctx: Any) -> Any:
        """Arguments and options, --help among them."""
        return completion.unread(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless it would write over a text that it reads."""
        from chargru.cli import inputs, output

        read = [file for name in READ for file in ctx.params.get(name) or ()]
        if any(one.name == "out" and one.metavar == "FILE" for one in self.params):  # that of train is a new directory
            inputs.require_apart(ctx.params["out"], read)
            if not any(one.name == "out" and one.required for one in self.params):  # that of corpus is a text
                output.follow_ending(ctx)
        return super().invoke(ctx)

    def get_help(self, ctx: Any) -> str:
        """The help, also on a screen of less than 50 columns."""
        return _fitting(ctx, super().get_help)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the sections as plain text: rich would read h_t[i] as markup."""
        sections: dict[str, list[tuple[str, str]]] = {}
        title = "Options"
        for parameter in self.get_params(ctx):
            title = TITLES[str(self.name)].get(parameter.name, title)
            record = parameter.get_help_record(ctx)
            if record is not None:
                name = parameter.metavar if parameter.param_type_name == "argument" else record[0]
                sections.setdefault(title, []).append((name, record[1]))
        for title, records in sections.items():
            with formatter.section(title):
                _write(formatter, records)


class Groups(TyperGroup):
    """A group of commands whose help shows the commands first, in GROUPS as far as these name them."""

    short_helps: dict[str, str] | None = None
    """What each command is for, where that is known without loading it."""

    def get_params(self, ctx: Any) -> Any:
        """Arguments and options, --help among them."""
        return completion.unread(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of the first word; one that there is not is one line on stderr, with the one that was meant."""
        if args and not ctx.resilient_parsing and args[0] not in self.commands and not args[0].startswith("-"):
            terminal.error(*mistyped.no_command(args[0], str(ctx.command_path), list(self.commands)))
            raise typer.Exit(2)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """What Tab offers: the commands, or options where one was begun."""
        said = [completion.Item(*one) for one in self._said().items() if one[0].startswith(incomplete)]
        return [*said, *super(TyperGroup, self).shell_complete(ctx, incomplete)]

    def _said(self) -> dict[str, str]:
        return self.short_helps or {name: one.get_short_help_str() for name, one in self.commands.items()}

    def get_help(self, ctx: Any) -> str:
        """The help, also on a screen of less than 50 columns."""
        return _fitting(ctx, super().get_help)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- typer's
        """Write what the group is for, right below its usage."""
        with formatter.indentation():
            formatter.write_text(inspect.cleandoc(self.help or ""))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write commands and options; without blank lines between them, so that a screen holds it all."""
        names = {name for group in GROUPS.values() for name in group}
        groups = GROUPS if names == set(self.commands) else {"Commands": tuple(self.commands)}
        commands = {title: [(name, self._said()[name]) for name in group] for title, group in groups.items()}
        found = (parameter.get_help_record(ctx) for parameter in self.get_params(ctx))
        options = [record for record in found if record is not None]
        formatter.write_paragraph()
        for title, records in {**commands, "Options": options}.items():
            formatter.write_heading(title)
            with formatter.indentation():
                _write(formatter, records)


def _fitting(ctx: Any, get_help: Any) -> str:
    """What get_help writes, laid out for a narrow screen where it is one."""
    columns = shutil.get_terminal_size().columns
    if ctx.terminal_width is None and columns < 52:  # which typer takes for the least there is
        ctx.terminal_width = max(columns, NARROWEST) - 1
    return str(get_help(ctx))


def _write(formatter: Any, records: Records) -> None:
    """Write what is explained and the explanations beside it; choices are broken where they are too wide."""
    width = formatter.width - formatter.current_indent
    column = min(FIRST_COLUMN, width * FIRST_COLUMN // 76)
    formatter.write_dl([("\n".join(_broken(name, width)), said) for name, said in records], col_max=column)


def _broken(name: str, width: int) -> list[str]:
    """The name of an option in lines of at most `width` characters, broken after one of its choices."""
    if len(name) <= width:
        return [name]
    lines, indent = [""], " " * 6
    for piece in name.replace("|", "|\n").split("\n"):
        if len(lines[-1]) + len(piece) > width:
            lines.append(indent)
        lines[-1] += piece
    return lines
