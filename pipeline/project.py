"""Where things lie on disk. The only module that knows the folders of a project."""

from __future__ import annotations

import contextlib
import datetime
import glob
import json
import os
import re
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from pipeline import compiled, files, formats, fresh, glossary, po, renames, settings, tmx
from pipeline.errors import CatalogError, SettingsError, SourceError
from pipeline.formats.write import WRITERS
from pipeline.glossary import Glossary
from pipeline.memory import Entry, Index, Stock, entries, open_index, stamp
from pipeline.merge3 import merge3
from pipeline.model import Article, Catalog, Key, LocalizedArticle, Role
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with ``source_texts/``, ``locales/``, ``glossary.yaml`` and ``pyproject.toml``."""

    root: Path
    settings: Settings
    seen: dict[Path, str] = field(default_factory=dict, repr=False, compare=False)
    """What each file held when it was read or written last: a `fresh.digest`."""

    @property
    def cache(self) -> Path:
        """A folder that can be deleted at any time."""
        return self.root / ".pipeline"

    def show(self, path: Path) -> str:
        """Return *path* as a person in the project's folder would write it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    # Sources

    def _source_files(self) -> list[Path]:
        folder = self.root / "source_texts"
        if not folder.is_dir():
            raise SourceError(f"{folder} is missing; put the statements there")
        found = (p for p in sorted(folder.rglob("*")) if p.is_file())
        return [p for p in found if not any(x.startswith(".") for x in p.relative_to(folder).parts)]

    def sources(self) -> list[Path]:
        """Return the source files, sorted by name.

        Raises:
            SourceError: there is no folder, or nothing in it.

        """
        found = [p for p in self._source_files() if p.suffix.lower() in formats.READERS]
        if not found:
            kinds = ", ".join(formats.READERS)
            raise SourceError(f"{self.root / 'source_texts'} holds no statement ({kinds})")
        return found

    def skipped(self) -> list[Path]:
        """Return the files in ``source_texts/`` that no reader takes."""
        return [p for p in self._source_files() if p.suffix.lower() not in formats.READERS]

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
            if path.suffix in WRITERS
            and path.stem not in _FOLDERS
            and ((path.stem, path.parent.name) not in pairs or path.parent.parent not in folders)
        )
        return sorted((*catalogs, *pages))

    def article(self, path: Path) -> Article:
        """Return the article in the file at *path*."""
        return read_article(path, self.settings, self.show(path), self.seen)

    def glossary(self) -> Glossary:
        """Return the glossary; an empty one where there is no file."""
        path = self.root / "glossary.yaml"
        language = self.settings.source_language
        if not path.exists():
            return Glossary(language=language)
        text = read_text(path, str(path), self.seen)
        if self.cache.is_dir():
            return compiled.load(text, str(path), language, self.cache)
        return glossary.parse(text, str(path), language)

    # Catalogs

    def catalog_path(self, article: str, locale: str) -> Path:
        return self.root / "locales" / locale / "LC_MESSAGES" / f"{article}.po"

    def catalog(self, article: Article, locale: str) -> Catalog:
        """Return the catalog on disk, or an empty one with a header."""
        path = self.catalog_path(article.id, locale)
        with self._naming(path):
            data = files.contents(path)
        return self._parsed(article, locale, data)

    def _parsed(self, article: Article, locale: str, data: bytes | None) -> Catalog:
        path = self.catalog_path(article.id, locale)
        fields = po.headers(article.id, article.language, locale, _now())
        if data is None:
            return Catalog(locale, headers=fields, header_comments=(f"{article.id}, {locale}",))
        found = po.parse(data, path)
        have = {name for name, _ in found.headers}
        missing = tuple((name, value) for name, value in fields if name not in have)
        return replace(found, locale=locale, headers=(*found.headers, *missing))

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
                before = files.contents(path)
            old = found = self._parsed(article, locale, before)
            if base and made:
                old = merge3(base, made, found, machine=True).catalog
            new = change(old)
            base, made = found, new
            if before is not None and _sentences(old) != _sentences(new):
                new = replace(new, headers=_dated(new.headers))
            data = po.dump(new, like=before, path=self.show(path))
            with contextlib.suppress(files.Superseded), self._naming(path):
                changed = files.swap(path, before, data)
                self.seen[path] = fresh.digest(data)
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
                    active = (
                        m for m in po.parse(path.read_bytes(), path).messages if not m.obsolete
                    )
                    its = {m.source for m in active if m.role not in _EVERYWHERE}
                    sentences.setdefault(name, []).append(its)
        new = {a.id: {u.text for u in a.units if u.role not in _EVERYWHERE} for a in articles}
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
        with self._naming(path):
            while True:
                data, there = files.contents(path), files.contents(place)
                if data is None:
                    return None
                catalog = _renamed(po.parse(data, path), old, article.id, locale)
                taken, written = path, True
                if there is not None:
                    new = po.parse(there, place)
                    if _holds(new, catalog):
                        taken, written = place, False
                    elif (_FORMER, old) in new.headers:
                        taken, catalog = place, _joined(new, catalog)
                    elif not _adds_nothing(new, catalog):
                        return None
                if dry_run:
                    return taken
                for suffix in WRITERS:
                    for preview in (True, False):
                        files.remove(self.output_path(old, locale, suffix, preview=preview))
                if written:
                    try:
                        files.swap(place, there, po.dump(catalog, there or data, self.show(place)))
                    except files.Superseded:  # a translator has just saved that one
                        continue
                if files.contents(path) == data:  # or a translator has just saved it
                    files.remove(path)
                    return taken

    # Memory

    def memory(self, *, keep: bool = True) -> Index:
        """Return the index of all that people approved: the catalogs', and that of ``*.tmx``.

        The next one finds it again, unless this one is not to *keep* it: nothing is written then.
        """
        return open_index(self.cache / "memory.sqlite", self._stocks(), keep=keep)

    def _stocks(self) -> Iterator[Stock]:
        given = (self.settings.source_language, *self.settings.locales)
        loads = {"locales/*/LC_MESSAGES/*.po": self._approved, "locales/*.tmx": self._imported}
        for pattern, load in loads.items():
            for path in sorted(self.root.glob(pattern)):
                name = self.show(path)
                if _is_utf8(name):
                    yield Stock(name, _stamp(path, *given), partial(load, path))
                else:
                    yield Stock(_legible(name), "", partial(_refuse, name))

    def _approved(self, path: Path) -> Iterator[Entry]:
        with self._naming(path):
            catalog = po.parse(path.read_bytes(), path)
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
        written = []
        withdrawn = False
        for suffix, writer in WRITERS.items():
            path = self.output_path(article.id, article.locale, suffix, preview=preview)
            text = writer(article)
            files.write(path, text)
            written.append(path)
            other = self.output_path(article.id, article.locale, suffix, preview=not preview)
            withdrawn = (files.remove(other) and preview) or withdrawn
            self.seen.update({path: fresh.digest(text.encode()), other: fresh.digest(None)})
        return written, withdrawn

    def unchanged(self, path: Path) -> bool:
        """Return whether the file at *path* holds what was read or written here last."""
        return self.seen.get(path) == fresh.digest(files.contents(path))

    def places(self, article: str, locales: Iterable[str]) -> Iterator[Path]:
        """Give where all that is made of *article* is, or is not: catalogs and output."""
        for locale in locales:
            yield self.catalog_path(article, locale)
            for suffix in WRITERS:
                for preview in (True, False):
                    yield self.output_path(article, locale, suffix, preview=preview)

    def record(self) -> fresh.Record:
        """Return what the last run saw of this project, as it is now."""
        terms = self.seen.get(self.root / "glossary.yaml", "")
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        memories = (
            f"{path.name} {fresh.digest(path.read_bytes())}"
            for path in sorted(self.root.glob("locales/*.tmx"))
            if path.is_file()
        )
        influence = (terms, repr(self.settings), epoch, *memories)
        return fresh.Record(self.cache / "seen.json", self.root, *influence)

    def write_manifest(
        self, entries: Sequence[Mapping[str, object]], pairs: Collection[tuple[str, str]]
    ) -> None:
        """Write what is published, and what is not yet, for a website's import.

        What is known of others of *pairs* (article and locale) stays: they were not built now.
        """
        path = self.root / "localized" / "manifest.json"
        known: dict[tuple[str, str], Mapping[str, object]] = {}
        for entry in (*_manifest(path), *entries):
            known[str(entry["article"]), str(entry["locale"])] = entry
        kept = [known[pair] for pair in sorted(known) if pair in pairs]
        text = json.dumps({"version": 1, "articles": kept}, ensure_ascii=False, indent=1)
        files.write(path, text + "\n")

    def sweep(self) -> None:
        """Remove what killed commands left where they write, and nowhere else."""
        catalogs, output = self.root / "locales", self.root / "localized"
        folders = [catalogs, output]
        for locale in self.settings.locales:
            folders += [catalogs / locale / "LC_MESSAGES", output / locale]
            folders.append(output / "preview" / locale)
        for folder in folders:
            files.sweep(folder)


def open_project(folder: Path | None) -> Project:
    """Return the project in *folder*, or in the nearest one from here upwards."""
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"{folder}: there is no such folder")
    root = folder.resolve() if folder else settings.find_root(Path.cwd())
    return Project(root, settings.load(root))


def _locale(catalog: Path) -> str:
    return catalog.parent.parent.name


def _manifest(path: Path) -> list[Mapping[str, object]]:
    """Return the entries of the manifest at *path*; none where there is no whole one."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["articles"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    its = entries if isinstance(entries, list) else []
    return [e for e in its if isinstance(e, dict) and {"article", "locale"} <= e.keys()]


_FOLDERS = ("index", "_index")
"""What websites call the page of a folder: it is no article."""


def article_id(path: Path) -> str:
    """Return the name that an article bears in all other files: letters, digits, ``-_.``.

    Raises:
        SourceError: nothing is left of the name, or it is not UTF-8.

    """
    if not _is_utf8(path.name):
        raise SourceError(_RENAME.format(_legible(path.name)))
    stem = unicodedata.normalize("NFC", path.stem)
    name = re.sub(r"[^\w.]+", "-", stem).strip("-._")
    if not name:
        raise SourceError(f"{str(path)!r}: rename it; its name has no letter or digit")
    if name in _FOLDERS:
        raise SourceError(f"{path.name}: rename it; websites take “{name}” for the folder itself")
    return name


def read_article(
    path: Path, given: Settings, shown: str, seen: dict[Path, str] | None = None
) -> Article:
    """Return the article in the file at *path*; errors name it as *shown*. See `read_text`."""
    reader = path.suffix.lower()
    if reader not in formats.READERS and path.exists():
        kinds = ", ".join(formats.READERS)
        raise SourceError(f"{shown}: no reader for “{path.suffix}”; there are {kinds}")
    text = read_text(path, shown, seen)
    try:
        return formats.read(text, reader, article_id(path), given.source_language, given.clean)
    except (SourceError, SettingsError) as error:
        raise SourceError(f"{shown}: {error}") from None


def read_text(path: Path, shown: str, seen: dict[Path, str] | None = None) -> str:
    """Return what the text file at *path* says, and put the digest of it into *seen*.

    Line ends are as they are in the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{shown}: {error.strerror}") from None
    if seen is not None:
        seen[path] = fresh.digest(data)
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{shown}:{line}: not UTF-8; convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE"
        ) from None
    if "\0" in text:
        raise SourceError(f"{shown}: not a text file (it holds NUL characters)")
    return text


def read_glossary(path: Path, language: str) -> Glossary:
    """Return the glossary in the file at *path*. See `read_text`."""
    return glossary.parse(read_text(path, str(path)), str(path), language)


_RENAME = "{}: rename it; its name is not UTF-8"


def _is_utf8(name: str) -> bool:
    """Return whether the system's *name* is UTF-8; no other can be written into a file."""
    return name.encode(errors="replace").decode() == name


def _legible(name: str) -> str:
    """Return *name* with each byte that is not UTF-8 written as its number."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _refuse(name: str) -> NoReturn:
    raise CatalogError(_RENAME.format(_legible(name)))


def _stamp(path: Path, *settings: str) -> str:
    """Return what changes with the file at *path*, and with the settings that it is read by."""
    found = stamp(path)
    return found and " ".join((*settings, found))


def _renamed(catalog: Catalog, old: str, new: str, locale: str) -> Catalog:
    """Return *catalog* of the article *old* as that of *new*."""
    headers = tuple(
        (name, new if (name, value) == ("Project-Id-Version", old) else value)
        for name, value in catalog.headers
    )
    if (_FORMER, old) not in headers:
        headers = (*headers, (_FORMER, old))
    title = f"{old}, {locale}"
    comments = tuple(f"{new}, {locale}" if c == title else c for c in catalog.header_comments)
    return replace(catalog, headers=headers, header_comments=comments)


_FORMER = "X-Former-Name"
"""The header field that says what the article of a catalog was called when it was moved."""


def _joined(new: Catalog, late: Catalog) -> Catalog:
    """Return *new* with what somebody saved *late*, under the name that its article had before.

    What is fuzzy in *new* and approved in *late*, with the same words, stays fuzzy: somebody may
    have taken the approval back.
    """
    doubted = {(m.source, m.target) for m in new.messages if m.fuzzy}
    messages = (
        replace(m, fuzzy=True) if (m.source, m.target) in doubted else m for m in late.messages
    )
    empty = Catalog(new.locale)
    return merge3(empty, new, replace(late, messages=tuple(messages))).catalog


_EVERYWHERE = (Role.TITLE, Role.HEADING, Role.SLOGAN, Role.SIGNATURE, Role.BYLINE)


def _holds(catalog: Catalog, other: Catalog) -> bool:
    """Return whether *catalog* has all that people and engines wrote in *other*."""
    have = {(m.source, m.target, m.fuzzy) for m in catalog.messages}
    comments = {comment for m in catalog.messages for comment in m.comments}
    return all(
        (m.source, m.target, m.fuzzy) in have and comments.issuperset(m.comments)
        for m in other.messages
        if m.target or m.comments
    )


def _adds_nothing(new: Catalog, catalog: Catalog) -> bool:
    """Return whether *new* approves, says and notes nothing that *catalog* does not say.

    A draft that a person has corrected looks like any other draft, so these count too.
    """
    said = {(m.source, m.target) for m in catalog.messages}
    comments = {comment for m in catalog.messages for comment in m.comments}
    return all(
        (not m.target or (m.fuzzy and not m.previous and (m.source, m.target) in said))
        and comments.issuperset(m.comments)
        for m in new.messages
    )


def _now() -> str:
    """Return the time as PO headers write it; SOURCE_DATE_EPOCH is honoured."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    utc = datetime.UTC
    try:
        seconds = int(epoch) if epoch else time.time()
        now = datetime.datetime.fromtimestamp(seconds, utc)
    except (ValueError, OverflowError, OSError):
        raise SettingsError(f"SOURCE_DATE_EPOCH={epoch}: no number of seconds") from None
    return now.strftime("%Y-%m-%d %H:%M+0000")


def _sentences(catalog: Catalog) -> set[Key]:
    return {m.key for m in catalog.messages if not m.obsolete}


def _dated(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return *headers* with the time of the last change of the source's sentences."""
    return tuple((n, _now() if n == "POT-Creation-Date" else v) for n, v in headers)
