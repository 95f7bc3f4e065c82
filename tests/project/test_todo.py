"""What read-only commands show: the right lines, and what the next run would find."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import Sample, sample

from pipeline.catalog import po_grammar
from pipeline.cli.base import main

SOURCE = """\
# Leave us the library

## Open it on Sundays

Open it on Sundays

The reading room is cold, and the town council knows it well.
"""
NAME = "library"


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    found = sample(tmp_path)
    for path in (found.root / "source_texts").iterdir():
        path.unlink()
    found.write(f"source_texts/{NAME}.md", SOURCE)
    return found


def po_path(locale: str, article: str = NAME) -> str:
    return f"locales/{locale}/LC_MESSAGES/{article}.po"


def context_at(project: Sample, where: str) -> tuple[str, str]:
    """Return the lines of the msgctxt and of the msgid that *where* points at."""
    path, line = where.rsplit(":", 1)
    lines = project.read(path).splitlines()
    return lines[int(line) - 2], lines[int(line) - 1]


def test_todo_tells_equal_sentences_in_two_contexts_apart(project: Sample) -> None:
    project.run("run")
    found = project.run("todo", "-l", "es", "--json", "--limit", "0").json
    assert isinstance(found, list)
    twice = [item["where"] for item in found if item["source"] == "Open it on Sundays"]
    assert [context_at(project, where) for where in twice] == [
        ('msgctxt "heading"', 'msgid "Open it on Sundays"'),
        ('msgctxt "text"', 'msgid "Open it on Sundays"'),
    ]


def test_what_is_approved_and_wrong_comes_first(project: Sample) -> None:
    project.write(f"source_texts/{NAME}.md", f"{SOURCE}\nSee <https://library.example/hours>.\n")
    project.run("run")
    project.approve("es", NAME)
    po = project.po("es", NAME)
    po[-1].msgstr = "Véase."
    po.save()
    project.run("build", code=1)
    first, *_ = project.run("todo", "-l", "es").out.splitlines()
    assert ": error: https://library.example/hours is missing: See <https" in first
    assert first.startswith(po_path("es") + ":")
    found = project.run("todo", "-l", "es", "--json").json
    assert isinstance(found, list)
    assert [item["why"] for item in found] == ["error"]
    (row,) = project.run("status", "-l", "es").out.splitlines()[1:]
    assert row.endswith("no, 100% approved, 1 error")


def test_what_is_wrong_with_the_article_as_a_whole_is_on_the_list(project: Sample) -> None:
    project.write(f"source_texts/{NAME}.md", "# A title\n\nOpen it. Now, and for all.\n")
    project.run("run")
    project.approve("es", NAME)
    po = project.po("es", NAME)
    po[-2].msgstr, po[-1].msgstr = "`Ábranla.", "Ahora, y para todos.`"
    po.save()
    project.run("build", code=1)
    out = project.run("todo", "-l", "es").out
    assert f"{po_path('es')}: error: as published, " in out


@pytest.mark.parametrize("context", ["heading", "text"])
def test_a_warning_names_the_message_of_its_context(project: Sample, context: str) -> None:
    project.run("run")
    po = project.po("es", NAME)
    (entry,) = (e for e in po if e.msgctxt == context)
    entry.msgstr, entry.flags = "Ábranla los 7 domingos", []
    po.save()
    (line,) = [line for line in project.run("run").err.splitlines() if "warning: figures" in line]
    where = line.split(": warning")[0]
    assert context_at(project, where)[0] == f'msgctxt "{context}"'


RENAMED = "reading-room"


def rename(project: Sample) -> dict[str, bytes]:
    """Approve a translation in es and rename the source; return the files as they were."""
    project.run("run")
    project.approve("es", NAME)
    project.run("run")
    source = project.root / "source_texts" / f"{NAME}.md"
    source.rename(source.with_stem(RENAMED))
    return project.files()


def test_status_tells_of_a_renamed_source_what_a_run_would(project: Sample) -> None:
    files = rename(project)
    said = project.run("status", "--json")
    found = said.json
    assert isinstance(found, dict)
    told = {
        a["locale"]: (a["article"], a["published"], a["messages"], a["po"])
        for a in found["articles"]
    }
    assert f"would move the catalogs of {NAME} to {RENAMED}" in said.err
    assert project.files() == files
    assert told["es"][1]
    assert told["es"][3] == po_path("es")
    project.run("run")
    after = project.run("status", "--json").json
    assert isinstance(after, dict)
    assert {
        a["locale"]: (a["article"], a["published"], a["messages"]) for a in after["articles"]
    } == {locale: one[:3] for locale, one in told.items()}


def test_todo_points_at_the_catalogs_that_a_run_would_move(project: Sample) -> None:
    files = rename(project)
    found = project.run("todo", "--json", "--limit", "0").json
    assert isinstance(found, list)
    assert {(item["locale"], item["why"]) for item in found} == {("ar", "draft")}
    assert all(item["where"].startswith(po_path("ar") + ":") for item in found)
    assert project.files() == files


def test_dry_runs_see_the_catalogs_that_a_run_would_move(project: Sample) -> None:
    files = rename(project)
    told = project.run("update", "--dry-run").out
    assert f"would change {po_path('es', RENAMED)}: 4 approved" in told
    assert "would draft" not in project.run("translate", "--dry-run").out
    assert project.files() == files


def test_dry_runs_go_by_the_new_catalog_where_the_old_one_would_stay(project: Sample) -> None:
    rename(project)
    old = project.read(po_path("ar"))
    project.run("run")
    po = project.po("ar", RENAMED)
    po[0].msgstr, po[0].flags = "المكتبة", []
    po.save()
    project.write(po_path("ar"), old)
    found = project.run("todo", "-l", "ar", "--json", "--limit", "0").json
    assert isinstance(found, list)
    assert all(item["where"].startswith(po_path("ar", RENAMED)) for item in found)


DONE = "Nothing: every sentence is approved."


def test_todo_says_that_nothing_is_left_only_if_it_could_look(project: Sample) -> None:
    project.run("run")
    for locale in ("es", "ar"):
        project.approve(locale, NAME)
    assert project.run("todo").out == f"{DONE}\n"
    said = project.run("todo", "nowhere", code=1)
    assert "there is no article “nowhere”" in said.err
    assert said.out == ""
    project.write(po_path("es"), project.read(po_path("es")) + "<<<<<<< ours\n")
    said = project.run("todo", code=1)
    assert "merge conflict" in said.err
    assert said.out == ""
    assert project.run("todo", "-l", "ar").out == f"{DONE}\n"


@pytest.mark.parametrize("how", ["broken", "gone"])
def test_todo_stands_a_catalog_that_goes_bad_while_it_reads(
    project: Sample, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    project.run("run")
    lines, path = po_grammar.message_lines, project.root / po_path("es")

    def late(place: Path) -> object:
        if place == path and how == "broken":
            path.write_text("msgid\n", encoding="utf-8")
        elif place == path:
            path.unlink()
        return lines(place)

    monkeypatch.setattr(po_grammar, "message_lines", late)
    done = CliRunner().invoke(main, ["-C", str(project.root), "todo"])
    assert f"{po_path('ar')}:" in done.output
    if how == "broken":
        assert done.exit_code == 1
        assert f"Error: {po_path('es')}:1: " in done.output
        assert f"{po_path('es')}:" not in done.stdout
    else:
        assert done.exit_code == 0
        assert f"{po_path('es')}: draft" in done.stdout
