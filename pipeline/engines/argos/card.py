"""Card of a package: a table ``pipeline`` in the metadata of our own packages.

Argos ignores the table, and a package without it is one of Argos. A value that cannot be read
counts as the least: no marks, no figures, and a starter, which any downloaded package precedes.
Such a package still translates, so it is not broken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.base import PROTECTED
from pipeline.engines.terms.annotate import Marks

METADATA = "metadata.json"
KEY = "pipeline"
LEAD = 2.0
"""BLEU on FLORES-200 by which a starter must beat Apertium to precede it: the rule for shipping
starters at all. Smaller leads are within the error of bootstrapping 1,012 sentences."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Scores on FLORES-200 devtest by sacrebleu: the package's, and Apertium's for the pair."""

    bleu: float
    apertium_bleu: float
    chrf: float | None = None
    apertium_chrf: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Properties of a package; the defaults are those of Argos' own."""

    starter: bool = False
    """Whether any other package of the pair precedes it."""
    marks: Marks | None = None
    """Marks for terms in the source; None where it was not trained with any."""
    figures: Figures | None = None
    """None where it was not measured."""
    trouble: str = ""
    """Values of the table that cannot be read."""

    @property
    def beats_apertium(self) -> bool:
        its = self.figures
        return its is not None and its.bleu >= its.apertium_bleu + LEAD


def card_of(folder: Path) -> Card:
    """Read the card of an installed package; raise `OSError` or `ValueError` without metadata."""
    found = json.loads((folder / METADATA).read_text("utf-8"))
    return read_card(found if isinstance(found, dict) else {})


def read_card(metadata: Mapping[str, object]) -> Card:
    if KEY not in metadata:
        return Card()
    table = metadata[KEY]
    if not isinstance(table, dict):
        return Card(starter=True, trouble=f"{KEY} is no table")
    trouble = []
    starter = table.get("starter", False)
    if not isinstance(starter, bool):
        starter = True
        trouble.append("starter is neither true nor false")
    marks = _marks(table["terms"]) if "terms" in table else None
    if "terms" in table and marks is None:
        trouble.append("terms are not three marks")
    figures = _figures(table["flores200"]) if "flores200" in table else None
    if "flores200" in table and figures is None:
        trouble.append("flores200 is not a BLEU beside Apertium's")
    return Card(starter, marks, figures, "; ".join(trouble))


def _marks(table: object) -> Marks | None:
    if not isinstance(table, dict):
        return None
    its = [table.get(name) for name in Marks._fields]
    good = [mark for mark in its if isinstance(mark, str) and PROTECTED.fullmatch(mark)]
    return Marks(*good) if len(set(good)) == len(its) else None


def _figures(table: object) -> Figures | None:
    if not isinstance(table, dict):
        return None
    bleu, apertium = _figure(table.get("bleu")), _figure(table.get("apertium_bleu"))
    if bleu is None or apertium is None:
        return None
    return Figures(bleu, apertium, _figure(table.get("chrf")), _figure(table.get("apertium_chrf")))


def _figure(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 100 else None  # excludes NaN
