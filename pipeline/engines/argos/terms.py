"""Terms through a chain of models: annotated where the last was trained so, else constrained."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.engines.argos.doubt import join_doubts
from pipeline.engines.argos.model import Model
from pipeline.engines.argos.packages import naming_package, package_card
from pipeline.engines.argos.vocabulary import made_up
from pipeline.engines.base import Hypotheses, Hypothesis, Segment
from pipeline.engines.terms import alignment, assessment, constrained, forms
from pipeline.engines.terms.annotate import Marks, annotate, holds_marks
from pipeline.model import Constraint

_log = logging.getLogger(__name__)


class Placed(NamedTuple):
    """Terms of a text, and the span of each; None where it got lost in a pivot language."""

    constraints: tuple[Constraint, ...]
    spans: tuple[assessment.Span | None, ...]


Terms = Mapping[int, Placed]
"""Terms of the texts that have some, by the place of the text in the call."""


def terms_of(segments: Sequence[Segment]) -> Terms:
    return {
        i: Placed(one.constraints, tuple((c.start, c.end) for c in one.constraints))
        for i, one in enumerate(segments)
        if one.constraints
    }


# Annotation, for a package that was trained with it.


def marks_of(hop: Any) -> Marks | None:
    """Return the marks of a package; None where its tokenizer lacks them, which is logged."""
    with naming_package(hop):
        marks = package_card(hop).marks
        if marks and not are_pieces(hop, marks):
            _log.warning(
                "Argos package %s has marks for terms that its tokenizer does not know: "
                "it is not told the terms.",
                Path(hop.package_path),
            )
            return None
    return marks


def are_pieces(hop: Any, marks: Marks) -> bool:
    """Whether each mark is one piece of the tokenizer, wherever it stands."""
    if not hasattr(hop.tokenizer, "lazy_processor"):
        return False
    known = hop.tokenizer.lazy_processor()
    pieces = hop.tokenizer.encode(annotate("a word", [(2, 6, "word")], marks))
    return all(
        known.piece_to_id(mark) != known.unk_id() and pieces.count(mark) == 1 for mark in marks
    )


def annotate_terms(texts: Sequence[str], terms: Terms, language: str, marks: Marks) -> list[str]:
    return [
        _annotated(text, terms[i], language, marks) if i in terms else text
        for i, text in enumerate(texts)
    ]


def _annotated(text: str, placed: Placed, language: str, marks: Marks) -> str:
    """Write each term behind its words; the first of those that a pivot made to overlap."""
    if holds_marks(text, marks):
        return text
    chosen: list[tuple[int, int, str]] = []
    its = [(span, one) for one, span in zip(*placed, strict=True) if span]
    for (start, end), one in sorted(its, key=lambda pair: pair[0]):
        words = forms.first_form(one, language)
        free = start >= (chosen[-1][1] if chosen else 0)
        if free and words.strip() and not holds_marks(words, marks):
            chosen.append((start, end, words))
    return annotate(text, chosen, marks)


# Constrained decoding, for every package.


def follow_terms(
    model: Model,
    texts: Sequence[str],
    found: Sequence[Hypotheses],
    terms: Terms,
    heard: Sequence[str] | None = None,
) -> list[Hypotheses]:
    """Return the hypotheses `found`, with those that follow the glossary first where it has terms.

    `heard` is the input of the decoder, where that is not the texts themselves.
    """
    heard = heard or texts
    tasks = [
        assessment.Task(texts[i], its, spans, tuple(one.text for one in found[i]))
        for i, (its, spans) in terms.items()
    ]
    with naming_package(model.hop):
        followed = constrained.follow(model, tasks)
        doubts = model.doubts(
            [
                (heard[i], said[0].text, said[0].put)
                for i, said in zip(terms, followed, strict=True)
                if said[0].hypothesis != 0
            ]
        )
    out = list(found)
    for i, said in zip(terms, followed, strict=True):
        out[i] = tuple(
            Hypothesis(
                one.text,
                doubts[heard[i], one.text]
                if n == 0 and one.hypothesis != 0
                else found[i][one.hypothesis or 0].doubt,
                one.terms,
            )
            for n, one in enumerate(said)
        )
    return out


def follow_to_pivot(
    model: Model, texts: Sequence[str], found: Sequence[Hypotheses], terms: Terms
) -> tuple[list[Hypotheses], Terms]:
    """Follow the terms into a pivot language: those that are kept in it, the others by their place.

    The glossary has no words of that language. The next model is made to say a term where this
    one's draft renders it, as alignment finds.
    """
    kept = {
        i: Placed(
            tuple(one for one in its if one.keep),
            tuple(span for one, span in zip(its, spans, strict=True) if one.keep),
        )
        for i, (its, spans) in terms.items()
    }
    drafts = follow_terms(model, texts, found, kept)
    asked = [
        (texts[i], drafts[i][0].text, [span or (0, 0) for span in its.spans])
        for i, its in terms.items()
    ]
    with naming_package(model.hop):
        places = alignment.locate(model, asked)
    return drafts, {
        i: Placed(
            its.constraints,
            tuple(
                place.runs[0] if place.runs and span else None
                for place, span in zip(where, its.spans, strict=True)
            ),
        )
        for (i, its), where in zip(terms.items(), places, strict=True)
    }


# Words that are neither trained, nor in a dictionary, nor in the glossary.


def doubt_words(
    segments: Sequence[Segment],
    found: Sequence[Hypotheses],
    taught: Collection[str],
    language: str,
) -> list[Hypotheses]:
    """Add a doubt to each hypothesis with words that the model seems to have made up."""

    def doubted(segment: Segment, one: Hypothesis) -> Hypothesis:
        terms = ((its.term, its.plural, *its.forms) for its in segment.constraints)
        given = itertools.chain((segment.text,), *terms)
        words = ", ".join(f"“{word}”" for word in made_up(one.text, given, taught, language))
        doubt = f"may not be a real word: {words}" if words else ""
        return replace(one, doubt=join_doubts(one.doubt, doubt))

    return [
        tuple(doubted(segment, one) for one in its)
        for segment, its in zip(segments, found, strict=True)
    ]
