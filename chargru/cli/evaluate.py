"""`chargru evaluate`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chargru import run
from chargru.cli import inputs, options, output, terminal
from chargru.cli.progress import Steps
from chargru.errors import SettingError
from chargru.model import Model

if TYPE_CHECKING:
    from chargru.insight.agreement import AgreementReport

Window = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Score independent windows of N characters, each from the zero state.",
        show_default="one stream, the state carried throughout",
    ),
]
Unknown = Annotated[
    Literal["error", "skip"], typer.Option(help="What to do with characters that the model does not know.")
]
Agreement = Annotated[
    bool,
    typer.Option(
        "--agreement",
        help="Instead: how often the right form of a verb, was or were, is the likelier one, by how far back its "
        "subject stands. FILE must be a text that `chargru corpus` wrote; without one new text is written.",
    ),
]
Corpus = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="With --agreement: the corpus, cats or village.", show_default="cats"),
]
Against = Annotated[
    str | None,
    typer.Option(metavar="RUN", help="With --agreement: another run, beside it on the same verbs.", show_default=False),
]
Format = Annotated[str, output.format_option("AgreementReport", "How figures are printed; csv with --agreement only.")]


def evaluate(
    files: options.Files = None,
    by_option: options.File = None,
    suffix: options.Suffix = None,
    checkpoint: options.Checkpoint = None,
    text: options.Text = None,
    window: Window = None,
    unknown: Unknown = "error",
    agreement: Agreement = False,
    corpus: Corpus = None,
    against: Against = None,
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    format: Format = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """Score a text: how well the model predicts each of its characters.

    Without FILE and --text it is the run's own validation split. The first character of a FILE has nothing before it
    and is not counted; that of the validation split is predicted from the end of the training text.

    Example: chargru evaluate novel.txt -c checkpoints/novel-001
    """
    if agreement:
        _fit(agreement, {"--window": window, "--unknown": None if unknown == "error" else unknown})
    else:
        _fit(agreement, {"--corpus": corpus, "--against": against})
        output.require_file("Evaluation", format, None, "score")
    named = inputs.files(files, by_option)
    model = inputs.model(checkpoint)
    texts = inputs.texts(text, named, encoding, suffix)
    if agreement:
        output.write(_agreement(model, texts, corpus, against, force or []), format)
        return
    from chargru import scoring

    with Steps("scoring", 0) as steps:
        found = scoring.evaluate(
            model,
            texts or None,
            window=window,
            force=force or [],
            unknown=unknown,
            on_window=steps.advance,
            on_more=steps.more,
            on_note=terminal.note,
        )
    output.write(found, format)


def _fit(agreement: bool, given: dict[str, object]) -> None:
    """Raises SettingError for an option that does not go with what is asked for."""
    for option, value in given.items():
        if value is not None:
            what = f"{option} does not go with --agreement" if agreement else f"{option} goes with --agreement only"
            raise SettingError(what, f"leave {option} out" if agreement else f"leave {option} out, or add --agreement")


def _agreement(
    model: Model, texts: list[tuple[str, str]], corpus: str | None, against: str | None, force: list[str]
) -> "AgreementReport":
    from chargru.insight.agreement import agreement as measure  # it brings the grammars

    other = None if against is None else run.load(against)
    with Steps("reading the verbs", 0) as steps:
        return measure(
            model,
            "".join(text for text, _ in texts) if texts else None,
            corpus=corpus,
            against=other,
            force=force,
            where=", ".join(name for _, name in texts),
            on_step=steps.advance,
            on_more=steps.more,
        )
