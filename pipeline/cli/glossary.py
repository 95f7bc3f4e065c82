"""Commands of the glossary."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli import tables
from pipeline.cli.base import (
    articles_argument,
    dry_option,
    json_option,
    limit_option,
    locale_option,
    main,
    say,
    say_json,
    warn,
)
from pipeline.cli.listener import finish, open_session
from pipeline.errors import PipelineError, SettingsError
from pipeline.model import Catalog
from pipeline.project.project import Project, open_project
from pipeline.project.session import Session
from pipeline.project.sources import read_text
from pipeline.storage import atomic
from pipeline.terminology.glossary_file import Problem, read
from pipeline.text import locales, markup

_FORMATS = ("tbx", "deepl", "weblate", "omegat")
"""Those of `termbases`, which is imported where it is needed: other commands do without."""
_SHOWN = 20
"""Lines of one kind that are printed; the rest is counted."""


@main.group("glossary")
def glossary_group() -> None:
    """Check, export and import the glossary: the terms of the organisation.

    \b
    Example:
      pipeline glossary check
      pipeline glossary export terms.tbx
    """


@glossary_group.command()
@json_option
@click.pass_obj
def check(folder: Path | None, as_json: bool) -> None:
    """Check glossary.yaml for mistakes, contradictions and missing locales.

    Exits with 1 if there is an error; warnings do not count.

    \b
    Example:
      pipeline glossary check
    """
    from pipeline.terminology import validate

    project = open_project(folder)
    place, text = _text(project)
    glossary, found = read(text, project.settings.source_language)
    if not found and glossary.language != project.settings.source_language:
        message = (
            f"source is {glossary.language}; in [tool.pipeline] source_language is"
            f" {project.settings.source_language}"
        )
        found = (Problem(0, message, error=False),)
    wanted = project.settings.locales
    found = tuple(sorted((*found, *validate.problems(glossary, wanted))))
    errors = sum(problem.error for problem in found)
    if as_json:
        say_json(
            {
                "terms": len(glossary.terms),
                "problems": [
                    {
                        "line": one.line,
                        "kind": "error" if one.error else "warning",
                        "message": one.message,
                    }
                    for one in found
                ],
            }
        )
    else:
        shown = project.show(place)
        for one in found:
            where = f"{shown}:{one.line}" if one.line else shown
            say(f"{where}: {'error' if one.error else 'warning'}: {one.message}")
        counts = f"{errors} errors, {len(found) - errors} warnings"
        say(f"{shown}: {len(glossary.terms)} terms, {counts if found else 'all is well'}")
    if errors:
        sys.exit(1)


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Format of FILE [default: by its suffix; required for .csv].",
)


@glossary_group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@locale_option
@format_option
@click.option("--force", is_flag=True, help="Replace a file with other contents.")
@click.pass_obj
def export(
    folder: Path | None, file: Path, only: tuple[str, ...], form: str | None, force: bool
) -> None:
    """Write the glossary to FILE for another tool: TBX, CSV, or OmegaT's tab-separated list.

    TBX holds all locales, the others one a file. --format weblate writes CSV, or TBX if FILE
    ends in .tbx. A file with other contents is replaced only with --force.

    \b
    Example:
      pipeline glossary export terms.tbx
      pipeline glossary export deepl-es.csv --format deepl --locale es
    """
    from pipeline.terminology import exchange

    project = open_project(folder)
    form = exchange.format_of(file.suffix, form)
    wanted = _wanted(project, only)
    glossary = project.glossary()
    made = exchange.dump(glossary, wanted, form, table=file.suffix.lower() != ".tbx")
    if not made.terms:
        raise PipelineError(f"no term has a target in {', '.join(wanted)}; nothing to export")
    if not force and atomic.contents(file) not in (None, made.text.encode()):
        raise PipelineError(f"{file} exists with other contents; add --force to replace it")
    atomic.write(file, made.text)
    say(f"{file}: {made.terms} terms, {', '.join(wanted)}")
    if made.left:
        warn(f"left out, as {form} has no place for it: {'; '.join(made.left)}")


@glossary_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@locale_option
@format_option
@dry_option
@click.pass_obj
def import_(
    folder: Path | None, file: Path, only: tuple[str, ...], form: str | None, dry_run: bool
) -> None:
    """Add the terms of FILE, from another tool, to glossary.yaml.

    Existing entries are not changed: where FILE differs, the difference is listed, for you to
    decide. A CSV or tab-separated list needs --locale.

    \b
    Example:
      pipeline glossary import terms.tbx --dry-run
      pipeline glossary import omegat.tsv --locale es
    """
    from pipeline.terminology import exchange, importing

    project = open_project(folder)
    form = exchange.format_of(file.suffix, form)
    wanted = _wanted(project, only)
    language = project.settings.source_language
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PipelineError(f"{file}: {error.strerror}") from None
    found = exchange.parse(data, str(file), form, language, wanted)
    if not found.concepts:
        codes = f"; it is in {', '.join(found.languages)}" if found.languages else ""
        raise PipelineError(f"{file}: nothing from {language} into {', '.join(wanted)}{codes}")
    with atomic.lock(project.cache):
        before = atomic.contents(project.root / "glossary.yaml")
        place, text = _text(project)
        merged = importing.merge(text, project.show(place), found.concepts, language)
        if not dry_run and merged.text != text:
            try:
                atomic.swap(place, before, merged.text)
            except atomic.Superseded:
                raise PipelineError(
                    f"{project.show(place)} was saved by somebody else just now; run it again"
                ) from None
    verb = "would add" if dry_run else "added"
    _list(f"{verb} {len(merged.added)} terms", merged.added)
    _list(f"{verb} {len(merged.extended)} targets", merged.extended)
    if merged.known:
        say(f"{merged.known} were there already")
    for line in found.skipped:
        warn(f"{file}: {line}; skipped")
    for line in merged.left:
        warn(f"{file}: {line}; left as it is")


def _list(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    more = f", and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    say(f"{title}: {', '.join(lines[:_SHOWN])}{more}")


def _text(project: Project) -> tuple[Path, str]:
    """Return the path of the glossary and its text, which is "" where there is none yet."""
    place = project.root / "glossary.yaml"
    project.stay_in(place)
    return place, read_text(place, project.show(place)) if place.exists() else ""


def _wanted(project: Project, only: Sequence[str]) -> tuple[str, ...]:
    for code in only:
        locales.parse(code)
        if code == project.settings.source_language:
            raise SettingsError(f"{code} is the language of the source")
    return tuple(dict.fromkeys(only)) or project.settings.locales


@glossary_group.command()
@articles_argument
@locale_option
@json_option
@click.pass_obj
def report(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], as_json: bool
) -> None:
    """Report the use of each term in drafts and approved text, and the cost of following it.

    In drafts a term is natural (the engine said it by itself), chosen (from its other hypotheses),
    forced, spliced, or missing. Then come the approved sentences that do not follow the glossary:
    they are never changed.

    \b
    Example:
      pipeline glossary report --locale es
    """
    from pipeline.catalog.provenance import OUTCOMES
    from pipeline.project.term_report import report as report_of

    with open_session(folder, only, articles, dry_run=True) as session:
        catalogs = _catalogs(session)
        found = report_of(catalogs, session.glossary)
        if as_json:
            say_json(
                {
                    "terms": [
                        {
                            "term": fate.term,
                            "locale": fate.locale,
                            "drafts": {how: fate.outcomes[how] for how in OUTCOMES},
                            "approved": fate.approved,
                            "of_approved": fate.of_approved,
                            "forbidden": fate.forbidden,
                            "consistency": fate.consistency,
                            "renderings": dict(fate.renderings),
                        }
                        for fate in found.fates
                    ],
                    "costs": [asdict(cost) for cost in found.costs],
                    "disagreeing": [
                        {"article": a, "locale": c, "source": f.where, "why": f.explanation}
                        for a, c, f in found.disagreeing
                    ],
                }
            )
            finish(session)
            return
        width = max([4, *(len(fate.term) for fate in found.fates)])
        say(f"{'term':<{width}}  locale  {'  '.join(OUTCOMES)}  approved  forbidden  consistent")
        for fate in found.fates:
            counts = "  ".join(f"{fate.outcomes[how] or '-':>{len(how)}}" for how in OUTCOMES)
            approved = f"{fate.approved}/{fate.of_approved}" if fate.of_approved else "-"
            share = fate.consistency
            same = "-" if share is None else f"{int(share * 100)}%"
            say(
                f"{fate.term:<{width}}  {fate.locale:<6}  {counts}  {approved:>8}"
                f"  {fate.forbidden or '-':>9}  {same:>10}"
            )
        for cost in found.costs:
            if cost.drafts:
                say(
                    f"{cost.locale}: of {cost.drafts} drafts with terms {cost.constrained} are not"
                    f" what the engine would have said first, and {cost.missing} lack a term"
                )
        for article, locale, finding in found.disagreeing:
            path = session.project.show(session.project.catalog_path(article, locale))
            say(f"{path}: {finding.explanation}: {finding.where}")
        finish(session)


@glossary_group.command()
@articles_argument
@locale_option
@json_option
@limit_option(30)
@click.pass_obj
def suggest(
    folder: Path | None,
    articles: tuple[str, ...],
    only: tuple[str, ...],
    as_json: bool,
    limit: int,
) -> None:
    """List candidates for the glossary.

    They are names and terms of several words that recur in the sources without an entry, and
    recurring corrections of drafts by translators.

    \b
    Example:
      pipeline glossary suggest
    """
    from pipeline.drafting.history import triples
    from pipeline.terminology.extraction import corrected, recurring

    with open_session(folder, only, articles, dry_run=True) as session:
        language = session.glossary.language
        shown = [
            markup.shown(unit.text)
            for article in session.articles()
            if article.language == language
            for unit in article.units
        ]
        found = recurring(shown, lambda term: bool(session.glossary.find(term)))
        changes = {}
        for locale in session.locales:
            of_locale = [
                c.messages for (_, code), c in _catalogs(session).items() if code == locale
            ]
            changes[locale] = corrected(
                triple
                for messages in of_locale
                for triple in triples(messages, locale, session.offered)
            )
        if as_json:
            say_json(
                {
                    "recurring": [asdict(one) for one in found],
                    "corrected": {c: [asdict(one) for one in its] for c, its in changes.items()},
                }
            )
            finish(session)
            return
        for one in found[: limit or None]:
            kind = "name" if one.name else "term"
            say(f"{one.count:>4}  {kind}  {one.term}  ({tables.cell(one.sentence, 59)})")
        if limit and len(found) > limit:
            say(f"... and {len(found) - limit} more")
        for locale, its in changes.items():
            for change in its[: limit or None]:
                of = f", where the source says “{change.term}”" if change.term else ""
                said = f"“{change.before}” to “{change.after}”{of}"
                say(f"{change.count:>4}  {locale}  translators changed {said}")
        if not found and not any(changes.values()):
            say("no candidates: nothing recurs without an entry")
        finish(session)


def _catalogs(session: Session) -> dict[tuple[str, str], Catalog]:
    found = {}
    for article, locale in session.pairs():
        with session.reporting():
            found[article.id, locale] = session.project.catalog(article, locale)
    return found
