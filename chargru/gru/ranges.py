"""Ranges of whole numbers as a user writes them: 34, 33-35, 20-last."""

import re

from chargru.errors import SettingError

_RANGE = re.compile(r"(-?\d{1,18})(?:-(\d{1,18}|last))?", re.ASCII)
"""Nothing here has numbers of more digits; Python refuses to read those of thousands."""


def parse_range(written: str, refusal: SettingError, *, within: str = "") -> tuple[int, int | None]:
    """The first and last number, both included; the last is None where it is written as "last".

    Raises `refusal` if it is no range, and SettingError if it runs backwards; `within` is added to what is named then.
    """
    match = _RANGE.fullmatch(written.strip())
    if match is None:
        raise refusal
    first = int(match[1])
    if match[2] == "last":
        return first, None
    last = first if match[2] is None else int(match[2])
    if last < first:
        raise SettingError(f"the range {written.strip()}{within} runs backwards", f"give {last}-{first}")
    return first, last
