"""The command line as a listener of a session: it prints what it hears, and exits by it."""

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
    """Prints what is said, and shows on a terminal how far long work is."""

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
    """Do as `pipeline.project.session.open_session`, telling the terminal."""
    with sessions.open_session(
        folder, only, names, engine=engine, dry_run=dry_run, listener=Terminal()
    ) as session:
        yield session


def finish(session: Session) -> None:
    """End the command with exit code 1 where something needs a person."""
    if session.failed:
        sys.exit(1)
