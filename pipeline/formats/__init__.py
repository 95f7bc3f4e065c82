"""Reading: a source file to an `Article`. One module a format, each a function in `READERS`.

A reader finds the blocks; what all formats share is here: sentences, dates, the signature.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline import audit, clean, locales, markup
from pipeline.clean import Source
from pipeline.errors import SourceError
from pipeline.formats import html, markdown, text
from pipeline.formats.frontmatter import plain
from pipeline.model import (
    Article,
    Block,
    DateLine,
    Dropped,
    Finding,
    Part,
    Piece,
    Role,
    Runs,
    Skeleton,
    Unit,
)
from pipeline.segment import boundaries

Reader = Callable[[Source, str, Mapping[str, str]], tuple[Mapping[str, object], Sequence[Piece]]]
"""From the source, its language and what the coordinator overruled (see `text.VERDICTS`) to the
front matter and the pieces, whose sources joined are the file."""

READERS: Mapping[str, Reader] = {
    ".txt": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": html.read,
    ".htm": html.read,
}


def read(
    raw: str, suffix: str, article: str, language: str, verdicts: Mapping[str, str] | None = None
) -> Article:
    """Return the article that *raw* is.

    Args:
        raw: the whole file, decoded.
        suffix: which reader, such as ``.md``.
        article: the id that its catalogs and localized files will bear.
        language: of the text, unless its front matter or ``<html lang>`` says otherwise.
        verdicts: what the coordinator overruled, by line: see `text.VERDICTS`.

    Raises:
        SourceError: the front matter is broken, or there is nothing to translate.

    """
    source = clean.normalise(raw)
    meta, pieces = READERS[suffix](source, language, verdicts or {})
    language = _language(meta, language)
    settled = _sign(list(_dated(pieces, language)))
    parts = tuple(_merge(_cut(settled, language)))
    if not any(isinstance(part, Unit) for part in parts):
        raise SourceError("there is no sentence in it")
    dates = [part for part in parts if isinstance(part, DateLine)]
    top = next((d.date for d in dates if d.field), None)
    signed = next((d.date for d in reversed(dates) if not d.field), None)
    date = _date(meta.get("date")) or top or signed
    found = Article(
        id=article,
        language=language,
        parts=parts,
        date=date,
        author=_author(meta, parts),
        signed=signed,
        meta=meta,
    )
    return replace(found, findings=(*source.findings, *audit.findings(found)))


def _language(meta: Mapping[str, object], default: str) -> str:
    for key in ("language", "lang", "locale"):
        if isinstance(code := meta.get(key), str) and code:
            return str(locales.parse(code))
    return default


def _date(value: object) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, str) and (match := re.match(r"\d{4}-\d{2}-\d{2}", value)):
        try:
            return datetime.date.fromisoformat(match[0])
        except ValueError:
            return None
    return None


def _author(meta: Mapping[str, object], parts: Sequence[Part]) -> str:
    if author := meta.get("author"):
        return ", ".join(map(str, author)) if isinstance(author, list) else str(author)
    lines = [part.text for part in parts if isinstance(part, Unit) and part.role is Role.SIGNATURE]
    return markup.plain(lines[0])[0].rstrip(".") if lines else ""


# Dates


_PLACE = re.compile(r"(?P<place>[^\d,.;:!?]{2,40}(?:,[^\d,.;:!?]{2,30})?),\s+(?=\S)")


def _dated(pieces: Iterable[Piece], language: str) -> Iterator[Piece]:
    """Make a `DateLine` of each block that is a date, or a place and a date."""
    for piece in pieces:
        if not isinstance(piece, Block) or piece.field:
            yield piece
            continue
        shown = clean.join_text(piece.runs)
        if found := _date_line(piece.runs, language):
            yield from found
        elif (place := _PLACE.match(shown)) and len(shown) < 100:
            head, rest = clean.split(piece.runs, place.end())
            if found := _date_line(rest, language):
                name, comma = clean.split(head, place.end("place"))
                yield replace(piece, runs=name, role=Role.SIGNATURE)
                yield _skeleton(comma)
                yield from found
            else:
                yield piece
        else:
            yield piece


def _date_line(runs: Runs, language: str) -> list[Piece]:
    shown = clean.join_text(runs)
    if not (parsed := locales.parse_date(shown, language)):
        return []
    bare = shown.strip().rstrip(".")
    start = shown.index(bare)
    before, rest = clean.split(runs, start)
    line, after = clean.split(rest, len(bare))
    date = DateLine(clean.join_source(line), bare, parsed[0], parsed[1])
    return [_skeleton(before), date, _skeleton(after)]


def _skeleton(runs: Runs, field: str = "") -> Skeleton:
    return Skeleton(clean.join_source(runs), clean.join_text(runs), field)


# The signature

_FAREWELL = 12
"""Words in a line of a signature, at most."""


def _sign(pieces: list[Piece]) -> list[Piece]:
    """Give the short lines beside the closing date the role of a signature."""
    blocks = [n for n, p in enumerate(pieces) if isinstance(p, Block) and not p.field]
    dates = [n for n, p in enumerate(pieces) if isinstance(p, DateLine) and not p.field]
    if not blocks or not dates:
        return pieces
    closing = dates[-1]
    if sum(n > closing for n in blocks) > 3:
        return pieces
    for n in reversed(blocks):
        piece = pieces[n]
        assert isinstance(piece, Block)
        shown = clean.join_text(piece.runs)
        short = len(shown.split()) <= _FAREWELL and not shown.rstrip().endswith(("!", "?", ":"))
        if not short or piece.role not in {Role.PARAGRAPH, Role.SIGNATURE, Role.BYLINE}:
            break
        pieces[n] = replace(piece, role=Role.SIGNATURE)
    return pieces


# Sentences


@dataclass(slots=True)
class _Counter:
    value: int = field(default=-1)

    def next(self) -> int:
        self.value += 1
        return self.value


def _cut(pieces: Iterable[Piece], language: str) -> Iterator[Part]:
    count = _Counter()
    for piece in pieces:
        if isinstance(piece, Block):
            yield from _sentences(piece, count.next(), language)
        else:
            yield piece


def _sentences(block: Block, number: int, language: str) -> Iterator[Part]:
    """Cut *block* into units, and the white space and markup around them."""
    runs = block.runs
    at = 0
    for start, end in sentence_spans(clean.join_text(runs), language):
        before, runs = clean.split(runs, start - at)
        yield _skeleton(before, block.field)
        sentence, runs = clean.split(runs, end - start)
        at = end
        text = clean.join_text(sentence)
        if translatable(text):
            yield Unit(clean.join_source(sentence), text, block.role, number, block.field)
        else:
            yield _skeleton(sentence, block.field)
    yield _skeleton(runs, block.field)


def translatable(text: str) -> bool:
    """Return whether there is a word or a number in *text*, outside of its markup."""
    marks = [replace(mark, shown="") for mark in markup.scan(text)]
    return any(char.isalnum() for char in markup.plain(text, marks)[0])


def sentence_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Return where each sentence of Markdown *text* starts and ends, without the space around it.

    Inline markup stays inside its sentence and never breaks one. Where one pair of marks holds
    several whole sentences (``**One. Two.**``), the marks belong to none of them.
    """
    marks = markup.scan(text)
    shown, offsets = markup.plain(text, marks)
    atoms = {mark.start: mark.end for mark in marks if mark.kind == "atom"}
    cuts = {atoms.get(offsets[p - 1], offsets[p - 1] + 1) for p in boundaries(shown, language)} - {
        len(text)
    }
    pairs = [(mark, _partner(marks, mark)) for mark in marks if mark.kind == "open"]
    edges = {at for mark in marks if mark.kind != "atom" for at in range(mark.start, mark.end)}

    def blank(start: int, end: int) -> bool:
        return all(at in edges or text[at].isspace() for at in range(start, end))

    def whole(start: int, end: int) -> bool:
        last = max((c for c in cuts if c <= start), default=0)
        following = min((c for c in cuts if c >= end), default=len(text))
        return blank(last, start) and blank(end, following)

    changed = True
    while changed:
        changed = False
        for opening, closing in pairs:
            inside = {c for c in cuts if opening.end <= c <= closing.start}
            if inside and not whole(opening.start, closing.end):
                cuts -= inside
                changed = True
    loose = {
        at
        for pair in pairs
        if any(pair[0].end <= c <= pair[1].start for c in cuts)
        for mark in pair
        for at in range(mark.start, mark.end)
    }
    spans = []
    limits = [0, *sorted(cuts), len(text)]
    for start, end in pairwise(limits):
        while start < end and (text[start].isspace() or start in loose):
            start += 1
        while start < end and (text[end - 1].isspace() or end - 1 in loose):
            end -= 1
        if start < end:
            spans.append((start, end))
    return spans


def _partner(marks: Sequence[markup.Mark], opening: markup.Mark) -> markup.Mark:
    return next(mark for mark in marks if mark.start == opening.partner)


def _merge(parts: Iterable[Part]) -> Iterator[Part]:
    """Join neighbouring skeletons; leave out empty ones."""
    held: Skeleton | None = None
    for part in parts:
        if isinstance(part, Skeleton):
            if not part.source and not part.text:
                continue
            if held and held.field == part.field:
                held = Skeleton(held.source + part.source, held.text + part.text, held.field)
                continue
        if held:
            yield held
        held = part if isinstance(part, Skeleton) else None
        if not held:
            yield part
    if held:
        yield held


__all__ = ["READERS", "Dropped", "Finding", "plain", "read", "sentence_spans", "translatable"]
