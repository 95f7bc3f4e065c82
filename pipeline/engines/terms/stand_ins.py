"""Stand-ins: common words that a model translates well, in the place of a term."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.engines.terms import agreement
from pipeline.engines.terms.forms import BEGINS, Form, cased, compound_pair, compounds, forms_of
from pipeline.engines.terms.state import Candidate, State
from pipeline.engines.terms.verdict import Model, Span, Task, pattern
from pipeline.model import Constraint
from pipeline.text import tables

# Stand-ins: words that a model of English surely knows, as a term would be used.

_Pool = tuple[tuple[str, str], ...]
"""Stand-ins in English, each with what it is in the target language."""


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
class _StandIn:
    source: str
    words: tuple[tuple[str, Form, Constraint], ...]
    """What each stand-in is in the target language, and what it stands for; the term first."""
    forms: tuple[Form, ...] = ()
    """All forms of the term."""


def stand_ins_of(state: State, i: int, model: Model) -> Iterator[_StandIn]:
    """Write the source with stand-ins for the term, for all that are missing, and for all."""
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
    lost = [n for n in usable if state.verdict.hits[n] is None or n == i]
    forms = {n: forms_of(task.constraints[n], model.target) for n in usable}
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
                    form = compounds(task, n, model.target)[0]
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
                    if not pattern(one, False).search(task.source)
                )
                if used[kind] >= len(pool):
                    ok = False
                    break
                word, known = pool[used[kind]]
                used[kind] += 1
                left = re.sub(r"\b([Aa])n(\s+)$", r"\1\2", text[:start])
                if BEGINS.search(left):
                    word = word[:1].upper() + word[1:]
                text = left + word + text[end:]
                words.append((known, form, constraint))
            if ok and text not in seen:
                seen.add(text)
                words.sort(key=lambda one: one[2] is not task.constraints[i])
                yield _StandIn(text, tuple(words), tuple(forms[i]))


def replaced(draft: str, one: _StandIn, language: str) -> tuple[str, Span] | None:
    """Put the terms where their stand-ins are, or give None where one is not there just once."""
    at = (0, 0)
    for known, form, constraint in reversed(one.words):
        found = [m.span() for m in pattern(known, False).finditer(draft)]
        if len(found) != 1:
            return None
        start, end = found[0]
        left = agreement.leads(draft[:start], form.text, form.gender, form.number, language)[0]
        word = cased(form.text, left, constraint)
        draft = left + word + draft[end:]
        at = (len(left), len(left) + len(word))
    return draft, at


@dataclass(frozen=True, slots=True)
class Judge:
    """A source in which a stand-in is at the place of a term, and the stand-in in the target.

    A decoder that does not know a noun cannot match an adjective with it; of a house it knows
    how one says that it is old. So it is asked what it thinks of each candidate about a house.
    """

    source: str
    known: str
    form: Form

    def put(self, candidate: Candidate, language: str) -> str:
        start, end = candidate.put[0]
        form = self.form
        left = candidate.text[:start]
        left = agreement.leads(left, self.known, form.gender, form.number, language)[0]
        word = self.known[:1].upper() + self.known[1:] if BEGINS.search(left) else self.known
        return left + word + candidate.text[end:]


def judge_of(task: Task, i: int, one: _StandIn) -> Judge | None:
    """Give none where the forms differ in gender or number: each would fit itself."""
    known, form, constraint = one.words[0]
    kinds = {(f.gender, f.number) for f in one.forms}
    if len(one.words) > 1 or constraint != task.constraints[i] or len(kinds) != 1:
        return None
    if not form.gender or not form.number:
        return None
    return Judge(one.source, known, form)
