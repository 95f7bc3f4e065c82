"""Argos Translate: neural translation with packages that work without a network.

Argos finds, installs and tokenizes; inference is CTranslate2's, with all sentences in one call.
`argostranslate.translate` is never imported: it needs stanza and spacy, takes 4 s, and cuts
sentences once more, which are cut already.
"""

from __future__ import annotations

import itertools
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
from pipeline.engines.argos.doubt import both, unsure_of, weakest
from pipeline.engines.argos.model import (
    LENGTH_PENALTY,
    MAX_BATCH_TOKENS,
    SCORED_BATCH_TOKENS,
    Model,
    decoded,
    decoding_limit,
)
from pipeline.engines.argos.packages import (
    Pair,
    blamed,
    codes_of,
    installed,
    is_starter,
    log,
    package_card,
    package_folders,
)
from pipeline.engines.argos.terms import Terms, are_pieces, with_terms
from pipeline.engines.argos.vocabulary import made_up, read_words
from pipeline.engines.base import Hypotheses, Hypothesis, Segment, by_core
from pipeline.engines.routes import shortest
from pipeline.engines.terms import alignment, constrained, verdict
from pipeline.engines.terms.annotate import Marks
from pipeline.errors import PairNotAvailable, SettingsError

LEAST_BATCH_TOKENS = 128
BEAM_SIZE = 4
"""Argos' own beam. benchmarks/engines.py compares the speed with Argos' own loop."""
HYPOTHESES = 4
"""Given of each sentence; to keep them costs nothing that could be measured at beam 4."""


class ArgosEngine:
    """Every package that is installed, and chains of them.

    A package may know terms that are written into its source (`annotate`): the last of a chain is
    told them so before anything else is tried. A starter, a package of ours, is used only where
    downloaded ones make no chain.
    """

    name = "argos"
    reads: tuple[str, ...] = ("constraints",)

    def __init__(
        self, options: Mapping[str, object] | None = None, folders: Sequence[Path] | None = None
    ) -> None:
        """Look for packages in those folders rather than in Argos' own.

        Options: ``beam``, a number from 1; ``device``: cpu, cuda, or auto, which is cuda where
        there is one; ``sha256``, see `read_pins`; ``terms``, whether the glossary is followed.
        Raises `SettingsError`.
        """
        options = options or {}
        self.beam, self.device, self.terms = _settings(options)
        self._pins = read_pins(options.get("sha256"))
        self._folders = folders
        self._translators: dict[Path, Any] = {}
        self._aligners: dict[Path, Any] = {}
        self._marks: dict[Path, Marks | None] = {}
        self._words: dict[Path, frozenset[str] | None] = {}
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

        def hops(cores: list[Segment]) -> list[Hypotheses]:
            texts = [core.text for core in cores]
            spans: dict[int, tuple[verdict.Span | None, ...]] = {
                i: tuple((one.start, one.end) for one in core.constraints)
                for i, core in enumerate(cores)
                if core.constraints and self.terms
            }
            terms = {i: (cores[i].constraints, its) for i, its in spans.items()}
            before = [""] * len(texts)
            for hop in chain[:-1]:
                found = self._hop(hop, texts)
                if terms:
                    terms = self._through(hop, texts, found, terms)
                drafts = [its[0] for its in found]
                texts = [draft.text for draft in drafts]
                before = [both(old, draft.doubt) for old, draft in zip(before, drafts, strict=True)]
            heard = self._annotated(chain[-1], texts, terms)
            found = self._hop(chain[-1], heard)
            if terms:
                self._follow(chain[-1], texts, found, terms, heard)
            return self._strange(
                chain[-1],
                cores,
                [
                    tuple(replace(one, doubt=both(old, one.doubt)) for one in its)
                    for old, its in zip(before, found, strict=True)
                ],
            )

        return by_core([_shifted(segment) for segment in segments], hops, self.name)

    def yields(self, source: str, target: str, to: Sequence[str]) -> str:
        """Say why "auto" should try the engines `to` first; "" where it should not.

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

    def _strange(
        self, hop: Any, cores: Sequence[Segment], found: list[Hypotheses]
    ) -> list[Hypotheses]:
        """Doubt the words that the model seems to have made up, if the package tells its words."""
        path = Path(hop.package_path)
        if path not in self._words:
            with blamed(hop):
                self._words[path] = read_words(path)
        taught = self._words[path]
        if taught is None:
            return found
        language = Model(self, hop).target

        def doubted(core: Segment, one: Hypothesis) -> Hypothesis:
            terms = ((its.term, its.plural, *its.forms) for its in core.constraints)
            given = itertools.chain((core.text,), *terms)
            words = made_up(one.text, given, taught, language)
            told = ", ".join(f"“{word}”" for word in words)
            return replace(one, doubt=both(one.doubt, f"perhaps no word: {told}" if told else ""))

        return [
            tuple(doubted(core, one) for one in its) for core, its in zip(cores, found, strict=True)
        ]

    def _annotated(self, hop: Any, texts: list[str], terms: Terms) -> list[str]:
        """Write the terms into the texts, where the package knows its way with them."""
        marks = self._marks_of(hop) if terms else None
        if marks is None:
            return texts
        language = Model(self, hop).target
        return [
            with_terms(text, *terms[i], language, marks) if i in terms else text
            for i, text in enumerate(texts)
        ]

    def _marks_of(self, hop: Any) -> Marks | None:
        """Give the marks of a package, None where it has none that its tokenizer knows."""
        path = Path(hop.package_path)
        if path not in self._marks:
            with blamed(hop):
                marks = package_card(hop).marks
                if marks and not are_pieces(hop, marks):
                    marks = None
                    log.warning(
                        "Argos package %s has marks for terms that its tokenizer does not know: "
                        "it is not told the terms.",
                        path,
                    )
            self._marks[path] = marks
        return self._marks[path]

    def _follow(
        self,
        hop: Any,
        texts: list[str],
        found: list[Hypotheses],
        terms: Terms,
        heard: list[str] | None = None,
    ) -> list[list[verdict.Said]]:
        """Put into `found` what follows the glossary, of the texts that have terms.

        `heard` is what was decoded, where that is not the texts themselves.
        """
        heard = heard or texts
        model = Model(self, hop)
        tasks = [
            verdict.Task(texts[i], its, spans, tuple(one.text for one in found[i]))
            for i, (its, spans) in terms.items()
        ]
        with blamed(hop):
            all_said = constrained.follow(model, tasks)
            doubts = model.doubts(
                [
                    (heard[i], said[0].text, said[0].put)
                    for i, said in zip(terms, all_said, strict=True)
                    if said[0].hypothesis != 0
                ]
            )
        for i, said in zip(terms, all_said, strict=True):
            found[i] = tuple(
                Hypothesis(
                    one.text,
                    doubts[heard[i], one.text]
                    if n == 0 and one.hypothesis != 0
                    else found[i][one.hypothesis or 0].doubt,
                    one.terms,
                )
                for n, one in enumerate(said)
            )
        return all_said

    def _through(self, hop: Any, texts: list[str], found: list[Hypotheses], terms: Terms) -> Terms:
        """Follow the terms into the language between; what is the same in each is kept in it.

        The glossary does not say what the others are called there: where the text renders them
        is looked up, so that the next model can be made to say them in that place.
        """
        kept = {
            i: (
                tuple(one for one in its if one.keep),
                tuple(span for one, span in zip(its, spans, strict=True) if one.keep),
            )
            for i, (its, spans) in terms.items()
        }
        self._follow(hop, texts, found, kept)
        asked = {i: [span or (0, 0) for span in spans] for i, (_, spans) in terms.items()}
        with blamed(hop):
            places = alignment.locate(
                Model(self, hop), [(texts[i], found[i][0].text, asked[i]) for i in terms]
            )
        return {
            i: (
                its,
                tuple(
                    place.runs[0] if place.runs and span else None
                    for place, span in zip(where, spans, strict=True)
                ),
            )
            for (i, (its, spans)), where in zip(terms.items(), places, strict=True)
        }

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
                log.warning("%s", line)
        return packages, broken

    def _hop(self, hop: Any, texts: list[str]) -> list[Hypotheses]:
        with blamed(hop):
            tokens = [hop.tokenizer.encode(text) for text in texts]
            return _doubted(hop, self.translator(hop), tokens, self._decode(hop, tokens))

    def _decode(self, hop: Any, tokens: list[list[str]]) -> list[Any]:
        """Give CTranslate2's result for each sentence, all in as few calls as can be."""
        results: list[Any] = [None] * len(tokens)
        limits = [decoding_limit(len(pieces)) for pieces in tokens]
        for limit in sorted(set(limits)):  # nearly always one
            which = [i for i, its in enumerate(limits) if its == limit]
            found = self.translator(hop).translate_batch(
                [tokens[i] for i in which],
                target_prefix=[[hop.target_prefix]] * len(which) if hop.target_prefix else None,
                batch_type="tokens",
                max_batch_size=_share(sum(len(tokens[i]) for i in which)),
                max_input_length=0,  # or what is over 1,024 tokens is cut off without a word
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
        """Give the model once more, with the attention of all heads where it gives one head's.

        It is another one because unknown words are replaced by attention too: drafts must not
        differ by whether there is a glossary.
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


def _shifted(segment: Segment) -> Segment:
    """Count the terms from where `by_core` lets the text begin."""
    blank = len(segment.text) - len(segment.text.lstrip())
    if not blank or not segment.constraints:
        return segment
    return replace(
        segment,
        constraints=tuple(
            replace(one, start=one.start - blank, end=one.end - blank)
            for one in segment.constraints
        ),
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


def _doubted(
    hop: Any, translator: Any, tokens: list[list[str]], results: list[Any]
) -> list[Hypotheses]:
    """Give the texts of the results, each with what the decoder doubted in it.

    A score is the sum of log-probabilities over length to the power of the length penalty, the
    end of the sentence counted; that is undone here. Where the best hypothesis is in doubt, a
    second, cheap pass says what each of its tokens was worth, and so which word it was.
    """
    prefix = 1 if hop.target_prefix else 0
    doubts = [
        [
            unsure_of(score * (len(pieces) + 1) ** LENGTH_PENALTY / (len(pieces) + 1 - prefix))
            for pieces, score in zip(result.hypotheses, result.scores, strict=True)
        ]
        for result in results
    ]
    unsure = [n for n, its in enumerate(doubts) if its[0]]
    scored = translator.score_batch(
        [tokens[n] for n in unsure],
        [results[n].hypotheses[0] for n in unsure],
        batch_type="tokens",
        max_batch_size=SCORED_BATCH_TOKENS,
        max_input_length=0,
        offset=prefix,
    )
    for n, worth in zip(unsure, scored, strict=True):
        best = results[n].hypotheses[0][prefix:]
        doubts[n][0] = both(doubts[n][0], weakest(best, list(worth.log_probs)))
    return [
        tuple(
            Hypothesis(decoded(hop, pieces), doubt)
            for pieces, doubt in zip(result.hypotheses, its, strict=True)
        )
        for result, its in zip(results, doubts, strict=True)
    ]


def _share(tokens: int) -> int:
    """Give the tokens of a batch: few enough that no worker is idle."""
    return max(LEAST_BATCH_TOKENS, min(MAX_BATCH_TOKENS, -(-tokens // _cores())))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
