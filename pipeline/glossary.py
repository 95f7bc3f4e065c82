"""The glossary: what an organisation calls things, in each language.

This first version reads `glossary.yaml` strictly and finds its terms in running text, so that the
translator sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline import yaml
from pipeline.errors import SettingsError
from pipeline.locales import fallbacks
from pipeline.yaml import CommentedMap


@dataclass(frozen=True, slots=True)
class Target:
    """What a term is called in one locale."""

    term: str
    plural: str = ""
    gender: str = ""
    forms: tuple[str, ...] = ()
    """Other forms that are accepted."""
    forbid: tuple[str, ...] = ()
    """What must not be said instead."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the glossary."""

    term: str
    variants: tuple[str, ...] = ()
    """Other wordings of the same thing in the source."""
    pos: str = ""
    note: str = ""
    domain: str = ""
    keep: bool = False
    """Whether it is not translated."""
    case_sensitive: bool = False
    unless: tuple[str, ...] = ()
    """Wordings that hold the term and mean something else."""
    targets: Mapping[str, Target] = field(default_factory=dict)

    def target(self, locale: str) -> Target | None:
        """Return what the term is called in *locale*: pt serves pt_BR where that is missing."""
        found = next((self.targets[c] for c in fallbacks(locale) if c in self.targets), None)
        return found or (Target(self.term) if self.keep else None)


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text where a term stands."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True, slots=True)
class Glossary:
    terms: tuple[Term, ...] = ()
    _index: Mapping[str, list[tuple[str, Term]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", _index(self.terms))

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return where terms stand in plain *text*: whole words, the longest first, no overlap."""
        found: list[Hit] = []
        words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            hit = _longest(text, words, at, self._index)
            if hit:
                found.append(hit)
                while at < len(words) and words[at][0] < hit.end:
                    at += 1
            else:
                at += 1
        return tuple(found)

    def kept(self, text: str, locale: str) -> tuple[str, ...]:
        """Return the terms in *text* that are the same in *locale*, as they are written there."""
        found = []
        for hit in self.find(text):
            target = hit.term.target(locale)
            if hit.term.keep and target and target.term == hit.term.term:
                found.append(text[hit.start : hit.end])
        return tuple(dict.fromkeys(found))

    def hints(self, text: str, locale: str) -> tuple[str, ...]:
        """Return a line for each term in *text*: what it is called in *locale*."""
        terms = dict.fromkeys(hit.term.term for hit in self.find(text))
        known = {term.term: term for term in self.terms}
        return tuple(line for name in terms if (line := _hint(known[name], locale)))


_WORD = re.compile(r"\w+(?:['’.\-]\w+)*")


def _fold(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()


def _index(terms: tuple[Term, ...]) -> Mapping[str, list[tuple[str, Term]]]:
    """Return the wordings of *terms* by how their first word begins, the longest first."""
    index: dict[str, list[tuple[str, Term]]] = {}
    for term in terms:
        for wording in (term.term, *term.variants):
            first = _WORD.search(wording)
            if first:
                index.setdefault(_fold(first[0])[:3], []).append((wording, term))
    for wordings in index.values():
        wordings.sort(key=lambda pair: -len(pair[0]))
    return index


def _longest(
    text: str,
    words: list[tuple[int, int]],
    at: int,
    index: Mapping[str, list[tuple[str, Term]]],
) -> Hit | None:
    start = words[at][0]
    for wording, term in index.get(_fold(text[start : words[at][1]])[:3], ()):
        for end in _ends(text, start, wording, term):
            hit = Hit(start, end, term)
            if not any(_covers(text, hit, other) for other in term.unless):
                return hit
    return None


def _ends(text: str, start: int, wording: str, term: Term) -> Iterable[int]:
    """Return where *wording*, or its plural, ends if it stands at *start*."""
    plural = "" if term.case_sensitive and term.pos in {"name", "abbr"} else "(?:s|es)?"
    words = (re.sub("['’]", "['’]", re.escape(word)) for word in wording.split())
    spaced = r"\s+".join(words)
    if wording.endswith("y") and plural:
        spaced = f"{spaced[:-1]}(?:y|ies)"
    flags = re.NOFLAG if term.case_sensitive else re.IGNORECASE
    match = re.compile(rf"{spaced}{plural}(?!\w)", flags).match(text, start)
    return [match.end()] if match else []


def _covers(text: str, hit: Hit, other: str) -> bool:
    return any(
        match.start() <= hit.start and hit.end <= match.end()
        for match in re.finditer(re.escape(other), text, re.IGNORECASE)
    )


def _hint(term: Term, locale: str) -> str:
    target = term.target(locale)
    if not target:
        return f"term: {term.term} has no {locale} form in the glossary yet"
    if term.keep and target.term == term.term:
        return f"term: {term.term} is not translated"
    details = [target.gender, f"plural {target.plural}" if target.plural else "", term.note]
    avoid = f"not {', '.join(target.forbid)}" if target.forbid else ""
    extra = "; ".join(part for part in (*details, avoid) if part)
    return f"term: {term.term} → {target.term}" + (f" ({extra})" if extra else "")


# Reading

_TERM_KEYS = frozenset(
    "id term variants pos note domain keep case unless targets match enforce".split()
)
_TARGET_KEYS = frozenset("term plural singular gender forms forbid".split())


def parse(text: str, path: str = "glossary.yaml") -> Glossary:
    """Return the glossary that *text* is.

    Raises:
        SettingsError: with the line of the mistake.

    """
    try:
        data = yaml.load(text)
    except yaml.YamlProblem as error:
        line = f":{error.line}" if error.line else ""
        raise SettingsError(f"{path}{line}: {error}") from None
    if data is None:
        return Glossary()
    if not isinstance(data, CommentedMap) or not isinstance(data.get("terms"), list):
        raise SettingsError(f"{path}:1: there is no list “terms:”")
    return Glossary(tuple(_term(entry, path) for entry in data["terms"]))


def _fail(path: str, node: object, problem: str) -> SettingsError:
    line = getattr(getattr(node, "lc", None), "line", None)
    return SettingsError(f"{path}{'' if line is None else f':{line + 1}'}: {problem}")


def _term(entry: object, path: str) -> Term:
    if not isinstance(entry, CommentedMap) or not isinstance(entry.get("term"), str):
        raise _fail(path, entry, f"an entry needs “term: ...”, not {str(entry)[:40]!r}")
    if unknown := sorted(set(map(str, entry)) - _TERM_KEYS):
        raise _fail(path, entry, f"“{entry['term']}”: unknown key {unknown[0]!r}")
    targets = entry.get("targets") or {}
    if not isinstance(targets, Mapping):
        raise _fail(path, entry, f"“{entry['term']}”: targets is no mapping of locales")
    return Term(
        term=entry["term"].strip(),
        variants=_strings(entry, "variants", path),
        pos=str(entry.get("pos") or ""),
        note=str(entry.get("note") or ""),
        domain=str(entry.get("domain") or ""),
        keep=entry.get("keep") is True,
        case_sensitive=entry.get("case") == "sensitive",
        unless=_strings(entry, "unless", path),
        targets={str(code): _target(entry, value, path) for code, value in targets.items()},
    )


def _target(entry: CommentedMap, value: object, path: str) -> Target:
    if isinstance(value, str):
        return Target(value.strip())
    if not isinstance(value, CommentedMap) or not isinstance(value.get("term"), str):
        raise _fail(path, entry, f"“{entry['term']}”: a target is a word, or has “term: ...”")
    if unknown := sorted(set(map(str, value)) - _TARGET_KEYS):
        raise _fail(path, value, f"“{entry['term']}”: unknown key {unknown[0]!r} in a target")
    return Target(
        term=value["term"].strip(),
        plural=str(value.get("plural") or ""),
        gender=str(value.get("gender") or ""),
        forms=_strings(value, "forms", path),
        forbid=_strings(value, "forbid", path),
    )


def _strings(node: CommentedMap, key: str, path: str) -> tuple[str, ...]:
    value = node.get(key) or []
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise _fail(path, node, f"{key} is a list of words")
    return tuple(str(item) for item in value)
