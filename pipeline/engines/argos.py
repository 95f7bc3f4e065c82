"""Argos Translate: neural translation with packages that work without a network.

Argos finds, installs and tokenizes; inference is CTranslate2's, with all sentences in one call.
`argostranslate.translate` is never imported: it needs stanza and spacy, takes 4 s, and cuts
sentences once more, which are cut already.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
from argostranslate import package, settings

from pipeline.engines import by_core, shortest, split_locale
from pipeline.errors import EngineError, PairNotAvailable

MAX_BATCH_TOKENS = 1024
BEAM_SIZE = 4
"""Argos' own beam. With it, one call with batches of 1,024 tokens and a worker for each core
decoded 6.7 times the tokens per second of Argos' loop at one thread (2 cores, CTranslate2 4.8.5,
random weights of the size of Argos' models)."""
LENGTH_PENALTY = 0.2
"""As Argos sets it; its models are tried with that."""
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

_log = logging.getLogger(__name__)

Pair = tuple[str, str]


def codes_of(locale: str) -> tuple[str, ...]:
    return _CODES.get(locale) or (split_locale(locale)[0],)


def package_folders() -> list[Path]:
    """Give the folders that Argos installs to: ``ARGOS_PACKAGES_DIR``, or below the home."""
    return [Path(folder) for folder in settings.package_dirs]


class ArgosEngine:
    """Every package that is installed, and chains of them."""

    name = "argos"

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        """Look for packages in those folders rather than in Argos' own."""
        self._folders = folders
        self._translators: dict[Path, Any] = {}
        self._told: set[str] = set()

    def signature(self, source: str, target: str) -> str:
        hops = self._chain(source, target)
        return "argos " + ", ".join(
            f"{hop.from_code}→{hop.to_code} {hop.package_version}".strip() for hop in hops
        )

    def serves(self, source: str, target: str) -> bool:
        try:
            return bool(self._chain(source, target))
        except PairNotAvailable:
            return False

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        chain = self._chain(source, target)

        def hops(cores: list[str]) -> list[str]:
            for hop in chain:
                cores = self._hop(hop, cores)
            return cores

        return by_core(texts, hops, self.name)

    def _chain(self, source: str, target: str) -> list[Any]:
        packages, broken = self._packages()
        start, goals = codes_of(source)[-1], codes_of(target)
        way = shortest(packages, start, [goal for goal in goals if goal != start])
        if not way:
            told = "".join(f" {line}" for line in broken)
            raise PairNotAvailable(
                f"Argos has no packages from {source} to {target}: "
                f"run `pipeline engines install`.{told}"
            )
        return [packages[pair] for pair in itertools.pairwise(way)]

    def _packages(self) -> tuple[dict[Pair, Any], list[str]]:
        packages, broken = installed(package_folders() if self._folders is None else self._folders)
        for line in broken:
            if line not in self._told:
                self._told.add(line)
                _log.warning("%s", line)
        return packages, broken

    def _hop(self, hop: Any, texts: list[str]) -> list[str]:
        drafts = [""] * len(texts)
        try:
            tokens = [hop.tokenizer.encode(text) for text in texts]
            limits = [_decoding_limit(len(pieces)) for pieces in tokens]
            for limit in sorted(set(limits)):  # nearly always one
                which = [i for i, its in enumerate(limits) if its == limit]
                results = self._translator(hop).translate_batch(
                    [tokens[i] for i in which],
                    target_prefix=[[hop.target_prefix]] * len(which) if hop.target_prefix else None,
                    batch_type="tokens",
                    max_batch_size=MAX_BATCH_TOKENS,
                    max_input_length=0,  # or what is over 1,024 tokens is cut off without a word
                    max_decoding_length=limit,
                    beam_size=BEAM_SIZE,
                    length_penalty=LENGTH_PENALTY,
                    replace_unknowns=True,
                )
                for i, result in zip(which, results, strict=True):
                    drafts[i] = _text(hop, result.hypotheses[0])
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise EngineError(
                f"Argos package {hop.package_path} failed: {_line(error)}. "
                "Delete that folder and run `pipeline engines install`."
            ) from error
        return drafts

    def _translator(self, hop: Any) -> Any:
        path = Path(hop.package_path)
        if path not in self._translators:
            self._translators[path] = ctranslate2.Translator(
                str(path / "model"),
                device=settings.device,
                compute_type=settings.compute_type,
                inter_threads=_cores(),
                intra_threads=1,
            )
        return self._translators[path]


def installed(folders: Sequence[Path]) -> tuple[dict[Pair, Any], list[str]]:
    """Find the packages in those folders, the newest of each pair, and name the broken ones."""
    found: dict[Pair, Any] = {}
    broken = []
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if not path.is_dir() or path.name.startswith("."):
                continue
            try:
                one = read_package(path)
            except EngineError as error:
                broken.append(
                    f"Argos package {path} is broken and left out ({error}): "
                    "delete that folder and install it again."
                )
                continue
            if one is None:
                continue
            pair = (one.from_code, one.to_code)
            if pair not in found or version_of(found[pair]) < version_of(one):
                found[pair] = one
    return found, broken


def read_package(path: Path) -> Any | None:
    """Open the folder of a package, or give None where it holds something else than a model.

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
    except (OSError, ValueError, TypeError, AttributeError) as error:
        missing = [_line(error)]
    if missing:
        raise EngineError("; ".join(missing))
    return one


def version_of(one: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(one.package_version).split(".") if part.isdigit())


def _decoding_limit(length: int) -> int:
    """Give twice the tokens of a text, rounded up so that texts share a call, and a least.

    It hangs on the text alone: a draft must not differ by what else is in the batch.
    """
    limit = LEAST_DECODING_LENGTH
    while limit < 2 * length:
        limit *= 2
    return limit


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
