"""Tokens of a sentence, which tell its meaning from its typography.

Words, numbers, dates, links and markup, each with a key that is the same for two spellings of the
same thing. Only differences known to be typography are left out of the key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from pipeline.text import locales, markup, tables


class Token(NamedTuple):
    kind: str
    """``word``, ``number``, ``date``, ``name``, ``url``, ``email``, ``atom``, ``mark``, ``comma``,
    ``point`` or ``joint``, which stands where two words have no space between them."""
    text: str
    key: str
    """Equal for two tokens that differ in typography only."""
    mask: str
    """Equal for two tokens that differ in their value only."""
    start: int
    end: int
    spaced: bool
    """Whether there is a space before it."""


WORDS = frozenset(("word", "number", "date", "name", "url", "email", "atom"))
VALUES = frozenset(("number", "date", "name", "url", "email"))

_SINGLE, _DOUBLE = "'’‘‚‛‹›", '"“”„‟«»'
_HYPHEN, _EN, _EM = "-‐‑", "‒–", "—―"
_DASHES = _HYPHEN + _EN + _EM
_APOSTROPHE = "'’ʼ´`"
_INVISIBLE = frozenset("\u00ad\u0640\u200b\u200e\u200f\u2060\u061c\ufeff")
"""Soft hyphens, the bar that stretches Arabic letters, and zero-width characters. Joiners stay:
Persian and Hindi spell with them."""
_LIGATURES = "ﬀﬁﬂﬃﬄﬅﬆ"
_PLAIN = re.escape(f"{_SINGLE}{_DOUBLE}{_DASHES}−,،，.;؛:!?؟…()[]%¿¡/$€£¥₽´`")
_W = rf"[^\s{_PLAIN}]"
"""A character of a word: any but the punctuation around which a space makes no difference."""
_JOIN = rf"[{re.escape(_HYPHEN + _EN + _APOSTROPHE)}.·]"
TOKEN = re.compile(
    rf"(?P<space>\s+)"
    rf"|(?P<number>(?:(?<![^\s(\[{_SINGLE}{_DOUBLE}])[-−])?"
    r"(?P<figure>\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,:/'’٫٬]\d+)*)"
    rf"(?P<suffix>{_W}*(?:\.{_W}+)*))"
    rf"|(?P<word>{_W}+(?:{_JOIN}{_W}+)*)"
    rf"|(?P<dash>[{re.escape(_DASHES)}]+)"
    rf"|(?P<quote>[{_SINGLE}{_DOUBLE}])"
    r"|(?P<comma>[,،，])"
    r"|(?P<point>\.{3}|[\s\S])"
)
_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")


@cache
def _suffixes(name: str) -> frozenset[str]:
    found = tables.lists("changes/number_suffixes", "ordinal", "sizes")[name]
    return frozenset(chain.from_iterable(found.values()))


def is_ordinal(suffix: str) -> bool:
    """Return whether a number with this *suffix* is a place in an order: ``3rd``."""
    return suffix in _suffixes("ordinal")


def is_size(suffix: str) -> bool:
    """Return whether *suffix* makes a thousand, a million or more of a number."""
    return suffix in _suffixes("sizes")


class _Cutter:
    """Cuts a text into tokens, its markup taken out first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.chars: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.spaced = True
        self.open = False
        """Whether the last token was a word, and no space or punctuation came after it."""

    def run(self) -> list[Token]:
        at = 0
        for mark in markup.scan(self.text):
            self.plain(at, mark.start)
            raw = self.text[mark.start : mark.end]
            if mark.kind == "atom" and raw[0] in "\\&":
                for char in mark.shown:
                    self.char(char, mark.start, mark.end)
            else:
                self.words(last=False)
                self.mark(mark, raw)
            at = mark.end
        self.plain(at, len(self.text))
        self.words(last=True)
        return self.tokens

    def plain(self, start: int, end: int) -> None:
        for match in _RUN.finditer(self.text, start, end):
            first, last = match.span()
            if match[0].isascii():
                self.chars += match[0]
                self.starts += range(first, last)
                self.ends += range(first + 1, last + 1)
            else:
                self.char(match[0], first, last)

    def char(self, char: str, start: int, end: int) -> None:
        """Take one character, composed (NFC) with the one before; leave out an invisible one."""
        if char < "\x80":
            self.chars.append(char)
            self.starts.append(start)
            self.ends.append(end)
        elif char not in _INVISIBLE:
            if unicodedata.combining(char) and self.chars:
                whole = unicodedata.normalize("NFC", self.chars[-1] + char)
                if len(whole) == 1:
                    self.chars[-1] = whole
                    self.ends[-1] = end
                    return
            form = unicodedata.normalize("NFKC" if char in _LIGATURES else "NFC", char)
            self.chars += form
            self.starts += [start] * len(form)
            self.ends += [end] * len(form)

    def add(self, kind: str, text: str, key: str, mask: str, start: int, end: int) -> None:
        """Take one token; where *mask* is "", it is as the key."""
        if kind in WORDS:
            if self.open and not self.spaced:
                self.tokens.append(Token("joint", "", "joint", "joint", start, start, False))
            self.open = True
        elif kind != "mark":
            self.open = False
        key = f"{kind} {key}"
        self.tokens.append(Token(kind, text, key, mask or key, start, end, self.spaced))
        self.spaced = False

    def mark(self, mark: markup.Mark, raw: str) -> None:
        start, end = mark.start, mark.end
        inner = raw.strip("<>")
        if mark.kind == "atom" and re.fullmatch(markup.EMAIL, inner):
            start += raw.index(inner)
            self.add("email", inner, raw, "email", start, start + len(inner))
        elif mark.kind == "atom" and re.fullmatch(markup.URL, inner):
            start += raw.index(inner)
            self.add("url", inner, raw, f"url {raw[0] == '<'}", start, start + len(inner))
        elif mark.kind == "atom" and not raw.startswith(("</", "<!")) and raw[0] in "`<{%":
            kind = "mark" if raw[0] == "<" else "atom"
            self.add(kind, raw, raw, "", start, end)
        elif link := re.fullmatch(r"\]\(([^\s<>]+)\)", raw):
            spaced, self.spaced = self.spaced, False
            start += 2
            token = Token("url", link[1], f"mark {raw}", "](url)", start, end - 1, spaced)
            self.tokens.append(token)
        else:
            shape = "*" * len(raw) if set(raw) <= {"*", "_"} else raw
            self.add("mark", raw, shape, "", start, end)

    def words(self, *, last: bool) -> None:
        """Cut the characters so far; they are the *last* of the text, or markup comes next."""
        plain = "".join(self.chars)
        alike = plain.isascii() and "`" not in plain
        for match in TOKEN.finditer(plain):
            kind = str(match.lastgroup)
            if kind == "space":
                self.spaced, self.open = True, False
                continue
            text = match[0]
            start, end = match.span()
            key, mask = text if alike else _alike(kind, text), ""
            if kind == "number":
                mask = _number_mask(match)
            elif kind == "dash":
                after = plain[end : end + 1] or (" " if last else "")
                kind, key = "point", _dash(text, after, spaced=self.spaced)
            elif kind == "quote":
                before = plain[start - 1 : start]
                kind, key = "point", "'" if before.isdigit() and text in _SINGLE else '"'
            start, end = self.starts[start], self.ends[end - 1]
            self.add(kind, text, key, mask, start, end)
        self.chars.clear()
        self.starts.clear()
        self.ends.clear()


_SPELT = str.maketrans(
    dict.fromkeys(_HYPHEN + _EN, "-")
    | dict.fromkeys(_APOSTROPHE, "'")
    | dict.fromkeys("\u00a0\u2009\u202f", " ")
)


def _alike(kind: str, text: str) -> str:
    if text.isascii() and "`" not in text:
        return text
    if kind == "comma":
        return ","
    if text == "…":
        return "..."
    return text if kind == "point" else text.translate(_SPELT).replace("−", "-")


def _number_mask(match: re.Match[str]) -> str:
    sign = match["number"][0] in "-−"
    suffix = match["suffix"]
    return f"number {sign} {'ordinal' if is_ordinal(suffix) else suffix}"


def _dash(text: str, after: str, *, spaced: bool) -> str:
    """Classify a dash: between words, within one, or at one end as in “pre- and post-war”."""
    long = any(char in _EN + _EM for char in text)
    if spaced and after.isspace():
        return "dash"
    if not spaced and not after.isspace():
        return "hyphen" if len(text) == 1 and text not in _EM else "dash"
    return "dash" if long and not after.isdigit() else f"hanging {len(text)} {spaced}"


def tokenize(text: str) -> list[Token]:
    """Return the tokens of *text*, in order. Linear in its length."""
    return _Cutter(text).run()


_WINDOW = 8
"""Tokens before or after its year that a date may have: “Monday, the 3rd of March, ”."""


def with_dates(tokens: Sequence[Token], language: str) -> list[Token]:
    """Return *tokens* with each date with a year as one token, see `locales.parse_date`."""
    if "number" not in [token.kind for token in tokens]:
        return list(tokens)
    found: list[Token] = []
    taken = 0
    for n, token in enumerate(tokens):
        if n < taken:
            continue
        if token.kind == "number" and re.fullmatch(r"\d{4}", token.text):
            span = _date_around(tokens, n, max(taken, n - _WINDOW), language)
            if span:
                first, taken = span
                del found[len(found) - (n - first) :]
                found.append(_date_token(tokens[first:taken], language))
                continue
        found.append(token)
    return found


def _date_around(
    tokens: Sequence[Token], year: int, lowest: int, language: str
) -> tuple[int, int] | None:
    """Return the span of the date with that *year*, its week day included."""
    spans = [(first, year + 1) for first in range(year, lowest - 1, -1)]
    spans += [(year, end) for end in range(year + 2, min(year + _WINDOW, len(tokens)) + 1)]
    best: tuple[int, int] | None = None
    for first, end in spans:
        inner = tokens[first:end]
        kinds = {token.kind for token in inner}
        if "word" not in kinds or kinds - {"word", "number", "comma", "point"}:
            continue
        date = locales.parse_date(detokenize(inner), language)
        if date and (best is None or date[1]):
            best = first, end
            if date[1]:
                break
    return best


def _date_token(inner: Sequence[Token], language: str) -> Token:
    date = locales.parse_date(detokenize(inner), language)
    key = " ".join(token.key for token in inner if token.kind != "comma")
    mask = f"date {bool(date and date[1])}"
    first = inner[0]
    return Token("date", detokenize(inner), f"date {key}", mask, first.start, inner[-1].end, True)


def detokenize(tokens: Sequence[Token]) -> str:
    """Return *tokens* as they read, each space a plain one."""
    return "".join(f"{' ' * (t.spaced and n > 0)}{t.text}" for n, t in enumerate(tokens))
