"""Inline HTML as inline Markdown, each character beside its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

from pipeline.formats.builder import escaped
from pipeline.model import Run, Runs
from pipeline.text import commonmark, markup
from pipeline.text.source import join_source, join_text

TAGS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "sub": "sub", "sup": "sup"}
"""Elements that a sentence needs, and their names."""
MARKED = frozenset({*TAGS, "a", "code", "q"})
"""Elements that have a form in Markdown."""
_STARS = {"strong": "**", "em": "*"}


@dataclass(frozen=True, slots=True)
class Item:
    """One token of inline content."""

    runs: Runs
    kind: str
    """text, open, close, break, image, or skip, which Markdown does without."""
    name: str = ""
    target: str = ""
    """Destination of a link or an image."""
    alt: str = ""
    element: int = -1
    """Number that the open and close tags of one element share."""


@dataclass(frozen=True, slots=True)
class _Bit:
    """A run and its kind: text, space, open, close, raw, or "" for none."""

    run: Run
    kind: str
    linked: bool = False
    """Whether it stands inside of a link."""


def lines(items: Sequence[Item]) -> list[Runs]:
    """Return *items* as Markdown, cut at the line breaks that no element spans."""
    pairs = _pairs(items)
    found: list[list[Item]] = [[]]
    depth = 0
    for item in items:
        if item.kind in {"open", "close"} and item.element in pairs:
            depth += 1 if item.kind == "open" else -1
        found[-1].append(item)
        if item.kind == "break" and depth == 0:
            found.append([])
    return [_line(line, pairs) for line in found]


def _pairs(items: Sequence[Item]) -> set[int]:
    """Return the elements that are marked: both tags are here, with something in between."""
    ends = {item.element for item in items if item.kind == "close"}
    both = ends.intersection(item.element for item in items if item.kind == "open")
    opened: dict[int, tuple[str, int]] = {}
    marked: set[int] = set()
    seen = 0
    for item in items:
        name = TAGS.get(item.name, item.name)
        if item.kind == "open" and item.element in both:
            names = {held for held, _ in opened.values()}
            opened[item.element] = (name, -1 if names & {name, "code"} else seen)
        elif item.kind == "close" and item.element in both:
            if 0 <= opened.pop(item.element)[1] < seen:
                marked.add(item.element)
        elif item.kind == "image" or (item.kind == "text" and join_text(item.runs).strip()):
            seen += 1
    return marked


def _line(items: Sequence[Item], pairs: set[int]) -> Runs:
    """Return one line; emphasis that Markdown's rules would not see is written as tags."""
    shown = "".join(join_text(item.runs) if item.kind == "text" else item.alt for item in items)
    for stars in (True, False):
        runs = _escape(_spaced([*_bits(items, pairs, stars)]))
        text = join_text(runs)
        if "*" not in text or _letters(commonmark.visible(text)) == _letters(shown):
            break
    return runs


def _letters(text: str) -> str:
    return re.sub(r"[\s“”]", "", text)


def _bits(items: Sequence[Item], pairs: set[int], stars: bool) -> Iterator[_Bit]:
    linked = coded = False
    for n, item in enumerate(items):
        source = join_source(item.runs)
        if item.kind in {"open", "close"} and item.element in pairs:
            first = item.kind == "open"
            linked = first if item.name == "a" else linked
            coded = first if item.name == "code" else coded
            yield _Bit(Run(source, _mark(items, n, stars)), item.kind, linked)
        elif item.kind == "text":
            yield from (replace(bit, linked=linked) for bit in _text(item.runs, coded))
        elif item.kind == "image":
            image = f"![{markup.escape(item.alt)}]({destination(item.target)})"
            yield _Bit(Run(source, image), "raw", linked)
        elif item.kind == "break" and n + 1 < len(items):
            yield _Bit(Run(source, " " if coded else "<br>"), "raw", linked)
        else:
            yield _Bit(Run(source, ""), "")


def _mark(items: Sequence[Item], n: int, stars: bool) -> str:
    item = items[n]
    first = item.kind == "open"
    if item.name == "a":
        return "[" if first else f"]({destination(item.target)})"
    if item.name == "q":
        return "“" if first else "”"
    if item.name == "code":
        inner = "".join(
            join_text(i.runs) for i in _between(items, item.element) if i.kind == "text"
        )
        ticks = "`" * (1 + max((len(run) for run in re.findall("`+", inner)), default=0))
        space = " " if "`" in (inner.strip()[:1], inner.strip()[-1:]) else ""
        return ticks + space if first else space + ticks
    name = TAGS[item.name]
    if stars and name in _STARS:
        return _STARS[name]
    return f"<{name}>" if first else f"</{name}>"


def _between(items: Sequence[Item], element: int) -> Sequence[Item]:
    ends = [n for n, item in enumerate(items) if item.element == element]
    return items[ends[0] : ends[-1]]


def _text(runs: Runs, coded: bool) -> Iterator[_Bit]:
    """Collapse white space as browsers do."""
    kind = "raw" if coded else "text"
    for run in runs:
        pieces = re.findall(rf"[{_BLANKS}]+|[^{_BLANKS}]+", run.text) or [""]
        sources = pieces if run.source == run.text else [run.source]
        for piece, source in zip_longest(pieces, sources, fillvalue=""):
            if not piece or piece[0] in _BLANKS:
                yield _Bit(Run(source, " " if piece else ""), "space" if piece else "")
            else:
                yield _Bit(Run(source, piece), kind)


_BLANKS = " \t\n\r\f"


def _spaced(bits: list[_Bit]) -> list[_Bit]:
    """Leave one space between words, outside of marks: ``** a**`` would be no mark."""
    found: list[_Bit] = []
    started = False
    for content, group in groupby(bits, key=lambda bit: bit.kind in {"text", "raw"}):
        held = list(group)
        if not content:
            last = len(found) + len(held) == len(bits)
            held = _placed(held, space=started and not last)
        started = started or content
        found += held
    return found


def _placed(bits: list[_Bit], *, space: bool) -> list[_Bit]:
    """Return marks and spaces with the space after what closes and before what opens."""
    space = space and any(bit.kind == "space" for bit in bits)
    bare = [replace(b, run=replace(b.run, text="")) if b.kind == "space" else b for b in bits]
    if not space:
        return bare
    at = next((n for n, bit in enumerate(bits) if bit.kind == "open"), len(bits))
    before = [n for n in range(at) if bits[n].kind in {"close", "space"}]
    n = before[-1] if before else at
    text = f"{bare[n].run.text} " if before else f" {bare[n].run.text}"
    bare[n] = replace(bare[n], run=replace(bare[n].run, text=text))
    return bare


def _escape(bits: Sequence[_Bit]) -> Runs:
    """Escape the text; adjacent runs are escaped as one text."""
    done: Runs = ()
    groups = [
        (key, [*group])
        for key, group in groupby(bits, lambda bit: (bit.kind in {"text", "space", ""}, bit.linked))
    ]
    for n, ((text, linked), group) in enumerate(groups):
        runs = tuple(bit.run for bit in group)
        following = groups[n + 1][1][0].run.text[:1] if n + 1 < len(groups) else ""
        done += escaped(runs, linked=linked, following=following) if text else runs
    return done


def destination(url: str) -> str:
    """Return *url* as the destination of a Markdown link; "" if it is not safe."""
    url = re.sub(r"[\t\r\n]+", "", url.strip()).replace(" ", "%20")
    for char in "()<>\\":
        url = url.replace(char, f"%{ord(char):02X}")
    url = re.sub(r"&(?=#?\w+;)", "&amp;", url)
    return url if commonmark.is_safe(url) else ""
