"""Update of a catalog: earlier translations carried over to the messages of the article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from pipeline.catalog import provenance
from pipeline.catalog.extract import role_of
from pipeline.catalog.gc_pause import uncollected
from pipeline.catalog.provenance import Change, by_hand, is_fresh, is_late, original, precedence
from pipeline.catalog.similarity import SURE, pairs
from pipeline.changes.classify import compare
from pipeline.changes.edit import Edit, EditKind
from pipeline.changes.patch import patch
from pipeline.model import Catalog, Key, Message


@uncollected()
def merge(catalog: Catalog, messages: Sequence[Message], language: str) -> Catalog:
    """Return *catalog* with exactly *messages* active, which are in *language*; all work is kept.

    A sentence that is still there, or is there again, keeps its translation and its state; so does
    one in which only typography has changed. One that was edited takes over the translation,
    marked fuzzy, with the sentence that it was approved for; where a number, date, link or name
    was changed, that is changed in it. One that may say the opposite now takes over nothing.
    Whatever else a person wrote stays as obsolete. An approved translation is never
    changed; merging again changes nothing.
    """
    active = {m.key: m for m in catalog.messages if not m.obsolete}
    same_words: dict[str, list[Message]] = {m.source: [] for m in messages if m.key not in active}
    for message in catalog.messages:
        if message.source in same_words:
            same_words[message.source].append(message)
    doubted: dict[str, list[str]] = {}
    for message in active.values():
        if message.fuzzy and message.target and not message.previous:
            doubted.setdefault(message.target, []).append(message.source)
    merged: list[Message | None] = []
    used: set[Key] = set()
    for new in messages:
        key = new.key
        if exact := active.get(key):
            merged.append(exact if _says_the_same(new, exact) else _carry(new, exact))
            used.add(key)
        else:
            continued, keys_of = _continue(new, same_words[new.source])
            if continued and _by_now_in_doubt(continued, doubted, language):
                continued = replace(continued, fuzzy=True)
            merged.append(continued)
            used |= keys_of
    unused = [m for m in catalog.messages if m.key not in used]
    left = [m for m in unused if not m.obsolete and (m.target or m.comments or m.change)]
    approved = {m.source: m for m in catalog.messages if m.target and not m.fuzzy}
    former = [m for m in unused if m.obsolete]
    kept, whole = _take_over(messages, merged, left, former, approved, language, catalog.locale)
    left = [m for m in left if m.key not in whole]
    former = [provenance.changed(m, Change()) if is_late(m) else m for m in former]
    return replace(catalog, messages=_settle(kept, [*former, *_retire([*kept, *former], left)]))


def _continue(new: Message, same_words: Sequence[Message]) -> tuple[Message | None, set[Key]]:
    """Return *new* with the translation of its words, and the keys of the messages it replaces.

    It is not active now. A message of the same role comes first, then one of the same key;
    approved ones before others, active ones before obsolete ones. Words that were approved in
    another role are a suggestion, and stay where they were as well.
    """
    exact = next((m for m in same_words if m.key == new.key), None)
    known = (m for m in same_words if m.target)
    old = min(known, key=lambda m: (_distance(new, m), precedence(m), m.obsolete), default=exact)
    if not old:
        return None, set()
    whole = _distance(new, old) < 2 or precedence(old) > 1
    message = _carry(new, old) if whole else _changed(new, old)
    used = {old.key} if whole else set()
    if exact and not exact.target:
        return _add(message, exact.comments), {*used, exact.key}
    return message, used


def _by_now_in_doubt(message: Message, doubted: Mapping[str, Sequence[str]], language: str) -> bool:
    """Return whether the translation of *message* is *doubted* for the same sentence.

    Such a sentence differs in typography only; the translation was carried to it, and somebody
    has withdrawn the approval there. *doubted* maps translations to sentences.
    """
    return not message.fuzzy and any(
        compare(source, message.source, language).kind is EditKind.TYPOGRAPHY
        for source in doubted.get(message.target, ())
    )


def _distance(new: Message, old: Message) -> int:
    """Return 0 where two messages with the same words have the same role, 1 the same key."""
    if role_of(new) == role_of(old):
        return 0
    return 1 if new.key == old.key else 2


def _says_the_same(new: Message, old: Message) -> bool:
    """Return whether the approved *old*, of the same key, can stay as it is for *new*."""
    waits = old.fuzzy or old.previous or old.previous_context or old.change
    return not waits and new.notes == old.notes and new.references == old.references


def _carry(new: Message, old: Message) -> Message:
    """Return *new* with the translation of *old*, in its state."""
    fuzzy = old.fuzzy and bool(old.target)
    return replace(
        new,
        target=old.target,
        fuzzy=fuzzy,
        previous=old.previous if fuzzy else "",
        previous_context=old.previous_context if fuzzy else "",
        change=old.change if fuzzy or not old.target or original(old) else "",
        draft=old.draft,
        comments=old.comments,
        flags=old.flags,
    )


def _changed(new: Message, old: Message, change: Change | None = None) -> Message:
    """Return *new* with the translation of *old* as a suggestion, and its former sentence."""
    suggestion = replace(
        _carry(new, old),
        fuzzy=True,
        previous=old.former or original(old) or old.source,
        previous_context=old.previous_context if old.former else old.context,
    )
    return provenance.changed(suggestion, change) if change else suggestion


def _earlier(message: Message) -> list[str]:
    """Return the comment that keeps the translation of *message*."""
    return provenance.kept(provenance.EARLIER, message.target)


def _add(message: Message, comments: Iterable[str]) -> Message:
    """Return *message* with those of *comments* that it does not have."""
    missing = dict.fromkeys(c for c in comments if c not in message.comments)
    return replace(message, comments=(*message.comments, *missing))


def _take_over(
    messages: Sequence[Message],
    merged: Sequence[Message | None],
    left: Sequence[Message],
    former: Sequence[Message],
    approved: Mapping[str, Message],
    language: str,
    locale: str,
) -> tuple[list[Message], set[Key]]:
    """Return *merged* without gaps, filled from similar sentences in *left*, or untranslated.

    Also returns the keys of those that live on as a whole, under an equivalent sentence.
    """
    filled: dict[int, Message] = {}
    whole: set[Key] = set()

    def fill(places: Sequence[int], old: Sequence[Message]) -> None:
        for row, column in pairs([messages[n].source for n in places], [m.source for m in old]):
            new, was, draft = messages[places[row]], old[column], merged[places[row]]
            if draft and (draft.target == was.target or fuzz.ratio(new.source, was.source) < SURE):
                continue
            base = was.former or original(was) or was.source
            edit = compare(base, new.source, language)
            known = approved.get(base, was) if was.fuzzy else was
            done = _edited(new, was, edit, known, language, locale)
            known_here = (*draft.comments, *_earlier(draft)) if draft else ()
            filled[places[row]] = _add(done, known_here)
            if not was.fuzzy and not done.fuzzy and done.target:
                whole.add(was.key)

    def gaps() -> list[int]:
        return [n for n, m in enumerate(merged) if m is None and n not in filled]

    fill(gaps(), [m for m in left if by_hand(m)])
    fill(gaps(), [m for m in left if (m.comments or m.change) and not by_hand(m)])
    late = [m for m in former if is_late(m)]
    fill([n for n, m in enumerate(merged) if late and m and is_fresh(m)], late)
    return [filled.get(n) or m or messages[n] for n, m in enumerate(merged)], whole


def _edited(
    new: Message, old: Message, edit: Edit, approved: Message, language: str, locale: str
) -> Message:
    """Return *new*, which was *old* before *edit* of the source; a draft is not carried over.

    *approved* is the approved message of the sentence before *edit*, or *old* itself.
    """
    if not by_hand(old):
        return replace(new, comments=old.comments, change=old.change)
    same_role = role_of(new) == role_of(approved)
    if edit.kind is EditKind.TYPOGRAPHY and not approved.fuzzy and approved.target and same_role:
        base = old.former or original(old) or old.source
        comments = _add(old, approved.comments).comments
        carried = replace(_carry(new, approved), comments=comments)
        return provenance.changed(
            carried, Change() if base == new.source else Change(approved_as=base)
        )
    if edit.kind is EditKind.TYPOGRAPHY:
        if not old.fuzzy or old.previous:
            return _changed(new, old, Change(edit.difference))
        return provenance.changed(_carry(new, old), Change(edit.difference))
    if edit.kind is EditKind.POLARITY:
        empty = replace(new, comments=old.comments)
        return provenance.changed(empty, Change(edit.difference, opposite=True))
    changed = _changed(new, old, Change(edit.difference))
    patched = None if approved.fuzzy else patch(approved.target, edit, language, locale)
    if patched is None:
        return changed
    values = ", ".join(f"{one} to {two}" for one, two in edit.changes)
    return provenance.changed(replace(changed, target=patched), Change(edit.difference, values))


def _retire(known: Sequence[Message], left: Sequence[Message]) -> Iterator[Message]:
    """Give as obsolete those of *left* that are approved, or whose words are not in *known*."""
    texts = {"", *(m.target for m in known)}
    comments = {comment for m in known for comment in m.comments}
    for message in left:
        approved = message.target and not message.fuzzy
        if approved or message.target not in texts or not comments.issuperset(message.comments):
            yield replace(message, obsolete=True, notes=message.notes[:1], references=())


def _settle(kept: Iterable[Message], obsolete: Iterable[Message]) -> tuple[Message, ...]:
    """Return all messages with unique keys, as PO files require.

    An obsolete one gives way to an active one: its role becomes its context, and if that key is
    taken too, a translator's comment keeps its translation. A machine's draft is kept as well,
    unless its words stand elsewhere: a person may have edited it and left the note.
    """
    settled = {m.key: m for m in kept}
    displaced: list[Message] = []
    for message in obsolete:
        if message.key in settled:
            named = replace(message, context=role_of(message))
            if named.key in settled:
                displaced.append(message)
                continue
            message = named
        settled[message.key] = message
    texts = {"", *(m.target for m in settled.values())} if displaced else set()
    for message in displaced:
        holder = _add(settled[message.key], message.comments)
        other = by_hand(message) and message.target != holder.target
        said = other or message.target not in texts
        settled[message.key] = _add(holder, _earlier(message) if said else ())
    return tuple(settled.values())
