"""Getting engines onto the machine: Argos packages, and Debian's packages of Apertium.

Packages of Argos are downloaded and unpacked here and not by `argostranslate.package`, which
extracts whatever the archive says, writes its index in place, has no timeout and no limit, and
needs stanza and spacy.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from filelock import FileLock, Timeout

from pipeline.engines import Options, Segment, Yielding, choose, load, shortest
from pipeline.engines import archive as archives
from pipeline.engines.archive import SILENT, About, Pins, Progress, package_name
from pipeline.errors import EngineError, PairNotAvailable

if TYPE_CHECKING:
    from pipeline.engines.apertium import ApertiumEngine

Report = Callable[[str], None]
"""Takes one line that tells the user what goes on."""
Pair = tuple[str, str]

INDEX_TIMEOUT = 20.0
"""Seconds for Argos' index, which is some 100 kB."""
DOWNLOAD_TIMEOUT = 30.0
"""Seconds without a byte of a package."""
APT_TIMEOUT = 900.0
"""Seconds for one call of apt-get; it also waits a minute for another one to end."""
LOCK_TIMEOUT = 60.0
"""Seconds to wait for another command that installs."""

MAX_INDEX = 16 << 20
"""Bytes."""
MAX_DOWNLOAD = 2 << 30
"""Bytes of an archive; packages of Argos have 50 to 300 MB."""
SPARE = 32 << 20
"""Bytes that stay free on the disk."""

_SCRATCH = ".argos-"
_AGENT = {"User-Agent": "ArgosTranslate"}

_DEBIAN = {
    "apertium-eng-spa": "en-es es-en",
    "apertium-es-pt": "es-pt pt-es",
    "apertium-fr-es": "es-fr fr-es",
    "apertium-spa-ita": "es-it it-es",
    "apertium-eng-cat": "en-ca ca-en",
    "apertium-en-gl": "en-gl gl-en",
    "apertium-eo-en": "en-eo eo-en",
    "apertium-hbs-eng": "en-sh sh-en",
    "apertium-spa-cat": "es-ca ca-es",
    "apertium-es-gl": "es-gl gl-es",
    "apertium-spa-ast": "es-ast",
    "apertium-spa-arg": "es-an an-es",
    "apertium-oc-es": "es-oc oc-es",
    "apertium-eo-es": "es-eo",
    "apertium-es-ro": "ro-es",
    "apertium-eu-es": "eu-es",
    "apertium-isl-eng": "is-en",
    "apertium-mkd-eng": "mk-en",
    "apertium-fra-cat": "fr-ca ca-fr",
    "apertium-por-cat": "pt-ca ca-pt",
    "apertium-cat-ita": "ca-it it-ca",
    "apertium-cat-srd": "ca-sc",
    "apertium-srd-ita": "it-sc",
    "apertium-oci-fra": "fr-oc oc-fr",
    "apertium-fra-frp": "fr-frp frp-fr",
    "apertium-br-fr": "br-fr",
    "apertium-pt-gl": "pt-gl gl-pt",
    "apertium-hbs-slv": "sh-sl sl-sh",
    "apertium-hbs-mkd": "sh-mk mk-sh",
    "apertium-mkd-bul": "mk-bg bg-mk",
    "apertium-rus-ukr": "ru-uk uk-ru",
    "apertium-bel-rus": "be-ru ru-be",
    "apertium-swe-dan": "sv-da da-sv",
    "apertium-swe-nor": "sv-nb nb-sv sv-nn nn-sv",
    "apertium-dan-nor": "da-nb nb-da da-nn nn-da",
    "apertium-nno-nob": "nb-nn nn-nb",
    "apertium-isl-swe": "is-sv sv-is",
    "apertium-afr-nld": "af-nl nl-af",
    "apertium-urd-hin": "ur-hi hi-ur",
    "apertium-ind-zlm": "id-ms ms-id",
}
"""Debian's packages and the pairs whose modes they hold (read from those of Debian 12, less the
pairs between languages that no other package reaches)."""

_BY_HAND = "translate it by hand; everything but the drafts works without an engine"


class Refused(EngineError):
    """The same package from another address would be refused as well; the bare reason."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to install; the defaults do for everything."""

    options: Mapping[str, Options] | None = None
    """The settings of each engine by its name."""
    names: Mapping[str, str] | None = None
    """The engine of a locale where it is not "auto"."""
    pins: Pins | None = None
    """Instead of those that the settings of Argos have, as ``sha256``."""
    models: Path | None = None
    """The folder of the project's own packages, which need no network."""
    replace: bool = False
    """Put an archive in the place of another one of the same version, or of an unknown one."""
    progress: Progress = SILENT

    def of(self, engine: str) -> Options:
        return (self.options or {}).get(engine, {})

    @property
    def pinned(self) -> Pins:
        """Raises `SettingsError`."""
        if self.pins is not None:
            return self.pins
        return archives.read_pins(self.of("argos").get("sha256"))

    def name(self, locale: str) -> str:
        return (self.names or {}).get(locale, "auto")


DEFAULT = Wishes()


def install(
    locales: Sequence[str], source: str, report: Report, wishes: Wishes = DEFAULT
) -> list[str]:
    """Get an engine for each locale: Argos', which is the best, a starter, or else Apertium's.

    Gives the locales that are served afterwards, and reports those that are not.
    """
    steps: tuple[tuple[str, Callable[..., object]], ...] = (
        ("argos", install_argos),
        ("argos", install_starters),
        ("apertium", install_apertium),
    )
    for name, get in steps:
        wanted = [
            locale
            for locale in locales
            if wishes.name(locale) in ("auto", name)
            and (name == "argos" or lacks_apertium(locale, source, wishes))
        ]
        try:
            get(wanted, source, report, wishes)
        except EngineError as error:
            report(str(error))
    served = [locale for locale in locales if _served(locale, source, wishes)]
    rest = [locale for locale in locales if locale not in served]
    if rest:
        report(f"No engine from {source} to {', '.join(rest)}: {_BY_HAND}.")
    return served


def lacks_apertium(locale: str, source: str, wishes: Wishes) -> bool:
    """Return whether nothing drafts a locale, or nothing that is known to be better."""
    try:
        engine = choose(wishes.name(locale), source, locale, wishes.options).engine
        return isinstance(engine, Yielding) and bool(engine.yields(source, locale, ["apertium"]))
    except EngineError:
        return True


def _served(locale: str, source: str, wishes: Wishes) -> bool:
    try:
        choose(wishes.name(locale), source, locale, wishes.options)
    except EngineError:
        return False
    return True


# Argos' index.


@dataclass(frozen=True, slots=True)
class Available:
    """A package of the index. It tells no sizes and no hashes."""

    from_code: str
    to_code: str
    package_version: str
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        return package_name(self.from_code, self.to_code, self.package_version)

    @property
    def label(self) -> str:
        return f"{self.from_code}→{self.to_code} {self.package_version}".strip()


def install_argos(
    locales: Sequence[str], source: str, report: Report, wishes: Wishes = DEFAULT
) -> list[str]:
    """Download what Argos' index has for the locales; gives those that Argos serves afterwards."""
    engine = load("argos", wishes.of("argos"))
    have = set(installed_pairs(wishes.pinned))
    wanted = [locale for locale in locales if not way(source, locale, have)]
    if wanted:
        available = newest(refresh_index(report), wishes.pinned)
        for locale in wanted:
            for pair in itertools.pairwise(way(source, locale, [*available, *have])):
                if pair not in have:
                    _fetch(available[pair], report, wishes)
                    have.add(pair)
    return [locale for locale in locales if engine.serves(source, locale)]


def installed_pairs(pins: Pins | None = None) -> list[Pair]:
    """Give what the downloaded packages on this machine translate, and the pins do not rule out."""
    from pipeline.engines import argos

    found = []
    for pair, one in argos.installed(argos.package_folders())[0].items():
        if argos.is_starter(one):
            continue
        with contextlib.suppress(EngineError):  # its record is damaged
            record = archives.read_record(Path(one.package_path))
            name = package_name(*pair, str(one.package_version))
            if not archives.against_pins(name, record.sha256 if record else None, pins or {}):
                found.append(pair)
    return found


def way(source: str, locale: str, pairs: Iterable[Pair]) -> list[str]:
    """Give the codes of Argos from one language to the other, [] where there is no way."""
    from pipeline.engines import argos

    start = argos.codes_of(source)[-1]
    return shortest(pairs, start, [goal for goal in argos.codes_of(locale) if goal != start])


def newest(found: Sequence[Available], pins: Pins | None = None) -> dict[Pair, Available]:
    """Give the newest package of each pair; where pins name some of the pair, of those."""
    from pipeline.engines.argos import version_of

    out: dict[Pair, Available] = {}
    for one in found:
        pair = (one.from_code, one.to_code)
        pinned = (pins or {}).get(one.name)
        if archives.against_pins(one.name, pinned, pins or {}):
            continue
        if pair not in out or version_of(out[pair]) < version_of(one):
            out[pair] = one
    return out


def refresh_index(report: Report) -> list[Available]:
    """Read Argos' index anew, and keep a copy where Argos does."""
    from argostranslate import settings

    address = settings.remote_package_index
    report(f"Reading Argos' index at {address}")
    try:
        data = _within(INDEX_TIMEOUT, lambda: _get_index(address))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise EngineError(
            f"Argos' index at {address} cannot be reached ({_reason(error)}): try again with a "
            "connection, or bring an .argosmodel file and run `pipeline engines install FILE`."
        ) from error
    try:
        found = parse_index(data)
    except ValueError as error:
        raise EngineError(f"Argos' index at {address} cannot be read: {error}.") from error
    with contextlib.suppress(OSError):  # the copy is a convenience
        path = Path(settings.local_package_index)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".index-") as folder:
            copy = Path(folder) / "index.json"
            copy.write_bytes(data)
            copy.replace(path)
    return found


def kept_index() -> tuple[list[Available], float] | None:
    """Give what the copy of Argos' index on this disk holds, and its time (seconds of the epoch).

    None where there is none that can be read.
    """
    from argostranslate import settings

    path = Path(settings.local_package_index)
    try:
        return parse_index(path.read_bytes()), path.stat().st_mtime
    except (OSError, ValueError):
        return None


def parse_index(data: bytes) -> list[Available]:
    """Give what can be used of an index, and leave out the rest. Raises `ValueError`."""
    try:
        entries = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ValueError("it is not a list of packages")
    found = []
    for entry in entries:
        try:
            source, target, version = archives.identity(entry)
        except EngineError:
            continue
        links = entry.get("links")
        texts = links if isinstance(links, list) else []
        usable = [link for link in texts if isinstance(link, str) and _usable(link)]
        # A stable sort: what nobody on the way can change comes first.
        usable.sort(key=lambda link: not link.startswith("https:"))
        found.append(Available(source, target, version, tuple(usable)))
    return found


def _usable(link: str) -> bool:
    return link.startswith(("https://", "http://")) and link.isascii() and link.isprintable()


def _get_index(address: str) -> bytes:
    request = urllib.request.Request(address, headers=_AGENT)
    with _open(request, INDEX_TIMEOUT) as answer:
        data: bytes = answer.read(MAX_INDEX + 1)
    if len(data) > MAX_INDEX:
        raise ValueError(f"it is larger than {MAX_INDEX >> 20} MiB")
    return data


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """Call in a thread, since no timeout of a socket covers the look-up of its name."""
    done: list[bytes] = []
    failed: list[Exception] = []

    def call() -> None:
        try:
            done.append(work())
        except Exception as error:  # raised below
            failed.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    for error in failed:
        raise error
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return done[0]


# Packages of our own.


def install_starters(
    locales: Sequence[str], source: str, report: Report, wishes: Wishes = DEFAULT
) -> None:
    """Install from `wishes.models` what leads to locales to which no downloaded packages lead.

    One that is older than what is there stays out; what is wrong with one is reported.
    """
    if not (wishes.models and any(wishes.models.glob("*.argosmodel"))):
        return
    load("argos", wishes.of("argos"))  # says so where Argos is missing
    from pipeline.engines import argos

    found = starters(wishes, report)
    have = set(installed_pairs(wishes.pinned))
    there = {
        (one.from_code, one.to_code): argos.version_of(one)
        for one in argos.installed(argos.package_folders())[0].values()
    }
    for pair in starters_for(locales, source, [*found], have):
        path, about = found[pair]
        if there.get(pair, ()) > argos.parts_of(about.version):
            continue
        try:
            install_file(path, report=report, wishes=wishes)
        except EngineError as error:
            report(str(error))


def starters(wishes: Wishes, report: Report = lambda line: None) -> dict[Pair, tuple[Path, About]]:
    """Give the packages in `wishes.models`, the newest of each pair; report what is none."""
    from pipeline.engines import argos

    found: dict[Pair, tuple[Path, About]] = {}
    for path in sorted(wishes.models.glob("*.argosmodel")) if wishes.models else ():
        try:
            with _named(str(path)), path.open("rb") as file, _whole_zip(file) as archive:
                about = archives.check(archive, file.seek(0, os.SEEK_END))
        except EngineError as error:
            report(str(error))
            continue
        pair = (about.source, about.target)
        if pair not in found or argos.parts_of(found[pair][1].version) < argos.parts_of(
            about.version
        ):
            found[pair] = (path, about)
    return found


def starters_for(
    locales: Sequence[str], source: str, found: Iterable[Pair], have: Collection[Pair]
) -> list[Pair]:
    """Give what of `found` is on the way to locales to which what is downloaded does not lead."""
    usable = [*have, *found]
    return list(
        dict.fromkeys(
            pair
            for locale in locales
            if not way(source, locale, have)
            for pair in itertools.pairwise(way(source, locale, usable))
            if pair not in have
        )
    )


# Downloading.


def _fetch(one: Available, report: Report, wishes: Wishes) -> None:
    """Download a package of the index and install it, from the first address where both go."""
    from pipeline.engines import argos

    trouble = []
    into = argos.package_folders()[0]
    with _named(f"Argos package {one.label}"), _scratch(into) as scratch:
        path = scratch / "package.argosmodel"
        for link in one.links:
            report(f"Downloading Argos package {one.label} from {link}")
            try:
                _download(link, path, wishes.progress)
                _install(path, into, scratch, report, wishes, origin=link, asked=one)
                return
            except Refused:
                raise
            except (EngineError, OSError, ValueError, http.client.HTTPException) as error:
                reason = _reason(error)
            trouble.append(f"{urllib.parse.urlsplit(link).hostname}: {reason}")
        told = "; ".join(trouble) or "the index names no address"
        raise EngineError(f"{told}; try again later")


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    """Make a whole line of a bare reason."""
    try:
        yield
    except (EngineError, OSError) as error:
        raise EngineError(f"{what} is not installed: {_reason(error)}.") from error


def _download(link: str, path: Path, progress: Progress) -> None:
    with _open(urllib.request.Request(link, headers=_AGENT), DOWNLOAD_TIMEOUT) as answer:
        said = answer.headers.get("Content-Length") or ""
        total = int(said) if said.isdecimal() else 0
        if total > MAX_DOWNLOAD:
            raise ValueError(f"it is larger than {MAX_DOWNLOAD >> 30} GiB")
        _make_room(path.parent, total)
        progress.expect(total)
        size = 0
        with path.open("wb") as to:
            while chunk := answer.read1(1 << 18):
                size += len(chunk)
                if size > MAX_DOWNLOAD:
                    raise ValueError(f"it is larger than {MAX_DOWNLOAD >> 30} GiB")
                with _on_disk():
                    to.write(chunk)
                progress.add(len(chunk))
            with _on_disk():
                to.flush()
    if total and size != total:
        raise OSError(f"the connection ended after {size:,} of {total:,} bytes")


def _open(request: urllib.request.Request, timeout: float) -> http.client.HTTPResponse:
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        raise
    assert isinstance(answer, http.client.HTTPResponse)
    return answer


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", None)
    return " ".join(str(inner or error).split()).rstrip(".") or type(error).__name__


@contextlib.contextmanager
def _on_disk() -> Iterator[None]:
    """Tell trouble with our disk from trouble with their server."""
    try:
        yield
    except OSError as error:
        raise Refused(str(error)) from error


def _make_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE:
        raise Refused(
            f"it takes {_mb(wanted)} in {folder}, where {_mb(free)} are free; "
            "make room, or set ARGOS_PACKAGES_DIR"
        )


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


# Archives.


def install_file(
    path: Path,
    *,
    into: Path | None = None,
    report: Report = lambda line: None,
    wishes: Wishes = DEFAULT,
) -> Path:
    """Install an ``.argosmodel`` file, in place of the same package of another version.

    Gives the folder that now holds it. The whole archive is checked before a byte of it is
    unpacked, and the package is tried before it gets its place.
    """
    load("argos")  # says so where Argos is missing
    from pipeline.engines import argos

    into = into or argos.package_folders()[0]
    with _named(str(path)), _scratch(into) as scratch:
        return _install(path, into, scratch, report, wishes, origin=path.name)


@contextlib.contextmanager
def _scratch(into: Path) -> Iterator[Path]:
    """Give a folder on the disk of the packages, while no other command installs there.

    Not inside `into`: Argos takes every folder there for a package.
    """
    into.mkdir(parents=True, exist_ok=True)
    lock = FileLock(into.parent / f"{_SCRATCH}lock")
    try:
        lock.acquire(timeout=LOCK_TIMEOUT)
    except Timeout:
        raise Refused("another command installs packages; try again when it is done") from None
    try:
        for left in into.parent.glob(f"{_SCRATCH}*/"):  # by a command that was killed
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
    report: Report,
    wishes: Wishes,
    *,
    origin: str,
    asked: Available | None = None,
) -> Path:
    """Install from a checked archive; raise `EngineError` with the bare reason."""
    from pipeline.engines import argos

    with path.open("rb") as file:
        sha256 = archives.hash_of(file)
        pins = wishes.pinned
        if asked and (reason := archives.against_pins(asked.name, sha256, pins)):
            raise EngineError(reason)  # before the zip is so much as opened
        with _whole_zip(file) as archive:
            about = archives.check(archive, file.seek(0, os.SEEK_END))
            if asked and (about.source, about.target) != (asked.from_code, asked.to_code):
                raise EngineError(f"it holds {about.label} and not {asked.label}")
            if reason := archives.against_pins(about.name, sha256, pins):
                raise EngineError(reason)
            place, done = _place(about, sha256, into, about.name in pins or wishes.replace)
            if done:
                report(f"Argos package {about.label} is in {place} already")
                return place
            _make_room(scratch, about.unpacked)
            new = scratch / "new" / place.name
            shutil.rmtree(new.parent, ignore_errors=True)  # of the address before this one
            new.parent.mkdir()
            with _on_disk():
                archives.unpack(archive, about, new, sha256, origin)
    if argos.read_package(new) is None:
        raise EngineError("it is not a translation model")
    _try(new.parent, about, wishes)
    _put(new, place)
    what = "starter" if about.card.starter else "Argos package"
    report(f"Installed {what} {about.label} in {place} (SHA-256 {sha256})")
    return place


@contextlib.contextmanager
def _whole_zip(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    # Of a damaged zip, zipfile raises all of these.
    damaged = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except damaged as error:
        raise EngineError(f"it is no whole zip ({_reason(error)}); get it anew") from error


def _place(about: About, sha256: str, into: Path, may_replace: bool) -> tuple[Path, bool]:
    """Give the folder for a package, and whether it is there already, whole.

    A starter stands beside a downloaded package of the pair, and neither replaces the other.
    Raises `EngineError` where what is there would have to go, and nobody said that it may.
    """
    from pipeline.engines import argos

    its = [
        one
        for one in argos.whole([into])[0]
        if (one.from_code, one.to_code) == (about.source, about.target)
        and argos.is_starter(one) == about.card.starter
    ]
    have = max(its, key=argos.version_of, default=None)
    if have is None:
        place = into / f"{about.source}_{about.target}{'_starter' * about.card.starter}"
        other = None
        with contextlib.suppress(EngineError):  # what is broken may go
            other = argos.read_package(place)
        if other:
            raise Refused(f"{place} holds {other.from_code}→{other.to_code}; rename that folder")
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
        raise Refused(
            f"{about.label} is in {place} already, from {known}, and this archive has {sha256}; "
            "add --force to replace it"
        )
    return place, False


def _try(folder: Path, about: About, wishes: Wishes) -> None:
    """Load the model and translate a word: a file may have its size, and be no model."""
    from pipeline.engines.argos import ArgosEngine

    engine = ArgosEngine(wishes.of("argos"), folders=[folder])
    try:
        engine.translate([Segment("word")], about.source, about.target)
    except PairNotAvailable:  # a code of Argos that no locale has
        return
    except EngineError as error:
        raise EngineError(f"its model cannot be used ({error.__cause__ or error})") from error


def _put(new: Path, place: Path) -> None:
    """Rename `new` to `place`; what was there goes, but not before.

    Between the two renames neither is there; the next command that installs finds the old one.
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


# Apertium.


def install_apertium(
    locales: Sequence[str], source: str, report: Report, wishes: Wishes = DEFAULT
) -> list[str]:
    """Install Debian's packages for the locales; gives those that Apertium serves afterwards.

    Needs apt-get, and to be root or to have sudo; it may ask for a password on a terminal only.
    """
    from pipeline.engines.apertium import ApertiumEngine

    engine = ApertiumEngine()
    packages = debian_packages(
        [locale for locale in locales if not engine.serves(source, locale)], source, engine
    )
    if packages:
        report(f"Installing {' '.join(packages)}")
        _apt_install(packages, wishes.progress)
    return [locale for locale in locales if engine.serves(source, locale)]


def debian_packages(locales: Sequence[str], source: str, engine: ApertiumEngine) -> list[str]:
    """Name the packages of Debian that lead to the locales and are not here yet."""
    from pipeline.engines.apertium import PIVOTS, source_of

    by_pair = {
        (one, other): package
        for package, pairs in _DEBIAN.items()
        for one, other in (pair.split("-") for pair in pairs.split())
    }
    needed: dict[str, None] = {}
    for locale in locales:
        way = shortest(by_pair, source_of(source), [source_of(locale)], PIVOTS)
        for pair in itertools.pairwise(way):
            if not engine.serves(*pair):
                needed[by_pair[pair]] = None
    return ["apertium", *needed] if needed else []


def _apt_install(packages: list[str], progress: Progress) -> None:
    if not shutil.which("apt-get"):
        raise EngineError(
            "Apertium is installed with apt-get, which is not here: "
            f"install {' '.join(packages)} by the means of this system."
        )
    if _call(["apt-cache", "show", *packages]).returncode:
        _apt("update")
    _apt("install", "-y", "--no-install-recommends", *packages, progress=progress)


def _apt(*arguments: str, progress: Progress = SILENT) -> None:
    asks = [] if sys.stdin.isatty() else ["-n"]
    root = [] if os.geteuid() == 0 else ["sudo", *asks]
    # sudo closes all descriptors but the first three.
    options = ["-q", "-o", "DPkg::Lock::Timeout=60", "-o", "APT::Status-Fd=1"]
    progress.expect(200, "%")  # a hundred of downloading, a hundred of installing
    done = _call([*root, "apt-get", *options, *arguments], _percents(progress))
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        last = next((line for line in lines if line.startswith("E:")), (lines or ["no reason"])[-1])
        plain = " ".join(("apt-get", *arguments))
        raise EngineError(f"Apertium is not installed ({last}): run `{plain}` as root.")


def _percents(progress: Progress) -> Callable[[str], None]:
    """Give what hears the lines of apt-get's status: ``pmstatus:NAME:42.5:What goes on``."""
    done = 0

    def hear(line: str) -> None:
        nonlocal done
        parts = line.split(":")
        with contextlib.suppress(ValueError, IndexError):
            before = {"dlstatus": 0, "pmstatus": 100}.get(parts[0])
            # A name may have the architecture behind a colon.
            number = next((part for part in parts[2:4] if part.replace(".", "").isdecimal()), "")
            if before is not None and (now := before + int(float(number))) > done:
                progress.add(now - done)
                done = now

    return hear


def _call(
    command: list[str], hear: Callable[[str], None] = lambda line: None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
                env=environment,
            ) as process,
        ):
            timer = threading.Timer(APT_TIMEOUT, process.kill)
            timer.start()
            try:
                for line in process.stdout or ():
                    hear(line)
                process.wait()
            finally:
                timer.cancel()
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
            return subprocess.CompletedProcess(command, process.returncode, "", said)
    except OSError as error:
        raise EngineError(f"Apertium is not installed: {error}.") from error
