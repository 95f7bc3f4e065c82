"""The grammar of PO files, no wider than msgfmt's; errors name the line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polib

from pipeline.errors import CatalogError
from pipeline.model import Key

UTF_8 = "utf-8"
_CHARSETS = re.compile(
    r"(?:US-)?ASCII|ISO-8859-\d+|KOI8-[RU]|(?:CP|WINDOWS-)(?:8[5-7]\d|936|949|125\d)"
    r"|GB2312|GBK|EUC-(?:JP|KR)|SHIFT_JIS|UTF-?8",
    re.IGNORECASE,
)
"""Encodings that GNU gettext calls portable (po_charset_canonicalize in its po-charset.c), and
Python reads as iconv does: all one and two bytes were compared. The others (BIG5, GB18030, CP932,
CP950, TIS-620) would give other characters; only in SHIFT_JIS, ~ and \\ are what they look like."""


def charset_of(header: str) -> str:
    """Return the charset that a header declares, as msgfmt finds it; "" for none."""
    match = re.search(r"charset=([^ \t\n]*)", header)
    return match[1] if match else ""


def codec_of(charset: str) -> str:
    """Return Python's name of *charset*; "" if it is none that PO files are in."""
    try:
        return codecs.lookup(charset).name if _CHARSETS.fullmatch(charset) else ""
    except LookupError:
        return ""


def decode(data: bytes, path: Path) -> tuple[str, str]:
    """Return the text of *data* and its codec, which `parse_entries` compares with the header."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _bad(path, 1, "not UTF-8 but UTF-16; set the editor to UTF-8 and save again")
    marked = data.startswith(codecs.BOM_UTF8)
    declared = re.search(
        rb'^[ \t]*+(?:msgstr[ \t]*+)?"[^\n]*(charset=[^\s\\"]*)', data, re.MULTILINE
    )
    charset = charset_of(declared[1].decode("latin-1")) if declared else ""
    codec = UTF_8 if marked else codec_of(charset) or UTF_8
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = "UTF-8" if codec == UTF_8 else f"{charset}, as the header declares"
        raise _bad(path, line, f"not {name}; set the editor to UTF-8 and save again") from None
    if declared and codec != UTF_8 and not data.isascii() and _is_utf_8(data):
        line = data.count(b"\n", 0, declared.start()) + 1
        raise _bad(path, line, f"the header says charset={charset}, but the text is in UTF-8")
    return text, codec


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True


def references(lines: Sequence[str]) -> tuple[str, ...]:
    if OPEN not in (said := " ".join(lines)):
        return tuple(filter(None, said.replace("\t", " ").split(" ")))
    found = (name for line in lines for name in _REFERENCE.findall(line))
    names = (n for name in found for n in ([name] if CLOSE in name else re.split("[ \t]", name)))
    return tuple(filter(None, (name.replace(OPEN, "").replace(CLOSE, "") for name in names)))


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


# The grammar


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    step: str
    """Kind of the line, for the order of lines: see `_AFTER`."""
    text: str
    """Text between the quotes, still escaped; or the text of the comment."""
    mark: str = ""
    """Beginning of the line: ``#~`` and the like, "" for none."""

    @property
    def obsolete(self) -> bool:
        return self.mark.startswith("#~")


@dataclass(slots=True)
class Entry:
    """The lines of one message, put together."""

    line: int = 0
    """Line of its msgid."""
    obsolete: bool = False
    words: dict[str, list[str]] = field(default_factory=dict)
    """Strings by step, in order, to be joined once: there may be many."""
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
ESCAPES = {7: r"\a", 8: r"\b", 11: r"\v", 12: r"\f"}
"""Escapes that polib does not know: it would write their backslash as one."""
OPEN, CLOSE = "\u2068", "\u2069"
_NO_COMMENT = re.compile("[\0\r]")
"""Characters at which gettext cuts a comment, or another program ends its line."""
_REFERENCE = re.compile(rf"{OPEN}[^{CLOSE}]*(?:{CLOSE}[^ \t]*)?|[^ \t]+")
"""A reference; since 0.22 gettext puts a name with spaces between isolates. Where an isolate is not
closed, the rest of the line is one match, though it is no name."""
_MARK = re.compile(r"#~\||#~|#\||#[.:,!]|#|")
_COMMENTS = {"#": "#", "#.": "#.", "#:": "#:", "#,": "#,", "#!": "#,"}
"""Kinds of comments by their marks; to msgfmt, ``#!`` begins flags too."""
FLAG = re.compile(r"range:\s*[\d.]+|[^\s,]+")
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
"""Order of lines: the kinds that may follow each; ``""`` is the start of the file."""


def parse_entries(text: str, path: Path | str, codec: str = UTF_8) -> list[Entry]:
    """Return the messages of *text*, the header first; *codec* is the one that decoded its file.

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
    charset = charset_of(fields)
    if codec_of(charset) != codec:
        said = f"charset={charset}" if charset else "no charset"
        raise _bad(path, header.line, f"the header says {said}; it must say charset=UTF-8")
    seen: dict[Key, int] = {}
    for entry in others:
        _check(entry, seen, path)
        seen[entry.key] = entry.line
    return entries


def _check_beside(header: Entry, path: Path | str) -> None:
    """Refuse flags, references and previous msgids of the header, which would be lost."""
    lines = (line.text for line in header.comments if line.mark == "#,")
    flags = (flag for line in lines for flag in FLAG.findall(line))
    odd = next((f"the flag {flag}" for flag in flags if flag != "fuzzy"), "")
    if any(line.mark == "#:" for line in header.comments):
        odd = "a reference (#:)"
    if any(step.startswith("#|") for step in header.words):
        odd = "a previous msgid (#|)"
    if odd:
        raise _bad(path, header.line, f"the header has {odd}")


def _check(entry: Entry, seen: Mapping[Key, int], path: Path | str) -> None:
    source, target = entry.key[1], entry.meant("msgstr")
    if not source:
        raise _bad(path, entry.line, "a message without words")
    if entry.key in seen:
        other = seen[entry.key]
        raise _bad(path, entry.line, f"the same message as in line {other}; keep one of the two")
    for edge in (str.startswith, str.endswith):
        if target and not entry.obsolete and edge(source, "\n") != edge(target, "\n"):
            raise _bad(path, entry.line, "only one of msgid and msgstr has a line end at its edge")


def _gather(lines: Iterable[_Line], path: Path | str) -> list[Entry]:
    """Put lines together to messages. Comments after the last message become its own."""
    entries: list[Entry] = []
    entry, last, number = Entry(), "", 1
    for line in lines:
        number = line.number
        if line.step not in _AFTER[last]:
            step = line.step.replace("more", "a string")
            raise _bad(path, number, f"{step} after {last or 'nothing'}")
        if last == "msgstr" and line.step != "more":
            entries.append(entry)
            entry = Entry()
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


def _take(entry: Entry, line: _Line, last: str) -> None:
    """Add a quoted line to the message that it belongs to."""
    if line.step.endswith("more"):
        entry.words[last].append(line.text)
        return
    entry.words[line.step] = [line.text]
    entry.obsolete = line.obsolete
    if line.step == "msgid":
        entry.line = line.number


def _lines(text: str, path: Path | str, codec: str) -> Iterator[_Line]:
    """Give the lines of *text* that are not blank."""
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
    """Return *string* with only the escapes that polib knows; numbers are bytes, as to msgfmt.

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
    """Describe the fault of a line that is not PO."""
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


def comment_lines(entry: Entry, mark: str) -> tuple[str, ...]:
    """Return the comments with *mark*; polib would trim them."""
    return tuple([line.text for line in entry.comments if line.mark == mark])


def message_lines(path: Path) -> Iterator[tuple[Key, int]]:
    """Give the key of each message with the line of its msgid."""
    text, codec = decode(path.read_bytes(), path)
    for entry in parse_entries(text, path, codec)[1:]:
        yield entry.key, entry.line
