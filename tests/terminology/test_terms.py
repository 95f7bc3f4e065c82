"""Finding wordings in running text, in eight languages. More cases: benchmarks/matching.py."""

from __future__ import annotations

import importlib.util

import pytest
from helpers import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.terminology.matching import (
    Matcher,
    Rule,
    Wording,
    longest,
    number,
    occurrences,
    word_spans,
)
from pipeline.text.lemmas import fold, forms, lemma

_spec = importlib.util.spec_from_file_location("matching", ROOT / "benchmarks" / "matching.py")
assert _spec
assert _spec.loader
matching = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(matching)


@pytest.mark.parametrize("trap", matching.TRAPS, ids=lambda trap: f"{trap[0]} {trap[2]}")
def test_words_are_found_in_their_forms_and_no_others(trap: tuple[str, str, str, str, int]) -> None:
    language, rule, wording, text, wanted = trap
    spans = occurrences(text, [wording], language, Rule(rule), "noun")
    assert len(spans) == wanted, [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("wording", "text", "found"),
    [
        ("U.N.", "the U.N. building, U.N", ["U.N."]),
        ("NGO", "NGOs and an NGO’s, an ngo", ["NGOs", "NGO"]),
        ("Orvane & Sons", "Orvane  &  Sons; Orvane and Sons", ["Orvane  &  Sons"]),
        ("C", "plan C, C++ and C#", ["C", "C", "C"]),
        ("Blue Quay", "BLUE QUAY, Blue quay, Blue\nQuay", ["Blue\nQuay"]),
        ("Kaï", "Kai\u0308 is Kaï", ["Kai\u0308", "Kaï"]),
        ("snake", "snake_case, a snake", ["snake"]),
    ],
)
def test_names_are_found_letter_for_letter(wording: str, text: str, found: list[str]) -> None:
    spans = occurrences(text, [wording], "en", Rule.EXACT, "abbr")
    assert [text[start:end] for start, end in spans] == found


def test_scripts_without_spaces_are_searched_letter_by_letter() -> None:
    assert occurrences("港口的工人罢工了", ["工人", "罢工"], "zh") == ((3, 5), (5, 7))


def test_the_longest_wins_even_where_it_begins_later() -> None:
    wordings = [Wording("harbour crane", 1), Wording("crane drivers’ strike", 2)]
    found = Matcher("en", wordings).find("a harbour crane drivers’ strike")
    assert [one.wording.payload for one in found] == [2]


def test_of_two_as_long_the_one_that_is_written_so_wins() -> None:
    matcher = Matcher("en", [Wording("worker", 1), Wording("workers", 2)])
    assert [one.wording.payload for one in matcher.find("workers, a worker")] == [2, 1]


@pytest.mark.parametrize(
    ("language", "wording", "text", "wanted"),
    [
        ("en", "trade union", "trade unions", "plural"),
        ("en", "trade union", "a trade union", "singular"),
        ("en", "right to strike", "rights to strike", "plural"),
        ("en", "workers' council", "workers' council", "singular"),
        ("en", "woman", "women", "plural"),
        ("en", "people", "people", ""),
        ("es", "derecho de huelga", "derechos de huelga", "plural"),
        ("it", "sciopero", "scioperi", "plural"),
        ("fr", "repas", "repas", ""),
    ],
)
def test_the_number_is_that_of_the_head(
    language: str, wording: str, text: str, wanted: str
) -> None:
    (found,) = Matcher(language, [Wording(wording, None, pos="noun")]).find(text)
    assert number(found, language) == wanted


def test_a_language_without_data_is_matched_by_its_letters() -> None:
    assert occurrences("Blorp blorps", ["blorp"], "xx") == ((0, 5),)


words = st.sampled_from(
    "strike strikes the worker’s union-made U.N. Fund 12 l’eau ÉTAT ﷺ \u00ad — . ’ - _".split()
)
texts = st.one_of(
    st.text(max_size=60), st.lists(words, max_size=12).map(" ".join), st.lists(words).map("".join)
)


@settings(max_examples=200, deadline=None)
@given(text=texts, wordings=st.lists(texts, max_size=4), rule=st.sampled_from(Rule))
def test_what_is_found_is_whole_words_in_order_without_overlap(
    text: str, wordings: list[str], rule: Rule
) -> None:
    last = 0
    for start, end in occurrences(text, wordings, "en", rule):
        assert last <= start < end <= len(text)
        last = end
        assert not (text[start - 1 : start] + text[start]).isalpha() or start == 0
        assert word_spans(text[start:end])


@settings(max_examples=200, deadline=None)
@given(text=texts, rule=st.sampled_from(Rule))
def test_a_wording_is_found_in_itself(text: str, rule: Rule) -> None:
    text = " ".join(text.split()).strip("_@.=\\’'´`‘ʼ-‐‑").strip()
    found = occurrences(f"({text})", [text], "en", rule)
    if word_spans(text) and text[0].isalnum() and text[-1].isalnum() and "_" not in text:
        assert found == ((1, len(text) + 1),)


@settings(max_examples=200, deadline=None)
@given(text=texts)
def test_every_place_is_among_all_places(text: str) -> None:
    matcher = Matcher(
        "en", [Wording(w, n) for n, w in enumerate(("strike", "strike fund", "fund"))]
    )
    found = matcher.all(text)
    assert set(map(id, longest(found))) <= set(map(id, found))


@settings(max_examples=300, deadline=None)
@given(word=st.text(min_size=1, max_size=12), language=st.sampled_from(["en", "ar", "ru", "tr"]))
def test_folding_twice_is_folding_once(word: str, language: str) -> None:
    once = fold(word, language)
    assert fold(once, language) == once
    assert forms(word, language)[0] == once
    assert lemma(word, language) == fold(lemma(word, language), language)
