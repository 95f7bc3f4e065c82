"""Words that decide whether a sentence says a thing or its opposite, and of how much.

The words themselves are in ``data/polarity.tsv``, which says what each list is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from pipeline.text import tables
from pipeline.text.locales import language as language_of

_LISTS = (
    "negation",
    "weighty",
    "undoing",
    "clauses",
    "joining",
    "opening",
    "subjects",
    "pronouns",
    "verbal endings",
)

_LONG = 4
"""Letters that a word must have for a prefix before it to count: “side” and “inside” are short."""
_SEAM = re.compile("[-']")
_ATTACHED = re.compile("[وف]?(?:بال|لل|ال|ب|ل|ك)?")
"""Prefixes that Arabic writes as one with the next word."""
_ALIKE = str.maketrans(
    {"ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None}
    | {chr(vowel): None for vowel in range(0x64B, 0x653)}
)


def fold(word: str) -> str:
    """Return what is the same for the ways to write *word*."""
    return word.casefold().translate(_ALIKE)


@cache
def _words(code: str, *names: str) -> frozenset[str]:
    """Return the folded words of these lists in a language; none where it has none."""
    found = tables.lists("changes/polarity", *_LISTS)
    return frozenset(fold(word) for name in names for word in found[name].get(code, ()))


@cache
def _contractions() -> Mapping[tuple[str, str], tuple[str, ...]]:
    found = tables.rows("changes/contractions", "language", "word", "parts")
    return {(code, fold(word)): tuple(parts.split()) for code, word, parts in found}


@cache
def _opposite_endings(code: str) -> tuple[tuple[str, str], ...]:
    found = tables.rows("changes/opposite_endings", "language", "ending", "opposite")
    return tuple((one, other) for its, one, other in found if its == code)


def knows(language: str) -> bool:
    """Return whether there is a list for *language*."""
    return bool(_words(language_of(language), "negation"))


@lru_cache(maxsize=20_000)
def parts(word: str, language: str) -> tuple[str, ...]:
    """Return the folded words in *word*, which has no space: ``can not`` in ``can't``."""
    folded = fold(word)
    code = language_of(language)
    if (code, folded) in _contractions():
        return _contractions()[code, folded]
    if code == "en" and folded.endswith("n't"):
        return folded[:-3], "not"
    return tuple(filter(None, _SEAM.split(folded)))


@lru_cache(maxsize=20_000)
def negates(part: str, language: str) -> bool:
    """Return whether a *part* of a word is a negation that can stand alone."""
    return _listed(part, language, "negation")


@lru_cache(maxsize=20_000)
def begins_clause(part: str, language: str) -> bool:
    """Return whether a *part* of a word begins a clause, as “who” and “while” do."""
    return _listed(part, language, "clauses")


def joins(part: str, language: str) -> bool:
    """Return whether a *part* of a word joins the last of several things, as “and” does."""
    return _listed(part, language, "joining")


def opens(part: str, language: str) -> bool:
    """Return whether a *part* of a word begins a phrase of time, place or manner: “In March”."""
    return _listed(part, language, "opening")


def begins_subject(part: str, language: str) -> bool:
    """Return whether a *part* of a word begins the subject of a sentence: “the”, “we”."""
    return _listed(part, language, "subjects")


def acts(part: str, language: str) -> bool:
    """Return whether a *part* of a word may be a verb without a person, or one's subject."""
    endings = _words(language_of(language), "verbal endings")
    return _listed(part, language, "pronouns") or part.endswith(tuple(endings))


@lru_cache(maxsize=20_000)
def weighs(part: str, language: str) -> bool:
    """Return whether a *part* of a word weighs in what a sentence says: a negation, or the like."""
    return _listed(part, language, "negation", "weighty")


def _listed(part: str, language: str, *names: str) -> bool:
    code = language_of(language)
    words = _words(code, *names)
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
        if len(word) >= _LONG and any(p + word in turned for p in _words(code, "undoing")):
            return True
        for one, other in _opposite_endings(code):
            if word.endswith(one) and word.removesuffix(one) + other in turned:
                return True
    return False
