"""What the documents promise is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.cli.base import main
from pipeline.formats.overrides import VERDICTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_command_stands_on_the_first_screen() -> None:
    lines = README.split("\n")
    assert lines.index("make run") < 20


def test_every_command_is_in_the_readme() -> None:
    named = set(re.findall(r"`pipeline (\w+)", README))
    assert named >= set(main.commands)
    assert named <= set(main.commands)


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= targets


def test_the_settings_of_the_readme_are_settings() -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block
    table = tomllib.loads(block[1])["tool"]["pipeline"]
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pipeline"]
    assert {k: v for k, v in table.items() if isinstance(v, str | list)} == own
    assert set(table["clean"].values()) <= set(VERDICTS)
    for verdict in VERDICTS:
        assert verdict in README


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "docs/design.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


def test_modules_that_the_design_names_exist() -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    table = text[text.index("| layer |") : text.index("In `formats/`")]
    named = set(re.findall(r"`(\w+)/?`", table)) - {"update", "pretranslate", "build", "write"}
    found = {path.stem for path in (ROOT / "pipeline").glob("*.py")} | {"cli", "formats", "engines"}
    assert named | {"__init__", "__main__"} == found


def test_requirements_name_no_address() -> None:
    for path in ROOT.glob("requirements*"):
        assert "://" not in path.read_text(encoding="utf-8"), path
