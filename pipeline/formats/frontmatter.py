"""Front matter at the top of a text file: YAML between ``---``, TOML between ``+++``, or JSON."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Mapping, Sequence

from pipeline.errors import SourceError
from pipeline.model import Block, Piece, Role, Skeleton
from pipeline.storage import yaml
from pipeline.storage.yaml import CommentedMap
from pipeline.text.source import UNREADABLE, Source

TRANSLATED = {"title": Role.TITLE, "description": Role.SUMMARY, "summary": Role.SUMMARY}
"""Fields that readers see, and so translators."""

_FENCED = re.compile(
    r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)\n*"
    r"|\+\+\+[ \t]*\n(?P<toml>(?:.*\n)*?)\+\+\+[ \t]*(?:\n|\Z)\n*"
)
_KEY = re.compile(r"^[\"']?[^\W\d][\w-]*[\"']?[ \t]*:(?:\s|$)", re.MULTILINE)
_BRACED = re.compile(r"\{\s*\"[^\"\n]*\"\s*:")


def split(source: Source) -> tuple[Mapping[str, object], list[Piece], int]:
    """Return the front matter of *source*, its pieces, and the start of the body.

    A text may also begin with ``---`` as a thematic break: if no line after it looks like
    ``name: value``, and it is no YAML, it is text.

    Raises:
        SourceError: it is no YAML, TOML or JSON, or no mapping.

    """
    meta: Mapping[str, object]
    if _BRACED.match(source.text):
        meta, values, end = _json(source.text)
    elif match := _FENCED.match(source.text):
        kind = str(match.lastgroup)
        try:
            meta, values = (_toml if kind == "toml" else _yaml)(match[kind])
        except SourceError:
            if kind == "toml" or _KEY.search(match[kind]):
                raise
            return {}, [], 0
        first, end = match.start(kind), match.end()
        values = [(start + first, stop + first, key) for start, stop, key in values]
    else:
        return {}, [], 0
    cleaned = {UNREADABLE.sub("", str(key)): plain(meta[key]) for key in meta}
    return cleaned, _pieces(source, meta, values, end), end


def _pieces(source: Source, meta: Mapping[str, object], values: _Values, body: int) -> list[Piece]:
    """Return the front matter as pieces; the *body* of the text begins after it."""
    pieces: list[Piece] = []
    at = 0
    for start, end, key in values:
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
            shown = re.sub(r"\s+", " ", UNREADABLE.sub("", value)).strip()
            pieces.append(Block(source.runs(start, end, shown), TRANSLATED[key], key))
        at = end
    pieces.append(_skeleton(source, at, body))
    return pieces


_Values = list[tuple[int, int, str]]
"""Places of the values of translated fields: start, end, field."""


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
        _check_dates(body)
        raise SourceError(f"its front matter is no TOML: {error}") from None
    table = re.search(r"^[ \t]*\[", body, re.MULTILINE)
    found = _TOML.finditer(body, 0, table.start() if table else len(body))
    values = [(*m.span("value"), m["key"]) for m in found if _is_text(meta.get(m["key"]))]
    return meta, values


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_DATE = re.compile(r"[:=,\[-][ \t]*(?P<date>\d{4}-(?P<month>\d\d?)-(?P<day>\d\d?))(?!\d)")


def _check_dates(body: str) -> None:
    """Name a date that does not exist in a front matter, as its parsers do not."""
    for match in _DATE.finditer(body):
        try:
            datetime.date(int(match["date"][:4]), int(match["month"]), int(match["day"]))
        except ValueError:
            line = body.count("\n", 0, match.start()) + 2
            raise SourceError(
                f"its front matter has a date that does not exist, line {line}: {match['date']}"
            ) from None


_COLON = re.compile(r"\s*:\s*")


def _json(text: str) -> tuple[Mapping[str, object], _Values, int]:
    """Return the JSON object at the start of *text*, its values, and the start of the body."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    try:
        meta, end = decoder.raw_decode(text)
        json.dumps(meta, ensure_ascii=False, allow_nan=False).encode()  # no half characters
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        problem = getattr(error, "msg", None) or str(error)
        raise SourceError(f"its front matter is no JSON{line}: {problem}") from None
    values = []
    at = 1
    for key in meta:
        _, at = decoder.raw_decode(text, text.index('"', at))
        colon = _COLON.match(text, at)
        assert colon
        value, at = decoder.raw_decode(text, colon.end())
        if key in TRANSLATED and _is_text(value):
            values.append((colon.end(), at, key))
    rest = re.compile(r"[ \t]*\n*").match(text, end)
    return meta, values, rest.end() if rest else end


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _yaml(body: str) -> tuple[CommentedMap, _Values]:
    try:
        meta = yaml.load(body)
    except yaml.YamlProblem as error:
        if isinstance(error.__cause__, ValueError):
            _check_dates(body)
        line = f", line {error.line + 1}" if error.line else ""
        raise SourceError(f"its front matter is no YAML{line}: {error}") from None
    if meta is None:
        return CommentedMap(), []
    if not isinstance(meta, CommentedMap):
        raise SourceError("its front matter is no mapping of names to values")
    return meta, _values(body, meta)


def _values(body: str, meta: CommentedMap) -> _Values:
    """Return the place of each translated field's value in *body*, in order."""
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
    """Return a ruamel value as plain dicts, lists and scalars, without unreadable characters."""
    if isinstance(value, Mapping):
        return {UNREADABLE.sub("", str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return UNREADABLE.sub("", value)
    return value
