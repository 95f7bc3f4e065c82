"""Translation by hand: an engine without drafts, for a locale that people translate alone."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.engines.base import NONE, Hypotheses, Segment


class ByHand:
    """Engine that serves every pair with no hypotheses."""

    name = NONE
    reads: tuple[str, ...] = ()

    def signature(self, source: str, target: str) -> str:
        return "none: translated by hand"

    def serves(self, source: str, target: str) -> bool:
        return True

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        return [()] * len(segments)
