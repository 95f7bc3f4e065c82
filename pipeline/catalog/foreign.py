"""Catalogs in the wrong folder: those of another locale, which must not be published as this one's.

The header ``Language`` says whose a catalog is. Where it says nothing, the approved text does, if
the language guesser is installed and certain.
"""

from __future__ import annotations

from pipeline.model import Catalog
from pipeline.text import locales
from pipeline.text.language_id import CERTAIN, LETTERS, UNLIKELY, language_name, load_guesser

_ENOUGH = 2 * LETTERS
"""Letters of approved text from which it is judged."""


def foreign(catalog: Catalog) -> str:
    """Return what shows that *catalog* is not in the language of its locale; "" if nothing does."""
    wanted = locales.written_as(catalog.locale)
    said = [value.strip() for name, value in catalog.headers if name.casefold() == "language"]
    named = {value: locales.written_as(value) for value in said}
    for value, language in named.items():
        if language and language != wanted and {language, wanted} not in _ONE:
            return f"its header says “Language: {value}”"
    if any(named.values()):
        return ""
    language = _of_text(catalog, wanted)
    return language and f"its text is in {language_name(language)}"


_ONE = ({"nb", "no"}, {"nn", "no"})
"""Languages of which the one is also written as the other."""


def _of_text(catalog: Catalog, wanted: str) -> str:
    """Return the other language of the approved text, as a whole and of most sentences; or ""."""
    texts = [
        message.target
        for message in catalog.messages
        if message.target and not message.fuzzy and not message.obsolete
        if message.target != message.source
    ]
    whole = " ".join(texts)
    guesser = load_guesser() if sum(map(str.isalpha, whole)) >= _ENOUGH else None
    if guesser is None or wanted not in guesser.labels:
        return ""
    likely = guesser.guess(whole)
    best = max(likely, key=likely.__getitem__, default=wanted)
    if likely.get(best, 0) < CERTAIN or likely.get(wanted, 0) >= UNLIKELY:
        return ""
    guesses = (guesser.guess(text) for text in texts)
    same = sum(max(its, key=its.__getitem__, default=wanted) == best for its in guesses)
    return best if same * 2 > len(texts) else ""
