"""Catalogs: the messages of an article, and bringing earlier work up to date with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from pipeline import markup
from pipeline.glossary import Glossary
from pipeline.model import Article, Catalog, Key, Message, Role, State, Unit

SIMILAR = 65.0
"""`rapidfuzz.fuzz.ratio` from which a vanished sentence is taken for the same one, edited.
msgmerge asks for 60 of 100 of a like measure (FUZZY_THRESHOLD in GNU gettext's msgmerge.c)."""

_NEIGHBOUR = 120
"""Characters of a neighbouring sentence that are shown."""

_CONTEXTS: Mapping[Role, str] = {
    Role.TITLE: "heading",
    Role.HEADING: "heading",
    Role.CAPTION: "caption",
    Role.ALT: "caption",
}
"""Which sentences of equal wording may need different translations; all others are "text"."""


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
    """Return the messages of *article*, untranslated, with what a translator needs to know."""
    units = article.units
    messages: dict[Key, Message] = {}
    for n, (unit, key) in enumerate(zip(units, keys(units), strict=True)):
        reference = f"{article.id}:{n + 1}"
        if known := messages.get(key):
            messages[key] = replace(known, references=(*known.references, reference))
            continue
        notes = [f"{unit.role.value}, unit {n + 1} of {len(units)}"]
        if n:
            notes.append(f"before: {_short(units[n - 1].text)}")
        if n + 1 < len(units):
            notes.append(f"after: {_short(units[n + 1].text)}")
        notes += glossary.hints(markup.plain(unit.text)[0], locale)
        messages[key] = Message(
            source=unit.text, context=key[0], references=(reference,), notes=tuple(notes)
        )
    return tuple(messages.values())


def _short(text: str) -> str:
    shown = markup.plain(text)[0]
    return shown if len(shown) <= _NEIGHBOUR else shown[: _NEIGHBOUR - 1].rstrip() + "…"


def merge(catalog: Catalog, messages: Sequence[Message]) -> Catalog:
    """Return *catalog* with exactly *messages* active, and all earlier work kept.

    A sentence that is still there, or is there again, keeps its translation and its state.
    One that was edited takes over the translation, marked fuzzy, with the sentence that it was
    approved for. Whatever else was translated stays as obsolete. Nothing that a person approved
    is changed; merging again changes nothing.
    """
    active = {m.key: m for m in catalog.messages if not m.obsolete}
    obsolete = {m.key: m for m in catalog.messages if m.obsolete}
    merged: list[Message | None] = []
    used: set[Key] = set()
    revived: set[Key] = set()
    for new in messages:
        old = active.get(new.key)
        if (not old or not old.target) and (back := obsolete.get(new.key)):
            revived.add(new.key)
            old = back if not old else replace(back, comments=(*back.comments, *old.comments))
        used.add(new.key)
        merged.append(_carry(new, old) if old else _same_words(new, active, obsolete))
    left = [m for key, m in active.items() if key not in used and m.target]
    _take_over(messages, merged, left)
    kept = [m for m in merged if m]
    former = [m for key, m in obsolete.items() if key not in revived]
    return replace(catalog, messages=(*kept, *_retire(kept, former, left)))


def _carry(new: Message, old: Message) -> Message:
    """Return *new* with the translation of *old*, in its state."""
    return replace(
        new,
        target=old.target,
        fuzzy=old.fuzzy and bool(old.target),
        previous=old.previous if old.fuzzy else "",
        previous_context=old.previous_context if old.fuzzy else "",
        draft=old.draft,
        comments=old.comments,
        flags=old.flags,
    )


def _same_words(
    new: Message, active: Mapping[Key, Message], obsolete: Mapping[Key, Message]
) -> Message | None:
    """Return *new* with the translation of the same words in another context, if there is one."""
    others = [
        m for m in (*active.values(), *obsolete.values()) if m.source == new.source and m.target
    ]
    if not others:
        return None
    role = _role(new)
    old = next((m for m in others if _role(m) == role), others[0])
    carried = _carry(new, old)
    if _role(old) == role or old.state is State.DRAFT:
        return carried
    previous = old.previous or old.source
    return replace(carried, fuzzy=True, previous=previous, previous_context=old.context)


def _role(message: Message) -> str:
    """Return the context that a message stands in, said or not."""
    role = message.notes[0].split(",")[0] if message.notes else ""
    known = {role.value: context for role, context in _CONTEXTS.items()}
    return message.context or known.get(role, "text")


def _take_over(
    messages: Sequence[Message], merged: list[Message | None], left: Sequence[Message]
) -> None:
    """Fill the gaps in *merged*: with what was approved for a similar sentence, or untranslated."""
    gaps = [n for n, message in enumerate(merged) if message is None]
    approved = [m for m in left if m.state in {State.APPROVED, State.CHANGED}]
    scores = process.cdist(
        [messages[n].source for n in gaps],
        [m.source for m in approved],
        scorer=fuzz.ratio,
        score_cutoff=SIMILAR,
    )
    ranked = sorted(
        (
            (-float(scores[row][column]), row, column)
            for row, column in zip(*scores.nonzero(), strict=True)
        )
    )
    taken: set[int] = set()
    for _, row, column in ranked:
        n = gaps[row]
        if merged[n] is None and column not in taken:
            taken.add(column)
            old = approved[column]
            merged[n] = replace(
                _carry(messages[n], old),
                fuzzy=True,
                previous=old.previous or old.source,
                previous_context=old.previous_context if old.previous else old.context,
            )
    for n in gaps:
        merged[n] = merged[n] or messages[n]


def _retire(
    kept: Iterable[Message], former: Sequence[Message], left: Sequence[Message]
) -> list[Message]:
    """Return the obsolete messages: the *former* ones, and what of *left* is nowhere else."""
    retired = {m.key: m for m in former}
    texts = {m.target for m in (*kept, *former)}
    for message in left:
        if message.fuzzy and message.target in texts:
            continue
        retired.pop(message.key, None)
        retired[message.key] = replace(
            message, obsolete=True, notes=(), references=(), previous="", previous_context=""
        )
    return list(retired.values())


def counts(catalog: Catalog) -> dict[State, int]:
    """Return how many messages are in each state."""
    found = dict.fromkeys(State, 0)
    for message in catalog.messages:
        found[message.state] += 1
    return found
