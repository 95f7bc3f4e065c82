from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.text import locales

LANGUAGES = ["en", "es", "fr", "pt_BR", "pt", "it", "de", "ru", "ar"]
MARCH = datetime.date(2025, 3, 18)


@pytest.mark.parametrize(
    ("text", "code", "weekday"),
    [
        ("March 18, 2025", "en", False),
        ("18 March 2025.", "en", False),
        ("Tue Mar 18, 2025", "en", True),
        ("Tuesday, the 18th of March, 2025", "en", True),
        ("2025-03-18", "es", False),
        ("18 de marzo de 2025", "es", False),
        ("martes, 18 de marzo del 2025", "es", True),
        ("Le 18 mars 2025", "fr", False),
        ("mardi 18 mars 2025", "fr", True),
        ("18 de março de 2025", "pt_BR", False),
        ("terça-feira, 18 de março de 2025", "pt_BR", True),
        ("18 marzo 2025", "it", False),
        ("martedì 18 marzo 2025", "it", True),
        ("18. März 2025", "de", False),
        ("Dienstag, den 18. März 2025", "de", True),
        ("18 марта 2025 г.", "ru", False),
        ("вторник, 18 марта 2025", "ru", True),
        ("18 مارس 2025", "ar", False),
        ("١٨ آذار ٢٠٢٥", "ar", False),
        ("الثلاثاء، 18 مارس 2025", "ar", True),
    ],
)
def test_dates_are_read(text: str, code: str, weekday: bool) -> None:
    assert locales.parse_date(text, code) == (MARCH, weekday)


@pytest.mark.parametrize(
    ("text", "code", "date"),
    [
        ("1er mai 2025", "fr", (2025, 5, 1)),
        ("1º de maio de 2025", "pt_BR", (2025, 5, 1)),
        ("6. Jänner 2025", "de", (2025, 1, 6)),
        ("Sept. 3, 2024", "en", (2024, 9, 3)),
        ("20 كانون الثاني 2025", "ar", (2025, 1, 20)),
        ("5 جويلية 2025", "ar", (2025, 7, 5)),
    ],
)
def test_other_forms(text: str, code: str, date: tuple[int, int, int]) -> None:
    assert locales.parse_date(text, code) == (datetime.date(*date), False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "March 2025",
        "March 18",
        "18 2025",
        "3/4/2025",
        "30 February 2025",
        "March 18 to 20, 2025",
        "On March 18, 2025",
        "March 18, 2025: the strike",
        "March March 18, 2025",
        "18 March 0000",
        "the",
        "May",
        "2025-13-01",
        "18 mars 2025",
        "March 18, 2025 " * 9,
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert locales.parse_date(text, "en") is None


@settings(deadline=None)
@given(
    st.dates(datetime.date(1000, 1, 1)),
    st.sampled_from(LANGUAGES),
    st.booleans(),
)
def test_what_is_written_can_be_read(date: datetime.date, code: str, weekday: bool) -> None:
    text = locales.long_date(date, code, weekday=weekday)
    assert locales.parse_date(text, code) == (date, weekday)


@settings(deadline=None)
@given(st.text(max_size=70), st.sampled_from(LANGUAGES))
def test_any_text_may_be_asked_about(text: str, code: str) -> None:
    locales.parse_date(text, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "March 18, 2025"),
        ("es", "18 de marzo de 2025"),
        ("fr", "18 mars 2025"),
        ("pt_BR", "18 de março de 2025"),
        ("it", "18 marzo 2025"),
        ("de", "18. März 2025"),
        ("ru", "18 марта 2025\u202fг."),
        ("ar", "18 مارس 2025"),
    ],
)
def test_dates_are_written(code: str, text: str) -> None:
    assert locales.long_date(MARCH, code) == text


@pytest.mark.parametrize(
    "code",
    [
        *"../../etc uk;rm en.UTF-8 iw EN en_us pt-br en__US C xx_YY_ZZ_AA e ｅｎ".split(),
        *["", " en", "en ", "en\n", "en/es", "en\0", "\\en", "~"],
    ],
)
def test_refused(code: str) -> None:
    with pytest.raises(SettingsError):
        locales.parse(code)


@pytest.mark.parametrize(
    "code", "en es pt_BR pt-BR zh_CN zh_Hans zh_TW sr_Latn en_US he ar".split()
)
def test_accepted(code: str) -> None:
    assert str(locales.parse(code))


@settings(deadline=None)
@given(st.text(max_size=12))
def test_a_locale_is_the_name_of_a_folder_or_refused(code: str) -> None:
    try:
        locales.parse(code)
    except SettingsError:
        return
    assert set(code) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@")


def test_names_and_directions() -> None:
    assert locales.name("pt_BR") == "Portuguese (Brazil)"
    assert locales.name("es", "es") == "español"
    assert locales.direction("ar") == "rtl"
    assert locales.direction("ru") == "ltr"
    assert locales.bcp47("pt_BR") == "pt-BR"
    assert locales.language("pt_BR") == locales.language("pt-BR") == "pt"
    assert locales.fallbacks("zh_Hans_CN") == ("zh_Hans_CN", "zh_Hans", "zh")
    assert locales.plural_forms("fr") == "nplurals=2; plural=(n > 1);"


def test_a_share_is_rounded_down() -> None:
    assert locales.percent(0.999, "en") == "99%"
    assert locales.percent(0.29, "en") == "29%"
    assert locales.percent(1.0, "fr") == "100\xa0%"
    assert locales.number(1234567, "de") == "1.234.567"
