"""A tally of a draft: which terms came through, and in which form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.engines.terms import agreement, grammar
from pipeline.model import Constraint
from pipeline.terminology.matching import Matcher, Rule, Wording, cut
from pipeline.text.lemmas import lemma

# Whether it is there


@dataclass(frozen=True, slots=True)
class Tally:
    """What of its constraints a draft says."""

    met: tuple[bool, ...]
    """Of each whether its term is there, a place counted once."""
    stale: frozenset[int]
    """Those of which there is also what the engine says of itself instead."""
    forbidden: int
    """How often something is said that must not be."""


def tally(
    draft: str,
    constraints: Sequence[Constraint],
    target: str,
    instead: Sequence[str] = (),
    put: frozenset[int] = frozenset(),
) -> Tally:
    """Look for terms in a draft, by lemma or in a declared form.

    `instead` has what the engine says for each by itself, "" if nothing is known; `put` are the
    places of those that are known to be there.
    """
    found = _matcher(tuple(constraints), tuple(instead), target).find(draft)
    count = Counter(one.wording.payload for one in found)
    met = [n in put for n in range(len(constraints))]
    for n in sorted(range(len(constraints)), key=lambda n: n not in put):
        if constraints[n].keep and not cut(constraints[n].term):
            met[n] = met[n] or constraints[n].term in draft
        key = _key(constraints[n])
        met[n] = met[n] or count[key] > 0
        count[key] -= 1
    stale = {n for n, one in enumerate(instead) if count[one] > 0}
    return Tally(tuple(met), frozenset(stale), count[None])


_Payload = tuple[str, str] | str | None
"""A term; what is said instead of one; or None where it is forbidden."""


def _key(constraint: Constraint) -> tuple[str, str]:
    return constraint.term, constraint.plural


def _rule(constraint: Constraint, language: str) -> Rule:
    if constraint.keep:
        return Rule.EXACT
    # Of a noun with two forms no third one is right: docteur is a lemma of doctoresse.
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
    """Whether two texts have the same words, if in other forms."""
    first, second = cut(one), cut(other)
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
