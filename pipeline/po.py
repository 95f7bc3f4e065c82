"""PO files. The only module that knows polib.

polib accepts about a third of what msgfmt rejects, and each time something is lost; of what both
accept, it alters some (docs/design.md). So a file is first held against the grammar, line by line.
What passes is spelt out in the one way that polib reads without loss, and polib reads that.
`tests/test_po.py` holds all of it against msgfmt and msgcat. A file as `dump` writes it, of which
one expression can say that nothing is lost, takes a shorter way to the same result, and so does a
message without oddities that is written; `tests/test_po_quick.py` holds the two ways together.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polib

from pipeline import locales
from pipeline.errors import CatalogError
from pipeline.garbage import uncollected
from pipeline.model import Catalog, Key, Message

DRAFT = "draft: "
CHANGE = "changed: "
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


@uncollected()
def parse(data: bytes, path: Path) -> Catalog:
    """Return the catalog in *data*, which is what the file at *path* holds.

    Text in another encoding than UTF-8 is read as the header declares it. The header of what comes
    back says UTF-8, and a comment in it says what it was.

    Raises:
        CatalogError: the file is not PO as msgfmt has it, or holds what would be lost.

    """
    end, found = _quick(data) or (len(data), None)
    text, codec = _decode(data[:end], path)
    header, *others = _entries(text, path, codec)
    spelt = "\n".join(line for entry in (header, *others) for line in _spell(entry))
    file = polib.pofile(_Text(spelt), encoding="utf-8", klass=_WithHeader)
    first, *entries = file
    fields, comments = first.msgstr, (*_said(header, "#"), *_said(header, "#."))
    declared = _charset(fields)
    if declared.upper() != "UTF-8":
        fields = fields.replace(f"charset={declared}", "charset=UTF-8", 1)
    if codec != _UTF_8:
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


_UTF_8 = "utf-8"
_CHARSETS = re.compile(
    r"(?:US-)?ASCII|ISO-8859-\d+|KOI8-[RU]|(?:CP|WINDOWS-)(?:8[5-7]\d|936|949|125\d)"
    r"|GB2312|GBK|EUC-(?:JP|KR)|SHIFT_JIS|UTF-?8",
    re.IGNORECASE,
)
"""Encodings that GNU gettext calls portable (po_charset_canonicalize in its po-charset.c), and
Python reads as iconv does: all one and two bytes were compared. The others (BIG5, GB18030, CP932,
CP950, TIS-620) would give other characters; only in SHIFT_JIS, ~ and \\ are what they look like."""


def _charset(header: str) -> str:
    """Return the charset that a header declares, as msgfmt finds it; "" for none."""
    match = re.search(r"charset=([^ \t\n]*)", header)
    return match[1] if match else ""


def _codec(charset: str) -> str:
    """Return Python's name of *charset*; "" if it is none that PO files are in."""
    try:
        return codecs.lookup(charset).name if _CHARSETS.fullmatch(charset) else ""
    except LookupError:
        return ""


def _decode(data: bytes, path: Path) -> tuple[str, str]:
    """Return the text in *data*, and which codec it is in; `_entries` asks the header again."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _bad(path, 1, "not UTF-8 but UTF-16; set the editor to UTF-8 and save again")
    marked = data.startswith(codecs.BOM_UTF8)
    declared = re.search(
        rb'^[ \t]*+(?:msgstr[ \t]*+)?"[^\n]*(charset=[^\s\\"]*)', data, re.MULTILINE
    )
    charset = _charset(declared[1].decode("latin-1")) if declared else ""
    codec = _UTF_8 if marked else _codec(charset) or _UTF_8
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = "UTF-8" if codec == _UTF_8 else f"{charset}, as the header declares"
        raise _bad(path, line, f"not {name}; set the editor to UTF-8 and save again") from None
    if declared and codec != _UTF_8 and not data.isascii() and _is_utf_8(data):
        line = data.count(b"\n", 0, declared.start()) + 1
        raise _bad(path, line, f"the header says charset={charset}, but the text is in UTF-8")
    return text, codec


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode(_UTF_8)
    except UnicodeDecodeError:
        return False
    return True


_ONE = r'[^"\\\x00-\x1f\x7f]*+(?:\\["\\nt][^"\\\x00-\x1f\x7f]*+)*'
_SEVERAL = re.compile(rf'{_ONE}(?:"\n(?:#~\|? |#\| )?"{_ONE})*')
"""What stands in a string, of one line or several, without the first and the last quote."""
_ANY = r'"(.*(?:"\n(?P=mark)".*)*)"'
"""The same, before it is known that it is so: a look at each character takes its time."""
_USUAL = re.compile(
    r"((?:#(?: .*+)?\n)*)((?:#\.(?: .*+)?\n)*)((?:#: .*+\n)*)"
    r"((?:#, [a-z-]++(?:, [a-z-]++)*\n)*)((?:#~?\| .*+\n)*)(?P<mark>#~ |)"
    rf"(?:msgctxt {_ANY}\n(?P=mark))?msgid {_ANY}\n(?P=mark)msgstr {_ANY}\n(?:\n|\Z)"
    r"|(?s:.+)"
)
"""A message as `dump` has written it: the lines ``#``, ``#.``, ``#:``, ``#,`` and ``#|``, how its
lines begin, and the strings of its context, source and target. Or, without any of these, all that
is left of a file from where something is not as usual."""
_FORMER = re.compile(rf"(?P<mark>#~?\| )(?:msgctxt {_ANY}\n(?P=mark))?msgid {_ANY}\n")
_Usual = tuple[str, str, str, str, str, str, str, str, str]


def _quick(data: bytes) -> tuple[int, list[Message]] | None:
    """Return the end of the header and the messages of *data*; None where the long way must tell.

    That is so for whatever is unusual, and whatever may be wrong.
    """
    end = data.find(b"\n\n") + 2
    try:
        header = _USUAL.fullmatch(data[:end].decode())
        if not header or header[8] != "" or _codec(_charset(_meant(header[9]))) != _UTF_8:
            return None
        messages: list[Message] = []
        for text in _portions(data, end):
            for found in _USUAL.findall(text):
                message = _usual_message(found)
                if not message:
                    return None
                messages.append(message)
    except ValueError:
        return None
    return (end, messages) if _all_differ(messages) else None


def _portions(data: bytes, start: int) -> Iterator[str]:
    """Give the text of *data* from *start* on, some messages at a time.

    They can take each other's place in memory, and half the time of new memory is its first use.

    Raises:
        ValueError: it is not UTF-8, or there is a control character in it.

    """
    while start < len(data):
        end = data.find(b"\n\n", start + _PORTION) + 2
        end = end if end > 1 else len(data)
        portion = data[start:end]
        if len(portion.translate(None, _CONTROLS)) < len(portion):
            raise ValueError("a control character")
        yield portion.decode()
        start = end


_PORTION = 1 << 18
"""Bytes of a file that are read at a time."""
_CONTROLS = bytes(code for code in (*range(32), 127) if code != ord("\n"))


def _all_differ(messages: Sequence[Message]) -> bool:
    """Return whether no two of *messages* have the same key."""
    return len({(m.context, m.source) for m in messages}) == len(messages)


def _usual_message(found: _Usual) -> Message | None:
    """Return the message that `_USUAL` has *found*; None where the long way must tell."""
    comments, extracted, places, flags, former, mark, context, source, target = found
    if '"' in (strings := context + source + target) or "\\" in strings:
        if not all(map(_SEVERAL.fullmatch, (context, source, target))):
            return None
        context, source, target = _meant(context), _meant(source), _meant(target)
        if target and not mark and _edges(source) != _edges(target):
            return None
    if not source:
        return None
    previous = previous_context = ""
    if former:
        match = _FORMER.fullmatch(former)
        if not match or match[1].startswith("#~") != bool(mark):
            return None
        previous, previous_context = match[3], match[2] or ""
        if not all(map(_SEVERAL.fullmatch, (previous, previous_context))):
            return None
        previous = _meant(previous)
        previous_context = _meant(previous_context) if previous else ""
    named = [f for line in _shorn(flags, "#, ") for f in line.split(", ")] if flags else ()
    notes, change, draft = tuple(_shorn(extracted, "#. ") if extracted else ()), "", ""
    if DRAFT in extracted or CHANGE in extracted:
        notes, change, draft = _told(notes)
    return Message(
        source,
        target,
        context,
        fuzzy="fuzzy" in named,
        obsolete=bool(mark),
        previous=previous,
        previous_context=previous_context,
        references=_references(_shorn(places, "#: ")) if places else (),
        notes=notes,
        change=change,
        draft=draft,
        comments=tuple(_shorn(comments, "# ")) if comments else (),
        flags=tuple(dict.fromkeys(flag for flag in named if flag != "fuzzy")) if named else (),
    )


def _edges(text: str) -> tuple[bool, bool]:
    return text.startswith("\n"), text.endswith("\n")


def _shorn(lines: str, mark: str) -> list[str]:
    """Return *lines*, each without its *mark*, which ends in a space but where it is all."""
    if mark[:-1] + "\n" in lines:
        return [line[len(mark) :] for line in lines.split("\n")[:-1]]
    return lines[len(mark) : -1].split("\n" + mark)


def _meant(strings: str) -> str:
    """Return what *strings* say, on one line or several; the first and the last quote are off."""
    if "\n" in strings:
        strings = _SEAM.sub("", strings)
    return polib.unescape(strings) if "\\" in strings else strings


_SEAM = re.compile(r'"\n(?:#~\|? |#\| )?"')
"""Between two lines of a string."""


def _references(lines: Sequence[str]) -> tuple[str, ...]:
    if _OPEN not in (said := " ".join(lines)):
        return tuple(filter(None, said.replace("\t", " ").split(" ")))
    found = (name for line in lines for name in _REFERENCE.findall(line))
    names = (n for name in found for n in ([name] if _CLOSE in name else re.split("[ \t]", name)))
    return tuple(filter(None, (name.replace(_OPEN, "").replace(_CLOSE, "") for name in names)))


def _told(extracted: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    """Return what the ``#.`` lines say: the notes, the change, the draft."""
    notes = tuple([line for line in extracted if not line.startswith((DRAFT, CHANGE))])
    if len(notes) == len(extracted):
        return notes, "", ""
    changes = [line.removeprefix(CHANGE) for line in extracted if line.startswith(CHANGE)]
    drafts = [line.removeprefix(DRAFT) for line in extracted if line.startswith(DRAFT)]
    return notes, "; ".join(changes), "; ".join(drafts)


def _message(entry: polib.POEntry, read: _Entry) -> Message:
    notes, change, draft = _told(_said(read, "#."))
    return Message(
        source=entry.msgid,
        target=entry.msgstr,
        context=entry.msgctxt or "",
        fuzzy="fuzzy" in entry.flags,
        obsolete=bool(entry.obsolete),
        previous=entry.previous_msgid or "",
        # Without a source it is of no use, and could not be written.
        previous_context=(entry.previous_msgid and entry.previous_msgctxt) or "",
        references=_references(_said(read, "#:")),
        notes=notes,
        change=change,
        draft=draft,
        comments=_said(read, "#"),
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
    """Return what the PO file that holds *catalog* is: the bytes of ``msgcat --no-wrap``.

    Its lines end as those of *like* do: what the file holds so far. None and nothing is LF.
    Errors name the file as *path*, which is not looked at, or else the locale.

    Raises:
        CatalogError: it holds what no PO file can, such as a control character, or a line end
            where one would begin another line: in a header field, a flag, or a reference.

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
        _entries(unusual if _all_differ(messages) else data.decode(), name)
    except CatalogError:
        _entries(data.decode(), name)  # which says the line of the whole
        raise
    return data.replace(b"\n", b"\r\n") if like and _CRLF.match(like) else data


def _texts(messages: Sequence[Message], name: str) -> tuple[bytes, str]:
    """Return all *messages* as they are written, and those of them that `_entries` must look at.

    Some at a time, see `_portions`.
    """
    portions: list[bytes] = []
    unusual: list[str] = []
    for start in range(0, len(messages), _TOGETHER):
        texts = []
        for message in messages[start : start + _TOGETHER]:
            text = _usual_text(message)
            if message.flags:
                _require(_FLAG, message.flags, "flag", name)
            if not text:
                _require(_PLACE, message.references, "reference", name)
                text = _written(message)
                unusual.append(text)
            texts.append(text)
        portions.append(_encoded("\n".join(texts), name))
    return b"\n".join(portions), "\n".join(unusual)


_TOGETHER = 500
"""Messages that are written at a time."""


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
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
        return text.encode(_UTF_8)
    except UnicodeEncodeError as error:
        raise CatalogError(
            f"{name} holds {text[error.start]!r}, half a character; the file is left as it is"
        ) from None


def _usual_text(message: Message) -> str:
    """Return what `_written` does, where each string is one line without anything odd; else ""."""
    source, target, context = message.source, message.target, message.context
    previous, previous_context = message.previous, message.previous_context
    said = source + target + context + previous + previous_context
    if _is_odd(said) or not source or (previous_context and not previous):
        return ""
    if '"' in said or "\\" in said:
        source, target, context = map(polib.escape, (source, target, context))
        previous, previous_context = map(polib.escape, (previous, previous_context))
    extracted = message.notes
    if message.change or message.draft:
        extracted = _extracted(message)
    beside = "".join((*message.comments, *extracted, *message.references, *message.flags))
    isolates = _OPEN in beside or _CLOSE in beside
    if "\\" in beside or isolates or _is_odd(beside) or "" in message.references:
        return ""
    mark, before = ("#~ ", "#~| ") if message.obsolete else ("", "#| ")
    text = "".join([f"# {line}\n" if line else "#\n" for line in message.comments])
    text += "".join([f"#. {line}\n" if line else "#.\n" for line in extracted])
    if message.references and not message.obsolete:
        text += f"#: {' '.join(map(_isolated, message.references))}\n"
    if message.fuzzy or message.flags:
        text += f"#, {', '.join((*(['fuzzy'] if message.fuzzy else []), *message.flags))}\n"
    if previous_context:
        text += f'{before}msgctxt "{previous_context}"\n'
    if previous:
        text += f'{before}msgid "{previous}"\n'
    if context:
        text += f'{mark}msgctxt "{context}"\n'
    return f'{text}{mark}msgid "{source}"\n{mark}msgstr "{target}"\n'


def _written(message: Message) -> str:
    comments = _comments("#", message.comments) + _comments("#.", _extracted(message))
    return _BACKSLASH.sub(r"\1 ", comments + _words(message))


def _extracted(message: Message) -> tuple[str, ...]:
    """Return the ``#.`` lines of *message*."""
    draft = (DRAFT + message.draft,) if message.draft else ()
    change = (CHANGE + message.change,) if message.change else ()
    return (*message.notes, *change, *draft)


def _words(message: Message) -> str:
    words = polib.POEntry(
        msgid=_Text(message.source),
        msgstr=_Text(message.target),
        msgctxt=_Text(message.context) if message.context else None,
        obsolete=message.obsolete,
        previous_msgid=_Text(message.previous) if message.previous else None,
        previous_msgctxt=_Text(message.previous_context) if message.previous_context else None,
        occurrences=[(_isolated(reference), "") for reference in message.references],
        flags=[*(["fuzzy"] if message.fuzzy else []), *message.flags],
    ).__unicode__(wrapwidth=0)
    return str(words.translate(_ESCAPES))


_ODD = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SPACE = re.compile("[ \t]")
_BACKSLASH = re.compile(r"^(#.*\\)$", re.MULTILINE)
"""The end of a comment that gets a space: gettext would take the next line for its rest."""


def _is_odd(text: str) -> bool:
    """Return whether a control character or half a character is in *text*."""
    return not text.isprintable() and bool(_ODD.search(text))


def _isolated(reference: str) -> str:
    """Return *reference* as gettext has written it since 0.22 where the file has a space."""
    if not _SPACE.search(reference):
        return reference
    name, colon, number = reference.rpartition(":")
    if not number.isdecimal():
        name, colon, number = reference, "", ""
    return f"{_OPEN}{name}{_CLOSE}{colon}{number}"


def _comments(mark: str, comments: Sequence[str]) -> str:
    """Return comment lines. polib's own end in a space where there is nothing to say."""
    if not comments:
        return ""
    said = "\n".join(comments).split("\n")
    return "".join([f"{mark} {line}\n" if line else f"{mark}\n" for line in said])


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
    words: dict[str, list[str]] = field(default_factory=dict)
    """Strings by step, in order; put together once only, for there may be many."""
    comments: list[_Line] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.meant("msgctxt"), self.meant("msgid")

    def meant(self, step: str) -> str:
        return polib.unescape("".join(self.words.get(step, ())))


_PLAIN = r'[^"\\\x00-\x08\x0a-\x1f\x7f]*+'
_STRING = rf'"{_PLAIN}(?:\\(?:["\\ntabfvr]|x[0-9A-Fa-f]++|[0-7]{{1,3}}+){_PLAIN})*"'
_STRINGS = re.compile(rf"(msgctxt|msgid|msgstr|)[ \t]*+((?:{_STRING}[ \t]*+)+)")
_NUMBER = r"\\(?:x[0-9A-Fa-f]+|[0-7]{1,3})"
_ESCAPE = re.compile(rf'(?P<bytes>(?:{_NUMBER})+)|\\(?P<control>[abfv])|\\["\\ntr]')
_ESCAPES = {7: r"\a", 8: r"\b", 11: r"\v", 12: r"\f"}
"""Escapes that polib does not know: it would write their backslash as one."""
_OPEN, _CLOSE = "\u2068", "\u2069"
_NO_COMMENT = re.compile("[\0\r]")
"""What gettext cuts a comment at, or what the next one who writes it takes for a line end."""
_REFERENCE = re.compile(rf"{_OPEN}[^{_CLOSE}]*(?:{_CLOSE}[^ \t]*)?|[^ \t]+")
"""Where a message is from; since 0.22 gettext puts a name with spaces between isolates. What is
left of a line is one match where an isolate is not closed, though it is no name."""
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


def _entries(text: str, path: Path | str, codec: str = _UTF_8) -> list[_Entry]:
    """Return the messages of *text*, the header first. *codec* is what its file was decoded by.

    Raises:
        CatalogError: *text* is not PO that can be read without loss; the line is named.

    """
    entries = _gather(_lines(text, path, codec), path)
    if not entries:
        raise _bad(path, 1, "there is no message in it")
    header, *others = entries
    if header.key != ("", "") or header.obsolete or "msgctxt" in header.words:
        raise _bad(path, header.line, "the header is missing")
    _check_beside(header, path)
    fields = header.meant("msgstr")
    if _CONTROL.search(fields.replace("\n", "")):
        raise _bad(path, header.line, "a control character in the header")
    charset = _charset(fields)
    if _codec(charset) != codec:
        said = f"charset={charset}" if charset else "no charset"
        raise _bad(path, header.line, f"the header says {said}; it must say charset=UTF-8")
    seen: dict[Key, int] = {}
    for entry in others:
        _check(entry, seen, path)
        seen[entry.key] = entry.line
    return entries


def _check_beside(header: _Entry, path: Path | str) -> None:
    """Refuse what no header bears, and what would be lost of it."""
    lines = (line.text for line in header.comments if line.mark == "#,")
    flags = (flag for line in lines for flag in _FLAG.findall(line))
    odd = next((f"the flag {flag}" for flag in flags if flag != "fuzzy"), "")
    if any(line.mark == "#:" for line in header.comments):
        odd = "a reference (#:)"
    if any(step.startswith("#|") for step in header.words):
        odd = "a previous msgid (#|)"
    if odd:
        raise _bad(path, header.line, f"the header has {odd}")


def _check(entry: _Entry, seen: Mapping[Key, int], path: Path | str) -> None:
    source, target = entry.key[1], entry.meant("msgstr")
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
            step = line.step.replace("more", "a string")
            raise _bad(path, number, f"{step} after {last or 'nothing'}")
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
        if odd := next((line for line in entry.comments if line.mark != "#"), None):
            raise _bad(path, odd.number, "the file ends before the message of this line")
        entries[-1].comments += entry.comments
    return entries


def _take(entry: _Entry, line: _Line, last: str) -> None:
    """Add a quoted line to the message that it belongs to."""
    if line.step.endswith("more"):
        entry.words[last].append(line.text)
        return
    entry.words[line.step] = [line.text]
    entry.obsolete = line.obsolete
    if line.step == "msgid":
        entry.line = line.number


def _lines(text: str, path: Path | str, codec: str) -> Iterator[_Line]:
    """Give the lines of *text* that say something."""
    for number, raw in enumerate(re.split("\r?\n", text), 1):
        line = raw.lstrip(" \t")
        if match := _NEW_FLAGS.fullmatch(line):
            yield _Line(number, "comment", match[1], "#,")
            continue
        mark = _MARK.match(line)[0]  # type: ignore[index]  # it matches "" too
        rest = line[len(mark) :]
        if mark in _COMMENTS:
            wrong = _CONTROL if len(mark) > 1 and mark != "#." else _NO_COMMENT
            if control := wrong.search(rest):
                raise _bad(path, number, f"the control character U+{ord(control[0]):04X}")
            yield _Line(number, "comment", rest.removeprefix(" "), _COMMENTS[mark])
        elif match := _STRINGS.fullmatch(rest.strip(" \t")):
            step = ("#| " if mark.endswith("|") else "") + (match[1] or "more")
            try:
                words = "".join(_plain(s[1:-1], codec) for s in re.findall(_STRING, match[2]))
            except ValueError:
                raise _bad(path, number, "an escape (\\x.. or \\...) that is no text") from None
            yield _Line(number, step, words, mark)
        elif rest.strip(" \t") or mark.endswith("|"):
            raise _bad(path, number, _problem(rest.strip(" \t")))


def _plain(string: str, codec: str) -> str:
    """Return *string* with such escapes only as polib knows; numbers are bytes, as to msgfmt.

    Raises:
        ValueError: the bytes are no text in *codec*, or a control character.

    """

    def replace(match: re.Match[str]) -> str:
        if match["control"]:
            return chr({"a": 7, "b": 8, "v": 11, "f": 12}[match["control"]])
        if not match["bytes"]:
            return match[0]
        numbers = match["bytes"].split("\\")[1:]
        values = (int(n[1:], 16) if n.startswith("x") else int(n, 8) for n in numbers)
        text = bytes(values).decode(codec)
        if _CONTROL.search(text.replace("\n", "")):
            raise ValueError(text)
        return polib.escape(text)

    return _ESCAPE.sub(replace, string) if "\\" in string else string


def _problem(line: str) -> str:
    """Return what is wrong with a line that is not PO."""
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return "a merge conflict; settle it first"
    if line.startswith(("msgid_plural", "msgstr[")):
        return "a plural form; sentences of articles have none"
    if "\r" in line:
        return "a carriage return within the line; save the file with LF or CRLF as line ends"
    if match := _CONTROL.search(line):
        return f"the control character U+{ord(match[0]):04X}"
    if re.match(r'(?:msg[a-z]*[ \t]*)?"', line):
        return 'a string with a quote or a backslash too many or too few (write \\" and \\\\)'
    return f"not PO: {line[:60]!r}"


def _bad(path: Path | str, line: int, problem: str) -> CatalogError:
    return CatalogError(f"{path}:{line}: {problem}; the file is left as it is")


def _spell(entry: _Entry) -> Iterator[str]:
    """Give the lines of *entry* as polib reads them without loss: not the comments, see `_said`."""
    flags = [f for line in _said(entry, "#,") for f in _FLAG.findall(line)]
    if flags:
        yield f"#, {', '.join(dict.fromkeys(flags))}"
    obsolete = "#~ " if entry.obsolete else ""
    for step, strings in entry.words.items():
        yield f'{"" if step.startswith("#") else obsolete}{step} "{"".join(strings)}"'


def _said(entry: _Entry, mark: str) -> tuple[str, ...]:
    """Return the comments that begin with *mark*; polib would trim them."""
    return tuple([line.text for line in entry.comments if line.mark == mark])


def lines(path: Path) -> Iterator[tuple[Key, int]]:
    """Give the key of each message with the line of its msgid: for pointing at it."""
    text, codec = _decode(path.read_bytes(), path)
    for entry in _entries(text, path, codec)[1:]:
        yield entry.key, entry.line
