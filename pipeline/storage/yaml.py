"""YAML: read, added to, and written. The only module that knows ruamel.yaml.

Its round-trip loader keeps ``no`` a word, refuses a duplicate key, and knows lines; written again,
a file keeps its comments and order.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap as CommentedMap
from ruamel.yaml.comments import CommentedSeq as CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import YAMLError, YAMLWarning
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode
from ruamel.yaml.representer import SafeRepresenter

_ALIASES, _REPEATED, _DEPTH = 250, 2_500, 100
"""Bounds of a text: aliases of lists and mappings, values that all aliases repeat together, and
lists and mappings within each other.

ruamel.yaml takes half a second for as many; what it takes grows with their square.
"""
_INDENTED = re.compile(rf"^[ ?-]{{{_DEPTH}}}", re.MULTILINE)


class YamlProblem(ValueError):
    """An error in a YAML text, with its line, counted from 1."""

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.line = line


def load(text: str) -> object:
    """Return the value in *text*; None if it is empty.

    Raises:
        YamlProblem: its cause is a ValueError for an impossible value, such as a date.

    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            reader = YAML(typ="rt", pure=True)
            reader.preserve_quotes = True
            if "*" in text or text.count("[") + text.count("{") > _DEPTH or _INDENTED.search(text):
                _check_size(text)
            return reader.load(text)
    except YamlProblem:
        raise
    except Exception as error:  # its constructor lets an AttributeError or a KeyError through
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).strip().split("\n")[0]
        if isinstance(error, TypeError):
            problem = "a key is a list or a mapping, not a word"
        elif not isinstance(error, YAMLError | YAMLWarning | ValueError | RecursionError):
            problem = f"it cannot be read ({type(error).__name__}: {problem})"
        raise YamlProblem(str(problem), mark.line + 1 if mark else None) from error


def _check_size(text: str) -> None:
    """Refuse nesting without end, and aliases that make much of little, before any is built.

    Raises:
        YamlProblem: with the line of the alias, or of the list or mapping.

    """
    sizes: dict[str, int] = {}
    """Values below each anchor, with what aliases in it repeat; 0 as long as it is not closed."""
    is_list: set[str] = set()
    unclosed: list[tuple[str | None, int]] = []
    total = repeated = aliases = 0
    for event in YAML(typ="rt", pure=True).parse(text):
        if isinstance(event, AliasEvent):
            name, line = event.anchor, event.start_mark.line + 1
            if sizes.get(name) == 0:
                raise YamlProblem(f"*{name} stands in what it repeats: &{name}", line)
            size = sizes.get(name, 1)
            total, repeated = total + size, repeated + size
            aliases += name in is_list
            if repeated > _REPEATED or aliases > _ALIASES:
                raise YamlProblem(
                    f"too much is repeated by aliases, up to *{name}; write it out, or less of it",
                    line,
                )
        elif isinstance(event, CollectionStartEvent):
            total += 1
            unclosed.append((event.anchor, total))
            if len(unclosed) > _DEPTH:
                what = f"more than {_DEPTH} lists and mappings stand within each other"
                raise YamlProblem(what, event.start_mark.line + 1)
            if event.anchor:
                sizes[event.anchor] = 0
                is_list.add(event.anchor)
        elif isinstance(event, CollectionEndEvent):
            anchor, before = unclosed.pop()
            if anchor:
                sizes[anchor] = total - before + 1
        elif isinstance(event, ScalarEvent):
            size = 1 + len(event.value) // 100
            total += size
            if event.anchor:
                sizes[event.anchor] = size
                is_list.discard(event.anchor)


def dump(data: object, like: str) -> str:
    """Return *data*, which `load` read from *like*, as text with its indent and line ends.

    Comments and quotes stay. Spaces between columns, and breaks within a list, may not.
    """
    indents = [len(found[1]) for found in re.finditer(r"^( *)- ", like, re.MULTILINE)]
    offset = min(indents, default=2)
    out = io.StringIO()
    writer = YAML(typ="rt", pure=True)
    writer.preserve_quotes = True
    writer.width = 1_000_000  # or long lines would be folded
    writer.indent(mapping=2, sequence=offset + 2, offset=offset)
    writer.dump(data, out)
    text = out.getvalue()
    return text.replace("\n", "\r\n") if "\r\n" in like else text


def flow(**values: object) -> CommentedMap:
    """Return a mapping in flow style, on one line: ``{a: b}``."""
    made = CommentedMap(
        {key: listed(v) if isinstance(v, tuple) else v for key, v in values.items() if v}
    )
    made.fa.set_flow_style()
    return made


def listed(values: tuple[str, ...]) -> CommentedSeq:
    """Return a list in flow style, on one line: ``[a, b]``."""
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made


_PLAIN = re.compile(
    r"(?!(?:y|n|yes|no|on|off|true|false|null)\Z)[^\W\d]\w*(?:(?:[ .:/]|-+)\w+)*", re.IGNORECASE
)
"""A key that no version of YAML takes for anything but these words."""


class _Key(str):
    """A key that needs no quotes."""

    __slots__ = ()


class _Lines(dict[str, object]):
    """The outermost mapping: a line for each key."""


class _Writer(SafeRepresenter):
    """Values as JSON has them, which no reader of YAML takes for something else."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def lines(self, value: _Lines) -> MappingNode:
        return self.represent_mapping("tag:yaml.org,2002:map", value, flow_style=False)

    def key(self, value: _Key) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", str(value))

    def text(self, value: str) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", value, style='"')

    def date(self, value: datetime.date) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())

    def number(self, value: float) -> ScalarNode:
        """Return a number with the point that YAML 1.1 wants in it."""
        node = self.represent_float(value)
        if "." not in node.value:
            node.value = node.value.replace("e", ".0e")
        return node


class _Emitter(Emitter):
    def check_simple_key(self) -> bool:
        """Return whether a key goes before its colon, which PHP's YAML wants: line ends escaped."""
        event = self.event
        short = isinstance(event, ScalarEvent) and event.style == '"' and len(event.value) < 100
        return short or super().check_simple_key()


_Writer.add_representer(_Lines, _Writer.lines)
_Writer.add_representer(_Key, _Writer.key)
_Writer.add_representer(str, _Writer.text)
_Writer.add_representer(float, _Writer.number)
_Writer.add_representer(datetime.date, _Writer.date)
_Writer.add_representer(datetime.datetime, _Writer.date)


def write(data: Mapping[str, object]) -> str:
    """Return *data* as YAML: each key at the start of a line, values as JSON has them, dates plain.

    What is not printable is escaped: readers in Go, Ruby and PHP stop at it.
    """
    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.Emitter = _Emitter
    writer.Representer = _Writer
    writer.default_flow_style = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 2**62  # or long lines would be folded
    keyed = {_Key(key) if _PLAIN.fullmatch(key) else key: _bare(data[key]) for key in data}
    if keyed:
        writer.dump(_Lines(keyed), out)
    return out.getvalue()


def _bare(value: object) -> object:
    """Return *value* without what a parser knows of it: plain dicts, lists and scalars."""
    match value:
        case Mapping():
            return {str(key): _bare(item) for key, item in value.items()}
        case list() | tuple():
            return [_bare(item) for item in value]
        case None | bool():
            return value
        case int():
            return int(value)
        case float():
            return float(value)
        case datetime.datetime():
            return datetime.datetime.fromisoformat(value.isoformat())
        case datetime.date():
            return value
    return str(value)
