"""Progress of a download or an installation, as a protocol."""

from __future__ import annotations

from typing import Protocol


class InstallProgress(Protocol):
    """Shows how far a long work is; or does not, away from a terminal."""

    def expect(self, total: int, unit: str = "bytes") -> None:
        """Begin a count anew, which ends at `total`; at 0 nobody knows where."""

    def add(self, count: int) -> None:
        """Count so many more."""


class NoProgress:
    """Shows nothing."""

    def expect(self, total: int, unit: str = "bytes") -> None:
        pass

    def add(self, count: int) -> None:
        pass


NO_PROGRESS = NoProgress()
