"""What all fragments share: one class that every rule of style begins with, tables, text as it was written."""

from collections.abc import Sequence
from html import escape

from chargru.shown import one_line, readable

CLASS = "chargru-value"

# Twice the class, where a notebook has rules of its own for tables.
_STYLE = (
    ".chargru-value{color:inherit;font:14px/1.5 system-ui,sans-serif;max-width:960px;padding:2px 0}"
    ".chargru-value .title{font-size:16px;font-weight:600;margin:2px 0 6px;overflow-wrap:anywhere}"
    ".chargru-value p{margin:4px 0}"
    ".chargru-value .soft{opacity:.75}.chargru-value .scroll{overflow-x:auto}"
    ".chargru-value.chargru-value table{border-collapse:collapse;border:0;margin:4px 0;color:inherit;font:inherit}"
    ".chargru-value.chargru-value tbody tr:nth-child(n){background:none}"
    ".chargru-value.chargru-value :is(th,td){border:0;padding:2px 14px 2px 0;text-align:left;vertical-align:top;"
    "background:none;font-variant-numeric:tabular-nums;white-space:normal;max-width:none}"
    ".chargru-value.chargru-value th{font-weight:400;opacity:.75;white-space:nowrap}"
    ".chargru-value.chargru-value thead th{border-bottom:1px solid rgba(127,127,127,.5);font-weight:600;opacity:1}"
    ".chargru-value.chargru-value .number{text-align:right}"
    ".chargru-value.chargru-value td{overflow-wrap:anywhere}"
    ".chargru-value .text{font:14px/1.6 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4;margin:4px 0}"
    ".chargru-value .prime{background:rgba(127,127,127,.25);border-radius:3px;font-weight:600}"
    ".chargru-value .beside{display:flex;flex-wrap:wrap;gap:4px 32px;align-items:flex-start}"
    ".chargru-value .beside>*{flex:1 1 320px;min-width:0}.chargru-value .beside>.wide{max-width:540px}"
    ".chargru-value details{margin:4px 0}.chargru-value summary{cursor:pointer;opacity:.75}"
)


def fragment(*parts: str, style: str = "") -> str:
    """The parts as one fragment, with its rules of style."""
    return f'<style>{_STYLE}{style}</style><div class="{CLASS}">\n{chr(10).join(parts)}\n</div>\n'


def title(words: str) -> str:
    """The line at the top."""
    return f'<div class="title">{escape(one_line(words))}</div>'


def named(rows: Sequence[tuple[str, str]]) -> str:
    """A table of names and values."""
    body = "".join(
        f"<tr><th>{escape(one_line(name))}</th><td>{escape(one_line(value))}</td></tr>" for name, value in rows
    )
    return f"<table><tbody>{body}</tbody></table>"


def table(rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """A table of rows, the first the heading; all columns but the first `left` are numbers."""
    heading, *others = rows
    body = "".join(f"<tr>{_cells(row, 'td', left)}</tr>" for row in others)
    head = f"<thead><tr>{_cells(heading, 'th', left)}</tr></thead>"
    return f'<div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>'


def _cells(row: Sequence[str], tag: str, left: int) -> str:
    kinds = ("" if column < left else ' class="number"' for column in range(len(row)))
    return "".join(f"<{tag}{kind}>{escape(one_line(cell))}</{tag}>" for cell, kind in zip(row, kinds, strict=True))


def written(text: str) -> str:
    """Text as it was written, escaped; what cannot be seen by its Python escape."""
    return escape(readable(text.replace("\r\n", "\n")))
