"""Commands of the main work: update, translate, build, status, and all at once."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import tables
from pipeline.cli.base import (
    articles_argument,
    dry_option,
    engine_option,
    json_option,
    locale_option,
    main,
    say,
    say_json,
    say_lines,
    warn,
)
from pipeline.cli.listener import finish, open_session
from pipeline.project import status as project_status
from pipeline.project.build_run import build_all, standing
from pipeline.project.draft_run import draft_all, update_catalog
from pipeline.project.remarks import remarks


@main.command()
@articles_argument
@locale_option
@engine_option
@click.pass_obj
def run(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], engine: str | None
) -> None:
    """Update, translate and build all that is new; then show the state of each article.

    It can be repeated at any time: a second run changes no byte.

    \b
    Example:
      pipeline run
      pipeline run open-letter-on-school-meals --locale es
    """
    with open_session(folder, only, articles, engine=engine) as session:
        if not (articles or only or engine):
            session.record = session.project.record()
        draft_all(session, engine)
        entries = build_all(session, brief=True)
        news = [row for row in entries if row.article not in session.unchanged]
        long = len(entries) > _ROWS
        say_lines(tables.status_table(news if long else entries))
        if long:
            say(f"{len(entries) - len(news)} more are as they were: pipeline status")
            say_lines(tables.totals(entries))
        say_lines(tables.next_steps(entries))
        say_lines(remarks(session))
        if session.record:
            session.record.save()
        finish(session)


_ROWS = 40
"""Rows of a table, at most; a longer one shows only the new ones."""


@main.command()
@articles_argument
@locale_option
@dry_option
@click.pass_obj
def update(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], dry_run: bool
) -> None:
    """Bring the PO files up to date with the source texts. Nothing translated is lost.

    \b
    Example:
      pipeline update --dry-run
    """
    with open_session(folder, only, articles, dry_run=dry_run) as session:
        session.adopt()
        for article, locale in session.pairs():
            with session.reporting():
                path = session.project.catalog_path(article.id, locale)
                new, changed = update_catalog(session, article, locale)
                if changed:
                    verb = "would change" if dry_run else "updated"
                    say(f"{verb} {session.project.show(path)}: {tables.counts_line(new)}")
        finish(session)


@main.command("translate")
@articles_argument
@locale_option
@engine_option
@click.option(
    "--redraft",
    is_flag=True,
    help="Also replace untouched drafts of other engines.",
)
@dry_option
@click.pass_obj
def translate_command(
    folder: Path | None,
    articles: tuple[str, ...],
    only: tuple[str, ...],
    engine: str | None,
    redraft: bool,
    dry_run: bool,
) -> None:
    """Draft untranslated messages of the PO files, marked fuzzy, with the name of the engine.

    \b
    Example:
      pipeline translate --locale es --engine apertium
      pipeline translate --redraft --dry-run
    """
    with open_session(folder, only, articles, engine=engine, dry_run=dry_run) as session:
        draft_all(session, engine, redraft=redraft)
        finish(session)


@main.command()
@articles_argument
@locale_option
@click.pass_obj
def build(folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Reassemble the articles: approved ones to localized/, others to localized/preview/.

    \b
    Example:
      pipeline build --locale es
    """
    with open_session(folder, only, articles) as session:
        entries = build_all(session)
        for entry in entries:
            verb = "published" if entry.published else "preview"
            say(f"{verb} {entry.files[-1]}: {entry.approved} of {entry.sentences} approved")
        finish(session)


@main.command()
@articles_argument
@locale_option
@json_option
@click.pass_obj
def status(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], as_json: bool
) -> None:
    """Show the number of sentences by state, per article and locale. Writes nothing.

    \b
    Example:
      pipeline status --locale es
      pipeline status --json
    """
    with open_session(folder, only, articles, dry_run=True) as session:
        session.adopt(warn)
        entries: list[project_status.Row] = []
        for article, locale in session.pairs():
            with session.reporting():
                entries.append(standing(session, article, locale))
        if as_json:
            shown = [
                {
                    **entry.manifest(),
                    "errors": entry.errors,
                    "po": session.project.show(session.place(entry.article, entry.locale)),
                    "messages": {state.value: n for state, n in entry.states.items()},
                }
                for entry in entries
            ]
            say_json({"articles": shown})
        else:
            say_lines(tables.status_table(entries))
        finish(session)
