"""A proof as lines of plain text of at most 80 columns, and as a document."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chargru.insight.proof.claim import Contrast, Drift, Identity, Proof
from chargru.show.characters import visible
from chargru.show.columns import WIDTH
from chargru.show.data import finite, json_text
from chargru.show.trace.parts import SMALLER, too_large
from chargru.show.view import View
from chargru.shown import counted

SCHEMA = "chargru.proof/1"
_CLAIM = 52

NO_RECORD = (
    "The file records no score. So it cannot be told whether its weights are those that were trained: identities hold "
    "for any weights, and would if two gates had been swapped."
)
NO_WEIGHTS = "It records no SHA-256 of its weights. So a changed weight that trace_text does not read cannot be told."
NO_DOCUMENT = (
    "It records no SHA-256 of its document. So it cannot be told whether val_nats, the settings, or a character of the "
    "vocabulary that trace_text lacks is still what was written."
)
_VERDICTS = {True: "holds", False: "FAILS"}
_UNDECIDED = "?"


def render(proof: Proof, _: View | None = None) -> str:
    """The whole proof."""
    return "\n".join(_lines(proof))


def _lines(proof: Proof) -> Iterator[str]:
    on = f"On {proof.characters} characters of {proof.where}, in float64; each step from the recorded h_{{t-1}}."
    yield from textwrap.wrap("".join(map(visible, on)), WIDTH)
    yield from ("", *_heading("Identities: true for any weights", "measured", "at most"))
    for one in proof.identities:
        verdict = _UNDECIDED if one.undecided else _VERDICTS[one.holds]
        yield from _row(one.claim, verdict, _number(one.difference), _number(one.tolerance))
    if any(one.undecided for one in proof.identities):
        said = too_large(f"what has a {_UNDECIDED} to be checked", proof.identities[0].rounding)
        yield from textwrap.wrap(f"{said[0].upper()}{said[1:]}.", WIDTH)
    yield from ("", *_heading("Contrasts: mistakes and other networks, without a verdict", "", "changes h"))
    for other in proof.contrasts:
        yield from _contrast(other)
    yield from ("", *_heading("Drift: two free replays, ours and torch's, without a verdict", "", "apart"))
    for drift in proof.drift:
        yield from _row(f"after {drift.steps} steps", "", "", _number(drift.difference))
    yield from ("", *_recorded(proof))


def _recorded(proof: Proof) -> Iterator[str]:
    if proof.held:
        held = ", ".join(proof.held)
        yield from textwrap.wrap(f"Nothing recorded is judged: the record is of the model without {held}.", WIDTH)
        return
    if proof.recorded is None:
        yield from textwrap.wrap(NO_RECORD, WIDTH)
        return
    recorded = proof.recorded
    yield from _heading("Recorded: what the file says of itself", "measured", "at most")
    for one in recorded.checks:
        yield from _row(one.claim, _VERDICTS[one.holds], _number(one.difference), _number(one.tolerance))
    if recorded.weights is not None:
        yield from _row("every weight, to the bit (SHA-256)", _VERDICTS[recorded.weights])
    if recorded.document is not None:
        yield from _row("every entry of its document (SHA-256)", _VERDICTS[recorded.document])
    yield from textwrap.wrap(NO_WEIGHTS if recorded.weights is None else "", WIDTH)
    yield from textwrap.wrap(NO_DOCUMENT if recorded.document is None else "", WIDTH)


def _heading(title: str, *columns: str) -> list[str]:
    return [f"{title:<60}" + "".join(f"{column:>10}" for column in columns), "─" * WIDTH]


def _contrast(one: Contrast) -> Iterator[str]:
    if one.visible:
        yield from _row(one.claim, "", "", _number(one.difference))
    else:
        yield from textwrap.wrap(
            f"{one.claim}: not visible on these weights", WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 10
        )


def _row(claim: str, verdict: str, *numbers: str) -> Iterator[str]:
    first, *more = textwrap.wrap(claim, _CLAIM, break_long_words=False)
    yield (f"  {verdict:<6}{first:<{_CLAIM}}" + "".join(f"{number:>10}" for number in numbers)).rstrip()
    yield from (f"          {line}" for line in more)


def _number(value: float) -> str:
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e3:
        return f"{value:.4f}"
    return f"{value:.1e}"


def as_json(proof: Proof, _: View | None = None) -> str:
    """`chargru.proof/1`; a number that is not finite is null, and holds nothing."""
    recorded = proof.recorded
    document = {
        "schema": SCHEMA,
        "checkpoint": proof.checkpoint,
        "text": proof.where,
        "characters": proof.characters,
        "passed": proof.passed,
        "identities": [_entry(one, holds=one.holds, undecided=one.undecided) for one in proof.identities],
        "contrasts": [_entry(one, visible=one.visible) for one in proof.contrasts],
        "drift": [_entry(one) for one in proof.drift],
        "recorded": None if recorded is None else [_entry(one, holds=one.holds) for one in recorded.checks],
        "weights_sha256_holds": None if recorded is None else recorded.weights,
        "document_sha256_holds": None if recorded is None else recorded.document,
    }
    return json_text(document, indent=2)


def _entry(one: Identity | Contrast | Drift, **verdict: bool) -> dict[str, Any]:
    return {**asdict(one), "difference": finite(one.difference), **verdict}


def complaint(proof: Proof) -> tuple[str, str]:
    """What is wrong with a proof that did not pass, in one line, and what to do."""
    failed = [one.claim for one in proof.identities if not (one.holds or one.undecided)]
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    if failed:
        return f"not true here: {failed[0]}{more}", "please report it, with the run's model.safetensors"
    recorded = proof.recorded
    if recorded is None or recorded.holds:
        undecided = counted(sum(one.undecided for one in proof.identities), "identity", "identities")
        return too_large(f"{undecided} to be checked", proof.identities[0].rounding), SMALLER
    hint = "use a backup of the file, or train again"
    if recorded.weights is not False and recorded.document is False:
        return "the document in this file is not the one that was written: its vocabulary, say, or a score", hint
    if recorded.weights:
        return "the weights are those that were trained, but the score or the state that the file records is not", hint
    return "the weights in this file are not those that were trained: what it records of them is not so", hint
