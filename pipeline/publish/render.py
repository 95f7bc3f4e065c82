"""Rendering a localized article as Markdown with front matter, or as an HTML page."""

from __future__ import annotations

import html
import string
from collections.abc import Mapping
from importlib.resources import files

from pipeline.model import LocalizedArticle
from pipeline.publish import inert
from pipeline.publish.notice import notice
from pipeline.publish.sanitize import sanitize
from pipeline.storage import yaml
from pipeline.text import commonmark, locales, markup
from pipeline.text.source import UNREADABLE

OWN = frozenset("clean lang language locale translationKey date title draft published".split())
"""Front-matter fields that are the pipeline's to write, or for the pipeline alone."""


def front_matter(meta: Mapping[str, object]) -> str:
    """Return *meta* as YAML between its fences."""
    return f"---\n{yaml.write(meta)}---\n"


def to_markdown(article: LocalizedArticle) -> str:
    """Return *article* as Markdown with front matter; a preview says so above its text."""
    warning = ""
    if not article.publishable:
        text, _ = notice(article.approved, article.total, article.locale)
        warning = f"> **{text}**\n\n"  # not HTML, which Hugo leaves out
    draft: dict[str, object] = {} if article.publishable else {"draft": True}
    meta = {**article.meta, **draft}
    return f"{front_matter(_plain(meta))}\n{warning}{article.body}"


def _plain(meta: Mapping[str, object]) -> dict[str, object]:
    """Return *meta* with its texts as they read, without Markdown: that is how sites show them."""
    texts = ("title", "description", "summary")
    return {
        key: UNREADABLE.sub("", markup.shown(value) if key in texts else value)
        if isinstance(value, str)
        else value
        for key, value in meta.items()
    }


_PAGE = string.Template(files("pipeline.publish").joinpath("page.html").read_text(encoding="utf-8"))


def to_html(article: LocalizedArticle) -> str:
    """Return *article* as a page that is readable as it is."""
    meta = _plain(article.meta)
    title = html.escape(str(meta["title"]))
    about = []
    if author := meta.get("author"):
        shown = ", ".join(map(str, author)) if isinstance(author, list) else str(author)
        about.append(f'<span class="author">{html.escape(shown)}</span>')
    if date := meta.get("date"):
        about.append(f'<time datetime="{date}">{html.escape(str(meta["date_text"]))}</time>')
    warning = ""
    if not article.publishable:
        text, locale = notice(article.approved, article.total, article.locale)
        warning = (
            f'<p class="notice" role="status" lang="{locales.bcp47(locale)}"'
            f' dir="{locales.direction(locale)}">{html.escape(text)}</p>\n'
        )
    body = sanitize(commonmark.render(article.body))
    description = html.escape(str(meta.get("description") or meta.get("summary") or ""))
    return _PAGE.substitute(
        lang=locales.bcp47(article.locale),
        dir=locales.direction(article.locale),
        title=title,
        heading=_marked(title, article.waiting.get("title", ""), article.locale),
        description=f'<meta name="description" content="{description}">\n' if description else "",
        robots="" if article.publishable else '<meta name="robots" content="noindex">\n',
        notice=warning,
        about=f'<p class="about">{" · ".join(about)}</p>\n' if about else "",
        body=body if article.templates else inert.page(body),
    )


def _marked(text: str, waiting: str, locale: str) -> str:
    """Return *text* as one that nobody has approved, if it is *waiting* in some locale."""
    if not waiting:
        return text
    about = f' lang="{locales.bcp47(waiting)}" dir="{locales.direction(waiting)}"'
    return f"<mark{about if waiting != locale else ''}>{text}</mark>"
