"""Command that lists the next work for a person."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import click

from pipeline import workflow
from pipeline.catalog import po_grammar
from pipeline.cli import tables
from pipeline.cli.base import (
    articles_argument,
    json_option,
    limit_option,
    locale_option,
    main,
    say,
    say_json,
    warn,
)
from pipeline.cli.listener import finish, open_session
from pipeline.model import Catalog, Finding, Key
from pipeline.project.todo import WORDS, Item
from pipeline.project.todo import todo as todo_of
from pipeline.publish import localize


@main.command()
@articles_argument
@locale_option
@json_option
@limit_option(20)
@click.pass_obj
def todo(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], as_json: bool, limit: int
) -> None:
    """List the sentences that wait for a person, the most urgent first. Writes nothing.

    First approved sentences in error, then those that may say the opposite now, changed ones,
    empty ones, and drafts; within each, those that complete an article soonest.

    \b
    Example:
      pipeline todo --locale es --limit 5
    """
    with open_session(folder, only, articles, dry_run=True) as session:
        session.adopt(warn)
        catalogs: dict[tuple[str, str], Catalog] = {}
        errors: dict[tuple[str, str], list[Finding]] = {}
        lines: dict[tuple[str, str], dict[Key, int]] = {}
        for article, locale in session.pairs():
            with session.reporting():
                path = session.place(article.id, locale)
                catalog = session.catalog(article, locale)
                current = workflow.update(article, catalog, session.terms(article))
                with contextlib.suppress(FileNotFoundError):  # or removed since
                    lines[article.id, locale] = dict(po_grammar.message_lines(path))
                catalogs[article.id, locale] = current
                built = localize.localize(article, current)
                errors[article.id, locale] = [f for f in built.findings if f.error]
        found = todo_of(catalogs, errors)
        shown = found[: limit or None]

        def where(item: Item) -> str:
            pair = (item.article, item.locale)
            line = lines.get(pair, {}).get(item.message.key)
            path = session.project.show(session.place(*pair))
            return f"{path}:{line}" if line else path

        if as_json:
            say_json(
                [
                    {
                        "article": item.article,
                        "locale": item.locale,
                        "where": where(item),
                        "why": WORDS[item.urgency],
                        "source": item.message.source,
                        "target": item.message.target,
                        "note": item.error or item.message.change or item.message.draft,
                        "left": item.left,
                    }
                    for item in shown
                ]
            )
        else:
            for item in shown:
                short = tables.cell(item.message.source, 69)
                said = ": ".join(filter(None, (WORDS[item.urgency], item.error, short)))
                say(f"{where(item)}: {said}")
            if len(found) > len(shown):
                say(f"... and {len(found) - len(shown)} more")
            counts = Counter(item.urgency for item in found)
            parts = (f"{counts[u]} {word}" for u, word in WORDS.items() if counts[u])
            if found:
                say(", ".join(parts))
            elif not session.failed:
                say("Nothing: every sentence is approved.")
        finish(session)
