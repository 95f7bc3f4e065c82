"""Docstrings begin with the term of the field: none begins with What, That or Of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline

ROOT = Path(pipeline.__file__).parent
OTHERS = frozenset({"checks/"})
"""Files that are not reworded yet, or folders, which end in a slash."""

_VAGUE = re.compile(r"\s*(?:What|That|Of)\b")


def vague(text: str) -> Iterator[int]:
    """Give the lines of docstrings in *text* that begin with one of the words."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said = node.value.value
            if isinstance(said, str) and _VAGUE.match(said):
                yield node.lineno


def test_docstrings_begin_with_the_term() -> None:
    found = [
        f"{name}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if not (name := path.relative_to(ROOT).as_posix()).startswith(tuple(OTHERS))
        for line in vague(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        '"""What is done."""',
        'def one() -> None:\n    """That it is so."""',
        'class One:\n    """A class."""\n\n    two: int\n    """Of one: the other."""',
    ],
    ids=["a module", "a function", "a field"],
)
def test_a_vague_beginning_is_found(text: str) -> None:
    assert list(vague(text))


def test_a_term_passes() -> None:
    assert not list(vague('"""Offsets of the words."""'))
