"""A localized article from the article and its catalog."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from pipeline.catalog import extract
from pipeline.checks.compare import lost_and_new
from pipeline.checks.findings import of_messages
from pipeline.model import Article, Catalog, Finding, LocalizedArticle, Role, Severity, State, Unit
from pipeline.publish import inert
from pipeline.publish.assemble import Assembled, assemble, source_text
from pipeline.publish.render import OWN
from pipeline.text import commonmark, executable, locales
from pipeline.text.scripts import without_directions


def localize(article: Article, catalog: Catalog) -> LocalizedArticle:
    """Return *article* in the locale of *catalog*, which is up to date with it.

    A sentence that nobody approved is marked as such in the body; `publishable` of the result
    says whether there is none, and nothing wrong with the others.
    """
    messages = {m.key: m for m in catalog.messages if not m.obsolete}
    found = [messages[key] for key in extract.keys(article.units)]
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
    findings = list(of_messages(dict.fromkeys(found), article.language, catalog.locale))
    if approved == len(found) and not any(finding.error for finding in findings):
        findings += _shape(source_text(article), assembled)
    return LocalizedArticle(
        id=article.id,
        locale=catalog.locale,
        source_language=article.language,
        meta=_meta(article, assembled, catalog.locale, approved) | _approval(catalog, approved),
        body=assembled.body if article.templates else inert.markdown(assembled.body),
        templates=article.templates,
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
    one, two = commonmark.shapes(source.body), commonmark.shapes(target.body)
    if [(s.kind, s.verbatim) for s in one] != [(s.kind, s.verbatim) for s in two]:
        explanation = "its headings, lists or paragraphs are not those of the source"
        yield Finding("shape", explanation, "", Severity.ERROR)
    elif differences := [
        line
        for old, new in zip(one, two, strict=True)
        for line in lost_and_new(_values(old), _values(new))
    ]:
        for line in dict.fromkeys(differences):
            yield Finding("shape", f"as published, {line}", "", Severity.ERROR)
    for look in (executable.links, executable.templates):  # one may span sentences
        for value in look(target.body) - look(source.body):
            yield Finding(
                "shape", f"as published, {value} is not in the source", "", Severity.ERROR
            )


def _values(shape: commonmark.Shape) -> Counter[str]:
    return Counter({f"{kind} {value}": n for (kind, value), n in shape.inventory.items()})


def _approval(catalog: Catalog, approved: int) -> dict[str, object]:
    """Return who approved last and when, as far as the editor wrote it into the PO header."""
    headers = dict(catalog.headers)
    given = without_directions(html.unescape(headers.get("Last-Translator", "")))
    name = re.sub(r"\s*<[^>]*>", "", given).strip()
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
