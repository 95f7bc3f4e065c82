"""Grammar of Spanish, French, Italian and Portuguese: articles, adjectives, contractions.

The words are in ``data/``; how the sound of the next word changes them is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain

from pipeline.text import tables

LANGUAGES = ("es", "fr", "it", "pt")
"""The languages that have tables; of any other nothing is changed."""

CELLS = (("m", "singular"), ("f", "singular"), ("m", "plural"), ("f", "plural"))
"""Names of the four words of a row."""


def listed(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return a list of ``data/words.tsv``, by language."""
    return tables.lists(
        "engines/terms/words",
        "numerals",
        "prepositions",
        "predeterminers",
        "stressed a",
        "aspirated",
        "not aspirated",
        "copulas",
        "adverbs",
        "before subject",
        "never agree",
    )[name]


def all_listed(name: str) -> frozenset[str]:
    """Return a list of ``data/words.tsv`` that counts in all languages together."""
    return frozenset(chain.from_iterable(listed(name).values()))


def _forms(kind: str, language: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of `CELLS` of the determiners or adjectives of a language."""
    found = tables.rows(
        "engines/terms/agreement",
        "kind",
        "language",
        *(f"{gender} {number}" for gender, number in CELLS),
    )
    return tuple(row[2:] for row in found if row[:2] == (kind, language))


def _contractions(language: str) -> Mapping[str, tuple[str, str]]:
    found = tables.rows("engines/terms/contractions", "language", "word", "first", "second")
    return {word: (one, other) for code, word, one, other in found if code == language}


def _sounds(language: str, case: str) -> Mapping[str, str]:
    found = tables.rows("engines/terms/sounds", "language", "case", "word", "becomes")
    return {word: becomes for *where, word, becomes in found if where == [language, case]}


NUMERALS = all_listed("numerals")
"""Between an article and a noun, these do not change."""
PREPOSITIONS = all_listed("prepositions")
PREDETERMINERS = all_listed("predeterminers")

_ES_STRESSED_A = frozenset(listed("stressed a")["es"])
_ES_BEFORE_STRESSED_A = _sounds("es", "before stressed a")
_ES_PLAIN = _sounds("es", "plain")
_FR_ASPIRATED = listed("aspirated")["fr"]
_FR_NOT_ASPIRATED = listed("not aspirated")["fr"]
FR_ELIDED = _sounds("fr", "elided")
_FR_VOWEL = _sounds("fr", "before vowel")
_FR_PLAIN = _sounds("fr", "plain")
_IT_VOWEL = _sounds("it", "before vowel")
_IT_BEFORE_LONG = _sounds("it", "before long")
_IT_PLAIN = _sounds("it", "plain")
_IT_LONG = re.compile(r"(?:s[^aeiouàèéìòù]|z|gn|ps|pn|x|y|i[aeiou])", re.IGNORECASE)
"""Before these Italian says lo, gli, uno."""


@dataclass(frozen=True, slots=True)
class Language:
    determiners: tuple[tuple[str, ...], ...]
    adjectives: tuple[tuple[str, ...], ...]
    contractions: Mapping[str, tuple[str, str]]
    surface: Callable[[str, str, str], str]
    """A word as it is written before the next one, whose gender is given last."""
    plain: Callable[[str], str]
    """The word of the table behind what is written."""


def _fr_vowel(word: str) -> bool:
    word = word.casefold()
    if not word[:1] or word[0] not in "aâàäeéèêëiîïoôöuûùühyœæ":
        return False
    return word.startswith(_FR_NOT_ASPIRATED) or not word.startswith(_FR_ASPIRATED)


def _fr_surface(word: str, following: str, gender: str) -> str:
    if _fr_vowel(following):
        return FR_ELIDED.get(word) or (_FR_VOWEL.get(word) or word)
    return word


def _es_surface(word: str, following: str, gender: str) -> str:
    begins = following.casefold()
    if gender == "f" and begins in _ES_STRESSED_A:
        word = _ES_BEFORE_STRESSED_A.get(word, word)
    if word == "y" and re.match("h?i(?!e|a|o)|í", begins):
        return "e"
    if word == "o" and re.match("h?[oó]", begins):
        return "u"
    return word


def _it_surface(word: str, following: str, gender: str) -> str:
    begins = following.casefold()
    vowel = begins[:1] in "aeiouàèéìòùh" and begins[:1] != ""
    if _IT_LONG.match(begins):
        return _IT_BEFORE_LONG.get(word, word)
    return _IT_VOWEL.get(word, word) if vowel else word


def _language(
    code: str, surface: Callable[[str, str, str], str], plain: Callable[[str], str]
) -> Language:
    return Language(
        _forms("determiner", code), _forms("adjective", code), _contractions(code), surface, plain
    )


TABLES: Mapping[str, Language] = {
    "es": _language("es", _es_surface, lambda w: _ES_PLAIN.get(w, w)),
    "fr": _language("fr", _fr_surface, lambda w: _FR_PLAIN.get(w, w)),
    "pt": _language("pt", lambda w, f, g: w, lambda w: w),
    "it": _language("it", _it_surface, lambda w: _IT_PLAIN.get(w, w)),
}
FR, IT = TABLES["fr"].determiners, TABLES["it"].determiners
