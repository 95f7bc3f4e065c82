"""Tables and lines that commands print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.catalog import provenance
from pipeline.model import Article, Catalog, DateLine, Dropped, Finding, Skeleton, State, Unit
from pipeline.project.status import Row
from pipeline.text import locales
from pipeline.text.words import shortened


def part_rows(article: Article) -> Iterator[dict[str, object]]:
    """Give a row for each part of *article* with its fate; the sources, joined, are the file."""
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


def cell(text: str, width: int) -> str:
    """Return *text* for a column of a table: an ellipsis stands for what is beyond *width*."""
    return shortened(text, width, over=True, strip=False)


def finding_row(found: Finding) -> dict[str, str]:
    return {"check": found.check, "explanation": found.explanation, "where": found.where}


def counts_line(catalog: Catalog) -> str:
    counts = provenance.counts(catalog)
    return ", ".join(f"{n} {state.value}" for state, n in counts.items() if n)


def status_table(entries: Sequence[Row]) -> Iterator[str]:
    """Give the lines of a table: the number of messages by state, per article and locale."""
    head = ["article", "locale", *(state.value for state in State), "published"]
    rows = [head]
    for entry in entries:
        share = entry.approved / entry.sentences if entry.sentences else 0.0
        wrong = f", {entry.errors} error{'s' * (entry.errors > 1)}" * bool(entry.errors)
        done = f"no, {locales.percent(share, 'en')} approved{wrong}"
        done = "yes" if entry.published else done
        numbers = [str(entry.states[state] or "-") for state in State]
        rows.append([entry.article, entry.locale, *numbers, done])
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    for cells in rows:
        padded = [
            cell.rjust(width) if 2 <= n < len(head) - 1 else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def totals(entries: Sequence[Row]) -> Iterator[str]:
    """Give a line of totals for each locale."""
    for locale in dict.fromkeys(entry.locale for entry in entries):
        its = [entry for entry in entries if entry.locale == locale]
        yield (
            f"{locale}: {sum(e.published for e in its)} of {len(its)} articles published, "
            f"{sum(e.approved for e in its)} of {sum(e.sentences for e in its)} sentences approved"
        )


def next_steps(entries: Sequence[Row]) -> Iterator[str]:
    """Give lines that name the folders of the files, and the next command."""
    published = sum(entry.published for entry in entries)
    yield ""
    yield "Translators edit   locales/LOCALE/LC_MESSAGES/ARTICLE.po   in any PO editor."
    yield f"Published articles ({published}): localized/LOCALE/"
    yield f"Previews ({len(entries) - published}): localized/preview/LOCALE/"
    yield "After an edit: pipeline run. What a source was taken for: pipeline clean FILE."
