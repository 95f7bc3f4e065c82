"""Tables of terms: CSV for DeepL and Weblate, tab-separated for OmegaT."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.errors import PipelineError
from pipeline.terminology.concepts import Concept, Imported, wording_problem
from pipeline.terminology.glossary import Target, Term
from pipeline.text.lemmas import fold
from pipeline.text.locales import are_related


def source_target_pairs(terms: Iterable[Term], locale: str) -> Iterator[tuple[str, Term, Target]]:
    """Give each wording of the source once, with its target."""
    seen: set[str] = set()
    for term in terms:
        target = term.target(locale)
        for wording in term.wordings if target else ():
            if target and wording not in seen:
                seen.add(wording)
                yield wording, term, Target(wording) if term.kept(locale) else target


_FORMULA = re.compile(r"'*[=+@\t\r＝＋－＠-]")
"""Beginning of a cell that a spreadsheet runs, or of one that would be taken for its stand-in."""
_QUOTED = re.compile(r"'+(?=[=+@\t\r＝＋－＠-])")


def _inert(*cells: str) -> tuple[str, ...]:
    """Return *cells* with an apostrophe before what spreadsheets run; `_as_meant` takes it off."""
    return tuple(f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells)


def _as_meant(cell: str) -> str:
    return cell[1:] if _QUOTED.match(cell) else cell


def _deepl(terms: Sequence[Term], locale: str) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerows(
        _inert(source, target.term) for source, _, target in source_target_pairs(terms, locale)
    )
    return out.getvalue()


def _weblate(terms: Sequence[Term], locale: str) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerow(("source", "target", "developer_comments"))
    for source, term, target in source_target_pairs(terms, locale):
        rows.writerow(_inert(source, target.term, _comment(term, target, locale)))
    return out.getvalue()


def _omegat(terms: Sequence[Term], locale: str) -> str:
    lines = []
    for source, term, target in source_target_pairs(terms, locale):
        if source.startswith("#"):  # which is a comment there
            continue
        lines.append("\t".join((source, target.term, _comment(term, target, locale))).rstrip("\t"))
    return "".join(f"{line}\n" for line in lines)


TABLE_WRITERS = {"deepl": _deepl, "weblate": _weblate, "omegat": _omegat}


def _comment(term: Term, target: Target, locale: str) -> str:
    """Return the translator's notes on a term in one line."""
    parts = (
        term.pos,
        target.gender,
        f"plural {target.plural}" if target.plural else "",
        "not translated" if term.kept(locale) else "",
        f"not {', '.join(target.forbid)}" if target.forbid else "",
        term.note,
    )
    return re.sub(r"\s+", " ", "; ".join(filter(None, parts)))


def decode_table(data: bytes, name: str) -> str:
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


def parse_rows(
    text: str, name: str, form: str
) -> Iterator[Row | tuple[int, str, str, str, str, str]]:
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
            cells = [_as_meant(cell.strip()) for cell in cells]
            source, target = (cells[columns[key]] for key in ("source", "target"))
            note = cells[columns["note"]] if columns.get("note", 99) < len(cells) else ""
            if form == "deepl" and "note" not in columns and len(cells) == 2 + len(pairs):
                yield n, source, target, note, cells[2], cells[3]
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


def concepts_of_rows(
    rows: Iterable[Row | tuple[int, str, str, str, str, str]], language: str, locale: str
) -> Imported:
    """Return rows as concepts: more targets of one source are forms of the first."""
    found: dict[str, Concept] = {}
    skipped: list[str] = []
    languages: dict[str, None] = {}
    for line, source, target, note, *codes in rows:
        if codes:
            languages |= dict.fromkeys(codes)
            if not (are_related(codes[0], language) and are_related(codes[1], locale)):
                continue
        source, target = " ".join(source.split()), " ".join(target.split())
        if problem := wording_problem(source) or wording_problem(target):
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
