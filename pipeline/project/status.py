"""Status of articles: plain functions from values to lines and to JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog import provenance
from pipeline.model import Article, Catalog, Finding, LocalizedArticle, State
from pipeline.project.project import Project
from pipeline.text import locales


def grouped(findings: Iterable[Finding]) -> Iterator[str]:
    """Give findings as lines, equal ones as one."""
    places: dict[tuple[str, str], list[str]] = {}
    for found in findings:
        places.setdefault((found.check, found.explanation), []).append(found.where)
    for (check, explanation), where in places.items():
        numbers = [w.removeprefix("line ") for w in dict.fromkeys(where) if w]
        lines = f" (line {', '.join(numbers)})" if numbers else ""
        yield f"{check}: {explanation}{lines}"


@dataclass(frozen=True, slots=True)
class Row:
    """Where one article stands in one locale."""

    article: str
    locale: str
    title: str
    date: str | None
    published: bool
    approved: int
    """Sentences that a person has approved, of `sentences`."""
    sentences: int
    files: tuple[str, ...]
    states: Mapping[State, int]
    """How many messages of the catalog are in each state."""
    errors: int = 0
    """Errors in approved sentences, which keep it from being published."""

    def manifest(self) -> dict[str, object]:
        """Return what a website's import needs to know."""
        return {
            "article": self.article,
            "locale": self.locale,
            "lang": locales.bcp47(self.locale),
            "title": self.title,
            "date": self.date,
            "published": self.published,
            "approved": self.approved,
            "sentences": self.sentences,
            "files": list(self.files),
        }


def row(
    project: Project,
    article: Article,
    built: LocalizedArticle,
    written: Sequence[Path],
    catalog: Catalog,
) -> Row:
    return Row(
        article=article.id,
        locale=built.locale,
        title=str(built.meta["title"]),
        date=iso(article.date),
        published=built.publishable,
        approved=built.approved,
        sentences=built.total,
        files=tuple(project.show(path) for path in written),
        states=provenance.counts(catalog),
        errors=sum(finding.error for finding in built.findings),
    )


def iso(date: object) -> str | None:
    return str(date) if date else None
