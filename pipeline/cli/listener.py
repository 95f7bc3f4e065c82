"""The terminal as listener of a session: prints its lines, and ends with its exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.cli.base import say, warn
from pipeline.cli.progress import progress
from pipeline.project import session as sessions
from pipeline.project.session import Session


class Terminal:
    """Prints lines, and shows the progress of long work on a terminal."""

    say = staticmethod(say)
    warn = staticmethod(warn)
    progress = staticmethod(progress)


@contextmanager
def open_session(
    folder: Path | None,
    only: Sequence[str] = (),
    names: Sequence[str] = (),
    *,
    engine: str | None = None,
    dry_run: bool = False,
) -> Iterator[Session]:
    """Open a session as `pipeline.project.session` does, with the terminal as its listener."""
    with sessions.open_session(
        folder, only, names, engine=engine, dry_run=dry_run, listener=Terminal()
    ) as session:
        yield session


def finish(session: Session) -> None:
    """End the command with exit code 1 if something needs a person."""
    if session.failed:
        sys.exit(1)
