"""Words that a model has made up, as nobody taught them to it and no dictionary has them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import packages
import pytest
from packages import TINY

from pipeline.engines.argos.engine import ArgosEngine
from pipeline.engines.argos.vocabulary import WORDS, made_up, read_words, words_of
from pipeline.engines.base import Segment
from pipeline.errors import EngineError
from pipeline.model import Constraint
from pipeline.text import lemmas


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
        yield


def unpacked(folder: Path) -> Path:
    """Return the folder of a package, as if a person had put it there."""
    with zipfile.ZipFile(TINY) as archive:
        archive.extractall(folder)
    return next(folder.iterdir())


@pytest.mark.parametrize(
    ("word", "language", "known"),
    [
        ("galaxias", "es", True),
        ("galaxía", "es", False),
        ("basándose", "es", True),  # a verb with its pronoun
        ("grévistes", "fr", True),
        ("dinosteurs", "fr", False),
        ("anything", "tlh", True),  # no dictionary, no doubt
    ],
)
def test_dictionary(word: str, language: str, known: bool) -> None:
    assert lemmas.in_dictionary(word, language) is known


def test_made_up() -> None:
    draft = "La galaxía de Norvela, el fentanilo y el tradbajo: galaxía, XIII, ey."
    assert made_up(draft, ["Fentanilo in the galaxy"], {"trabajo"}, "es") == ("galaxía", "tradbajo")
    assert made_up(draft, ["fentanilo", "Galaxía"], {"tradbajo"}, "es") == ()
    assert list(words_of("L’eau, ça va: Água-viva 12 x1y")) == ["água", "viva"]


def test_drafts_tell_what_is_made_up(tmp_path: Path) -> None:
    package = unpacked(tmp_path)
    source = Segment("The crane operator examined the shipyard’s galvanised hawsers.")

    def drafts(segment: Segment = source) -> list[tuple[str, str]]:
        engine = ArgosEngine(folders=[tmp_path])
        return [(one.text, one.doubt) for one in engine.translate([segment], "en", "es")[0]]

    plain = drafts()
    assert not any(
        "may not be a real word" in doubt for _, doubt in plain
    )  # the package does not say

    (package / WORDS).write_text("", "utf-8")
    told = drafts()
    assert [text for text, _ in told] == [text for text, _ in plain]
    assert any("may not be a real word: “" in doubt for _, doubt in told)
    for text, doubt in told:
        said = re.search("may not be a real word: (.*)", doubt)
        words = tuple(re.findall("“(.+?)”", said[1])) if said else ()
        assert words == made_up(text, [source.text], (), "es")
        assert not any(lemmas.in_dictionary(word, "es") for word in words)

    odd = [word for text, _ in told for word in made_up(text, [source.text], (), "es")]
    (package / WORDS).write_text("\n".join(odd), "utf-8")
    assert read_words(package) == frozenset(odd)
    assert drafts() == plain

    # What the glossary says is a word.
    (package / WORDS).write_text("", "utf-8")
    crane = Constraint(4, 18, "gruísta portuariel")
    text, doubt = drafts(Segment(source.text, constraints=(crane,)))[0]
    assert "gruísta portuariel" in text
    assert "portuariel" not in doubt.partition("may not be a real word")[2]


def test_a_list_of_words_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    package = unpacked(tmp_path)
    (package / WORDS).write_bytes(b"\xff\xfe")
    with pytest.raises(EngineError, match=str(package)):
        ArgosEngine(folders=[tmp_path]).translate([Segment("Yes.")], "en", "es")
