"""Provenance: who made a target and from what, what is doubted, what changed in the source.

In a PO file it is prose for translators: a ``#.`` line ``draft: ...``, another ``changed: ...``,
and the translator's comments that keep what gave way. This module alone writes that prose and reads
it: `of` and `noted` turn a message's notes into a `Provenance` and back. `Message.draft` and
`Message.change` carry the two lines as they were found; for everybody else they are opaque.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.model import Catalog, Message, State

DRAFT, CHANGE = "draft: ", "changed: "
"""Beginnings of the two ``#.`` lines."""
MEMORY = "memory, "
"""Beginning of the part of a draft's line that tells of the translation memory."""
SILENT = "the engine gave nothing"
"""A reason for which a message stays empty; the engine is asked again the next time."""
UNJUDGED = "the pipeline failed to judge it"
"""Beginning of another such reason."""
OUTCOMES = ("natural", "chosen", "forced", "spliced", "missing")
"""How a term came into a draft: the engine said it by itself; another of its hypotheses did; it
was put there and the engine went on from it; it was put in the place of another word; or not."""

_EMPTY = "left empty, because "
_TERMS = "terms: "
_TERM = re.compile(r"“([^”]*)” (\w+)")
_APPROVED_AS = "approved as: "
_LATE = "approved while it was edited elsewhere"
_OPPOSITE = "it may say the opposite now"
_NOT_TAKEN_OVER = f"; {_OPPOSITE}, so that nothing was taken over"
_PATCHED = "; changed here as well: "


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the source since a person approved its translation."""

    difference: str = ""
    """The difference of the two sentences, in one line."""
    patched: str = ""
    """The values that were changed in the translation as well: ``4 to 5``."""
    opposite: bool = False
    """Whether the source may say the opposite now."""
    approved_as: str = ""
    """The sentence that the translation was approved for, where only typography differs from it.
    So that small edits do not add up to another sentence, each is held against that one."""
    late: bool = False
    """Whether an obsolete message was approved while its sentence was edited elsewhere, so that
    the next update has to find out what has become of it."""
    other: str = ""
    """A line that this version does not write, as it was found."""

    def __bool__(self) -> bool:
        return self != Change()


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of a target, its doubts and terms, and the change of its source."""

    signature: str = ""
    """The engine that drafted the target, or tried to; "" where none did."""
    reason: str = ""
    """The reason why that engine left the message empty; "" where it did not."""
    doubts: tuple[str, ...] = ()
    """Doubts of the engine or of the checks, each a phrase for the translator."""
    terms: tuple[tuple[str, str], ...] = ()
    """Terms of the glossary that did not come by themselves, each with one of `OUTCOMES`."""
    memory: str = ""
    """Note on the match of the translation memory, with its origin."""
    change: Change = Change()
    other: str = ""
    """A draft's line that this version does not write, as it was found."""


def of(message: Message) -> Provenance:
    """Return the provenance of *message*; `noted` with it gives the same message back."""
    found = _parsed_draft(message.draft) if message.draft else Provenance()
    return replace(found, change=change_of(message)) if message.change else found


def change_of(message: Message) -> Change:
    """Return the change in the provenance of *message*."""
    return _parsed_change(message.change) if message.change else Change()


def noted(message: Message, provenance: Provenance) -> Message:
    """Return *message* with *provenance*, in the words that a translator reads."""
    change, draft = _written_change(provenance.change), draft_line(provenance)
    return replace(message, change=change, draft=draft)


def changed(message: Message, change: Change) -> Message:
    """Return *message* with *change* in its provenance."""
    return replace(message, change=_written_change(change))


def _parsed_draft(line: str) -> Provenance:
    parts = line.split("; ")
    signature = "" if parts[0].startswith(MEMORY) else parts.pop(0)
    at = next((n for n, part in enumerate(parts) if part.startswith(MEMORY)), len(parts))
    memory = "; ".join(parts[at:])  # it comes last, and quotes sentences
    reason, doubts = "", list[str]()
    terms: list[tuple[str, str]] = []
    for part in parts[:at]:
        if part.startswith(_EMPTY) and not reason:
            reason = part.removeprefix(_EMPTY)
        elif part.startswith(_TERMS) and not terms and _written_terms(_parsed_terms(part)) == part:
            terms = _parsed_terms(part)
        else:
            doubts.append(part)
    found = Provenance(signature, reason, tuple(doubts), tuple(terms), memory)
    return found if draft_line(found) == line else replace(found, other=line)


def draft_line(its: Provenance) -> str:
    """Return what the line ``draft: ...`` says of *its* origin, doubts and terms."""
    reason = _EMPTY + its.reason if its.reason else ""
    parts = (its.signature, reason, *its.doubts, _written_terms(its.terms), its.memory)
    return its.other or "; ".join(filter(None, parts))


def _parsed_terms(part: str) -> list[tuple[str, str]]:
    return [(term, how) for term, how in _TERM.findall(part) if how in OUTCOMES]


def _written_terms(terms: Iterable[tuple[str, str]]) -> str:
    parts = [f"“{term}” {outcome}" for term, outcome in terms]
    return _TERMS + ", ".join(parts) if parts else ""


def _parsed_change(line: str) -> Change:
    if line == _LATE:
        return Change(late=True)
    if line.startswith(_APPROVED_AS) and line != _APPROVED_AS:
        return Change(approved_as=line.removeprefix(_APPROVED_AS))
    opposite = line.endswith(_NOT_TAKEN_OVER)
    difference, _, patched = line.removesuffix(_NOT_TAKEN_OVER).partition(_PATCHED)
    found = Change(difference, patched, opposite)
    if _written_change(found) == line and (opposite or _OPPOSITE not in line):
        return found
    return Change(opposite=_OPPOSITE in line, other=line)


def _written_change(its: Change) -> str:
    if its.other or its.late:
        return its.other or _LATE
    if its.approved_as:
        return _APPROVED_AS + its.approved_as
    patched = _PATCHED + its.patched if its.patched else ""
    return its.difference + patched + (_NOT_TAKEN_OVER if its.opposite else "")


# Questions that others ask


def unusual(terms: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return those of *terms*, each with its outcome, of which a note tells: not the natural ones.

    An outcome that is none of `OUTCOMES` is left out: engines and memories may hold anything.
    """
    said = set(OUTCOMES) - {"natural"}
    return tuple((term, outcome) for term, outcome in terms if outcome in said)


def made_by(message: Message, signature: str) -> bool:
    """Return whether the engine of *signature* drafted *message*, or left it empty."""
    return f"{message.draft}; ".startswith(f"{signature}; ")


def waits(message: Message, signature: str) -> bool:
    """Return whether *message* waits for a draft by the engine of *signature*.

    It does not if that engine has drafted it before: nothing of it would do, or a person took it
    out.
    """
    if message.state is not State.UNTRANSLATED:
        return False
    if not made_by(message, signature):
        return True
    reason = of(message).reason
    return reason.startswith(SILENT) or UNJUDGED in reason


def was_emptied(message: Message) -> bool:
    """Return whether a person took the draft out of the untranslated *message*."""
    return bool(message.draft) and not of(message).reason and not is_from_memory(message)


def is_drafted(message: Message) -> bool:
    """Return whether a machine made the target, or something was found for it in the memory."""
    return message.state is State.DRAFT and bool(message.draft)


def is_from_memory(message: Message) -> bool:
    """Return whether the note of *message* is the memory's alone: no engine was asked."""
    return message.draft.startswith(MEMORY)


def is_fresh(message: Message) -> bool:
    """Return whether a machine drafted *message*, and nothing is known of an edit or a person."""
    return is_drafted(message) and not message.change


def is_late(message: Message) -> bool:
    """Return whether *message* was approved while its sentence was edited elsewhere."""
    return message.change == _LATE


def by_hand(message: Message) -> bool:
    """Return whether a person wrote, or may have written, the translation."""
    return bool(message.target) and (precedence(message) < 2 or not message.draft)


def precedence(message: Message) -> int:
    """Return 0 for what a person approved, 1 for what one did for other words, 2 for the rest."""
    if not message.fuzzy:
        return 0
    return 1 if message.previous else 2


def original(message: Message) -> str:
    """Return the sentence that *message* was approved as, if it is not quite its source."""
    return change_of(message).approved_as if message.target and not message.fuzzy else ""


def counts(catalog: Catalog) -> dict[State, int]:
    """Return the number of messages in each state."""
    found = dict.fromkeys(State, 0)
    for message in catalog.messages:
        found[message.state] += 1
    return found


# The lines of a PO file


def from_lines(extracted: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    """Return the notes, the change and the draft that the ``#.`` lines of a message say."""
    notes = tuple([line for line in extracted if not line.startswith((DRAFT, CHANGE))])
    if len(notes) == len(extracted):
        return notes, "", ""
    changes = [line.removeprefix(CHANGE) for line in extracted if line.startswith(CHANGE)]
    drafts = [line.removeprefix(DRAFT) for line in extracted if line.startswith(DRAFT)]
    return notes, "; ".join(changes), "; ".join(drafts)


def to_lines(message: Message) -> tuple[str, ...]:
    """Return the ``#.`` lines of *message*."""
    draft = (DRAFT + message.draft,) if message.draft else ()
    change = (CHANGE + message.change,) if message.change else ()
    return (*message.notes, *change, *draft)


# Translator's comments that keep a translation which has no other place

OTHER = "other: "
"""Beginning of the comment that keeps what somebody else approved for the same sentence. The
message is fuzzy until a person has chosen."""
EARLIER = "earlier: "
"""Beginning of the comment that keeps a text which nobody had approved, or whose place is gone."""


def kept(mark: str, text: str) -> list[str]:
    """Return the comment that keeps *text*, as lines; *mark* is `OTHER` or `EARLIER`."""
    return f"{mark}{text}".split("\n")


def keeps(comments: Sequence[str], text: str, marks: Iterable[str] = (OTHER, EARLIER)) -> bool:
    """Return whether *text* is kept in *comments*, but for spaces at the ends of its lines."""
    found = [comment.rstrip() for comment in comments]
    for mark in marks:
        wanted = [line.rstrip() for line in kept(mark, text)]
        if any(found[n : n + len(wanted)] == wanted for n in range(len(found))):
            return True
    return False


def has_conflict(comments: Iterable[str]) -> bool:
    """Return whether one of *comments* keeps what somebody else approved."""
    return any(comment.startswith(OTHER) for comment in comments)
