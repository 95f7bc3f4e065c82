"""Stand-ins: common English words that a model translates well, in place of a term."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.engines.terms import agreement
from pipeline.engines.terms.assessment import Model, Span, Task, form_pattern
from pipeline.engines.terms.forms import (
    SENTENCE_START,
    Form,
    candidate_forms,
    compound_forms,
    compound_pair,
    sentence_case,
)
from pipeline.engines.terms.state import Candidate, State
from pipeline.model import Constraint
from pipeline.text import tables

_Pool = tuple[tuple[str, str], ...]
"""Pairs of a stand-in in English and in the target language."""


@cache
def _stand_ins(language: str) -> Mapping[tuple[str, str], _Pool]:
    """Return the stand-ins in a language by gender and number."""
    found: dict[tuple[str, str], _Pool] = {}
    for code, gender, english, plural, one, many in tables.rows(
        "engines/terms/stand_ins",
        "language",
        "gender",
        "English",
        "English plural",
        "word",
        "plural",
    ):
        if code == language:
            for number, pair in (("singular", (english, one)), ("plural", (plural, many))):
                found[gender, number] = (*found.get((gender, number), ()), pair)
    return found


_NAMES = (("Tom", "Tom"), ("Boston", "Boston"), ("Maria", "Maria"))


@dataclass(frozen=True, slots=True)
class Substitution:
    """A source with stand-ins in place of terms."""

    source: str
    words: tuple[tuple[str, Form, Constraint], ...]
    """Each stand-in in the target language, with the form and the constraint it replaces; the term
    at work first."""
    forms: tuple[Form, ...] = ()
    """Candidate forms of the term at work."""


def substitutions(state: State, i: int, model: Model) -> Iterator[Substitution]:
    """Yield sources with stand-ins for term `i`, for all missing terms, and for all terms."""
    task = state.task
    if model.source != "en" or not _stand_ins(model.target):
        return
    usable = [
        n
        for n, constraint in enumerate(task.constraints)
        if task.spans[n] and (constraint.pos not in ("verb", "adj") or constraint.keep)
    ]
    if i not in usable:
        return
    lost = [n for n in usable if state.assessment.hits[n] is None or n == i]
    forms = {n: candidate_forms(task.constraints[n], model.target) for n in usable}
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
                pair = compound_pair(task, n)
                if pair and pair[1] == n and pair[0] in usable:
                    form = compound_forms(task, n, model.target)[0]
                    start = (task.spans[pair[0]] or (0, 0))[0]
                    done.add(pair[0])
                if constraint.keep or constraint.pos in ("name", "abbr"):
                    pool: _Pool = _NAMES
                    kind = ("name", "")
                else:
                    number = form.number or constraint.number or "singular"
                    kind = (form.gender or "m", number)
                    pool = _stand_ins(model.target)[kind]
                pool = tuple(
                    (one, other)
                    for one, other in pool
                    if not form_pattern(one, False).search(task.source)
                )
                if used[kind] >= len(pool):
                    ok = False
                    break
                word, known = pool[used[kind]]
                used[kind] += 1
                left = re.sub(r"\b([Aa])n(\s+)$", r"\1\2", text[:start])
                if SENTENCE_START.search(left):
                    word = word[:1].upper() + word[1:]
                text = left + word + text[end:]
                words.append((known, form, constraint))
            if ok and text not in seen:
                seen.add(text)
                words.sort(key=lambda one: one[2] is not task.constraints[i])
                yield Substitution(text, tuple(words), tuple(forms[i]))


def restore_terms(draft: str, one: Substitution, language: str) -> tuple[str, Span] | None:
    """Replace the stand-ins by their terms; None unless each occurs exactly once."""
    at = (0, 0)
    for known, form, constraint in reversed(one.words):
        found = [m.span() for m in form_pattern(known, False).finditer(draft)]
        if len(found) != 1:
            return None
        start, end = found[0]
        left = agreement.leads(draft[:start], form.text, form.gender, form.number, language)[0]
        word = sentence_case(form.text, left, constraint)
        draft = left + word + draft[end:]
        at = (len(left), len(left) + len(word))
    return draft, at


@dataclass(frozen=True, slots=True)
class Proxy:
    """Proxy for scoring: a source and candidates with a stand-in in place of the term.

    A decoder that does not know a noun cannot make an adjective agree with it, but knows how an
    old house is called. So each candidate is also scored as if it were about a house.
    """

    source: str
    known: str
    form: Form

    def put(self, candidate: Candidate, language: str) -> str:
        start, end = candidate.put[0]
        form = self.form
        left = candidate.text[:start]
        left = agreement.leads(left, self.known, form.gender, form.number, language)[0]
        word = (
            self.known[:1].upper() + self.known[1:] if SENTENCE_START.search(left) else self.known
        )
        return left + word + candidate.text[end:]


def proxy_of(task: Task, i: int, one: Substitution) -> Proxy | None:
    """Return the proxy of a term; None where its forms differ in gender or number."""
    known, form, constraint = one.words[0]
    kinds = {(f.gender, f.number) for f in one.forms}
    if len(one.words) > 1 or constraint != task.constraints[i] or len(kinds) != 1:
        return None
    if not form.gender or not form.number:
        return None
    return Proxy(one.source, known, form)
