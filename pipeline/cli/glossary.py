"""The commands of the glossary."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline import files, locales
from pipeline.cli.base import dry_option, json_option, locale_option, main, say, say_json, warn
from pipeline.errors import PipelineError, SettingsError
from pipeline.glossary import Problem, read
from pipeline.project import Project, open_project, read_text

_FORMATS = ("tbx", "deepl", "weblate", "omegat")
"""Those of `termbases`, which is imported where it is needed: other commands do without."""
_SHOWN = 20
"""Lines of one kind that are printed; the rest is counted."""


@main.group("glossary")
def glossary_group() -> None:
    """Check, export and import the glossary: what the organisation calls things.

    \b
    Example:
      pipeline glossary check
      pipeline glossary export terms.tbx
    """


@glossary_group.command()
@json_option
@click.pass_obj
def check(folder: Path | None, as_json: bool) -> None:
    """Say what is wrong in glossary.yaml: mistakes, contradictions, missing locales.

    Exits with 1 where there is an error; a warning is no error.

    \b
    Example:
      pipeline glossary check
    """
    from pipeline import glossary_check

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
    found = tuple(sorted((*found, *glossary_check.problems(glossary, wanted))))
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
    help="Of FILE [default: by its ending; a .csv needs one].",
)


@glossary_group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@locale_option
@format_option
@click.pass_obj
def export(folder: Path | None, file: Path, only: tuple[str, ...], form: str | None) -> None:
    """Write the glossary to FILE for another tool: TBX, CSV, or OmegaT's tab-separated list.

    TBX holds all locales, the others one a file. --format weblate writes CSV, or TBX where FILE
    ends so.

    \b
    Example:
      pipeline glossary export terms.tbx
      pipeline glossary export deepl-es.csv --format deepl --locale es
    """
    from pipeline import termbases

    project = open_project(folder)
    form = termbases.format_of(file.suffix, form)
    wanted = _wanted(project, only)
    glossary = project.glossary()
    made = termbases.dump(glossary, wanted, form, table=file.suffix.lower() != ".tbx")
    if not made.terms:
        raise PipelineError(f"no term has a target in {', '.join(wanted)}; nothing to export")
    files.write(file, made.text)
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

    Nothing that is there is changed: where FILE says something else, that is listed, for you to
    decide. A CSV or tab-separated list needs --locale.

    \b
    Example:
      pipeline glossary import terms.tbx --dry-run
      pipeline glossary import omegat.tsv --locale es
    """
    from pipeline import glossary_merge, termbases

    project = open_project(folder)
    form = termbases.format_of(file.suffix, form)
    wanted = _wanted(project, only)
    language = project.settings.source_language
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PipelineError(f"{file}: {error.strerror}") from None
    found = termbases.parse(data, str(file), form, language, wanted)
    if not found.concepts:
        codes = f"; it is in {', '.join(found.languages)}" if found.languages else ""
        raise PipelineError(f"{file}: nothing from {language} into {', '.join(wanted)}{codes}")
    with files.lock(project.cache):
        before = files.contents(project.root / "glossary.yaml")
        place, text = _text(project)
        merged = glossary_merge.merge(text, project.show(place), found.concepts, language)
        if not dry_run and merged.text != text:
            try:
                files.swap(place, before, merged.text)
            except files.Superseded:
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
    """Return where the glossary is, and what it says: nothing where there is none yet."""
    place = project.root / "glossary.yaml"
    return place, read_text(place, project.show(place)) if place.exists() else ""


def _wanted(project: Project, only: Sequence[str]) -> tuple[str, ...]:
    for code in only:
        locales.parse(code)
        if code == project.settings.source_language:
            raise SettingsError(f"{code} is the language of the source")
    return tuple(dict.fromkeys(only)) or project.settings.locales
