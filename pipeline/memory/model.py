"""Entries and matches of the memory, and the entries of a catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.model import Catalog, Message


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence and its approved translation."""

    source: str
    target: str
    language: str
    locale: str
    origin: str = ""
    """The article, or the file it was imported from."""
    before: str = ""
    """The sentence before it; "" for none or not known."""
    after: str = ""


class MatchKind(StrEnum):
    """Kinds of matches, the best first."""

    CONTEXT = "context"
    """The same sentence between the same sentences."""
    EXACT = "exact"
    FUZZY = "fuzzy"


@dataclass(frozen=True, slots=True)
class Match:
    """A match of an entry with a sentence."""

    entry: Entry
    score: float
    """0 to 100; 100 is the same sentence, character by character."""
    kind: MatchKind

    @property
    def note(self) -> str:
        """Say in one line how similar the sentence is, and where it stands."""
        where = f" in {self.entry.origin}" if self.entry.origin else ""
        if self.kind is MatchKind.CONTEXT:
            return f"memory, same sentence and neighbours{where}"
        if self.kind is MatchKind.EXACT:
            return f"memory, same sentence{where}"
        return f"memory, {int(self.score)}% similar{where}"


@dataclass(frozen=True, slots=True)
class Stock:
    """A file that the memory learns from."""

    key: str
    """Its path, or another unique name."""
    stamp: str
    """Changes when the file does, see `fingerprints.stamp`; "" where it may have changed."""
    load: Callable[[], Iterable[Entry]]
    """Called if the stamp is new. A `PipelineError` leaves the stock out, this time."""


def neighbours(catalog: Catalog) -> Iterator[tuple[Message, str, str]]:
    """Give each message with the sources before and after it; obsolete ones have lost theirs."""
    active = [m for m in catalog.messages if not m.obsolete]
    sources = ["", *(m.source for m in active), ""]
    yield from zip(active, sources[:-2], sources[2:], strict=True)
    yield from ((m, "", "") for m in catalog.messages if m.obsolete)


def entries(catalog: Catalog, origin: str, language: str) -> Iterator[Entry]:
    """Give the approved messages of *catalog*, whose source language is *language*."""
    for message, before, after in neighbours(catalog):
        if message.target and not message.fuzzy:
            yield Entry(
                message.source, message.target, language, catalog.locale, origin, before, after
            )
