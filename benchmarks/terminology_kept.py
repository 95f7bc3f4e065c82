"""Names that are the same in every language, and pieces that an engine must not touch: own text.

Each sentence has two places. At an engine, they are filled with names under constraints, or with
the private-use characters that stand for protected pieces; in the pipeline, with names that the
glossary keeps, and with links, code, addresses and placeholders as an article has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.drafting.draft import draft
from pipeline.engines.base import Engine, Segment
from pipeline.model import Constraint, Message
from pipeline.terminology.glossary import Glossary, Term

FRAMES = (
    "We met {0} and {1} in the street.",
    "The members of {0} live in {1}.",
    "{0} was closed after the storm, and {1} is open.",
    "Our friends from {0} wrote to {1} yesterday.",
    "Did you read what {0} said about {1}?",
    "The people of {0} do not want to leave {1}.",
    "They came to {0} with {1} in their hands.",
    "Before the war, {0} was as big as {1}.",
    "Nobody knows {0} better than {1}.",
    "Write to {0} or call {1}.",
)
NAMES = (
    "Brenmoor", "Al-Qasra", "Union of River Workers", "FDTK", "Jana O’Hale", "Radio Zelkova",
    "MV-17", "Kestrel House", "Tal Arimeh", "Free Docks",
)  # fmt: skip
PIECES = (
    "%(count)d", "{name}", "`make all`", "%(who)s", "info@example.org", "{user.name}",
    "https://example.org/x_y?z=1", "<br>", "&nbsp;", "`a_b.txt`",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """How many names or pieces came back exactly, and in exactly as many places."""

    right: int
    total: int
    wrong: tuple[str, ...] = ()
    """The drafts that are not right."""


def _filled(words: Sequence[str]) -> list[tuple[str, tuple[str, str]]]:
    """Return each frame with each pair of neighbours among *words*."""
    found = []
    for frame in FRAMES:
        for n, one in enumerate(words):
            both = (one, words[(n + 3) % len(words)])
            found.append((frame.format(*both), both))
    return found


def _judged(drafts: Sequence[str], filled: Sequence[tuple[str, tuple[str, str]]]) -> Kept:
    right, wrong = 0, []
    for said, (text, both) in zip(drafts, filled, strict=True):
        exact = [said.count(one) == text.count(one) for one in both]
        right += sum(exact)
        if not all(exact):
            wrong.append(f"{text} → {said}")
    return Kept(right, 2 * len(filled), tuple(wrong))


def names_at_engine(engine: Engine, locale: str) -> Kept:
    filled = _filled(NAMES)
    asked = []
    for text, both in filled:
        spans = sorted((text.index(one), one) for one in both)
        its = tuple(Constraint(at, at + len(one), one, pos="name", keep=True) for at, one in spans)
        asked.append(Segment(text, constraints=its))
    answers = engine.translate(asked, "en", locale)
    return _judged([its[0].text if its else "" for its in answers], filled)


def pieces_at_engine(engine: Engine, locale: str) -> Kept:
    """Ask for a term of the glossary too, so that an engine does what it does for those."""
    filled = [(frame.format(*_TWO), _TWO) for frame in FRAMES]
    asked = []
    for text, _ in filled:
        at = text.find("war")
        term = Constraint(at, at + 3, _WAR.get(locale, ""), gender="m", number="singular")
        asked.append(Segment(text, constraints=(term,) if at >= 0 and term.term else ()))
    answers = engine.translate(asked, "en", locale)
    return _judged([its[0].text if its else "" for its in answers], filled)


_TWO = ("\ue000", "\ue001")
"""As `pipeline.engines.base.PROTECTED` has them."""
_WAR = {"es": "conflicto", "fr": "conflit", "pt": "conflito", "pt_BR": "conflito"}


def in_pipeline(engine: Engine, locale: str, words: Sequence[str]) -> tuple[Kept, int]:
    """Draft as the pipeline does; return how it was, without empty drafts, and how many are."""
    names = [word for word in words if word in NAMES]
    glossary = Glossary(tuple(Term(one, pos="name", keep=True) for one in names))
    filled = _filled(words)
    messages = draft([Message(text) for text, _ in filled], engine, "en", locale, glossary)
    there = [
        (its, message.target)
        for its, message in zip(filled, messages, strict=True)
        if message.target
    ]
    kept = _judged([target for _, target in there], [its for its, _ in there])
    return kept, len(filled) - len(there)
