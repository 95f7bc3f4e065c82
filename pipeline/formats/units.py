"""Units: blocks of Markdown cut into sentences, the markup between them left as it is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise

from pipeline.model import Block, Part, Piece, Role, Runs, Skeleton, Unit
from pipeline.text import markup
from pipeline.text.markup import Mark
from pipeline.text.segmentation import boundaries
from pipeline.text.source import cut, join_source, join_text


def units(pieces: Iterable[Piece], language: str, *, markdown: bool) -> Iterator[Part]:
    """Cut each block among *pieces* into units, and the white space and markup around them.

    Marks that are no sentence, and begin a line, are guarded unless they were *markdown* before.
    """
    number = 0
    for piece in pieces:
        if isinstance(piece, Block):
            yield from _sentences(piece, number, language, markdown)
            number += 1
        else:
            yield piece


def skeleton(runs: Runs, field: str = "") -> Skeleton:
    return Skeleton(join_source(runs), join_text(runs), field)


def _sentences(block: Block, number: int, language: str, markdown: bool) -> Iterator[Part]:
    spans = sentence_spans(join_text(block.runs), language)
    parts = cut(block.runs, [offset for span in spans for offset in span])
    for n, runs in enumerate(parts):
        text = join_text(runs)
        if n % 2 and translatable(text):
            yield Unit(join_source(runs), text, block.role, number, block.field)
        elif n == 1 and not (markdown or block.field or block.role in {Role.HEADING, Role.CELL}):
            yield Skeleton(join_source(runs), markup.guard(text))
        else:
            yield skeleton(runs, block.field)


def translatable(text: str) -> bool:
    """Return whether *text* holds a word or a number outside of its markup."""
    marks = [replace(mark, shown="") for mark in markup.scan(text)]
    return any(char.isalnum() for char in markup.plain(text, marks)[0])


def sentence_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Return the start and end of each sentence of Markdown *text*, without the space around it.

    Inline markup stays inside its sentence and never breaks one. Where one pair of marks holds
    several whole sentences (``**One. Two.**``), or all of the text, it belongs to none of them.
    """
    marks = markup.scan(text)
    closing = {mark.partner: mark for mark in marks if mark.kind == "close"}
    pairs = [(mark, closing[mark.start]) for mark in marks if mark.kind == "open"]
    spaces = [mark for mark in marks if mark.shown.isspace()]  # &nbsp;
    edges = _covered([*chain.from_iterable(pairs), *spaces])
    ink = [*accumulate((not (c.isspace() or n in edges) for n, c in enumerate(text)), initial=0)]
    cuts = _allowed(_cuts(text, marks, language), pairs, ink)
    loose = list(spaces)
    for opening, closer in pairs:
        whole = ink[opening.start] == 0 and ink[closer.end] == ink[-1]
        if whole or _inside(cuts, opening, closer):
            loose += (opening, closer)
    between = _covered(loose)
    spans = []
    for start, end in pairwise([0, *cuts, len(text)]):
        while start < end and (text[start].isspace() or start in between):
            start += 1
        while start < end and (text[end - 1].isspace() or end - 1 in between):
            end -= 1
        if start < end:
            spans.append((start, end))
    return spans


def _covered(marks: Iterable[Mark]) -> set[int]:
    return {at for mark in marks for at in range(mark.start, mark.end)}


def _cuts(text: str, marks: Sequence[Mark], language: str) -> list[int]:
    """Return the starts of sentences of *text* without markup, as offsets in *text*."""
    shown, offsets = _readable(text, marks)
    atoms = {mark.start: mark.end for mark in marks if mark.kind == "atom"}
    cuts = {atoms.get(offsets[p - 1], offsets[p - 1] + 1) for p in boundaries(shown, language)}
    return sorted(cuts - {len(text)})


_WORD = "link"


def _readable(text: str, marks: Sequence[Mark]) -> tuple[str, list[int]]:
    """Return *text* as `markup.plain` does, but no link of one letter: that reads as an initial."""
    shown, offsets = markup.plain(text, marks)
    letters = {
        mark.partner + 1
        for mark in marks
        if mark.kind == "close" and mark.start == mark.partner + 2 and text[mark.partner] == "["
        if text[mark.partner + 1].isalpha() and text.startswith(".", mark.end)
    }
    if not letters:
        return shown, offsets
    words = [char + _WORD * (at in letters) for char, at in zip(shown, offsets, strict=True)]
    return "".join(words), [at for at, w in zip(offsets, words, strict=True) for _ in w]


def _inside(cuts: Sequence[int], opening: Mark, closer: Mark) -> slice | None:
    """Return the slice of *cuts* that lie within a pair of marks; None for none."""
    first, last = bisect_left(cuts, opening.end), bisect_right(cuts, closer.start)
    return slice(first, last) if first < last else None


def _allowed(cuts: list[int], pairs: Sequence[tuple[Mark, Mark]], ink: Sequence[int]) -> list[int]:
    """Return *cuts* without those in a pair of marks that holds more than whole sentences.

    To take a cut away may make a sentence longer than a neighbouring pair: so again, in turns
    from both ends.
    """
    ordered = list(pairs)
    while True:
        before = len(cuts)
        for opening, closer in ordered:
            found = _inside(cuts, opening, closer)
            if not found:
                continue
            first, last = bisect_right(cuts, opening.start), bisect_left(cuts, closer.end)
            start = cuts[first - 1] if first else 0
            end = cuts[last] if last < len(cuts) else len(ink) - 1
            if ink[start] != ink[opening.start] or ink[closer.end] != ink[end]:
                del cuts[found]
        if len(cuts) == before:
            return cuts
        ordered.reverse()
