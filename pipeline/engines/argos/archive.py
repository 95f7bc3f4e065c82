"""Archives of packages, checked before a byte is unpacked; and packages, checked ever after.

An installation is recorded in a file of the package's own folder, so that both move together, and
so that Argos, which takes every folder for a package, sees nothing new. Argos' own index gives no
hash: a project that needs a certain archive pins it.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pipeline.engines.argos.card import METADATA, Card, read_card
from pipeline.engines.progress import NO_PROGRESS, InstallProgress
from pipeline.errors import EngineError, SettingsError

RECORD = "pipeline.json"

MAX_UNPACKED = 4 << 30
"""Maximum size of all files of an archive, in bytes."""
MAX_RATIO = 100
"""Maximum ratio of unpacked to packed bytes; weights hardly shrink, text shrinks fivefold."""
MAX_FILES = 10_000
MAX_METADATA = 1 << 20
"""Maximum size of the metadata, in bytes."""
_CHUNK = 1 << 20

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9@_-]{0,31}")
_VERSION = re.compile(r"[0-9A-Za-z.+]{0,32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"translate-\S+_\S+-\w*")

Pins = Mapping[str, str]
"""Pinned archives: SHA-256 in hexadecimal, by `package_name`."""


def package_name(source: str, target: str, version: str) -> str:
    """Return the name of a package's file without ``.argosmodel``: translate-en_es-1_9."""
    return f"translate-{source}_{target}-{version.replace('.', '_')}"


def read_pins(table: object) -> Pins:
    """Read the pins in the setting ``sha256``; None is no pins. Raises `SettingsError`."""
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise SettingsError('sha256: write a table such as {"translate-en_es-1_9" = "SHA-256"}')
    pins = {}
    for name, value in table.items():
        if not _NAME.fullmatch(name):
            raise SettingsError(f"sha256: {name!r} is no name such as translate-en_es-1_9")
        if not isinstance(value, str) or not _HASH.fullmatch(value.lower()):
            raise SettingsError(f"sha256: {name}: write the 64 digits that sha256sum gives")
        pins[name] = value.lower()
    return pins


def against_pins(name: str, sha256: str | None, pins: Pins) -> str:
    """Explain why a package violates the pins; "" where it does not.

    A pin of one version excludes all others of the pair. `sha256` is None where it was not
    recorded.
    """
    pinned = sorted(pin for pin in pins if _pair_of(pin) == _pair_of(name))
    if not pinned:
        return ""
    if name not in pinned:
        return f"it is {name}, and {' or '.join(pinned)} is pinned"
    if sha256 is None:
        return f"{name} is pinned, and the SHA-256 of what is installed was not recorded"
    if sha256 != pins[name]:
        return f"{name} has the SHA-256 {sha256}, and {pins[name]} is pinned"
    return ""


def _pair_of(name: str) -> str:
    return name.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class About:
    """An archive, as its metadata and its size describe it."""

    top: str
    """Name of its only folder."""
    unpacked: int
    """Size in bytes."""
    source: str
    target: str
    version: str
    card: Card

    @property
    def name(self) -> str:
        return package_name(self.source, self.target, self.version)

    @property
    def label(self) -> str:
        return f"{self.source}→{self.target} {self.version}".strip()


def check(archive: zipfile.ZipFile, size: int) -> About:
    """Check that an archive of `size` bytes holds one package and nothing else; unpack nothing.

    Raises `EngineError` with the bare reason, and what `zipfile` raises.
    """
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise EngineError(f"it holds more than {MAX_FILES} files")
    seen: set[str] = set()
    tops = set()
    for entry in entries:
        name = entry.filename
        parts = name.removesuffix("/").split("/")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        bad = any(part in ("", ".", "..") for part in parts) or set(name) & set("\\:")
        if bad or not name.isprintable():
            raise EngineError(f"it holds the name {name!r}")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise EngineError(f"it holds a link or a device, {name!r}")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise EngineError(f"{name!r} in it is packed in an unknown way")
        # Some file systems ignore case, or the composition of accents.
        if (folded := unicodedata.normalize("NFC", "/".join(parts)).casefold()) in seen:
            raise EngineError(f"it holds {name!r} twice")
        seen.add(folded)
        tops.add(parts[0])
        if len(parts) == 1 and not entry.is_dir():
            raise EngineError(f"it holds {name!r} outside a folder")
    if len(tops) != 1 or any(top.startswith(".") for top in tops):
        raise EngineError("it does not hold one folder")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * size:
        raise EngineError(f"it would unpack to {unpacked:,} bytes")
    top = tops.pop()
    metadata = _metadata(archive, top)
    return About(top, unpacked, *identity(metadata), read_card(metadata))


def _metadata(archive: zipfile.ZipFile, top: str) -> dict[str, object]:
    try:
        entry = archive.getinfo(f"{top}/{METADATA}")
    except KeyError:
        raise EngineError(f"it holds no {METADATA}") from None
    if entry.file_size > MAX_METADATA:
        raise EngineError(f"its {METADATA} has {entry.file_size:,} bytes")
    data = archive.read(entry)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise EngineError(f"its {METADATA} is not JSON") from None
    if not isinstance(found, dict):
        raise EngineError(f"its {METADATA} is not an object")
    return found


def identity(metadata: Mapping[str, object]) -> tuple[str, str, str]:
    """Return the codes of both languages, and the version.

    Raises `EngineError` with the bare reason.
    """
    if metadata.get("type", "translate") != "translate":
        raise EngineError("it is not a translation model")
    found = [metadata.get("from_code"), metadata.get("to_code"), metadata.get("package_version")]
    source, target, version = ("" if value is None else str(value) for value in found)
    for key, code in (("from_code", source), ("to_code", target)):
        if not _CODE.fullmatch(code):
            raise EngineError(f"its {METADATA} has no {key}" + (f", but {code!r}" if code else ""))
    if not _VERSION.fullmatch(version):
        raise EngineError(f"its {METADATA} has the version {version!r}")
    return source, target, version


@dataclass(frozen=True, slots=True)
class File:
    """An installed file."""

    sha256: str
    bytes: int
    mtime: int
    """Seconds: copying between machines may drop the fraction."""


@dataclass(frozen=True, slots=True)
class Record:
    """Record of an installed package."""

    sha256: str
    """Digest of the archive."""
    origin: str
    """Address or name of the archive."""
    files: Mapping[str, File]


def unpack(archive: zipfile.ZipFile, about: About, into: Path, sha256: str, origin: str) -> Record:
    """Write the files of a checked archive, without its top folder, and a record to `into`."""
    files = {}
    into.mkdir()
    for entry in archive.infolist():
        name = entry.filename.partition("/")[2]
        path = into / name
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        found = hashlib.sha256()
        # zipfile stops at the size of the entry, which was checked.
        with archive.open(entry) as data, path.open("wb") as to:
            while chunk := data.read(_CHUNK):
                found.update(chunk)
                to.write(chunk)
        if name != RECORD:
            status = path.stat()
            files[name] = File(found.hexdigest(), status.st_size, int(status.st_mtime))
    record = Record(sha256, origin, files)
    (into / RECORD).write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    return record


def read_record(folder: Path) -> Record | None:
    """Return the record of the package in `folder`; None where there is none, as by Argos itself.

    Raises `EngineError` with the bare reason.
    """
    try:
        found = json.loads((folder / RECORD).read_bytes())
        files = {str(name): File(**one) for name, one in found["files"].items()}
        if all(type(one.bytes) is type(one.mtime) is int for one in files.values()):
            return Record(str(found["sha256"]), str(found["origin"]), files)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EngineError(f"{RECORD} in it cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise EngineError(f"{RECORD} in it is damaged")


def verify(
    folder: Path, *, thorough: bool = False, progress: InstallProgress = NO_PROGRESS
) -> Record | None:
    """Compare the files of a package with its record, and return that; None where there is none.

    Only files whose time has changed are read, unless `thorough`. Raises `EngineError` with the
    bare reason.
    """
    record = read_record(folder)
    if record is None:
        return None
    suspect = []
    for name, file in record.files.items():
        try:
            status = (folder / name).stat()
        except OSError:
            raise EngineError(f"{name} is missing") from None
        if status.st_size != file.bytes:
            raise EngineError(f"{name} has {status.st_size:,} bytes, not {file.bytes:,}")
        if thorough or int(status.st_mtime) != file.mtime:
            suspect.append(name)
    if suspect:
        progress.expect(sum(record.files[name].bytes for name in suspect))
    for name in suspect:
        try:
            with (folder / name).open("rb") as data:
                found = hash_of(data, progress.add)
        except OSError as error:
            raise EngineError(f"{name} cannot be read: {error.strerror}") from None
        if found != record.files[name].sha256:
            raise EngineError(f"{name} is not the file that was installed")
    return record


def hash_of(data: IO[bytes], add: Callable[[int], object] = lambda count: None) -> str:
    """Return the SHA-256 of the rest of a file."""
    found = hashlib.sha256()
    while chunk := data.read(_CHUNK):
        found.update(chunk)
        add(len(chunk))
    return found.hexdigest()
