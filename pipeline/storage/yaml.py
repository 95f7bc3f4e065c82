"""YAML, read and added to. The only module that knows ruamel.yaml.

Its round-trip loader keeps ``no`` a word, refuses a duplicate key, and knows lines; written again,
a file keeps its comments and order.
"""

from __future__ import annotations

import io
import re
import warnings

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap as CommentedMap
from ruamel.yaml.comments import CommentedSeq as CommentedSeq
from ruamel.yaml.error import YAMLError, YAMLWarning


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
            return reader.load(text)
    except (YAMLError, YAMLWarning, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).strip().split("\n")[0]
        if isinstance(error, TypeError):
            problem = "a key is a list or a mapping, not a word"
        raise YamlProblem(str(problem), mark.line + 1 if mark else None) from error


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
