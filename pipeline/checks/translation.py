"""Checks of a translation against its source.

An error keeps the article from being published; a warning is shown.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator

from pipeline.checks.base import Subject, check
from pipeline.checks.compare import lost_and_new, numbers, says
from pipeline.model import Severity
from pipeline.text import commonmark, executable, markup
from pipeline.text.markup import ProtectedKind
from pipeline.text.scripts import is_balanced
from pipeline.text.source import unreadable

_LINKS = (ProtectedKind.URL, ProtectedKind.IMAGE, ProtectedKind.ADDRESS)


@check(translation=Severity.ERROR)
def links(subject: Subject) -> Iterator[str]:
    """URLs and e-mail addresses are those of the source, each as often, and can be clicked on."""
    yield from dict.fromkeys(d for kind in _LINKS for d in _differences(subject, {kind}))
    for value in _of(subject.target_pieces, {ProtectedKind.EMPTY_LINK}):
        yield f"the link to {value} has no words"


@check(translation=Severity.ERROR)
def tags(subject: Subject) -> Iterator[str]:
    """HTML, code, placeholders, footnotes, shortcodes and the like are those of the source."""
    others = {*_LINKS, ProtectedKind.EMPTY_LINK, ProtectedKind.EMPHASIS}
    yield from _differences(subject, set(ProtectedKind) - others)


@check(translation=Severity.ERROR)
def running_text(subject: Subject) -> Iterator[str]:
    """A sentence stays one: it does not become a list, a heading, or two paragraphs."""
    source, target = markup.guard(subject.source), markup.guard(subject.target)
    if commonmark.is_paragraph(source) and not commonmark.is_paragraph(target):
        yield "Markdown would read it as something else than running text"


@check(draft=Severity.ERROR, translation=Severity.ERROR)
def words(subject: Subject) -> Iterator[str]:
    """A translation says something where the source does."""
    if says(subject.shown_source) and not says(subject.shown_target):
        yield "it looks empty"


@check(translation=Severity.ERROR)
def characters(subject: Subject) -> Iterator[str]:
    """No control characters, no overrides of the writing direction, no unbalanced isolates."""
    source, target = html.unescape(subject.source), html.unescape(subject.target)
    hidden = unreadable(subject.target) - unreadable(subject.source)
    controls = {c for c in subject.target if unicodedata.category(c) == "Cc"} - {"\n"}
    overrides = set(target) & set("\u202d\u202e\ufeff")
    wrong = sorted((hidden | controls | overrides) - set(source))
    for char in wrong:
        yield f"it holds the control character U+{ord(char):04X}"
    if not wrong and not is_balanced(target):
        yield "isolates of the writing direction do not balance"


@check(draft=Severity.ERROR, translation=Severity.ERROR)
def unsafe_links(subject: Subject) -> Iterator[str]:
    """Links with a scheme that a website may run lead where the source's lead."""
    for place in (executable.links(subject.target) - executable.links(subject.source)).elements():
        yield f"the link to {place} is not in the source"


@check(draft=Severity.ERROR, translation=Severity.ERROR)
def template_syntax(subject: Subject) -> Iterator[str]:
    """Shortcodes, template tags, attributes and comments are exactly those of the source."""
    one, two = executable.templates(subject.source), executable.templates(subject.target)
    yield from lost_and_new(one, two)


@check(translation=Severity.WARNING)
def figures(subject: Subject) -> Iterator[str]:
    """Numbers are those of the source, by their digits."""
    yield from lost_and_new(numbers(subject.source), numbers(subject.target))


@check(translation=Severity.WARNING)
def emphasis(subject: Subject) -> Iterator[str]:
    """Emphasis is that of the source."""
    one, two = subject.source_pieces, subject.target_pieces
    if _of(one, {ProtectedKind.EMPHASIS}) != _of(two, {ProtectedKind.EMPHASIS}):
        yield "the emphasis differs"


@check(translation=Severity.WARNING)
def copied(subject: Subject) -> Iterator[str]:
    """A sentence of several words is not the same in another language."""
    same = subject.source == subject.target
    if same and len(re.findall(r"[^\W\d_]{2,}", subject.shown_source)) > 3:
        yield "it is the source, unchanged"


def _of(inventory: markup.Inventory, kinds: Collection[ProtectedKind]) -> Counter[str]:
    return Counter({value: n for (kind, value), n in inventory.items() if kind in kinds})


def _differences(subject: Subject, kinds: Collection[ProtectedKind]) -> Iterator[str]:
    one, two = (_of(pieces, kinds) for pieces in (subject.source_pieces, subject.target_pieces))
    yield from lost_and_new(one, two)
