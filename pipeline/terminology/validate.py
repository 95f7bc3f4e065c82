"""Validation of a glossary: terms that contradict each other, or can never match."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from pipeline.terminology.glossary import Glossary, Target, Term
from pipeline.terminology.glossary_file import Problem
from pipeline.terminology.matching import Matcher, Rule, Wording, occurrences
from pipeline.text import locales
from pipeline.text.lemmas import fold

_PATTERN = re.compile(r"\\[bBdDsSwW]|\.[*+]|\(\?|\[[^\]]*\]|\w\||^\^|\$$|[\w)]\*")
"""Signs that a regular expression was meant."""


def problems(glossary: Glossary, wanted: Sequence[str]) -> tuple[Problem, ...]:
    """Return the problems of *glossary*, by line; *wanted* are the locales of the project."""
    found: list[Problem] = []
    for term in glossary.terms:
        found += _of_term(term, glossary.language)
        found += _missing(term, [code for code in wanted if code != glossary.language])
    found += _doubled(glossary)
    codes = {code for term in glossary.terms for code in term.targets}
    for code in sorted({*wanted, *codes} - {glossary.language}):
        found += _same_targets(glossary, code)
        found += _forbidden_elsewhere(glossary, code)
    return tuple(sorted(set(found)))


def _of_term(term: Term, language: str) -> Iterator[Problem]:
    name = f"“{term.term}”"
    for wording in term.wordings:
        if _PATTERN.search(wording):
            yield Problem(
                term.line,
                f"{name}: “{wording}” looks like a regular expression; a term is taken letter by"
                " letter, and its forms are found by themselves",
            )
    code = locales.language(language)
    for words, key in ((term.variants, "variants"), (term.unless, "unless")):
        for word in _twice(words, code):
            yield Problem(term.line, f"{name}: “{word}” is there twice in {key}", error=False)
    if term.term in term.variants:
        yield Problem(term.line, f"{name} is its own variant", error=False)
    for phrase in term.unless:
        rule = Rule.FOLDED if term.source_rule in {Rule.EXACT, Rule.FOLDED} else Rule.LEMMA
        if not occurrences(phrase, term.wordings, code, rule, "verb"):
            if any(fold(word, code) in fold(phrase, code) for word in term.wordings):
                continue  # “airstrike” of “strike”: it needs no saying, and may reassure
            yield Problem(
                term.line,
                f"{name}: “{phrase}” in unless does not hold the term, so it changes nothing",
                error=False,
            )
        elif fold(phrase, code) in {fold(word, code) for word in term.wordings}:
            yield Problem(term.line, f"{name}: “{phrase}” is in unless, so it is never found")
    if language in term.targets:
        yield Problem(
            term.targets[language].line,
            f"{name}: {language} is the language of the source; write variants, not a target",
            error=False,
        )
    for locale, target in term.targets.items():
        yield from _of_target(f"{name}, {locale}", locales.language(locale), target)


def _of_target(where: str, code: str, target: Target) -> Iterator[Problem]:
    accepted = {fold(word, code): word for word in target.wordings}
    for word in target.forbid:
        if (folded := fold(word, code)) in accepted:
            yield Problem(
                target.line, f"{where}: “{accepted[folded]}” is both accepted and forbidden"
            )
    for words, key in ((target.forms, "forms"), (target.forbid, "forbid")):
        for word in _twice(words, code):
            yield Problem(target.line, f"{where}: “{word}” is there twice in {key}", error=False)
    for word in (*target.wordings, *target.forbid):
        if _PATTERN.search(word):
            yield Problem(
                target.line, f"{where}: “{word}” looks like a regular expression; write words"
            )


def _twice(words: Iterable[str], language: str) -> list[str]:
    seen: set[str] = set()
    found = []
    for word in words:
        folded = fold(word, language)
        if folded in seen:
            found.append(word)
        seen.add(folded)
    return found


def _missing(term: Term, wanted: Collection[str]) -> Iterator[Problem]:
    missing = [code for code in wanted if term.target(code) is None]
    if missing:
        yield Problem(term.line, f"“{term.term}” has no {', '.join(missing)}", error=False)


def _doubled(glossary: Glossary) -> Iterator[Problem]:
    """Find wordings that two entries claim."""
    terms = glossary.terms
    firsts: dict[tuple[str, Rule, str], int] = {}
    """The first entry of each wording: the others are held against that one alone."""
    by_domain: dict[tuple[str, str, str], int] = {}
    for n, term in enumerate(terms):
        for text in term.wordings:
            firsts.setdefault((text, term.source_rule, term.pos), n)
            by_domain.setdefault((text, term.pos, term.domain), n)
    matcher = Matcher(
        locales.language(glossary.language),
        (Wording(text, n, rule, pos) for (text, rule, pos), n in firsts.items()),
    )
    for n, term in enumerate(terms):
        for text in term.wordings:
            first = by_domain[text, term.pos, term.domain]
            if (
                first < n
                and terms[first].domain != terms[firsts[text, term.source_rule, term.pos]].domain
            ):
                yield _twins(term, text, terms[first])
            for one in matcher.all(text):
                other = terms[one.wording.payload]
                if one.wording.payload >= n or (one.start, one.end) != (0, len(text)):
                    continue
                its = f"“{other.term}” in line {other.line}"
                if one.same and other.pos == term.pos and other.domain == term.domain:
                    yield _twins(term, text, other)
                else:
                    yield Problem(
                        term.line,
                        f"“{term.term}”: “{text}” is also a form of {its}; the longest match"
                        " wins; ties go to the exact spelling, then to the first entry",
                        error=False,
                    )


def _twins(term: Term, text: str, other: Term) -> Problem:
    its = f"“{other.term}” in line {other.line}"
    return Problem(term.line, f"“{term.term}”: “{text}” is {its} too; make one entry of them")


def _same_targets(glossary: Glossary, code: str) -> Iterator[Problem]:
    """Find concepts that have the same target in *code*."""
    seen: dict[str, Term] = {}
    for term in glossary.terms:
        target = term.target(code)
        if target is None or not (term.keep or target.line):
            continue
        folded = fold(target.term, locales.language(code))
        other = seen.setdefault(folded, term)
        if other is not term:
            yield Problem(
                target.line or term.line,
                f"“{term.term}”: “{target.term}” is also the {code} target of “{other.term}” in"
                f" line {other.line}",
                error=False,
            )


def _forbidden_elsewhere(glossary: Glossary, code: str) -> Iterator[Problem]:
    """Find wordings that one term forbids and another one has for its target."""
    wants: dict[str, Term] = {}
    language = locales.language(code)
    for term in glossary.terms:
        if target := term.target(code):
            for word in target.wordings:
                wants.setdefault(fold(word, language), term)
    for term in glossary.terms:
        target = term.target(code)
        for word in target.forbid if target else ():
            other = wants.get(fold(word, language))
            if target and other and other is not term:
                yield Problem(
                    target.line,
                    f"“{term.term}”, {code}: “{word}” is forbidden, and is the target of"
                    f" “{other.term}” in line {other.line}; it is accepted in a sentence with both",
                    error=False,
                )
