"""Source files that were renamed: which vanished article lives on under which new name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

SHARE = 0.5
"""Of the sentences of the larger of two articles, more are in both if they are one article.
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
