"""Getting engines onto the machine: Argos packages, and Debian's packages of Apertium.

Packages of Argos are unpacked here and not by `argostranslate.package.install_from_path`, which
extracts whatever the archive says, and needs stanza and spacy.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines import choose, load, shortest
from pipeline.errors import EngineError, PairNotAvailable

if TYPE_CHECKING:
    from pipeline.engines.apertium import ApertiumEngine

Report = Callable[[str], None]
"""Takes one line that tells the user what goes on."""

INDEX_TIMEOUT = 10.0
"""Seconds for Argos' index, which is some 100 kB."""
DOWNLOAD_TIMEOUT = 30.0
"""Seconds without a byte of a package."""
APT_TIMEOUT = 900.0
"""Seconds for one call of apt-get; it also waits a minute for another one to end."""

MAX_DOWNLOAD = 2 << 30
"""Bytes of an archive; packages of Argos have 50 to 300 MB."""
MAX_UNPACKED = 4 << 30
"""Bytes of all files of an archive."""
MAX_RATIO = 100
"""Bytes unpacked for one byte of the archive; weights shrink hardly at all, text fivefold."""
MAX_FILES = 10_000

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


def install(locales: Sequence[str], source: str, report: Report) -> list[str]:
    """Get an engine for each locale: Argos', which is the better one, or else Apertium's.

    Gives the locales that are served afterwards, and reports those that are not.
    """
    for get in (install_argos, install_apertium):
        wanted = [c for c in locales if get is install_argos or not _served(c, source)]
        try:
            get(wanted, source, report)
        except EngineError as error:
            report(str(error))
    served = [locale for locale in locales if _served(locale, source)]
    rest = [locale for locale in locales if locale not in served]
    if rest:
        report(f"No engine from {source} to {', '.join(rest)}: {_BY_HAND}.")
    return served


def _served(locale: str, source: str) -> bool:
    try:
        choose("auto", source, locale)
    except PairNotAvailable:
        return False
    return True


# Argos.


def install_argos(locales: Sequence[str], source: str, report: Report) -> list[str]:
    """Download what Argos' index has for the locales; gives those that Argos serves afterwards."""
    engine = load("argos")
    from pipeline.engines import argos

    wanted = [locale for locale in locales if not engine.serves(source, locale)]
    if wanted:
        available = _index(report)
        have, _ = argos.installed(argos.package_folders())
        start = argos.codes_of(source)[-1]
        for locale in wanted:
            way = shortest([*available, *have], start, argos.codes_of(locale))
            for pair in itertools.pairwise(way):
                if pair not in have:
                    _fetch(available[pair], report)
                    have[pair] = available[pair]
    return [locale for locale in locales if engine.serves(source, locale)]


def _index(report: Report) -> dict[tuple[str, str], Any]:
    """Read Argos' index anew; gives the newest package of each pair."""
    from argostranslate import package, settings

    from pipeline.engines.argos import version_of

    path, address = Path(settings.local_package_index), settings.remote_package_index
    # It logs an error where it fails, and says nothing to the caller; we look at the file.
    logging.getLogger("argostranslate.utils").setLevel(logging.CRITICAL)
    report(f"Reading Argos' index at {address}")
    before = _stamp(path)
    with _socket_timeout(INDEX_TIMEOUT):
        # A thread, since no timeout of a socket covers the look-up of its name.
        update = threading.Thread(target=package.update_package_index, daemon=True)
        update.start()
        update.join(2 * INDEX_TIMEOUT)
    if update.is_alive() or _stamp(path) in (before, None):
        raise EngineError(
            f"Argos' index at {address} cannot be reached: try again with a connection, or bring "
            "an .argosmodel file and run `pipeline engines install FILE`."
        )
    try:
        listed = package.get_available_packages()
        found: dict[tuple[str, str], Any] = {}
        for one in listed:
            pair = (one.from_code, one.to_code)
            usable = one.type == "translate" and all(pair) and isinstance(one.links, list)
            if usable and (pair not in found or version_of(found[pair]) < version_of(one)):
                found[pair] = one
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EngineError(f"Argos' index at {address} cannot be read: {error}.") from error
    return found


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _fetch(one: Any, report: Report) -> None:
    """Download a package of the index from the first of its addresses that answers, install it."""
    name = f"Argos package {one.from_code}→{one.to_code} {one.package_version}"
    links = [link for link in map(str, one.links) if link.startswith(("https://", "http://"))]
    trouble: Exception | str = "the index names no address"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "package.argosmodel"
        for link in links:
            report(f"Downloading {name} from {link}")
            try:
                _download(link, path)
            except (OSError, ValueError) as error:
                trouble = error
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                continue
            install_file(path, name=name)
            return
    raise EngineError(f"{name} cannot be downloaded ({trouble}): try again later.")


def _download(link: str, path: Path) -> None:
    request = urllib.request.Request(link, headers={"User-Agent": "ArgosTranslate"})
    with urllib.request.urlopen(request, timeout=DOWNLOAD_TIMEOUT) as answer, path.open("wb") as to:
        size = 0
        while chunk := answer.read(1 << 20):
            size += len(chunk)
            if size > MAX_DOWNLOAD:
                raise ValueError(f"it is larger than {MAX_DOWNLOAD >> 30} GiB")
            to.write(chunk)


def install_file(path: Path, *, into: Path | None = None, name: str = "") -> Path:
    """Install an ``.argosmodel`` file, in place of the same package of another version.

    Gives the folder that now holds it. The whole archive is checked before a byte of it is
    unpacked, and the package before it gets its place.
    """
    load("argos")  # says so where Argos is missing
    from pipeline.engines import argos

    name = name or str(path)
    into = into or argos.package_folders()[0]
    try:
        into.mkdir(parents=True, exist_ok=True)
        with (
            zipfile.ZipFile(path) as archive,
            # Not inside: Argos itself takes every folder there for a package.
            tempfile.TemporaryDirectory(dir=into.parent, prefix=".argos-") as scratch,
        ):
            top = _check(archive, path.stat().st_size)
            _unpack(archive, Path(scratch))
            if argos.read_package(Path(scratch) / top) is None:
                raise EngineError("it is not a translation model")
            _put(Path(scratch) / top, into / top)
            return into / top
    except EngineError as error:
        raise EngineError(f"{name} is not installed: {error}. Get it anew.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise EngineError(
            f"{name} is not installed: no whole zip ({error}). Get it anew."
        ) from error
    except OSError as error:
        raise EngineError(f"{name} is not installed: {error}.") from error


def _check(archive: zipfile.ZipFile, size: int) -> str:
    """Refuse an archive that would write outside its one folder, or fill the disk."""
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise EngineError(f"it holds more than {MAX_FILES} files")
    seen: set[str] = set()
    tops = set()
    for entry in entries:
        parts = entry.filename.removesuffix("/").split("/")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if any(part in ("", ".", "..") for part in parts) or set(entry.filename) & set("\\:\0"):
            raise EngineError(f"it holds the name {entry.filename!r}")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise EngineError(f"it holds a link or a device, {entry.filename!r}")
        if (folded := "/".join(parts).casefold()) in seen:
            raise EngineError(f"it holds {entry.filename!r} twice")
        seen.add(folded)
        tops.add(parts[0])
        if len(parts) == 1 and not entry.is_dir():
            raise EngineError(f"it holds {entry.filename!r} outside a folder")
    if len(tops) != 1 or any(top.startswith(".") for top in tops):
        raise EngineError("it does not hold one folder")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * size:
        raise EngineError(f"it would unpack to {unpacked:,} bytes")
    return tops.pop()


def _unpack(archive: zipfile.ZipFile, into: Path) -> None:
    for entry in archive.infolist():
        path = into / entry.filename
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        # zipfile stops at the size that the entry gives, the one that was checked.
        with archive.open(entry) as data, path.open("wb") as to:
            shutil.copyfileobj(data, to, 1 << 20)


def _put(new: Path, place: Path) -> None:
    """Rename `new` to `place`; what was there goes, but not before."""
    before = new.with_name(".before")
    if place.exists():
        place.rename(before)
    try:
        new.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise


# Apertium.


def install_apertium(locales: Sequence[str], source: str, report: Report) -> list[str]:
    """Install Debian's packages for the locales; gives those that Apertium serves afterwards.

    Needs apt-get, and to be root or to have sudo; it may ask for a password on a terminal only.
    """
    from pipeline.engines.apertium import ApertiumEngine

    engine = ApertiumEngine()
    packages = _debian_packages(
        [locale for locale in locales if not engine.serves(source, locale)], source, engine
    )
    if packages:
        report(f"Installing {' '.join(packages)}")
        _apt_install(packages)
    return [locale for locale in locales if engine.serves(source, locale)]


def _debian_packages(locales: Sequence[str], source: str, engine: ApertiumEngine) -> list[str]:
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


def _apt_install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise EngineError(
            "Apertium is installed with apt-get, which is not here: "
            f"install {' '.join(packages)} by the means of this system."
        )
    if _call(["apt-cache", "show", *packages]).returncode:
        _apt("update")
    _apt("install", "-y", "--no-install-recommends", *packages)


def _apt(*arguments: str) -> None:
    asks = [] if sys.stdin.isatty() else ["-n"]
    root = [] if os.geteuid() == 0 else ["sudo", *asks]
    command = [*root, "apt-get", "-q", "-o", "DPkg::Lock::Timeout=60", *arguments]
    done = _call(command)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        last = next((line for line in lines if line.startswith("E:")), (lines or ["no reason"])[-1])
        plain = " ".join(("apt-get", *arguments))
        raise EngineError(f"Apertium is not installed ({last}): run `{plain}` as root.")


def _call(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=APT_TIMEOUT,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"Apertium is not installed: {error}.") from error
