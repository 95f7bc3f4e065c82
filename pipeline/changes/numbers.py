"""Numbers as a language writes them: their values, and another value in the same style."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from pipeline.changes.tokens import TOKEN
from pipeline.text import locales


def split(text: str) -> tuple[str, str]:
    """Return the figure of a number, with its sign, and the suffix written as one with it."""
    match = TOKEN.match(text)
    if match is None or not match["number"]:
        return text, ""
    return text[: len(text) - len(match["suffix"])], match["suffix"]


_DIGITS = re.compile(r"\d+")
_LONGEST = 24
"""Characters of a figure; `Decimal` counts with 28."""


def amount(text: str, language: str) -> Decimal | None:
    """Return the value of the number *text*; None if it is none, or in another style."""
    match = TOKEN.fullmatch(text)
    if match is None or not match["number"]:
        return None
    figure = "".join(str(unicodedata.decimal(c, c)) for c in match["figure"])
    groups = _DIGITS.findall(figure)
    marks = _DIGITS.sub("", figure)
    point = marks[-1:] if _has_decimals(marks, groups, language) else ""
    whole = groups[:-1] if point else groups
    signs = set(marks[: len(whole) - 1])
    if len(signs) > 1 or signs & set(":/") or point in signs or len(figure) > _LONGEST:
        return None
    if len(whole) > 1 and (
        len(whole[0]) > 3 or len(whole[-1]) != 3 or not {len(g) for g in whole[1:]} <= {2, 3}
    ):
        return None
    sign = "-" if match["number"][0] in "-−" else ""
    return Decimal(f"{sign}{''.join(whole)}{f'.{groups[-1]}' if point else ''}")


def _has_decimals(marks: str, groups: Sequence[str], language: str) -> bool:
    """Return whether the last of *groups* are decimals, by the *marks* between the groups."""
    if not marks or marks[-1] not in ".,٫":
        return False
    if marks[-1] == "٫" or len(set(marks)) > 1:
        return True
    if len(marks) > 1:
        return False
    ambiguous = len(groups[1]) == 3 and len(groups[0]) <= 3 and groups[0] != "0"
    return not ambiguous or marks == _point(language)


def _point(language: str) -> str:
    return str(locales.parse(language).number_symbols["latn"]["decimal"])


def write(value: Decimal, like: str, source: str, locale: str) -> str | None:
    """Return *value* in the style of the number *like*, or of *locale* where that shows none.

    *source* is the number in the source: it shows whether thousands are grouped at all. None
    where *like* groups its digits otherwise, as in lakhs.
    """
    digits = _DIGITS.findall(like)
    marks = _DIGITS.sub("", like.lstrip("-−"))
    point = marks[-1:] if _has_decimals(marks, digits, locale) else ""
    grouping = marks[: len(marks) - bool(point)][:1]
    sizes = {len(group) for group in digits[1 : len(digits) - bool(point)]}
    if sizes - {3}:
        return None
    whole, _, decimals = f"{abs(value):f}".partition(".")
    foreign = digits[0][0] in "٠١٢٣٤٥٦٧٨٩"
    point = point or ("٫" if foreign else _point(locale))
    had = len(digits[0]) if not grouping else 0
    grouped = len(_DIGITS.findall(source)) - bool(decimals) > 1
    if len(whole) > 3 and (grouping or (grouped and len(whole) > max(had, 3))):
        if not grouping:
            grouping = "٬" if foreign else _DIGITS.sub("", locales.number(1000000, locale))[:1]
        head = len(whole) % 3 or 3
        whole = grouping.join([whole[:head], *re.findall("...", whole[head:])])
    sign = like[0] if like[0] in "-−" else ""
    text = sign + whole + (f"{point}{decimals}" if decimals else "")
    zero = ord(digits[0][0]) - int(digits[0][0])
    return text.translate({ord("0") + n: zero + n for n in range(10)})
