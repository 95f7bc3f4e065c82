"""Markdown of nested blocks: lists, quotations, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.formats.builder import Body
from pipeline.formats.html.tree import HEADINGS, Element
from pipeline.model import Skeleton

_NOT_IN_CELLS = frozenset({*HEADINGS, *"table ul ol blockquote pre figure hr".split()})


@dataclass(slots=True)
class Container:
    """A block quote or a list item, with the prefix of its first line."""

    first: str
    used: bool = False

    @property
    def quote(self) -> bool:
        return self.first == "> "

    @property
    def rest(self) -> str:
        """Prefix of its other lines."""
        return self.first if self.quote else " " * len(self.first)

    def mark(self) -> str:
        """Return the prefix of the next line."""
        text = self.rest if self.used else self.first
        self.used = True
        return text


def gap(before: Sequence[Container], now: Sequence[Container]) -> str:
    """Return the separator of a block in *now* from one in *before*: a blank line, or a list's."""
    shared = sum(one is two for one, two in zip(before, now, strict=False))
    if shared < len(now) and not now[shared].quote:
        follows = shared < len(before) and not before[shared].quote
        starts = now[shared].first in {"- ", "1. "}  # others cannot follow without a blank line
        if (follows and (starts or before[shared].first != "- ")) or (
            shared and shared == len(before) and starts
        ):
            return "\n"
    return "\n" + "".join(container.rest for container in now[:shared]).rstrip() + "\n"


def is_layout(table: Element) -> bool:
    """Return whether *table* lays out the page: it holds blocks that no Markdown table can."""
    inner = (element for element in table.walk() if element is not table)
    return table.get("role") == "presentation" or any(e.name in _NOT_IN_CELLS for e in inner)


@dataclass(slots=True)
class Table:
    """A table that is being written."""

    indent: str = ""
    rows: int = 0
    cells: int = 0
    filled: bool = False
    """Whether the current cell has content."""
    _columns: int = 0
    _head: tuple[int, int] = (0, 0)
    """End of the first row, in the pieces of the body, and its number of cells."""

    def cell(self) -> str:
        """Begin a cell; return its prefix."""
        self.cells += 1
        self.filled = False
        return "| " if self.cells == 1 else " | "

    def end_row(self, body: Body) -> None:
        if self.cells:
            body.write(" |")
            self.rows += 1
            if self.rows == 1:
                self._head = (len(body.pieces), self.cells)
            self._columns = max(self._columns, self.cells)
            self.cells = 0

    def end(self, body: Body) -> None:
        """End the table; its head gets as many cells as the longest row has."""
        self.end_row(body)
        if self.rows:
            at, cells = self._head
            line = "| --- " * self._columns + "|"
            more = "  |" * (self._columns - cells)
            body.pieces.insert(at, Skeleton("", f"{more}\n{self.indent}{line}"))
        self.rows = self._columns = 0
