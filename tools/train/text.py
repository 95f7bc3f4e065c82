"""Reading pairs of sentences, and leaving out those that would teach something wrong."""

from __future__ import annotations

import gzip
import lzma
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from tools.train.errors import TrainError
from tools.train.languages import ENGLISH, tidied

Pair = tuple[str, str]

LONGEST = 80
"""Words of a side."""
_CODE = re.compile(r"[a-z]{2,3}([-_]\w+)?")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)?")
_MARKUP = re.compile(r"[<>{}|\\]|``|\*\*|\]\(|&\w+;|[\ue000-\uf8ff]")
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def key(text: str) -> str:
    """Return what two spellings of one sentence have in common."""
    return " ".join(_WORD.findall(text.casefold()))


def opened(path: Path) -> IO[str]:
    """Open plain, .xz or .gz text."""
    try:
        if path.suffix == ".xz":
            return lzma.open(path, "rt", encoding="utf-8", newline="\n")
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8", newline="\n")
        return path.open(encoding="utf-8", newline="\n")
    except OSError as error:
        raise TrainError(f"{path} cannot be read: {error.strerror}") from error


def lines(path: Path) -> Iterator[str]:
    with opened(path) as file:
        try:
            for line in file:
                yield line.rstrip("\n")
        except (EOFError, OSError, lzma.LZMAError, UnicodeDecodeError) as error:
            raise TrainError(f"{path} is no whole text file in UTF-8: {error}") from error


def read_pairs(path: Path, source: str, target: str) -> Iterator[Pair]:
    """Yield source and target of each line; where one is English, the file has English first."""
    columns = [source, target] if target != ENGLISH else [target, source]
    bad = 0
    good = 0
    for line in lines(path):
        cells = line.split("\t")
        if not line:  # what a machine could not translate
            continue
        if len(cells) != 2:
            bad += 1
            if bad > 100 + good:
                raise TrainError(f"{path}: most lines are not two texts with a tab between them")
            continue
        if all(_CODE.fullmatch(cell) for cell in cells):  # the head of the table
            continue
        good += 1
        first, second = (tidied(c, code) for c, code in zip(cells, columns, strict=True))
        if first and second:
            yield (first, second) if columns[0] == source else (second, first)


def numbers(text: str) -> set[str]:
    """Return its numbers as digits: 1,250.5 and 1 250,5 are both 12505."""
    return {re.sub(r"\D", "", number) for number in _NUMBER.findall(text)}


def fault(source: str, target: str) -> str:
    """Return why a pair is not fit to learn from; "" if nothing is seen."""
    words = [len(side.split()) for side in (source, target)]
    if max(words) > LONGEST:
        return "long"
    letters = [len(_LATIN.findall(side)) for side in (source, target)]
    if min(letters) < 2:
        return "no words"
    signs = [len(side.replace(" ", "")) for side in (source, target)]
    if any(n < 0.6 * of for n, of in zip(letters, signs, strict=True)):
        return "signs"
    ratio = (len(target) + 8) / (len(source) + 8)
    if not 0.55 <= ratio <= 1.9:
        return "ratio"
    if source.casefold() == target.casefold():
        return "identical"
    if _MARKUP.search(source) or _MARKUP.search(target):
        return "markup"
    here, there = numbers(source), numbers(target)
    # “two million” may be “2 millones”: one that is missing is no conflict.
    if (here - there and there - here) or len(here ^ there) > 1:
        return "numbers"
    return ""


class Excluded:
    """Sentences that must not be trained on: test sets and what is held out."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self.keys: set[str] = set()
        for path in paths:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if re.search(r"\.(txt|tsv)(\.xz|\.gz)?$", file.name) and "README" not in file.name:
                    for line in lines(file):
                        self.add(line.split("\t"))

    def add(self, texts: Iterable[str]) -> None:
        self.keys.update(k for k in map(key, texts) if k)

    def __contains__(self, pair: Pair) -> bool:
        return key(pair[0]) in self.keys or key(pair[1]) in self.keys


def sieve(pairs: Iterable[Pair], excluded: Excluded) -> tuple[list[Pair], Counter[str]]:
    """Return the pairs to learn from, and how many were left out for what reason."""
    kept: list[Pair] = []
    out: Counter[str] = Counter()
    seen: set[int] = set()
    for pair in pairs:
        why = fault(*pair)
        if not why:
            spelling = hash((key(pair[0]), key(pair[1])))
            why = "twice" if spelling in seen else "held out" if pair in excluded else ""
            seen.add(spelling)
        if why:
            out[why] += 1
        else:
            kept.append(pair)
    good = [pair for pair, its in zip(kept, _languages(kept), strict=True) if its]
    out["language"] = len(kept) - len(good)
    return good, +out


def _languages(pairs: list[Pair]) -> Iterator[bool]:
    """Tell of each pair whether each side has more words of its own language than of the other.

    The words of the pairs themselves say what is of which language: most pairs are right.
    """
    counts = [Counter[str](), Counter[str]()]
    for pair in pairs:
        for side, text in zip(counts, pair, strict=True):
            side.update(_WORD.findall(text.casefold()))
    score = {
        word: max(-3.0, min(3.0, math.log((counts[0][word] + 0.5) / (counts[1][word] + 0.5))))
        for word in counts[0].keys() | counts[1].keys()
    }
    for source, target in pairs:
        s, t = (sum(score[w] for w in _WORD.findall(side.casefold())) for side in (source, target))
        yield s >= -1 and t <= 1
