"""Makes an input that fails shorter, as long as it fails the same way."""

import time
from collections.abc import Callable

TRIES = 400


def shrunk(data: bytes, fails: Callable[[bytes], bool], seconds: float = 20) -> bytes:
    """The shortest that was found by cutting out ever smaller parts, in some hundred tries or so many seconds."""
    end, tries = time.monotonic() + seconds, 0
    size = max(1, len(data) // 2)
    while size:
        at, shorter = 0, False
        while at < len(data):
            if tries >= TRIES or time.monotonic() > end:
                return data
            tries += 1
            candidate = data[:at] + data[at + size :]
            if fails(candidate):
                data, shorter = candidate, True
            else:
                at += size
        if not shorter or size > 1:
            size //= 2
    return data
