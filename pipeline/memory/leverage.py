"""Filling in what people approved elsewhere: the translation memory, before any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.catalog import provenance
from pipeline.catalog.provenance import Change, Provenance
from pipeline.changes.classify import compare
from pipeline.changes.edit import EditKind
from pipeline.changes.patch import patch
from pipeline.memory.model import Match, MatchKind
from pipeline.model import Message, State
from pipeline.text.words import shortened

ALIKE = 85.0
"""Score from which a similar sentence's translation is filled in; below it is only mentioned, and
a machine drafts. That is the band from which translators edit a match rather than write anew
(70 to 84 % is paid as half of a new word in most agencies' tables, 85 % and more as less)."""
_SHOWN = 160
"""Characters of a sentence that a note shows."""


class Memory(Protocol):
    """The part of `index.Memory` that leverage needs."""

    def __len__(self) -> int: ...

    def lookup(
        self, source: str, before: str = "", after: str = "", limit: int = 5
    ) -> list[Match]: ...

    def same(self, source: str, before: str, after: str) -> list[Match]: ...


def recall(
    messages: Sequence[Message], memory: Memory, language: str, locale: str
) -> tuple[Message, ...]:
    """Return *messages* with what *memory* has for those that are untranslated and new.

    All of it is fuzzy: a person decides. The same sentence comes back as it was approved. A
    similar one comes with the sentence that it was approved for, numbers and the like changed as
    in the source; one that may say the opposite does not. The note says how similar, and where.
    The same sentence also goes before what was carried over here from a similar one.
    """
    if not len(memory):
        return tuple(messages)
    active = [n for n, message in enumerate(messages) if not message.obsolete]
    sources = ["", *(messages[n].source for n in active), ""]
    approved: dict[str, list[Message]] = {}
    for message in messages:
        if message.target and not message.fuzzy:
            approved.setdefault(message.source, []).append(message)
    done = list(messages)
    for at, n in enumerate(active):
        message = messages[n]
        if message.state is State.UNTRANSLATED and not provenance.was_emptied(message):
            matches = memory.lookup(message.source, sources[at], sources[at + 2], 3)
            if message.draft or message.change:  # only what leaves no doubt
                matches = [match for match in matches if match.kind is not MatchKind.FUZZY]
            done[n] = _filled(message, matches, language, locale)
        elif message.state is State.CHANGED:
            matches = memory.same(message.source, sources[at], sources[at + 2])
            if matches and _is_carried(message, approved, language, locale):
                bare = replace(message, previous="", previous_context="", change="")
                done[n] = _filled(bare, matches[:1], language, locale)
    return tuple(done)


def _is_carried(
    message: Message, approved: Mapping[str, Sequence[Message]], language: str, locale: str
) -> bool:
    """Return whether *message* holds what is *approved* for its previous sentence, untouched.

    *approved* is what the catalog has, by sentence: nothing is lost where the suggestion goes.
    """
    for old in approved.get(message.previous, ()):
        if set(message.comments) <= set(old.comments):
            edit = compare(old.source, message.source, language)
            if message.target in {old.target, patch(old.target, edit, language, locale)}:
                return True
    return False


def _filled(message: Message, matches: Sequence[Match], language: str, locale: str) -> Message:
    for match in matches:
        entry = match.entry
        if match.kind is not MatchKind.FUZZY:
            filled = replace(message, target=entry.target, fuzzy=True)
            return provenance.noted(filled, Provenance(memory=match.note))
        edit = compare(entry.source, message.source, language)
        if edit.kind is EditKind.POLARITY:
            continue
        patched = patch(entry.target, edit, language, locale)
        if patched is None and edit.kind is not EditKind.TYPOGRAPHY and match.score < ALIKE:
            said = " → ".join(f"“{shortened(t, _SHOWN)}”" for t in (entry.source, entry.target))
            its = provenance.change_of(message)
            return provenance.noted(message, Provenance(memory=f"{match.note}: {said}", change=its))
        similar = replace(
            message, target=patched or entry.target, fuzzy=True, previous=entry.source
        )
        return provenance.noted(
            similar, Provenance(memory=match.note, change=Change(edit.difference))
        )
    return message
