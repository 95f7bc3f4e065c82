"""Progress of an installation, as a protocol."""

from __future__ import annotations

from typing import Protocol


class InstallProgress(Protocol):
    """Progress of downloads, checks and installations, one count after the other."""

    def expect(self, total: int, unit: str = "bytes") -> None:
        """Start a new count up to `total`; 0 where the total is unknown."""

    def add(self, count: int) -> None:
        """Add `count` to the current count."""


class NoProgress:
    """Progress that is not shown."""

    def expect(self, total: int, unit: str = "bytes") -> None:
        pass

    def add(self, count: int) -> None:
        pass


NO_PROGRESS = NoProgress()
