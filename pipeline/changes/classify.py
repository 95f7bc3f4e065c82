"""Classification of an edit of a sentence: typography, values, polarity, or anything else.

Both sentences are cut into tokens. Typography is left out of a token's key, or of the tokens
altogether; two sentences with the same keys say the same. A mistake here publishes an approved
translation of something else, so only differences known to be typography count as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from pipeline.changes import numbers, polarity
from pipeline.changes.difference import show_difference
from pipeline.changes.edit import Edit, EditKind
from pipeline.changes.tokens import VALUES, WORDS, Token, is_size, tokenize, with_dates
from pipeline.text import commonmark, locales


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence as it is compared."""

    shown: tuple[Token, ...]
    """All tokens of it."""
    tokens: tuple[Token, ...]
    """The same with dates made one, and without commas, a final full stop and an initial case."""
    words: tuple[Token, ...]
    """Those of `tokens` that are words, or the like."""
    commas: Counter[int]
    """Number of words before each comma, and of commas there."""

    @property
    def keys(self) -> list[str]:
        return [token.key for token in self.tokens]


def _read(text: str, language: str) -> _Sentence:
    shown = tokenize(text)
    tokens: list[Token] = []
    commas: Counter[int] = Counter()
    words = 0
    for token in with_dates(shown, language):
        if token.kind == "comma":
            commas[words] += 1
            continue
        words += token.kind in WORDS
        tokens.append(token)
    tokens = _started(_ended(tokens), language)
    return _Sentence(
        tuple(shown), tuple(tokens), tuple(t for t in tokens if t.kind in WORDS), commas
    )


def _ended(tokens: list[Token]) -> list[Token]:
    """Return *tokens* without the final full stop, be it before or after closing marks."""
    at = len(tokens) - 1
    while at >= 0 and (tokens[at].kind == "mark" or tokens[at].key in _CLOSING):
        at -= 1
    if at > 0 and tokens[at].key == "point ." and tokens[at - 1].key not in _STOPS:
        return tokens[:at] + tokens[at + 1 :]
    return tokens


_CLOSING = frozenset(('point "', "point '", "point )"))


def _started(tokens: list[Token], language: str) -> list[Token]:
    """Return *tokens* with a small letter at the start of the first word."""
    first = next((n for n, token in enumerate(tokens) if token.kind in WORDS), -1)
    if first < 0 or tokens[first].kind != "word":
        return tokens
    word = tokens[first].key.removeprefix("word ")
    if word[0] in "Iİ" and locales.language(language) in {"az", "tr"}:
        return tokens  # ı and i are two letters
    key = f"word {word[0].lower()}{word[1:]}"
    return [*tokens[:first], tokens[first]._replace(key=key, mask=key), *tokens[first + 1 :]]


def compare(old: str, new: str, language: str) -> Edit:
    """Return the edit that turned the sentence *old* into *new*, both in *language*.

    Its kind is that of the edit which turns *new* into *old*. In a language without a list of
    negations (`polarity.knows`), no edit is `EditKind.POLARITY`, and a comma is not typography.
    """
    if old == new:
        return Edit(EditKind.TYPOGRAPHY)
    one, two = _read(old, language), _read(new, language)
    pieces, difference = show_difference(one.shown, two.shown)
    if _same(one, two, language) and commonmark.inventory(old) == commonmark.inventory(new):
        return Edit(EditKind.TYPOGRAPHY, pieces, difference)
    if _reversed(one, two, language):
        return Edit(EditKind.POLARITY, pieces, difference)
    if values := _values(one, two, language):
        changes, kept = values
        return Edit(EditKind.VALUE, changes, difference, kept)
    return Edit(EditKind.OTHER, pieces, difference)


def _same(one: _Sentence, two: _Sentence, language: str) -> bool:
    return one.keys == two.keys and _one_comma(one, two, language)


def _one_comma(one: _Sentence, two: _Sentence, language: str) -> bool:
    """Return whether the commas are the same but for one that makes no difference.

    It is one before the last of several things, “boats, and a ferry”, or one after a phrase of
    time, place or manner at the start: “In March, the council left”. Elsewhere it may part a list,
    or say who did what: “health, workers”, “the men, carrying flags”, “Let us eat, children”; so
    may a second one, and one that ends an aside: “the mayor, José, and his son”. One beside a modal
    verb or a quantity, or in a sentence that denies something before it, may make the opposite:
    “They did not come, and left”. One behind a figure may make another number, and one beside a
    clause may have it speak of others: “the boys, who threw stones”.
    """
    changed = [*(one.commas - two.commas).elements(), *(two.commas - one.commas).elements()]
    if not changed:
        return True
    if len(changed) > 1 or not polarity.knows(language):
        return False
    at, words = changed[0], one.words
    if not 0 < at < len(words):
        return False
    before, after = words[at - 1], words[at]
    if _any_weighty((before, after), language):
        return False
    if before.kind == "number" or _any_part((words[0], after), polarity.begins_clause, language):
        return False
    if _any_part((after,), polarity.joins, language):
        others = [*(one.commas & two.commas).elements()]
        weighty = _any_weighty(words[:at], language)
        clause = _any_part(words[:at], polarity.begins_clause, language)
        return not (weighty or clause or _ends_aside(words[:at], others, language))
    return (
        at <= _OPENING
        and not any(n < at + _NEAR for n in one.commas & two.commas)
        and _any_part(words[:1], polarity.opens, language)
        and not _any_part(words[:at], polarity.acts, language)
        and _any_part((after,), polarity.begins_subject, language)
        and not _any_part(words[at : at + _NEAR], polarity.joins, language)
    )


def _ends_aside(words: Sequence[Token], commas: Sequence[int], language: str) -> bool:
    """Return whether a comma behind *words* may end what another of *commas* has begun.

    Only English has a comma before the last of several things: “nets, ropes, and a ferry”.
    """
    if not commas:
        return False
    last = words[max(commas) :]
    if locales.language(language) != "en" or not last or max(commas) == 0:
        return True
    bare = last[0].text[:1].islower() and not _any_part(last[:1], polarity.begins_subject, language)
    return len(commas) == 1 and not bare


_OPENING = 6
"""Words of an opening phrase of time, place or manner before a comma, at most."""
_NEAR = 5
"""Words behind that comma among which several things would make a list of it: “With Ana, the mayor
and Luis”."""


def _any_weighty(tokens: Sequence[Token], language: str) -> bool:
    return any(token.kind != "number" and _weighs(token, language) for token in tokens)


def _any_part(tokens: Sequence[Token], holds: Callable[[str, str], bool], language: str) -> bool:
    return any(holds(part, language) for token in tokens for part, _ in _parts(token.key, language))


_Word = tuple[str, bool]
"""A word, and whether it is one of weight."""


@lru_cache(maxsize=20_000)
def _parts(key: str, language: str) -> tuple[_Word, ...]:
    """Return the words in the token with *key*, folded, each with whether it is one of weight."""
    if not key.startswith("word "):
        return ((key, False),)
    parts = polarity.parts(key.removeprefix("word "), language)
    return tuple((part, polarity.weighs(part, language)) for part in parts)


def _size(token: Token) -> str:
    """Return the suffix of a number for thousands or more: “m”, “bn”; "" for none."""
    suffix = token.mask.split()[-1].lower() if token.kind == "number" else ""
    return suffix if is_size(suffix) else ""


def _weighs(token: Token, language: str) -> bool:
    """Return whether the truth of its sentence hangs on *token*."""
    return bool(_size(token)) or any(weighs for _, weighs in _parts(token.key, language))


def _reversed(one: _Sentence, two: _Sentence, language: str) -> bool:
    """Return whether a word of weight came, went, moved, or gave way to its opposite."""
    if not polarity.knows(language):
        return False
    words, others = _skeleton(one, language), _skeleton(two, language)
    negated = any(weighs and polarity.negates(word, language) for word, weighs in words)
    words, others = _differing(words, others)
    weights = [word for word, weighs in words if weighs]
    if weights != [word for word, weighs in others if weighs]:
        return True
    gone, come = (Counter(word for word, weighs in side if not weighs) for side in (words, others))
    if polarity.opposed(gone - come, come - gone, language):
        return True
    if weights:
        # sorted, because where two alignments are as long, the order decides which one it is
        frames = _frames(*sorted((words, others)))
        if frames[0] != frames[1]:
            return True
    return negated and _settings(one, language) != _settings(two, language)


def _differing(one: list[_Word], two: list[_Word]) -> tuple[list[_Word], list[_Word]]:
    """Return both without their common beginning and end."""
    shorter = min(len(one), len(two))
    start = 0
    while start < shorter and one[start] == two[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == two[-1 - end]:
        end += 1
    return one[start : len(one) - end], two[start : len(two) - end]


def _skeleton(sentence: _Sentence, language: str) -> list[_Word]:
    """Return the words of *sentence*."""
    found: list[_Word] = []
    for token in sentence.words:
        if token.kind == "number":
            found.append(("number", False))
            if size := _size(token):
                found.append((size, True))
        else:
            found += _parts(token.key, language)
    return found


def _frames(
    one: Sequence[_Word], two: Sequence[_Word]
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the words of weight of each, with the number of shared other words before them."""
    ids: dict[str, int] = {}
    plain = [
        [ids.setdefault(word, len(ids)) for word, weighs in words if not weighs]
        for words in (one, two)
    ]
    kept: tuple[set[int], set[int]] = (set(), set())
    for block in LCSseq.opcodes(*plain):
        if block.tag == "equal":
            kept[0].update(range(block.src_start, block.src_end))
            kept[1].update(range(block.dest_start, block.dest_end))
    return _framed(one, kept[0]), _framed(two, kept[1])


def _framed(words: Sequence[_Word], kept: set[int]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    at = before = 0
    for word, weighs in words:
        if weighs:
            found.append((before, word))
        else:
            before += at in kept
            at += 1
    return found


_STOPS = frozenset(f"point {key}" for key in ". ; ؛ : ! ? ؟ ... dash".split())


def _settings(sentence: _Sentence, language: str) -> list[tuple[str, str]]:
    """Return the punctuation before and after each negation, commas included."""
    found: list[tuple[str, str]] = []
    words = 0
    stops = [""]  # the punctuation before each word, and after the last
    for token in sentence.tokens:
        if token.kind in WORDS:
            words += 1
            stops.append("")
        elif token.key in _STOPS:
            stops[-1] += token.key
    for n, count in sentence.commas.items():
        stops[n] += "," * count
    for n, token in enumerate(sentence.words):
        parts = _parts(token.key, language)
        if any(weighs and polarity.negates(part, language) for part, weighs in parts):
            found.append((stops[n], stops[n + 1]))
    return found


_LONG = 4
"""Letters of a word that is not left small in a heading."""
_NOUNS_ARE_CAPITALISED = frozenset(("de", "lb", "nds"))


def _values(
    one: _Sentence, two: _Sentence, language: str
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]] | None:
    """Return the values that differ and those that stay; None if anything else differs."""
    tokens, others = [*one.tokens], [*two.tokens]
    if _unnamed(tokens) != _unnamed(others):
        return None
    if locales.language(language) not in _NOUNS_ARE_CAPITALISED and not any(
        map(_is_headline, (tokens, others))
    ):
        tokens, others = (_with_names(side, language) for side in (tokens, others))
    if [t.mask for t in tokens] != [t.mask for t in others]:
        return None
    if not _one_comma(one, two, language):
        return None
    changes: list[tuple[str, str]] = []
    kept: list[str] = []
    for token, other in zip(tokens, others, strict=True):
        if token.key != other.key:
            if _worth(token, language) == _worth(other, language) is not None:
                return None  # written in another way only
            changes.append((token.text, other.text))
        elif token.kind in VALUES:
            kept.append(token.text)
    return (tuple(changes), tuple(kept)) if changes else None


def _unnamed(tokens: Sequence[Token]) -> list[str]:
    """Return the masks of those of *tokens* that are no names, and no parts of any."""
    return [t.mask for t in tokens if t.kind != "word" or not t.text[0].isupper()]


def _worth(token: Token, language: str) -> object:
    """Return the value of a number or a date, however written; None where it is not known."""
    if token.kind == "date":
        return locales.parse_date(token.text, language)
    return numbers.amount(token.text, language) if token.kind == "number" else None


def _is_headline(tokens: Sequence[Token]) -> bool:
    """Return whether each longer word begins with a capital: then it says nothing of a name."""
    words = [token.text for token in tokens if token.kind == "word"][1:]
    return all(word[0].isupper() for word in words if len(word) >= _LONG)


def _with_names(tokens: Sequence[Token], language: str) -> list[Token]:
    """Return *tokens* with each run of words as one that are capitalised without need."""
    found: list[Token] = []
    words = 0
    joins = False
    for n, token in enumerate(tokens):
        before = tokens[n - 1] if n else None
        free = words and before and (before.kind in WORDS or before.kind == "mark")
        name = token.kind == "word" and _is_name(token, language)
        if name and joins and before and token.start == before.end + 1 and token.spaced:
            last = found[-1]
            text = f"{last.text} {token.text}"
            found[-1] = last._replace(text=text, key=f"{last.key} {token.key}", end=token.end)
        elif name and free:
            found.append(token._replace(kind="name", mask="name"))
            joins = True
        else:
            found.append(token)
            joins = False
        words += token.kind in WORDS
    return found


def _is_name(token: Token, language: str) -> bool:
    return len(token.text) > 1 and token.text[0].isupper() and not _weighs(token, language)
