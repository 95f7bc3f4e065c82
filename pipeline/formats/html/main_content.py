"""Main content of a web page, and the rules by which other elements are dropped.

Dropping a part of the article is worse than keeping a menu. So only the rule for programs and
pictures applies to an element that may hold the article, or much of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.formats.html.tree import Element

_PROGRAMS = frozenset(
    "script style noscript iframe video audio object canvas svg template select".split()
)
_ASIDE = frozenset("nav aside form button dialog".split())
_CLASSES = frozenset(
    "share sharing social related newsletter cookie cookies consent breadcrumb breadcrumbs comments"
    " sidebar promo advert advertisement ads widget menu pagination popup modal".split()
)
_ROLES = frozenset("navigation banner search contentinfo complementary".split())
_PAGE = frozenset(["", "html", "head", "body", "title", "meta"])


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """The main content of a page and the rules for everything else."""

    root: Element
    """The element that holds the article."""
    title: Element | None
    """The first-level heading of the article."""

    def rule(self, element: Element) -> str:
        """Return the rule by which *element* is dropped with its contents; "" for none."""
        if element.name in _PROGRAMS:
            return f"<{element.name}>"
        if element.name in _PAGE or element is self.root or self._holds(element):
            return ""
        return self._suspicion(element)

    def _holds(self, element: Element) -> bool:
        """Return whether *element* holds the article, its title, or as much text as it has."""
        return any(
            sought and element.start <= sought.start < element.end
            for sought in (self.root, self.title)
        ) or (element.words > 20 and 2 * element.words > self.root.words)

    def _suspicion(self, element: Element) -> str:
        name = element.name
        inside = self.root.inner <= element.start < self.root.close
        if name in _ASIDE:
            return f"<{name}>"
        if name in {"header", "footer"} and (not inside or not self.root.name):
            return f"<{name}> of the page"
        label = f"{element.get('class')} {element.get('id')}".lower()
        if found := sorted(_CLASSES.intersection(re.split(r"[\s_-]+", label))):
            return f"class or id “{found[0]}”"
        hidden = "hidden" in element.attrs or re.search(r"display:\s*none", element.get("style"))
        if hidden or element.get("role") in _ROLES:
            return "hidden or navigation"
        if element.start >= self.root.close:
            return f"outside of <{self.root.name}>"
        return ""


def examine(page: Element) -> Boilerplate:
    """Find the article in *page* and its title."""
    elements = [*page.walk()]
    holders = [e for e in elements if e.name in {"article", "main"}]
    root = max(holders, key=lambda e: e.words, default=page)
    article = max((e for e in holders if e.name == "article"), key=lambda e: e.words, default=root)
    if 2 * article.words > root.words:
        root = article
    titles = [e for e in elements if e.name == "h1" and e.words]
    within = (e for e in titles if root.start <= e.start < root.end)
    return Boilerplate(root, next(within, titles[0] if titles else None))
