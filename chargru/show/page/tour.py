"""The guided tour: six saved views of the bundled run on its own text, each with two sentences.

What the sentences say of these steps is true of the bundled weights alone, so another run or another text has no tour.
"""

from dataclasses import dataclass

from chargru import bundled
from chargru.errors import ChargruError
from chargru.insight.exploration import Exploration
from chargru.model import read_model


@dataclass(frozen=True)
class Stop:
    """A saved view, as the page's address writes it, and what there is to see; `see` is the id of that section."""

    title: str
    first: str
    second: str
    view: str
    see: str


STOPS = (
    Stop(
        "A unit that keeps",
        "At step 49 the candidate n of index 38 is -0.53, yet its state h stays 0.62: z is 1.00, and of "
        "h = (1 - z) n + z h_48 only the part z h_48 is left.",
        "That is why z near 1 keeps: wherever the map is bright in row 38, the unit goes on with what it had.",
        "step=49&index=38&gate=z",
        "cell",
    ),
    Stop(
        "One that is replaced",
        "One step earlier z of index 24 is 0.00, so its old state, 1.00, is gone, and the candidate, -1.00, takes "
        "its place.",
        "Its row in the map is dark nearly everywhere: it knows the last character or two, and nothing of the "
        "sentence's beginning.",
        "step=48&index=24&gate=z",
        "map",
    ),
    Stop(
        "The reset gate closed",
        "At the comma after “horses” index 38 is written anew, and r is 0.00: the candidate hears nothing of the "
        "old states, it is made of the comma alone.",
        "So r and z are two choices: r says what the candidate is made of, z whether it is taken. Were r 1 here, "
        "the old states would turn the candidate from -0.26 into 0.82.",
        "step=79&index=38&gate=r",
        "calculation",
    ),
    Stop(
        "The cat and the were",
        "Here the w of “were” is read, and the text is coloured by where the value of index 38 comes from: 93 % of "
        "it was written at that comma, 53 characters ago, across a dog and an empty gate.",
        "Index 38 holds the number of the subject: 0.6 after one cat, -0.2 after several horses; so the next "
        "character is e, for were, and not a, for was.",
        "step=132&index=38&colour=share",
        "text",
    ),
    Stop(
        "Force it and see it break",
        "Now r of index 38 is held open at the one step of that comma: the candidate hears the old states, 0.82 is "
        "written in place of -0.26, and z keeps the mistake for 53 characters.",
        "The network says was: e falls from 99 % to nothing. Let the gate go below, or drag another one.",
        "step=132&index=38&hold=r%5B38%5D%3D1%4079",
        "whatif",
    ),
    Stop(
        "The course’s letters",
        "The comma again, as the course writes it: its gamma_u multiplies the candidate, so gamma_u = 1 - z = 0.99 "
        "says “take” where z = 0.01 says “do not keep”.",
        "That is a renaming. Where r stands is not: in the course’s formula it multiplies the state before the "
        "product, which is another network, and the box says so.",
        "step=79&index=38&letters=course",
        "letters",
    ),
)
"""The six stops, in order."""


LONGEST = 135
"""The tour looks at no later step."""


def stops(found: Exploration) -> list[dict[str, object]]:
    """The stops as the payload has them; none unless it is the bundled run on its own text, with no gate held."""
    try:
        shipped = read_model(bundled.run_path())
    except ChargruError:  # an installation may have lost it
        return []
    same = found.model.document() == shipped.document() and not found.held and not found.half
    own = str(shipped.trace_text).startswith(found.text) and len(found.text) >= LONGEST
    return [_document(stop) for stop in STOPS] if same and own else []


def _document(stop: Stop) -> dict[str, object]:
    return {"title": stop.title, "sentences": [stop.first, stop.second], "view": stop.view, "see": stop.see}
