"""Another program reads or locks the files below ``.pipeline/``: nothing that they hold is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from helpers import Sample, sample

from pipeline.cli import main
from pipeline.drafting.history import Offered
from pipeline.engines import Hypotheses, Hypothesis
from pipeline.engines.cache import Drafts
from pipeline.memory import index as memory
from pipeline.memory.index import open_index
from pipeline.memory.model import Entry, Stock
from pipeline.model import Message
from pipeline.storage import sqlite as sqlitefile

READS, WRITES, SHUTS = "BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"
"""What another program may be doing: others can still read beside all but the last."""
every_way = pytest.mark.parametrize("begin", [READS, WRITES, SHUTS])

OTHER = """\
import sqlite3, sys
table = sqlite3.connect(sys.argv[1], isolation_level=None)
table.execute(sys.argv[2])
table.execute("SELECT count(*) FROM sqlite_master").fetchone()
print("begun", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path: Path, begin: str) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold the file at *path*, until its standard input is closed."""
    command = [sys.executable, "-c", OTHER, str(path), begin]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "begun\n"
        yield other
        other.communicate("")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".pipeline" / "drafts.sqlite"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Drafts, "patience", 0.2)
    monkeypatch.setattr(memory, "_WAIT", 0.2)


def says(text: str) -> Hypotheses:
    return (Hypothesis(text),)


KEYS = [b"a", b"b", b"c"]


@every_way
def test_what_was_remembered_outlives_who_locks_it(path: Path, begin: str) -> None:
    Drafts(path).put({b"a": says("1")})
    before, told = path.stat().st_ino, list[str]()
    with held(path, begin):
        drafts = Drafts(path, told.append)
        known = drafts.get(KEYS)
        drafts.put({b"b": says("2")})
        drafts.put({b"c": says("3")})
        assert drafts.get(KEYS) == {**known, b"b": says("2"), b"c": says("3")}
        assert known == ({} if begin == SHUTS else {b"a": says("1")})
    (warning,) = told
    assert warning.startswith(f"{path}: warning: another program keeps it locked")
    assert "drafts are not remembered" in warning
    assert path.stat().st_ino == before
    assert Drafts(path).get(KEYS)[b"a"] == says("1")
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@every_way
def test_a_lock_that_comes_later_loses_nothing_either(path: Path, begin: str) -> None:
    told = list[str]()
    drafts = Drafts(path, told.append)
    drafts.put({b"a": says("1")})
    with held(path, begin):
        drafts.put({b"b": says("2")})
        assert drafts.get([b"b"]) == {b"b": says("2")}
        assert len(told) == 1
    drafts.put({b"c": says("3")})
    assert Drafts(path).get(KEYS) == {b"a": says("1"), b"b": says("2"), b"c": says("3")}


@every_way
def test_who_is_done_soon_is_waited_for(
    path: Path, begin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Drafts, "patience", 60.0)
    told = list[str]()
    Drafts(path).put({b"a": says("1")})
    with held(path, begin) as other:
        assert other.stdin
        threading.Timer(0.3, other.stdin.close).start()
        Drafts(path, told.append).put({b"b": says("2")})
        other.stdin = None
    assert not told
    assert Drafts(path).get(KEYS) == {b"a": says("1"), b"b": says("2")}


def test_who_could_not_write_still_waits_to_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Drafts(path).put({b"a": says("1")})
    drafts = Drafts(path, list[str]().append)
    with held(path, READS):
        drafts.put({b"b": says("2")})
        monkeypatch.setattr(drafts, "patience", 60.0)
        drafts.put({b"c": says("3")})  # at once: one wait in vain is enough
    with held(path, SHUTS) as other:
        assert other.stdin
        threading.Timer(0.3, other.stdin.close).start()
        assert drafts.get([b"a"]) == {b"a": says("1")}
        other.stdin = None


def test_a_file_that_could_not_be_read_is_not_written_over(path: Path) -> None:
    def message(target: str) -> Message:
        return Message("The boats are full.", target=target, fuzzy=True, draft="x 1")

    Offered(Drafts(path)).put([message("uno")], "es")
    told = list[str]()
    drafts = Drafts(path, told.append)
    offered = Offered(drafts)
    with held(path, SHUTS):
        offered.put([message("dos")], "es")
        assert offered.texts([message("dos")], "es") == [("dos",)]
    offered.put([message("tres")], "es")
    assert Offered(Drafts(path)).texts([message("")], "es") == [("uno",)]
    assert len(told) == 1


@every_way
def test_a_dry_run_reads_beside_others(path: Path, begin: str) -> None:
    told = list[str]()
    assert Drafts.copied(path, told.append).get(KEYS) == {}
    assert not told
    Drafts(path).put({b"a": says("1")})
    with held(path, begin):
        found = Drafts.copied(path, told.append).get(KEYS)
    assert found == ({} if begin == SHUTS else {b"a": says("1")})
    assert len(told) == (begin == SHUTS)
    assert all(one.startswith(f"{path}: warning: another program") for one in told)


# What is no database, or none of ours.

Harm = Callable[[Path], None]


def garbage(path: Path) -> None:
    path.write_text("no database " * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def other_version(path: Path) -> None:
    with sqlite3.connect(path) as table:
        table.execute("PRAGMA user_version = 99")
    table.close()


@pytest.mark.parametrize(
    ("harm", "late"),
    [(garbage, False), (garbage, True), (cut, False), (cut, True), (other_version, False)],
)
def test_what_cannot_be_used_is_set_aside_and_said(path: Path, harm: Harm, late: bool) -> None:
    told = list[str]()
    drafts = Drafts(path, told.append)
    drafts.put({b"a": says("1")})
    harm(path)
    bytes_then = path.read_bytes()
    if not late:
        drafts = Drafts(path, told.append)
    assert drafts.get(KEYS) == {}
    drafts.put({b"b": says("2")})
    (warning,) = told
    what = "is of another version of the pipeline" if harm is other_version else "is damaged"
    assert warning == f"{path}: warning: it {what}; begun anew, the old one is {path.name}.old"
    assert path.with_name(f"{path.name}.old").read_bytes() == bytes_then
    assert Drafts(path).get(KEYS) == {b"b": says("2")}


def test_damage_that_is_met_in_writing_loses_no_draft(path: Path) -> None:
    told = list[str]()
    drafts = Drafts(path, told.append)
    drafts.put({b"a": says("1")})
    garbage(path)
    drafts.put({b"b": says("2")})
    assert len(told) == 1
    assert Drafts(path).get(KEYS) == {b"b": says("2")}


@pytest.mark.parametrize("end", ["-journal", "-wal"])
def test_what_belongs_to_a_file_goes_with_it(tmp_path: Path, end: str) -> None:
    """Beside the next file SQLite would take it for that one's."""
    path, log = tmp_path / "d", tmp_path / f"d{end}"
    for n, logged in enumerate((True, False)):
        path.write_text(f"file {n}")
        if logged:
            log.write_text(f"log {n}")
        aside = sqlitefile.set_aside(path)
        assert aside.read_text() == f"file {n}"
        assert [p.name for p in sorted(tmp_path.iterdir())] == ["d.old", f"d.old{end}"][: 2 - n]
    log.write_text("")
    path.write_text("")
    sqlitefile.remove(path)
    assert [p.name for p in tmp_path.iterdir()] == ["d.old"]


def test_a_file_that_cannot_be_written_is_still_read(path: Path) -> None:
    Drafts(path).put({b"a": says("1")})
    told = list[str]()
    drafts = Drafts(path, told.append)
    drafts._table.execute("PRAGMA query_only = 1")  # as root, modes keep nobody out
    for key in (b"b", b"c"):
        drafts.put({key: says("2")})
    assert drafts.get(KEYS) == {b"a": says("1"), b"b": says("2"), b"c": says("2")}
    (warning,) = told
    assert "cannot be used (attempt to write a readonly database)" in warning


# The index of the memory.


def everything(path: Path, told: list[str], *, target: str, keep: bool = True) -> list[Entry]:
    stock = Stock("a", target, lambda: [Entry("The boats are full.", target, "en", "es")])
    with open_index(path, [stock], keep=keep, tell=told.append) as index:
        return list(index.entries("en", "es"))


@every_way
@pytest.mark.parametrize("keep", [True, False])
def test_the_memory_answers_beside_others(path: Path, begin: str, keep: bool) -> None:
    told = list[str]()
    everything(path, told, target="uno")
    before = path.read_bytes()
    with held(path, begin):
        (found,) = everything(path, told, target="dos", keep=keep)
        assert found.target == "dos"
    assert path.read_bytes() == before
    assert len(told) == (keep or begin == SHUTS)
    assert all(one.startswith(f"{path}: warning: another program keeps it locked") for one in told)


def test_a_damaged_index_is_built_anew_and_said(path: Path) -> None:
    told = list[str]()
    before = everything(path, told, target="uno")
    garbage(path)
    assert everything(path, told, target="uno") == before
    assert told == [f"{path}: warning: it is damaged; built anew from the catalogs"]
    other_version(path)
    assert everything(path, told, target="uno") == before
    assert len(told) == 1  # it holds nothing that is not in the catalogs


# The whole command.


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    return sample(tmp_path)


def command(project: Sample, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(project.root), *arguments])


@every_way
@pytest.mark.parametrize("name", ["drafts", "offered", "memory"])
def test_a_run_beside_another_program(project: Sample, name: str, begin: str) -> None:
    assert command(project, "run").exit_code == 0
    path = project.root / ".pipeline" / f"{name}.sqlite"
    before = path.read_bytes()
    project.write("source_texts/new.md", "They sang on the quay.\n")
    with held(path, begin):
        found = command(project, "run")
    assert found.exit_code == 0
    shown = f".pipeline/{name}.sqlite: warning: another program keeps it locked"
    assert [line for line in found.stderr.split("\n") if "warning" in line] == [
        line for line in found.stderr.split("\n") if line.startswith(shown)
    ]
    assert found.stderr.count("another program") == 1
    assert path.read_bytes() == before
    assert project.po("es", "new")[0].msgstr
    assert "another program" not in command(project, "run").stderr


def test_a_dry_run_of_the_command_beside_another_program(project: Sample) -> None:
    assert command(project, "run").exit_code == 0
    project.write("source_texts/new.md", "They sang on the quay.\n")
    with held(project.root / ".pipeline" / "drafts.sqlite", SHUTS):
        found = command(project, "translate", "--dry-run")
    assert found.exit_code == 0
    assert "would draft 1 sentences" in found.stdout
    assert found.stderr.count(".pipeline/drafts.sqlite: warning: another program") == 1
