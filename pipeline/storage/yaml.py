"""Reading YAML, and adding to it. The only module that knows ruamel.yaml.

Its round-trip loader keeps ``no`` a word, refuses a key that is there twice, and knows lines; what
it writes again has the comments and the order of what it read.
"""

from __future__ import annotations

import io
import re
import warnings

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap as CommentedMap
from ruamel.yaml.comments import CommentedSeq as CommentedSeq
from ruamel.yaml.error import YAMLError, YAMLWarning
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

_ALIASES, _REPEATED, _DEPTH = 250, 2_500, 100
"""Bounds of a text: aliases of lists and mappings, values that all aliases repeat together, and
lists and mappings within each other.

ruamel.yaml takes half a second for as many; what it takes grows with their square.
"""
_INDENTED = re.compile(rf"^[ ?-]{{{_DEPTH}}}", re.MULTILINE)


class YamlProblem(ValueError):
    """A text is no YAML; says what is wrong, and in which line of it, counted from 1."""

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.line = line


def load(text: str) -> object:
    """Return what *text* says: None where it says nothing.

    Raises:
        YamlProblem: its cause is a ValueError where a value cannot be, such as an impossible date.

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
    """Return what `load` read from *like*, changed, as text: indented, and ended, as *like* is.

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
    """Return a mapping that is written on one line: ``{a: b}``."""
    made = CommentedMap(
        {key: listed(v) if isinstance(v, tuple) else v for key, v in values.items() if v}
    )
    made.fa.set_flow_style()
    return made


def listed(values: tuple[str, ...]) -> CommentedSeq:
    """Return a list that is written on one line: ``[a, b]``."""
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made
