"""The commands of the main job: update, translate, build, and all of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click

from pipeline import engines, files, offered, po, report, translate, workflow
from pipeline.cli.base import (
    articles_argument,
    dry_option,
    engine_option,
    json_option,
    locale_option,
    main,
    say,
    say_json,
    say_lines,
    warn,
)
from pipeline.cli.job import Job, naming, open_job, progress
from pipeline.engines import Choice
from pipeline.engines.cache import Cached
from pipeline.formats.write import WRITERS
from pipeline.model import Article, Catalog, Finding, Key, Message, State
from pipeline.termstats import disagreements
from pipeline.translate import Request


@main.command()
@articles_argument
@locale_option
@engine_option
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
    with open_job(folder, only, articles, engine=engine) as job:
        if not (articles or only or engine):
            job.record = job.project.record()
        _translate(job, engine)
        entries = _build(job, brief=True)
        news = [row for row in entries if row.article not in job.settled]
        long = len(entries) > _ROWS
        say_lines(report.table(news if long else entries))
        if long:
            say(f"{len(entries) - len(news)} more are as they were: pipeline status")
            say_lines(report.totals(entries))
        say_lines(report.where_to_look(entries))
        say_lines(_odd(job))
        if job.record:
            job.record.save()
        job.finish()


_ROWS = 40
"""From how many rows on a table shows only what is new."""
_FEW = 5
"""How many lines of one kind are told one by one."""


def _odd(job: Job) -> Iterator[str]:
    """Give lines: what a coordinator might wonder about."""
    odd = [article for article in job.gists() if article.odd]
    for article in odd[: _FEW if len(odd) <= _FEW else 1]:
        name = job.project.show(job.files[article.id.casefold()][0])
        yield f"{name}: {article.odd} things look odd: pipeline clean {name}"
    if len(odd) > _FEW:
        yield f"... and in {len(odd) - 1} other sources something looks odd"
    if (count := _warned(job)) > _FEW:
        yield f"{count} warnings are as they were: pipeline build"
    for path in job.project.skipped():
        yield f"{job.project.show(path)}: skipped; there is no reader for “{path.suffix}”"
    for article in job.gists():
        if article.language in job.locales:
            yield f"{article.id}: not translated to {article.language}, which it is written in"
    if not job.names:
        yield from _gone(job)


def _warned(job: Job) -> int:
    """Return how many warnings there are of what is settled."""
    return sum(len(gist.said) for gist in job.settled.values())


def _gone(job: Job) -> Iterator[str]:
    """Give lines: what is kept of what is gone. Where that is public, it is an error."""
    orphans = job.project.orphans(job.known())
    ours = {path.stem for path in orphans if path.suffix == ".po"}
    kept: dict[tuple[Path, bool], dict[str, None]] = {}
    for path in orphans:
        public = path.parent.parent == job.project.root / "localized" and path.stem in ours
        kept.setdefault((path.parent, public), {})[path.stem] = None
    for (folder, public), names in kept.items():
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        what = f"{job.project.show(folder)}/: {', '.join([*names][:_FEW])}{more}"
        if public:
            job.fail(
                f"Error: {what}: still published, though the source, or the locale, is gone; "
                "remove the files, or bring it back"
            )
        else:  # a website may have pages of its own beside ours
            yield f"{what}: the source, or the locale, is gone; kept as it is"


@main.command()
@articles_argument
@locale_option
@dry_option
@click.pass_obj
def update(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], dry_run: bool
) -> None:
    """Bring the PO files up to date with the source texts. Nothing translated is lost.

    \b
    Example:
      pipeline update --dry-run
    """
    with open_job(folder, only, articles, dry_run=dry_run) as job:
        job.adopt(dry_run=dry_run)
        for article, locale in job.pairs():
            with naming(job):
                path = job.project.catalog_path(article.id, locale)
                new, changed = _update(job, article, locale, dry_run=dry_run)
                if changed:
                    verb = "would change" if dry_run else "updated"
                    say(f"{verb} {job.project.show(path)}: {report.counts_line(new)}")
        job.finish()


def _update(job: Job, article: Article, locale: str, *, dry_run: bool) -> tuple[Catalog, bool]:
    """Return the catalog up to date, and whether the file changed, or would on a *dry_run*."""
    change = partial(workflow.update, article, glossary=job.terms(article))
    if not dry_run:
        return _write(job, article, locale, change)
    new = change(job.catalog(article, locale))
    path = job.project.catalog_path(article.id, locale)
    before = files.contents(path)
    return new, before is None or po.dump(new, like=before) != before


def _write(
    job: Job, article: Article, locale: str, change: Callable[[Catalog], Catalog]
) -> tuple[Catalog, bool]:
    """Do as `Project.update`, and note the new catalog."""
    new, changed = job.project.update(article, locale, change)
    job.catalogs[article.id, locale] = new
    return new, changed


@main.command("translate")
@articles_argument
@locale_option
@engine_option
@click.option(
    "--redraft",
    is_flag=True,
    help="Also draft anew what another engine drafted and nobody has touched.",
)
@dry_option
@click.pass_obj
def translate_command(
    folder: Path | None,
    articles: tuple[str, ...],
    only: tuple[str, ...],
    engine: str | None,
    redraft: bool,
    dry_run: bool,
) -> None:
    """Draft what is untranslated in the PO files, marked fuzzy, with the name of the engine.

    \b
    Example:
      pipeline translate --locale es --engine apertium
      pipeline translate --redraft --dry-run
    """
    with open_job(folder, only, articles, engine=engine, dry_run=dry_run) as job:
        _translate(job, engine, redraft=redraft, dry_run=dry_run)
        job.finish()


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be drafted of an article."""

    article: Article
    requests: list[Request]
    stale: dict[Key, str]
    """The drafts among it that stand there, made with another glossary or engine."""


@dataclass(slots=True)
class _Stream:
    """All that is to be drafted in one locale, from articles in one language."""

    language: str
    locale: str
    choice: Choice
    work: list[_Work] = field(default_factory=list)

    @property
    def signature(self) -> str:
        return self.choice.engine.signature(self.language, self.locale)


def _translate(
    job: Job, engine: str | None, *, redraft: bool = False, dry_run: bool = False
) -> None:
    """Update and draft.

    The sentences of a locale are drafted in one stream, into the memory of drafts, and then each
    catalog is written: a run that is killed loses the batch in flight.
    """
    streams = _plan(job, engine, redraft=redraft, dry_run=dry_run)
    if dry_run:
        for stream in streams:
            for one in stream.work:
                path = job.project.show(job.project.catalog_path(one.article.id, stream.locale))
                say(f"would draft {len(one.requests)} sentences in {path} with {stream.signature}")
        return
    for stream in streams:
        count = sum(len(one.requests) for one in stream.work)
        why = "; ".join(stream.choice.passed_over)
        say(
            f"{stream.locale}: drafting {count} sentences with {stream.signature}"
            + (f" ({why})" if why else "")
        )
        with progress("sentences") as shown, naming(job):
            cached = Cached(stream.choice.engine, job.drafts, shown)
            everything = [request for one in stream.work for request in one.requests]
            translate.answer(everything, cached, stream.language, stream.locale)
            for one in stream.work:
                with naming(job):
                    _save_drafts(job, one, stream, cached)


def _save_drafts(job: Job, work: _Work, stream: _Stream, cached: Cached) -> None:
    """Write the catalog, and note which of its drafts were made just now, by no person."""
    article = work.article
    made: list[Message] = []

    def change(catalog: Catalog) -> Catalog:
        new = workflow.pretranslate(
            article,
            catalog,
            cached,
            job.terms(article),
            job.memory(article.language, stream.locale),
            work.stale,
        )
        there = {(m.source, m.target) for m in catalog.messages}
        made[:] = [m for m in new.messages if (m.source, m.target) not in there]
        return new

    _write(job, article, stream.locale, change)
    job.offered.put(made, stream.locale)


def _plan(job: Job, name: str | None, *, redraft: bool, dry_run: bool) -> list[_Stream]:
    """Update all catalogs; return what there is to draft, and with which engine.

    No engine is started where there is nothing.
    """
    job.adopt(dry_run=dry_run)
    given = job.project.settings
    streams: dict[tuple[str, str], _Stream] = {}
    for article, locale in job.pairs():
        with naming(job):
            new, _ = _update(job, article, locale, dry_run=dry_run)
            waiting = any(message.state is State.UNTRANSLATED for message in new.messages)
            if not waiting and not any(m.state is State.DRAFT and m.draft for m in new.messages):
                continue
            pair = (article.language, locale)
            glossary = job.terms(article)
            wanted = name or given.engine_of(locale)
            if not (waiting or redraft or engines.serves(wanted, *pair, given.options)):
                job.noted.add(article.id)  # until there is one
                continue  # what is drafted can stay as it is
            memory = job.memory(*pair)
            fill = partial(workflow.remember, article, glossary=glossary, memory=memory)
            new = fill(new) if dry_run else _write(job, article, locale, fill)[0]
            if wanted == engines.NONE:
                continue
            choice = engines.choose(wanted, *pair, given.options)
            stream = _Stream(*pair, choice)
            cached = Cached(choice.engine, job.drafts)
            stale = offered.stale(
                new.messages, cached, job.offered, *pair, glossary, others=redraft
            )
            messages = offered.forget(new.messages, stale)
            requests = translate.requests_for(messages, stream.signature, *pair, glossary)
            if requests:
                stream = streams.setdefault(pair, stream)
                stream.work.append(_Work(article, list(requests.values()), stale))
    return list(streams.values())


@main.command()
@articles_argument
@locale_option
@click.pass_obj
def build(folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Reassemble the articles: approved ones to localized/, others to localized/preview/.

    \b
    Example:
      pipeline build --locale es
    """
    with open_job(folder, only, articles) as job:
        entries = _build(job)
        for entry in entries:
            verb = "published" if entry.published else "preview"
            say(f"{verb} {entry.files[-1]}: {entry.approved} of {entry.sentences} approved")
        job.finish()


def _build(job: Job, *, brief: bool = False) -> list[report.Row]:
    """Build and write; return where each article stands that was built, or is settled.

    *brief* is to leave out warnings where there are many of a kind.
    """
    rows = {article.id: list(article.rows) for article in job.gists()}
    for article, locale in _said(job):
        with naming(job):
            path = job.project.catalog_path(article.id, locale)
            catalog = job.catalogs.get((article.id, locale))
            if catalog and job.project.unchanged(path):
                built = workflow.localize(article, catalog)
            else:  # a translator may have saved it while engines were at work
                catalog = job.project.catalog(article, locale)
                built = workflow.build(article, catalog, job.terms(article))
                if (article.id, locale) in job.catalogs:
                    job.noted.add(article.id)  # what is recorded is what was read before
            findings = [*built.findings, *_disagreements(job, article, catalog)]
            _report(job, article, path, findings, brief=brief)
            written, withdrawn = job.project.publish(built)
            if withdrawn:
                left = built.total - built.approved
                reason = f"{left} of its sentences are not approved" if left else "see the errors"
                warn(f"withdrawn from localized/{locale}/: {article.id}; {reason}")
            rows[article.id].append(report.row(job.project, article, built, written, catalog))
    job.settle(rows)
    entries = [row for found in rows.values() for row in found]
    job.project.write_manifest([entry.manifest() for entry in entries], job.known())
    return entries


def _disagreements(job: Job, article: Article, catalog: Catalog) -> Iterator[Finding]:
    """Give in what approved messages do not follow the glossary; they stay as they are."""
    for message in catalog.messages:
        if not message.obsolete:
            yield from disagreements(message, catalog.locale, job.terms(article))


def _said(job: Job) -> Iterator[tuple[Article, str]]:
    """Give what `Job.pairs` gives, and print in its place what there is to say of the others."""
    pairs: dict[str, list[tuple[Article, str]]] = {}
    for article, locale in job.pairs():
        pairs.setdefault(article.id, []).append((article, locale))
    few = _warned(job) <= _FEW
    for gist in job.gists():
        for line in gist.said if few else ():
            warn(line)
        yield from pairs.get(gist.id, ())


def _report(
    job: Job, article: Article, path: Path, findings: Iterable[Finding], *, brief: bool
) -> None:
    """Print what is wrong with approved sentences, at the line where they stand.

    If *brief*, a few warnings of each kind, and how many more there are.
    """
    numbers: dict[Key, int] = {}
    counts: Counter[str] = Counter()
    for found in findings:
        if not numbers and path.exists():
            numbers = dict(po.lines(path))
        at = numbers.get((found.context, found.where))
        where = job.project.show(path) + (f":{at}" if at else "")
        kind = "error" if found.error else "warning"
        line = f"{where}: {kind}: {found.check}: {found.explanation}"
        if found.error:
            job.noted.add(article.id)
            job.fail(line)
        else:
            job.said.setdefault(article.id, []).append(line)
            counts[found.check] += 1
            if not brief or counts[found.check] <= _FEW:
                warn(line)
    for check, count in counts.items():
        if brief and count > _FEW:
            where = job.project.show(path)
            warn(f"{where}: warning: {check}: {count - _FEW} more: pipeline build {article.id}")


@main.command()
@articles_argument
@locale_option
@json_option
@click.pass_obj
def status(
    folder: Path | None, articles: tuple[str, ...], only: tuple[str, ...], as_json: bool
) -> None:
    """Show in which state the sentences are, per article and locale. Writes nothing.

    \b
    Example:
      pipeline status --locale es
      pipeline status --json
    """
    with open_job(folder, only, articles, dry_run=True) as job:
        job.adopt(dry_run=True, tell=warn)
        entries: list[report.Row] = []
        for article, locale in job.pairs():
            with naming(job):
                entries.append(_standing(job, article, locale))
        if as_json:
            shown = [
                {
                    **entry.manifest(),
                    "errors": entry.errors,
                    "po": job.project.show(job.place(entry.article, entry.locale)),
                    "messages": {state.value: n for state, n in entry.states.items()},
                }
                for entry in entries
            ]
            say_json({"articles": shown})
        else:
            say_lines(report.table(entries))
        job.finish()


def _standing(job: Job, article: Article, locale: str) -> report.Row:
    """Return where *article* stands, with those of its files that are there."""
    current = workflow.update(article, job.catalog(article, locale), job.terms(article))
    built = workflow.localize(article, current)
    preview = not built.publishable
    places = (
        job.project.output_path(article.id, locale, suffix, preview=preview) for suffix in WRITERS
    )
    written = [path for path in places if path.exists()]
    return report.row(job.project, article, built, written, current)
