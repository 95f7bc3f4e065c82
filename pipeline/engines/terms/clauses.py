"""Clauses: a small model omits much of a long sentence, and a term with it."""

from __future__ import annotations

import re

from pipeline.engines.terms import agreement
from pipeline.engines.terms.assessment import Rendering, Span, Task
from pipeline.engines.terms.forms import candidate_forms, sentence_case

_CUT = re.compile(r"(?<=[,;:.!?…)\]”»])\s+|\s+(?=[(\[“«–—])|(?<=[a-z][.!?])(?=[A-Z])")
_ARTICLE = re.compile(r"(?:^|\s)(the|an?)\s*$", re.IGNORECASE)
_LEAST_PIECE = 12
"""Minimum length of a clause in characters; a shorter one is joined to the next."""
MOST_PIECES = 12
_DEFINITE = {"es": "el ", "fr": "le ", "it": "il ", "pt": "o "}


def _part(task: Task, start: int, end: int) -> Task:
    """Return the part of a task between two offsets, with the terms in it."""
    text = task.source[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    its = [n for n, span in enumerate(task.spans) if span and start <= span[0] < span[1] <= end]
    return Task(
        text.strip(),
        tuple(task.constraints[n] for n in its),
        tuple((s[0] - start, s[1] - start) for n in its if (s := task.spans[n])),
        ("",),
    )


def split_clauses(task: Task) -> list[Task]:
    """Split a source at punctuation and parentheses, never within a term."""
    spans = [span for span in task.spans if span]
    bounds = [0]
    for match in _CUT.finditer(task.source):
        inside = any(start < match.end() and match.start() < end for start, end in spans)
        long = match.start() - bounds[-1] >= _LEAST_PIECE <= len(task.source) - match.end()
        if long and not inside and len(bounds) < MOST_PIECES:
            bounds.append(match.end())
    return [
        _part(task, start, end)
        for start, end in zip(bounds, [*bounds[1:], len(task.source)], strict=True)
    ]


def split_at_term(piece: Task, i: int) -> tuple[Task, Task]:
    """Return the text before a term, without its article, and the text after it."""
    start, end = piece.spans[i] or (0, 0)
    before = len(_ARTICLE.sub("", piece.source[:start]))
    return _part(piece, 0, before), _part(piece, end, len(piece.source))


def join_around_term(
    piece: Task, i: int, sides: tuple[Rendering, Rendering], language: str
) -> tuple[str, tuple[Span, ...]]:
    """Join the translations of both sides of a term around it."""
    constraint = piece.constraints[i]
    form = candidate_forms(constraint, language)[0]
    before, after = sides
    left = before.text + " " if before.text else ""
    article = _ARTICLE.search(piece.source[: (piece.spans[i] or (0, 0))[0]])
    if article and article[1].casefold() == "the" and not constraint.keep:
        left += _DEFINITE.get(language, "")
    left = agreement.leads(left, form.text, form.gender, form.number, language)[0]
    word = sentence_case(form.text, left, constraint)
    gap = " " if after.text[:1].isalnum() else ""
    at = len(left) + len(word)
    put = [*before.put, (len(left), at)]
    put += [(start + at + len(gap), end + at + len(gap)) for start, end in after.put]
    return left + word + gap + after.text, tuple(put)
