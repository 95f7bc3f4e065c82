"""How the terms of the glossary fare: in drafts, in what people approved, and at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.catalog import provenance
from pipeline.checks.terminology import disagreements, expected_terms
from pipeline.model import Catalog, Finding, Message, State
from pipeline.terminology.glossary import Glossary, forbidden_renderings, renderings
from pipeline.text import markup
from pipeline.text.lemmas import lemma
from pipeline.text.locales import language


@dataclass(slots=True)
class Fate:
    """The use of one term in one locale."""

    term: str
    locale: str
    outcomes: Counter[str] = field(default_factory=Counter)
    """Number of machine drafts by outcome, see `OUTCOMES`."""
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
    """The cost of following the glossary in one locale."""

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


def _count(
    message: Message,
    locale: str,
    glossary: Glossary,
    fates: dict[tuple[str, str], Fate],
    cost: Counter[str],
) -> None:
    source, target = markup.shown(message.source), markup.shown(message.target)
    terms = expected_terms(source, locale, glossary)
    outcomes = provenance.of(message).terms
    code = language(locale)
    lacking = False
    for term, expected in terms:
        fate = fates.setdefault((term.term, locale), Fate(term.term, locale))
        spans = renderings(target, term, locale)
        found = min(expected, len(spans))
        fate.forbidden += len(forbidden_renderings(target, term, locale))
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
