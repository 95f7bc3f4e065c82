"""Reader of web pages: the article as Markdown, and the rule that dropped each other part."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.errors import SettingsError
from pipeline.formats.boilerplate_phrases import is_furniture
from pipeline.formats.builder import Body, escaped
from pipeline.formats.html import inline, main_content
from pipeline.formats.html import tree as html_tree
from pipeline.formats.html.blocks import Container, Table, gap, is_layout
from pipeline.formats.html.tree import BLOCKS, HEADINGS, Element, Text, Value
from pipeline.formats.overrides import verdict_of
from pipeline.formats.plain_text import LONG, byline
from pipeline.model import Finding, Piece, Role, Run, Runs, Skeleton
from pipeline.text import locales
from pipeline.text.markup import VOID
from pipeline.text.source import UNREADABLE, Source, join_source, join_text

_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(HEADINGS, Role.HEADING),
    "figcaption": Role.CAPTION,
    "caption": Role.CAPTION,
    "li": Role.ITEM,
    "blockquote": Role.QUOTE,
}
_META = {
    "author": "author",
    "date": "date",
    "dc.date": "date",
    "dcterms.date": "date",
    "article:published_time": "date",
}
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro", "tl": "fil"}
"""Present codes of languages by their former ones."""
_NESTED = 10
"""Lists and quotations within each other, at most; CommonMark parsers stop somewhere, too."""


def read(
    source: Source, language: str, verdicts: Mapping[str, str]
) -> tuple[Mapping[str, object], Sequence[Piece], Sequence[Finding]]:
    """Return the metadata and the pieces of an HTML *source*; see `formats.Reader`."""
    tree = html_tree.parse(source.text)
    meta = _meta(tree)
    findings = []
    if told := next((e for e in tree.walk() if e.name == "html" and e.get("lang").strip()), None):
        if code := _language(told.get("lang")):
            meta.setdefault("lang", code)
        else:
            where = f"line {source.text.count(chr(10), 0, told.start) + 1}"
            problem = f"“{told.get('lang')}” is no language that is known: read as {language}"
            findings.append(Finding("language", problem, where))
    body = Body(source)
    page = _Page(
        body, str(meta.get("lang") or language), verdicts, main_content.examine(tree), meta
    )
    page.children(tree)
    page.flush()
    body.end()
    return meta, body.pieces, findings


def _meta(tree: Element) -> dict[str, object]:
    meta: dict[str, object] = {}
    for element in tree.walk():
        if element.name == "meta" and _name(element) in _META and element.get("content"):
            meta.setdefault(_META[_name(element)], element.get("content"))
    return meta


def _language(told: str) -> str:
    """Return the language of an attribute ``lang``, of which a page may have any; "" if unknown."""
    code = locales.language(told.strip().lower())
    code = _RENAMED.get(code, code)
    try:
        return str(locales.parse(code))
    except SettingsError:
        return ""


def _name(meta: Element) -> str:
    return (meta.get("name") or meta.get("property")).lower()


@dataclass(slots=True)
class _Page:
    """Walks through the elements of a page; `body` collects their text."""

    body: Body
    language: str
    verdicts: Mapping[str, str]
    known: main_content.Boilerplate
    meta: dict[str, object]
    open: list[Element] = field(default_factory=list)
    items: list[inline.Item] = field(default_factory=list)
    """The inline content of the current block."""
    containers: list[Container] = field(default_factory=list)
    before: list[Container] = field(default_factory=list)
    """The containers of the block before."""
    counts: dict[int, int] = field(default_factory=dict)
    """The items so far of each numbered list, by its start."""
    tables: list[Table | None] = field(default_factory=list)
    """The tables that are open; None for one that only lays out the page."""
    running: bool = False
    """Whether running text was seen."""

    def children(self, element: Element) -> None:
        self.open.append(element)
        for child in element.children:
            if isinstance(child, Element):
                self._element(child)
            else:
                self._text(child)
        if element.name in BLOCKS:
            self.flush()
        self.open.pop()

    def _element(self, element: Element) -> None:
        name = element.name
        if rule := self.known.rule(element):
            self.flush()
            self.body.drop(element.start, element.end, rule)
        elif name == "meta":
            self._description(element)
        elif name == "img":
            self._image(element)
        elif name == "hr" and not self._cell():
            self.flush()
            self.body.write(self._prefix(), self._gap())
            self.body.verbatim(element.start, element.inner, "---", "")
        elif name in BLOCKS:
            self._block_element(element)
        elif name in VOID:
            self._add(element.start, element.inner, "break" if name == "br" else "skip")
        else:
            self._inline_element(element)

    def _inline_element(self, element: Element) -> None:
        target = element.get("href")
        if element.name == "time" and not self.running and element.get("datetime"):
            self.meta.setdefault("date", element.get("datetime"))
        marked = element.name in inline.MARKED and (element.name != "a" or _leads(target))
        for start, end, kind in (
            (element.start, element.inner, "open"),
            (element.close, element.end, "close"),
        ):
            if kind == "close":
                self.children(element)
            self._add(start, end, kind if marked else "skip", element, target)

    def _block_element(self, element: Element) -> None:
        self.flush()
        name = element.name
        depth = len(self.containers)
        if name in {"blockquote", "li"} and depth < _NESTED and not self._cell():
            marker = self._marker(element) if name == "li" else "> "
            self.containers.append(Container(marker))
        elif name == "table":
            self.tables.append(None if self._cell() or is_layout(element) else Table())
        elif name in {"td", "th"} and (table := self._table()):
            self.body.write(table.cell(), self._row_start(table))
        elif name == "tr" and (table := self._table()):
            table.end_row(self.body)
        self.body.skip(element.start, element.inner)
        self.children(element)
        if name == "tr" and (table := self._table()):
            table.end_row(self.body)
        elif name == "table" and (table := self.tables.pop()):
            table.end(self.body)
        del self.containers[depth:]
        self.body.skip(element.close, element.end)

    def _marker(self, item: Element) -> str:
        parent = next((e for e in reversed(self.open) if e.name in {"ol", "ul"}), None)
        if parent is None or parent.name == "ul":
            return "- "
        first = parent.get("start")
        start = int(first) if re.fullmatch(r"\d{1,6}", first, re.ASCII) else 1
        self.counts[parent.start] = self.counts.get(parent.start, start - 1) + 1
        return f"{self.counts[parent.start]}. "

    # Tables

    def _table(self) -> Table | None:
        return self.tables[-1] if self.tables else None

    def _cell(self) -> bool:
        """Return whether the current block stands in a cell of a table."""
        if not self._table():
            return False
        last = next((e.name for e in reversed(self.open) if e.name in {"td", "th", "table"}), "")
        return last != "table"

    def _row_start(self, table: Table) -> str:
        if table.cells > 1:
            return ""
        if table.rows:
            return "\n" + "".join(container.rest for container in self.containers)
        space = self._gap()
        self.body.write(self._prefix(), space)
        table.indent = "".join(container.rest for container in self.containers)
        return ""

    # Inline content

    def _add(
        self,
        start: int,
        end: int,
        kind: str,
        element: Element | None = None,
        target: str = "",
        alt: str = "",
    ) -> None:
        if not self.items and kind in {"skip", "break", "close"}:
            self.body.skip(start, end)
            return
        name, number = (element.name, element.start) if element else ("", -1)
        runs = self.body.source.runs(start, end)
        self.items.append(inline.Item(runs, kind, name, target, alt, number))

    def _text(self, text: Text) -> None:
        shown = self.body.source.text[text.start : text.end]
        if text.kind == "reference":
            said = UNREADABLE.sub("", html.unescape(shown))
            runs = self.body.source.runs(text.start, text.end, said)
            self.items.append(inline.Item(runs, "text"))
        elif text.kind == "data" and (self.items or shown.strip(" \t\n") or self._preformatted()):
            self._add(text.start, text.end, "text")
        elif text.kind == "comment" and not self.items:
            self.body.drop(text.start, text.end, "comment")
        else:
            self._add(text.start, text.end, "skip")

    def _front(self, element: Element, value: Value, role: Role, name: str) -> None:
        """Take a value inside of a tag as text to translate."""
        source = self.body.source
        shown = " ".join(value.text.split())
        same = shown == source.text[value.start : value.end]
        self.body.skip(element.start, value.start)
        runs = source.runs(value.start, value.end, None if same else shown)
        self.body.front(escaped(runs, linked=role is Role.ALT), role, name)
        self.body.skip(value.end, element.inner)

    def _description(self, meta: Element) -> None:
        self.flush()
        if _name(meta) == "description" and meta.get("content").strip():
            self._front(meta, meta.attrs["content"], Role.SUMMARY, "description")
        else:
            self.body.skip(meta.start, meta.inner)

    def _image(self, image: Element) -> None:
        source, alt = image.get("src"), " ".join(image.get("alt").split())
        if self.items or self._cell():
            self._add(image.start, image.inner, "image", image, source, alt)
            return
        self.body.write(f"{self._prefix()}![", self._gap())
        if alt:
            self._front(image, image.attrs["alt"], Role.ALT, "")
        else:
            self.body.skip(image.start, image.inner)
        self.body.write(f"]({inline.destination(source)})")

    # Blocks

    def _gap(self) -> str:
        before, self.before = self.before, list(self.containers)
        return gap(before, self.containers)

    def _prefix(self) -> str:
        return "".join(container.mark() for container in self.containers)

    def _preformatted(self) -> bool:
        return any(element.name == "pre" for element in self.open) and not self._cell()

    def _role(self) -> Role:
        block = False
        for element in reversed(self.open):
            name = element.name
            if name in HEADINGS and block and not element.closed:
                continue  # nobody ended it: what follows is text
            if name in _ROLES:
                return _ROLES[name]
            block = block or name in BLOCKS
        return Role.PARAGRAPH

    def flush(self) -> None:
        """End the current block and give it to the body."""
        items, self.items = self.items, []
        if items and self._preformatted():
            self._fence(items)
            return
        found = inline.lines(items)
        text = " ".join(filter(None, (join_text(runs).strip() for runs in found)))
        if not text:
            self._hide(items)
            return
        role = Role.CELL if self._cell() else self._role()
        told = verdict_of(self.verdicts, text)
        rule = "overruled by the coordinator" if told == "drop" else self._redundant(text, role)
        if rule and not isinstance(told, Role):
            self._hide(items, rule)
        elif told is Role.TITLE or self._is_title():
            for runs in found:
                self.body.front(runs, Role.TITLE, "title")
        elif self._is_date(text, role):
            date = locales.parse_date(text, self.language)
            assert date
            self.body.top("".join(join_source(runs) for runs in found), text, date)
        elif role is Role.CELL:
            self._in_cell(found)
        else:
            self._block(found, text, told if isinstance(told, Role) else role)

    def _hide(self, items: Sequence[inline.Item], rule: str = "") -> None:
        runs = tuple(run for item in items for run in item.runs)
        if rule:
            self.body.drop_runs(runs, rule)
        else:
            self.body.hide(runs)

    def _is_title(self) -> bool:
        return any(element is self.known.title or element.name == "title" for element in self.open)

    def _is_date(self, text: str, role: Role) -> bool:
        """Return whether the block is the date of the whole article."""
        above = role is Role.PARAGRAPH and not self.running and not self.body.dated
        return above and locales.parse_date(text, self.language) is not None

    def _redundant(self, text: str, role: Role) -> str:
        if self.known.title and any(element.name == "title" for element in self.open):
            return "title of the page; its heading says it"
        furniture = role is not Role.CELL and is_furniture(text, self.language)
        return "page furniture" if furniture and not self._is_title() else ""

    def _in_cell(self, found: Sequence[Runs]) -> None:
        table = self._table()
        assert table
        for runs in found:
            if not join_text(runs).strip():
                self.body.hide(runs)
                continue
            piped = tuple(Run(run.source, run.text.replace("|", "\\|")) for run in runs)
            self.body.block(piped, Role.CELL, "<br>" if table.filled else "", "")
            table.filled = True

    def _block(self, found: Sequence[Runs], text: str, role: Role) -> None:
        if table := self._table():
            table.end(self.body)
        if role is Role.PARAGRAPH and not self.running and byline(text):
            role = Role.BYLINE
        self.running = self.running or (role is Role.PARAGRAPH and len(text.split()) >= LONG)
        level = next((int(e.name[1]) for e in reversed(self.open) if e.name in HEADINGS), 2)
        own = {Role.HEADING: "#" * level + " ", Role.CAPTION: "*"}.get(role, "")
        space = self._gap()
        inner = "\n" + "".join(container.rest for container in self.containers).rstrip() + "\n"
        for runs in found:
            if join_text(runs).strip():
                self.body.block(runs, role, self._prefix() + own, space)
                space = inner if own else "\\\n"
            else:  # two line breaks part paragraphs
                self.body.hide(runs)
                space = inner if space == "\\\n" else space

    def _fence(self, items: Sequence[inline.Item]) -> None:
        """Take preformatted text as it is, fenced."""
        text = "".join(
            join_text(i.runs) if i.kind == "text" else "\n" * (i.kind == "break") for i in items
        )
        if not text.strip():
            self._hide(items)
            return
        ticks = "`" * max(3, *(len(run) + 1 for run in ["", *re.findall("`+", text)]))
        space = self._gap()
        first, rest = self._prefix(), "".join(container.rest for container in self.containers)
        shown = "\n".join([ticks, *text.strip("\n").split("\n"), ticks]).replace("\n", f"\n{rest}")
        self.body.write(first, space)
        self.body.pieces.append(Skeleton("".join(join_source(i.runs) for i in items), shown))


def _leads(url: str) -> bool:
    return bool(url.strip()) and bool(inline.destination(url))
