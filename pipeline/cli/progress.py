"""Progress on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click


class TerminalProgress:
    """Progress of long work on a terminal, shown once two seconds have passed."""

    def __init__(self, what: str) -> None:
        """Count *what*: sentences, articles."""
        self.what, self.total, self.done = what, 0, 0
        self.start = time.monotonic()
        self.shown = False

    def expect(self, count: int) -> None:
        self.total += count
        self._show()

    def add(self, count: int) -> None:
        self.done += count
        self._show()

    def _show(self) -> None:
        seconds = time.monotonic() - self.start
        if not sys.stderr.isatty() or seconds < 2:
            return
        click.echo(f"\r\x1b[K{self._text(seconds)}", nl=False, err=True)
        self.shown = True

    def _text(self, seconds: float) -> str:
        text = f"{self.done:,}/{self.total:,} {self.what}"
        if self.done:
            text += f", {self.done / seconds:.1f}/s" + self._left(seconds)
        return text

    def _left(self, seconds: float) -> str:
        return f", {(self.total - self.done) * seconds / self.done:.0f} s left"

    def close(self) -> None:
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)


class DownloadProgress(TerminalProgress):
    """Progress of downloads, one after the other."""

    def expect(self, total: int, unit: str = "bytes") -> None:
        """Begin a download of *total* units; 0 if the total is not known."""
        self.what, self.total, self.done = unit, total, 0
        self.start = time.monotonic()
        self._show()

    def _text(self, seconds: float) -> str:
        scale, unit = (1e6, "MB") if self.what == "bytes" else (1, self.what)
        total = f"/{self.total / scale:,.0f}" if self.total else ""
        text = f"{self.done / scale:,.0f}{total} {unit}"
        return text + (self._left(seconds) if self.total and self.done else "")


@contextmanager
def progress(what: str) -> Iterator[TerminalProgress]:
    """Show the progress of work in *what*, such as sentences, while it lasts."""
    shown = TerminalProgress(what)
    try:
        yield shown
    finally:
        shown.close()
