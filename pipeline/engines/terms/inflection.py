"""Inflection by rule: the gender of a noun, and its plural."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from pipeline.text import tables

_FEMININE = {
    "es": r"(?:ción|sión|xión|gión|dad|tad|tud|umbre|ez|itis|sis|[^m]a|(?:f|l|r|s|g)ima)",
    "pt": r"(?:ção|são|dade|tude|gem|ez|ite|[^m]a)",
    "fr": r"(?:tion|sion|xion|té|ie|ure|ance|ence|ette|elle|esse|ade|ude|ise|ée|ite|enne|ique|ose)",
    "it": r"(?:zione|sione|gione|tà|tù|trice|ite|[^m]a|si)",
}
_MASCULINE = {
    "es": r"(?:o|or|aje|ema|oma|ama|ón|án|és|il|al)",
    "pt": r"(?:o|or|ema|oma|ama|al|il|el)",
    "fr": r"(?:ment|age|isme|eau|oir|ier|al|et|in|eur|ème|ôme|us)",
    "it": r"(?:o|ore|ema|oma|ame|ile|us)",
}


@cache
def _exceptions() -> Mapping[tuple[str, str], str]:
    found = tables.rows("engines/terms/genders", "language", "noun", "gender")
    return {(language, noun): gender for language, noun, gender in found}


def guess_gender(term: str, language: str) -> str:
    """Guess the gender of a noun, or of what a wording begins with, by its ending; "" if unsure."""
    first = (term.casefold().replace("’", "'").split() or [""])[0]
    if known := _exceptions().get((language, first)):
        return known
    for gender, endings in (("f", _FEMININE), ("m", _MASCULINE)):
        if language in endings and re.search(rf"\w{endings[language]}\Z", first):
            return gender
    return ""


_STOP = re.compile(
    r"(?:d[eio]|del|da|d[oa]s|du|des|d'.*|à|a|aux?|e[nm]|in|con|com|por|par[a]?|per|pour|y|et?|o|ou"
    r"|della|dei|delle|degli|dell'.*)\Z"
)


def plural(term: str, language: str) -> str:
    """Guess the plural of a wording: of its words up to the first preposition; "" if unsure."""
    words = term.split()
    out = []
    for i, word in enumerate(words):
        if i and _STOP.match(word.casefold()):
            out += words[i:]
            break
        if not word[-1:].isalpha() or word.isupper():
            return ""
        out.append(regular_plural(word, language))
        if not out[-1]:
            return ""
    return " ".join(out)


def regular_plural(word: str, language: str) -> str:
    if language == "es":
        if re.search("[aeéo]$|[aeo]$", word) or word.endswith(("i", "u")):
            return word + "s"
        if word.endswith("z"):
            return word[:-1] + "ces"
        for ending, many in (("ón", "ones"), ("án", "anes"), ("én", "enes"), ("és", "eses"),
                             ("ín", "ines")):  # fmt: skip
            if word.endswith(ending):
                return word[: -len(ending)] + many
        return word if word.endswith(("s", "x")) else word + "es"
    if language == "pt":
        for ending, many in (("ão", "ões"), ("m", "ns"), ("al", "ais"), ("el", "eis"),
                             ("ol", "ois"), ("ul", "uis"), ("r", "res"), ("z", "zes")):  # fmt: skip
            if word.endswith(ending):
                return word[: -len(ending)] + many
        return word if word.endswith(("s", "x")) else ("" if word.endswith("il") else word + "s")
    if language == "fr":
        if word.endswith(("s", "x", "z")):
            return word
        if word.endswith("al"):
            return word[:-2] + "aux"
        return word + ("x" if word.endswith(("eau", "eu")) else "s")
    if language == "it":
        for ending, many in (("ca", "che"), ("ga", "ghe"), ("io", "i"), ("co", ""), ("go", ""),
                             ("o", "i"), ("e", "i")):  # fmt: skip
            if word.endswith(ending):
                return word[: -len(ending)] + many if many else ""
        if word.endswith("a"):
            return word[:-1] + ("i" if guess_gender(word, "it") == "m" else "e")
        return word
    return ""
