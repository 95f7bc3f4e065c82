"""Protection: markup, links and names hidden from an engine, and put back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pipeline.engines.base import PROTECTED
from pipeline.text import markup

FIRST = 0xE000
"""The first of the private-use characters that stand for protected pieces (`PROTECTED`)."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A sentence in which private-use characters stand for what an engine must not touch."""

    text: str
    pieces: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Return *text* with the pieces back in their places."""
        return PROTECTED.sub(lambda m: self.pieces[ord(m[0]) - FIRST], text)

    def complete(self, text: str) -> bool:
        """Return whether *text* holds each piece exactly once."""
        return sorted(PROTECTED.findall(text)) == [chr(FIRST + n) for n in range(len(self.pieces))]


def protect(text: str, names: Collection[str] = ()) -> Protected:
    """Hide the markup, URLs, addresses and placeholders of *text*, and *names*.

    ``protect(text).restore(protect(text).text) == text``, whatever the text.
    """
    spans = [(mark.start, mark.end) for mark in markup.scan(text)]
    for start, end in spans_of(text, names):
        if all(end <= one or other <= start for one, other in spans):
            spans.append((start, end))
    taken = {at for start, end in spans for at in range(start, end)}
    spans += [m.span() for m in PROTECTED.finditer(text) if m.start() not in taken]
    pieces: list[str] = []
    out: list[str] = []
    at = 0
    for start, end in sorted(spans)[: 0xF8FF - FIRST]:
        out += (text[at:start], chr(FIRST + len(pieces)))
        pieces.append(text[start:end])
        at = end
    return Protected("".join((*out, text[at:])), tuple(pieces))


def spans_of(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Give where *names* stand in *text*, the longest first."""
    if names:
        longest = sorted(map(re.escape, names), key=len, reverse=True)
        for match in re.finditer(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)", text):
            yield match.span()
