"""What sentences alone do not teach: capitals, headings, slogans, lists, long ones, copying."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase

from tools.train.languages import ENGLISH, slogan
from tools.train.terms import Row

PLACEHOLDERS = "".join(map(chr, range(0xE000, 0xE00C)))
"""The pipeline's placeholders of protected pieces (pipeline.drafting.protect.FIRST)."""
CONSONANTS = [*"bcdfghjklmnprstvwxyz", "br", "ch", "qu", "st", "th"]
VOWELS = [*"aeiou", "ai", "ou"]
SMALL = frozenset(
    "a an the and but or nor for of on in to by at as from with is are it its not".split()
)
_SHARED = re.compile(r"\b(?:[A-Z][a-z]{2,}|\d{2,}(?:[.,]\d+)*)\b")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

KEPT_TERMS = 0.5
"""Share of what is to be copied that is given as a term too: “do not translate” says so."""

Shares = Mapping[str, float]
SHARES: Shares = {
    "capitals": 0.02,
    "heading": 0.03,
    "slogan": 0.01,
    "long": 0.03,
    "list": 0.01,
    "copy": 0.05,
    "kept": 0.02,
}
"""Of the number of sentences."""


def capitals(row: Row, rng: random.Random, codes: tuple[str, str]) -> Row | None:
    upper = row.source.upper(), row.target.upper()
    if len(row.source.split()) > 14 or len(upper[0]) != len(row.source):  # ß
        return None
    return row._replace(source=upper[0], target=upper[1])


def heading(row: Row, rng: random.Random, codes: tuple[str, str]) -> Row | None:
    """No full stop; in English Each Word With a Capital, in the others not."""
    if not 2 <= len(row.source.split()) <= 12 or not (row.source[-1] == row.target[-1] == "."):
        return None
    source, target = row.source[:-1], row.target[:-1]
    if "." in source or any(end == len(row.source) for _, end, _ in row.terms):
        return None
    if codes[0] == ENGLISH and rng.random() < 0.75:

        def title(found: re.Match[str]) -> str:
            word = found[0]
            small = word.lower() in SMALL and found.start() > 0
            return word if small else word[0].upper() + word[1:]

        source = _WORD.sub(title, source)
    return row._replace(source=source, target=target)


def as_slogan(row: Row, rng: random.Random, codes: tuple[str, str]) -> Row | None:
    if len(row.source.split()) > 8 or not (row.source[-1] == row.target[-1] == "."):
        return None
    if codes[0] == "es" or row.terms:
        return None  # the mark before would move the terms
    return row._replace(source=row.source[:-1] + "!", target=slogan(row.target[:-1], codes[1]))


def listed(row: Row, rng: random.Random, codes: tuple[str, str]) -> Row | None:
    if row.terms or len(row.source.split()) > 15:
        return None
    mark = rng.choice(
        ["- ", "• ", "* ", "– ", f"{rng.randint(1, 20)}. ", f"{rng.choice('abcdef')}) "]
    )
    return row._replace(source=mark + row.source, target=mark + row.target)


def joined(rows: Sequence[Row]) -> Row:
    """Return sentences one behind the other."""
    source = target = ""
    terms: list[tuple[int, int, str]] = []
    for row in rows:
        source += " " if source else ""
        terms += [(a + len(source), b + len(source), words) for a, b, words in row.terms]
        source += row.source
        target += " " * bool(target) + row.target
    return Row(source, target, tuple(terms), any(row.back for row in rows))


def rare(rng: random.Random) -> str:
    """Invent something that a translation has to copy: a name, a number, an address, a sign."""

    def word() -> str:
        made = (rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.randint(2, 4)))
        return "".join(made) + rng.choice(["", "n", "r", "s", "ck", "l"])

    kind = rng.random()
    if kind < 0.25:
        return word().capitalize()
    if kind < 0.35:  # NATO, COVID-19
        letters = "".join(rng.choices(ascii_uppercase, k=rng.randint(2, 5)))
        return letters + rng.choice(["", "", f"-{rng.randint(1, 99)}"])
    if kind < 0.70:
        number = str(rng.randint(1, 10 ** rng.randint(1, 6)))
        return number + rng.choice(["", "", "", "%", f".{rng.randint(0, 99)}"])
    if kind < 0.78:
        return str(rng.randint(1700, 2100))
    if kind < 0.92:
        address = f"{word()}.{rng.choice(['org', 'net', 'com', 'info'])}"
        address = rng.choice(["", "https://", "https://www."]) + address
        return address + rng.choice(["", f"/{word()}", f"/{word()}/{rng.randint(1, 99)}"])
    return chr(rng.choice([rng.randint(0x4E00, 0x9FA0), rng.randint(0x2600, 0x26FF)]))


def _replaced(row: Row, new: dict[str, str]) -> Row:
    old = re.compile(r"\b(?:" + "|".join(map(re.escape, new)) + r")\b")
    source, target = (old.sub(lambda m: new[m[0]], side) for side in (row.source, row.target))
    return row._replace(source=source, target=target)


def _shared(row: Row) -> list[str]:
    if row.terms:
        return []
    there = set(_SHARED.findall(row.target))
    return [word for word in dict.fromkeys(_SHARED.findall(row.source)) if word in there]


def copied(row: Row, rng: random.Random, codes: tuple[str, str]) -> Row | None:
    """Put something invented for a name or number that both sides have; some as a term."""
    shared = _shared(row)
    if not shared:
        return None
    new = rare(rng)
    row = _replaced(row, {rng.choice(shared): new})
    if rng.random() < KEPT_TERMS:
        start = row.source.index(new)
        row = row._replace(terms=((start, start + len(new), new),))
    return row


def kept(row: Row, rng: random.Random, codes: tuple[str, str]) -> Row | None:
    """Put placeholders, as the pipeline numbers them, for names and numbers of both sides."""
    shared = _shared(row)[: rng.randint(1, 3)]
    return _replaced(row, dict(zip(shared, PLACEHOLDERS, strict=False))) if shared else None


def typographic(row: Row, rng: random.Random) -> Row:
    """Give some the quotation marks of printed text."""
    if '"' not in row.source or row.terms or rng.random() > 0.4:
        return row
    source, target = (re.sub(r'"([^"]+)"', r"“\1”", side) for side in (row.source, row.target))
    return row._replace(source=source, target=target)


Change = Callable[[Row, random.Random, tuple[str, str]], Row | None]
CHANGES: dict[str, Change] = {
    "capitals": capitals,
    "heading": heading,
    "slogan": as_slogan,
    "list": listed,
    "copy": copied,
    "kept": kept,
}


def varied(
    rows: Sequence[Row], codes: tuple[str, str], rng: random.Random, shares: Shares = SHARES
) -> tuple[list[Row], dict[str, int]]:
    """Return further rows made of these, and how many of each kind."""
    made: list[Row] = []
    told: dict[str, int] = {}
    for name, change in CHANGES.items():
        wanted = round(shares.get(name, 0.0) * len(rows))
        before = len(made)
        for row in rng.sample(rows, len(rows)) if wanted else ():
            new = change(row, rng, codes)
            if new:
                made.append(new)
            if len(made) - before == wanted:
                break
        told[name] = len(made) - before
    short = [row for row in rows if len(row.source) < 160 and row.source[-1] in ".!?"]
    wanted = min(round(shares.get("long", 0.0) * len(rows)), len(short) // 3)
    for _ in range(wanted):
        made.append(joined(rng.sample(short, rng.choice((2, 2, 3)))))
    told["long"] = wanted
    return made, told
