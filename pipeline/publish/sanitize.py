"""HTML that only shows: elements and attributes that can do nothing. The only user of nh3.

The Markdown of an article may hold any HTML, and a preview shows it before anybody has read it.
"""

from __future__ import annotations

import html
import re

_TAGS = frozenset(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup"
    " data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup"
    " hr i img ins kbd li main mark nav ol p pre q rb rp rt rtc ruby s samp section small span"
    " strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)

_ATTRIBUTES = {
    "*": "align dir id lang title",
    "a": "href hreflang",
    "code": "class",
    "col": "span",
    "colgroup": "span",
    "data": "value",
    "del": "datetime",
    "details": "open",
    "img": "alt height src width",
    "ins": "datetime",
    "li": "value",
    "ol": "reversed start type",
    "td": "colspan headers rowspan",
    "th": "abbr colspan headers rowspan scope",
    "time": "datetime",
    "ul": "type",
}

_SCHEMES = frozenset("http https mailto tel".split())

_ALIGNED = frozenset(f"text-align:{side}" for side in ("left", "center", "right"))
"""The one style that is kept: that of a column of a table in Markdown."""

_TOKEN = re.compile(
    r"(?P<comment><!--(?!-?>)(?:(?!--).)*-->)"
    r"|<(?P<tag>/?[a-z][a-z0-9]*)(?P<attributes>(?:[ \n]+[a-z]+(?:=\"[^\"]*\")?)*)[ \n]*/?>"
    r"|(?P<text>[^<]+)",
    re.DOTALL,
)
"""HTML in which no browser sees something else: every tag whole, every value in its quotes."""
_ATTRIBUTE = re.compile(r"([a-z]+)(?:=\"([^\"]*)\")?")


def sanitize(body: str) -> str:
    """Return *body* without what could act, and byte for byte if there is no such thing in it."""
    import nh3  # by far most commands show no page

    cleaned = nh3.clean(
        body,
        tags=set(_TAGS),
        attributes={tag: set(names.split()) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_kept,
        tag_attribute_values={tag: {"style": set(_ALIGNED)} for tag in ("td", "th")},
        url_schemes=set(_SCHEMES),
        link_rel=None,
        strip_comments=False,
    )
    tokens = _tokens(body)
    return body if tokens is not None and tokens == _tokens(cleaned) else cleaned


def _kept(_tag: str, name: str, value: str) -> str | None:
    return value if name != "class" or value.startswith("language-") else None


_Token = tuple[str, str | tuple[tuple[str, str], ...]]


def _tokens(text: str) -> list[_Token] | None:
    """Return what *text* says, however it is written; None if that could be read in two ways."""
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            return None
        if match["tag"]:
            pairs = _ATTRIBUTE.findall(match["attributes"])
            attributes = tuple((name, html.unescape(value)) for name, value in pairs)
            found.append((match["tag"], attributes))
        else:
            found.append(("", match["comment"] or html.unescape(match["text"])))
        at = match.end()
    return found
