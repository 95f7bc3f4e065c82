"""Carriers: everyday words that travel through a rule-based engine in place of a glossary's.

A noun that the engine's dictionaries have, of the gender and number that the glossary's word has
in the target language, makes the engine itself agree articles, adjectives and participles with it.
In the draft the carrier is then replaced, and the word before it is mended where the new word
begins with another sound. An adjective's carrier tells by its form which form is asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from itertools import takewhile

from pipeline.engines import PROTECTED, Constraint, agreement
from pipeline.engines.stream import CLOSE, MARK, number, opening
from pipeline.lemmas import lemma
from pipeline.terms import Matcher, Rule, Wording, cut, occurrences

Cell = tuple[str, str]
"""Gender and number: ``("f", "plural")``."""
_NUMBERS = ("singular", "plural")
_CELLS: tuple[Cell, ...] = tuple((g, n) for g in ("m", "f") for n in _NUMBERS)

Forms = Mapping[str, tuple[str, ...]]
"""By language: of a noun singular and plural; of an adjective one form for each of `_CELLS`."""


def _forms(text: str) -> Forms:
    lines = (line.split() for line in text.strip().splitlines())
    return {language: tuple(forms) for language, *forms in lines}


NOUNS: Mapping[str, tuple[Forms, ...]] = {
    "m": (
        _forms(
            """
            en museum museums
            es museo museos
            fr musée musées
            it museo musei
            pt museu museus
            ca museu museus
            """
        ),
        _forms(
            """
            en castle castles
            es castillo castillos
            fr château châteaux
            it castello castelli
            pt castelo castelos
            ca castell castells
            """
        ),
    ),
    "f": (
        _forms(
            """
            en library libraries
            es biblioteca bibliotecas
            fr bibliothèque bibliothèques
            it biblioteca biblioteche
            pt biblioteca bibliotecas
            ca biblioteca biblioteques
            """
        ),
        _forms(
            """
            en kitchen kitchens
            es cocina cocinas
            fr cuisine cuisines
            it cucina cucine
            pt cozinha cozinhas
            ca cuina cuines
            """
        ),
    ),
}
"""By gender, which is the same in all these languages but English. They are things, as most terms
are; no dictionary has them as another part of speech; and before none of them an article changes
its form. Tried with each number on eng-spa, eng-cat, es-fr, es-pt, es-pt_BR and spa-ita."""

ADJECTIVE: Forms = _forms(
    """
    en expensive expensive expensive expensive
    es caro caros cara caras
    fr cher chers chère chères
    it caro cari cara care
    pt caro caros cara caras
    ca car cars cara cares
    """
)


class Way(Enum):
    """How a term gets into a draft."""

    NOUN = auto()
    ADJECTIVE = auto()
    TOKEN = auto()
    """A word that no dictionary has stands for it: a name, or what nothing is known of."""
    CHECK = auto()
    """Not at all: a verb, whose form nobody can know."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to stand in a draft for a constraint."""

    constraint: Constraint
    place: int
    """Which of the constraints of its segment it is."""
    way: Way
    forms: Mapping[Cell, str]
    """For a noun those of its gender; for an adjective of every gender."""
    gender: str = ""
    number: str = "singular"
    sure: bool = False
    """Whether the gender is more than a guess."""

    @property
    def form(self) -> str:
        return self.forms.get((self.gender, self.number), self.constraint.term)


Reading = tuple[str, tuple[str, ...]]
"""A lemma and its tags as Apertium has them: ``("vacuna", ("n", "f", "sg"))``."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What is known of the words of the target language, if anything."""

    read: Callable[[str], Sequence[Reading]] = field(default=lambda word: ())
    """Gives the readings of a word; none where it is unknown."""
    write: Callable[[Reading], str] = field(default=lambda reading: "")
    """Gives the word for a reading; "" where there is none."""


# What is wanted

_TAGS = {"singular": "sg", "plural": "pl"}
_SMALL = frozenset("pr det cnjcoo cnjsub cm".split())
_VERBS = frozenset("vblex vbmod vbser vbhaver".split())


def wanted(
    constraint: Constraint, place: int, text: str, source: str, target: str, its: Dictionary
) -> Wanted:
    """Decide how `constraint` of the segment `text` is met, and in which form.

    What the glossary does not say is looked up in `its`, then guessed by endings; a noun nothing
    is known of counts as masculine.
    """
    if constraint.keep:
        return Wanted(constraint, place, Way.TOKEN, {})
    if constraint.pos == "verb":
        return Wanted(constraint, place, Way.CHECK, {})
    words = [
        (m[0], its.read(m[0])) for m in re.finditer(r"[^\W\d_](?:\w|-(?=\w))*", constraint.term)
    ]
    content = [(w, readings) for w, readings in words if not _is(readings, *_SMALL, only=True)]
    head, readings = content[0] if content else (constraint.term, ())
    kinds = {reading[1][0] for reading in readings if reading[1]}
    if constraint.pos == "adj":
        return _adjective(constraint, place, target, its)
    if words and not content:
        return Wanted(constraint, place, Way.TOKEN, {})
    if not constraint.pos and not constraint.gender and kinds and "n" not in kinds:
        if "adj" in kinds and len(content) == 1:
            return _adjective(constraint, place, target, its)
        if kinds <= _VERBS:
            return Wanted(constraint, place, Way.CHECK, {})
        if "adj" not in kinds:
            return Wanted(constraint, place, Way.TOKEN, {})
    if constraint.pos == "name" and not constraint.gender and "n" not in kinds:
        return Wanted(constraint, place, Way.TOKEN, {})
    return _noun(constraint, place, text, head, readings, source, target, its)


def _is(readings: Iterable[Reading], *kinds: str, only: bool = False) -> bool:
    found = [bool(tags) and tags[0] in kinds for _, tags in readings]
    return bool(found) and (all(found) if only else any(found))


def _noun(
    constraint: Constraint,
    place: int,
    text: str,
    head: str,
    readings: Sequence[Reading],
    source: str,
    target: str,
    its: Dictionary,
) -> Wanted:
    nouns = [tags for _, tags in readings if tags[:1] == ("n",)]
    gender = constraint.gender if constraint.gender in {"m", "f"} else ""
    if not gender:
        known = {g for tags in nouns for g in ("m", "f") if g in tags}
        gender = known.pop() if len(known) == 1 else ""
    sure = gender != ""
    gender = gender or agreement.guess_gender(head, target) or "m"
    if nouns and all("pl" in tags for tags in nouns):  # it is always used in the plural
        forms = {(gender, "plural"): constraint.term}
        return Wanted(constraint, place, Way.NOUN, forms, gender, "plural", sure)
    plural = constraint.plural or _pluralised(constraint.term, gender, target, its)
    forms = {(gender, "singular"): constraint.term, (gender, "plural"): plural or constraint.term}
    asked = constraint.number or _number(text[constraint.start : constraint.end], source)
    # A singular where a plural was asked for is better than one that nothing agrees with.
    asked = asked if plural else "singular"
    return Wanted(constraint, place, Way.NOUN, forms, gender, asked, sure)


def _number(words: str, source: str) -> str:
    """Guess the number of a term that the glossary does not know the number of."""
    plural = source == "en" and re.search(r"[^\Wsui]s\Z", words) and not words.isupper()
    return "plural" if plural else "singular"


def _pluralised(term: str, gender: str, target: str, its: Dictionary) -> str:
    """Give the plural of a noun and of the adjectives right after it; "" where it is not known."""
    if term.isupper():
        return term
    first, *rest = term.split()
    out = [_of_kind(first, "n", gender, its)]
    for n, word in enumerate(rest):
        if _is(its.read(word), *_SMALL):
            out += rest[n:]
            break
        readings = its.read(word)
        out.append(
            _of_kind(word, "adj", gender, its) if _is(readings, "adj") else word * bool(readings)
        )
    return " ".join(out) if all(out) else agreement.plural(term, target)


def _of_kind(word: str, kind: str, gender: str, its: Dictionary) -> str:
    found = next((r for r in its.read(word) if r[1][:1] == (kind,)), None)
    return _inflected(found, (gender, "plural"), its) if found else ""


def _adjective(constraint: Constraint, place: int, target: str, its: Dictionary) -> Wanted:
    forms: dict[Cell, str] = {}
    term = constraint.term
    given = {f.casefold() for f in (term, constraint.plural, *constraint.forms) if f}
    found = next((r for r in its.read(term) if r[1][:1] == ("adj",)), None)
    for cell in _CELLS:
        form = (_inflected(found, cell, its) if found else "") or _regular(term, cell, target)
        # What the glossary has counts for more than what is right by rule.
        forms[cell] = form if len(given) == 1 or form.casefold() in given else term
    return Wanted(constraint, place, Way.ADJECTIVE, forms, "m", "singular")


def _inflected(reading: Reading, cell: Cell, its: Dictionary) -> str:
    base, tags = reading
    gender, asked = cell
    kept = tuple(t for t in tags if t not in {"m", "f", "mf", "sg", "pl", "sp"})
    genders = (
        (gender, "mf") if tags[0] == "adj" else tuple(t for t in tags if t in {"m", "f", "mf"})
    )
    for one in genders:
        for its_number in (_TAGS[asked], "sp"):
            if form := its.write((base, (*kept, one, its_number))):
                return form
    return ""


def _regular(term: str, cell: Cell, target: str) -> str:
    """Inflect an adjective that no dictionary has by the rule of its language."""
    gender, asked = cell
    if gender == "f" and target in {"es", "it", "pt"} and term.endswith("o"):
        term = term[:-1] + "a"
    elif gender == "f" and target == "fr" and not term.endswith("e"):
        term += "e"
    return (agreement.plural(term, target) or term) if asked == "plural" else term


# Whether it is there


@dataclass(frozen=True, slots=True)
class Tally:
    """What of its constraints a draft says."""

    met: tuple[bool, ...]
    """Of each whether its term is there, a place counted once."""
    stale: frozenset[int]
    """Those of which there is also what the engine says of itself instead."""
    forbidden: int
    """How often something is said that must not be."""


def tally(
    draft: str,
    constraints: Sequence[Constraint],
    target: str,
    instead: Sequence[str] = (),
    put: frozenset[int] = frozenset(),
) -> Tally:
    """Look for terms in a draft, by lemma or in a declared form.

    `instead` has what the engine says for each by itself, "" if nothing is known; `put` are the
    places of those that are known to be there.
    """
    found = _matcher(tuple(constraints), tuple(instead), target).find(draft)
    count = Counter(one.wording.payload for one in found)
    met = [n in put for n in range(len(constraints))]
    for n in sorted(range(len(constraints)), key=lambda n: n not in put):
        if constraints[n].keep and not cut(constraints[n].term):
            met[n] = met[n] or constraints[n].term in draft
        key = _key(constraints[n])
        met[n] = met[n] or count[key] > 0
        count[key] -= 1
    stale = {n for n, one in enumerate(instead) if count[one] > 0}
    return Tally(tuple(met), frozenset(stale), count[None])


_Payload = tuple[str, str] | str | None
"""A term; what is said instead of one; or None where it is forbidden."""


def _key(constraint: Constraint) -> tuple[str, str]:
    return constraint.term, constraint.plural


def _rule(constraint: Constraint, language: str) -> Rule:
    if constraint.keep:
        return Rule.EXACT
    # Of a noun with two forms no third one is right: docteur is a lemma of doctoresse.
    whole = constraint.pos == "noun" and constraint.plural and language in agreement.LANGUAGES
    return Rule.FOLDED if whole or constraint.pos in {"name", "abbr"} else Rule.LEMMA


@lru_cache(maxsize=1024)
def _matcher(
    constraints: tuple[Constraint, ...], instead: tuple[str, ...], language: str
) -> Matcher[_Payload]:
    wordings: dict[tuple[str, str], Wording[_Payload]] = {}
    for one in constraints:
        forms = tuple(dict.fromkeys(filter(None, (one.term, one.plural, *one.forms))))
        for form in forms:
            wording: Wording[_Payload] = Wording(
                form, _key(one), _rule(one, language), one.pos, forms
            )
            wordings.setdefault((form, "wanted"), wording)
    for one in constraints:
        for form in one.forbid:
            wordings.setdefault((form, "forbidden"), Wording(form, None))
    for form in filter(None, instead):
        wordings.setdefault((form, "instead"), Wording(form, form))
    return Matcher(language, wordings.values())


def akin(one: str, other: str, language: str) -> bool:
    """Whether two texts have the same words, if in other forms."""
    first, second = cut(one), cut(other)
    return len(first) == len(second) and all(
        _akin(a[2], b[2], language) for a, b in zip(first, second, strict=True)
    )


def _akin(one: str, other: str, language: str) -> bool:
    small = [agreement.is_function_word(word, language) for word in (one, other)]
    return (
        one == other
        or all(small)
        or (not any(small) and one[:3].casefold() == other[:3].casefold())
        or lemma(one, language) == lemma(other, language)
    )


# Into the source and out of the draft


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source text with carriers and tokens in it."""

    text: str
    carried: Mapping[int, Wanted]
    """By place, which is the number of the mark around the carrier."""
    tokens: Mapping[str, Wanted]
    """By the private-use character that stands for it."""
    turn: int = 0
    """Which of the carriers of a gender was taken."""


def serves(source: str, target: str) -> bool:
    """Whether there are carriers from the one language to the other."""
    return source in ADJECTIVE and target in ADJECTIVE


def load(text: str, wants: Sequence[Wanted], source: str, *, turn: int = 0) -> Loaded | None:
    """Put a carrier or a token where each of `wants` is; None where they do not fit in."""
    if MARK.search(text):
        return None
    free = iter(sorted({chr(n) for n in range(0xF8FF, 0xF600, -1)} - set(text), reverse=True))
    carried: dict[int, Wanted] = {}
    tokens: dict[str, Wanted] = {}
    out: list[str] = []
    at = 0
    for one in wants:
        start, end = one.constraint.start, one.constraint.end
        if not at <= start < end <= len(text) or PROTECTED.search(text, start, end):
            continue
        if text[end - 1] == "." and not re.search(rf"\w|{PROTECTED.pattern}", text[end:]):
            end -= 1  # it ends the sentence too
        out.append(text[at:start])
        at = end
        if one.way is Way.TOKEN:
            token = next(free, "")
            if not token:
                return None
            tokens[token] = one
            out.append(token)
        elif one.way is not Way.CHECK:
            carrier = _carrier(one, source, turn)
            if text.isupper():
                carrier = carrier.upper()
            elif not any(map(str.isalnum, text[:start])) and text[start].isupper():
                carrier = carrier.capitalize()
            carried[one.place] = one
            out.append(opening(one.place) + carrier + CLOSE)
        else:
            at = start
    return Loaded("".join((*out, text[at:])), carried, tokens, turn)


def _carrier(one: Wanted, language: str, turn: int) -> str:
    if one.way is Way.ADJECTIVE:
        return ADJECTIVE[language][0]
    return NOUNS[one.gender][turn][language][_NUMBERS.index(one.number)]


def _expected(one: Wanted, language: str, turn: int) -> Mapping[str, Cell]:
    """Map the forms in which a carrier may come back to what they say of the word they carry."""
    if one.way is Way.ADJECTIVE:
        return dict(zip(reversed(ADJECTIVE[language]), reversed(_CELLS), strict=True))
    forms = NOUNS[one.gender][turn][language]
    return {form: (one.gender, n) for form, n in zip(forms, _NUMBERS, strict=True)}


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A draft with the glossary's words in it."""

    text: str
    put: frozenset[int]
    """Places of the constraints whose carrier or token came back exactly once."""


_Place = tuple[int, int, Wanted, Cell | None]


def unload(loaded: Loaded, draft: str, target: str) -> Unloaded:
    """Replace the carriers and tokens in a draft by what they stand for."""
    text, groups = _unmarked(draft)
    places: list[_Place] = []
    for n, one in loaded.carried.items():
        forms = _expected(one, target, loaded.turn)
        found = _whole(text, forms, groups.get(n, ()))
        if len(found) != 1:
            taken = [span for m, spans in groups.items() if m != n for span in spans]
            found = [
                spot for spot in _whole(text, forms, [(0, len(text))])
                if not any(start < spot[1] and spot[0] < end for start, end in taken)
            ] if not found else []  # fmt: skip
        if len(found) == 1:
            start, end, form = found[0]
            places.append((start, end, one, forms[form]))
    for token, one in loaded.tokens.items():
        spots = [m.span() for m in re.finditer(token, text)]
        if len(spots) == 1:
            places.append((*spots[0], one, None))
    put = frozenset(one.place for _, _, one, _ in places)
    return Unloaded(_filled(text, places, target), put)


def _unmarked(draft: str) -> tuple[str, dict[int, list[tuple[int, int]]]]:
    """Take the marks out of a draft and say what they were around."""
    out: list[str] = []
    groups: dict[int, list[tuple[int, int]]] = {}
    opened: list[tuple[int, int]] = []
    length = at = 0
    for match in MARK.finditer(draft):
        out.append(draft[at : match.start()])
        length += match.start() - at
        at = match.end()
        if match[0] == CLOSE:
            for n, start in opened:
                groups.setdefault(n, []).append((start, length))
            opened = []
        else:
            opened.append((number(match[0]), length))
    return "".join((*out, draft[at:])), groups


def _whole(
    text: str, forms: Iterable[str], spans: Iterable[tuple[int, int]]
) -> list[tuple[int, int, str]]:
    known = {form.casefold(): form for form in forms}
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)", re.IGNORECASE)
    found = {m.span(): m[0] for start, end in spans for m in pattern.finditer(text, start, end)}
    return [(*span, known[word.casefold()]) for span, word in found.items()]


def _filled(text: str, places: Iterable[_Place], target: str) -> str:
    out = ""
    at = 0
    for start, end, one, cell in sorted(places, key=lambda place: place[:2]):
        gap, was = text[at:start], text[start:end]
        form = one.forms.get(cell, one.form) if cell else one.form
        if was.isupper() and sum(map(str.isalpha, was)) > 1:
            form = form.upper()
        elif cell and was[:1].isupper() and not any(map(str.isalnum, out + gap)):
            form = form[:1].upper() + form[1:]
        if one.way is not Way.ADJECTIVE:
            gap = _led(gap, was if cell else "", form, cell, target)
        if cell and gap[-1:].isalnum():  # some modes glue what a hyphen joined
            gap += " "
        out += gap + form
        at = end
        if cell and text[at : at + 1].isalnum():
            out += " "
        if form.endswith(".") and text[at : at + 1] == ".":
            at += 1
    return out + text[at:]


def _led(left: str, carrier: str, form: str, cell: Cell | None, target: str) -> str:
    """Mend the end of `left` where `form` begins with another sound than its carrier."""
    first = form.split()[0].casefold() if " " in form else ""
    if (
        first
        and left.casefold().endswith(f"{first} ")
        and agreement.is_function_word(first, target)
    ):
        return left[: -len(first) - 1]  # the glossary's wording has the article
    if target == "en":
        return re.sub(r"\b([Aa])n? \Z", r"\1n " if form[:1] in "aeiouAEIOU" else r"\1 ", left)
    # Where the tables see another gender than the engine wrote, the article is not the noun's.
    gender = cell[0] if cell and agreement.agrees(left, carrier, *cell, target) else ""
    return _mended(left, form, gender, "", target)


def _mended(left: str, form: str, gender: str, asked: str, target: str) -> str:
    """Do what `agreement.leads` does, but to capitals before what it changes."""
    new = agreement.leads(left, form, gender, asked, target)[0]
    same = sum(
        1
        for _ in takewhile(
            lambda two: two[0].lower() == two[1].lower(), zip(left, new, strict=False)
        )
    )
    return left[:same] + new[same:]


def splice(draft: str, one: Wanted, renderings: Iterable[str], target: str) -> str:
    """Put the term where a known rendering of it stands, if that is exactly once; "" if not."""
    for rendering in renderings:
        spots = occurrences(draft, [rendering], target) if cut(rendering) else ()
        if len(spots) == 1:
            (start, end), = spots  # fmt: skip
            form = one.form
            left = draft[:start]
            if one.way is Way.NOUN:
                left = _mended(left, form, one.gender, one.number, target)
            if draft[start].isupper() and not any(map(str.isalnum, draft[:start])):
                form = form[:1].upper() + form[1:]
            return left + form + draft[end:]
    return ""


Probe = tuple[Way, str, str, int]
"""What tells one carrier from another: way, gender, number, turn."""


def probe_of(one: Wanted, turn: int) -> Probe:
    noun = one.way is Way.NOUN
    return one.way, one.gender if noun else "", one.number if noun else "", turn if noun else 0


def probes(source: str) -> list[tuple[Probe, Loaded]]:
    """Give each carrier of a language alone in a text."""
    term = Constraint(0, 1, "-")
    wants = [(Wanted(term, 0, Way.ADJECTIVE, {}, "m", "singular"), 0)] + [
        (Wanted(term, 0, Way.NOUN, {}, gender, asked), turn)
        for gender, nouns in NOUNS.items()
        for turn in range(len(nouns))
        for asked in _NUMBERS
    ]
    found = []
    for one, turn in wants:
        if loaded := load("-.", [one], source, turn=turn):
            found.append((probe_of(one, turn), loaded))
    return found


def as_token(one: Wanted) -> Wanted:
    """Give what is wanted as a token instead, in the form that was asked for."""
    return replace(one, way=Way.TOKEN)
