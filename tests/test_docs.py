"""Documentation: every command on its pages runs, every setting is one, every link leads somewhere.

Shell blocks run in order, in a small project made for their page. One that a test cannot run has
the comment ``<!-- not run: REASON -->`` above it; of its commands, name and options are checked.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner
from helpers import LETTER, ROOT, STATEMENT, Sample

from pipeline.cli.base import main
from pipeline.engines import registry
from pipeline.project import settings
from pipeline.terminology import glossary_file, validate

PAGES = ["README.md", "benchmarks/README.md"]
PAGES += sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))
LINKED = [*PAGES, "CHANGELOG.md", "tools/train/README.md", "tools/train_tiny/README.md"]
LANGUAGES = {"", "json", "markdown", "po", "python", "sh", "toml", "yaml"}
SETTINGS = '[tool.pipeline]\nlocales = ["es", "fr"]\n'

_FENCE = re.compile(r"```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXCUSE = re.compile(r"<!-- not run: .+ -->\n\Z")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
_OURS = re.compile(r"(?:pipeline|tools|tests|benchmarks|models|docs|\.ci)/[\w.*/-]*")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    line: int
    runs: bool
    """Whether nothing on the page says that it cannot run here."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line of a page."""

    text: str
    line: int
    runs: bool

    @property
    def words(self) -> list[str]:
        """Return its words without its comment, and without variables set for it."""
        words = shlex.split(self.text, comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        return [words[0].removeprefix(".venv/bin/"), *words[1:]] if words else []


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    return [
        Block(
            match[1],
            match[2],
            text.count("\n", 0, match.start()) + 1,
            not _EXCUSE.search(text, 0, match.start()),
        )
        for match in _FENCE.finditer(text)
    ]


def prose(text: str) -> str:
    """Return *text* with empty lines for its fenced blocks."""
    return _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)


def commands(text: str) -> list[Command]:
    """Return the command lines of shell blocks, and of tables whose first column has them."""
    found = [
        Command(line, block.line + n, block.runs)
        for block in blocks(text)
        if block.language == "sh"
        for n, line in enumerate(block.text.split("\n"), 1)
        if line.strip()
    ]
    plain = prose(text)
    found += [
        Command(match[1], plain.count("\n", 0, match.start()) + 1, True)
        for match in _CELL.finditer(plain)
        if match[1].startswith("pipeline ")
    ]
    return sorted(found, key=lambda command: command.line)


def invoke(words: list[str], given: str = "") -> str:
    """Run ``pipeline`` with *words* in this process; fail unless it exits with 0."""
    result = CliRunner().invoke(main, words, input=given)
    assert result.exit_code == 0, f"pipeline {shlex.join(words)}\n{result.output}"
    return result.output


def described(module: str | Path, words: list[str]) -> str:
    """Return the help of a program that argparse reads *words* for."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(module), *words, "--help"])
        start = partial(runpy.run_module, str(module), alter_sys=True)
        if isinstance(module, Path):
            patch.syspath_prepend(module.parent)
            start = partial(runpy.run_path, str(module))
        with pytest.raises(SystemExit) as ended:
            start(run_name="__main__")
    assert ended.value.code in (0, None)
    return out.getvalue()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with the files that the pages name; Spanish is approved in it."""
    project = Sample(tmp_path_factory.mktemp("docs") / "project")
    project.write("pyproject.toml", SETTINGS + 'engine = "pseudo"\n')
    project.write("glossary.yaml", "terms:\n  - tariff: {es: tarifa, fr: tarif}\n")
    project.write("source_texts/water-is-a-right.txt", STATEMENT)
    project.write("source_texts/open-letter-on-school-meals.md", LETTER)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.root)
        invoke(["run"])
        project.approve("es", "water-is-a-right")
        invoke(["run"])
        invoke(["memory", "export", "client.tmx"])
    catalog = project.root / "locales/es/LC_MESSAGES/water-is-a-right.po"
    for name in ("base.po", "mine.po", "yours.po"):
        shutil.copy(catalog, project.root / name)
    return project.root


@pytest.fixture
def project(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(template, folder)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs(page: str, project: Path) -> None:
    for command in commands(read(page)):
        where = f"{page}:{command.line}: {command.text}"
        given = "We demand a ceasefire.\n"
        words = command.words
        if words[0] == "echo":
            given, words = f"{words[1]}\n", words[words.index("|") + 1 :]
        match words:
            case ["pipeline", *rest] if command.runs:
                invoke(rest, given)
            case ["pipeline", *rest]:
                invoke([*rest, "--help"])
            case ["make", target]:
                assert target in _targets(), where
            case ["python", "-m", module, *rest]:
                _has_options(described(module, []), rest)
            case ["pip", *_]:
                assert not command.runs, where
            case _:
                pytest.fail(f"{where}: say in this test what to do with it")


def _targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))


def _has_options(help_text: str, words: list[str]) -> None:
    for word in words:
        if word.startswith("-"):
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", help_text), word


@pytest.mark.parametrize("page", PAGES)
def test_every_command_in_the_text_exists(page: str) -> None:
    for code in _CODE.findall(prose(read(page))):
        words = shlex.split(code) if code.startswith(("pipeline ", "make ", "python ")) else []
        match words:
            case ["pipeline", *rest]:
                invoke([*rest, "--help"])
            case ["make", target]:
                assert target in _targets(), code
            case ["python", "-m", module, "--help"]:
                described(module, [])
            case ["python", script, *rest]:
                inner = [word for word in rest[:1] if not word.startswith("-")]
                _has_options(described(ROOT / script, inner), rest)
            case _:
                assert not words, code


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_of_a_language_that_is_checked(page: str) -> None:
    for block in blocks(read(page)):
        assert block.language in LANGUAGES, f"{page}:{block.line}"
        if not block.language:
            assert not re.search(r"^(pipeline|make|\.venv/bin/)", block.text, re.MULTILINE), page


def _of(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in blocks(read(page)):
            if block.language == language:
                yield f"{page}:{block.line}", block.text


def test_settings_on_the_pages_are_settings(tmp_path: Path) -> None:
    for where, text in _of("toml"):
        whole = text if "[tool.pipeline]\n" in text else SETTINGS + text
        (tmp_path / "pyproject.toml").write_text(whole, encoding="utf-8")
        found = settings.load(tmp_path)
        for name, options in found.options.items():
            assert registry.load(name, options), where
        assert tomllib.loads(text), where


def test_glossaries_on_the_pages_are_glossaries() -> None:
    for where, text in _of("yaml"):
        glossary, problems = glossary_file.read(text)
        assert glossary.terms, where
        assert not problems, where
        assert not validate.problems(glossary, ["es", "fr"]), where


def test_every_key_of_a_glossary_is_explained() -> None:
    first = set(_CODE.findall("\n".join(re.findall(r"^\| (`[^|]+) \|", _terms(), re.MULTILINE))))
    assert first >= {*glossary_file._TERM_KEYS, *(set(glossary_file._TARGET_KEYS) - {"singular"})}


def _terms() -> str:
    return prose(read("docs/terminology.md"))


def test_manifests_on_the_pages_have_its_fields(template: Path) -> None:
    manifest = json.loads((template / "localized/manifest.json").read_text(encoding="utf-8"))
    fields: Mapping[str, object] = manifest["articles"][0]
    for where, text in _of("json"):
        assert json.loads(text).keys() <= fields.keys(), where
    explained = read("docs/website.md").split("## The manifest")[1].split("##")[0]
    assert {name for cell in re.findall(r"^\| (`.*?) \|", explained, re.MULTILINE)
            for name in _CODE.findall(cell)} == set(fields)  # fmt: skip


def test_front_matter_on_the_pages_is_explained(template: Path) -> None:
    for name in ("localized/es/water-is-a-right.md", "localized/preview/fr/water-is-a-right.md",
                 "localized/preview/fr/open-letter-on-school-meals.md"):  # fmt: skip
        text = (template / name).read_text(encoding="utf-8").split("---\n")[1]
        for field in re.findall(r"^(\w+):", text, re.MULTILINE):
            assert f"`{field}`" in read("docs/website.md"), field


def test_sources_and_catalogs_on_the_pages_are_read(project: Path) -> None:
    for where, text in _of("markdown"):
        (project / "source.md").write_text(text, encoding="utf-8")
        assert invoke(["clean", "source.md"]), where
    for where, text in _of("po"):
        assert list(polib.pofile(text)), where


@pytest.mark.parametrize("page", PAGES)
def test_programs_on_the_pages_run(page: str, project: Path) -> None:
    names: dict[str, object] = {"__name__": page}
    for block in blocks(read(page)):
        if block.language == "python":
            exec(compile(block.text, f"{page}:{block.line}", "exec"), names)


@pytest.mark.parametrize("page", LINKED)
def test_links_lead_somewhere(page: str) -> None:
    text = read(page)
    for link in _LINK.findall(prose(text)):
        path, _, heading = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        if heading:
            assert heading in _headings(target.read_text(encoding="utf-8")), link


def _headings(text: str) -> set[str]:
    """Return what GitHub calls the headings of *text* in links."""
    titles = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", LINKED)
def test_files_that_the_text_names_exist(page: str) -> None:
    for code in _CODE.findall(prose(read(page))):
        if _OURS.fullmatch(code):
            assert [*ROOT.glob(code), *ROOT.glob(f"{code}.*")], code


def test_every_page_is_linked_from_the_readme() -> None:
    linked = set(_LINK.findall(read("README.md")))
    assert set(PAGES) - {"README.md"} <= linked


def test_every_benchmark_is_in_the_table() -> None:
    named = set(re.findall(r"`python benchmarks/(\w+\.py)", read("benchmarks/README.md")))
    files = ROOT.glob("benchmarks/*.py")
    programs = {p.name for p in files if "argparse.ArgumentParser(" in p.read_text("utf-8")}
    assert named == programs - {"engines_kill.py"}
