"""The hand-made agreement sets, `agreement*.yaml`: whether the words around a term are right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from terminology_measure import Wanted, occurrences

from pipeline.engines.base import Engine, Segment
from pipeline.model import Constraint
from pipeline.storage import yaml
from pipeline.terminology.glossary import Glossary
from pipeline.terminology.glossary_file import parse as parse_glossary

SETS = {
    name: Path(__file__).with_name(f"{name}.yaml") for name in ("agreement", "agreement_second")
}
LOCALES = {"es": "es", "fr": "fr", "pt_BR": "pt", "it": "it"}
"""To the keys of the file."""
AIM = 0.95
ARTICLES = {
    "es": {"m": r"(?<!\bde )(?<!\ba )el|al|del", "mp": "los"},
    "fr": {"m": r"(?<!\bde )(?<!\bà )le|au|du", "p": r"(?<!\bde )(?<!\bà )les|des|aux"},
    "pt": {
        letters: rf"(?<!\bde )(?<!\bem )(?<!\bpor )(?<!\ba ){one}|{to}|d{one}|n{one}|pel{one}"
        for letters, one, to in (
            ("m", "o", "ao"),
            ("f", "a", "à"),
            ("mp", "os", "aos"),
            ("fp", "as", "às"),
        )
    },
    "it": {
        letters: rf"(?<!\bdi )(?<!\ba )(?<!\bda )(?<!\bin )(?<!\bsu ){one}"
        + "".join(f"|{before}{rest}" for before in ("a", "de", "ne", "da", "su"))
        for letters, one, rest in (
            ("m", "il ", "l "),
            ("lo", "lo ", "llo "),
            ("l'", "l'", "ll'"),
            ("f", "la ", "lla "),
            ("mp", "i ", "i "),
            ("gli", "gli ", "gli "),
            ("fp", "le ", "lle "),
        )
    },
}
"""What stands for <m> and so on: the article, and all that it is contracted to. That it stands
beside a preposition that it must be contracted with is ruled out by looking back."""


@dataclass(frozen=True, slots=True)
class Case:
    english: str
    covers: tuple[str, ...]
    right: Mapping[str, str]
    """A regular expression by language."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What an engine made of one case."""

    case: Case
    draft: str
    right: bool
    said: bool
    """Whether every term is there, in any form; if not, agreement is not even in question."""


def load(name: str) -> tuple[Glossary, list[Case]]:
    path = SETS[name]
    text = path.read_text(encoding="utf-8")
    glossary = parse_glossary(text.partition("\ncases:")[0] + "\n", path.name)
    data = yaml.load(text)
    assert isinstance(data, Mapping)
    cases = [
        Case(
            str(one["en"]),
            tuple(str(one["covers"]).split()),
            {key: str(one[key]) for key in LOCALES.values()},
        )
        for one in data["cases"]
    ]
    return glossary, cases


def matches(wanted: str, draft: str, language: str) -> bool:
    """Return whether *draft* has *wanted*, written as `agreement.yaml` tells."""
    pattern = wanted.replace(" ...", r" (?:[\w'-]+,? ){0,3}")
    for name, ways in ARTICLES[language].items():
        # Italian has its spaces in the list, because l' has none.
        place = f"<{name}> " if language == "it" and f"<{name}> " in pattern else f"<{name}>"
        pattern = pattern.replace(place, f"(?:{ways})")
    flat = " ".join(draft.replace("’", "'").split())
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", flat, re.IGNORECASE) is not None


def segments(
    glossary: Glossary, cases: Sequence[Case], locale: str, *, constrained: bool
) -> list[Segment]:
    return [
        Segment(
            case.english,
            constraints=constraints(glossary, case.english, locale) if constrained else (),
        )
        for case in cases
    ]


def constraints(glossary: Glossary, text: str, locale: str) -> tuple[Constraint, ...]:
    """Return what the glossary makes of *text*, as drafting does."""
    return tuple(glossary.constraints(text, locale))


def judge(engine: Engine, name: str, locale: str, *, constrained: bool) -> list[Judged]:
    """Give each sentence to *engine*, and see whether its first hypothesis is right."""
    glossary, cases = load(name)
    asked = segments(glossary, cases, locale, constrained=constrained)
    drafts = [its[0].text if its else "" for its in engine.translate(asked, "en", locale)]
    found = []
    for case, draft in zip(cases, drafts, strict=True):
        wanted = [
            Wanted(tuple(filter(None, (one.term, one.plural))))
            for one in constraints(glossary, case.english, locale)
        ]
        said = all(occurrences(draft, wanted, locale.partition("_")[0]).counts)
        key = LOCALES[locale]
        right = matches(case.right[key], draft, key)
        found.append(Judged(case, draft, right, said))
    return found


def by_cover(judged: Sequence[Judged]) -> dict[str, tuple[int, int]]:
    """Return how many are right, of how many, by what they cover."""
    total = Counter(cover for one in judged for cover in one.case.covers)
    right = Counter(cover for one in judged if one.right for cover in one.case.covers)
    return {cover: (right[cover], total[cover]) for cover in sorted(total)}
