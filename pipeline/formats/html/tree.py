"""Element tree of a web page, however malformed, with places in the file."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.text.markup import VOID
from pipeline.text.source import UNREADABLE

BLOCKS = frozenset(
    "address article aside base blockquote body caption center col dd details dialog div dl dt"
    " fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html li link main"
    " meta nav ol p pre section source summary table tbody td tfoot th thead title tr track"
    " ul".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_SILENT = frozenset("script style template noscript".split())
_DEPTH = 100
"""Depth of nesting; a deeper element becomes a sibling of its parent."""

_ROWS = frozenset("thead tbody tfoot".split())
_CELLS = frozenset("td th".split())
_IMPLIED: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "a": (frozenset({"a"}), BLOCKS),
    "li": (frozenset({"li"}), frozenset({"ul", "ol", *_CELLS})),
    **dict.fromkeys(("dt", "dd"), (frozenset({"dt", "dd"}), frozenset({"dl", *_CELLS}))),
    **dict.fromkeys(_CELLS, (_CELLS, frozenset({"tr", "table"}))),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    **dict.fromkeys(_ROWS, (_ROWS, frozenset({"table"}))),
}
"""Open elements that a start tag ends, and those at which it stops looking for one."""
_WALLS = frozenset({"article", "main", "table", *_CELLS})
_THROUGH = frozenset({"article", "main", "body", "html", "table", "tr", *_ROWS, *_CELLS})
"""End tags that end everything in between; others, when one is too many, stop at a wall."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an attribute, and its place in the file."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    """Characters, a reference to one (``&amp;``), or a comment or declaration."""

    start: int
    end: int
    kind: str
    """data, reference, comment, or other."""


@dataclass(slots=True)
class Element:
    name: str
    attrs: Mapping[str, Value]
    start: int
    inner: int
    """End of its start tag."""
    close: int = 0
    """Start of its end tag, or the end of its content."""
    end: int = 0
    children: list[Element | Text] = field(default_factory=list)
    words: int = 0

    def get(self, name: str) -> str:
        """Return the value of an attribute; "" for none."""
        return self.attrs[name].text if name in self.attrs else ""

    @property
    def closed(self) -> bool:
        """Whether it has an end tag."""
        return self.end > self.close

    def walk(self) -> Iterator[Element]:
        """Give the element and all elements in it, in order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()


_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s/>=]++)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s>]*+)))?"
)
_TOKEN = re.compile(
    r"(?P<comment><!--)|(?P<other><[!?][^>]*+>)|</(?P<end>[A-Za-z][^\s/>]*+)[^>]*+>"
    r"|<(?P<start>[A-Za-z][^\s/>]*+)"
    rf"(?=(?P<inside>(?:[\s/=]++|{re.sub(r'[?]P<[a-z]+>', '?:', _ATTRIBUTE.pattern)}){{0,200}}))"
    r"(?P=inside)>"
    r"|(?P<reference>&(?:#\d{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[A-Za-z][A-Za-z0-9]{1,31}+);?+)"
)
_RAW = frozenset("script style textarea title".split())
"""Elements in which there are no tags."""

_Found = tuple[int, int, str, str, Mapping[str, Value]]
"""Start, end, kind (of `Text`, or start, or end), name and attributes of a token."""


def _tokens(text: str) -> Iterator[_Found]:
    """Give the tokens of *text*, none left out. What is no tag is text, as in a browser."""
    endless: set[str] = set()
    at = 0
    for start, end, kind, name, attrs in _marked(text, endless):
        if start > at:
            yield at, start, "data", "", {}
        yield start, end, kind, name, attrs
        at = end
    if at < len(text):
        yield at, len(text), "data", "", {}


def _marked(text: str, endless: set[str]) -> Iterator[_Found]:
    """Give the tokens that are no plain text. *endless* is what never ends from here on."""
    at = 0
    while match := _TOKEN.search(text, at):
        start, at = match.span()
        if match["comment"]:
            end = -1 if "--" in endless else text.find("-->", at)
            if end < 0:  # hides the rest of the page in a browser, and no author means that
                endless.add("--")
                continue
            at = end + 3
            yield start, at, "comment", "", {}
        elif match["start"]:
            name = match["start"].lower()
            yield start, at, "start", name, _attributes(text, match.end("start"), at - 1)
            if name in _RAW and name not in endless:
                if raw := re.compile(rf"(?=</{name}[\s/>])", re.IGNORECASE).search(text, at):
                    if raw.start() > at:
                        yield at, raw.start(), "data", "", {}
                    at = raw.start()
                else:
                    endless.add(name)
        elif match["end"]:
            yield start, at, "end", match["end"].lower(), {}
        else:
            yield start, at, "other" if match["other"] else "reference", "", {}


def _attributes(text: str, start: int, end: int) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for match in _ATTRIBUTE.finditer(text, start, end):
        group = next((g for g in ("double", "single", "bare") if match[g] is not None), "name")
        value = "" if group == "name" else UNREADABLE.sub("", html.unescape(match[group]))
        found.setdefault(match["name"].lower(), Value(value, *match.span(group)))
    return found


def parse(text: str) -> Element:
    """Return the page as an element without a name that holds all of *text*."""
    root = Element("", {}, 0, 0, close=len(text), end=len(text))
    stack = [root]
    for start, end, kind, name, attrs in _tokens(text):
        if kind == "start":
            _imply(stack, name, start)
            element = Element(name, attrs, start, end, end, end)
            stack[-1].children.append(element)
            if name not in VOID and len(stack) < _DEPTH:
                stack.append(element)
        elif kind == "end":
            _end(stack, name, start, end)
        else:
            stack[-1].children.append(Text(start, end, kind))
            if kind == "data":
                stack[-1].words += len(text[start:end].split())
    _pop(stack, 1, len(text), len(text))
    return root


def _pop(stack: list[Element], depth: int, close: int, end: int) -> None:
    """End the open elements from *depth*; the end tag, if there is one, is that of the first."""
    while len(stack) > depth:
        element = stack.pop()
        element.close, element.end = close, end if len(stack) == depth else close
        if element.name not in _SILENT:
            stack[-1].words += element.words


def _imply(stack: list[Element], name: str, start: int) -> None:
    """End the elements that the start of *name* ends."""
    if name in BLOCKS:
        for depth in range(len(stack) - 1, 0, -1):
            held = stack[depth].name
            if held == "p" or (held in HEADINGS and name in HEADINGS):
                _pop(stack, depth, start, start)
            if held in BLOCKS:
                break
    if name in _IMPLIED:
        ended, bounds = _IMPLIED[name]
        for depth in range(len(stack) - 1, 0, -1):
            if stack[depth].name in ended:
                _pop(stack, depth, start, start)
                break
            if stack[depth].name in bounds:
                break


def _end(stack: list[Element], name: str, start: int, end: int) -> None:
    """End the element of *name*; an end tag of nothing is a child like any other."""
    walls = frozenset() if name in _THROUGH else _WALLS if name in BLOCKS else BLOCKS
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth].name == name:
            _pop(stack, depth, start, end)
            return
        if stack[depth].name in walls:
            break
    stack[-1].children.append(Text(start, end, "other"))
