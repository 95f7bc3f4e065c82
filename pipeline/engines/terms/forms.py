"""Candidate forms of a term, the likeliest first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.engines.terms import agreement, inflection
from pipeline.engines.terms.assessment import Task, occurrences
from pipeline.model import Constraint


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a term; gender and number are "" where unknown."""

    text: str
    gender: str
    number: str


def candidate_forms(constraint: Constraint, language: str) -> list[Form]:
    """Return the forms that a term may take in a draft, the likeliest first."""
    if constraint.keep:
        return [Form(constraint.term, "", "")]
    numbers = [constraint.number] if constraint.number else ["singular", "plural"]
    words: list[tuple[str, str]] = []
    for number in numbers:
        if number == "singular":
            words.append((constraint.term, "singular"))
        elif constraint.plural:
            words.append((constraint.plural, "plural"))
        elif constraint.pos not in ("name", "abbr", "adj"):
            guess = inflection.plural(constraint.term, language)
            same = replace(constraint, plural="", forms=())
            if guess and occurrences(guess, same, language) == [(0, len(guess))]:
                words.append((guess, "plural"))
            if not constraint.number or not words:
                words.append((constraint.term, ""))
        else:
            words.append((constraint.term, ""))
    words += [(form, "") for form in constraint.forms]
    if constraint.pos in ("adj", "name", "abbr") and not constraint.gender:
        return [Form(word, "", "") for word, _ in dict(words).items()]
    found = []
    for word, number in dict(words).items():
        sure = constraint.gender or inflection.guess_gender(word, language)
        for gender in [sure] if sure else ["", "m", "f"]:
            found.append(Form(word, gender, number))
    return found


def first_form(constraint: Constraint, language: str) -> str:
    """Return the likeliest form of a term: in the number of the source, if known."""
    if constraint.pos == "verb":
        return constraint.term
    return candidate_forms(constraint, language)[0].text


def compound_pair(task: Task, i: int) -> tuple[int, int] | None:
    """Return term `i` and its neighbour where they form a compound: “pneumonia outbreak”."""
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


def compound_forms(task: Task, i: int, language: str) -> list[Form]:
    """Return the forms of a compound of two nouns: the second, “of” the first."""
    pair = compound_pair(task, i)
    if pair is None or language not in _OF:
        return []
    less = candidate_forms(task.constraints[pair[0]], language)[0]
    found = []
    for head in candidate_forms(task.constraints[pair[1]], language)[:2]:
        left = agreement.leads(f"{head.text} {_OF[language]} ", less.text, "", "", language)[0]
        found.append(Form(left + less.text, head.gender, head.number))
    return found


SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+)[\s“\"'«¿¡(\[—–-]*\Z")


def sentence_case(form: str, left: str, constraint: Constraint) -> str:
    """Capitalise a form at the start of a sentence."""
    if not constraint.keep and SENTENCE_START.search(left) and form[:1].islower():
        return form[:1].upper() + form[1:]
    return form
