"""Argos Translate: neural translation with packages that work without a network.

Argos finds, installs and tokenizes; CTranslate2 translates all sentences in one call.
`argostranslate.translate` is never imported: it needs stanza and spacy, takes 4 s, and segments
sentences again.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
from argostranslate import settings

from pipeline.engines.argos.archive import read_pins
from pipeline.engines.argos.attention import all_heads
from pipeline.engines.argos.card import LEAD
from pipeline.engines.argos.doubt import join_doubts
from pipeline.engines.argos.model import (
    LENGTH_PENALTY,
    MAX_BATCH_TOKENS,
    Model,
    decode_tokens,
    decoding_limit,
    doubts_of,
)
from pipeline.engines.argos.packages import (
    Pair,
    codes_of,
    installed,
    is_starter,
    naming_package,
    once_each,
    package_card,
    package_folders,
    trained_words,
)
from pipeline.engines.argos.terms import (
    annotate_terms,
    doubt_words,
    follow_terms,
    follow_to_pivot,
    marks_of,
    terms_of,
)
from pipeline.engines.base import Hypotheses, Hypothesis, Segment, by_core
from pipeline.engines.routes import shortest
from pipeline.errors import PairNotAvailable, SettingsError

_log = logging.getLogger(__name__)

LEAST_BATCH_TOKENS = 128
BEAM_SIZE = 4
"""Beam size of Argos itself. benchmarks/engines.py compares the speed with Argos' own loop."""
HYPOTHESES = 4
"""Hypotheses per sentence; at beam 4 they cost no measurable time."""


class ArgosEngine:
    """Engine of all installed packages, and of chains of them.

    The last package of a chain gets terms annotated in its source where it was trained so
    (`annotate`); other ways are tried after that. A starter, a package of our own, is used only
    where downloaded ones make no chain.
    """

    name = "argos"
    reads: tuple[str, ...] = ("constraints",)

    def __init__(
        self, options: Mapping[str, object] | None = None, folders: Sequence[Path] | None = None
    ) -> None:
        """Look for packages in `folders` instead of Argos' own.

        Options: ``beam``, a number from 1; ``device``: cpu, cuda, or auto, which is cuda where
        available; ``sha256``, see `read_pins`; ``terms``, whether the glossary is followed.
        Raises `SettingsError`.
        """
        options = options or {}
        self.beam, self.device, self.terms = _settings(options)
        self._pins = read_pins(options.get("sha256"))
        self._folders = folders
        self._translators: dict[Path, Any] = {}
        self._aligners: dict[Path, Any] = {}
        self._marks = once_each(marks_of)
        self._words = once_each(trained_words)
        self._told: set[str] = set()

    def signature(self, source: str, target: str) -> str:
        hops = self._chain(source, target)
        pairs = ", ".join(
            f"{'starter ' * is_starter(hop)}{hop.from_code}→{hop.to_code} "
            f"{hop.package_version}".strip()
            for hop in hops
        )
        unusual = [f"beam {self.beam}"] if self.beam != BEAM_SIZE else []
        unusual += [self.device] if self.device != "cpu" else []
        unusual += [] if self.terms else ["no terms"]
        return f"argos {pairs}" + (f" ({', '.join(unusual)})" if unusual else "")

    def serves(self, source: str, target: str) -> bool:
        try:
            return bool(self._chain(source, target))
        except PairNotAvailable:
            return False

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        chain = self._chain(source, target)
        return by_core(segments, lambda cores: self._draft(chain, cores), self.name)

    def _draft(self, chain: Sequence[Any], cores: list[Segment]) -> list[Hypotheses]:
        """Translate through each package of a chain, and keep the doubts of all."""
        texts = [core.text for core in cores]
        terms = terms_of(cores) if self.terms else {}
        doubts = [""] * len(texts)
        for hop in chain[:-1]:
            found = self._hop(hop, texts)
            if terms:
                found, terms = follow_to_pivot(Model(self, hop), texts, found, terms)
            drafts = [its[0] for its in found]
            texts = [draft.text for draft in drafts]
            doubts = [
                join_doubts(old, draft.doubt) for old, draft in zip(doubts, drafts, strict=True)
            ]
        last = Model(self, chain[-1])
        marks = self._marks(last.hop) if terms else None
        heard = annotate_terms(texts, terms, last.target, marks) if marks else texts
        found = self._hop(last.hop, heard)
        if terms:
            found = follow_terms(last, texts, found, terms, heard)
        found = [
            tuple(replace(one, doubt=join_doubts(old, one.doubt)) for one in its)
            for old, its in zip(doubts, found, strict=True)
        ]
        taught = self._words(last.hop)
        return found if taught is None else doubt_words(cores, found, taught, last.target)

    def yields(self, source: str, target: str, to: Sequence[str]) -> str:
        """Explain why one of the engines `to` should be tried first; "" where none should.

        Raises `EngineError` where the pair is not served.
        """
        chain = self._chain(source, target)
        if not any(map(is_starter, chain)):
            return ""
        label = f"{self.name} has but a starter from {source} to {target}"
        if "libretranslate" in to:
            return label
        card = package_card(chain[0])
        if "apertium" not in to or (len(chain) == 1 and card.beats_apertium):
            return ""
        if len(chain) > 1:
            return f"{label}, by way of {chain[0].to_code}, which nobody has measured"
        if card.figures is None:
            return f"{label}, which nobody has measured"
        its = card.figures
        return (
            f"{label}, of BLEU {its.bleu:g} where apertium has {its.apertium_bleu:g}: "
            f"it should be {LEAD:g} better"
        )

    def _chain(self, source: str, target: str) -> list[Any]:
        packages, broken = self._packages()
        start = codes_of(source)[-1]
        goals = [goal for goal in codes_of(target) if goal != start]
        downloaded = [pair for pair, one in packages.items() if not is_starter(one)]
        way = shortest(downloaded, start, goals) or shortest(packages, start, goals)
        if not way:
            told = "".join(f" {line}" for line in broken)
            raise PairNotAvailable(
                f"Argos has no packages from {source} to {target}: "
                f"run `pipeline engines install`.{told}"
            )
        return [packages[pair] for pair in itertools.pairwise(way)]

    def _packages(self) -> tuple[dict[Pair, Any], list[str]]:
        folders = package_folders() if self._folders is None else self._folders
        packages, broken = installed(folders, self._pins)
        for line in broken:
            if line not in self._told:
                self._told.add(line)
                _log.warning("%s", line)
        return packages, broken

    def _hop(self, hop: Any, texts: Sequence[str]) -> list[Hypotheses]:
        with naming_package(hop):
            tokens = [hop.tokenizer.encode(text) for text in texts]
            results = self._translate(hop, tokens)
            doubts = doubts_of(hop, self.translator(hop), tokens, results)
            return [
                tuple(
                    Hypothesis(decode_tokens(hop, pieces), doubt)
                    for pieces, doubt in zip(result.hypotheses, its, strict=True)
                )
                for result, its in zip(results, doubts, strict=True)
            ]

    def _translate(self, hop: Any, tokens: list[list[str]]) -> list[Any]:
        """Return CTranslate2's result for each sentence, in as few calls as possible."""
        results: list[Any] = [None] * len(tokens)
        limits = [decoding_limit(len(pieces)) for pieces in tokens]
        for limit in sorted(set(limits)):  # nearly always one
            which = [i for i, its in enumerate(limits) if its == limit]
            found = self.translator(hop).translate_batch(
                [tokens[i] for i in which],
                target_prefix=[[hop.target_prefix]] * len(which) if hop.target_prefix else None,
                batch_type="tokens",
                max_batch_size=_share(sum(len(tokens[i]) for i in which)),
                max_input_length=0,  # or texts of over 1,024 tokens are truncated silently
                max_decoding_length=limit,
                beam_size=self.beam,
                num_hypotheses=min(self.beam, HYPOTHESES),
                return_scores=True,
                length_penalty=LENGTH_PENALTY,
                replace_unknowns=True,
            )
            for i, result in zip(which, found, strict=True):
                results[i] = result
        return results

    def translator(self, hop: Any) -> Any:
        path = Path(hop.package_path)
        if path not in self._translators:
            self._translators[path] = self._load(path / "model")
        return self._translators[path]

    def aligner(self, hop: Any) -> Any:
        """Return a second instance of the model, with the attention of all heads.

        The translator cannot serve, because attention also replaces unknown words: drafts must
        not depend on whether there is a glossary.
        """
        path = Path(hop.package_path)
        if path not in self._aligners:
            folder = path / "model"
            patched = all_heads((folder / "model.bin").read_bytes())
            if patched is None:
                self._aligners[path] = self.translator(hop)
            else:
                files = {
                    file.name: file.read_bytes()
                    for file in sorted(folder.iterdir())
                    if file.is_file() and file.name != "model.bin"
                }
                self._aligners[path] = self._load(folder, {**files, "model.bin": patched})
        return self._aligners[path]

    def _load(self, folder: Path, files: Mapping[str, bytes] | None = None) -> Any:
        return ctranslate2.Translator(
            str(folder),
            device=self.device,
            compute_type=settings.compute_type,
            inter_threads=_cores(),
            intra_threads=1,
            **({"files": dict(files)} if files else {}),
        )


def _settings(options: Mapping[str, object]) -> tuple[int, str, bool]:
    for key in options:
        if key not in {"beam", "device", "sha256", "terms"}:
            known = "beam, device, sha256 and terms"
            raise SettingsError(f"[tool.pipeline.argos] {key}: no such setting; known are {known}")
    beam = options.get("beam", BEAM_SIZE)
    if not isinstance(beam, int) or isinstance(beam, bool) or not 1 <= beam <= 64:
        raise SettingsError(f"[tool.pipeline.argos] beam: {beam!r} is no number from 1 to 64")
    device = options.get("device", settings.device if settings.device != "cpu" else "auto")
    if device not in {"auto", "cpu", "cuda"}:
        raise SettingsError(f"[tool.pipeline.argos] device: {device!r} is none of auto, cpu, cuda")
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    terms = options.get("terms", True)
    if not isinstance(terms, bool):
        raise SettingsError(f"[tool.pipeline.argos] terms: {terms!r} is neither true nor false")
    return beam, str(device), terms


def _share(tokens: int) -> int:
    """Return the maximum tokens of a batch, so that no worker is idle."""
    return max(LEAST_BATCH_TOKENS, min(MAX_BATCH_TOKENS, -(-tokens // _cores())))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
