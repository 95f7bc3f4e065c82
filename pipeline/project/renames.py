"""Source files that were renamed: which vanished article lives on under which new name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pipeline.catalog.merge3 import merge3
from pipeline.model import Catalog, Role


def as_renamed(catalog: Catalog, old: str, new: str, locale: str) -> Catalog:
    """Return *catalog* of the article *old* as that of *new*."""
    headers = tuple(
        (name, new if (name, value) == ("Project-Id-Version", old) else value)
        for name, value in catalog.headers
    )
    if (FORMER, old) not in headers:
        headers = (*headers, (FORMER, old))
    title = f"{old}, {locale}"
    comments = tuple(f"{new}, {locale}" if c == title else c for c in catalog.header_comments)
    return replace(catalog, headers=headers, header_comments=comments)


FORMER = "X-Former-Name"
"""The header field that says what the article of a catalog was called when it was moved."""


def joined(new: Catalog, late: Catalog) -> Catalog:
    """Return *new* with what somebody saved *late*, under the name that its article had before.

    What is fuzzy in *new* and approved in *late*, with the same words, stays fuzzy: somebody may
    have taken the approval back.
    """
    doubted = {(m.source, m.target) for m in new.messages if m.fuzzy}
    messages = (
        replace(m, fuzzy=True) if (m.source, m.target) in doubted else m for m in late.messages
    )
    empty = Catalog(new.locale)
    return merge3(empty, new, replace(late, messages=tuple(messages))).catalog


EVERYWHERE = (Role.TITLE, Role.HEADING, Role.SLOGAN, Role.SIGNATURE, Role.BYLINE)


def holds(catalog: Catalog, other: Catalog) -> bool:
    """Return whether *catalog* has all that people and engines wrote in *other*."""
    have = {(m.source, m.target, m.fuzzy) for m in catalog.messages}
    comments = {comment for m in catalog.messages for comment in m.comments}
    return all(
        (m.source, m.target, m.fuzzy) in have and comments.issuperset(m.comments)
        for m in other.messages
        if m.target or m.comments
    )


def adds_nothing(new: Catalog, catalog: Catalog) -> bool:
    """Return whether *new* approves, says and notes nothing that *catalog* does not say.

    A draft that a person has corrected looks like any other draft, so these count too.
    """
    said = {(m.source, m.target) for m in catalog.messages}
    comments = {comment for m in catalog.messages for comment in m.comments}
    return all(
        (not m.target or (m.fuzzy and not m.previous and (m.source, m.target) in said))
        and comments.issuperset(m.comments)
        for m in new.messages
    )


SHARE = 0.5
"""Share of the larger article's sentences that are in both, above which the two are one article.
Two statements of an organisation share a slogan or a signature, and not half of their text."""
LEAST = 2
"""Sentences that they share at least, if these are not all that they have."""


def renamed(
    new: Mapping[str, Collection[str]], gone: Mapping[str, Sequence[Collection[str]]]
) -> dict[str, str]:
    """Return which of *new* articles was which of those *gone*, each by name.

    The new ones with their sentences; those gone with the sentences of each of their catalogs,
    for some may not have been updated in a long time. Each is paired once, the most alike first.
    """
    pairs = sorted(
        (-_share(set(sentences), set(others)), name, other)
        for name, sentences in new.items()
        for other, catalogs in gone.items()
        for others in catalogs
    )
    found: dict[str, str] = {}
    for share, name, other in pairs:
        if -share > SHARE and name not in found and other not in found.values():
            found[name] = other
    return found


def _share(one: set[str], other: set[str]) -> float:
    both = len(one & other)
    return both / max(len(one), len(other)) if both >= LEAST or (one and one == other) else 0.0
