"""PO files. The only module that knows polib.

polib accepts about a third of what msgfmt rejects, and each time something is lost; of what both
accept, it alters some (docs/design.md). So a file is first held against the grammar, line by line.
What passes is spelt out in the one way that polib reads without loss, and polib reads that.
`tests/test_po.py` holds all of it against msgfmt and msgcat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polib

from pipeline import locales
from pipeline.errors import CatalogError
from pipeline.model import Catalog, Key, Message

DRAFT = "draft: "
"""How the ``#.`` line begins that says who drafted a translation."""


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


def parse(data: bytes, path: Path) -> Catalog:
    """Return the catalog in *data*, which is what the file at *path* holds.

    Raises:
        CatalogError: the file is not PO as msgfmt has it, or holds what would be lost.

    """
    header, *others = _entries(_decode(data, path), path)
    spelt = "\n".join(line for entry in (header, *others) for line in _spell(entry))
    file = polib.pofile(_Text(spelt), encoding="utf-8", klass=_WithHeader)
    first, *entries = file
    return Catalog(
        locale=path.parent.parent.name,
        messages=tuple(map(_message, entries)),
        headers=tuple(map(_header, _Text(first.msgstr).splitlines())),
        header_comments=(*_shown(file.header), *_shown(first.comment)),
        header_fuzzy="fuzzy" in first.flags,
    )


class _WithHeader(polib.POFile):
    """Leaves the header an entry like the others; polib would lose lines of it."""

    def find(self, *_: object, **__: object) -> None:
        return None


def _decode(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _bad(path, line, "not UTF-8; set the editor to UTF-8 and save again") from None


def _message(entry: polib.POEntry) -> Message:
    extracted = _shown(entry.comment)
    drafts = [line.removeprefix(DRAFT) for line in extracted if line.startswith(DRAFT)]
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
        draft="; ".join(drafts),
        comments=_shown(entry.tcomment),
        flags=tuple(flag for flag in entry.flags if flag != "fuzzy"),
    )


_HEADER = re.compile(r"([A-Za-z][\w-]*):(?!//) ?(.*)", re.ASCII | re.DOTALL)


def _header(line: str) -> tuple[str, str]:
    """Return the name and the value in a line of the header; the name is "" where it has none."""
    match = _HEADER.fullmatch(line)
    return (match[1], match[2]) if match else ("", line)


# Writing


def dump(catalog: Catalog) -> str:
    """Return the text of the PO file that holds *catalog*: the bytes of ``msgcat --no-wrap``.

    Raises:
        CatalogError: it holds what no PO file can, such as a control character.

    """
    lines = [f"{name}: {value}" if name else value for name, value in catalog.headers]
    header = Message(
        source="",
        target="".join(" ".join(line.split("\n")) + "\n" for line in lines),
        fuzzy=catalog.header_fuzzy,
        comments=catalog.header_comments,
    )
    messages = sorted(catalog.messages, key=lambda message: message.obsolete)
    text = "\n".join(map(_written, (header, *messages)))
    _entries(_encodable(text, catalog.locale), f"the new {catalog.locale} catalog")
    return text


def _encodable(text: str, locale: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CatalogError(
            f"the new {locale} catalog holds {text[error.start]!r}, half a character;"
            " the file is left as it is"
        ) from None
    return text


def _written(message: Message) -> str:
    draft = (DRAFT + message.draft,) if message.draft else ()
    return (
        _comments("#", message.comments) + _comments("#.", (*message.notes, *draft))
    ) + polib.POEntry(
        msgid=_Text(message.source),
        msgstr=_Text(message.target),
        msgctxt=_Text(message.context) if message.context else None,
        obsolete=message.obsolete,
        previous_msgid=_Text(message.previous) if message.previous else None,
        previous_msgctxt=_Text(message.previous_context) if message.previous_context else None,
        occurrences=[(" ".join(reference.split()), "") for reference in message.references],
        flags=[*(["fuzzy"] if message.fuzzy else []), *message.flags],
    ).__unicode__(wrapwidth=0)


def _comments(mark: str, comments: Sequence[str]) -> str:
    r"""Return comment lines. polib's own end in a space where there is nothing to say.

    A comment that ends in a backslash gets a space: gettext would take the next line for its rest.
    """
    said = [line for comment in comments for line in comment.split("\n")]
    lines = (f"{mark} {line}" if line else mark for line in said)
    return "".join(f"{line} \n" if line.endswith("\\") else f"{line}\n" for line in lines)


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


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    step: str
    """What the line is, for the order of lines: see `_AFTER`."""
    text: str
    """What stands between the quotes, still escaped; or what the comment says."""
    mark: str = ""
    """How the line begins: ``#~`` and the like, "" for none."""

    @property
    def obsolete(self) -> bool:
        return self.mark.startswith("#~")


@dataclass(slots=True)
class _Entry:
    """The lines of one message, put together."""

    line: int = 0
    """Where its msgid is."""
    obsolete: bool = False
    words: dict[str, str] = field(default_factory=dict)
    """By step, in order."""
    comments: list[_Line] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return (self.words.get("msgctxt", ""), self.words["msgid"])


_STRING = r'"(?:[^"\\\x00-\x1f\x7f]|\t|\\["\\nt])*+"'
_STRINGS = re.compile(rf"(msgctxt|msgid|msgstr|)[ \t]*+((?:{_STRING}[ \t]*+)++)")
_MARK = re.compile(r"#~\||#~|#\||#[.:,!]|#|")
_COMMENTS = {"#": "#", "#.": "#.", "#:": "#:", "#,": "#,", "#!": "#,"}
"""What comments are, by how they begin; to msgfmt, ``#!`` begins flags too."""
_FLAG = re.compile(r"range:\s*[\d.]+|[^\s,]+")
_NEW_FLAGS = re.compile(r"#=([ \t]*[a-z][a-z-]*(?:[ \t]*,[ \t]*[a-z][a-z-]*)*[ \t]*)")
"""Flags as gettext 1.0 may write them; ``#=====`` is somebody's rule between comments."""

_START = {"comment", "#| msgctxt", "#| msgid", "msgctxt", "msgid"}
_AFTER = {
    "": _START,
    "comment": _START,
    "#| msgctxt": {"#| msgid", "#| more"},
    "#| msgid": {"msgctxt", "msgid", "#| more"},
    "msgctxt": {"msgid", "more"},
    "msgid": {"msgstr", "more"},
    "msgstr": {*_START, "more"},
}
"""What may follow what; ``""`` is the start of the file."""


def _entries(text: str, path: Path | str) -> list[_Entry]:
    """Return the messages of *text*, the header first.

    Raises:
        CatalogError: *text* is not PO that can be read without loss; the line is named.

    """
    entries = _gather(_lines(text, path), path)
    if not entries:
        raise _bad(path, 1, "there is no message in it")
    header, *others = entries
    if header.key != ("", "") or header.obsolete:
        raise _bad(path, header.line, "the header is missing")
    if not re.search(r"charset=utf-?8(?:\\n|;|\s|$)", header.words["msgstr"], re.IGNORECASE):
        raise _bad(path, header.line, "the header does not say charset=UTF-8")
    seen: dict[Key, int] = {}
    for entry in others:
        _check(entry, seen, path)
        seen[entry.key] = entry.line
    return entries


def _check(entry: _Entry, seen: Mapping[Key, int], path: Path | str) -> None:
    source, target = (polib.unescape(entry.words[step]) for step in ("msgid", "msgstr"))
    if not source:
        raise _bad(path, entry.line, "a message without words")
    if entry.key in seen:
        other = seen[entry.key]
        raise _bad(path, entry.line, f"the same message as in line {other}; keep one of the two")
    for edge in (str.startswith, str.endswith):
        if target and not entry.obsolete and edge(source, "\n") != edge(target, "\n"):
            raise _bad(path, entry.line, "only one of msgid and msgstr has a line end at its edge")


def _gather(lines: Iterable[_Line], path: Path | str) -> list[_Entry]:
    """Put lines together to messages. Comments after the last message become its own."""
    entries: list[_Entry] = []
    entry, last, number = _Entry(), "", 1
    for line in lines:
        number = line.number
        if line.step not in _AFTER[last]:
            raise _bad(path, number, f"{line.step} after {last or 'nothing'}")
        if last == "msgstr" and line.step != "more":
            entries.append(entry)
            entry = _Entry()
        if line.step == "comment":
            entry.comments.append(line)
        elif entry.words and line.obsolete != entry.obsolete:
            raise _bad(path, number, "only a part of the message is obsolete (#~)")
        else:
            _take(entry, line, last)
        if not line.step.endswith("more"):
            last = line.step
    if last == "msgstr":
        entries.append(entry)
    elif entry.words:
        raise _bad(path, number, "the file ends in the middle of a message")
    elif entries:
        entries[-1].comments += entry.comments
    return entries


def _take(entry: _Entry, line: _Line, last: str) -> None:
    """Add a quoted line to the message that it belongs to."""
    if line.step.endswith("more"):
        entry.words[last] += line.text
        return
    entry.words[line.step] = line.text
    entry.obsolete = line.obsolete
    if line.step == "msgid":
        entry.line = line.number


def _lines(text: str, path: Path | str) -> Iterator[_Line]:
    """Give the lines of *text* that say something."""
    for number, raw in enumerate(re.split("\r?\n", text), 1):
        line = raw.lstrip(" \t")
        if match := _NEW_FLAGS.fullmatch(line):
            yield _Line(number, "comment", match[1], "#,")
            continue
        mark = _MARK.match(line)[0]  # type: ignore[index]  # it matches "" too
        rest = line[len(mark) :]
        if mark in _COMMENTS:
            yield _Line(number, "comment", rest.removeprefix(" "), _COMMENTS[mark])
        elif match := _STRINGS.fullmatch(rest.strip(" \t")):
            step = ("#| " if mark.endswith("|") else "") + (match[1] or "more")
            words = "".join(string[1:-1] for string in re.findall(_STRING, match[2]))
            yield _Line(number, step, words, mark)
        elif rest.strip(" \t") or mark.endswith("|"):
            raise _bad(path, number, _problem(rest.strip(" \t")))


def _problem(line: str) -> str:
    """Return what is wrong with a line that is not PO."""
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return "a merge conflict; settle it first"
    if line.startswith(("msgid_plural", "msgstr[")):
        return "a plural form; sentences of articles have none"
    if re.match(r'(?:msg[a-z]*[ \t]*)?"', line):
        return (
            'a string with a quote or a backslash too many or too few (\\" \\\\ \\n \\t are known),'
            " or with a control character"
        )
    return f"not PO: {line[:60]!r}"


def _bad(path: Path | str, line: int, problem: str) -> CatalogError:
    return CatalogError(f"{path}:{line}: {problem}; the file is left as it is")


def _spell(entry: _Entry) -> Iterator[str]:
    """Give the lines of *entry* as polib reads them without loss; see `_shown`."""
    for mark in ("#", "#."):
        yield from (f"{mark} |{line.text}|" for line in entry.comments if line.mark == mark)
    for line in entry.comments:
        if line.mark == "#:" and line.text.strip():
            yield f"#: {line.text}"
    flags = [f for line in entry.comments if line.mark == "#," for f in _FLAG.findall(line.text)]
    if flags:
        yield f"#, {', '.join(dict.fromkeys(flags))}"
    obsolete = "#~ " if entry.obsolete else ""
    for step, text in entry.words.items():
        yield f'{"" if step.startswith("#") else obsolete}{step} "{text}"'


def _shown(comments: str) -> tuple[str, ...]:
    """Return comments that `_spell` put between bars, for polib trims them."""
    return tuple(line[1:-1] for line in comments.split("\n")) if comments else ()


def lines(path: Path) -> Iterator[tuple[str, int]]:
    """Give each message's words with the line of its msgid: for pointing at them."""
    for entry in _entries(_decode(path.read_bytes(), path), path)[1:]:
        yield polib.unescape(entry.words["msgid"]), entry.line
