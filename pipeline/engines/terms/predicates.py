"""Agreement after the noun: copulas, participles, attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain

from pipeline.engines.terms.agreement import ONE, TAIL, determiner, is_function_word, small
from pipeline.engines.terms.grammar import CELLS, TABLES, all_listed, listed
from pipeline.engines.terms.inflection import regular_plural
from pipeline.text import tables
from pipeline.text.lemmas import in_dictionary, lemma

# What comes after.

_ANDS = all_listed("and")
"""At the beginning, where no other subject stands before it."""
_BEFORE_SUBJECT = all_listed("before subject")
_NEVER = all_listed("never agree")
"""Words that may follow a noun, and look like an adjective or can be made to."""


@cache
def _attribute(language: str) -> re.Pattern[str]:
    """Match what is after a subject up to the word that a copula joins to it, and that word."""
    phrases = tables.phrases("engines/terms/phrases", "compound copula", "of")
    compound = (one.replace(r"\ ", r"\s+") for one in phrases["compound copula"][language])
    copula = "|".join((*listed("copulas")[language], *compound))
    adverbs = "|".join(chain.from_iterable(listed("adverbs").values()))
    spaced = (one.replace(r"\ ", r"\s+") for one in phrases["of"][language])
    of = "|".join(one if one.endswith("[’']") else rf"{one}\s+" for one in spaced)
    return re.compile(
        rf"((?:\s+(?:{of})[\w-]+)?\s+(?:(?:ne|n'|no|não|non)\s*)?(?:{copula})\s+"
        rf"(?:(?:{adverbs})\s+)*)([^\W\d_]+)"
    )


_FR_ATTRIBUTE = re.compile("(?:(?:eux|euse|if|ive|el|elle|al|ale|aux|ien|ienne)s?)$")
_FR_PREDICATE = re.compile(
    "(?:é|i|u|it|is|ert|int|ait|ant|(?<!m)ent|eux|eus|er|èr|if|iv|el|ell|al|en|enn|ain|in|an|ais"
    "|ois|ard|ond|ort|et|ett|ct|at|ot|and)e?s?$|aux$"
)
"""How a French adjective ends that is no adverb or noun; there is no list of words to ask."""
_INFINITIVE = {"es": ("ar", "er", "ir"), "pt": ("ar", "er", "ir"), "fr": ("er", "ir", "re"),
               "it": ("are", "ere", "ire")}  # fmt: skip
_FR_FEMININE = (
    ("eux", "euse"),
    ("er", "ère"),
    ("el", "elle"),
    ("en", "enne"),
    ("on", "onne"),
    ("et", "ète"),
    ("anc", "anche"),
    ("f", "ve"),
    ("eil", "eille"),
    ("", "e"),
)


@cache
def _bare() -> re.Pattern[str]:
    """Match the end before a noun whose adjective may be that of the one before."""
    words = sorted(all_listed("bare"))
    ways = "|".join(word[:-1] + "['’]" if word.endswith("'") else rf"{word}\s+" for word in words)
    return re.compile(rf"\b(?:{ways})\Z", re.IGNORECASE)


@cache
def _whole(language: str) -> Mapping[str, str]:
    """Return the adjectives that are shorter before a noun, with what they are elsewhere."""
    found = tables.rows("engines/terms/apocope", "language", "short", "whole")
    return {short: whole for code, short, whole in found if code == language}


def after(left: str, right: str, gender: str, number: str, language: str) -> str:
    """Give *right* with the adjectives and participles of the noun before it in its form.

    Those right after it; and, where it begins a clause with its article and so is the subject,
    the one after a form of to be. Only words that look like one, by ends and lemmas, are changed.
    """
    if language not in TABLES or gender not in ("m", "f") or not number:
        return right
    match = _attribute(language).match(right)
    if match:
        if not _subject(left, language):
            return right
    else:
        match = None if _bare().search(left) else re.match(r"(\s+)([^\W\d_]+)\b(?![-'’])", right)
    if match is None:
        return right
    word = _agreed(match[2], gender, number, language, predicate=bool(match[1].strip()))
    return match[1] + word + right[match.end() :]


def _subject(left: str, language: str) -> bool:
    table = TABLES[language]
    tail = TAIL.search(left)
    if tail is None:
        return not left.strip() or left.rstrip()[-1] in ".,;:!?¿¡"
    words = [small(word) for word in ONE.findall(tail[0])]
    at = determiner(words, table)
    if at is not None and words[at] in table.contractions and words[at] not in table.determiners:
        return False
    rest = words if at is None else words[:at]
    return (
        not rest or (len(rest) == 1 and rest[0] in _ANDS) or rest[-1].rstrip("'") in _BEFORE_SUBJECT
    )


def _agreed(word: str, gender: str, number: str, language: str, *, predicate: bool) -> str:
    low, table = word.casefold(), TABLES[language]
    adjective = table.adjectives.get(low)
    if len(low) < 3 or word[:1].isupper() or low.endswith("mente"):
        return word
    if low in table.numerals or low in table.degrees or low in _NEVER:
        return word
    if is_function_word(low, language) and not (predicate and adjective):
        return word
    base = lemma(low, language)
    verbal = base.endswith(_INFINITIVE[language])
    if verbal and not predicate:
        return word
    if adjective:
        form = adjective[0][CELLS.index((gender, number))]
        return _whole(language).get(form, form)
    participle = re.search(_PARTICIPLE[language], low)
    if verbal and not participle:
        return word
    if language == "fr" and not (_FR_PREDICATE if predicate else _FR_ATTRIBUTE).search(low):
        return word
    for form in _inflections(low, base, gender, number, language):
        if form == low:
            return word
        its = lemma(form, language)
        known = gender == "f" and its == form and in_dictionary(form, language)
        if known or its in (base, low) or (predicate and participle):
            return form
    return word


_PARTICIPLE = {
    "es": r"(?:[aií]d|[ro]t|uest|ch|iert|crit)[oa]s?$",
    "pt": r"(?:[aií]d|ert|ost|crit|ist|eit)[oa]s?$",
    "fr": r"(?:é|i|(?<![gq])u|it|is|ert|int|ait)e?s?$",
    "it": r"(?:[aiu]t|tt|rt|st|s)[oaie]$",
}


def _inflections(word: str, base: str, gender: str, number: str, language: str) -> Iterable[str]:
    """Give what the form may be, the likeliest first."""
    cell = CELLS.index((gender, number))
    if language in ("es", "pt"):
        if match := re.search("(os|as|o|a)$", word):
            yield word[: match.start()] + ("o", "a", "os", "as")[cell]
        elif number == "plural" and word.endswith("e"):
            yield word + "s"
        elif number == "singular" and word.endswith("es"):
            yield word[:-1]
        return
    if language == "it":
        if word[-1] in "oai" or (word[-1] == "e" and base.endswith("o")):
            if base.endswith("e") and not base.endswith(_INFINITIVE["it"]):
                yield word[:-1] + ("e", "e", "i", "i")[cell]
            else:
                yield word[:-1] + ("o", "a", "i", "e")[cell]
        return
    one = base
    if base.endswith(_INFINITIVE["fr"]) and base != word:  # a participle
        ends = "éut" if not base.endswith("ir") else "éuit"
        one = re.sub(rf"(?<=[{ends}])(?:e?s?)$|(?<=is)es?$", "", word)
    elif gender == "m" and base == word and (bare := re.sub("es?$", "", word)) != word:
        yield bare + ("s" if number == "plural" else "")
    if gender == "m":
        yield one if number == "singular" else regular_plural(one, "fr")
        return
    if not one.endswith("e"):
        end, other = next(pair for pair in _FR_FEMININE if one.endswith(pair[0]))
        one = one[: len(one) - len(end)] + other
    yield one + ("s" if number == "plural" else "")
