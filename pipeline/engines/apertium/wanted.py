"""Wanted forms: the cell of its paradigm that each term needs in a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from pipeline.engines.terms import inflection
from pipeline.model import Constraint

Cell = tuple[str, str]
"""Gender and number: ``("f", "plural")``."""
NUMBERS = ("singular", "plural")
CELLS: tuple[Cell, ...] = tuple((g, n) for g in ("m", "f") for n in NUMBERS)


class Way(Enum):
    """How a term gets into a draft."""

    NOUN = auto()
    ADJECTIVE = auto()
    TOKEN = auto()
    """By a word that no dictionary has: for a name, or a term about which nothing is known."""
    CHECK = auto()
    """Not at all: for a verb, whose form cannot be known."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A constraint with the form that it needs in a draft."""

    constraint: Constraint
    place: int
    """Its index among the constraints of the segment."""
    way: Way
    forms: Mapping[Cell, str]
    """Forms of a noun in its gender; of an adjective in every gender."""
    gender: str = ""
    number: str = "singular"
    sure: bool = False
    """Whether the gender is more than a guess."""

    @property
    def form(self) -> str:
        return self.forms.get((self.gender, self.number), self.constraint.term)


Reading = tuple[str, tuple[str, ...]]
"""A lemma and its tags as Apertium has them: ``("vacuna", ("n", "f", "sg"))``."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Dictionary of the target language; the default is empty."""

    read: Callable[[str], Sequence[Reading]] = field(default=lambda word: ())
    """Return the readings of a word; none where it is unknown."""
    write: Callable[[Reading], str] = field(default=lambda reading: "")
    """Return the word for a reading; "" where there is none."""


_TAGS = {"singular": "sg", "plural": "pl"}
_SMALL = frozenset("pr det cnjcoo cnjsub cm".split())
_VERBS = frozenset("vblex vbmod vbser vbhaver".split())


def wanted(
    constraint: Constraint, place: int, text: str, source: str, target: str, its: Dictionary
) -> Wanted:
    """Decide how `constraint` of the segment `text` is met, and in which form.

    Gender and forms that the glossary lacks are looked up in `its`, then guessed by endings; an
    unknown noun counts as masculine.
    """
    if constraint.keep:
        return Wanted(constraint, place, Way.TOKEN, {})
    if constraint.pos == "verb":
        return Wanted(constraint, place, Way.CHECK, {})
    words = [
        (m[0], its.read(m[0])) for m in re.finditer(r"[^\W\d_](?:\w|-(?=\w))*", constraint.term)
    ]
    content = [(w, readings) for w, readings in words if not _is(readings, *_SMALL, only=True)]
    head, readings = content[0] if content else (constraint.term, ())
    kinds = {reading[1][0] for reading in readings if reading[1]}
    if constraint.pos == "adj":
        return _adjective(constraint, place, target, its)
    if words and not content:
        return Wanted(constraint, place, Way.TOKEN, {})
    if not constraint.pos and not constraint.gender and kinds and "n" not in kinds:
        if "adj" in kinds and len(content) == 1:
            return _adjective(constraint, place, target, its)
        if kinds <= _VERBS:
            return Wanted(constraint, place, Way.CHECK, {})
        if "adj" not in kinds:
            return Wanted(constraint, place, Way.TOKEN, {})
    if constraint.pos == "name" and not constraint.gender and "n" not in kinds:
        return Wanted(constraint, place, Way.TOKEN, {})
    return _noun(constraint, place, text, head, readings, source, target, its)


def _is(readings: Iterable[Reading], *kinds: str, only: bool = False) -> bool:
    found = [bool(tags) and tags[0] in kinds for _, tags in readings]
    return bool(found) and (all(found) if only else any(found))


def _noun(
    constraint: Constraint,
    place: int,
    text: str,
    head: str,
    readings: Sequence[Reading],
    source: str,
    target: str,
    its: Dictionary,
) -> Wanted:
    nouns = [tags for _, tags in readings if tags[:1] == ("n",)]
    gender = constraint.gender if constraint.gender in {"m", "f"} else ""
    if not gender:
        known = {g for tags in nouns for g in ("m", "f") if g in tags}
        gender = known.pop() if len(known) == 1 else ""
    sure = gender != ""
    gender = gender or inflection.guess_gender(head, target) or "m"
    if nouns and all("pl" in tags for tags in nouns):  # a noun that is always plural
        forms = {(gender, "plural"): constraint.term}
        return Wanted(constraint, place, Way.NOUN, forms, gender, "plural", sure)
    plural = constraint.plural or _pluralised(constraint.term, gender, target, its)
    forms = {(gender, "singular"): constraint.term, (gender, "plural"): plural or constraint.term}
    asked = constraint.number or _number(text[constraint.start : constraint.end], source)
    # A singular in place of a plural is better than a plural that nothing agrees with.
    asked = asked if plural else "singular"
    return Wanted(constraint, place, Way.NOUN, forms, gender, asked, sure)


def _number(words: str, source: str) -> str:
    """Guess the number of a term from its words in the source."""
    plural = source == "en" and re.search(r"[^\Wsui]s\Z", words) and not words.isupper()
    return "plural" if plural else "singular"


def _pluralised(term: str, gender: str, target: str, its: Dictionary) -> str:
    """Return the plural of a noun and of the adjectives right after it; "" where unknown."""
    if term.isupper():
        return term
    first, *rest = term.split()
    out = [_of_kind(first, "n", gender, its)]
    for n, word in enumerate(rest):
        if _is(its.read(word), *_SMALL):
            out += rest[n:]
            break
        readings = its.read(word)
        out.append(
            _of_kind(word, "adj", gender, its) if _is(readings, "adj") else word * bool(readings)
        )
    return " ".join(out) if all(out) else inflection.plural(term, target)


def _of_kind(word: str, kind: str, gender: str, its: Dictionary) -> str:
    found = next((r for r in its.read(word) if r[1][:1] == (kind,)), None)
    return _inflected(found, (gender, "plural"), its) if found else ""


def _adjective(constraint: Constraint, place: int, target: str, its: Dictionary) -> Wanted:
    forms: dict[Cell, str] = {}
    term = constraint.term
    given = {f.casefold() for f in (term, constraint.plural, *constraint.forms) if f}
    found = next((r for r in its.read(term) if r[1][:1] == ("adj",)), None)
    for cell in CELLS:
        form = (_inflected(found, cell, its) if found else "") or _regular(term, cell, target)
        # The forms in the glossary overrule the regular ones.
        forms[cell] = form if len(given) == 1 or form.casefold() in given else term
    return Wanted(constraint, place, Way.ADJECTIVE, forms, "m", "singular")


def _inflected(reading: Reading, cell: Cell, its: Dictionary) -> str:
    base, tags = reading
    gender, asked = cell
    kept = tuple(t for t in tags if t not in {"m", "f", "mf", "sg", "pl", "sp"})
    genders = (
        (gender, "mf") if tags[0] == "adj" else tuple(t for t in tags if t in {"m", "f", "mf"})
    )
    for one in genders:
        for its_number in (_TAGS[asked], "sp"):
            if form := its.write((base, (*kept, one, its_number))):
                return form
    return ""


def _regular(term: str, cell: Cell, target: str) -> str:
    """Inflect an adjective that no dictionary has by the rule of its language."""
    gender, asked = cell
    if gender == "f" and target in {"es", "it", "pt"} and term.endswith("o"):
        term = term[:-1] + "a"
    elif gender == "f" and target == "fr" and not term.endswith("e"):
        term += "e"
    return (inflection.plural(term, target) or term) if asked == "plural" else term


def as_token(one: Wanted) -> Wanted:
    """Return the same term as a token, in the same form."""
    return replace(one, way=Way.TOKEN)
