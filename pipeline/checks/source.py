"""Checks of a source text: reported to the coordinator, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.checks.base import Subject, check
from pipeline.model import Severity
from pipeline.text import executable, locales, tables


@check(source=Severity.WARNING)
def number_scale(subject: Subject) -> Iterator[str]:
    """A number in thousands is not counted in thousands again: 8000 thousand."""
    scales = tables.phrases("checks/number_scales", "scale")["scale"]
    words = "|".join(scales.get(locales.language(subject.source_language), ()))
    if words:
        for match in re.finditer(
            rf"(?<![\w.,])(\d{{4,}}|\d{{1,3}}(?:[.,\s]\d{{3}}){{1,5}})\s+({words})\b",
            subject.shown_source,
            re.I,
        ):
            yield f"“{match[0]}”: is the number meant as it stands?"


@check(source=Severity.WARNING)
def quotes(subject: Subject) -> Iterator[str]:
    """Quotation marks turn the right way; they and brackets pair up."""
    text = subject.shown_source
    for match in re.finditer(r"(?<!\w)([’‘”])(\w[^‘’“”]{0,80})\1(?!\w)", text):
        yield f"“{match[0]}”: a quotation mark turns the wrong way"
    for opening, closing in (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]")):
        if text.count(opening) != text.count(closing) and not ("„" in text and opening == "“"):
            yield f"{opening} and {closing} do not pair up"


@check(source=Severity.WARNING)
def doubled_words(subject: Subject) -> Iterator[str]:
    """No word is said twice in a row."""
    for match in re.finditer(r"\b([^\W\d_]{2,})\s+\1\b", subject.shown_source):
        yield f"“{match[0]}”: a word said twice"


@check(source=Severity.WARNING)
def dashes(subject: Subject) -> Iterator[str]:
    """A dash has a space on both sides or on neither."""
    for match in re.finditer(r"\s[–—]\w+|\b\w+[–—]\s|\b\w+-(?=[\s,.;])", subject.shown_source):
        yield f"“{match[0].strip()}”: a dash clings to one side"


@check(source=Severity.WARNING)
def spacing(subject: Subject) -> Iterator[str]:
    """No space stands before a mark, except in French, and no two are in a row."""
    if locales.language(subject.source_language) != "fr":
        for match in re.finditer(r"\b\w+ [,;:!?](?=\s|$)", subject.shown_source):
            yield f"“{match[0]}”: a space before the mark"
    if re.search(r"\w  +\w", subject.shown_source):
        yield "two spaces in a row"


@check(source=Severity.WARNING)
def abbreviations(subject: Subject) -> Iterator[str]:
    """Initials keep their last full stop, as the U.S. and the E.U. do."""
    for match in re.finditer(r"(?<![.\w])(?:[A-Z]\.)+[A-Z]\b(?![.\w])", subject.shown_source):
        yield f"“{match[0]}”: the last full stop is missing"


_DOTS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d.,]*\d)")
_COMMAS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,]*\d)")


@check(article=Severity.WARNING)
def number_style(article: Subject) -> Iterator[str]:
    """Thousands are parted as the language does it, and in one way."""
    text = "\n".join(sentence.shown_source for sentence in article.sentences)
    dots, commas = _DOTS.findall(text), _COMMAS.findall(text)
    if dots and (commas or locales.language(article.source_language) == "en"):
        others = f" beside {', '.join(commas[:3])}" if commas else ""
        yield f"{', '.join(dots[:3])}{others}: is the point a decimal point?"


@check(article=Severity.WARNING)
def dates(article: Subject) -> Iterator[str]:
    """An article bears one date."""
    if len(article.dates) > 1:
        own, *others = (date.isoformat() for date in article.dates)
        yield (
            f"dated {own}, but it also bears {', '.join(others)};"
            " the front matter (date: ...) decides"
        )


@check(source=Severity.WARNING)
def link_schemes(subject: Subject) -> Iterator[str]:
    """Links have a scheme that no website runs."""
    for place in executable.links(subject.source):
        yield f"“{place}”: a website may run it; it is kept in every language"
