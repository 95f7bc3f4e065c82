"""What tests of the whole command share: a small project, and running ``pipeline`` in it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

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


def run(folder: Path, *arguments: str, stdin: str | bytes = "") -> Result:
    """Run the command in *folder*, with the environment as it is now."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    at_start = {k: v for k, v in environment.items() if k.startswith(("PYTHON", "LC_", "LANG"))}
    order = {"folder": str(folder), "arguments": arguments, "environment": environment}
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(4)]
        for file, data in zip(files, (json.dumps(order), stdin), strict=False):
            file.write(data.encode() if isinstance(data, str) else data)
            file.seek(0)
        code = _ordered(tuple(sorted(at_start.items())), files)
        out, err = (_all(file) for file in files[2:])
    return Result(code, out.decode(), err.decode())


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _ordered(at_start: tuple[tuple[str, str], ...], files: Sequence[IO[bytes]]) -> int:
    server = _server(at_start)
    socket.send_fds(server, [b"."], [file.fileno() for file in files])
    try:
        return server.recv(1)[0]
    except TimeoutError:
        _server.cache_clear()
        raise


@functools.cache
def _server(at_start: tuple[tuple[str, str], ...]) -> socket.socket:
    """Start a server of commands, with what Python reads of the environment as it starts."""
    ours, its = socket.socketpair()
    environment = {**os.environ, **dict(at_start)}
    program = str(Path(__file__).with_name("command_server.py"))
    process = subprocess.Popen(
        [sys.executable, program, str(its.fileno())],
        env=environment,
        pass_fds=[its.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    its.close()
    ours.settimeout(120)

    @atexit.register
    def end() -> None:
        ours.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    return ours


@dataclass(frozen=True, slots=True)
class Sample:
    """A project in a folder of its own."""

    root: Path

    def run(self, *arguments: str, stdin: str | bytes = "", code: int | None = 0) -> Result:
        """Run the command; fail if it does not exit with *code*, or shows a traceback.

        It runs in a process of its own, forked from one that has imported it (`command_server`).
        So it differs from ``python -m pipeline`` in what happens before its first line, in that
        one seed of hashes serves all runs of a session (`PYTHONHASHSEED` sets another one), and
        in that its streams are files: what is about pipes, signals, two at once or start-up
        starts a Python.
        """
        result = run(self.root, *arguments, stdin=stdin)
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
