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
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from pipeline.engines.base import Engine, Hypotheses, Hypothesis, Portioned, Progress, Segment
from pipeline.storage import atomic

SECONDS = 8.0
"""What a batch is to take: long enough to keep every core busy, short enough to lose. At 4 the
batches of a model of the real size are a twentieth slower on two cores (benchmarks/engines.py)."""
FIRST, MOST = 8, 1024
"""Segments of the first batch, and of the largest."""

_VERSION = 2
_encode = json.JSONEncoder(ensure_ascii=False).encode
_log = logging.getLogger(__name__)


class Drafts:
    """Hypotheses by what they were made of: a table in a file, or in memory only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._table = self._open()

    @classmethod
    def copied(cls, path: Path) -> Drafts:
        """Return what the file at *path* holds, in memory only: for a dry run."""
        found = cls(None)
        with suppress(sqlite3.Error, ValueError), atomic.reading(path) as table:
            if table.execute("PRAGMA user_version").fetchone() == (_VERSION,):
                table.backup(found._table)
        return found

    def _open(self) -> sqlite3.Connection:
        """Open the file; a damaged one, or one of another version, is begun anew."""
        if self._path:
            for _ in range(2):
                with suppress(sqlite3.Error, OSError):
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    return _connect(str(self._path))
                with suppress(OSError):
                    self._path.unlink()
            _log.warning("%s cannot be written: drafts are not remembered", self._path)
            self._path = None
        return _connect(":memory:")

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Hypotheses]:
        found: dict[bytes, Hypotheses] = {}
        unique = list(dict.fromkeys(keys))
        for at in range(0, len(unique), 500):
            some = unique[at : at + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, hypotheses FROM drafts WHERE key IN ({marks})"
            try:
                rows = self._table.execute(query, some).fetchall()
                found |= {key: its for key, text in rows if (its := _read(text)) is not None}
            except sqlite3.Error:  # damaged since it was opened
                self._table = self._open()
        return found

    def put(self, drafts: dict[bytes, Hypotheses]) -> None:
        rows = [(key, _write(hypotheses)) for key, hypotheses in drafts.items()]
        try:
            with self._table:
                self._table.executemany("INSERT OR REPLACE INTO drafts VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            _log.warning("%s cannot be written (%s): drafts are not remembered", self._path, error)
            self._path = None
            self._table = _connect(":memory:")
            self.put(drafts)


def _connect(name: str) -> sqlite3.Connection:
    table = sqlite3.connect(name)
    (version,) = table.execute("PRAGMA user_version").fetchone()
    if version not in (0, _VERSION):
        table.close()
        raise sqlite3.DatabaseError(f"version {version}")
    with table:
        table.execute(
            "CREATE TABLE IF NOT EXISTS drafts (key BLOB PRIMARY KEY, hypotheses TEXT NOT NULL)"
        )
        table.execute(f"PRAGMA user_version = {_VERSION}")
    return table


def _write(hypotheses: Hypotheses) -> str:
    return _encode([[one.text, one.doubt, one.terms] for one in hypotheses])


def _read(text: str) -> Hypotheses | None:
    """Return what was remembered; None where the row is not as `_write` writes it."""
    try:
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
