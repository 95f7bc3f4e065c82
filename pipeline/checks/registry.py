"""Registry of checks: all of them by their ids, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.checks import draft, source, translation
from pipeline.checks.base import Check, SubjectKind


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


CHECKS: dict[str, Check] = by_id(
    one
    for module in (source, translation, draft)
    for one in vars(module).values()
    if isinstance(one, Check)
)
"""Whatever these modules define with the decorator, in the order of the files. Findings come in
this order; of a draft the first one decides, so that the dearest checks stand last."""


def checks() -> Mapping[str, Check]:
    """Return all checks by their ids. Those of plug-ins are to join `CHECKS` here."""
    return CHECKS


def checks_of(kind: SubjectKind) -> list[Check]:
    """Return the checks for a kind of subject, in order."""
    return [one for one in checks().values() if kind in one.severities]
