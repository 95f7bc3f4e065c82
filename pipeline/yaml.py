"""Reading YAML. The only module that knows ruamel.yaml.

Its round-trip loader keeps ``no`` a word, refuses a key that is there twice, and knows lines.
"""

from __future__ import annotations

import warnings

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap as CommentedMap
from ruamel.yaml.error import YAMLError, YAMLWarning


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
            return YAML(typ="rt", pure=True).load(text)
    except (YAMLError, YAMLWarning, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise YamlProblem(str(problem), mark.line + 1 if mark else None) from error
