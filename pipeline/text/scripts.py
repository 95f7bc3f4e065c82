"""Writing systems: the script of a letter, and the scripts of a locale."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter

from pipeline.errors import SettingsError
from pipeline.text import locales


@functools.lru_cache(maxsize=10_000)
def script_of(char: str) -> str:
    """Return the script of a letter by its name in Unicode: LATIN, CJK, ...; "" if it has none."""
    if unicodedata.category(char) not in {"Lu", "Ll", "Lt", "Lo"}:
        return ""
    return unicodedata.name(char, "").split(" ")[0].split("-")[0]


@functools.cache
def scripts_of(code: str) -> frozenset[str]:
    """Return the scripts of a locale: those in which CLDR writes the names of languages there."""
    try:
        names = "".join(map(str, locales.parse(code).languages.values()))
    except SettingsError:
        return frozenset()
    counts = Counter(script for char in names if (script := script_of(char)))
    found = {script for script, n in counts.items() if n * 100 >= counts.total()}
    if "KATAKANA" in found:
        found |= {"HIRAGANA", "CJK"}
    if "HANGUL" in found:
        found.add("CJK")
    return frozenset(found)


_ENDS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
"""The characters that begin an embedding, an override or an isolate, each with its end (UAX 9)."""


def is_balanced(text: str) -> bool:
    """Return whether each change of the writing direction in *text* is ended, and in order."""
    opened: list[str] = []
    for char in text:
        if char in _ENDS:
            opened.append(_ENDS[char])
        elif char in "\u202c\u2069" and (not opened or opened.pop() != char):
            return False
    return not opened


def without_directions(text: str) -> str:
    """Return *text* without characters that change the writing direction."""
    others = "\u202c\u2069\u200e\u200f\u061c"
    return "".join(char for char in text if char not in _ENDS and char not in others)
