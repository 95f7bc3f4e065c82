"""Locales: names, directions, dates, numbers and plural rules. The only module that knows Babel."""

from __future__ import annotations

import datetime
import functools
import re
import unicodedata

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, get_day_names, get_month_names
from babel.messages.plurals import get_plural
from babel.numbers import format_decimal, format_percent

from pipeline.errors import SettingsError


@functools.cache
def parse(code: str) -> Locale:
    """Return the Babel locale of a gettext or BCP 47 code; raise `SettingsError` for any other.

    Babel itself reads ``en.UTF-8`` as English and ``iw`` as Hebrew; a folder name must be
    unambiguous, so only a code that Babel would write again is accepted.
    """
    try:
        locale = Locale.parse(code, sep="-" if "-" in code else "_")
    except (UnknownLocaleError, ValueError, TypeError):
        raise SettingsError(
            f"unknown locale {code!r}; write it as gettext does: es, pt_BR"
        ) from None
    short = f"{locale.language}_{locale.territory}"  # Babel puts the script into zh_CN
    if code.replace("-", "_") not in {str(locale), short}:
        raise SettingsError(f"unknown locale {code!r}; did you mean {locale}?")
    return locale


@functools.lru_cache
def language(code: str) -> str:
    """Return the language part: ``pt`` of ``pt_BR``."""
    return re.split("[-_]", code)[0]


_CODE = re.compile(r"([a-z]{2,3})(?:[-_@.].*)?", re.IGNORECASE)


def written_as(code: str) -> str:
    """Return the language of any program's *code* as we write it: ``es`` of ``spa-MX``; or ""."""
    match = _CODE.fullmatch(code)
    if not match:
        return ""
    found = match[1].lower()
    return language(get_global("language_aliases").get(found, found))


def fallbacks(code: str) -> tuple[str, ...]:
    """Return *code* and its fallbacks: ``("pt_BR", "pt")``."""
    parts = code.split("_")
    return tuple("_".join(parts[:n]) for n in range(len(parts), 0, -1))


def from_bcp47(code: str) -> str:
    """Return a BCP 47 code, in whatever case, as gettext writes it: ``PT-br`` is ``pt_BR``."""
    first, *others = re.split("[-_]", code)
    cased = (part.title() if len(part) == 4 else part.upper() for part in others)
    return "_".join((first.lower(), *cased))


@functools.cache
def are_related(code: str, locale: str) -> bool:
    """Return whether a BCP 47 *code* is a fallback of *locale*, or the other way round."""
    known = from_bcp47(code)
    return known in fallbacks(locale) or locale in fallbacks(known)


def bcp47(code: str) -> str:
    """Return *code* as HTML and Hugo write it: ``pt-BR``."""
    return code.replace("_", "-")


def direction(code: str) -> str:
    """Return ``ltr`` or ``rtl``."""
    return str(parse(code).text_direction)


def name(code: str, in_locale: str = "en") -> str:
    """Return the name of the language, in English unless *in_locale* is given."""
    return str(parse(code).get_display_name(in_locale) or code)


def plural_forms(code: str) -> str:
    """Return the value of the PO header Plural-Forms."""
    return str(get_plural(parse(code)).plural_forms)


def long_date(date: datetime.date, code: str, *, weekday: bool = False) -> str:
    """Return *date* in the locale's own long form: ``12 de diciembre de 2016``."""
    return format_date(date, "full" if weekday else "long", locale=parse(code))


def percent(share: float, code: str) -> str:
    """Return *share* of 1 as a whole percentage, rounded down: 99.9 % is not all."""
    return str(format_percent(int(share * 100 + 1e-9) / 100, locale=parse(code)))


def number(value: int, code: str) -> str:
    return str(format_decimal(value, locale=parse(code)))


def _fold(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().strip(" .")


_VARIANTS = {"ar": ("ar_SY", "ar_DZ", "ar_MA"), "de": ("de_AT",)}
"""Locales in which the months have other names than in the language as a whole."""


@functools.cache
def _names(code: str) -> tuple[dict[str, int], frozenset[str]]:
    """Return the months by their folded names (1 to 12), and the folded names of week days."""
    months: dict[str, int] = {}
    days: set[str] = set()
    for variant in (language(code), *_VARIANTS.get(language(code), ())):
        locale = parse(variant)
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for month, text in get_month_names(width, context, locale).items():
                    months.setdefault(_fold(text), month)
                days.update(_fold(t) for t in get_day_names(width, context, locale).values())
    if language(code) == "en":
        months["sept"] = 9
        days.update(("tues", "thur", "thurs"))
    return months, frozenset(days)


_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|°|\.)?")
_LINKING = frozenset(["de", "del", "the", "of", "di", "du", "den", "el", "le", "la", "г", "в"])
_TOKEN = re.compile(r"[^\s,،]+")


def parse_date(text: str, code: str) -> tuple[datetime.date, bool] | None:
    """Return *text* as a date, and whether it names the week day; None if it is no date.

    The whole of *text* must be the date, its month written out in the language of *code*
    (names from CLDR), or the date in ISO form. ``3/4/2025`` is left alone: who knows which
    comes first.
    """
    text = text.strip().rstrip(".")
    if len(text) > 60:
        return None
    if match := _ISO.fullmatch(text):
        return _date(int(match[1]), int(match[2]), int(match[3]), weekday=False)
    months, days = _names(code)
    for name in months:
        if " " in name:
            text = text.replace(name, name.replace(" ", "_"))
    day = month = year = 0
    weekday = False
    for token in _TOKEN.findall(text):
        word = _fold(token).replace("_", " ")
        if re.fullmatch(r"\d{4}", word) and not year:
            year = int(word)
        elif (match := _DAY.fullmatch(token.rstrip(","))) and not day:
            day = int(match[1])
        elif word in months and not month:
            month = months[word]
        elif word in days and not weekday:
            weekday = True
        elif word not in _LINKING:
            return None
    return _date(year, month, day, weekday=weekday) if day and month and year else None


def _date(year: int, month: int, day: int, *, weekday: bool) -> tuple[datetime.date, bool] | None:
    try:
        return datetime.date(year, month, day), weekday
    except ValueError:
        return None
