"""No engine: a locale that people translate from nothing, as some choose to."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.engines.base import NONE, Hypotheses, Segment


class ByHand:
    """Serves every pair, and has nothing to offer."""

    name = NONE
    reads: tuple[str, ...] = ()

    def signature(self, source: str, target: str) -> str:
        return "none: translated by hand"

    def serves(self, source: str, target: str) -> bool:
        return True

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        return [()] * len(segments)
