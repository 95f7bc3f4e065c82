"""Words: the patterns of one, each for its use; words for look-ups; a text cut to a length."""

from __future__ import annotations

import functools
import re

LETTER = r"[^\W\d_]"
"""A letter, as a pattern to build others from; digits and vowel signs are none."""

LETTERS = re.compile(f"{LETTER}+")
"""Letters in a row: “don’t” holds two such words, “21st” one."""

ALPHANUMERIC = re.compile(r"\w+")
"""Letters, digits and underscores in a row."""

HYPHENATED = re.compile(rf"(?:{LETTER}\.){{2,}}|{LETTER}+(?:['’-]{LETTER}+)*")
"""A word of running text, hyphens and apostrophes within it; or initials: “U.N.”."""

DOTTED = re.compile(rf"{LETTER}+(?:['’.-]{LETTER}+)*")
"""A word with points within it as well: “U.N”, “example.org”."""

NAME = re.compile(rf"{LETTER}[\w'’-]*")
"""A part of a name: begins with a letter, and may hold digits, hyphens and apostrophes."""

CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Kana and han, for a set of characters in a pattern."""
_SIGNS = (
    r"\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0970-\u0dff"
    r"\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u103e\u17b4-\u17d3\u200c\u200d"
)
"""Vowel signs and other marks, which are no letters for `re`, but no ends of words either."""
SIGNED = re.compile(rf"(?:{LETTER}|[{_SIGNS}])+")
"""Letters and their signs in a row."""
SIGNED_OR_CJK = re.compile(rf"[{CJK}]|(?:(?![{CJK}])\w|[{_SIGNS}])+")
"""Letters, digits and signs in a row; a kana or han character is one by itself."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u094f"
)
_INSIDE = "\u00ad\u0640\u200c\u200d\u2060"
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts that put no space between words: each letter counts as one."""


@functools.cache
def lemma_pattern() -> re.Pattern[str]:  # compiled where it is needed: it takes 5 ms
    """Return the pattern of a word that has a lemma: it ends at an apostrophe and at a hyphen."""
    return re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}](?:[^\W_{_ALONE}]|[{_MARKS}{_INSIDE}])*")


_UNSPACED = (  # Thai, Lao, Tibetan, Burmese; Khmer; kana, han; and halfwidth kana
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_BETWEEN = (  # ASCII and Latin-1, general, Arabic, Indic and East Asian punctuation
    "\\s!-/:-@\\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f"
    "\u060c\u061b\u061f\u06d4\u0964\u0965\u3000-\u3020\uff01-\uff0f\uff1a-\uff20"
)
_UNBROKEN = re.compile(f"[{_UNSPACED}]+|[^{_BETWEEN}{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]{{2}}")
_FEW = 3
"""Texts of fewer words are found by three characters in a row as well: one typing error is enough
to leave them no whole word."""


def search_keys(text: str) -> set[str]:
    """Return the search keys of *text*: its words, or pairs of characters where none are spaced."""
    folded = text.casefold()
    found = set(_UNBROKEN.findall(folded))
    if _RUN.search(folded):
        for run in [word for word in found if _RUN.match(word)]:
            found.remove(run)
            found.update(run[n : n + 2] for n in range(len(run) - 1))
    if len(found) < _FEW:
        found.update(folded[n : n + 3] for n in range(len(folded) - 2))
    return found


def shortened(text: str, limit: int, *, over: bool = False, strip: bool = True) -> str:
    """Return *text* with an ellipsis for its end where it has more than *limit* characters.

    The ellipsis is the last of them, or comes *over* the limit. Unless *strip* is False, no white
    space is before it.
    """
    if len(text) <= limit:
        return text
    kept = text[: limit if over else limit - 1]
    return f"{kept.rstrip() if strip else kept}…"
