"""Fingerprints of the files of a finished run, so that the next one need not read them again.

It works as git's index does. A value is kept with the files that it came from, each with its stamp
(size, times, inode) and a digest of its contents. A file whose stamp is the same is the same; where
the stamp differs, the contents decide. A file that was saved within the last second has no stamp
yet, because its times may not tell the next change from this one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from pipeline.storage import atomic

_SETTLED = 1_000_000_000
"""Nanoseconds after which a file that is saved again certainly has another time of change."""

_Seen = list[list[str]]
"""Name, stamp and digest of each file."""


def digest(data: bytes | None) -> str:
    """Return the digest of *data*; "" for None, which is no file."""
    return "" if data is None else hashlib.blake2b(data, digest_size=16).hexdigest()


class Record:
    """Values that can be written as JSON, by key; in one file that can be deleted at any time.

    A file that is damaged, or was written under another influence, is treated as empty.
    """

    def __init__(self, path: Path, root: Path, *influence: str) -> None:
        """Read the record at *path* of files in *root*; *influence* is any other input."""
        self._path, self._root = path, root
        self._influence = digest(json.dumps((*influence, code())).encode())
        self._known = _read(path, self._influence)
        self._kept: dict[str, tuple[_Seen, object]] = {}

    def get(self, key: str) -> object:
        """Return the value of *key* if none of its files has changed; else None."""
        seen, value = self._known.get(key, ([], None))
        found: _Seen = []
        for name, before, held in seen:
            now = stamp(f"{self._root}{os.sep}{name}")
            if (not now or now != before) and not self._holds(name, held):
                return None
            found.append([name, now, held])
        if found:
            self._kept[key] = (found, value)
        return value

    def _holds(self, name: str, held: str) -> bool:
        try:
            # most of what is asked for is not there; a Path for each takes as long again
            with open(f"{self._root}{os.sep}{name}", "rb") as file:  # noqa: PTH123
                return digest(file.read()) == held
        except FileNotFoundError:
            return held == digest(None)
        except OSError:
            return False

    def put(self, key: str, held: Mapping[Path, str], value: object) -> None:
        """Keep *value*, which came from files with the digests in *held*."""
        seen = [[str(path.relative_to(self._root)), "", it] for path, it in held.items()]
        self._kept[key] = (seen, value)

    def save(self) -> None:
        """Write the values that were put, and those that are still valid. It may fail."""
        text = json.dumps(self._kept)  # in ASCII: a folder's name may be no UTF-8
        with contextlib.suppress(OSError):
            atomic.write(self._path, f"{self._influence} {digest(text.encode())}\n{text}")


def _read(path: Path, influence: str) -> dict[str, tuple[_Seen, object]]:
    try:
        head, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if head != f"{influence} {digest(text)}".encode():
        return {}
    found: dict[str, tuple[_Seen, object]] = json.loads(text)
    return found


def stamp(place: str | Path) -> str:
    """Return the size, times and inode of the file at *place*, which change whenever it does.

    It is "" for a missing file, and for one that was saved so recently that its times may not tell
    the next change from this one. Call this before reading the file, so that a save in between
    changes the stamp.
    """
    try:
        found = os.stat(place)  # noqa: PTH116 - 20,000 of them; a Path for each takes as long again
    except OSError:
        return ""
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) < _SETTLED:
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


@cache
def code() -> list[str]:
    """Return digests of this package, and the versions of Python and of installed packages."""
    own = (p for p in sorted(PACKAGE.rglob("*.*")) if p.is_file() and p.suffix != ".pyc")
    return [sys.version, *(digest(path.read_bytes()) for path in own), *_installed(sys.path)]


PACKAGE = Path(__file__).resolve().parent.parent
"""All of ``pipeline``: a changed pipeline trusts no earlier record."""


def _installed(folders: Iterable[str]) -> list[str]:
    """Return the names and versions of the packages in *folders*."""
    found = []
    for folder in map(Path, folders):
        with contextlib.suppress(OSError):
            found += [p.name for p in folder.iterdir() if p.suffix == ".dist-info"]
    return sorted(found)
