"""Signature of an article: the short lines at its end, with or without a date beside them.

Beside a date, being short is enough. Without one, the words of a line have to show its role.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

from pipeline.formats.boilerplate_phrases import is_furniture
from pipeline.formats.overrides import verdict_of
from pipeline.model import Block, DateLine, Dropped, Piece, Role, Skeleton
from pipeline.text import markup, source, tables
from pipeline.text.words import NAME

LINES = frozenset({Role.PARAGRAPH, Role.SIGNATURE, Role.BYLINE})
"""Roles that a line of a signature may have before it is known to be one."""
_FAREWELL = 12
"""Words in a line of a signature, at most."""
_AFTER = 3
"""Lines of a signature below its date, at most."""


def closing(pieces: Sequence[Piece]) -> int | None:
    """Return the index in *pieces* of the date beside the signature; None for none."""
    dates = [n for n, p in enumerate(pieces) if isinstance(p, DateLine) and not p.field]
    if not dates or sum(isinstance(p, Block) for p in pieces[dates[-1] :]) > _AFTER:
        return None
    return dates[-1]


def sign(
    pieces: Sequence[Piece], closing: int | None, language: str, told: Mapping[str, object]
) -> list[Piece]:
    """Give the short lines at the end the role of a signature.

    They stand beside the *closing* date, or else they read like one; *told* are the
    coordinator's verdicts.
    """
    lines = _beside(pieces) if closing is not None else _undated(pieces, language, told)
    signed = list(pieces)
    for n, block in lines.items():
        signed[n] = replace(block, role=Role.SIGNATURE)
    return signed


def _beside(pieces: Sequence[Piece]) -> dict[int, Block]:
    """Return the short lines beside the date at the end."""
    lines: dict[int, Block] = {}
    for n in range(len(pieces) - 1, -1, -1):
        piece = pieces[n]
        if isinstance(piece, Skeleton) and not set(piece.text) & set("#|`<*"):
            continue
        if isinstance(piece, Block) and not piece.field and _is_signature(piece):
            lines[n] = piece
        elif not isinstance(piece, Dropped | DateLine):
            break
    return lines


def _is_signature(block: Block) -> bool:
    shown = markup.shown(source.join_text(block.runs)).rstrip()
    words = shown.split()
    if block.role not in LINES or len(words) > _FAREWELL or shown.endswith(("!", "?", "؟", ":")):
        return False
    titled = all(word[0].isupper() for word in words if len(word) > 3)
    return not shown.endswith(".") or titled or len(words) <= 3


def _phrases(name: str) -> Mapping[str, Sequence[str]]:
    return tables.phrases("formats/signature", "office", "farewell", "slogan")[name]


@cache
def _office() -> re.Pattern[str]:
    """Match how words begin that name organisations and who speaks for them."""
    found = _phrases("office")
    arabic = "|".join(found["ar"])
    other = "|".join(word for code in found if code != "ar" for word in found[code])
    return re.compile(rf"\b(?:{other})|(?:^|\s)(?:ال)?(?:{arabic})", re.IGNORECASE)


@cache
def _farewells() -> re.Pattern[str]:
    known = "|".join(chain.from_iterable(_phrases("farewell").values()))
    return re.compile(rf".*[,،]|(?:{known})\b.*[^.!?؟]", re.IGNORECASE | re.DOTALL)


@cache
def _slogan_words() -> frozenset[str]:
    """Return words that slogans in title case have, and names have not."""
    return frozenset(chain.from_iterable(_phrases("slogan").values()))


def _undated(
    pieces: Sequence[Piece], language: str, told: Mapping[str, object]
) -> dict[int, Block]:
    """Return the short lines at the very end, where they read like a signature."""
    lines: dict[int, Block] = {}
    above: Block | None = None
    for n in range(len(pieces) - 1, -1, -1):
        piece = pieces[n]
        if isinstance(piece, Block) and not piece.field:
            shown = _shown(piece)
            fits = piece.role in LINES and verdict_of(told, shown) is None
            if not fits or not _may_sign(shown, language):
                above = piece
                break
            lines[n] = piece
        elif isinstance(piece, DateLine) or (
            isinstance(piece, Skeleton) and set(piece.text) & set("#|`<*>")
        ):
            break
    names = [_shown(block) for _, block in sorted(lines.items())]
    if not names or len(names) > _AFTER or above is None or not _ends_text(above):
        return {}
    farewell = is_farewell(names[0])
    names = names[farewell:]
    calls = above.role is Role.SLOGAN or _shown(above).endswith("!")  # so this may be one, too
    cased = any(char.isupper() for shown in names for char in shown)
    sure = farewell or any(_office().search(shown) for shown in names) or (cased and not calls)
    return lines if names and sure and all(_is_name(shown) for shown in names) else {}


def _shown(block: Block) -> str:
    return markup.shown(source.join_text(block.runs)).strip()


def _ends_text(block: Block) -> bool:
    """Return whether a signature may follow *block*: text that has come to its end."""
    if block.role in {Role.PARAGRAPH, Role.QUOTE}:
        return _shown(block).rstrip(" \"'”’»)").endswith((".", "!", "?", "…", "؟", "。"))
    return block.role in {Role.SLOGAN, Role.ITEM}


def is_farewell(shown: str) -> bool:
    """Return whether *shown* takes leave: ``With solidarity,``."""
    return len(shown.split()) <= 8 and _farewells().fullmatch(shown) is not None


def _may_sign(shown: str, language: str) -> bool:
    """Return whether *shown* may be a farewell or a name; see `_undated` for the lines together."""
    return not is_furniture(shown, language) and (is_farewell(shown) or _is_name(shown))


def _is_name(shown: str) -> bool:
    """Return whether *shown* reads like the name of a person, an office or an organisation."""
    words = NAME.findall(shown)
    office = _office().search(shown)
    if not words or len(shown.split()) > (_FAREWELL if office else 6):
        return False
    if re.search(r"[\d@:;/©!?؟…|]|[,،]$", shown) or (shown.endswith(".") and not office):
        return False
    spoken = _slogan_words() & {word.lower() for word in words if word[0].isupper() or not office}
    titled = not any(word[0].islower() and len(word) > 3 for word in words)
    return not spoken and titled and not words[0][0].islower() and (len(words) > 1 or bool(office))
