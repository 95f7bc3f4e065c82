"""Builder of an article from a format that is not Markdown: collects pieces, adds the Markdown."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from pipeline.model import Block, DateLine, Dropped, Piece, Role, Run, Runs, Skeleton
from pipeline.text import markup
from pipeline.text.source import Source, cut, join_source, join_text

AROUND = {Role.HEADING: ("## ", ""), Role.CAPTION: ("*", "*"), Role.QUOTE: ("> ", "")}
"""Markdown before and after the text of a block."""


@dataclass(slots=True)
class Body:
    """The pieces so far. Every method takes the next stretch of the source; none is left out."""

    source: Source
    pieces: list[Piece] = field(default_factory=list)
    dated: bool = False
    """Whether the date of the whole article was found."""
    _started: bool = False
    _fields: set[str] = field(default_factory=set)

    def skip(self, start: int, end: int) -> None:
        """Take white space and tags, which Markdown writes otherwise."""
        self.hide(self.source.runs(start, end))

    def hide(self, runs: Runs) -> None:
        self.pieces.append(Skeleton(join_source(runs), ""))

    def drop(self, start: int, end: int, rule: str) -> None:
        self.drop_runs(self.source.runs(start, end), rule)

    def drop_runs(self, runs: Runs, rule: str) -> None:
        self.pieces.append(Dropped(join_source(runs), rule))

    def top(self, raw: str, text: str, date: tuple[datetime.date, bool]) -> None:
        """Take the date of the whole article, which is shown beside its title."""
        self.dated = True
        self.pieces.append(DateLine(raw, text, date[0], date[1], "date"))

    def front(self, runs: Runs, role: Role, name: str) -> None:
        """Take the text of a front-matter field; several are one text."""
        if name in self._fields:
            self.pieces.append(Skeleton("", " ", name))
        self._fields |= {name} - {""}
        self.pieces.append(Block(runs, role, name))

    def block(self, runs: Runs, role: Role, before: str | None = None, gap: str = "\n\n") -> None:
        """Take a block of the body. *gap* parts it from what came before."""
        first, last = AROUND.get(role, ("", ""))
        self.write(first if before is None else before, gap)
        self.pieces += (Block(runs, role), Skeleton("", last))

    def verbatim(self, start: int, end: int, text: str, gap: str = "\n\n") -> None:
        """Take text that is the same in every language."""
        self.write("", gap)
        self.pieces.append(Skeleton(join_source(self.source.runs(start, end)), text))

    def write(self, text: str, gap: str = "") -> None:
        """Put *text* into the article that is not in the source."""
        self.pieces.append(Skeleton("", (gap if self._started else "") + text))
        self._started = True

    def end(self) -> None:
        if self._started:
            self.pieces.append(Skeleton("", "\n"))


def escaped(runs: Runs, *, linked: bool = False, following: str = "") -> Runs:
    """Return plain text as Markdown that reads the same; see `markup.escapes`."""
    found = markup.escapes(join_text(runs), linked=linked, following=following)
    slices = cut(runs, [offset for offset, _ in found])
    done = list(slices[0])
    for (_, char), part in zip(found, slices[1:], strict=True):
        done += (Run("", char), *part)
    return tuple(done)
