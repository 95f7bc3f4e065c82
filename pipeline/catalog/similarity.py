"""Similar sentences: the former wording of an edited sentence among those that vanished."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from rapidfuzz import fuzz, process

SIMILAR = 60.0
"""`rapidfuzz.fuzz.ratio` from which a vanished sentence is taken for the same one, edited.
msgmerge asks for 60 of 100 of a like measure (FUZZY_THRESHOLD in GNU gettext's msgmerge.c). In
benchmarks/catalogs.py, the 13 sentences that are filled in below 65 all were the edited ones."""

_FEW = 10_000_000
"""Pairs of a new and a vanished sentence among which the most similar are found for certain: in
0.2 s where they are edited in their places, and at worst, where none is similar, in some 4 s.
Where there are more, each new one is compared with those that share the most words with it."""

_NEAR = 12
"""Vanished sentences before and after the place of a new one that are looked at first."""

SURE = 90.0
"""Similarity from which one of them is taken for the same sentence without another search."""

_READ = 4_000
_LIKELY = 48
"""Number of places that are looked up for its words, the rarest first, and of sentences that are
then compared. See benchmarks/catalogs.py for the recall."""


def pairs(new: Sequence[str], old: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pair similar sentences, the most similar first, each once at most; give their places.

    Only the best match of each new sentence is remembered. Where that is taken, the sentence is
    compared again with the remaining ones.
    """
    left = (_Left if len(new) * len(old) <= _FEW else _Many)(old)
    heap: list[tuple[float, int, int]] = []

    def offer(row: int) -> None:
        if found := left.best(new[row], row * len(old) // len(new)):
            heapq.heappush(heap, (-found[0], row, found[1]))

    for row in range(len(new)):
        offer(row)
    while heap:
        _, row, column = heapq.heappop(heap)
        if left.take(column):
            yield row, column
        else:
            offer(row)


class _Left:
    """The remaining sentences; finds the one that is most similar to another."""

    def __init__(self, texts: Sequence[str]) -> None:
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        self._texts: list[str | None] = list(texts)
        self._places = order
        self._ranks = {place: rank for rank, place in enumerate(order)}
        self._sorted: list[str | None] = [texts[place] for place in order]
        self._lengths = [len(texts[place]) for place in order]

    def take(self, place: int) -> bool:
        """Remove the sentence at *place*; return whether it was there."""
        if self._texts[place] is None:
            return False
        self._texts[place] = self._sorted[self._ranks[place]] = None
        return True

    def best(self, text: str, near: int) -> tuple[float, int] | None:
        """Return the score and the place of the sentence that is most similar to *text*.

        An edited sentence mostly keeps its place. So those *near* that place are compared first,
        and a very similar one is taken. Otherwise the score of the best of them limits the length
        of a still more similar one.
        """
        first = max(0, near - _NEAR)
        best: tuple[float, int] | None = None
        found = _most_similar(text, self._texts[first : near + _NEAR], SIMILAR)
        if found:
            best = found[0], first + found[1]
            if best[0] >= SURE:
                return best
        # the ratio is twice what both have in common by their length together
        share = (best[0] if best else SIMILAR) / 100
        low = bisect_left(self._lengths, int(len(text) * share / (2 - share)))
        high = bisect_right(self._lengths, len(text) * (2 - share) / share + 1)
        found = _most_similar(text, self._sorted[low:high], best[0] if best else SIMILAR)
        if found and (not best or found[0] > best[0]):
            best = found[0], self._places[low + found[1]]
        return best


class _Many(_Left):
    """Finds a similar sentence among many by shared words, so that it may miss one."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        from pipeline.text.words import search_keys

        super().__init__(texts)
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            for word in search_keys(text):
                places.setdefault(word, []).append(place)
        self._with = {word: np.array(found) for word, found in places.items()}

    def best(self, text: str, near: int) -> tuple[float, int] | None:
        likely = sorted(self._likely(text))
        found = _most_similar(text, [self._texts[place] for place in likely], SIMILAR)
        return (found[0], likely[found[1]]) if found else None

    def _likely(self, text: str) -> list[int]:
        """Return the places of sentences that share most with *text*; long words count more."""
        import numpy as np

        from pipeline.text.words import search_keys

        shared = np.zeros(len(self._texts), dtype=np.int32)
        left = _READ
        asked = search_keys(text) & self._with.keys()
        for word in sorted(asked, key=lambda w: (len(self._with[w]), w)):
            places = self._with[word]
            if left < len(places) and left < _READ:
                break
            left -= len(places)
            shared[places] += len(word) + 1
        ranked: list[int] = np.flatnonzero(shared).tolist()
        if len(ranked) > _LIKELY:
            ranked = np.argsort(-shared, kind="stable")[: len(ranked)].tolist()
        return list(islice((n for n in ranked if self._texts[n] is not None), _LIKELY))


def _most_similar(text: str, texts: Sequence[str | None], least: float) -> tuple[float, int] | None:
    """Return the score, *least* or more, and the place of the most similar of *texts*."""
    found = process.extractOne(text, texts, scorer=fuzz.ratio, processor=None, score_cutoff=least)
    return (found[1], found[2]) if found else None
