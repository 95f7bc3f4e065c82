"""What a finished run saw: the next one says and writes the same with it as without."""

from __future__ import annotations

import gc
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import GLOSSARY, LETTER, SETTINGS, Sample, sample

from pipeline.cli.base import main
from pipeline.formats import read as formats_read
from pipeline.project.project import Project
from pipeline.storage import atomic, fingerprints
from pipeline.storage.fingerprints import Record, digest

RECORD = ".pipeline/seen.json"
LETTER_PO = "locales/es/LC_MESSAGES/letter.po"
FERRY_PO = "locales/ar/LC_MESSAGES/ferry.po"


# The record


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("one")
    return path


def record(path: Path, *influence: str) -> Record:
    return Record(path.parent / "record", path.parent, *influence)


def kept(path: Path, *held: Path) -> None:
    """Keep a value that came from the file at *path* and those that *held*."""
    new = record(path)
    new.put("a", {p: digest(atomic.contents(p)) for p in (path, *held)}, {"n": 1})
    new.save()


def aged(path: Path) -> None:
    """Let a run go by in which the file at *path* is a day old, but for its time of change."""
    os.utime(path, (1_750_000_000, 1_750_000_000))
    seen = record(path)
    assert seen.get("a") == {"n": 1}
    seen.save()


def test_a_value_comes_back_as_long_as_its_files_hold_what_they_did(place: Path) -> None:
    kept(place, place.with_name("missing"))
    aged(place)
    assert record(place).get("a") == {"n": 1}
    assert record(place).get("b") is None


@pytest.mark.parametrize("change", ["grown", "same size", "gone", "a folder", "there now"])
def test_a_change_is_noticed(place: Path, change: str) -> None:
    kept(place, place.with_name("missing"))
    aged(place)
    if change in {"gone", "a folder"}:
        place.unlink()
    if change == "a folder":
        place.mkdir()
    elif change == "there now":
        place.with_name("missing").write_text("")
    elif change != "gone":
        place.write_text("two" if change == "same size" else "one and more")
        os.utime(place, (1_750_000_000, 1_750_000_000))
    assert record(place).get("a") is None


def test_a_change_that_the_clock_is_too_coarse_for_is_noticed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(place)
    seen = record(place)
    assert seen.get("a")
    seen.save()
    before = place.stat()
    place.write_text("two")
    monkeypatch.setattr(os, "stat", lambda _: before)
    assert record(place).get("a") is None


def test_where_the_stamps_are_the_same_nothing_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(place)
    monkeypatch.setattr(fingerprints, "_SETTLED", 0)
    aged(place)
    seen = record(place)
    monkeypatch.setattr(atomic, "contents", lambda _: pytest.fail("was read"))
    assert seen.get("a")


def test_another_influence_leaves_nothing(place: Path) -> None:
    kept(place)
    assert record(place, "x").get("a") is None


def test_a_damaged_record_counts_as_none(place: Path) -> None:
    kept(place)
    path = place.with_name("record")
    whole = path.read_bytes()
    for n in range(len(whole)):
        for damaged in (whole[:n], whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :]):
            path.write_bytes(damaged)
            assert record(place).get("a") is None
    path.unlink()
    path.mkdir()
    assert record(place).get("a") is None
    record(place).save()


# Names that are not UTF-8: "caf\udce9" is "café" in Latin-1, as old archives have it


@pytest.fixture
def latin(tmp_path: Path) -> Sample:
    try:
        (tmp_path / "caf\udce9").touch()
    except OSError:
        pytest.skip("this disk takes no such names")
    project = sample(tmp_path / "project")
    project.run("run")
    return project


def test_a_source_whose_name_is_not_utf8_is_refused_by_name(latin: Sample) -> None:
    latin.write("source_texts/caf\udce9.md", "# A café\n\nIt is open.\n")
    latin.write("source_texts/pier.md", "# A pier\n\nIt is long.\n")
    for _ in range(2):
        said = latin.run("run", code=1)
        assert r"Error: caf\xe9.md: rename it; its name is not UTF-8" in said.err
        assert "pier" in said.out
    assert not list(latin.root.rglob("*caf*.po"))


def test_a_source_in_a_folder_whose_name_is_not_utf8_is_as_any_other(latin: Sample) -> None:
    latin.write("source_texts/caf\udce9/pier.md", "# A pier\n\nIt is long.  (It is odd.\n")
    for _ in range(2):
        said = latin.run("run")
    assert "pier" in said.out
    assert r"caf\udce9/pier.md" in (latin.root / RECORD).read_text()


@pytest.mark.parametrize("name", ["locales/caf\udce9.tmx", "locales/es/LC_MESSAGES/caf\udce9.po"])
def test_a_memory_whose_name_is_not_utf8_is_refused_by_name(latin: Sample, name: str) -> None:
    latin.approve("es", "letter")
    if name.endswith(".tmx"):
        latin.run("memory", "export", "m.tmx")
        (latin.root / "m.tmx").rename(latin.root / name)
    else:
        text = latin.read("locales/es/LC_MESSAGES/letter.po").partition("\n\n")[0]
        latin.write(name, f'{text}\n\nmsgid "It is wet."\nmsgstr "Está mojado."\n')
    latin.write("source_texts/pier.md", "# A pier\n\nIt is long.\n")
    shown = name.replace("\udce9", r"\xe9")
    for command in (["run"], ["translate", "--engine", "pseudo"], ["memory", "lookup", "Talk."]):
        latin.write("source_texts/pier.md", latin.read("source_texts/pier.md") + "\nIt is new.\n")
        said = latin.run(*command, code=1)
        assert f"Error: {shown}: rename it; its name is not UTF-8" in said.err
    assert latin.po("es", "pier").translated_entries() or latin.po("es", "pier").fuzzy_entries()
    assert (latin.root / name).exists()


# Runs


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Return a project after three runs: all is settled, and there is a warning of ``notes``."""
    project = sample(tmp_path_factory.mktemp("finished"))
    project.write("source_texts/pier.md", "# A pier\n\nIt is long.  Its  end is wet.\n")
    project.write("source_texts/notes.md", "# A note\n\nThere are 12 boats in it.\n")
    project.write("source_texts/data.csv", "1,2\n")
    project.write("source_texts/carta.md", "---\nlang: es\n---\n\nDos cosas (o tres. Y más.\n")
    project.write("localized/preview/es/gone.html", "")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOURCE_DATE_EPOCH", "1750000000")
        run(project)
        project.approve("es", "letter")
        project.approve("es", "notes")
        text = project.read("locales/es/LC_MESSAGES/notes.po")
        project.write("locales/es/LC_MESSAGES/notes.po", "13".join(text.rsplit("12", 1)))
        run(project)
        run(project)
    return project


@pytest.fixture
def projects(
    finished: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sample, Sample]:
    """Return two copies of the finished project; the second one is to run without a record."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    monkeypatch.setattr(os, "fsync", lambda _: None)
    pair = Sample(tmp_path / "one"), Sample(tmp_path / "other")
    for copy in pair:
        shutil.copytree(finished.root, copy.root)
    return pair


def run(project: Sample) -> tuple[int, str, str]:
    """Run in *project*; return the exit code and what was said on both streams."""
    done = CliRunner().invoke(main, ["-C", str(project.root), "run"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    said = done.exit_code, done.stdout, done.stderr
    del done
    gc.collect()  # what the run had open; a process would have ended
    return said


def check(projects: tuple[Sample, Sample]) -> tuple[int, str, str]:
    """Run in both: what is said and written is the same."""
    one, other = projects
    (other.root / RECORD).unlink(missing_ok=True)
    said = run(one)
    assert said == run(other)
    assert one.files() == other.files()
    return said


def test_nothing_settled_is_read_again(
    projects: tuple[Sample, Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = check(projects)
    assert "notes.po:" in said[2]
    assert "localized/preview/es/: gone: the source, or the locale, is gone" in said[1]
    assert "source_texts/carta.md: 1 things look odd" in said[1]
    assert "carta: not translated to es" in said[1]
    read: list[str] = []
    real = formats_read.read

    def noting(raw: str, suffix: str, article: str, *rest: object) -> object:
        read.append(article)
        return real(raw, suffix, article, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(formats_read, "read", noting)
    assert run(projects[0]) == said
    assert read == []
    projects[0].write("source_texts/pier.md", "# A pier\n\nIt is long.\n")
    run(projects[0])
    assert read == ["pier"]


Change = Callable[[Sample], object]


def replaced(name: str, old: str, new: str) -> Change:
    def change(project: Sample) -> None:
        text = project.read(name)
        assert old in text
        project.write(name, text.replace(old, new, 1))

    return change


def written(name: str, text: str) -> Change:
    return lambda project: project.write(name, text)


def removed(name: str) -> Change:
    return lambda project: (project.root / name).unlink()


def moved(name: str, to: str) -> Change:
    return lambda project: (project.root / name).rename(project.root / to)


def touched(project: Sample) -> None:
    for path in project.root.rglob("*"):
        os.utime(path)


def unlinked(project: Sample) -> None:
    head, found, tail = project.read(LETTER_PO).rpartition("](https")
    assert found
    project.write(LETTER_PO, f"{head}](http{tail}")


def emptied(project: Sample) -> None:
    head, _, _ = project.read(FERRY_PO).rpartition('msgstr "')
    assert head
    project.write(FERRY_PO, head + 'msgstr ""\n')


CHANGES: dict[str, Change] = {
    "an edited source": replaced("source_texts/letter.md", "two", "three"),
    "a source of the same length": replaced("source_texts/letter.md", "two", "six"),
    "a source that is broken": written("source_texts/letter.md", "---\ntitle: [\n---\n\nOne.\n"),
    "a source in another language": replaced("source_texts/letter.md", "tags", "lang: es\ntags"),
    "a new source": written("source_texts/more.md", "# More\n\nOne more.\n"),
    "a source that looks odd": written("source_texts/letter.md", LETTER + "\nIt is (odd.\n"),
    "another source of the same name": written("source_texts/letter.txt", "A Letter\n\nOne.\n"),
    "a source that is gone": removed("source_texts/letter.md"),
    "a renamed source": moved("source_texts/letter.md", "source_texts/post.md"),
    "a file that no reader takes": written("source_texts/x.pdf", ""),
    "an approval that is withdrawn": replaced(LETTER_PO, "msgid", "#, fuzzy\nmsgid"),
    "an edited translation": replaced(LETTER_PO, 'msgstr "⟦', 'msgstr "Sí, ⟦'),
    "a link lost in a translation": unlinked,
    "a comment": replaced(LETTER_PO, "\n#. ", "\n# Who?\n#. "),
    "a draft that is emptied": emptied,
    "a merge conflict": replaced(FERRY_PO, "\n\n", "\n\n<<<<<<< ours\n"),
    "a catalog that is gone": removed(FERRY_PO),
    "a page that is gone": removed("localized/es/letter.html"),
    "a page that was edited": replaced("localized/es/letter.md", "lang:", "language:"),
    "a preview that was edited": replaced("localized/preview/ar/letter.html", "<h1", "<h2"),
    "a page that nobody approved": written("localized/ar/ferry.md", "Yes!\n"),
    "a preview of what is published": written("localized/preview/es/letter.html", "No!\n"),
    "a page of another article": written("localized/es/old.html", "Old.\n"),
    "a catalog of another article": written("locales/ar/LC_MESSAGES/old.po", "Old.\n"),
    "a catalog of an article's former name": lambda project: project.write(
        "locales/es/LC_MESSAGES/post.po", project.read(LETTER_PO)
    ),
    "a catalog in the article's own language": lambda project: project.write(
        "locales/es/LC_MESSAGES/carta.po", project.read(LETTER_PO)
    ),
    "another glossary": written("glossary.yaml", GLOSSARY.replace("tarifa,", "tasa,")),
    "no glossary": removed("glossary.yaml"),
    "one more locale": written("pyproject.toml", SETTINGS.replace('"ar"', '"ar", "fr"')),
    "one locale less": written("pyproject.toml", SETTINGS.replace(', "ar"', "")),
    "another order of locales": written(
        "pyproject.toml", SETTINGS.replace('"es", "ar"', '"ar", "es"')
    ),
    "another engine": written("pyproject.toml", SETTINGS + '[tool.pipeline.engines]\nar = "x:Y"\n'),
    "another verdict": written(
        "pyproject.toml", SETTINGS + '[tool.pipeline.clean]\n"The Boats Are Full" = "keep"\n'
    ),
    "a manifest that is gone": removed("localized/manifest.json"),
    "a memory that is broken": written("locales/old.tmx", "<tmx>"),
    "other times": touched,
    "nothing": lambda project: None,
}


@pytest.mark.parametrize(
    "name", ["a link lost in a translation", "a memory that is broken", "a merge conflict"]
)
def test_an_error_is_said_at_each_run(projects: tuple[Sample, Sample], name: str) -> None:
    change(projects, name)
    said = [check(projects) for _ in range(3)]
    assert [code for code, _, _ in said] == [1, 1, 1]
    assert said[1] == said[2]


def change(projects: tuple[Sample, Sample], name: str) -> None:
    """Make a change in both; it may be impossible after others."""
    for project in projects:
        try:
            CHANGES[name](project)
        except (AssertionError, FileNotFoundError):
            assert project is projects[0]
            return


@pytest.mark.parametrize("name", CHANGES)
def test_a_run_says_and_writes_the_same_after(projects: tuple[Sample, Sample], name: str) -> None:
    for project in projects:
        CHANGES[name](project)
    check(projects)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_says_and_writes_the_same_after_all_sorts_of_changes(
    projects: tuple[Sample, Sample], seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        for name in chance.sample(sorted(CHANGES), 2):
            change(projects, name)
        check(projects)


@pytest.mark.parametrize(
    "name", ["an edited source", "an edited translation", "a page that is gone"]
)
@pytest.mark.parametrize("settled", [True, False])
def test_a_change_during_a_run_is_noticed_by_the_next(
    projects: tuple[Sample, Sample], monkeypatch: pytest.MonkeyPatch, name: str, settled: bool
) -> None:
    if not settled:
        for project in projects:
            (project.root / RECORD).unlink()
    real = Project.write_manifest

    def hooked(project: Project, *rest: object) -> None:
        CHANGES[name](Sample(project.root))
        real(project, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Project, "write_manifest", hooked)
        check(projects)
    check(projects)


def test_a_run_that_breaks_off_anywhere_leaves_nothing_wrong(
    projects: tuple[Sample, Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    real = atomic._put
    for name in ("an edited source", "another glossary", "an approval that is withdrawn"):
        change(projects, name)
    calls = 0
    for last in range(0, 60, 6):
        left = last

        def put(*arguments: object) -> bool:
            nonlocal left, calls
            left, calls = left - 1, calls + 1
            if left < 0:
                raise Killed
            return real(*arguments)  # type: ignore[arg-type]

        with monkeypatch.context() as patched:
            patched.setattr(atomic, "_put", put)
            killed = False
            try:
                run(projects[0])
            except Killed:
                killed = True
            gc.collect()
            if not killed:
                break
    else:
        pytest.fail("there is more to break")
    assert calls > last > 6
    run(projects[1])
    check(projects)


def test_a_changed_pipeline_trusts_no_earlier_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of the package counts, in each of its folders; its caches do not."""
    copy = tmp_path / "pipeline"
    shutil.copytree(fingerprints.PACKAGE, copy)
    monkeypatch.setattr(fingerprints, "PACKAGE", copy)

    def code() -> list[str]:
        fingerprints.code.cache_clear()
        return fingerprints.code()

    before = code()
    for name in ("text/locales.py", "engines/terms/agreement.py", "publish/page.html"):
        path = copy / name
        path.write_bytes(path.read_bytes() + b"\n")
        after = code()
        assert after != before
        before = after
    (copy / "text" / "__pycache__" / "x.pyc").parent.mkdir(exist_ok=True)
    (copy / "text" / "__pycache__" / "x.pyc").write_bytes(b"1")
    assert code() == before
    fingerprints.code.cache_clear()
