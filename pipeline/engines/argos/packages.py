"""Installed packages of Argos Translate: found, opened, held against their pins."""

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
    """Give the folders that Argos installs to: ``ARGOS_PACKAGES_DIR``, or below the home."""
    return [Path(folder) for folder in settings.package_dirs]


@contextlib.contextmanager
def naming_package(hop: Any) -> Iterator[None]:
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
    return package_card(one).starter


def package_card(one: Any) -> Card:
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


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
