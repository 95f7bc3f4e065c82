"""Index of the translation memory: approved translations, found by their words.

The index is one SQLite file that can be deleted at any time. For each pair of a source language and
a locale it holds the entries, and a word index of their distinct sources in order of length, so
that the candidates for a match are one stretch of each word's list.
"""

from __future__ import annotations

import logging
import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, repeat
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rapidfuzz import fuzz, process

from pipeline.errors import PipelineError
from pipeline.memory.model import Entry, Match, MatchKind, Stock
from pipeline.storage import sqlite as sqlitefile
from pipeline.text.words import search_keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int32]

_log = logging.getLogger(__name__)

SIMILAR = 70.0
"""`rapidfuzz.fuzz.ratio` of two sources, as they are written, from which one is a fuzzy match."""

_VERSION = 2
"""Version of the index file; one of another version is built anew. It changes with the tables, with
`search_keys`, and with `entries`."""

_SHARE = 20
_LEAST = 10_000
"""A query reads at most 1 in `_SHARE` of the sources from the lists of its words, or `_LEAST`.
The number must grow with the memory: with 10,000 at all sizes, recall fell from 1.00 at 100,000
segments to 0.85 at 1,000,000 (measured on a prototype, n=289 and 59)."""

_RESCORED = 192
"""Candidates whose characters are compared. See benchmarks/memory.py for the recall."""

_MOST_WORDS = 1_000
"""Words of a query that are looked up; SQLite takes no more than 32,766 values at a time."""

_CACHE = 65_536
"""KiB of the index file in memory, at most."""

_WAIT = 5.0
"""Seconds to wait for another command to finish writing; then the index is built in memory."""


def _word_index(sources: Sequence[str]) -> tuple[list[tuple[str, int, int]], bytes]:
    """Return the words of *sources*, each with the bounds of its list, and the lists.

    A list holds the places in *sources*, ascending, as 32-bit numbers.
    """
    import numpy as np

    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    numbers, places = array("i"), array("i")
    for place, source in enumerate(sources):
        found = search_keys(source)
        numbers.extend(map(vocabulary.__getitem__, found))
        places.extend(repeat(place, len(found)))
    by_word = np.frombuffer(numbers, dtype=np.int32)
    ends = [0, *np.cumsum(np.bincount(by_word)).tolist()]
    lists = np.frombuffer(places, dtype=np.int32)[np.argsort(by_word, kind="stable")]
    return list(zip(vocabulary, ends, ends[1:], strict=False)), _bytes(lists)


def _bytes(numbers: Numbers) -> bytes:
    return numbers.astype("<i4").tobytes()


def _numbers(data: bytes) -> Numbers:
    import numpy as np

    return np.frombuffer(data, dtype="<i4")


# The file

_SCHEMA = f"""
CREATE TABLE stocks (id INTEGER PRIMARY KEY, key TEXT UNIQUE, stamp TEXT);
CREATE TABLE pairs (
    id INTEGER PRIMARY KEY, language TEXT, locale TEXT,
    lengths BLOB, entries BLOB, lists BLOB, UNIQUE (language, locale)
);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, stock INTEGER, pair INTEGER, hash INTEGER,
    source TEXT, target TEXT, origin TEXT, before TEXT, after TEXT
);
CREATE INDEX by_stock ON entries (stock);
CREATE INDEX by_source ON entries (pair, hash);
CREATE TABLE words (
    pair INTEGER, word TEXT, first INTEGER, last INTEGER, PRIMARY KEY (pair, word)
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""
_COLUMNS = "source, target, language, locale, origin, before, after"
_ENTRIES = f"SELECT {_COLUMNS} FROM entries JOIN pairs ON pairs.id = pair"


def _hash(source: str) -> int:
    return zlib.crc32(source.encode())


class Index:
    """The open index. To be closed, or used in a ``with`` block, by one thread."""

    def __init__(self, connection: sqlite3.Connection, problems: Sequence[str]) -> None:
        self._connection = connection
        self.problems = tuple(problems)
        """Reasons why stocks were left out."""

    def memory(self, language: str, locale: str) -> Memory:
        """Return the memory of *language* in *locale*, which may be empty."""
        row = self._connection.execute(
            "SELECT id, lengths, entries, lists FROM pairs WHERE language = ? AND locale = ?",
            (language, locale),
        ).fetchone()
        return Memory(self._connection, *(row or (0, b"", b"", b"")))

    def entries(self, language: str, locale: str) -> Iterator[Entry]:
        """Give all entries of *language* in *locale*, sorted by origin, in their order there."""
        for row in self._connection.execute(
            f"{_ENTRIES} JOIN stocks ON stocks.id = stock WHERE language = ? AND locale = ?"
            " ORDER BY origin, key, entries.id",
            (language, locale),
        ):
            yield Entry(*row)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def open_index(
    path: Path,
    stocks: Iterable[Stock],
    *,
    keep: bool = True,
    tell: Callable[[str], None] = _log.warning,
) -> Index:
    """Return the index of exactly *stocks*, which the file at *path* keeps for the next time.

    Only stocks with a new stamp are loaded. A file that is damaged, or of another version, is
    built anew; where it cannot be written, or another program has it locked, the index is built
    in memory, and *tell* hears of it. Its entries are the same in all cases, and do not change
    until it is closed. For a dry run, which does not *keep* it, the file is copied.
    """
    given = {stock.key: stock for stock in stocks}
    try:
        if not keep:
            return _open(":memory:", given, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open(str(path), given)
        except sqlite3.DatabaseError as error:
            if not _is_unusable(error):
                raise
            sqlitefile.remove(path)  # it holds nothing that is not in the stocks
            if not isinstance(error, _OtherVersion):
                tell(f"{path}: warning: it is damaged; built anew from the catalogs")
            return _open(str(path), given)
    except (sqlite3.Error, OSError) as error:
        if keep or (path.exists() and not _is_unusable(error)):
            what, remedy = sqlitefile.trouble(error), sqlitefile.remedy(error)
            tell(f"{path}: warning: {what}, so all catalogs are read again; {remedy}")
        return _open(":memory:", given)


def _open(place: str, stocks: Mapping[str, Stock], origin: Path | None = None) -> Index:
    connection = sqlite3.connect(place, timeout=_WAIT, isolation_level=None)
    try:
        if origin:
            with sqlitefile.reading(origin, _WAIT) as there:
                there.backup(connection)
        _check(connection)
        return Index(connection, _refresh(connection, stocks))
    except BaseException:
        connection.close()
        raise


class _Unusable(sqlite3.DatabaseError):
    """The file is damaged, though it can be read."""


class _OtherVersion(_Unusable):
    """The file is not as this version of the pipeline writes it."""


def _is_unusable(error: Exception) -> bool:
    """Return whether a new file would help; it would not if the disk is full, for example."""
    return isinstance(error, _Unusable) or sqlitefile.is_damage(error)


def _check(connection: sqlite3.Connection) -> None:
    """Begin to write; make the tables if there are none.

    Raises:
        sqlite3.Error: the file is damaged, of another version, or cannot be written.

    """
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        return
    if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        raise _OtherVersion
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise _Unusable


def _refresh(connection: sqlite3.Connection, stocks: Mapping[str, Stock]) -> list[str]:
    """Bring the tables up to date with *stocks*; return the reasons why some were left out.

    It ends in a new transaction, so that later reads see no change.
    """
    known = {key: (n, stamp) for n, key, stamp in connection.execute("SELECT * FROM stocks")}
    changed: set[int] = set()
    problems = []
    for key in known.keys() - stocks.keys():
        changed |= _replace(connection, known[key][0], ())
        connection.execute("DELETE FROM stocks WHERE id = ?", known[key][:1])
    for key, stock in sorted(stocks.items()):
        if stock.stamp and known.get(key, (0, ""))[1] == stock.stamp:
            continue
        stamp = stock.stamp
        try:
            found = list(stock.load())
        except (PipelineError, OSError) as error:
            problems.append(str(error))
            found, stamp = [], ""
        number = connection.execute(
            "INSERT INTO stocks (key, stamp) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET stamp = excluded.stamp RETURNING id",
            (key, stamp),
        ).fetchone()[0]
        changed |= _replace(connection, number, found)
    for pair in sorted(changed):
        _index(connection, pair)
    connection.execute("COMMIT")
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM pairs").fetchone()
    return problems


def _replace(connection: sqlite3.Connection, stock: int, new: Sequence[Entry]) -> set[int]:
    """Make *new* the entries of *stock*; return the pairs that changed."""
    old = [
        Entry(*r)
        for r in connection.execute(f"{_ENTRIES} WHERE stock = ? ORDER BY entries.id", (stock,))
    ]
    if old == list(new):
        return set()
    connection.execute("DELETE FROM entries WHERE stock = ?", (stock,))
    pairs = {(e.language, e.locale): 0 for e in (*old, *new)}
    for pair in pairs:
        connection.execute("INSERT OR IGNORE INTO pairs (language, locale) VALUES (?, ?)", pair)
        pairs[pair] = connection.execute(
            "SELECT id FROM pairs WHERE language = ? AND locale = ?", pair
        ).fetchone()[0]
    connection.executemany(
        "INSERT INTO entries (stock, pair, hash, source, target, origin, before, after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                stock,
                pairs[e.language, e.locale],
                _hash(e.source),
                e.source,
                e.target,
                e.origin,
                e.before,
                e.after,
            )
            for e in new
        ),
    )
    return set(pairs.values())


def _index(connection: sqlite3.Connection, pair: int) -> None:
    """Build the word index of *pair* from its entries."""
    connection.execute("DELETE FROM words WHERE pair = ?", (pair,))
    known = dict(connection.execute("SELECT source, id FROM entries WHERE pair = ?", (pair,)))
    sources = sorted(known, key=lambda source: (len(source), source))
    found, lists = _word_index(sources)
    connection.executemany(
        "INSERT INTO words VALUES (?, ?, ?, ?)", ((pair, *row) for row in sorted(found))
    )
    connection.execute(
        "UPDATE pairs SET lengths = ?, entries = ?, lists = ? WHERE id = ?",
        (
            array("i", map(len, sources)).tobytes(),
            array("i", [known[source] for source in sources]).tobytes(),
            lists,
            pair,
        ),
    )


# Looking up


class Memory:
    """The memory of one source language in one locale. Lives as long as its `Index`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        pair: int,
        lengths: bytes,
        entries: bytes,
        lists: bytes,
    ) -> None:
        self._connection = connection
        self._pair = pair
        self._size = len(lengths) // 4
        if self._size:  # an empty memory does without numpy
            self._lengths = _numbers(lengths)
            self._entries = _numbers(entries)
            self._lists = _numbers(lists)

    def __len__(self) -> int:
        """Return the number of distinct sources."""
        return self._size

    def lookup(self, source: str, before: str = "", after: str = "", limit: int = 5) -> list[Match]:
        """Return the matches for *source*, at most *limit* different pairs of sentences.

        The same sentence between the same neighbours comes first, then the same sentence, then
        similar ones, the most similar first; ties go to the match in more articles, then by name.
        """
        if not len(self):
            return []
        found = self.same(source, before, after)
        if len(found) < limit:
            for similar, score in self._similar(source, limit):
                found += [
                    Match(match.entry, score, MatchKind.FUZZY)
                    for match in self.same(similar, "", "")
                ]
        return found[:limit]

    def same(self, source: str, before: str, after: str) -> list[Match]:
        """Return one match for each translation of *source*."""
        by_target: dict[str, list[tuple[int, Entry]]] = {}
        for row in self._connection.execute(
            f"{_ENTRIES} WHERE pair = ? AND hash = ? AND source = ?",
            (self._pair, _hash(source), source),
        ):
            entry = Entry(*row)
            sides = (bool(before) and before == entry.before) + (
                bool(after) and after == entry.after
            )
            by_target.setdefault(entry.target, []).append((sides, entry))
        ranked = []
        for target, known in by_target.items():
            sides, entry = min(known, key=lambda k: (-k[0], k[1].origin, k[1].before, k[1].after))
            same = bool(sides) and (entry.before, entry.after) == (before, after)
            kind = MatchKind.CONTEXT if same else MatchKind.EXACT
            order = (not same, -sides, -len(known), entry.origin, target)
            ranked.append((order, Match(entry, 100.0, kind)))
        return [match for _, match in sorted(ranked, key=lambda pair: pair[0])]

    def _similar(self, source: str, limit: int) -> list[tuple[str, float]]:
        """Return the most similar other sources with their scores, the most similar first."""
        ids = self._candidates(source)
        holes = ", ".join("?" * len(ids))
        rows = self._connection.execute(f"SELECT source FROM entries WHERE id IN ({holes})", ids)
        sources = sorted(text for (text,) in rows if text != source)
        scored = process.extract(
            source, sources, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=limit
        )
        return sorted(((text, score) for text, score, _ in scored), key=lambda s: (-s[1], s[0]))

    def _candidates(self, source: str) -> list[int]:
        """Return the ids of entries that share the most characters in whole words with *source*.

        The lists of the rarest words are read first. One that is too long is read from the middle,
        where the sources have the length of *source*.
        """
        import numpy as np

        most = SIMILAR / (200 - SIMILAR)  # of two lengths, the shorter to the longer
        low, middle, high = np.searchsorted(
            self._lengths, [len(source) * most, len(source), len(source) / most + 1]
        ).tolist()
        left = max(_LEAST, len(self) // _SHARE)
        shared = np.zeros(high - low, dtype=np.int32)
        found = [shared[:0]]
        for _, word, first, last in self._lists_of(source):
            places = self._lists[first:last]
            start, centre, end = np.searchsorted(places, [low, middle, high]).tolist()
            if end - start > left:
                start = min(max(start, centre - left // 2), end - left)
                end = start + left
            left -= end - start
            places = places[start:end] - low
            found.append(places[shared[places] == 0])
            shared[places] += len(word) + 1
            if not left:
                break
        places = np.concatenate(found)
        if len(places) > _RESCORED:
            scores = shared[places]
            least = np.partition(scores, -_RESCORED)[-_RESCORED]
            places = np.sort(places[scores >= least])
            places = places[np.argsort(-shared[places], kind="stable")[:_RESCORED]]
        ids: list[int] = self._entries[places + low].tolist()
        return ids

    def _lists_of(self, source: str) -> list[tuple[int, str, int, int]]:
        """Return length, word, begin and end of the list of each word of *source*, rarest first."""
        asked = sorted(search_keys(source))[:_MOST_WORDS]
        rows = self._connection.execute(
            "SELECT last - first, word, first, last FROM words"
            f" WHERE pair = ? AND word IN ({', '.join('?' * len(asked))})",
            (self._pair, *asked),
        )
        return sorted(rows)
