"""Imports only go down (law 10): the table of floors, held against every import there is.

Those inside functions and under TYPE_CHECKING count as well: they are how a circle is hidden.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import pipeline

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "model", "engines.progress", "engines.routes"),
    ("text", "storage", "plugins", "engines.base"),
    ("changes", "terminology", "engines.cache", "engines.manual", "engines.pseudo"),
    ("catalog", "checks", "engines.terms", "engines.remote"),
    ("formats", "memory", "drafting", "publish", "engines.argos", "engines.apertium"),
    ("engines.registry", "workflow"),
    ("engines.install",),
    ("project",),
    ("api", "cli"),
    ("__init__", "__main__"),
)
"""The rooms of each floor. A room imports from lower floors and from itself."""

ROOT = Path(pipeline.__file__).parent


def _room(module: str) -> str:
    _, *parts = module.split(".")
    if not parts:
        return "__init__"
    return ".".join(parts[:2]) if parts[0] == "engines" else parts[0]


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(text: str, modules: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "say the whole name of what is imported"
            if (node.module or "").split(".")[0] == "pipeline":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield whole if whole in modules else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] == "pipeline")


def climbs(root: Path) -> list[str]:
    """Return what is wrong with the imports of the package in *root*: nothing, if all go down."""
    files = {_name(path, root): path for path in sorted(root.rglob("*.py"))}
    graph = {
        name: set(_imports(path.read_text(encoding="utf-8"), set(files)))
        for name, path in files.items()
    }
    floor = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
    wrong = []
    for name, needs in graph.items():
        if name == "pipeline.engines":  # a docstring, and no code
            continue
        for needed in needs - {name, "pipeline"}:
            one, other = _room(name), _room(needed)
            if one not in floor or other not in floor:
                wrong.append(f"{one} or {other} is on no floor")
            elif one != other and floor[one] <= floor[other]:
                wrong.append(f"{name} imports {needed}")
    return wrong + _circle(graph)


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    done: set[str] = set()
    while len(done) < len(graph):
        free = {n for n, needs in graph.items() if n not in done and needs - {n} <= done}
        if not free:
            return [f"these import each other: {sorted(set(graph) - done)}"]
        done |= free
    return []


def test_imports_only_go_down() -> None:
    assert climbs(ROOT) == []


@pytest.mark.parametrize(
    "line",
    [
        "from pipeline.project.project import Project",
        "def late() -> None:\n    from pipeline.project import project",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pipeline.project.project",
        "from pipeline.catalog import merge3",
    ],
    ids=["at load time", "in a function", "for types alone", "a circle"],
)
def test_an_import_that_goes_up_is_found(line: str, tmp_path: Path) -> None:
    """Add each kind of upward import to a copy of the package."""
    copy = tmp_path / "pipeline"
    for path in ROOT.rglob("*.py"):
        to = copy / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    file = copy / "catalog" / "provenance.py"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    assert climbs(copy)


def test_no_module_is_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) >= 500
    }
    assert not long


def test_each_package_says_its_job() -> None:
    """Say what a package is for in its docstring, and what it must never know."""
    for path in ROOT.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert len(said) > 60, path
