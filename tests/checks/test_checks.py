"""A table per check: what passes and what fails."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from protected import MARKED, kept

from pipeline.catalog.extract import extract
from pipeline.checks.base import Check, Subject, SubjectKind, check
from pipeline.checks.draft import EXACT
from pipeline.checks.findings import findings, of_article, of_messages
from pipeline.checks.registry import CHECKS, by_id, checks_of
from pipeline.formats.read import read
from pipeline.model import Catalog, Finding, Message, Severity
from pipeline.terminology.glossary import Glossary
from pipeline.text.commonmark import render
from pipeline.workflow import build

LINK = "See [us](https://a.example/x?b=1&c=2)."


def translation(source: str, target: str) -> Subject:
    return Subject(SubjectKind.TRANSLATION, source, target, "en", "es")


def found(check: str, source: str, target: str) -> list[str]:
    return list(CHECKS[check].find(translation(source, target)))


@pytest.mark.parametrize(
    ("check", "source", "target"),
    [
        ("links", LINK, "Vea [nuestra página](https://a.example/x?b=1&c=2)."),
        ("links", "Ask <a@b.example>.", "Pregunte a <a@b.example>."),
        ("tags", "H<sub>2</sub>O `x`", "`x` H<sub>2</sub>O"),
        ("tags", "Hello {name}", "{name}, hola"),
        ("running text", "On 8 March", "8. März"),
        ("running text", "It is - as they say - late", "- como dicen - es tarde"),
        ("tags", "He said [they] would come.", "Dijo que [ellos] vendrían."),
        ("words", "Yes!", "¡Sí!"),
        ("words", "—", "—"),
        ("links", "[a](b)", "[`a`](b)"),
        ("characters", "a", "«a» — ¿b? ‏ع 🎉"),
        ("characters", "a", "\u2066a\u2069"),
        ("figures", "4.5 of 1,250 on 12/3", "4,5 de 1.250 el 12/3"),
        ("figures", "1,250", "1\u202f250"),
        ("tags", "a.[^1] b[^c]", "b[^c] a.[^1]"),
        ("emphasis", "**a** b", "b **a**"),
        ("copied", "Ana Brisk", "Ana Brisk"),
        ("copied", "We want the ferry back", "Queremos el transbordador"),
    ],
)
def test_passes(check: str, source: str, target: str) -> None:
    assert found(check, source, target) == []


@pytest.mark.parametrize(
    ("check", "source", "target", "explanation"),
    [
        (
            "links",
            LINK,
            "Vea [us](https://evil.example/).",
            "https://evil.example/ is not in",
        ),
        ("links", LINK, "Vea.", "https://a.example/x?b=1&c=2 is missing"),
        ("links", "a", "a www.evil.example/x", "www.evil.example/x is not in the source"),
        ("links", "a", "<javascript:alert(1)>", ""),
        ("links", "a", "[b](data:text/html,x)", ""),
        ("tags", "a", "a <script>x</script>", "<script> is not in the source"),
        ("tags", "a", "a <b onclick=x>", "is not in the source"),
        ("tags", "a {name}", "a", "{name} is missing"),
        ("tags", "a.[^1] b", "a. b", "[^1] is missing"),
        ("tags", "[^a]: b", "a: b", "[^a] is missing"),
        ("tags", "a", "{{< figure >}}", "{{< is not in the source"),
        ("tags", "a", "[gallery id=1]", "[gallery id=1] is not in the source"),
        ("tags", "`x`", "x", "x is missing"),
        ("running text", "a", "# a", ""),
        ("running text", "a", "a\n\nb", "something else than running text"),
        ("running text", "a", "<div>a", "something else than running text"),
        ("tags", "a", "[Gallery ids=1]", "is not in the source"),
        ("tags", "a", "{{ evil }}", "{{ is not in the source"),
        ("tags", "a", "{% evil %}", "{% is not in the source"),
        ("words", "a", "\u00a0", "it looks empty"),
        ("words", "a", "\u200b", "it looks empty"),
        ("words", "a", "#", "it looks empty"),
        ("links", "[a](b)", "a [](b)", "the link to b has no words"),
        ("characters", "a", "a\u202eb", "U+202E"),
        ("characters", "a", "a\u2066b", "do not balance"),
        ("figures", "4.5 and 3", "4,6 y 3", "45 is missing"),
        ("emphasis", "**a** b", "a b", "the emphasis differs"),
        ("copied", "We want the ferry back", "We want the ferry back", "unchanged"),
    ],
)
def test_fails(check: str, source: str, target: str, explanation: str) -> None:
    lines = found(check, source, target)
    if not explanation:  # harmless: the parser itself makes plain text of it, or guard does
        assert lines == []
    else:
        assert any(explanation in line for line in lines)


@pytest.mark.parametrize("piece", [text for text in MARKED if kept([text])])
def test_each_kind_of_piece_is_checked(piece: str) -> None:
    for source, target in (("ship", f"ship {piece}"), (f"ship {piece}", "ship")):
        said = {one.check for one in findings(translation(source, target))}
        assert said & {"links", "tags", "emphasis"}


SENTENCE = "The harbour board wants the night ferry back before the first snow falls."
FRASE = "La junta del puerto quiere recuperar el transbordador nocturno antes de la primera nevada."


def draft(source: str, target: str, *names: str) -> Subject:
    return Subject(SubjectKind.DRAFT, source, target, "en", "es", names=names)


def sentence(text: str) -> Subject:
    return Subject(SubjectKind.SOURCE, text, source_language="en")


def article(*texts: str, dates: Sequence[str] = ()) -> Subject:
    days = tuple(map(datetime.date.fromisoformat, dates))
    parts = tuple(map(sentence, texts))
    return Subject(SubjectKind.ARTICLE, "", source_language="en", sentences=parts, dates=days)


WRONG: dict[str, tuple[Subject, str]] = {
    "number scale": (
        sentence("It costs 8000 thousand."),
        "“8000 thousand”: is the number meant as it stands?",
    ),
    "quotes": (sentence("They “met."), "“ and ” do not pair up"),
    "doubled words": (sentence("They met the the board."), "“the the”: a word said twice"),
    "dashes": (sentence("They met –again."), "“–again”: a dash clings to one side"),
    "spacing": (sentence("They  met."), "two spaces in a row"),
    "abbreviations": (sentence("In the U.S they met."), "“U.S”: the last full stop is missing"),
    "number style": (
        article("One has **1.200**", "and one 1,300."),
        "1.200 beside 1,300: is the point a decimal point?",
    ),
    "dates": (
        article(dates=("2024-05-02", "2024-05-01", "2024-05-03")),
        "dated 2024-05-02, but it also bears 2024-05-01, 2024-05-03;"
        " the front matter (date: ...) decides",
    ),
    "link schemes": (
        sentence("See [it](vbscript:x)."),
        "“vbscript:x”: a website may run it; it is kept in every language",
    ),
    "links": (translation("See [us](/a).", "Vea."), "/a is missing"),
    "tags": (translation("Hi {name}.", "Hola."), "{name} is missing"),
    "running text": (
        translation("It is.", "Es.\n\nAsí."),
        "Markdown would read it as something else than running text",
    ),
    "words": (translation("It is.", "…"), "it looks empty"),
    "characters": (translation("a", "a\u202e"), "it holds the control character U+202E"),
    "unsafe links": (
        translation("See it.", "Vea <vbscript:x>."),
        "the link to vbscript:x is not in the source",
    ),
    "template syntax": (
        translation("See {% a %}.", "Vea {% a %}{{b}}."),
        "{{b}} is not in the source",
    ),
    "figures": (translation("It is 4.5.", "Son."), "45 is missing"),
    "emphasis": (translation("**It** is.", "Es."), "the emphasis differs"),
    "copied": (translation(SENTENCE, SENTENCE), "it is the source, unchanged"),
    "unwritable": (draft("It is.", "Es\0."), "it holds U+0000, which no catalog can hold"),
    "lost markup": (draft("See [us](/a).", "Vea."), "the link /a is lost"),
    "lost numbers": (draft("It is 4.5.", "Son."), "the number 4.5 is lost"),
    "lost names": (draft("The NDU met.", "Se reunió.", "NDU"), "the name NDU is lost"),
    "lost brands": (draft("On YouTube.", "En línea."), "the name YouTube is lost"),
    "loops": (draft("They met.", "Se vieron vieron vieron."), "it repeats “vieron”"),
    "noises": (draft("They met.", "♪ Se vieron."), "it says ♪, which the source does not"),
    "untranslated": (draft(SENTENCE, SENTENCE), "it is the source, unchanged"),
    "length": (draft(SENTENCE, "La junta."), "it is far too short"),
    "other script": (draft("They met.", "Они."), "it is in Cyrillic script"),
    "other language": (draft(SENTENCE, FRASE), "it seems to be in Catalan"),
}
"""A subject of each check, and all that the check says of it."""


class Catalan:
    labels = frozenset({"ca", "es"})

    def guess(self, _text: str) -> dict[str, float]:
        return {"ca": 0.9}


each_check = pytest.mark.parametrize("one", CHECKS.values(), ids=list(CHECKS))


@each_check
def test_each_check_finds_what_it_is_for(one: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.checks.draft.load_guesser", Catalan)
    subject, explanation = WRONG[one.id]
    severity = one.severities[subject.kind]
    assert list(one.find(subject)) == [explanation]
    said = [f for f in findings(subject, "here", "why") if f.check == one.id]
    assert said == [Finding(one.id, explanation, "here", severity, "why")]


@each_check
def test_each_check_has_a_title(one: Check) -> None:
    assert 0 < len(one.title) < 100
    assert not one.title.endswith(".")


def test_severities_are_those_that_people_know() -> None:
    warned = {"figures", "emphasis", "copied"}
    for one in CHECKS.values():
        for kind, severity in one.severities.items():
            mild = kind in {SubjectKind.SOURCE, SubjectKind.ARTICLE} or one.id in warned
            assert severity is (Severity.WARNING if mild else Severity.ERROR)


def test_what_holds_of_a_draft_and_of_a_translation_is_one_check() -> None:
    assert list(CHECKS["words"].find(draft("It is.", "…"))) == ["it looks empty"]


def test_of_a_draft_the_cheapest_checks_are_asked_first() -> None:
    asked = [one.id for one in checks_of(SubjectKind.DRAFT)]
    assert asked[:7] == ["words", *(one.id for one in EXACT)]
    assert asked[-1] == "other language"


def test_no_two_checks_have_one_id() -> None:
    with pytest.raises(ValueError, match="two checks have the id 'links'"):
        by_id([CHECKS["links"], CHECKS["tags"], replace(CHECKS["links"])])


def test_a_check_is_what_its_function_says() -> None:
    @check(draft=Severity.ERROR, translation=Severity.WARNING)
    def moved_points(subject: Subject) -> Iterator[str]:
        """Points stay where they are.

        That is a long story.
        """
        yield subject.target

    assert (moved_points.id, moved_points.title) == ("moved points", "Points stay where they are")
    assert moved_points.severities == {
        SubjectKind.DRAFT: Severity.ERROR,
        SubjectKind.TRANSLATION: Severity.WARNING,
    }
    assert list(moved_points.find(draft("a", "b"))) == ["b"]


def test_a_check_without_a_title_or_of_an_unknown_kind_is_refused() -> None:
    def untitled(subject: Subject) -> Iterator[str]:
        yield subject.target

    with pytest.raises(ValueError, match="untitled: a check needs a docstring"):
        check(draft=Severity.ERROR)(untitled)
    untitled.__doc__ = "Points stay."
    with pytest.raises(ValueError, match="hypothesis"):
        check(hypothesis=Severity.ERROR)(untitled)


def test_a_source_is_looked_at_sentence_by_sentence_and_as_a_whole() -> None:
    raw = "# The U.S and us\n\nIt is 1.200 or 1,300.\nWe met the the board.\n"
    one = read(raw, ".md", "a", "en")
    assert [(f.check, f.where, f.error) for f in one.findings] == [
        ("abbreviations", "line 1", False),
        ("doubled words", "line 4", False),
        ("number style", "", False),
    ]
    assert one.findings == of_article(one)


def test_only_approved_messages_are_checked() -> None:
    bad = Message(source=LINK, target="nada")
    assert [f.check for f in of_messages([bad], "en", "es")] == ["links"]
    fuzzy = Message(source=LINK, target="nada", fuzzy=True)
    assert not list(of_messages([fuzzy, Message(source=LINK)], "en", "es"))


SOURCE = """\
One [report][1] says this. Two says that.

![a quay](https://a.example/q.png)

| Alpha | Beta |
| --- | --- |
| One | Two |

[1]: https://a.example/1
[2]: https://a.example/2
"""


@pytest.mark.parametrize(
    ("translations", "explanation"),
    [
        (
            {"One": "Uno [esto", "Two": "aquí](//evil.example/x) dos."},
            "//evil.example/x",
        ),
        ({"One": "Uno [informe][1] <img src=x onerror=alert(1)", "Two": "> dos."}, "<img"),
        ({"One": "Uno [informe][1] <!-- a", "Two": "b --> dos."}, "<!--"),
        ({"One": "Uno [informe][1] `a", "Two": "b` dos."}, "is not in the source"),
        ({"One": "Uno [informe][2]."}, "https://a.example/1 is missing"),
        ({"One": "Uno informe."}, "https://a.example/1 is missing"),
        ({"a quay": "muelle](//evil.example/p.png) ![x"}, "//evil.example/p.png"),
        ({"a quay": "muelle\\"}, "q.png is missing"),
        ({"Alpha": "Alfa | más"}, ""),
        ({}, ""),
    ],
)
def test_what_a_browser_will_show_is_what_counts(
    translations: dict[str, str], explanation: str
) -> None:
    def said(source: str) -> str:
        return next((t for s, t in translations.items() if source.startswith(s)), source)

    article = read(SOURCE, ".md", "a", "en")
    messages = [
        replace(
            m, target=next((t for s, t in translations.items() if m.source.startswith(s)), m.source)
        )
        for m in extract(article, Glossary(), "es")
    ]
    built = build(article, Catalog("es", tuple(messages)), Glossary())
    errors = [f.explanation for f in built.findings if f.error]
    assert built.publishable == (not explanation)
    assert any(explanation in line for line in errors) or not errors
    if "Alpha" in translations:
        assert "<th>Alfa | más</th>" in render(built.body)
        assert "<td>Two</td>" in render(built.body)
