"""Source files of a project: found, named, read."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import NoReturn

from pipeline.errors import CatalogError, SettingsError, SourceError
from pipeline.formats import read
from pipeline.model import Article
from pipeline.project.settings import Settings
from pipeline.storage import fingerprints
from pipeline.terminology import glossary_file
from pipeline.terminology.glossary import Glossary

FOLDERS = ("index", "_index")
"""Names that websites give the page of a folder, which is no article."""


def article_id(path: Path) -> str:
    """Return the name that an article bears in all other files: letters, digits, ``-_.``.

    Raises:
        SourceError: nothing is left of the name, or it is not UTF-8.

    """
    if not is_utf8(path.name):
        raise SourceError(_RENAME.format(legible(path.name)))
    name = _spelt(unicodedata.normalize("NFC", path.stem)).strip("-._")
    if not name:
        raise SourceError(f"{str(path)!r}: rename it; its name has no letter or digit")
    if name in FOLDERS:
        raise SourceError(f"{path.name}: rename it; websites take “{name}” for the folder itself")
    return name


_IGNORED = re.compile(r"[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that show nothing."""


def _spelt(stem: str) -> str:
    """Return *stem* with a hyphen for whatever is no letter, digit, ``_`` or ``.``.

    A mark stays with the letter that it stands on: Devanagari has vowels that are marks.
    """
    kept = [""]
    for char in _IGNORED.sub("", stem):
        on_letter = kept[-1] not in {"", "-", "."} and unicodedata.category(char)[0] == "M"
        if char.isalnum() or char in "_." or on_letter:
            kept.append(char)
        elif kept[-1] != "-":
            kept.append("-")
    return "".join(kept)


def read_article(
    path: Path, given: Settings, shown: str, seen: dict[Path, str] | None = None
) -> Article:
    """Return the article in the file at *path*; errors name it as *shown*. See `read_text`."""
    reader = path.suffix.lower()
    if reader not in read.READERS and path.exists():
        kinds = ", ".join(read.READERS)
        raise SourceError(f"{shown}: no reader for “{path.suffix}”; there are {kinds}")
    text = read_text(path, shown, seen)
    try:
        return read.read(text, reader, article_id(path), given.source_language, given.clean)
    except (SourceError, SettingsError) as error:
        raise SourceError(f"{shown}: {error}") from None


def read_text(path: Path, shown: str, seen: dict[Path, str] | None = None) -> str:
    """Return what the text file at *path* says, and put the digest of it into *seen*.

    Line ends are as they are in the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{shown}: {error.strerror}") from None
    if seen is not None:
        seen[path] = fingerprints.digest(data)
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{shown}:{line}: not UTF-8; convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE"
        ) from None
    if "\0" in text:
        raise SourceError(f"{shown}: not a text file (it holds NUL characters)")
    return text


def read_glossary(path: Path, language: str) -> Glossary:
    """Return the glossary in the file at *path*. See `read_text`."""
    return glossary_file.parse(read_text(path, str(path)), str(path), language)


_RENAME = "{}: rename it; its name is not UTF-8"


def is_utf8(name: str) -> bool:
    """Return whether the system's *name* is UTF-8; no other can be written into a file."""
    return name.encode(errors="replace").decode() == name


def legible(name: str) -> str:
    """Return *name* with each byte that is not UTF-8 written as its number."""
    return os.fsencode(name).decode(errors="backslashreplace")


def refuse(name: str) -> NoReturn:
    raise CatalogError(_RENAME.format(legible(name)))
