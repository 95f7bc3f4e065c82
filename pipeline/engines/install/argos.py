"""Installation of Argos packages: downloaded, from files, and starters of our own.

`argostranslate.package` does not install them: it extracts any path of the archive, writes its
index in place, has no timeout and no limit, and needs stanza and spacy.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import shutil
import struct
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from pipeline.engines.argos import archive as archives
from pipeline.engines.argos.archive import About, Pins, package_name
from pipeline.engines.base import Segment
from pipeline.engines.install.argos_index import (
    Available,
    Pair,
    ReportLine,
    newest,
    reason_of,
    refresh_index,
)
from pipeline.engines.install.download import NotInstallable, fetch, make_room, on_disk
from pipeline.engines.install.options import DEFAULT, InstallOptions
from pipeline.engines.registry import load
from pipeline.engines.routes import shortest
from pipeline.errors import EngineError, PairNotAvailable

LOCK_TIMEOUT = 60.0
"""Seconds to wait for another installation."""

_SCRATCH = ".argos-"


def install_argos(
    locales: Sequence[str], source: str, report: ReportLine, options: InstallOptions = DEFAULT
) -> list[str]:
    """Download packages of Argos' index for the locales; return those that Argos serves then."""
    engine = load("argos", options.of("argos"))
    have = set(installed_pairs(options.pinned))
    wanted = [locale for locale in locales if not route(source, locale, have)]
    if wanted:
        available = newest(refresh_index(report), options.pinned)
        for locale in wanted:
            for pair in itertools.pairwise(route(source, locale, [*available, *have])):
                if pair not in have:
                    _fetch(available[pair], report, options)
                    have.add(pair)
    return [locale for locale in locales if engine.serves(source, locale)]


def installed_pairs(pins: Pins | None = None) -> list[Pair]:
    """Return the pairs of the downloaded packages that satisfy the pins."""
    from pipeline.engines.argos import packages as argos_packages

    found = []
    for pair, one in argos_packages.installed(argos_packages.package_folders())[0].items():
        if argos_packages.is_starter(one):
            continue
        with contextlib.suppress(EngineError):  # its record is damaged
            record = archives.read_record(Path(one.package_path))
            name = package_name(*pair, str(one.package_version))
            if not archives.against_pins(name, record.sha256 if record else None, pins or {}):
                found.append(pair)
    return found


def route(source: str, locale: str, pairs: Iterable[Pair]) -> list[str]:
    """Return the codes of Argos on the shortest route between two languages; [] where none."""
    from pipeline.engines.argos import packages as argos_packages

    start = argos_packages.codes_of(source)[-1]
    return shortest(
        pairs, start, [goal for goal in argos_packages.codes_of(locale) if goal != start]
    )


def install_starters(
    locales: Sequence[str], source: str, report: ReportLine, options: InstallOptions = DEFAULT
) -> None:
    """Install starters from `options.models` for locales that no downloaded packages serve.

    A starter older than the installed one is skipped; a broken one is reported.
    """
    if not (options.models and any(options.models.glob("*.argosmodel"))):
        return
    load("argos", options.of("argos"))  # raises where Argos is missing
    from pipeline.engines.argos import packages as argos_packages

    found = starters(options, report)
    have = set(installed_pairs(options.pinned))
    there = {
        (one.from_code, one.to_code): argos_packages.version_of(one)
        for one in argos_packages.installed(argos_packages.package_folders())[0].values()
    }
    for pair in starters_for(locales, source, [*found], have):
        path, about = found[pair]
        if there.get(pair, ()) > argos_packages.parse_version(about.version):
            continue
        try:
            install_file(path, report=report, options=options)
        except EngineError as error:
            report(str(error))


def starters(
    options: InstallOptions, report: ReportLine = lambda line: None
) -> dict[Pair, tuple[Path, About]]:
    """Return the newest package of each pair in `options.models`; report broken files."""
    from pipeline.engines.argos import packages as argos_packages

    found: dict[Pair, tuple[Path, About]] = {}
    for path in sorted(options.models.glob("*.argosmodel")) if options.models else ():
        try:
            with _named(str(path)), path.open("rb") as file, _whole_zip(file) as archive:
                about = archives.check(archive, file.seek(0, os.SEEK_END))
        except EngineError as error:
            report(str(error))
            continue
        pair = (about.source, about.target)
        if pair not in found or argos_packages.parse_version(
            found[pair][1].version
        ) < argos_packages.parse_version(about.version):
            found[pair] = (path, about)
    return found


def starters_for(
    locales: Sequence[str], source: str, found: Iterable[Pair], have: Collection[Pair]
) -> list[Pair]:
    """Return the pairs of `found` on routes to locales that the pairs of `have` do not reach."""
    usable = [*have, *found]
    return list(
        dict.fromkeys(
            pair
            for locale in locales
            if not route(source, locale, have)
            for pair in itertools.pairwise(route(source, locale, usable))
            if pair not in have
        )
    )


def _fetch(one: Available, report: ReportLine, options: InstallOptions) -> None:
    """Download and install a package of the index, from the first address that works."""
    from pipeline.engines.argos import packages as argos_packages

    trouble = []
    into = argos_packages.package_folders()[0]
    with _named(f"Argos package {one.label}"), _scratch(into) as scratch:
        path = scratch / "package.argosmodel"
        for link in one.links:
            report(f"Downloading Argos package {one.label} from {link}")
            try:
                fetch(link, path, options.progress)
                _install(path, into, scratch, report, options, origin=link, asked=one)
                return
            except NotInstallable:
                raise
            except (EngineError, OSError, ValueError, http.client.HTTPException) as error:
                reason = reason_of(error)
            trouble.append(f"{urllib.parse.urlsplit(link).hostname}: {reason}")
        told = "; ".join(trouble) or "the index names no address"
        raise EngineError(f"{told}; try again later")


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    """Complete the bare reason of an error to a sentence about `what`."""
    try:
        yield
    except (EngineError, OSError) as error:
        raise EngineError(f"{what} is not installed: {reason_of(error)}.") from error


def install_file(
    path: Path,
    *,
    into: Path | None = None,
    report: ReportLine = lambda line: None,
    options: InstallOptions = DEFAULT,
) -> Path:
    """Install an ``.argosmodel`` file, in place of another version of the package.

    Returns its folder. The whole archive is checked before a byte of it is unpacked, and the
    package is tried before it is moved into place.
    """
    load("argos")  # raises where Argos is missing
    from pipeline.engines.argos import packages as argos_packages

    into = into or argos_packages.package_folders()[0]
    with _named(str(path)), _scratch(into) as scratch:
        return _install(path, into, scratch, report, options, origin=path.name)


@contextlib.contextmanager
def _scratch(into: Path) -> Iterator[Path]:
    """Yield a scratch folder on the disk of the packages, with a lock against other installations.

    It is not inside `into`, where Argos takes every folder for a package.
    """
    into.mkdir(parents=True, exist_ok=True)
    lock = FileLock(into.parent / f"{_SCRATCH}lock")
    try:
        lock.acquire(timeout=LOCK_TIMEOUT)
    except Timeout:
        raise NotInstallable(
            "another command installs packages; try again when it is done"
        ) from None
    try:
        for left in into.parent.glob(f"{_SCRATCH}*/"):  # after an installation that was killed
            _restore(left, into)
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=into.parent, prefix=_SCRATCH) as scratch:
            yield Path(scratch)
    finally:
        lock.release()


def _restore(left: Path, into: Path) -> None:
    for before in (left / "before").glob("*/"):
        if not (into / before.name).exists():
            before.rename(into / before.name)


def _install(
    path: Path,
    into: Path,
    scratch: Path,
    report: ReportLine,
    options: InstallOptions,
    *,
    origin: str,
    asked: Available | None = None,
) -> Path:
    """Check and install an archive; raise `EngineError` with the bare reason."""
    from pipeline.engines.argos import packages as argos_packages

    with path.open("rb") as file:
        sha256 = archives.hash_of(file)
        pins = options.pinned
        if asked and (reason := archives.against_pins(asked.name, sha256, pins)):
            raise EngineError(reason)  # before the zip is opened
        with _whole_zip(file) as archive:
            about = archives.check(archive, file.seek(0, os.SEEK_END))
            if asked and (about.source, about.target) != (asked.from_code, asked.to_code):
                raise EngineError(f"it holds {about.label} and not {asked.label}")
            if reason := archives.against_pins(about.name, sha256, pins):
                raise EngineError(reason)
            place, done = _place(about, sha256, into, about.name in pins or options.replace)
            if done:
                report(f"Argos package {about.label} is in {place} already")
                return place
            make_room(scratch, about.unpacked)
            new = scratch / "new" / place.name
            shutil.rmtree(new.parent, ignore_errors=True)  # left by the previous address
            new.parent.mkdir()
            with on_disk():
                archives.unpack(archive, about, new, sha256, origin)
    if argos_packages.read_package(new) is None:
        raise EngineError("it is not a translation model")
    _try(new.parent, about, options)
    _put(new, place)
    what = "starter" if about.card.starter else "Argos package"
    report(f"Installed {what} {about.label} in {place} (SHA-256 {sha256})")
    return place


@contextlib.contextmanager
def _whole_zip(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    # All of these are raised by zipfile for a damaged zip.
    damaged = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except damaged as error:
        raise EngineError(f"it is no whole zip ({reason_of(error)}); get it anew") from error


def _place(about: About, sha256: str, into: Path, may_replace: bool) -> tuple[Path, bool]:
    """Return the folder for a package, and whether the package is already there and sound.

    A starter and a downloaded package of the pair stand side by side. Raises `EngineError` where
    another package would have to be replaced without leave.
    """
    from pipeline.engines.argos import packages as argos_packages

    its = [
        one
        for one in argos_packages.read_packages([into])[0]
        if (one.from_code, one.to_code) == (about.source, about.target)
        and argos_packages.is_starter(one) == about.card.starter
    ]
    have = max(its, key=argos_packages.version_of, default=None)
    if have is None:
        place = into / f"{about.source}_{about.target}{'_starter' * about.card.starter}"
        other = None
        with contextlib.suppress(EngineError):  # a broken package may be replaced
            other = argos_packages.read_package(place)
        if other:
            raise NotInstallable(
                f"{place} holds {other.from_code}→{other.to_code}; rename that folder"
            )
        return place, False
    place = Path(have.package_path)
    if str(have.package_version) != about.version:
        return place, False
    try:
        record = archives.verify(place, thorough=True)
    except EngineError:
        return place, False
    if record and record.sha256 == sha256:
        return place, True
    if not may_replace:
        known = f"an archive of SHA-256 {record.sha256}" if record else "nobody knows where"
        raise NotInstallable(
            f"{about.label} is in {place} already, from {known}, and this archive has {sha256}; "
            "add --force to replace it"
        )
    return place, False


def _try(folder: Path, about: About, options: InstallOptions) -> None:
    """Load the model and translate a word, since a file of the right size may not be a model."""
    from pipeline.engines.argos.engine import ArgosEngine

    engine = ArgosEngine(options.of("argos"), folders=[folder])
    try:
        engine.translate([Segment("word")], about.source, about.target)
    except PairNotAvailable:  # the code is of no locale
        return
    except EngineError as error:
        raise EngineError(f"its model cannot be used ({error.__cause__ or error})") from error


def _put(new: Path, place: Path) -> None:
    """Rename `new` to `place`, and its old content out of the way.

    Between the two renames neither is there; the next installation restores the old one.
    """
    before = new.parent.parent / "before" / place.name
    try:
        if place.exists():
            before.parent.mkdir(exist_ok=True)
            place.rename(before)
        new.rename(place)
    except BaseException:
        if before.exists() and not place.exists():
            before.rename(place)
        raise
