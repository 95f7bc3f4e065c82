"""Terms written into sources: random phrases of the text, so that a model learns any term.

A phrase is some words whose translation stands in one piece of the target, by the alignment; what
is given for it is its lemma or its form in the text, so that the model learns to inflect. Now and
then another word with the same ending is put into the target and given: only the term says it, so
that the model learns to obey. Dinu et al. (ACL 2019), Bergmanis and Pinnis (EACL 2021).
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import simplemma

from pipeline.engines.terms.annotate import MARKS, annotate, holds_marks
from tools.train.align import spans

MOST = 3
"""Words of a phrase, and phrases of a sentence."""
LEMMA = 0.5
"""Share of terms that are given as lemmas."""


class Span(NamedTuple):
    start: int
    end: int


class Phrase(NamedTuple):
    source: Span
    target: Span


class Row(NamedTuple):
    """A sentence to learn from."""

    source: str
    target: str
    terms: tuple[tuple[int, int, str], ...] = ()
    """Start and end in the source, and the words that are given for it."""
    back: bool = False
    """Whether a machine wrote the source."""

    def text(self) -> str:
        """Return the source as the model reads it."""
        return annotate(self.source, self.terms, MARKS) if self.terms else self.source


def phrases(
    source: str,
    target: str,
    links: Sequence[tuple[int, int]],
    common: tuple[Collection[str], Collection[str]],
) -> list[Phrase]:
    """Return the phrases of 1 to 3 words that are translated by one phrase; they may overlap.

    *links* are places of words in `align.spans`. The ends of a phrase are no common words, on
    either side, and only blanks and hyphens stand between its words.
    """
    here, there = spans(source), spans(target)

    def content(text: str, span: tuple[int, int], side: int) -> bool:
        word = text[slice(*span)]
        return len(word) > 2 and word.isalpha() and word.lower() not in common[side]

    def whole(text: str, its: list[tuple[int, int]]) -> bool:
        gaps = (text[a[1] : b[0]] for a, b in itertools.pairwise(its))
        return all(gap in (" ", "-") for gap in gaps)

    found = []
    for i in range(len(here)):
        for length in range(1, MOST + 1):
            mine = here[i : i + length]
            if len(mine) < length or not (
                content(source, mine[0], 0) and content(source, mine[-1], 0) and whole(source, mine)
            ):
                continue
            its = [b for a, b in links if i <= a < i + length]
            if not its or any(
                content(source, span, 0) and not any(a == i + n for a, _ in links)
                for n, span in enumerate(mine)
            ):
                continue
            low, high = min(its), max(its)
            theirs = there[low : high + 1]
            if (
                len(theirs) <= length + 2
                and content(target, theirs[0], 1)
                and content(target, theirs[-1], 1)
                and whole(target, theirs)
                and all(i <= a < i + length for a, b in links if low <= b <= high)
                and all(
                    low + n in its or not content(target, span, 1) for n, span in enumerate(theirs)
                )
            ):
                found.append(
                    Phrase(Span(mine[0][0], mine[-1][1]), Span(theirs[0][0], theirs[-1][1]))
                )
    return found


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """Return the lemma, with the capitals of the word: a glossary has names with theirs."""
    if word.isupper():
        return word
    found = str(simplemma.lemmatize(word, lang=language))
    return found.capitalize() if word[:1].isupper() and found.islower() else found


def lemmas(text: str, language: str) -> str:
    return " ".join(lemma(word, language) for word in text.split())


def written(text: str, span: Span, source: str) -> str:
    """Return words as a glossary has them: without the capital of a sentence's first word.

    What *source* spells the same is a name, and keeps its capital.
    """
    words = text[slice(*span)]
    first = not re.search(r"\w", text[: span.start])
    if first and words[1:2].islower() and words.split()[0] not in source:
        return words[0].lower() + words[1:]
    return words


class Swaps:
    """Words that may stand for each other, as far as their endings tell."""

    def __init__(self) -> None:
        self.words: dict[tuple[str, bool], list[str]] = {}

    def add(self, word: str) -> None:
        if word.isalpha() and word.islower() and len(word) > 4:
            its = self.words.setdefault(self._kind(word), [])
            if len(its) < 5000:
                its.append(word)

    def other(self, word: str, rng: random.Random) -> str:
        """Return another word with the ending of *word*; itself where there is none."""
        its = self.words.get(self._kind(word), [])
        return rng.choice(its) if its and word.islower() and len(word) > 4 else word

    @staticmethod
    def _kind(word: str) -> tuple[str, bool]:
        return word[-3:], word[0] in "aeiouáéíóúhâàéèêîôû"  # l'eau, el agua


def with_terms(
    source: str,
    target: str,
    found: Sequence[Phrase],
    language: str,
    rng: random.Random,
    *,
    swaps: Swaps | None = None,
    swapped: float = 0.0,
    lemmatise: Callable[[str, str], str] = lemmas,
) -> Row | None:
    """Return the pair with some of its phrases given; None where none can be."""
    if not found or holds_marks(source, MARKS) or holds_marks(target, MARKS):
        return None
    wanted = rng.choices((1, 2, 3), (6, 3, 1))[0]
    chosen: list[Phrase] = []
    for phrase in rng.sample(found, len(found)):
        if len(chosen) == wanted:
            break
        if not any(_overlap(a, b) for one in chosen for a, b in zip(one, phrase, strict=True)):
            chosen.append(phrase)
    terms = []
    for phrase in sorted(chosen, key=lambda one: one.target, reverse=True):  # from the end
        words = written(target, phrase.target, source)
        if swaps and " " not in words and rng.random() < swapped:
            other = swaps.other(words, rng)
            if other != words:
                start, end = phrase.target
                new = other.capitalize() if target[start].isupper() else other
                target = target[:start] + new + target[end:]
                words = other
        given = lemmatise(words, language) if rng.random() < LEMMA else words
        terms.append((*phrase.source, given))
    return Row(source, target, tuple(sorted(terms)))


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end
