"""State of a segment while its terms are put in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pipeline.engines.terms.assessment import Assessment, Span, Task

ATTEMPTS = 2
"""Attempts at one term; more than one, since another term changes the sentence."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft with terms put in."""

    text: str
    put: tuple[Span, ...]
    how: str
    old: str = ""
    """The old rendering, which should be gone."""
    scored: bool = False
    """Whether its likelihood was checked clause by clause: as a whole the model would reject it."""


@dataclass(slots=True)
class State:
    """A segment, its current draft, and how each term got there."""

    task: Task
    text: str
    assessment: Assessment
    how: list[str]
    put: list[Span] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    outside: float | None = None
    """Mean log-probability per token of the first draft."""

    def cuttable(self) -> bool:
        """Whether a missing term may be found in a shorter text."""
        task = self.task
        return any(
            hit is None and span and one.pos != "verb"
            for hit, span, one in zip(
                self.assessment.hits, task.spans, task.constraints, strict=True
            )
        )

    def wanted(self) -> list[int]:
        """Return the terms that are missing, or with which a word does not agree."""
        task = self.task
        return [
            i
            for i, constraint in enumerate(task.constraints)
            if self.attempts[i] < ATTEMPTS
            and constraint.pos != "verb"
            and (
                (self.assessment.hits[i] is None and task.spans[i] is not None)
                or not self.assessment.agree[i]
            )
        ]
