"""Reader of CommonMark. Blocks come from markdown-it; everything between them is skeleton."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.formats import frontmatter
from pipeline.model import Block, Finding, Piece, Role, Run, Skeleton
from pipeline.text import commonmark, markup
from pipeline.text.source import Source, join_source
from pipeline.text.words import shortened

if TYPE_CHECKING:
    from pipeline.text.markup import Token


def read(
    source: Source, language: str, verdicts: Mapping[str, str]
) -> tuple[Mapping[str, object], Sequence[Piece], Sequence[Finding]]:
    """Return the front matter and the pieces of a Markdown *source*; see `formats.Reader`."""
    meta, pieces, start = frontmatter.split(source)
    env: dict[str, Any] = {}
    tokens = commonmark.parser().parse(source.text[start:], env)
    found = list(_blocks(source.text, start, tokens))
    title = None if meta.get("title") else _title(tokens)
    at = start
    for block in found:
        field = "title" if block.token is title else ""
        pieces.append(_gap(source, at, block.start, "" if field else None))
        pieces += _pieces(source, block, field)
        at = block.end
        if field:
            rest = re.compile(r"[ \t#]*(?:\n=+[ \t]*(?=\n|\Z))?\n*").match(source.text, at)
            at = rest.end() if rest else at
            pieces.append(_gap(source, block.end, at, ""))
    pieces.append(_gap(source, at, len(source.text)))
    return meta, pieces, _untranslated(source.text, start, tokens, env, found)


def _gap(source: Source, start: int, end: int, text: str | None = None) -> Skeleton:
    runs = source.runs(start, end)
    return Skeleton(join_source(runs), source.text[start:end] if text is None else text)


def _title(tokens: Sequence[Token]) -> Token | None:
    """Return the inline token of the first-level heading that opens the text, if one does."""
    if len(tokens) > 1 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return tokens[1]
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    token: Token
    role: Role
    lines: tuple[tuple[int, int], ...]
    """(start, end) of each line of the text, in the source."""

    @property
    def start(self) -> int:
        return self.lines[0][0]

    @property
    def end(self) -> int:
        return self.lines[-1][1]


_CELLS = frozenset({"th_open", "td_open"})


def _blocks(text: str, start: int, tokens: Sequence[Token]) -> Iterator[_Found]:
    """Find the place of each block's inline content in *text*."""
    starts = [start]
    for line in text[start:].split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    stack: list[str] = []
    at = start
    for token in tokens:
        if token.nesting == 1:
            stack.append(token.type)
        elif token.nesting == -1:
            stack.pop()
        elif token.type == "inline" and token.map and token.content.strip():
            lines: list[tuple[int, int]] = []
            for n, content in enumerate(token.content.split("\n")):
                number = token.map[0] + n
                begin = max(at, starts[number])
                if stack[-1] in _CELLS:  # the parser took the backslashes away
                    content = content.replace("|", "\\|")
                found = text.find(content.strip(), begin, starts[number + 1])
                if found < 0:
                    lines = []
                    break
                at = found + len(content.strip())
                lines.append((found, at))
            for its in _footnotes(text, lines):
                yield _Found(token, _role(stack), tuple(its))


_FOOTNOTE = re.compile(rf"{markup.FOOTNOTE}:[ \t]*(?=\S)")


def _footnotes(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Give *lines* in groups: each footnote by itself, without its mark, and the lines before.

    To CommonMark they are one paragraph; whoever knows footnotes wants each on its line.
    """
    group: list[tuple[int, int]] = []
    for start, end in lines:
        mark = _FOOTNOTE.match(text, start, end)
        if mark and group:
            yield group
            group = []
        group.append((mark.end() if mark else start, end))
    if group:
        yield group


def _role(stack: Sequence[str]) -> Role:
    if stack[-1] == "heading_open":
        return Role.HEADING
    if stack[-1] in _CELLS:
        return Role.CELL
    if "blockquote_open" in stack:
        return Role.QUOTE
    return Role.ITEM if "list_item_open" in stack else Role.PARAGRAPH


_VERBATIM = frozenset({"fence", "code_block", "html_block"})
_HTML = re.compile(r"(?is)<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>")
_BEGINNING = 40


def _untranslated(
    text: str, start: int, tokens: Sequence[Token], env: Mapping[str, Any], found: Sequence[_Found]
) -> list[Finding]:
    """Report words that are in no block: those of raw HTML, and those without a place.

    The latter stand in cells that a table has no column for, or are nested too deeply.
    """
    first = text.count("\n", 0, start) + 1
    verbatim = [token for token in tokens if token.type in _VERBATIM and token.map]
    references = [*env.get("references", {}).values(), *env.get("duplicate_refs", ())]
    maps = [token.map or [] for token in verbatim] + [entry["map"] for entry in references]
    known = {first + n for begin, end in maps for n in range(begin, end)}
    reports = []
    for token in verbatim:
        words = html.unescape(_HTML.sub(" ", token.content)) if token.type == "html_block" else ""
        if any(map(str.isalpha, words)):
            reports.append((first + (token.map or [0])[0], words, "is raw HTML"))
    at = start
    for end, following in [*((block.start, block.end) for block in found), (len(text), 0)]:
        if line := _unread(text, at, end, known):
            reports.append((*line, "is not where Markdown shows text"))
        at = following
    return [
        Finding("not translated", f"“{_beginning(words)}” {why}: it stays as it is", f"line {line}")
        for line, words, why in sorted(reports)
    ]


def _unread(text: str, start: int, end: int, known: Collection[int]) -> tuple[int, str] | None:
    """Return the first line between *start* and *end* with words in it that is not *known*."""
    if not any(map(str.isalpha, text[start:end])):
        return None
    number = text.count("\n", 0, start) + 1
    for n, line in enumerate(text[start:end].split("\n"), number):
        if n not in known and any(map(str.isalpha, re.sub(f"{markup.FOOTNOTE}:", "", line))):
            return n, line
    return None


def _beginning(text: str) -> str:
    return shortened(" ".join(text.split()).strip("|>-*+ "), _BEGINNING, over=True)


_IMAGE = re.compile(r"(!\[)((?:[^\[\]\\]|\\.)+)(\]\([^()\s]*(?:\s+\"[^\"]*\")?\))")
_BREAK = re.compile(r" {2,}$|\\$")


def _pieces(source: Source, block: _Found, field: str) -> Iterator[Piece]:
    """Unwrap the lines of *block*; a hard break ends a block, unless markup spans it."""
    text = source.text
    role = Role.TITLE if field else block.role
    image = _IMAGE.fullmatch(text, *block.lines[0])
    if image and len(block.lines) == 1 and not field:
        yield _gap(source, image.start(1), image.end(1))
        yield Block(source.runs(*image.span(2)), Role.ALT)
        yield _gap(source, image.start(3), image.end(3))
        return
    runs: list[Run] = []
    joints = _joints(text, block.lines)
    for (start, end), (following, _), joint in zip(
        block.lines, block.lines[1:], joints, strict=False
    ):
        end -= joint.removed
        runs += source.runs(start, end)
        if joint.text or field:
            runs += source.runs(end, following, " " if field else joint.text)
        else:
            yield Block(tuple(runs), role)
            yield _gap(source, end, following)
            runs = []
    yield Block((*runs, *source.runs(*block.lines[-1])), role, field)


@dataclass(frozen=True, slots=True)
class _Joint:
    """The joint of a line and the next."""

    text: str
    """"" where the block ends with the line."""
    removed: int = 0
    """Characters of the line that belong to its end: a backslash."""


def _joints(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[_Joint]:
    """Give the joint after each of *lines* but the last."""
    joined = "\n".join(text[start:end] for start, end in lines)
    marks = markup.scan(joined)
    ends = {mark.partner: mark.end for mark in marks if mark.kind == "close"}
    spans = [(m.start, ends.get(m.start, m.end), m.kind) for m in marks if m.kind != "close"]
    queue = iter(spans)
    span = next(queue, None)
    at = reach = code = 0
    for start, end in lines[:-1]:
        at += end - start
        while span and span[0] < at:
            reach = max(reach, span[1])
            code = max(code, span[1] if span[2] == "atom" else 0)
            span = next(queue, None)
        hard = _BREAK.search(text[start : text.index("\n", end)])
        removed = 1 if hard and hard[0] == "\\" else 0
        if not hard or at < code:  # a line end within code or a tag is a space
            yield _Joint(" ")
        else:
            yield _Joint("<br> " if at < reach else "", removed)
        at += 1
