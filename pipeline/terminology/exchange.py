"""Export and import of term bases, by format."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.errors import PipelineError
from pipeline.terminology.concepts import Imported
from pipeline.terminology.glossary import Glossary, Term
from pipeline.terminology.tables import TABLE_WRITERS, concepts_of_rows, decode_table, parse_rows
from pipeline.terminology.tbx import bilingual_entries, dump_tbx, read_tbx, term_entry

FORMATS = ("tbx", "deepl", "weblate", "omegat")
_SUFFIXES = {".tbx": "tbx", ".tsv": "omegat", ".txt": "omegat", ".utf8": "omegat", ".tab": "omegat"}
_TABLES = frozenset(("deepl", "weblate", "omegat"))


def format_of(suffix: str, given: str | None) -> str:
    """Return the format of a file: the *given* one, or else by its *suffix*.

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
    """A line for each kind of data that the format cannot hold."""


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
        text = dump_tbx(
            glossary.language, (term_entry(term, glossary.language, wanted) for term in terms)
        )
    elif form == "weblate" and not table:
        entries = (bilingual_entries(term, glossary.language, wanted[0]) for term in terms)
        text = dump_tbx(glossary.language, itertools.chain.from_iterable(entries))
    else:
        text = TABLE_WRITERS[form](terms, wanted[0])
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


def parse(data: bytes, name: str, form: str, language: str, wanted: Collection[str]) -> Imported:
    """Return the concepts in the file *data* in *language* and the locales *wanted*.

    Errors call it *name*. An entry in ``es-MX`` serves ``es`` if there is no nearer one.

    Raises:
        PipelineError: it is not of the format *form*, or not in UTF-8; with the line.

    """
    if form == "tbx" or data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return read_tbx(data, name, language, wanted)
    if len(wanted) != 1:
        raise PipelineError(f"{name} holds one locale and does not say which; name it: --locale")
    text = decode_table(data, name)
    rows = list(parse_rows(text, name, form))
    return concepts_of_rows(rows, language, next(iter(wanted)))
