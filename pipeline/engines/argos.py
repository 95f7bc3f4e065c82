"""Argos Translate: neural translation with packages that work without a network.

Argos finds, installs and tokenizes; inference is CTranslate2's, with all sentences in one call.
`argostranslate.translate` is never imported: it needs stanza and spacy, takes 4 s, and cuts
sentences once more, which are cut already.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
from argostranslate import package, settings

from pipeline.engines import (
    Constraint,
    Hypotheses,
    Hypothesis,
    Segment,
    by_core,
    constrain,
    shortest,
    split_locale,
)
from pipeline.engines.annotate import Marks, annotate, holds_marks
from pipeline.engines.archive import Pins, against_pins, package_name, read_pins, verify
from pipeline.engines.card import LEAD, Card, card_of
from pipeline.engines.vocabulary import made_up, read_words
from pipeline.errors import EngineError, PairNotAvailable, SettingsError

MAX_BATCH_TOKENS = 1024
LEAST_BATCH_TOKENS = 128
SCORED_BATCH_TOKENS = 256
"""Of a pass that scores: all its log-probabilities over the vocabulary are there at once, and do
better in the processor's cache (1.4 to 1.8 times as fast as batches of 1,024)."""
BEAM_SIZE = 4
"""Argos' own beam. benchmarks/engines.py compares the speed with Argos' own loop."""
LENGTH_PENALTY = 0.2
"""As Argos sets it; its models are tried with that."""
HYPOTHESES = 4
"""Given of each sentence; to keep them costs nothing that could be measured at beam 4."""
UNSURE = math.log(1 / 2)
"""Log-probability a token below which a draft as a whole is doubted: its words were, in the
geometric mean, less likely than not. The measure is that of Fomicheva et al., TACL 2020."""
UNSURE_WORD = math.log(1 / 10)
"""Mean log-probability of the tokens of a word below which the word is doubted."""
FORCED_BEAM = 2
"""Of what goes on after a term that was put in: a candidate among several, not the only one."""
LEAST_DECODING_LENGTH = 256
"""Tokens that a draft may always have; a text of over half as many may take more."""

_CODES = {
    "pt_BR": ("pb", "pt"),
    "zh_Hans": ("zh",),
    "zh_CN": ("zh",),
    "zh_Hant": ("zt",),
    "zh_TW": ("zt",),
    "zh_HK": ("zt",),
    "no": ("nb",),
}
"""Locales to codes of Argos, best first; any other locale is its language."""

_SPACE = "▁"
"""SentencePiece begins a word with it."""

_NEWEST_BINARY = 6
"""Version of model.bin that CTranslate2 4.8 writes; the file of a later one may be another."""

_log = logging.getLogger(__name__)

Pair = tuple[str, str]
Terms = dict[int, tuple[tuple[Constraint, ...], tuple[constrain.Span | None, ...]]]
"""The terms of a text, by its place in the call, and where each stands in it."""


def codes_of(locale: str) -> tuple[str, ...]:
    return _CODES.get(locale) or (split_locale(locale)[0],)


def package_folders() -> list[Path]:
    """Give the folders that Argos installs to: ``ARGOS_PACKAGES_DIR``, or below the home."""
    return [Path(folder) for folder in settings.package_dirs]


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
            spans: dict[int, tuple[constrain.Span | None, ...]] = {
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
                before = [
                    _both(old, draft.doubt) for old, draft in zip(before, drafts, strict=True)
                ]
            heard = self._annotated(chain[-1], texts, terms)
            found = self._hop(chain[-1], heard)
            if terms:
                self._follow(chain[-1], texts, found, terms, heard)
            return self._strange(
                chain[-1],
                cores,
                [
                    tuple(replace(one, doubt=_both(old, one.doubt)) for one in its)
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
        card = _card(chain[0])
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
            with _blamed(hop):
                self._words[path] = read_words(path)
        taught = self._words[path]
        if taught is None:
            return found
        language = _Model(self, hop).target

        def doubted(core: Segment, one: Hypothesis) -> Hypothesis:
            terms = ((its.term, its.plural, *its.forms) for its in core.constraints)
            given = itertools.chain((core.text,), *terms)
            words = made_up(one.text, given, taught, language)
            told = ", ".join(f"“{word}”" for word in words)
            return replace(one, doubt=_both(one.doubt, f"perhaps no word: {told}" if told else ""))

        return [
            tuple(doubted(core, one) for one in its) for core, its in zip(cores, found, strict=True)
        ]

    def _annotated(self, hop: Any, texts: list[str], terms: Terms) -> list[str]:
        """Write the terms into the texts, where the package knows its way with them."""
        marks = self._marks_of(hop) if terms else None
        if marks is None:
            return texts
        language = _Model(self, hop).target
        return [
            _with_terms(text, *terms[i], language, marks) if i in terms else text
            for i, text in enumerate(texts)
        ]

    def _marks_of(self, hop: Any) -> Marks | None:
        """Give the marks of a package, None where it has none that its tokenizer knows."""
        path = Path(hop.package_path)
        if path not in self._marks:
            with _blamed(hop):
                marks = _card(hop).marks
                if marks and not _are_pieces(hop, marks):
                    marks = None
                    _log.warning(
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
    ) -> list[list[constrain.Said]]:
        """Put into `found` what follows the glossary, of the texts that have terms.

        `heard` is what was decoded, where that is not the texts themselves.
        """
        heard = heard or texts
        model = _Model(self, hop)
        tasks = [
            constrain.Task(texts[i], its, spans, tuple(one.text for one in found[i]))
            for i, (its, spans) in terms.items()
        ]
        with _blamed(hop):
            all_said = constrain.follow(model, tasks)
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
        with _blamed(hop):
            places = constrain.locate(
                _Model(self, hop), [(texts[i], found[i][0].text, asked[i]) for i in terms]
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
                _log.warning("%s", line)
        return packages, broken

    def _hop(self, hop: Any, texts: list[str]) -> list[Hypotheses]:
        with _blamed(hop):
            tokens = [hop.tokenizer.encode(text) for text in texts]
            return _doubted(hop, self._translator(hop), tokens, self._decode(hop, tokens))

    def _decode(self, hop: Any, tokens: list[list[str]]) -> list[Any]:
        """Give CTranslate2's result for each sentence, all in as few calls as can be."""
        results: list[Any] = [None] * len(tokens)
        limits = [_decoding_limit(len(pieces)) for pieces in tokens]
        for limit in sorted(set(limits)):  # nearly always one
            which = [i for i, its in enumerate(limits) if its == limit]
            found = self._translator(hop).translate_batch(
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

    def _translator(self, hop: Any) -> Any:
        path = Path(hop.package_path)
        if path not in self._translators:
            self._translators[path] = self._load(path / "model")
        return self._translators[path]

    def _aligner(self, hop: Any) -> Any:
        """Give the model once more, with the attention of all heads where it gives one head's.

        It is another one because unknown words are replaced by attention too: drafts must not
        differ by whether there is a glossary.
        """
        path = Path(hop.package_path)
        if path not in self._aligners:
            folder = path / "model"
            patched = all_heads((folder / "model.bin").read_bytes())
            if patched is None:
                self._aligners[path] = self._translator(hop)
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


class _Model:
    """One package, as `constrain.follow` wants it."""

    def __init__(self, engine: ArgosEngine, hop: Any) -> None:
        self._engine, self._hop = engine, hop
        self.source, self.target = (
            {"pb": "pt"}.get(str(code), str(code)) for code in (hop.from_code, hop.to_code)
        )
        self._first = [hop.target_prefix] if hop.target_prefix else []

    def encode(self, text: str) -> list[str]:
        return list(self._hop.tokenizer.encode(text))

    def decode(self, pieces: list[str]) -> str:
        return _text(self._hop, [*self._first, *pieces])

    def go_on(self, jobs: Sequence[tuple[list[str], list[str]]]) -> list[list[str]]:
        found: list[list[str]] = [[]] * len(jobs)
        limits = [_decoding_limit(max(len(source), len(prefix))) for source, prefix in jobs]
        for limit in sorted(set(limits)):
            which = [i for i, its in enumerate(limits) if its == limit]
            results = self._engine._translator(self._hop).translate_batch(
                [jobs[i][0] for i in which],
                target_prefix=[[*self._first, *jobs[i][1]] for i in which],
                batch_type="tokens",
                max_batch_size=MAX_BATCH_TOKENS,
                max_input_length=0,
                max_decoding_length=limit,
                beam_size=min(self._engine.beam, FORCED_BEAM),
                length_penalty=LENGTH_PENALTY,
                replace_unknowns=True,
            )
            for i, result in zip(which, results, strict=True):
                begun, pieces = len(self._first), result.hypotheses[0]
                found[i] = [*jobs[i][1], *pieces[begun + len(jobs[i][1]) :]]
        return found

    def score(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[float]]:
        if not pairs:
            return []
        results = self._engine._translator(self._hop).score_batch(
            [source for source, _ in pairs],
            [[*self._first, *target] for _, target in pairs],
            batch_type="tokens",
            max_batch_size=SCORED_BATCH_TOKENS,
            max_input_length=0,
            offset=len(self._first),
        )
        return [list(result.log_probs) for result in results]

    def attend(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[list[float]]]:
        if not pairs:
            return []
        begun = len(self._first)
        results = self._engine._aligner(self._hop).translate_batch(
            [source for source, _ in pairs],
            target_prefix=[[*self._first, *target] for _, target in pairs],
            batch_type="tokens",
            max_batch_size=MAX_BATCH_TOKENS,
            max_input_length=0,
            max_decoding_length=max(len(target) for _, target in pairs) + begun + 1,
            beam_size=1,
            return_attention=True,
        )
        return [
            [list(row) for row in result.attention[0][begun : begun + len(target)]]
            for result, (_, target) in zip(results, pairs, strict=True)
        ]

    def doubts(
        self, asked: Sequence[tuple[str, str, Sequence[tuple[int, int]]]]
    ) -> dict[tuple[str, str], str]:
        """Say what the model doubts in texts, apart from the terms that were put in."""
        pairs = [(self.encode(source), self.encode(text)) for source, text, _ in asked]
        found = {}
        for (source, text, put), (_, pieces), worth in zip(
            asked, pairs, self.score(pairs), strict=True
        ):
            inside = constrain.pieces_within(text, pieces, put)
            around = [value for i, value in enumerate(worth) if i not in inside]
            known = [0.0 if i in inside else value for i, value in enumerate(worth)]
            mean = sum(around) / max(1, len(around))
            found[source, text] = _both(_unsure(mean), _weakest(pieces, known))
        return found


def all_heads(model: bytes) -> bytes | None:
    """Give a model.bin whose attention is the mean of the last layer's heads.

    None where it is that already, or is no file that is understood. Converters write a single
    head unless the model was trained to align with it (CTranslate2 #563, #1716); files from
    before CTranslate2 2.9 do not say, and mean one head as well.
    """
    try:
        version, at = _unpack("<I", model, 0)
        if not 2 <= version <= _NEWEST_BINARY:
            return None
        size, at = _unpack("<H", model, at)
        at += size
        _, at = _unpack("<I", model, at)
        counted = at
        count, at = _unpack("<I", model, at)
        first = at
        for _ in range(count):
            size, at = _unpack("<H", model, at)
            name, at = model[at : at + size - 1], at + size
            rank, at = _unpack("<B", model, at)
            at += 4 * rank
            item, at = _unpack("<B", model, at)
            length, at = _unpack("<I", model, at)
            if name == b"decoder/alignment_heads":
                heads = model[at : at + length]
                return None if not any(heads) else model[:at] + bytes(length) + model[at + length :]
            at += length if version >= 4 else item * length
    except (struct.error, IndexError):
        return None
    if at > len(model):
        return None
    extra = b""
    for name, value in ((b"decoder/alignment_layer\0", -1), (b"decoder/alignment_heads\0", 0)):
        length = 2 if version >= 4 else 1
        extra += struct.pack("<H", len(name)) + name
        extra += struct.pack("<BBIh", 0, 2, length, value)
    return model[:counted] + struct.pack("<I", count + 2) + extra + model[first:]


def _unpack(form: str, data: bytes, at: int) -> tuple[int, int]:
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


@contextlib.contextmanager
def _blamed(hop: Any) -> Iterator[None]:
    try:
        yield
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise EngineError(
            f"Argos package {hop.package_path} failed: {_line(error)}. "
            "Delete that folder and run `pipeline engines install`."
        ) from error


def _with_terms(
    text: str,
    constraints: Sequence[Constraint],
    spans: Sequence[constrain.Span | None],
    language: str,
    marks: Marks,
) -> str:
    """Write each term behind its words; where spans overlap, which a pivot may cause, the first."""
    if holds_marks(text, marks):
        return text
    chosen: list[tuple[int, int, str]] = []
    its = [(span, one) for span, one in zip(spans, constraints, strict=True) if span]
    for (start, end), one in sorted(its, key=lambda pair: pair[0]):
        words = constrain.first_form(one, language)
        free = start >= (chosen[-1][1] if chosen else 0)
        if free and words.strip() and not holds_marks(words, marks):
            chosen.append((start, end, words))
    return annotate(text, chosen, marks)


def _are_pieces(hop: Any, marks: Marks) -> bool:
    """Whether each mark is one piece of the tokenizer, wherever it stands."""
    if not hasattr(hop.tokenizer, "lazy_processor"):
        return False
    known = hop.tokenizer.lazy_processor()
    pieces = hop.tokenizer.encode(annotate("a word", [(2, 6, "word")], marks))
    return all(
        known.piece_to_id(mark) != known.unk_id() and pieces.count(mark) == 1 for mark in marks
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


def installed(
    folders: Sequence[Path], pins: Pins | None = None
) -> tuple[dict[Pair, Any], list[str]]:
    """Find the packages in those folders, the best of each pair, and name the broken ones.

    The best is the newest; any other goes before a starter. One that is not what was installed, or
    not what `pins` ask for, counts as broken.
    """
    found: dict[Pair, Any] = {}
    every, broken = whole(folders, pins)
    for one in every:
        pair = (one.from_code, one.to_code)
        if pair not in found or _rank(found[pair]) < _rank(one):
            found[pair] = one
    return found, broken


def whole(folders: Sequence[Path], pins: Pins | None = None) -> tuple[list[Any], list[str]]:
    """Find all packages in those folders that are not broken, and name the broken ones."""
    found = []
    broken = []
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if not path.is_dir() or path.name.startswith("."):
                continue
            try:
                one = read_package(path, pins)
            except EngineError as error:
                broken.append(
                    f"Argos package {path} is broken and left out ({error}): "
                    "delete that folder and install it again."
                )
                continue
            if one is not None:
                found.append(one)
    return found, broken


def _rank(one: Any) -> tuple[bool, tuple[int, ...]]:
    return not is_starter(one), version_of(one)


def is_starter(one: Any) -> bool:
    """Return whether a package is one of ours, from ``models/``, and not a downloaded one."""
    return _card(one).starter


def _card(one: Any) -> Card:
    found: Card = one.card
    return found


def read_package(path: Path, pins: Pins | None = None) -> Any | None:
    """Open the folder of a package, or give None where it holds something else than a model.

    None as well for a starter of a pair of which another package is pinned.

    Raises `EngineError` with the bare reason where it is broken. Nothing large is read.
    """
    try:
        one = package.Package(path)
        if one.type != "translate":
            return None
        missing = [
            f"no {what}"
            for what, there in (
                ("from_code and to_code", one.from_code and one.to_code),
                ("model/model.bin", (path / "model" / "model.bin").is_file()),
                ("sentencepiece.model or bpe.model", hasattr(one, "tokenizer")),
            )
            if not there
        ]
        one.card = card_of(path)  # Argos reads the metadata too, and keeps only what it knows
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        missing = [_line(error)]
    if missing:
        raise EngineError("; ".join(missing))
    record = verify(path)
    name = package_name(one.from_code, one.to_code, str(one.package_version))
    pins = pins or {}
    if trouble := against_pins(name, record.sha256 if record else None, pins):
        if one.card.starter and name not in pins:
            return None  # the pin is meant for what is downloaded; nobody need delete the starter
        raise EngineError(trouble)
    return one


def version_of(one: Any) -> tuple[int, ...]:
    return parts_of(str(one.package_version))


def parts_of(version: str) -> tuple[int, ...]:
    """Give the numbers of a version, by which newer ones go after older ones."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _decoding_limit(length: int) -> int:
    """Give twice the tokens of a text, rounded up so that texts share a call, and a least.

    It hangs on the text alone: a draft must not differ by what else is in the batch.
    """
    limit = LEAST_DECODING_LENGTH
    while limit < 2 * length:
        limit *= 2
    return limit


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


def _both(one: str, other: str) -> str:
    return "; ".join(filter(None, (one, other)))


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
            _unsure(score * (len(pieces) + 1) ** LENGTH_PENALTY / (len(pieces) + 1 - prefix))
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
        doubts[n][0] = _both(doubts[n][0], _weakest(best, list(worth.log_probs)))
    return [
        tuple(
            Hypothesis(_text(hop, pieces), doubt)
            for pieces, doubt in zip(result.hypotheses, its, strict=True)
        )
        for result, its in zip(results, doubts, strict=True)
    ]


def _share(tokens: int) -> int:
    """Give the tokens of a batch: few enough that no worker is idle."""
    return max(LEAST_BATCH_TOKENS, min(MAX_BATCH_TOKENS, -(-tokens // _cores())))


def _unsure(mean: float) -> str:
    return f"unsure of the whole (log-probability {mean:.1f} a token)" if mean < UNSURE else ""


def _weakest(pieces: list[str], worth: list[float]) -> str:
    """Name the word whose tokens have the lowest mean log-probability, if that is low."""
    words: list[tuple[str, list[float]]] = []
    for piece, log_probability in zip(pieces, worth, strict=False):  # the end comes last
        if piece.startswith(_SPACE) or not words:
            words.append(("", []))
        words[-1] = (words[-1][0] + piece, [*words[-1][1], log_probability])
    spoken = [(sum(its) / len(its), text.strip(_SPACE)) for text, its in words]
    spoken = [(mean, text) for mean, text in spoken if any(map(str.isalpha, text))]
    if not spoken:
        return ""
    mean, text = min(spoken)
    return f"unsure of “{text}” ({mean:.1f})" if mean < UNSURE_WORD else ""


def _text(hop: Any, tokens: list[str]) -> str:
    if hop.target_prefix:
        tokens = tokens[1:]
    if hasattr(hop.tokenizer, "lazy_processor"):
        # Not hop.tokenizer.decode: it turns underscores into spaces, of URLs and names too.
        return str(hop.tokenizer.lazy_processor().decode_pieces(tokens))
    return str(hop.tokenizer.decode(tokens))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
