"""Provenance: who made a target and from what, what is doubted, what changed in the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.model import Catalog, Message, State

EARLIER = "earlier: "
"""How a translator's comment begins that keeps a translation for which there is no other place."""


def precedence(message: Message) -> int:
    """Return 0 for what a person approved, 1 for what one did for other words, 2 for the rest."""
    if not message.fuzzy:
        return 0
    return 1 if message.previous else 2


def is_fresh(message: Message) -> bool:
    """Return whether a machine drafted *message*, and nothing is known of an edit or a person."""
    return message.state is State.DRAFT and bool(message.draft) and not message.change


def by_hand(message: Message) -> bool:
    """Return whether a person wrote, or may have written, the translation."""
    return bool(message.target) and (precedence(message) < 2 or not message.draft)


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


def counts(catalog: Catalog) -> dict[State, int]:
    """Return how many messages are in each state."""
    found = dict.fromkeys(State, 0)
    for message in catalog.messages:
        found[message.state] += 1
    return found


OTHER = "other: "
"""How a translator's comment begins that keeps what somebody else approved for the same sentence.
The message is fuzzy until a person has chosen. A text that nobody had approved is `EARLIER`."""

DRAFT = "draft: "
CHANGE = "changed: "
"""How the ``#.`` line begins that says who drafted a translation."""


def told(extracted: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    """Return what the ``#.`` lines say: the notes, the change, the draft."""
    notes = tuple([line for line in extracted if not line.startswith((DRAFT, CHANGE))])
    if len(notes) == len(extracted):
        return notes, "", ""
    changes = [line.removeprefix(CHANGE) for line in extracted if line.startswith(CHANGE)]
    drafts = [line.removeprefix(DRAFT) for line in extracted if line.startswith(DRAFT)]
    return notes, "; ".join(changes), "; ".join(drafts)


OUTCOMES = ("natural", "chosen", "forced", "spliced", "missing")
"""How a term came into a draft: the engine said it by itself; another of its hypotheses did; it
was put there and the engine went on from it; it was put in the place of another word; or not."""

NOTE = "terms: "
"""How the part of a draft's note begins that says so, where it was not natural."""
_PART = re.compile(r"“([^”]*)” (\w+)")


def noted(terms: Iterable[tuple[str, str]]) -> str:
    """Return the part of a note for *terms*, each with its outcome; "" if all were natural.

    Nothing is said of an outcome that is none: engines and what is remembered may hold anything.
    """
    said = set(OUTCOMES) - {"natural"}
    parts = [f"“{term}” {outcome}" for term, outcome in terms if outcome in said]
    return NOTE + ", ".join(parts) if parts else ""


def outcomes_of(note: str) -> list[tuple[str, str]]:
    part = next((p for p in note.split("; ") if p.startswith(NOTE)), "")
    return [(name, how) for name, how in _PART.findall(part) if how in OUTCOMES]


EMPTY = "left empty, because "
"""How the part of a note begins that says why there is no draft."""
SILENT = "the engine gave nothing"
"""Such a reason; it is asked again the next time."""
UNJUDGED = "the pipeline failed to judge it"
"""Another one, which is a mistake of ours; so that is asked again too."""
RECALLED = "memory, "
"""How a note begins that says what the translation memory has; a draft's note keeps it."""


def waits(message: Message, signature: str) -> bool:
    """Return whether *message* waits for a draft by the engine that signs so.

    It does not if that engine has drafted it before: nothing of it would do, or a person took it
    out.
    """
    again = SILENT in message.draft or UNJUDGED in message.draft
    return message.state is State.UNTRANSLATED and (again or not made(message, signature))


def made(message: Message, signature: str) -> bool:
    """Return whether the draft of *message*, or the lack of one, is by the engine that signs so."""
    return f"{message.draft}; ".startswith(f"{signature}; ")
