"""Atomic writing of files, and locks that keep other commands out."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.errors import PipelineError

_log = logging.getLogger(__name__)
_SUFFIX = ".pipeline-tmp"
_TEMPORARY = re.compile(rf"\.[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
WAIT = 20.0
"""Seconds to wait for another command to finish."""
_PAUSE = 0.005
"""Seconds between two attempts to lock; writing a file takes about as long."""


class Superseded(Exception):
    """Somebody else wrote the file in the meantime; it holds what they wrote."""


def write(path: Path, data: str | bytes) -> bool:
    """Write *data*, text as UTF-8, to the file at *path*; return whether it changed.

    Whatever happens, the file is the old one or the new one, whole: a temporary file beside it is
    synced and then takes its place. A symbolic link stays one; the mode stays as it was, and so
    does the owner, where the system lets us.

    Raises:
        PermissionError: the file is read-only.
        TimeoutError: another program keeps the folder locked.

    """
    return _put(_real(path), data, lambda: True)


def swap(path: Path, before: bytes | None, data: str | bytes) -> bool:
    """Write as `write` does if the file at *path* still holds *before*; None for no file.

    Raises:
        Superseded: it holds something else.

    """
    path = _real(path)
    return _put(path, data, lambda: contents(path) == before)


def _real(path: Path) -> Path:
    """Return the target of the links at *path*; a path in the circle if they form one.

    `Path.resolve` raises a RuntimeError there; opening what this returns, an OSError.
    """
    return Path(os.path.realpath(path))


def way_out(path: Path, root: Path) -> Path | None:
    """Return the symbolic link by which *path*, in the folder *root*, leads out of it, if any."""
    whole = os.path.realpath(root)

    def leaves(place: Path) -> bool:
        real = os.path.realpath(place)
        return os.path.commonpath((whole, real)) != whole

    if not path.is_relative_to(root) or not leaves(path):
        return None
    steps = (*reversed(path.parents), path)
    return next((p for p in steps if p.is_relative_to(root) and p != root and leaves(p)), path)


def contents(path: Path) -> bytes | None:
    """Return the bytes of the file at *path*; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _put(path: Path, data: str | bytes, expected: Callable[[], bool]) -> bool:
    if isinstance(data, str):
        data = data.encode("utf-8")
    before = contents(path)
    if before == data:
        return False
    old = None if before is None else path.stat()
    if old and not old.st_mode & 0o222:
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
    _make_folder(path.parent)
    temporary = path.with_name(f".{secrets.token_hex(8)}{_SUFFIX}")
    with _turn(path.parent):
        _tidy(path.parent)
        try:
            with temporary.open("xb") as file:
                if old:
                    with contextlib.suppress(PermissionError):
                        os.fchown(file.fileno(), old.st_uid, old.st_gid)
                    os.fchmod(file.fileno(), old.st_mode & 0o7777)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if not expected():
                raise Superseded(path)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise OSError(error.errno, error.strerror, str(path)) from error
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)
    return True


@contextlib.contextmanager
def _turn(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep other processes that write with this module out of *folder*.

    So nobody writes between reading a file and replacing it, and any temporary files there are left
    over. The system releases the folder if this process is killed.

    Raises:
        TimeoutError: another program kept it locked for `WAIT` seconds, or did before.

    """
    with _opened(folder, os.O_RDONLY) as handle:
        if not _take_within(WAIT if wait and folder not in _locked else 0, handle):
            if wait:
                _locked.add(folder)
            what = "another program keeps the folder locked; try again when it is done"
            raise TimeoutError(errno.ETIMEDOUT, what, str(folder))
        _locked.discard(folder)
        yield


_locked: set[Path] = set()
"""Folders for which this process has waited in vain; a run would wait for each file in one."""


def _take_within(seconds: float, handle: int) -> bool:
    """Lock the open file of *handle*; return whether that was possible within some *seconds*."""
    end = time.monotonic() + seconds
    while not _take(handle):
        if time.monotonic() >= end:
            return False
        time.sleep(_PAUSE)
    return True


def _take(handle: int) -> bool:
    """Lock the open file of *handle* unless another process has; return whether none has."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # not every file system of a network can
        return True
    return True


def _is_lockable(handle: int) -> bool:
    """Return whether the disk of the open file of *handle* knows locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def _clear(folder: Path) -> None:
    """Remove temporary files of killed commands from *folder*, where permitted."""
    for stray in _strays(folder):
        with contextlib.suppress(OSError):
            stray.unlink(missing_ok=True)


_tidy = functools.cache(_clear)
"""`_clear`, once for each folder in a process."""


def _strays(folder: Path) -> list[Path]:
    return [p for p in folder.glob(f".*{_SUFFIX}") if _TEMPORARY.fullmatch(p.name)]


def remove(path: Path) -> bool:
    """Remove the file at *path*; return whether there was one."""
    if not path.exists():
        return False
    path.unlink()
    _sync_folder(path.parent)
    return True


def _make_folder(folder: Path) -> None:
    """Make *folder* and its parents durably."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    try:
        with _opened(folder, os.O_RDONLY) as handle:
            os.fsync(handle)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    handle = os.open(path, flags, 0o666)
    try:
        yield handle
    finally:
        os.close(handle)


def sweep(folder: Path, within: Path | None = None) -> None:
    """Remove the temporary files that killed commands left in *folder*, where permitted.

    Those of a linked file lie at the target of the link, and stay if that is not *within*. Folders
    in it are left alone. While another command is writing, nothing is removed.
    """
    if within and way_out(folder, within):
        return
    places = {folder}
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        links = [Path(entry) for entry in found if entry.is_symlink()]
        links = [link for link in links if not (within and way_out(link, within))]
        places.update(_real(link).parent for link in links if not link.is_dir())
    for place in places:
        if _strays(place):
            with contextlib.suppress(OSError), _turn(place, wait=False):
                _clear(place)


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Keep other commands out of the project until the end of the block.

    The system releases it if this process is killed. A disk without locks keeps nobody out, which
    is logged.

    Raises:
        PipelineError: another one is at work, and did not finish within `WAIT` seconds.

    """
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():  # all in it can be made again
        with contextlib.suppress(OSError):
            ignored.write_text("*\n", encoding="ascii")
    holder = folder / "lock.pid"
    with _opened(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW) as handle:
        if not _is_lockable(handle):
            _log.warning(
                "%s: this disk has no locks, so nothing keeps a second pipeline command out; run "
                "one at a time",
                folder,
            )
        if not _take_within(WAIT, handle):
            raise PipelineError(
                f"another pipeline command is at work here{_process(holder)}; "
                "try again when it is done"
            )
        holder.write_text(str(os.getpid()), encoding="ascii")
        yield


def _process(holder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        return f" (process {int(holder.read_text(encoding='ascii'))})"
    return ""
