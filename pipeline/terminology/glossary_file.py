"""Reader of ``glossary.yaml``: its terms, and the line of each mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import SettingsError, meant
from pipeline.storage import yaml
from pipeline.storage.yaml import CommentedMap
from pipeline.terminology.glossary import Glossary, Target, Term
from pipeline.terminology.matching import word_spans
from pipeline.text import locales

VERSION = 1
POS = ("noun", "name", "adj", "verb", "abbr")
GENDERS = ("m", "f", "n")
_TOP_KEYS = ("version", "source", "terms")
_TERM_KEYS = tuple("term variants pos note domain keep case unless targets".split())
_TARGET_KEYS = tuple("term plural singular gender forms forbid".split())


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in the glossary for a person to correct."""

    line: int
    """Counted from 1; 0 for none."""
    message: str
    error: bool = True
    """Whether the glossary cannot be used as meant; otherwise it is a warning."""


def parse(text: str, path: str = "glossary.yaml", language: str = "en") -> Glossary:
    """Return the glossary in *text*; *language* is its source language if it names none.

    Raises:
        SettingsError: with the line of the first mistake, and the number of others.

    """
    glossary, problems = read(text, language)
    if problems:
        first, more = problems[0], len(problems) - 1
        where = f"{path}:{first.line}" if first.line else path
        rest = f" (and {more} more; see `pipeline glossary check`)" if more else ""
        raise SettingsError(f"{where}: {first.message}{rest}")
    return glossary


def read(text: str, language: str = "en") -> tuple[Glossary, tuple[Problem, ...]]:
    """Return the glossary as far as *text* can be read, and all mistakes by line."""
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
    """Builds a glossary from the values of a YAML file, and notes each mistake."""

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
        """Return the wording at *key*; "" if there is none, or it is not valid."""
        if key not in node:
            return ""
        return self._checked(node[key], _line(node, key), name)

    def _checked(self, value: object, line: int, name: str) -> str:
        about = name if "“" in name or name == "an entry" else f"“{name}”"
        if not isinstance(value, str):
            self.note(line, f"{about}: {_shown(value)} is not read as a word; put quotes around it")
            return ""
        if not word_spans(value):
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
    """Return an entry, and its targets if it is of the short kind: ``tariff: {es: tarifa}``."""
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
