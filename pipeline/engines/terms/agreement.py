"""Agreement of a noun with the words before it in Spanish, French, Portuguese and Italian.

A decoder that is made to say a noun repairs what comes after it; the article, contraction,
possessive or adjective before it is written by then, and is put right here, by tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.engines.terms.grammar import (
    CELLS,
    FR,
    FR_ELIDED,
    IT,
    NUMERALS,
    PREDETERMINERS,
    PREPOSITIONS,
    TABLES,
    Language,
)

MOST_BETWEEN = 2
"""Adjectives that are looked through between a noun and its article."""

TAIL = re.compile(r"(?:[^\W\d_]+(?:['’]|(?:-[^\W\d_]+)*\s+))+\Z")
"""Words at the end of a text that nothing but space or an apostrophe parts from what follows."""
ONE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*['’]?")


def leads(left: str, form: str, gender: str, number: str, language: str) -> tuple[str, ...]:
    """Give *left* as it should be before *form*, the likeliest first; the same where all is well.

    *left* is all that stands before the noun, the space included. The article, what it contracts
    with, and adjectives right before the noun follow its gender and number (where "" keeps what
    is there), then its first sound.
    """
    table = TABLES.get(language)
    if table is None:
        return (left,)
    tail = TAIL.search(left)
    if tail is None:
        return (left,)
    words = ONE.findall(tail[0])[-(MOST_BETWEEN + 3) :]
    at = len(left)
    for word in reversed(words):
        at = left.rindex(word, 0, at)
    apostrophe = "’" if "’" in left[at:] else "'"
    small = [word.casefold().replace("’", "'") for word in words]
    found = []
    for option in _options(small, form, gender, number, table):
        text = "".join(w if w.endswith("'") else w + " " for w in option)
        if words[0][:1].isupper():
            text = text[:1].upper() + text[1:]
        text = _cased(text, left[at:])
        found.append(left[:at] + text.replace("'", apostrophe))
    return tuple(dict.fromkeys(found))


def agrees(left: str, form: str, gender: str, number: str, language: str) -> bool:
    """Whether nothing before the noun would have to be another word."""
    return " ".join(left.split()) in {
        " ".join(one.split()) for one in leads(left, form, gender, number, language)
    }


def is_function_word(word: str, language: str) -> bool:
    """Whether it is an article, a contraction, a possessive, or a common preposition."""
    table = TABLES.get(language)
    word = word.casefold().replace("’", "'")
    return table is not None and (
        word in table.contractions
        or word in PREPOSITIONS
        or any(word in row or table.plain(word) in row for row in table.determiners)
        or word in FR_ELIDED.values()
        or word in ("l'", "un'", "dell'", "all'", "dall'", "nell'", "sull'")
    )


def _cased(text: str, old: str) -> str:
    """Give each word that was there before the letters that it had."""
    words = {w.casefold(): w for w in ONE.findall(old)[1:]}
    return ONE.sub(lambda m: words.get(m[0], m[0]) if m.start() else m[0], text)


def cell_of(word: str, rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], int] | None:
    for row in rows:
        if word in row:
            return row, row.index(word)
    return None


def _options(
    words: list[str], form: str, gender: str, number: str, table: Language
) -> list[list[str]]:
    first = re.split(r"[\s'’]", form.strip(), maxsplit=1)[0]
    found = []
    for expanded in _expansions(words, table):
        plain = [table.plain(word) for word in expanded]
        at = determiner(plain, table)
        if at is not None:
            plain = _swapped(plain, at, gender, number, first, table)
        out: list[str] = []
        following = first
        for word in reversed(plain):
            following = table.surface(word, following, gender)
            out.insert(0, following)
        found.append(_contracted(out, table))
    return found


def _expansions(words: list[str], table: Language) -> list[list[str]]:
    """Write contractions out; one of them may be no contraction (des, dei)."""
    ways: list[list[str]] = [[]]
    for word in words:
        options = [[word]]
        if word in table.contractions:
            options = [list(table.contractions[word])]
            if cell_of(table.plain(word), table.determiners):
                options.insert(0, [word])
        elif word == "l'":
            options = [["l'"]]
        ways = [way + option for way in ways for option in options]
    return ways[:4]


def determiner(words: list[str], table: Language) -> int | None:
    """Find the one of a noun after the last word, with nothing but adjectives between.

    What stands between and is no adjective is a noun: the article is its own.
    """
    for at in range(len(words) - 1, max(-1, len(words) - 2 - MOST_BETWEEN), -1):
        if words[at] == "l'" or cell_of(words[at], table.determiners):
            return at
        if not _maybe_adjective(words[at], table):
            return None
    return None


def _maybe_adjective(word: str, table: Language) -> bool:
    if word in NUMERALS or cell_of(word, table.adjectives):
        return True
    if table.determiners is FR or len(word) < 4 or word in PREPOSITIONS:
        return False
    if table.determiners is IT:
        return word[-1] in "oaie"
    return bool(
        re.search(
            "(?:o|a|os|as|siguientes?|importantes?|recientes?|presentes?|diferentes?|posibles?|grandes?)$",
            word,
        )
    )


def _swapped(
    words: list[str], at: int, gender: str, number: str, form: str, table: Language
) -> list[str]:
    words = list(words)
    elided = words[at] == "l'"
    if elided:
        words[at] = table.determiners[0][CELLS.index((gender or "m", "singular"))]
    row, cell = cell_of(words[at], table.determiners) or (table.determiners[0], 0)
    was_gender, was_number = CELLS[cell]
    # A word that says nothing of its gender (su, leur, les) says nothing of an adjective's either.
    known = not elided and row.count(words[at]) == 1
    to = (gender or was_gender, number or was_number)
    changed = [
        _inflected(word, (was_gender, was_number) if known else None, to, table)
        for word in words[at + 1 :]
    ]
    if None in changed:
        return words
    words[at + 1 :] = [word or "" for word in changed]
    words[at] = row[CELLS.index(to)]
    found = cell_of(words[at - 1], table.determiners) if at else None
    if found and found[0][0] in PREDETERMINERS:
        words[at - 1] = found[0][CELLS.index(to)]
    return words


_ENDINGS = {
    "o": 0, "a": 1, "os": 2, "as": 3,
}  # fmt: skip


def _inflected(
    word: str, was: tuple[str, str] | None, to: tuple[str, str], table: Language
) -> str | None:
    """Give an adjective before a noun its form, or None where it is another noun's."""
    if word in NUMERALS:
        return word
    if found := cell_of(word, (*table.adjectives, *table.determiners)):
        return found[0][CELLS.index(to)]
    cell = CELLS.index(to)
    if table.determiners is FR:
        return word
    if table.determiners is IT:
        ends = ("o", "a", "i", "e")
        if was is not None and len(word) > 3 and word[-1] == ends[CELLS.index(was)]:
            return word[:-1] + ends[cell]
        return word if was is None or word[-1] == "e" else None
    for ending in ("os", "as", "o", "a"):
        if len(word) > 4 and word.endswith(ending):
            if was is not None and _ENDINGS[ending] != CELLS.index(was):
                return None
            return word[: -len(ending)] + ("o", "a", "os", "as")[cell]
    if to[1] == "plural" and was == (was[0] if was else "", "singular") and word.endswith("e"):
        return word + "s"
    if to[1] == "singular" and was and was[1] == "plural" and word.endswith("es"):
        return word[:-1]
    return word


def _contracted(words: list[str], table: Language) -> list[str]:
    joined = {pair: word for word, pair in table.contractions.items()}
    out: list[str] = []
    for word in words:
        if out and (out[-1], word) in joined:
            out[-1] = joined[out[-1], word]
        else:
            out.append(word)
    return out
