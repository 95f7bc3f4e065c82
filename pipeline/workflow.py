"""The two halves of the pipeline. Between them lies the PO file, and a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.catalog import extract
from pipeline.catalog import update as catalogs
from pipeline.drafting.draft import draft
from pipeline.drafting.history import forget
from pipeline.engines.base import Engine
from pipeline.memory.leverage import Memory, recall
from pipeline.model import Article, Catalog, Key, LocalizedArticle
from pipeline.publish.localize import localize
from pipeline.terminology.glossary import Glossary


def update(article: Article, catalog: Catalog, glossary: Glossary) -> Catalog:
    """Return *catalog* with the messages of *article* as it is now. See `catalog.merge`."""
    messages = extract.extract(article, glossary, catalog.locale)
    return catalogs.merge(catalog, messages, article.language)


def remember(
    article: Article, catalog: Catalog, glossary: Glossary, memory: Memory | None
) -> Catalog:
    """Return *catalog* up to date with *article*, with what *memory* has for new sentences."""
    current = update(article, catalog, glossary)
    if memory is None:
        return current
    messages = recall(current.messages, memory, article.language, catalog.locale)
    return replace(current, messages=messages)


def pretranslate(
    article: Article,
    catalog: Catalog,
    engine: Engine,
    glossary: Glossary | None = None,
    memory: Memory | None = None,
    stale: Mapping[Key, str] | None = None,
) -> Catalog:
    """Return *catalog* up to date with *article*, a draft in what is untranslated.

    What *memory* has comes first. All of it is marked fuzzy; what a person has approved is never
    changed. Drafts that are *stale*, by key and text, are made anew; see `offered.stale`. Where
    the engine has nothing to offer instead, they stay.
    """
    glossary = glossary or Glossary(language=article.language)
    current = remember(article, catalog, glossary, memory)
    emptied = forget(current.messages, stale or {})
    drafted = draft(emptied, engine, article.language, catalog.locale, glossary)
    messages = tuple(
        new if new.target or not old.target else old
        for old, new in zip(current.messages, drafted, strict=True)
    )
    return replace(current, messages=messages)


def build(article: Article, catalog: Catalog, glossary: Glossary | None = None) -> LocalizedArticle:
    """Return *article* in the locale of *catalog*. See `localize`."""
    glossary = glossary or Glossary(language=article.language)
    return localize(article, update(article, catalog, glossary))
