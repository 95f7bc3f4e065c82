"""Inline HTML as inline Markdown, each character beside where it came from."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline import markup
from pipeline.clean import join_text
from pipeline.formats.body import escaped
from pipeline.model import Run, Runs

PAIRS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "q": "“”"}
KEPT = frozenset({"sub", "sup"})
"""Elements that Markdown has no mark for, and that a sentence needs."""


@dataclass(frozen=True, slots=True)
class Item:
    """One token of inline content."""

    runs: Runs
    kind: str
    """text, open, close, break, image, or skip: an element that Markdown does without."""
    name: str = ""
    target: str = ""
    """Of a link or an image: where it leads."""
    alt: str = ""


def lines(items: Sequence[Item]) -> list[Runs]:
    """Return *items* as Markdown, cut at the line breaks that no element spans."""
    pairs = _pairs(items)
    found: list[Runs] = []
    held: list[Run] = []
    depth = 0
    for n, item in enumerate(items):
        source = "".join(run.source for run in item.runs)
        if n in pairs:
            depth += 1 if item.kind == "open" else -1
            held.append(Run(source, _mark(items, n, pairs[n])))
        elif item.kind == "text":
            inside = {items[m].name for m, end in pairs.items() if m < n < end}
            held += _text(item.runs, inside)
        elif item.kind == "image":
            held.append(Run(source, f"![{markup.escape(item.alt)}]({destination(item.target)})"))
        elif item.kind == "break" and depth == 0:
            held.append(Run(source, ""))
            found.append(_tidy(held))
            held = []
        else:
            held.append(Run(source, "<br>" if item.kind == "break" else ""))
    return [*found, _tidy(held)]


def _pairs(items: Sequence[Item]) -> dict[int, int]:
    """Return the index of the other tag, for both tags of each element that holds something."""
    stack: list[int] = []
    pairs: dict[int, int] = {}
    for n, item in enumerate(items):
        if item.kind == "open":
            stack.append(n)
        elif item.kind == "close" and item.name in (items[m].name for m in stack):
            while items[opened := stack.pop()].name != item.name:
                pass
            inner = items[opened + 1 : n]
            nested = item.name in (items[m].name for m in stack)
            if not nested and any(i.kind == "image" or join_text(i.runs).strip() for i in inner):
                pairs[opened], pairs[n] = n, opened
    return pairs


def _mark(items: Sequence[Item], n: int, partner: int) -> str:
    item = items[n]
    first = item.kind == "open"
    if item.name == "a":
        return "[" if first else f"]({destination(items[partner].target)})"
    if item.name in KEPT:
        return f"<{item.name}>" if first else f"</{item.name}>"
    marks = PAIRS[item.name]
    return marks[0 if first else 1] if item.name == "q" else marks


def _text(runs: Runs, inside: set[str]) -> Iterator[Run]:
    """Collapse white space as browsers do, resolve entities, escape what Markdown would read."""
    for run in runs:
        if run.source.startswith("&"):
            shown = html.unescape(run.text)
            yield Run(run.source, shown if "code" in inside else markup.escape(shown))
            continue
        for piece in re.findall(r"[ \t\n\r\f]+|[^ \t\n\r\f]+", run.text) or [run.text]:
            source = piece if run.source == run.text else run.source
            run = replace(run, source="") if run.source != run.text else run
            if piece.isspace() and "\u00a0" not in piece:
                yield Run(source, " ")
            elif "code" in inside:
                yield Run(source, piece)
            else:
                yield from escaped((Run(source, piece),), links="a" not in inside)


def _tidy(runs: list[Run]) -> Runs:
    """Collapse runs of white space over tags, and move it out of marks: ``** a**`` is no mark."""
    spaced = False
    for n, run in enumerate(runs):
        if run.text == " ":
            if spaced:
                runs[n] = replace(run, text="")
            spaced = True
        elif run.text and run.text not in _OPENING:
            spaced = False
    for n in range(len(runs) - 1):
        if runs[n].text in _OPENING and runs[n + 1].text == " " and not _closes(runs, n):
            runs[n], runs[n + 1] = _swap(runs[n], runs[n + 1])
    for n in range(len(runs) - 1, 0, -1):
        before = n - 1
        if _closes(runs, n) and runs[before].text == " ":
            runs[before], runs[n] = _swap(runs[before], runs[n])
    for order in (range(len(runs)), range(len(runs) - 1, -1, -1)):
        for n in order:
            if runs[n].text.strip(" "):
                break
            runs[n] = replace(runs[n], text="")
    return tuple(runs)


_OPENING = frozenset({"**", "*", "[", "<sub>", "<sup>"})


def _closes(runs: Sequence[Run], n: int) -> bool:
    return runs[n].source.startswith("</") and bool(runs[n].text)


def _swap(one: Run, two: Run) -> tuple[Run, Run]:
    return replace(one, text=two.text), replace(two, text=one.text)


def destination(url: str) -> str:
    """Return *url* as the destination of a Markdown link."""
    url = "".join(url.split())
    return url.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
