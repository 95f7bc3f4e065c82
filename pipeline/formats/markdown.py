"""Reading CommonMark. Blocks come from markdown-it; what is between their text is skeleton."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline import markup
from pipeline.clean import Source, join_source
from pipeline.formats import frontmatter
from pipeline.markup import Token
from pipeline.model import Block, Piece, Role, Runs, Skeleton


def read(
    source: Source, language: str, verdicts: Mapping[str, str]
) -> tuple[Mapping[str, object], Sequence[Piece]]:
    """Return the front matter and the pieces of a Markdown *source*; see `formats.Reader`."""
    meta, pieces, start = frontmatter.split(source)
    tokens = markup.parser().parse(source.text[start:])
    found = list(_blocks(source.text, start, tokens))
    title = None if "title" in meta else _title(tokens)
    at = start
    for block in found:
        field = "title" if block.token is title else ""
        pieces.append(_gap(source, at, block.start, "" if field else None))
        pieces += _pieces(source, block, field)
        at = block.end
        if field:
            rest = re.compile(r"[ \t#]*\n(?:=+[ \t]*\n)?\n*").match(source.text, at)
            at = rest.end() if rest else at
            pieces.append(_gap(source, block.end, at, ""))
    pieces.append(_gap(source, at, len(source.text)))
    return meta, pieces


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


def _blocks(text: str, start: int, tokens: Sequence[Token]) -> Iterator[_Found]:
    """Find where in *text* the inline content of each block stands."""
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
                found = text.find(content.strip(), begin, starts[number + 1])
                if found < 0:
                    lines = []
                    break
                at = found + len(content.strip())
                lines.append((found, at))
            if lines:
                yield _Found(token, _role(stack), tuple(lines))


def _role(stack: Sequence[str]) -> Role:
    if stack[-1] == "heading_open":
        return Role.HEADING
    if stack[-1] in {"th_open", "td_open"}:
        return Role.CELL
    if "blockquote_open" in stack:
        return Role.QUOTE
    return Role.ITEM if "list_item_open" in stack else Role.PARAGRAPH


_IMAGE = re.compile(r"(!\[)((?:[^\[\]\\]|\\.)+)(\]\([^()\s]*(?:\s+\"[^\"]*\")?\))")
_BREAK = re.compile(r" {2,}$|\\$")


def _pieces(source: Source, block: _Found, field: str) -> Iterator[Piece]:
    """Unwrap the lines of *block*; a hard break ends a block, unless markup spans it."""
    text = source.text
    role = Role.TITLE if field else block.role
    image = _IMAGE.fullmatch(text, *block.lines[0])
    if image and len(block.lines) == 1:
        yield _gap(source, image.start(1), image.end(1))
        yield Block(source.runs(*image.span(2)), Role.ALT)
        yield _gap(source, image.start(3), image.end(3))
        return
    runs: Runs = ()
    for n, (start, end) in enumerate(block.lines):
        last = n + 1 == len(block.lines)
        following = end if last else block.lines[n + 1][0]
        hard = None if last else _BREAK.search(text[start : text.index("\n", end)])
        if hard and hard[0] == "\\":
            end -= 1
        runs += source.runs(start, end)
        if last:
            break
        if not hard:
            runs += source.runs(end, following, " ")
        elif _open(runs):
            runs += source.runs(end, following, "<br> ")
        else:
            yield Block(runs, role, field)
            yield _gap(source, end, following)
            runs = ()
    yield Block(runs, role, field)


def _open(runs: Runs) -> bool:
    """Return whether *runs* end inside a pair of marks, guessing from what is left unpaired."""
    text = "".join(run.text for run in runs)
    marks = markup.scan(text)
    paired = {at for mark in marks for at in range(mark.start, mark.end)}
    return any(
        match.start() not in paired and not text[match.end() : match.end() + 1].isspace()
        for match in re.finditer(r"\*+|(?<!\w)_+|\[|<(?=[a-z])", text)
    )
