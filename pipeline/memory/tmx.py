"""TMX 1.4, the exchange format of translation memories: writing and reading."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from pipeline.errors import PipelineError, SettingsError
from pipeline.memory.model import Entry
from pipeline.storage import xml
from pipeline.text import locales

_ORIGIN, _BEFORE, _AFTER = "x-origin", "x-context-pre", "x-context-post"
"""Types of ``<prop>``. The last two are those of MateCat and memoQ, for the sentences around."""

# Writing


def dump(entries: Iterable[Entry], date: datetime.datetime | None = None) -> str:
    """Return a TMX file that holds *entries*, in their order; *date* is when it was made.

    Raises:
        PipelineError: a sentence holds a character that XML cannot; the sentence is named.

    """
    found = list(entries)
    languages = {entry.language for entry in found}
    header = {
        "creationtool": "statement-pipeline",
        "creationtoolversion": "1",
        "segtype": "sentence",
        "o-tmf": "PO",
        "adminlang": "en",
        "srclang": locales.bcp47(languages.pop()) if len(languages) == 1 else "*all*",
        "datatype": "plaintext",
    }
    if date:
        header["creationdate"] = date.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in header.items())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<tmx version="1.4">\n<header {attributes}/>\n<body>',
        *(_unit(entry) for entry in found),
        "</body>\n</tmx>\n",
    ]
    return "\n".join(lines)


_OURS = ' creationtool="statement-pipeline" '
_END = "</body>\n</tmx>\n"


def is_export(data: bytes) -> bool:
    """Return whether *data* is a TMX file as `dump` writes it."""
    text = data.decode("utf-8", "replace")
    return _OURS in text[:2000] and text.endswith(_END)


def add(data: bytes, name: str, entries: Iterable[Entry]) -> str:
    """Return the TMX file *data* with those of *entries* that it does not hold.

    Raises:
        PipelineError: another program wrote it, and may have written more than would be kept.

    """
    if not is_export(data):
        raise PipelineError(f"{name} was not written by this program; name another file")
    text = data.decode("utf-8")
    units = (_unit(entry) for entry in dict.fromkeys(entries))
    new = "".join(f"{unit}\n" for unit in units if f"\n{unit}\n" not in text)
    return f"{text.removesuffix(_END)}{new}{_END}"


def _unit(entry: Entry) -> str:
    source = locales.bcp47(entry.language)
    props = ((_ORIGIN, entry.origin), (_BEFORE, entry.before), (_AFTER, entry.after))
    return "\n".join(
        (
            f'<tu srclang="{escape(source)}">',
            *(f'<prop type="{kind}">{_escaped(t, entry)}</prop>' for kind, t in props if t),
            _variant(source, entry.source, entry),
            _variant(locales.bcp47(entry.locale), entry.target, entry),
            "</tu>",
        )
    )


def _variant(code: str, text: str, entry: Entry) -> str:
    return f'<tuv xml:lang="{escape(code)}"><seg>{_escaped(text, entry)}</seg></tuv>'


def _escaped(text: str, entry: Entry) -> str:
    if bad := xml.NOT_XML.search(text):
        where = f"{entry.origin}: " if entry.origin else ""
        raise PipelineError(
            f"{where}“{entry.source[:60]}” ({entry.locale}): a TMX file cannot hold the character"
            f" U+{ord(bad[0]):04X}, which is in it or beside it; remove it there"
        )
    return escape(text, quote=False)


# Reading


@dataclass(frozen=True, slots=True)
class Imported:
    """Contents of a TMX file."""

    entries: tuple[Entry, ...]
    units: int
    """All translation units of the file; those in other languages or without words are no entry."""
    languages: tuple[str, ...]
    """All languages of the file, in its spelling, sorted."""


def parse(data: bytes, name: str, language: str, wanted: Collection[str]) -> Imported:
    """Return the entries from *language* into the locales *wanted* in the TMX file *data*.

    *name* is what errors and origins call it. A unit in ``es-MX`` or ``es-ES`` serves ``es``, and
    one in ``pt`` serves ``pt_BR``, where the unit has nothing nearer. Inline markup is left out,
    except for placeholders; a line break within a sentence is a space.

    Raises:
        PipelineError: the file is not well-formed, not TMX, or declares entities; with the line.

    """
    reader = _Reader(name)
    reader.read(data)
    found = [e for unit in reader.units for e in _entries(unit, name, language, wanted)]
    codes = {code for unit in reader.units for code, _ in unit.variants}
    return Imported(tuple(found), len(reader.units), tuple(sorted(codes)))


@dataclass(slots=True)
class _Unit:
    variants: list[tuple[str, str]] = field(default_factory=list)
    """Each with the code of its language as the file has it."""
    props: dict[str, str] = field(default_factory=dict)


def _entries(unit: _Unit, name: str, language: str, wanted: Collection[str]) -> Iterator[Entry]:
    origin = unit.props.get(_ORIGIN, "")
    for source in _nearest(unit.variants, language):
        for locale in wanted:
            for target in _nearest(unit.variants, locale):
                yield Entry(
                    source,
                    target,
                    language,
                    locale,
                    f"{name}: {origin}" if origin else name,
                    unit.props.get(_BEFORE, ""),
                    unit.props.get(_AFTER, ""),
                )


def _nearest(variants: Sequence[tuple[str, str]], locale: str) -> list[str]:
    """Return the texts in *locale*, or else those in a related one."""
    for fits in (_same, locales.are_related):
        found = dict.fromkeys(text for code, text in variants if text and fits(code, locale))
        if found:
            return list(found)
    return []


@functools.cache
def _same(code: str, locale: str) -> bool:
    try:
        return locales.parse(locales.from_bcp47(code)) == locales.parse(locale)
    except SettingsError:
        return False


_CODES = frozenset(["bpt", "ept", "it", "ph", "ut"])
"""Elements within a sentence that hold codes of the original file."""
_MARKUP = re.compile(r"\s*(?:<|&lt;|\{?\\|\}?\s*$)")
"""Beginning of such a code that is markup (HTML, RTF or empty); others are placeholders."""
_GAP = "\0"
"""Stands for markup that may have kept two words apart. No XML file can hold it."""
_BREAK = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


class _Reader(xml.Reader):
    """Follows the elements of a TMX file, and has its units at the end."""

    kind = "TMX"
    roots = frozenset(["tmx"])

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.units: list[_Unit] = []
        self._open: list[str] = []
        self._unit = _Unit()
        self._language = ""
        self._type = ""
        self._text: list[str] = []
        self._code: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tu":
            self._unit = _Unit()
        elif name == "tuv":
            self._language = attributes.get("xml:lang") or attributes.get("lang") or ""
        elif name in {"seg", "prop"}:
            self._type = attributes.get("type", "")
            self._text = []
        elif name in _CODES and "sub" not in self._open:
            self._code = []
        self._open.append(name)

    def characters(self, data: str) -> None:
        if "sub" not in self._open:  # a text of its own within a code, such as a footnote
            (self._code if self._open[-1] in _CODES else self._text).append(data)

    def end(self, name: str) -> None:
        self._open.pop()
        if name in _CODES and "sub" not in self._open:
            code = "".join(self._code)
            glue = "" if name in {"bpt", "ept"} else _GAP
            self._text.append(glue if _MARKUP.match(code) else code)
        elif name == "prop":
            self._unit.props[self._type] = "".join(self._text)
        elif name == "seg":
            self._unit.variants.append((self._language, _joined("".join(self._text))))
        elif name == "tu":
            self.units.append(self._unit)


def _joined(text: str) -> str:
    """Return *text* on one line, without `_GAP`."""
    text = re.sub(rf"(?<=\w){_GAP}+(?=\w)", " ", text).replace(_GAP, "")
    if not _BREAK.search(text):
        return text
    return _BREAK.sub(" ", text).strip(" ")
