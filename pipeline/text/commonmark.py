"""CommonMark as it is rendered: links, tags, code, and the visible text.

The only module that knows markdown-it, which is loaded when a text has markup at all.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.text.markup import (
    BACK,
    EMAIL,
    FOOTNOTE,
    PLACEHOLDER,
    URL,
    Inventory,
    ProtectedKind,
    is_share,
)

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@functools.cache
def parser() -> MarkdownIt:
    """Return the parser: CommonMark, with tables and raw HTML, for reading and for publishing.

    A list in a list counts twice for the nesting, and the parser silently drops deeper blocks. It
    recurses: a larger limit would end in a `RecursionError`.
    """
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")


def is_safe(url: str) -> bool:
    """Return whether the parser makes a link of *url*: not of ``javascript:``, for example."""
    return parser().validateLink(url)


def visible(text: str) -> str:
    """Return the visible text of inline Markdown *text*."""
    shown = []
    for token in _walk(parser().parseInline(text)):
        if token.type in {"text", "code_inline", "text_special"}:
            shown.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            shown.append("\n")
    return "".join(shown)


def render(body: str) -> str:
    """Return *body* as HTML."""
    return str(parser().render(body))


def is_paragraph(text: str) -> bool:
    """Return whether *text* alone is one paragraph: no list, heading, fence or block of HTML."""
    kinds = [token.type for token in parser().parse(text)]
    return kinds == ["paragraph_open", "inline", "paragraph_close"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A block of a body, without its words."""

    kind: str
    verbatim: str
    """Content that is the same in every language: code, raw HTML."""
    inventory: Inventory
    """Protected pieces of its inline markup, see `inventory`, without the emphasis."""


def shapes(body: str) -> list[Shape]:
    """Return the blocks of *body*, in order, as a browser will show them.

    Only the whole body shows what markup does that begins in one sentence and ends in another,
    and where a reference link leads.
    """
    found = []
    for token in parser().parse(body):
        verbatim = token.content if token.type in {"fence", "code_block", "html_block"} else ""
        inline = _inventory([token]) if token.type == "inline" else Counter()
        kept = {key: n for key, n in inline.items() if key[0] is not ProtectedKind.EMPHASIS}
        found.append(Shape(token.type, verbatim, Counter(kept)))
    return found


_SHORTCODE = re.compile(
    r"\{\{[<%]?|\{%|<!--\s*wp:|\[/[A-Za-z][\w-]*\]|\[[A-Za-z][\w-]*\s+[\w-]+\s*=[^\[\]]*\]"
    r"|\[(?:audio|caption|embed|gallery|playlist|video|wp_caption)\]",
    re.IGNORECASE,
)
"""Shortcodes of Hugo, Jekyll or WordPress, which they would run."""


def inventory(text: str) -> Inventory:
    """Return the protected pieces of inline Markdown *text*, with their counts."""
    return _inventory(parser().parseInline(text))


def _inventory(tokens: Sequence[Token]) -> Inventory:
    kind = ProtectedKind
    found: Inventory = Counter()
    found.update(
        (kind.SHORTCODE, m[0]) for token in tokens for m in _SHORTCODE.finditer(token.content)
    )
    opened = before = ""
    emphasised: list[bool] = []
    """Whether each open emphasis holds a letter or a digit so far."""
    for token in _walk(tokens):
        if token.type in {"text", "code_inline"} and any(map(str.isalnum, token.content)):
            emphasised = [True] * len(emphasised)
        if token.type in {"link_open", "image"}:
            url = str(token.attrs.get("href") or token.attrs.get("src") or "")
            found[kind.IMAGE if token.type == "image" else kind.URL, url] += 1
            opened = url if token.type == "link_open" else ""
            continue
        if token.type == "link_close" and opened:
            found[kind.EMPTY_LINK, opened] += 1
        elif token.type == "code_inline":
            found[kind.CODE, token.content] += 1
        elif token.type == "html_inline":
            found[kind.TAG, re.sub(r"\s+", " ", token.content)] += 1
        elif token.type in {"strong_open", "em_open"}:
            found[kind.EMPHASIS, token.tag] += 1
            emphasised.append(False)
        elif token.type in {"strong_close", "em_close"} and not emphasised.pop():
            found[kind.EMPHASIS, f"{token.tag} without words"] += 1
        elif token.type == "text":
            found.update((kind.ADDRESS, m) for m in re.findall(f"{URL}|{EMAIL}", token.content))
            found.update((kind.PLACEHOLDER, m) for m in _placeholders(token.content, before))
            found.update((kind.FOOTNOTE, m) for m in re.findall(FOOTNOTE, token.content))
        said = (
            ""
            if token.type == "inline"
            else before + (token.content or " " * (token.type == "softbreak"))
        )
        before = said[-BACK:]
        if token.content.strip():
            opened = ""
    return found


def _placeholders(text: str, before: str) -> Iterator[str]:
    """Give the placeholders in *text*, which stands after *before*."""
    for match in re.finditer(PLACEHOLDER, text):
        start = max(0, match.start() - BACK)
        if not is_share(match[0], before + text[start : match.start()]):
            yield match[0]


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or ())
