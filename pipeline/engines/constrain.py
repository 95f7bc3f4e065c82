"""Drafting that follows the glossary with a model that knows nothing of it.

Terms are first looked for in what the model says by itself. Where none of its hypotheses has
one, the place where it said something else is looked for, in two ways that fail differently;
the term is put there, after an article that fits it, and the decoder goes on. A stand-in that
the model knows finds a place and agreement as well. What is better by `_Verdict`'s rule is
taken; what cannot be had is said to be missing. Any neural model will do that can decode after
a prefix, score a text, and show its attention.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

from pipeline import terms
from pipeline.engines import PROTECTED, Constraint, agreement

MAX_ROUNDS = 8
"""Terms, or attempts at one, for which a segment is decoded again; a sentence of more is rare, and
what is left then is said to be missing."""
ATTEMPTS = 2
"""At one term: after another term was put in, the sentence is a new one."""
MAX_CANDIDATES = 12
"""Prefixes that are decoded for a term: three places, two forms, two genders."""
MAX_SPLICED = 6
"""Texts besides, in which a stand-in or the old rendering was replaced; to score one is cheap."""
LENGTH_PENALTY = 0.2
"""Of Argos' decoder; candidates of one segment are compared by what the decoder would prefer."""
MARGIN = 1.5
"""Log-probability a token by which the words around a term may be less likely than those of the
draft without it. They were the decoder's first choice, so they always are a little."""
LONGEST, SHORTEST = 1.6, 0.5
"""How long a candidate may be against the draft without the term, its own letters apart."""
DEPTH = 2
"""How often a clause may be cut in halves at a term that it lacks."""
PEAK = 0.5
"""Part of the highest value that a neighbour of the best word needs to be of the same rendering."""


class Model(Protocol):
    """One model with its tokenizer. All calls take as many sentences as there are."""

    source: str
    """The language that it reads, as es or pt."""
    target: str

    def encode(self, text: str) -> list[str]: ...

    def decode(self, pieces: list[str]) -> str: ...

    def go_on(self, jobs: Sequence[tuple[list[str], list[str]]]) -> list[list[str]]:
        """Give the best translation of each source after its prefix, the prefix included."""

    def score(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[float]]:
        """Give the log-probability of each piece of each target, and of its end."""

    def attend(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[list[float]]]:
        """Give for each piece of each target how much it looks at each piece of the source."""


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """A segment with terms, and what the model says of it."""

    source: str
    constraints: tuple[Constraint, ...]
    spans: tuple[Span | None, ...]
    """Where each stands in `source`; None where that got lost on the way through a pivot."""
    hypotheses: tuple[str, ...]
    """Best first; at least one."""


@dataclass(frozen=True, slots=True)
class Said:
    """A way to say a segment, and how its terms are met there."""

    text: str
    terms: tuple[str, ...]
    hypothesis: int | None
    """Which of the task's it is; None where it is a new one."""
    put: tuple[Span, ...] = ()
    """What was put in, in characters of `text`."""


# Terms in a text.


_WORD = re.compile(r"\w+")


@lru_cache(maxsize=4_000)
def _pattern(form: str, exact: bool) -> re.Pattern[str]:
    words = (re.sub("['’]", "['’]", re.escape(word)) for word in form.split())
    before = r"(?<!\w)" if form[:1].isalnum() else ""
    after = r"(?!\w)" if form[-1:].isalnum() else ""
    return re.compile(before + r"\s+".join(words) + after, re.NOFLAG if exact else re.IGNORECASE)


def occurrences(text: str, constraint: Constraint, language: str) -> list[Span]:
    """Find where the wanted word stands in a text of the target language, in any accepted form.

    Whole words, by the glossary's own matcher: declared forms, or the same lemmas. Of what is the
    same in every language, the very letters.
    """
    if constraint.keep:
        return [match.span() for match in _pattern(constraint.term, True).finditer(text)]
    its = dict.fromkeys(f for f in (constraint.term, constraint.plural, *constraint.forms) if f)
    rule = terms.Rule.FOLDED if constraint.pos == "abbr" else terms.Rule.LEMMA
    return list(terms.occurrences(text, its, language, rule, constraint.pos))


def _wordings(text: str, forms: Iterable[str]) -> list[Span]:
    """Find forms, the longest first, without overlap."""
    found: list[Span] = []
    for form in sorted(forms, key=lambda f: (-len(f), f)):
        for match in _pattern(form, False).finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in found):
                found.append(match.span())
    return sorted(found)


# The rule.


@dataclass(frozen=True, slots=True)
class _Verdict:
    hits: tuple[Span | None, ...]
    """Of each constraint."""
    agree: tuple[bool, ...]
    """Whether what stands before it fits it."""
    rank: tuple[int, ...]
    """More is better, the first number first: pieces intact, forbidden words, terms, nothing said
    twice, articles."""


def _judged(task: Task, text: str, language: str) -> _Verdict:
    hits: list[Span | None] = [None] * len(task.constraints)
    taken: list[Span] = []
    over = 0
    cache: dict[Constraint, list[Span]] = {}
    order = sorted(range(len(hits)), key=lambda i: (-len(task.constraints[i].term), i))
    for i in order:
        one = replace(task.constraints[i], start=0, end=0, number="")
        spans = cache.setdefault(one, occurrences(text, one, language))
        free = [s for s in spans if not any(s[0] < e and b < s[1] for b, e in taken)]
        if free:
            hits[i] = free[0]
            taken.append(free[0])
    for one, spans in cache.items():
        wanted = sum(replace(c, start=0, end=0, number="") == one for c in task.constraints)
        free = [s for s in spans if not any(s[0] < e and b < s[1] for b, e in taken)]
        over += max(0, min(len(free), len(spans) - wanted))
    forbidden = sum(
        not any(b <= start and end <= e for b, e in taken)
        for one in cache
        for start, end in _wordings(text, one.forbid)
    )
    agree = tuple(
        hit is None or _agrees(text, hit, constraint, language)
        for hit, constraint in zip(hits, task.constraints, strict=True)
    )
    intact = sorted(PROTECTED.findall(text)) == sorted(PROTECTED.findall(task.source))
    rank = (
        int(intact),
        -forbidden,
        sum(hit is not None for hit in hits),
        -over - _loops(text),
        -sum(not fits for fits in agree),
    )
    return _Verdict(tuple(hits), agree, rank)


def _agrees(text: str, hit: Span, constraint: Constraint, language: str) -> bool:
    """Whether the words around fit the term, and it is in a form that the glossary has."""
    if not constraint.gender or constraint.keep or constraint.pos in ("adj", "verb"):
        return True
    left, form, right = text[: hit[0]], text[hit[0] : hit[1]], text[hit[1] :]
    number = _number_of(form, constraint)
    if constraint.plural and not number and form.casefold() not in _folded(constraint):
        return False  # l'infirmière, where it is to be l'infirmier
    return (
        agreement.agrees(left, form, constraint.gender, number, language)
        and agreement.after(left, right, constraint.gender, number, language) == right
    )


def _folded(constraint: Constraint) -> set[str]:
    return {f.casefold() for f in (constraint.term, constraint.plural, *constraint.forms)}


def _number_of(form: str, constraint: Constraint) -> str:
    one, many = constraint.term.casefold(), constraint.plural.casefold()
    if not many or one == many:
        return ""
    return {one: "singular", many: "plural"}.get(form.casefold(), "")


def _loops(text: str) -> int:
    """Count words, or pairs of words, that come twice in a row."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return sum(
        words[i : i + n] == words[i + n : i + 2 * n]
        for n in (1, 2, 3)
        for i in range(len(words) - 2 * n + 1)
    )


# Pieces and characters.


def _ranges(text: str, pieces: Sequence[str]) -> list[Span]:
    """Give the characters of a text that each piece stands for.

    A tokenizer may write them in another way (… as ...): then nearly so.
    """
    where = [i for i, c in enumerate(text) if not c.isspace()]
    plain = "".join(text[i] for i in where)
    bare = [piece.removesuffix("@@").replace("▁", "") for piece in pieces]
    joined = "".join(bare)
    if len(joined) == len(plain):
        to = list(range(len(plain) + 1))
    else:
        to = [0] * (len(joined) + 1)
        plain = unicodedata.normalize("NFKC", plain) if len(plain) > 4000 else plain
        for _, a, b, c, d in difflib.SequenceMatcher(None, joined, plain, False).get_opcodes():
            for i in range(a, b):
                to[i] = c + (d - c) * (i - a) // (b - a)
        to[len(joined)] = len(where)
    found = []
    at = 0
    for piece in bare:
        start, end = to[at], to[at + len(piece)]
        at += len(piece)
        first = where[start] if start < len(where) else len(text)
        found.append((first, where[end - 1] + 1 if end > start and end <= len(where) else first))
    return found


def _over(ranges: Sequence[Span], span: Span) -> list[int]:
    """Give the pieces that have a character of the span."""
    return [i for i, (s, e) in enumerate(ranges) if s < span[1] and span[0] < e]


def pieces_within(text: str, pieces: Sequence[str], spans: Iterable[Span]) -> set[int]:
    """Give which pieces of a text have a character of one of the spans."""
    ranges = _ranges(text, pieces)
    return {i for span in spans for i in _over(ranges, span)}


_TARGET_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*['’]?")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a term was rendered, by two ways of looking."""

    runs: tuple[Span, ...]
    """In characters; the surest first."""
    sure: bool
    """Whether both ways agree."""


def _run(values: Sequence[float], words: Sequence[Span], text: str, language: str) -> Span | None:
    """Give the words around the highest value that are nearly as high, without function words."""
    if not words or max(values) <= 0:
        return None
    content = [not agreement.is_function_word(text[s:e], language) for s, e in words]
    pool = [i for i in range(len(words)) if content[i]] or list(range(len(words)))
    peak = max(pool, key=lambda i: (values[i], -i))
    first = last = peak
    while first > 0 and values[first - 1] >= PEAK * values[peak]:
        first -= 1
    while last + 1 < len(words) and values[last + 1] >= PEAK * values[peak]:
        last += 1
    while first < peak and not content[first]:
        first += 1
    while last > peak and not content[last]:
        last -= 1
    return words[first][0], words[last][1]


def locate(model: Model, asked: Sequence[tuple[str, str, Sequence[Span]]]) -> list[list[_Place]]:
    """Find for each (source, draft, spans of the source) where the draft renders each span."""
    sources = [model.encode(source) for source, _, _ in asked]
    targets = [model.encode(draft) for _, draft, _ in asked]
    attention = model.attend(list(zip(sources, targets, strict=True)))
    jobs = []
    for (source, _, spans), pieces, target in zip(asked, sources, targets, strict=True):
        jobs.append((pieces, target))
        ranges = _ranges(source, pieces)
        for span in spans:
            gone = _over(ranges, span)
            left = [*pieces[: gone[0]], "<unk>", *pieces[gone[-1] + 1 :]] if gone else pieces
            jobs.append((left, target))
    scores = iter(model.score(jobs))
    out = []
    for (source, draft, spans), pieces, target, looks in zip(
        asked, sources, targets, attention, strict=True
    ):
        full = next(scores)
        ranges, at = _ranges(draft, target), _ranges(source, pieces)
        words = [m.span() for m in _TARGET_WORD.finditer(draft)]
        places = []
        for span in spans:
            gone, lost = _over(at, span), next(scores)
            heat, drop = [], []
            for word in words:
                its = [i for i in _over(ranges, word) if i < len(looks)]
                heat.append(sum(sum(looks[i][j] for j in gone) for i in its) / max(1, len(its)))
                drop.append(sum(full[i] - lost[i] for i in its if i < len(lost)))
            one = _run(heat, words, draft, model.target)
            two = _run(drop, words, draft, model.target)
            sure = bool(one and two and one[0] < two[1] and two[0] < one[1])
            runs = [one, two]
            if sure and one and two:
                runs = [(max(one[0], two[0]), min(one[1], two[1])), one, two]
            places.append(_Place(tuple(dict.fromkeys(r for r in runs if r)), sure))
        out.append(places)
    return out


# Candidates.


@dataclass(frozen=True, slots=True)
class _Form:
    text: str
    gender: str
    number: str


def _forms(constraint: Constraint, language: str) -> list[_Form]:
    """Give what may be put in for a term, the likeliest first."""
    if constraint.keep:
        return [_Form(constraint.term, "", "")]
    numbers = [constraint.number] if constraint.number else ["singular", "plural"]
    words: list[tuple[str, str]] = []
    for number in numbers:
        if number == "singular":
            words.append((constraint.term, "singular"))
        elif constraint.plural:
            words.append((constraint.plural, "plural"))
        elif constraint.pos not in ("name", "abbr", "adj"):
            guess = agreement.plural(constraint.term, language)
            same = replace(constraint, plural="", forms=())
            if guess and occurrences(guess, same, language) == [(0, len(guess))]:
                words.append((guess, "plural"))
            if not constraint.number or not words:
                words.append((constraint.term, ""))
        else:
            words.append((constraint.term, ""))
    words += [(form, "") for form in constraint.forms]
    if constraint.pos in ("adj", "name", "abbr") and not constraint.gender:
        return [_Form(word, "", "") for word, _ in dict(words).items()]
    found = []
    for word, number in dict(words).items():
        sure = constraint.gender or agreement.guess_gender(word, language)
        for gender in [sure] if sure else ["", "m", "f"]:
            found.append(_Form(word, gender, number))
    return found


def first_form(constraint: Constraint, language: str) -> str:
    """Give the form of a term that would be put in first: in the number of the source, if known."""
    if constraint.pos == "verb":
        return constraint.term
    return _forms(constraint, language)[0].text


def _pair(task: Task, i: int) -> tuple[int, int] | None:
    """Give a term and the one right after it, one of them that term: a “pneumonia outbreak”."""
    for one, other in ((i, i + 1), (i - 1, i)):
        if one < 0 or other >= len(task.spans):
            continue
        first, second = task.spans[one], task.spans[other]
        if (
            first
            and second
            and first[1] < second[0]
            and task.source[first[1] : second[0]].isspace()
            and not {task.constraints[n].pos for n in (one, other)} & {"verb", "adj"}
            and not task.constraints[other].keep
        ):
            return one, other
    return None


_OF = {"es": "de", "fr": "de", "pt": "de", "it": "di"}


def _compounds(task: Task, i: int, language: str) -> list[_Form]:
    """Give what two nouns in a row become: the second, of the first."""
    pair = _pair(task, i)
    if pair is None or language not in _OF:
        return []
    less = _forms(task.constraints[pair[0]], language)[0]
    found = []
    for head in _forms(task.constraints[pair[1]], language)[:2]:
        left = agreement.leads(f"{head.text} {_OF[language]} ", less.text, "", "", language)[0]
        found.append(_Form(left + less.text, head.gender, head.number))
    return found


_BEGINS = re.compile(r"(?:^|[.!?:]\s+)[\s“\"'«¿¡(\[—–-]*\Z")


def _cased(form: str, left: str, constraint: Constraint) -> str:
    """Write it with a capital where a sentence begins."""
    if not constraint.keep and _BEGINS.search(left) and form[:1].islower():
        return form[:1].upper() + form[1:]
    return form


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    put: tuple[Span, ...]
    how: str
    old: str = ""
    """What was said instead, which should be gone."""
    judged: bool = False
    """Whether its likelihood was looked at already: of pieces, a piece at a time. The model would
    not say them for the whole, or there were no need of pieces."""


@dataclass(slots=True)
class _State:
    """A segment at work."""

    task: Task
    text: str
    verdict: _Verdict
    how: list[str]
    put: list[Span] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    outside: float | None = None
    """Mean log-probability of the draft without the term."""

    def cuttable(self) -> bool:
        """Whether a term is missing that might be had in a shorter text."""
        task = self.task
        return any(
            hit is None and span and one.pos != "verb"
            for hit, span, one in zip(self.verdict.hits, task.spans, task.constraints, strict=True)
        )

    def wanted(self) -> list[int]:
        """Give the terms that are missing, or before which a word does not fit."""
        task = self.task
        return [
            i
            for i, constraint in enumerate(task.constraints)
            if self.attempts[i] < ATTEMPTS
            and constraint.pos != "verb"
            and (
                (self.verdict.hits[i] is None and task.spans[i] is not None)
                or not self.verdict.agree[i]
            )
        ]


def follow(model: Model, tasks: Sequence[Task], depth: int = DEPTH) -> list[list[Said]]:
    """Give for each task ways to say it, the best first: all of its own, and perhaps a new one.

    What comes back for a task hangs on that task alone.
    """
    states = []
    verdicts = []
    for task in tasks:
        its = [_judged(task, text, model.target) for text in task.hypotheses]
        verdicts.append(its)
        best = max(range(len(its)), key=lambda i: (its[i].rank, -i))
        how = [
            "missing" if hit is None else "natural" if best == 0 or its[0].hits[i] else "chosen"
            for i, hit in enumerate(its[best].hits)
        ]
        states.append(_State(task, task.hypotheses[best], its[best], how))
    for _ in range(MAX_ROUNDS):
        active = [state for state in states if state.wanted()]
        if not active:
            break
        _round(model, active)
    if depth:
        _piecewise(model, [state for state in states if state.cuttable()], depth)
    out = []
    for state, its in zip(states, verdicts, strict=True):
        task = state.task
        said = [
            Said(text, tuple(_named(hit, its[0].hits[i], n) for i, hit in enumerate(v.hits)), n)
            for n, (text, v) in enumerate(zip(task.hypotheses, its, strict=True))
        ]
        first = [one for one in said if one.text == state.text]
        if not first:
            first = [Said(state.text, tuple(state.how), None, tuple(state.put))]
        out.append([first[0], *(one for one in said if one is not first[0])])
    return out


def _named(hit: Span | None, first: Span | None, n: int) -> str:
    return "missing" if hit is None else "natural" if n == 0 or first else "chosen"


def _round(model: Model, states: Sequence[_State]) -> None:
    """Try to put one more term into each of the states; all of them in the same calls."""
    wanted = [state.wanted() for state in states]
    missing = [
        [i for i in its if state.verdict.hits[i] is None]
        for state, its in zip(states, wanted, strict=True)
    ]
    places = locate(
        model,
        [
            (s.task.source, s.text, [s.task.spans[i] or (0, 0) for i in its])
            for s, its in zip(states, missing, strict=True)
        ],
    )
    chosen: list[int] = []
    where: list[_Place] = []
    for state, its, lost, found in zip(states, wanted, missing, places, strict=True):
        by_term = dict(zip(lost, found, strict=True))
        for i in its:
            constraint = state.task.constraints[i]
            hit = state.verdict.hits[i]
            if hit:
                by_term[i] = _Place((hit,), True)
            elif banned := _wordings(state.text, constraint.forbid):
                by_term[i] = _Place((_widened(banned, by_term[i]), *by_term[i].runs), True)
        first = min(its, key=lambda i: (by_term[i].runs or ((len(state.text), 0),))[0])
        state.attempts[first] += 1
        chosen.append(first)
        where.append(by_term[first])
    stand_ins = [list(_stand_ins(state, i, model)) for state, i in zip(states, chosen, strict=True)]
    told = iter(model.go_on([(model.encode(one.source), []) for its in stand_ins for one in its]))
    spliced: list[list[_Candidate]] = []
    prefixes: list[list[tuple[str, str, str]]] = []
    for state, i, place, stood in zip(states, chosen, where, stand_ins, strict=True):
        slots = [(state.text[:s], state.text[s:e]) for s, e in place.runs]
        texts: list[_Candidate] = []
        for one in stood:
            draft = model.decode(next(told))
            if made := _replaced(draft, one, model.target):
                texts.append(_Candidate(made[0], (made[1],), "spliced"))
                slots.append((made[0][: made[1][0]], ""))
        spliced.append([*texts[:MAX_SPLICED], *_splices(state, i, place, model.target)])
        prefixes.append(_prefixes(state, i, slots, model))
    jobs = [
        (model.encode(state.task.source), model.encode(left + form))
        for state, begun in zip(states, prefixes, strict=True)
        for left, form, _ in begun
    ]
    went = iter(zip(jobs, model.go_on(jobs), strict=True))
    candidates: list[list[_Candidate]] = []
    for state, i, begun, texts in zip(states, chosen, prefixes, spliced, strict=True):
        made_here: list[_Candidate] = []
        for left, form, old in begun:
            (_, prefix), pieces = next(went)
            made_here += _continued(model, state, i, (left, form, old), prefix, pieces)
        fitted = [_fitted(state.task, i, one, model.target) for one in [*texts, *made_here]]
        candidates.append(list({one.text: one for one in fitted}.values()))
    judges = [
        _judge(state.task, i, its[0]) if its else None
        for state, i, its in zip(states, chosen, stand_ins, strict=True)
    ]
    _settle(model, states, chosen, candidates, judges)


def _fitted(task: Task, i: int, candidate: _Candidate, language: str) -> _Candidate:
    """Let the words after the term fit it too, and a sentence begin as one."""
    constraint = task.constraints[i]
    if task.source[:1].isupper() and candidate.text[:1].islower() and candidate.put[0][0]:
        candidate = replace(candidate, text=candidate.text[:1].upper() + candidate.text[1:])
    if constraint.keep or constraint.pos in ("adj", "name", "abbr"):
        return candidate
    start, end = candidate.put[0]
    text = candidate.text
    form = text[start:end]
    number = _number_of(form, constraint) or constraint.number
    gender = constraint.gender or agreement.guess_gender(form, language)
    right = agreement.after(text[:start], text[end:], gender, number, language)
    return replace(candidate, text=text[:end] + right)


def _widened(banned: Sequence[Span], place: _Place) -> Span:
    """Give the wrong word with what is said around it for the same term (unión comercial)."""
    for start, end in banned:
        for run in place.runs:
            if run[0] < end and start < run[1]:
                return min(start, run[0]), max(end, run[1])
    return banned[0]


def _prefixes(
    state: _State, i: int, slots: Sequence[tuple[str, str]], model: Model
) -> list[tuple[str, str, str]]:
    """Give what the draft may begin with, up to the term: before it, the term, the old wording."""
    constraint = state.task.constraints[i]
    language = model.target
    found: dict[tuple[str, str], str] = {}
    pair = _compounds(state.task, i, language) if model.source == "en" else []
    for form in [*pair[:1], *_forms(constraint, language)]:
        for left, old in slots:
            for fitted in agreement.leads(left, form.text, form.gender, form.number, language):
                found.setdefault((fitted, _cased(form.text, fitted, constraint)), old)
    return [(left, form, old) for (left, form), old in found.items()][:MAX_CANDIDATES]


def _splices(state: _State, i: int, place: _Place, language: str) -> Iterator[_Candidate]:
    if not place.sure or not place.runs:
        return
    start, end = place.runs[0]
    constraint = state.task.constraints[i]
    for form in _forms(constraint, language)[:2]:
        left = agreement.leads(state.text[:start], form.text, form.gender, form.number, language)[0]
        word = _cased(form.text, left, constraint)
        yield _Candidate(
            left + word + state.text[end:], ((len(left), len(left) + len(word)),), "spliced"
        )


_GLUED = re.compile(r"[\w]+")


def _continued(
    model: Model,
    state: _State,
    i: int,
    begun: tuple[str, str, str],
    prefix: list[str],
    pieces: list[str],
) -> Iterator[_Candidate]:
    """Give the draft that goes on after a prefix. The prefix stays as it is, letter for letter."""
    left, form, old = begun
    shown = model.decode(prefix)
    whole = model.decode([*prefix, *pieces[len(prefix) :]])
    if not whole.startswith(shown):
        return
    rest = whole[len(shown) :]
    put = (len(left), len(left) + len(form))
    if glued := _GLUED.match(rest):
        # The decoder made the word longer: right if that is a form of it, wrong otherwise.
        word = left + form + glued[0]
        constraint = state.task.constraints[i]
        if (put[0], len(word)) in occurrences(word, constraint, model.target):
            yield _Candidate(word + rest[glued.end() :], ((put[0], len(word)),), "forced", old)
        rest = rest[glued.end() :]
    yield _Candidate(left + form + rest, (put,), "forced", old)


# Stand-ins: words that a model of English surely knows, as a term would be used.

_STAND_INS: dict[str, dict[str, dict[str, tuple[tuple[str, str], ...]]]] = {
    "es": {
        "m": {
            "singular": (("book", "libro"), ("dog", "perro"), ("car", "coche")),
            "plural": (("books", "libros"), ("dogs", "perros"), ("cars", "coches")),
        },
        "f": {
            "singular": (("house", "casa"), ("table", "mesa"), ("letter", "carta")),
            "plural": (("houses", "casas"), ("tables", "mesas"), ("letters", "cartas")),
        },
    },
    "fr": {
        "m": {
            "singular": (("book", "livre"), ("dog", "chien"), ("train", "train")),
            "plural": (("books", "livres"), ("dogs", "chiens"), ("trains", "trains")),
        },
        "f": {
            "singular": (("house", "maison"), ("table", "table"), ("letter", "lettre")),
            "plural": (("houses", "maisons"), ("tables", "tables"), ("letters", "lettres")),
        },
    },
    "pt": {
        "m": {
            "singular": (("book", "livro"), ("car", "carro"), ("train", "trem")),
            "plural": (("books", "livros"), ("cars", "carros"), ("trains", "trens")),
        },
        "f": {
            "singular": (("house", "casa"), ("table", "mesa"), ("letter", "carta")),
            "plural": (("houses", "casas"), ("tables", "mesas"), ("letters", "cartas")),
        },
    },
    "it": {
        "m": {
            "singular": (("book", "libro"), ("dog", "cane"), ("train", "treno")),
            "plural": (("books", "libri"), ("dogs", "cani"), ("trains", "treni")),
        },
        "f": {
            "singular": (("house", "casa"), ("door", "porta"), ("letter", "lettera")),
            "plural": (("houses", "case"), ("doors", "porte"), ("letters", "lettere")),
        },
    },
}
_NAMES = (("Tom", "Tom"), ("Boston", "Boston"), ("Maria", "Maria"))


@dataclass(frozen=True, slots=True)
class _StandIn:
    source: str
    words: tuple[tuple[str, _Form, Constraint], ...]
    """What each stand-in is in the target language, and what it stands for; the term first."""
    forms: tuple[_Form, ...] = ()
    """All forms of the term."""


def _stand_ins(state: _State, i: int, model: Model) -> Iterator[_StandIn]:
    """Write the source with stand-ins for the term, for all that are missing, and for all."""
    task = state.task
    if model.source != "en" or model.target not in _STAND_INS:
        return
    usable = [
        n
        for n, constraint in enumerate(task.constraints)
        if task.spans[n] and (constraint.pos not in ("verb", "adj") or constraint.keep)
    ]
    if i not in usable:
        return
    lost = [n for n in usable if state.verdict.hits[n] is None or n == i]
    forms = {n: _forms(task.constraints[n], model.target) for n in usable}
    seen = set()
    for which in ([i], lost, usable):
        for pick in (0, 1) if which == [i] else (0,):
            used: Counter[tuple[str, str]] = Counter()
            text, words, ok = task.source, [], True
            done: set[int] = set()
            for n in sorted(which, key=lambda n: -(task.spans[n] or (0, 0))[0]):
                if n in done:
                    continue
                form = forms[n][min(pick if n == i else 0, len(forms[n]) - 1)]
                start, end = task.spans[n] or (0, 0)
                constraint = task.constraints[n]
                pair = _pair(task, n)
                if pair and pair[1] == n and pair[0] in usable:
                    form = _compounds(task, n, model.target)[0]
                    start = (task.spans[pair[0]] or (0, 0))[0]
                    done.add(pair[0])
                if constraint.keep or constraint.pos in ("name", "abbr"):
                    pool: tuple[tuple[str, str], ...] = _NAMES
                    kind = ("name", "")
                else:
                    number = form.number or constraint.number or "singular"
                    kind = (form.gender or "m", number)
                    pool = _STAND_INS[model.target][kind[0]][number]
                pool = tuple(
                    (one, other)
                    for one, other in pool
                    if not _pattern(one, False).search(task.source)
                )
                if used[kind] >= len(pool):
                    ok = False
                    break
                word, known = pool[used[kind]]
                used[kind] += 1
                left = re.sub(r"\b([Aa])n(\s+)$", r"\1\2", text[:start])
                if _BEGINS.search(left):
                    word = word[:1].upper() + word[1:]
                text = left + word + text[end:]
                words.append((known, form, constraint))
            if ok and text not in seen:
                seen.add(text)
                words.sort(key=lambda one: one[2] is not task.constraints[i])
                yield _StandIn(text, tuple(words), tuple(forms[i]))


def _replaced(draft: str, one: _StandIn, language: str) -> tuple[str, Span] | None:
    """Put the terms where their stand-ins are, or give None where one is not there just once."""
    at = (0, 0)
    for known, form, constraint in reversed(one.words):
        found = [m.span() for m in _pattern(known, False).finditer(draft)]
        if len(found) != 1:
            return None
        start, end = found[0]
        left = agreement.leads(draft[:start], form.text, form.gender, form.number, language)[0]
        word = _cased(form.text, left, constraint)
        draft = left + word + draft[end:]
        at = (len(left), len(left) + len(word))
    return draft, at


@dataclass(frozen=True, slots=True)
class _Judge:
    """A source in which a stand-in is at the place of a term, and the stand-in in the target.

    A decoder that does not know a noun cannot match an adjective with it; of a house it knows
    how one says that it is old. So it is asked what it thinks of each candidate about a house.
    """

    source: str
    known: str
    form: _Form

    def put(self, candidate: _Candidate, language: str) -> str:
        start, end = candidate.put[0]
        form = self.form
        left = candidate.text[:start]
        left = agreement.leads(left, self.known, form.gender, form.number, language)[0]
        word = self.known[:1].upper() + self.known[1:] if _BEGINS.search(left) else self.known
        return left + word + candidate.text[end:]


def _judge(task: Task, i: int, one: _StandIn) -> _Judge | None:
    """Give none where the forms differ in gender or number: each would fit itself."""
    known, form, constraint = one.words[0]
    kinds = {(f.gender, f.number) for f in one.forms}
    if len(one.words) > 1 or constraint != task.constraints[i] or len(kinds) != 1:
        return None
    if not form.gender or not form.number:
        return None
    return _Judge(one.source, known, form)


# Piece by piece: a small model leaves out much of a long sentence, and a term with it.

_CUT = re.compile(r"(?<=[,;:.!?…)\]”»])\s+|\s+(?=[(\[“«–—])|(?<=[a-z][.!?])(?=[A-Z])")
_ARTICLE = re.compile(r"(?:^|\s)(the|an?)\s*$", re.IGNORECASE)
_LEAST_PIECE = 12
"""Characters of a piece; a shorter one goes with the next."""
MOST_PIECES = 12
_DEFINITE = {"es": "el ", "fr": "le ", "it": "il ", "pt": "o "}


def _piecewise(model: Model, states: Sequence[_State], depth: int) -> None:
    """Try the clauses by themselves; and where that fails, what is before and after the term."""
    if not states:
        return
    cuts = [_clauses(state.task) for state in states]
    said = iter(_drafted(model, [piece for its in cuts for piece in its], 0))
    drafted = [[(piece, next(said)) for piece in its] for its in cuts]
    candidates = [
        [_joined(s.task.source, [(one.text, one.put) for _, one in its])] if len(its) > 1 else []
        for s, its in zip(states, drafted, strict=True)
    ]
    _settle(model, states, [None] * len(states), candidates)
    again = [n for n, state in enumerate(states) if state.cuttable()]
    halves: list[Task] = []
    for n in again:
        for piece, one in drafted[n]:
            if (at := _missing(piece, one)) is not None:
                halves += _halves(piece, at)
    told = iter(_drafted(model, halves, depth - 1))
    rest = []
    for n in again:
        parts: list[tuple[str, tuple[Span, ...]]] = []
        for piece, one in drafted[n]:
            if (at := _missing(piece, one)) is not None:
                parts.append(_around(piece, at, (next(told), next(told)), model.target))
            else:
                parts.append((one.text, one.put))
        rest.append([_joined(states[n].task.source, parts)])
    _settle(model, [states[n] for n in again], [None] * len(again), rest)


def _drafted(model: Model, parts: Sequence[Task], depth: int) -> list[Said]:
    """Give for each part, some of which may be empty, the best that can be said."""
    full = [part for part in parts if part.source]
    drafts = model.go_on([(model.encode(part.source), []) for part in full])
    tasks = [
        replace(part, hypotheses=(_trimmed(part.source, model.decode(draft)),))
        for part, draft in zip(full, drafts, strict=True)
    ]
    said = iter(follow(model, tasks, depth))
    return [next(said)[0] if part.source else Said("", (), None) for part in parts]


def _missing(piece: Task, one: Said) -> int | None:
    """Give the first term that might be put between two halves."""
    for n, how in enumerate(one.terms):
        if how == "missing" and piece.spans[n] and piece.constraints[n].pos != "verb":
            return n
    return None


def _part(task: Task, start: int, end: int) -> Task:
    """Give what is between two places, with the terms in it."""
    text = task.source[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    its = [n for n, span in enumerate(task.spans) if span and start <= span[0] < span[1] <= end]
    return Task(
        text.strip(),
        tuple(task.constraints[n] for n in its),
        tuple((s[0] - start, s[1] - start) for n in its if (s := task.spans[n])),
        ("",),
    )


def _clauses(task: Task) -> list[Task]:
    """Cut a source where nobody would miss a word, and no term is cut."""
    spans = [span for span in task.spans if span]
    bounds = [0]
    for match in _CUT.finditer(task.source):
        inside = any(start < match.end() and match.start() < end for start, end in spans)
        long = match.start() - bounds[-1] >= _LEAST_PIECE <= len(task.source) - match.end()
        if long and not inside and len(bounds) < MOST_PIECES:
            bounds.append(match.end())
    return [
        _part(task, start, end)
        for start, end in zip(bounds, [*bounds[1:], len(task.source)], strict=True)
    ]


def _halves(piece: Task, i: int) -> tuple[Task, Task]:
    start, end = piece.spans[i] or (0, 0)
    before = len(_ARTICLE.sub("", piece.source[:start]))
    return _part(piece, 0, before), _part(piece, end, len(piece.source))


def _around(
    piece: Task, i: int, sides: tuple[Said, Said], language: str
) -> tuple[str, tuple[Span, ...]]:
    """Write a term between what is before it and what is after it."""
    constraint = piece.constraints[i]
    form = _forms(constraint, language)[0]
    before, after = sides
    left = before.text + " " if before.text else ""
    article = _ARTICLE.search(piece.source[: (piece.spans[i] or (0, 0))[0]])
    if article and article[1].casefold() == "the" and not constraint.keep:
        left += _DEFINITE.get(language, "")
    left = agreement.leads(left, form.text, form.gender, form.number, language)[0]
    word = _cased(form.text, left, constraint)
    gap = " " if after.text[:1].isalnum() else ""
    at = len(left) + len(word)
    put = [*before.put, (len(left), at)]
    put += [(start + at + len(gap), end + at + len(gap)) for start, end in after.put]
    return left + word + gap + after.text, tuple(put)


def _trimmed(source: str, draft: str) -> str:
    """Take the full stop and the capital back that a model gives to what is no sentence."""
    if source[:1].islower() and draft[1:2].islower():
        draft = draft[:1].lower() + draft[1:]
    if not source.endswith((".", "…")):
        draft = draft.rstrip(". ")
    return draft.strip()


def _joined(source: str, parts: Sequence[tuple[str, tuple[Span, ...]]]) -> _Candidate:
    text, put = "", []
    for part, its in parts:
        text += " " if text and part else ""
        put += [(start + len(text), end + len(text)) for start, end in its]
        text += part
    if source[:1].isupper() and text[:1].islower() and (not put or put[0][0]):
        text = text[:1].upper() + text[1:]
    return _Candidate(text, tuple(put), "spliced", judged=True)


# The choice.


def _settle(
    model: Model,
    states: Sequence[_State],
    chosen: Sequence[int | None],
    candidates: Sequence[Sequence[_Candidate]],
    judges: Sequence[_Judge | None] = (),
) -> None:
    """Take of each state the best candidate, where it is better than what there is."""
    texts = [
        [state.text, *(c.text for c in its)] for state, its in zip(states, candidates, strict=True)
    ]
    encoded = [[model.encode(text) for text in its] for its in texts]
    scores = iter(
        model.score(
            [
                (source, target)
                for state, its in zip(states, encoded, strict=True)
                for source in [model.encode(state.task.source)]
                for target in its
            ]
        )
    )
    judges = judges or [None] * len(states)
    second = iter(
        model.score(
            [
                (model.encode(judge.source), model.encode(judge.put(one, model.target)))
                for judge, its in zip(judges, candidates, strict=True)
                if judge
                for one in its
            ]
        )
    )
    for state, i, its, pieces, judge in zip(
        states, chosen, candidates, encoded, judges, strict=True
    ):
        worth = [next(scores) for _ in pieces]
        other = [next(second) for _ in its] if judge else [[0.0] for _ in its]
        if state.outside is None:
            state.outside = _mean(worth[0])
        best: tuple[tuple[int, ...], float] | None = None
        taken: tuple[_Candidate, _Verdict] | None = None
        for candidate, its_pieces, its_worth, told in zip(
            its, pieces[1:], worth[1:], other, strict=True
        ):
            verdict = _judged(state.task, candidate.text, model.target)
            if verdict.rank <= state.verdict.rank or not _sane(state, candidate):
                continue
            inside = pieces_within(candidate.text, its_pieces, candidate.put)
            around = [w for n, w in enumerate(its_worth) if n not in inside]
            if not candidate.judged and _mean(around) < state.outside - MARGIN:
                continue
            kept = _keeps(candidate)
            value = sum(sum(one) / max(1, len(one)) ** LENGTH_PENALTY for one in (its_worth, told))
            rank = (*verdict.rank[:3], -kept, *verdict.rank[3:])
            if best is None or (rank, value) > best:
                best, taken = (rank, value), (candidate, verdict)
        if taken:
            _take(state, i, *taken)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _keeps(candidate: _Candidate) -> int:
    """Count the words of the old rendering that are said still, after the term."""
    after = {w.casefold() for w in _WORD.findall(candidate.text[candidate.put[0][1] :])}
    return sum(w.casefold() in after for w in _WORD.findall(candidate.old) if len(w) > 3)


def _sane(state: _State, candidate: _Candidate) -> bool:
    own = sum(end - start for start, end in candidate.put)
    old, new = len(state.task.hypotheses[0]), len(candidate.text) - own
    return SHORTEST * old - own <= new <= LONGEST * max(old, len(state.task.source)) + 10


def _take(state: _State, i: int | None, candidate: _Candidate, verdict: _Verdict) -> None:
    before = state.verdict
    for n, hit in enumerate(verdict.hits):
        if hit is None:
            state.how[n] = "missing"
        elif state.task.constraints[n].pos == "verb":  # the decoder said it by itself
            state.how[n] = "natural" if before.hits[n] is None else state.how[n]
        elif n == i or before.hits[n] is None:
            state.how[n] = candidate.how
    state.text, state.verdict = candidate.text, verdict
    state.put = [
        hit for n, hit in enumerate(verdict.hits) if hit and state.how[n] in ("forced", "spliced")
    ]
