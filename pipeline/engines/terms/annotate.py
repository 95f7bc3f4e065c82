"""Terms written into the source, for models that were trained with them.

After Dinu et al. (ACL 2019) and OPUS-CAT: what the glossary wants stands behind the word that it
is for, between marks that a text never has, and the model learns to say it in the form that the
sentence needs. Training writes with the same function as drafting does, so both write the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Marks(NamedTuple):
    """Three characters, each of them one piece of the model's vocabulary."""

    open: str
    """Before the words of the source."""
    target: str
    """Between them and the words of the target language."""
    close: str


MARKS = Marks("\uf8f0", "\uf8f1", "\uf8f2")
"""Of our packages: the end of the private use area, whose beginning stands for protected pieces."""


def annotate(text: str, terms: Sequence[tuple[int, int, str]], marks: Marks) -> str:
    """Write behind each term of a text what it is to be in the target language.

    `terms` are start, end and target words, in the order of the text and without overlap. The
    blank before a term goes inside, or one is put in, so that a model of SentencePiece finds the
    usual pieces of a word. With < | > for the marks, and rebels → rebeldes: "The rebels, they" is
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
