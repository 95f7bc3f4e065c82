"""Concepts: entries of a term base of another tool."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.terminology.glossary import Target
from pipeline.terminology.matching import cut
from pipeline.text import locales


@dataclass(frozen=True, slots=True)
class Concept:
    """An entry of a term base: the wordings of one concept."""

    wordings: tuple[str, ...]
    """In the source language; the first is the term."""
    targets: Mapping[str, Target]
    pos: str = ""
    note: str = ""
    domain: str = ""
    keep: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    concepts: tuple[Concept, ...]
    languages: tuple[str, ...] = ()
    """Languages of the file, in its spelling; () if it names none."""
    skipped: tuple[str, ...] = ()
    """A line for each entry that the glossary cannot hold."""


def unusable(text: str) -> str:
    if not cut(text):
        return f"“{text}” holds no word"
    return "" if text.isprintable() else f"{text!r} holds a character that cannot be printed"


def gettext(code: str) -> str:
    first, *others = re.split("[-_]", code)
    cased = (part.title() if len(part) == 4 else part.upper() for part in others)
    return "_".join((first.lower(), *cased))


def fits(code: str, locale: str) -> bool:
    known = gettext(code)
    return known in locales.fallbacks(locale) or locale in locales.fallbacks(known)
