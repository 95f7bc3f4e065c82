"""Files on disk: old or new, whole, whatever happens; one command at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import secrets
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import sample

from pipeline import workflow
from pipeline.catalog import po
from pipeline.errors import CatalogError, PipelineError
from pipeline.model import Article, Catalog
from pipeline.project.project import Project, open_project
from pipeline.storage import atomic

OLD, NEW = "old\n" * 1000, "new\n" * 1000


def strays(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.name.endswith("pipeline-tmp")]


# Writing


def test_write_makes_folders_and_says_whether_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.po"
    assert atomic.write(path, NEW)
    assert path.read_text() == NEW
    assert not atomic.write(path, NEW)


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    atomic.write(tmp_path / "a", "1\r\n2\n3\r\u2028")
    assert (tmp_path / "a").read_bytes() == "1\r\n2\n3\r\u2028".encode()


def test_the_same_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    before = path.stat()
    assert not atomic.write(path, OLD)
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_the_mode_stays(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    path.chmod(mode)
    atomic.write(path, NEW)
    assert path.stat().st_mode & 0o7777 == mode


def test_a_new_file_has_the_mode_that_the_user_asks_for(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic.write(tmp_path / "a", NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o7777 == 0o640


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        atomic.write(path, NEW)
    assert path.read_text() == OLD
    assert not atomic.write(path, OLD)


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "a", tmp_path / "link"
    target.write_text(OLD)
    link.symlink_to(target)
    atomic.write(link, NEW)
    assert link.is_symlink()
    assert target.read_text() == NEW


def test_a_link_to_nothing_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a")
    atomic.write(link, NEW)
    assert link.is_symlink()
    assert (tmp_path / "a").read_text() == NEW


def test_a_name_as_long_as_can_be(tmp_path: Path) -> None:
    path = tmp_path / ("ж" * 126 + ".po")
    atomic.write(path, OLD)
    atomic.write(path, NEW)
    assert path.read_text() == NEW


def test_half_a_character_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    with pytest.raises(UnicodeEncodeError):
        atomic.write(path, "\ud800")
    assert path.read_text() == OLD


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


STEPS = [(os, "fsync"), (os, "fchown"), (os, "fchmod"), (Path, "replace"), (secrets, "token_hex")]


@pytest.mark.parametrize("fault", [full, interrupted])
@pytest.mark.parametrize(("owner", "step"), STEPS)
def test_a_step_that_fails_harms_nothing(
    owner: Any,
    step: str,
    fault: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, fault)
        with pytest.raises((OSError, KeyboardInterrupt)):
            atomic.write(path, NEW)
    assert path.read_text() == OLD
    assert list(tmp_path.iterdir()) == [path]
    assert atomic.write(path, NEW)


@pytest.mark.parametrize(("owner", "step"), [(os, "open"), (os, "fsync"), (Path, "mkdir")])
def test_a_folder_that_cannot_be_made_is_made_the_next_time(
    owner: Any, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a" / "b" / "c"
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, full)
        with pytest.raises(OSError, match="No space"):
            atomic.write(path, NEW)
    assert not path.exists()
    assert atomic.write(path, NEW)


def test_new_folders_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut could take them, and the file with them."""
    synced = []

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())

    monkeypatch.setattr(os, "fsync", noted)
    atomic.write(tmp_path / "a" / "b" / "c", NEW)
    assert [*synced[:2], synced[-1]] == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    os.chown(path, 1234, 2345)
    atomic.write(path, NEW)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_an_owner_that_cannot_stay_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    path = tmp_path / "a"
    path.write_text(OLD)
    assert atomic.write(path, NEW)


def test_a_disk_that_takes_a_part_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEW) // 2, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            atomic.write(path, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_synced_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    calls = []

    def second_fails(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            full()

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(OSError, match="No space"):
        atomic.write(path, NEW)
    assert path.read_text() == NEW
    assert not strays(tmp_path)


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen[str], with_signal: int) -> None:
    process.send_signal(with_signal)
    process.communicate()


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def test_a_killed_writer_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "a"
    code = """
        import sys
        from pathlib import Path
        from pipeline.storage import atomic as files
        print("ready", flush=True)
        for n in range(10**9):
            files.write(Path(sys.argv[1]), f"{n % 10}\\n" * 200_000)
    """
    for wait in (0.02, 0.031, 0.047, 0.06):
        writer = run(code, path)
        assert writer.stdout
        writer.stdout.readline()
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(wait)
        stop(writer, signal.SIGKILL)
        lines = path.read_text().splitlines()
        assert len(lines) == 200_000
        assert len(set(lines)) == 1
    atomic.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def left(folder: Path) -> Path:
    """Return what a killed command left in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{secrets.token_hex(8)}.pipeline-tmp"
    path.write_text("x")
    return path


def test_sweep_takes_what_is_left_and_nothing_else(tmp_path: Path) -> None:
    names = ("a.po", ".b.po", "c.pipeline-tmp", ".note.pipeline-tmp", ".0a1b.pipeline-tmp")
    kept = [tmp_path / name for name in names]
    for path in kept:
        path.write_text("x")
    kept += [left(tmp_path / "deeper"), tmp_path / "deeper"]
    left(tmp_path)
    atomic.sweep(tmp_path)
    assert sorted(tmp_path.rglob("*")) == sorted(kept)
    atomic.sweep(tmp_path / "missing")


def test_sweep_goes_where_linked_files_are(tmp_path: Path) -> None:
    swept, elsewhere, new, far = (tmp_path / name for name in ("swept", "elsewhere", "new", "far"))
    gone = [left(folder) for folder in (swept, elsewhere, new)]
    (elsewhere / "a.po").write_text("x")
    (swept / "a.po").symlink_to(elsewhere / "a.po")
    (swept / "b.po").symlink_to(new / "b.po")
    (swept / "folder").symlink_to(far)
    (swept / "loop").symlink_to("loop")
    kept = [left(far), left(far / "deeper")]
    atomic.sweep(swept)
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)
    assert (swept / "a.po").read_text() == "x"


def test_a_project_is_swept_where_it_is_written(tmp_path: Path) -> None:
    """And not in whatever website is linked from there."""
    made = sample(tmp_path / "project")
    made.write("pyproject.toml", made.read("pyproject.toml") + "follow_links = true\n")
    project = open_project(made.root)
    root, linked, site = project.root, tmp_path / "linked", tmp_path / "site"
    for folder in (root / "locales", root / "localized", linked, site):
        folder.mkdir()
    (root / "locales" / "es").symlink_to(linked)
    (root / "localized" / "ar").symlink_to(linked)
    (root / "localized" / "site").symlink_to(site)
    (root / "localized" / "loop").symlink_to("loop")
    kept = [left(site), left(site / "es"), left(linked / "deeper")]
    gone = ["locales", "locales/es/LC_MESSAGES", "locales/ar/LC_MESSAGES", "localized"]
    gone += ["localized/ar", "localized/es", "localized/preview/es"]
    strays = [left(root / name) for name in gone]
    project.sweep()
    assert not any(path.exists() for path in strays)
    assert all(path.exists() for path in kept)


def refused(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_what_may_not_be_swept_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".0123456789abcdef.pipeline-tmp"
    folder.mkdir()
    stray = left(tmp_path)
    for owner, step in ((Path, "unlink"), (os, "open")):
        with monkeypatch.context() as patched:
            patched.setattr(owner, step, refused)
            atomic.sweep(tmp_path)
    assert stray.exists()
    atomic.sweep(tmp_path)
    assert [*tmp_path.iterdir()] == [folder]
    assert atomic.write(tmp_path / "a", NEW)


def test_a_link_that_leads_to_itself_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for attempt in (atomic.write, lambda path, text: atomic.swap(path, None, text)):
        with pytest.raises(OSError, match="symbolic links"):
            attempt(tmp_path / "loop", NEW)


def test_the_next_write_takes_what_a_killed_one_left_beside_the_file(tmp_path: Path) -> None:
    kept = tmp_path / "b.pipeline-tmp"
    kept.write_text("x")
    left(tmp_path)
    atomic.write(tmp_path / "a", NEW)
    assert {p.name for p in tmp_path.iterdir()} == {"a", kept.name}


def test_nobody_sweeps_what_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands that share no lock, such as git's merges, write in one folder."""
    path, synced, sweepers = tmp_path / "a", os.fsync, list[subprocess.Popen[str]]()
    code = """
        import sys
        from pathlib import Path
        from pipeline.storage import atomic as files
        print("ready", flush=True)
        files.sweep(Path(sys.argv[1]))
        files.write(Path(sys.argv[1]) / "b", "x")
    """

    def swept_while_syncing(handle: int) -> None:
        synced(handle)
        if not sweepers:
            sweepers.append(run(code, tmp_path))
            assert sweepers[0].stdout
            sweepers[0].stdout.readline()
            time.sleep(0.1)

    monkeypatch.setattr(os, "fsync", swept_while_syncing)
    atomic.write(path, NEW)
    assert ended(sweepers[0]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b"}


def test_a_folder_that_somebody_else_keeps_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "WAIT", 0.3)
    stray, mine = left(tmp_path), os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(mine, fcntl.LOCK_EX)
    start = time.monotonic()
    atomic.sweep(tmp_path)  # does not wait
    assert time.monotonic() - start < 0.3
    with pytest.raises(TimeoutError, match="locked") as caught:
        atomic.write(tmp_path / "a", NEW)
    assert caught.value.filename == str(tmp_path)
    assert time.monotonic() - start >= 0.3
    monkeypatch.setattr(atomic, "WAIT", 60)
    with pytest.raises(TimeoutError, match="locked"):  # at once: a run writes many files there
        atomic.write(tmp_path / "b", NEW)
    assert [*tmp_path.iterdir()] == [stray]
    os.close(mine)
    assert atomic.write(tmp_path / "a", NEW)
    assert [*tmp_path.iterdir()] == [tmp_path / "a"]


def test_a_folder_that_somebody_else_locks_for_a_moment(tmp_path: Path) -> None:
    mine = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(mine, fcntl.LOCK_EX)
    threading.Timer(0.2, os.close, [mine]).start()
    start = time.monotonic()
    assert atomic.write(tmp_path / "a", NEW)
    assert time.monotonic() - start >= 0.15


def test_a_disk_without_locks_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert atomic.write(tmp_path / "a", NEW)


def test_remove(tmp_path: Path) -> None:
    assert not atomic.remove(tmp_path / "a")
    (tmp_path / "a").write_text("x")
    assert atomic.remove(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_swap_leaves_what_somebody_else_wrote(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("theirs")
    for before in (None, b"", OLD.encode()):
        with pytest.raises(atomic.Superseded):
            atomic.swap(path, before, NEW)
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]
    assert atomic.swap(path, b"theirs", NEW)
    assert atomic.swap(tmp_path / "b", None, NEW)
    (tmp_path / "link").symlink_to(path)
    assert atomic.swap(tmp_path / "link", NEW.encode(), OLD)
    assert (tmp_path / "link").is_symlink()


def test_swap_looks_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text(OLD)
    synced = os.fsync

    def saved_while_syncing(handle: int) -> None:
        synced(handle)
        path.write_text("theirs")

    monkeypatch.setattr(os, "fsync", saved_while_syncing)
    with pytest.raises(atomic.Superseded):
        atomic.swap(path, OLD.encode(), NEW)
    assert path.read_text() == "theirs"


# The lock

HOLD = """
    import sys, time
    from pathlib import Path
    from pipeline.storage import atomic as files
    files.WAIT = 5
    with files.lock(Path(sys.argv[1])):
        print("held", flush=True)
        time.sleep(float(sys.argv[2]))
"""


def holding(folder: Path, seconds: float) -> subprocess.Popen[str]:
    holder = run(HOLD, folder, seconds)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_command_is_told_who_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "WAIT", 0.2)
    holder = holding(tmp_path, 60)
    with pytest.raises(PipelineError, match=rf"\(process {holder.pid}\)"), atomic.lock(tmp_path):
        pass
    (tmp_path / "lock.pid").write_bytes(b"\xff")
    with pytest.raises(PipelineError, match="at work here; try again"), atomic.lock(tmp_path):
        pass
    stop(holder, signal.SIGKILL)
    with atomic.lock(tmp_path):  # a killed command leaves no lock
        pass


def test_a_second_command_waits(tmp_path: Path) -> None:
    start = time.monotonic()
    holder = holding(tmp_path, 0.3)
    with atomic.lock(tmp_path):
        assert time.monotonic() - start >= 0.3
    assert ended(holder) == 0


def test_the_lock_is_free_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "WAIT", 0.2)
    with pytest.raises(ZeroDivisionError), atomic.lock(tmp_path):
        raise ZeroDivisionError
    stop(holding(tmp_path, 0), signal.SIGTERM)


def test_a_timeout_of_the_work_itself_is_not_taken_for_the_locks(tmp_path: Path) -> None:
    from filelock import Timeout

    with pytest.raises(Timeout), atomic.lock(tmp_path):
        raise Timeout("another lock")


def test_four_processes_lose_nothing(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from pipeline.storage import atomic as files
        folder, name = Path(sys.argv[1]), sys.argv[2]
        for n in range(10):
            with files.lock(folder / "lock"):
                said = (files.contents(folder / "a") or b"").decode()
                files.write(folder / "a", f"{said}{name}{n}\\n")
    """
    writers = [run(code, tmp_path, name) for name in "abcd"]
    assert list(map(ended, writers)) == [0] * 4
    said = (tmp_path / "a").read_text().split()
    assert sorted(said) == sorted(f"{name}{n}" for name in "abcd" for n in range(10))


def test_swapping_needs_no_lock_among_ourselves(tmp_path: Path) -> None:
    code = """
        import contextlib, sys
        from pathlib import Path
        from pipeline.storage import atomic as files
        path, name = Path(sys.argv[1]), sys.argv[2]
        for n in range(25):
            done = False
            while not done:
                said = files.contents(path) or b""
                with contextlib.suppress(files.Superseded):
                    done = files.swap(path, said, f"{said.decode()}{name}{n}\\n")
    """
    path = tmp_path / "a"
    path.write_text("")
    writers = [run(code, path, name) for name in "abcd"]
    assert list(map(ended, writers)) == [0] * 4
    assert sorted(path.read_text().split()) == sorted(f"{x}{n}" for x in "abcd" for n in range(25))


def test_two_coordinators_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three real commands at once leave what one alone leaves, and none fails."""
    project, alone = sample(tmp_path / "three"), sample(tmp_path / "alone")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    command = [sys.executable, "-m", "pipeline", "update"]
    started = [subprocess.Popen(command, cwd=project.root) for _ in range(3)]
    alone.run("update")
    assert [process.wait(60) for process in started] == [0, 0, 0]
    assert project.files() == alone.files()
    assert not strays(tmp_path)


# The project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(sample(tmp_path).root)


def article(project: Project) -> Article:
    return next(a for a in map(project.article, project.sources()) if a.id == "ferry")


def updated(project: Project) -> Catalog:
    glossary = project.glossary()
    text = article(project)
    return project.update(text, "es", lambda c: workflow.update(text, c, glossary))[0]


def translated(catalog: Catalog, number: int, text: str) -> Catalog:
    done = list(catalog.messages)
    done[number] = replace(done[number], target=text)
    return replace(catalog, messages=tuple(done))


def test_what_a_translator_saves_in_the_meantime_is_kept(project: Project) -> None:
    text, path = article(project), project.catalog_path("ferry", "es")
    base = updated(project)
    saves = iter([1, 2, 3])

    def change(catalog: Catalog) -> Catalog:
        if number := next(saves, 0):
            path.write_bytes(po.dump(translated(po.read(path), number, f"A mano {number}.")))
        return translated(catalog, 0, "A máquina.")

    new, changed = project.update(text, "es", change)
    assert changed
    assert new.messages == po.read(path).messages
    said = [m.target for m in new.messages[:4]]
    assert said == ["A máquina.", "A mano 1.", "A mano 2.", "A mano 3."]
    assert len(new.messages) == len(base.messages)


def test_a_file_that_appears_in_the_meantime_is_kept(project: Project) -> None:
    text, path = article(project), project.catalog_path("ferry", "es")
    glossary = project.glossary()

    def change(catalog: Catalog) -> Catalog:
        new = workflow.update(text, catalog, glossary)
        if not path.exists():
            path.parent.mkdir(parents=True)
            path.write_bytes(po.dump(translated(new, 0, "A mano.")))
        return new

    new, changed = project.update(text, "es", change)
    assert not changed
    assert new.messages[0].target == "A mano."


def test_a_file_that_is_saved_again_and_again_is_left_alone(project: Project) -> None:
    path = project.catalog_path("ferry", "es")
    updated(project)
    count = 0

    def change(catalog: Catalog) -> Catalog:
        nonlocal count
        count += 1
        path.write_bytes(po.dump(translated(catalog, 1, f"{count}")))
        return translated(catalog, 0, "A máquina.")

    with pytest.raises(CatalogError, match=r"es/LC_MESSAGES/ferry\.po.*again and again"):
        project.update(article(project), "es", change)
    assert po.read(path).messages[1].target == f"{count}"
    assert count < 10


def test_an_update_twice_is_an_update_once(project: Project) -> None:
    path = project.catalog_path("ferry", "es")
    updated(project)
    before = path.stat()
    updated(project)
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def creation_date(catalog: Catalog) -> str:
    return dict(catalog.headers)["POT-Creation-Date"]


def test_the_date_changes_with_the_sentences_only(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    text, first = article(project), updated(project)
    assert creation_date(first) == "1970-01-01 00:00+0000"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    done, _ = project.update(text, "es", lambda c: translated(c, 1, "A mano."))
    assert creation_date(done) == creation_date(first)

    def vanish(catalog: Catalog) -> Catalog:
        head, gone, *rest = catalog.messages
        return replace(catalog, messages=(head, *rest, replace(gone, obsolete=True)))

    later, _ = project.update(text, "es", vanish)
    assert creation_date(later) == "1970-01-02 00:00+0000"


@pytest.mark.parametrize("harm", [Path.mkdir, lambda path: path.write_bytes(b"\xff")])
def test_a_catalog_that_cannot_be_read_is_left_alone(
    harm: Callable[[Path], None], project: Project
) -> None:
    path = project.catalog_path("ferry", "es")
    path.parent.mkdir(parents=True)
    harm(path)
    with pytest.raises(CatalogError, match=r"es/LC_MESSAGES/ferry\.po"):
        updated(project)
    assert path.is_dir() or path.read_bytes() == b"\xff"


def test_an_empty_catalog_is_not_taken_for_a_new_one(project: Project) -> None:
    path = project.catalog_path("ferry", "es")
    path.parent.mkdir(parents=True)
    path.touch()
    with pytest.raises(CatalogError, match="no message"):
        updated(project)
    assert path.read_bytes() == b""


def test_a_read_only_catalog_is_left_alone(project: Project) -> None:
    path = project.catalog_path("ferry", "es")
    updated(project)
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(CatalogError, match=r"ferry\.po: the file is read-only"):
        project.update(article(project), "es", lambda c: translated(c, 0, "x"))
    assert path.read_bytes() == before


def test_what_belongs_to_no_article_is_found(project: Project) -> None:
    kept = (
        "locales/es/LC_MESSAGES/ferry.po",
        "localized/es/ferry.html",
        "localized/preview/es/ferry.html",
    )
    gone = (
        "locales/es/LC_MESSAGES/old.po",
        "locales/fr/LC_MESSAGES/ferry.po",
        "localized/es/ferry/es/ferry.html",
        "localized/fr/ferry.html",
        "localized/preview/es/old.html",
    )
    for name in (*kept, *gone):
        atomic.write(project.root / name, "x")
    found = project.orphans({("ferry", "es")})
    assert found == [project.root / name for name in gone]


def test_a_disk_without_locks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with atomic.lock(tmp_path):
        pass
    assert "this disk has no locks" in caplog.text
