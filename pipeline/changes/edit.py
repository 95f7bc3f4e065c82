"""The kinds of edits, and an edit as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an edit does to the meaning of a sentence."""

    TYPOGRAPHY = "typography"
    """Nothing: quotes, dashes, spaces, one comma, the final full stop, the case at the start."""
    VALUE = "value"
    """Another number, date, URL, address or name stands in the same words."""
    POLARITY = "polarity"
    """A negation, modal verb or quantity came, went or moved: it may say the opposite."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Edit:
    """The difference between two sentences."""

    kind: Kind
    changes: tuple[tuple[str, str], ...] = ()
    """Old piece and new piece, in order; of a `Kind.VALUE`, the values. "" is nothing."""
    difference: str = ""
    """One line for a translator: “The [12 → 14] ferries …”. "" where nothing can be seen."""
    kept: tuple[str, ...] = ()
    """Of a `Kind.VALUE`: the values that stay."""
