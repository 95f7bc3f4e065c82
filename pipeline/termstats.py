"""How the terms of the glossary fare: in drafts, in what people approved, and at what cost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline import markup
from pipeline.glossary import Glossary, Term, forbidden, said
from pipeline.lemmas import lemma
from pipeline.locales import language
from pipeline.model import Catalog, Finding, Message, State

OUTCOMES = ("natural", "chosen", "forced", "spliced", "missing")
"""How a term came into a draft: the engine said it by itself; another of its hypotheses did; it
was put there and the engine went on from it; it was put in the place of another word; or not."""

NOTE = "terms: "
"""How the part of a draft's note begins that says so, where it was not natural."""
_PART = re.compile(r"“([^”]*)” (\w+)")


def noted(terms: Iterable[tuple[str, str]]) -> str:
    """Return the part of a note for *terms*, each with its outcome; "" if all were natural.

    Nothing is said of an outcome that is none: engines and what is remembered may hold anything.
    """
    said = set(OUTCOMES) - {"natural"}
    parts = [f"“{term}” {outcome}" for term, outcome in terms if outcome in said]
    return NOTE + ", ".join(parts) if parts else ""


@dataclass(slots=True)
class Fate:
    """What became of one term in one locale."""

    term: str
    locale: str
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of `OUTCOMES`: how often, in machine drafts."""
    approved: int = 0
    """Times that approved text says it, of `of_approved`."""
    of_approved: int = 0
    forbidden: int = 0
    """Times that a draft or approved text says what it should not."""
    renderings: Counter[str] = field(default_factory=Counter)
    """The lemmas of how it is said."""

    @property
    def consistency(self) -> float | None:
        """The share of the commonest rendering; None where it was said less than twice."""
        total = self.renderings.total()
        return self.renderings.most_common(1)[0][1] / total if total > 1 else None


@dataclass(frozen=True, slots=True)
class Cost:
    """What following the glossary cost in one locale."""

    locale: str
    drafts: int
    """Drafts with a term."""
    constrained: int
    """Drafts that are not what the engine would have said first."""
    missing: int
    """Drafts that lack a term."""


@dataclass(frozen=True, slots=True)
class Report:
    fates: tuple[Fate, ...]
    """Sorted by what is wrong most often, then by term and locale."""
    costs: tuple[Cost, ...]
    disagreeing: tuple[tuple[str, str, Finding], ...]
    """Article, locale, and what of the glossary an approved message does not follow."""


def report(catalogs: Mapping[tuple[str, str], Catalog], glossary: Glossary) -> Report:
    """Look at every message of *catalogs*, by article and locale."""
    fates: dict[tuple[str, str], Fate] = {}
    costs: dict[str, Counter[str]] = {}
    disagreeing = []
    for (article, locale), catalog in catalogs.items():
        for message in catalog.messages:
            if message.obsolete or not message.target:
                continue
            _count(message, locale, glossary, fates, costs.setdefault(locale, Counter()))
            for found in disagreements(message, locale, glossary):
                disagreeing.append((article, locale, found))

    def wrong(fate: Fate) -> int:
        return fate.outcomes["missing"] + fate.of_approved - fate.approved + fate.forbidden

    return Report(
        tuple(sorted(fates.values(), key=lambda f: (-wrong(f), f.term, f.locale))),
        tuple(
            Cost(locale, n["drafts"], n["constrained"], n["missing"]) for locale, n in costs.items()
        ),
        tuple(disagreeing),
    )


def disagreements(message: Message, locale: str, glossary: Glossary) -> Iterator[Finding]:
    """Give in what an approved message does not follow the glossary."""
    if message.state is not State.APPROVED:
        return
    source, target = markup.shown(message.source), markup.shown(message.target)
    for term, expected in _expected(source, locale, glossary):
        wanted = term.target(locale)
        if wanted is None:
            continue
        for start, end in forbidden(target, term, locale):
            text = f"“{target[start:end]}” is what the glossary forbids for “{term.term}”"
            text = f"{text}; it is “{wanted.term}”"
            yield Finding("terminology", text, message.source, context=message.context)
        if len(said(target, term, locale)) < min(expected, 1):
            text = f"“{term.term}” is “{wanted.term}” in the glossary, which is not said"
            yield Finding("terminology", text, message.source, context=message.context)


def _expected(source: str, locale: str, glossary: Glossary) -> list[tuple[Term, int]]:
    """Return the terms in *source* that have a target in *locale*, and how often each stands."""
    counts: dict[str, tuple[Term, int]] = {}
    for hit in glossary.find(source):
        if hit.term.target(locale):
            _, n = counts.get(hit.term.term, (hit.term, 0))
            counts[hit.term.term] = (hit.term, n + 1)
    return list(counts.values())


def _count(
    message: Message,
    locale: str,
    glossary: Glossary,
    fates: dict[tuple[str, str], Fate],
    cost: Counter[str],
) -> None:
    source, target = markup.shown(message.source), markup.shown(message.target)
    terms = _expected(source, locale, glossary)
    outcomes = _outcomes(message.draft)
    code = language(locale)
    lacking = False
    for term, expected in terms:
        fate = fates.setdefault((term.term, locale), Fate(term.term, locale))
        spans = said(target, term, locale)
        found = min(expected, len(spans))
        fate.forbidden += len(forbidden(target, term, locale))
        for start, end in spans:
            fate.renderings[" ".join(lemma(w, code) for w in target[start:end].split())] += 1
        if message.state is State.APPROVED:
            fate.approved += found
            fate.of_approved += expected
            continue
        wanted = term.target(locale)
        names = {wanted.term, wanted.plural, wanted.singular, term.term} if wanted else set()
        how = [outcome for name, outcome in outcomes if name in names and outcome != "missing"]
        for n in range(found):
            fate.outcomes[how[n] if n < len(how) else "natural"] += 1
        fate.outcomes["missing"] += expected - found
        lacking = lacking or found < expected
    if terms and message.state is State.DRAFT:
        cost["drafts"] += 1
        cost["missing"] += lacking
        cost["constrained"] += any(outcome != "missing" for _, outcome in outcomes)


def _outcomes(note: str) -> list[tuple[str, str]]:
    part = next((p for p in note.split("; ") if p.startswith(NOTE)), "")
    return [(name, how) for name, how in _PART.findall(part) if how in OUTCOMES]
