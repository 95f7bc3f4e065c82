"""Carriers: everyday words that travel through a rule-based engine in place of a term.

A noun in the engine's dictionaries, of the term's gender and number in the target language, makes
the engine itself agree articles, adjectives and participles with it. The carrier is then replaced
in the draft, and the word before it is mended where the term begins with another sound. The form
in which an adjective's carrier comes back tells which form of the term is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.engines.apertium.stream import CLOSE, MARK, number, opening
from pipeline.engines.apertium.wanted import CELLS, NUMBERS, Cell, Wanted, Way
from pipeline.engines.base import PROTECTED
from pipeline.engines.terms import agreement
from pipeline.model import Constraint
from pipeline.terminology.matching import occurrences, word_spans
from pipeline.text import tables

Forms = Mapping[str, tuple[str, ...]]
"""By language: of a noun singular and plural; of an adjective one form for each of `CELLS`."""


def _carriers(kind: str) -> tuple[Forms, ...]:
    """Return the carriers of a *kind*, each with its forms by language."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, its, language, forms in tables.rows(
        "engines/apertium/carriers", "carrier", "kind", "language", "forms"
    ):
        if its == kind:
            found.setdefault(name, {})[language] = tuple(forms.split())
    return tuple(found.values())


NOUNS: Mapping[str, tuple[Forms, ...]] = {gender: _carriers(gender) for gender in ("m", "f")}
(ADJECTIVE,) = _carriers("adjective")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source text with carriers and tokens in it."""

    text: str
    carried: Mapping[int, Wanted]
    """Carried terms by place, which numbers the mark around the carrier."""
    tokens: Mapping[str, Wanted]
    """Terms as tokens, by the private-use character of each."""
    turn: int = 0
    """Index of the carrier among those of its gender."""


def serves(source: str, target: str) -> bool:
    """Whether there are carriers for both languages."""
    return source in ADJECTIVE and target in ADJECTIVE


def load(text: str, wants: Sequence[Wanted], source: str, *, turn: int = 0) -> Loaded | None:
    """Replace each of `wants` in a text by a carrier or a token; None where there is no room."""
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
            end -= 1  # the full stop also ends the sentence
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
    return NOUNS[one.gender][turn][language][NUMBERS.index(one.number)]


def _expected(one: Wanted, language: str, turn: int) -> Mapping[str, Cell]:
    """Map the forms in which a carrier may come back to the cell of its term."""
    if one.way is Way.ADJECTIVE:
        return dict(zip(reversed(ADJECTIVE[language]), reversed(CELLS), strict=True))
    forms = NOUNS[one.gender][turn][language]
    return {form: (one.gender, n) for form, n in zip(forms, NUMBERS, strict=True)}


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A draft with terms in place of their carriers."""

    text: str
    put: frozenset[int]
    """Places of the constraints whose carrier or token came back exactly once."""


_Place = tuple[int, int, Wanted, Cell | None]


def unload(loaded: Loaded, draft: str, target: str) -> Unloaded:
    """Replace the carriers and tokens in a draft by their terms."""
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
    """Remove the marks from a draft; also return the spans that each enclosed."""
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
        if cell and gap[-1:].isalnum():  # some modes join the words around a hyphen
            gap += " "
        out += gap + form
        at = end
        if cell and text[at : at + 1].isalnum():
            out += " "
        if form.endswith(".") and text[at : at + 1] == ".":
            at += 1
    return out + text[at:]


def _led(left: str, carrier: str, form: str, cell: Cell | None, target: str) -> str:
    """Adapt the end of `left` where `form` begins with another sound than its carrier."""
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
    return agreement.leads(left, form, gender, "", target)[0]


def splice(draft: str, one: Wanted, renderings: Iterable[str], target: str) -> str:
    """Replace a known rendering of the term that occurs exactly once; "" where there is none."""
    for rendering in renderings:
        spots = occurrences(draft, [rendering], target) if word_spans(rendering) else ()
        if len(spots) == 1:
            (start, end), = spots  # fmt: skip
            form = one.form
            left = draft[:start]
            if one.way is Way.NOUN:
                left = agreement.leads(left, form, one.gender, one.number, target)[0]
            if draft[start].isupper() and not any(map(str.isalnum, draft[:start])):
                form = form[:1].upper() + form[1:]
            return left + form + draft[end:]
    return ""


Probe = tuple[Way, str, str, int]
"""Identity of a carrier: way, gender, number, turn."""


def probe_of(one: Wanted, turn: int) -> Probe:
    noun = one.way is Way.NOUN
    return one.way, one.gender if noun else "", one.number if noun else "", turn if noun else 0


def probes(source: str) -> list[tuple[Probe, Loaded]]:
    """Return each carrier of a language, alone in a text."""
    term = Constraint(0, 1, "-")
    wants = [(Wanted(term, 0, Way.ADJECTIVE, {}, "m", "singular"), 0)] + [
        (Wanted(term, 0, Way.NOUN, {}, gender, asked), turn)
        for gender, nouns in NOUNS.items()
        for turn in range(len(nouns))
        for asked in NUMBERS
    ]
    found = []
    for one, turn in wants:
        if loaded := load("-.", [one], source, turn=turn):
            found.append((probe_of(one, turn), loaded))
    return found
