"""Apertium: rule-based translation by installed programs, without a network.

Each language pair is a *mode*: a file with one shell pipeline. Starting it takes about 0.2 s, so
it is kept running; its programs get ``-z``, read a block up to a NUL and answer with a block. A
draft depends on its sentence alone, which takes some care (see `tagger`): the tagger is watched,
and restarted where a word did it harm. In eng-spa (0.8.1, Apertium 3.8.3) that is
1 of 300 sentences of FLORES-200, in es-fr 1 of 75; unwatched, 12 and 9 in 100 drafts then changed
with the order of the sentences.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.engines.apertium import carriers
from pipeline.engines.apertium.modes import (
    PIVOTS,
    Chain,
    Part,
    apertium_version,
    installed_modes,
    modes_folder,
    pipeline_of,
    source_of,
    targets_of,
)
from pipeline.engines.apertium.process import Daemon, translate_texts
from pipeline.engines.apertium.stream import doubt_unknown, protected
from pipeline.engines.apertium.terms import Terms, dictionary
from pipeline.engines.apertium.wanted import Dictionary
from pipeline.engines.base import Hypotheses, Hypothesis, Segment, by_core
from pipeline.engines.routes import shortest
from pipeline.errors import EngineError, PairNotAvailable


class ApertiumEngine:
    """Engine of all installed modes, and of chains of them."""

    name = "apertium"
    reads: tuple[str, ...] = ("constraints",)

    def __init__(self, modes: Path | None = None) -> None:
        """Look for modes in the folder `modes` instead of Apertium's own."""
        self._folder = modes or modes_folder()
        self._daemons: dict[tuple[str, Part], Daemon] = {}
        self._dictionaries: dict[str, Dictionary] = {}
        self.probed: dict[Chain, frozenset[carriers.Probe]] = {}
        """Carriers that come through, by chain."""

    def signature(self, source: str, target: str) -> str:
        version = apertium_version()
        return f"apertium {version} {' → '.join(self._chain(source, target))}".replace("  ", " ")

    def serves(self, source: str, target: str) -> bool:
        try:
            chain = self._chain(source, target)
            programs = [argv[0] for mode in chain for argv in pipeline_of(self._path(mode))]
        except EngineError:
            return False
        return all(shutil.which(program) for program in programs)

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        """Return a draft of each segment, followed by the plain one where there are constraints."""
        chain = self._chain(source, target)

        def hops(cores: list[Segment]) -> list[Hypotheses]:
            drafts = self.through(chain, [core.text for core in cores])
            plain: list[Hypotheses] = [
                (Hypothesis(text, doubt_unknown(new)),) for text, new in drafts
            ]
            bound = [i for i, core in enumerate(cores) if core.constraints]
            if bound:
                found = Terms(self, chain, source_of(source), source_of(target)).drafts(
                    [cores[i] for i in bound], [drafts[i] for i in bound]
                )
                for i, hypotheses in zip(bound, found, strict=True):
                    plain[i] = hypotheses
            return plain

        return by_core(segments, hops, self.name)

    def close(self) -> None:
        """Stop every pipeline; the next text restarts its own."""
        for daemon in self._daemons.values():
            daemon.stop()

    def daemon(self, mode: str, part: Part = Part.WHOLE) -> Daemon:
        key = mode, part
        if key not in self._daemons:
            self._daemons[key] = Daemon(self._path(mode), part)
        return self._daemons[key]

    def dictionary(self, chain: Chain, target: str) -> Dictionary:
        """Return the dictionary of the target language, from the modes to and from it."""
        if target not in self._dictionaries:
            modes = installed_modes(self._folder)
            backwards = [name for (start, _), name in sorted(modes.items()) if start == target]
            self._dictionaries[target] = dictionary(
                self.daemon(backwards[0], Part.ANALYSER) if backwards else None,
                self.daemon(chain[-1], Part.GENERATOR),
            )
        return self._dictionaries[target]

    def through(
        self, chain: Chain, texts: list[str], *, marks: bool = False
    ) -> list[tuple[str, list[str]]]:
        """Return the drafts of a chain, each with the words that one of its modes lacks."""
        unknown: list[dict[str, None]] = [{} for _ in texts]
        for mode in chain:
            texts, missed = self._hop(mode, texts, marks=marks)
            for known, new in zip(unknown, missed, strict=True):
                known |= dict.fromkeys(new)
        return [(text, list(words)) for text, words in zip(texts, unknown, strict=True)]

    def _hop(
        self, mode: str, texts: list[str], *, marks: bool
    ) -> tuple[list[str], list[list[str]]]:
        """Return the drafts of one mode, and the words that it lacks in each."""
        daemon = self.daemon(mode, Part.BOUND if marks else Part.WHOLE)
        drafts = translate_texts(daemon, texts, words=True, marks=marks)
        # A word that stands for a protected piece can get lost in a rule for nouns; a superblank
        # hardly ever does, though the grammar around it suffers.
        lost = [i for i, text in enumerate(texts) if protected(text) != protected(drafts[i][0])]
        again = translate_texts(daemon, [texts[i] for i in lost], words=False, marks=marks)
        for i, draft in zip(lost, again, strict=True):
            drafts[i] = draft
        return [text for text, _ in drafts], [words for _, words in drafts]

    def _path(self, mode: str) -> Path:
        return self._folder / f"{mode}.mode"

    def _chain(self, source: str, target: str) -> Chain:
        start, goals = source_of(source), targets_of(target)
        modes = installed_modes(self._folder)
        way = shortest(modes, start, [g for g in goals if g != start], PIVOTS)
        if not way:
            raise PairNotAvailable(
                f"Apertium has no modes from {source} to {target} in {self._folder}: "
                "run `pipeline engines install`."
            )
        return tuple(modes[pair] for pair in itertools.pairwise(way))
