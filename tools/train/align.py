"""Which word became which: IBM model 1 with a preference for the diagonal, both ways, in numpy.

As fast_align does (Dyer et al., 2013), less the estimation of how strong the preference is. The
only packages of an aligner need a compiler; this needs half a minute for 100,000 pairs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WORD = re.compile(r"\w+")
NULL = 0
TENSION = 5.0
NULL_SHARE = 0.06
UNSEEN = 1e-8
LINKS = 30_000_000
"""Of word and word in the sample: what the estimation costs in time and memory (3 GB)."""
COMMON = 120
"""Words of a language that no term begins or ends with."""
SURE = 0.3
"""Of the probability that both ways give a link."""


def spans(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in WORD.finditer(text)]


@dataclass(frozen=True)
class Table:
    """p(target word | source word) of the pairs that were seen together."""

    keys: Ints
    values: Floats
    width: int

    def look(self, source: Ints, target: Ints) -> Floats:
        """Return a row for each source word (`NULL` first), a column for each target word."""
        asked = np.concatenate([[NULL], source])[:, None] * self.width + target[None, :]
        at = np.searchsorted(self.keys, asked).clip(max=len(self.keys) - 1)
        found: Floats = np.where(self.keys[at] == asked, self.values[at], UNSEEN)
        return found


def diagonal(n: int, m: int) -> Floats:
    """Return what is expected of a link before anything is known of the words."""
    rows, columns = (np.arange(n) + 0.5) / n, (np.arange(m) + 0.5) / m
    near = np.exp(-TENSION * np.abs(rows[:, None] - columns[None, :]))
    near *= (1 - NULL_SHARE) / near.sum(0)
    return np.concatenate([np.full((1, m), NULL_SHARE), near])


def estimate(pairs: Sequence[tuple[Ints, Ints]], width: int, rounds: int = 4) -> Table:
    """Estimate by expectation and maximisation; word ids are 1 to *width* - 1."""
    keys, priors, columns = [], [], []
    done = 0
    for source, target in pairs:
        n, m = len(source), len(target)
        if not n or not m:
            continue
        keys.append((np.concatenate([[NULL], source])[:, None] * width + target[None, :]).ravel())
        priors.append(diagonal(n, m).astype(np.float32).ravel())
        columns.append((done + np.broadcast_to(np.arange(m, dtype=np.int32), (n + 1, m))).ravel())
        done += m
    if not keys:
        return Table(np.zeros(1, np.int64), np.zeros(1), width)
    prior, column = np.concatenate(priors), np.concatenate(columns)
    unique, which = np.unique(np.concatenate(keys), return_inverse=True)
    del keys, priors, columns
    which = which.astype(np.int32)
    first = unique // width
    values: Floats = np.full(len(unique), 1.0)
    for _ in range(rounds):
        weight = values[which] * prior
        weight /= np.bincount(column, weight, done)[column]
        counts = np.bincount(which, weight, len(unique))
        values = counts / np.bincount(first, counts, width)[first]
    return Table(unique, values, width)


class Aligner:
    """Learns from pairs, then says of any pair which words belong together."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.ids: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self.counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
        sample: list[tuple[Ints, Ints]] = []
        links = 0
        for pair in pairs:
            words = [WORD.findall(side.lower()) for side in pair]
            links += len(words[0]) * len(words[1])
            if links > LINKS:
                break
            for known, counts, its in zip(self.ids, self.counts, words, strict=True):
                for word in its:
                    known.setdefault(word, len(known) + 1)
                    counts[word] = counts.get(word, 0) + 1
            sample.append((self._numbered(0, words[0]), self._numbered(1, words[1])))
        width = max(map(len, self.ids)) + 2
        self.there = estimate(sample, width)
        self.back = estimate([(target, source) for source, target in sample], width)

    def _numbered(self, side: int, words: Sequence[str]) -> Ints:
        known = self.ids[side]
        unseen = len(known) + 1  # one past the last: in no pair that was seen
        return np.array([known.get(word, unseen) for word in words], np.int64)

    def common(self, side: int) -> frozenset[str]:
        """Return the commonest words: articles, prepositions and the like."""
        counts = self.counts[side]
        few = min(COMMON, len(counts) // 20)
        return frozenset(sorted(counts, key=lambda word: (-counts[word], word))[:few])

    def links(self, source: str, target: str) -> list[tuple[int, int]]:
        """Return places of words that both ways hold for a translation of each other."""
        words = [WORD.findall(side.lower()) for side in (source, target)]
        if not all(words):
            return []
        same = np.array([[a == b and len(a) > 1 for b in words[1]] for a in words[0]])
        e, f = (self._numbered(side, its) for side, its in enumerate(words))
        there = self._posterior(self.there, e, f, same)
        back = self._posterior(self.back, f, e, same.T).T
        both = np.sqrt(there * back)
        rows, columns = both.argmax(1), both.argmax(0)
        return [(i, int(j)) for i, j in enumerate(rows) if columns[j] == i and both[i, j] >= SURE]

    def _posterior(self, table: Table, e: Ints, f: Ints, same: NDArray[np.bool_]) -> Floats:
        found = table.look(e, f)
        found[1:][same & (found[1:] < 0.5)] = 0.5  # a name or number that was hardly seen
        found *= diagonal(len(e), len(f))
        out: Floats = (found / found.sum(0))[1:]
        return out
