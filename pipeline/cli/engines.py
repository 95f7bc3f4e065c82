"""Commands about engines: list and install them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.base import json_option, main, say, say_json, say_lines
from pipeline.cli.progress import DownloadProgress
from pipeline.engines import registry
from pipeline.project.project import Project, open_project
from pipeline.text import locales

if TYPE_CHECKING:
    from pipeline.engines.install.options import InstallOptions


@main.group("engines", invoke_without_command=True)
@json_option
@click.option("--refresh", is_flag=True, help="Download the index of Argos again.")
@click.option("--check", is_flag=True, help="Read each package and verify its SHA-256.")
@click.pass_context
def engines_group(ctx: click.Context, as_json: bool, refresh: bool, check: bool) -> None:
    """Show the engine of each locale and why, and the engines installed or available.

    \b
    Example:
      pipeline engines
      pipeline engines install
    """
    if ctx.invoked_subcommand:
        return
    from pipeline.engines.install import (  # no other command needs what they import
        argos_index,
        offers,
    )

    project = open_project(ctx.obj)
    given = project.settings
    with _options(project) as options:
        if refresh:
            argos_index.refresh_index(say)
        found = offers.listing(given.locales, given.source_language, options, thorough=check)
    if as_json:
        say_json(asdict(found))
    else:
        say_lines(offers.lines(found))
    if any(row.trouble for row in found.rows):
        sys.exit(1)


@engines_group.command("install")
@click.argument("what", nargs=-1)
@click.option("--force", is_flag=True, help="Replace an installed package of the same version.")
@click.pass_obj
def engines_install(folder: Path | None, what: tuple[str, ...], force: bool) -> None:
    """Install engines for the project's locales, or for WHAT: locales, or .argosmodel files.

    Models of Argos Translate come first; if their index cannot be reached, those in models/ of the
    project, and Apertium from Debian.

    \b
    Example:
      pipeline engines install
      pipeline engines install es fr
      pipeline engines install translate-en_es-1_9.argosmodel
    """
    from pipeline.engines.install import argos, steps

    project = open_project(folder)
    given = project.settings
    models = [name for name in what if name.endswith(".argosmodel")]
    wanted = [name for name in what if name not in models]
    for locale in wanted:
        locales.parse(locale)
    with _options(project, replace=force) as options:
        for name in models:
            argos.install_file(Path(name), options=options)
            say(f"installed {name}")
        if not wanted and models:
            return
        asked = wanted or list(given.locales)
        served = steps.install(asked, given.source_language, say, options)
    for locale in served:
        pair = (given.source_language, locale)
        choice = registry.choose(options.name(locale), *pair, given.options)
        say(f"{locale:<8} {choice.engine.signature(*pair)}")
    if len(served) < len(asked):
        sys.exit(1)


@contextmanager
def _options(project: Project, *, replace: bool = False) -> Iterator[InstallOptions]:
    from pipeline.engines.install.options import InstallOptions

    given = project.settings
    shown = DownloadProgress("bytes")
    try:
        names = {locale: given.engine_of(locale) for locale in given.locales}
        models = project.root / "models"
        yield InstallOptions(given.options, names, models=models, replace=replace, progress=shown)
    finally:
        shown.close()
