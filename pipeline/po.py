"""PO files. The only module that knows polib.

polib accepts about a third of what msgfmt rejects (../shared/research/reliability.md, finding 3),
and each time something is lost. So a file is held against the grammar first, and only what passes
is given to polib; `tests/test_po.py` holds that grammar against msgfmt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib

from pipeline import locales
from pipeline.errors import CatalogError
from pipeline.model import Catalog, Message

DRAFT = "draft: "
"""How the ``#.`` line begins that says who drafted a translation."""


def read(path: Path) -> Catalog:
    """Return the catalog in the file at *path*.

    Raises:
        CatalogError: the file is not PO as msgfmt has it, or holds what would be lost.

    """
    verify(_decode(path), str(path))
    try:
        po = polib.pofile(str(path), encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise CatalogError(f"{path}: {error}") from None
    messages = [_message(entry) for entry in po]
    return Catalog(
        locale=path.parent.parent.name,
        messages=tuple(m for m in messages if m.source),
        headers=tuple((str(key), str(value)) for key, value in po.metadata.items()),
        header_comments=tuple(po.header.split("\n")) if po.header else (),
        header_fuzzy=bool(po.metadata_is_fuzzy),
    )


def _decode(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogError(
            f"{path}: not UTF-8 (byte {error.start}); set the editor to UTF-8 and save again"
        ) from None
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror}") from None


def _message(entry: polib.POEntry) -> Message:
    extracted = [line for line in entry.comment.split("\n") if line]
    return Message(
        source=entry.msgid,
        target=entry.msgstr,
        context=entry.msgctxt or "",
        fuzzy="fuzzy" in entry.flags,
        obsolete=bool(entry.obsolete),
        previous=entry.previous_msgid or "",
        previous_context=entry.previous_msgctxt or "",
        references=tuple(f"{a}:{b}" if b else a for a, b in entry.occurrences),
        notes=tuple(line for line in extracted if not line.startswith(DRAFT)),
        draft=next((x.removeprefix(DRAFT) for x in extracted if x.startswith(DRAFT)), ""),
        comments=tuple(entry.tcomment.split("\n")) if entry.tcomment else (),
        flags=tuple(flag for flag in entry.flags if flag != "fuzzy"),
    )


def dump(catalog: Catalog) -> str:
    """Return the text of the PO file that holds *catalog*: the bytes of ``msgcat --no-wrap``."""
    po = polib.POFile(wrapwidth=0)
    po.header = "\n".join(catalog.header_comments)
    po.metadata = dict(catalog.headers)
    po.metadata_is_fuzzy = catalog.header_fuzzy
    for message in catalog.messages:
        po.append(_entry(message))
    text = str(po)
    return text if catalog.header_comments else text.removeprefix("#\n")


def _entry(message: Message) -> polib.POEntry:
    draft = (DRAFT + message.draft,) if message.draft else ()
    fuzzy = ["fuzzy"] if message.fuzzy else []
    return polib.POEntry(
        msgid=message.source,
        msgstr=message.target,
        msgctxt=message.context or None,
        obsolete=message.obsolete,
        previous_msgid=message.previous or None,
        previous_msgctxt=message.previous_context or None,
        occurrences=[(reference, "") for reference in message.references],
        comment="\n".join((*message.notes, *draft)),
        tcomment="\n".join(message.comments),
        flags=[*fuzzy, *message.flags],
    )


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


# The grammar

_STRING = r'"(?:[^"\\\x00-\x1f\x7f]|\t|\\["\\nt])*"'
_KEYWORD = re.compile(rf"(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)[ \t]*({_STRING})[ \t]*")
_MORE = re.compile(rf"({_STRING})[ \t]*")
_AFTER = {
    "": {"msgctxt", "msgid"},
    "msgctxt": {"msgid"},
    "msgid": {"msgstr"},
    "msgstr": {"msgctxt", "msgid"},
}


def verify(text: str, path: str) -> None:
    """Raise `CatalogError`, with the line, unless *text* is PO that can be read without loss."""
    last = ""
    entries: dict[tuple[bool, str, str], int] = {}
    values: dict[str, str] = {}
    first = True
    for number, line in enumerate([*re.split("\r?\n", text), ""], 1):
        kind, rest = _kind(line)
        if kind in {"comment", "previous"}:
            if last == "msgstr":
                _note(entries, values, path, first)
                first, values, last = False, {}, ""
            elif last:
                raise _bad(path, number, f"a comment between {last} and what belongs to it")
            if kind == "previous" and not (_KEYWORD.fullmatch(rest) or _MORE.fullmatch(rest)):
                raise _bad(path, number, "a previous message that is not quoted well")
            continue
        if not rest:
            continue
        if match := _KEYWORD.fullmatch(rest):
            word = match[1]
            if word.startswith("msgstr[") or word == "msgid_plural":
                raise _bad(path, number, "a plural form; sentences of articles have none")
            if word not in _AFTER[last]:
                raise _bad(path, number, f"{word} after {last or 'nothing'}")
            if last == "msgstr":
                _note(entries, values, path, first)
                first, values = False, {}
            last = word
            values[word] = match[2][1:-1]
            values["obsolete"] = "yes" if kind == "obsolete" else ""
            values.setdefault("line", str(number))
        elif (match := _MORE.fullmatch(rest)) and last:
            values[last] += match[1][1:-1]
        else:
            raise _bad(path, number, f"not PO: {line.strip()[:60]!r}")
    if last not in {"", "msgstr"}:
        raise _bad(path, number, "the file ends in the middle of a message")
    if values:
        _note(entries, values, path, first)
    elif first:
        raise _bad(path, number, "there is no message in it")


def _kind(line: str) -> tuple[str, str]:
    """Return what a line is, and what of it is PO."""
    line = line.strip(" \t")
    for start, kind in (("#~|", "previous"), ("#~", "obsolete"), ("#|", "previous")):
        if line.startswith(start):
            return kind, line[len(start) :].strip(" \t")
    return ("comment", "") if line.startswith("#") else ("active", line)


def _note(
    entries: dict[tuple[bool, str, str], int],
    values: dict[str, str],
    path: str,
    first: bool,
) -> None:
    """Check one whole message: the header is the first, and no message is there twice."""
    line = int(values["line"])
    source, target = values["msgid"], values["msgstr"]
    key = (bool(values["obsolete"]), values.get("msgctxt", "\0"), source)
    if first and (source or "msgctxt" in values):
        raise _bad(path, line, "the header is missing")
    if first and not re.search(r"charset=utf-?8(?:\\n|;|\s|$)", target, re.IGNORECASE):
        raise _bad(path, line, "the header does not say charset=UTF-8")
    if not first and not source:
        raise _bad(path, line, "a message without words")
    if key in entries:
        raise _bad(path, line, f"the same message as in line {entries[key]}; keep one of the two")
    entries[key] = line
    for edge in (str.startswith, str.endswith):
        if target and not first and edge(source, "\\n") != edge(target, "\\n"):
            raise _bad(path, line, "only one of msgid and msgstr has a line end at its edge")


def _bad(path: str, line: int, problem: str) -> CatalogError:
    return CatalogError(f"{path}:{line}: {problem}; the file is left as it is")


def lines(path: Path) -> Iterator[tuple[str, int]]:
    """Give each message's words with the line of its msgid: for pointing at them."""
    for entry in polib.pofile(str(path), encoding="utf-8-sig"):
        yield entry.msgid, entry.linenum
