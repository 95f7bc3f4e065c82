"""Listeners: what a session tells while it works, and to whom."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from pipeline.engines.base import Progress


class Listener(Protocol):
    """Hears of the work on a project, one line at a time.

    Lines are plain text for a person, in the order in which things happen. Nothing that a caller
    needs is told only here: errors are in `Session.failed`, and where things stand in the rows
    that a run returns.
    """

    def say(self, line: str) -> None:
        """Hear what was done, or would be on a dry run."""

    def warn(self, line: str) -> None:
        """Hear what a person should look at: warnings and errors, each once."""

    def progress(self, unit: str) -> AbstractContextManager[Progress | None]:
        """Return a context in which long work counts what is done, in *unit*, such as sentences."""


class Silent:
    """A listener that tells nobody."""

    def say(self, line: str) -> None:
        pass

    def warn(self, line: str) -> None:
        pass

    def progress(self, unit: str) -> AbstractContextManager[Progress | None]:
        return nullcontext()


SILENT = Silent()
