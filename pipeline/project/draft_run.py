"""Drafting all catalogs of a project, by locale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from pipeline import workflow
from pipeline.catalog import po
from pipeline.drafting import draft, history
from pipeline.drafting.draft import Request
from pipeline.engines import base, registry
from pipeline.engines.cache import Cached
from pipeline.engines.registry import Choice
from pipeline.model import Article, Catalog, Key, Message, State
from pipeline.project.session import Session
from pipeline.storage import atomic


def update_catalog(session: Session, article: Article, locale: str) -> tuple[Catalog, bool]:
    """Return the catalog up to date, and whether the file changed, or would on a dry run."""
    change = partial(workflow.update, article, glossary=session.terms(article))
    if not session.dry_run:
        return _write(session, article, locale, change)
    new = change(session.catalog(article, locale))
    path = session.project.catalog_path(article.id, locale)
    before = atomic.contents(path)
    return new, before is None or po.dump(new, like=before) != before


def _write(
    session: Session, article: Article, locale: str, change: Callable[[Catalog], Catalog]
) -> tuple[Catalog, bool]:
    """Do as `Project.update`, and note the new catalog."""
    new, changed = session.project.update(article, locale, change)
    session.catalogs[article.id, locale] = new
    return new, changed


@dataclass(frozen=True, slots=True)
class _Work:
    """The messages of an article to be drafted."""

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


def draft_all(session: Session, engine: str | None = None, *, redraft: bool = False) -> None:
    """Bring the catalogs up to date and draft what is untranslated.

    Args:
        session: what to work on.
        engine: by name; the settings' where there is none.
        redraft: also draft anew what another engine drafted and nobody has touched.

    The sentences of a locale are drafted in one stream, into the memory of drafts, and then each
    catalog is written: a run that is killed loses the batch in flight.

    """
    streams = _plan(session, engine, redraft=redraft)
    if session.dry_run:
        for stream in streams:
            for one in stream.work:
                path = session.project.show(
                    session.project.catalog_path(one.article.id, stream.locale)
                )
                session.listener.say(
                    f"would draft {len(one.requests)} sentences in {path} with {stream.signature}"
                )
        return
    for stream in streams:
        count = sum(len(one.requests) for one in stream.work)
        why = "; ".join(stream.choice.passed_over)
        session.listener.say(
            f"{stream.locale}: drafting {count} sentences with {stream.signature}"
            + (f" ({why})" if why else "")
        )
        with session.listener.progress("sentences") as shown, session.reporting():
            cached = Cached(stream.choice.engine, session.drafts, shown)
            everything = [request for one in stream.work for request in one.requests]
            draft.answer(everything, cached, stream.language, stream.locale)
            for one in stream.work:
                with session.reporting():
                    _save_drafts(session, one, stream, cached)


def _save_drafts(session: Session, work: _Work, stream: _Stream, cached: Cached) -> None:
    """Write the catalog, and note which of its drafts were made just now, by no person."""
    article = work.article
    made: list[Message] = []

    def change(catalog: Catalog) -> Catalog:
        new = workflow.pretranslate(
            article,
            catalog,
            cached,
            session.terms(article),
            session.memory(article.language, stream.locale),
            work.stale,
        )
        there = {(m.source, m.target) for m in catalog.messages}
        made[:] = [m for m in new.messages if (m.source, m.target) not in there]
        return new

    _write(session, article, stream.locale, change)
    session.offered.put(made, stream.locale)


def _replace_carried(session: Session, article: Article, locale: str, catalog: Catalog) -> Catalog:
    """Return *catalog*, with the same sentence of the memory where a similar one was carried over.

    It needs no engine.
    """
    if not any(message.state is State.CHANGED for message in catalog.messages):
        return catalog
    memory = session.memory(article.language, locale)
    fill = partial(workflow.remember, article, glossary=session.terms(article), memory=memory)
    return fill(catalog) if session.dry_run else _write(session, article, locale, fill)[0]


def _plan(session: Session, name: str | None, *, redraft: bool) -> list[_Stream]:
    """Update all catalogs; return what there is to draft, and with which engine.

    No engine is started where there is nothing.
    """
    session.adopt()
    given = session.project.settings
    streams: dict[tuple[str, str], _Stream] = {}
    for article, locale in session.pairs():
        with session.reporting():
            new, _ = update_catalog(session, article, locale)
            new = _replace_carried(session, article, locale, new)
            waiting = any(message.state is State.UNTRANSLATED for message in new.messages)
            if not waiting and not any(m.state is State.DRAFT and m.draft for m in new.messages):
                continue
            pair = (article.language, locale)
            glossary = session.terms(article)
            wanted = name or given.engine_of(locale)
            if not (waiting or redraft or registry.serves(wanted, *pair, given.options)):
                session.noted.add(article.id)  # until there is one
                continue  # what is drafted can stay as it is
            memory = session.memory(*pair)
            fill = partial(workflow.remember, article, glossary=glossary, memory=memory)
            new = fill(new) if session.dry_run else _write(session, article, locale, fill)[0]
            if wanted == base.NONE:
                continue
            choice = registry.choose(wanted, *pair, given.options)
            stream = _Stream(*pair, choice)
            cached = Cached(choice.engine, session.drafts)
            stale = history.stale(
                new.messages, cached, session.offered, *pair, glossary, others=redraft
            )
            messages = history.forget(new.messages, stale)
            requests = draft.requests_for(messages, stream.signature, *pair, glossary)
            if requests:
                stream = streams.setdefault(pair, stream)
                stream.work.append(_Work(article, list(requests.values()), stale))
    return list(streams.values())
