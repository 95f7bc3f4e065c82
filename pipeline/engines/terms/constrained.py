"""Constrained drafting: follows the glossary with a model that was not trained for it.

Terms are first looked for in the model's own hypotheses. Where none has a term, its rendering is
located in two ways that fail differently; the term is put there, after an article that agrees
with it, and the decoder continues. A stand-in that the model knows yields a place and agreement
as well. The candidate that ranks best by its `Assessment` is taken; a term that cannot be placed
is reported as missing. Any neural model serves that can decode after a prefix, score a text, and
give its attention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.engines.terms import agreement, inflection, predicates
from pipeline.engines.terms.alignment import Place, locate, pieces_within
from pipeline.engines.terms.assessment import (
    Assessment,
    Model,
    Rendering,
    Span,
    Task,
    assess,
    find_forms,
    number_of,
    occurrences,
)
from pipeline.engines.terms.clauses import join_around_term, split_at_term, split_clauses
from pipeline.engines.terms.forms import candidate_forms, compound_forms, sentence_case
from pipeline.engines.terms.stand_ins import Proxy, proxy_of, restore_terms, substitutions
from pipeline.engines.terms.state import Candidate, State
from pipeline.text.words import ALPHANUMERIC

MAX_ROUNDS = 8
"""Attempts at a term for which a segment is decoded again; few sentences need more, and the terms
left over are reported as missing."""
MAX_CANDIDATES = 12
"""Maximum number of prefixes decoded for a term: three places, two forms, two genders."""
MAX_SPLICED = 6
"""Maximum number of drafts with a replaced stand-in, which are only scored."""
LENGTH_PENALTY = 0.2
"""Length penalty of Argos' decoder, so that candidates compare as in its beam."""
MARGIN = 1.5
"""Log-probability per token by which the words around a term may be less likely than those of the
draft without it. Those were the decoder's first choice, so a small loss is normal."""
LONGEST, SHORTEST = 1.6, 0.5
"""Length bounds of a candidate, its terms apart, relative to the draft without them."""
DEPTH = 2
"""Maximum depth of splitting a clause at a term that it lacks."""


def follow(model: Model, tasks: Sequence[Task], depth: int = DEPTH) -> list[list[Rendering]]:
    """Return the renderings of each task, best first: its hypotheses, and perhaps a new one.

    The renderings of a task depend on that task alone.
    """
    states = []
    assessments = []
    for task in tasks:
        its = [assess(task, text, model.target) for text in task.hypotheses]
        assessments.append(its)
        best = max(range(len(its)), key=lambda i: (its[i].rank, -i))
        how = [
            "missing" if hit is None else "natural" if best == 0 or its[0].hits[i] else "chosen"
            for i, hit in enumerate(its[best].hits)
        ]
        states.append(State(task, task.hypotheses[best], its[best], how))
    for _ in range(MAX_ROUNDS):
        active = [state for state in states if state.wanted()]
        if not active:
            break
        _round(model, active)
    if depth:
        _piecewise(model, [state for state in states if state.cuttable()], depth)
    out = []
    for state, its in zip(states, assessments, strict=True):
        task = state.task
        said = [
            Rendering(
                text, tuple(_named(hit, its[0].hits[i], n) for i, hit in enumerate(v.hits)), n
            )
            for n, (text, v) in enumerate(zip(task.hypotheses, its, strict=True))
        ]
        first = [one for one in said if one.text == state.text]
        if not first:
            first = [Rendering(state.text, tuple(state.how), None, tuple(state.put))]
        out.append([first[0], *(one for one in said if one is not first[0])])
    return out


def _named(hit: Span | None, first: Span | None, n: int) -> str:
    return "missing" if hit is None else "natural" if n == 0 or first else "chosen"


def _round(model: Model, states: Sequence[State]) -> None:
    """Try to put one more term into each state, all states in the same calls."""
    wanted = [state.wanted() for state in states]
    missing = [
        [i for i in its if state.assessment.hits[i] is None]
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
    where: list[Place] = []
    for state, its, lost, found in zip(states, wanted, missing, places, strict=True):
        by_term = dict(zip(lost, found, strict=True))
        for i in its:
            constraint = state.task.constraints[i]
            hit = state.assessment.hits[i]
            if hit:
                by_term[i] = Place((hit,), True)
            elif banned := find_forms(state.text, constraint.forbid):
                by_term[i] = Place((_widened(banned, by_term[i]), *by_term[i].runs), True)
        first = min(its, key=lambda i: (by_term[i].runs or ((len(state.text), 0),))[0])
        state.attempts[first] += 1
        chosen.append(first)
        where.append(by_term[first])
    stand_ins = [
        list(substitutions(state, i, model)) for state, i in zip(states, chosen, strict=True)
    ]
    told = iter(
        model.complete([(model.encode(one.source), []) for its in stand_ins for one in its])
    )
    spliced: list[list[Candidate]] = []
    prefixes: list[list[tuple[str, str, str]]] = []
    for state, i, place, stood in zip(states, chosen, where, stand_ins, strict=True):
        slots = [(state.text[:s], state.text[s:e]) for s, e in place.runs]
        texts: list[Candidate] = []
        for one in stood:
            draft = model.decode(next(told))
            if made := restore_terms(draft, one, model.target):
                texts.append(Candidate(made[0], (made[1],), "spliced"))
                slots.append((made[0][: made[1][0]], ""))
        spliced.append([*texts[:MAX_SPLICED], *_splices(state, i, place, model.target)])
        prefixes.append(_prefixes(state, i, slots, model))
    jobs = [
        (model.encode(state.task.source), model.encode(left + form))
        for state, begun in zip(states, prefixes, strict=True)
        for left, form, _ in begun
    ]
    went = iter(zip(jobs, model.complete(jobs), strict=True))
    candidates: list[list[Candidate]] = []
    for state, i, begun, texts in zip(states, chosen, prefixes, spliced, strict=True):
        made_here: list[Candidate] = []
        for left, form, old in begun:
            (_, prefix), pieces = next(went)
            made_here += _continued(model, state, i, (left, form, old), prefix, pieces)
        fitted = [_fitted(state.task, i, one, model.target) for one in [*texts, *made_here]]
        candidates.append(list({one.text: one for one in fitted}.values()))
    proxies = [
        proxy_of(state.task, i, its[0]) if its else None
        for state, i, its in zip(states, chosen, stand_ins, strict=True)
    ]
    _settle(model, states, chosen, candidates, proxies)


def _fitted(task: Task, i: int, candidate: Candidate, language: str) -> Candidate:
    """Make the words after the term agree with it, and capitalise the sentence."""
    constraint = task.constraints[i]
    if task.source[:1].isupper() and candidate.text[:1].islower() and candidate.put[0][0]:
        candidate = replace(candidate, text=candidate.text[:1].upper() + candidate.text[1:])
    if constraint.keep or constraint.pos in ("adj", "name", "abbr"):
        return candidate
    start, end = candidate.put[0]
    text = candidate.text
    form = text[start:end]
    number = number_of(form, constraint) or constraint.number
    gender = constraint.gender or inflection.guess_gender(form, language)
    right = predicates.after(text[:start], text[end:], gender, number, language)
    return replace(candidate, text=text[:end] + right)


def _widened(banned: Sequence[Span], place: Place) -> Span:
    """Widen a forbidden word to the whole rendering of its term (unión comercial)."""
    for start, end in banned:
        for run in place.runs:
            if run[0] < end and start < run[1]:
                return min(start, run[0]), max(end, run[1])
    return banned[0]


def _prefixes(
    state: State, i: int, slots: Sequence[tuple[str, str]], model: Model
) -> list[tuple[str, str, str]]:
    """Return the prefixes up to the term, each as the text before it, its form, the old wording."""
    constraint = state.task.constraints[i]
    language = model.target
    found: dict[tuple[str, str], str] = {}
    pair = compound_forms(state.task, i, language) if model.source == "en" else []
    for form in [*pair[:1], *candidate_forms(constraint, language)]:
        for left, old in slots:
            for fitted in agreement.leads(left, form.text, form.gender, form.number, language):
                found.setdefault((fitted, sentence_case(form.text, fitted, constraint)), old)
    return [(left, form, old) for (left, form), old in found.items()][:MAX_CANDIDATES]


def _splices(state: State, i: int, place: Place, language: str) -> Iterator[Candidate]:
    """Replace the rendering of a term in the draft, where it is located surely."""
    if not place.sure or not place.runs:
        return
    start, end = place.runs[0]
    constraint = state.task.constraints[i]
    for form in candidate_forms(constraint, language)[:2]:
        left = agreement.leads(state.text[:start], form.text, form.gender, form.number, language)[0]
        word = sentence_case(form.text, left, constraint)
        yield Candidate(
            left + word + state.text[end:], ((len(left), len(left) + len(word)),), "spliced"
        )


_GLUED = re.compile(r"[\w]+")


def _continued(
    model: Model,
    state: State,
    i: int,
    begun: tuple[str, str, str],
    prefix: list[str],
    pieces: list[str],
) -> Iterator[Candidate]:
    """Yield the draft that continues a prefix, which is kept letter for letter."""
    left, form, old = begun
    shown = model.decode(prefix)
    whole = model.decode([*prefix, *pieces[len(prefix) :]])
    if not whole.startswith(shown):
        return
    rest = whole[len(shown) :]
    put = (len(left), len(left) + len(form))
    if glued := _GLUED.match(rest):
        # The decoder made the word longer, which is right only where that is a form of the term.
        word = left + form + glued[0]
        constraint = state.task.constraints[i]
        if (put[0], len(word)) in occurrences(word, constraint, model.target):
            yield Candidate(word + rest[glued.end() :], ((put[0], len(word)),), "forced", old)
        rest = rest[glued.end() :]
    yield Candidate(left + form + rest, (put,), "forced", old)


def _piecewise(model: Model, states: Sequence[State], depth: int) -> None:
    """Draft clause by clause; where a term is still missing, both sides of it apart."""
    if not states:
        return
    cuts = [split_clauses(state.task) for state in states]
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
                halves += split_at_term(piece, at)
    told = iter(_drafted(model, halves, depth - 1))
    rest = []
    for n in again:
        parts: list[tuple[str, tuple[Span, ...]]] = []
        for piece, one in drafted[n]:
            if (at := _missing(piece, one)) is not None:
                parts.append(join_around_term(piece, at, (next(told), next(told)), model.target))
            else:
                parts.append((one.text, one.put))
        rest.append([_joined(states[n].task.source, parts)])
    _settle(model, [states[n] for n in again], [None] * len(again), rest)


def _drafted(model: Model, parts: Sequence[Task], depth: int) -> list[Rendering]:
    """Return the best rendering of each part; parts may be empty."""
    full = [part for part in parts if part.source]
    drafts = model.complete([(model.encode(part.source), []) for part in full])
    tasks = [
        replace(part, hypotheses=(_trimmed(part.source, model.decode(draft)),))
        for part, draft in zip(full, drafts, strict=True)
    ]
    said = iter(follow(model, tasks, depth))
    return [next(said)[0] if part.source else Rendering("", (), None) for part in parts]


def _missing(piece: Task, one: Rendering) -> int | None:
    """Return the first missing term at which the clause can be split."""
    for n, how in enumerate(one.terms):
        if how == "missing" and piece.spans[n] and piece.constraints[n].pos != "verb":
            return n
    return None


def _trimmed(source: str, draft: str) -> str:
    """Remove the full stop and the capital that a model adds to a fragment."""
    if source[:1].islower() and draft[1:2].islower():
        draft = draft[:1].lower() + draft[1:]
    if not source.endswith((".", "…")):
        draft = draft.rstrip(". ")
    return draft.strip()


def _joined(source: str, parts: Sequence[tuple[str, tuple[Span, ...]]]) -> Candidate:
    text, put = "", []
    for part, its in parts:
        text += " " if text and part else ""
        put += [(start + len(text), end + len(text)) for start, end in its]
        text += part
    if source[:1].isupper() and text[:1].islower() and (not put or put[0][0]):
        text = text[:1].upper() + text[1:]
    return Candidate(text, tuple(put), "spliced", scored=True)


def _settle(
    model: Model,
    states: Sequence[State],
    chosen: Sequence[int | None],
    candidates: Sequence[Sequence[Candidate]],
    proxies: Sequence[Proxy | None] = (),
) -> None:
    """Replace the draft of each state by its best candidate, where that ranks higher."""
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
    proxies = proxies or [None] * len(states)
    second = iter(
        model.score(
            [
                (model.encode(proxy.source), model.encode(proxy.put(one, model.target)))
                for proxy, its in zip(proxies, candidates, strict=True)
                if proxy
                for one in its
            ]
        )
    )
    for state, i, its, pieces, proxy in zip(
        states, chosen, candidates, encoded, proxies, strict=True
    ):
        worth = [next(scores) for _ in pieces]
        other = [next(second) for _ in its] if proxy else [[0.0] for _ in its]
        if state.outside is None:
            state.outside = _mean(worth[0])
        best: tuple[tuple[int, ...], float] | None = None
        taken: tuple[Candidate, Assessment] | None = None
        for candidate, its_pieces, its_worth, told in zip(
            its, pieces[1:], worth[1:], other, strict=True
        ):
            assessment = assess(state.task, candidate.text, model.target)
            if assessment.rank <= state.assessment.rank or not _sane(state, candidate):
                continue
            inside = pieces_within(candidate.text, its_pieces, candidate.put)
            around = [w for n, w in enumerate(its_worth) if n not in inside]
            if not candidate.scored and _mean(around) < state.outside - MARGIN:
                continue
            kept = _keeps(candidate)
            value = sum(sum(one) / max(1, len(one)) ** LENGTH_PENALTY for one in (its_worth, told))
            rank = (*assessment.rank[:3], -kept, *assessment.rank[3:])
            if best is None or (rank, value) > best:
                best, taken = (rank, value), (candidate, assessment)
        if taken:
            _take(state, i, *taken)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _keeps(candidate: Candidate) -> int:
    """Count the words of the old rendering that remain after the term."""
    after = {w.casefold() for w in ALPHANUMERIC.findall(candidate.text[candidate.put[0][1] :])}
    return sum(w.casefold() in after for w in ALPHANUMERIC.findall(candidate.old) if len(w) > 3)


def _sane(state: State, candidate: Candidate) -> bool:
    own = sum(end - start for start, end in candidate.put)
    old, new = len(state.task.hypotheses[0]), len(candidate.text) - own
    return SHORTEST * old - own <= new <= LONGEST * max(old, len(state.task.source)) + 10


def _take(state: State, i: int | None, candidate: Candidate, assessment: Assessment) -> None:
    before = state.assessment
    for n, hit in enumerate(assessment.hits):
        if hit is None:
            state.how[n] = "missing"
        elif state.task.constraints[n].pos == "verb":  # never forced
            state.how[n] = "natural" if before.hits[n] is None else state.how[n]
        elif n == i or before.hits[n] is None:
            state.how[n] = candidate.how
    state.text, state.assessment = candidate.text, assessment
    state.put = [
        hit
        for n, hit in enumerate(assessment.hits)
        if hit and state.how[n] in ("forced", "spliced")
    ]
