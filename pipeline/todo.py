"""What is left for translators, in the order in which it is worth doing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from pipeline.catalog import OPPOSITE
from pipeline.model import Catalog, Message, State
from pipeline.translate import RECALLED


class Urgency(IntEnum):
    """Why a message is on the list; the lower, the sooner."""

    OPPOSITE = 1
    """The source may say the opposite of what was approved."""
    CHANGED = 2
    """The source changed since a person approved it."""
    EMPTY = 3
    """Nothing is there to begin with."""
    DOUBTED = 4
    """The engine, or the checks of its drafts, doubted the draft."""
    DRAFT = 5


WORDS: Mapping[Urgency, str] = {
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
    urgency: Urgency
    left: int
    """Messages of the article that are not approved in this locale."""


def urgency_of(message: Message) -> Urgency | None:
    """Return why *message* needs a person; None where it does not."""
    if message.state in {State.APPROVED, State.OBSOLETE}:
        return None
    if OPPOSITE in message.change and not message.previous:
        return Urgency.OPPOSITE
    if message.state is State.CHANGED:
        return Urgency.CHANGED
    if message.state is State.UNTRANSLATED:
        return Urgency.EMPTY
    _, *said = message.draft.split("; ")
    doubts = [part for part in said if not part.startswith(RECALLED)]
    return Urgency.DOUBTED if doubts else Urgency.DRAFT


def todo(catalogs: Mapping[tuple[str, str], Catalog]) -> list[Item]:
    """Return what is left in *catalogs*, by article and locale.

    The most urgent first; then what publishes an article soonest, which is what has the least
    left; then in the order of the article.
    """
    found = list(_items(catalogs))
    order = {id(item): n for n, item in enumerate(found)}
    return sorted(found, key=lambda i: (i.urgency, i.left, i.article, i.locale, order[id(i)]))


def _items(catalogs: Mapping[tuple[str, str], Catalog]) -> Iterator[Item]:
    for (article, locale), catalog in catalogs.items():
        waiting = [(m, u) for m in catalog.messages if (u := urgency_of(m))]
        for message, urgency in waiting:
            yield Item(article, locale, message, urgency, len(waiting))
