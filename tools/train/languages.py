"""What is known of languages: a further one is a line more."""

from __future__ import annotations

import re
from typing import NamedTuple


class Language(NamedTuple):
    name: str
    letters: str = ""
    """Those beyond ASCII that have to have pieces."""


ENGLISH = "en"
LANGUAGES = {
    ENGLISH: Language("English"),
    "de": Language("German", "äöüßÄÖÜ„‚‘"),
    "es": Language("Spanish", "áéíóúüñÁÉÍÓÚÜÑ¿¡ºª"),
    "fr": Language("French", "àâæçèéêëîïôœùûüÿÀÂÆÇÈÉÊËÎÏÔŒÙÛÜ"),
    "it": Language("Italian", "àèéìíòóùúÀÈÉÌÒÙ"),
    "pt": Language("Portuguese", "áâãàçéêíóôõúüÁÂÃÀÇÉÊÍÓÔÕÚºª"),
}
LETTERS = "".join(map(chr, range(33, 127))) + "“”«»—–°€•"

# The files have some French with a blank after the apostrophe: qu' il.
_ELISION = re.compile(r"\b((?:[cdjlmnst]|jusqu|lorsqu|puisqu|qu)['’]) (?=\w)", re.IGNORECASE)


def tidied(text: str, language: str) -> str:
    text = " ".join(text.split())
    return _ELISION.sub(r"\1", text) if language == "fr" else text


def slogan(text: str, language: str) -> str:
    """Return a sentence without its full stop as a slogan, with that language's marks."""
    return f"¡{text}!" if language == "es" else f"{text} !" if language == "fr" else f"{text}!"
