"""Characters made visible: a text may hold newlines, escape codes, wide letters or marks without a width."""

from rich.cells import cell_len

_SIGNS = {"\n": "⏎", "\t": "⇥"}


def visible(char: str) -> str:
    """One character as it is shown inside a text, on one line: ⏎ for a newline, an escape for what has no shape."""
    if char in _SIGNS:
        return _SIGNS[char]
    return char if char.isprintable() else _escaped(char)


def alone(char: str) -> str:
    """One character as it is shown alone, e.g. 'e'; what has no width of its own is escaped."""
    return f"'{in_a_cell(char)}'"


def in_a_cell(char: str) -> str:
    """One character as it is shown in a place of its own; what has no width, as a combining mark, is escaped."""
    shown = visible(char)
    return shown if cell_len(shown) else _escaped(char)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def excerpt(text: str, step: int, width: int) -> tuple[str, str, str]:
    """What is before, at and after the character of a step, as shown, in at most `width` cells altogether.

    About two thirds go to what was read before; an ellipsis marks an end that was cut.
    """
    at = in_a_cell(text[step - 1])
    room = max(width - cell_len(at), 2)
    after_all, before_all = text[step : step + room], text[max(step - 1 - room, 0) : step - 1]
    most_after = max(room // 3, room - sum(cell_len(visible(char)) for char in before_all))
    after = _fitted(after_all, most_after, more=len(text) > step + len(after_all))
    before = _fitted(before_all[::-1], room - cell_len("".join(after)), more=step - 1 > len(before_all))
    return "".join(reversed(before)), at, "".join(after)


def _fitted(text: str, cells: int, *, more: bool) -> list[str]:
    """The start of `text`, character by character, cut with an ellipsis if not all of it (or `more`) fits."""
    shown = [visible(char) for char in text]
    if not more and sum(map(cell_len, shown)) <= cells:
        return shown
    taken: list[str] = []
    used = 1
    for piece in shown:
        used += cell_len(piece)
        if used > cells:
            break
        taken.append(piece)
    return [*taken, "…"]
