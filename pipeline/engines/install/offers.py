"""Offers of engines: the engine of each locale, those that could be installed, and packages.

For `pipeline engines`. Nothing here uses the network: Argos' index is read from its local copy.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.engines.argos import archive
from pipeline.engines.argos.card import Card
from pipeline.engines.install import argos as install_argos
from pipeline.engines.install import argos_index, debian, steps
from pipeline.engines.install.options import DEFAULT, InstallOptions
from pipeline.engines.registry import choose, load
from pipeline.errors import EngineError, PipelineError


@dataclass(frozen=True, slots=True)
class Offer:
    """An engine that could serve a locale with packages that are not installed."""

    engine: str
    packages: tuple[str, ...]
    """Names in Argos' index or in Debian."""
    way: tuple[str, ...] = ()
    """Route from the source to the locale, in codes of Argos."""


@dataclass(frozen=True, slots=True)
class Row:
    """A locale with its engine and the offers for it."""

    locale: str
    engine: str
    """Name of the engine; "" where none serves the locale."""
    signature: str
    passed_over: tuple[str, ...]
    """One line for each engine that "auto" prefers and could not choose."""
    trouble: str
    """Reason why no engine serves it; "" where one does."""
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """A package of Argos on this machine."""

    path: str
    name: str
    """Name of its archive; "" where the package cannot be read."""
    sha256: str
    """Digest of its archive; "" where another program installed it."""
    trouble: str
    """Reason why it is not used; "" where it is sound."""
    card: Card
    """Properties that a package of our own declares."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Locales, and the packages of Argos on this machine."""

    rows: tuple[Row, ...]
    packages: tuple[Installed, ...]
    index: str
    """Date of the local copy of Argos' index; "" where there is none."""


def listing(
    locales: Sequence[str],
    source: str,
    options: InstallOptions = DEFAULT,
    *,
    thorough: bool = False,
) -> Listing:
    """List every locale, and every package of Argos.

    With `thorough`, the files of each package are read and compared with its record, which takes
    a second for some hundred MB.
    """
    argos = _has_argos(options)
    index = argos_index.kept_index() if argos else None
    available = argos_index.newest(index[0], options.pinned) if index else {}
    rows = []
    for locale in locales:
        try:
            chosen = choose(options.name(locale), source, locale, options.settings)
            engine, trouble = chosen.engine.name, ""
            signature = chosen.engine.signature(source, locale)
            passed_over = chosen.passed_over
        except PipelineError as error:
            engine, signature, passed_over, trouble = "", "", (), str(error)
        offers = [*_argos(locale, source, available, options)] if argos else []
        if trouble or steps.lacks_apertium(locale, source, options):  # as in an installation
            offers += _apertium(locale, source)
        offers = [one for one in offers if options.name(locale) in ("auto", one.engine)]
        rows.append(Row(locale, engine, signature, passed_over, trouble, tuple(offers)))
    day = datetime.fromtimestamp(index[1], UTC).date().isoformat() if index else ""
    found = packages(options, thorough=thorough) if argos else []
    return Listing(tuple(rows), tuple(found), day)


def _has_argos(options: InstallOptions) -> bool:
    try:
        load("argos", options.of("argos"))
    except PipelineError:
        return False
    return True


def _argos(
    locale: str,
    source: str,
    available: Mapping[argos_index.Pair, argos_index.Available],
    options: InstallOptions,
) -> list[Offer]:
    have = set(install_argos.installed_pairs(options.pinned))
    if install_argos.route(source, locale, have):
        return []
    way = install_argos.route(source, locale, [*available, *have])
    missing = [pair for pair in itertools.pairwise(way) if pair not in have]
    names = tuple(available[pair].name for pair in missing)
    offers = [Offer("argos", names, tuple(way))] if names else []
    if not load("argos", options.of("argos")).serves(source, locale):
        found = install_argos.starters(options)
        needed = install_argos.starters_for([locale], source, found, have)
        files = tuple(found[pair][0].name for pair in needed)
        offers += [Offer("argos", files)] if files else []
    return offers


def _apertium(locale: str, source: str) -> list[Offer]:
    from pipeline.engines.apertium.engine import ApertiumEngine

    engine = ApertiumEngine()
    if engine.serves(source, locale):
        return []
    names = tuple(debian.debian_packages([locale], source, engine))
    return [Offer("apertium", names)] if names else []


def packages(options: InstallOptions = DEFAULT, *, thorough: bool = False) -> list[Installed]:
    """List the installed packages of Argos, including broken ones."""
    from pipeline.engines.argos import packages as argos_packages

    found = []
    for folder in argos_packages.package_folders():
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and not path.name.startswith("."):
                one = _look(path, options, thorough)
                found += [one] if one else []
    return found


def _look(path: Path, options: InstallOptions, thorough: bool) -> Installed | None:
    from pipeline.engines.argos import packages as argos_packages

    name = sha256 = ""
    card = Card()
    try:
        one = argos_packages.read_package(path)
        if one is None:
            return None
        card = one.card
        name = archive.package_name(one.from_code, one.to_code, str(one.package_version))
        record = archive.verify(path, thorough=thorough, progress=options.progress)
        sha256 = record.sha256 if record else ""
        trouble = archive.against_pins(name, sha256 or None, options.pinned)
    except EngineError as error:
        trouble = str(error)
    return Installed(str(path), name, sha256, trouble, card)


def _standing(card: Card) -> str:
    """Describe the figures of a starter, and its order against Apertium."""
    if not card.figures:
        return "that nobody has measured: apertium goes before it"
    first = "before" if card.beats_apertium else "after"
    return (
        f"of BLEU {card.figures.bleu:g} on FLORES-200, where apertium has "
        f"{card.figures.apertium_bleu:g}: it goes {first} apertium"
    )


def lines(found: Listing) -> list[str]:
    """Render a listing for a person."""
    width = max([8, *(len(row.locale) for row in found.rows)])
    margin = " " * width
    out = []
    for row in found.rows:
        out.append(f"{row.locale:<{width}} {row.signature or row.trouble}")
        out += [f"{margin}   because {line}" for line in row.passed_over]
        for offer in row.offers:
            whose = "Debian's " if offer.engine == "apertium" else ""
            by_way = f" ({'→'.join(offer.way)})" if len(offer.way) > 2 else ""
            names = ", ".join(offer.packages)
            out.append(f"{margin}   could be {offer.engine}{by_way}: {whose}{names}")
    out += [
        f"Argos package {one.path} is a starter {_standing(one.card)}."
        for one in found.packages
        if one.card.starter and not one.trouble
    ]
    out += [
        f"Argos package {one.path} says of itself what cannot be read: {one.card.trouble}."
        for one in found.packages
        if one.card.trouble
    ]
    broken = [one for one in found.packages if one.trouble]
    out += [
        f"Argos package {one.path} is left out: {one.trouble}. "
        "`pipeline engines install` gets it anew."
        for one in broken
    ]
    out += [
        f"Argos package {one.path} was not installed by this program: its SHA-256 is unknown."
        for one in found.packages
        if not one.sha256 and not one.trouble
    ]
    if any(row.offers for row in found.rows):
        missing = " ".join(row.locale for row in found.rows if row.offers)
        out.append(f"To get what could be: pipeline engines install {missing}")
    out.append(
        f"What Argos has is from its index of {found.index}; --refresh reads it anew."
        if found.index
        else "What Argos has is not known here yet; --refresh reads its index."
    )
    return out
