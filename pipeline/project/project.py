"""Where things lie on disk. The only module that knows the folders of a project."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pipeline.catalog import po
from pipeline.catalog.foreign import foreign
from pipeline.catalog.merge3 import merge3
from pipeline.errors import CatalogError, SettingsError, SourceError
from pipeline.formats import read
from pipeline.memory import tmx
from pipeline.memory.index import Index, open_index
from pipeline.memory.model import Entry, Stock, entries
from pipeline.model import Article, Catalog, Key, LocalizedArticle
from pipeline.project import renames
from pipeline.project import settings as project_settings
from pipeline.project.renames import EVERYWHERE, FORMER, adds_nothing, as_renamed, holds, joined
from pipeline.project.settings import Settings
from pipeline.project.sources import FOLDERS, is_utf8, legible, read_article, read_text, refuse
from pipeline.publish import manifest
from pipeline.publish.targets import TARGETS
from pipeline.storage import atomic, fingerprints
from pipeline.terminology import cache, glossary_file
from pipeline.terminology.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with ``source_texts/``, ``locales/``, ``glossary.yaml`` and ``pyproject.toml``."""

    root: Path
    settings: Settings
    seen: dict[Path, str] = field(default_factory=dict, repr=False, compare=False)
    """Contents of each file when last read or written, as `fingerprints.digest`."""

    @property
    def cache(self) -> Path:
        """A folder that can be deleted at any time."""
        return self.root / ".pipeline"

    def show(self, path: Path) -> str:
        """Return *path* as a person in the project's folder would write it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def leads_out(self, path: Path) -> str:
        """Return what is wrong with the symbolic links on the way to *path*; "" if nothing is."""
        if self.settings.follow_links or not (link := atomic.way_out(path, self.root)):
            return ""
        return (
            f"{self.show(link)}: this symbolic link leads out of the project; put the file or"
            " folder itself there, or set follow_links = true in [tool.pipeline] if you trust"
            " where it leads"
        )

    def stay_in(self, *paths: Path) -> None:
        """Refuse to write, or read, outside of the project.

        Raises:
            CatalogError: with the name of the link that leads there.

        """
        for path in paths:
            if problem := self.leads_out(path):
                raise CatalogError(problem)

    # Sources

    def _source_files(self) -> list[Path]:
        folder = self.root / "source_texts"
        if not folder.is_dir():
            raise SourceError(f"{folder} is missing; put the statements there")
        if problem := self.leads_out(folder):
            raise SourceError(problem)
        found = (p for p in sorted(folder.rglob("*")) if p.is_file())
        return [p for p in found if not any(x.startswith(".") for x in p.relative_to(folder).parts)]

    def sources(self) -> list[Path]:
        """Return the source files, sorted by name.

        Raises:
            SourceError: there is no folder, or nothing in it.

        """
        found = [p for p in self._source_files() if p.suffix.lower() in read.READERS]
        if not found:
            kinds = ", ".join(read.READERS)
            raise SourceError(f"{self.root / 'source_texts'} holds no statement ({kinds})")
        return found

    def skipped(self) -> list[Path]:
        """Return the files in ``source_texts/`` that no reader takes."""
        return [p for p in self._source_files() if p.suffix.lower() not in read.READERS]

    def orphans(self, pairs: Collection[tuple[str, str]]) -> list[Path]:
        """Return the catalogs and localized articles that belong to none of *pairs*.

        *pairs* are article and locale. Nothing is removed: a person decides.
        """
        output = self.root / "localized"
        folders = {output, output / "preview"}
        catalogs = (
            path
            for path in self.root.glob("locales/*/LC_MESSAGES/*.po")
            if (path.stem, path.parent.parent.name) not in pairs
        )
        pages = (
            path
            for path in output.glob("**/*")
            if path.suffix in TARGETS
            and path.stem not in FOLDERS
            and ((path.stem, path.parent.name) not in pairs or path.parent.parent not in folders)
        )
        return sorted((*catalogs, *pages))

    def article(self, path: Path) -> Article:
        """Return the article in the file at *path*."""
        if problem := path.is_symlink() and self.leads_out(path):
            raise SourceError(problem)
        return read_article(path, self.settings, self.show(path), self.seen)

    def glossary(self) -> Glossary:
        """Return the glossary; an empty one where there is no file."""
        path = self.root / "glossary.yaml"
        language = self.settings.source_language
        if not path.exists():
            return Glossary(language=language)
        self.stay_in(path)
        text = read_text(path, str(path), self.seen)
        if self.cache.is_dir():
            return cache.load(text, str(path), language, self.cache)
        return glossary_file.parse(text, str(path), language)

    # Catalogs

    def catalog_path(self, article: str, locale: str) -> Path:
        return self.root / "locales" / locale / "LC_MESSAGES" / f"{article}.po"

    def catalog(self, article: Article, locale: str) -> Catalog:
        """Return the catalog on disk, or an empty one with a header."""
        path = self.catalog_path(article.id, locale)
        with self._naming(path):
            data = atomic.contents(path)
        return self._parsed(article, locale, data)

    def _parsed(self, article: Article, locale: str, data: bytes | None) -> Catalog:
        path = self.catalog_path(article.id, locale)
        new = po.new(article, locale)
        if data is None:
            return new
        found = self._parse(data, path)
        have = {name for name, _ in found.headers}
        missing = tuple((name, value) for name, value in new.headers if name not in have)
        return replace(found, locale=locale, headers=(*found.headers, *missing))

    def _parse(self, data: bytes, path: Path) -> Catalog:
        """Return the catalog in *data*, which the file at *path* holds.

        Raises:
            CatalogError: it is no PO, or in another language than its folder.

        """
        catalog = po.parse(data, path)
        if catalog.locale in self.settings.locales and (why := foreign(catalog)):
            raise CatalogError(
                f"{self.show(path)}: {why}, and it lies in the folder of {catalog.locale}; put the"
                " catalog of that locale there, or mend the header; it is left as it is, and"
                " nothing of it is published"
            )
        return catalog

    def update(
        self, article: Article, locale: str, change: Callable[[Catalog], Catalog]
    ) -> tuple[Catalog, bool]:
        """Replace the catalog of *article* by what *change* makes of it.

        Returns:
            the new catalog, and whether the file changed. If a translator saved the file in the
            meantime, that is merged with it, and *change* is applied to both.

        Raises:
            CatalogError: the file cannot be trusted, or is being saved again and again.

        """
        path = self.catalog_path(article.id, locale)
        base = made = None
        for _ in range(5):
            with self._naming(path):
                before = atomic.contents(path)
            old = found = self._parsed(article, locale, before)
            if base and made:
                old = merge3(base, made, found, machine=True).catalog
            new = change(old)
            base, made = found, new
            if before is not None and _sentences(old) != _sentences(new):
                new = replace(new, headers=_dated(new.headers))
            data = po.dump(new, like=before, path=self.show(path))
            with contextlib.suppress(atomic.Superseded), self._naming(path):
                changed = atomic.swap(path, before, data)
                self.seen[path] = fingerprints.digest(data)
                return new, changed
        raise CatalogError(f"{self.show(path)}: it is being saved again and again; try again later")

    def gone(self, known: Collection[str]) -> dict[str, Path]:
        """Return the articles that have catalogs and are not *known*, each with one of them."""
        found: dict[str, Path] = {}
        for path in sorted(self.root.glob("locales/*/LC_MESSAGES/*.po")):
            if path.stem not in known:
                found.setdefault(path.stem, path)
        return found

    def renamed(self, articles: Sequence[Article], known: Collection[str]) -> dict[str, str]:
        """Return which of *articles* has catalogs under an earlier name, and under which.

        *known* are the names of all articles that there are, readable or not. Headings and slogans
        do not count: an organisation says them in many articles.
        """
        gone: dict[str, list[Path]] = {}
        for path in sorted(self.root.glob("locales/*/LC_MESSAGES/*.po")):
            if path.stem not in known:
                gone.setdefault(path.stem, []).append(path)
        if not gone:
            return {}
        sentences: dict[str, list[set[str]]] = {}
        for name, paths in gone.items():
            for path in paths:
                with contextlib.suppress(CatalogError, OSError):  # an orphan; it is named as such
                    self.stay_in(path)
                    active = (
                        m for m in self._parse(path.read_bytes(), path).messages if not m.obsolete
                    )
                    its = {m.source for m in active if m.role not in EVERYWHERE}
                    sentences.setdefault(name, []).append(its)
        new = {a.id: {u.text for u in a.units if u.role not in EVERYWHERE} for a in articles}
        return renames.renamed(new, sentences)

    def adopt(self, article: Article, old: str, *, dry_run: bool = False) -> dict[str, Path]:
        """Move the catalogs of the article that was called *old* to that of its new name.

        What was made of them is made again. Where there is a catalog of the new name already, the
        two become one if it was moved from there before, for a translator may have had the old one
        open; or if one of them says nothing that the other does not. Else both stay.

        Returns:
            by locale that was moved, or would be, the file that held what the new one says.

        Raises:
            CatalogError: one cannot be read or written; the others are moved.

        """
        moved: dict[str, Path] = {}
        trouble: CatalogError | None = None
        for path in sorted(self.root.glob(f"locales/*/LC_MESSAGES/{glob.escape(old)}.po")):
            try:
                if taken := self._adopt(article, old, path, dry_run=dry_run):
                    moved[_locale(path)] = taken
            except CatalogError as error:
                trouble = trouble or error
        if trouble:
            raise trouble
        return moved

    def _adopt(self, article: Article, old: str, path: Path, *, dry_run: bool) -> Path | None:
        locale = _locale(path)
        place = self.catalog_path(article.id, locale)
        with self._naming(path), self._naming(place):
            while True:
                data, there = atomic.contents(path), atomic.contents(place)
                if data is None:
                    return None
                catalog = as_renamed(self._parse(data, path), old, article.id, locale)
                taken, written = path, True
                if there is not None:
                    new = self._parse(there, place)
                    if holds(new, catalog):
                        taken, written = place, False
                    elif (FORMER, old) in new.headers:
                        taken, catalog = place, joined(new, catalog)
                    elif not adds_nothing(new, catalog):
                        return None
                if dry_run:
                    return taken
                for suffix in TARGETS:
                    for preview in (True, False):
                        page = self.output_path(old, locale, suffix, preview=preview)
                        self.stay_in(page.parent)
                        atomic.remove(page)
                if written:
                    try:
                        atomic.swap(place, there, po.dump(catalog, there or data, self.show(place)))
                    except atomic.Superseded:  # a translator has just saved that one
                        continue
                if atomic.contents(path) == data:  # or a translator has just saved it
                    atomic.remove(path)
                    return taken

    # Memory

    def memory(self, tell: Callable[[str], None], *, keep: bool = True) -> Index:
        """Return the index of all that people approved: the catalogs', and that of ``*.tmx``.

        The next one finds it again, unless this one is not to *keep* it: nothing is written then.
        See `open_index` for what is told.
        """
        return open_index(self.cache / "memory.sqlite", self._stocks(), keep=keep, tell=tell)

    def _stocks(self) -> Iterator[Stock]:
        given = (self.settings.source_language, *self.settings.locales)
        loads = {"locales/*/LC_MESSAGES/*.po": self._approved, "locales/*.tmx": self._imported}
        for pattern, load in loads.items():
            for path in sorted(self.root.glob(pattern)):
                name = self.show(path)
                if is_utf8(name):
                    yield Stock(name, _stamp(path, *given), partial(load, path))
                else:
                    yield Stock(legible(name), "", partial(refuse, name))

    def _approved(self, path: Path) -> Iterator[Entry]:
        with self._naming(path):
            catalog = self._parse(path.read_bytes(), path)
        language = dict(catalog.headers).get("X-Source-Language") or self.settings.source_language
        return entries(catalog, path.stem, language)

    def _imported(self, path: Path) -> tuple[Entry, ...]:
        with self._naming(path):
            data = path.read_bytes()
        wanted = self.settings.locales
        return tmx.parse(data, self.show(path), self.settings.source_language, wanted).entries

    @contextlib.contextmanager
    def _naming(self, path: Path) -> Iterator[None]:
        """Say which catalog cannot be read or written; the others still can."""
        self.stay_in(path)
        try:
            yield
        except OSError as error:
            raise CatalogError(f"{self.show(path)}: {error.strerror or error}") from None

    # Output

    def output_path(self, article: str, locale: str, suffix: str, *, preview: bool) -> Path:
        folder = self.root / "localized"
        return (folder / "preview" if preview else folder) / locale / f"{article}{suffix}"

    def publish(self, article: LocalizedArticle) -> tuple[list[Path], bool]:
        """Write *article* where it belongs, and take it away from where it does not.

        Returns:
            the files, and whether one that had been published was withdrawn.

        """
        preview = not article.publishable
        self.stay_in(*self.places(article.id, [article.locale]))
        written = []
        withdrawn = False
        for suffix, writer in TARGETS.items():
            path = self.output_path(article.id, article.locale, suffix, preview=preview)
            text = writer(article)
            atomic.write(path, text)
            written.append(path)
            other = self.output_path(article.id, article.locale, suffix, preview=not preview)
            withdrawn = (atomic.remove(other) and preview) or withdrawn
            self.seen.update(
                {path: fingerprints.digest(text.encode()), other: fingerprints.digest(None)}
            )
        return written, withdrawn

    def unchanged(self, path: Path) -> bool:
        """Return whether the file at *path* holds what was read or written here last."""
        return self.seen.get(path) == fingerprints.digest(atomic.contents(path))

    def places(self, article: str, locales: Iterable[str]) -> Iterator[Path]:
        """Give where all that is made of *article* is, or is not: catalogs and output."""
        for locale in locales:
            yield self.catalog_path(article, locale)
            for suffix in TARGETS:
                for preview in (True, False):
                    yield self.output_path(article, locale, suffix, preview=preview)

    def record(self) -> fingerprints.Record:
        """Return what the last run saw of this project, as it is now."""
        terms = self.seen.get(self.root / "glossary.yaml", "")
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        memories = (
            f"{path.name} {fingerprints.digest(path.read_bytes())}"
            for path in sorted(self.root.glob("locales/*.tmx"))
            if path.is_file()
        )
        influence = (terms, repr(self.settings), epoch, *memories)
        return fingerprints.Record(self.cache / "seen.json", self.root, *influence)

    def write_manifest(
        self, entries: Sequence[Mapping[str, object]], pairs: Collection[tuple[str, str]]
    ) -> None:
        """Write what is published, and what is not yet, for a website's import.

        What is known of others of *pairs* (article and locale) stays: they were not built now.
        """
        path = self.root / "localized" / "manifest.json"
        self.stay_in(path)
        atomic.write(path, manifest.dump(manifest.merged(manifest.read(path), entries, pairs)))

    def sweep(self) -> None:
        """Remove what killed commands left where they write, and nowhere else."""
        catalogs, output = self.root / "locales", self.root / "localized"
        folders = [catalogs, output]
        for locale in self.settings.locales:
            folders += [catalogs / locale / "LC_MESSAGES", output / locale]
            folders.append(output / "preview" / locale)
        for folder in folders:
            atomic.sweep(folder, None if self.settings.follow_links else self.root)


def open_project(folder: Path | None) -> Project:
    """Return the project in *folder*, or in the nearest one from here upwards."""
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"{folder}: there is no such folder")
    root = folder.resolve() if folder else project_settings.find_root(Path.cwd())
    project = Project(root, project_settings.load(root))
    held = project.cache.iterdir() if project.cache.is_dir() else ()
    for path in (project.cache, *held):
        if problem := path.is_symlink() and project.leads_out(path):
            raise SettingsError(problem)
    return project


def _locale(catalog: Path) -> str:
    return catalog.parent.parent.name


def _stamp(path: Path, *settings: str) -> str:
    """Return what changes with the file at *path*, and with the settings that it is read by."""
    found = fingerprints.stamp(path)
    return found and " ".join((*settings, found))


def _sentences(catalog: Catalog) -> set[Key]:
    return {m.key for m in catalog.messages if not m.obsolete}


def _dated(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return *headers* with the time of the last change of the source's sentences."""
    return tuple((n, po.now() if n == "POT-Creation-Date" else v) for n, v in headers)
