"""An engine that remembers: no segment is drafted twice by the same engine.

The memory is a file below ``.pipeline/`` that can be deleted at any time. It is written after each
batch, so that a run which is killed loses the batch in flight and no more; with an engine behind a
server a batch is what it asks for at a time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path

from pipeline.engines.base import Engine, Hypotheses, Hypothesis, Portioned, Progress, Segment
from pipeline.storage import sqlite as sqlitefile

SECONDS = 8.0
"""Seconds of a batch: long enough to keep every core busy, short enough to lose. At 4 the
batches of a model of the real size are a twentieth slower on two cores (benchmarks/engines.py)."""
FIRST, MOST = 8, 1024
"""Segments of the first batch, and of the largest."""

_VERSION = 2
_encode = json.JSONEncoder(ensure_ascii=False).encode
_log = logging.getLogger(__name__)

Tell = Callable[[str], None]
"""Prints a line."""


class Drafts:
    """Hypotheses by what they were made of: a table in a file, or in memory only.

    Whoever has the file locked is waited for. Where that is in vain the work goes on, and it is
    said once. What cannot be written is tried again with what comes next; a file that cannot be
    read is left alone from then on, or what it holds would be replaced by less.
    """

    patience = 10.0
    """Seconds to wait for another program; nobody can interrupt that."""

    def __init__(self, path: Path | None, tell: Tell = _log.warning) -> None:
        """Open the file at *path*; *tell* is told, in a line, where it is not as it should be."""
        self._path, self._tell = path, tell
        self._said = self._renewed = False
        self._unwritten: dict[bytes, Hypotheses] = {}
        self._table = self._open()

    @classmethod
    def copied(cls, path: Path, tell: Tell = _log.warning) -> Drafts:
        """Return what the file at *path* holds, in memory only: for a dry run."""
        found = cls(None)
        try:
            with sqlitefile.reading(path, cls.patience) as table:
                if table.execute("PRAGMA user_version").fetchone() == (_VERSION,):
                    table.backup(found._table)
        except sqlite3.Error as error:
            if path.exists():
                tell(_forgetful(path, error))
            return cls(None)
        return found

    def _open(self) -> sqlite3.Connection:
        if self._path:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                return _connect(str(self._path), self.patience)
            except (sqlite3.Error, OSError) as error:
                return self._without(error)
        return _connect(":memory:")

    def _without(self, error: Exception) -> sqlite3.Connection:
        """Return what to go on with where the file cannot be read.

        That is a new file where it is damaged, or of another version; or none.
        """
        path, self._path = self._path, None
        if path and not self._renewed and (what := _unusable(error)):
            self._renewed = True  # on a broken disk the next one is no better
            try:
                old = sqlitefile.set_aside(path).name
            except OSError as problem:
                error = problem
            else:
                self._tell(f"{path}: warning: it {what}; begun anew, the old one is {old}")
                self._path = path
                return self._open()
        self._warn(path, error)
        return self._open()

    def _warn(self, path: Path | None, error: Exception) -> None:
        if path and not self._said:
            self._said = True
            self._tell(_forgetful(path, error))

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Hypotheses]:
        found = {key: self._unwritten[key] for key in keys if key in self._unwritten}
        asked = [key for key in dict.fromkeys(keys) if key not in found]
        for at in range(0, len(asked), 500):
            some = asked[at : at + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, hypotheses FROM drafts WHERE key IN ({marks})"
            try:
                rows = self._table.execute(query, some).fetchall()
            except sqlite3.Error as error:
                self._table.close()
                self._table = self._without(error)
            else:
                found |= {key: its for key, text in rows if (its := _read(text)) is not None}
        return found

    def put(self, drafts: dict[bytes, Hypotheses]) -> None:
        self._unwritten |= drafts
        if self._said:  # it was waited for once
            self._table.execute("PRAGMA busy_timeout = 0")
        rows = [(key, _write(hypotheses)) for key, hypotheses in self._unwritten.items()]
        try:
            with self._table:
                self._table.executemany("INSERT OR REPLACE INTO drafts VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            if sqlitefile.is_damage(error):
                self._table.close()
                self._table = self._without(error)
                self.put({})
            else:
                self._warn(self._path, error)
        else:
            self._unwritten.clear()
        finally:
            self._table.execute(f"PRAGMA busy_timeout = {int(self.patience * 1000)}")


def _forgetful(path: Path, error: Exception) -> str:
    what, remedy = sqlitefile.trouble(error), sqlitefile.remedy(error)
    return f"{path}: warning: {what}, so drafts are not remembered for now; {remedy}"


class _OtherVersion(sqlite3.DatabaseError):
    """The file is not as this version of the pipeline writes it."""


def _unusable(error: Exception) -> str:
    """Return what is wrong with the file if a new one would help."""
    if isinstance(error, _OtherVersion):
        return "is of another version of the pipeline"
    return "is damaged" if sqlitefile.is_damage(error) else ""


def _connect(name: str, wait: float = 0.0) -> sqlite3.Connection:
    table = sqlite3.connect(name, timeout=wait)
    table.text_factory = bytes  # of one row that is no UTF-8 the others are not to suffer
    try:
        (version,) = table.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise _OtherVersion
        if not version:
            table.execute(
                "CREATE TABLE IF NOT EXISTS drafts (key BLOB PRIMARY KEY, hypotheses TEXT NOT NULL)"
            )
            table.execute(f"PRAGMA user_version = {_VERSION}")
    except BaseException:
        table.close()
        raise
    return table


def _write(hypotheses: Hypotheses) -> str:
    return _encode([[one.text, one.doubt, one.terms] for one in hypotheses])


def _read(data: bytes) -> Hypotheses | None:
    """Return what was remembered; None where the row is not as `_write` writes it."""
    try:
        text = str(data, "utf-8")
        found = tuple(
            Hypothesis(str(said), str(doubt), tuple(map(str, terms)))
            for said, doubt, terms in json.loads(text)
        )
    except (ValueError, TypeError, RecursionError):
        return None
    return found if _write(found) == text else None


class Cached:
    """An engine in front of another one, with the same name and signature."""

    def __init__(self, engine: Engine, drafts: Drafts, progress: Progress | None = None) -> None:
        self.name, self.reads = engine.name, engine.reads
        self._engine, self._drafts, self._progress = engine, drafts, progress

    def signature(self, source: str, target: str) -> str:
        return self._engine.signature(source, target)

    def serves(self, source: str, target: str) -> bool:
        return self._engine.serves(source, target)

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        keys = self._keys(segments, source, target)
        found = self._drafts.get(keys)
        missing = {key: s for key, s in zip(keys, segments, strict=True) if not found.get(key)}
        if self._progress:
            self._progress.expect(len(missing))
        ordered = sorted(missing, key=lambda key: (len(missing[key].text), key))
        for some in _batches(ordered, self._portion):
            drafts = self._engine.translate([missing[key] for key in some], source, target)
            if len(drafts) != len(some):
                return drafts  # the caller counts, and says what is wrong
            new = dict(zip(some, drafts, strict=True))
            self._drafts.put({key: its for key, its in new.items() if its})
            found |= new
            if self._progress:
                self._progress.add(len(some))
        return [found[key] for key in keys]

    def _portion(self) -> int:
        return self._engine.portion if isinstance(self._engine, Portioned) else 0

    def knows(self, segments: Sequence[Segment], source: str, target: str) -> list[bool]:
        """Return of each segment whether it was drafted before."""
        keys = self._keys(segments, source, target)
        found = self._drafts.get(keys)
        return [bool(found.get(key)) for key in keys]

    def _keys(self, segments: Sequence[Segment], source: str, target: str) -> list[bytes]:
        """Give of each segment a digest of all that has an influence on its hypotheses."""
        head = [self.signature(source, target), source, target]
        return [
            hashlib.sha256(
                json.dumps([*head, s.text, *(_plain(s, name) for name in self.reads)]).encode()
            ).digest()
            for s in segments
        ]


def _plain(segment: Segment, name: str) -> object:
    value = getattr(segment, name)
    return [astuple(one) for one in value] if name == "constraints" else value


def _batches(keys: Sequence[bytes], portion: Callable[[], int]) -> Iterator[Sequence[bytes]]:
    """Cut into portions; or into batches that take about `SECONDS`, by how long the last took."""
    at, size = 0, FIRST
    while at < len(keys):
        size = portion() or size
        began = time.monotonic()
        yield keys[at : at + size]
        took = max(time.monotonic() - began, 1e-6)
        at += size
        size = min(MOST, max(1, int(min(4.0, SECONDS / took) * size)))
