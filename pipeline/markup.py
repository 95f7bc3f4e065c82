"""Markdown: the one markup of an article's text. The only module that knows markdown-it.

Two views of it live here. `scan` finds the inline markup of a sentence with exact offsets, which
no CommonMark parser gives; it is used to cut and to protect text, where a wrong guess costs
little. `inventory` and `is_paragraph` ask the parser itself, and so does the HTML that is
published: what they say of a translation is what a reader will get.
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token as Token

URL = r"(?:https?://|www\.)[^\s<>\"'`|\\^{}\[\]]*[^\s<>\"'`|\\^{}\[\].,;:!?)»”’*_]"
EMAIL = r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"

_TOKEN = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)"
    r"|(?P<ticks>`+)"
    rf"|(?P<autolink><(?:[A-Za-z][A-Za-z0-9+.-]{{1,31}}:[^\s<>]*|{EMAIL})>)"
    r"|(?P<comment><!--(?:[^-]|-(?!->)){0,2000}-->)"
    r"|(?P<tag></?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?:\s[^<>]*)?/?>)"
    r"|(?P<image>!\[)|(?P<open>\[)|(?P<close>\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]]*\])?)"
    r"|(?P<placeholder>\{[A-Za-z_][A-Za-z0-9_.]{0,40}\}|%\([A-Za-z_]\w{0,40}\)[sd])"
    rf"|(?P<url>{URL})|(?P<email>{EMAIL})"
    r"|(?P<emphasis>\*+|_+|~~)"
)
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of inline markup."""

    start: int
    end: int
    kind: str
    """``open`` or ``close`` of a pair, or ``atom``: not to be translated, not to be cut."""
    partner: int = -1
    """Of a pair: the offset at which the other mark starts."""
    shown: str = ""
    """Of an atom: what stands for it in plain text."""


def scan(text: str) -> tuple[Mark, ...]:
    """Return the inline markup of *text*, in order, not overlapping. Linear in its length."""
    marks: dict[int, Mark] = {}
    stack: list[tuple[str, int, int]] = []
    closers = {m.start(): m.end() for m in re.finditer("`+", text)}
    lengths: dict[int, list[int]] = {}
    for start, end in closers.items():
        lengths.setdefault(end - start, []).append(start)
    at = 0
    while match := _TOKEN.search(text, at):
        kind, start, at = str(_kind(match)), match.start(), match.end()
        if kind == "ticks":
            size = at - start
            starts = lengths[size]
            while starts and starts[0] <= start:
                starts.pop(0)
            if starts:
                at = starts[0] + size
                marks[start] = Mark(start, at, "atom", shown="code")
        elif kind == "escape":
            marks[start] = Mark(start, at, "atom", shown=match[0][1])
        elif kind == "entity":
            marks[start] = Mark(start, at, "atom", shown=html.unescape(match[0]))
        elif kind in {"autolink", "url", "email", "placeholder"}:
            marks[start] = Mark(start, at, "atom", shown="link")
        elif kind == "comment" or (kind == "tag" and match["name"].lower() in _VOID):
            marks[start] = Mark(start, at, "atom")
        elif kind == "tag":
            closing = match[0].startswith("</")
            _pair(marks, stack, "<" + match["name"].lower(), start, at, closing)
            marks.setdefault(start, Mark(start, at, "atom"))
        elif kind in {"image", "open"}:
            stack.append(("[", start, at))
        elif kind == "close":
            if at - start > 1:
                _pair(marks, stack, "[", start, at, True)
            elif "[" in (entry[0] for entry in stack):
                while stack.pop()[0] != "[":
                    pass
        else:
            opens, closes = _flanking(text, start, at)
            if closes and any(entry[0] == match[0] for entry in stack):
                _pair(marks, stack, match[0], start, at, True)
            elif opens:
                stack.append((match[0], start, at))
    return tuple(marks[start] for start in sorted(marks))


def _kind(match: re.Match[str]) -> str | None:
    return "tag" if match.lastgroup == "name" else match.lastgroup


def _pair(
    marks: dict[int, Mark],
    stack: list[tuple[str, int, int]],
    name: str,
    start: int,
    end: int,
    closing: bool,
) -> None:
    """Put the opening mark on the *stack*, or find it there and note both as a pair."""
    if not closing:
        stack.append((name, start, end))
    elif any(entry[0] == name for entry in stack):
        while True:
            entry, o0, o1 = stack.pop()
            if entry == name:
                break
        marks[o0] = Mark(o0, o1, "open", start)
        marks[start] = Mark(start, end, "close", o0)


def _flanking(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Return whether emphasis may open and may close here (CommonMark 0.31, section 6.2)."""
    before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
    punct_before, punct_after = _punctuation(before), _punctuation(after)
    left = not after.isspace() and (not punct_after or before.isspace() or punct_before)
    right = not before.isspace() and (not punct_before or after.isspace() or punct_after)
    if text[start] == "_":
        return left and (not right or punct_before), right and (not left or punct_after)
    return left, right


def _punctuation(char: str) -> bool:
    return not char.isalnum() and not char.isspace()


def plain(text: str, marks: Sequence[Mark] | None = None) -> tuple[str, list[int]]:
    """Return *text* as it reads without markup, and the offset in *text* of each character."""
    chars: list[str] = []
    offsets: list[int] = []
    at = 0
    for mark in (*(scan(text) if marks is None else marks), Mark(len(text), len(text), "atom")):
        chars += text[at : mark.start]
        offsets += range(at, mark.start)
        chars += mark.shown
        offsets += [mark.start] * len(mark.shown)
        at = mark.end
    return "".join(chars), offsets


_SPECIAL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|`|(?<!\s)\*|\*(?!\s)|\](?=[(\[:])|<(?=[A-Za-z/!?])"
    r"|&(?=[A-Za-z#][A-Za-z0-9]*;)|(?<!\w)_|_(?!\w)"
)


def escape(text: str) -> str:
    """Return plain *text* as inline Markdown that reads the same."""
    return _SPECIAL.sub(lambda m: "\\" + m[0], text)


_LEADING = re.compile(
    r"(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|=+\s*$|-{2,}\s*$|\d{1,9}(?=[.)](?:\s|$)))"
)


def escapes(text: str) -> list[tuple[int, str]]:
    """Return what has to be put into plain *text*, and where, so that Markdown reads the same.

    Backslashes; and the angle brackets that make links of URLs and e-mail addresses.
    """
    found: list[tuple[int, str]] = []
    spans = [m.span() for m in re.finditer(rf"(?=https?://){URL}|{EMAIL}", text)]
    for start, end in spans:
        found += [(start, "<"), (end, ">")]
    inside = {at for start, end in spans for at in range(start, end)}
    found += [(m.start(), "\\") for m in _SPECIAL.finditer(text) if m.start() not in inside]
    return sorted(found, key=lambda pair: pair[0])


def guard(text: str) -> str:
    """Return *text* so that at the start of a line it stays running text: no list, no heading.

    ``8. März`` would otherwise begin a numbered list. Text that is safe comes back as it is.
    """
    if match := _LEADING.match(text):
        at = match.end() if match[0].isdigit() else match.start()
        return f"{text[:at]}\\{text[at:]}"
    return text


@functools.cache
def parser() -> MarkdownIt:
    """Return the parser: CommonMark, with tables and raw HTML, for reading and for publishing."""
    return MarkdownIt("commonmark").enable("table")


def render(body: str) -> str:
    """Return *body* as HTML."""
    return str(parser().render(body))


def is_paragraph(text: str) -> bool:
    """Return whether *text* alone is one paragraph: no list, heading, fence or block of HTML."""
    kinds = [token.type for token in parser().parse(text)]
    return kinds == ["paragraph_open", "inline", "paragraph_close"]


def shape(body: str) -> tuple[tuple[str, str], ...]:
    """Return the blocks of *body*, in order, without their text; verbatim ones with it."""
    return tuple(
        (token.type, token.content if token.type in {"fence", "code_block", "html_block"} else "")
        for token in parser().parse(body)
    )


def inventory(text: str) -> Counter[tuple[str, str]]:
    """Return what the inline markup of *text* does, each with how often it does it.

    The keys are (``url`` | ``code`` | ``tag`` | ``placeholder`` | ``shortcode`` | ``emphasis``,
    value).
    """
    found: Counter[tuple[str, str]] = Counter()
    for token in _walk(parser().parseInline(text)):
        if token.type in {"link_open", "image"}:
            found["url", str(token.attrs.get("href") or token.attrs.get("src") or "")] += 1
        elif token.type == "code_inline":
            found["code", token.content] += 1
        elif token.type == "html_inline":
            found["tag", re.sub(r"\s+", " ", token.content)] += 1
        elif token.type in {"strong_open", "em_open"}:
            found["emphasis", token.tag] += 1
        elif token.type == "text":
            for url in re.findall(URL, token.content):
                found["url", url] += 1
            for email in re.findall(EMAIL, token.content):
                found["url", email] += 1
            for name in re.findall(r"\{[A-Za-z_][A-Za-z0-9_.]{0,40}\}|%\(\w+\)[sd]", token.content):
                found["placeholder", name] += 1
    for code in re.findall(r"\{\{[<%]|<!--\s*wp:|\[/?[a-z_]+(?:\s[^\[\]]*)?\](?![(\[])", text):
        found["shortcode", code] += 1
    return found


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or ())
