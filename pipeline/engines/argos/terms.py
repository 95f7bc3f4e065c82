"""Terms through a chain of models: annotated where a model knows them, else constrained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.engines.terms import forms, verdict
from pipeline.engines.terms.annotate import Marks, annotate, holds_marks
from pipeline.model import Constraint

Terms = dict[int, tuple[tuple[Constraint, ...], tuple[verdict.Span | None, ...]]]
"""The terms of a text, by its place in the call, and where each stands in it."""


def with_terms(
    text: str,
    constraints: Sequence[Constraint],
    spans: Sequence[verdict.Span | None],
    language: str,
    marks: Marks,
) -> str:
    """Write each term behind its words; where spans overlap, which a pivot may cause, the first."""
    if holds_marks(text, marks):
        return text
    chosen: list[tuple[int, int, str]] = []
    its = [(span, one) for span, one in zip(spans, constraints, strict=True) if span]
    for (start, end), one in sorted(its, key=lambda pair: pair[0]):
        words = forms.first_form(one, language)
        free = start >= (chosen[-1][1] if chosen else 0)
        if free and words.strip() and not holds_marks(words, marks):
            chosen.append((start, end, words))
    return annotate(text, chosen, marks)


def are_pieces(hop: Any, marks: Marks) -> bool:
    """Whether each mark is one piece of the tokenizer, wherever it stands."""
    if not hasattr(hop.tokenizer, "lazy_processor"):
        return False
    known = hop.tokenizer.lazy_processor()
    pieces = hop.tokenizer.encode(annotate("a word", [(2, 6, "word")], marks))
    return all(
        known.piece_to_id(mark) != known.unk_id() and pieces.count(mark) == 1 for mark in marks
    )
