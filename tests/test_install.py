"""Getting engines onto the machine: from a file, from an index, and from Debian."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import stat
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import packages
import pytest
from packages import pack, write_mode

from pipeline import engines
from pipeline.engines import install
from pipeline.errors import EngineError


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
        yield


@pytest.fixture(scope="module")
def random_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.build_three(tmp_path_factory.mktemp("packages"))


# Installing from an archive.


def test_install_file(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos import ArgosEngine

    archive = pack(random_packages / "en_es", tmp_path / "new.argosmodel")
    into = tmp_path / "data" / "packages"
    assert install.install_file(archive, into=into) == into / "en_es"
    (into / "en_es" / "old").touch()
    assert install.install_file(archive, into=into) == into / "en_es"
    assert sorted(path.name for path in (into / "en_es").iterdir()) == [
        "metadata.json",
        "model",
        "sentencepiece.model",
    ]
    assert [path.name for path in into.parent.iterdir()] == ["packages"]
    assert ArgosEngine([into]).serves("en", "es")


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("en_es/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


TRAPS: dict[str, tuple[str | zipfile.ZipInfo, bytes]] = {
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
    before = sorted(folder.rglob("*"))
    with pytest.raises(EngineError, match="is not installed: ") as raised:
        install.install_file(archive, into=into)
    assert "\n" not in str(raised.value)
    assert sorted(folder.rglob("*")) == before
    (into / "en_es").rmdir()
    into.rmdir()
    into.parent.rmdir()


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
    engines._load.cache_clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield www
    server.shutdown()
    thread.join()
    server.server_close()


def test_install_argos(index: Path) -> None:
    said: list[str] = []
    assert install.install_argos(["pt_BR", "de", "es"], "en", said.append) == ["pt_BR", "es"]
    assert engines.choose("auto", "en", "pt_BR").engine.signature("en", "pt_BR").endswith("es→pt 1.4")
    assert sum(line.startswith("Downloading") for line in said) == 4
    said.clear()
    assert install.install_argos(["pt_BR"], "en", said.append) == ["pt_BR"]
    assert said == []


def test_install_argos_download_that_is_no_package(index: Path) -> None:
    (index / "en_es.argosmodel").write_text("sorry", encoding="utf-8")
    with pytest.raises(EngineError, match=r"en→es 1\.0 is not installed"):
        install.install_argos(["es"], "en", lambda line: None)


@pytest.mark.parametrize("text", ["<html>", "1", "[1]"])
def test_install_argos_index_that_cannot_be_read(index: Path, text: str) -> None:
    (index / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(EngineError, match="cannot be read"):
        install.install_argos(["es"], "en", lambda line: None)


def test_install_argos_without_a_network(
    index: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from argostranslate import settings

    monkeypatch.setattr(settings, "remote_package_index", "http://127.0.0.1:9/index.json")
    with pytest.raises(EngineError, match=r"cannot be reached.*\.argosmodel") as raised:
        install.install_argos(["es"], "en", lambda line: None)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


# Installing Apertium.


@dataclass
class _Apt:
    """Stands for apt-get: remembers the calls; "installs" modes of sed."""

    modes: Path
    known: bool = True
    fails: str = ""

    def __post_init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, command: list[str]) -> subprocess.CompletedProcess[str]:
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
    monkeypatch.setattr(install, "_call", fake)
    monkeypatch.setattr(
        "shutil.which", lambda name, which=shutil.which: which("sh" if "apt" in name else name)
    )
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return fake


def test_install_apertium(apt: _Apt) -> None:
    apt.known = False
    locales = ["es", "pt_BR", "fr", "it", "tlh"]
    assert install.install_apertium(locales, "en", lambda line: None) == ["es", "pt_BR"]
    _, update, installed = apt.calls
    assert update[:3] == ["sudo", "-n", "apt-get"]
    assert update[-1] == "update"
    packages = ["apertium", "apertium-eng-spa", "apertium-es-pt", "apertium-fr-es"]
    assert installed[-6:] == ["--no-install-recommends", *packages, "apertium-spa-ita"]
    assert install.install_apertium(["es", "tlh"], "en", lambda line: None) == ["es"]
    assert len(apt.calls) == 3


def test_install_apertium_fails(apt: _Apt, monkeypatch: pytest.MonkeyPatch) -> None:
    apt.fails = "Unable to lock"
    with pytest.raises(
        EngineError, match=r"E: Unable to lock\): run `apt-get install -y .*as root"
    ):
        install.install_apertium(["ca"], "en", lambda line: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(EngineError, match="apt-get, which is not here"):
        install.install_apertium(["ca"], "en", lambda line: None)


def test_install_goes_from_one_to_the_next(index: Path, apt: _Apt) -> None:
    said: list[str] = []
    (index / "index.json").write_text("[]", encoding="utf-8")
    assert install.install(["es", "pt_BR", "de"], "en", said.append) == ["es", "pt_BR"]
    assert said[-1].startswith("No engine from en to de: translate it by hand")
    apt.fails = "no network"
    assert install.install(["ca"], "en", said.append) == []
    assert "no network" in said[-2]
