"""Assessment of a draft by its terms: found, missing, in agreement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from pipeline.engines.base import PROTECTED
from pipeline.engines.terms import agreement, predicates
from pipeline.model import Constraint
from pipeline.terminology import matching
from pipeline.text.words import ALPHANUMERIC


class Model(Protocol):
    """One model with its tokenizer. Each call takes a batch of any size."""

    source: str
    """Source language, as es or pt."""
    target: str

    def encode(self, text: str) -> list[str]: ...

    def decode(self, pieces: list[str]) -> str: ...

    def complete(self, jobs: Sequence[tuple[list[str], list[str]]]) -> list[list[str]]:
        """Decode each source after its target prefix; the prefix is included."""

    def score(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[float]]:
        """Return the log-probability of each piece of each target, and of its end."""

    def attend(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[list[float]]]:
        """Return the attention of each piece of each target to each piece of its source."""


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """A segment with terms, and the model's hypotheses for it."""

    source: str
    constraints: tuple[Constraint, ...]
    spans: tuple[Span | None, ...]
    """Span of each constraint in `source`; None where a pivot lost it."""
    hypotheses: tuple[str, ...]
    """At least one, best first."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A translation of a segment, and how each term is met in it."""

    text: str
    terms: tuple[str, ...]
    hypothesis: int | None
    """Its index among the task's hypotheses; None where it is new."""
    put: tuple[Span, ...] = ()
    """Spans of the terms that were put in."""


@lru_cache(maxsize=4_000)
def form_pattern(form: str, exact: bool) -> re.Pattern[str]:
    words = (re.sub("['’]", "['’]", re.escape(word)) for word in form.split())
    before = r"(?<!\w)" if form[:1].isalnum() else ""
    after = r"(?!\w)" if form[-1:].isalnum() else ""
    return re.compile(before + r"\s+".join(words) + after, re.NOFLAG if exact else re.IGNORECASE)


def occurrences(text: str, constraint: Constraint, language: str) -> list[Span]:
    """Find a term in a text of the target language, in any accepted form.

    Whole words, by the glossary's own matcher: declared forms, or equal lemmas. A term that is
    kept in every language matches letter for letter.
    """
    if constraint.keep:
        return [match.span() for match in form_pattern(constraint.term, True).finditer(text)]
    its = dict.fromkeys(f for f in (constraint.term, constraint.plural, *constraint.forms) if f)
    rule = matching.Rule.FOLDED if constraint.pos == "abbr" else matching.Rule.LEMMA
    return list(matching.occurrences(text, its, language, rule, constraint.pos))


def find_forms(text: str, forms: Iterable[str]) -> list[Span]:
    """Find forms in a text without overlap; the longest wins."""
    found: list[Span] = []
    for form in sorted(forms, key=lambda f: (-len(f), f)):
        for match in form_pattern(form, False).finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in found):
                found.append(match.span())
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A draft measured by its terms."""

    hits: tuple[Span | None, ...]
    """Span of each constraint's term; None where it is missing."""
    agree: tuple[bool, ...]
    """Whether the words around each term agree with it."""
    rank: tuple[int, ...]
    """Criteria in order, each better when higher: protected pieces, forbidden words, terms,
    repetitions, agreement."""


def assess(task: Task, text: str, language: str) -> Assessment:
    hits: list[Span | None] = [None] * len(task.constraints)
    taken: list[Span] = []
    over = 0
    cache: dict[Constraint, list[Span]] = {}
    order = sorted(range(len(hits)), key=lambda i: (-len(task.constraints[i].term), i))
    for i in order:
        one = replace(task.constraints[i], start=0, end=0, number="")
        spans = cache.setdefault(one, occurrences(text, one, language))
        free = [s for s in spans if not any(s[0] < e and b < s[1] for b, e in taken)]
        if free:
            hits[i] = free[0]
            taken.append(free[0])
    for one, spans in cache.items():
        wanted = sum(replace(c, start=0, end=0, number="") == one for c in task.constraints)
        free = [s for s in spans if not any(s[0] < e and b < s[1] for b, e in taken)]
        over += max(0, min(len(free), len(spans) - wanted))
    forbidden = sum(
        not any(b <= start and end <= e for b, e in taken)
        for one in cache
        for start, end in find_forms(text, one.forbid)
    )
    agree = tuple(
        hit is None or _agrees(text, hit, constraint, language)
        for hit, constraint in zip(hits, task.constraints, strict=True)
    )
    intact = sorted(PROTECTED.findall(text)) == sorted(PROTECTED.findall(task.source))
    rank = (
        int(intact),
        -forbidden,
        sum(hit is not None for hit in hits),
        -over - _loops(text),
        -sum(not fits for fits in agree),
    )
    return Assessment(tuple(hits), agree, rank)


def _agrees(text: str, hit: Span, constraint: Constraint, language: str) -> bool:
    """Whether the words around agree with the term, and the glossary has its form."""
    if not constraint.gender or constraint.keep or constraint.pos in ("adj", "verb"):
        return True
    left, form, right = text[: hit[0]], text[hit[0] : hit[1]], text[hit[1] :]
    number = number_of(form, constraint)
    if constraint.plural and not number and form.casefold() not in _folded(constraint):
        return False  # l'infirmière, where the glossary has l'infirmier
    return (
        agreement.agrees(left, form, constraint.gender, number, language)
        and predicates.after(left, right, constraint.gender, number, language) == right
    )


def _folded(constraint: Constraint) -> set[str]:
    return {f.casefold() for f in (constraint.term, constraint.plural, *constraint.forms)}


def number_of(form: str, constraint: Constraint) -> str:
    one, many = constraint.term.casefold(), constraint.plural.casefold()
    if not many or one == many:
        return ""
    return {one: "singular", many: "plural"}.get(form.casefold(), "")


def _loops(text: str) -> int:
    """Count sequences of one to three words that are repeated at once."""
    words = [word.casefold() for word in ALPHANUMERIC.findall(text)]
    return sum(
        words[i : i + n] == words[i + n : i + 2 * n]
        for n in (1, 2, 3)
        for i in range(len(words) - 2 * n + 1)
    )
