"""Contract of an engine: segments in, hypotheses out, in the same order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast, runtime_checkable

from pipeline.errors import EngineError
from pipeline.model import Constraint as Constraint

PROTECTED = re.compile("[\ue000-\uf8ff]")
"""A character of the private use area, which stands for a piece not to be translated."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence to be drafted, with its context and its terms."""

    text: str
    """One line. `PROTECTED` characters in it should come back once each; the caller checks."""
    before: str = ""
    """The sentence before it in the article, as a reader sees it; "" at the beginning."""
    after: str = ""
    terms: tuple[str, ...] = ()
    """Its glossary entries, one line each: ``tariff → tarifa (f)``."""
    constraints: tuple[Constraint, ...] = ()
    """The same entries for engines that can follow them; in text order, without overlap."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A candidate translation of a segment."""

    text: str
    doubt: str = ""
    """The engine's own doubt of it, in plain words for a translator; "" if it has none."""
    terms: tuple[str, ...] = ()
    """How each constraint of the segment was met: natural, chosen (from the hypotheses), forced,
    spliced or missing; () where the engine does not check."""


Hypotheses = tuple[Hypothesis, ...]
"""Hypotheses for one segment, best first; () where the engine has none."""


@runtime_checkable
class Engine(Protocol):
    """An adapter of one machine translation system.

    `source` and `target` are locale names as gettext writes them: en, es, pt_BR, zh_Hans.
    """

    name: str
    reads: tuple[str, ...]
    """Fields of a `Segment`, beside its text, that influence its hypotheses."""

    def signature(self, source: str, target: str) -> str:
        """Name the system and its versions; equal signatures promise equal drafts."""

    def serves(self, source: str, target: str) -> bool:
        """Whether the pair can be translated now."""

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        """Return the hypotheses for each segment, in order, or raise `EngineError`.

        White space around a text is kept. The hypotheses for a segment depend on that segment
        alone, not on the others in the call.
        """


@runtime_checkable
class Portioned(Protocol):
    """An engine behind a server, where a call that fails loses all its answers.

    So it is called with one portion at a time, and the answers are remembered before the next.
    """

    @property
    def portion(self) -> int:
        """Number of segments to ask for in one call."""


Options = Mapping[str, object]
"""A table ``[tool.pipeline.NAME]``: the settings of one engine."""


NONE = "none"
"""The engine of a locale that is translated by hand."""


@runtime_checkable
class Yielding(Protocol):
    """An engine that is not equally good in every pair; "auto" asks it before choosing it."""

    def yields(self, source: str, target: str, to: Sequence[str]) -> str:
        """Explain why one of the engines `to` is better for the pair; "" where none is."""


class Progress(Protocol):
    """Progress of a run, whose work is found in portions; the unit is named by whoever shows it."""

    def expect(self, count: int) -> None:
        """Add *count* to the work to be done."""

    def add(self, count: int) -> None:
        """Add *count* to the work done."""


_CORE = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


def by_core(
    segments: Sequence[Segment],
    translate: Callable[[list[Segment]], Sequence[Hypotheses]],
    name: str,
) -> list[Hypotheses]:
    """Translate texts without the white space around them, then restore it.

    A text with no letter outside protected pieces is returned unchanged. `translate` is called
    once with the rest, or not at all where there is no rest.
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
