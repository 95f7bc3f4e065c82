"""Grammar of Spanish, French, Italian and Portuguese: articles, adjectives, contractions.

The words are in ``data/``; how the sound of the next word changes them is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
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
        "degrees",
        "links",
        "optional",
        "bare",
        "all",
        "above",
        "and",
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


PREPOSITIONS = all_listed("prepositions")
ALL = all_listed("all")
ABOVE = all_listed("above")
"""Before these all is no word of a noun: sobre todo la huelga."""

ANY = frozenset(range(len(CELLS)))
PLURAL = frozenset((2, 3))

Form = tuple[tuple[str, ...], Set[int]]
"""Row of a word, and which of the words of the row it can be."""
_Spellings = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    determiners: Mapping[str, Form]
    adjectives: Mapping[str, Form]
    """Those that are not like most, or not in the dictionary."""
    endings: tuple[str, ...]
    """Forms of most adjectives."""
    contractions: Mapping[str, tuple[str, str]]
    spellings: _Spellings
    """Words of the tables as they are written before a sound."""
    sound: Callable[[str, str], str]
    """The sound that a word of some gender begins with, if it matters."""
    numerals: frozenset[str]
    degrees: frozenset[str]
    """Adverbs that change between an article and a noun as little as numerals do."""
    links: frozenset[str]
    """Words that contract with an article, or elide before one."""
    optional: frozenset[str]
    """Words that need not be elided, and contractions that need not be made."""


def _forms(language: str, spellings: _Spellings, *kinds: str) -> dict[str, Form]:
    """Return the words of these *kinds* in a language, in all their spellings."""
    rows = tables.rows(
        "engines/terms/agreement",
        "kind",
        "language",
        *(f"{gender} {number}" for gender, number in CELLS),
    )
    found: dict[str, tuple[tuple[str, ...], set[int]]] = {}
    for kind, code, *forms in rows:
        if kind not in kinds or code != language:
            continue
        row = tuple(forms)
        for cell, word in enumerate(row):
            spelt = [written for (plain, _), written in spellings.items() if plain == word]
            for way in (word, *spelt):
                its, cells = found.setdefault(way, (row, set()))
                if its == row:
                    cells.add(cell)
    return dict(found)


def _contractions(language: str) -> Mapping[str, tuple[str, str]]:
    found = tables.rows("engines/terms/contractions", "language", "word", "first", "second")
    return {word: (one, other) for code, word, one, other in found if code == language}


def _spellings(language: str) -> _Spellings:
    found = tables.rows("engines/terms/sounds", "language", "case", "word", "becomes")
    return {(word, case): becomes for code, case, word, becomes in found if code == language}


_ES_STRESSED_A = frozenset(listed("stressed a")["es"])
_FR_ASPIRATED = listed("aspirated")["fr"]
_FR_NOT_ASPIRATED = listed("not aspirated")["fr"]
FR_ELIDED = frozenset(word for word in _spellings("fr").values() if word.endswith("'"))
_IT_LONG = re.compile(r"(?:s[^aeiouàèéìòù]|z|gn|ps|pn|x|y|i[aeiou])", re.IGNORECASE)
"""Before these Italian says lo, gli, uno."""


def _es_sound(following: str, gender: str) -> str:
    begins = following.casefold()
    if gender == "f" and begins in _ES_STRESSED_A:
        return "before stressed a"
    if re.match("h?i(?!e|a|o)|í", begins):
        return "before i"
    return "before o" if re.match("h?[oó]", begins) else ""


def _fr_sound(following: str, gender: str) -> str:
    word = following.casefold()
    if not word[:1] or word[0] not in "aâàäeéèêëiîïoôöuûùühyœæ":
        return ""
    aspirated = word.startswith(_FR_ASPIRATED) and not word.startswith(_FR_NOT_ASPIRATED)
    return "" if aspirated else "before vowel"


def _it_sound(following: str, gender: str) -> str:
    begins = following.casefold()
    if _IT_LONG.match(begins):
        return "before long"
    return "before vowel" if begins[:1] and begins[0] in "aeiouàèéìòùh" else ""


def _language(code: str, sound: Callable[[str, str], str], *endings: str) -> Language:
    spellings = _spellings(code)
    return Language(
        code,
        _forms(code, spellings, "determiner", "both"),
        _forms(code, spellings, "both") | _forms(code, spellings, "adjective"),
        endings,
        _contractions(code),
        spellings,
        sound,
        frozenset(listed("numerals")[code]),
        frozenset(listed("degrees")[code]),
        frozenset(listed("links")[code]),
        frozenset(listed("optional").get(code, ())),
    )


TABLES: Mapping[str, Language] = {
    "es": _language("es", _es_sound, "o", "a", "os", "as"),
    "fr": _language("fr", _fr_sound),
    "pt": _language("pt", lambda following, gender: "", "o", "a", "os", "as"),
    "it": _language("it", _it_sound, "o", "a", "i", "e"),
}
