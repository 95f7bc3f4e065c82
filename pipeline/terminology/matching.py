"""Matching of wordings in running text: by lemma, as whole words, the longest first.

A wording is a sequence of words. Two words are the same if they are written the same, or have the
same lemma; names and abbreviations must be written the same, letter for letter. Nothing here knows
of entries or locales: it serves both sides of a translation.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pipeline.text.lemmas import fold, forms, lemma, plain
from pipeline.text.words import lemma_pattern

Payload = TypeVar("Payload")
Span = tuple[int, int]


class Rule(StrEnum):
    """Rules by which a text matches a wording."""

    LEMMA = "lemma"
    """The lemmas are the same, whatever the capitals."""
    CASED = "cased"
    """The lemmas are the same, and a word that has a capital has one there."""
    FOLDED = "folded"
    """The letters are the same, whatever the capitals."""
    EXACT = "exact"
    """The letters are the same."""


@dataclass(frozen=True, slots=True)
class Wording(Generic[Payload]):
    """A wording to look for, and the payload of the caller."""

    text: str
    payload: Payload
    rule: Rule = Rule.LEMMA
    pos: str = ""
    """noun, name, adj, verb, abbr or "": a noun is not found in a form that is a verb's."""
    forms: tuple[str, ...] = ()
    """Other forms of the same wording; they tell which words are their own lemmas."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Payload]):
    """An occurrence of a wording in a text."""

    start: int
    end: int
    wording: Wording[Payload]
    words: tuple[str, ...]
    """The words as written in the text."""
    same: bool
    """Whether they are written as the wording is, capitals apart."""


_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]+")
_APOSTROPHES = "'’ʼ‘´`"
_HYPHENS = "-‐‑"
_SPACE = re.compile(rf"\s+|[{_HYPHENS}]|[{_APOSTROPHES}]\s?")
"""Separators of two words of a wording, which match each other."""
_SPELT = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-"))

Word = tuple[int, int, str]


def word_spans(text: str) -> list[Word]:
    """Return the words of *text*, each with its start and end; links and e-mail addresses are none.

    Words end at an apostrophe and at a hyphen.
    """
    words = [(m.start(), m.end(), m[0]) for m in lemma_pattern().finditer(text)]
    if "://" in text or "@" in text or "www." in text:
        for link in _LINK.finditer(text):
            words = [w for w in words if w[1] <= link.start() or w[0] >= link.end()]
    return words


@dataclass(frozen=True, slots=True, eq=False)
class _Entry(Generic[Payload]):
    """A wording, cut into words."""

    wording: Wording[Payload]
    order: int
    words: tuple[str, ...]
    folded: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    """Lookup keys of each word."""
    gaps: tuple[str, ...]
    head: str
    """Characters before the first word, such as the dot of ``.org``."""
    tail: str


class Matcher(Generic[Payload]):
    """Finds many wordings at once. Ties go to the wording that was given first."""

    def __init__(self, language: str, wordings: Iterable[Wording[Payload]]) -> None:
        self.language = language
        self._single: dict[str, list[_Entry[Payload]]] = {}
        self._pairs: dict[str, dict[str, list[_Entry[Payload]]]] = {}
        """By the lookup keys of the first word and of the second."""
        self._lemmas = False
        self._seen: dict[str, tuple[str, ...]] = {}
        for order, wording in enumerate(wordings):
            if entry := _entry(wording, order, language):
                self._add(entry)

    def _add(self, entry: _Entry[Payload]) -> None:
        self._lemmas |= entry.wording.rule not in _LETTERS
        for first in entry.keys[0]:
            if len(entry.keys) == 1:
                self._single.setdefault(first, []).append(entry)
            else:
                for second in entry.keys[1]:
                    self._pairs.setdefault(first, {}).setdefault(second, []).append(entry)

    def all(self, text: str) -> list[Found[Payload]]:
        """Return all occurrences in *text*, overlapping ones too; the best first."""
        if not (self._single or self._pairs):
            return []
        words = word_spans(text)
        known = [self._known(word[2]) for word in words]
        found: dict[tuple[int, int], tuple[Found[Payload], int]] = {}
        for at, keys in enumerate(known):
            for entry in self._at(keys, known[at + 1] if at + 1 < len(known) else ()):
                end = at + len(entry.words)
                if (at, entry.order) in found or end > len(words):
                    continue
                if one := self._fits(entry, words[at:end], known[at:end], text):
                    found[at, entry.order] = one, entry.order
        ranked = sorted(
            found.values(),
            key=lambda pair: (pair[0].start - pair[0].end, not pair[0].same, pair[1]),
        )
        return [one for one, _ in ranked]

    def _at(self, keys: Sequence[str], following: Sequence[str]) -> Iterable[_Entry[Payload]]:
        for key in keys:
            yield from self._single.get(key, ())
            if following and (seconds := self._pairs.get(key)):
                for second in following:
                    yield from seconds.get(second, ())

    def _known(self, word: str) -> tuple[str, ...]:
        found = self._seen.get(word)
        if found is None:
            code = self.language
            found = forms(word, code) if self._lemmas else (fold(word, code),)
            self._seen[word] = found
        return found

    def find(self, text: str) -> list[Found[Payload]]:
        """Return the occurrences in *text*, in order: the longest first, no overlap."""
        return longest(self.all(text))

    def _fits(
        self,
        entry: _Entry[Payload],
        words: Sequence[Word],
        known: Sequence[tuple[str, ...]],
        text: str,
    ) -> Found[Payload] | None:
        """Return the occurrence of *entry* as *words* of *text*, whose lookup keys are *known*."""
        rule = entry.wording.rule
        for n, gap in enumerate(entry.gaps):
            found = text[words[n][1] : words[n + 1][0]]
            if found != gap and not _same_gap(gap, found, rule):
                return None
        start, end = words[0][0], words[-1][1]
        first = rule is Rule.CASED and _begins(text, start)
        same = True
        for n, word in enumerate(words):
            if not _same_word(entry, n, word[2], known[n], self.language, first=first and not n):
                return None
            same = same and known[n][0] == entry.folded[n]
        if entry.head:
            start -= len(entry.head)
            if start < 0 or not text.startswith(entry.head, start):
                return None
        elif not self._may_begin(text, start):
            return None
        if entry.tail and text.startswith(entry.tail, end):
            end += len(entry.tail)
        elif entry.tail or not self._may_end(text, end):
            return None
        return Found(start, end, entry.wording, tuple(word[2] for word in words), same)

    def _may_begin(self, text: str, start: int) -> bool:
        if not start or text[start - 1].isspace():
            return True
        sign, before = text[start - 1], text[start - 2 : start - 1]
        joined = before.isalnum()
        if sign in _APOSTROPHES:
            return not joined or self.language != "en"
        return sign not in "@_" and not (joined and sign in _HYPHENS + ".=\\")

    def _may_end(self, text: str, end: int) -> bool:
        sign, after = text[end : end + 1], text[end + 1 : end + 2]
        if not sign or not after.isalnum():
            return sign not in {"_", "@"} or not sign
        if sign in _APOSTROPHES:
            if self.language in {"tr", "az"}:
                return True
            suffix = lemma_pattern().match(text, end + 1)
            possessive = self.language in {"en", "de", "nl"}
            return possessive and suffix is not None and suffix[0].lower() == "s"
        return sign not in "._@=\\"


_LETTERS = frozenset((Rule.EXACT, Rule.FOLDED))


def longest(found: Iterable[Found[Payload]]) -> list[Found[Payload]]:
    """Return those of *found*, the best first, that overlap no better one, in text order."""
    kept: list[Found[Payload]] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


@functools.lru_cache(maxsize=4096)
def _matcher(wordings: tuple[str, ...], language: str, rule: Rule, pos: str) -> Matcher[None]:
    texts = tuple(filter(None, wordings))
    return Matcher(
        language, (Wording(text, None, rule_of(text, rule), pos, texts) for text in texts)
    )


def occurrences(
    text: str,
    wordings: Iterable[str],
    language: str,
    rule: Rule = Rule.LEMMA,
    pos: str = "",
) -> tuple[Span, ...]:
    """Return the spans of any of *wordings*, forms of one term, in *text*: no overlap, in order.

    *language* is that of the text, such as ``pt``.
    """
    return tuple(
        (one.start, one.end) for one in _matcher(tuple(wordings), language, rule, pos).find(text)
    )


_SHORT = 5
"""Letters up to which a word in capitals is taken for an abbreviation: WHO is not “who”."""


def rule_of(wording: str, rule: Rule) -> Rule:
    """Return *rule*, or a stricter one if *wording* looks like an abbreviation."""
    if rule is Rule.LEMMA and wording.isupper() and len(wording) > 1 and " " not in wording:
        return Rule.EXACT if wording.isalpha() and len(wording) <= _SHORT else Rule.FOLDED
    return rule


_LINKS = {
    "en": frozenset("of for to in on at by with from against under without".split()),
    "de": frozenset("der des von für in im am zu zum zur auf an mit gegen unter".split()),
}
_SAME_IN_PLURAL = frozenset("people police sheep data media series species means staff".split())


def number(found: Found[Payload], language: str) -> str:
    """Return the number of its head noun: ``singular``, ``plural``, or "" if not known."""
    pos = found.wording.pos
    if pos == "abbr":
        return "plural" if len(found.words) == 1 and found.words[0][-1:] == "s" else ""
    if pos in {"verb", "adj", "name"} or found.wording.rule in _LETTERS:
        return ""
    word = plain(_head(found.words, language)).lower()
    its = lemma(word, language)
    if language == "en":
        if word in _SAME_IN_PLURAL or _verbal(word):
            return ""
        return "singular" if its == word or lemma(f"{word}s", "en") == word else "plural"
    if language in {"es", "pt", "fr"}:
        if word.endswith(("s", "x")):
            return "plural" if its != word else ""
        return "singular"
    if language == "it" and its != word:
        plural = word.endswith("i") or (word.endswith("e") and its.endswith("a"))
        return "plural" if plural else "singular"
    return ""


def _head(words: Sequence[str], language: str) -> str:
    """Return the head noun, which is singular or plural: “right” of “right to strike”."""
    if language not in _LINKS:
        return words[0]
    links = _LINKS[language]
    end = next((n for n, word in enumerate(words) if n and word.lower() in links), len(words))
    return words[end - 1]


# Wordings


def _entry(wording: Wording[Payload], order: int, language: str) -> _Entry[Payload] | None:
    cuts = word_spans(wording.text)
    if not cuts:
        return None
    text = wording.text
    words = tuple(plain(word) for _, _, word in cuts)
    folded = tuple(fold(word, language) for word in words)
    if wording.rule not in _LETTERS:
        keys = tuple(_keys(w, _siblings(wording, n), language) for n, w in enumerate(words))
    elif _has_plural(wording, len(words)):
        keys = ((folded[0], f"{folded[0]}s"),)
    else:
        keys = tuple((one,) for one in folded)
    return _Entry(
        wording,
        order,
        words,
        folded,
        keys,
        tuple(text[one[1] : other[0]] for one, other in itertools.pairwise(cuts)),
        text[: cuts[0][0]].strip(),
        text[cuts[-1][1] :].strip().rstrip(_APOSTROPHES),
    )


def _siblings(wording: Wording[Payload], n: int) -> tuple[str, ...]:
    """Return the word at place *n* of the other forms of *wording* that have as many words."""
    if not wording.forms:
        return ()
    count = len(word_spans(wording.text))
    return tuple(words[n][2] for form in wording.forms if len(words := word_spans(form)) == count)


_PLURAL_S = frozenset("en es fr pt ca gl".split())


@functools.lru_cache(maxsize=65_536)
def _keys(word: str, siblings: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Return the lookup keys of a word of a wording: its letters, and its lemma.

    The lemma is left out where other forms show that the word is a dictionary form itself, which
    simplemma takes for a form of another word: Spanish “estado”, of which “estados” is the
    plural, and not only a participle of “estar”.
    """
    folded, its = fold(word, language), lemma(word, language)
    if language == "ar":
        return forms(word, language)
    if its == folded:
        return (folded,)
    shown = [lemma(form, language) for form in siblings]
    if language in _PLURAL_S:
        shown.append(lemma(f"{word}s", language))
    return (folded,) if folded in shown else (folded, its)


# Comparing


_OPENING = re.compile(r"[.!?:;…•\n][\s\"“”«»„‘’'¿¡(\[—–-]*\Z")


def _begins(text: str, start: int) -> bool:
    """Return whether a sentence may begin at *start*."""
    before = text[max(0, start - 8) : start]
    return bool(_OPENING.search(before if start > 8 else f"\n{before}"))


def _same_gap(gap: str, found: str, rule: Rule) -> bool:
    if rule in _LETTERS:
        return _spelt(gap) == _spelt(found)
    if _SPACE.fullmatch(gap) or not gap:
        return bool(_SPACE.fullmatch(found)) or found == gap
    return "".join(_spelt(gap).split()) == "".join(_spelt(found).split())


def _spelt(text: str) -> str:
    """Return *text* with plain apostrophes and hyphens, and each white space one space."""
    return re.sub(r"\s+", " ", text.translate(_SPELT))


def _same_word(
    entry: _Entry[Payload],
    n: int,
    found: str,
    known: tuple[str, ...],
    language: str,
    *,
    first: bool,
) -> bool:
    """Return whether the word *found* is that at place *n* of *entry*; *first* in a sentence."""
    word, rule = entry.words[n], entry.wording.rule
    if rule is Rule.EXACT:
        return plain(found) == word or (
            _has_plural(entry.wording, len(entry.words)) and plain(found) == f"{word}s"
        )
    if rule is Rule.FOLDED:
        return known[0] in entry.keys[n]
    if rule is Rule.CASED and not _same_capital(word, found, first=first):
        return False
    folded, keys = entry.folded[n], entry.keys[n]
    if known[0] == folded:
        return True
    if not any(form in keys for form in known):
        return False
    if language == "en":
        return entry.wording.pos == "verb" or _verbal(word) == _verbal(found)
    # A form of a form may be far away: Italian “stato” and “sono” are both of “essere”.
    return len(keys) == 1 or language == "ar" or _akin(folded, known[0])


def _has_plural(wording: Wording[Payload], words: int) -> bool:
    return wording.pos == "abbr" and words == 1


def _same_capital(word: str, found: str, *, first: bool) -> bool:
    if word[0].isupper():
        return found[0].isupper()
    return not found[0].isupper() or first or found.isupper()


_PLURALS = re.compile(r"(?:men|children|people|feet|teeth|mice|lice|geese|dice|[aei])\Z")
"""Endings of English plurals without s: women, criteria, antennae, alumni."""


@functools.lru_cache(maxsize=65_536)
def _verbal(word: str) -> str:
    """Return the kind of verb form of an English word: “ing”, “past”, or "" for none.

    Comparatives count as past; nobody looks for them.
    """
    low = word.lower()
    if lemma(low, "en") == low:
        return ""
    if low.endswith(("ing", "ings")):
        return "ing"
    if low.endswith("s") or lemma(f"{low}s", "en") == low or _PLURALS.search(low):
        return ""
    return "past"


def _akin(one: str, other: str) -> bool:
    """Return whether two words begin the same."""
    short = min(len(one), len(other), 3)
    return one[:short] == other[:short]
