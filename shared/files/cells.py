"""How a text stands in a cell, so that a spreadsheet does not run it, and a list, so that its items can be told apart.

What begins with `= + - @`, a tab or a carriage return would be run: one `'` is set before it, also where some are there already.
Reading takes one away again, so that what went out comes back as it was.
"""

import re
from collections.abc import Sequence

PARTED_BY = "|"
RUN = re.compile(r"'*[=+\-@\t\r]")
QUOTED = re.compile(r"'+[=+\-@\t\r]")
PIECES = re.compile(r"\\[|\\]|\||[^|\\]+|\\")


def quoted(text: str) -> str:
    return f"'{text}" if RUN.match(text) else text


def unquoted(cell: str) -> str:
    return cell[1:] if QUOTED.match(cell) else cell


def joined(items: Sequence[str]) -> str:
    """A list in one cell. Within an item `|` is written `\\|` and `\\` before one of the two `\\\\`."""
    return PARTED_BY.join(item.replace("\\", "\\\\").replace(PARTED_BY, "\\|") for item in items)


def parted(cell: str) -> list[str]:
    """The items of a list; a `\\` that stands before neither of the two is itself."""
    items = [""]
    for piece in PIECES.findall(cell):
        if piece == PARTED_BY:
            items.append("")
        else:
            items[-1] += piece[1] if piece in ("\\\\", "\\|") else piece
    return [item.strip() for item in items]
