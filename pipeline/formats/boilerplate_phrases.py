"""Boilerplate of web pages around an article: share buttons, related articles, newsletters."""

from __future__ import annotations

import re
from functools import cache

from pipeline.text import locales, tables


def is_furniture(text: str, language: str) -> bool:
    """Return whether a line, all of it, is one that pages put around articles.

    English phrases are looked for on pages of any language: the software speaks it.
    """
    line = text.strip().strip(":|·•>»›-–— ").casefold()
    if not line or len(line) > 240 or line.endswith(("!", "?")):
        return False
    return bool(_pattern(locales.language(language)).fullmatch(line))


@cache
def _pattern(language: str) -> re.Pattern[str]:
    found = tables.phrases("formats/boilerplate", "network", "phrase")
    network = "|".join(found["network"]["*"])
    languages = dict.fromkeys(("en", language, "*"))
    phrases = "|".join(one for code in languages for one in found["phrase"].get(code, ()))
    known = phrases.replace("NETWORK", f"(?:{network})")
    return re.compile(rf"{known}|(?:{network})(?:[\s,|·]+(?:{network}))*[\s,|·]*")
