"""Three-way merge of a catalog, message by message.

`catalog.update` follows a source that changed; this merges a file that changed in two places: in
two branches, or in an editor while the pipeline was at work. git compares lines, so that two
neighbouring messages collide, and the date in the header always does.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import TypeVar

from pipeline.catalog import provenance
from pipeline.catalog.provenance import EARLIER, OTHER, Change, original
from pipeline.model import Catalog, Key, Message

_EMPTY, _SAME, _DRAFT, _HAND, _APPROVED = range(5)
"""Ranks of a side's translation: a lower one gives way to a higher one; see `_rank`."""

_DATES = {"POT-Creation-Date", "PO-Revision-Date"}

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Merged:
    """A catalog with the work of both sides."""

    catalog: Catalog
    conflicts: tuple[Key, ...] = ()
    """The messages that both sides translated, each in its own way. They are fuzzy: ours' text,
    with theirs' in a translator's comment. In the order of the catalog."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A message as merged."""

    message: Message
    lost: str = ""
    """A translation that had to give way to the one in `message`."""
    approved: bool = False
    """Whether a person had approved the `lost` translation."""
    conflict: bool = False


def merge3(base: Catalog, ours: Catalog, theirs: Catalog, *, machine: bool = False) -> Merged:
    """Merge the changes of *ours* and *theirs* to *base*, each message by itself.

    A change of one side alone is taken over, field by field; a translation goes with its state.
    Where both changed one, an approved one goes before one that a person left fuzzy, and that
    before a machine's draft. Two approvals of different words are a conflict. No new translation of
    *ours* or *theirs* is lost: one that gives way is kept as a translator's comment, unless it is a
    fuzzy one whose words stand elsewhere. A message that one side removed is kept, obsolete, if the
    other side worked on it. *base* is empty where both sides added the file.

    Args:
        base: the common ancestor of both.
        ours: one of the two; its order and its text come first where that is a matter of taste.
        theirs: the other.
        machine: whether the pipeline alone made *ours* of *base*, and nobody edited it, so that
            its drafts may give way without a trace.

    """
    old, one, two = ({m.key: m for m in side.messages} for side in (base, ours, theirs))
    moved_one, moved_two = _moved(old, one, two), _moved(old, two, one)
    approved: dict[str, list[Message]] = {}
    for message in filter(_approved, base.messages):
        approved.setdefault(message.source, []).append(message)
    entries = []
    for key in _order(list(old), list(one), list(two)):
        sides = moved_one.get(key), moved_two.get(key)
        entry = _entry(old.get(key) or _origin(approved, *sides), *sides, machine)
        if entry:
            entries.append(entry)
    entries.sort(key=lambda entry: entry.message.obsolete)
    targets = {entry.message.target for entry in entries}
    return Merged(
        Catalog(
            locale=ours.locale,
            messages=tuple(_keeping(entry, targets) for entry in entries),
            headers=_headers(base.headers, ours.headers, theirs.headers),
            header_comments=_lines(
                base.header_comments, ours.header_comments, theirs.header_comments
            ),
            header_fuzzy=_either(base.header_fuzzy, ours.header_fuzzy, theirs.header_fuzzy),
        ),
        tuple(entry.message.key for entry in entries if entry.conflict),
    )


def _origin(
    approved: Mapping[str, Sequence[Message]], ours: Message | None, theirs: Message | None
) -> Message | None:
    """Return the *approved* message, by source, of which both sides made this one, if any.

    An update gives it a new context, or the sentence as it is now, where its words can stay.
    """
    if not ours or not theirs:
        return None
    words = original(ours) or original(theirs) or ours.source
    said = {side.target for side in (ours, theirs) if not side.former}
    found = next((m for m in approved.get(words, ()) if m.target in said), None)
    if not found:
        return None
    return replace(found, source=ours.source, context=ours.context, obsolete=True, comments=())


def _either(base: T, first: T, second: T) -> T:
    """Return the value that differs from *base*; *first* if both do."""
    return second if first == base else first


def _order(base: Sequence[H], ours: Sequence[H], theirs: Sequence[H]) -> list[H]:
    """Return all items of *ours* and *theirs*, in the order of the side that changed it, or ours.

    An item of the other side alone comes after its neighbour there.
    """
    lead, other = (theirs, ours) if ours == base else (ours, theirs)
    after: dict[H | None, list[H]] = {None: []} | {item: [] for item in lead}
    neighbour = None
    for item in other:
        if item in after:
            neighbour = item
        else:
            after[neighbour].append(item)
    return [*after[None], *(found for item in lead for found in (item, *after[item]))]


# Messages


def _entry(
    base: Message | None, ours: Message | None, theirs: Message | None, machine: bool
) -> _Entry | None:
    """Merge the two sides of a message; None where it is removed."""
    if not ours or not theirs:
        left = ours or theirs
        kept = _without_the_other(base, left) if base and left else left
        return _Entry(kept) if kept else None
    if ours == theirs or theirs == base:
        return _Entry(ours)
    if ours == base:
        return _Entry(theirs)
    base = base or Message(ours.source, context=ours.context, obsolete=True)
    found = _translation(base, ours, theirs, machine)
    obsolete = _either(base.obsolete, ours.obsolete, theirs.obsolete)
    first, second = (ours, theirs) if ours.obsolete == obsolete else (theirs, ours)
    message = replace(
        found.message,
        obsolete=obsolete,
        references=_either(base.references, first.references, second.references),
        notes=_either(base.notes, first.notes, second.notes),
        comments=_lines(base.comments, ours.comments, theirs.comments),
        flags=_lines(base.flags, ours.flags, theirs.flags),
    )
    retired = obsolete and not base.obsolete and _approved(message) and not _approved(base)
    return replace(found, message=_late(message) if retired else message)


def _without_the_other(base: Message, left: Message) -> Message | None:
    """Return the side that is *left* of a message that the other removed, if it holds work.

    It is obsolete then, unless this side's source has just got the sentence back.
    """
    if base.obsolete and not left.obsolete:
        return left
    translated = left.target and _said(base, left) != _said(base, base)
    if not translated and set(left.comments) <= set(base.comments):
        return None
    if left.obsolete:
        return left
    retired = replace(left, obsolete=True, notes=left.notes[:1], references=())
    return _late(retired) if _approved(left) and not _approved(base) else retired


def _late(message: Message) -> Message:
    return provenance.changed(message, Change(late=True))


def _translation(base: Message, ours: Message, theirs: Message, machine: bool) -> _Entry:
    """Return the message whose translation, state and note prevail, and the one that gave way."""
    before, one, two = (_said(base, side) for side in (base, ours, theirs))
    if one == two:
        return _Entry(replace(ours, draft=_either(base.draft, ours.draft, theirs.draft)))
    if before in {one, two}:
        return _Entry(theirs if one == before else ours)
    if ours.target == theirs.target:
        return _Entry(_same_words(base, ours, theirs))
    if _settled(base, theirs, ours):
        return _giving_way(base, ours, theirs, drafts=True)
    if _settled(base, ours, theirs):
        return _giving_way(base, theirs, ours, drafts=True)
    rank, other = _rank(base, ours), _rank(base, theirs)
    if rank < other:
        return _giving_way(base, ours, theirs, drafts=not machine)
    found = _giving_way(base, theirs, ours, drafts=True)
    if rank > other or rank < _HAND:
        return found
    # Without the note, an update takes the text for a person's, which it is.
    draft = "" if rank == _APPROVED else ours.draft
    return replace(found, message=replace(ours, fuzzy=True, draft=draft), conflict=True)


def _said(base: Message, side: Message) -> tuple[str, bool, str, str, bool]:
    """Return a translation with its state."""
    state = (side.fuzzy, side.previous, side.previous_context)
    return (side.target, *state, _disputed(base, side))


def _disputed(base: Message, side: Message) -> bool:
    """Return whether an earlier merge has found a conflict here, and nobody has settled it."""
    new = set(side.comments).difference(base.comments)
    return side.fuzzy and provenance.has_conflict(new)


def _same_words(base: Message, ours: Message, theirs: Message) -> Message:
    """Return the side whose state prevails: conflict, then approval, then changed source."""

    def weight(side: Message) -> tuple[bool, bool, bool]:
        return (_disputed(base, side), not side.fuzzy, bool(side.previous))

    return theirs if weight(theirs) > weight(ours) else ours


def _settled(base: Message, other: Message, side: Message) -> bool:
    """Return whether *other* has the words of *side* in a comment: it knew them, and chose."""
    return bool(side.target) and any(
        provenance.keeps(other.comments, side.target, [mark])
        and not provenance.keeps(base.comments, side.target, [mark])
        for mark in (OTHER, EARLIER)
    )


def _rank(base: Message, side: Message) -> int:
    """Return the rank of a side's translation.

    Nobody can tell a draft that a person has worked on from one that is the machine's alone. It is
    a person's for certain if it has other words than *base* under the same note.
    """
    if not side.target:
        return _EMPTY
    same = side.target == base.target
    if _disputed(base, side) or not (side.fuzzy or (same and not base.fuzzy)):
        return _APPROVED
    if same:
        return _SAME
    reworded = base.target and side.draft == base.draft
    return _HAND if side.previous or not side.draft or reworded else _DRAFT


def _giving_way(base: Message, loser: Message, winner: Message, *, drafts: bool) -> _Entry:
    """Return *winner*, and the new translation of *loser*; a mere draft only if *drafts*."""
    rank = _rank(base, loser)
    lost = loser.target if rank > _DRAFT or (rank == _DRAFT and drafts) else ""
    return _Entry(winner, lost, approved=rank == _APPROVED)


def _keeping(entry: _Entry, targets: set[str]) -> Message:
    """Return the message, the lost translation in a comment. *targets* are those in the file."""
    message = entry.message
    always = entry.approved or entry.conflict
    if not entry.lost or (not always and entry.lost in targets):
        return message
    if provenance.keeps(message.comments, entry.lost):
        return message
    lines = provenance.kept(OTHER if entry.approved else EARLIER, entry.lost)
    return replace(message, comments=(*message.comments, *lines))


def _moved(
    base: Mapping[Key, Message], side: Mapping[Key, Message], other: Mapping[Key, Message]
) -> dict[Key, Message]:
    """Return *side* with the work of *other* on approvals that have new keys in *side*.

    An update of the source gives a translation another context, or an edited sentence, and does
    not know what happens to it elsewhere: that it is approved, corrected, or not approved any more.
    """
    work = {
        k: m
        for k, m in other.items()
        if k in base and m != base[k] and (_approved(m) or _approved(base[k]))
    }
    by_words: dict[str, list[Key]] = {}
    for key in work:
        by_words.setdefault(key[1], []).append(key)
    done = dict(side)
    for key in side.keys() - base.keys():
        for origin in by_words.get(side[key].former or original(side[key]) or key[1], ()):
            if other.get(key) != side[key]:
                there = origin in side and not side[origin].obsolete
                done[key] = _following(done[key], base[origin], work[origin], there)
    return done


def _following(message: Message, old: Message, new: Message, there: bool) -> Message:
    """Return *message* with the change of *old* to *new*, if it is *old*, copied or moved."""
    if message.former:
        copied = (message.previous_context, message.target) == (old.context, old.target)
        return replace(message, target=new.target) if copied and _approved(old) else message
    moved = not there and _role(message) == _role(old) and message.target
    if moved and (message.target, message.fuzzy) == (old.target, old.fuzzy):
        return replace(message, target=new.target, fuzzy=new.fuzzy, draft=new.draft)
    return message


def _approved(message: Message) -> bool:
    return bool(message.target) and not message.fuzzy


def _role(message: Message) -> str:
    return message.notes[0].split(",")[0] if message.notes else ""


# Lines: comments, flags


def _lines(
    base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the lines that either side added, in place, without those that either removed."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    (kept_one, gaps_one), (kept_two, gaps_two) = _aligned(base, ours), _aligned(base, theirs)
    merged: list[str] = []
    for n in range(len(base) + 1):
        merged += gaps_one[n]
        merged += _unknown(gaps_two[n], ours)
        if n in kept_one & kept_two:
            merged.append(base[n])
    return tuple(merged)


def _aligned(base: Sequence[str], side: Sequence[str]) -> tuple[set[int], list[list[str]]]:
    """Return the lines of *base* that *side* kept, and those it has before each and at the end."""
    kept: set[int] = set()
    gaps: list[list[str]] = [[] for _ in range(len(base) + 1)]
    at = 0
    for match in SequenceMatcher(None, base, side, autojunk=False).get_matching_blocks():
        gaps[match.a] += side[at : match.b]
        kept.update(range(match.a, match.a + match.size))
        at = match.b + match.size
    return kept, gaps


def _unknown(lines: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Give those of *lines* that are not *known*, with the empty lines around them."""
    empty: list[str] = []
    new = False
    for line in lines:
        if not line:
            empty.append(line)
        elif line not in known:
            yield from (*empty, line)
            empty, new = [], True
        else:
            empty, new = [], False
    if new:
        yield from empty


# The header

Fields = tuple[tuple[str, str], ...]


def _headers(base: Fields, ours: Fields, theirs: Fields) -> Fields:
    """Return the fields of the header; of two new values, that of the later revision."""
    if ours == theirs or theirs == base:
        return ours
    old, one, two = map(_by_name, (base, ours, theirs))
    revised = ("PO-Revision-Date", 0)
    late = _date(two.get(revised)) > _date(one.get(revised))
    merged = []
    for key in _order(list(old), list(one), list(two)):
        before, first, second = old.get(key), one.get(key), two.get(key)
        if before in {first, second}:
            value = _either(before, first, second)
        elif first is None or second is None:
            value = first or second
        elif key[0] in _DATES:
            value = second if _date(second) > _date(first) else first
        else:
            value = second if late else first
        if value is not None:
            merged.append((key[0], value))
    return tuple(merged)


def _by_name(fields: Fields) -> dict[tuple[str, int | str], str]:
    """Return the fields by name and number of earlier ones of that name; a bare line by itself."""
    found: dict[tuple[str, int | str], str] = {}
    for name, value in fields:
        number = 0
        while name and (name, number) in found:
            number += 1
        found[name, number if name else value] = value
    return found


def _date(value: str | None) -> datetime:
    """Return the time in a field; the earliest possible where there is none."""
    for form in ("%Y-%m-%d %H:%M%z", "%Y-%m-%d %H:%M:%S%z"):
        try:
            return datetime.strptime(value or "", form)
        except ValueError:
            continue
    return datetime.fromisoformat("0001-01-01T00:00+00:00")
