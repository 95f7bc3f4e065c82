"""Shared parts of all commands: the group, options, printing, project and settings."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.errors import PipelineError
from pipeline.project import settings
from pipeline.project.project import Project, open_project
from pipeline.project.settings import Settings
from pipeline.terminology.glossary import Glossary
from pipeline.text import locales

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Group(click.Group):
    """Turns errors of the package into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            _flush()
            return result
        except PipelineError as error:
            raise click.ClickException(safe(str(error))) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(safe(f"{where}{error.strerror or error}")) from None


def _flush() -> None:
    """Report here, and not at exit, that the output could not be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # there is more to flush
        if error.errno == errno.EPIPE:
            raise
        raise OSError(error.errno, error.strerror, "standard output") from None


def safe(text: str) -> str:
    """Return *text* without characters that command a terminal, or turn its lines around."""
    return _COMMANDING.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


_COMMANDING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")


def say(text: str = "") -> None:
    click.echo(safe(text))


def say_lines(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def warn(text: str) -> None:
    click.echo(safe(text), err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--project",
    "-C",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder with pyproject.toml [default: here, or the nearest above].",
)
@click.version_option(package_name="statement-pipeline", prog_name="pipeline")
@click.pass_context
def main(ctx: click.Context, folder: Path | None) -> None:
    """Source statements to PO files for translators to localized articles.

    \b
    Example:
      pipeline run        # all of it, again and again
      pipeline status     # the state of each article
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    ctx.obj = folder


locale_option = click.option(
    "--locale", "-l", "only", multiple=True, help="Only this locale; may be given several times."
)
engine_option = click.option(
    "--engine",
    "-e",
    help="auto, argos, apertium, libretranslate, chat, pseudo, none, or package.module:factory.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
dry_option = click.option("--dry-run", "-n", is_flag=True, help="Show the changes; write nothing.")
language_option = click.option(
    "--language", "-L", help="Language of the text [default: the project's]."
)
articles_argument = click.argument("articles", nargs=-1)


def limit_option(default: int) -> Callable[[_Command], _Command]:
    return click.option(
        "--limit",
        default=default,
        show_default=True,
        type=click.IntRange(min=0),
        help="Maximum number to show; 0 for all.",
    )


def given_project(folder: Path | None) -> Project | None:
    """Return the project; None if none is here and none was named: some commands need none."""
    if folder is None and settings.nearest(Path.cwd()) is None:
        return None
    return open_project(folder)


def given_settings(folder: Path | None, language: str | None) -> Settings:
    """Return the project's settings, or defaults where there is no project; with *language*."""
    project = given_project(folder)
    given = project.settings if project else Settings()
    if language:
        locales.parse(language)
        return replace(given, source_language=language)
    return given


def given_glossary(folder: Path | None) -> Glossary:
    project = given_project(folder)
    return project.glossary() if project else Glossary()


def stdin() -> str:
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise PipelineError("standard input is not UTF-8") from None


def say_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))
