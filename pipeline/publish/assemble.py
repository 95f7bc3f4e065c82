"""Reassembly: an article's skeleton with other sentences in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.model import Article, DateLine, Dropped, Role, Unit
from pipeline.text import locales, markup

_LINE_START = re.compile(r"(?:\A|\n)[ >]*(?:(?:[-*+]|\d{1,9}[.)])[ ]+)?[ >]*\Z")

_PIPE = re.compile(r"(?<!\\)\|")
"""A pipe that would end a cell of a table."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """The front-matter fields that are text, and the body."""

    fields: dict[str, str]
    body: str


def assemble(article: Article, say: Callable[[int, Unit], str], locale: str) -> Assembled:
    """Return *article* with each unit as *say* (its number from 0, the unit) has it.

    With the sentences of the article itself and its own language, this is the article as
    cleaned, byte for byte.
    """
    texts: dict[str, list[str]] = {"": []}
    count = -1
    for part in article.parts:
        match part:
            case Unit():
                count += 1
                text = " ".join(say(count, part).split("\n"))
                if part.role is Role.CELL:
                    text = _PIPE.sub(r"\|", text)
                elif not part.field and part.role is not Role.HEADING:
                    tail = "".join(texts[""][-3:])[-80:]
                    text = markup.guard(text) if _LINE_START.search(tail) else text
                texts.setdefault(part.field, []).append(text)
            case DateLine():
                if not part.field:
                    texts[""].append(date_text(part, article.language, locale))
            case Dropped():
                pass
            case _:
                texts.setdefault(part.field, []).append(part.text)
    body = "".join(texts.pop(""))
    return Assembled({name: "".join(parts).strip() for name, parts in texts.items()}, body)


def date_text(line: DateLine, language: str, locale: str) -> str:
    """Return a date as *locale* writes it; in its own language as the source does."""
    if locale == language:
        return line.text
    return locales.long_date(line.date, locale, weekday=line.weekday)


def source_text(article: Article) -> Assembled:
    """Return the article as cleaned."""
    return assemble(article, lambda _, unit: unit.text, article.language)
