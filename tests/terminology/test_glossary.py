"""Reading the glossary, and finding its terms."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.model import Constraint
from pipeline.terminology import cache
from pipeline.terminology.glossary import Glossary, Target, Term, forbidden_renderings, renderings
from pipeline.terminology.glossary_file import parse, read
from pipeline.terminology.validate import problems
from pipeline.text import lemmas

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
        ("? a: {b: c}\n", "a key is a list or a mapping"),
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
    glossary = parse((ROOT / "glossary.yaml").read_text(encoding="utf-8"))
    assert len(glossary.terms) >= 30
    for term in glossary.terms:
        for locale in ("es", "fr", "pt_BR", "it"):
            assert term.target(locale), (term.term, locale)
    statements = " ".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "source_texts").iterdir()
    )
    used = {hit.term.term for hit in glossary.find(statements)}
    assert len(used) >= 30


def test_the_simple_case_is_short() -> None:
    glossary = parse("source: fr\nterms:\n  - quai: {es: muelle, de: Kai}\n  - {term: 'on'}\n")
    assert glossary.terms[0] == Term("quai", targets={"es": Target("muelle"), "de": Target("Kai")})
    assert glossary.language == "fr"
    assert parse("terms:\n  - {term: quai}\n", language="fr").language == "fr"


def test_every_mistake_is_found_with_its_line() -> None:
    _, found = read("""\
version: 2
sourse: en
terms:
  - term: quay
    pos: boat
    keep: maybe
    targets:
      es_XX: muelle
      es: {term: muelle, gender: x, forbid: ferri}
      pt-BR: cais
      fr: {plural: quais}
  - term: 2024
  - term: ""
  - term: ferry
    variants: [3, "boat"]
    case: sometimes
    unless: [true]
  - crane
""")
    assert [one.line for one in found] == [1, 2, 5, 6, 8, 9, 9, 10, 11, 12, 13, 15, 16, 17, 18]
    assert all(one.error for one in found)


WIDE = parse("""\
terms:
  - term: trade union
    pos: noun
    targets:
      es: {term: sindicato, plural: sindicatos, gender: m, forbid: [unión, gremio]}
  - term: European Union
    pos: name
    targets: {es: Unión Europea}
  - term: regional state
    pos: noun
    targets: {es: {term: estado, plural: estados}}
  - {term: NGO, pos: abbr, targets: {es: {term: ONG, forbid: [ONGs]}}}
  - {term: Orvane, keep: true, targets: {ar: أورفان}}
  - {term: rebel group, targets: {es: {term: rebeldes, singular: rebelde}}}
  - {term: AIDS, targets: {es: sida}}
""")


def test_an_engine_is_told_where_what_and_in_which_number() -> None:
    text = "Trade unions and a trade union of Orvane"
    several, one, name = WIDE.constraints(text, "es")
    assert several == Constraint(
        0, 12, "sindicato", "sindicatos", "plural", "m", "noun", (), ("unión", "gremio")
    )
    assert (one.number, text[one.start : one.end]) == ("singular", "trade union")
    assert (name.term, name.keep) == ("Orvane", True)
    (other,) = [c for c in WIDE.constraints(text, "ar") if c.start == name.start]
    assert (other.term, other.keep) == ("أورفان", False)
    (group,) = WIDE.constraints("the rebel group", "es")
    assert (group.term, group.plural) == ("rebelde", "rebeldes")


@pytest.mark.parametrize(
    ("name", "text", "good", "bad"),
    [
        ("trade union", "Los Sindicatos y un sindicato.", ["Sindicatos", "sindicato"], []),
        ("trade union", "La unión y los gremios.", [], ["unión", "gremios"]),
        ("trade union", "El sindicato de la Unión Europea.", ["sindicato"], []),
        ("regional state", "Los estados estaban bien.", ["estados"], []),
        ("NGO", "Las ONG", ["ONG"], []),
        ("NGO", "Las ONGs", [], ["ONGs"]),
        ("Orvane", "Orvane, orvane", ["Orvane"], []),
        ("European Union", "la Unión Europea, una unión europea", ["Unión Europea"], []),
    ],
)
def test_a_translation_is_searched_for_what_to_say_and_what_not(
    name: str, text: str, good: list[str], bad: list[str]
) -> None:
    (term,) = [term for term in WIDE.terms if term.term == name]
    others = [other for other in WIDE.terms if other is not term]
    assert [text[a:b] for a, b in renderings(text, term, "es")] == good
    assert [text[a:b] for a, b in forbidden_renderings(text, term, "es", others)] == bad
    assert renderings(text, term, "fr") == (((0, 6),) if name == "Orvane" else ())


def test_a_short_word_in_capitals_is_an_abbreviation() -> None:
    assert [hit.start for hit in WIDE.find("He aids; AIDS, Aids")] == [9]


def test_contradictions_are_found_and_warnings_are_none() -> None:
    glossary = parse("""\
terms:
  - term: quay
    variants: [wharf]
    targets:
      es: {term: muelle, forbid: [Muelle, puerto], forms: [muelle viejo, Muelle Viejo]}
  - {term: Wharf, targets: {es: embarcadero}}
  - {term: harbour, targets: {es: puerto}}
  - {term: port, targets: {es: puerto}, unless: [ship, port]}
  - {term: "boats?.*", targets: {es: bote}}
  - {term: quays, pos: noun, targets: {es: muelles}}
  - {term: Orvane, keep: true}
""")
    found = problems(glossary, ["es", "fr"])
    errors = {one.line: one.message for one in found if one.error}
    assert set(errors) == {5, 6, 8, 9}
    assert "both accepted and forbidden" in errors[5]
    assert "make one entry of them" in errors[6]
    assert "never found" in errors[8]
    assert "regular expression" in errors[9]
    warnings = [one.message for one in found if not one.error]
    for part in (
        "“Muelle Viejo” is there twice in forms",
        "“puerto” is forbidden, and is the target of “harbour” in line 7",
        "“puerto” is also the es target of “harbour” in line 7",
        "“ship” in unless does not hold the term",
        "“quays”: “quays” is also a form of “quay” in line 2",
        "“quay” has no fr",
    ):
        assert any(part in message for message in warnings), part
    assert not any("Orvane" in message for message in warnings)


def test_what_is_kept_from_one_run_to_the_next_is_what_was_read(tmp_path: Path) -> None:
    text = (ROOT / "glossary.yaml").read_text(encoding="utf-8")
    first = cache.load(text, "g.yaml", "en", tmp_path)
    again = cache.load(text, "g.yaml", "en", tmp_path)
    assert again == first == parse(text)
    assert [term.line for term in again.terms] == [term.line for term in first.terms]
    assert cache.load(text.replace("huelga", "paro"), "g.yaml", "en", tmp_path) != first
    lemmas.lemma("stevedores", "en")
    cache.save(tmp_path)
    assert "stevedores" in (tmp_path / "lemmas.json").read_text(encoding="utf-8")
    for name in ("glossary.json", "lemmas.json"):
        for broken in ("", "[]", "{", '{"key": 1}', '{"version": 1, "words": {"en": 3}}'):
            (tmp_path / name).write_text(broken, encoding="utf-8")
            assert cache.load(text, "g.yaml", "en", tmp_path) == first
            cache.save(tmp_path)


def test_a_glossary_that_cannot_be_read_is_not_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"g.yaml:2: .*\(and 1 more"):
            cache.load("terms:\n  - trem: a\n  - 3\n", "g.yaml", "en", tmp_path)


def test_no_data_is_loaded_for_names_alone() -> None:
    code = (
        "import sys; from pipeline.terminology.glossary_file import parse;"
        "g = parse('terms: [{term: Orvane, keep: true}]');"
        "print(len(g.find('Orvane and the trade unions')), 'simplemma' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


PIECES = st.sampled_from(
    [
        *(
            "terms:",
            "\n  - ",
            "term: a",
            "targets: {es: b}",
            "{es: c",
            "}",
            "[",
            "]",
            "no",
            "~",
            "3",
        ),
        *("2020-01-01", "&x ", "*x", "<<: ", "variants:", ": ", "\n    ", "'", '"', "|\n", "- "),
        *("unless: [a]", "keep: true", "es: ", "forbid: [q]", "!!python ", "? ", "#c\n", "---\n"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
@example("&x \n  - &x ")
def test_whatever_stands_in_it_reading_ends_well(text: str) -> None:
    glossary, found = read(f"terms:\n  - {text}")
    assert all(one.message.strip() and "\n" not in one.message for one in found)
    problems(glossary, ["es"])
    glossary.constraints("a b c q no", "es")
