"""The difference of two sentences, shown in one line."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Indel

from pipeline.changes.tokens import Token, detokenize

_SHOWN = 3
"""Differences that are shown, at most."""
_CONTEXT = 3
"""Words of context before and after a difference."""
_PIECE = 60
"""Characters of either side of a difference, at most."""


def show_difference(
    one: Sequence[Token], two: Sequence[Token]
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the pieces that differ, and a line that shows them in their places."""
    one, two = ([t for t in side if t.kind != "joint"] for side in (one, two))
    ids: dict[str, int] = {}
    texts = [[ids.setdefault(t.text, len(ids)) for t in side] for side in (one, two)]
    hunks: list[tuple[int, int, int, int]] = []
    for code in Indel.opcodes(*texts):
        span = (code.src_start, code.src_end, code.dest_start, code.dest_end)
        if code.tag == "equal":
            continue
        if hunks and hunks[-1][1] == span[0] and hunks[-1][3] == span[2]:
            hunks[-1] = (hunks[-1][0], span[1], hunks[-1][2], span[3])
        else:
            hunks.append(span)
    pieces = tuple((detokenize(one[a:b]), detokenize(two[c:d])) for a, b, c, d in hunks)
    return pieces, _line(one, two, hunks[:_SHOWN], pieces, more=len(hunks) > _SHOWN)


def _line(
    old: Sequence[Token],
    new: Sequence[Token],
    hunks: Sequence[tuple[int, int, int, int]],
    pieces: Sequence[tuple[str, str]],
    *,
    more: bool,
) -> str:
    if not hunks:
        return ""
    at = max(0, hunks[0][2] - _CONTEXT)
    said = "… " if at else ""
    for n, ((a, _, c, d), (gone, come)) in enumerate(zip(hunks, pieces, strict=False)):
        between = new[at:c]
        if n and len(between) > 2 * _CONTEXT:
            said += f"{_after(between[:_CONTEXT])} …{_after(between[-_CONTEXT:])}"
        else:
            said += _after(between)
        first = new[c] if c < d else old[a]
        said += " " * first.spaced
        said += f"[{_short(gone)}{' ' * bool(gone)}→{' ' * bool(come)}{_short(come)}]"
        at = d
    said += _after(new[at : at + _CONTEXT])
    return " ".join(said.split()) + " …" * (more or len(new) > at + _CONTEXT)


def _after(tokens: Sequence[Token]) -> str:
    """Return *tokens* as they read after other words."""
    return " " * (tokens[0].spaced if tokens else False) + detokenize(tokens)


def _short(piece: str) -> str:
    half = _PIECE // 2
    return piece if len(piece) <= _PIECE else f"{piece[:half].rstrip()}…{piece[-half:].lstrip()}"
