"""`chargru evaluate`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chargru import run
from chargru.cli import completion, inputs, options, output, terminal
from chargru.cli.progress import Steps
from chargru.errors import SettingError
from chargru.model import Model
from chargru.show.view import View

if TYPE_CHECKING:
    from chargru.insight.agreement import AgreementReport
    from chargru.insight.surprise import Surprise
    from chargru.scoring import Evaluation

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
        "subject stands. FILE must be a text that `chargru corpus` wrote; without one, new text is written.",
    ),
]
Corpus = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="With --agreement: the corpus, cats or village.",
        autocompletion=completion.words("cats", "village"),
        show_default="cats",
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="With --agreement: another run, beside it on the same verbs.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]
Highlight = Annotated[
    bool, typer.Option("--highlight", help="Show the text too, coloured by how surprising each character is, in bits.")
]
Characters = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="With --highlight: show only the first N characters; all are scored.",
        show_default="1,000; 20,000 of html",
    ),
]
Format = Annotated[
    str,
    output.format_option(
        "Surprise", "How figures are printed; csv with --highlight or --agreement, html with --highlight only."
    ),
]


def evaluate(
    files: options.Files = None,
    by_option: options.File = None,
    suffix: options.Suffix = None,
    text: options.Text = None,
    checkpoint: options.Checkpoint = None,
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    window: Window = None,
    unknown: Unknown = "error",
    highlight: Highlight = False,
    characters: Characters = None,
    agreement: Agreement = False,
    corpus: Corpus = None,
    against: Against = None,
    format: Format = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
    out: options.Out = None,
) -> None:
    """Score a text: how well the model predicts each of its characters.

    Without FILE and --text the run's own validation split is scored. The first character of a FILE has nothing before
    it and is not counted; that of the validation split is predicted from the end of the training text.

    Example: chargru evaluate novel.txt -c checkpoints/novel-001

    Example: chargru evaluate novel.txt --highlight
    """
    if agreement:
        others = {"--window": window, "--unknown": None if unknown == "error" else unknown}
        _fit("--agreement", {**others, "--highlight": highlight or None, "--characters": characters}, goes=False)
        output.require_file("AgreementReport", format, out, "agreement")
    else:
        _fit("--agreement", {"--corpus": corpus, "--against": against})
        _fit("--highlight", {} if highlight else {"--characters": characters})
        output.require_file("Surprise" if highlight else "Evaluation", format, out, "score")
    view = View(characters=characters)
    named = inputs.files(files, by_option)
    model = inputs.model(checkpoint)
    texts = inputs.texts(text, named, encoding, suffix)
    if agreement:
        output.write(_agreement(model, texts, corpus, against, force or []), format, out=out)
        return
    from chargru import scoring
    from chargru.insight.surprise import surprise

    with Steps("scoring", 0) as steps:
        found: Evaluation | Surprise = (surprise if highlight else scoring.evaluate)(
            model,
            texts or None,
            window=window,
            force=force or [],
            unknown=unknown,
            on_window=steps.advance,
            on_more=steps.more,
            on_note=terminal.note,
        )
    output.write(found, format, view, out)


def _fit(asked: str, given: dict[str, object], *, goes: bool = True) -> None:
    """Raises SettingError for an option that is given: one that goes with `asked` only, or one that does not."""
    for option, value in given.items():
        if value is not None:
            what = f"{option} goes with {asked} only" if goes else f"{option} does not go with {asked}"
            raise SettingError(what, f"leave {option} out" + (f", or add {asked}" if goes else ""))


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
