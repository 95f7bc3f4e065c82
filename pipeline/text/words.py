"""Words of a text for look-ups, in scripts with and without spaces between them."""

from __future__ import annotations

import re

# Words

_UNSPACED = (  # Thai, Lao, Tibetan, Burmese; Khmer; kana, han; and halfwidth kana
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_BETWEEN = (  # ASCII and Latin-1, general, Arabic, Indic and East Asian punctuation
    "\\s!-/:-@\\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f"
    "\u060c\u061b\u061f\u06d4\u0964\u0965\u3000-\u3020\uff01-\uff0f\uff1a-\uff20"
)
_WORD = re.compile(f"[{_UNSPACED}]+|[^{_BETWEEN}{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]{{2}}")
_FEW = 3
"""Texts of fewer words are found by three characters in a row as well: one typing error is enough
to leave them no whole word."""


def words(text: str) -> set[str]:
    """Return what *text* is found by: its words, or pairs of characters where none are spaced."""
    folded = text.casefold()
    found = set(_WORD.findall(folded))
    if _RUN.search(folded):
        for run in [word for word in found if _RUN.match(word)]:
            found.remove(run)
            found.update(run[n : n + 2] for n in range(len(run) - 1))
    if len(found) < _FEW:
        found.update(folded[n : n + 3] for n in range(len(folded) - 2))
    return found
