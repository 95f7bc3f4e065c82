"""Measures of terminology in drafts. They match by themselves, not with the glossary's matcher.

A benchmark that used the code which it measures would find what that code finds. Words are
compared by their lemmas in simplemma, as WMT25 compares them by those of Stanza.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import simplemma

_WORD = re.compile(r"\w+")
Words = tuple[str, ...]


def words(text: str) -> Words:
    """Return the words of *text*, casefolded; l'eau is two, and so is COVID-19."""
    return tuple(_WORD.findall(text.casefold()))


@cache
def lemma(word: str, language: str) -> str:
    return str(simplemma.lemmatize(word, lang=language)).casefold()


@cache
def lemmas(text: str, language: str) -> Words:
    return tuple(lemma(word, language) for word in words(text))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term that a segment must have: by any of its forms, so many times."""

    forms: tuple[str, ...]
    """The form of the list first."""
    times: int = 1
    plural: str = ""
    gender: str = ""
    """m or f; "" where it is not known."""


def succeeds(draft: str, target: str, language: str) -> bool:
    """Return whether WMT25 would count *target* as said in *draft*.

    It looks for the casefolded string, or for its lemmas in a row as a string, without regard to
    word boundaries, once a segment (wmt25-terminology at 3ac137d; there by Stanza).
    """
    if target.casefold() in draft.casefold():
        return True
    said = " ".join(lemmas(draft, language))
    return " ".join(lemmas(target, language)) in said


@dataclass(frozen=True, slots=True)
class Found:
    """Of one segment: how often each wanted term is said, and where."""

    counts: tuple[int, ...]
    renderings: tuple[tuple[str, ...], ...]
    """The words of each occurrence, as they stand in the draft."""
    taken: frozenset[int]
    """Places of the words that belong to a term."""
    determiners: tuple[int, int] = (0, 0)
    """How many terms have a determiner before them that has their gender and number, and how many
    have one that shows any."""


def occurrences(draft: str, wanted: Sequence[Wanted], language: str) -> Found:
    """Find whole words that are a form of each term, or have its lemmas; the longest first.

    Each word counts once: for “infección viral” and “infección” two are needed.
    """
    said, its = words(draft), lemmas(draft, language)
    taken: set[int] = set()
    counts = [0] * len(wanted)
    renderings: list[list[str]] = [[] for _ in wanted]
    agreeing: list[bool] = []
    order = sorted(range(len(wanted)), key=lambda n: -len(words(wanted[n].forms[0])))
    for n in order:
        exact = [words(form) for form in wanted[n].forms]
        base = lemmas(wanted[n].forms[0], language)
        at = 0
        while at < len(said):
            size = next(
                (
                    len(form)
                    for form, row in [*((form, said) for form in exact), (base, its)]
                    if form and row[at : at + len(form)] == form
                ),
                0,
            )
            places = set(range(at, at + size))
            if size and not places & taken:
                taken |= places
                counts[n] += 1
                renderings[n].append(" ".join(said[at : at + size]))
                agreeing += _agrees(said, at, size, wanted[n], language)
                at += size
            else:
                at += 1
    determiners = (sum(agreeing), len(agreeing))
    return Found(tuple(counts), tuple(map(tuple, renderings)), frozenset(taken), determiners)


DETERMINERS = {
    "es": {
        "m": "el un este ese aquel del al nuestro",
        "f": "la una esta esa aquella nuestra",
        "mp": "los unos estos esos aquellos nuestros",
        "fp": "las unas estas esas aquellas nuestras",
    },
    "fr": {
        "m": "le un ce cet du au mon ton son",
        "f": "la une cette ma ta sa mon ton son",
        "mp": "les des ces aux mes tes ses leurs",
        "fp": "les des ces aux mes tes ses leurs",
    },
    "pt": {
        "m": "o um este esse aquele do no ao pelo seu meu nosso",
        "f": "a uma esta essa aquela da na à pela sua minha nossa",
        "mp": "os uns estes esses aqueles dos nos aos pelos seus meus nossos",
        "fp": "as umas estas essas aquelas das nas às pelas suas minhas nossas",
    },
}
"""“mon” is right before a feminine word with a vowel; before any other this is lenient."""


def _agrees(said: Words, at: int, size: int, wanted: Wanted, language: str) -> Iterator[bool]:
    table = {key: set(row.split()) for key, row in DETERMINERS.get(language, {}).items()}
    before = said[at - 1] if at else ""
    if not wanted.gender or not any(before in row for row in table.values()):
        return
    form = said[at : at + size]
    many, one = words(wanted.plural), words(wanted.forms[0])
    numbers = {number for number, way in (("p", many), ("", one)) if form == way}
    if numbers:
        right = set().union(*(table[wanted.gender + number] for number in numbers))
        if language == "es" and form[0].startswith(("a", "á", "ha")):
            right |= {"el", "un", "del", "al"}
        yield before in right


def says_any(
    draft: str, forbidden: Iterable[str], language: str, spared: frozenset[int] = frozenset()
) -> int:
    """Count the places in *draft* that say something forbidden, none of them in *spared*."""
    said, its = words(draft), lemmas(draft, language)
    hits = set()
    for wording in forbidden:
        for row, form in ((said, words(wording)), (its, lemmas(wording, language))):
            for at in range(len(row) - len(form) + 1):
                places = range(at, at + len(form))
                if form and row[at : at + len(form)] == form and not spared.intersection(places):
                    hits.add(at)
    return len(hits)


def consistency(renderings: Iterable[tuple[str, Sequence[str], int]], language: str) -> float:
    """Return the share of a concept's occurrences in its commonest wording, mean over concepts.

    *renderings*: of each segment the concept, how it was said there, and how often it should have
    been. What was not found counts as a wording of its own each time, so this is a lower bound.
    Only concepts that should be there twice or more count.
    """
    said: dict[str, Counter[Words]] = {}
    wanted: Counter[str] = Counter()
    for concept, ways, times in renderings:
        counter = said.setdefault(concept, Counter())
        counter.update(lemmas(way, language) for way in ways[:times])
        wanted[concept] += times
    shares = [
        max(said[concept].values(), default=0) / times
        for concept, times in wanted.items()
        if times > 1
    ]
    return sum(shares) / len(shares) if shares else 1.0


class NoScores(Exception):
    """Sacrebleu is not here; the message says how to get it."""


def corpus_scores(drafts: Sequence[str], references: Sequence[str]) -> tuple[float, float]:
    """Return chrF2++ and BLEU of sacrebleu, with its defaults."""
    try:
        metrics: Any = importlib.import_module("sacrebleu.metrics")
    except ImportError:
        raise NoScores(
            "chrF2++ and BLEU need sacrebleu, which the project does not: put it into a folder "
            "with `pip install --target FOLDER sacrebleu`, and that on PYTHONPATH."
        ) from None
    chrf = metrics.CHRF(word_order=2).corpus_score(list(drafts), [list(references)])
    bleu = metrics.BLEU().corpus_score(list(drafts), [list(references)])
    return float(chrf.score), float(bleu.score)
