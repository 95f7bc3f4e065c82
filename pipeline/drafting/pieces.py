"""Pieces of a sentence: stretches between markup, and clauses, drafted by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from pipeline.checks import compare
from pipeline.drafting.protect import spans_of
from pipeline.engines.base import PROTECTED, Hypotheses
from pipeline.text import markup

_STRAY = re.compile(f"{PROTECTED.pattern}|{markup.FOOTNOTE}")
"""Stray markup, left out of the draft of words without any."""
_CLAUSE = re.compile(r"(?<=[,;:])(?=\s)|(?=\s[–—-]\s)|(?=\s[(\[])|(?<=[)\]])(?=\s)")
"""Between two pieces of a sentence that can be said by themselves."""


Cut = Callable[[str, Collection[str]], list[tuple[str, bool]]]
"""Cuts a sentence into words to be translated (True) and what is kept as it is (False)."""


def stretches(text: str, names: Collection[str]) -> list[tuple[str, bool]]:
    """Cut *text* into words (True), and markup, URLs, numbers, names and what is kept (False)."""
    spans = sorted(
        [(mark.start, mark.end) for mark in markup.scan(text)]
        + [m.span() for m in compare.NUMBER.finditer(text)]
        + [m.span() for m in PROTECTED.finditer(text)]
        + list(spans_of(text, names))
    )
    parts: list[tuple[str, bool]] = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        if start >= at:
            words = text[at:start]
            parts += [(words, any(map(str.isalpha, words))), (text[start:end], False)]
            at = end
    return [(part, words) for part, words in parts if part]


def cut_clauses(text: str, names: Collection[str]) -> list[tuple[str, bool]]:
    """Cut *text* as `_stretches` does, and between its clauses."""
    return [
        (piece, words and any(map(str.isalpha, piece)))
        for part, words in stretches(text, names)
        for piece in (_CLAUSE.split(part) if words else [part])
    ]


def fit(part: str, hypotheses: Hypotheses) -> str:
    """Return the best draft for the place of *part*: spaced and begun as that, and no markup.

    Engines end a stretch with a full stop and begin it with a capital, as if it were a sentence.
    """
    before, core, behind = edges(part)
    draft = " ".join(_STRAY.sub("", hypotheses[0].text).split()) if hypotheses else ""
    if markup.scan(draft) or compare.numbers(draft):
        draft = markup.escape(re.sub(r"\d+", "", draft))
    if not core.endswith("."):
        draft = draft.rstrip(".")
    if core[:1].islower() and draft[1:2].islower():
        draft = draft[:1].lower() + draft[1:]
    return before + draft + behind


_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))
_BEFORE, _BEHIND = _SPACES + ",;:.)]”»…–—", _SPACES + ",;:([“«–—"


def edges(part: str) -> tuple[str, str, str]:
    """Return a stretch without what parts it from its neighbours, between that.

    An engine drops a comma that begins a sentence, and takes what follows for the beginning.
    """
    rest = part.lstrip(_BEFORE)
    core = rest.rstrip(_BEHIND)
    return part[: len(part) - len(rest)], core, rest[len(core) :]
