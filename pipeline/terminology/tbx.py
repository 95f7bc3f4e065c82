"""TBX: reading both styles, writing the older one (TBX-Basic of 2008) of Weblate and OmegaT.

No maintained library reads and writes it without a whole toolkit, so this does, with the expat of
Python; benchmarks and tests compare it with translate-toolkit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from pipeline.storage import xml
from pipeline.terminology.concepts import Concept, Imported, wording_problem
from pipeline.terminology.glossary import Target, Term
from pipeline.terminology.tables import source_target_pairs
from pipeline.text import locales
from pipeline.text.lemmas import fold

_POS = {"noun": "noun", "name": "properNoun", "adj": "adjective", "verb": "verb", "abbr": "noun"}
_GENDERS = {"m": "masculine", "f": "feminine", "n": "neuter"}
_GOOD, _FINE, _BAD = "preferredTerm-admn-sts", "admittedTerm-admn-sts", "deprecatedTerm-admn-sts"
_KEPT = "Translation needed"
"""Type of the <descrip> by which translate-toolkit and Weblate mark untranslated terms."""


def dump_tbx(language: str, entries: Iterable[str]) -> str:
    code = locales.bcp47(language)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">',
        f'<martif type="TBX-Basic" xml:lang="{escape(code)}">',
        "<martifHeader><fileDesc><sourceDesc><p>statement-pipeline</p></sourceDesc></fileDesc>",
        '<encodingDesc><p type="XCSURI">TBXBasicXCSV02.xcs</p></encodingDesc></martifHeader>',
        "<text><body>",
    )
    return "\n".join((*head, *entries, "</body></text>\n</martif>\n"))


def term_entry(term: Term, language: str, wanted: Sequence[str]) -> str:
    notes = [_tag("termNote", _POS[term.pos], "partOfSpeech")] if term.pos else []
    if term.pos == "abbr":
        notes.append(_tag("termNote", "abbreviation", "termType"))
    sources = [_tig(term.term, *notes), *(_tig(v, *notes) for v in term.variants)]
    sets = [_lang_set(language, sources)]
    for locale in wanted:
        if target := term.target(locale):
            sets.append(_lang_set(locale, _tigs(target, notes)))
    return "\n".join(("<termEntry>", *_about(term, wanted), *sets, "</termEntry>"))


def _about(term: Term, wanted: Sequence[str]) -> Iterator[str]:
    if term.domain:
        yield _tag("descrip", term.domain, "subjectField")
    if all(term.kept(locale) for locale in wanted if term.target(locale)):
        yield _tag("descrip", "No", _KEPT)
    if term.note:
        yield _tag("note", term.note)


def _tigs(target: Target, notes: Sequence[str]) -> Iterator[str]:
    gender = _GENDERS.get(target.gender)
    own = [*notes, *([_tag("termNote", gender, "grammaticalGender")] if gender else [])]
    good = _tag("termNote", _GOOD, "administrativeStatus")
    yield _tig(target.term, *own, good)
    fine = _tag("termNote", _FINE, "administrativeStatus")
    for text, numeral in ((target.plural, "plural"), (target.singular, "singular")):
        if text and text != target.term:
            yield _tig(text, _tag("termNote", numeral, "grammaticalNumber"), fine)
    for text in target.forms:
        yield _tig(text, fine)
    for text in target.forbid:
        yield _tig(text, _tag("termNote", _BAD, "administrativeStatus"))


def bilingual_entries(term: Term, language: str, locale: str) -> Iterator[str]:
    """Return entries of one source and one target each, as Weblate shows them."""
    for source, _, target in source_target_pairs([term], locale):
        for text, bad in ((target.term, False), *((word, True) for word in target.forbid)):
            about = [*_about(term, [locale])] if not bad else []
            note = [_tag("termNote", "forbidden", "administrativeStatus")] if bad else []
            sets = (_lang_set(language, [_tig(source)]), _lang_set(locale, [_tig(text, *note)]))
            yield "\n".join(("<termEntry>", *about, *sets, "</termEntry>"))


def _lang_set(locale: str, tigs: Iterable[str]) -> str:
    code = escape(locales.bcp47(locale))
    return "\n".join((f'<langSet xml:lang="{code}">', *tigs, "</langSet>"))


def _tig(text: str, *notes: str) -> str:
    return f"<tig>{_tag('term', text)}{''.join(notes)}</tig>"


def _tag(name: str, text: str, kind: str = "") -> str:
    clean = escape(xml.NOT_XML.sub(" ", text), quote=False)
    return f'<{name} type="{kind}">{clean}</{name}>' if kind else f"<{name}>{clean}</{name}>"


@dataclass(slots=True)
class _Tig:
    text: str = ""
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Concept:
    line: int
    notes: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    """Plain notes, and definitions."""
    sets: list[tuple[str, list[_Tig]]] = field(default_factory=list)


_NAMES = {"conceptEntry": "termEntry", "langSec": "langSet", "termSec": "tig", "ntig": "tig"}
"""Names of elements in later versions, with the older ones."""
_DATA = frozenset(
    (
        "administrativeStatus",
        "grammaticalGender",
        "grammaticalNumber",
        "partOfSpeech",
        "termType",
        "subjectField",
    )
)
"""Types of notes, which are elements in the newer style (DCT), in their own namespace."""


class _TbxReader(xml.Reader):
    """Collects the concepts of a TBX file of 2008 or 2019."""

    kind = "TBX"
    roots = frozenset(("martif", "tbx"))

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.concepts: list[_Concept] = []
        self.language = ""
        self._kinds: list[tuple[str, str]] = []
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        name = _NAMES.get(name, name)
        kind = attributes.get("type", "")
        if name in _DATA:
            name, kind = "termNote", name
        if name in {"martif", "tbx"}:
            self.language = attributes.get("xml:lang", "")
        elif name == "termEntry":
            self.concepts.append(_Concept(self.line))
        elif name == "langSet" and self.concepts:
            self.concepts[-1].sets.append((attributes.get("xml:lang", ""), []))
        elif name == "tig" and self.concepts and self.concepts[-1].sets:
            self.concepts[-1].sets[-1][1].append(_Tig())
        elif name in {"term", "termNote", "descrip", "note", "admin"}:
            self._text = []
        self._kinds.append((name, kind))

    def characters(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        name, kind = self._kinds.pop()
        if not self.concepts or name not in {"term", "termNote", "descrip", "note"}:
            return
        concept = self.concepts[-1]
        text = " ".join("".join(self._text).split())
        inside = {name for name, _ in self._kinds}
        tigs = concept.sets[-1][1] if concept.sets else []
        if name == "term" and tigs:
            tigs[-1].text = text
        elif name == "termNote" and "tig" in inside and tigs:
            tigs[-1].notes[kind] = text
        elif name == "note" or (name == "descrip" and kind in {"", "definition", "explanation"}):
            concept.texts.append(text)
        else:
            concept.notes[kind] = text
        self._text = []


_FORBIDDEN = re.compile(r"deprecated|superseded|forbidden|obsolete|rejected|prohibited", re.I)


def read_tbx(data: bytes, name: str, language: str, wanted: Collection[str]) -> Imported:
    reader = _TbxReader(name)
    reader.read(data)
    found: list[Concept] = []
    skipped: list[str] = []
    for one in reader.concepts:
        sources = _nearest(one.sets, language)
        wordings = tuple(dict.fromkeys(tig.text for tig in sources if not _is_bad(tig)))
        if problem := next(filter(None, map(wording_problem, wordings)), ""):
            skipped.append(f"line {one.line}: {problem}")
            continue
        if not wordings:
            continue
        targets = {
            locale: target
            for locale in wanted
            if (target := _target(_nearest(one.sets, locale), one.line, skipped))
        }
        note = {k.casefold(): v.casefold() for k, v in one.notes.items()}
        keep = note.get(_KEPT.casefold()) == "no" or any(
            tig.notes.get("translationNote", "").casefold() == "no" for tig in sources
        )
        if targets or keep:
            found.append(
                Concept(
                    wordings,
                    targets,
                    _pos(sources[0].notes),
                    "; ".join(dict.fromkeys(filter(None, one.texts))),
                    one.notes.get("subjectField", ""),
                    keep,
                    one.line,
                )
            )
    codes = {code for one in reader.concepts for code, _ in one.sets}
    return Imported(_one_each(found, language), tuple(sorted(codes)), tuple(skipped))


def _one_each(concepts: Iterable[Concept], language: str) -> tuple[Concept, ...]:
    """Return *concepts*, those with the same term merged: Weblate's have one word each.

    A forbidden word joins the entry with the preferred one; other differences stay apart.
    """
    found: dict[object, Concept] = {}
    for n, one in enumerate(concepts):
        key = fold(one.wordings[0], language)
        known = found.get(key)
        if known is None:
            found[key] = one
            continue
        merged = dict(known.targets)
        if all(
            _only_bad(target) or _only_bad(merged.get(code)) for code, target in one.targets.items()
        ):
            for code, target in one.targets.items():
                its = merged.get(code)
                good, bad = (its, target) if its and its.term else (target, its)
                forbid = (*good.forbid, *(bad.forbid if bad else ()))
                merged[code] = replace(good, forbid=tuple(dict.fromkeys(forbid)))
            found[key] = replace(known, targets=merged)
        else:
            found[n] = one
    return tuple(
        replace(one, targets={code: t for code, t in one.targets.items() if t.term})
        for one in found.values()
        if one.keep or any(target.term for target in one.targets.values())
    )


def _only_bad(target: Target | None) -> bool:
    return target is None or not target.term


def _nearest(sets: Sequence[tuple[str, list[_Tig]]], locale: str) -> list[_Tig]:
    exact = [
        tig for code, tigs in sets if locales.from_bcp47(code) == locale for tig in tigs if tig.text
    ]
    return exact or [
        tig for code, tigs in sets if locales.are_related(code, locale) for tig in tigs if tig.text
    ]


def _is_bad(tig: _Tig) -> bool:
    return bool(_FORBIDDEN.search(tig.notes.get("administrativeStatus", "")))


def _target(tigs: Sequence[_Tig], line: int, skipped: list[str]) -> Target | None:
    """Return the target in the terms of one language; its term is "" if all are forbidden."""
    for tig in tigs:
        if problem := wording_problem(tig.text):
            skipped.append(f"line {line}: {problem}")
    usable = [tig for tig in tigs if not wording_problem(tig.text)]
    good = [tig for tig in usable if not _is_bad(tig)]
    good.sort(key=lambda tig: "preferred" not in tig.notes.get("administrativeStatus", ""))
    forbid = tuple(dict.fromkeys(tig.text for tig in usable if _is_bad(tig)))
    if not good:
        return Target("", forbid=forbid) if forbid else None
    first, *others = good
    plural = next((t.text for t in others if t.notes.get("grammaticalNumber") == "plural"), "")
    single = next((t.text for t in others if t.notes.get("grammaticalNumber") == "singular"), "")
    genders = {said: gender for gender, said in _GENDERS.items()}
    rest = dict.fromkeys(t.text for t in others if t.text not in {plural, single, first.text})
    return Target(
        first.text,
        plural=plural,
        singular=single,
        gender=genders.get(first.notes.get("grammaticalGender", ""), ""),
        forms=tuple(rest),
        forbid=forbid,
    )


def _pos(notes: Mapping[str, str]) -> str:
    if notes.get("termType", "") in {"abbreviation", "acronym", "initialism"}:
        return "abbr"
    its = notes.get("partOfSpeech", "")
    return next((pos for pos, said in _POS.items() if said.casefold() == its.casefold()), "")
