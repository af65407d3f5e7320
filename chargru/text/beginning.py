"""How a piece of text begins: what to read first so that what is written next begins a line or a sentence.

A line begins one, unless lines were broken to fit a width: then a paragraph does, after a blank line. Where there are
no lines, it is what follows the end of a sentence. What kind of text it is, a piece of it shows.
"""

import re
from collections import Counter
from collections.abc import Sequence

ENDS = ".!?…。！？｡؟۔।॥።։"
CLOSING = "\"'”’»›)]」』）】"

NARROWEST = 20
"""Lines all shorter than this, in characters, are verses or entries, not lines broken to fit a width."""
_MOST = 0.75
"""Lines are broken to fit a width if so many of them have no room for the next word."""

_ENDED = re.compile(rf"[{re.escape(ENDS)}][{re.escape(CLOSING)}]*\s*$")
# The end of a sentence and the gap after it. A full stop without a gap may be a number's, and one before a small
# letter an abbreviation's; Chinese and Japanese leave no gap.
_SENTENCE = re.compile(
    rf"([{re.escape(ENDS)}]+[{re.escape(CLOSING)}]*)((?<=[.!?…؟۔।॥።։{re.escape(CLOSING)}])[ \t\r\n]+|(?<=[。！？｡])"
    rf"|(?<=[。！？｡][{re.escape(CLOSING)}]))(?=(\S))"
)


def beginning(text: str, characters: Sequence[str | None]) -> str:
    """What to read before the first character of a text like this one; only of these characters, in order of ids.

    `text` is a piece of the text that a model was trained on, or empty. The same arguments give the same answer.
    """
    known = set(filter(None, characters))
    line = _line_end(text, known)
    if line and not _is_wrapped(text.split(line)):
        return line
    if line and line * 2 in text:
        return line * 2
    for start in (*_sentence_ends(text), "。", ". ", line, " "):
        if start and set(start) <= known:
            return start
    return next(filter(None, characters))


def _line_end(text: str, known: set[str]) -> str:
    """How lines end; empty if there are none."""
    both = "\r\n" if "\r\n" in text or "\n" not in text else "\n"
    return next((end for end in (both, "\n", "\r") if set(end) <= known), "")


def _is_wrapped(lines: list[str]) -> bool:
    """Whether lines were broken where the next word had no room, in the middle of sentences.

    The first and the last may be pieces of lines. Of lines that mostly end sentences none is broken.
    """
    whole = lines[1:-1]
    width = max(map(len, whole), default=0)
    pairs = [(one, after) for one, after in zip(whole, lines[2:], strict=True) if one.strip() and after.strip()]
    ended = sum(bool(_ENDED.search(one)) for one, _ in pairs)
    full = sum(len(one) + _room_for(after) > width for one, after in pairs)
    return width >= NARROWEST and len(pairs) >= 2 and 2 * ended < len(pairs) and full >= _MOST * len(pairs)


def _room_for(line: str) -> int:
    """Characters that its first word takes in the line before; a line without spaces is broken anywhere."""
    word, *more = line.split()
    return 1 + len(word) if more else 2


def _sentence_ends(text: str) -> list[str]:
    """The ends of sentences in the text, each with the gap after it, the most frequent first."""
    found = Counter(end + gap for end, gap, after in _SENTENCE.findall(text) if not after.islower())
    return [end for end, _ in found.most_common()]
