"""Tables of words, by language, that linguists edit: the TSV files in the `data` folders here.

The lines that begin with # explain a table, the first of the others names its columns, and each
further one is a row. A cell holds words as they are written: nothing is quoted in it. Tables are
read when they are first asked for, and once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from pipeline.errors import TableError

ROOT = Path(__file__).resolve().parent.parent
"""All of ``pipeline``."""


def path_of(table: str) -> Path:
    """Return the file of *table*: ``changes/data/polarity.tsv`` of ``changes/polarity``."""
    package, name = table.rsplit("/", 1)
    return ROOT / package / "data" / f"{name}.tsv"


@cache
def rows(table: str, *columns: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of *table*, whose columns must be these."""
    return tuple(cells for _, cells in _read(table, columns))


@cache
def lists(table: str, *names: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words of a *table* of lists with these *names*, by list and language.

    A list of a language may have several rows, each with words between spaces.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in names}
    for place, (name, language, words) in _read(table, ("list", "language", "words")):
        its = found[_known(name, names, place)]
        its[language] = (*its.get(language, ()), *words.split())
    return found


@cache
def phrases(table: str, *names: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the patterns of a *table* of phrases in lists with these *names*: one phrase a row."""
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in names}
    for place, (name, language, phrase) in _read(table, ("list", "language", "phrase")):
        its = found[_known(name, names, place)]
        try:
            its[language] = (*its.get(language, ()), pattern(phrase))
        except ValueError as error:
            raise TableError(f"{place}: {phrase!r}: {error}") from None
    return found


def _read(table: str, columns: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Read the rows of *table*, each after where it is: its file and line."""
    path = path_of(table)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        before = path.read_bytes()[: error.start].count(b"\n")
        raise TableError(f"{path}, line {before + 1}: this is not UTF-8") from None
    named = False
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        place = f"{path}, line {number}"
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if not named and cells != tuple(columns):
            raise TableError(f"{place}: write the names of the columns, {_shown(columns)}")
        if len(cells) != len(columns) or not all(cells):
            raise TableError(f"{place}: fill the columns {_shown(columns)}, with a tab between two")
        if named:
            yield place, cells
        named = True


def _shown(columns: Sequence[str]) -> str:
    return " | ".join(columns)


def _known(name: str, names: Sequence[str], place: str) -> str:
    if name not in names:
        raise TableError(f"{place}: there is no list {name!r}; there are {', '.join(names)}")
    return name


_SLOTS = {"number": r"\d+", "year": r"\d{4}", "word": r"\w+", "end": r"\b"}
_SIGNS = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|", "'": "[’']"}
_PART = re.compile(
    r"(?P<text>[^\\{}()\[\]|']+)|\\(?P<literal>.)|\{(?P<slot>\w+)\}|(?P<sign>[()\[\]|'])|."
)


def pattern(phrase: str) -> str:
    r"""Return the regular expression of a *phrase* in the notation of the tables.

    ``(a|b)`` is one of several, ``[a]`` may be missing, ``{number}``, ``{year}`` and ``{word}``
    stand for any, ``{end}`` for the end of a word, ``{60}`` for up to 60 characters, ``'`` for
    either apostrophe. After a backslash each of these signs is a character like any other.
    """
    opened: list[str] = []
    found = []
    for match in _PART.finditer(phrase):
        sign, slot = match["sign"], match["slot"] or ""
        if sign:
            if sign in "([":
                opened.append(sign)
            elif sign in ")]" and (not opened or opened.pop() + sign not in ("()", "[]")):
                raise ValueError(f"nothing opens the {sign}")
            found.append(_SIGNS[sign])
        elif slot.isdigit():
            found.append(f".{{0,{slot}}}")
        elif slot in _SLOTS:
            found.append(_SLOTS[slot])
        elif text := match["text"] or match["literal"]:
            found.append(re.escape(text))
        else:
            raise ValueError(f"{match[0]} means nothing")
    if opened:
        raise ValueError(f"nothing closes the {opened[-1]}")
    return "".join(found)
