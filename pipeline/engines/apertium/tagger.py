"""What makes Apertium's tagger forget how to read unknown words.

A word that no dictionary has may be of any *open* class of words. `apertium-tagger -g` (the HMM)
has that as a set of tags. Where a word's readings come in a combination that the tagger was not
trained for, it looks for the smallest trained set that holds them all, beginning with the open
one, and by mistake assigns what it finds to the open set itself (`find_similar_ambiguity_class`
in apertium/tagger_utils.cc, 3.8.3). All unknown words after that, in whatever block, are read as
if they were of that set, until the process ends. With ``-d`` it names each such word. This
module says which of them do harm: those whose readings some smaller trained set holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NEW = re.compile(r"^Word '(.*)'\.\nNew ambiguity class: \{(.*)\}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Model:
    """What of a tagger's model bears on it."""

    open: frozenset[int]
    """The tags of unknown words."""
    names: dict[str, int]
    trained: tuple[frozenset[int], ...]

    def is_harmful(self, readings: frozenset[str]) -> bool:
        """Return whether the open set would be replaced at a word with those tags."""
        tags = {self.names.get(name, -1) for name in readings}
        return any(len(one) < len(self.open) and tags <= one for one in self.trained)


def is_watched(argv: list[str]) -> bool:
    """Return whether a command is a tagger that has the mistake: the HMM, and no other kind."""
    kinds = "".join(arg[1:] for arg in argv[1:] if re.fullmatch(r"-[a-z]+", arg))
    return argv[0].endswith("apertium-tagger") and "g" in kinds and not set(kinds) & set("xuw")


def harmful(said: str, model: Model | None) -> set[str]:
    """Return the words, as the analyser wrote them, that did harm; *said* is by the tagger.

    Without a model, all that could have done it.
    """
    return {
        word
        for word, readings in _NEW.findall(said)
        if model is None or model.is_harmful(frozenset(readings.split(",")))
    }


def without_reports(said: str) -> str:
    """Strip a watched tagger's reports of words from its standard error: they are no failure."""
    return _NEW.sub("", said)


def load(path: Path) -> Model | None:
    """Return the model in a file; None where it is not as Apertium 3.8 writes it."""
    try:
        return _read(_numbers(path.read_bytes()))
    except (OSError, ValueError, StopIteration):
        return None


def _numbers(data: bytes) -> Iterator[int]:
    """Give the numbers of a compiled file: two bits say how many bytes follow the other six."""
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
    for _ in range(number()):  # what has to follow
        number(), several(number())
    for _ in range(number()):  # preferred readings
        word()
    for _ in range(number()):  # constants
        word(), number()
    trained = tuple(frozenset(several(number())) for _ in range(number()))
    if number() != count or number() != len(trained) or max(opened, default=0) >= len(names):
        raise ValueError("not a tagger's model")
    return Model(frozenset(opened), {name: n for n, name in enumerate(names)}, trained)
