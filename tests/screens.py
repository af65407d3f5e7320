"""A terminal's screen, as far as the program steers one: it breaks its lines anew when it is resized, as most do."""

import re

CODE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|\x1b.?")


class Screen:
    """As many rows as it takes. Each is a list of characters one cell wide, and whether the next goes on with it."""

    def __init__(self, width):
        self.width, self.breaks, self.full = width, True, False
        self.rows, self.y, self.x = [[[], False]], 0, 0

    def write(self, text):
        """Show a program's output."""
        at = 0
        while at < len(text):
            found = CODE.match(text, at)
            if found:
                self._steer(*found.groups())
            elif text[at] in "\r\n":
                self._to(self.y + (text[at] == "\n"), 0)
            else:
                self._put(text[at])
            at = found.end() if found else at + 1

    def resize(self, width):
        """Break the lines anew; the cursor keeps its place in its line."""
        lines, number, offset, goes_on = [], 0, 0, False
        for y, (cells, wrapped) in enumerate(self.rows):
            lines += [] if goes_on else [[]]
            if y == self.y:
                number, offset = len(lines) - 1, len(lines[-1]) + self.x
            lines[-1] += cells
            goes_on = wrapped
        self.width, self.full, self.rows = width, False, []
        for at, cells in enumerate(lines):
            if at == number:
                self.y, self.x = len(self.rows) + offset // width, offset % width
            parts = [cells[start : start + width] for start in range(0, max(1, len(cells)), width)]
            self.rows += [[part, part is not parts[-1]] for part in parts]
        self._to(self.y, self.x)

    def shown(self):
        """The rows as text, without empty ones at the end."""
        return "\n".join("".join(cells).rstrip() for cells, _ in self.rows).rstrip("\n").split("\n")

    def _to(self, y, x):
        self.y, self.x, self.full = y, x, False
        self.rows += [[[], False] for _ in range(len(self.rows), y + 1)]

    def _put(self, char):
        if self.full and self.breaks:
            self.rows[self.y][1] = True
            self._to(self.y + 1, 0)
        cells = self.rows[self.y][0]
        cells += " " * (self.x + 1 - len(cells))
        cells[self.x] = char
        self.full = self.x + 1 == self.width
        self.x = min(self.x + 1, self.width - 1)

    def _steer(self, private, number, letter):
        if letter == "A":
            self._to(max(0, self.y - int(number or 1)), self.x)
        elif letter == "J":
            del self.rows[self.y + 1 :], self.rows[self.y][0][self.x :]
            self.rows[self.y][1] = False
        elif letter == "K":
            self.rows[self.y][0][0 if number == "2" else self.x :] = []
        elif private and number == "7":
            self.breaks = letter == "h"
