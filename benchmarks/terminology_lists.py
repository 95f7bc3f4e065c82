"""Terms of TICO-19 as constraints: cleaned, numbered, and with a gender where one can be had.

The lists (Facebook's, 306 rows, f_en-*.csv) have a source and a target in each row, no more. What
is done to them:

- Dropped: rows whose source is a verb, a clause or a phrase of adverbs (`LEFT_OUT`, by hand); a
  source of over 4 words or a target of over 6; a target with a bracket or an ellipsis that cannot
  be read as one wording. Of a source that is there twice, the first row stays.
- “an epidemic, una epidemia” loses both articles; “Bronquitis aguda” its capital, where the source
  has none.
- A plural row whose singular is there too (masks, mask) becomes the plural of that entry; any other
  plural row is a term that is always plural.
- Plurals of other nouns are made by rule (`plural`), as a person would write them into a glossary.
- The gender is that of the articles before the first word of the target, or its lemma, in the
  training text of ../shared/data: given where at least 3 stand there and 9 of 10 agree, or by its
  end (`SUFFIXES`), else empty. In the list without genders every gender is empty.
- A row with the same letters in both columns and a capital or a digit is kept as it is written.
"""

from __future__ import annotations

import csv
import lzma
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from engines_common import Missing
from terminology_measure import Wanted, lemma, lemmas, occurrences, says_any, words

from pipeline.model import Constraint

LISTS = {"es": "f_en-es_XX", "fr": "f_en-fr_XX", "pt": "f_en-pt_XX", "pt_BR": "f_en-pt_XX"}
TEXTS = {"es": "tm.en-es-419", "fr": "tm.en-fr", "pt": "tm.en-pt-BR", "pt_BR": "tm.en-pt-BR"}
"""TICO-19 has one Portuguese text, Brazilian, and one Portuguese list, European."""
TRAINING = {
    "es": ("en-es.tsv.xz", "es.txt.xz"),
    "fr": ("en-fr.tsv.xz",),
    "pt": ("pt.txt.xz", "en-pt.tsv.xz"),
}
LINES = 400_000
"""Of each training file, read for genders."""

LEFT_OUT = frozenset(
    (
        "alcohol-based; coughing; decontaminate; disease itself; flatten the infection curve; "
        "hospitalize; infect; protect myself; protect others; protect yourself; resurge; "
        "sickened; sneeze; sneezing; spread; supportive; touch; touching; virus itself; "
        "virus spreads; washing hands; washing ones hands; wash your hands; working from home"
    ).split("; ")
)
ADJECTIVES = frozenset(
    """asymptomatic contagious deadly detectable disposable immunocompromised infectious
    intrauterine precautionary respiratory symptomatic transmissible""".split()
)
MALE = {
    "es": "un el del al este ese los unos estos",
    "fr": "un le du au ce",
    "pt": "um do no ao este esse dos nos aos",
}
FEMALE = {
    "es": "una la esta esa las unas estas",
    "fr": "une la cette",
    "pt": "uma da na à esta essa das nas às",
}
SUFFIXES = {
    "es": ("ción", "sión", "dad", "tud", "itis"),
    "fr": ("tion", "sion", "té", "ite"),
    "pt": ("ção", "são", "dade", "ite"),
}
"""What nouns end in that are feminine."""
_ARTICLE = re.compile(
    r"(?:(?:an?|the|una?|une|uma?|el|la|le|os?|as?)\s+)(?=\w)|l['’]", re.IGNORECASE
)
_STOPS_PLURAL = frozenset(
    "de del du des da do das dos a à al au aux en em con com por para pour par que qui".split()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the list, cleaned."""

    source: str
    target: str
    plural: str = ""
    pos: str = "noun"
    gender: str = ""
    keep: bool = False
    always_plural: bool = False

    def forms(self, language: str) -> tuple[str, ...]:
        more = tuple(_inflected(self.target, language)) if self.pos == "adj" else ()
        return tuple(dict.fromkeys(filter(None, (self.target, self.plural, *more))))


@dataclass(frozen=True, slots=True)
class Item:
    """An occurrence of an entry in a sentence."""

    entry: Entry
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class Sentence:
    source: str
    reference: str
    items: tuple[Item, ...]

    def wanted(self, language: str) -> tuple[Wanted, ...]:
        """Return what must be said: each entry once, with the number of its occurrences."""
        times = Counter(item.entry for item in self.items)
        return tuple(
            Wanted(
                _forms(self, entry, language),
                n,
                entry.plural,
                entry.gender if entry.pos == "noun" else "",
            )
            for entry, n in times.items()
        )

    def entries(self) -> tuple[Entry, ...]:
        return tuple(dict.fromkeys(item.entry for item in self.items))


def _forms(sentence: Sentence, entry: Entry, language: str) -> tuple[str, ...]:
    if not entry.keep:
        return entry.forms(language)
    return tuple(dict.fromkeys(i.constraint.term for i in sentence.items if i.entry == entry))


# The list


def entries(data: Path, locale: str) -> tuple[list[Entry], Counter[str]]:
    """Return the cleaned list, without genders, and how many rows went which way."""
    path = data / "tico19" / "terminology" / f"{LISTS[locale]}.csv"
    if not path.is_file():
        raise Missing(f"{path} is missing; name the folder of the data with --data")
    told: Counter[str] = Counter()
    found: dict[str, Entry] = {}
    language = locale.partition("_")[0]
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            source, target = (row["sourceString"] or "").strip(), (row["targetString"] or "")
            if not source or not target.strip():
                continue
            told["rows"] += 1
            entry = _clean(source, target.strip(), language)
            if entry is None:
                told["left out"] += 1
            elif entry.source.casefold() in found:
                told["twice"] += 1
            else:
                found[entry.source.casefold()] = entry
    for folded, entry in list(found.items()):
        single = _singular(folded)
        if single in found and single != folded:
            found[single] = replace(found[single], plural=entry.target)
            del found[folded]
            told["plural of another"] += 1
        elif single != folded and not entry.keep:
            found[folded] = replace(entry, plural=entry.target, always_plural=True)
        elif entry.pos == "noun" and not entry.plural:
            found[folded] = replace(entry, plural=plural(entry.target, language))
    told["entries"] = len(found)
    return list(found.values()), told


def _clean(source: str, target: str, language: str) -> Entry | None:
    source = _ARTICLE.sub("", source, count=1) if source.startswith(("an ", "a ")) else source
    if source in LEFT_OUT or re.search(r"[()/;.]|…", target):
        return None
    capital = any(c.isupper() or c.isdigit() for c in source)
    if source.casefold() == target.casefold() and capital:
        return Entry(source, target, pos="abbr" if source.upper() == source else "name", keep=True)
    if match := _ARTICLE.match(target):
        target = target[match.end() :]
    if source[:1].islower() and target[1:2].islower():
        target = target[:1].lower() + target[1:]
    if len(source.split()) > 4 or len(target.split()) > 6:
        return None
    return Entry(source, target, pos="adj" if source in ADJECTIVES else "noun")


def _singular(source: str) -> str:
    alone = source.endswith(("ss", "us", "is")) or source in {"diabetes", "measles", "aids"}
    if alone or " of " in source or not source.endswith("s"):
        return source
    return source[:-1]


def plural(term: str, language: str) -> str:
    """Return the plural of a noun with its adjectives; rules, no exceptions but the common ones."""
    its = term.split()
    end = next((n for n, word in enumerate(its) if _stops(word)), len(its))
    return " ".join([*(_plural(word, language) for word in its[:end]), *its[end:]])


def _stops(word: str) -> bool:
    return word.lower() in _STOPS_PLURAL or re.match("[dl]['’]", word) is not None


def _plural(word: str, language: str) -> str:
    if word.isupper() or word[-1:].isdigit() or word.endswith(("s", "x")):
        return word
    if language == "fr":
        if word.endswith(("al", "eau", "eu")):
            return f"{word[:-2]}aux" if word.endswith("al") else f"{word}x"
        return word if word.endswith("z") else f"{word}s"
    if language == "es":
        for accented, plain in zip("áéíóú", "aeiou", strict=True):
            if word.endswith(f"{accented}n"):
                return f"{word[:-2]}{plain}nes"
        if word.endswith("z"):
            return f"{word[:-1]}ces"
        return f"{word}s" if word[-1] in "aeioué" else f"{word}es"
    if word.endswith("ão"):
        return f"{word[:-2]}ões"
    if word.endswith("m"):
        return f"{word[:-1]}ns"
    if word.endswith("el") and not word.endswith("vel"):
        return f"{word[:-2]}éis"
    if word.endswith(("al", "vel", "ol", "ul")):
        return f"{word[:-1]}is"
    return f"{word}es" if word[-1] in "rz" else f"{word}s"


def _inflected(adjective: str, language: str) -> Iterator[str]:
    if language == "fr":
        ends = {"eux": ("euse", "euses"), "el": ("elle", "els", "elles")}
        for end, others in ends.items():
            if adjective.endswith(end):
                yield from (adjective.removesuffix(end) + other for other in others)
        yield from (adjective + end for end in ("e", "s", "es"))
    elif adjective.endswith("o"):
        yield from (adjective[:-1] + end for end in ("a", "os", "as"))
    else:
        yield _plural(adjective, language)


def genders(data: Path, locale: str, wanted: Iterable[Entry]) -> dict[str, str]:
    """Return m or f by target, read off the articles before its first word in training text."""
    language = locale.partition("_")[0]
    nouns = {entry.target: words(entry.target)[0] for entry in wanted if entry.pos == "noun"}
    heads = {way for head in nouns.values() for way in (head, lemma(head, language))}
    articles = {
        article: gender
        for gender, table in (("m", MALE), ("f", FEMALE))
        for article in table[language].split()
    }
    pattern = re.compile(
        rf"\b({'|'.join(articles)})\s+({'|'.join(map(re.escape, sorted(heads)))})\b", re.IGNORECASE
    )
    seen: dict[str, Counter[str]] = {head: Counter() for head in heads}
    for name in TRAINING[language]:
        path = data / "training" / name
        if not path.is_file():
            raise Missing(f"{path} is missing; name the folder of the data with --data")
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, LINES):
                for article, head in pattern.findall(line.rpartition("\t")[2]):
                    seen[head.casefold()][articles[article.casefold()]] += 1
    found = {}
    for target, head in nouns.items():
        counts = seen[head] + (
            seen[lemma(head, language)] if lemma(head, language) != head else Counter()
        )
        gender, most = counts.most_common(1)[0] if counts else ("", 0)
        if most >= max(3, 0.9 * counts.total()):
            found[target] = gender
        elif lemma(head, language).endswith(SUFFIXES[language]):
            found[target] = "f"
    return found


# The sentences


def pairs(data: Path, locale: str) -> list[tuple[str, str]]:
    """Return the sentences of TICO-19, dev and test: 3,071, in the order of its file."""
    path = data / "tico19" / f"{TEXTS[locale]}.tsv.xz"
    if not path.is_file():
        raise Missing(f"{path} is missing; name the folder of the data with --data")
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        rows = [line.rstrip("\n").split("\t") for line in islice(lines, 1, None)]
    return [(source.strip(), target.strip()) for source, target in rows]


def proper(
    texts: Sequence[tuple[str, str]], known: Sequence[Entry], locale: str
) -> tuple[list[Sentence], Counter[str]]:
    """Return the sentences that have terms of the list which their references say, and only those.

    This is how WMT25 makes its proper mode: the dictionary is what the reference uses.
    """
    language = locale.partition("_")[0]
    told: Counter[str] = Counter()
    found = []
    items_of = matcher(known, language)
    for source, reference in texts:
        items = items_of(source)
        told["occurrences in the source"] += len(items)
        times = Counter(item.entry for item in items)
        whole = Sentence(source, reference, items)
        wanted = [Wanted(_forms(whole, entry, language), n) for entry, n in times.items()]
        counts = occurrences(reference, wanted, language).counts
        kept = {e for (e, n), said in zip(times.items(), counts, strict=True) if said >= n}
        if kept:
            found.append(Sentence(source, reference, tuple(i for i in items if i.entry in kept)))
    told["sentences"] = len(found)
    told["items"] = sum(len(sentence.entries()) for sentence in found)
    told["occurrences"] = sum(len(sentence.items) for sentence in found)
    return found, told


class _Matcher:
    """Finds whole words, in any number; the longest entry first, no overlap."""

    def __init__(self, known: Sequence[Entry], language: str) -> None:
        self._language = language
        self._known = {_key(entry.source): entry for entry in known}
        ways = sorted(self._known, key=len, reverse=True)
        ends = (rf"{re.escape(way)}(?:s|es)?" for way in ways)
        self._pattern = re.compile(
            rf"(?<![\w-])(?:{'|'.join(end.replace('y(?:s|es)?', '(?:y|ies)') for end in ends)})"
            r"(?![\w-])",
            re.IGNORECASE,
        )

    def items(self, source: str) -> tuple[Item, ...]:
        found = []
        for match in self._pattern.finditer(source):
            said = match[0].casefold()
            single = next(
                (
                    way
                    for way in (said, said[:-1], said[:-2], f"{said[:-3]}y")
                    if way in self._known
                ),
                None,
            )
            entry = self._known[single] if single else None
            if entry is None or (entry.pos == "abbr" and entry.source not in match[0]):
                continue
            term = entry.source if entry.pos == "abbr" else match[0]
            many = said != single or entry.always_plural
            found.append(
                Item(
                    entry,
                    Constraint(
                        match.start(),
                        match.end(),
                        term if entry.keep else entry.target,
                        plural=entry.plural,
                        number="" if entry.keep else "plural" if many else "singular",
                        gender=entry.gender,
                        pos=entry.pos,
                        forms=entry.forms(self._language)[1:] if entry.pos == "adj" else (),
                        keep=entry.keep,
                    ),
                )
            )
        return tuple(found)


def matcher(known: Sequence[Entry], language: str) -> Callable[[str], tuple[Item, ...]]:
    """Return what finds the occurrences of *known* in an English sentence."""
    return _Matcher(known, language).items


def _key(source: str) -> str:
    return source.casefold()


def swapped(
    sentences: Sequence[Sentence], drafts: Sequence[str], locale: str, seed: int
) -> list[Sentence]:
    """Give each entry the target of another, and forbid its own: only obedience can say that.

    The same entry gets the same target everywhere. Left out are names and adjectives; targets with
    a word of the reference; and what the reference, or the plain draft, says more often than the
    entry stands in the source, or beside the English word: there it is the translation of
    something else too.
    """
    language = locale.partition("_")[0]
    known = sorted(
        {e for one in sentences for e in one.entries() if e.pos == "noun" and not e.keep},
        key=lambda entry: entry.source,
    )
    chance = random.Random(seed)
    other: dict[Entry, Entry] = {}
    for entry in known:
        own = _content(entry.target, language)
        ways = [e for e in known if not own & _content(e.target, language)]
        other[entry] = replace(chance.choice(ways), source=entry.source, always_plural=False)
    found = []
    for one, draft in zip(sentences, drafts, strict=True):
        items = []
        times = Counter(item.entry for item in one.items)
        for item in one.items:
            if item.entry in other:
                own_ways = item.entry.forms(language)
                said = [says_any(t, own_ways, language) for t in (one.reference, draft)]
                english = item.entry.source not in own_ways and item.entry.source in draft
                if max(said) > times[item.entry] or (said[1] and english):
                    continue
                new = other[item.entry]
                if _content(one.reference, language) & _content(new.target, language):
                    continue
                items.append(Item(new, _instead(item, new)))
        if items:
            found.append(replace(one, items=tuple(items)))
    return found


def _content(text: str, language: str) -> set[str]:
    """Return the lemmas of the words that are longer than an article or a preposition."""
    return {its for its in lemmas(text, language) if len(its) > 3}


def _instead(item: Item, new: Entry) -> Constraint:
    return replace(
        item.constraint,
        term=new.target,
        plural=new.plural,
        gender=new.gender,
        forms=(),
        forbid=tuple(dict.fromkeys(filter(None, (item.entry.target, item.entry.plural)))),
    )


def without_genders(sentences: Sequence[Sentence]) -> list[Sentence]:
    return [
        replace(
            one,
            items=tuple(replace(i, constraint=replace(i.constraint, gender="")) for i in one.items),
        )
        for one in sentences
    ]


def with_genders(known: Sequence[Entry], found: Mapping[str, str]) -> list[Entry]:
    return [replace(entry, gender=found.get(entry.target, "")) for entry in known]
