"""Words that decide whether a sentence says a thing or its opposite, and of how much.

Own lists of negations, modal verbs, quantifiers, words for numbers and some verbs that deny, in
the eight languages that statements are written in. Where in doubt a word is in: an edit that
touches it makes a translator start afresh, which costs minutes; one that is missed may leave the
opposite of what the source says. A star is the rest of a word. What is said by an ending alone,
as the French future is, no list finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pipeline.changes.polarity_data import (
    ALL,
    CLAUSES,
    ENDINGS,
    EXPANDED,
    JOINING,
    NEGATION,
    OPENING,
    PRONOUNS,
    SUBJECTS,
    UNDOING,
    VERBAL,
    fold,
)
from pipeline.text.locales import language as language_of

_LONG = 4
"""Letters that a word must have for a prefix before it to count: “side” and “inside” are short."""
_SEAM = re.compile("[-']")
_ATTACHED = re.compile("[وف]?(?:بال|لل|ال|ب|ل|ك)?")
"""What Arabic writes as one with the next word."""


def knows(language: str) -> bool:
    """Return whether there is a list for *language*."""
    return language_of(language) in NEGATION


@lru_cache(maxsize=20_000)
def parts(word: str, language: str) -> tuple[str, ...]:
    """Return the folded words that one between two spaces holds: ``can't`` is ``can not``."""
    folded = fold(word)
    if language_of(language) == "en":
        if folded in EXPANDED:
            return EXPANDED[folded]
        if folded.endswith("n't"):
            return folded[:-3], "not"
    return tuple(filter(None, _SEAM.split(folded)))


@lru_cache(maxsize=20_000)
def negates(part: str, language: str) -> bool:
    """Return whether a *part* of a word is a negation that can stand alone."""
    return _listed(part, language, NEGATION)


@lru_cache(maxsize=20_000)
def begins_clause(part: str, language: str) -> bool:
    """Return whether a *part* of a word begins a clause, as “who” and “while” do."""
    return _listed(part, language, CLAUSES)


def joins(part: str, language: str) -> bool:
    """Return whether a *part* of a word joins the last of several things, as “and” does."""
    return _listed(part, language, JOINING)


def opens(part: str, language: str) -> bool:
    """Return whether a sentence that begins so begins with when, where or how: “In March”."""
    return _listed(part, language, OPENING)


def begins_subject(part: str, language: str) -> bool:
    """Return whether a *part* of a word begins what a sentence is about: “the”, “we”."""
    return _listed(part, language, SUBJECTS)


def acts(part: str, language: str) -> bool:
    """Return whether a *part* of a word may be a verb without a person, or one's subject."""
    return _listed(part, language, PRONOUNS) or part.endswith(VERBAL.get(language_of(language), ()))


@lru_cache(maxsize=20_000)
def weighs(part: str, language: str) -> bool:
    """Return whether a *part* of a word is in any of the lists."""
    return _listed(part, language, ALL)


def _listed(part: str, language: str, table: dict[str, frozenset[str]]) -> bool:
    code = language_of(language)
    words = table.get(code, frozenset())
    forms = [part]
    if code == "ar":  # the longest that may be attached, and each part of it
        longest = _ATTACHED.match(part)
        forms += [part[n:] for n in range(1, longest.end() + 1 if longest else 1)]
    return any(form in words or form.startswith(_stems(words)) for form in forms if form)


@lru_cache
def _stems(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word[:-1] for word in words if word.endswith("*"))


def opposed(gone: Iterable[str], come: Iterable[str], language: str) -> bool:
    """Return whether a word of *gone* is the opposite of one of *come* by its prefix or ending."""
    one, other = set(gone), set(come)
    return _turned(one, other, language) or _turned(other, one, language)


def _turned(plain: set[str], turned: set[str], language: str) -> bool:
    code = language_of(language)
    for word in plain:
        if len(word) >= _LONG and any(p + word in turned for p in UNDOING.get(code, ())):
            return True
        for one, other in ENDINGS.get(code, ()):
            if word.endswith(one) and word.removesuffix(one) + other in turned:
                return True
    return False
