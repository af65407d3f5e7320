"""`chargru prove`."""

from typing import Annotated

from chargru.cli import inputs, options, output, terminal
from chargru.cli.progress import Steps
from chargru.errors import ChargruError


def prove(
    given: options.Run = None,
    checkpoint: options.Checkpoint = None,
    text: options.Text = None,
    file: options.File = None,
    encoding: options.Encoding = "utf-8",
    format: Annotated[str, output.format_option("Proof")] = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """Check on a trained model what is true of every GRU, and that its file is as it was written.

    Identities are checked against torch in float64, each step from the recorded h_{t-1}. The exit code is 1 if one
    fails, or if the file does not match what it records of itself (a score, SHA-256). Without --text and --file it
    reads the text stored in the run.

    Example: chargru prove -c checkpoints/cats
    """
    model = inputs.model(checkpoint, given)
    content, where = inputs.text_named(text, file, encoding)
    terminal.note("loading torch ...")
    from chargru.insight.proof import prove as proofs
    from chargru.show.proof import complaint

    with Steps("proving", proofs.WORK) as steps:
        proof = proofs.prove(model, content, where=where, on_work=steps.advance)
    output.write(proof, format)
    if not proof.passed:
        raise ChargruError(*complaint(proof))
