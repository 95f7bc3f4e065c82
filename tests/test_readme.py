"""README: first command, commands, targets and settings. `test_docs` tests all pages."""

from __future__ import annotations

import re
import tomllib

from helpers import ROOT

from pipeline.cli.base import main
from pipeline.formats.overrides import VERDICTS

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


def test_the_design_names_every_package() -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    for path in (ROOT / "pipeline").glob("*/__init__.py"):
        name = path.parent.name
        assert re.search(rf"`(?:pipeline/)?{name}[/.`]", text), name


def test_requirements_name_no_address() -> None:
    for path in ROOT.glob("requirements*"):
        assert "://" not in path.read_text(encoding="utf-8"), path
