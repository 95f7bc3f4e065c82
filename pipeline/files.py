"""Writing files whole, and one command at a time."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import PipelineError

_TEMPORARY = ".pipeline-tmp"
WAIT = 20.0
"""Seconds to wait for another command to finish."""


def write(path: Path, text: str) -> bool:
    """Make *text* what the file at *path* holds; return whether it was not so before.

    The file is the old one or the new one, whole, whatever happens: a temporary file beside it is
    synced and then takes its place. A symbolic link stays one; the mode stays as it was.
    """
    path = path.resolve()
    data = text.encode("utf-8")
    mode = 0o644
    if path.exists():
        if path.read_bytes() == data:
            return False
        mode = path.stat().st_mode & 0o7777
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(_TEMPORARY, f".{path.name}.", path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return True


def remove(path: Path) -> bool:
    """Remove the file at *path*; return whether there was one."""
    if not path.exists():
        return False
    path.unlink()
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove the temporary files that a killed command left under *folder*."""
    for path in folder.rglob(f".*{_TEMPORARY}"):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Keep other commands out of the project until the end of the block.

    Raises:
        PipelineError: another one is at work, and did not finish within `WAIT` seconds.

    """
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "lock.pid"
    try:
        with FileLock(folder / "lock", timeout=WAIT):
            holder.write_text(str(os.getpid()), encoding="ascii")
            yield
    except Timeout:
        with contextlib.suppress(OSError):
            pid = holder.read_text(encoding="ascii")
            raise PipelineError(
                f"another pipeline command is at work here (process {pid}); try again when it is done"
            ) from None
        raise PipelineError("another pipeline command is at work here; try again") from None
