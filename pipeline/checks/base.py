"""Protocol of the checks: a `Check` looks at a `Subject` and explains what is wrong with it.

To add one: a function with the decorator `check` in a module that `pipeline.checks.registry` reads.
Its name makes the id, and the first line of its docstring the title; people see both.
"""

from __future__ import annotations

import datetime
import functools
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.checks import compare
from pipeline.model import Role, Severity
from pipeline.text import markup


class SubjectKind(StrEnum):
    """Kind of text that is looked at. The values are the keywords of `check`."""

    SOURCE = "source"
    """A sentence of an article as its author wrote it."""
    ARTICLE = "article"
    """A source as a whole, with its `sentences`."""
    DRAFT = "draft"
    """A machine's translation, not offered yet."""
    TRANSLATION = "translation"
    """A person's, approved."""


@dataclass(frozen=True)
class Subject:
    """A text beside its source. The derived forms are made when first asked for, and kept."""

    kind: SubjectKind
    source: str
    target: str = ""
    """"" where `kind` is of sources."""
    source_language: str = ""
    locale: str = ""
    """Of the target."""
    role: Role | None = None
    """None where it is not known."""
    names: Collection[str] = ()
    """To be in the target letter for letter."""
    sentences: tuple[Subject, ...] = ()
    """Of a whole article."""
    dates: tuple[datetime.date, ...] = ()
    """Of a whole article: its own, then the others that it bears."""

    @functools.cached_property
    def shown_source(self) -> str:
        """`source` as it reads without markup."""
        return markup.shown(self.source)

    @functools.cached_property
    def shown_target(self) -> str:
        return markup.shown(self.target)

    @functools.cached_property
    def source_pieces(self) -> markup.Inventory:
        return compare.inventory(self.source)

    @functools.cached_property
    def target_pieces(self) -> markup.Inventory:
        return compare.inventory(self.target)

    @functools.cached_property
    def source_numbers(self) -> Counter[str]:
        return compare.numbers(self.source)

    @functools.cached_property
    def target_numbers(self) -> Counter[str]:
        return compare.numbers(self.target)


Find = Callable[[Subject], Iterator[str]]
"""Gives an explanation for each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may be wrong, and the function that finds it."""

    id: str
    """Words; stable, as findings, settings and scripts name the check by it."""
    title: str
    """A line for people: what holds where nothing is found."""
    severities: Mapping[SubjectKind, Severity]
    """The kinds of subject that it looks at, each with how grave a finding is there."""
    find: Find


def check(**severities: Severity) -> Callable[[Find], Check]:
    """Make a check of the function below, for the kinds of subject that are named."""

    def made(find: Find) -> Check:
        title = (find.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
        if not title:
            raise ValueError(f"{find.__qualname__}: a check needs a docstring; it makes the title")
        kinds = {SubjectKind(kind): severity for kind, severity in severities.items()}
        return Check(find.__name__.replace("_", " "), title, kinds, find)

    return made
