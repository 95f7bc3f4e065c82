"""Concepts: entries of a term base of another tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.terminology.glossary import Target
from pipeline.terminology.matching import word_spans


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


def wording_problem(text: str) -> str:
    if not word_spans(text):
        return f"“{text}” holds no word"
    return "" if text.isprintable() else f"{text!r} holds a character that cannot be printed"
