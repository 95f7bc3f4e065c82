"""What tests of the whole command share: a small project, and running ``pipeline`` in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polib
import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent

SETTINGS = """\
[tool.pipeline]
source_language = "en"
locales = ["es", "ar"]
engine = "pseudo"
"""

GLOSSARY = """\
terms:
  - term: tariff
    targets:
      es: {term: tarifa, plural: tarifas, gender: f, forbid: [arancel]}
"""

STATEMENT = """\
Mon Mar 3, 2025
March 3, 2025

The Ferry Must Stay Public

The council of Arvensund wants to sell the ferry to a private company. About 12,400 people \
depend on it, and the U.N. They have said so for years. The U.N. building is far away.

The Boats Are Full
The Boats Are Full

A Tariff For The Rich

The new tariff is 4.5 crowns, see https://ferry.example/t_a?x=1 for the table.

No To The Sale!

Keep The Ferry Public!

Ferry Workers' Council.

March 9, 2025.

Share this:

Most Popular Articles
"""

LETTER = """\
---
title: "A letter: to the council"
date: 2025-03-04
author: Ana Brisk
tags: [ferry]
---

Dear **members** of the council,

please read [our letter](https://ferry.example/letter). It has *two* parts.

- Stop the sale.
- Talk to us at <crew@ferry.example>.
"""


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Sample:
    """A project in a folder of its own."""

    root: Path

    def run(self, *arguments: str, stdin: str | bytes = "", code: int | None = 0) -> Result:
        """Run the real command; fail if it does not exit with *code*, or shows a traceback."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=self.root,
            input=data,
            capture_output=True,
            timeout=120,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            check=False,
        )
        result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in result.err, result.err
        if code is not None:
            assert result.code == code, result.err + result.out
        return result

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()

    def po(self, locale: str, article: str) -> polib.POFile:
        return polib.pofile(str(self.root / f"locales/{locale}/LC_MESSAGES/{article}.po"))

    def approve(self, locale: str, article: str) -> None:
        """Do what a translator does who agrees with every draft."""
        po = self.po(locale, article)
        for entry in po:
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
            entry.previous_msgid = None
        po.save()

    def files(self) -> dict[str, bytes]:
        """Return all that the pipeline writes for people, by name."""
        found = [*self.root.glob("locales/**/*"), *self.root.glob("localized/**/*")]
        return {
            str(path.relative_to(self.root)): path.read_bytes() for path in found if path.is_file()
        }


def sample(folder: Path) -> Sample:
    project = Sample(folder)
    project.write("pyproject.toml", SETTINGS)
    project.write("glossary.yaml", GLOSSARY)
    project.write("source_texts/ferry.txt", STATEMENT)
    project.write("source_texts/letter.md", LETTER)
    return project


def need(program: str, available: bool) -> None:
    """Skip where *program* is missing; fail where PIPELINE_REQUIRE names it, as CI's does."""
    if not available:
        if program in os.environ.get("PIPELINE_REQUIRE", ""):
            pytest.fail(f"{program} is required here and missing")
        pytest.skip(f"{program} is not installed")
