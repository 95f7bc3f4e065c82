"""Extraction of messages from an article: keys, contexts, roles, neighbours, term hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.model import Article, Key, Message, Role, Unit
from pipeline.text import markup
from pipeline.text.words import shortened

if TYPE_CHECKING:
    from pipeline.terminology.glossary import Glossary


_NEIGHBOUR = 120
"""Characters of a neighbouring sentence that are shown."""

_CONTEXTS: Mapping[Role, str] = {
    Role.TITLE: "heading",
    Role.HEADING: "heading",
    Role.CAPTION: "caption",
    Role.ALT: "caption",
}
"""Contexts by role: equal words may need another translation in each. Others are "text"."""


def keys(units: Sequence[Unit]) -> list[Key]:
    """Return the key of each unit's message.

    The context is "" unless the same words stand in roles that may need different translations.
    """
    kinds: dict[str, set[str]] = {}
    for unit in units:
        kinds.setdefault(unit.text, set()).add(_context(unit))
    return [(_context(u) if len(kinds[u.text]) > 1 else "", u.text) for u in units]


def _context(unit: Unit) -> str:
    return _CONTEXTS.get(unit.role, "text")


def extract(article: Article, glossary: Glossary, locale: str) -> tuple[Message, ...]:
    """Return the messages of *article*, untranslated, with notes for the translator."""
    units = article.units
    messages: dict[Key, Message] = {}
    for n, (unit, key) in enumerate(zip(units, keys(units), strict=True)):
        reference = f"{article.id}:{n + 1}"
        if known := messages.get(key):
            messages[key] = replace(known, references=(*known.references, reference))
            continue
        notes = [f"{unit.role.value}, unit {n + 1} of {len(units)}"]
        if n:
            notes.append(f"before: {_shown(units[n - 1].text)}")
        if n + 1 < len(units):
            notes.append(f"after: {_shown(units[n + 1].text)}")
        notes += glossary.hints(markup.shown(unit.text), locale)
        messages[key] = Message(
            source=unit.text, context=key[0], references=(reference,), notes=tuple(notes)
        )
    return tuple(messages.values())


def _shown(text: str) -> str:
    return shortened(markup.shown(text), _NEIGHBOUR)


def role_of(message: Message) -> str:
    """Return the context of *message*: its own, or else that of its role."""
    role = message.role
    return message.context or (_CONTEXTS.get(role, "text") if role else "text")
