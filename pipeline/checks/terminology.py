"""Checks of terms: an approved translation against the glossary."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import Finding, Message, State
from pipeline.terminology.glossary import Glossary, Term, forbidden_renderings, renderings
from pipeline.text import markup


def disagreements(message: Message, locale: str, glossary: Glossary) -> Iterator[Finding]:
    """Give in what an approved message does not follow the glossary."""
    if message.state is not State.APPROVED:
        return
    source, target = markup.shown(message.source), markup.shown(message.target)
    for term, expected in expected_terms(source, locale, glossary):
        wanted = term.target(locale)
        if wanted is None:
            continue
        for start, end in forbidden_renderings(target, term, locale):
            text = f"“{target[start:end]}” is what the glossary forbids for “{term.term}”"
            text = f"{text}; it is “{wanted.term}”"
            yield Finding("terminology", text, message.source, context=message.context)
        if len(renderings(target, term, locale)) < min(expected, 1):
            text = f"“{term.term}” is “{wanted.term}” in the glossary, which is not said"
            yield Finding("terminology", text, message.source, context=message.context)


def expected_terms(source: str, locale: str, glossary: Glossary) -> list[tuple[Term, int]]:
    """Return the terms in *source* that have a target in *locale*, and how often each stands."""
    counts: dict[str, tuple[Term, int]] = {}
    for hit in glossary.find(source):
        if hit.term.target(locale):
            _, n = counts.get(hit.term.term, (hit.term, 0))
            counts[hit.term.term] = (hit.term, n + 1)
    return list(counts.values())
