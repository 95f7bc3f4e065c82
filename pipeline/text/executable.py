"""Text that a website would follow or run: link schemes and template syntax, in any disguise.

A site renders the published Markdown with a parser of its own, decodes entities and percent signs,
and may run the result through Hugo, Liquid, Jinja or WordPress. What one parser takes for text,
another runs; so a text is read here in the strictest way of all of them: decoded until nothing
changes, without regard to where our own parser would see a link.
"""

from __future__ import annotations

import functools
import html
import re
import urllib.parse
from collections import Counter

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
"""Schemes that any text may link to."""

_PASSES = 5
"""Decodings of decodings that are looked into; each site does one or two."""
_MAY_HOLD = re.compile(r"[<\[{]|://|&[#\w]")
"""Without any of these there is neither a scheme that counts nor template syntax."""
_BACKSLASH = re.compile(r"\\([!-/:-@\[-`{-~])")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2060-\u2064\ufeff]")
_BREAK = r"[\t\r\n]*"
_SCHEME = rf"[A-Za-z]{_BREAK}(?:[A-Za-z0-9+.\-]{_BREAK}){{1,30}}"
_LINK = re.compile(
    rf"(?:\]\s*\(\s*<?\s*|\[[^\[\]\n]*\]\s*:\s*<?\s*|<|=\s*[\"']?\s*)"
    rf"(?P<place>(?P<scheme>{_SCHEME}):[^\s<>()\"']*)"
    rf"|(?<![\w+.\-])(?P<bare>(?P<bare_scheme>[A-Za-z][A-Za-z0-9+.\-]{{1,30}})://[^\s<>()\"']*)"
)
_TEMPLATE = re.compile(
    r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?#\}"  # Hugo, Liquid, Jinja
    r"|\{\s*[:.#][^{}\n]*\}|\{[^{}\n=]*=[^{}\n]*\}"  # attributes of headings and spans
    r"|<!--.*?(?:-->|\Z)"  # comments: WordPress' blocks are such
    r"|\[/[A-Za-z][\w-]*\]|\[[A-Za-z][\w-]*\s*/\]"
    r"|\[[A-Za-z][\w-]*\s+[^\[\]]*=[^\[\]]*\](?![(\[:])"
    r"|\[[A-Za-z]+(?:[-_]\w+)+(?:\s[^\[\]]*)?\](?![(\[:])"
    r"|\[(?:audio|caption|embed|gallery|php|playlist|video|wp_caption)(?:\s[^\[\]]*)?\](?![(\[:])",
    re.DOTALL | re.IGNORECASE,
)
"""Template syntax. WordPress' shortcodes are its own names, and any with arguments, a hyphen or an
end. A single word in brackets can be prose, ``[laughter]``, and no text can tell it from a
plug-in's."""


@functools.lru_cache(maxsize=256)  # links and templates look at the same text
def decoded(text: str) -> str:
    """Return *text* as it is after all the decoding that a website may do."""
    for _ in range(_PASSES):
        new = _BACKSLASH.sub(r"\1", html.unescape(text))
        new = _INVISIBLE.sub("", urllib.parse.unquote(new, errors="ignore"))
        if new == text:
            break
        text = new
    return text


def links(text: str) -> Counter[str]:
    """Return the places that *text* may lead to with a scheme that is not safe everywhere."""
    if not _MAY_HOLD.search(text):
        return Counter()
    found: Counter[str] = Counter()
    for match in _LINK.finditer(decoded(text)):
        scheme = re.sub(r"\s", "", match["scheme"] or match["bare_scheme"]).lower()
        if scheme not in SAFE_SCHEMES:
            place = re.sub(r"\s", "", match["place"] or match["bare"])
            found[scheme + place[len(scheme) :]] += 1
    return found


def templates(text: str) -> Counter[str]:
    """Return the template syntax in *text*: tags, shortcodes, attributes, comments, whole."""
    if not _MAY_HOLD.search(text):
        return Counter()
    return Counter(" ".join(m[0].split()) for m in _TEMPLATE.finditer(decoded(text)))
