"""Terms in drafts by Apertium: carried by a noun that it knows, or spliced in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Protocol

from pipeline.engines.apertium import carriers, tally, wanted
from pipeline.engines.apertium.carriers import Loaded
from pipeline.engines.apertium.modes import BINDER, Chain
from pipeline.engines.apertium.process import Daemon
from pipeline.engines.apertium.stream import doubt_unknown, encode, protected
from pipeline.engines.apertium.tally import Tally
from pipeline.engines.apertium.wanted import Dictionary, Reading, Wanted, Way
from pipeline.engines.base import Hypotheses, Hypothesis, Segment
from pipeline.errors import EngineError

_READING = re.compile(r"(?<!\\)/((?:\\.|[^/\\$<*])+)((?:<[^<>]+>)+)")


def dictionary(analyser: Daemon | None, generator: Daemon) -> Dictionary:
    """Return a dictionary that asks those programs, each word once; () and "" where they fail."""

    @cache
    def read(word: str) -> tuple[Reading, ...]:
        if analyser is None:
            return ()
        try:
            (answer,) = analyser.ask([encode(word, words=False).removesuffix(".[]")])
        except EngineError:
            return ()
        if answer.count("^") != 1:  # more than one word
            return ()
        return tuple(
            (match[1], tuple(re.findall(r"<([^<>]+)>", match[2])))
            for match in _READING.finditer(answer)
        )

    @cache
    def write(reading: Reading) -> str:
        lemma, tags = reading
        try:
            (answer,) = generator.ask([f"^{lemma}{''.join(f'<{tag}>' for tag in tags)}$"])
        except EngineError:
            return ""
        return "" if answer.startswith(("#", "@", "*")) else answer.replace("~", "")

    return Dictionary(read, write)


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    unknown: list[str]
    forced: frozenset[int] = frozenset()
    """Constraints whose carrier or token came through."""
    spliced: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Case:
    """A segment with constraints, and the best draft of it so far."""

    core: Segment
    draft: _Draft
    target: str
    wants: tuple[Wanted, ...]
    instead: tuple[str, ...]
    """The engine's own rendering of each term; "" where that is the term itself."""

    def tally(self, draft: _Draft) -> Tally:
        put = draft.forced | draft.spliced
        return tally.tally(draft.text, self.core.constraints, self.target, self.instead, put)

    def rank(self, draft: _Draft) -> tuple[bool, int, int, int]:
        """Return a sort key, best first: pieces, missing terms, words to avoid, unknown words."""
        its = self.tally(draft)
        whole = protected(draft.text) == protected(self.core.text)
        wrong = its.forbidden + len(its.stale)
        return not whole, its.met.count(False), wrong, len(draft.unknown)

    def offer(self, draft: _Draft) -> None:
        """Take a draft if it ranks before the present one."""
        if self.rank(draft) < self.rank(self.draft):
            self.draft = draft

    def open(self) -> list[int]:
        """Return the places of the open terms: missing, or not used everywhere."""
        its = self.tally(self.draft)
        return [
            n
            for n, one in enumerate(self.core.constraints)
            if self.wants[n].way is not Way.CHECK
            and (
                not its.met[n]
                or (
                    n not in self.draft.forced
                    and (n in its.stale or (its.forbidden and one.forbid))
                )
            )
        ]

    def hypothesis(self, draft: _Draft) -> Hypothesis:
        met = self.tally(draft).met
        how = (
            "missing"
            if not its
            else "forced"
            if n in draft.forced
            else "spliced"
            if n in draft.spliced
            else "natural"
            for n, its in enumerate(met)
        )
        return Hypothesis(draft.text, doubt_unknown(draft.unknown), tuple(how))


class Programs(Protocol):
    """Programs of Apertium, as far as terms need them."""

    probed: dict[Chain, frozenset[carriers.Probe]]
    """Carriers that come through, by chain."""

    def dictionary(self, chain: Chain, target: str) -> Dictionary:
        """Return the dictionary of *target* that the modes of *chain* have."""

    def through(
        self, chain: Chain, texts: list[str], *, marks: bool = False
    ) -> list[tuple[str, list[str]]]:
        """Return the drafts of *chain*, each with the words that one of its modes lacks."""


class Terms:
    """Drafts with the terms of the glossary, over one chain of modes.

    A term that the plain draft lacks is carried (see `carriers`), then carried with all other
    terms by other carriers, then sent as a token; at last a known rendering of it is replaced.
    The draft that ranks first (`_Case.rank`) is taken; ties go to the earlier one.
    """

    def __init__(self, engine: Programs, chain: Chain, source: str, target: str) -> None:
        self.engine = engine
        self.chain = chain
        self.source = source
        self.target = target
        self.dictionary = engine.dictionary(chain, target)
        self.spoken: dict[str, str] = {}
        """The engine's own rendering of each source term."""

    def drafts(self, cores: list[Segment], drafts: list[tuple[str, list[str]]]) -> list[Hypotheses]:
        terms = {core.text[c.start : c.end]: None for core in cores for c in core.constraints}
        for term, alone in zip(terms, self._through(list(terms)), strict=True):
            self.spoken[term] = alone[0] if alone and not alone[1] else ""
        cases = [self._case(core, _Draft(*d)) for core, d in zip(cores, drafts, strict=True)]
        plain = [case.draft for case in cases]
        self._carry(cases, _Case.open, turn=0)
        self._carry(cases, lambda case: range(len(case.wants)), turn=1)
        self._carry(cases, lambda case: {*case.open(), *case.draft.forced}, tokens=_Case.open)
        self._splice(cases)
        self._agree(cases)
        return [
            (case.hypothesis(case.draft),)
            if case.draft.text == first.text
            else (case.hypothesis(case.draft), case.hypothesis(first))
            for case, first in zip(cases, plain, strict=True)
        ]

    def _case(self, core: Segment, draft: _Draft) -> _Case:
        wants = tuple(
            wanted.wanted(c, n, core.text, self.source, self.target, self.dictionary)
            for n, c in enumerate(core.constraints)
        )
        instead = tuple(
            ""
            if one.way in {Way.CHECK, Way.TOKEN}
            or any(tally.tally(said, [one.constraint], self.target).met)
            else said
            for one, said in (
                (one, self.spoken[core.text[one.constraint.start : one.constraint.end]])
                for one in wants
            )
        )
        return _Case(core, draft, self.target, wants, instead)

    def _agree(self, cases: list[_Case]) -> None:
        """Take the agreement of other words from a draft in which all nouns are carried.

        The engine may have a term by itself and not know its gender, above all through a third
        language. If the carriers change nothing but the forms of other words, these forms are
        right.
        """
        asked = []
        for case in cases:
            wants = [
                one
                for n, one in enumerate(case.wants)
                if n in case.draft.forced or (one.way is Way.NOUN and one.sure)
            ]
            fit = any(one.sure for one in wants) and all(self._carries(one, 0) for one in wants)
            if fit and (loaded := carriers.load(case.core.text, wants, self.source)):
                asked.append((case, loaded))
        for (case, loaded), answer in self._answers(asked):
            done = carriers.unload(loaded, answer[0], self.target)
            if (
                len(done.put) == len(loaded.carried) + len(loaded.tokens)
                and tally.akin(done.text, case.draft.text, self.target)
                and case.rank(draft := replace(case.draft, text=done.text)) <= case.rank(case.draft)
            ):
                case.draft = draft

    def _carry(
        self,
        cases: list[_Case],
        which: Callable[[_Case], Iterable[int]],
        tokens: Callable[[_Case], Iterable[int]] = lambda case: (),
        turn: int = 0,
    ) -> None:
        """Offer each case that lacks a term a draft in which the terms of `which` are carried."""
        asked: list[tuple[_Case, Loaded]] = []
        for case in cases:
            if not case.open():
                continue
            those, instead = set(which(case)), set(tokens(case))
            wants = [
                one if n not in instead and self._carries(one, turn) else wanted.as_token(one)
                for n, one in enumerate(case.wants)
                if n in those and one.way is not Way.CHECK
            ]
            if loaded := carriers.load(case.core.text, wants, self.source, turn=turn):
                asked.append((case, loaded))
        for (case, loaded), answer in self._answers(asked):
            done = carriers.unload(loaded, answer[0], self.target)
            case.offer(_Draft(done.text, answer[1], done.put))

    def _answers(
        self, asked: list[tuple[_Case, Loaded]]
    ) -> Iterator[tuple[tuple[_Case, Loaded], tuple[str, list[str]]]]:
        answers = self._ask([loaded for _, loaded in asked])
        yield from ((one, its) for one, its in zip(asked, answers, strict=True) if its)

    def _carries(self, one: Wanted, turn: int) -> bool:
        return one.way is Way.TOKEN or carriers.probe_of(one, turn) in self.probes

    @cached_property
    def probes(self) -> frozenset[carriers.Probe]:
        """Carriers that come through the chain, which is asked once."""
        known = self.engine.probed
        if self.chain not in known:
            known[self.chain] = frozenset()
            if carriers.serves(self.source, self.target) and shutil.which(BINDER):
                probes = carriers.probes(self.source)
                answers = self._ask([loaded for _, loaded in probes])
                known[self.chain] = frozenset(
                    probe
                    for (probe, loaded), answer in zip(probes, answers, strict=True)
                    if answer and carriers.unload(loaded, answer[0], self.target).put
                )
        return known[self.chain]

    def _ask(self, loads: list[Loaded]) -> list[tuple[str, list[str]] | None]:
        """Return the drafts of loaded texts; None where the programs fail on one."""
        found: list[tuple[str, list[str]] | None] = [None] * len(loads)
        for marks in (True, False):
            those = [n for n, load in enumerate(loads) if bool(load.carried) is marks]
            texts = [loads[n].text for n in those]
            for n, draft in zip(those, self._through(texts, marks=marks), strict=True):
                found[n] = draft
        return found

    def _through(
        self, texts: list[str], *, marks: bool = False
    ) -> Sequence[tuple[str, list[str]] | None]:
        try:
            return self.engine.through(self.chain, texts, marks=marks)
        except EngineError:
            if len(texts) == 1:
                return [None]
            return [self._through([text], marks=marks)[0] for text in texts]

    def _splice(self, cases: list[_Case]) -> None:
        for case in cases:
            for n in case.open():
                one = case.wants[n]
                known = (*one.constraint.forbid, case.instead[n])
                if one.way is not Way.TOKEN and (
                    text := carriers.splice(case.draft.text, one, known, self.target)
                ):
                    spliced = case.draft.spliced | {n}
                    case.offer(replace(case.draft, text=text, spliced=spliced))
