"""Doubts of a model in its drafts, from the log-probabilities of its tokens."""

from __future__ import annotations

import math

UNSURE = math.log(1 / 2)
"""Mean log-probability per token below which a draft as a whole is doubted: its words were, in the
geometric mean, less likely than not. After Fomicheva et al., TACL 2020."""
UNSURE_WORD = math.log(1 / 10)
"""Mean log-probability per token below which a word is doubted."""

_SPACE = "▁"
"""SentencePiece's mark of the beginning of a word."""


def join_doubts(one: str, other: str) -> str:
    return "; ".join(filter(None, (one, other)))


def doubt_draft(mean: float) -> str:
    return f"unsure of the whole (log-probability {mean:.1f} a token)" if mean < UNSURE else ""


def doubt_word(pieces: list[str], worth: list[float]) -> str:
    """Name the word whose tokens have the lowest mean log-probability, if that is low."""
    words: list[tuple[str, list[float]]] = []
    for piece, log_probability in zip(pieces, worth, strict=False):  # its end comes last
        if piece.startswith(_SPACE) or not words:
            words.append(("", []))
        words[-1] = (words[-1][0] + piece, [*words[-1][1], log_probability])
    spoken = [(sum(its) / len(its), text.strip(_SPACE)) for text, its in words]
    spoken = [(mean, text) for mean, text in spoken if any(map(str.isalpha, text))]
    if not spoken:
        return ""
    mean, text = min(spoken)
    return f"unsure of “{text}” ({mean:.1f})" if mean < UNSURE_WORD else ""
