"""Comparing a translation with its source: numbers, protected pieces, words that say something."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from pipeline.text import commonmark, markup

T = TypeVar("T")


def lost_and_new(
    one: Counter[T], two: Counter[T], name: Callable[[T], str] = str, lost: str = "is missing"
) -> Iterator[str]:
    """Give what of the source, *one*, is missing in the translation, and what is new there."""
    if one != two:
        for value in (one - two).elements():
            yield f"{name(value)} {lost}"
        for value in (two - one).elements():
            yield f"{name(value)} is not in the source"


NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f\u066b\u066c'’]\d+)*")


def numbers(text: str) -> Counter[str]:
    """Return the numbers of *text* by their digits, so that 4.5, 4,5 and ٤٫٥ are the same."""
    return Counter(digits_of(m[0]) for m in NUMBER.finditer(markup.shown(text)))


def digits_of(number: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in number if char.isdecimal())


def says(shown: str) -> bool:
    """Return whether text without markup holds a letter or a digit."""
    return any(char.isalnum() and char not in _FILLERS for char in shown)


_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters of Hangul that show nothing."""


_MAY_BE_MARKUP = re.compile(r"[\\`*_<\[{%@&]|://|www\.", re.IGNORECASE)
"""Without any of these `markup.inventory` is empty, and need not ask the parser."""


def inventory(text: str) -> markup.Inventory:
    """Return `markup.inventory` of *text*, at once where it holds no markup."""
    return commonmark.inventory(text) if _MAY_BE_MARKUP.search(text) else Counter()
