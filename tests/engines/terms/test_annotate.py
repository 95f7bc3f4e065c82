"""Terms written into the source: the text that comes of it, and what the Argos engine does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import packages
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packages import TINY

from pipeline.engines.argos.card import KEY
from pipeline.engines.base import Hypothesis, Segment
from pipeline.engines.install import argos
from pipeline.engines.terms.annotate import MARKS, Marks, annotate
from pipeline.model import Constraint

SEEN = Marks("<", "|", ">")
TABLE: dict[str, Any] = {KEY: {"terms": MARKS._asdict()}}


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
        yield


# The text.


@pytest.mark.parametrize(
    ("text", "terms", "told"),
    [
        ("The crew, they say", [(4, 8, "tripulación")], "The< crew| tripulación>, they say"),
        ("Crew and pier", [(0, 4, "a"), (9, 13, "b")], "< Crew| a> and< pier| b>"),
        ("the (crew) rests", [(5, 9, "la  tripulación ")], "the (< crew| la tripulación>) rests"),
        ("two  piers", [(5, 10, "x")], "two<  piers| x>"),
        ("crew's pier", [(0, 6, "x"), (7, 11, "y")], "< crew's| x>< pier| y>"),
        ("none", [], "none"),
    ],
)
def test_annotate(text: str, terms: list[tuple[int, int, str]], told: str) -> None:
    assert annotate(text, terms, SEEN) == told


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a crew", [(2, 2, "x")]),
        ("a crew", [(1, 2, "x")]),
        ("a crew", [(2, 6, " ")]),
        ("a crew", [(2, 7, "x")]),
        ("a crew", [(0, 4, "x"), (2, 6, "y")]),
        ("a crew", [(2, 6, "x"), (0, 1, "y")]),
        ("a > crew", [(4, 8, "x")]),
        ("a crew", [(2, 6, "x|y")]),
    ],
)
def test_what_cannot_be_annotated(text: str, terms: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match=r"no term stands|marks of terms are in the text"):
        annotate(text, terms, SEEN)


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(MARKS)))


@given(st.lists(st.tuples(WORDS, WORDS.filter(str.strip), WORDS.filter(str.strip))), WORDS)
def test_text_and_terms_can_be_read_back(parts: list[tuple[str, str, str]], end: str) -> None:
    text, terms = "", []
    for before, word, target in parts:
        text += before
        terms.append((len(text), len(text) + len(word), target))
        text += word
    told = annotate(text + end, terms, MARKS)
    back, found = "", []
    for n, part in enumerate(told.split(MARKS.open)):
        if n:
            inside, _, part = part.partition(MARKS.close)
            word, _, target = inside.partition(MARKS.target)
            found.append((word.strip(), target.strip()))
            back += word
        back += part
    assert "".join(back.split()) == "".join((text + end).split())
    assert found == [(text[s:e].strip(), " ".join(words.split())) for s, e, words in terms]


# The engine.


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages of random weights: en→es knows terms; es→en and en→fr do as well."""
    folder = tmp_path_factory.mktemp("knowing")
    for n, (source, target) in enumerate((("en", "es"), ("es", "en"), ("en", "fr"))):
        packages.build_package(
            folder / f"{source}_{target}", source, target, seed=n, marks=MARKS, **TABLE
        )
    return folder


class Heard:
    """Engine whose models say nothing of their own, and keep what they hear."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *says: str) -> None:
        from pipeline.engines.argos import engine as argos_engine

        self.texts: list[tuple[str, list[str]]] = []
        self.engine = argos_engine.ArgosEngine(folders=[folder])

        def hop(package: Any, texts: list[str]) -> Any:
            self.texts.append((f"{package.from_code}→{package.to_code}", texts))
            return [tuple(map(Hypothesis, says or texts)) for _ in texts]

        monkeypatch.setattr(self.engine, "_hop", hop)


def crew(text: str, **its: Any) -> Segment:
    its = {"term": "tripulación", "plural": "tripulaciones", "gender": "f", "pos": "noun", **its}
    at = text.index("crew")
    return Segment(text, constraints=(Constraint(at, at + 4, **its),))


def test_the_model_is_told_the_terms(knowing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard(knowing, monkeypatch, "Nada.", "La tripulación descansa.")
    asked = [
        Segment("The crew rests."),
        crew("  The crew rests. "),
        crew("The crew rests.", number="plural"),
        crew("The crew rests.", number="plural", pos="verb"),
        crew("The crew rests.", term="crew", plural="", gender="", keep=True),
        crew(f"The {MARKS.close} crew rests."),
        crew("The crew rests.", term=f"la {MARKS.open}"),
    ]
    first, second, *_ = heard.engine.translate(asked, "en", "es")
    ((_, texts),) = heard.texts
    shown = [text.translate(str.maketrans("".join(MARKS), "".join(SEEN))) for text in texts]
    assert shown == [
        "The crew rests.",
        "The< crew| tripulación> rests.",
        "The< crew| tripulaciones> rests.",
        "The< crew| tripulación> rests.",
        "The< crew| crew> rests.",
        "The > crew rests.",
        "The crew rests.",
    ]
    assert first[0] == Hypothesis("Nada.")
    assert (second[0].text, second[0].terms) == ("  La tripulación descansa. ", ("chosen",))


def test_what_is_said_at_once_is_natural(knowing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard(knowing, monkeypatch, "La tripulación descansa.", "Nada.")
    (its,) = heard.engine.translate([crew("The crew rests.")], "en", "es")
    assert [one.terms for one in its] == [("natural",), ("missing",)]


def test_what_is_not_said_is_forced_as_without(knowing: Path) -> None:
    """Real decoding, of random weights: nobody knows what they say, but the term gets in."""
    from pipeline.engines.argos.engine import ArgosEngine

    (its,) = ArgosEngine(folders=[knowing]).translate([crew("The crew rests.")], "en", "es")
    assert its[0].terms[0] in {"natural", "chosen", "forced", "spliced", "missing"}
    assert not any(mark in its[0].text for mark in MARKS)


def test_terms_off_tells_none(knowing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard(knowing, monkeypatch)
    heard.engine.terms = False
    heard.engine.translate([crew("The crew rests.")], "en", "es")
    assert heard.texts == [("en→es", ["The crew rests."])]


def test_only_the_last_of_a_chain_is_told(knowing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.engines.terms import alignment, assessment, constrained

    heard = Heard(knowing, monkeypatch)
    places = [alignment.Place(((4, 8),), True), alignment.Place(((2, 8),), True)]
    monkeypatch.setattr(alignment, "locate", lambda model, asked: [places])
    asked = crew("The crew rests.", term="équipage")
    asked = Segment(asked.text, constraints=(*asked.constraints, Constraint(9, 14, "repos")))
    monkeypatch.setattr(
        constrained,
        "follow",
        lambda model, tasks: [[assessment.Rendering(t.hypotheses[0], (), 0)] for t in tasks],
    )
    heard.engine.translate([asked], "es", "fr")
    (_, before), (_, after) = heard.texts
    assert before == ["The crew rests."]
    assert after == [annotate("The crew rests.", [(2, 8, "repos")], MARKS)]  # they overlap


def test_marks_are_pieces_and_words_stay_as_they_are(knowing: Path) -> None:
    from pipeline.engines.argos import packages
    from pipeline.engines.argos import terms as argos_terms

    one = packages.read_package(knowing / "en_es")
    assert one is not None
    assert argos_terms.are_pieces(one, MARKS)
    text = "Where is the house of the soldiers?"
    pieces = one.tokenizer.encode(annotate(text, [(13, 18, "red"), (26, 34, "big car")], MARKS))
    kept: list[str] = []
    inside = False
    for piece in pieces:
        inside = piece == MARKS.target or (inside and piece != MARKS.close)
        if not inside and piece not in MARKS:
            kept.append(piece)
    assert kept == one.tokenizer.encode(text)


def test_marks_that_are_no_pieces_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from pipeline.engines.argos import engine as argos_engine

    plain, marked = tmp_path / "plain", tmp_path / "marked"
    argos.install_file(TINY, into=plain)
    archive = packages.repack(TINY, tmp_path / "new.argosmodel", **TABLE)
    argos.install_file(archive, into=marked)
    asked = [crew("The crew lives in a small house.")]
    wanted = argos_engine.ArgosEngine(folders=[plain]).translate(asked, "en", "es")
    engine = argos_engine.ArgosEngine(folders=[marked])
    with caplog.at_level(logging.WARNING):
        assert engine.translate(asked, "en", "es") == wanted
        assert engine.translate(asked, "en", "es") == wanted
    assert [line for line in caplog.messages if "is not told the terms" in line] == caplog.messages
    assert len(caplog.messages) == 1
