"""The road from source to website on real engines, killed on the way, and into a real Hugo."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import Sample, need, sample
from packages import TINY

from pipeline.engines import registry
from pipeline.errors import EngineError


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    return sample(tmp_path)


def use(project: Sample, engine: str, *locales: str) -> None:
    settings = project.read("pyproject.toml").replace('["es", "ar"]', json.dumps(list(locales)))
    project.write("pyproject.toml", settings.replace('"pseudo"', f'"{engine}"'))


def _serves(*locales: str) -> bool:
    try:
        return all(registry.load("apertium").serves("en", locale) for locale in locales)
    except EngineError:
        return False


@pytest.mark.apertium
def test_apertium_drafts_and_a_second_run_changes_no_byte(
    project: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("apertium", _serves("es", "fr", "pt_BR", "it"))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(project.root / "no-starters"))
    use(project, "auto", "es", "fr", "pt_BR", "it")
    project.run("run")
    before = project.files()
    for locale, word in (
        ("es", "empresa"),
        ("fr", "entreprise"),
        ("pt_BR", "empresa"),
        ("it", "impresa"),
    ):
        po = project.po(locale, "ferry")
        entry = next(e for e in po if "private company" in e.msgid)
        assert word in entry.msgstr.lower(), entry.msgstr
        assert "draft: apertium 3" in entry.comment
        assert all("fuzzy" in e.flags for e in po)
        tariff = next(e for e in po if "4.5" in e.msgid)
        assert "<https://ferry.example/t_a?x=1>" in tariff.msgstr
        assert "4.5" in tariff.msgstr
    project.run("run")
    assert project.files() == before


@pytest.mark.skipif(not TINY.exists(), reason="the model is not in this checkout")
def test_argos_drafts_with_a_model_installed_from_a_file(
    project: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(project.root / "packages"))
    monkeypatch.setenv("XDG_DATA_HOME", str(project.root / "data"))
    use(project, "argos", "es")
    assert "does not translate from en to es" in project.run("engines", code=1).out
    project.run("engines", "install", str(TINY))
    assert "argos" in project.run("engines").out
    project.run("run")
    before = project.files()
    po = project.po("es", "letter")
    assert all(entry.msgstr and "fuzzy" in entry.flags for entry in po)
    letter = next(e for e in po if "our letter" in e.msgid)
    assert "](https://ferry.example/letter)" in letter.msgstr
    assert "draft: argos" in letter.comment
    project.run("run")
    assert project.files() == before
    out = project.run("text", "-t", "es", stdin="I am hungry.\n\nWhere is he?\n").out
    assert out.split("\n")[1] == ""
    assert "hambre" in out


def test_an_engine_of_the_users_own_plugs_in(project: Sample) -> None:
    project.write(
        "shout.py",
        "from pipeline.engines import Hypothesis\n"
        "class Shout:\n"
        "    name = 'shout'\n"
        "    reads = ()\n"
        "    def signature(self, source, target): return 'shout 1'\n"
        "    def serves(self, source, target): return target == 'es'\n"
        "    def translate(self, segments, source, target):\n"
        "        return [(Hypothesis(s.text[::-1], 'says it backwards'),) for s in segments]\n",
    )
    use(project, "shout:Shout", "es", "ar")
    result = project.run("run", code=1)
    assert "does not translate from en to ar" in result.err
    po = project.po("es", "ferry")
    assert po[0].msgstr == "Cilbup yats tsum yrref ehT"  # a heading is said as a sentence
    assert "draft: shout 1; says it backwards" in po[0].comment
    assert all(not entry.msgstr for entry in project.po("ar", "ferry"))


NOTES = """
from pipeline.engines import Hypothesis
class Notes:
    name = "notes"
    reads = ()
    def signature(self, source, target): return "notes 1"
    def serves(self, source, target): return True
    def translate(self, segments, source, target):
        return [tuple(Hypothesis(said) for said in self.say(one.text[::-1])) for one in segments]
    def say(self, text): return (text + " [^1]",)
class Better(Notes):
    def say(self, text): return (text + " [^1]", text)
"""


@pytest.mark.parametrize("engine", ["Notes", "Better"])
def test_a_draft_with_a_stray_footnote_is_refused_in_every_run(
    project: Sample, engine: str
) -> None:
    project.write("notes.py", NOTES)
    use(project, f"notes:{engine}", "es")
    project.run("run")
    before = project.files()
    entry = next(e for e in project.po("es", "ferry") if e.msgid == "No To The Sale!")
    why = "the footnote [^1] is not in the source"
    first = f"not the engine’s first choice, because there {why}"
    if engine == "Notes":
        assert entry.msgstr == ""
        assert f"draft: notes 1; left empty, because {why}" in entry.comment
    else:
        assert entry.msgstr.casefold() == "!elas eht ot on"
        assert f"draft: notes 1; {first}" in entry.comment
    for article in ("ferry", "letter"):
        assert not any("[^" in e.msgstr for e in project.po("es", article))
    project.run("run")
    assert project.files() == before
    shutil.rmtree(project.root / "locales")  # from the memory of drafts
    project.run("run")
    assert {*project.files()} == {*before}


def test_whatever_is_remembered_a_run_goes_through(project: Sample) -> None:
    project.write("notes.py", NOTES)
    use(project, "notes:Better", "es")
    project.run("run")
    odd = (
        "[]",
        "[" * 100_000,
        '[["uno", ""]]',
        '[["uno\\u0000", "", []]]',
        '[["\\ud800", "", []]]',
        '[["dos", "\\u0000\\n#| msgid", []]]',
        '[["dos", "", ["natural\\u0000"]]]',
        '[["\ue000\uf8ff", "", []]]',
        '[["[^1]", "", []]]',
        b"\xff",
    )
    for row in odd:
        shutil.rmtree(project.root / "locales")
        with sqlite3.connect(project.root / ".pipeline/drafts.sqlite") as table:
            assert table.execute("UPDATE drafts SET hypotheses = ?", (row,)).rowcount > 10
        table.close()
        project.run("run")
        before = project.files()
        project.run("run")
        assert project.files() == before


def test_a_killed_run_leaves_whole_files_and_the_next_one_finishes(
    project: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    for n in range(8):
        text = project.read("source_texts/letter.md").replace("A letter", f"Letter {n}")
        project.write(f"source_texts/more-{n}.md", text)
    whole = sample(project.root / "whole")
    shutil.copytree(project.root / "source_texts", whole.root / "source_texts", dirs_exist_ok=True)
    command = [sys.executable, "-m", "pipeline", "run"]
    start = time.monotonic()
    subprocess.run(command, cwd=whole.root, stdout=subprocess.DEVNULL, check=True)
    length = time.monotonic() - start
    moments = random.Random(7)
    for _ in range(10):
        process = subprocess.Popen(
            command, cwd=project.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.3, length))
        process.send_signal(signal.SIGKILL)
        process.wait()
    project.run("run")
    assert project.files() == whole.files()


@pytest.mark.hugo
def test_hugo_builds_a_site_from_what_is_published(project: Sample) -> None:
    need("hugo", shutil.which("hugo") is not None)
    project.run("run")
    project.approve("es", "letter")
    project.approve("ar", "letter")
    project.run("build")
    site = project.root / "site"
    project.write(
        "site/config.toml",
        'baseURL = "https://site.example/"\ndefaultContentLanguage = "es"\n'
        'defaultContentLanguageInSubdir = true\ndisableKinds = ["taxonomy", "term", "RSS"]\n'
        '[languages.es]\ncontentDir = "../localized/es"\n'
        '[languages.ar]\ncontentDir = "../localized/ar"\nlanguageDirection = "rtl"\n',
    )
    project.write(
        "site/layouts/_default/single.html",
        '<html lang="{{ .Language.Lang }}"><h1>{{ .Title }}</h1>{{ .Date.Format "2006-01-02" }}'
        "{{ range .AllTranslations }}<link hreflang={{ .Language.Lang }}>{{ end }}{{ .Content }}",
    )
    project.write("site/layouts/_default/list.html", "{{ .Title }}")
    project.write("site/layouts/index.html", "{{ .Title }}")
    done = subprocess.run(
        ["hugo", "--source", str(site), "--printPathWarnings"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"WARN" not in done.stdout + done.stderr
    page = (site / "public/ar/letter/index.html").read_text(encoding="utf-8")
    assert "2025-03-04" in page
    assert "hreflang=es" in page
    assert "hreflang=ar" in page
    assert '<a href="https://ferry.example/letter">' in page


def test_a_renamed_source_keeps_its_catalogs(project: Sample) -> None:
    project.run("run")
    project.approve("es", "ferry")
    project.run("run")
    before = project.read("locales/es/LC_MESSAGES/ferry.po")
    (project.root / "source_texts/ferry.txt").rename(project.root / "source_texts/boats.txt")
    said = project.run("run", "ferry", code=1).err
    assert "there is no article “ferry”" in said
    assert project.run("update", "--dry-run").out.startswith("would move the catalogs of ferry to")
    assert "moved the catalogs of ferry to boats" in project.run("run").out
    after = project.read("locales/es/LC_MESSAGES/boats.po")
    former = '"X-Former-Name: ferry\\n"\n'
    assert after.replace(former, "") == before.replace("ferry:", "boats:").replace(
        "# ferry,", "# boats,"
    ).replace("Version: ferry", "Version: boats")
    assert former in after
    assert not list(project.root.glob("l*/**/ferry.*"))
    assert (project.root / "localized/es/boats.md").exists()
    files = project.files()
    assert "moved" not in project.run("run").out
    assert project.files() == files


def test_another_article_does_not_take_over_the_catalogs_of_one_that_is_gone(
    project: Sample,
) -> None:
    project.run("run")
    (project.root / "source_texts/ferry.txt").unlink()
    project.write("source_texts/quay.md", "# The quay\n\nAll of it is new.\n\nNo To The Sale!\n")
    out = project.run("run").out
    assert "moved" not in out
    assert "locales/es/LC_MESSAGES/: ferry: the source, or the locale, is gone" in out


def _rename(project: Sample) -> None:
    (project.root / "source_texts/ferry.txt").rename(project.root / "source_texts/boats.txt")


def test_a_move_of_catalogs_that_is_interrupted_is_finished(project: Sample) -> None:
    project.run("run")
    project.approve("es", "ferry")
    project.approve("ar", "ferry")
    project.run("run")
    whole = project.read("locales/ar/LC_MESSAGES/ferry.po")
    project.write("locales/ar/LC_MESSAGES/ferry.po", 'msgid "torn')
    _rename(project)
    said = project.run("run", "boats", code=1).err
    assert "locales/ar/LC_MESSAGES/ferry.po:1" in said
    assert (project.root / "locales/es/LC_MESSAGES/boats.po").exists()
    assert not (project.root / "locales/ar/LC_MESSAGES/boats.po").exists()
    project.write("locales/ar/LC_MESSAGES/ferry.po", whole)
    assert "moved the catalogs of ferry to boats" in project.run("run").out
    assert all("fuzzy" not in entry.flags for entry in project.po("ar", "boats"))
    assert not list(project.root.glob("l*/**/ferry.*"))


def test_a_correction_of_a_draft_outlives_the_source_that_it_was_copied_from(
    project: Sample,
) -> None:
    project.run("run")
    project.approve("es", "ferry")
    source = project.root / "source_texts/ferry.txt"
    shutil.copy(source, source.with_name("copy.txt"))
    project.run("run")
    po = project.po("es", "copy")
    po[1].msgstr = "Lo que una persona ha empezado."
    po.save()
    source.unlink()
    project.run("run", code=1)  # it is still published
    assert project.po("es", "copy")[1].msgstr == "Lo que una persona ha empezado."
    assert project.po("es", "ferry")


def test_what_was_saved_under_the_old_name_of_a_source_is_brought_over(project: Sample) -> None:
    project.run("run")
    path = "locales/es/LC_MESSAGES/ferry.po"
    open_in_editor = project.read(path)
    _rename(project)
    project.run("run")
    po = project.po("es", "boats")
    po[0].flags, po[1].flags = [], []
    po.save()
    project.write(path, open_in_editor)
    po = project.po("es", "ferry")
    for number in (0, 2, 3):
        po[number].flags = []
    po[2].msgstr, po[0].msgstr = "Unas 12.400 personas.", "De otro modo"
    po.save()
    assert "moved the catalogs of ferry to boats" in project.run("run").out
    assert not (project.root / path).exists()
    found = project.po("es", "boats")
    assert (found[0].flags, "other: De otro modo" in found[0].tcomment) == (["fuzzy"], True)
    assert found[1].flags == []
    assert (found[2].msgstr, found[2].flags) == ("Unas 12.400 personas.", [])
    assert found[3].flags == ["fuzzy"]  # it may be that somebody has taken it back


def test_a_doubt_outlives_a_file_that_was_saved_under_the_old_name(project: Sample) -> None:
    project.run("run")
    project.approve("es", "ferry")
    path = "locales/es/LC_MESSAGES/ferry.po"
    project.run("run")
    open_in_editor = project.read(path)
    _rename(project)
    project.run("run")
    po = project.po("es", "boats")
    po[2].flags = ["fuzzy"]
    po.save()
    project.write(path, open_in_editor)
    project.run("run")
    assert not (project.root / path).exists()
    assert project.po("es", "boats")[2].flags == ["fuzzy"]


def test_an_article_that_is_deleted_does_not_settle_a_doubt_in_a_copy(project: Sample) -> None:
    source = project.root / "source_texts/ferry.txt"
    shutil.copy(source, source.with_name("copy.txt"))
    project.run("run")
    for name in ("ferry", "copy"):
        project.approve("es", name)
    po = project.po("es", "copy")
    po[2].flags, po[2].tcomment = ["fuzzy"], "wrong here"
    po.save()
    source.unlink()
    project.run("run", code=None)
    assert project.po("es", "copy")[2].flags == ["fuzzy"]


def test_a_catalog_that_lags_behind_does_not_hide_a_renamed_source(project: Sample) -> None:
    project.write("source_texts/one.md", "# A call to all\n\nCome to the harbour today.\n")
    project.run("run")
    project.approve("es", "one")
    project.write("source_texts/one.md", "# A call to all\n\nCome to the quay at noon.\n")
    project.run("run", "-l", "es")
    project.approve("es", "one")
    (project.root / "source_texts/one.md").rename(project.root / "source_texts/two.md")
    assert "moved the catalogs of one to two" in project.run("run").out
    assert all("fuzzy" not in entry.flags for entry in project.po("es", "two"))


def test_drafts_give_way_to_the_catalog_of_a_renamed_source_and_work_does_not(
    project: Sample,
) -> None:
    project.run("run")
    project.approve("es", "ferry")
    project.approve("ar", "ferry")
    kept = {c: project.read(f"locales/{c}/LC_MESSAGES/ferry.po") for c in ("es", "ar")}
    for locale in kept:
        (project.root / f"locales/{locale}/LC_MESSAGES/ferry.po").unlink()
    _rename(project)
    project.run("run")
    po = project.po("ar", "boats")
    po[0].msgstr, po[0].flags = "عنوان", []
    po.save()
    for locale, text in kept.items():
        project.write(f"locales/{locale}/LC_MESSAGES/ferry.po", text)
    shutil.rmtree(project.root / ".pipeline")  # where it is settled, nobody looks
    project.run("run")
    assert all("fuzzy" not in entry.flags for entry in project.po("es", "boats"))
    assert project.po("ar", "boats")[0].msgstr == "عنوان"
    assert project.read("locales/ar/LC_MESSAGES/ferry.po") == kept["ar"]
