"""Word alignment by attention and by erasure: the words of a draft that render a term."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.engines.terms import agreement
from pipeline.engines.terms.assessment import Model, Span

PEAK = 0.5
"""Share of the peak that a neighbouring word needs to belong to the same rendering."""


def _ranges(text: str, pieces: Sequence[str]) -> list[Span]:
    """Return the span of each piece in characters of the text.

    Approximate where the tokenizer normalizes characters (… to ...).
    """
    where = [i for i, c in enumerate(text) if not c.isspace()]
    plain = "".join(text[i] for i in where)
    bare = [piece.removesuffix("@@").replace("▁", "") for piece in pieces]
    joined = "".join(bare)
    if len(joined) == len(plain):
        to = list(range(len(plain) + 1))
    else:
        to = [0] * (len(joined) + 1)
        plain = unicodedata.normalize("NFKC", plain) if len(plain) > 4000 else plain
        for _, a, b, c, d in difflib.SequenceMatcher(None, joined, plain, False).get_opcodes():
            for i in range(a, b):
                to[i] = c + (d - c) * (i - a) // (b - a)
        to[len(joined)] = len(where)
    found = []
    at = 0
    for piece in bare:
        start, end = to[at], to[at + len(piece)]
        at += len(piece)
        first = where[start] if start < len(where) else len(text)
        found.append((first, where[end - 1] + 1 if end > start and end <= len(where) else first))
    return found


def _over(ranges: Sequence[Span], span: Span) -> list[int]:
    """Return the indices of the pieces that overlap the span."""
    return [i for i, (s, e) in enumerate(ranges) if s < span[1] and span[0] < e]


def pieces_within(text: str, pieces: Sequence[str], spans: Iterable[Span]) -> set[int]:
    """Return the indices of the pieces of a text that overlap one of the spans."""
    ranges = _ranges(text, pieces)
    return {i for span in spans for i in _over(ranges, span)}


_TARGET_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*['’]?")


@dataclass(frozen=True, slots=True)
class Place:
    """Rendering of a term in a draft, located by attention and by erasure."""

    runs: tuple[Span, ...]
    """Spans in characters, the surest first."""
    sure: bool
    """Whether both methods agree."""


def _run(values: Sequence[float], words: Sequence[Span], text: str, language: str) -> Span | None:
    """Return the span of the peak word and its neighbours near it, without outer function words."""
    if not words or max(values) <= 0:
        return None
    content = [not agreement.is_function_word(text[s:e], language) for s, e in words]
    pool = [i for i in range(len(words)) if content[i]] or list(range(len(words)))
    peak = max(pool, key=lambda i: (values[i], -i))
    first = last = peak
    while first > 0 and values[first - 1] >= PEAK * values[peak]:
        first -= 1
    while last + 1 < len(words) and values[last + 1] >= PEAK * values[peak]:
        last += 1
    while first < peak and not content[first]:
        first += 1
    while last > peak and not content[last]:
        last -= 1
    return words[first][0], words[last][1]


def locate(model: Model, asked: Sequence[tuple[str, str, Sequence[Span]]]) -> list[list[Place]]:
    """Locate, for each (source, draft, spans of the source), the rendering of each span."""
    sources = [model.encode(source) for source, _, _ in asked]
    targets = [model.encode(draft) for _, draft, _ in asked]
    attention = model.attend(list(zip(sources, targets, strict=True)))
    jobs = []
    for (source, _, spans), pieces, target in zip(asked, sources, targets, strict=True):
        jobs.append((pieces, target))
        ranges = _ranges(source, pieces)
        for span in spans:
            gone = _over(ranges, span)
            left = [*pieces[: gone[0]], "<unk>", *pieces[gone[-1] + 1 :]] if gone else pieces
            jobs.append((left, target))
    scores = iter(model.score(jobs))
    out = []
    for (source, draft, spans), pieces, target, looks in zip(
        asked, sources, targets, attention, strict=True
    ):
        full = next(scores)
        ranges, at = _ranges(draft, target), _ranges(source, pieces)
        words = [m.span() for m in _TARGET_WORD.finditer(draft)]
        places = []
        for span in spans:
            gone, lost = _over(at, span), next(scores)
            heat, drop = [], []
            for word in words:
                its = [i for i in _over(ranges, word) if i < len(looks)]
                heat.append(sum(sum(looks[i][j] for j in gone) for i in its) / max(1, len(its)))
                drop.append(sum(full[i] - lost[i] for i in its if i < len(lost)))
            one = _run(heat, words, draft, model.target)
            two = _run(drop, words, draft, model.target)
            sure = bool(one and two and one[0] < two[1] and two[0] < one[1])
            runs = [one, two]
            if sure and one and two:
                runs = [(max(one[0], two[0]), min(one[1], two[1])), one, two]
            places.append(Place(tuple(dict.fromkeys(r for r in runs if r)), sure))
        out.append(places)
    return out
