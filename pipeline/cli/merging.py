"""Commands that merge two versions of a catalog, and that prune obsolete messages."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from pipeline import workflow
from pipeline.catalog import po
from pipeline.catalog.merge3 import Merged, merge3
from pipeline.catalog.provenance import by_hand
from pipeline.cli.base import articles_argument, dry_option, locale_option, main, say, warn
from pipeline.cli.listener import finish, open_session
from pipeline.errors import CatalogError, PipelineError
from pipeline.memory import tmx
from pipeline.memory.model import Entry, entries
from pipeline.model import Article, Catalog, Message
from pipeline.project import git
from pipeline.project.session import Session
from pipeline.storage import atomic


@main.command()
@click.argument("base", type=click.Path(path_type=Path), required=False)
@click.argument("ours", type=click.Path(path_type=Path), required=False)
@click.argument("theirs", type=click.Path(path_type=Path), required=False)
@click.option(
    "--path", "name", type=click.Path(path_type=Path), help="Name of the file in messages."
)
@click.option("--install", is_flag=True, help="Have git use this for *.po, in this clone.")
@click.pass_obj
def merge(
    folder: Path | None,
    base: Path | None,
    ours: Path | None,
    theirs: Path | None,
    name: Path | None,
    install: bool,
) -> None:
    """Merge two people's work on one PO file, message by message, into OURS.

    BASE is the file that both began with; it may be empty. Where both changed one message, both
    texts are kept and the message is fuzzy. Exits with 3 if there were such messages.

    \b
    Example:
      pipeline merge base.po mine.po yours.po
      pipeline merge --install      # once in each clone; commit .gitattributes
    """
    if install:
        if base:
            raise click.UsageError("--install takes no files")
        for line in git.install_driver(folder or Path.cwd()):
            say(line)
        return
    if not (base and ours and theirs):
        raise click.UsageError("name three files, BASE OURS THEIRS, or --install")
    shown = name or ours
    merged = _merge(base, ours, theirs, shown)
    for _, source in merged.conflicts:
        warn(f"{shown}: both sides translated “{source}”; both are kept, and it is fuzzy")
    if merged.conflicts:
        sys.exit(git.CONFLICTS)


_TRIES = 50
"""Attempts, each begun anew because somebody saved the file in the meantime."""


def _merge(base: Path, ours: Path, theirs: Path, shown: Path) -> Merged:
    """Merge into the file *ours*, as it is when it is written; return the result."""
    for _ in range(_TRIES):
        sides = [_contents(path) for path in (base, ours, theirs)]
        merged = merge3(*(_side(data, shown) for data in sides))
        with contextlib.suppress(atomic.Superseded):
            atomic.swap(ours, sides[1], po.dump(merged.catalog, like=sides[1]))
            return merged
    raise CatalogError(f"{shown}: it is being saved again and again; try again later")


def _contents(path: Path) -> bytes:
    data = atomic.contents(path)
    if data is None:
        raise CatalogError(f"{path}: there is no such file")
    return data


def _side(data: bytes, shown: Path) -> Catalog:
    return po.parse(data, shown) if data.strip() else Catalog(shown.parent.parent.name)


@main.command()
@articles_argument
@locale_option
@dry_option
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    help="TMX file to keep the approved translations in.",
)
@click.pass_obj
def prune(
    folder: Path | None,
    articles: tuple[str, ...],
    only: tuple[str, ...],
    dry_run: bool,
    save: Path | None,
) -> None:
    """Remove obsolete messages, of sentences that are not in the source any more, for good.

    Until then they come back with their sentence, and the translation memory knows them. A TMX
    file in locales/ stays in the memory. Messages whose sentence is in the present source are kept;
    a catalog whose source is missing, or cannot be read, is left alone.

    \b
    Example:
      pipeline prune --dry-run
      pipeline prune --save locales/pruned.tmx
    """
    with open_session(folder, only, articles, dry_run=dry_run) as session:
        found: list[tuple[Article, Catalog]] = []
        for article, locale in session.pairs():
            with session.reporting():
                gone = _gone(session, article, session.project.catalog(article, locale))
                if gone.messages:
                    found.append((article, gone))
        if save:
            _save(found, save, dry_run=dry_run)
        for article, gone in found:
            with session.reporting():
                _prune(session, article, gone, dry_run=dry_run)
        finish(session)


def _gone(session: Session, article: Article, catalog: Catalog) -> Catalog:
    """Return *catalog* with its obsolete messages only.

    They are obsolete in the file, and not in the present source. A message that becomes obsolete
    only now stays, until somebody has seen what became of it.
    """
    seen = [m for m in catalog.messages if m.obsolete]
    if not seen:
        return replace(catalog, messages=())
    current = workflow.update(article, catalog, session.terms(article))
    gone, _ = _parted(current.messages, seen)
    return replace(current, messages=tuple(gone))


def _parted(
    messages: Iterable[Message], others: Iterable[Message]
) -> tuple[list[Message], list[Message]]:
    """Part the obsolete *messages* that equal one of *others*, each once, from the rest."""

    def work(message: Message) -> tuple[object, ...]:
        return message.source, message.target, message.fuzzy, message.previous, message.comments

    left = Counter(map(work, others))
    going: list[Message] = []
    rest: list[Message] = []
    for message in messages:
        if message.obsolete and left[work(message)]:
            left[work(message)] -= 1
            going.append(message)
        else:
            rest.append(message)
    return going, rest


def _prune(session: Session, article: Article, gone: Catalog, *, dry_run: bool) -> None:
    """Remove the obsolete messages that are the same in *gone*: no others were saved.

    Nothing else changes. An update would make messages obsolete that the next prune removes.
    """
    removed: list[Message] = list(gone.messages)

    def change(catalog: Catalog) -> Catalog:
        removed[:], kept = _parted(catalog.messages, gone.messages)
        return replace(catalog, messages=tuple(kept))

    if not dry_run:
        session.project.update(article, gone.locale, change)
    if removed:
        approved = sum(bool(m.target) and not m.fuzzy for m in removed)
        worked = [m for m in removed if m.comments or by_hand(m)]
        other = sum(m.fuzzy or not m.target for m in worked)
        verb = "would remove" if dry_run else "removed"
        where = session.project.show(session.project.catalog_path(article.id, gone.locale))
        kinds = f"{approved} approved" + (f", {other} worked on" if other else "")
        say(f"{verb} {len(removed)} obsolete messages ({kinds}) from {where}")


def _save(gone: Iterable[tuple[Article, Catalog]], path: Path, *, dry_run: bool) -> None:
    """Add the approved messages of *gone* to a TMX file, whose other units stay as they are."""
    found: dict[Entry, None] = {}
    for article, catalog in gone:
        found |= dict.fromkeys(entries(catalog, article.id, article.language))
    before = atomic.contents(path)
    if before is None and not path.parent.is_dir():
        raise PipelineError(f"{path.parent}: there is no such folder")
    text = tmx.dump(found) if before is None else tmx.add(before, str(path), found)
    verb = "would save" if dry_run else "saved"
    if not dry_run and (found or before is None):
        atomic.write(path, text)
    say(f"{verb} {len(found)} translations in {path}")
