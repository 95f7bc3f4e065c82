"""Drafting: protect what must not be touched, ask an engine, put it back, look at the result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline import markup
from pipeline.engines import PROTECTED, Engine
from pipeline.errors import EngineError
from pipeline.model import Message, State

FIRST = 0xE000
"""The first of the private-use characters that stand for protected pieces (`PROTECTED`)."""
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f'’]\d+)*")


@dataclass(frozen=True, slots=True)
class Protected:
    """A sentence in which private-use characters stand for what an engine must not touch."""

    text: str
    pieces: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Return *text* with the pieces back in their places."""
        return PROTECTED.sub(lambda m: self.pieces[ord(m[0]) - FIRST], text)

    def complete(self, text: str) -> bool:
        """Return whether *text* holds each piece exactly once."""
        return sorted(PROTECTED.findall(text)) == [chr(FIRST + n) for n in range(len(self.pieces))]


def protect(text: str) -> Protected:
    """Hide the markup, URLs, addresses and placeholders of *text*.

    ``protect(text).restore(protect(text).text) == text``, whatever the text.
    """
    spans = [(mark.start, mark.end) for mark in markup.scan(text)]
    taken = {at for start, end in spans for at in range(start, end)}
    spans += [m.span() for m in PROTECTED.finditer(text) if m.start() not in taken]
    pieces: list[str] = []
    out: list[str] = []
    at = 0
    for start, end in sorted(spans)[: 0xF8FF - FIRST]:
        out += (text[at:start], chr(FIRST + len(pieces)))
        pieces.append(text[start:end])
        at = end
    return Protected("".join((*out, text[at:])), tuple(pieces))


def numbers(text: str) -> Counter[str]:
    """Return the numbers of *text* by their digits, so that 4.5 and 4,5 are the same."""
    shown = markup.shown(text)
    return Counter(str(re.sub(r"\D", "", m[0])) for m in _NUMBER.finditer(shown))


def unharmed(source: str, target: str) -> bool:
    """Return whether *target* has the markup, URLs and numbers of *source*."""
    return markup.inventory(source) == markup.inventory(target) and numbers(source) == numbers(
        target
    )


def draft_texts(texts: Sequence[str], engine: Engine, source: str, target: str) -> list[str]:
    """Return a draft of each of *texts*, in order; "" where the engine gave nothing.

    Markup, URLs, e-mail addresses, placeholders and numbers come back unharmed: where they did
    not, the words between them are translated by themselves.

    Raises:
        EngineError: the engine failed, or did not give one draft for each text.

    """
    if not texts:
        return []
    protected = [protect(text) for text in texts]
    drafts = _ask(engine, [p.text for p in protected], source, target)
    found = [
        _tidy(text, p.restore(draft)) if p.complete(draft) else ""
        for text, p, draft in zip(texts, protected, drafts, strict=True)
    ]
    harmed = [n for n, text in enumerate(texts) if not unharmed(text, found[n])]
    again = _in_pieces([texts[n] for n in harmed], engine, source, target)
    for n, draft in zip(harmed, again, strict=True):
        found[n] = _tidy(texts[n], draft)
    return found


def _ask(engine: Engine, texts: Sequence[str], source: str, target: str) -> list[str]:
    drafts = engine.translate(texts, source, target)
    if len(drafts) != len(texts):
        raise EngineError(
            f"{engine.name}: {len(drafts)} drafts came back for {len(texts)} sentences;"
            " nothing was written"
        )
    return drafts


def _in_pieces(texts: Sequence[str], engine: Engine, source: str, target: str) -> list[str]:
    """Translate the words between protected pieces and numbers, each stretch by itself."""
    cut = [_stretches(text) for text in texts]
    stretches = [part.strip() for parts in cut for part, words in parts if words]
    drafts = iter(_ask(engine, stretches, source, target) if stretches else ())
    found = []
    for text, parts in zip(texts, cut, strict=True):
        said = [_fit(part, next(drafts)) if words else part for part, words in parts]
        whole = all(new.strip() for new, (_, words) in zip(said, parts, strict=True) if words)
        out = "".join(said)
        found.append(out if whole and unharmed(text, out) else "")
    return found


def _stretches(text: str) -> list[tuple[str, bool]]:
    """Cut *text* into words (True), and markup, URLs, numbers and what else is kept (False)."""
    spans = sorted(
        [(mark.start, mark.end) for mark in markup.scan(text)]
        + [m.span() for m in _NUMBER.finditer(text)]
        + [m.span() for m in PROTECTED.finditer(text)]
    )
    parts: list[tuple[str, bool]] = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        if start >= at:
            words = text[at:start]
            parts += [(words, any(map(str.isalpha, words))), (text[start:end], False)]
            at = end
    return parts


def _fit(part: str, draft: str) -> str:
    """Return *draft* for the place of *part*: spaced and begun as that, without markup of its own.

    Engines end a stretch with a full stop and begin it with a capital, as if it were a sentence.
    """
    core = part.strip()
    draft = PROTECTED.sub("", " ".join(draft.split()))
    if markup.scan(draft) or numbers(draft):
        draft = markup.escape(re.sub(r"\d+", "", draft))
    if not core.endswith("."):
        draft = draft.rstrip(".")
    if core[:1].islower() and draft[1:2].islower():
        draft = draft[:1].lower() + draft[1:]
    lead = len(part) - len(part.lstrip())
    return part[:lead] + draft + part[len(part.rstrip()) :]


def _tidy(text: str, draft: str) -> str:
    """Return *draft* on one line; "" where it says nothing though *text* does."""
    draft = " ".join(draft.split())
    return draft if any(map(str.isalnum, draft)) or not any(map(str.isalnum, text)) else ""


def waits(message: Message, signature: str) -> bool:
    """Return whether *message* waits for a draft by the engine that signs so.

    It does not if that engine has drafted it before: it gave nothing, or a person took it out.
    """
    return message.state is State.UNTRANSLATED and not message.draft.startswith(signature)


def draft(
    messages: Sequence[Message], engine: Engine, source: str, target: str
) -> tuple[Message, ...]:
    """Return *messages* with drafts where they waited for one, marked fuzzy.

    What is translated in any way, by a person or a machine, is not touched.
    """
    signature = engine.signature(source, target)
    empty = [n for n, message in enumerate(messages) if waits(message, signature)]
    drafts = draft_texts([messages[n].source for n in empty], engine, source, target)
    done = list(messages)
    for n, text in zip(empty, drafts, strict=True):
        note = signature if text else f"{signature}; it gave nothing that can be used"
        done[n] = replace(messages[n], target=text, fuzzy=bool(text), draft=note)
    return tuple(done)
