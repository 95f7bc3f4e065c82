"""Glossaries of other tools: TBX, CSV (DeepL, Weblate) and OmegaT's tab-separated list.

No kept library reads and writes these without bringing a whole toolkit along, so this does, with
the csv and expat of Python; benchmarks and tests hold it against translate-toolkit.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from pipeline import locales, xmlfile
from pipeline.errors import PipelineError
from pipeline.glossary import Glossary, Target, Term
from pipeline.lemmas import fold
from pipeline.terms import cut

FORMATS = ("tbx", "deepl", "weblate", "omegat")
_SUFFIXES = {".tbx": "tbx", ".tsv": "omegat", ".txt": "omegat", ".utf8": "omegat", ".tab": "omegat"}
_TABLES = frozenset(("deepl", "weblate", "omegat"))


def format_of(suffix: str, given: str | None) -> str:
    """Return the format of a file by what was *given*, or else by its *suffix*.

    Raises:
        PipelineError: it cannot be told.

    """
    if given:
        return given
    found = _SUFFIXES.get(suffix.lower())
    if not found:
        raise PipelineError(
            f"which format is {suffix or 'it'}? say --format {', '.join(FORMATS[:-1])} or omegat"
        )
    return found


# Writing


@dataclass(frozen=True, slots=True)
class Export:
    text: str
    terms: int
    left: tuple[str, ...] = ()
    """A line for each kind of thing that the format cannot hold."""


def dump(glossary: Glossary, wanted: Sequence[str], form: str, *, table: bool = True) -> Export:
    """Return *glossary* in the locales *wanted*, in the format *form*.

    Weblate's is a *table* (CSV), or else TBX in which a forbidden word is an entry of its own, as
    Weblate holds a whole entry for forbidden.

    Raises:
        PipelineError: a table is of one locale, and more or none are wanted.

    """
    if form != "tbx" and len(wanted) != 1:
        raise PipelineError(f"{form} holds one locale a file; name it with --locale")
    terms = [term for term in glossary.terms if any(term.target(code) for code in wanted)]
    left = _left(glossary.terms, len(terms), wanted, form)
    if form == "tbx":
        text = _tbx(glossary.language, (_entry(term, glossary.language, wanted) for term in terms))
    elif form == "weblate" and not table:
        entries = (_simple_entries(term, glossary.language, wanted[0]) for term in terms)
        text = _tbx(glossary.language, itertools.chain.from_iterable(entries))
    else:
        text = _TABLE_WRITERS[form](terms, wanted[0])
    return Export(text, len(terms), left)


def _left(terms: Sequence[Term], taken: int, wanted: Sequence[str], form: str) -> tuple[str, ...]:
    found = []
    if missing := len(terms) - taken:
        found.append(f"{missing} without a target in {', '.join(wanted)}")
    counts = {
        "unless": sum(bool(t.unless) for t in terms),
        "case": sum(bool(t.case) for t in terms),
    }
    if form in _TABLES:
        its = [t.target(wanted[0]) for t in terms]
        counts["forbid"] = sum(bool(t and t.forbid) for t in its) * (form == "deepl")
        counts["plural and forms"] = sum(bool(t and (t.plural or t.forms)) for t in its)
        counts["note"] = sum(bool(t.note) for t in terms) * (form == "deepl")
    found += [f"{key} of {count}" for key, count in counts.items() if count]
    return tuple(found)


def _pairs(terms: Iterable[Term], locale: str) -> Iterator[tuple[str, Term, Target]]:
    """Return each wording of the source once, with what it is called."""
    seen: set[str] = set()
    for term in terms:
        target = term.target(locale)
        for wording in term.wordings if target else ():
            if target and wording not in seen:
                seen.add(wording)
                yield wording, term, Target(wording) if term.kept(locale) else target


def _deepl(terms: Sequence[Term], locale: str) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerows((source, target.term) for source, _, target in _pairs(terms, locale))
    return out.getvalue()


def _weblate(terms: Sequence[Term], locale: str) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerow(("source", "target", "developer_comments"))
    for source, term, target in _pairs(terms, locale):
        rows.writerow((source, target.term, _comment(term, target, locale)))
    return out.getvalue()


def _omegat(terms: Sequence[Term], locale: str) -> str:
    lines = []
    for source, term, target in _pairs(terms, locale):
        if source.startswith("#"):  # which is a comment there
            continue
        lines.append("\t".join((source, target.term, _comment(term, target, locale))).rstrip("\t"))
    return "".join(f"{line}\n" for line in lines)


_TABLE_WRITERS = {"deepl": _deepl, "weblate": _weblate, "omegat": _omegat}


def _comment(term: Term, target: Target, locale: str) -> str:
    """Return on one line what a translator should know beside the two words."""
    parts = (
        term.pos,
        target.gender,
        f"plural {target.plural}" if target.plural else "",
        "not translated" if term.kept(locale) else "",
        f"not {', '.join(target.forbid)}" if target.forbid else "",
        term.note,
    )
    return re.sub(r"\s+", " ", "; ".join(filter(None, parts)))


# TBX: the older form (TBX-Basic of 2008), which is what Weblate and OmegaT read

_POS = {"noun": "noun", "name": "properNoun", "adj": "adjective", "verb": "verb", "abbr": "noun"}
_GENDERS = {"m": "masculine", "f": "feminine", "n": "neuter"}
_GOOD, _FINE, _BAD = "preferredTerm-admn-sts", "admittedTerm-admn-sts", "deprecatedTerm-admn-sts"
_KEPT = "Translation needed"
"""Type of the <descrip> with which translate-toolkit and Weblate mark what is not translated."""


def _tbx(language: str, entries: Iterable[str]) -> str:
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


def _entry(term: Term, language: str, wanted: Sequence[str]) -> str:
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


def _simple_entries(term: Term, language: str, locale: str) -> Iterator[str]:
    """Return entries of one source and one target each, as Weblate shows them."""
    for source, _, target in _pairs([term], locale):
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
    clean = escape(xmlfile.NOT_XML.sub(" ", text), quote=False)
    return f'<{name} type="{kind}">{clean}</{name}>' if kind else f"<{name}>{clean}</{name}>"


# Reading


@dataclass(frozen=True, slots=True)
class Concept:
    """What a file of another tool says of one thing."""

    wordings: tuple[str, ...]
    """In the source language; the first is the term."""
    targets: Mapping[str, Target]
    pos: str = ""
    note: str = ""
    domain: str = ""
    keep: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    concepts: tuple[Concept, ...]
    languages: tuple[str, ...] = ()
    """Of the file, as it writes them; () where it does not say."""
    skipped: tuple[str, ...] = ()
    """A line for each entry that cannot be one of the glossary."""


def parse(data: bytes, name: str, form: str, language: str, wanted: Collection[str]) -> Imported:
    """Return what the file *data* says in *language* and the locales *wanted*.

    *name* is what errors call it. An entry in ``es-MX`` serves ``es`` where nothing is nearer.

    Raises:
        PipelineError: it is not of the format *form*, or not in UTF-8; with the line.

    """
    if form == "tbx" or data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _read_tbx(data, name, language, wanted)
    if len(wanted) != 1:
        raise PipelineError(f"{name} holds one locale and does not say which; name it: --locale")
    text = _decoded(data, name)
    rows = list(_rows(text, name, form))
    return _paired(rows, language, next(iter(wanted)))


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PipelineError(f"{name}:{line}: not UTF-8; nothing was imported from it") from None
    if "\0" in text:
        raise PipelineError(f"{name}: not a text file (it holds NUL characters)")
    return text


Row = tuple[int, str, str, str]
"""Line, source, target, comment."""
_HEADINGS = {
    "source": ("source", "original", "untranslated"),
    "target": ("target", "translation", "translated"),
    "note": ("developer_comments", "translator_comments", "comment", "note", "notes"),
}


def _rows(text: str, name: str, form: str) -> Iterator[Row | tuple[int, str, str, str, str, str]]:
    if form == "omegat":
        for n, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                cells = [cell.strip() for cell in line.split("\t")]
                if len(cells) < 2:
                    raise _no_row(name, n, "a tab between the source and the target")
                yield n, cells[0], cells[1], " ".join(cells[2:])
        return
    separator = next((one for one in ",;\t" if _even(text, one)), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: dict[str, int] = {"source": 0, "target": 1}
    pairs = ("source_lang", "target_lang")
    try:
        for cells in reader:
            n = reader.line_num
            names = [cell.strip().casefold() for cell in cells]
            if n == 1 and (found := _columns(names)):
                columns = found
                continue
            if not any(names):
                continue
            if len(cells) <= max(columns["source"], columns["target"]):
                raise _no_row(name, n, "two columns at least, source and target")
            source, target = (cells[columns[key]].strip() for key in ("source", "target"))
            note = cells[columns["note"]].strip() if columns.get("note", 99) < len(cells) else ""
            if form == "deepl" and "note" not in columns and len(cells) == 2 + len(pairs):
                yield n, source, target, note, cells[2].strip(), cells[3].strip()
            else:
                yield n, source, target, note
    except csv.Error as error:
        raise PipelineError(
            f"{name}:{reader.line_num}: {error}; nothing was imported from it"
        ) from None


def _even(text: str, separator: str) -> bool:
    """Return whether all rows have more than one column."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return {min(len(row), 2) for row in rows if any(row)} == {2}
    except csv.Error:
        return False


def _columns(names: Sequence[str]) -> dict[str, int] | None:
    found = {
        key: next(names.index(one) for one in known if one in names)
        for key, known in _HEADINGS.items()
        if any(one in names for one in known)
    }
    return found if {"source", "target"} <= set(found) else None


def _no_row(name: str, line: int, need: str) -> PipelineError:
    return PipelineError(f"{name}:{line}: a row needs {need}; nothing was imported from it")


def _paired(
    rows: Iterable[Row | tuple[int, str, str, str, str, str]], language: str, locale: str
) -> Imported:
    """Return rows as concepts: more targets of one source are forms of the first."""
    found: dict[str, Concept] = {}
    skipped: list[str] = []
    languages: dict[str, None] = {}
    for line, source, target, note, *codes in rows:
        if codes:
            languages |= dict.fromkeys(codes)
            if not (_fits(codes[0], language) and _fits(codes[1], locale)):
                continue
        source, target = " ".join(source.split()), " ".join(target.split())
        if problem := _unusable(source) or _unusable(target):
            skipped.append(f"line {line}: {problem}")
            continue
        folded = fold(source, language)
        known = found.get(folded)
        if known is None:
            found[folded] = Concept(
                (source,), {locale: Target(target)}, note=" ".join(note.split()), line=line
            )
        elif target not in known.targets[locale].wordings:
            its = known.targets[locale]
            changed = replace(its, forms=(*its.forms, target))
            found[folded] = replace(known, targets={locale: changed})
    return Imported(tuple(found.values()), tuple(languages), tuple(skipped))


def _unusable(text: str) -> str:
    if not cut(text):
        return f"“{text}” holds no word"
    return "" if text.isprintable() else f"{text!r} holds a character that cannot be printed"


def _gettext(code: str) -> str:
    first, *others = re.split("[-_]", code)
    cased = (part.title() if len(part) == 4 else part.upper() for part in others)
    return "_".join((first.lower(), *cased))


def _fits(code: str, locale: str) -> bool:
    known = _gettext(code)
    return known in locales.fallbacks(locale) or locale in locales.fallbacks(known)


@dataclass(slots=True)
class _Tig:
    text: str = ""
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Concept:
    line: int
    notes: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    """The notes that are just that, and definitions."""
    sets: list[tuple[str, list[_Tig]]] = field(default_factory=list)


_NAMES = {"conceptEntry": "termEntry", "langSec": "langSet", "termSec": "tig", "ntig": "tig"}
"""What later versions call the elements, and what they were."""
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
"""Types of notes. In the newer style (DCT) they are elements, in a namespace of their own."""


class _TbxReader(xmlfile.Reader):
    """Follows the elements of a TBX file, of 2008 or 2019, and has its concepts at the end."""

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


def _read_tbx(data: bytes, name: str, language: str, wanted: Collection[str]) -> Imported:
    reader = _TbxReader(name)
    reader.read(data)
    found: list[Concept] = []
    skipped: list[str] = []
    for one in reader.concepts:
        sources = _nearest(one.sets, language)
        wordings = tuple(dict.fromkeys(tig.text for tig in sources if not _is_bad(tig)))
        if problem := next(filter(None, map(_unusable, wordings)), ""):
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
    """Return *concepts*, those with the same term put together: Weblate's have one word each.

    A forbidden word joins the entry that says what to say instead; other differences stay apart.
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
    exact = [tig for code, tigs in sets if _gettext(code) == locale for tig in tigs if tig.text]
    return exact or [tig for code, tigs in sets if _fits(code, locale) for tig in tigs if tig.text]


def _is_bad(tig: _Tig) -> bool:
    return bool(_FORBIDDEN.search(tig.notes.get("administrativeStatus", "")))


def _target(tigs: Sequence[_Tig], line: int, skipped: list[str]) -> Target | None:
    """Return what the terms of one language say; its term is "" where all are forbidden."""
    for tig in tigs:
        if problem := _unusable(tig.text):
            skipped.append(f"line {line}: {problem}")
    usable = [tig for tig in tigs if not _unusable(tig.text)]
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
