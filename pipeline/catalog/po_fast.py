"""Fast reading and writing of PO files in the spelling of `po.dump`, and of usual messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polib

from pipeline.catalog.po_grammar import CLOSE, OPEN, UTF_8, charset_of, codec_of, references
from pipeline.catalog.provenance import CHANGE, DRAFT, from_lines, to_lines
from pipeline.model import Message

_ONE = r'[^"\\\x00-\x1f\x7f]*+(?:\\["\\nt][^"\\\x00-\x1f\x7f]*+)*'
_SEVERAL = re.compile(rf'{_ONE}(?:"\n(?:#~\|? |#\| )?"{_ONE})*')
"""The inside of a string of one or more lines, without the first and the last quote."""
_ANY = r'"(.*(?:"\n(?P=mark)".*)*)"'
"""The same, its characters not checked yet, which takes longer."""
_USUAL = re.compile(
    r"((?:#(?: .*+)?\n)*)((?:#\.(?: .*+)?\n)*)((?:#: .*+\n)*)"
    r"((?:#, [a-z-]++(?:, [a-z-]++)*\n)*)((?:#~?\| .*+\n)*)(?P<mark>#~ |)"
    rf"(?:msgctxt {_ANY}\n(?P=mark))?msgid {_ANY}\n(?P=mark)msgstr {_ANY}\n(?:\n|\Z)"
    r"|(?s:.+)"
)
"""A message in the spelling of `po.dump`: its lines ``#``, ``#.``, ``#:``, ``#,`` and ``#|``, the
beginning of its lines, and the strings of its context, source and target. Or, without any of these,
the rest of a file from the first unusual line on."""
_FORMER = re.compile(rf"(?P<mark>#~?\| )(?:msgctxt {_ANY}\n(?P=mark))?msgid {_ANY}\n")
_Usual = tuple[str, str, str, str, str, str, str, str, str]


def quick(data: bytes) -> tuple[int, list[Message]] | None:
    """Return the end of the header and the messages of *data*; None if `po.parse` has to read it.

    It has to where anything is unusual, or may be wrong.
    """
    end = data.find(b"\n\n") + 2
    try:
        header = _USUAL.fullmatch(data[:end].decode())
        if not header or header[8] != "" or codec_of(charset_of(_meant(header[9]))) != UTF_8:
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
    return (end, messages) if all_differ(messages) else None


def _portions(data: bytes, start: int) -> Iterator[str]:
    """Give the text of *data* from *start* on in portions of some messages.

    Portions reuse the same memory, and the first use of new memory is half of its cost.

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
"""Bytes of a file in a portion."""
_CONTROLS = bytes(code for code in (*range(32), 127) if code != ord("\n"))


def all_differ(messages: Sequence[Message]) -> bool:
    """Return whether no two of *messages* have the same key."""
    return len({(m.context, m.source) for m in messages}) == len(messages)


def _usual_message(found: _Usual) -> Message | None:
    """Return the message that `_USUAL` has *found*; None if `po.parse` has to read it."""
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
        notes, change, draft = from_lines(notes)
    return Message(
        source,
        target,
        context,
        fuzzy="fuzzy" in named,
        obsolete=bool(mark),
        previous=previous,
        previous_context=previous_context,
        references=references(_shorn(places, "#: ")) if places else (),
        notes=notes,
        change=change,
        draft=draft,
        comments=tuple(_shorn(comments, "# ")) if comments else (),
        flags=tuple(dict.fromkeys(flag for flag in named if flag != "fuzzy")) if named else (),
    )


def _edges(text: str) -> tuple[bool, bool]:
    return text.startswith("\n"), text.endswith("\n")


def _shorn(lines: str, mark: str) -> list[str]:
    """Return *lines* without their *mark*, which ends in a space unless the line is empty."""
    if mark[:-1] + "\n" in lines:
        return [line[len(mark) :] for line in lines.split("\n")[:-1]]
    return lines[len(mark) : -1].split("\n" + mark)


def _meant(strings: str) -> str:
    """Return the text of *strings* of one or more lines, without the first and the last quote."""
    if "\n" in strings:
        strings = _SEAM.sub("", strings)
    return polib.unescape(strings) if "\\" in strings else strings


_SEAM = re.compile(r'"\n(?:#~\|? |#\| )?"')
"""Between two lines of a string."""


def usual_text(message: Message) -> str:
    """Return *message* in the spelling of `po.dump`; "" if anything in it is unusual."""
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
        extracted = to_lines(message)
    beside = "".join((*message.comments, *extracted, *message.references, *message.flags))
    isolates = OPEN in beside or CLOSE in beside
    if "\\" in beside or isolates or _is_odd(beside) or "" in message.references:
        return ""
    mark, before = ("#~ ", "#~| ") if message.obsolete else ("", "#| ")
    text = "".join([f"# {line}\n" if line else "#\n" for line in message.comments])
    text += "".join([f"#. {line}\n" if line else "#.\n" for line in extracted])
    if message.references and not message.obsolete:
        text += f"#: {' '.join(map(isolated, message.references))}\n"
    if message.fuzzy or message.flags:
        text += f"#, {', '.join((*(['fuzzy'] if message.fuzzy else []), *message.flags))}\n"
    if previous_context:
        text += f'{before}msgctxt "{previous_context}"\n'
    if previous:
        text += f'{before}msgid "{previous}"\n'
    if context:
        text += f'{mark}msgctxt "{context}"\n'
    return f'{text}{mark}msgid "{source}"\n{mark}msgstr "{target}"\n'


_ODD = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SPACE = re.compile("[ \t]")


def _is_odd(text: str) -> bool:
    """Return whether a control character or half a character is in *text*."""
    return not text.isprintable() and bool(_ODD.search(text))


def isolated(reference: str) -> str:
    """Return *reference*, a file name with spaces between isolates, as gettext since 0.22."""
    if not _SPACE.search(reference):
        return reference
    name, colon, number = reference.rpartition(":")
    if not number.isdecimal():
        name, colon, number = reference, "", ""
    return f"{OPEN}{name}{CLOSE}{colon}{number}"
