"""The state of a sentence while its terms are worked in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pipeline.engines.terms.assessment import Assessment, Span, Task

ATTEMPTS = 2
"""At one term: after another term was put in, the sentence is a new one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    text: str
    put: tuple[Span, ...]
    how: str
    old: str = ""
    """What was said instead, which should be gone."""
    judged: bool = False
    """Whether its likelihood was looked at already: of pieces, a piece at a time. The model would
    not say them for the whole, or there were no need of pieces."""


@dataclass(slots=True)
class State:
    """A segment at work."""

    task: Task
    text: str
    assessment: Assessment
    how: list[str]
    put: list[Span] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    outside: float | None = None
    """Mean log-probability of the draft without the term."""

    def cuttable(self) -> bool:
        """Whether a term is missing that might be had in a shorter text."""
        task = self.task
        return any(
            hit is None and span and one.pos != "verb"
            for hit, span, one in zip(
                self.assessment.hits, task.spans, task.constraints, strict=True
            )
        )

    def wanted(self) -> list[int]:
        """Give the terms that are missing, or before which a word does not fit."""
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
