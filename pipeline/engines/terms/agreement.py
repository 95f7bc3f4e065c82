"""Agreement of a noun with the words before it in Spanish, French, Portuguese and Italian.

A decoder that is made to say a noun repairs what comes after it; the article, contraction,
possessive or adjective before it is written by then, and is put right here, by tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import takewhile

from pipeline.engines.terms.grammar import (
    ABOVE,
    ALL,
    ANY,
    CELLS,
    FR_ELIDED,
    PLURAL,
    PREPOSITIONS,
    TABLES,
    Form,
    Language,
)
from pipeline.text.lemmas import lemma

MOST_BETWEEN = 3
"""Adjectives and possessives that are looked through between a noun and its article."""

TAIL = re.compile(r"(?:[^\W\d_]+(?:['’]|(?:-[^\W\d_]+)*\s+))+\Z")
"""Words at the end of a text that nothing but space or an apostrophe parts from what follows."""
ONE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*['’]?")


def leads(left: str, form: str, gender: str, number: str, language: str) -> tuple[str, ...]:
    """Give *left* as it should be before *form*, the likeliest first; the same where all is well.

    *left* is all that stands before the noun, the space included. The noun's group follows its
    gender and number (where "" keeps what is there), then its first sound: an article or another
    determiner, adjectives after it, and before it a word that contracts with it. All before that
    stays as it is.
    """
    table, tail = TABLES.get(language), TAIL.search(left)
    if table is None or tail is None:
        return (left,)
    found = [*ONE.finditer(left, tail.start())][-MOST_BETWEEN - 3 :]
    words = [
        # A capital within a sentence is a name's, which is no article and no adjective.
        small(m[0])
        if m[0].islower() or left.isupper() or (m.start() == tail.start() and m[0].istitle())
        else m[0]
        for m in found
    ]
    starts = [*(m.start() for m in found), len(left)]
    out = []
    for start, group in _groups(words, number, table):
        at, new = _fitted(words, start, group, (form, gender, number), table)
        old = words[at:]
        same = _common(old, new)
        after = _common(old[same:][::-1], new[same:][::-1])
        start, end = starts[at + same], starts[len(words) - after]
        text = "".join(w if w.endswith("'") else w + " " for w in new[same : len(new) - after])
        if left[start:end][:1].isupper():
            text = text[:1].upper() + text[1:]
        text = text.replace("'", "’") if "’" in left else text
        out.append(left[:start] + text + left[end:])
    return tuple(dict.fromkeys(out)) or (left,)


def small(word: str) -> str:
    return word.casefold().replace("’", "'")


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words that both begin with."""
    return sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(one, other, strict=False)))


def agrees(left: str, form: str, gender: str, number: str, language: str) -> bool:
    """Whether nothing before the noun would have to be another word."""
    return " ".join(left.split()) in {
        " ".join(one.split()) for one in leads(left, form, gender, number, language)
    }


def is_function_word(word: str, language: str) -> bool:
    """Whether it is an article, a contraction, a possessive, or a common preposition."""
    table, word = TABLES.get(language), small(word)
    return table is not None and (
        word in table.contractions
        or word in table.determiners
        or word in PREPOSITIONS
        or word in FR_ELIDED
    )


_Group = list[tuple[str, Form]]
"""Words as they stand there, with what they can be."""


def _groups(words: Sequence[str], number: str, table: Language) -> Iterator[tuple[int, _Group]]:
    """Give where determiner and adjectives of a noun after *words* begin, in each reading.

    Where there is neither, it is the last word.
    """
    at = determiner(words, table)
    if at is None or (number == "plural" and _is_to(words, len(words) - 1, table)):
        if _adjective(words, len(words) - 1, table) is None:
            yield len(words) - 1, [(words[-1], _fixed(words[-1], table))]
        return
    between = range(at + 1, len(words))
    rest = [(words[n], its) for n in between if (its := _adjective(words, n, table))]
    word = words[at]
    if its := table.determiners.get(word):
        yield at, [(word, its), *rest]
    if word in table.contractions:
        first, article = table.contractions[word]
        yield at, [(word, _fixed(first, table)), (word, table.determiners[article]), *rest]


def determiner(words: Sequence[str], table: Language) -> int | None:
    """Find the first of a noun after the last word, with nothing but adjectives between.

    What stands between and is no adjective is a noun: the article is its own. So is what has
    another form than the article; in French a list tells them apart.
    """
    found, cells, degree = None, ANY, False
    for at in reversed(range(len(words))[-MOST_BETWEEN - 1 :]):
        word = words[at]
        between = _adjective(words, at, table)
        if degree and between and word in table.determiners:
            break  # it says how much more: mucho más grandes
        degree = between is not None and between[1] is ANY
        _, article = table.contractions.get(word, ("", word))
        its = table.determiners.get(article)
        fits = its and (its[1] & cells or (found is not None and not _is_to(words, at, table)))
        if fits and not degree:
            found = at
        if between is None:
            break
        if table.endings or between[1] is PLURAL:
            cells = cells & between[1]
    return found


def _is_to(words: Sequence[str], at: int, table: Language) -> bool:
    """Whether it is Portuguese "a" as a preposition, if what follows has another form: a meu ver.

    It follows no other preposition.
    """
    after = at > 0 and words[at - 1] in table.links
    return table.code == "pt" and words[at] == "a" and not after


def _before(words: Sequence[str], known: Set[int], table: Language) -> Form | None:
    """Give the last word, before a determiner, if it is all, or what contracts with it."""
    its = table.determiners.get(words[-1])
    if its and its[0][0] in ALL and its[1] & known:
        return None if words[-2:-1] and words[-2] in ABOVE else its
    plain = _fixed(words[-1], table)
    return plain if plain[0][0] in table.links else None


def _fixed(word: str, table: Language) -> Form:
    """Give what a word that has no other forms can be, written out."""
    plain = [its for (its, _), written in table.spellings.items() if written == word]
    return (plain[0] if plain else word,) * len(CELLS), ANY


def _adjective(words: Sequence[str], at: int, table: Language) -> Form | None:
    """Give what an adjective can be; the dictionary knows those whose feminine has a masculine."""
    word = words[at]
    if word in table.numerals:
        return (word,) * len(CELLS), PLURAL
    if word in table.degrees and at < len(words) - 1:
        return (word,) * len(CELLS), ANY
    if word in table.adjectives or word in table.determiners:
        return table.adjectives.get(word)
    for cell, ending in enumerate(table.endings):
        stem = word.removesuffix(ending)
        if len(word) > 3 and stem != word:
            row = tuple(stem + end for end in table.endings)
            if lemma(row[1], table.code) == row[0]:
                return row, {cell}
    return None


def _fitted(
    words: Sequence[str], at: int, group: _Group, noun: tuple[str, str, str], table: Language
) -> tuple[int, list[str]]:
    """Give a group as it should be, with the word before if it is of it, and where that begins."""
    form, gender, number = noun
    possible = [cells for _, (_, cells) in group if cells is not ANY] or [ANY]
    shared = ANY.intersection(*possible) or possible[-1]
    cell = _cell(shared, gender, number)
    alone = len(group) == 1 and group[0][1] is not table.determiners.get(words[at])

    def written(old: str, word: str, following: str) -> str:
        spelt = table.spellings.get((word, table.sound(following, gender)), word)
        return word if word in table.optional and not old.endswith("'") else spelt

    out: list[str] = []
    for old, (row, _) in reversed(group):
        following = out[0] if out else re.split(r"[\s'’]", form.strip(), maxsplit=1)[0]
        out.insert(0, written(old, row[cell], following))
    out = _contracted(out, words[at], table)
    if not at or alone:
        return at, out
    # Before an indefinite article in the plural, all is another noun's: tous des erreurs.
    ways = {word for word in (words[at], out[0]) if word not in table.contractions}
    known = {cell for word in ways for cell in table.determiners.get(word, ("", ()))[1]}
    if before := _before(words[:at], known, table):
        at -= 1
        word = before[0][_cell(before[1], gender, number)]
        out = _contracted([written(words[at], word, out[0]), *out], words[at], table)
    return at, out


def _cell(cells: Set[int], gender: str, number: str) -> int:
    """Give which word of a row it is, from what is known, else from what it can be."""
    was_gender, was_number = CELLS[min(cells)]
    gender = gender if gender in ("m", "f") else was_gender
    return CELLS.index((gender, number or was_number))


def _contracted(words: list[str], old: str, table: Language) -> list[str]:
    for word, pair in table.contractions.items():
        if tuple(words[:2]) == pair and (word not in table.optional or old in table.contractions):
            return [word, *words[2:]]
    return words
