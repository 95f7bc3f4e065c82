"""A session of work in a project: what is worked on, what was met, and what is left to say."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.drafting.history import Offered
from pipeline.engines import registry
from pipeline.engines.cache import Drafts
from pipeline.errors import PipelineError
from pipeline.formats.read import READERS
from pipeline.memory.index import Index, Memory
from pipeline.model import Article, Catalog, State
from pipeline.project import status
from pipeline.project.listener import SILENT, Listener
from pipeline.project.project import Project, open_project
from pipeline.project.sources import article_id
from pipeline.project.status import Row
from pipeline.storage import atomic
from pipeline.storage.fingerprints import Record
from pipeline.terminology import cache
from pipeline.terminology.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Summary:
    """An article that need not be read again: where it stands, and what is said of it anew."""

    id: str
    language: str
    odd: int = 0
    """How many things look odd in its source."""
    rows: tuple[Row, ...] = ()
    """Where it stands in each locale."""
    said: tuple[str, ...] = ()
    """The warnings of it, as they are printed at each run."""


@dataclass
class Session:
    """Work on some articles and locales of a project, from its beginning to its end."""

    project: Project
    locales: tuple[str, ...]
    glossary: Glossary
    names: tuple[str, ...] = ()
    dry_run: bool = False
    listener: Listener = SILENT
    failed: dict[str, None] = field(default_factory=dict)
    """The errors that were met, each once: somebody has to see to them."""
    files: dict[str, list[Path]] = field(default_factory=dict)
    """The source files by article, folded: one each, if all is well."""
    catalogs: dict[tuple[str, str], Catalog] = field(default_factory=dict)
    """Catalogs that this command has written, by article and locale."""
    noted: set[str] = field(default_factory=set)
    """Articles that a next run has to look at again: of which an error was said, or more can
    be done when an engine is there."""
    said: dict[str, list[str]] = field(default_factory=dict)
    """The warnings of each article."""
    moves: dict[tuple[str, str], Path] = field(default_factory=dict)
    """Where the catalogs still are that a run would move, by article and locale."""
    record: Record | None = None
    """Record of the last run, if this one may rely on it."""
    unchanged: dict[str, Summary] = field(default_factory=dict)
    """The articles that are as the record has them."""
    _articles: list[Article] | None = None
    _index: Index | None = None

    def articles(self) -> list[Article]:
        """Return the articles that can be read and are not settled; name the others and go on."""
        if self._articles is None:
            self._articles = list(self._read())
        return self._articles

    def _read(self) -> Iterator[Article]:
        for path in self.project.sources():
            try:
                self.files.setdefault(article_id(path).casefold(), []).append(path)
            except PipelineError as error:
                self.fail(f"Error: {error}")
        self._look_up_names()
        # a catalog without a source is held against the sentences of all articles: see `adopt`
        names = {article_id(paths[0]) for paths in self.files.values()}
        record = None if self.record is None or self.project.gone(names) else self.record
        for paths in self.files.values():
            name = article_id(paths[0])
            if self.names and name not in self.names:
                continue
            if len(paths) > 1:
                shown = " and ".join(self.project.show(path) for path in paths)
                self.fail(f"Error: {shown} would both be the article “{name}”; rename one of them")
                continue
            if found := record and record.get(self.project.show(paths[0])):
                self.unchanged[name] = _summary(found)
                continue
            try:
                article = self.project.article(paths[0])
            except PipelineError as error:
                self.fail(f"Error: {error}")
            except Exception as error:  # a reader has a fault; the other sources have not
                shown, said = self.project.show(paths[0]), " ".join(f"{error}".split())
                reason = f"{type(error).__name__}: {said}" if said else type(error).__name__
                self.fail(
                    f"Error: {shown}: it cannot be read ({reason}); this is a fault of its reader:"
                    " report it, and take the source out of source_texts/ until then"
                )
            else:
                yield article

    def _look_up_names(self) -> None:
        """Turn what was asked for into names of articles: they may be given as files."""
        known = [article_id(paths[0]) for paths in self.files.values()]
        found = []
        for given in self.names:
            path = Path(given)
            name = article_id(path) if path.suffix.lower() in READERS else given
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {close[0]}?" if close else ""
                raise PipelineError(f"there is no article “{given}” in source_texts/{hint}")
            found.append(name)
        self.names = tuple(found)

    def summaries(self) -> list[Summary]:
        """Return what is known of all articles that can be read, settled or not, in order."""
        read = {a.id: _summary_of(a) for a in self.articles()}
        names = (article_id(paths[0]) for paths in self.files.values())
        return [found for n in names if (found := self.unchanged.get(n) or read.get(n))]

    def settle(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Keep for the next run what of *rows*, by article, it need not look at again.

        That is what has nothing untranslated, and of which no error was said. Nothing is kept
        where an error was said of the memory: it concerns all.
        """
        if not self.record or (self._index and self._index.problems):
            return
        for article in self.articles():
            found = rows[article.id]
            locales = {locale for locale in self.locales if locale != article.language}
            done = {r.locale for r in found if not r.states[State.UNTRANSLATED]} & {
                locale for locale in locales if (article.id, locale) in self.catalogs
            }
            if article.id in self.noted or not locales or done != locales:
                continue
            source = self.files[article.id.casefold()][0]
            places = [source, *self.project.places(article.id, locales)]
            held = {path: self.project.seen[path] for path in places}
            said = tuple(self.said.get(article.id, ()))
            summary = replace(_summary_of(article), rows=tuple(found), said=said)
            self.record.put(self.project.show(source), held, asdict(summary))

    def pairs(self) -> Iterator[tuple[Article, str]]:
        """Give each article with each locale that it is to be translated to."""
        for article in self.articles():
            for locale in self.locales:
                if locale != article.language:
                    yield article, locale

    def adopt(self, tell: Callable[[str], None] | None = None) -> None:
        """Give catalogs of a source that was renamed to the article that it is now.

        On a dry run, `catalog` and `place` then tell of them as if they were moved.
        """
        tell, dry_run = tell or self.listener.say, self.dry_run
        articles = {article.id: article for article in self.articles()}
        names = {article_id(paths[0]) for paths in self.files.values()}
        for name, old in self.project.renamed(list(articles.values()), names).items():
            try:
                moved = self.project.adopt(articles[name], old, dry_run=dry_run)
            except PipelineError as error:  # or it would begin with an empty catalog
                self.fail(f"Error: {error}")
                self._articles = [a for a in self.articles() if a.id != name]
                continue
            if dry_run:
                self.moves |= {(name, locale): path for locale, path in moved.items()}
            if moved:
                verb = "would move" if dry_run else "moved"
                tell(f"{verb} the catalogs of {old} to {name}: most of its sentences are there")

    def place(self, article: str, locale: str) -> Path:
        """Return where the catalog is."""
        return self.moves.get((article, locale)) or self.project.catalog_path(article, locale)

    def catalog(self, article: Article, locale: str) -> Catalog:
        """Return the catalog on disk; an empty one where there is none."""
        return self.project.catalog(
            replace(article, id=self.place(article.id, locale).stem), locale
        )

    def known(self) -> set[tuple[str, str]]:
        """Return article and locale of all that there is, readable or not."""
        languages = {article.id: article.language for article in self.summaries()}
        names = {article_id(paths[0]) for paths in self.files.values()}
        return {
            (name, locale)
            for name in names
            for locale in self.project.settings.locales
            if locale != languages.get(name)
        }

    def terms(self, article: Article) -> Glossary:
        """Return the glossary; an empty one for an article in another language than its terms'."""
        return self.glossary.of(article.language)

    @cached_property
    def drafts(self) -> Drafts:
        """Drafts of engines, in this run and before."""
        return self._memory_of("drafts")

    @cached_property
    def offered(self) -> Offered:
        return Offered(self._memory_of("offered"))

    def _memory_of(self, what: str) -> Drafts:
        path = self.project.cache / f"{what}.sqlite"
        return (Drafts.copied if self.dry_run else Drafts)(path, self.remark)

    def memory(self, language: str, locale: str) -> Memory:
        """Return what people approved in any catalog, or in a TMX file in ``locales/``."""
        return self.index().memory(language, locale)

    def index(self) -> Index:
        if self._index is None:
            self._index = self.project.memory(self.remark, keep=not self.dry_run)
            for problem in self._index.problems:
                self.fail(f"Error: {problem}")
        return self._index

    def remark(self, message: str) -> None:
        """Tell a warning of the session as a whole; it is no failure."""
        self.listener.warn(self._brief(message))

    def fail(self, message: str) -> None:
        message = self._brief(message)
        if message not in self.failed:
            self.failed[message] = None
            self.listener.warn(message)

    def _brief(self, message: str) -> str:
        return message.replace(f"{self.project.root}{os.sep}", "")

    def close(self) -> None:
        """Let go of the index of the memory, which nobody can write as long as it is open."""
        if self._index:
            self._index.close()

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Report an error that concerns one article or locale, and go on with the others."""
        try:
            yield
        except PipelineError as error:
            self.fail(f"Error: {error}")


def _summary_of(article: Article) -> Summary:
    return Summary(article.id, article.language, len(list(status.grouped(article.findings))))


def _summary(kept: Any) -> Summary:
    """Return the summary that was *kept* in the record."""
    rows = (
        Row(
            **{
                **row,
                "files": tuple(row["files"]),
                "states": {State(name): n for name, n in row["states"].items()},
            }
        )
        for row in kept["rows"]
    )
    return Summary(**{**kept, "rows": tuple(rows), "said": tuple(kept["said"])})


@contextmanager
def open_session(
    folder: Path | str | None = None,
    only: Sequence[str] = (),
    names: Sequence[str] = (),
    *,
    engine: str | None = None,
    dry_run: bool = False,
    listener: Listener = SILENT,
) -> Iterator[Session]:
    """Open the project in *folder*, and keep other sessions out of it unless it is a *dry_run*.

    Args:
        folder: with pyproject.toml, or below it; None for the working folder.
        only: locales to work on; all of the settings where there is none.
        names: articles to work on, by id or by source file; all where there is none.
        engine: one that is asked for by name, loaded at once so that a wrong name is told first.
        dry_run: nothing is written in the session.
        listener: who is told what happens.

    Raises:
        PipelineError: there is no project, its settings are wrong, or others are at work in it.

    """
    project = open_project(None if folder is None else Path(folder))
    if engine and engine != "auto":
        registry.load(engine, project.settings.options.get(engine))
    for locale in only:
        if locale not in project.settings.locales:
            known = ", ".join(project.settings.locales)
            raise PipelineError(f"locale {locale} is not in [tool.pipeline] locales ({known})")
    asked = tuple(only) or project.settings.locales
    session = Session(project, asked, project.glossary(), tuple(names), dry_run, listener)
    with closing(session):
        if dry_run:
            yield session
            return
        with atomic.lock(project.cache):
            project.sweep()
            yield session
            cache.save(project.cache)
