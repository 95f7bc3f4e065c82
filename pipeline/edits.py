"""What kind of edit turned one sentence into another, and the patch of its translation it allows.

Both sentences are cut into tokens. What is mere typography is left out of a token's key, or of
the tokens altogether; two sentences with the same keys say the same. A mistake here publishes an
approved translation of something else, so what is not known to be typography is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import Indel, LCSseq

from pipeline import amounts, locales, markup, polarity
from pipeline.tokens import ORDINAL, SIZES, VALUES, WORDS, Token, cut, joined, with_dates


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


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence as it is compared."""

    shown: tuple[Token, ...]
    """Everything that stands in it."""
    tokens: tuple[Token, ...]
    """The same with dates made one, and without commas, a final full stop and an initial case."""
    words: tuple[Token, ...]
    """Those of `tokens` that are words, or the like."""
    commas: Counter[int]
    """How many words are before each comma, and how many commas there are."""

    @property
    def keys(self) -> list[str]:
        return [token.key for token in self.tokens]


def _read(text: str, language: str) -> _Sentence:
    shown = cut(text)
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
    """Return *tokens* without the full stop at the end, be it before or after what closes there."""
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
    negations (`polarity.knows`), no edit is `Kind.POLARITY`, and a comma is not typography.
    """
    if old == new:
        return Edit(Kind.TYPOGRAPHY)
    one, two = _read(old, language), _read(new, language)
    pieces, difference = _show(one.shown, two.shown)
    if _same(one, two, language) and markup.inventory(old) == markup.inventory(new):
        return Edit(Kind.TYPOGRAPHY, pieces, difference)
    if _reversed(one, two, language):
        return Edit(Kind.POLARITY, pieces, difference)
    if values := _values(one, two, language):
        changes, kept = values
        return Edit(Kind.VALUE, changes, difference, kept)
    return Edit(Kind.OTHER, pieces, difference)


def _same(one: _Sentence, two: _Sentence, language: str) -> bool:
    return one.keys == two.keys and _one_comma(one, two, language)


def _one_comma(one: _Sentence, two: _Sentence, language: str) -> bool:
    """Return whether the commas are the same but for one that makes no difference.

    That is one before the last of several things, “boats, and a ferry”, or one behind what says
    when, where or how at the start: “In March, the council left”. Elsewhere it may part a list, or
    say who did what: “health, workers”, “the men, carrying flags”, “Let us eat, children”; so may
    a second one, and one that ends an aside: “the mayor, José, and his son”. One beside a modal
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
"""Words at most that say when, where or how, before a comma."""
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
    """Return the words in what has that *key*, folded, each with whether it is one of weight."""
    if not key.startswith("word "):
        return ((key, False),)
    parts = polarity.parts(key.removeprefix("word "), language)
    return tuple((part, polarity.weighs(part, language)) for part in parts)


def _size(token: Token) -> str:
    """Return what makes a thousand or more of a number: “m”, “bn”; "" where there is nothing."""
    suffix = token.mask.split()[-1].lower() if token.kind == "number" else ""
    return suffix if suffix in SIZES else ""


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
    """Return both without what they begin and end with alike."""
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
    """Return the words of weight of each, with how many of the other words in both are before."""
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
    """Return what a number or a date says, however written; None where that is not known."""
    if token.kind == "date":
        return locales.parse_date(token.text, language)
    return amounts.amount(token.text, language) if token.kind == "number" else None


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


_SHOWN = 3
"""Differences that are shown, of those that there are."""
_CONTEXT = 3
"""Words that are shown before and after a difference."""
_PIECE = 60
"""Characters that are shown of either side of a difference."""


def _show(one: Sequence[Token], two: Sequence[Token]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the pieces that differ, and a line that shows them in their places."""
    one, two = ([t for t in side if t.kind != "joint"] for side in (one, two))
    ids: dict[str, int] = {}
    texts = [[ids.setdefault(t.text, len(ids)) for t in side] for side in (one, two)]
    hunks: list[tuple[int, int, int, int]] = []
    for code in Indel.opcodes(*texts):
        span = (code.src_start, code.src_end, code.dest_start, code.dest_end)
        if code.tag == "equal":
            continue
        if hunks and hunks[-1][1] == span[0] and hunks[-1][3] == span[2]:
            hunks[-1] = (hunks[-1][0], span[1], hunks[-1][2], span[3])
        else:
            hunks.append(span)
    pieces = tuple((joined(one[a:b]), joined(two[c:d])) for a, b, c, d in hunks)
    return pieces, _line(one, two, hunks[:_SHOWN], pieces, more=len(hunks) > _SHOWN)


def _line(
    old: Sequence[Token],
    new: Sequence[Token],
    hunks: Sequence[tuple[int, int, int, int]],
    pieces: Sequence[tuple[str, str]],
    *,
    more: bool,
) -> str:
    if not hunks:
        return ""
    at = max(0, hunks[0][2] - _CONTEXT)
    said = "… " if at else ""
    for n, ((a, _, c, d), (gone, come)) in enumerate(zip(hunks, pieces, strict=False)):
        between = new[at:c]
        if n and len(between) > 2 * _CONTEXT:
            said += f"{_after(between[:_CONTEXT])} …{_after(between[-_CONTEXT:])}"
        else:
            said += _after(between)
        first = new[c] if c < d else old[a]
        said += " " * first.spaced
        said += f"[{_short(gone)}{' ' * bool(gone)}→{' ' * bool(come)}{_short(come)}]"
        at = d
    said += _after(new[at : at + _CONTEXT])
    return " ".join(said.split()) + " …" * (more or len(new) > at + _CONTEXT)


def _after(tokens: Sequence[Token]) -> str:
    """Return *tokens* as they read after something else."""
    return " " * (tokens[0].spaced if tokens else False) + joined(tokens)


def _short(piece: str) -> str:
    half = _PIECE // 2
    return piece if len(piece) <= _PIECE else f"{piece[:half].rstrip()}…{piece[-half:].lstrip()}"


def patch(target: str, edit: Edit, source_language: str, locale: str) -> str | None:
    """Return the translation *target* with the changed values of *edit* in it, in *locale*.

    None where that is not safe: the edit is of another kind; a value stands in the translation
    more or less often than it was changed, or also stays; another plural may be needed. Numbers
    are written as they were, dates in the locale's long form if they were. What comes back, with
    the edit taken back, is *target* again.
    """
    if edit.kind is not Kind.VALUE:
        return None
    patched = _patched(target, edit, source_language, locale)
    if patched is None:
        return None
    back = replace(edit, changes=tuple((new, old) for old, new in edit.changes))
    return patched if _patched(patched, back, source_language, locale) == target else None


def _patched(target: str, edit: Edit, source_language: str, locale: str) -> str | None:
    tokens = with_dates(cut(target), locale)
    found: dict[tuple[int, int], str] = {}
    wanted: dict[str, tuple[str, int]] = {}
    for old, new in edit.changes:
        known, times = wanted.get(old, (new, 0))
        if known != new:
            return None
        wanted[old] = (new, times + 1)
    if set(wanted) & set(edit.kept):
        return None
    for old, (new, times) in wanted.items():
        places = _places(target, tokens, old, new, source_language, locale)
        if places is None or len(places) != times or found.keys() & places.keys():
            return None
        found |= places
    if any(one[1] > two[0] for one, two in pairwise(sorted(found))):
        return None
    out: list[str] = []
    at = 0
    for (start, end), text in sorted(found.items()):
        out += (target[at:start], text)
        at = end
    return "".join((*out, target[at:]))


_Places = dict[tuple[int, int], str]


def _places(
    target: str, tokens: Sequence[Token], old: str, new: str, source_language: str, locale: str
) -> _Places | None:
    """Return where *old* stands in *target*, each with what *new* is there; None: cannot be."""
    kinds = {_kind(piece, source_language) for piece in (old, new)}
    if kinds == {"date"}:
        return _dated(target, tokens, old, new, source_language, locale)
    if kinds == {"number"}:
        return _numbered(tokens, old, new, source_language, locale)
    if kinds & {"date", "number"}:
        return None
    links = (t for t in tokens if t.kind in {"url", "email"} and t.text == old)
    return {(t.start, t.end): new for t in links} or _named(target, tokens, old, new)


def _kind(piece: str, language: str) -> str:
    tokens = with_dates(cut(piece), language)
    return tokens[0].kind if len(tokens) == 1 else ""


def _named(target: str, tokens: Sequence[Token], old: str, new: str) -> _Places:
    """Return where the name *old* stands, whole and letter for letter."""
    hidden = [(t.start, t.end) for t in tokens if t.kind in {"mark", "atom", "url", "email"}]
    name = rf"(?<!\w){re.escape(old)}(?!\w)"
    return {
        match.span(): new
        for match in re.finditer(name, target)
        if not any(start < match.end() and match.start() < end for start, end in hidden)
    }


def _numbered(
    tokens: Sequence[Token], old: str, new: str, source_language: str, locale: str
) -> _Places | None:
    before, after = (amounts.amount(piece, source_language) for piece in (old, new))
    if before is None and after is None:  # a time, a score, 3/4/2025: as it is or not at all
        return {(t.start, t.end): new for t in tokens if t.kind == "number" and t.text == old}
    if before is None or after is None:
        return None
    if not (_is_year(old) and _is_year(new)):
        for code in (source_language, locale):
            if _plural(before, code) != _plural(after, code):
                return None
    found: _Places = {}
    for token in tokens:
        if token.kind != "number" or amounts.amount(token.text, locale) != before:
            continue
        figure, suffix = amounts.split(token.text)
        ordinal = amounts.split(old)[1] in ORDINAL - {""}
        if (
            suffix
            and (ordinal or suffix[0].isdigit())
            and suffix.lstrip(".") not in {"º", "ª", "°"}
        ):
            return None
        written = amounts.write(after, figure, amounts.split(new)[0], locale)
        if written is None:
            return None
        found[token.start, token.end] = written + suffix
    return found


def _is_year(text: str) -> bool:
    return re.fullmatch(r"[12]\d{3}", text) is not None


def _plural(amount: Decimal, code: str) -> str:
    return locales.parse(code).plural_form(abs(amount))


def _dated(
    target: str,
    tokens: Sequence[Token],
    old: str,
    new: str,
    source_language: str,
    locale: str,
) -> _Places | None:
    """Return where the date *old* stands; None where it is written in a way that is not known."""
    dates = [locales.parse_date(piece, source_language) for piece in (old, new)]
    if dates[0] is None or dates[1] is None:
        return None
    (before, _), (after, _) = dates[0], dates[1]
    found: _Places = {}
    for token in tokens:
        date = locales.parse_date(token.text, locale) if token.kind == "date" else None
        if date is None or date[0] != before:
            continue
        forms = [locales.long_date(day, locale, weekday=date[1]) for day in (before, after)]
        if match := re.compile(_spaced(forms[0])).match(target, token.start):
            found[match.span()] = _spaced_as(forms[1], match[0])
            continue
        inner = [t for t in cut(token.text) if t.kind == "number"]
        if date[1] or before.month != after.month:
            return None
        text = token.text
        if target[token.start : token.end] != text:
            return None
        for t in reversed(inner):
            for was, will in ((before.day, after.day), (before.year, after.year)):
                if t.text.lstrip("0").isdecimal() and int(t.text) == was:
                    written = str(will).rjust(len(t.text) if t.text[0] == "0" else 1, "0")
                    text = text[: t.start] + written + text[t.end :]
        if locales.parse_date(text, locale) != (after, False):
            return None
        found[token.start, token.end] = text
    return found


def _spaced(form: str) -> str:
    return r"\s+".join(map(re.escape, form.split()))


def _spaced_as(form: str, like: str) -> str:
    """Return *form* with the spaces of *like*, if there are as many."""
    words, spaces = form.split(), re.findall(r"\s+", like)
    if len(spaces) != len(words) - 1:
        return form
    return "".join(word + space for word, space in zip(words, [*spaces, ""], strict=True))
