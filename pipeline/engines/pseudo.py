"""Pseudo-translation: shows before any translation where text is cut off or left out.

Letters get accents, so that text which never passed through a catalog is seen at once; the
draft is longer than the text, and stands in brackets that show where it is cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.engines.base import Hypotheses, Hypothesis, Segment, by_core
from pipeline.errors import PairNotAvailable

_ACCENTED = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļṁñöþǫŕšţûṽŵẋýž",
)

_GROWTH = ((10, 1.0), (20, 0.8), (30, 0.6), (50, 0.4))
"""Length in characters, and the share by which a draft up to that length grows. From the lower
ends of the table of IBM that W3C gives in "Text size in translation": short texts double, and
those of over 70 characters grow by 30 %."""
_GROWTH_OF_LONGER = 0.3


class PseudoEngine:
    """Deterministic engine that serves every pair."""

    name = "pseudo"
    reads: tuple[str, ...] = ()

    def signature(self, source: str, target: str) -> str:
        return "pseudo 1"

    def serves(self, source: str, target: str) -> bool:
        return source != target

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        if not self.serves(source, target):
            raise PairNotAvailable(f"Engine pseudo has nothing to do from {source} to {target}.")
        return by_core(segments, lambda cores: [(_draft(core.text),) for core in cores], self.name)


def _draft(text: str) -> Hypothesis:
    share = next((share for most, share in _GROWTH if len(text) <= most), _GROWTH_OF_LONGER)
    return Hypothesis(f"⟦{text.translate(_ACCENTED)}{'·' * math.ceil(len(text) * share)}⟧")
