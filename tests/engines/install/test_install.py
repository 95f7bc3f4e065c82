"""Getting engines onto the machine: from a file, from an index, and from Debian."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import http.server
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import packages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import pack, write_mode

from pipeline.engines import base, registry
from pipeline.engines.argos import archive as archives
from pipeline.engines.install import argos, argos_index, debian, download, offers, steps
from pipeline.engines.install import options as install_options
from pipeline.errors import EngineError, SettingsError


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
        yield


@pytest.fixture(scope="module")
def random_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.build_three(tmp_path_factory.mktemp("packages"))


# Installing from an archive.


def test_install_file(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    archive = pack(random_packages / "en_es", tmp_path / "new.argosmodel")
    into = tmp_path / "data" / "packages"
    assert argos.install_file(archive, into=into) == into / "en_es"
    (into / "en_es" / "old").touch()
    archive = changed(random_packages / "en_es", tmp_path, package_version="1.1")
    assert argos.install_file(archive, into=into) == into / "en_es"
    assert sorted(path.name for path in (into / "en_es").iterdir()) == [
        "metadata.json",
        "model",
        "pipeline.json",
        "sentencepiece.model",
    ]
    assert _visible(into.parent) == ["packages"]
    assert ArgosEngine(folders=[into]).signature("en", "es") == "argos en→es 1.1"


def changed(package: Path, folder: Path, **metadata: object) -> Path:
    """Pack a package with other metadata; a key that is to be None goes."""
    copy = folder / f"changed-{len(list(folder.iterdir()))}" / package.name
    shutil.copytree(package, copy)
    path = copy / "metadata.json"
    known = {**json.loads(path.read_text("utf-8")), **metadata}
    path.write_text(
        json.dumps({key: value for key, value in known.items() if value is not None}),
        encoding="utf-8",
    )
    return pack(copy, copy.parent / "changed.argosmodel")


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("en_es/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _unprintable() -> zipfile.ZipInfo:
    return zipfile.ZipInfo("en_es/a\x1b[2Jb")


TRAPS: dict[str, tuple[str | zipfile.ZipInfo, bytes]] = {
    "unprintable": (_unprintable(), b"x"),
    "file as a folder": ("en_es/metadata.json/x", b"x"),
    "long name": ("en_es/" + "x" * 300, b"x"),
    "parent": ("en_es/../../evil", b"x"),
    "start": ("../evil", b"x"),
    "absolute": ("/evil", b"x"),
    "drive": ("C:/evil", b"x"),
    "backslash": ("en_es\\..\\..\\evil", b"x"),
    "dot": ("en_es/./evil", b"x"),
    "second folder": ("other/evil", b"x"),
    "no folder": ("evil", b"x"),
    "twice": ("en_es/METADATA.json", b"x"),
    "symlink": (_link(), b"/etc/passwd"),
    "bomb": ("en_es/bomb", bytes(50_000_000)),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_archive_traps(tmp_path: Path, random_packages: Path, trap: str) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "trap.argosmodel", [TRAPS[trap]])
    _refused(archive, tmp_path)


def test_archive_that_lies_about_a_size(tmp_path: Path, random_packages: Path) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel", [("en_es/b", bytes(9**7))])
    size = (9**7).to_bytes(4, "little")
    data = archive.read_bytes()
    assert size in data
    archive.write_bytes(data.replace(size, (9).to_bytes(4, "little")))
    _refused(archive, tmp_path)


@pytest.mark.parametrize("way", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_archive_packed_in_another_way(tmp_path: Path, random_packages: Path, way: int) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel")
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("en_es/more", b"more", way)
    _refused(archive, tmp_path)


def test_archive_that_is_encrypted(tmp_path: Path, random_packages: Path) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel")
    data = bytearray(archive.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(bytes(data))
    _refused(archive, tmp_path)


def test_archive_with_a_name_that_is_not_utf_8(tmp_path: Path, random_packages: Path) -> None:
    archive = pack(
        random_packages / "en_es", tmp_path / "a.argosmodel", [("en_es/\u00e9\u00e9", b"x")]
    )
    data = archive.read_bytes()
    assert "\u00e9\u00e9".encode() in data
    archive.write_bytes(data.replace("\u00e9\u00e9".encode(), b"\xff\xfe\xff\xfe"))
    _refused(archive, tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_archive_with_any_bytes_changed(
    tmp_path_factory: pytest.TempPathFactory, small: bytes, where: list[tuple[float, int]]
) -> None:
    """Whatever is wrong with it, one line says so, and nothing is left outside its folder."""
    folder = tmp_path_factory.mktemp("any")
    data = bytearray(small)
    for position, value in where:  # mostly where zip keeps its names and sizes
        data[-1 - int(position * min(1500, len(data) - 1))] = value
    (folder / "a.argosmodel").write_bytes(bytes(data))
    into = folder / "data" / "packages"
    with contextlib.suppress(EngineError):
        argos.install_file(folder / "a.argosmodel", into=into)
    assert set(_visible(folder)) <= {"a.argosmodel", "data"}
    assert set(_visible(folder / "data")) <= {"packages"}
    for path in into.iterdir():
        archives.verify(path, thorough=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, random_packages: Path) -> bytes:
    path = tmp_path_factory.mktemp("small") / "a.argosmodel"
    return pack(random_packages / "en_es", path).read_bytes()


@pytest.mark.parametrize(
    "metadata",
    [
        {"from_code": None},
        {"to_code": None},
        {"to_code": ""},
        {"to_code": 7},
        {"to_code": ["es"]},
        {"to_code": "../es"},
        {"package_version": "1/../../0"},
        {"package_version": ["1"]},
        {"type": "sbd"},
        {"from_codes": 1, "links": 1, "languages": 1},
    ],
)
def test_archive_with_odd_metadata(
    tmp_path: Path, random_packages: Path, metadata: dict[str, object]
) -> None:
    _refused(changed(random_packages / "en_es", tmp_path, **metadata), tmp_path)


@pytest.mark.parametrize("metadata", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"{}" * 10**6])
def test_archive_with_metadata_that_is_none(
    tmp_path: Path, random_packages: Path, metadata: bytes
) -> None:
    folder = tmp_path / "source" / "en_es"
    shutil.copytree(random_packages / "en_es", folder)
    (folder / "metadata.json").write_bytes(metadata)
    _refused(pack(folder, tmp_path / "a.argosmodel"), tmp_path)


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.999])
@pytest.mark.parametrize("name", ["model/model.bin", "sentencepiece.model"])
def test_archive_with_a_model_cut_off_before_it_was_packed(
    tmp_path: Path, random_packages: Path, name: str, keep: float
) -> None:
    folder = tmp_path / "source" / "en_es"
    shutil.copytree(random_packages / "en_es", folder)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(keep * len(data))])
    _refused(pack(folder, tmp_path / "a.argosmodel"), tmp_path)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_archive_cut_off(tmp_path: Path, random_packages: Path, keep: float) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel")
    data = archive.read_bytes()
    archive.write_bytes(data[: int(keep * len(data)) if keep < 1 else int(keep)])
    _refused(archive, tmp_path)


def test_archive_with_a_damaged_byte(tmp_path: Path, random_packages: Path) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel")
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    archive.write_bytes(bytes(data))
    _refused(archive, tmp_path)


@pytest.mark.parametrize("missing", ["metadata.json", "model/model.bin", "sentencepiece.model"])
def test_archive_that_is_no_package(tmp_path: Path, random_packages: Path, missing: str) -> None:
    folder = tmp_path / "source" / "en_es"
    shutil.copytree(random_packages / "en_es", folder)
    (folder / missing).unlink()
    _refused(pack(folder, tmp_path / "a.argosmodel"), tmp_path)


def test_archive_of_another_type(tmp_path: Path, random_packages: Path) -> None:
    folder = tmp_path / "source" / "sbd"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"type": "sbd"}', encoding="utf-8")
    _refused(pack(folder, tmp_path / "a.argosmodel"), tmp_path)


def test_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.argosmodel").write_text("<html>404</html>", encoding="utf-8")
    _refused(tmp_path / "a.argosmodel", tmp_path)
    _refused(tmp_path / "not-there.argosmodel", tmp_path)


def _refused(archive: Path, folder: Path) -> None:
    """It raises one line, and nothing is unpacked, neither here nor next to it."""
    into = folder / "data" / "packages"
    into.mkdir(parents=True)
    (into / "en_es").mkdir()
    before = _all(folder)
    with pytest.raises(EngineError, match="is not installed: ") as raised:
        argos.install_file(archive, into=into)
    assert "\n" not in str(raised.value)
    assert _all(folder) == before
    shutil.rmtree(into.parent)


def _all(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.name != ".argos-lock")


def _visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".argos-lock")


# What was installed, and what is there now.


@pytest.fixture
def put(tmp_path: Path, random_packages: Path) -> Path:
    archive = pack(random_packages / "en_es", tmp_path / "one.argosmodel")
    return argos.install_file(archive, into=tmp_path / "data" / "packages")


def test_record(tmp_path: Path, put: Path) -> None:
    record = archives.verify(put, thorough=True)
    assert record is not None
    assert record.origin == "one.argosmodel"
    assert record.sha256 == hashlib.sha256((tmp_path / "one.argosmodel").read_bytes()).hexdigest()
    found = {str(path.relative_to(put)): path for path in put.rglob("*") if path.is_file()}
    del found[archives.RECORD]
    assert set(found) == set(record.files)
    for name, path in found.items():
        assert record.files[name].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert record.files[name].bytes == path.stat().st_size


def test_what_is_whole_is_not_read(put: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*arguments: object) -> str:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(archives, "hash_of", read)
        assert archives.verify(put)
    for path in put.rglob("*"):  # as a copy of the folder has it
        os.utime(path, (1, 1))
    counted = Counted()
    assert archives.verify(put, progress=counted)
    assert counted.totals == [counted.count]
    assert counted.count > 10_000


class Counted:
    def __init__(self) -> None:
        self.totals: list[int] = []
        self.count = 0

    def expect(self, total: int, unit: str = "bytes") -> None:
        self.totals.append(total)

    def add(self, count: int) -> None:
        self.count += count


def test_files_that_are_not_what_was_installed(put: Path) -> None:
    model = put / "model" / "model.bin"
    data = model.read_bytes()
    status = model.stat()
    model.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    os.utime(model, (status.st_atime, status.st_mtime))
    assert archives.verify(put)  # all that can be known without reading it
    with pytest.raises(EngineError, match=r"model/model\.bin is not the file"):
        archives.verify(put, thorough=True)
    os.utime(model, (status.st_atime, status.st_mtime + 2))
    with pytest.raises(EngineError, match=r"model/model\.bin is not the file"):
        archives.verify(put)
    model.write_bytes(data[:-1])
    with pytest.raises(EngineError, match=r"model/model\.bin has [\d,]+ bytes, not"):
        archives.verify(put)
    model.unlink()
    with pytest.raises(EngineError, match=r"model/model\.bin is missing"):
        archives.verify(put)


@pytest.mark.parametrize(
    "record",
    ["", "{", "[]", "{}", '{"sha256": "", "origin": "", "files": []}', "[" * 100_000, "null"]
    + [
        f'{{"sha256": "", "origin": "", "files": {{"a": {file}}}}}'
        for file in ("1", "{}", '{"sha256": "", "bytes": "", "mtime": 0}')
    ],
)
def test_record_that_is_damaged(put: Path, record: str) -> None:
    (put / archives.RECORD).write_text(record, encoding="utf-8")
    with pytest.raises(EngineError, match=r"pipeline\.json in it is damaged"):
        archives.verify(put)


def test_what_something_else_installed_has_no_record(put: Path) -> None:
    (put / archives.RECORD).unlink()
    assert archives.verify(put, thorough=True) is None


def test_record_in_an_archive_is_not_believed(tmp_path: Path, random_packages: Path) -> None:
    extra = [("en_es/pipeline.json", b'{"sha256": "0", "origin": "me", "files": {}}')]
    archive = pack(random_packages / "en_es", tmp_path / "two.argosmodel", extra)
    record = archives.verify(argos.install_file(archive, into=tmp_path / "packages"))
    assert record is not None
    assert record.origin == "two.argosmodel"
    assert len(record.files) >= 4


def test_same_version_from_another_archive(tmp_path: Path, put: Path) -> None:
    said: list[str] = []
    into = put.parent
    other = pack(put, tmp_path / "other.argosmodel", [("en_es/more", b"more")])
    argos.install_file(tmp_path / "one.argosmodel", into=into, report=said.append)
    assert said == [f"Argos package en→es 1.0 is in {put} already"]
    with pytest.raises(EngineError, match=r"already, from an archive of SHA-256 .*--force"):
        argos.install_file(other, into=into)
    assert not (put / "more").exists()
    argos.install_file(other, into=into, options=install_options.InstallOptions(replace=True))
    assert (put / "more").exists()
    (put / archives.RECORD).unlink()
    with pytest.raises(EngineError, match=r"already, from nobody knows where.*--force"):
        argos.install_file(other, into=into)
    (put / "model" / "model.bin").write_bytes(b"")
    (put / archives.RECORD).write_text("", encoding="utf-8")
    argos.install_file(other, into=into)  # what is broken may go
    assert archives.verify(put, thorough=True)


def test_folder_of_another_pair_is_left_alone(tmp_path: Path, put: Path) -> None:
    put.rename(put.with_name("en_fr"))
    archive = changed(put.with_name("en_fr"), tmp_path, to_code="fr")
    with pytest.raises(EngineError, match="en_fr holds en→es; rename that folder"):
        argos.install_file(archive, into=put.parent)


# Pins.


def test_pins(tmp_path: Path, put: Path) -> None:
    record = archives.read_record(put)
    assert record is not None
    name, sha256 = "translate-en_es-1_0", record.sha256
    other = pack(put, tmp_path / "other.argosmodel", [("en_es/more", b"more")])
    newer = changed(put, tmp_path, package_version="1.1")

    def pinned(**pins: str) -> install_options.InstallOptions:
        table = {key.replace("__", "-"): value for key, value in pins.items()}
        return install_options.InstallOptions(pins=archives.read_pins(table))

    strict = install_options.InstallOptions(pins=archives.read_pins({name: sha256.upper()}))
    argos.install_file(tmp_path / "one.argosmodel", into=put.parent, options=strict)
    for archive, reason in (
        (other, "is pinned"),
        (newer, f"it is translate-en_es-1_1, and {name} is pinned"),
    ):
        with pytest.raises(EngineError, match=reason):
            argos.install_file(archive, into=put.parent, options=strict)
    assert not (put / "more").exists()
    loose = install_options.InstallOptions(
        pins={name: hashlib.sha256(other.read_bytes()).hexdigest()}
    )
    argos.install_file(other, into=put.parent, options=loose)  # a pin is leave to replace
    assert (put / "more").exists()
    assert "was not recorded" in archives.against_pins(name, None, strict.pinned)
    assert not archives.against_pins("translate-en_fr-1_0", None, strict.pinned)
    assert install_options.InstallOptions({"argos": {"sha256": {name: sha256}}}).pinned == {
        name: sha256
    }
    assert install_options.InstallOptions().pinned == {}


@pytest.mark.parametrize(
    "table", [1, [], {"en_es": "0" * 64}, {"translate-en_es-1_9": 1}, {"translate-en_es-1_9": "0"}]
)
def test_pins_that_are_none(table: object) -> None:
    with pytest.raises(SettingsError, match=r"^sha256: "):
        archives.read_pins(table)


# Interrupted.

_KILLED = """
import os, signal, sys, zipfile
from pathlib import Path
from pipeline.engines.install import argos as install
left = int(sys.argv[4])
def deadly(call):
    def called(*arguments, **options):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return called
install.load = lambda *arguments: None
owner, name = {
    "open": (zipfile.ZipFile, "open"), "try": (install, "_try"), "rename": (Path, "rename")
}[sys.argv[3]]
setattr(owner, name, deadly(getattr(owner, name)))
install.install_file(Path(sys.argv[1]), into=Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "where", ["open 1", "open 2", "open 5", "try 1", "rename 1", "rename 2", "rename 3"]
)
def test_killed_while_it_installs(tmp_path: Path, random_packages: Path, where: str) -> None:
    """While it unpacks, tries, and renames the old away and the new to; what stands is whole."""
    from pipeline.engines.argos import packages as argos_packages

    into = tmp_path / "data" / "packages"
    old = argos.install_file(pack(random_packages / "en_es", tmp_path / "old"), into=into)
    newer = changed(random_packages / "en_es", tmp_path, package_version="1.1")
    command = [sys.executable, "-c", _KILLED, str(newer), str(into), *where.split()]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode in (-signal.SIGKILL, 0), done.stderr
    standing = _visible(into)
    assert (not standing) == (where == "rename 2")
    assert (not done.returncode) == (where == "rename 3")  # there is none
    if standing:
        archives.verify(old, thorough=True)
        version = argos_packages.installed([into])[0]["en", "es"].package_version
        assert version == ("1.0" if done.returncode else "1.1")
    else:
        assert done.returncode  # between the two renames
    other = pack(random_packages / "en_fr", tmp_path / "en_fr")
    argos.install_file(other, into=into)
    assert _visible(into) == ["en_es", "en_fr"]
    archives.verify(old, thorough=True)
    assert _visible(into.parent) == ["packages"]


def test_file_that_the_disk_does_not_take(tmp_path: Path, small: bytes) -> None:
    """A limit on the size of files is as near to a full disk as a test gets."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.argosmodel").write_bytes(small)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        _refused(folder / "a.argosmodel", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_disk_without_room(tmp_path: Path, small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.argosmodel").write_bytes(small)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    with pytest.raises(EngineError, match=r"where 1 MB are free; make room"):
        argos.install_file(tmp_path / "a.argosmodel", into=tmp_path / "packages")


def test_one_at_a_time(tmp_path: Path, small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.argosmodel").write_bytes(small)
    monkeypatch.setattr(argos, "LOCK_TIMEOUT", 0.1)
    with (
        argos._scratch(tmp_path / "packages"),
        pytest.raises(EngineError, match="another command installs packages"),
    ):
        argos.install_file(tmp_path / "a.argosmodel", into=tmp_path / "packages")


# Installing from Argos' index.


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path, random_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve en→es and es→pt as Argos does; Argos' own folders are below `tmp_path`."""
    from argostranslate import settings

    www = tmp_path / "www"
    www.mkdir()
    handler = functools.partial(_Quiet, directory=str(www))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    address = f"http://127.0.0.1:{server.server_port}/"
    entries = []
    for name in ("en_es", "es_pt"):
        pack(random_packages / name, www / f"{name}.argosmodel")
        entry = json.loads((random_packages / name / "metadata.json").read_text("utf-8"))
        links = ["ipfs://nowhere", address + "gone.argosmodel", f"{address}{name}.argosmodel"]
        entries.append({**entry, "links": links})
        entries.append({**entry, "package_version": "0.9", "links": []})
    (www / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    packages = tmp_path / "data" / "packages"
    monkeypatch.setattr(settings, "package_dirs", [packages])
    monkeypatch.setattr(settings, "remote_package_index", address + "index.json")
    monkeypatch.setattr(settings, "local_package_index", tmp_path / "index.json")
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    registry._load.cache_clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield www
    server.shutdown()
    thread.join()
    server.server_close()


def test_install_argos(index: Path) -> None:
    said: list[str] = []
    assert argos.install_argos(["pt_BR", "de", "es"], "en", said.append) == ["pt_BR", "es"]
    assert (
        registry.choose("auto", "en", "pt_BR").engine.signature("en", "pt_BR").endswith("es→pt 1.4")
    )
    assert sum(line.startswith("Downloading") for line in said) == 4
    said.clear()
    assert argos.install_argos(["pt_BR"], "en", said.append) == ["pt_BR"]
    assert said == []


def test_install_argos_download_that_is_no_package(index: Path) -> None:
    (index / "en_es.argosmodel").write_text("sorry", encoding="utf-8")
    with pytest.raises(
        EngineError, match=r"en→es 1\.0 is not installed: 127\.0\.0\.1: .*no whole zip"
    ):
        argos.install_argos(["es"], "en", lambda line: None)


@pytest.mark.parametrize("text", ["<html>", "1", "[1]"])
def test_install_argos_index_that_cannot_be_read(index: Path, text: str) -> None:
    (index / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(EngineError, match="cannot be read"):
        argos.install_argos(["es"], "en", lambda line: None)


def test_install_argos_without_a_network(
    index: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from argostranslate import settings

    monkeypatch.setattr(settings, "remote_package_index", "http://127.0.0.1:9/index.json")
    with pytest.raises(EngineError, match=r"cannot be reached.*\.argosmodel") as raised:
        argos.install_argos(["es"], "en", lambda line: None)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


class _Server:
    """Answers each path in its own way, with a real socket."""

    def __init__(self) -> None:
        self.ways: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(_Quiet):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.ways[self.path](self)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _send(
    data: bytes, *, total: int | None = None, status: int = 200, pieces: int = 1, wait: float = 0
) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    """Say that `total` bytes come, -1 to say nothing, and send `data` with a wait between."""

    def way(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        said = len(data) if total is None else total
        if said >= 0:
            request.send_header("Content-Length", str(said))
        request.end_headers()
        step = max(1, -(-len(data) // pieces))
        for start in range(0, len(data), step):
            request.wfile.write(data[start : start + step])
            time.sleep(wait)

    return way


def _nonsense(request: http.server.BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"no HTTP at all\r\n\r\n")


def _chunk_cut_off(request: http.server.BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nand no more")


def _elsewhere(request: http.server.BaseHTTPRequestHandler) -> None:
    request.send_response(302)
    request.send_header("Location", "file:///etc/passwd")
    request.end_headers()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """Serve an index of the trained tiny models; their files may be asked for, and come whole."""
    from argostranslate import settings as its

    if not all(path.exists() for path in _tiny().values()):
        pytest.skip("no tiny models here")
    served = _Server()
    _index(served, {})
    for name, path in _tiny().items():
        served.ways[f"/{name}"] = _send(path.read_bytes())
    monkeypatch.setattr(its, "package_dirs", [tmp_path / "data" / "packages"])
    monkeypatch.setattr(its, "remote_package_index", served.address + "/index.json")
    monkeypatch.setattr(its, "local_package_index", tmp_path / "data" / "index.json")
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    registry._load.cache_clear()
    yield served
    served.close()


def _tiny() -> dict[str, Path]:
    names = ("en_es", "es_en", "en_fr")
    return {name: packages.TINY.with_name(f"tiny-{name}.argosmodel") for name in names}


def _index(served: _Server, links: dict[str, list[str]], **more: object) -> None:
    entries = [
        {
            "package_version": "0.1",
            "from_code": name[:2],
            "to_code": name[3:],
            "links": [served.address + link for link in links.get(name, [f"/{name}"])],
            **more,
        }
        for name in _tiny()
    ]
    served.ways["/index.json"] = _send(json.dumps(entries).encode())


def test_trained_models_come_from_an_index_and_chain(server: _Server, tmp_path: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    said: list[str] = []
    assert argos.install_argos(["fr", "de"], "es", said.append) == ["fr"]
    assert server.asked == ["/index.json", "/es_en", "/en_fr"]
    assert [line.split()[0] for line in said] == ["Reading"] + ["Downloading", "Installed"] * 2
    (draft,) = ArgosEngine().translate([base.Segment("¿Dónde está la casa?")], "es", "fr")
    assert "maison" in draft[0].text
    record = archives.read_record(tmp_path / "data" / "packages" / "es_en")
    assert record is not None
    assert record.origin == server.address + "/es_en"
    assert record.sha256 == hashlib.sha256(_tiny()["es_en"].read_bytes()).hexdigest()
    assert _visible(tmp_path / "data") == ["index.json", "packages"]


def test_progress_of_a_slow_server(server: _Server) -> None:
    data = _tiny()["en_es"].read_bytes()
    server.ways["/en_es"] = _send(data, pieces=10, wait=0.03)
    times: list[float] = []

    class Watched(Counted):
        def add(self, count: int) -> None:
            super().add(count)
            times.append(time.monotonic())

    progress = Watched()
    options = install_options.InstallOptions(progress=progress)
    assert argos.install_argos(["es"], "en", lambda line: None, options) == ["es"]
    assert progress.totals == [len(data)]
    assert progress.count == len(data)
    assert len(times) >= 10
    assert times[-1] - times[0] > 0.2


def test_progress_where_the_server_does_not_tell_how_much(server: _Server) -> None:
    server.ways["/en_es"] = _send(_tiny()["en_es"].read_bytes(), total=-1)
    progress = Counted()
    options = install_options.InstallOptions(progress=progress)
    assert argos.install_argos(["es"], "en", lambda line: None, options) == ["es"]
    assert progress.totals == [0]


BAD: dict[str, tuple[Callable[[bytes], Callable[..., None]], str]] = {
    "cut off": (lambda data: _send(data[:-9], total=len(data)), "the connection ended after"),
    "cut off in a chunk": (lambda data: _chunk_cut_off, "IncompleteRead|no whole zip"),
    "cut off, and no length": (lambda data: _send(data[:-9], total=-1), "no whole zip"),
    "no HTTP": (lambda data: _nonsense, "no HTTP at all"),
    "gone": (lambda data: _send(b"", status=404), "Not Found"),
    "a page": (lambda data: _send(b"<html>Come back later"), "no whole zip"),
    "too large": (lambda data: _send(b"", total=1 << 40), "larger than 2 GiB"),
    "another pair": (
        lambda data: _send(_tiny()["en_fr"].read_bytes()),
        r"it holds en→fr 0\.1 and not en→es 0\.1",
    ),
    "a file of ours": (lambda data: _elsewhere, "file:///etc/passwd"),
    "silence": (lambda data: lambda request: time.sleep(0.6), "timed out"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_address_then_a_good_one(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setattr(download, "DOWNLOAD_TIMEOUT", 0.3)
    way, reason = BAD[bad]
    server.ways["/bad"] = way(_tiny()["en_es"].read_bytes())
    _index(server, {"en_es": ["/bad"]})
    with pytest.raises(EngineError, match=f"127.0.0.1: .*({reason}).*try again later") as raised:
        argos.install_argos(["es"], "en", lambda line: None)
    assert "\n" not in str(raised.value)
    assert _visible(tmp_path / "data" / "packages") == []
    _index(server, {"en_es": ["/bad", "/en_es"]})
    assert argos.install_argos(["es"], "en", lambda line: None) == ["es"]
    assert server.asked[-2:] == ["/bad", "/en_es"]
    assert _visible(tmp_path / "data") == ["index.json", "packages"]


def test_download_of_another_hash_is_not_unpacked(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = hashlib.sha256(_tiny()["en_es"].read_bytes()).hexdigest()
    opened: list[object] = []

    class Watched(zipfile.ZipFile):
        def __init__(self, *arguments: Any) -> None:
            opened.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr("zipfile.ZipFile", Watched)
    wrong = install_options.InstallOptions(pins={"translate-en_es-0_1": "0" * 64})
    with pytest.raises(EngineError, match=rf"SHA-256 {sha256}, and 0{{64}} is pinned"):
        argos.install_argos(["es"], "en", lambda line: None, wrong)
    assert opened == []
    assert _visible(tmp_path / "data" / "packages") == []
    right = install_options.InstallOptions(pins={"translate-en_es-0_1": sha256})
    assert argos.install_argos(["es"], "en", lambda line: None, right) == ["es"]
    assert opened


def test_pinned_version_is_taken_though_there_is_a_newer_one(server: _Server) -> None:
    entries = [
        {
            "package_version": version,
            "from_code": "en",
            "to_code": "es",
            "links": [f"{server.address}/{link}"],
        }
        for version, link in (("0.1", "en_es"), ("9.0", "evil"))
    ]
    server.ways["/index.json"] = _send(json.dumps(entries).encode())
    pins = {"translate-en_es-0_1": hashlib.sha256(_tiny()["en_es"].read_bytes()).hexdigest()}
    options = install_options.InstallOptions(pins=pins)
    assert argos.install_argos(["es"], "en", lambda line: None, options) == ["es"]
    assert server.asked == ["/index.json", "/en_es"]


def test_disk_that_is_full_asks_no_second_address(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _index(server, {"en_es": ["/en_es", "/en_es"]})
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    with pytest.raises(EngineError, match=r"en→es 0\.1 is not installed: it takes 3 MB"):
        argos.install_argos(["es"], "en", lambda line: None)
    assert server.asked == ["/index.json", "/en_es"]
    assert _visible(tmp_path / "data") == ["index.json", "packages"]


def test_disk_that_is_full_while_unpacking_asks_no_second_address(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "model.bin")

    _index(server, {"en_es": ["/en_es", "/en_es"]})
    monkeypatch.setattr(archives, "unpack", full)
    with pytest.raises(EngineError, match=r"is not installed: .*No space left on device"):
        argos.install_argos(["es"], "en", lambda line: None)
    assert server.asked == ["/index.json", "/en_es"]
    assert _visible(tmp_path / "data") == ["index.json", "packages"]


def test_index_that_never_comes(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argos_index, "INDEX_TIMEOUT", 0.2)
    server.ways["/index.json"] = lambda request: time.sleep(0.5)
    with pytest.raises(EngineError, match=r"cannot be reached \((timed out|no answer)"):
        argos.install_argos(["es"], "en", lambda line: None)


def test_index_that_cannot_be_read_leaves_the_copy(server: _Server, tmp_path: Path) -> None:
    argos_index.refresh_index(lambda line: None)
    before = (tmp_path / "data" / "index.json").read_bytes()
    server.ways["/index.json"] = _send(b"<html>")
    with pytest.raises(EngineError, match="cannot be read"):
        argos_index.refresh_index(lambda line: None)
    assert (tmp_path / "data" / "index.json").read_bytes() == before


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
_entry = st.fixed_dictionaries(
    {},
    optional={
        "from_code": st.sampled_from(["en", "es", "", None, "../x", 1]) | _json,
        "to_code": st.sampled_from(["es", "pb"]) | _json,
        "package_version": st.sampled_from(["1.9", "1.10", "1.x"]) | _json,
        "links": st.lists(st.sampled_from(["https://a.example/b", "http://a b", "ipfs://x"]))
        | _json,
        "type": st.sampled_from(["translate", "sbd"]) | _json,
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_entry, max_size=5) | _json)
def test_index_of_any_shape(value: object) -> None:
    """What can be used of it is used; anything else does not get far."""
    try:
        found = argos_index.parse_index(json.dumps(value).encode())
    except ValueError:
        assert not isinstance(value, list) or not all(isinstance(one, dict) for one in value)
        return
    for pair, one in argos_index.newest(found).items():
        assert pair == (one.from_code, one.to_code)
        assert "/" not in one.name
        assert all(link.startswith(("https://", "http://")) for link in one.links)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 200_000, b"{}", b"[1]", b'[{"links":'])
def test_index_that_is_none(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        argos_index.parse_index(data)


def test_index_prefers_the_newest_and_what_is_encrypted() -> None:
    entry = {"from_code": "en", "to_code": "es", "links": ["http://a.example", "https://a.example"]}
    versions = [{**entry, "package_version": version} for version in ("1.9", "1.10", "1.2")]
    (one,) = argos_index.newest(argos_index.parse_index(json.dumps(versions).encode())).values()
    assert one.name == "translate-en_es-1_10"
    assert one.links == ("https://a.example", "http://a.example")


# What is there, and what could be.


def test_offer_of_what_is_missing_of_a_way(server: _Server) -> None:
    argos.install_argos(["en"], "es", lambda line: None)
    (row,) = offers.listing(["fr"], "es").rows
    assert row.offers[0] == offers.Offer("argos", ("translate-en_fr-0_1",), ("es", "en", "fr"))
    assert any(" (es→en→fr): " in line for line in offers.lines(offers.listing(["fr"], "es")))


def test_listing(server: _Server, tmp_path: Path) -> None:
    def found(**options: Any) -> offers.Listing:
        return offers.listing(["es", "fr", "tlh"], "en", install_options.InstallOptions(**options))

    nothing = found()
    assert server.asked == []
    assert nothing.index == ""
    assert all(row.trouble and not row.engine for row in nothing.rows)
    assert nothing.rows[0].offers == (offers.Offer("apertium", ("apertium", "apertium-eng-spa")),)
    argos.install_argos(["es"], "en", lambda line: None)
    server.asked.clear()
    some = found()
    assert server.asked == []
    es, fr, tlh = some.rows
    assert (es.engine, es.signature, es.offers) == ("argos", "argos en→es 0.1", ())
    assert fr.offers[0] == offers.Offer("argos", ("translate-en_fr-0_1",), ("en", "fr"))
    assert tlh.offers == ()
    assert [one.name for one in some.packages] == ["translate-en_es-0_1"]
    assert some.packages[0].sha256
    assert some.packages[0].trouble == ""
    assert json.loads(json.dumps(asdict(some)))["rows"][1]["locale"] == "fr"
    assert found(names={"fr": "apertium"}).rows[1].offers[0].engine == "apertium"

    lines = offers.lines(some)
    assert lines[0] == "es       argos en→es 0.1"
    assert any("could be argos: translate-en_fr-0_1" in line for line in lines)
    assert lines[-2] == "To get what could be: pipeline engines install fr"
    assert not any("\n" in line for line in lines)

    assert argos.installed_pairs({"translate-en_es-0_1": "0" * 64}) == []
    assert argos.installed_pairs() == [("en", "es")]
    pinned = found(pins={"translate-en_es-0_1": "0" * 64})
    assert "is pinned" in pinned.packages[0].trouble
    (tmp_path / "data" / "packages" / "en_es" / "model" / "model.bin").write_bytes(b"cut")
    broken = found()
    assert "model/model.bin has 3 bytes" in broken.packages[0].trouble
    assert any("en_es is left out: model/model.bin has 3" in line for line in offers.lines(broken))


# Installing Apertium.


@dataclass
class _Apt:
    """Stands for apt-get: remembers the calls; "installs" modes of sed."""

    modes: Path
    known: bool = True
    fails: str = ""

    def __post_init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(
        self, command: list[str], hear: Callable[[str], None] = lambda line: None
    ) -> subprocess.CompletedProcess[str]:
        self.calls.append(command)
        if command[0] == "apt-cache":
            return subprocess.CompletedProcess(command, 0 if self.known else 100, "", "")
        if self.fails:
            return subprocess.CompletedProcess(command, 100, "", f"W: x\nE: {self.fails}\nW: y\n")
        if "install" in command:
            for name in ("eng-spa", "es-pt_BR"):
                write_mode(self.modes / f"{name}.mode", ["sed -u -e ''"])
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Apt:
    (tmp_path / "modes").mkdir()
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    fake = _Apt(tmp_path / "modes")
    monkeypatch.setattr(debian, "_call", fake)
    monkeypatch.setattr(
        "shutil.which", lambda name, which=shutil.which: which("sh" if "apt" in name else name)
    )
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return fake


def test_install_apertium(apt: _Apt) -> None:
    apt.known = False
    locales = ["es", "pt_BR", "fr", "it", "tlh"]
    assert debian.install_apertium(locales, "en", lambda line: None) == ["es", "pt_BR"]
    _, update, installed = apt.calls
    assert update[:3] == ["sudo", "-n", "apt-get"]
    assert update[-1] == "update"
    packages = ["apertium", "apertium-eng-spa", "apertium-es-pt", "apertium-fr-es"]
    assert installed[-6:] == ["--no-install-recommends", *packages, "apertium-spa-ita"]
    assert debian.install_apertium(["es", "tlh"], "en", lambda line: None) == ["es"]
    assert len(apt.calls) == 3


def test_install_apertium_fails(apt: _Apt, monkeypatch: pytest.MonkeyPatch) -> None:
    apt.fails = "Unable to lock"
    with pytest.raises(
        EngineError, match=r"E: Unable to lock\): run `apt-get install -y .*as root"
    ):
        debian.install_apertium(["ca"], "en", lambda line: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(EngineError, match="apt-get, which is not here"):
        debian.install_apertium(["ca"], "en", lambda line: None)


def test_install_goes_from_one_to_the_next(index: Path, apt: _Apt) -> None:
    said: list[str] = []
    (index / "index.json").write_text("[]", encoding="utf-8")
    assert steps.install(["es", "pt_BR", "de"], "en", said.append) == ["es", "pt_BR"]
    assert said[-1].startswith("No engine from en to de: translate it by hand")
    apt.fails = "no network"
    assert steps.install(["ca"], "en", said.append) == []
    assert "no network" in said[-2]


def test_progress_of_apt() -> None:
    progress = Counted()
    hear = debian._percents(progress)
    for line in """\
Reading package lists...
dlstatus:1:0.0000:Retrieving file 1 of 2
dlstatus:2:50.5:Retrieving file 2 of 2
dlstatus:x
pmstatus:apertium-eng-spa:42.8571:Unpacking apertium-eng-spa (all)
pmstatus:libc:amd64:60.0:Configuring libc (amd64)
pmstatus:apertium-eng-spa:57.1428:Configuring apertium-eng-spa (all)
pmstatus:dpkg-exec:100.0000:Running dpkg
""".splitlines():
        hear(line)
    assert progress.count == 200


def test_call_hears_lines_and_keeps_what_goes_wrong() -> None:
    heard: list[str] = []
    done = debian._call(["sh", "-c", "echo one; echo two; echo E: three >&2; exit 5"], heard.append)
    assert (heard, done.returncode, done.stderr) == (["one\n", "two\n"], 5, "E: three\n")
    with pytest.raises(EngineError, match="no-such-program"):
        debian._call(["no-such-program"])


def test_call_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "APT_TIMEOUT", 0.2)
    assert debian._call(["sleep", "20"]).returncode < 0
