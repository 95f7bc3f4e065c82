"""The library: its names, its plug-ins, and the wheel, installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from helpers import ROOT, SETTINGS, Sample, sample

import pipeline
from pipeline import api


def test_the_public_names_are_those_of_the_api() -> None:
    assert pipeline.__all__ == api.__all__
    for name in pipeline.__all__:
        assert getattr(pipeline, name) is getattr(api, name)
    assert set(pipeline.__all__) <= set(dir(pipeline))
    with pytest.raises(AttributeError, match="nothing_such"):
        pipeline.nothing_such  # noqa: B018


def test_import_alone_loads_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import pipeline;"
        "print(sorted(m for m in set(sys.modules) - before if m.startswith('pipeline')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pipeline']"


def test_an_article_is_drafted_approved_and_built() -> None:
    article = pipeline.read_article("# Boats\n\nThey sail. They return.\n", ".md", "boats", "en")
    drafted = pipeline.pretranslate(
        article, pipeline.new_catalog(article, "es"), pipeline.load_engine("pseudo")
    )
    data = pipeline.dump_po(drafted).replace(b"#, fuzzy\n", b"")
    approved = pipeline.parse_po(data, Path("es/LC_MESSAGES/boats.po"))
    built = pipeline.build(article, approved)
    assert built.publishable
    assert built.body.count(".") == 2
    assert pipeline.segment("One. Two.", "en") == ["One. ", "Two."]


def test_a_project_is_worked_on_without_printing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = sample(tmp_path)
    with pipeline.open_session(project.root, engine="pseudo") as session:
        pipeline.draft_all(session, "pseudo")
        rows = pipeline.build_all(session)
    assert rows
    assert not session.failed
    assert not any(row.published for row in rows)
    assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a wheel of the pipeline, and that of a plug-in; return the folder of the commands.

    What the pipeline depends on is lent from the environment that runs the tests: its folder is on
    the path, but the ``.pth`` file that makes the checkout importable there is not read.
    """
    folder = tmp_path_factory.mktemp("installed")
    tree = folder / "tree"
    shutil.copytree(ROOT / "pipeline", tree / "pipeline", ignore=_without_caches)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "tests" / "plugin", folder / "plugin", ignore=_without_caches)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels = folder / "wheels"
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(wheels)]
    subprocess.run([*pip, *build, str(tree), str(folder / "plugin")], check=True)
    environment = folder / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    (site,) = environment.glob("lib/python*/site-packages")
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (site / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    install = ["--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, *install, *map(str, sorted(wheels.glob("*.whl")))], check=True)
    return environment / "bin"


def _without_caches(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]


def _run(bin_: Path, project: Sample, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = {"HOME": str(project.root), "XDG_DATA_HOME": str(project.root / ".local")}
    return subprocess.run(
        [bin_ / "pipeline", *arguments],
        cwd=project.root,
        env={"PATH": os.environ["PATH"], "ARGOS_PACKAGES_DIR": str(project.root / "pk"), **home},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_an_installed_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    project = sample(tmp_path)
    project.write("pyproject.toml", SETTINGS.replace("pseudo", "argos").replace(', "ar"', ""))
    model = str(ROOT / "tests" / "models" / "tiny-en_es.argosmodel")
    assert _run(installed, project, "engines", "install", model).returncode == 0
    done = _run(installed, project, "run")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "localized" / "preview" / "es" / "ferry.html").is_file()
    assert (tmp_path / "localized" / "manifest.json").is_file()
    assert "argos" in project.read("locales/es/LC_MESSAGES/ferry.po")
    files = project.files()
    assert _run(installed, project, "run").returncode == 0
    assert project.files() == files


@pytest.mark.slow
def test_plug_ins_are_found_by_their_entry_points(installed: Path, tmp_path: Path) -> None:
    project = sample(tmp_path)
    settings = SETTINGS.replace('"pseudo"', '"shout"')
    project.write("pyproject.toml", f'{settings}\n[tool.pipeline.shout]\nmark = "?"\n')
    project.write("source_texts/voyage.log", "# A voyage\n\nWe left at dawn.\n")
    done = _run(installed, project, "run", "voyage")
    assert done.returncode == 0, done.stderr
    assert "WE LEFT AT DAWN.?" in project.read("locales/es/LC_MESSAGES/voyage.po")
    assert "draft: shout 1 ?" in project.read("locales/es/LC_MESSAGES/voyage.po")
    assert "WE LEFT AT DAWN.?" in project.read("localized/preview/es/voyage.text")
    po = project.po("es", "voyage")
    for entry in po:
        entry.flags, entry.msgstr = [], f"{entry.msgstr} ⚓"
    po.save()
    done = _run(installed, project, "build", "voyage", "--locale", "es")
    assert done.returncode == 1
    assert "no anchors: an anchor is ashore" in done.stderr


@pytest.mark.slow
def test_a_plug_in_that_cannot_be_loaded_is_named(installed: Path, tmp_path: Path) -> None:
    project = sample(tmp_path)
    done = _run(installed, project, "run", "--engine", "sunk")
    assert done.returncode == 1
    assert "“sunk” (pipeline.engines) of pipeline-harbour cannot be loaded" in done.stderr
    assert "ModuleNotFoundError" in done.stderr
    project.write("pyproject.toml", SETTINGS.replace("pseudo", "shuot"))
    assert "did you mean shout?" in _run(installed, project, "status").stderr
