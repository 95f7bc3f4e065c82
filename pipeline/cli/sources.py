"""Commands that look at a source text and write nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click

from pipeline.cli import tables
from pipeline.cli.base import (
    given_settings,
    json_option,
    language_option,
    main,
    say,
    say_json,
    stdin,
)
from pipeline.formats.plain_text import paragraphs
from pipeline.formats.units import sentence_spans
from pipeline.project import status
from pipeline.project.sources import read_article
from pipeline.text.source import normalise


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@language_option
@json_option
@click.pass_obj
def clean(folder: Path | None, file: Path, language: str | None, as_json: bool) -> None:
    """Show the role of each line of FILE, the rule that dropped it, and the findings.

    To overrule it, write the line and its role (drop, keep, title, heading, paragraph, item,
    quote, caption, slogan, byline or signature) under [tool.pipeline.clean] in pyproject.toml, or
    under "clean:" in the front matter of the file.

    \b
    Example:
      pipeline clean source_texts/water-is-a-right.txt
    """
    article = read_article(file, given_settings(folder, language), str(file))
    rows = list(tables.part_rows(article))
    if as_json:
        found = [tables.finding_row(f) for f in article.findings]
        head = {
            "article": article.id,
            "language": article.language,
            "date": status.iso(article.date),
        }
        say_json({**head, "signed": status.iso(article.signed), "parts": rows, "findings": found})
        return
    for row in rows:
        if row["fate"] != "skeleton" or any(map(str.isalpha, _apart(str(row["text"])))):
            label = {"unit": row["role"], "skeleton": "as it is"}.get(str(row["fate"]), row["fate"])
            rule = f"  [{row['rule']}]" if row["rule"] else ""
            text = " ".join(str(row["text"] or row["source"]).split())
            shown = tables.cell(text, 77)
            say(f"{row['line']:>5}  {label:<11} {shown}{rule}")
    total = Counter(str(row["fate"]) for row in rows)
    size = {fate: sum(len(str(r["source"])) for r in rows if r["fate"] == fate) for fate in total}
    parts = ", ".join(f"{size[fate]} {fate} ({n})" for fate, n in sorted(total.items()))
    say(f"\n{sum(size.values())} characters: {parts}.")
    if article.findings:
        say("\nFindings (nothing was changed, except where one says so):")
        for line in status.grouped(article.findings):
            say(f"  {line}")


def _apart(skeleton: str) -> str:
    """Return *skeleton* without the ends of links in it."""
    return re.sub(r"\]\([^()\s]*\)", "", skeleton)


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default="-")
@language_option
@json_option
@click.pass_obj
def segment(folder: Path | None, file: Path, language: str | None, as_json: bool) -> None:
    """Print the sentences of FILE, or of plain text from standard input, one a line.

    A blank line parts the blocks. With --json: a list of blocks, each a list of strings.

    \b
    Example:
      pipeline segment source_texts/open-letter-on-school-meals.md --json
      echo "The U.N. building is empty. They left." | pipeline segment
    """
    given = given_settings(folder, language)
    if str(file) == "-":
        blocks = list(_plain_blocks(normalise(stdin()).text, given.source_language))
    else:
        units = read_article(file, given, str(file)).units
        blocks = [[u.text for u in group] for _, group in groupby(units, lambda u: u.block)]
    if as_json:
        say_json(blocks)
    else:
        say("\n\n".join("\n".join(block) for block in blocks))


def _plain_blocks(text: str, language: str) -> Iterator[list[str]]:
    for para in paragraphs(text):
        yield [para.text[start:end] for start, end in sentence_spans(para.text, language)]
