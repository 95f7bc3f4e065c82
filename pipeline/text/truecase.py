"""Truecasing: headings in capitals or title case, turned into sentence case and back.

Engines read a capital as a name. “The Boats Are Full” goes to them as “The boats are full”, and
the draft is written as headings are in the target language: in sentence case nearly everywhere but
in English (CLDR and the style guides of the European Union agree on that). Capitals become capitals
again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from pipeline.text import locales
from pipeline.text.words import DOTTED

_ENDS = re.compile(r"[.!?:…]['\"”’»)\]]*\s*\Z|\A[\s\W]*\Z")
"""After this a capital says nothing about the word."""

_SMALL = frozenset(
    "a an and as at but by down for from if in into nor of off on once onto or out over per so "
    "than that the to up upon via when with within yet".split()
)
"""Words in lower case in English headings."""


_ACRONYM = 4
"""Letters of an unknown word in capitals, up to which it is taken for an acronym."""


class Style(Enum):
    SENTENCE = auto()
    TITLE = auto()
    CAPITALS = auto()


def style_of(text: str, language: str) -> Style:
    """Return the style of *text*. Title case is recognised in English only."""
    words = DOTTED.findall(text)
    long = [word for word in words if len(word) > 1]
    if long and text.upper() == text != text.lower():
        # One short word in capitals is an acronym.
        return Style.CAPITALS if len(long) > 1 or len(long[0]) > 5 else Style.SENTENCE
    if locales.language(language) != "en" or len(words) < 2:
        return Style.SENTENCE
    large = [word for word in words if word.lower() not in _SMALL]
    title = len(large) > 1 and all(word[0].isupper() for word in large)
    return Style.TITLE if title else Style.SENTENCE


@dataclass(frozen=True, slots=True)
class Cases:
    """Case of the words of an article in its running text."""

    language: str
    _seen: Mapping[str, str] = field(default_factory=dict)
    """Words in lower case to their most frequent case inside a sentence."""

    @classmethod
    def of(cls, texts: Iterable[str], language: str) -> Cases:
        """Learn from the sentences of an article, and from names such as a glossary's."""
        counts: dict[str, Counter[str]] = {}
        for text in texts:
            if style_of(text, language) is Style.SENTENCE:
                for match in DOTTED.finditer(text):
                    if not _ENDS.search(text[max(0, match.start() - 40) : match.start()]):
                        counts.setdefault(match[0].lower(), Counter())[match[0]] += 1
        return cls(language, {low: its.most_common(1)[0][0] for low, its in counts.items()})

    def spoken(self, text: str, style: Style) -> str:
        """Return *text* in sentence case: capitals only at its beginning and in names."""
        if style is Style.SENTENCE:
            return text
        return DOTTED.sub(lambda match: self._word(text, match, style), text)

    def _word(self, text: str, match: re.Match[str], style: Style) -> str:
        word = match[0]
        first = bool(_ENDS.search(text[: match.start()]))
        low = word.lower()
        if low in self._seen:
            said = self._seen[low]
        elif "." in word or (
            self.language == "en" and (low == "i" or low.startswith(("i'", "i’")))
        ):
            said = word
        elif style is Style.TITLE and any(c.isupper() for c in word[1:]):
            said = word  # an acronym, or McAllister
        elif "&" in text[max(0, match.start() - 1) : match.start()] + text[match.end() :][:1]:
            said = word  # Q&A
        elif self._common(low, style):
            said = low
        else:
            said = word if len(word) <= _ACRONYM else word.title()
        return said[0].upper() + said[1:] if first else said

    def _common(self, word: str, style: Style) -> bool:
        """Return whether a dictionary of the language has *word*, and not only as a name."""
        from simplemma import is_known, lemmatize  # load 0.2 s of data

        code = locales.language(self.language)
        try:
            known = is_known(word, lang=code)
        except ValueError:  # it knows nothing of the language
            return True
        # Nearly every word is a name as well (War, Young). In title case its capital may mean one.
        form = word.capitalize() if style is Style.TITLE else word
        return word in _SMALL or (known and lemmatize(form, lang=code)[0].islower())


def restyle(draft: str, style: Style, locale: str) -> str:
    """Return *draft*, in sentence case, in the style of the heading, as far as *locale* has it."""
    if style is Style.SENTENCE:
        return draft
    if style is Style.CAPITALS:
        if locales.language(locale) in {"tr", "az"}:
            draft = draft.replace("i", "İ")
        if locales.language(locale) == "de":
            draft = draft.replace("ß", "ẞ")  # which the rules prefer to SS since 2024
        return draft.upper()
    at = next((n for n, c in enumerate(draft) if c.isalpha()), None)
    return draft if at is None else draft[:at] + draft[at].upper() + draft[at + 1 :]
