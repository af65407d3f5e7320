"""The help of a command with many options, in sections: `{first parameter of a section: its title}`."""

from typing import Any

from typer.core import TyperCommand

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
}
"""By command. A section goes on to the next title; the options stand in the order of the command's signature."""


class Sections(TyperCommand):
    """A command whose help has TITLES."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the sections as plain text: rich would read h_t[i] as markup."""
        sections: dict[str, list[tuple[str, str]]] = {}
        title = "Options"
        for parameter in self.get_params(ctx):
            title = TITLES[str(self.name)].get(parameter.name, title)
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)
