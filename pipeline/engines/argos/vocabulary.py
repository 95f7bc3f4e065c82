"""Words that a model has made up: neither its training nor a dictionary has them.

A small model builds a rare word from pieces, and the result may not be a word:
“galaxía”. A package of ours has the words of its training in a file. Of 500 sentences of FLORES-200
133 drafts of the small en-es and 162 of en-fr had such a word; of the references, 17 and 17.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pipeline.text import lemmas
from pipeline.text.words import LETTERS

WORDS = "words.txt"
LEAST = 4
"""Letters: a shorter one is a word somewhere."""


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text that are long enough to check, in lower case."""
    return (word.lower() for word in LETTERS.findall(text) if len(word) >= LEAST)


def read_words(folder: Path) -> frozenset[str] | None:
    """Read the words of an installed package; None where it lists none.

    Raises `OSError`, or `ValueError` where it is not UTF-8.
    """
    path = folder / WORDS
    return frozenset(path.read_text("utf-8").split()) if path.exists() else None


def made_up(
    draft: str, given: Iterable[str], taught: Collection[str], language: str
) -> tuple[str, ...]:
    """Return the made-up words of a draft, without names and the words of *given* texts."""
    known = {word for text in given for word in words_of(text)}
    return tuple(
        dict.fromkeys(
            word
            for word in LETTERS.findall(draft)
            if len(word) >= LEAST
            and word.islower()
            and word not in taught
            and word not in known
            and not lemmas.in_dictionary(word, language)
        )
    )
