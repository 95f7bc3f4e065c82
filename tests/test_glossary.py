"""Reading the glossary, and finding its terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.glossary import Glossary, parse

GLOSSARY = parse("""\
terms:
  - term: rebel
    targets: {es: rebelde}
  - term: Syrian rebels
    variants: [rebel fighters]
    targets:
      es: {term: rebeldes sirios, plural: rebeldes sirios, gender: m, forbid: [terroristas]}
      pt: rebeldes sírios
  - {term: UN, variants: [U.N.], pos: abbr, case: sensitive, targets: {es: ONU}}
  - {term: Lake Assal, keep: true, case: sensitive}
  - {term: party, targets: {es: partido}, unless: [party wall]}
  - {term: workers' council, targets: {es: consejo obrero}}
  - {term: no, targets: {es: no}}
""")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Syrian rebels met two rebels.", ["Syrian rebels", "rebels"]),
        ("rebellion, a rebel-held town", ["rebel"]),
        ("REBEL FIGHTERS", ["REBEL FIGHTERS"]),
        ("the UN, the U.N. and un amigo", ["UN", "U.N."]),
        ("Lake Assal, lake assal", ["Lake Assal"]),
        ("two parties and a party wall", ["parties"]),
        ("The workers’ council", ["workers’ council"]),
        ("", []),
    ],
)
def test_terms_are_found_as_whole_words_longest_first(text: str, found: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in GLOSSARY.find(text)] == found


def test_a_translator_sees_what_to_say_and_what_not() -> None:
    assert GLOSSARY.hints("Syrian rebels at Lake Assal", "es") == (
        "term: Syrian rebels → rebeldes sirios (m; plural rebeldes sirios; not terroristas)",
        "term: Lake Assal is not translated",
    )
    assert GLOSSARY.hints("Syrian rebels", "pt_BR") == ("term: Syrian rebels → rebeldes sírios",)
    assert GLOSSARY.hints("a rebel", "fr") == ("term: rebel has no fr form in the glossary yet",)


def test_no_is_a_word() -> None:
    assert GLOSSARY.terms[-1].term == "no"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("terms:\n  - term: a\n    term: b\n", "g.yaml:3: found duplicate key"),
        ("terms:\n  - term: a\n  - trem: b\n", "g.yaml:3: an entry needs"),
        ("terms:\n  - term: a\n    gendre: f\n", "g.yaml:3: “a”: unknown key 'gendre'"),
        (
            "terms:\n  - term: a\n    targets: {es: {term: b, x: c}}\n",
            "unknown key 'x' in a target",
        ),
        ("terms:\n  - term: a\n    targets: {es: 3}\n", "a target is a word"),
        ("terms:\n  - term: a\n    variants: b\n", "variants is a list of words"),
        ("terms: [\n", "g.yaml:"),
        ("words: []\n", "there is no list “terms:”"),
    ],
)
def test_mistakes_are_named_with_their_line(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse(text, "g.yaml")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_nothing_is_a_glossary_too() -> None:
    assert parse("") == Glossary()


def test_the_projects_own_glossary_serves_every_locale() -> None:
    root = Path(__file__).parent.parent
    glossary = parse((root / "glossary.yaml").read_text(encoding="utf-8"))
    assert len(glossary.terms) >= 30
    for term in glossary.terms:
        for locale in ("es", "fr", "pt_BR", "it"):
            assert term.target(locale), (term.term, locale)
    statements = " ".join(
        path.read_text(encoding="utf-8") for path in (root / "source_texts").iterdir()
    )
    used = {hit.term.term for hit in glossary.find(statements)}
    assert len(used) >= 30
