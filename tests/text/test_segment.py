from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from helpers import TESTS
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.segmentation import LONGEST_QUOTATION, boundaries, segment

LANGUAGES = ["en", "es", "fr", "pt", "pt_BR", "it", "de", "ru", "ar", "el", "nl", "pl", "zh", "xx"]
CASES = TESTS / "segmentation"


def load() -> Sequence[object]:
    """Read the hard cases; one with a "known" reason is beyond the rules, and must stay so."""
    rows = []
    for path in sorted(CASES.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(line)
            marks = [pytest.mark.xfail(reason=row["known"])] if "known" in row else []
            name = f"{path.stem}-{number}"
            rows.append(
                pytest.param(path.stem, row["sentences"], row["text"], marks=marks, id=name)
            )
    return rows


@pytest.mark.parametrize(("language", "sentences", "text"), load())
def test_hard_case(language: str, sentences: list[str], text: str) -> None:
    assert [s.strip() for s in segment(text, language)] == sentences


def test_every_language_has_its_cases() -> None:
    counts = {p.stem: len(p.read_text("utf-8").splitlines()) for p in CASES.glob("*.jsonl")}
    assert set("en es fr pt it de ru ar".split()) <= counts.keys()
    assert min(counts.values()) >= 25


PIECES = st.sampled_from(
    [
        *". .. ... … ! ? ?! : ; , ؟ ۔ \" ' “ ” ‘ ’ « » „ ( ) [ ] — - • * 1. 2) a) (b) ¿ ¡".split(),
        *"Dr. U.N. e.g. p.m. г. z. B. No. 12. XIV. The They and the Él д 。 و 5 Smith élan".split(),
        *[
            " ",
            " ",
            " ",
            "\n",
            "\n\n",
            "\t",
            "\u00a0",
            "\u202f",
            "\u202a",
            "\u202c",
            "\r\n",
            "\x85",
        ],
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=80)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_sentences_joined_are_the_text(text: str, language: str) -> None:
    assert "".join(segment(text, language)) == text
    assert "" not in segment(text, language)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_sentences_start_after_white_space_only(text: str, language: str) -> None:
    found = boundaries(text, language)
    assert found == sorted(set(found) - {0, len(text)})
    assert all(text[at - 1].isspace() and not text[at].isspace() for at in found)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_every_sentence_can_be_segmented_again(text: str, language: str) -> None:
    for sentence in segment(text, language):
        assert "".join(segment(sentence, language)) == sentence


SENTENCES = st.lists(
    st.sampled_from(
        [
            "They burned the mill.",
            'He said "no.',
            "“Where is she?",
            "It's the miners' day!",
            "(So).",
        ]
    ),
    min_size=1,
    max_size=200,
)


@settings(deadline=None, max_examples=50)
@given(SENTENCES)
def test_stray_quotes_never_join_a_page(sentences: list[str]) -> None:
    longest = max(map(len, segment(" ".join(sentences), "en")))
    assert longest <= LONGEST_QUOTATION + 2 * len(max(sentences, key=len))


@pytest.mark.parametrize(
    "quotation",
    [
        '"We stay. We have nowhere to go."',
        "“We stay. We have nowhere to go.”",
        "”We stay. We have nowhere to go.“",
        "« We stay. We have nowhere to go. »",
        "»We stay. We have nowhere to go.«",
        "„We stay. We have nowhere to go.“",
        "‘We stay. We have nowhere to go.’",
        "'We stay. It's the miners' day.'",
        "(We stay. We have nowhere to go.)",
    ],
)
def test_a_quotation_stays_whole(quotation: str) -> None:
    sentences = [f"She wept: {quotation}", "They left."]
    assert [s.strip() for s in segment(" ".join(sentences), "en")] == sentences
    assert len(segment(f"{quotation} she said. They left.", "en")) == 2


def test_an_apostrophe_quotes_nothing() -> None:
    assert len(segment("The '90s were hard. The miners' union fell. It's over.", "en")) == 3


def test_far_apart_quotes_do_not_join_what_is_between() -> None:
    text = '"' + "They burned the mill. " * 2000 + 'It is over."'
    assert len(segment(text, "en")) == 2001


HOSTILE = [
    *'"|\'|. |.|." |". |( |((|!) |1. |- |• |a. b. |…|. . . . |U.N. |x|(a) |«|“ '.split("|"),
    *["A.\u202c ", "1. 2. ", "—", '."x', "\n", " \n", " ", "-\n", "x\n", ".\n"],
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_hostile_text_takes_linear_time(piece: str, language: str) -> None:
    """Finish at all: what is quadratic takes minutes at this size."""
    text = piece * (200_000 // len(piece))
    assert "".join(segment(text, language)) == text


def test_nothing_and_white_space() -> None:
    assert segment("", "en") == []
    assert segment(" \n ", "en") == [" \n "]
    assert segment("  One. Two.  ", "en") == ["  One. ", "Two.  "]


def test_a_newline_is_white_space_unless_the_lines_are_a_list() -> None:
    assert len(segment("We met in the old\nhall of the town.", "en")) == 1
    assert len(segment("bread\nclean water\nfreedom, land\n", "en")) == 3
    assert (
        len(
            segment(
                "a heading that is wrapped at\nthe width of a page, so all\nlines are full", "en"
            )
        )
        == 1
    )


@pytest.mark.parametrize("language", ["pt_BR", "pt-BR", "PT", "pt"])
def test_language_codes_of_any_shape(language: str) -> None:
    assert len(segment("A Sra. Lima saiu. Ninguém viu.", language)) == 2


def test_dots_without_white_space_are_not_boundaries() -> None:
    assert boundaries("See google.longrunning.Operation and Node.js", "en") == []
