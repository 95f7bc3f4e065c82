"""Import of another tool's terms into ``glossary.yaml``, whose comments and order stay.

Existing entries are not changed: where the two differ, that is reported, and left to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import PipelineError
from pipeline.storage import yaml
from pipeline.storage.yaml import CommentedMap, CommentedSeq
from pipeline.terminology.concepts import Concept
from pipeline.terminology.glossary import Glossary, Target, Term
from pipeline.terminology.glossary_file import read
from pipeline.text import locales
from pipeline.text.lemmas import fold


@dataclass(slots=True)
class Merged:
    """The result of an import."""

    text: str
    """Text of the glossary; unchanged if nothing was added."""
    added: list[str] = field(default_factory=list)
    """New terms."""
    extended: list[str] = field(default_factory=list)
    """``term: locale`` of each target that was added to an existing term."""
    known: int = 0
    """Number of targets that existed already."""
    left: list[str] = field(default_factory=list)
    """A line for each difference from an existing entry, which was left out."""


def merge(text: str, path: str, concepts: Sequence[Concept], language: str) -> Merged:
    """Return *text*, a glossary in *language*, with the new terms and targets of *concepts*.

    Raises:
        PipelineError: *text* has mistakes, or cannot be added to.

    """
    glossary, problems = read(text, language)
    if problems:
        first = problems[0]
        raise PipelineError(f"{path}:{first.line}: {first.message}; put that right first")
    if glossary.language != language:
        raise PipelineError(f"{path} is in {glossary.language}, not in {language}")
    try:
        return _Merger(text, glossary).run(concepts)
    except _Strange as error:
        raise PipelineError(f"{path}: {error}; nothing was imported") from None


class _Strange(Exception):
    """The glossary cannot be added to."""


class _Merger:
    def __init__(self, text: str, glossary: Glossary) -> None:
        self.result = Merged(text)
        self.language = locales.language(glossary.language)
        self.terms = list(glossary.terms)
        self.places: dict[str, set[int]] = {}
        for n in range(len(self.terms)):
            self._note(n)
        self.data = yaml.load(text)
        if self.data is None:
            self.data = CommentedMap({"terms": CommentedSeq()})
        assert isinstance(self.data, CommentedMap)
        if self.data["terms"] is None:
            self.data["terms"] = CommentedSeq()
        self.entries = self.data["terms"]

    def _note(self, n: int) -> None:
        for wording in self.terms[n].wordings:
            self.places.setdefault(fold(wording, self.language), set()).add(n)

    def run(self, concepts: Sequence[Concept]) -> Merged:
        before = self.result.text
        for concept in concepts:
            folded = [fold(wording, self.language) for wording in concept.wordings]
            at = sorted(set().union(*(self.places.get(one, set()) for one in folded)))
            if len(at) > 1:
                names = " and ".join(f"“{self.terms[n].term}”" for n in at)
                self._left(concept, f"it is {names}")
            elif at:
                self._extend(at[0], concept)
            else:
                self._add(concept)
        if self.result.added or self.result.extended:
            self.result.text = yaml.dump(self.data, before)
            self._check(before)
        return self.result

    def _left(self, concept: Concept, why: str) -> None:
        where = f"line {concept.line}: " if concept.line else ""
        self.result.left.append(f"{where}“{concept.wordings[0]}”: {why}")

    def _add(self, concept: Concept) -> None:
        term = Term(
            term=concept.wordings[0],
            variants=concept.wordings[1:],
            pos=concept.pos,
            note=concept.note,
            domain=concept.domain,
            keep=concept.keep,
            targets=dict(concept.targets),
        )
        if term.keep:  # what it is called there is what it is called here
            targets = {c: t for c, t in term.targets.items() if t.term != term.term}
            term = replace(term, targets=targets)
        entry = CommentedMap({"term": term.term})
        for key, value in (
            ("pos", term.pos),
            ("variants", term.variants and yaml.listed(term.variants)),
            ("note", term.note),
            ("domain", term.domain),
            ("keep", term.keep),
        ):
            if value:
                entry[key] = value
        if term.targets:
            entry["targets"] = CommentedMap(
                {code: _value(target) for code, target in term.targets.items()}
            )
        self.entries.append(entry)
        self.terms.append(term)
        self._note(len(self.terms) - 1)
        self.result.added.append(term.term)

    def _extend(self, n: int, concept: Concept) -> None:
        term = self.terms[n]
        if concept.keep and not term.keep and not concept.targets:
            self._left(concept, "not translated there, but here it is")
        for locale, target in concept.targets.items():
            code = locales.language(locale)
            its = term.target(locale)
            if its is None:
                self._put(n, locale, target)
            elif fold(target.term, code) in {
                fold(word, code)
                for word in (*its.wordings, *(term.wordings if term.kept(locale) else ()))
            }:
                self.result.known += 1
            elif fold(target.term, code) in {fold(word, code) for word in its.forbid}:
                self._left(concept, f"in {locale} “{target.term}” is forbidden here")
            else:
                self._left(concept, f"in {locale} “{target.term}” there, “{its.term}” here")

    def _put(self, n: int, locale: str, target: Target) -> None:
        entry = self.entries[n]
        if "term" not in entry:  # the short kind
            targets = next(iter(entry.values()))
        else:
            if entry.get("targets") is None:
                entry.pop("targets", None)
                entry.insert(_before_last(entry), "targets", CommentedMap())
            targets = entry["targets"]
        # Before the last one, to which what follows is tied: an empty line, a comment.
        targets.insert(_before_last(targets), locale, _value(target))
        term = self.terms[n]
        self.terms[n] = replace(term, targets={**term.targets, locale: target})
        self.result.extended.append(f"{term.term}: {locale}")

    def _check(self, before: str) -> None:
        """Refuse a text that does not read as the intended terms, whatever went wrong."""
        glossary, problems = read(self.result.text, self.language)
        same = tuple(_comparable(term) for term in glossary.terms)
        if problems or same != tuple(_comparable(term) for term in self.terms):
            self.result.text = before
            raise _Strange("it is written in a way that cannot be added to")


def _before_last(node: CommentedMap) -> int:
    return max(0, len(node) - 1)


def _comparable(term: Term) -> Term:
    return replace(term, targets=dict(sorted(term.targets.items())))


def _value(target: Target) -> object:
    """Return *target* as a value of the glossary: a word, or a mapping if it has more fields."""
    if target == Target(target.term):
        return target.term
    return yaml.flow(
        term=target.term,
        plural=target.plural,
        singular=target.singular,
        gender=target.gender,
        forms=target.forms,
        forbid=target.forbid,
    )
