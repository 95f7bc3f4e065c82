"""PO files. The only module that knows polib.

polib accepts about a third of the files that msgfmt rejects, and loses something each time; it
alters some that both accept (docs/design.md). So a file is first checked against the grammar, line
by line, then spelt in the one way that polib reads without loss, and read by polib.
`test_po.py` compares all of it with msgfmt and msgcat. A file in the spelling of `dump`, and
a message without oddities, take a faster way to the same result; `test_po_quick.py` compares
the two.
"""

from __future__ import annotations

import datetime
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polib

from pipeline.catalog import provenance
from pipeline.catalog.gc_pause import uncollected
from pipeline.catalog.po_fast import all_differ, isolated, quick, usual_text
from pipeline.catalog.po_grammar import (
    ESCAPES,
    FLAG,
    UTF_8,
    Entry,
    charset_of,
    comment_lines,
    decode,
    parse_entries,
    references,
)
from pipeline.errors import CatalogError, SettingsError
from pipeline.model import Article, Catalog, Message
from pipeline.text import locales


class _Text(str):
    """A text whose lines end at line feeds only. polib would also end them at U+2028 and others."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        lines = [line + "\n" for line in self.split("\n")]
        lines[-1] = lines[-1][:-1]
        found = lines if lines[-1] else lines[:-1]
        return found if keepends else [line.removesuffix("\n") for line in found]


# Reading


def read(path: Path) -> Catalog:
    """Return the catalog in the file at *path*. See `parse`."""
    try:
        return parse(path.read_bytes(), path)
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror}") from None


@uncollected()
def parse(data: bytes, path: Path) -> Catalog:
    """Return the catalog in *data*, the contents of the file at *path*.

    Text in another encoding than UTF-8 is read as the header declares it. The header of the
    catalog says UTF-8, and a comment in it names the former encoding.

    Raises:
        CatalogError: the file is no PO to msgfmt, or something in it would be lost.

    """
    end, found = quick(data) or (len(data), None)
    text, codec = decode(data[:end], path)
    header, *others = parse_entries(text, path, codec)
    spelt = "\n".join(line for entry in (header, *others) for line in _spell(entry))
    file = polib.pofile(_Text(spelt), encoding="utf-8", klass=_WithHeader)
    first, *entries = file
    fields, comments = first.msgstr, (*comment_lines(header, "#"), *comment_lines(header, "#."))
    declared = charset_of(fields)
    if declared.upper() != "UTF-8":
        fields = fields.replace(f"charset={declared}", "charset=UTF-8", 1)
    if codec != UTF_8:
        comments = (*comments, f"converted from {declared} to UTF-8")
    return Catalog(
        locale=path.parent.parent.name,
        messages=tuple(map(_message, entries, others) if found is None else found),
        headers=tuple(map(_header, _Text(fields).splitlines())),
        header_comments=comments,
        header_fuzzy="fuzzy" in first.flags,
    )


class _WithHeader(polib.POFile):
    """Leaves the header an entry like the others; polib would lose lines of it."""

    def find(self, *_: object, **__: object) -> None:
        return None


def _message(entry: polib.POEntry, read: Entry) -> Message:
    notes, change, draft = provenance.from_lines(comment_lines(read, "#."))
    return Message(
        source=entry.msgid,
        target=entry.msgstr,
        context=entry.msgctxt or "",
        fuzzy="fuzzy" in entry.flags,
        obsolete=bool(entry.obsolete),
        previous=entry.previous_msgid or "",
        # Without a source it is of no use, and could not be written.
        previous_context=(entry.previous_msgid and entry.previous_msgctxt) or "",
        references=references(comment_lines(read, "#:")),
        notes=notes,
        change=change,
        draft=draft,
        comments=comment_lines(read, "#"),
        flags=tuple(flag for flag in entry.flags if flag != "fuzzy"),
    )


_HEADER = re.compile(r"([A-Za-z][\w-]*):(?!//) ?(.*)", re.ASCII | re.DOTALL)


def _header(line: str) -> tuple[str, str]:
    """Return the name and the value in a line of the header; the name is "" where it has none."""
    match = _HEADER.fullmatch(line)
    return (match[1], match[2]) if match else ("", line)


# Writing


@uncollected()
def dump(catalog: Catalog, like: bytes | None = None, path: Path | str = "") -> bytes:
    """Return *catalog* as a PO file: the bytes of ``msgcat --no-wrap``.

    Lines end as in *like*, the present contents of the file; LF where it has none.
    Errors name the file as *path*, which is not looked at, or else the locale.

    Raises:
        CatalogError: it holds something that no PO file can, such as a control character, or a line
            end in a header field, a flag, or a reference, where it would begin another line.

    """
    name = f"{path}: the new catalog" if path else f"the new {catalog.locale} catalog"
    lines = [f"{name}: {value}" if name else value for name, value in catalog.headers]
    header = Message(
        source="",
        target="".join(line + "\n" for line in lines),
        fuzzy=catalog.header_fuzzy,
        comments=catalog.header_comments,
    )
    messages = [header, *sorted(catalog.messages, key=lambda message: message.obsolete)]
    for key, value in catalog.headers:
        _require(_NAME, (key,), "header field", name)
        _require(_ONE_LINE if key else _NO_FIELD, (value,), "value in the header", name)
    data, unusual = _texts(messages, name)
    try:
        parse_entries(unusual if all_differ(messages) else data.decode(), name)
    except CatalogError:
        parse_entries(data.decode(), name)  # which says the line of the whole
        raise
    return data.replace(b"\n", b"\r\n") if like and _CRLF.match(like) else data


def _texts(messages: Sequence[Message], name: str) -> tuple[bytes, str]:
    """Return all *messages* as written, and the text of those that the grammar has to check.

    They are written in portions, see `po_fast._portions`.
    """
    portions: list[bytes] = []
    unusual: list[str] = []
    for start in range(0, len(messages), _TOGETHER):
        texts = []
        for message in messages[start : start + _TOGETHER]:
            text = usual_text(message)
            if message.flags:
                _require(FLAG, message.flags, "flag", name)
            if not text:
                _require(_PLACE, message.references, "reference", name)
                text = _written(message)
                unusual.append(text)
            texts.append(text)
        portions.append(_encoded("\n".join(texts), name))
    return b"\n".join(portions), "\n".join(unusual)


_TOGETHER = 500
"""Messages in a portion."""
_NAME = re.compile(r"[A-Za-z][\w-]*|", re.ASCII)
_ONE_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_NO_FIELD = re.compile(r"(?![A-Za-z][\w-]*:(?!//))[^\x00-\x08\x0a-\x1f\x7f]*", re.ASCII)
_PLACE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\u2068\u2069]+")
_CRLF = re.compile(rb"[^\n]*\r\n")


def _require(pattern: re.Pattern[str], values: Iterable[str], what: str, name: str) -> None:
    """Refuse a value that would begin a line, and so a message or field, of its own."""
    for value in values:
        if not pattern.fullmatch(value):
            raise CatalogError(f"{name}: {value!r} cannot be a {what}; the file is left as it is")


def _encoded(text: str, name: str) -> bytes:
    try:
        return text.encode(UTF_8)
    except UnicodeEncodeError as error:
        raise CatalogError(
            f"{name} holds {text[error.start]!r}, half a character; the file is left as it is"
        ) from None


def _written(message: Message) -> str:
    comments = _comments("#", message.comments) + _comments("#.", provenance.to_lines(message))
    return _BACKSLASH.sub(r"\1 ", comments + _words(message))


def _words(message: Message) -> str:
    words = polib.POEntry(
        msgid=_Text(message.source),
        msgstr=_Text(message.target),
        msgctxt=_Text(message.context) if message.context else None,
        obsolete=message.obsolete,
        previous_msgid=_Text(message.previous) if message.previous else None,
        previous_msgctxt=_Text(message.previous_context) if message.previous_context else None,
        occurrences=[(isolated(reference), "") for reference in message.references],
        flags=[*(["fuzzy"] if message.fuzzy else []), *message.flags],
    ).__unicode__(wrapwidth=0)
    return str(words.translate(ESCAPES))


_BACKSLASH = re.compile(r"^(#.*\\)$", re.MULTILINE)
"""The end of a comment that gets a space: gettext would take the next line for its rest."""


def _comments(mark: str, comments: Sequence[str]) -> str:
    """Return comment lines. polib's own end in a space where the comment is empty."""
    if not comments:
        return ""
    said = "\n".join(comments).split("\n")
    return "".join([f"{mark} {line}\n" if line else f"{mark}\n" for line in said])


def new(article: Article, locale: str) -> Catalog:
    """Return a catalog for *article* without messages, with the header that each editor wants."""
    fields = headers(article.id, article.language, locale, now())
    return Catalog(locale, headers=fields, header_comments=(f"{article.id}, {locale}",))


def now() -> str:
    """Return the time as PO headers write it; SOURCE_DATE_EPOCH is honoured."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    utc = datetime.UTC
    try:
        seconds = int(epoch) if epoch else time.time()
        now = datetime.datetime.fromtimestamp(seconds, utc)
    except (ValueError, OverflowError, OSError):
        raise SettingsError(f"SOURCE_DATE_EPOCH={epoch}: no number of seconds") from None
    return now.strftime("%Y-%m-%d %H:%M+0000")


def headers(
    article: str, source_language: str, locale: str, date: str
) -> tuple[tuple[str, str], ...]:
    """Return the header fields of a new catalog. *date* is as gettext writes it, with a zone."""
    return (
        ("Project-Id-Version", article),
        ("Report-Msgid-Bugs-To", ""),
        ("POT-Creation-Date", date),
        ("PO-Revision-Date", date),
        ("Last-Translator", "nobody yet"),
        ("Language-Team", locales.name(locale)),
        ("Language", locale),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", locales.plural_forms(locale)),
        ("X-Source-Language", source_language),
        ("X-Generator", "pipeline"),
    )


def _spell(entry: Entry) -> Iterator[str]:
    """Give the lines of *entry*, without its comments, as polib reads them without loss."""
    flags = [f for line in comment_lines(entry, "#,") for f in FLAG.findall(line)]
    if flags:
        yield f"#, {', '.join(dict.fromkeys(flags))}"
    obsolete = "#~ " if entry.obsolete else ""
    for step, strings in entry.words.items():
        yield f'{"" if step.startswith("#") else obsolete}{step} "{"".join(strings)}"'
