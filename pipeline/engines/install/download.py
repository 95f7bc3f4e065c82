"""Downloads of archives: bounded in size and time, and checked for completeness."""

from __future__ import annotations

import contextlib
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from pipeline.engines.install.argos_index import AGENT, open_url
from pipeline.engines.progress import InstallProgress
from pipeline.errors import EngineError

DOWNLOAD_TIMEOUT = 30.0
"""Seconds without a byte after which a download fails."""
MAX_DOWNLOAD = 2 << 30
"""Maximum size of an archive in bytes; packages of Argos have 50 to 300 MB."""
SPARE = 32 << 20
"""Bytes to leave free on the disk."""


class NotInstallable(EngineError):
    """A failure that another address would not mend, with the bare reason."""


def fetch(link: str, path: Path, progress: InstallProgress) -> None:
    with open_url(urllib.request.Request(link, headers=AGENT), DOWNLOAD_TIMEOUT) as answer:
        said = answer.headers.get("Content-Length") or ""
        total = int(said) if said.isdecimal() else 0
        if total > MAX_DOWNLOAD:
            raise ValueError(f"it is larger than {MAX_DOWNLOAD >> 30} GiB")
        make_room(path.parent, total)
        progress.expect(total)
        size = 0
        with path.open("wb") as to:
            while chunk := answer.read1(1 << 18):
                size += len(chunk)
                if size > MAX_DOWNLOAD:
                    raise ValueError(f"it is larger than {MAX_DOWNLOAD >> 30} GiB")
                with on_disk():
                    to.write(chunk)
                progress.add(len(chunk))
            with on_disk():
                to.flush()
    if total and size != total:
        raise OSError(f"the connection ended after {size:,} of {total:,} bytes")


@contextlib.contextmanager
def on_disk() -> Iterator[None]:
    """Tell errors of the local disk from those of the server."""
    try:
        yield
    except OSError as error:
        raise NotInstallable(str(error)) from error


def make_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE:
        raise NotInstallable(
            f"it takes {_mb(wanted)} in {folder}, where {_mb(free)} are free; "
            "make room, or set ARGOS_PACKAGES_DIR"
        )


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
