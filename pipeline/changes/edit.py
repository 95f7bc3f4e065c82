"""The kinds of edits, and an edit as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EditKind(StrEnum):
    """Kinds of edits, by their effect on the meaning of a sentence."""

    TYPOGRAPHY = "typography"
    """No effect: quotes, dashes, spaces, one comma, the final full stop, the first capital."""
    VALUE = "value"
    """Another number, date, URL, address or name stands in the same words."""
    POLARITY = "polarity"
    """A negation, modal verb or quantity came, went or moved: it may say the opposite."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Edit:
    """The difference between two sentences."""

    kind: EditKind
    changes: tuple[tuple[str, str], ...] = ()
    """Old piece and new piece, in order; of a `EditKind.VALUE`, the values. "" for none."""
    difference: str = ""
    """One line for a translator: “The [12 → 14] ferries …”. "" where nothing can be seen."""
    kept: tuple[str, ...] = ()
    """The values that stay, of a `EditKind.VALUE`."""
