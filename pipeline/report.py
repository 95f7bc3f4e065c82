"""What the command line prints: plain functions from values to lines and to JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline import catalog as catalogs
from pipeline import locales
from pipeline.model import (
    Article,
    Catalog,
    DateLine,
    Dropped,
    Finding,
    LocalizedArticle,
    Skeleton,
    State,
    Unit,
)
from pipeline.project import Project


def account(article: Article) -> Iterator[dict[str, object]]:
    """Give each part of *article* with its fate; the sources, joined, are the file."""
    line = 1
    for part in article.parts:
        fate, role, rule, text = "skeleton", "", "", ""
        match part:
            case Unit():
                fate, role, text = "unit", part.role.value, part.text
            case DateLine():
                fate, text = "date", part.date.isoformat()
            case Dropped():
                fate, rule = "dropped", part.rule
            case Skeleton():
                text = part.text
        yield {
            "line": line + len(part.source) - len(part.source.lstrip("\n")),
            "fate": fate,
            "role": role,
            "rule": rule,
            "text": text,
            "source": part.source,
        }
        line += part.source.count("\n")


def grouped(findings: Iterable[Finding]) -> Iterator[str]:
    """Give findings as lines, equal ones as one."""
    places: dict[tuple[str, str], list[str]] = {}
    for found in findings:
        places.setdefault((found.check, found.explanation), []).append(found.where)
    for (check, explanation), where in places.items():
        numbers = [w.removeprefix("line ") for w in dict.fromkeys(where) if w]
        lines = f" (line {', '.join(numbers)})" if numbers else ""
        yield f"{check}: {explanation}{lines}"


def entry(
    project: Project,
    article: Article,
    built: LocalizedArticle,
    written: Sequence[Path],
    catalog: Catalog,
) -> Mapping[str, object]:
    return {
        "article": article.id,
        "locale": built.locale,
        "lang": locales.bcp47(built.locale),
        "title": str(built.meta["title"]),
        "date": iso(article.date),
        "published": built.publishable,
        "approved": built.approved,
        "sentences": built.total,
        "files": [project.show(path) for path in written],
        "states": catalogs.counts(catalog),
    }


def states(entry: Mapping[str, object]) -> dict[str, int]:
    states = entry["states"]
    assert isinstance(states, dict)
    return {state.value: number for state, number in states.items()}


def iso(date: object) -> str | None:
    return str(date) if date else None


def finding(found: Finding) -> dict[str, str]:
    return {"check": found.check, "explanation": found.explanation, "where": found.where}


def counts_line(catalog: Catalog) -> str:
    counts = catalogs.counts(catalog)
    return ", ".join(f"{n} {state.value}" for state, n in counts.items() if n)


def table(entries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Give lines: what is in which state, per article and locale."""
    head = ["article", "locale", *(state.value for state in State), "published"]
    rows = [head]
    for row in entries:
        counted = states(row)
        done = "yes" if row["published"] else f"no, {locales.percent(share(row), 'en')} approved"
        numbers = [str(counted[state.value] or "-") for state in State]
        rows.append([str(row["article"]), str(row["locale"]), *numbers, done])
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    for cells in rows:
        padded = [
            cell.rjust(width) if 2 <= n < len(head) - 1 else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def share(row: Mapping[str, object]) -> float:
    """Return how much of an article a person has approved, of 1."""
    approved, total = row["approved"], row["sentences"]
    assert isinstance(approved, int)
    assert isinstance(total, int)
    return approved / total if total else 0.0


def where_to_look(entries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Give lines: where the files are, and what to do next."""
    published = sum(bool(row["published"]) for row in entries)
    yield ""
    yield "Translators edit   locales/LOCALE/LC_MESSAGES/ARTICLE.po   in any PO editor."
    yield f"Published articles ({published}): localized/LOCALE/"
    yield f"Previews ({len(entries) - published}): localized/preview/LOCALE/"
    yield "After an edit: pipeline run. What a source was taken for: pipeline clean FILE."
