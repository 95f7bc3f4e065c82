"""Remaining work of translators, the most useful first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pipeline.catalog import provenance
from pipeline.model import Catalog, Finding, Key, Message, State


class Urgency(IntEnum):
    """Why a message is on the list; the lower, the sooner."""

    BROKEN = 1
    """It is approved, and something is wrong with it, so that its article is not published."""
    OPPOSITE = 2
    """The source may say the opposite of what was approved."""
    CHANGED = 3
    """The source changed since a person approved it."""
    EMPTY = 4
    """Nothing is there to begin with."""
    DOUBTED = 5
    """The engine, or the checks of its drafts, doubted the draft."""
    DRAFT = 6


WORDS: Mapping[Urgency, str] = {
    Urgency.BROKEN: "error",
    Urgency.OPPOSITE: "may say the opposite now",
    Urgency.CHANGED: "changed",
    Urgency.EMPTY: "untranslated",
    Urgency.DOUBTED: "draft in doubt",
    Urgency.DRAFT: "draft",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A message that keeps its article from being published."""

    article: str
    locale: str
    message: Message
    """One without words where it is the article as a whole."""
    urgency: Urgency
    left: int
    """How many of these the article has in this locale."""
    error: str = ""
    """Error in the approved translation."""


def urgency_of(message: Message) -> Urgency | None:
    """Return why *message* needs a person; None where it does not."""
    if message.state in {State.APPROVED, State.OBSOLETE}:
        return None
    its = provenance.of(message)
    if its.change.opposite and not message.previous:
        return Urgency.OPPOSITE
    if message.state is State.CHANGED:
        return Urgency.CHANGED
    if message.state is State.UNTRANSLATED:
        return Urgency.EMPTY
    return Urgency.DOUBTED if its.doubts or its.terms else Urgency.DRAFT


Pair = tuple[str, str]
"""An article and a locale."""


def todo(catalogs: Mapping[Pair, Catalog], errors: Mapping[Pair, Sequence[Finding]]) -> list[Item]:
    """Return what is left in *catalogs*, and the *errors* in what is approved.

    The most urgent first; then what publishes an article soonest, which is what has the least
    left; then in the order of the article.
    """
    found = list(_items(catalogs, errors))
    order = {id(item): n for n, item in enumerate(found)}
    return sorted(found, key=lambda i: (i.urgency, i.left, i.article, i.locale, order[id(i)]))


def _items(
    catalogs: Mapping[Pair, Catalog], errors: Mapping[Pair, Sequence[Finding]]
) -> Iterator[Item]:
    for pair, catalog in catalogs.items():
        wrong: dict[Key, list[str]] = {}
        for found in errors.get(pair, ()):
            wrong.setdefault((found.context, found.where), []).append(found.explanation)
        messages = {message.key: message for message in catalog.messages}
        broken = [(messages.get(key, Message("")), "; ".join(its)) for key, its in wrong.items()]
        waiting = [(m, u) for m in catalog.messages if (u := urgency_of(m))]
        left = len(broken) + len(waiting)
        for message, error in broken:
            yield Item(*pair, message, Urgency.BROKEN, left, error)
        for message, urgency in waiting:
            yield Item(*pair, message, urgency, left)
