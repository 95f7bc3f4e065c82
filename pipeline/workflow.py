"""The two halves of the pipeline. Between them lies the PO file, and a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline import catalog as catalogs
from pipeline import locales, markup
from pipeline.assemble import Assembled, assemble, source_text
from pipeline.checks import check, lost_and_new
from pipeline.engines import Engine
from pipeline.formats.write import OWN
from pipeline.glossary import Glossary
from pipeline.model import Article, Catalog, Finding, Key, LocalizedArticle, Role, State, Unit
from pipeline.offered import forget
from pipeline.recall import Memory, recall
from pipeline.translate import draft


def update(article: Article, catalog: Catalog, glossary: Glossary) -> Catalog:
    """Return *catalog* with the messages of *article* as it is now. See `catalog.merge`."""
    messages = catalogs.extract(article, glossary, catalog.locale)
    return catalogs.merge(catalog, messages, article.language)


def remember(article: Article, catalog: Catalog, glossary: Glossary, memory: Memory) -> Catalog:
    """Return *catalog* up to date with *article*, with what *memory* has for new sentences."""
    current = update(article, catalog, glossary)
    messages = recall(current.messages, memory, article.language, catalog.locale)
    return replace(current, messages=messages)


def pretranslate(
    article: Article,
    catalog: Catalog,
    engine: Engine,
    glossary: Glossary,
    memory: Memory,
    stale: Mapping[Key, str] | None = None,
) -> Catalog:
    """Return *catalog* up to date with *article*, a draft in what is untranslated.

    What *memory* has comes first. All of it is marked fuzzy; what a person has approved is never
    changed. Drafts that are *stale*, by key and text, are made anew; see `offered.stale`. Where
    the engine has nothing to offer instead, they stay.
    """
    current = remember(article, catalog, glossary, memory)
    emptied = forget(current.messages, stale or {})
    drafted = draft(emptied, engine, article.language, catalog.locale, glossary)
    messages = tuple(
        new if new.target or not old.target else old
        for old, new in zip(current.messages, drafted, strict=True)
    )
    return replace(current, messages=messages)


def build(article: Article, catalog: Catalog, glossary: Glossary) -> LocalizedArticle:
    """Return *article* in the locale of *catalog*. See `localize`."""
    return localize(article, update(article, catalog, glossary))


def localize(article: Article, catalog: Catalog) -> LocalizedArticle:
    """Return *article* in the locale of *catalog*, which is up to date with it.

    A sentence that nobody approved is marked as such in the body; `publishable` of the result
    says whether there is none, and nothing wrong with the others.
    """
    messages = {m.key: m for m in catalog.messages if not m.obsolete}
    found = [messages[key] for key in catalogs.keys(article.units)]
    approved = sum(message.state is State.APPROVED for message in found)

    def say(number: int, unit: Unit) -> str:
        message = found[number]
        if message.state is State.APPROVED:
            return message.target
        if unit.field or unit.role is Role.ALT:
            return message.target or unit.text
        if message.target:
            return f"<mark>{message.target}</mark>"
        language, direction = locales.bcp47(article.language), locales.direction(article.language)
        return f'<mark lang="{language}" dir="{direction}">{unit.text}</mark>'

    assembled = assemble(article, say, catalog.locale)
    findings = list(check(dict.fromkeys(found)))
    if approved == len(found) and not any(finding.error for finding in findings):
        findings += _shape(source_text(article), assembled)
    return LocalizedArticle(
        id=article.id,
        locale=catalog.locale,
        source_language=article.language,
        meta=_meta(article, assembled, catalog.locale, approved) | _approval(catalog, approved),
        body=assembled.body,
        approved=approved,
        total=len(found),
        findings=tuple(findings),
        waiting={
            unit.field: catalog.locale if message.target else article.language
            for unit, message in zip(article.units, found, strict=True)
            if unit.field and message.state is not State.APPROVED
        },
    )


def _shape(source: Assembled, target: Assembled) -> Iterator[Finding]:
    """Give in what the body, as it will be rendered, is not built as the source's is."""
    one, two = markup.shapes(source.body), markup.shapes(target.body)
    if [(s.kind, s.verbatim) for s in one] != [(s.kind, s.verbatim) for s in two]:
        explanation = "its headings, lists or paragraphs are not those of the source"
        yield Finding("shape", explanation, "", True)
    elif differences := [
        line
        for old, new in zip(one, two, strict=True)
        for line in lost_and_new(_values(old), _values(new))
    ]:
        for line in dict.fromkeys(differences):
            yield Finding("shape", f"as published, {line}", "", True)


def _values(shape: markup.Shape) -> Counter[str]:
    return Counter({f"{kind} {value}": n for (kind, value), n in shape.inventory.items()})


def _approval(catalog: Catalog, approved: int) -> dict[str, object]:
    """Return who approved last and when, as far as the editor wrote it into the PO header."""
    headers = dict(catalog.headers)
    name = re.sub(r"\s*<[^>]*>", "", headers.get("Last-Translator", "")).strip()
    if not approved or name.upper() in {"", "FULL NAME", "NOBODY YET", "AUTOMATICALLY GENERATED"}:
        return {}
    day = re.match(r"\d{4}-\d\d-\d\d", headers.get("PO-Revision-Date", ""))
    found: dict[str, object] = {"translator": name}
    return found | ({"translated": day[0]} if day else {})


def _meta(article: Article, assembled: Assembled, locale: str, approved: int) -> dict[str, object]:
    """Return the front matter: what the source has, in the reader's language where it is text."""
    meta: dict[str, object] = {"title": article.id, **assembled.fields}
    if article.date:
        meta["date"] = article.date
        meta["date_text"] = locales.long_date(article.date, locale)
    if article.author:
        meta["author"] = article.author
    meta |= {key: value for key, value in article.meta.items() if key not in {*meta, *OWN}}
    return meta | {
        "lang": locales.bcp47(locale),
        "translationKey": article.id,
        "source_language": locales.bcp47(article.language),
        "sentences": len(article.units),
        "approved": approved,
    }
