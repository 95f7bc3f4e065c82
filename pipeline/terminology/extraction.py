"""Term extraction: recurring terms of the sources, and recurring corrections of drafts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Opcodes
from rapidfuzz.distance.Levenshtein import opcodes

from pipeline.text.words import HYPHENATED

LEAST = 3
"""Occurrences of a term or correction, at least."""
LONGEST = 4
"""Words of a term; of 1,100 terms of TICO-19's lists 97 % have no more."""
COMMON = 0.05
"""A word in a larger share of all sentences, of `MANY` at least, is at no edge of a term."""
MANY = 200

_FUNCTION = frozenset(
    "a about after all also an and any are as at be been before being between both but by can "
    "could did do does each every for from had has have he her here him his how i if in into is "
    "it its many may more most must my no nor not of off on one only or other our out over own "
    "same she should so some such than that the their them then there these they this those "
    "through to too under until up very was we were what when where which while who whom whose "
    "why will with within without would you your al ante con como cual cuando de del desde "
    "donde el ella ellos en entre era es esa ese esta este fue ha han hasta la las le les lo "
    "los más mi muy ni nos o para pero por que se ser si sin sobre son su sus también un una "
    "uno y ya au aux avec ce ces cet cette chez dans des du elle elles est et eux il ils je "
    "leur leurs lui ma mais me mes moi ne nous ont ou où par pas plus pour qu qui quoi sa sans "
    "ses sont sous sur ta te tes toi tu une vos votre vous ao aos às com da das dos e ela ele "
    "eles em essa esse está eu foi já mas na não nas nós os pela pelo são sem seu seus só "
    "também tem um uma agli ai alla alle anche che chi ci col come cui dagli dai dal dalla "
    "degli dei della delle di fra gli hanno ho nel nella nelle non per più quello questa questo "
    "sono sua sul sulla tra aber als am auch auf aus bei bis dem den der die durch ein eine "
    "einem einen einer für hat hatte ich ihr im ist mit nach nicht noch nur oder sich sie sind "
    "und uns unter vom von vor war wenn wer wie wir wird zu zum zur".split()
)
"""Function words, at no edge of a term: English, Spanish, French, Portuguese, Italian, German."""
_JOINS = frozenset("and or who that which y o que et ou qui e che und oder".split())
"""Words between two terms, not within one."""

_BREAK = re.compile(r"[^\w\s'’-]|\d")
_START = re.compile(r"(?:^|[.!?:…]['\"”’»)]*\s+|[“‘«\"(])$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wording of the source that recurs and that the glossary does not know."""

    term: str
    count: int
    name: bool
    """Whether it is written with capitals inside sentences."""
    sentence: str
    """One in which it stands."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A recurring correction of the same words of drafts by translators."""

    before: str
    after: str
    count: int
    term: str
    """Words of the source in all of these sentences, and seldom elsewhere; "" for none."""
    sentence: str


def recurring(sentences: Sequence[str], known: Callable[[str], bool]) -> list[Candidate]:
    """Return names and terms of several words in *sentences*, which are without markup.

    Ranked by C-value (Frantzi, Ananiadou & Mima, 2000): frequency times length, less the
    occurrences within longer terms. Terms that are *known* are left out.
    """
    words = [[w.lower() for w in HYPHENATED.findall(text)] for text in sentences]
    seen = Counter(word for line in words for word in set(line))
    most = COMMON * len(sentences) if len(sentences) >= MANY else len(sentences)
    common = _FUNCTION | {word for word, n in seen.items() if n > most}
    counts: Counter[str] = Counter()
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    where: dict[str, str] = {}
    for text in sentences:
        for gram, initial in _grams(text):
            ends = {gram[0].lower(), gram[-1].lower()}
            if len(gram) == 1 and (initial or not gram[0][0].isupper()):
                continue
            if ends & _FUNCTION or (ends & common and not _large(gram)):
                continue
            if len(gram[0]) == 1 or _JOINS & set(gram):
                continue
            key = " ".join(gram).lower()
            counts[key] += 1
            spelt[key][" ".join(gram)] += not initial
            where.setdefault(key, text)
    frequent = {key: n for key, n in counts.items() if n >= LEAST and not known(key)}
    longer: dict[str, list[int]] = defaultdict(list)
    for key, n in frequent.items():
        parts = key.split()
        for size in range(1, len(parts)):
            for at in range(len(parts) - size + 1):
                longer[" ".join(parts[at : at + size])].append(n)
    ranked = []
    for key, n in frequent.items():
        nested = longer.get(key, [])
        value = (len(key.split()) ** 0.5) * (n - (sum(nested) / len(nested) if nested else 0))
        said = spelt[key].most_common(1)[0][0]
        name = all(word[0].isupper() for word in said.split())
        if value > 0 and (name or len(key.split()) > 1):
            ranked.append((-value, Candidate(said, n, name, where[key])))
    return [candidate for _, candidate in sorted(ranked, key=lambda r: (r[0], r[1].term))]


def _large(gram: Sequence[str]) -> bool:
    return all(word[0].isupper() for word in gram)


def _grams(text: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Give sequences of up to `LONGEST` words, one space between, and whether each is initial."""
    found = list(HYPHENATED.finditer(text))
    for first, match in enumerate(found):
        initial = bool(_START.search(text[: match.start()]))
        for last in range(first, min(first + LONGEST, len(found))):
            if last > first and text[found[last - 1].end() : found[last].start()] != " ":
                break
            yield tuple(m[0] for m in found[first : last + 1]), initial


def corrected(triples: Iterable[tuple[str, str, str]]) -> list[Correction]:
    """Return corrections that were made at least `LEAST` times, the most frequent first.

    *triples* are a source sentence, the draft that was offered, and the approved translation.
    """
    changes: dict[tuple[str, str], list[str]] = defaultdict(list)
    everything = []
    for source, offered, approved in triples:
        everything.append(source)
        one, two = offered.split(), approved.split()
        for before, after in set(_replaced(one, two, opcodes(one, two))):
            changes[before, after].append(source)
    found = [
        Correction(before, after, len(sources), _shared(sources, everything), sources[0])
        for (before, after), sources in changes.items()
        if len(sources) >= LEAST
    ]
    return sorted(found, key=lambda c: (-c.count, c.before, c.after))


def _replaced(one: list[str], two: list[str], codes: Opcodes) -> Iterator[tuple[str, str]]:
    for code in codes:
        if code.tag == "replace":
            before = " ".join(one[code.src_start : code.src_end]).strip(".,;:!?")
            after = " ".join(two[code.dest_start : code.dest_end]).strip(".,;:!?")
            if before and after and max(len(before.split()), len(after.split())) <= LONGEST:
                yield before, after


def _shared(sources: Sequence[str], everything: Sequence[str]) -> str:
    """Return the sequence of words that all of *sources* share, and the fewest other sentences."""

    def grams(text: str) -> set[str]:
        return {" ".join(gram).lower() for gram, _ in _grams(text)}

    common = set.intersection(*map(grams, sources))
    if not common:
        return ""
    elsewhere = Counter(gram for text in everything for gram in grams(text) & common)
    best = min(common, key=lambda gram: (elsewhere[gram], -len(gram), gram))
    return best if elsewhere[best] <= 2 * len(sources) else ""
