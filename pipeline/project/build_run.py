"""Building all articles of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline import workflow
from pipeline.catalog import po_grammar
from pipeline.checks.terminology import disagreements
from pipeline.model import Article, Catalog, Finding, Key
from pipeline.project import status
from pipeline.project.remarks import FEW, known_warnings
from pipeline.project.session import Session
from pipeline.publish import localize
from pipeline.publish.targets import TARGETS


def build_all(session: Session, *, brief: bool = False) -> list[status.Row]:
    """Build and write all articles of a session; return where each stands in each locale.

    *brief* is to leave out warnings where there are many of a kind.
    """
    rows = {article.id: list(article.rows) for article in session.summaries()}
    for article, locale in _pairs(session):
        with session.reporting():
            path = session.project.catalog_path(article.id, locale)
            catalog = session.catalogs.get((article.id, locale))
            if catalog and session.project.unchanged(path):
                built = localize.localize(article, catalog)
            else:  # a translator may have saved it while engines were at work
                catalog = session.project.catalog(article, locale)
                built = workflow.build(article, catalog, session.terms(article))
                if (article.id, locale) in session.catalogs:
                    session.noted.add(article.id)  # what is recorded is what was read before
            findings = [*built.findings, *_disagreements(session, article, catalog)]
            _report(session, article, path, findings, brief=brief)
            written, withdrawn = session.project.publish(built)
            if withdrawn:
                left = built.total - built.approved
                reason = f"{left} of its sentences are not approved" if left else "see the errors"
                session.listener.warn(f"withdrawn from localized/{locale}/: {article.id}; {reason}")
            rows[article.id].append(status.row(session.project, article, built, written, catalog))
    session.settle(rows)
    entries = [row for found in rows.values() for row in found]
    session.project.write_manifest([entry.manifest() for entry in entries], session.known())
    return entries


def _disagreements(session: Session, article: Article, catalog: Catalog) -> Iterator[Finding]:
    """Give in what approved messages do not follow the glossary; they stay as they are."""
    for message in catalog.messages:
        if not message.obsolete:
            yield from disagreements(message, catalog.locale, session.terms(article))


def standing(session: Session, article: Article, locale: str) -> status.Row:
    """Return where *article* stands, with those of its files that are there."""
    current = workflow.update(article, session.catalog(article, locale), session.terms(article))
    built = localize.localize(article, current)
    preview = not built.publishable
    places = (
        session.project.output_path(article.id, locale, suffix, preview=preview)
        for suffix in TARGETS
    )
    written = [path for path in places if path.exists()]
    return status.row(session.project, article, built, written, current)


def _pairs(session: Session) -> Iterator[tuple[Article, str]]:
    """Give what `Session.pairs` gives, and tell in its place what there is to say of the others."""
    pairs: dict[str, list[tuple[Article, str]]] = {}
    for article, locale in session.pairs():
        pairs.setdefault(article.id, []).append((article, locale))
    few = known_warnings(session) <= FEW
    for summary in session.summaries():
        for line in summary.said if few else ():
            session.listener.warn(line)
        yield from pairs.get(summary.id, ())


def _report(
    session: Session, article: Article, path: Path, findings: Iterable[Finding], *, brief: bool
) -> None:
    """Report what is wrong with approved sentences, at the line where they stand.

    If *brief*, a few warnings of each kind, and how many more there are.
    """
    numbers: dict[Key, int] = {}
    counts: Counter[str] = Counter()
    for found in findings:
        if not numbers and path.exists():
            numbers = dict(po_grammar.message_lines(path))
        at = numbers.get((found.context, found.where))
        where = session.project.show(path) + (f":{at}" if at else "")
        line = f"{where}: {found.severity}: {found.check}: {found.explanation}"
        if found.error:
            session.noted.add(article.id)
            session.fail(line)
        else:
            session.said.setdefault(article.id, []).append(line)
            counts[found.check] += 1
            if not brief or counts[found.check] <= FEW:
                session.listener.warn(line)
    for check, count in counts.items():
        if brief and count > FEW:
            where = session.project.show(path)
            session.listener.warn(
                f"{where}: warning: {check}: {count - FEW} more: pipeline build {article.id}"
            )
