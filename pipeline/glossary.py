"""The glossary: what an organisation calls things, in each language.

Reads `glossary.yaml`, and says which of its terms stand in a text, what they are to become, and
where a translation has them. How words are compared is in `terms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline import locales, yaml
from pipeline.errors import SettingsError, meant
from pipeline.locales import fallbacks
from pipeline.model import Constraint
from pipeline.terms import Found, Matcher, Rule, Span, Wording, cut, number, occurrences, rule_of
from pipeline.yaml import CommentedMap


@dataclass(frozen=True, slots=True)
class Target:
    """What a term is called in one locale."""

    term: str
    plural: str = ""
    singular: str = ""
    """Where `term` is the plural that is always used."""
    gender: str = ""
    """m, f or n."""
    forms: tuple[str, ...] = ()
    """Other forms that are accepted."""
    forbid: tuple[str, ...] = ()
    """What must not be said instead."""
    line: int = field(default=0, compare=False)

    @property
    def wordings(self) -> tuple[str, ...]:
        """All that is accepted, each once."""
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
        """Whether capitals count: unless said otherwise, in names and abbreviations."""
        if self.case:
            return self.case == "sensitive"
        return self.pos in {"name", "abbr"} or (self.keep and self.term != self.term.lower())

    @property
    def wordings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.term, *self.variants)))

    def target(self, locale: str) -> Target | None:
        """Return what the term is called in *locale*: pt serves pt_BR where that is missing."""
        found = next((self.targets[c] for c in fallbacks(locale) if c in self.targets), None)
        return found or (Target(self.term) if self.keep else None)

    def kept(self, locale: str) -> bool:
        """Return whether it is in *locale* what it is in the source."""
        target = self.target(locale)
        return self.keep and target is not None and target.term == self.term

    @property
    def source_rule(self) -> Rule:
        if self.keep or self.pos in {"name", "abbr"}:
            return Rule.EXACT if self.sensitive else Rule.FOLDED
        return Rule.CASED if self.sensitive else Rule.LEMMA

    def target_rule(self, locale: str) -> Rule:
        """Return how its target is found: a translated name is inflected in many languages."""
        if self.kept(locale) or self.pos == "abbr":
            return Rule.EXACT if self.sensitive else Rule.FOLDED
        return Rule.CASED if self.sensitive else Rule.LEMMA


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text where a term stands."""

    start: int
    end: int
    term: Term
    number: str = ""
    """``singular`` or ``plural``, as it stands there; "" where that is not known."""


_REMEMBERED = 50_000
"""Sentences of which the hits are remembered: each locale asks for them again."""


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

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return where terms stand in plain *text*: whole words, the longest first, no overlap.

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
        """Return a line for each term in *text*: what it is called in *locale*."""
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


def said(text: str, term: Term, locale: str) -> tuple[Span, ...]:
    """Return where *text*, in *locale*, says *term* as the glossary wants it; () without a target.

    By lemma, or letter for letter in names that stay and in abbreviations. A form that is
    forbidden, letter for letter, does not count.
    """
    target = term.target(locale)
    if target is None:
        return ()
    its = term.wordings if term.kept(locale) else target.wordings
    code = locales.language(locale)
    found = occurrences(text, its, code, term.target_rule(locale), term.pos)
    bad = occurrences(text, target.forbid, code, Rule.FOLDED) if target.forbid else ()
    return tuple(span for span in found if span not in bad)


def forbidden(text: str, term: Term, locale: str, beside: Iterable[Term] = ()) -> tuple[Span, ...]:
    """Return where *text*, in *locale*, says *term* as the glossary forbids it, by lemma.

    What is within an accepted wording is not meant, be it of *term* or of one of *beside*: the
    other terms that stand in the sentence of which *text* is the translation.
    """
    target = term.target(locale)
    if target is None or not target.forbid:
        return ()
    # An abbreviation's plural may be what is forbidden, so it is not found by its singular.
    rule = Rule.FOLDED if term.pos == "abbr" else Rule.LEMMA
    found = occurrences(text, target.forbid, locales.language(locale), rule)
    if not found:
        return ()
    good = [span for one in (term, *beside) for span in said(text, one, locale)]
    return tuple(
        (start, end) for start, end in found if not any(a <= start and end <= b for a, b in good)
    )


def _source_wordings(terms: Sequence[Term]) -> Iterable[Wording[tuple[int, bool]]]:
    """Return what is looked for, each with the place of its term, and whether it is meant."""
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


# Reading

VERSION = 1
POS = ("noun", "name", "adj", "verb", "abbr")
GENDERS = ("m", "f", "n")
_TOP_KEYS = ("version", "source", "terms")
_TERM_KEYS = tuple("term variants pos note domain keep case unless targets".split())
_TARGET_KEYS = tuple("term plural singular gender forms forbid".split())


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that a person should put right in the glossary."""

    line: int
    """Counted from 1; 0 where there is none to point to."""
    message: str
    error: bool = True
    """Whether the glossary cannot be used, or not as it is meant; otherwise it is a warning."""


def parse(text: str, path: str = "glossary.yaml", language: str = "en") -> Glossary:
    """Return the glossary that *text* is; *language* is its source language where it says none.

    Raises:
        SettingsError: with the line of the first mistake, and how many there are.

    """
    glossary, problems = read(text, language)
    if problems:
        first, more = problems[0], len(problems) - 1
        where = f"{path}:{first.line}" if first.line else path
        rest = f" (and {more} more; see `pipeline glossary check`)" if more else ""
        raise SettingsError(f"{where}: {first.message}{rest}")
    return glossary


def read(text: str, language: str = "en") -> tuple[Glossary, tuple[Problem, ...]]:
    """Return the glossary as far as *text* can be read, and every mistake, by its line."""
    try:
        data = yaml.load(text)
    except yaml.YamlProblem as error:
        return Glossary(language=language), (Problem(error.line or 0, str(error)),)
    if data is None:
        return Glossary(language=language), ()
    reader = _Reader(language)
    glossary = reader.glossary(data)
    return glossary, tuple(sorted(reader.problems))


class _Reader:
    """Makes a glossary of what a YAML file says, and notes each mistake."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.problems: list[Problem] = []

    def note(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))

    def glossary(self, data: object) -> Glossary:
        if not isinstance(data, CommentedMap) or "terms" not in data:
            self.note(1, "there is no list “terms:”")
            return Glossary(language=self.language)
        self._known(data, _TOP_KEYS, "")
        if data.get("version", VERSION) != VERSION:
            self.note(_line(data, "version"), f"this program reads version: {VERSION}")
        if "source" in data and self._locale(data, "source", data["source"]):
            self.language = str(data["source"])
        entries = data["terms"] if data["terms"] is not None else []
        if not isinstance(entries, list):
            self.note(_line(data, "terms"), "there is no list “terms:”; begin each entry with “- ”")
            return Glossary(language=self.language)
        terms = (self._term(entry, _line(entries, n)) for n, entry in enumerate(entries))
        return Glossary(tuple(term for term in terms if term), self.language)

    def _term(self, entry: object, line: int) -> Term | None:
        entry, targets = _spelt_out(entry)
        if not isinstance(entry, CommentedMap) or "term" not in entry:
            shown = str(dict(entry) if isinstance(entry, CommentedMap) else entry)
            self.note(line, f"an entry needs “term: ...”, not {shown[:40]!r}")
            return None
        name = self._word(entry, "term", "an entry")
        if not name:
            return None
        self._known(entry, _TERM_KEYS, name)
        if targets is None:
            targets = entry.get("targets")
        found: dict[str, Target] = {}
        if targets is not None and not isinstance(targets, CommentedMap):
            self.note(_line(entry, "targets"), f"“{name}”: targets is no mapping of locales")
        elif targets:
            for code, value in targets.items():
                if self._locale(targets, code, code, name):
                    target = self._target(name, targets, code, value)
                    if target:
                        found[str(code)] = target
        keep = entry.get("keep", False)
        if not isinstance(keep, bool):
            self.note(_line(entry, "keep"), f"“{name}”: keep is true or false, not {keep!r}")
        return Term(
            term=name,
            variants=self._words(entry, "variants", name),
            pos=self._one_of(entry, "pos", POS, name),
            note=self._text(entry, "note", name),
            domain=self._text(entry, "domain", name),
            keep=keep is True,
            case=self._one_of(entry, "case", ("sensitive", "insensitive"), name),
            unless=self._words(entry, "unless", name),
            targets=found,
            line=line,
        )

    def _target(self, name: str, targets: CommentedMap, code: str, value: object) -> Target | None:
        line = _line(targets, code)
        if isinstance(value, CommentedMap):
            where = f"“{name}”, {code}"
            self._known(value, _TARGET_KEYS, where, " in a target")
            if "term" not in value:
                self.note(line, f"{where}: a target is a word, or has “term: ...”")
                return None
            term = self._word(value, "term", where)
            target = Target(
                term=term,
                plural=self._word(value, "plural", where),
                singular=self._word(value, "singular", where),
                gender=self._one_of(value, "gender", GENDERS, where),
                forms=self._words(value, "forms", where),
                forbid=self._words(value, "forbid", where),
                line=line,
            )
            return target if term else None
        if not isinstance(value, str):
            self.note(
                line,
                f"“{name}”: a target is a word, or has “term: ...”, not {_shown(value)}",
            )
            return None
        return Target(term, line=line) if (term := self._checked(value, line, name)) else None

    # One value

    def _known(self, node: CommentedMap, keys: Sequence[str], name: str, where: str = "") -> None:
        for key in node:
            if key not in keys:
                hint = meant(str(key), keys)
                about = f"“{name}”: " if name and "“" not in name else f"{name}: " if name else ""
                self.note(_line(node, key), f"{about}unknown key {str(key)!r}{where}; {hint}")

    def _locale(self, node: CommentedMap, key: object, code: object, name: str = "") -> bool:
        about = f"“{name}”: " if name else ""
        try:
            if not isinstance(code, str):
                raise SettingsError(f"a locale is a word such as es or pt_BR, not {_shown(code)}")
            locales.parse(code)
            if "-" in code:
                raise SettingsError(f"write the locale as gettext does: {code.replace('-', '_')}")
        except SettingsError as error:
            self.note(_line(node, key), f"{about}{error}")
            return False
        return True

    def _word(self, node: CommentedMap, key: str, name: str) -> str:
        """Return the wording at *key*; "" where there is none, or it cannot be one."""
        if key not in node:
            return ""
        return self._checked(node[key], _line(node, key), name)

    def _checked(self, value: object, line: int, name: str) -> str:
        about = name if "“" in name or name == "an entry" else f"“{name}”"
        if not isinstance(value, str):
            self.note(line, f"{about}: {_shown(value)} is not read as a word; put quotes around it")
            return ""
        if not cut(value):
            self.note(line, f"{about}: “{value}” holds no word")
            return ""
        text = " ".join(value.split())
        if not text.isprintable():
            self.note(line, f"{about}: {value!r} holds a character that cannot be printed")
            return ""
        return text

    def _words(self, node: CommentedMap, key: str, name: str) -> tuple[str, ...]:
        values = node.get(key)
        if values is None:
            return ()
        if not isinstance(values, list):
            about = name if "“" in name else f"“{name}”"
            self.note(_line(node, key), f"{about}: {key} is a list of words: [{_bare(values)}]")
            return ()
        found = (self._checked(v, _line(values, n), name) for n, v in enumerate(values))
        return tuple(filter(None, found))

    def _text(self, node: CommentedMap, key: str, name: str) -> str:
        value = node.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.note(
                _line(node, key),
                f"“{name}”: {key}: {_shown(value)} is no text; put quotes around it",
            )
            return ""
        return " ".join(value.split())

    def _one_of(self, node: CommentedMap, key: str, known: Sequence[str], name: str) -> str:
        value = node.get(key)
        if value is None:
            return ""
        if value not in known:
            about = name if "“" in name else f"“{name}”"
            self.note(
                _line(node, key),
                f"{about}: {key} is one of {', '.join(known)}, not {_shown(value)}",
            )
            return ""
        return str(value)


def _spelt_out(entry: object) -> tuple[object, object]:
    """Return an entry, and its targets where it is of the short kind: ``tariff: {es: tarifa}``."""
    if isinstance(entry, CommentedMap) and len(entry) == 1:
        ((key, value),) = entry.items()
        if key not in _TERM_KEYS and isinstance(value, CommentedMap):
            whole = CommentedMap({"term": key})
            whole.lc.line, whole.lc.col = entry.lc.line, entry.lc.col
            return whole, value
    return entry, None


def _line(node: object, key: object) -> int:
    """Return the line, from 1, of an item of a list or of a key of a mapping."""
    at = getattr(node, "lc", None)
    places = getattr(at, "data", None) or {}
    if key in places:
        return int(places[key][0]) + 1
    line = getattr(at, "line", None)
    return 0 if line is None else int(line) + 1


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    return "nothing" if value is None else str(value)[:40]


def _bare(value: object) -> str:
    return str(value)[:40] if isinstance(value, str) else "..."
