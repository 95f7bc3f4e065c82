"""Files that are there whole or not at all, and digests that say what was made of what."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.train.errors import TrainError


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write to, which becomes *path* once it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    yield new
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_whole(path: Path, content: bytes | str) -> None:
    with whole(path) as new:
        new.write_bytes(content.encode() if isinstance(content, str) else content)


def write_json(path: Path, value: object) -> None:
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> dict[str, object]:
    """Return what a file of ours says; {} where there is none that can be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the files of a folder with their names."""
    total = hashlib.sha256()
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            total.update(f"{file.relative_to(path)}\0{digest_of(file)}\n".encode())
        return total.hexdigest()
    try:
        with path.open("rb") as content:
            while block := content.read(1 << 20):
                total.update(block)
    except OSError as error:
        raise TrainError(f"{path} cannot be read: {error.strerror}") from error
    return total.hexdigest()


def digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder of a run, so that no second process trains in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TrainError(f"another process works in {folder}; wait for it or end it") from None
        yield


def stage(name: str, made_of: object, record: Path, make: Callable[[], None]) -> None:
    """Run a stage unless *record* says that it was made of the same."""
    its = digest(made_of)
    if read_json(record).get("digest") == its:
        print(f"{name}: done already", flush=True)
        return
    record.unlink(missing_ok=True)
    make()
    write_json(record, {"digest": its})
