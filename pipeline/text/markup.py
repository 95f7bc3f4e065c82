"""Markdown: the one markup of an article's text.

`scan` finds the inline markup of a sentence with exact offsets, which no CommonMark parser gives;
it is used to cut and to protect text, where a wrong guess costs little. `commonmark` asks the
parser itself, for all that a reader will get.
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from markdown_it.token import Token as Token


class ProtectedKind(StrEnum):
    """Kinds of pieces that a translation keeps as they are; the value names one in findings."""

    label: str
    """Name for translators: “the footnote [^1] is lost”."""

    def __new__(cls, value: str, label: str) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.label = label
        return kind

    URL = "url", "link"
    ADDRESS = "address", "link"
    """A URL or e-mail address that is no link."""
    EMPTY_LINK = "empty link", "link without words, to"
    IMAGE = "image", "image"
    TAG = "tag", "tag"
    CODE = "code", "code"
    PLACEHOLDER = "placeholder", "placeholder"
    FOOTNOTE = "footnote", "footnote"
    SHORTCODE = "shortcode", "shortcode"
    EMPHASIS = "emphasis", "emphasis"


Inventory = Counter[tuple[ProtectedKind, str]]
"""Protected pieces with their counts."""

URL = r"(?:https?://|www\.)[^\s<>\"'`|\\^{}\[\]]*[^\s<>\"'`|\\^{}\[\].,;:!?)»”’*_]"
EMAIL = (
    r"(?<![A-Za-z0-9.%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"
)

_FIELD = r"(?:(?:[A-Za-z_][A-Za-z0-9_]{0,40}|\d{1,3})(?:\.\w{1,40}|\[\w{1,40}\]){0,20})?"
_SIZE = r"[-+#0]*\d{0,3}[,_]?(?:\.\d{1,3})?"
_SPEC = r"(?:[^{}]?[<>=^])?[- ]?" + _SIZE + r"[A-Za-z%]?|%[^{}]{1,30}"
_CONVERSION = r"(?:hh?|ll?|z)?[sdiufgecxXrFGE@]"
PLACEHOLDER = (
    # Of str.format, but with no width alone and no blank alone: “{note:3}” is prose.
    rf"\{{{_FIELD}(?:![rsa])?(?::(?!\d+\}}|[ ][A-Za-z]\}})(?:{_SPEC}))?\}}"
    rf"|%\(\w{{1,40}}\){_SIZE}{_CONVERSION}"
    # Of printf, but with no blank as a flag, no width alone, and no letter or elision after it:
    # “5 % of”, “5 %ige”, “le %d’aide”, and “%50” in Turkish, are prose; see `is_share` too.
    r"|%(?<!%%)(?:[1-9]\$)?(?:[-+#0]+\d{0,3})?(?:\.\d{1,3})?"
    rf"{_CONVERSION}(?![0-9A-Za-z_\u00c0-\u024f])(?!(?<=d)['’]\w)"
)
"""A placeholder that a program would fill in, unless `is_share` takes it for a per cent sign."""

_SHARE = re.compile(
    r"(?=(?P<before>(?:>[^<>]*<|;\w{1,30}#?&|\)[^()\s]*\(\]|[^\w.,:;!?]|_)*))(?P=before)"
    r"[\d\u00bc-\u00be\u2150-\u215f]"
)
"""A number, backwards: before it blanks, quotes, and tags, entities and ends of links."""
BACK = 200
"""Characters before a per cent sign that are examined, so that `scan` stays linear."""


def is_share(placeholder: str, before: str) -> bool:
    """Return whether an apparent placeholder of printf is prose: “**5** %e”."""
    bare = placeholder[0] == "%" and placeholder[1] != "("
    return bare and _SHARE.match(before[-BACK:][::-1]) is not None


FOOTNOTE = r"\[\^[^\s\[\]^]{1,40}\]"
"""Mark of a footnote, as Hugo, GitHub and others have it; to CommonMark it is text."""

_TOKEN = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)"
    r"|(?P<ticks>`+)"
    rf"|(?P<autolink><(?:[A-Za-z][A-Za-z0-9+.-]{{1,31}}:[^\s<>]*|{EMAIL})>)"
    r"|(?P<comment><!--)"
    r"|</?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?:\s[^<>]*)?/?>"
    rf"|(?P<{ProtectedKind.FOOTNOTE}>{FOOTNOTE})"
    r"|(?P<open>!?\[)|(?P<close>\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]]*\])?)"
    rf"|(?P<{ProtectedKind.PLACEHOLDER}>{PLACEHOLDER})"
    rf"|(?P<{ProtectedKind.ADDRESS}>{URL}|{EMAIL})"
    rf"|(?P<{ProtectedKind.EMPHASIS}>\*+|_+|~~)"
)
_MARKED = re.compile(r"[\\&`<\[\]{%*_~@]|://|www\.")
"""Characters of which any `_TOKEN` has one. Most sentences have none, and `_TOKEN` is slow."""
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""Elements of HTML that hold nothing and have no end tag."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of inline markup."""

    start: int
    end: int
    kind: str
    """``open`` or ``close`` of a pair, or ``atom``: not to be translated, not to be cut."""
    partner: int = -1
    """Offset of the other mark of a pair."""
    shown: str = ""
    """Plain text that stands for an atom."""


class _Scanner:
    """Collects the marks of a text: the pairs by means of a stack of what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks: dict[int, Mark] = {}
        self.stack: list[tuple[str, int, int]] = []
        self.open: Counter[str] = Counter()
        self.ticks: dict[int, list[int]] = {}
        for match in reversed([*re.finditer("`+", text)]):
            self.ticks.setdefault(len(match[0]), []).append(match.start())
        self.last_comment = text.rfind("-->")

    def atom(self, start: int, end: int, shown: str = "") -> int:
        self.marks[start] = Mark(start, end, "atom", shown=shown)
        return end

    def begin(self, name: str, start: int, end: int) -> None:
        self.stack.append((name, start, end))
        self.open[name] += 1

    def finish(self, name: str, start: int, end: int) -> None:
        """End what is open by that *name*, and leave unpaired what is open within."""
        while self.open[name]:
            entry, o0, o1 = self.stack.pop()
            self.open[entry] -= 1
            if entry == name:
                if end > start:
                    self.marks[o0] = Mark(o0, o1, "open", start)
                    self.marks[start] = Mark(start, end, "close", o0)
                return

    def code(self, start: int, end: int) -> int:
        """Take a code span; return where to go on."""
        starts = self.ticks.get(end - start, [])
        while starts and starts[-1] <= start:
            starts.pop()
        return self.atom(start, starts[-1] + end - start, "code") if starts else end

    def take(self, match: re.Match[str]) -> int:
        """Take one token; return where to go on."""
        kind, (start, end) = str(match.lastgroup), match.span()
        if kind == ProtectedKind.PLACEHOLDER and is_share(
            match[0], self.text[max(0, start - BACK) : start]
        ):
            return start + 1
        if kind == "ticks":
            return self.code(start, end)
        if kind in {"autolink", ProtectedKind.ADDRESS, ProtectedKind.PLACEHOLDER}:
            self.atom(start, end, "link")
        elif kind == ProtectedKind.FOOTNOTE:
            self.atom(start, end)
        elif kind == "escape":
            self.atom(start, end, match[0][1])
        elif kind == "entity":
            self.atom(start, end, html.unescape(match[0]))
        elif kind == "comment":
            if end <= self.last_comment:
                end = self.atom(start, self.text.index("-->", end) + 3)
        elif kind == "name":
            self.tag(match["name"].lower(), start, end)
        elif kind == "open":
            self.begin("[", start, end)
        elif kind == "close":  # a bare bracket ends what is open, and is no mark
            self.finish("[", start, end if end - start > 1 else start)
        else:
            self.emphasis(match[0], start, end)
        return end

    def tag(self, name: str, start: int, end: int) -> None:
        closing = self.text.startswith("</", start)
        if closing:
            self.finish(f"<{name}", start, end)
        elif name not in VOID:
            self.begin(f"<{name}", start, end)
        self.marks.setdefault(start, Mark(start, end, "atom"))

    def emphasis(self, name: str, start: int, end: int) -> None:
        opens, closes = _flanking(self.text, start, end)
        if closes and self.open[name]:
            self.finish(name, start, end)
        elif opens:
            self.begin(name, start, end)


def scan(text: str) -> tuple[Mark, ...]:
    """Return the inline markup of *text*, in order, not overlapping. Linear in its length."""
    if not _MARKED.search(text):
        return ()
    scanner = _Scanner(text)
    at = 0
    while match := _TOKEN.search(text, at):
        at = scanner.take(match)
    return tuple(scanner.marks[start] for start in sorted(scanner.marks))


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


@functools.lru_cache(maxsize=20_000)
def shown(text: str) -> str:
    """Return *text* without markup. Cached: it is asked for the same sentence often."""
    return plain(text)[0]


def plain(text: str, marks: Sequence[Mark] | None = None) -> tuple[str, list[int]]:
    """Return *text* without markup, and the offset in *text* of each character."""
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
    r"[\\`]|(?<!\s)\*|\*(?!\s)|~(?=~)|\](?=[(\[:])|!(?=\[)|<(?=[A-Za-z/!?])"
    r"|&(?=#?[A-Za-z0-9]+;)|(?<![^\W_])_|_(?![^\W_])|(?<!\S)#(?=#*\s*\Z)"
)
_LINKS = re.compile(rf"(?=https?://){URL}|{EMAIL}")


def escape(text: str) -> str:
    """Return plain *text* as inline Markdown that reads the same."""
    return _SPECIAL.sub(lambda m: "\\" + m[0], text)


def escapes(text: str, *, linked: bool = False, following: str = "") -> list[tuple[int, str]]:
    """Return insertions into plain *text*, with their offsets, so that Markdown reads the same.

    Backslashes; and the angle brackets that make links of URLs and e-mail addresses, unless the
    text is *linked*: then it is the brackets of a link that nothing in it may end. *following*
    is the markup after it.
    """
    spans = [] if linked else [m.span() for m in _LINKS.finditer(text)]
    found = [pair for start, end in spans for pair in ((start, "<"), (end, ">"))]
    inside = {at for start, end in spans for at in range(start, end)}
    at = {m.start() for m in _SPECIAL.finditer(text + following)} - inside
    if linked:
        at |= {m.start() for m in re.finditer(r"[\[\]]", text)}
    found += [(offset, "\\") for offset in at if offset < len(text)]
    return sorted(found, key=lambda pair: pair[0])


_LEADING = re.compile(
    r"#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|=+\s*$|-{2,}\s*$|\d{1,9}(?=[.)](?:\s|$))|~{3}|[|:][|:\s-]*$"
    r"|(?P<rule>[*_-])(?:\s*(?P=rule)){2,}\s*$"
)


def guard(text: str) -> str:
    """Return *text* so that at the start of a line it stays running text: no list, no heading.

    ``8. März`` would otherwise begin a numbered list. Text that is safe comes back as it is.
    """
    if match := _LEADING.match(text):
        at = match.end() if match[0].isdigit() else match.start()
        return f"{text[:at]}\\{text[at:]}"
    return text
