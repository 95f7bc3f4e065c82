"""Lemmas: dictionary forms of words. Beside `truecase`, the only module that knows simplemma.

simplemma loads the data of a language when it is first asked for one: 0.1 to 1 s and 1 to 20 MB
each (with its frugal dictionaries; the others take 4 to 130 MB, measured in eight languages). So a
word is looked up once, and its lemma can be kept from one run to the next.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping

_HIDDEN = dict.fromkeys(
    map(ord, "\u00ad\u0640\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u061c"), None
) | dict.fromkeys((*range(0x064B, 0x0660), 0x0670), None)
"""Characters within a word that do not change it: soft hyphens, the bar that stretches Arabic
letters, Arabic vowel signs, and zero-width characters."""
_ALIKE = {
    "ar": str.maketrans("أإآٱىة", "ااااي" + "ه"),
    "ru": str.maketrans("ё", "е"),
}
"""Letters that are interchangeable in writing, by language."""
_CODES = {"no": "nb", "bs": "hbs", "hr": "hbs", "sr": "hbs"}
"""Codes of simplemma that differ from ours."""

_known: dict[str, dict[str, str]] = {}
"""By language, the lemma of each word that was looked up."""
_learnt: dict[str, dict[str, str]] = {}
"""The lemmas that this process looked up itself."""


def plain(word: str) -> str:
    """Return *word* composed (NFC), without characters that nobody reads."""
    return word if word.isascii() else unicodedata.normalize("NFC", word).translate(_HIDDEN)


def fold(word: str, language: str) -> str:
    """Return *word* folded: the same for all spellings of it, or of several words.

    Capitals do not count, nor the kind of apostrophe; accents do. Idempotent.
    """
    word = plain(word).replace("’", "'")
    if language in {"tr", "az"}:
        word = word.replace("I", "ı").replace("İ", "i")
    folded = word.casefold()
    return folded if folded.isascii() else folded.translate(_ALIKE.get(language, {}))


def lemma(word: str, language: str) -> str:
    """Return the dictionary form of *word*, folded; *word* itself, folded, if none is known."""
    known = _known.setdefault(language, {})
    found = known.get(word)
    if found is None:
        found = known[word] = fold(_look_up(plain(word), language), language)
        _learnt.setdefault(language, {})[word] = found
    return found


def _look_up(word: str, language: str) -> str:
    if len(word) < 2 or word.isdigit():
        return word
    if word.isupper() and len(word) > 3:
        word = word.capitalize() if language == "de" else word.lower()
    code = _CODES.get(language, language)
    try:
        return _lemmatizer()(word, code)
    except ValueError:  # it has no data for the language
        return word


@functools.cache
def _lemmatizer() -> Callable[[str, str], str]:
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy

    return Lemmatizer(
        cache_max_size=0, lemmatization_strategy=DefaultStrategy(low_memory=True)
    ).lemmatize


def in_dictionary(word: str, language: str) -> bool:
    """Return whether the dictionary has *word*, also without pronouns at the end of a verb.

    True if there is no dictionary of the language.
    """
    code = _CODES.get(language, language)
    try:
        return any(find(word, code) is not None for find in _entries())
    except ValueError:
        return True


@functools.cache
def _entries() -> tuple[Callable[[str, str], str | None], ...]:
    from simplemma.strategies import (
        LOW_MEMORY_DICTIONARY_FACTORY,
        CliticDecompositionStrategy,
        DictionaryLookupStrategy,
    )

    entries = DictionaryLookupStrategy(LOW_MEMORY_DICTIONARY_FACTORY)
    return entries.get_lemma, CliticDecompositionStrategy(entries).get_lemma


_ARTICLE = re.compile("(?:[وف]?(?:[بك]?ال|لل)|[وف][بكل]?|[بكل])(?=...)")


def forms(word: str, language: str) -> tuple[str, ...]:
    """Return the lookup keys of *word*, folded: first itself, then its lemma.

    In Arabic also the word without the conjunction, preposition and article written as one with it.
    """
    folded, its = fold(word, language), lemma(word, language)
    if language == "ar":
        bare = _ARTICLE.sub("", folded, count=1) if _ARTICLE.match(folded) else folded
        return tuple(dict.fromkeys((folded, its, bare)))
    return (folded,) if its == folded else (folded, its)


# From one run to the next


def version() -> str:
    """Return the version of lemmas: another one may have another lemma for the same word."""
    from importlib.metadata import version as installed

    return f"1 simplemma {installed('simplemma')}"


def remember(known: Mapping[str, Mapping[str, str]]) -> None:
    """Take over lemmas, by language and word, that another run learnt."""
    for language, words in known.items():
        _known.setdefault(language, {}).update(words)


def learnt() -> Mapping[str, Mapping[str, str]]:
    """Return the lemmas, by language and word, that this process looked up itself."""
    return _learnt
