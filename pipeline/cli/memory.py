"""Commands of the translation memory."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli.base import json_option, locale_option, main, say, say_json, warn
from pipeline.cli.listener import finish, open_session
from pipeline.errors import PipelineError
from pipeline.memory import tmx
from pipeline.project.project import open_project
from pipeline.storage import atomic
from pipeline.text import locales


@main.group("memory")
def memory_group() -> None:
    """Look up, export and import the translation memory: all approved translations.

    It consists of all catalogs and of the TMX files in locales/, and needs no maintenance: its
    index below .pipeline/ is updated when it is used.

    \b
    Example:
      pipeline memory lookup -l es "The ferry must stay public."
      pipeline memory export memory.tmx
    """


@memory_group.command()
@click.argument("sentence")
@locale_option
@json_option
@click.pass_obj
def lookup(folder: Path | None, sentence: str, only: tuple[str, ...], as_json: bool) -> None:
    """Show the matches of the memory for SENTENCE, the best first.

    \b
    Example:
      pipeline memory lookup "The ferry must stay public."
    """
    with open_session(folder, only, dry_run=True) as session:
        language = session.project.settings.source_language
        found = {code: session.memory(language, code).lookup(sentence) for code in session.locales}
        if as_json:
            say_json({code: [asdict(match) for match in its] for code, its in found.items()})
        else:
            for code, its in found.items():
                for match in its:
                    say(f"{code:<8} {match.score:3.0f}  {match.entry.target}")
                    say(f"{'':<8}      {match.entry.source}  ({match.note})")
            if not any(found.values()):
                say("no similar sentence is approved yet")
        finish(session)


@memory_group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@locale_option
@click.option("--force", is_flag=True, help="Replace FILE, whatever it holds.")
@click.pass_obj
def export(folder: Path | None, file: Path, only: tuple[str, ...], force: bool) -> None:
    """Write the memory to FILE as TMX 1.4, which every translation tool reads.

    An earlier export is replaced; any other file only with --force.

    \b
    Example:
      pipeline memory export memory.tmx --locale es
    """
    with open_session(folder, only, dry_run=True) as session:
        language = session.project.settings.source_language
        found = [e for code in session.locales for e in session.index().entries(language, code)]
        finish(session)  # with what cannot be read left out it would not be the memory
        before = atomic.contents(file)
        inside = file.resolve().is_relative_to(session.project.root / "locales")
        if not force and (inside or (before is not None and not tmx.is_export(before))):
            what = "is in locales/" if inside else "is there, and no earlier export"
            raise PipelineError(f"{file} {what}; name another file, or add --force")
        if not file.parent.is_dir():
            raise PipelineError(f"{file.parent}: there is no such folder")
        atomic.write(file, tmx.dump(found))
        say(f"{file}: {len(found)} translations from {language} to {', '.join(session.locales)}")


@memory_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_(folder: Path | None, file: Path) -> None:
    """Put the TMX file FILE into locales/, where the memory reads it.

    Its translations count as approved elsewhere: they are filled in as fuzzy, to be checked.

    \b
    Example:
      pipeline memory import client.tmx
    """
    project = open_project(folder)
    language, wanted = project.settings.source_language, project.settings.locales
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PipelineError(f"{file}: {error.strerror}") from None
    found = tmx.parse(data, str(file), language, wanted)
    if not found.entries:
        codes = ", ".join(found.languages) or "no language"
        raise PipelineError(
            f"{file}: nothing from {language} into {', '.join(wanted)}; it is in {codes}"
        )
    place = project.root / "locales" / f"{file.stem}.tmx"
    project.stay_in(place)
    with atomic.lock(project.cache):
        before = atomic.contents(place)
        text = tmx.dump(found.entries)
        if before is not None and before not in (text.encode(), data):
            raise PipelineError(f"{project.show(place)} is there already; rename one of them")
        if before is None:
            atomic.write(place, text)
    counts = {code: sum(e.locale == code for e in found.entries) for code in wanted}
    for code, count in counts.items():
        if count:
            say(f"{locales.name(code)}: {count} translations")
    left = found.units - len({(e.source, e.before, e.after) for e in found.entries})
    if left > 0:
        warn(f"{left} of {found.units} units are in other languages, without words, or twice")
    say(f"{project.show(place)}: in the memory from now on")
