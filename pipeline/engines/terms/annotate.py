"""Annotation of terms in the source, for models that were trained with it.

After Dinu et al. (ACL 2019) and OPUS-CAT: the target term stands behind its source words, between
marks that no text has, and the model learns to inflect it as the sentence needs. Training and
drafting annotate with the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Marks(NamedTuple):
    """Three characters, each one piece of the model's vocabulary."""

    open: str
    """Before the words of the source."""
    target: str
    """Between them and the words of the target language."""
    close: str


MARKS = Marks("\uf8f0", "\uf8f1", "\uf8f2")
"""Marks of our own packages: the end of the private use area, away from protected pieces."""


def annotate(text: str, terms: Sequence[tuple[int, int, str]], marks: Marks) -> str:
    """Write the target words of each term behind it.

    `terms` are start, end and target words, in text order and without overlap. The blank before a
    term moves inside, or one is added, so that SentencePiece finds the usual pieces of a word. With
    < | > for the marks, and rebels → rebeldes: "The rebels, they" becomes
    "The< rebels| rebeldes>, they". Raises `ValueError` where terms overlap or are empty, or where
    the text or a term has one of the marks.
    """
    if holds_marks(text, marks) or any(holds_marks(words, marks) for _, _, words in terms):
        raise ValueError("the marks of terms are in the text already")
    out = []
    done = 0
    for start, end, words in terms:
        said = " ".join(words.split())
        if not (done <= start < end <= len(text) and said and text[start:end].strip()):
            raise ValueError(f"no term stands from {start} to {end}")
        before = text[done:start].rstrip()
        blank = text[done + len(before) : start] or " "
        out += [before, marks.open, blank, text[start:end], marks.target, " ", said, marks.close]
        done = end
    return "".join([*out, text[done:]])


def holds_marks(text: str, marks: Marks) -> bool:
    return any(mark in text for mark in marks)
