"""The command ``pipeline``: reads arguments, calls one function, prints, exits.

Exit codes: 0 all went well; 1 something needs a person, and the message says what; 2 wrong usage.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import click

from pipeline import engines, files, locales, markup, po, report, settings, translate, workflow
from pipeline.clean import normalise
from pipeline.engines import Engine
from pipeline.errors import PairNotAvailable, PipelineError
from pipeline.formats import sentence_spans
from pipeline.formats.text import paragraphs
from pipeline.glossary import Glossary
from pipeline.model import Article, Catalog, Finding, State
from pipeline.project import Project, article_id, open_project, read_article, read_glossary
from pipeline.settings import Settings


class _Group(click.Group):
    """Turns what the package raises on purpose into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PipelineError as error:
            raise click.ClickException(_safe(str(error))) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(_safe(f"{where}{error.strerror or error}")) from None


def _safe(text: str) -> str:
    """Return *text* without characters that command a terminal, or turn its lines around."""
    return _COMMANDING.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


_COMMANDING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")


def _say(text: str = "") -> None:
    click.echo(_safe(text))


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _warn(text: str) -> None:
    click.echo(_safe(text), err=True)


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
      pipeline status     # where things stand
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    ctx.obj = folder


_locale_option = click.option(
    "--locale", "-l", "only", multiple=True, help="Only this locale; may be given several times."
)
_engine_option = click.option(
    "--engine", "-e", help="auto, argos, apertium, pseudo, or package.module:factory."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
_dry_option = click.option(
    "--dry-run", "-n", is_flag=True, help="Say what would change; write nothing."
)
_language_option = click.option(
    "--language", "-L", help="Language of the text [default: the project's]."
)
_articles_argument = click.argument("articles", nargs=-1)


@dataclass(slots=True)
class _Job:
    """What one command works on, and what it met."""

    project: Project
    locales: tuple[str, ...]
    glossary: Glossary
    names: tuple[str, ...] = ()
    failed: dict[str, None] = field(default_factory=dict)
    """What was said on standard error, each once."""
    files: dict[str, list[Path]] = field(default_factory=dict)
    """The source files by article, folded: one each, if all is well."""
    catalogs: dict[tuple[str, str], Catalog] = field(default_factory=dict)
    """What this command has written, by article and locale."""
    _articles: list[Article] | None = None

    def articles(self) -> list[Article]:
        """Return the articles that can be read; name the others and go on."""
        if self._articles is None:
            self._articles = list(self._read())
        return self._articles

    def _read(self) -> Iterator[Article]:
        for path in self.project.sources():
            try:
                self.files.setdefault(article_id(path).casefold(), []).append(path)
            except PipelineError as error:
                self.fail(f"Error: {error}")
        for paths in self.files.values():
            name = article_id(paths[0])
            if self.names and name not in self.names:
                continue
            if len(paths) > 1:
                shown = " and ".join(self.project.show(path) for path in paths)
                self.fail(f"Error: {shown} would both be the article “{name}”; rename one of them")
                continue
            try:
                yield self.project.article(paths[0])
            except PipelineError as error:
                self.fail(f"Error: {error}")
        known = {article_id(paths[0]) for paths in self.files.values()}
        for name in self.names:
            if name not in known:
                self.fail(f"Error: there is no article “{name}” in source_texts/")

    def pairs(self) -> Iterator[tuple[Article, str]]:
        """Give each article with each locale that it is to be translated to."""
        for article in self.articles():
            for locale in self.locales:
                if locale != article.language:
                    yield article, locale

    def known(self) -> set[tuple[str, str]]:
        """Return article and locale of all that there is, readable or not."""
        languages = {article.id: article.language for article in self.articles()}
        names = {article_id(paths[0]) for paths in self.files.values()}
        return {
            (name, locale)
            for name in names
            for locale in self.project.settings.locales
            if locale != languages.get(name)
        }

    def fail(self, message: str) -> None:
        message = message.replace(f"{self.project.root}{os.sep}", "")
        if message not in self.failed:
            self.failed[message] = None
            _warn(message)

    def finish(self) -> None:
        if self.failed:
            sys.exit(1)


@contextmanager
def _job(
    folder: Path | None,
    only: Sequence[str] = (),
    names: Sequence[str] = (),
    *,
    engine: str | None = None,
    dry_run: bool = False,
) -> Iterator[_Job]:
    """Open the project and keep other commands out of it, if it is to be written to."""
    project = open_project(folder)
    if engine and engine != "auto":
        engines.load(engine)
    for locale in only:
        if locale not in project.settings.locales:
            known = ", ".join(project.settings.locales)
            raise PipelineError(f"locale {locale} is not in [tool.pipeline] locales ({known})")
    job = _Job(project, tuple(only) or project.settings.locales, project.glossary(), tuple(names))
    if dry_run:
        yield job
        return
    with files.lock(project.cache):
        project.sweep()
        yield job


# Progress


class _Progress:
    """Shows on a terminal, once two seconds have passed, how far a long work is."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what, self.done = total, what, 0
        self.start = time.monotonic()
        self.shown = False

    def add(self, count: int) -> None:
        self.done += count
        seconds = time.monotonic() - self.start
        if sys.stderr.isatty() and seconds > 2 and self.done:
            rate = self.done / seconds
            left = (self.total - self.done) / rate
            click.echo(
                f"\r\x1b[K{self.done}/{self.total} {self.what}, {rate:.1f}/s, {left:.0f} s left",
                nl=False,
                err=True,
            )
            self.shown = True

    def close(self) -> None:
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)


# Commands


@main.command()
@_articles_argument
@_locale_option
@_engine_option
@click.pass_obj
def run(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], engine: str | None
) -> None:
    """Do everything that is new: update, translate, build; then show where things stand.

    Again and again: a second run changes no byte.

    \b
    Example:
      pipeline run
      pipeline run open-letter-on-school-meals --locale es
    """
    with _job(folder, only, articles, engine=engine) as job:
        _translate(job, engine)
        entries = _build(job)
        _lines(report.table(entries))
        _lines(report.where_to_look(entries))
        _lines(_odd(job))
        job.finish()


def _odd(job: _Job) -> Iterator[str]:
    """Give lines: what a coordinator might wonder about."""
    for article in job.articles():
        if article.findings:
            name = job.project.show(job.files[article.id.casefold()][0])
            looks = len(list(report.grouped(article.findings)))
            yield f"{name}: {looks} things look odd: pipeline clean {name}"
    for path in job.project.skipped():
        yield f"{job.project.show(path)}: skipped; there is no reader for “{path.suffix}”"
    for article in job.articles():
        if article.language in job.locales:
            yield f"{article.id}: not translated to {article.language}, which it is written in"
    if not job.names:
        for path in job.project.orphans(job.known()):
            yield f"{job.project.show(path)}: its source, or its locale, is gone; kept as it is"


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_language_option
@_json_option
@click.pass_obj
def clean(folder: Path | None, file: Path, language: str | None, as_json: bool) -> None:
    """Show what each line of FILE is taken for, what is dropped by which rule, what looks wrong.

    To overrule it, write the line and what it is (drop, keep, title, heading, paragraph, item,
    quote, caption, slogan, byline or signature) under [tool.pipeline.clean] in pyproject.toml, or
    under "clean:" in the front matter of the file.

    \b
    Example:
      pipeline clean source_texts/water-is-a-right.txt
    """
    article = read_article(file, _settings(folder, language), str(file))
    rows = list(report.account(article))
    if as_json:
        found = [report.finding(f) for f in article.findings]
        head = {
            "article": article.id,
            "language": article.language,
            "date": report.iso(article.date),
        }
        _json({**head, "signed": report.iso(article.signed), "parts": rows, "findings": found})
        return
    for row in rows:
        if row["fate"] != "skeleton":
            label = row["role"] if row["fate"] == "unit" else row["fate"]
            rule = f"  [{row['rule']}]" if row["rule"] else ""
            text = " ".join(str(row["text"] or row["source"]).split())
            shown = text if len(text) < 78 else text[:77] + "…"
            _say(f"{row['line']:>5}  {label:<11} {shown}{rule}")
    total = Counter(str(row["fate"]) for row in rows)
    size = {fate: sum(len(str(r["source"])) for r in rows if r["fate"] == fate) for fate in total}
    parts = ", ".join(f"{size[fate]} {fate} ({n})" for fate, n in sorted(total.items()))
    _say(f"\n{sum(size.values())} characters: {parts}.")
    if article.findings:
        _say("\nTo look at (nothing of it was changed, except where it says so):")
        for line in report.grouped(article.findings):
            _say(f"  {line}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path), default="-")
@_language_option
@_json_option
@click.pass_obj
def segment(folder: Path | None, file: Path, language: str | None, as_json: bool) -> None:
    """Print the sentences of FILE, or of plain text from standard input, one a line.

    A blank line parts the blocks. With --json: a list of blocks, each a list of strings.

    \b
    Example:
      pipeline segment source_texts/open-letter-on-school-meals.md --json
      echo "The U.N. building is empty. They left." | pipeline segment
    """
    given = _settings(folder, language)
    if str(file) == "-":
        blocks = list(_plain_blocks(normalise(_stdin()).text, given.source_language))
    else:
        units = read_article(file, given, str(file)).units
        blocks = [[u.text for u in group] for _, group in groupby(units, lambda u: u.block)]
    if as_json:
        _json(blocks)
    else:
        _say("\n\n".join("\n".join(block) for block in blocks))


def _plain_blocks(text: str, language: str) -> Iterator[list[str]]:
    for para in paragraphs(text):
        yield [para.text[start:end] for start, end in sentence_spans(para.text, language)]


@main.command()
@_articles_argument
@_locale_option
@_dry_option
@click.pass_obj
def update(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], dry_run: bool
) -> None:
    """Bring the PO files up to date with the source texts. Nothing translated is lost.

    \b
    Example:
      pipeline update --dry-run
    """
    with _job(folder, only, articles, dry_run=dry_run) as job:
        for article, locale in job.pairs():
            with _naming(job):
                path = job.project.catalog_path(article.id, locale)
                new, changed = _update(job, article, locale, dry_run=dry_run)
                if changed:
                    verb = "would change" if dry_run else "updated"
                    _say(f"{verb} {job.project.show(path)}: {report.counts_line(new)}")
        job.finish()


def _update(job: _Job, article: Article, locale: str, *, dry_run: bool) -> tuple[Catalog, bool]:
    """Return the catalog up to date, and whether the file changed, or would on a *dry_run*."""
    change = partial(workflow.update, article, glossary=job.glossary)
    if not dry_run:
        return _write(job, article, locale, change)
    old = job.project.catalog(article, locale)
    new = change(old)
    path = job.project.catalog_path(article.id, locale)
    return new, not path.exists() or po.dump(old) != po.dump(new)


def _write(
    job: _Job, article: Article, locale: str, change: Callable[[Catalog], Catalog]
) -> tuple[Catalog, bool]:
    """Do as `Project.update`, and note the new catalog."""
    new, changed = job.project.update(article, locale, change)
    job.catalogs[article.id, locale] = new
    return new, changed


@main.command("translate")
@_articles_argument
@_locale_option
@_engine_option
@_dry_option
@click.pass_obj
def translate_command(
    folder: Path | None,
    articles: tuple[str, ...],
    only: tuple[str, ...],
    engine: str | None,
    dry_run: bool,
) -> None:
    """Draft what is untranslated in the PO files, marked fuzzy, with the name of the engine.

    \b
    Example:
      pipeline translate --locale es --engine apertium
    """
    with _job(folder, only, articles, engine=engine, dry_run=dry_run) as job:
        _translate(job, engine, dry_run=dry_run)
        job.finish()


def _translate(job: _Job, engine: str | None, *, dry_run: bool = False) -> None:
    """Update and draft. Saved after each article: a run that is killed loses one at most."""
    todo = list(_plan(job, engine, dry_run=dry_run))
    progress = _Progress(sum(count for *_, count in todo), "sentences")
    for article, locale, chosen, count in todo:
        if dry_run:
            path = job.project.show(job.project.catalog_path(article.id, locale))
            signature = chosen.signature(article.language, locale)
            _say(f"would draft {count} sentences in {path} with {signature}")
        else:
            with _naming(job):
                glossary = job.glossary
                change = partial(workflow.pretranslate, article, engine=chosen, glossary=glossary)
                _write(job, article, locale, change)
            progress.add(count)
    progress.close()


def _plan(
    job: _Job, name: str | None, *, dry_run: bool
) -> Iterator[tuple[Article, str, Engine, int]]:
    """Update all catalogs; give article and locale where there is something to draft, and how much.

    No engine is started where there is nothing.
    """
    for article, locale in job.pairs():
        with _naming(job):
            new, _ = _update(job, article, locale, dry_run=dry_run)
            if any(message.state is State.UNTRANSLATED for message in new.messages):
                wanted = name or job.project.settings.engine_of(locale)
                chosen = engines.choose(wanted, article.language, locale)
                signature = chosen.signature(article.language, locale)
                if count := sum(translate.waits(m, signature) for m in new.messages):
                    yield article, locale, chosen, count


@main.command()
@click.option("--source", "-s", help="Language of the input [default: the project's].")
@click.option("--target", "-t", required=True, help="Locale to translate to, such as es or pt_BR.")
@_engine_option
@click.option("--glossary", "-g", "path", type=click.Path(path_type=Path), help="Another glossary.")
@_json_option
@click.pass_obj
def text(
    folder: Path | None,
    source: str | None,
    target: str,
    engine: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Draft standard input, line by line: one line out for one line in.

    \b
    Example:
      echo "We demand a ceasefire." | pipeline text --source en --target es
    """
    given = _settings(folder, source)
    locales.parse(target)
    glossary = read_glossary(path) if path else _glossary(folder)
    language = given.source_language
    chosen = engines.choose(engine or given.engine_of(target), language, target)
    lines = [line.removesuffix("\r") for line in _stdin().split("\n")]
    if lines[-1] == "":
        lines.pop()
    spans = [sentence_spans(line, language) for line in lines]
    sentences = [ln[a:b] for ln, found in zip(lines, spans, strict=True) for a, b in found]
    found_drafts = translate.draft_texts(sentences, chosen, language, target)
    if missing := [s for s, d in zip(sentences, found_drafts, strict=True) if not d]:
        _warn(f"no draft that can be used of {len(missing)} sentences: they stay as they are")
    drafts = iter(found_drafts)
    results = []
    for line, found in zip(lines, spans, strict=True):
        out, at = "", 0
        for start, end in found:
            out += line[at:start] + (next(drafts) or line[start:end])
            at = end
        results.append(out + line[at:])
    if not as_json:
        for result in results:
            _say(result)
        return
    signature = chosen.signature(language, target)
    _json(
        [
            {
                "source": line,
                "target": result,
                "engine": signature,
                "terms": list(glossary.hints(markup.shown(line), target)),
            }
            for line, result in zip(lines, results, strict=True)
        ]
    )


@main.command()
@_articles_argument
@_locale_option
@click.pass_obj
def build(folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Reassemble the articles: approved ones to localized/, others to localized/preview/.

    \b
    Example:
      pipeline build --locale es
    """
    with _job(folder, only, articles) as job:
        entries = _build(job)
        for entry in entries:
            verb = "published" if entry.published else "preview"
            _say(f"{verb} {entry.files[-1]}: {entry.approved} of {entry.sentences} approved")
        job.finish()


def _build(job: _Job) -> list[report.Row]:
    """Build and write; return where each article stands that was built."""
    entries: list[report.Row] = []
    for article, locale in job.pairs():
        with _naming(job):
            path = job.project.catalog_path(article.id, locale)
            catalog = job.catalogs.get((article.id, locale))
            catalog = catalog or job.project.catalog(article, locale)
            built = workflow.build(article, catalog, job.glossary)
            _report(job, path, built.findings)
            written, withdrawn = job.project.publish(built)
            if withdrawn:
                left = built.total - built.approved
                reason = f"{left} of its sentences are not approved" if left else "see the errors"
                _warn(f"withdrawn from localized/{locale}/: {article.id}; {reason}")
            entries.append(report.row(job.project, article, built, written, catalog))
    job.project.write_manifest([entry.manifest() for entry in entries], job.known())
    return entries


def _report(job: _Job, path: Path, findings: Iterable[Finding]) -> None:
    """Print what is wrong with approved sentences, at the line where they stand."""
    numbers: dict[str, int] = {}
    for found in findings:
        if not numbers and path.exists():
            numbers = dict(po.lines(path))
        at = numbers.get(found.where)
        where = job.project.show(path) + (f":{at}" if at else "")
        kind = "error" if found.error else "warning"
        line = f"{where}: {kind}: {found.check}: {found.explanation}"
        if found.error:
            job.fail(line)
        else:
            _warn(line)


@main.command()
@_json_option
@click.pass_obj
def status(folder: Path | None, as_json: bool) -> None:
    """Show in which state the sentences are, per article and locale. Writes nothing.

    \b
    Example:
      pipeline status --json
    """
    project = open_project(folder)
    job = _Job(project, project.settings.locales, project.glossary())
    entries: list[report.Row] = []
    for article, locale in job.pairs():
        with _naming(job):
            catalog = project.catalog(article, locale)
            current = workflow.update(article, catalog, job.glossary)
            built = workflow.build(article, catalog, job.glossary)
            preview = not built.publishable
            path = project.output_path(article.id, locale, ".html", preview=preview)
            written = [path] if path.exists() else []
            entries.append(report.row(project, article, built, written, current))
    if as_json:
        shown = [
            {
                **entry.manifest(),
                "po": project.show(project.catalog_path(entry.article, entry.locale)),
                "messages": {state.value: n for state, n in entry.states.items()},
            }
            for entry in entries
        ]
        _json({"articles": shown})
    else:
        _lines(report.table(entries))
    job.finish()


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
            chosen = engines.choose(project.settings.engine_of(locale), source, locale)
            _say(f"{locale:<8} {chosen.signature(source, locale)}")
        except PairNotAvailable as error:
            failed = True
            _say(f"{locale:<8} {error}")
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
        _say(f"installed {name}")
    wanted = [name for name in what if name not in models]
    for locale in wanted:
        locales.parse(locale)
    if wanted or not models:
        source = project.settings.source_language
        asked = wanted or list(project.settings.locales)
        served = install.install(asked, source, _say)
        for locale in served:
            chosen = engines.choose("auto", source, locale)
            _say(f"{locale:<8} {chosen.signature(source, locale)}")
        if len(served) < len(asked):
            sys.exit(1)


# Helpers


@contextmanager
def _naming(job: _Job) -> Iterator[None]:
    """Print an error that concerns one article or locale, and go on with the others."""
    try:
        yield
    except PipelineError as error:
        job.fail(f"Error: {error}")


def _project(folder: Path | None) -> Project | None:
    """Return the project; None where there is none and none was named: some commands need none."""
    if folder is None and settings.nearest(Path.cwd()) is None:
        return None
    return open_project(folder)


def _settings(folder: Path | None, language: str | None) -> Settings:
    """Return the project's settings, or defaults where there is no project; with *language*."""
    project = _project(folder)
    given = project.settings if project else Settings()
    if language:
        locales.parse(language)
        return replace(given, source_language=language)
    return given


def _glossary(folder: Path | None) -> Glossary:
    project = _project(folder)
    return project.glossary() if project else Glossary()


def _stdin() -> str:
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise PipelineError("standard input is not UTF-8") from None


def _json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))
