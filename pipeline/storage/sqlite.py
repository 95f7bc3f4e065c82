"""SQLite files below ``.pipeline/``: shared with other programs, and repaired if damaged.

They keep SQLite's rollback journal. With a write-ahead log readers would not block a writer; but a
log does not work on network drives, and is a second file without which a copy of the first one is
incomplete, and which must never meet another one. So a writer waits for readers.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

_COMPANIONS = ("-journal", "-wal", "-shm")
"""Suffixes of files that belong to a database, and would damage another one."""


def reading(path: Path, wait: float = 5.0) -> contextlib.closing[sqlite3.Connection]:
    """Open the file at *path* read-only; *wait* some seconds for another writer.

    Nobody writes it until it is closed: `Connection.backup` would wait for them without end.

    Raises:
        sqlite3.Error: there is no such file, or it cannot be read.

    """
    name = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(name, timeout=wait, uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return contextlib.closing(connection)


def is_damage(error: BaseException) -> bool:
    """Return whether the file is damaged, or no database: it will never be read again."""
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def trouble(error: BaseException) -> str:
    """Return the obstacle to using the file, as the first half of a sentence."""
    if _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "another program keeps it locked"
    return f"it cannot be used ({getattr(error, 'strerror', None) or error})"


def remedy(error: BaseException) -> str:
    """Return the remedy for it, as the rest of that sentence."""
    if _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "close it there"
    return "look at the disk and at its permissions, or delete it"


def _code(error: BaseException) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def set_aside(path: Path) -> Path:
    """Rename the file at *path*, replacing an earlier one of that name; return the new path.

    Raises:
        OSError: it cannot be.

    """
    aside = path.with_name(f"{path.name}.old")
    for end in _COMPANIONS:
        part, to = Path(f"{path}{end}"), Path(f"{aside}{end}")
        to.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            part.replace(to)
    path.replace(aside)
    return aside


def remove(path: Path) -> None:
    """Remove the file at *path*, and first the files that belong to it.

    Raises:
        OSError: it cannot be.

    """
    for end in _COMPANIONS:
        Path(f"{path}{end}").unlink(missing_ok=True)
    path.unlink()
