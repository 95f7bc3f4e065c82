"""The glossary: the terms of an organisation and their targets in each locale.

Finds terms in a source text, their targets, and their renderings in a translation. `glossary_file`
reads `glossary.yaml`; `matching` compares words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.model import Constraint
from pipeline.terminology.matching import (
    Found,
    Matcher,
    Rule,
    Span,
    Wording,
    number,
    occurrences,
    rule_of,
)
from pipeline.text import locales
from pipeline.text.locales import fallbacks


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a term in one locale."""

    term: str
    plural: str = ""
    singular: str = ""
    """The singular, if `term` is a plural that is always used."""
    gender: str = ""
    """m, f or n."""
    forms: tuple[str, ...] = ()
    """Other forms that are accepted."""
    forbid: tuple[str, ...] = ()
    """Forbidden wordings."""
    line: int = field(default=0, compare=False)

    @property
    def wordings(self) -> tuple[str, ...]:
        """All accepted wordings, each once."""
        its = (self.term, self.plural, self.singular, *self.forms)
        return tuple(dict.fromkeys(filter(None, its)))


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the glossary."""

    term: str
    variants: tuple[str, ...] = ()
    """Other wordings of the same thing in the source."""
    pos: str = ""
    """noun, name, adj, verb or abbr."""
    note: str = ""
    domain: str = ""
    keep: bool = False
    """Whether it is not translated."""
    case: str = ""
    """``sensitive`` or ``insensitive``; "" is what `sensitive` says."""
    unless: tuple[str, ...] = ()
    """Wordings that hold the term and mean something else."""
    targets: Mapping[str, Target] = field(default_factory=dict)
    line: int = field(default=0, compare=False)

    @property
    def sensitive(self) -> bool:
        """Whether capitals count: by `case`, or else in names and abbreviations."""
        if self.case:
            return self.case == "sensitive"
        return self.pos in {"name", "abbr"} or (self.keep and self.term != self.term.lower())

    @property
    def wordings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.term, *self.variants)))

    def target(self, locale: str) -> Target | None:
        """Return the target in *locale*: that of pt serves pt_BR if it has none."""
        found = next((self.targets[c] for c in fallbacks(locale) if c in self.targets), None)
        return found or (Target(self.term) if self.keep else None)

    def kept(self, locale: str) -> bool:
        """Return whether the term is not translated in *locale*."""
        target = self.target(locale)
        return self.keep and target is not None and target.term == self.term

    @property
    def source_rule(self) -> Rule:
        if self.keep or self.pos in {"name", "abbr"}:
            return Rule.EXACT if self.sensitive else Rule.FOLDED
        return Rule.CASED if self.sensitive else Rule.LEMMA

    def target_rule(self, locale: str) -> Rule:
        """Return the rule to find its target by: many languages inflect translated names."""
        if self.kept(locale) or self.pos == "abbr":
            return Rule.EXACT if self.sensitive else Rule.FOLDED
        return Rule.CASED if self.sensitive else Rule.LEMMA


@dataclass(frozen=True, slots=True)
class Hit:
    """An occurrence of a term in a text."""

    start: int
    end: int
    term: Term
    number: str = ""
    """``singular`` or ``plural``, as it stands there; "" where that is not known."""


_REMEMBERED = 50_000
"""Sentences whose hits are remembered, at most: each locale asks for them again."""


@dataclass(frozen=True, slots=True)
class Glossary:
    terms: tuple[Term, ...] = ()
    language: str = "en"
    """The source language."""
    _matchers: list[Matcher[tuple[int, bool]]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _found: dict[str, tuple[Hit, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, language: str) -> Glossary:
        """Return the glossary of texts in *language*: none of its terms if they are in another."""
        same = locales.language(language) == locales.language(self.language)
        return self if same else Glossary(language=language)

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return the terms in plain *text*: whole words, the longest match first, no overlap.

        Of two entries with the same wording the first in the glossary wins.
        """
        if not self.terms:
            return ()
        hits = self._found.get(text)
        if hits is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            hits = self._found[text] = tuple(self._look(text))
        return hits

    def _look(self, text: str) -> Iterable[Hit]:
        code = locales.language(self.language)
        if not self._matchers:
            self._matchers.append(Matcher(code, _source_wordings(self.terms)))
        found = self._matchers[0].all(text)
        not_meant = [(one.wording.payload[0], one) for one in found if not one.wording.payload[1]]
        kept: list[Found[tuple[int, bool]]] = []
        for one in found:
            which, meant = one.wording.payload
            if not meant or any(one.start < k.end and k.start < one.end for k in kept):
                continue
            if not any(n == which and _covers(other, one) for n, other in not_meant):
                kept.append(one)
        for one in sorted(kept, key=lambda one: one.start):
            term = self.terms[one.wording.payload[0]]
            yield Hit(one.start, one.end, term, number(one, code))

    def kept(self, text: str, locale: str) -> tuple[str, ...]:
        """Return the terms in *text* that are the same in *locale*, as they are written there."""
        found = (text[hit.start : hit.end] for hit in self.find(text) if hit.term.kept(locale))
        return tuple(dict.fromkeys(found))

    def hints(self, text: str, locale: str) -> tuple[str, ...]:
        """Return a line for each term in *text* with its target in *locale*."""
        terms = {hit.term.term: hit.term for hit in self.find(text)}
        return tuple(_hint(term, locale) for term in terms.values())

    def constraints(self, text: str, locale: str) -> tuple[Constraint, ...]:
        """Return the terms in *text* that are known in *locale*, for engines that follow them.

        Their positions are in *text*, in order, without overlap.
        """
        found = []
        for hit in self.find(text):
            if target := hit.term.target(locale):
                kept = hit.term.kept(locale)
                found.append(
                    Constraint(
                        hit.start,
                        hit.end,
                        term=text[hit.start : hit.end] if kept else target.singular or target.term,
                        plural="" if kept else target.plural or (target.singular and target.term),
                        number=hit.number,
                        gender=target.gender,
                        pos=hit.term.pos,
                        forms=target.forms,
                        forbid=target.forbid,
                        keep=kept,
                    )
                )
        return tuple(found)


def renderings(text: str, term: Term, locale: str) -> tuple[Span, ...]:
    """Return the accepted renderings of *term* in *text*, in *locale*; () without a target.

    They are found by lemma, or letter for letter for untranslated names and abbreviations. A form
    that is forbidden, letter for letter, does not count.
    """
    target = term.target(locale)
    if target is None:
        return ()
    its = term.wordings if term.kept(locale) else target.wordings
    code = locales.language(locale)
    found = occurrences(text, its, code, term.target_rule(locale), term.pos)
    bad = occurrences(text, target.forbid, code, Rule.FOLDED) if target.forbid else ()
    return tuple(span for span in found if span not in bad)


def forbidden_renderings(
    text: str, term: Term, locale: str, beside: Iterable[Term] = ()
) -> tuple[Span, ...]:
    """Return the forbidden renderings of *term* in *text*, in *locale*, found by lemma.

    Those within an accepted wording do not count, be it of *term* or of one of *beside*: the other
    terms in the source sentence of *text*.
    """
    target = term.target(locale)
    if target is None or not target.forbid:
        return ()
    # An abbreviation's plural may be what is forbidden, so it is not found by its singular.
    rule = Rule.FOLDED if term.pos == "abbr" else Rule.LEMMA
    found = occurrences(text, target.forbid, locales.language(locale), rule)
    if not found:
        return ()
    good = [span for one in (term, *beside) for span in renderings(text, one, locale)]
    return tuple(
        (start, end) for start, end in found if not any(a <= start and end <= b for a, b in good)
    )


def _source_wordings(terms: Sequence[Term]) -> Iterable[Wording[tuple[int, bool]]]:
    """Give the wordings to look for, each with the index of its term, and whether it is meant."""
    for n, term in enumerate(terms):
        for text in term.wordings:
            rule = term.source_rule
            rule = rule if term.case else rule_of(text, rule)
            pos = term.pos or ("abbr" if rule is Rule.EXACT and text.isupper() else "")
            yield Wording(text, (n, True), rule, pos)
        for text in term.unless:
            yield Wording(text, (n, False), Rule.LEMMA, "verb")  # in any form


def _covers(outer: Found[tuple[int, bool]], inner: Found[tuple[int, bool]]) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _hint(term: Term, locale: str) -> str:
    target = term.target(locale)
    if not target:
        return f"term: {term.term} has no {locale} form in the glossary yet"
    if term.kept(locale):
        return f"term: {term.term} is not translated"
    details = [target.gender, f"plural {target.plural}" if target.plural else "", term.note]
    avoid = f"not {', '.join(target.forbid)}" if target.forbid else ""
    extra = "; ".join(part for part in (*details, avoid) if part)
    return f"term: {term.term} → {target.term}" + (f" ({extra})" if extra else "")
