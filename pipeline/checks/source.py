"""What looks wrong in a source text. Reported to the coordinator, never changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipeline.model import Article, DateLine, Finding, Unit
from pipeline.text import locales, markup, tables
from pipeline.text.source import unreadable

Audit = Callable[[str, str], Iterator[str]]
"""From the sentence as it reads without markup, and its language, to explanations."""


def findings(article: Article) -> tuple[Finding, ...]:
    """Return what a person should look at in the source, in its order."""
    found = []
    line = 1
    for part in article.parts:
        if isinstance(part, Unit):
            shown = markup.shown(part.text)
            for name, audit in AUDITS.items():
                for explanation in audit(shown, article.language):
                    found.append(Finding(name, explanation, f"line {line}"))
            coded = unreadable(part.source, quoted=bool(part.field))
            for char in sorted(coded - set(part.source)):
                explanation = f"U+{ord(char):04X} is left out of titles and front matter"
                found.append(Finding("control characters", explanation, f"line {line}"))
        line += part.source.count("\n")
    return (*found, *_number_styles(article), *_dates(article))


def number_scale(text: str, language: str) -> Iterator[str]:
    """Report a number in thousands that is counted in thousands again: ``8000 thousand``."""
    scales = tables.phrases("checks/number_scales", "scale")["scale"]
    words = "|".join(scales.get(locales.language(language), ()))
    if words:
        for match in re.finditer(
            rf"(?<![\w.,])(\d{{4,}}|\d{{1,3}}(?:[.,\s]\d{{3}}){{1,5}})\s+({words})\b", text, re.I
        ):
            yield f"“{match[0]}”: is the number meant as it stands?"


def quotes(text: str, _language: str) -> Iterator[str]:
    """Report curly quotes that open the wrong way, or that nothing closes."""
    for match in re.finditer(r"(?<!\w)([’‘”])(\w[^‘’“”]{0,80})\1(?!\w)", text):
        yield f"“{match[0]}”: a quotation mark turns the wrong way"
    for opening, closing in (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]")):
        if text.count(opening) != text.count(closing) and not ("„" in text and opening == "“"):
            yield f"{opening} and {closing} do not pair up"


def doubled_words(text: str, _language: str) -> Iterator[str]:
    for match in re.finditer(r"\b([^\W\d_]{2,})\s+\1\b", text):
        yield f"“{match[0]}”: a word said twice"


def dashes(text: str, _language: str) -> Iterator[str]:
    """Report dashes that cling to the word on one side only."""
    for match in re.finditer(r"\s[–—]\w+|\b\w+[–—]\s|\b\w+-(?=[\s,.;])", text):
        yield f"“{match[0].strip()}”: a dash clings to one side"


def spacing(text: str, language: str) -> Iterator[str]:
    if locales.language(language) != "fr":
        for match in re.finditer(r"\b\w+ [,;:!?](?=\s|$)", text):
            yield f"“{match[0]}”: a space before the mark"
    if re.search(r"\w  +\w", text):
        yield "two spaces in a row"


def abbreviations(text: str, _language: str) -> Iterator[str]:
    """Report initials that lack their last full stop: ``the U.S and the E.U``."""
    for match in re.finditer(r"(?<![.\w])(?:[A-Z]\.)+[A-Z]\b(?![.\w])", text):
        yield f"“{match[0]}”: the last full stop is missing"


AUDITS: dict[str, Audit] = {
    "number scale": number_scale,
    "quotes": quotes,
    "doubled words": doubled_words,
    "dashes": dashes,
    "spacing": spacing,
    "abbreviations": abbreviations,
}

_DOTS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d.,]*\d)")
_COMMAS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,]*\d)")


def _number_styles(article: Article) -> Iterator[Finding]:
    """Report thousands parted by points where the language has commas, or in both ways."""
    text = "\n".join(markup.shown(unit.text) for unit in article.units)
    dots, commas = _DOTS.findall(text), _COMMAS.findall(text)
    if dots and (commas or locales.language(article.language) == "en"):
        others = f" beside {', '.join(commas[:3])}" if commas else ""
        shown = ", ".join(dots[:3])
        yield Finding("number style", f"{shown}{others}: is the point a decimal point?")


def _dates(article: Article) -> Iterator[Finding]:
    """Report an article that bears several dates."""
    dates = {part.date for part in article.parts if isinstance(part, DateLine)}
    if article.date and dates - {article.date}:
        others = ", ".join(date.isoformat() for date in sorted(dates - {article.date}))
        yield Finding(
            "dates",
            f"dated {article.date.isoformat()}, but it also bears {others};"
            " the front matter (date: ...) decides",
        )
