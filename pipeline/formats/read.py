"""Reader of any source: the format by its suffix, then language, title, date and author."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.checks.findings import of_article
from pipeline.errors import SourceError
from pipeline.formats import markdown, overrides, plain_text, signature
from pipeline.formats.html import page
from pipeline.formats.units import skeleton, units
from pipeline.model import (
    Article,
    Block,
    DateLine,
    Finding,
    Part,
    Piece,
    Role,
    Runs,
    Skeleton,
    Unit,
)
from pipeline.plugins import Registry
from pipeline.text import locales, markup
from pipeline.text import source as text_source
from pipeline.text.source import Source

Reader = Callable[
    [Source, str, Mapping[str, str]],
    tuple[Mapping[str, object], Sequence[Piece], Sequence[Finding]],
]
"""From the source, its language and the verdicts on its lines (see `overrides.VERDICTS`) to the
front matter, the pieces, whose sources joined are the file, and findings."""

READERS: Registry[Reader] = Registry(
    "pipeline.readers",
    {
        ".txt": plain_text.read,
        ".md": markdown.read,
        ".markdown": markdown.read,
        ".html": page.read,
        ".htm": page.read,
    },
)
"""Readers by suffix."""


def read(
    raw: str, suffix: str, article: str, language: str, verdicts: Mapping[str, str] | None = None
) -> Article:
    """Return the article in *raw*.

    Args:
        raw: the whole file, decoded.
        suffix: the format, such as ``.md``.
        article: the id that its catalogs and localized files will bear.
        language: default, which the front matter or ``<html lang>`` overrules.
        verdicts: the coordinator's verdicts by line: see `overrides.VERDICTS`.

    Raises:
        SourceError: the front matter is broken, or there is nothing to translate.

    """
    source = text_source.normalise(raw)
    meta, pieces, findings = READERS[suffix](source, language, verdicts or {})
    language = _language(meta, language)
    dated = [*_dated(pieces, language), Skeleton(source.tail, "")]
    closing = signature.closing(dated)
    overruled = overrides.all_verdicts(meta, verdicts or {})
    settled = signature.sign(dated, closing, language, overruled)
    parts = tuple(_merge(units(settled, language, markdown=READERS[suffix] is markdown.read)))
    if not any(isinstance(part, Unit) for part in parts):
        raise SourceError("there is no sentence in it")
    dates = [part for part in parts if isinstance(part, DateLine)]
    top = next((d.date for d in dates if d.field), dates[0].date if dates else None)
    signed = dates[-1].date if closing is not None else None
    found = Article(
        id=article,
        language=language,
        parts=parts,
        date=_date(meta.get("date")) or top,
        author=_author(meta, parts),
        signed=signed,
        meta=meta,
        templates=READERS[suffix] is markdown.read,
    )
    return replace(found, findings=(*source.findings, *findings, *of_article(found)))


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
    """Return the author, from the front matter, the byline or the signature."""
    if author := meta.get("author"):
        return ", ".join(map(str, author)) if isinstance(author, list) else str(author)
    for part, following in pairwise((*parts, Skeleton("", ""))):
        if isinstance(part, Unit) and not part.field:
            shown = markup.shown(part.text)
            if part.role is Role.BYLINE and (name := plain_text.byline(shown)):
                return name
            place = isinstance(following, Skeleton) and following.text.startswith((",", "،"))
            if part.role is Role.SIGNATURE and not place and not signature.is_farewell(shown):
                return shown.rstrip(".")
    return ""


# Dates


_PLACE = re.compile(r"(?P<place>[^\d,،.;:!?]{2,40}(?:,[^\d,،.;:!?]{2,30})?)[,،]\s+(?=\S)")


def _dated(pieces: Iterable[Piece], language: str) -> Iterator[Piece]:
    """Make a `DateLine` of each block that is a date, or a place and a date."""
    for piece in pieces:
        if not isinstance(piece, Block) or piece.field:
            yield piece
            continue
        shown = text_source.join_text(piece.runs)
        if found := _date_line(piece.runs, language):
            yield from found
        elif piece.role in signature.LINES and len(shown) < 100 and (place := _PLACE.match(shown)):
            head, rest = text_source.split(piece.runs, place.end())
            if found := _date_line(rest, language):
                name, comma = text_source.split(head, place.end("place"))
                yield replace(piece, runs=name)
                yield skeleton(comma)
                yield from found
            else:
                yield piece
        else:
            yield piece


def _date_line(runs: Runs, language: str) -> list[Piece]:
    shown = text_source.join_text(runs)
    if not (parsed := locales.parse_date(shown, language)):
        return []
    bare = shown.strip()
    bare = bare if bare.endswith(" г.") else bare.rstrip(".")
    start = shown.index(bare)
    before, rest = text_source.split(runs, start)
    line, after = text_source.split(rest, len(bare))
    date = DateLine(text_source.join_source(line), bare, parsed[0], parsed[1])
    return [skeleton(before), date, skeleton(after)]


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
