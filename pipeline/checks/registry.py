"""Registry of checks: all of them by their ids, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.checks import draft, source, translation
from pipeline.checks.base import Check, SubjectKind
from pipeline.plugins import Registry


def by_id(found: Iterable[Check]) -> dict[str, Check]:
    """Return checks by their ids, in their order.

    Raises:
        ValueError: two have the same id.

    """
    checks: dict[str, Check] = {}
    for one in found:
        if one.id in checks:
            raise ValueError(f"two checks have the id {one.id!r}")
        checks[one.id] = one
    return checks


CHECKS: Registry[Check] = Registry(
    "pipeline.checks",
    by_id(
        one
        for module in (source, translation, draft)
        for one in vars(module).values()
        if isinstance(one, Check)
    ),
    lambda one: isinstance(one, Check),
)
"""Whatever these modules define with the decorator, in the order of the files, then those of
plug-ins. Findings come in this order; of a draft the first one decides, so that the dearest checks
stand last."""


def checks_of(kind: SubjectKind) -> list[Check]:
    """Return the checks for a kind of subject, in order."""
    return [one for one in CHECKS.values() if kind in one.severities]
