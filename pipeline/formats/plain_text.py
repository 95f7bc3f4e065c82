"""Reader of plain text, as copied from a web page: without markup, rules guess the roles.

`pipeline clean` shows each guess and its rule, and the coordinator overrules it by the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

from pipeline.formats import frontmatter
from pipeline.formats.boilerplate_phrases import is_furniture
from pipeline.formats.builder import Body, escaped
from pipeline.formats.overrides import DROP, all_verdicts, line_key, verdict_of
from pipeline.model import Finding, Piece, Role, Run, Runs
from pipeline.text import locales, tables
from pipeline.text.source import Source, join_source, split
from pipeline.text.words import ALPHANUMERIC

LONG = 20
"""Words from which a paragraph is surely running text."""
SHORT = 14
"""Words up to which a line may be a heading, a slogan or a caption."""
_STOPS = ".!?:;…؟。"
_WRAP = range(50, 121)
"""Columns at which people and mail programs break lines."""


@dataclass(slots=True)
class _Para:
    """A paragraph under examination."""

    lines: list[tuple[int, int]]
    text: str
    verdict: Role | str | None = None
    """A role; or ``drop: RULE``; or None as long as it is not known."""
    prefix: int = 0
    """Characters of a list marker."""
    quoted: bool = False
    """Whether its lines begin with ``>``; `lines` begin after it."""

    @property
    def start(self) -> int:
        return self.lines[0][0]

    @property
    def end(self) -> int:
        return self.lines[-1][1]

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def short(self) -> bool:
        return self.words <= SHORT and len(self.text) <= 110

    @property
    def closed(self) -> bool:
        """Whether it ends as a sentence or a clause does."""
        return self.text.rstrip("\"'”’»)").endswith((".", ":", ";", ",", "…", "。"))

    @property
    def spoken(self) -> bool:
        """Whether it is surely somebody's sentence: not the title of another article."""
        return not self.dropped and (self.words >= LONG or self.closed or self.asks)

    @property
    def asks(self) -> bool:
        """Whether it calls or asks."""
        return self.exclaims or self.text.rstrip("\"'”’»").endswith(("?", "؟"))

    @property
    def exclaims(self) -> bool:
        return self.text.rstrip("\"'”’»").endswith(("!", "！"))

    def drop(self, rule: str) -> None:
        self.verdict = f"{DROP}: {rule}"

    @property
    def dropped(self) -> str:
        verdict = self.verdict
        if isinstance(verdict, Role) or not verdict:
            return ""
        return verdict.removeprefix(f"{DROP}: ")


def read(
    source: Source, language: str, verdicts: Mapping[str, str]
) -> tuple[Mapping[str, object], Sequence[Piece], Sequence[Finding]]:
    """Return the front matter and the pieces of a plain-text *source*; see `formats.Reader`."""
    meta, pieces, start = frontmatter.split(source)
    paras = paragraphs(source.text, start)
    _overrule(paras, all_verdicts(meta, verdicts))
    title = str(meta.get("title") or "")
    _classify(paras, language, title)
    body = Body(source, pieces)
    _emit(body, paras, start, language)
    return meta, body.pieces, ()


def paragraphs(text: str, start: int = 0) -> list[_Para]:
    """Return the paragraphs of *text*.

    They are parted by blank lines, and by line ends that no wrapping to a width explains.
    """
    found: list[_Para] = []
    lines: list[_Line] = []
    at = start
    for line in [*text[start:].split("\n"), ""]:
        mark = _QUOTED.match(line)
        inner = line[mark.end() :] if mark else line
        stripped = inner.strip()
        if lines and (not stripped or lines[0].quoted != bool(mark)):
            found += _unwrap(text, lines)
            lines = []
        if stripped:
            column = len(line) - len(inner.lstrip())
            lines.append(_Line(at + column, at + column + len(stripped), column, bool(mark)))
        at += len(line) + 1
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    column: int
    """At which the text starts in the line."""
    quoted: bool


def _unwrap(text: str, lines: Sequence[_Line]) -> Iterator[_Para]:
    """Join lines that were wrapped.

    Either the first word of the next did not fit any more; or it begins in lower case, and the
    line before ends no sentence while others do: else they are items of a list. Or it is
    indented under the item of a list.
    """
    width = max(line.end - line.start for line in lines)
    sentences = any(text[line.end - 1] in _STOPS for line in lines)
    held = [lines[0]]
    for line, following in pairwise(lines):
        word = text[following.start : following.end].split()[0]
        room = width - (line.end - line.start)
        wrapped = width in _WRAP and len(word) >= room
        goes_on = sentences and word[0].islower() and text[line.end - 1] not in _STOPS
        hangs = following.column > held[0].column and _MARKER.match(text, held[0].start)
        if not (wrapped or goes_on or hangs) or _MARKER.match(text, following.start, following.end):
            yield _para(text, held)
            held = []
        held.append(following)
    yield _para(text, held)


def _para(text: str, lines: Sequence[_Line]) -> _Para:
    shown = " ".join(text[line.start : line.end] for line in lines)
    return _Para([(line.start, line.end) for line in lines], shown, quoted=lines[0].quoted)


def _overrule(paras: Sequence[_Para], verdicts: Mapping[str, object]) -> None:
    for para in paras if verdicts else ():
        told = verdict_of(verdicts, para.text)
        if told == DROP:
            para.drop("overruled by the coordinator")
        else:
            para.verdict = told


_MARKER = re.compile(
    r"(?:[-*+•‣▪●–]|\(?(?P<number>\d{1,3})[.)]|(?P<letter>\(?[a-z]\)))[ \t]+(?=\S)"
)
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")


@cache
def _byline() -> re.Pattern[str]:
    known = chain.from_iterable(tables.phrases("formats/bylines", "byline")["byline"].values())
    return re.compile(rf"(?:{'|'.join(known)})\s+(?P<name>\w.{{2,60}})", re.IGNORECASE)


def byline(text: str) -> str:
    """Return the author that *text* names: ``By Leonor Vastra, press officer``; "" for none."""
    match = _byline().fullmatch(text)
    if not match or len(text.split()) > 8:
        return ""
    name = re.split("[,;–|(]", match["name"])[0].split()
    if len(name) < 2 or any(len(word) > 3 and word[0].islower() for word in name):
        return ""
    return " ".join(name)


def _classify(paras: list[_Para], language: str, title: str) -> None:
    """Give each paragraph a verdict. The rules run in order; the first that fits decides."""
    for para in paras:
        if para.verdict is None and is_furniture(para.text, language):
            para.drop("page furniture")
    dates = {id(para) for para in paras if locales.parse_date(para.text, language)}
    _end_of_article(paras, dates)
    body = [para for para in paras if not para.dropped]
    _top(body, dates, title)
    _double_dates(body, language)
    _doubles(body, dates)
    body = [para for para in body if not para.dropped and id(para) not in dates]
    for para in body:
        if para.verdict is None and (match := _MARKER.match(para.text)):
            para.prefix = 0 if match["letter"] else match.end()  # Markdown cannot count in letters
            para.verdict = Role.ITEM
        elif para.verdict is None and para.quoted:
            para.verdict = Role.QUOTE
    for before, para, after in zip([None, *body], body, [*body[1:], None], strict=False):
        if para.verdict is None:
            para.verdict = _short(before, para, after)


def _end_of_article(paras: Sequence[_Para], dates: set[int]) -> None:
    """Drop short lines after page furniture that no sentence, slogan or date follows.

    They are other articles' titles, tags and counters.
    """
    last = max((n for n, para in enumerate(paras) if id(para) in dates or para.spoken), default=-1)
    ended = False
    for para in paras[last + 1 :]:
        if para.dropped == "page furniture":
            ended = True
        elif ended and para.verdict is None:
            para.drop("after the end of the article")


def _top(body: Sequence[_Para], dates: set[int], title: str) -> None:
    """Find the title, and drop its repetitions above the text."""
    top = True
    for para in body:
        if id(para) in dates:
            continue
        if para.verdict is Role.TITLE:
            title = title or para.text
        elif para.verdict is None and top:
            if title and line_key(para.text) == line_key(title):
                para.drop("title said twice")
            elif byline(para.text):
                para.verdict = Role.BYLINE
            elif not title and para.words < LONG + 5 and not para.closed:
                para.verdict, title = Role.TITLE, para.text
            else:
                top = False


def _double_dates(body: Sequence[_Para], language: str) -> None:
    """Drop all but the last form of the same date on neighbouring lines."""
    for para, following in pairwise(body):
        one = locales.parse_date(para.text, language)
        two = locales.parse_date(following.text, language)
        if one and two and one[0] == two[0] and para.verdict is None:
            para.drop("date said twice")


def _doubles(body: Sequence[_Para], dates: set[int]) -> None:
    """A short line said twice in a row is the caption of a picture and its alternative text."""
    for para, following in pairwise(body):
        same = line_key(para.text) == line_key(following.text) and id(para) not in dates
        if same and para.short and not para.exclaims and following.verdict is None:
            if para.verdict is None:
                para.verdict = Role.CAPTION
            following.drop("caption said twice")


def _short(before: _Para | None, para: _Para, after: _Para | None) -> Role:
    """Tell headings and slogans from short paragraphs."""
    if not para.short or len(para.lines) > 1:
        return Role.PARAGRAPH
    introduces = after is not None and (after.words >= LONG or after.verdict is Role.ITEM)
    if para.exclaims:
        alone = before is None or before.words >= LONG
        return Role.HEADING if introduces and alone and _titled(para.text) else Role.SLOGAN
    sentence = after is not None and after.closed and after.words > 5
    follows = introduces or sentence or (after is not None and not after.short)
    return Role.HEADING if follows and not para.closed else Role.PARAGRAPH


def _titled(text: str) -> bool:
    """Return whether *text* is written in title case or in capitals."""
    words = [word for word in ALPHANUMERIC.findall(text) if len(word) > 3]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def _emit(body: Body, paras: Sequence[_Para], start: int, language: str) -> None:
    """Write the paragraphs, and the space between them, to *body*."""
    at = start
    above = False
    last: _Para | None = None
    for para in paras:
        body.skip(at, para.start)
        at = para.end
        date = locales.parse_date(para.text, language) if para.verdict is None else None
        if para.dropped:
            body.drop(para.start, para.end, para.dropped)
        elif para.verdict is Role.TITLE:
            body.front(escaped(_joined(body.source, para)), Role.TITLE, "title")
        elif date and not above:
            above = True
            body.top(join_source(body.source.runs(para.start, para.end)), para.text, date)
        else:
            role = para.verdict if isinstance(para.verdict, Role) else Role.PARAGRAPH
            above = above or role is not Role.BYLINE
            runs = _joined(body.source, para)
            item = role is Role.ITEM and para.prefix > 0
            if item:
                marker, runs = split(runs, para.prefix)
                body.hide(marker)
            before = _list_marker(para) if item else None
            body.block(escaped(runs), role, before, _gap(last, para))
            last = para
    body.skip(at, len(body.source.text))
    body.end()


def _gap(last: _Para | None, para: _Para) -> str:
    """Return the separator of *para* from the one before: none between items of a list."""
    if last and last.verdict is para.verdict is Role.QUOTE:
        return "\n>\n"
    items = [bool(p and p.prefix and p.verdict is Role.ITEM) for p in (last, para)]
    if all(items) and last and _list_marker(last)[0].isdigit() == _list_marker(para)[0].isdigit():
        return "\n"
    return "\n\n"


def _joined(source: Source, para: _Para) -> Runs:
    """Return the lines of *para* as one."""
    runs: list[Run] = []
    for n, (start, end) in enumerate(para.lines):
        if n:
            runs += source.runs(para.lines[n - 1][1], start, " ")
        runs += source.runs(start, end)
    return tuple(runs)


def _list_marker(para: _Para) -> str:
    match = _MARKER.match(para.text)
    return f"{int(match['number'])}. " if match and match["number"] else "- "
