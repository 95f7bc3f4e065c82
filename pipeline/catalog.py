"""Catalogs: the messages of an article, and bringing earlier work up to date with them."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from pipeline import markup
from pipeline.edits import Edit, Kind, compare, patch
from pipeline.garbage import uncollected
from pipeline.model import Article, Catalog, Key, Message, Role, State, Unit

if TYPE_CHECKING:  # who merges two files of messages needs no glossary, nor its YAML
    from pipeline.glossary import Glossary

SIMILAR = 60.0
"""`rapidfuzz.fuzz.ratio` from which a vanished sentence is taken for the same one, edited.
msgmerge asks for 60 of 100 of a like measure (FUZZY_THRESHOLD in GNU gettext's msgmerge.c). In
benchmarks/catalogs.py, the 13 sentences that are filled in below 65 all were the edited ones."""

EARLIER = "earlier: "
"""How a translator's comment begins that keeps a translation for which there is no other place."""

_FEW = 10_000_000
"""Pairs of a new and a vanished sentence among which the most similar are found for certain: in
0.2 s where they are edited in their places, and at worst, where none is similar, in some 4 s.
Where there are more, each new one is compared with those that share the most words with it."""

_NEAR = 12
"""Vanished sentences before and after the place of a new one that are looked at first."""

_SURE = 90.0
"""How similar one of them is that is taken for the same sentence without another look."""

_READ = 4_000
_LIKELY = 48
"""How many places its words are looked up at, the rarest first, and how many sentences are
compared then. See benchmarks/catalogs.py for what that misses."""

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
        notes += glossary.hints(markup.shown(unit.text), locale)
        messages[key] = Message(
            source=unit.text, context=key[0], references=(reference,), notes=tuple(notes)
        )
    return tuple(messages.values())


def _short(text: str) -> str:
    shown = markup.shown(text)
    return shown if len(shown) <= _NEIGHBOUR else shown[: _NEIGHBOUR - 1].rstrip() + "…"


@uncollected()
def merge(catalog: Catalog, messages: Sequence[Message], language: str) -> Catalog:
    """Return *catalog* with exactly *messages* active, which are in *language*; all work is kept.

    A sentence that is still there, or is there again, keeps its translation and its state; so does
    one in which only typography has changed. One that was edited takes over the translation,
    marked fuzzy, with the sentence that it was approved for; where a number, date, link or name
    was changed, that is changed in it. One that may say the opposite now takes over nothing.
    Whatever else a person wrote stays as obsolete. Nothing that a person approved is changed;
    merging again changes nothing.
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
    former = [replace(m, change="") if m.change == LATE else m for m in former]
    return replace(catalog, messages=_settle(kept, [*former, *_retire([*kept, *former], left)]))


def _continue(new: Message, same_words: Sequence[Message]) -> tuple[Message | None, set[Key]]:
    """Return *new* with what is known of its words, and the keys of what is in it as a whole.

    It does not stand there now. What had the same role comes first, and then the same key: what a
    person approved before what one did not, what is active before what is obsolete. Words that
    were approved in another role are a suggestion, and stay where they were as well.
    """
    exact = next((m for m in same_words if m.key == new.key), None)
    known = (m for m in same_words if m.target)
    old = min(known, key=lambda m: (_distance(new, m), _rank(m), m.obsolete), default=exact)
    if not old:
        return None, set()
    whole = _distance(new, old) < 2 or _rank(old) > 1
    message = _carry(new, old) if whole else _changed(new, old)
    used = {old.key} if whole else set()
    if exact and not exact.target:
        return _add(message, exact.comments), {*used, exact.key}
    return message, used


def _by_now_in_doubt(message: Message, doubted: Mapping[str, Sequence[str]], language: str) -> bool:
    """Return whether the words of *message* are *doubted* for the same sentence.

    That is one that differs in typography only, to which they were carried, and where somebody
    has taken them back. *doubted* has the sentences by the words.
    """
    return not message.fuzzy and any(
        compare(source, message.source, language).kind is Kind.TYPOGRAPHY
        for source in doubted.get(message.target, ())
    )


def _distance(new: Message, old: Message) -> int:
    """Return 0 where two messages with the same words have the same role, 1 the same key."""
    if _role(new) == _role(old):
        return 0
    return 1 if new.key == old.key else 2


def _role(message: Message) -> str:
    """Return the context that a message stands in, said or not."""
    role = message.role
    return message.context or (_CONTEXTS.get(role, "text") if role else "text")


def _rank(message: Message) -> int:
    """Return 0 for what a person approved, 1 for what one did for other words, 2 for the rest."""
    if not message.fuzzy:
        return 0
    return 1 if message.previous else 2


def _is_fresh(message: Message) -> bool:
    """Return whether a machine drafted *message*, and nothing is known of an edit or a person."""
    return message.state is State.DRAFT and bool(message.draft) and not message.change


def by_hand(message: Message) -> bool:
    """Return whether a person wrote, or may have written, the translation."""
    return bool(message.target) and (_rank(message) < 2 or not message.draft)


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


def _changed(new: Message, old: Message, change: str = "") -> Message:
    """Return *new* with the translation of *old* as a suggestion, and what it was approved for."""
    carried = _carry(new, old)
    return replace(
        carried,
        fuzzy=True,
        previous=old.former or original(old) or old.source,
        previous_context=old.previous_context if old.former else old.context,
        change=change or carried.change,
    )


def _earlier(message: Message) -> list[str]:
    """Return the comment that keeps the translation of *message*."""
    return f"{EARLIER}{message.target}".split("\n")


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
    """Return *merged* without gaps: with what is left of a similar sentence, or untranslated.

    And the keys of those that live on as a whole, under a sentence that says the same.
    """
    filled: dict[int, Message] = {}
    whole: set[Key] = set()

    def fill(places: Sequence[int], old: Sequence[Message]) -> None:
        for row, column in _pairs([messages[n].source for n in places], [m.source for m in old]):
            new, was, draft = messages[places[row]], old[column], merged[places[row]]
            if draft and (draft.target == was.target or fuzz.ratio(new.source, was.source) < _SURE):
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
    late = [m for m in former if m.change == LATE]
    fill([n for n, m in enumerate(merged) if late and m and _is_fresh(m)], late)
    return [filled.get(n) or m or messages[n] for n, m in enumerate(merged)], whole


def _pairs(new: Sequence[str], old: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pair similar sentences, the most similar first, each once at most; give their places.

    Only the best of each new sentence is remembered. Where that is taken, the sentence is compared
    again with what is left.
    """
    left = (_Left if len(new) * len(old) <= _FEW else _Many)(old)
    heap: list[tuple[float, int, int]] = []

    def offer(row: int) -> None:
        if found := left.best(new[row], row * len(old) // len(new)):
            heapq.heappush(heap, (-found[0], row, found[1]))

    for row in range(len(new)):
        offer(row)
    while heap:
        _, row, column = heapq.heappop(heap)
        if left.take(column):
            yield row, column
        else:
            offer(row)


class _Left:
    """The sentences that are left; finds the one that is most similar to another."""

    def __init__(self, texts: Sequence[str]) -> None:
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        self._texts: list[str | None] = list(texts)
        self._places = order
        self._ranks = {place: rank for rank, place in enumerate(order)}
        self._sorted: list[str | None] = [texts[place] for place in order]
        self._lengths = [len(texts[place]) for place in order]

    def take(self, place: int) -> bool:
        """Take the sentence at *place* away; return whether it was there."""
        if self._texts[place] is None:
            return False
        self._texts[place] = self._sorted[self._ranks[place]] = None
        return True

    def best(self, text: str, near: int) -> tuple[float, int] | None:
        """Return the score and the place of what is most similar to *text*.

        An edited sentence stands where it stood, mostly. So what is *near* that place is looked at
        first, and is it where it is very similar. Else how similar that is says how long something
        still more similar can be.
        """
        first = max(0, near - _NEAR)
        best: tuple[float, int] | None = None
        found = _most_similar(text, self._texts[first : near + _NEAR], SIMILAR)
        if found:
            best = found[0], first + found[1]
            if best[0] >= _SURE:
                return best
        # the ratio is twice what both have in common by their length together
        share = (best[0] if best else SIMILAR) / 100
        low = bisect_left(self._lengths, int(len(text) * share / (2 - share)))
        high = bisect_right(self._lengths, len(text) * (2 - share) / share + 1)
        found = _most_similar(text, self._sorted[low:high], best[0] if best else SIMILAR)
        if found and (not best or found[0] > best[0]):
            best = found[0], self._places[low + found[1]]
        return best


class _Many(_Left):
    """Finds what is similar among many by the words that both have, and so not for certain."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        from pipeline.memory import words

        super().__init__(texts)
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            for word in words(text):
                places.setdefault(word, []).append(place)
        self._with = {word: np.array(found) for word, found in places.items()}

    def best(self, text: str, near: int) -> tuple[float, int] | None:
        likely = sorted(self._likely(text))
        found = _most_similar(text, [self._texts[place] for place in likely], SIMILAR)
        return (found[0], likely[found[1]]) if found else None

    def _likely(self, text: str) -> list[int]:
        """Return the places of what shares most with *text*; long words count more."""
        import numpy as np

        from pipeline.memory import words

        shared = np.zeros(len(self._texts), dtype=np.int32)
        left = _READ
        asked = words(text) & self._with.keys()
        for word in sorted(asked, key=lambda w: (len(self._with[w]), w)):
            places = self._with[word]
            if left < len(places) and left < _READ:
                break
            left -= len(places)
            shared[places] += len(word) + 1
        ranked: list[int] = np.flatnonzero(shared).tolist()
        if len(ranked) > _LIKELY:
            ranked = np.argsort(-shared, kind="stable")[: len(ranked)].tolist()
        return list(islice((n for n in ranked if self._texts[n] is not None), _LIKELY))


def _most_similar(text: str, texts: Sequence[str | None], least: float) -> tuple[float, int] | None:
    """Return the score, *least* or more, and the place of what of *texts* is most similar."""
    found = process.extractOne(text, texts, scorer=fuzz.ratio, processor=None, score_cutoff=least)
    return (found[1], found[2]) if found else None


AS = "approved as: "
"""How a message's change begins whose sentence differs from the approved one in typography only.
So that small edits do not add up to another sentence, each is held against that one."""
LATE = "approved while it was edited elsewhere"
"""A change that says of an obsolete message that what has become of it has to be found out."""
OPPOSITE = "it may say the opposite now"
"""What is said in a message's change where the meaning may be turned round."""


def original(message: Message) -> str:
    """Return the sentence that *message* was approved as, if it is not quite its source."""
    said = message.change if message.target and not message.fuzzy else ""
    return said.removeprefix(AS) if said.startswith(AS) else ""


def _edited(
    new: Message, old: Message, edit: Edit, approved: Message, language: str, locale: str
) -> Message:
    """Return *new*, which was *old* before *edit* of the source. A machine drafts it anew.

    *approved* is what a person approved for the sentence that *edit* begins with, or is *old*.
    """
    if not by_hand(old):
        return replace(new, comments=old.comments, change=old.change)
    same_role = _role(new) == _role(approved)
    if edit.kind is Kind.TYPOGRAPHY and not approved.fuzzy and approved.target and same_role:
        base = old.former or original(old) or old.source
        change = "" if base == new.source else f"{AS}{base}"
        comments = _add(old, approved.comments).comments
        return replace(_carry(new, approved), comments=comments, change=change)
    if edit.kind is Kind.TYPOGRAPHY:
        if not old.fuzzy or old.previous:
            return _changed(new, old, edit.difference)
        return replace(_carry(new, old), change=edit.difference)
    if edit.kind is Kind.POLARITY:
        change = f"{edit.difference}; {OPPOSITE}, so that nothing was taken over"
        return replace(new, comments=old.comments, change=change)
    changed = _changed(new, old, edit.difference)
    patched = None if approved.fuzzy else patch(approved.target, edit, language, locale)
    if patched is None:
        return changed
    values = ", ".join(f"{one} to {two}" for one, two in edit.changes)
    return replace(
        changed, target=patched, change=f"{edit.difference}; changed here as well: {values}"
    )


def _retire(known: Sequence[Message], left: Sequence[Message]) -> Iterator[Message]:
    """Give as obsolete what of *left* a person approved, or is nowhere in *known*."""
    texts = {"", *(m.target for m in known)}
    comments = {comment for m in known for comment in m.comments}
    for message in left:
        approved = message.target and not message.fuzzy
        if approved or message.target not in texts or not comments.issuperset(message.comments):
            yield replace(message, obsolete=True, notes=message.notes[:1], references=())


def _settle(kept: Iterable[Message], obsolete: Iterable[Message]) -> tuple[Message, ...]:
    """Return all messages, each with a key of its own; PO files allow no other.

    An obsolete one gives way to an active one: it takes its role for a context, and if that is
    taken too, a translator's comment keeps what it says. That goes for a machine's draft as well,
    unless its words stand elsewhere: a person may have edited it and left the note.
    """
    settled = {m.key: m for m in kept}
    displaced: list[Message] = []
    for message in obsolete:
        if message.key in settled:
            named = replace(message, context=_role(message))
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


def counts(catalog: Catalog) -> dict[State, int]:
    """Return how many messages are in each state."""
    found = dict.fromkeys(State, 0)
    for message in catalog.messages:
        found[message.state] += 1
    return found
