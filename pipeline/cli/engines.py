"""The commands about engines: which there are, and getting them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline import engines, locales
from pipeline.cli.base import main, say
from pipeline.errors import PairNotAvailable
from pipeline.project import open_project


@main.group("engines", invoke_without_command=True)
@click.pass_context
def engines_group(ctx: click.Context) -> None:
    """Say which engine drafts each locale of the project.

    \b
    Example:
      pipeline engines
      pipeline engines install
    """
    if ctx.invoked_subcommand:
        return
    project = open_project(ctx.obj)
    source = project.settings.source_language
    failed = False
    for locale in project.settings.locales:
        try:
            given = project.settings
            choice = engines.choose(given.engine_of(locale), source, locale, given.options)
            say(f"{locale:<8} {choice.engine.signature(source, locale)}")
        except PairNotAvailable as error:
            failed = True
            say(f"{locale:<8} {error}")
    if failed:
        sys.exit(1)


@engines_group.command("install")
@click.argument("what", nargs=-1)
@click.pass_obj
def engines_install(folder: Path | None, what: tuple[str, ...]) -> None:
    """Get engines for the project's locales, or for WHAT: locales, or .argosmodel files.

    Argos Translate models first; where their index cannot be reached, Apertium from Debian.

    \b
    Example:
      pipeline engines install
      pipeline engines install es fr
      pipeline engines install translate-en_es-1_9.argosmodel
    """
    from pipeline.engines import install

    project = open_project(folder)
    models = [name for name in what if name.endswith(".argosmodel")]
    for name in models:
        install.install_file(Path(name))
        say(f"installed {name}")
    wanted = [name for name in what if name not in models]
    for locale in wanted:
        locales.parse(locale)
    if wanted or not models:
        source = project.settings.source_language
        asked = wanted or list(project.settings.locales)
        served = install.install(asked, source, say)
        for locale in served:
            choice = engines.choose("auto", source, locale, project.settings.options)
            say(f"{locale:<8} {choice.engine.signature(source, locale)}")
        if len(served) < len(asked):
            sys.exit(1)
