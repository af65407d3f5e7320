"""Regular expressions as a user gives them: written as Python's `re` takes them, run by `regex`, which can stop.

`re` has no limit of time, and (a+)+$ takes it for ever. So `re` reads a pattern, which settles what is one, and `regex`
searches with it. Three limits keep what no clock watches small: the pattern's length, its nesting, its repeats.
"""

import re
import warnings
from typing import Any

from chargru.errors import SettingError, named
from chargru.shown import quoted

SECONDS = 5.0
"""For one pattern on one text."""

LONGEST = 1_000
"""Characters of a pattern. For those that mean themselves `regex` makes a table in cubic time, which nothing stops."""

REPEATS = 100_000
"""All {n} of a pattern, multiplied: `regex` writes what is repeated out, some 300 bytes each."""

_COUNT = re.compile(r"\{(\d*),?(\d*)\}", re.ASCII)
_OTHER = re.compile(r"(\\N\{[^}]*\}|\\.)|\{(?!\d*,?\d*\})|(?<=\[):", re.ASCII | re.DOTALL)
"""What is itself to `re` but may begin a rule of `regex`: a brace without a count, the colon of [:. Escapes stay."""

_SIMPLER = "give a simpler one"


def ends(pattern: str, text: str, argument: str) -> list[int]:
    """Where the matches of a pattern end, as numbers of characters; a match of nothing ends nowhere.

    Raises SettingError for what is no regular expression or beyond the limits; `argument` is what it calls the pattern.
    """
    shown = f"{named(argument)} {quoted(pattern)}"
    compiled = _compiled(pattern, shown)
    try:
        return [found.end() for found in compiled.finditer(text, timeout=SECONDS) if found.end() > found.start()]
    except TimeoutError as error:
        message = f"{shown} takes more than {SECONDS:g} seconds on the text of {len(text):,} characters"
        hint = f"{_SIMPLER}, without a repeat inside a repeat, or a shorter {named('text')}"
        raise SettingError(message, hint) from error


def _compiled(pattern: str, shown: str) -> Any:
    if len(pattern) > LONGEST:
        message = f"{shown} has {len(pattern):,} characters, more than the {LONGEST:,} that a pattern may have"
        raise SettingError(message, "give a shorter one")
    if _repeats(pattern) > REPEATS:
        message = f"{shown} repeats too often: its counts in braces, multiplied, are more than {REPEATS:,}"
        raise SettingError(message, "give smaller ones, or + or *, which repeat without end")
    import regex

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
            return regex.compile(_OTHER.sub(lambda found: found[1] or f"\\{found[0]}", pattern), cache_pattern=False)
    except (re.error, regex.error) as error:
        hint = "put a backslash before . * + ? ( [ { \\ to mean the character itself"
        raise SettingError(f"{shown} is not a regular expression: {error}", hint) from error
    except (RecursionError, OverflowError, ValueError) as error:
        raise SettingError(f"{shown} is too complicated to be read", _SIMPLER) from error


def _repeats(pattern: str) -> int:
    """The counts in braces multiplied, as if each stood inside the one before; no further than needed."""
    product = 1
    for count in _COUNT.finditer(pattern):
        digits = [number.lstrip("0") for number in count.groups()]
        if max(map(len, digits)) > len(str(REPEATS)):
            return REPEATS + 1
        product = min(product * max(int(number or 1) for number in digits), REPEATS + 1)
    return product
