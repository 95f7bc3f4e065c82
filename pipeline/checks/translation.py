"""Checks of a translation against its source: one function a rule, listed in `CHECKS`.

An error keeps the article from being published; a warning is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pipeline.checks.compare import lost_and_new, numbers, says
from pipeline.model import Finding, Message, State
from pipeline.text import commonmark, markup
from pipeline.text.markup import ProtectedKind
from pipeline.text.source import unreadable

Check = Callable[[str, str], Iterator[str]]
"""From source and target to explanations of what is wrong."""


_LINKS = (ProtectedKind.URL, ProtectedKind.IMAGE, ProtectedKind.ADDRESS)


def links(source: str, target: str) -> Iterator[str]:
    """URLs and e-mail addresses are those of the source, each as often, and can be clicked on."""
    yield from dict.fromkeys(d for kind in _LINKS for d in _differences(source, target, {kind}))
    for value in _of(commonmark.inventory(target), {ProtectedKind.EMPTY_LINK}):
        yield f"the link to {value} has no words"


def tags(source: str, target: str) -> Iterator[str]:
    """HTML, code, placeholders, footnotes, shortcodes and the like are those of the source."""
    others = {*_LINKS, ProtectedKind.EMPTY_LINK, ProtectedKind.EMPHASIS}
    yield from _differences(source, target, set(ProtectedKind) - others)


def running_text(source: str, target: str) -> Iterator[str]:
    """A sentence stays one: it does not become a list, a heading, or two paragraphs."""
    if commonmark.is_paragraph(markup.guard(source)) and not commonmark.is_paragraph(
        markup.guard(target)
    ):
        yield "Markdown would read it as something else than running text"


def words(source: str, target: str) -> Iterator[str]:
    """A translation says something where the source does."""
    if says(markup.shown(source)) and not says(markup.shown(target)):
        yield "it looks empty"


def characters(source: str, target: str) -> Iterator[str]:
    """No control characters, no overrides of the writing direction, no unbalanced isolates."""
    hidden = unreadable(target)
    new = (hidden | set(target)) - unreadable(source) - set(source) - {"\n"}
    for char in sorted(new):
        if char in hidden or unicodedata.category(char) == "Cc" or char in "\u202d\u202e\ufeff":
            yield f"it holds the control character U+{ord(char):04X}"
    opened = sum(target.count(char) for char in "\u2066\u2067\u2068")
    if opened != target.count("\u2069"):
        yield "isolates of the writing direction do not balance"


def figures(source: str, target: str) -> Iterator[str]:
    """Numbers are those of the source, by their digits."""
    yield from lost_and_new(numbers(source), numbers(target))


def emphasis(source: str, target: str) -> Iterator[str]:
    """What is emphasised in the source is in the translation."""
    one, two = (commonmark.inventory(text) for text in (source, target))
    if _of(one, {ProtectedKind.EMPHASIS}) != _of(two, {ProtectedKind.EMPHASIS}):
        yield "the emphasis differs"


def copied(source: str, target: str) -> Iterator[str]:
    """A sentence of several words is not the same in another language."""
    if source == target and len(re.findall(r"[^\W\d_]{2,}", markup.shown(source))) > 3:
        yield "it is the source, unchanged"


CHECKS: Mapping[Check, bool] = {
    links: True,
    tags: True,
    running_text: True,
    words: True,
    characters: True,
    figures: False,
    emphasis: False,
    copied: False,
}
"""Every check, and whether it is an error."""


def check(messages: Iterable[Message]) -> Iterator[Finding]:
    """Give what is wrong with the approved *messages*."""
    for message in messages:
        if message.state is State.APPROVED:
            for rule, error in CHECKS.items():
                for explanation in rule(message.source, message.target):
                    name = rule.__name__.replace("_", " ")
                    yield Finding(name, explanation, message.source, error, message.context)


def _of(inventory: markup.Inventory, kinds: Collection[ProtectedKind]) -> Counter[str]:
    return Counter({value: n for (kind, value), n in inventory.items() if kind in kinds})


def _differences(source: str, target: str, kinds: Collection[ProtectedKind]) -> Iterator[str]:
    one, two = (_of(commonmark.inventory(text), kinds) for text in (source, target))
    yield from lost_and_new(one, two)
