"""The values that flow through the pipeline. All frozen; imports nothing of ours."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Roles of the pieces of an article. Translators read the value in the PO file."""

    TITLE = "title"
    SUMMARY = "summary"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "list item"
    QUOTE = "quote"
    CAPTION = "caption"
    ALT = "image description"
    SLOGAN = "slogan"
    BYLINE = "byline"
    SIGNATURE = "signature"
    CELL = "table cell"


@dataclass(frozen=True, slots=True)
class Run:
    r"""Characters of a source file beside what they become in the cleaned article.

    The two are equal nearly always. They differ where a line is unwrapped (``"\n"`` to ``" "``),
    where a character is escaped or dropped, and where HTML becomes Markdown.
    """

    source: str
    text: str


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of running text, as a reader finds it, before it is cut into sentences."""

    runs: Runs
    role: Role
    field: str = ""
    """The front-matter field that it belongs to, or "" for the body."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence: what a translator sees as a message."""

    source: str
    text: str
    role: Role
    block: int
    """Counts the blocks of the article, from 0; the sentences of one block share the number."""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Characters between sentences, the same in every language."""

    source: str
    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class DateLine:
    """A date that stands by itself; each locale writes it in its own form."""

    source: str
    text: str
    date: datetime.date
    weekday: bool = False
    """Whether the source names the day of the week."""
    field: str = ""
    """``date`` where it dates the whole article and stands above it."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Characters of the source that the article does without, and the rule that says so."""

    source: str
    rule: str


Part = Unit | Skeleton | DateLine | Dropped
Piece = Block | Skeleton | DateLine | Dropped
"""A piece that a reader yields: a `Part`, or a `Block` that is still to be cut into units."""


class Severity(StrEnum):
    """How grave a finding is, the gravest first. The value is what people read."""

    ERROR = "error"
    """Keeps a translation from being published, and a draft from being offered."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should look at."""

    check: str
    """The id of the check that found it, or the name of the rule."""
    explanation: str
    where: str = ""
    """``line N`` of a source; the msgid of a message; "" for the whole."""
    severity: Severity = Severity.WARNING
    context: str = ""
    """Context of the message whose msgid is `where`."""

    @property
    def error(self) -> bool:
        """Whether it keeps the article from being published."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Article:
    """A source text as read, cleaned and segmented. Its body is CommonMark."""

    id: str
    language: str
    parts: tuple[Part, ...]
    """In the order of the file. Their `source` strings, joined, are the file."""
    date: datetime.date | None = None
    author: str = ""
    signed: datetime.date | None = None
    """The date beside the signature, where the article has one."""
    meta: Mapping[str, object] = field(default_factory=dict)
    """The front matter of the source, whole, as it was parsed."""
    findings: tuple[Finding, ...] = ()
    templates: bool = True
    """Whether what looks like a site's template is one: not in plain text or a web page."""

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(part for part in self.parts if isinstance(part, Unit))


class State(StrEnum):
    """Where a message stands. See "Who does what" in README.md."""

    UNTRANSLATED = "untranslated"
    DRAFT = "draft"
    CHANGED = "changed"
    APPROVED = "approved"
    OBSOLETE = "obsolete"


Key = tuple[str, str]
"""``(msgctxt or "", msgid)``."""


@dataclass(frozen=True, slots=True)
class Message:
    """One PO entry."""

    source: str
    """The msgid: a sentence, without a newline."""
    target: str = ""
    """The msgstr; "" is untranslated."""
    context: str = ""
    """The msgctxt; "" is none."""
    fuzzy: bool = False
    obsolete: bool = False
    previous: str = ""
    """The msgid that `target` was approved for, where the source has changed since."""
    previous_context: str = ""
    references: tuple[str, ...] = ()
    """``article:unit``, counted from 1."""
    notes: tuple[str, ...] = ()
    """The ``#.`` lines that the pipeline writes anew at each update, without the draft's."""
    change: str = ""
    """How the source has changed since a person approved it, for those who decide anew."""
    draft: str = ""
    """Who drafted `target` and what there is to say of it; "" where no engine did."""
    comments: tuple[str, ...] = ()
    """The ``# `` lines: the translator's own."""
    flags: tuple[str, ...] = ()
    """Flags other than fuzzy, kept as found."""

    @property
    def key(self) -> Key:
        return (self.context, self.source)

    @property
    def former(self) -> str:
        """The sentence that `target` was made for, where it is another than `source`; else "".

        An editor may leave `previous` in what a person approved, and there it means nothing.
        """
        return self.previous if self.fuzzy else ""

    @property
    def role(self) -> Role | None:
        """Its role, from its first note; None for none."""
        said = self.notes[0].split(",")[0] if self.notes else ""
        return next((role for role in Role if role.value == said), None)

    @property
    def state(self) -> State:
        if self.obsolete:
            return State.OBSOLETE
        if not self.target:
            return State.UNTRANSLATED
        if not self.fuzzy:
            return State.APPROVED
        return State.CHANGED if self.previous else State.DRAFT


@dataclass(frozen=True, slots=True)
class Catalog:
    """All messages of one article in one locale: what its PO file holds."""

    locale: str
    messages: tuple[Message, ...] = ()
    """In the order of the article; the obsolete ones last, in the order they became so."""
    headers: tuple[tuple[str, str], ...] = ()
    header_comments: tuple[str, ...] = ()
    header_fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Constraint:
    """A term of the glossary where it stands in a segment, and what it is to become."""

    start: int
    """Where it begins in the text of the segment, in characters; `end` is after it."""
    end: int
    term: str
    """The word of the target language as the glossary has it: singular, or as it is always used.
    That of the source where it is not translated."""
    plural: str = ""
    """Plural of `term`; "" where the glossary has none."""
    number: str = ""
    """``singular`` or ``plural``, as the term stands in the source; "" where that is not known."""
    gender: str = ""
    """``m``, ``f`` or ``n``; "" where the glossary does not say."""
    pos: str = ""
    """noun, name, adj, verb or abbr; "" where the glossary does not say. Verbs are never forced."""
    forms: tuple[str, ...] = ()
    """Other forms that are accepted."""
    forbid: tuple[str, ...] = ()
    """Forbidden wordings."""
    keep: bool = False
    """Whether it is the same in every language, letter for letter."""


@dataclass(frozen=True, slots=True)
class LocalizedArticle:
    """An article in another locale, reassembled: front matter and a CommonMark body."""

    id: str
    locale: str
    source_language: str
    meta: Mapping[str, object]
    """title, date, ... as the website will read them."""
    body: str
    approved: int
    """Sentences that a person has approved, of `total`."""
    total: int
    findings: tuple[Finding, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)
    """The front-matter fields that nobody has approved, each with the locale that it is in. What
    is in the body is marked there."""
    templates: bool = True
    """As its source's."""

    @property
    def publishable(self) -> bool:
        return self.approved == self.total and not any(f.error for f in self.findings)
