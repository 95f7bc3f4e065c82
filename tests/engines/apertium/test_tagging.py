"""A tagger that forgets, and drafts that hang on their sentence alone all the same."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.engines.apertium import tagger
from pipeline.engines.apertium.process import Daemon
from pipeline.engines.apertium.tagger import Model

NAMES = {name: n for n, name in enumerate(["NOUN", "VERB", "ADJ", "ADV", "DET"])}
MODEL = Model(
    frozenset({0, 1, 2}), NAMES, tuple(map(frozenset, [{0, 1, 2}, {0, 1}, {4}, {0, 1, 3, 4}]))
)
"""No word may be noun and verb; where one is, the open set becomes {NOUN, VERB}."""

TAGGER = r"""
import re, sys
forgot = False
for block in iter(lambda: "".join(iter(lambda: sys.stdin.read(1), "\0")), ""):
    out = []
    for word in re.findall(r"\^([^$]*)\$", block):
        word, said = word.split("/", 1)
        out.append(f"{word}-{'forgot' if forgot else 'open'}" if said == "*" else word)
        if said in ("NOUN,VERB", "NOUN,ADV"):
            print(
                f"Error: A new ambiguity class was found. \nRetraining ...\nWord 'SHOWN'.\n"
                f"New ambiguity class: {{{said}}}", file=sys.stderr, flush=True
            )
            forgot = forgot or said == "NOUN,VERB"
    print(" ".join(out) + block[block.rindex("["):], end="\0", flush=True)
"""
"""Does what Apertium's does: it takes “a/NOUN,VERB” amiss, and “a/NOUN,ADV” not."""


def packed(number: int) -> bytes:
    more = max(0, (number.bit_length() + 1) // 8)
    data = number.to_bytes(more + 1)
    return bytes([data[0] | more << 6]) + data[1:]


def written(model: Model, names: int | None = None) -> bytes:
    """Return what of a model's file `tagging.load` reads, and as many zeros."""

    def word(text: str) -> Iterator[int]:
        yield from (len(text), *map(ord, text))

    def numbers() -> Iterator[int]:
        tags = sorted(model.open)
        yield len(tags)
        yield from (b - a for a, b in itertools.pairwise([0, *tags]))
        yield from (2, 1, 2, 300, 4)  # forbidden
        yield len(model.names)
        for name in model.names:
            yield from word(name)
        yield len(model.names)
        for name, n in model.names.items():
            yield from (*word(name), n)
        yield from (1, 3, 2, 1, 4)  # what has to follow
        yield from (1, *word("<n><sg>"))
        yield from (1, *word("kEOF"), 70_000)
        yield len(model.trained)
        for one in model.trained:
            yield from (len(one), *sorted(one))
        yield from (len(model.names) if names is None else names, len(model.trained))

    return b"".join(map(packed, numbers())) + bytes(100)


def test_a_model_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.prob"
    path.write_bytes(written(MODEL))
    assert tagger.load(path) == MODEL


@settings(deadline=None)
@given(st.binary(max_size=200) | st.integers(0, 120).map(lambda n: written(MODEL)[:n]))
def test_what_is_no_model_is_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("m") / "a.prob"
    path.write_bytes(data)
    found = tagger.load(path)
    assert found is None or found.open <= set(found.names.values())


def test_a_file_of_another_kind_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "a.prob"
    path.write_bytes(written(MODEL, names=3))
    assert tagger.load(path) is None
    assert tagger.load(tmp_path / "gone.prob") is None


@pytest.mark.parametrize(
    ("readings", "harmful"),
    [("NOUN,VERB", True), ("VERB", True), ("NOUN,ADV", False), ("DET", True), ("NEW", False)],
)
def test_what_does_harm(readings: str, harmful: bool) -> None:
    said = f"x\nWord 'a'b'.\nNew ambiguity class: {{{readings}}}\ny\n"
    assert tagger.harmful(said, MODEL) == ({"a'b"} if harmful else set())
    assert tagger.harmful(said, None) == {"a'b"}


@pytest.mark.parametrize(
    ("command", "watched"),
    [
        ("apertium-tagger -z -g a.prob", True),
        ("/usr/bin/apertium-tagger -gz a.prob", True),
        ("apertium-tagger -z -gx a.prob", False),
        ("apertium-tagger -z -x -g a.prob", False),
        ("apertium-transfer -z -g a.prob", False),
    ],
)
def test_which_taggers_are_watched(command: str, watched: bool) -> None:
    assert tagger.is_watched(command.split()) is watched


def mode(folder: Path, shown: str = "{word}", *, model: bool = True) -> Path:
    """Write a mode of a tagger that forgets, between two programs that copy."""
    program = folder / "apertium-tagger"
    text = TAGGER.strip().replace("SHOWN", shown)
    program.write_text(f"#!{sys.executable}\n{text}\n", "utf-8")
    program.chmod(0o755)
    (folder / "a.prob").write_bytes(written(MODEL) if model else b"")
    path = folder / "en-es.mode"
    path.write_text(f"sed -u -e '' | '{program}' -g '{folder / 'a.prob'}' | sed -u -e ''")
    return path


WORDS = st.sampled_from(["bad/NOUN,VERB", "odd/NOUN,ADV", "new/*", "the/DET"])
BLOCKS = st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=5)


def expected(block: Iterable[str]) -> str:
    """Return what a tagger says that has just been started."""
    found, forgot = [], False
    for unit in block:
        word, said = unit.split("/")
        found.append(f"{word}-{'forgot' if forgot else 'open'}" if said == "*" else word)
        forgot = forgot or said == "NOUN,VERB"
    return " ".join(found)


@pytest.mark.parametrize("how", ["as it is", "no model", "nameless"])
def test_answers_hang_on_their_block_alone(tmp_path: Path, how: str) -> None:
    daemon = Daemon(mode(tmp_path, "" if how == "nameless" else "{word}", model=how != "no model"))

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BLOCKS)
    def law(blocks: list[list[str]]) -> None:
        asked = [" ".join(f"^{unit}$" for unit in block) for block in blocks]
        assert daemon.ask(asked) == [expected(block) for block in blocks]

    law()
    assert daemon.ask(["^bad/NOUN,VERB$", "^new/*$", "^new/*$ ^bad/NOUN,VERB$ ^new/*$"]) == [
        "bad", "new-open", "new-open bad new-forgot"
    ]  # fmt: skip
    daemon.stop()
    assert not daemon.processes


def test_a_tagger_without_harm_is_not_started_again(tmp_path: Path) -> None:
    daemon = Daemon(mode(tmp_path))
    daemon.ask(["^odd/NOUN,ADV$"])
    before = [process.pid for process in daemon.processes]
    assert len(before) == 3
    assert daemon.ask(["^new/*$"]) == ["new-open"]
    assert [process.pid for process in daemon.processes] == before
    daemon.stop()
