"""Tally of the terms in a draft: met, stale, forbidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.engines.terms import agreement, grammar
from pipeline.model import Constraint
from pipeline.terminology.matching import Matcher, Rule, Wording, word_spans
from pipeline.text.lemmas import lemma


@dataclass(frozen=True, slots=True)
class Tally:
    """Terms in a draft, counted."""

    met: tuple[bool, ...]
    """Whether the term of each constraint occurs; no occurrence counts twice."""
    stale: frozenset[int]
    """Constraints for which the engine's own rendering also occurs."""
    forbidden: int
    """Number of forbidden words."""


def tally(
    draft: str,
    constraints: Sequence[Constraint],
    target: str,
    instead: Sequence[str] = (),
    put: frozenset[int] = frozenset(),
) -> Tally:
    """Look for terms in a draft, by lemma or in a declared form.

    `instead` has the engine's own rendering of each, "" if unknown; `put` are the places of the
    terms that are known to be there.
    """
    found = _matcher(tuple(constraints), tuple(instead), target).find(draft)
    count = Counter(one.wording.payload for one in found)
    met = [n in put for n in range(len(constraints))]
    for n in sorted(range(len(constraints)), key=lambda n: n not in put):
        if constraints[n].keep and not word_spans(constraints[n].term):
            met[n] = met[n] or constraints[n].term in draft
        key = _key(constraints[n])
        met[n] = met[n] or count[key] > 0
        count[key] -= 1
    stale = {n for n, one in enumerate(instead) if count[one] > 0}
    return Tally(tuple(met), frozenset(stale), count[None])


_Payload = tuple[str, str] | str | None
"""A term; the engine's own rendering of one; or None for a forbidden word."""


def _key(constraint: Constraint) -> tuple[str, str]:
    return constraint.term, constraint.plural


def _rule(constraint: Constraint, language: str) -> Rule:
    if constraint.keep:
        return Rule.EXACT
    # A noun with two forms has no third one: docteur is a lemma of doctoresse.
    whole = constraint.pos == "noun" and constraint.plural and language in grammar.LANGUAGES
    return Rule.FOLDED if whole or constraint.pos in {"name", "abbr"} else Rule.LEMMA


@lru_cache(maxsize=1024)
def _matcher(
    constraints: tuple[Constraint, ...], instead: tuple[str, ...], language: str
) -> Matcher[_Payload]:
    wordings: dict[tuple[str, str], Wording[_Payload]] = {}
    for one in constraints:
        forms = tuple(dict.fromkeys(filter(None, (one.term, one.plural, *one.forms))))
        for form in forms:
            wording: Wording[_Payload] = Wording(
                form, _key(one), _rule(one, language), one.pos, forms
            )
            wordings.setdefault((form, "wanted"), wording)
    for one in constraints:
        for form in one.forbid:
            wordings.setdefault((form, "forbidden"), Wording(form, None))
    for form in filter(None, instead):
        wordings.setdefault((form, "instead"), Wording(form, form))
    return Matcher(language, wordings.values())


def akin(one: str, other: str, language: str) -> bool:
    """Whether two texts have the same words, perhaps in other forms."""
    first, second = word_spans(one), word_spans(other)
    return len(first) == len(second) and all(
        _akin(a[2], b[2], language) for a, b in zip(first, second, strict=True)
    )


def _akin(one: str, other: str, language: str) -> bool:
    small = [agreement.is_function_word(word, language) for word in (one, other)]
    return (
        one == other
        or all(small)
        or (not any(small) and one[:3].casefold() == other[:3].casefold())
        or lemma(one, language) == lemma(other, language)
    )
