"""The contract of an engine: segments in, hypotheses out, in the same order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast, runtime_checkable

from pipeline.errors import EngineError
from pipeline.model import Constraint

PROTECTED = re.compile("[\ue000-\uf8ff]")
"""One character of the private use area: it stands for a piece that is not to be translated."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence to be drafted, and what an engine may know beside it."""

    text: str
    """One line. `PROTECTED` characters in it should come back once each; the caller checks."""
    before: str = ""
    """The sentence before it in the article, as a reader sees it; "" at the beginning."""
    after: str = ""
    terms: tuple[str, ...] = ()
    """What the glossary says of its terms, one line each: ``tariff → tarifa (f)``."""
    constraints: tuple[Constraint, ...] = ()
    """The same, for engines that can follow it; in the order of the text, without overlap."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to say a segment in the target language."""

    text: str
    doubt: str = ""
    """What the engine itself doubts in it, in plain words for a translator; "" if nothing."""
    terms: tuple[str, ...] = ()
    """How each constraint of the segment was met: natural, chosen (from the hypotheses), forced,
    spliced or missing. () where the engine does not look."""


Hypotheses = tuple[Hypothesis, ...]
"""Of one segment, the best first; () where the engine has nothing to offer."""


@runtime_checkable
class Engine(Protocol):
    """`source` and `target` are locale names as gettext writes them: en, es, pt_BR, zh_Hans."""

    name: str
    reads: tuple[str, ...]
    """The fields of a `Segment`, beside its text, that have an influence on its hypotheses."""

    def signature(self, source: str, target: str) -> str:
        """Say what writes the draft; the same as long as the same versions are installed."""

    def serves(self, source: str, target: str) -> bool:
        """Whether the pair can be translated now."""

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        """Give hypotheses for each segment, in order, or raise `EngineError`.

        White space around a text is kept. What comes back for a segment hangs on that segment
        alone, not on the others in the call.
        """


@runtime_checkable
class Portioned(Protocol):
    """An engine that asks somebody else: what it was told in a call is lost where the call fails.

    So it is called with a portion at a time, and what comes back is remembered before the next.
    """

    @property
    def portion(self) -> int:
        """Give the segments that it asks for at a time."""


Options = Mapping[str, object]
"""A table ``[tool.pipeline.NAME]``: the settings of one engine."""


NONE = "none"
"""The engine of a locale that is translated by hand."""


@runtime_checkable
class Yielding(Protocol):
    """An engine that is not equally good in every pair: "auto" asks it when its turn has come."""

    def yields(self, source: str, target: str, to: Sequence[str]) -> str:
        """Say why the engines of those names should rather be tried; "" where they should not."""


class Progress(Protocol):
    """Is told how far a long work is; what is counted (sentences, bytes) is said elsewhere."""

    def expect(self, count: int) -> None:
        """So many more are to be done."""

    def add(self, count: int) -> None:
        """So many have been done."""


# What the adapters share.

_CORE = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


def by_core(
    segments: Sequence[Segment],
    translate: Callable[[list[Segment]], Sequence[Hypotheses]],
    name: str,
) -> list[Hypotheses]:
    """Translate texts without the white space around them, and put that back.

    A text with no letter outside protected pieces comes back as it is. `translate` is called
    once with the rest, and not at all where there is none.
    """
    parts = [cast(re.Match[str], _CORE.fullmatch(s.text)).groups() for s in segments]
    wanted = [i for i, (_, core, _) in enumerate(parts) if has_words(core)]
    out: list[Hypotheses] = [(Hypothesis(segment.text),) for segment in segments]
    if not wanted:
        return out
    drafts = translate([_core_of(segments[i], *parts[i][:2]) for i in wanted])
    if len(drafts) != len(wanted):
        raise EngineError(f"Engine {name} gave {len(drafts)} drafts for {len(wanted)} texts.")
    for i, hypotheses in zip(wanted, drafts, strict=True):
        before, _, after = parts[i]
        out[i] = tuple(replace(h, text=before + h.text.strip() + after) for h in hypotheses)
    return out


def _core_of(segment: Segment, before: str, core: str) -> Segment:
    """Return the segment without white space around, its constraints counted from there."""
    moved = (
        replace(one, start=one.start - len(before), end=one.end - len(before))
        for one in segment.constraints
    )
    return replace(segment, text=core, constraints=tuple(moved))


def has_words(text: str) -> bool:
    return any(character.isalpha() for character in text)


def split_locale(locale: str) -> tuple[str, str]:
    """Split pt_BR into pt and BR, zh_Hans into zh and Hans, ca@valencia into ca and valencia."""
    language, _, rest = re.sub("[-@]", "_", locale).partition("_")
    return language, rest
