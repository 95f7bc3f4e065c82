"""What a model is worth: BLEU and chrF, terms with and without annotation, copying, examples."""

from __future__ import annotations

import csv
import importlib
import random
import re
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sacrebleu

from pipeline.engines.argos.vocabulary import made_up
from pipeline.engines.terms.annotate import MARKS, annotate
from tools.train.errors import TrainError
from tools.train.mix import PLACEHOLDERS, rare
from tools.train.terms import Span, lemmas, written
from tools.train.text import lines, read_pairs

Told = dict[str, Any]
FLORES = {"en": "eng", "es": "spa", "fr": "fra", "pt": "por", "it": "ita", "de": "deu"}
TICO = {"es": "en-es-419", "fr": "en-fr", "pt": "en-pt-BR"}
PROBES = (
    "We demand the release of all prisoners.",
    "The workers will not go back to the factory until their wages are paid.",
    "On 14 March 2019 the police fired tear gas at 1,250 demonstrators.",
    "SOLIDARITY WITH THE STRIKERS",
    "A Statement From the Harbour Committee",
    "No war between nations, no peace between classes!",
    "She told the reporters that nobody had warned the families before the dam broke.",
    "Those who own the land eat; those who work it go hungry.",
    "The minister, who had promised to resign, did not.",
    "They are neither refugees nor tourists: they are our neighbours.",
    "Norvela's mutual aid network has fed four hundred households since the flood.",
    "It is not the strike that harms the hospital, but the cuts.",
)
"""Own sentences, in English, of the kind that statements have."""
FRAMES = ("We met {} yesterday.", "Today {} is closed.", "Please read {} first.")


Translate = Callable[[Sequence[str]], list[str]]


def scores(drafts: Sequence[str], references: Sequence[str]) -> Told:
    """Return sacrebleu's BLEU and chrF2, as the published figures are."""
    return {
        "bleu": round(sacrebleu.corpus_bleu(list(drafts), [list(references)]).score, 1),
        "chrf": round(sacrebleu.corpus_chrf(list(drafts), [list(references)]).score, 1),
        "sentences": len(drafts),
    }


def flores(folder: Path, source: str, target: str) -> list[tuple[str, str]]:
    """Return the pairs of FLORES-200 devtest; [] where the folder lacks a language."""
    texts = []
    for code in (source, target):
        found = sorted(folder.glob(f"devtest.{FLORES.get(code, code)}_*.txt"))
        if not found:
            return []
        texts.append(list(lines(found[0])))
    if len(texts[0]) != len(texts[1]):
        raise TrainError(f"{folder}: {source} and {target} have not as many lines")
    return list(zip(*texts, strict=True))


def tico(folder: Path, source: str, target: str) -> list[tuple[str, str]]:
    """Return the pairs of TICO-19 (dev and test, as the translation memory has them)."""
    path = folder / f"tm.{TICO.get(target, '')}.tsv.xz"
    return list(read_pairs(path, source, target)) if source == "en" and path.exists() else []


def tico_terms(folder: Path, target: str) -> list[tuple[str, str]]:
    """Return its nouns: source and target, articles taken off."""
    found = sorted((folder / "terminology").glob(f"f_en-{target}_*.csv"))
    terms: dict[str, str] = {}
    article = re.compile(r"^(?:the|an?|el|los?|las?|una?|les?|une?|des|os?|as?|uma?) |^l['’]", re.I)
    for path in found[:1]:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                one, other = (
                    article.sub("", row[name].strip(), count=1)
                    for name in ("sourceString", "targetString")
                )
                plain = re.fullmatch(r"[\w' -]+", one) and re.fullmatch(r"[\w'’ -]+", other)
                if plain and len(one) > 2 and len(one.split()) <= 4 >= len(other.split()):
                    if one[0].islower() and other[1:].islower():
                        other = other[0].lower() + other[1:]
                    terms.setdefault(one, other)
    return list(terms.items())


@dataclass(frozen=True)
class Asked:
    """A sentence and what it is to say."""

    source: str
    reference: str
    terms: tuple[tuple[int, int, str], ...]


def with_listed(
    pairs: Iterable[tuple[str, str]], terms: Sequence[tuple[str, str]], language: str
) -> list[Asked]:
    """Return the pairs whose source has terms that their reference says; the longest first."""
    ways = [
        (re.compile(rf"(?<!\w){re.escape(one)}(?!\w)", re.I), other)
        for one, other in sorted(terms, key=lambda term: -len(term[0]))
    ]
    out = []
    for source, reference in pairs:
        its: list[tuple[int, int, str]] = []
        for pattern, other in ways:
            for found in pattern.finditer(source):
                free = all(found.end() <= a or b <= found.start() for a, b, _ in its)
                if free and succeeds(reference, other, language):
                    its.append((*found.span(), other))
        if its:
            out.append(Asked(source, reference, tuple(sorted(its))))
    return out


def with_phrases(held: Sequence[Any], language: str, rng: random.Random) -> list[Asked]:
    """Return held-out pairs with one phrase each, given as its lemma."""
    out = []
    for source, reference, found in held:
        if found:
            (start, end), (first, last) = rng.choice(found)
            words = lemmas(written(reference, Span(first, last), source), language)
            out.append(Asked(source, reference, ((start, end, words),)))
    return out


def swapped(asked: Sequence[Asked], rng: random.Random) -> list[Asked]:
    """Give each sentence's terms words of other sentences: obedience, not luck.

    They have as many words and the same last letter, as far as there are any: a verb in the place
    of a noun is what no glossary asks for.
    """
    pool = [words for one in asked for _, _, words in one.terms]
    out = []
    for one in asked:
        its = []
        for start, end, words in one.terms:
            others = [o for o in pool if o != words and _kind(o) == _kind(words)]
            its.append((start, end, rng.choice(others or pool)))
        out.append(Asked(one.source, one.reference, tuple(its)))
    return out


def _kind(words: str) -> tuple[int, str]:
    return len(words.split()), words[-1:]


def succeeds(draft: str, target: str, language: str) -> bool:
    """Return whether a term is said, as the benchmark of the project counts it (WMT25's way)."""
    folder = str(Path(__file__).resolve().parents[2] / "benchmarks")
    if folder not in sys.path:
        sys.path.append(folder)
    return bool(importlib.import_module("terminology_measure").succeeds(draft, target, language))


def terms_told(translate: Translate, asked: Sequence[Asked], language: str) -> Told:
    """Return term success and chrF, without and with the terms in the source."""

    def success(drafts: Sequence[str]) -> float:
        items = [
            succeeds(draft, words, language)
            for draft, one in zip(drafts, asked, strict=True)
            for words in dict.fromkeys(words for _, _, words in one.terms)
        ]
        return round(sum(items) / max(1, len(items)), 3)

    plain = translate([one.source for one in asked])
    given = translate([annotate(one.source, one.terms, MARKS) for one in asked])
    references = [one.reference for one in asked]
    return {
        "sentences": len(asked),
        "items": sum(len({words for _, _, words in one.terms}) for one in asked),
        "success without": success(plain),
        "success with": success(given),
        "chrf without": scores(plain, references)["chrf"],
        "chrf with": scores(given, references)["chrf"],
    }


def invented(
    drafts: Sequence[str], pairs: Sequence[tuple[str, str]], words: Collection[str], language: str
) -> list[int]:
    """Return how many drafts have words that are none (`made_up`), and how many references."""
    return [
        sum(
            bool(made_up(text, [source], words, language))
            for text, (source, _) in zip(texts, pairs, strict=True)
        )
        for texts in (drafts, [reference for _, reference in pairs])
    ]


def copying(translate: Translate, rng: random.Random, count: int = 40) -> Told:
    """Return how many invented things came back, of *count* of each kind."""
    kinds: dict[str, list[str]] = {"names": [], "numbers": [], "addresses": [], "signs": []}
    while any(len(its) < count for its in kinds.values()):
        new = rare(rng)
        kind = (
            "numbers" if new[0].isdigit() else "addresses" if "." in new
            else "names" if new[0].isascii() else "signs"
        )  # fmt: skip
        if len(kinds[kind]) < count:
            kinds[kind].append(new)
    kinds["placeholders"] = [PLACEHOLDERS[i % 3] for i in range(count)]
    told: Told = {}
    for kind, its in kinds.items():
        texts = [FRAMES[n % len(FRAMES)].format(new) for n, new in enumerate(its)]
        drafts = translate(texts)
        told[kind] = round(sum(new in d for new, d in zip(its, drafts, strict=True)) / count, 2)
    return told


def evaluate(
    translate: Translate,
    source: str,
    target: str,
    held: Sequence[Any],
    flores_folder: Path | None,
    tico_folder: Path | None,
    *,
    words: Collection[str],
    limit: int = 0,
    terms: bool = True,
) -> Told:
    """Return all figures there is data for, first *limit* sentences of each set (0: all).

    *words* are those of the target that were trained with.
    """
    some = slice(0, limit or None)
    told: Told = {"limit": limit}
    sets = {
        "held": [(one[0], one[1]) for one in held],
        "flores200": flores(flores_folder, source, target) if flores_folder else [],
        "tico19": tico(tico_folder, source, target) if tico_folder else [],
    }
    for name, pairs in sets.items():
        if pairs := pairs[some]:
            began = time.monotonic()
            drafts = translate([text for text, _ in pairs])
            told[name] = scores(drafts, [reference for _, reference in pairs])
            told[name]["seconds"] = round(time.monotonic() - began, 1)
            told[name]["made up"] = invented(drafts, pairs, words, target)
            print(f"evaluate: {name}: {told[name]}", flush=True)
    if terms:
        asked = with_phrases(held[some], target, random.Random(1))
        asks = {"held phrases": asked, "held phrases, swapped": swapped(asked, random.Random(2))}
        if tico_folder and sets["tico19"]:
            listed = with_listed(sets["tico19"], tico_terms(tico_folder, target), target)[some]
            asks["TICO-19 terms"] = listed
            asks["TICO-19 terms, swapped"] = swapped(listed, random.Random(2))
        told["terms"] = {}
        for name, its in asks.items():
            if its:
                told["terms"][name] = terms_told(translate, its, target)
                print(f"evaluate: {name}: {told['terms'][name]}", flush=True)
    if source == "en":
        told["copying"] = copying(translate, random.Random(3))
        drafts = translate(list(PROBES))
        told["examples"] = [list(pair) for pair in zip(PROBES, drafts, strict=True)]
    return told
