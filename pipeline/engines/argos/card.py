"""What a package of our own says of itself: a table ``pipeline`` in its metadata.

Argos passes over what it does not know there, and a package without the table is one of Argos.
What cannot be read is taken for the least: no marks, no figures, and a starter, before which any
downloaded package goes. Such a package still translates, so it is not broken.
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
"""BLEU on FLORES-200 by which a starter must beat Apertium to be taken before it: the rule by which
starters are shipped at all. Smaller leads are within what bootstrapping 1,012 sentences shows."""


@dataclass(frozen=True, slots=True)
class Figures:
    """On FLORES-200 devtest, as sacrebleu counts; of the package, and of Apertium for the pair."""

    bleu: float
    apertium_bleu: float
    chrf: float | None = None
    apertium_chrf: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    starter: bool = False
    """Whether any other package of the pair goes before it."""
    marks: Marks | None = None
    """With which terms may be written into the source; None where it was not trained so."""
    figures: Figures | None = None
    """None where nothing was measured."""
    trouble: str = ""
    """What in the table cannot be read."""

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
    return float(value) if 0 <= value <= 100 else None  # nor is NaN
