"""Installed packages of Argos Translate: found, opened, checked against pins."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from argostranslate import package, settings

from pipeline.engines.argos.archive import Pins, against_pins, package_name, verify
from pipeline.engines.argos.card import Card, card_of
from pipeline.engines.argos.vocabulary import read_words
from pipeline.engines.base import split_locale
from pipeline.errors import EngineError

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

Pair = tuple[str, str]


def codes_of(locale: str) -> tuple[str, ...]:
    return _CODES.get(locale) or (split_locale(locale)[0],)


def package_folders() -> list[Path]:
    """Return the folders that Argos installs to: ``ARGOS_PACKAGES_DIR``, or below the home."""
    return [Path(folder) for folder in settings.package_dirs]


@contextlib.contextmanager
def naming_package(hop: Any) -> Iterator[None]:
    """Turn the failures of a package into an `EngineError` that names it."""
    try:
        yield
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise EngineError(
            f"Argos package {hop.package_path} failed: {_line(error)}. "
            "Delete that folder and run `pipeline engines install`."
        ) from error


T = TypeVar("T")


def once_each(read: Callable[[Any], T]) -> Callable[[Any], T]:
    """Memoize a function of a package by the folder that holds it."""
    known: dict[Path, T] = {}

    def get(hop: Any) -> T:
        path = Path(hop.package_path)
        if path not in known:
            known[path] = read(hop)
        return known[path]

    return get


def trained_words(hop: Any) -> frozenset[str] | None:
    """Return the words of a package's training; None where it does not list them."""
    with naming_package(hop):
        return read_words(Path(hop.package_path))


def installed(
    folders: Sequence[Path], pins: Pins | None = None
) -> tuple[dict[Pair, Any], list[str]]:
    """Return the best package of each pair in `folders`, and a line for each broken one.

    The best is the newest; any other precedes a starter. A package that was changed after its
    installation, or that violates the pins, counts as broken.
    """
    found: dict[Pair, Any] = {}
    every, broken = read_packages(folders, pins)
    for one in every:
        pair = (one.from_code, one.to_code)
        if pair not in found or _rank(found[pair]) < _rank(one):
            found[pair] = one
    return found, broken


def read_packages(folders: Sequence[Path], pins: Pins | None = None) -> tuple[list[Any], list[str]]:
    """Read all packages in `folders`; return the sound ones, and a line for each broken one."""
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
    """Whether a package is one of our own, from ``models/``, rather than a downloaded one."""
    return package_card(one).starter


def package_card(one: Any) -> Card:
    found: Card = one.card
    return found


def read_package(path: Path, pins: Pins | None = None) -> Any | None:
    """Open the folder of a package; None where it is not a translation model.

    None also for a starter of a pair whose pin is another package. Raises `EngineError` with the
    bare reason where the package is broken. No large file is read.
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
        one.card = card_of(path)  # Argos keeps only its own keys of the metadata
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        missing = [_line(error)]
    if missing:
        raise EngineError("; ".join(missing))
    record = verify(path)
    name = package_name(one.from_code, one.to_code, str(one.package_version))
    pins = pins or {}
    if trouble := against_pins(name, record.sha256 if record else None, pins):
        if one.card.starter and name not in pins:
            return None  # the pin is for downloads, so the starter is not broken
        raise EngineError(trouble)
    return one


def version_of(one: Any) -> tuple[int, ...]:
    return parse_version(str(one.package_version))


def parse_version(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, which sort it."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
