"""Front matter: YAML between ``---``, TOML between ``+++``, at the top of a text file."""

from __future__ import annotations

import re
import tomllib
import warnings
from collections.abc import Mapping, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError, YAMLWarning

from pipeline.clean import Source
from pipeline.errors import SourceError
from pipeline.model import Block, Piece, Role, Skeleton

TRANSLATED = {"title": Role.TITLE, "description": Role.SUMMARY, "summary": Role.SUMMARY}
"""The fields that are shown to readers, and so to translators."""

_FENCED = re.compile(
    r"(?P<fence>---|\+\+\+)[ \t]*\n(?P<body>(?:.*\n)*?)(?P=fence)[ \t]*(?:\n|\Z)\n*"
)


def split(source: Source) -> tuple[Mapping[str, object], list[Piece], int]:
    """Return the front matter of *source*, its pieces, and where the body begins.

    Raises:
        SourceError: it is no YAML or TOML, or no mapping.

    """
    match = _FENCED.match(source.text)
    if not match:
        return {}, [], 0
    meta: Mapping[str, object]
    if match["fence"] == "+++":
        meta, values = _toml(match["body"])
    else:
        meta, values = _yaml(match["body"])
    pieces: list[Piece] = []
    at = 0
    for start, end, key in values:
        start, end = start + match.start("body"), end + match.start("body")
        pieces.append(_skeleton(source, at, start))
        value = str(meta[key])
        inner = source.text[start + 1 : end - 1]
        if source.text[start:end] == value:
            pieces.append(Block(source.runs(start, end), TRANSLATED[key], key))
        elif inner == value:
            pieces.append(_skeleton(source, start, start + 1))
            pieces.append(Block(source.runs(start + 1, end - 1), TRANSLATED[key], key))
            pieces.append(_skeleton(source, end - 1, end))
        else:
            shown = re.sub(r"\s+", " ", value).strip()
            pieces.append(Block(source.runs(start, end, shown), TRANSLATED[key], key))
        at = end
    pieces.append(_skeleton(source, at, match.end()))
    return {str(key): plain(meta[key]) for key in meta}, pieces, match.end()


_Values = list[tuple[int, int, str]]
"""Where the values of the translated fields stand: start, end, field."""


def _skeleton(source: Source, start: int, end: int) -> Skeleton:
    return Skeleton("".join(run.source for run in source.runs(start, end)), "")


_TOML = re.compile(
    rf"^[ \t]*(?P<key>{'|'.join(TRANSLATED)})[ \t]*=[ \t]*"
    r"(?P<value>\"\"\"(?:[^\\]|\\.)*?\"{3,5}|'''(?:.*?)'{3,5}|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')",
    re.MULTILINE | re.DOTALL,
)


def _toml(body: str) -> tuple[Mapping[str, object], _Values]:
    try:
        meta = tomllib.loads(body)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(f"its front matter is no TOML: {error}") from None
    table = re.search(r"^[ \t]*\[", body, re.MULTILINE)
    found = _TOML.finditer(body, 0, table.start() if table else len(body))
    values = [(*m.span("value"), m["key"]) for m in found if _is_text(meta.get(m["key"]))]
    return meta, values


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _yaml(body: str) -> tuple[CommentedMap, _Values]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            meta = YAML(typ="rt", pure=True).load(body)
    except (YAMLError, YAMLWarning, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise SourceError(f"its front matter is no YAML{line}: {problem}") from None
    if meta is None:
        return CommentedMap(), []
    if not isinstance(meta, CommentedMap):
        raise SourceError("its front matter is no mapping of names to values")
    return meta, _values(body, meta)


def _values(body: str, meta: CommentedMap) -> _Values:
    """Return where the value of each translated field stands in *body*, in order."""
    starts = [0]
    for line in body.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    firsts = [*sorted(meta.lc.key(key)[0] for key in meta), len(starts) - 1]
    found = []
    for key in meta:
        if key in TRANSLATED and _is_text(meta[key]):
            line, column = meta.lc.value(key)
            after = next(n for n in firsts if n > meta.lc.key(key)[0])
            start, end = starts[line] + column, starts[after]
            region = body[start:end].rstrip()
            if meta[key] in region[:1] + region and not region.startswith((">", "|")):
                comment = region.find(" #", len(meta[key]))
                region = region[:comment].rstrip() if comment > 0 else region
            found.append((start, start + len(region), key))
    return sorted(found)


def plain(value: object) -> object:
    """Return a ruamel value as plain dicts, lists and scalars."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value
