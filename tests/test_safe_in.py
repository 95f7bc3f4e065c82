"""Hostile files that come into a project end in an error of their own; the rest is done."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from helpers import Sample

from pipeline.api import read_article
from pipeline.cli import main
from pipeline.errors import PipelineError
from pipeline.formats import read
from pipeline.project.session import open_session
from pipeline.storage import yaml

SETTINGS = '[tool.pipeline]\nlocales = ["es", "fr"]\nengine = "pseudo"\n'
GOOD = "The council keeps the old school open for all of us.\n"


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    made = Sample(tmp_path / "project")
    made.write("pyproject.toml", SETTINGS)
    made.write("source_texts/good.txt", GOOD)
    return made


def ran(project: Sample, *arguments: str) -> tuple[int, str]:
    """Run the command in this process; give its code and all that it said."""
    from click.testing import CliRunner

    done = CliRunner().invoke(main, ["-C", str(project.root), *(arguments or ("run",))])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def bomb(levels: int, wide: int = 9) -> str:
    lines = ["l0: &l0 [x, y]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * wide)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


BOMBS = {
    "lists": (bomb(9), 4),
    "mappings": ("a: &a {k: v}\n" + "".join(f"b{n}: *a\n" for n in range(2000)), 252),
    "merge keys": (
        "a0: &a0 {k: v}\n"
        + "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
        None,
    ),
    "merges itself": ("x: y\na: &a\n  <<: *a\n", 3),
    "holds itself": ("x: y\na: &a\n  b: [*a]\n", 3),
    "deep": ("a:\n" + "".join(" " * n + "- \n" for n in range(1, 1500)), None),
}


@pytest.mark.parametrize(("text", "line"), BOMBS.values(), ids=BOMBS)
def test_yaml_that_makes_much_of_little_is_refused_at_once(text: str, line: int | None) -> None:
    began = time.perf_counter()
    with pytest.raises(yaml.YamlProblem) as caught:
        yaml.load(text)
    assert time.perf_counter() - began < 1
    assert caught.value.line
    assert line in {None, caught.value.line}


@pytest.mark.parametrize("text", ["a: !!bool x", "a: !!set [1]", "a: !!int {}", "a: !!omap [1]"])
def test_whatever_the_yaml_library_raises_is_a_problem(text: str) -> None:
    with pytest.raises(yaml.YamlProblem, match=r"\w"):
        yaml.load(text)


def test_aliases_in_good_measure_are_followed() -> None:
    said = "n: &n noun\nbase: &b {pos: noun}\nterms:\n" + "".join(
        f"- <<: *b\n  term: t{n}\n  pos: *n\n" for n in range(100)
    )
    data = yaml.load(said)
    assert isinstance(data, dict)
    assert data["terms"][99]["pos"] == "noun"
    assert isinstance(yaml.load("a: " + "[" * 60 + "]" * 60), dict)


def test_a_bomb_in_a_source_names_file_and_line_and_the_others_go_on(project: Sample) -> None:
    project.write("source_texts/bad.md", f"---\ntitle: One\n{bomb(9)}---\n\nHello there.\n")
    project.write("source_texts/own.md", "---\ntitle: One\na: &a\n  <<: *a\n---\n\nHello there.\n")
    code, said = ran(project)
    assert code == 1
    assert "source_texts/bad.md: its front matter is no YAML, line 6: " in said
    assert "source_texts/own.md: its front matter is no YAML, line 4: " in said
    assert project.po("es", "good")[0].msgstr
    assert not (project.root / "locales/es/LC_MESSAGES/bad.po").exists()


def test_a_bomb_in_the_glossary_names_file_and_line(project: Sample) -> None:
    project.write("glossary.yaml", bomb(10) + "terms: *l9\n")
    code, said = ran(project)
    assert code == 1
    assert "glossary.yaml:4: too much is repeated" in said


@pytest.mark.parametrize("fault", [ValueError("odd\nthing"), AssertionError(), RecursionError("r")])
def test_a_fault_of_a_reader_is_an_error_of_that_source(
    project: Sample, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    project.write("source_texts/bad.txt", "Sentence one is bad.\n")
    real = read.read

    def broken(text: str, *arguments: object) -> object:
        if "bad" in text:
            raise fault
        return real(text, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.formats.read.read", broken)
    code, said = ran(project)
    assert code == 1
    assert f"Error: source_texts/bad.txt: it cannot be read ({type(fault).__name__}" in said
    assert project.po("es", "good")[0].msgstr


def test_an_interrupt_while_a_source_is_read_is_none(
    project: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.formats.read.read", stopped)
    with pytest.raises(KeyboardInterrupt), open_session(project.root) as session:
        session.articles()


def test_what_is_read_by_itself_says_so_as_well() -> None:
    with pytest.raises(PipelineError, match="line 3"):
        read_article("---\na: &a\n  <<: *a\n---\n\nOne.\n", ".md", "a", "en")
