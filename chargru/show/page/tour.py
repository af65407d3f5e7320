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
        "At step 49 the candidate n of index 38 is -0.53, yet its state h stays at 0.62. z is 1.00 there, so the "
        "candidate is multiplied by 0 and the old state by 1.",
        "So z near 1 means “keep”: wherever the text is bright, index 38 keeps its value.",
        "step=49&index=38&gate=z",
        "cell",
    ),
    Stop(
        "A unit that is replaced",
        "One step earlier z of index 24 is 0.00. Its old state, 1.00, is multiplied by 0, and the candidate, -1.00, "
        "takes its place.",
        "The text is dark nearly everywhere: this index remembers the last character or two, and nothing from the "
        "beginning of the sentence.",
        "step=48&index=24&gate=z",
        "cell",
    ),
    Stop(
        "The reset gate closed",
        "At the comma after “horses” index 38 is rewritten, and its r is 0.00. So the candidate does not see the old "
        "state and depends on the comma alone.",
        "So r decides what the candidate is made of (with r = 1 the old state would make it 0.82, not -0.26), and z "
        "decides whether it is used. Both gates have seen the s of “horses”.",
        "step=79&index=38&gate=z",
        "cell",
    ),
    Stop(
        "The horses and the were",
        "The text is coloured by h of index 38, which holds whether the subject is singular or plural. It starts each "
        "sentence as singular, stays so after “The cat”, and changes at the comma after “horses”.",
        "At the w of “were”, 53 characters later, 93 % of its value still comes from that comma, in spite of a dog and "
        "an empty gate in between. The other units read it, and the network predicts e, for were, and not a, for was.",
        "step=132&index=38&gate=h",
        "text",
    ),
    Stop(
        "Hold a gate and see it break",
        "Now r of index 38 is held at 1 at that comma only. The candidate sees the old state, 0.82 is "
        "written instead of -0.26, and z keeps the mistake for 53 characters.",
        "After the w the network now predicts a, for was, and e falls from 99 % to 0 %. Release the gate in the list "
        "under the sliders, or hold another one.",
        "step=132&index=38&hold=r%5B38%5D%3D1%4079",
        "whatif",
    ),
    Stop(
        "The course’s letters",
        "This is the comma again, as Andrew Ng’s course writes it. gamma_u multiplies the candidate, so gamma_u = 1 - "
        "z = 0.99 means “take” where z = 0.01 means “do not keep”.",
        "This is only a different name. Where r acts is a real difference: in the course’s own candidate, the marked "
        "row of the table, r multiplies the state before the product, which makes a different network.",
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
