"""Asking the checks: findings in an article, in approved messages, and in a draft."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pipeline.checks.base import Check, Subject, SubjectKind
from pipeline.checks.registry import checks_of
from pipeline.model import Article, DateLine, Finding, Message, Severity, State, Unit
from pipeline.text.source import unreadable


def findings(subject: Subject, where: str = "", context: str = "") -> Iterator[Finding]:
    """Give what the checks for its kind find in *subject*, which stands at *where*."""
    for one in checks_of(subject.kind):
        for explanation in one.find(subject):
            yield Finding(one.id, explanation, where, one.severities[subject.kind], context)


def of_article(article: Article) -> tuple[Finding, ...]:
    """Return what a person should look at in the source, in its order; nothing is changed."""
    found: list[Finding] = []
    sentences = []
    line = 1
    for part in article.parts:
        if isinstance(part, Unit):
            one = Subject(
                SubjectKind.SOURCE,
                part.text,
                source_language=article.language,
                role=part.role,
            )
            sentences.append(one)
            found += findings(one, f"line {line}")
            found += _left_out(part, f"line {line}")
        line += part.source.count("\n")
    dates = {part.date for part in article.parts if isinstance(part, DateLine)}
    whole = Subject(
        SubjectKind.ARTICLE,
        "",
        source_language=article.language,
        sentences=tuple(sentences),
        dates=(article.date, *sorted(dates - {article.date})) if article.date else (),
    )
    return (*found, *findings(whole))


def _left_out(unit: Unit, where: str) -> Iterator[Finding]:
    """Give the characters that entities of *unit* stand for, and that no front matter can hold."""
    for char in sorted(unreadable(unit.source, quoted=bool(unit.field)) - set(unit.source)):
        explanation = f"U+{ord(char):04X} is left out of titles and front matter"
        yield Finding("control characters", explanation, where, Severity.WARNING)


def of_messages(
    messages: Iterable[Message], source_language: str, locale: str
) -> Iterator[Finding]:
    """Give what is wrong with the approved *messages*."""
    for message in messages:
        if message.state is State.APPROVED:
            subject = Subject(
                SubjectKind.TRANSLATION,
                message.source,
                message.target,
                source_language,
                locale,
                role=message.role,
            )
            yield from findings(subject, message.source, message.context)


def faults(
    source: str,
    draft: str,
    source_language: str,
    locale: str,
    names: Collection[str] = (),
    checks: Iterable[Check] | None = None,
) -> Iterator[str]:
    """Give what is wrong with *draft*, in words for a translator; nothing if it can be offered.

    *names* must come back letter for letter. To know whether there is a fault at all, ask for one:
    the dearest checks come last. All those of drafts are asked if *checks* is None.
    """
    case = Subject(SubjectKind.DRAFT, source, draft, source_language, locale, names=names)
    for one in checks_of(SubjectKind.DRAFT) if checks is None else checks:
        yield from one.find(case)
