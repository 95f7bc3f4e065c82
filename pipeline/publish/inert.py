"""Text that looks like a template, written so that a site shows it and does not run it.

For a source that is no Markdown: what a `.txt` or a web page shows is text. An entity reads the
same in every Markdown and every browser, and no template engine looks for one.
"""

from __future__ import annotations

import re

from pipeline.text import commonmark, markup

_BRACE = re.compile(r"\{(?=[{%#.:]|\s*[\w-]+=)")
"""Hugo, Liquid and Jinja; and the attributes of a heading, for Hugo and kramdown."""
_OPENING = re.compile(r"\{(?=[{%#])|\[(?=/?[A-Za-z])")
"""The same, and WordPress, in HTML."""


def markdown(body: str) -> str:
    """Return *body* with entities for such braces; but code, which has none, stays as it is."""
    if not _BRACE.search(body):
        return body
    code = {
        line
        for token in commonmark.parser().parse(body)
        if token.type in {"fence", "code_block"} and token.map
        for line in range(*token.map)
    }
    lines = enumerate(body.split("\n"))
    return "\n".join(line if number in code else _outside_code(line) for number, line in lines)


def _outside_code(line: str) -> str:
    parts: list[str] = []
    at = 0
    for mark in markup.scan(line):
        if line[mark.start] == "`":
            parts += (_written(_BRACE, line[at : mark.start]), line[mark.start : mark.end])
            at = mark.end
    return "".join((*parts, _written(_BRACE, line[at:])))


def page(body: str) -> str:
    """Return HTML that reads as *body*, for a site that looks for templates in it."""
    return _written(_OPENING, body)


def _written(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: f"&#{ord(found[0])};", text)
