"""Reading a web page: its article as Markdown, and which rule dropped the rest."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pipeline import locales
from pipeline.clean import Source, join_source, join_text
from pipeline.formats import inline
from pipeline.formats.body import Body, escaped
from pipeline.formats.text import BYLINE, LONG, verdict_of
from pipeline.furniture import is_furniture
from pipeline.model import Piece, Role, Run, Runs, Skeleton

Attrs = Mapping[str, str]

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_DROPPED = frozenset(
    "script style noscript nav aside form button iframe video audio object canvas svg template"
    " select dialog".split()
)
_CLASSES = frozenset(
    "share sharing social related newsletter cookie cookies consent breadcrumb breadcrumbs comments"
    " sidebar promo advert advertisement ads widget menu pagination popup modal".split()
)
_BLOCKS = frozenset(
    "address article base blockquote body caption center col dd details div dl dt fieldset"
    " figcaption figure footer h1 h2 h3 h4 h5 h6 head header html input li link main ol p pre"
    " section source summary table tbody td tfoot th thead title tr track ul".split()
)
_ROLES: Mapping[str, Role] = {
    **{f"h{n}": Role.HEADING for n in range(1, 7)},
    "figcaption": Role.CAPTION,
    "caption": Role.CAPTION,
    "td": Role.CELL,
    "th": Role.CELL,
    "li": Role.ITEM,
    "blockquote": Role.QUOTE,
}


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    kind: str
    """start, end, data, comment, or other."""
    name: str
    attrs: Attrs


class _Tokens(HTMLParser):
    """Notes where each token of a page starts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str, str, Attrs]] = []
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self.feed(text)
        self.close()

    def _note(
        self, kind: str, name: str = "", attrs: Sequence[tuple[str, str | None]] = ()
    ) -> None:
        line, column = self.getpos()
        known = {key: value or "" for key, value in attrs}
        self.found.append((self._lines[line - 1] + column, kind, name, known))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note("start", tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._note("end", tag)

    def handle_data(self, data: str) -> None:
        self._note("data")

    def handle_entityref(self, name: str) -> None:
        self._note("data")

    def handle_charref(self, name: str) -> None:
        self._note("data")

    def handle_comment(self, data: str) -> None:
        self._note("comment")

    def handle_decl(self, decl: str) -> None:
        self._note("other")

    def unknown_decl(self, data: str) -> None:
        self._note("other")

    def handle_pi(self, data: str) -> None:
        self._note("other")


def _tokens(text: str) -> list[_Token]:
    found = _Tokens(text).found
    if not found or found[0][0] > 0:
        found.insert(0, (0, "other", "", {}))
    ends = [start for start, *_ in found[1:]] + [len(text)]
    return [
        _Token(start, max(start, end), kind, name, attrs)
        for (start, kind, name, attrs), end in zip(found, ends, strict=True)
    ]


def read(
    source: Source, language: str, verdicts: Mapping[str, str]
) -> tuple[Mapping[str, object], Sequence[Piece]]:
    """Return the metadata and the pieces of an HTML *source*; see `formats.Reader`."""
    tokens = _tokens(source.text)
    names = {token.name for token in tokens if token.kind == "start"}
    root = next((name for name in ("article", "main") if name in names), "")
    meta = _meta(tokens)
    page = _Page(Body(source), str(meta.get("lang") or language), verdicts, root, "h1" in names)
    for token in tokens:
        page.take(token)
    page.flush()
    page.body.end()
    return meta, page.body.pieces


_META = {
    "author": "author",
    "date": "date",
    "dc.date": "date",
    "dcterms.date": "date",
    "article:published_time": "date",
}


def _meta(tokens: Sequence[_Token]) -> dict[str, object]:
    meta: dict[str, object] = {}
    for token in tokens:
        if token.kind != "start":
            continue
        name = _meta_name(token)
        if token.name == "meta" and name in _META and token.attrs.get("content"):
            meta.setdefault(_META[name], token.attrs["content"])
        elif token.name == "html" and token.attrs.get("lang"):
            meta["lang"] = locales.language(token.attrs["lang"])
        elif token.name == "time" and token.attrs.get("datetime"):
            meta.setdefault("date", token.attrs["datetime"])
    return meta


def _meta_name(token: _Token) -> str:
    return (token.attrs.get("name") or token.attrs.get("property") or "").lower()


@dataclass(slots=True)
class _Container:
    """A block quote or a list item: what stands before its first line, and before the others."""

    first: str
    rest: str
    used: bool = False


@dataclass(slots=True)
class _Page:
    """Walks through the tokens of a page; `body` collects what they say."""

    body: Body
    language: str
    verdicts: Mapping[str, str]
    root: str
    """The element that holds the article, or "" for the whole page."""
    headed: bool
    """Whether a first-level heading is there to be the title."""
    stack: list[str] = field(default_factory=list)
    """The elements that are open."""
    items: list[inline.Item] = field(default_factory=list)
    """The inline content of the block at hand."""
    dropping: tuple[str, int, str] | None = None
    """The element that is being dropped: name, depth, rule."""
    containers: list[_Container] = field(default_factory=list)
    before: list[_Container] = field(default_factory=list)
    """The containers of the block before."""
    counters: list[int] = field(default_factory=list)
    titled: bool = False
    running: bool = False
    """Whether running text was seen."""
    rooted: bool = False
    rows: int = 0
    cells: int = 0

    def take(self, token: _Token) -> None:
        if self.dropping:
            self._drop(token)
        elif token.kind == "start":
            if rule := self._rule(token):
                self.flush()
                self.body.drop(token.start, token.end, rule)
                self.dropping = None if token.name in _VOID else (token.name, 1, rule)
            else:
                self._start(token)
        elif token.kind == "end":
            self._end(token)
        elif token.kind == "data":
            self._data(token)
        elif self.items:
            self._add(token, "skip")
        elif token.kind == "comment":
            self.body.drop(token.start, token.end, "comment")
        else:
            self.body.skip(token.start, token.end)

    def _drop(self, token: _Token) -> None:
        assert self.dropping
        name, depth, rule = self.dropping
        self.body.drop(token.start, token.end, rule)
        if token.name == name:
            depth += 1 if token.kind == "start" else -1
            self.dropping = (name, depth, rule) if depth else None

    def _rule(self, token: _Token) -> str:
        """Return by which rule the element that starts here is dropped, or ""."""
        name, attrs = token.name, token.attrs
        inside = bool(self.root) and self.root in self.stack
        if name == self.root and not self.rooted:
            self.rooted = True
            return ""
        if name in {"html", "head", "body", "title", "meta"}:
            return ""
        if name in _DROPPED:
            return f"<{name}>"
        if name == "header" and not inside:
            return "<header> of the page"
        if name == "footer" and "blockquote" not in self.stack:
            return "<footer>"
        label = f"{attrs.get('class', '')} {attrs.get('id', '')}".lower()
        if found := sorted(_CLASSES.intersection(re.split(r"[\s_-]+", label))):
            return f"class or id “{found[0]}”"
        if "hidden" in attrs or attrs.get("role") in {"navigation", "banner", "search"}:
            return "hidden or navigation"
        if self.rooted and not inside and self.root:
            return f"outside of <{self.root}>"
        return ""

    def _start(self, token: _Token) -> None:
        name = token.name
        if name not in _VOID:
            self.stack.append(name)
        if name == "br":
            self._add(token, "break")
        elif name == "img":
            self._image(token)
        elif name == "hr":
            self.flush()
            self.body.verbatim(token.start, token.end, "---", self._gap())
        elif name == "meta":
            self._description(token)
        elif name in _BLOCKS:
            self.flush()
            self._open(name)
            self.body.skip(token.start, token.end)
        elif name == "a" and not token.attrs.get("href"):
            self._add(token, "skip")
        else:
            known = name == "a" or name in inline.PAIRS or name in inline.KEPT
            self._add(token, "open" if known else "skip")

    def _end(self, token: _Token) -> None:
        name = token.name
        block = name in _BLOCKS
        if block:
            self.flush()
        if name in self.stack:
            while self.stack.pop() != name:
                pass
        if block:
            self._close(name)
            self.body.skip(token.start, token.end)
        else:
            self._add(token, "close")

    def _open(self, name: str) -> None:
        if name == "blockquote":
            self.containers.append(_Container("> ", "> "))
        elif name in {"ul", "ol"}:
            self.counters.append(0 if name == "ol" else -1)
        elif name == "li":
            marker = "- "
            if self.counters and self.counters[-1] >= 0:
                self.counters[-1] += 1
                marker = f"{self.counters[-1]}. "
            self.containers.append(_Container(marker, " " * len(marker)))
        elif name == "table":
            self.rows = 0
        elif name == "tr":
            self.body.write("", "\n" if self.rows else self._gap())
            self.cells = 0
        elif name in {"td", "th"}:
            self.cells += 1
            self.body.write("| " if self.cells == 1 else " | ")

    def _close(self, name: str) -> None:
        if name in {"blockquote", "li"} and self.containers:
            self.containers.pop()
        elif name in {"ul", "ol"} and self.counters:
            self.counters.pop()
        elif name == "tr" and self.cells:
            self.rows += 1
            self.body.write(" |")
            if self.rows == 1:
                self.body.write("\n" + "| --- " * self.cells + "|")

    # Inline content

    def _runs(self, token: _Token) -> Runs:
        return self.body.source.runs(token.start, token.end)

    def _add(self, token: _Token, kind: str, alt: str = "") -> None:
        if not self.items and kind in {"skip", "break", "close"}:
            self.body.skip(token.start, token.end)
            return
        target = token.attrs.get("href") or token.attrs.get("src") or ""
        self.items.append(inline.Item(self._runs(token), kind, token.name, target, alt))

    def _data(self, token: _Token) -> None:
        text = self.body.source.text[token.start : token.end]
        if self.items or text.strip(" \t\n") or "pre" in self.stack:
            self._add(token, "text")
        else:
            self.body.skip(token.start, token.end)

    def _attribute(self, token: _Token, name: str) -> tuple[int, int, str] | None:
        """Return where the value of an attribute stands, and what it says."""
        pattern = re.compile(rf"\b{name}\s*=\s*([\"'])(.*?)\1", re.DOTALL | re.IGNORECASE)
        match = pattern.search(self.body.source.text, token.start, token.end)
        if not match or not match[2].strip():
            return None
        return match.start(2), match.end(2), " ".join(html.unescape(match[2]).split())

    def _front(self, token: _Token, value: tuple[int, int, str], role: Role, name: str) -> None:
        """Take a value inside of a tag as text to translate."""
        start, end, shown = value
        source = self.body.source
        same = shown == source.text[start:end]
        self.body.skip(token.start, start)
        self.body.front(escaped(source.runs(start, end, None if same else shown)), role, name)
        self.body.skip(end, token.end)

    def _description(self, token: _Token) -> None:
        value = self._attribute(token, "content")
        if value and _meta_name(token) == "description":
            self._front(token, value, Role.SUMMARY, "description")
        else:
            self.body.skip(token.start, token.end)

    def _image(self, token: _Token) -> None:
        value = self._attribute(token, "alt")
        if self.items:
            self._add(token, "image", value[2] if value else "")
            return
        self.body.write(f"{self._prefix()}![", self._gap())
        if value:
            self._front(token, value, Role.ALT, "")
        else:
            self.body.skip(token.start, token.end)
        self.body.write(f"]({inline.destination(token.attrs.get('src', ''))})")

    # Blocks

    def _gap(self) -> str:
        """Return what parts the next block from the one before, inside of what holds both."""
        shared = [one for one, two in zip(self.before, self.containers, strict=False) if one is two]
        prefix = "".join(container.rest for container in shared).rstrip()
        items = len(self.before) > len(shared) and len(self.containers) > len(shared)
        tight = items and self.containers[len(shared)].first.strip() != ">"
        nested = len(self.containers) > len(self.before) and len(self.before) == len(shared) > 0
        listed = nested and self.containers[len(shared)].first.strip() != ">"
        self.before = list(self.containers)
        return "\n" if tight or listed else f"\n{prefix}\n"

    def _prefix(self) -> str:
        """Return the marks of the containers at the start of a line."""
        text = ""
        for container in self.containers:
            text += container.rest if container.used else container.first
            container.used = True
        return text

    def _role(self) -> Role:
        return next(
            (_ROLES[name] for name in reversed(self.stack) if name in _ROLES), Role.PARAGRAPH
        )

    def flush(self) -> None:
        """End the block at hand and give it to the body."""
        items, self.items = self.items, []
        if "pre" in self.stack and items:
            self._fence(items)
            return
        found = inline.lines(items)
        text = " ".join(join_text(runs) for runs in found).strip()
        if not text:
            for item in items:
                self.body.hide(item.runs)
            return
        role = self._role()
        told = verdict_of(self.verdicts, text)
        rule = "overruled by the coordinator" if told == "drop" else self._redundant(text, role)
        if rule and not isinstance(told, Role):
            for item in items:
                self.body.drop_runs(item.runs, rule)
        elif told is Role.TITLE or self._is_title():
            self.titled = True
            for runs in found:
                self.body.front(runs, Role.TITLE, "title")
        elif (date := locales.parse_date(text, self.language)) and not self.running:
            raw = "".join(join_source(runs) for runs in found)
            self.body.top(raw, text, date)
        else:
            self._block(found, text, told if isinstance(told, Role) else role)

    def _is_title(self) -> bool:
        return ("h1" in self.stack[-2:] and not self.titled) or "title" in self.stack

    def _redundant(self, text: str, role: Role) -> str:
        if "title" in self.stack and self.headed:
            return "title of the page; its heading says it"
        return "page furniture" if is_furniture(text, self.language) else ""

    def _block(self, found: list[Runs], text: str, role: Role) -> None:
        if role is Role.PARAGRAPH and not self.running and BYLINE.fullmatch(text):
            role = Role.BYLINE
        self.running = self.running or (role is Role.PARAGRAPH and len(text.split()) >= LONG)
        if role is Role.CELL:
            self.body.block(_cell(found), role, "", "")
            return
        level = next((int(n[1]) for n in reversed(self.stack) if re.fullmatch("h[1-6]", n)), 2)
        own = {Role.HEADING: "#" * level + " ", Role.CAPTION: "*"}.get(role, "")
        gap = self._gap()
        for n, runs in enumerate(found):
            if not join_text(runs).strip():
                self.body.hide(runs)
                continue
            self.body.block(runs, role, self._prefix() + own, "\\\n" if n and not own else gap)

    def _fence(self, items: list[inline.Item]) -> None:
        """Take preformatted text as it is, fenced."""
        text = html.unescape("".join(join_text(i.runs) for i in items if i.kind == "text"))
        text = text.strip("\n")
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
        prefix = self._prefix()
        rest = "".join(container.rest for container in self.containers)
        shown = "\n".join([fence, *text.split("\n"), fence]).replace("\n", f"\n{rest}")
        self.body.write(prefix, self._gap())
        source = "".join(join_source(item.runs) for item in items)
        self.body.pieces.append(Skeleton(source, shown))


def _cell(found: Sequence[Runs]) -> Runs:
    """Return the lines of a table cell as one, its pipes escaped."""
    runs: list[Run] = []
    for n, line in enumerate(found):
        if n:
            runs.append(Run("", "<br>"))
        runs += (Run(run.source, run.text.replace("|", "\\|")) for run in line)
    return tuple(runs)
