"""Tagger watch: the words that make Apertium's tagger misread unknown words afterwards.

A word that no dictionary has may be of any *open* class of words. `apertium-tagger -g` (the HMM)
keeps these as a set of tags. Where a word has a combination of readings that the tagger was not
trained for, it looks for the smallest trained set that includes them, beginning with the open
one, and by mistake assigns the result to the open set itself (`find_similar_ambiguity_class` in
apertium/tagger_utils.cc, 3.8.3). All unknown words after that, in whatever block, are read as
members of that set, until the process ends. With ``-d`` it names each such word. Harmful are
those whose readings a smaller trained set includes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NEW = re.compile(r"^Word '(.*)'\.\nNew ambiguity class: \{(.*)\}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Model:
    """Ambiguity classes of a tagger's model."""

    open: frozenset[int]
    """The tags of unknown words."""
    names: dict[str, int]
    trained: tuple[frozenset[int], ...]

    def is_harmful(self, readings: frozenset[str]) -> bool:
        """Whether a word with those readings replaces the open set."""
        tags = {self.names.get(name, -1) for name in readings}
        return any(len(one) < len(self.open) and tags <= one for one in self.trained)


def is_watched(argv: list[str]) -> bool:
    """Whether a command is the tagger with the mistake: the HMM, and no other kind."""
    kinds = "".join(arg[1:] for arg in argv[1:] if re.fullmatch(r"-[a-z]+", arg))
    return argv[0].endswith("apertium-tagger") and "g" in kinds and not set(kinds) & set("xuw")


def harmful(said: str, model: Model | None) -> set[str]:
    """Return the harmful words, as the analyser wrote them, in a tagger's standard error.

    Without a model, all words that may be harmful.
    """
    return {
        word
        for word, readings in _NEW.findall(said)
        if model is None or model.is_harmful(frozenset(readings.split(",")))
    }


def without_reports(said: str) -> str:
    """Strip the reports of words from a tagger's standard error."""
    return _NEW.sub("", said)


def load(path: Path) -> Model | None:
    """Read the model in a file; None where it is not in the format of Apertium 3.8."""
    try:
        return _read(_numbers(path.read_bytes()))
    except (OSError, ValueError, StopIteration):
        return None


def _numbers(data: bytes) -> Iterator[int]:
    """Yield the numbers of a compiled file: two bits count the bytes that follow the other six."""
    at = 0
    while at < len(data):
        more = data[at] >> 6
        yield int.from_bytes(bytes([data[at] & 63]) + data[at + 1 : at + 1 + more])
        at += 1 + more


def _read(numbers: Iterator[int]) -> Model:
    def number() -> int:
        return next(numbers)

    def several(count: int) -> list[int]:
        return [number() for _ in range(count)]

    def word() -> str:
        return "".join(map(chr, several(number())))

    opened, tag = set(), 0
    for step in several(number()):
        tag += step
        opened.add(tag)
    several(2 * number())  # forbidden pairs
    names = [word() for _ in range(number())]
    count = number()
    for _ in range(count):  # the tags' numbers by name
        word(), number()
    for _ in range(number()):  # enforced sequences
        number(), several(number())
    for _ in range(number()):  # preferred readings
        word()
    for _ in range(number()):  # constants
        word(), number()
    trained = tuple(frozenset(several(number())) for _ in range(number()))
    if number() != count or number() != len(trained) or max(opened, default=0) >= len(names):
        raise ValueError("not a tagger's model")
    return Model(frozenset(opened), {name: n for n, name in enumerate(names)}, trained)
