"""What coordinators meet: the real command, in a project of its own, without a neural engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import STATEMENT, Result, Sample, sample

from pipeline.cli.base import main


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    return sample(tmp_path)


def test_the_main_job_from_source_to_website(project: Sample) -> None:
    result = project.run("run")
    assert re.search(r"ferry +es +- +11 +- +- +- +no, 0% approved", result.out)
    po = project.po("es", "ferry")
    assert [entry.msgid for entry in po] == [
        "The Ferry Must Stay Public",
        "The council of Arvensund wants to sell the ferry to a private company.",
        "About 12,400 people depend on it, and the U.N.",
        "They have said so for years.",
        "The U.N. building is far away.",
        "The Boats Are Full",
        "A Tariff For The Rich",
        "The new tariff is 4.5 crowns, see <https://ferry.example/t_a?x=1> for the table.",
        "No To The Sale!",
        "Keep The Ferry Public!",
        "Ferry Workers' Council.",
    ]
    tariff = po.find(
        "The new tariff is 4.5 crowns, see <https://ferry.example/t_a?x=1> for the table."
    )
    assert tariff is not None
    assert "fuzzy" in tariff.flags
    assert "term: tariff → tarifa (f; plural tarifas; not arancel)" in tariff.comment
    assert "draft: pseudo" in tariff.comment
    assert "<https://ferry.example/t_a?x=1>" in tariff.msgstr
    assert "4.5" in tariff.msgstr

    preview = project.read("localized/preview/es/ferry.html")
    assert '<html lang="es" dir="ltr">' in preview
    assert "una persona ha aprobado 0 de 11 frases" in preview
    assert "<h1><mark>" in preview
    assert "\n> **" in project.read("localized/preview/es/ferry.md")
    assert not (project.root / "localized/es").exists()

    project.approve("es", "ferry")
    project.approve("ar", "letter")
    project.run("run")
    page = project.read("localized/es/ferry.md")
    assert "mark" not in page
    assert "<mark" not in project.read("localized/es/ferry.html")
    assert 'date_text: "3 de marzo de 2025"' in page
    assert "9 de marzo de 2025." in page
    assert not (project.root / "localized/preview/es/ferry.md").exists()
    arabic = project.read("localized/ar/letter.html")
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "4 مارس 2025" in arabic
    manifest = json.loads(project.read("localized/manifest.json"))
    published = {(a["article"], a["locale"]) for a in manifest["articles"] if a["published"]}
    assert published == {("ferry", "es"), ("letter", "ar")}


def test_a_second_run_changes_no_byte(project: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run("run")
    before = project.files()
    assert len(before) == 4 + 8 + 1
    monkeypatch.setenv("PYTHONHASHSEED", "1")  # sets in another order
    project.run("run")
    assert project.files() == before


OWN = """
from pipeline.engines.pseudo import PseudoEngine
class Own(PseudoEngine):
    name = "own"
"""


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["run"], ""),
        (["run", "--engine", "own:Own"], ""),
        (["run", "nothing"], ""),
        (["frobnicate"], ""),
        (["--help"], ""),
        (["segment", "--language", "fr"], "Ils ont dit\u00a0: «\u202foui\u202f». نعم!\r\nDeux."),
        (["segment"], b"\xff"),
    ],
)
def test_a_forked_command_does_as_one_that_python_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], stdin: str | bytes
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    forked, started = sample(tmp_path / "forked"), sample(tmp_path / "started")
    for one in (forked, started):
        one.write("own.py", OWN)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=started.root,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
    )
    expected = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert forked.run(*arguments, stdin=stdin, code=None) == expected
    assert forked.files() == started.files()


def test_an_edit_of_the_source_keeps_what_was_approved(project: Sample) -> None:
    project.run("run")
    project.approve("es", "ferry")
    edited = STATEMENT.replace("12,400 people", "12,600 people").replace("No To The Sale!\n\n", "")
    moved = edited.replace("They have said so for years. ", "").replace(
        "A Tariff For",
        "They have said so for years. Everybody knows it by now in the town of it.\n\nA Tariff For",
    )
    project.write("source_texts/ferry.txt", moved)
    result = project.run("run")
    assert "withdrawn from localized/es/" in result.err or "approved" in result.out
    po = project.po("es", "ferry")
    changed = next(e for e in po if "12,600" in e.msgid)
    assert changed.previous_msgid == "About 12,400 people depend on it, and the U.N."
    assert "fuzzy" in changed.flags
    kept = next(e for e in po if e.msgid == "They have said so for years.")
    assert not kept.flags
    assert {e.msgid for e in po.obsolete_entries()} == {
        "About 12,400 people depend on it, and the U.N.",
        "No To The Sale!",
    }
    assert not (project.root / "localized/es/ferry.md").exists()
    project.write("source_texts/ferry.txt", STATEMENT)
    project.run("run")
    assert (project.root / "localized/es/ferry.md").exists()


def test_a_translator_cannot_slip_in_a_link_or_a_script(project: Sample) -> None:
    project.run("run")
    project.approve("es", "letter")
    for bad, check in (
        ("https://evil.example/letter", "links"),
        ("https://ferry.example/letter) <script>alert(1)</script> (", "tags"),
    ):
        po = project.po("es", "letter")
        entry = next(e for e in po if "ferry.example/letter" in e.msgid)
        good = entry.msgstr
        entry.msgstr = good.replace("https://ferry.example/letter", bad)
        po.save()
        result = project.run("build", code=1)
        assert re.search(rf"letter\.po:\d+: error: {check}: ", result.err)
        assert not (project.root / "localized/es/letter.html").exists()
        entry.msgstr = good
        po.save()
    project.run("build")
    assert (project.root / "localized/es/letter.html").exists()


def test_an_edited_po_file_is_published_as_it_says(project: Sample) -> None:
    project.run("run")
    po = project.po("es", "letter")
    for entry in po:
        entry.flags = []
        entry.msgstr = {"Stop the sale.": "8. Alto a la venta."}.get(entry.msgid, entry.msgstr)
    po.save()
    project.run("build")
    assert "- 8\\. Alto a la venta." in project.read("localized/es/letter.md")
    assert "<li>8. Alto a la venta.</li>" in project.read("localized/es/letter.html")


def test_segment_prints_a_list_of_sentences_per_block(project: Sample) -> None:
    blocks = project.run("segment", "source_texts/letter.md", "--json").json
    assert blocks == [
        ["A letter: to the council"],
        ["Dear **members** of the council,"],
        ["please read [our letter](https://ferry.example/letter).", "It has *two* parts."],
        ["Stop the sale."],
        ["Talk to us at <crew@ferry.example>."],
    ]
    text = "Das kostet 4.5 Mio. Euro. Am 8. März kommt Dr. Weber.\n\nZweiter Absatz."
    found = project.run("segment", "--language", "de", "--json", stdin=text).json
    assert found == [
        ["Das kostet 4.5 Mio. Euro.", "Am 8. März kommt Dr. Weber."],
        ["Zweiter Absatz."],
    ]


def test_clean_accounts_for_every_character(project: Sample) -> None:
    shown = project.run("clean", "source_texts/ferry.txt", "--json").json
    assert isinstance(shown, dict)
    assert "".join(part["source"] for part in shown["parts"]) == STATEMENT
    rules = [part["rule"] for part in shown["parts"] if part["fate"] == "dropped"]
    assert rules == ["date said twice", "caption said twice", "page furniture", "page furniture"]
    assert shown["date"] == "2025-03-03"
    assert shown["signed"] == "2025-03-09"
    assert "Most Popular Articles" in project.run("clean", "source_texts/ferry.txt").out


def test_clean_shows_what_stays_as_it_is(project: Sample) -> None:
    project.write("a.md", "# A title\n\n<!-- for us -->\n\n1. One.\n2. [Two](https://x.example).\n")
    out = project.run("clean", "a.md").out
    assert [line.split("  ")[-1].strip() for line in out.splitlines() if "as it is" in line] == [
        "<!-- for us --> 1."
    ]


def test_the_coordinator_overrules_the_cleaner(project: Sample) -> None:
    told = "\n[tool.pipeline.clean]\n"
    told += '"Most Popular Articles" = "heading"\n"No To The Sale!" = "drop"\n'
    project.write("pyproject.toml", project.read("pyproject.toml") + told)
    out = project.run("clean", "source_texts/ferry.txt").out
    assert re.search(r"heading +Most Popular Articles", out)
    assert re.search(r"dropped +No To The Sale!  \[overruled by the coordinator\]", out)


def test_text_gives_one_line_for_one_line(project: Sample) -> None:
    lines = "One **tariff**. Two!\n\nThree https://x.example/a?b=1 4.5\n"
    out = project.run("text", "--target", "es", "--engine", "pseudo", stdin=lines).out
    assert out.count("\n") == 3
    assert out.split("\n")[1] == ""
    assert "https://x.example/a?b=1" in out
    found = project.run("text", "-t", "es", "-e", "pseudo", "--json", stdin=lines).json
    assert isinstance(found, list)
    assert [item["source"] for item in found] == lines.split("\n")[:-1]
    assert found[0]["terms"] == ["term: tariff → tarifa (f; plural tarifas; not arancel)"]


def test_dry_runs_write_nothing(project: Sample) -> None:
    assert "would change locales/es/LC_MESSAGES/ferry.po" in project.run("update", "--dry-run").out
    assert "would draft 11 sentences" in project.run("translate", "-n").out
    assert project.files() == {}


def test_status_is_for_scripts_too(project: Sample) -> None:
    project.run("update", "--locale", "es")
    status = project.run("status", "--json").json
    assert isinstance(status, dict)
    ferry = next(a for a in status["articles"] if (a["article"], a["locale"]) == ("ferry", "es"))
    assert ferry["messages"]["untranslated"] == 11
    assert ferry["po"] == "locales/es/LC_MESSAGES/ferry.po"
    assert project.run("status").out.startswith("article")


@pytest.mark.parametrize(
    ("name", "text", "arguments", "expected"),
    [
        ("pyproject.toml", "[tool.pipeline]\nlocale = ['es']\n", ["run"], "did you mean locales?"),
        (
            "pyproject.toml",
            "[tool.pipeline]\nlocales = ['xx_YY']\n",
            ["run"],
            "unknown locale 'xx_YY'",
        ),
        (
            "pyproject.toml",
            "[tool.pipeline]\nlocales = ['../x']\n",
            ["run"],
            "unknown locale '../x'",
        ),
        (
            "pyproject.toml",
            "[tool.pipeline]\nlocales = ['pt-BR']\n",
            ["run"],
            "gettext writes it pt_BR",
        ),
        ("pyproject.toml", "[tool.pipeline]\nlocales = 'es'\n", ["run"], "write a list"),
        ("pyproject.toml", "[tool.pipeline\n", ["run"], "not TOML"),
        ("pyproject.toml", "[project]\n", ["status"], "[tool.pipeline]"),
        ("source_texts/bad.txt", b"\xe9t\xe9 \xff", ["run"], "bad.txt:1: not UTF-8"),
        ("source_texts/empty.txt", "", ["run"], "empty.txt: there is no sentence in it"),
        ("source_texts/letter.txt", "x", ["run"], "would both be the article “letter”"),
        ("source_texts/more/Letter.txt", "x", ["run"], "Letter.txt would both be the article"),
        ("source_texts/index.md", "x", ["run"], "websites take “index” for the folder itself"),
        ("source_texts/*.md", "x", ["run"], "rename it; its name has no letter or digit"),
        (
            "source_texts/fm.md",
            "---\na: [\n---\nx\n",
            ["run"],
            "fm.md: its front matter is no YAML",
        ),
        ("source_texts/fm.md", "---\nlang: klingon\n---\nx\n", ["run"], "fm.md: unknown locale"),
        ("source_texts/bin.txt", b"GIF89a\0\1", ["run"], "bin.txt: not a text file"),
        ("glossary.yaml", "terms:\n  - term: a\n    term: b\n", ["run"], "glossary.yaml:3"),
        ("glossary.yaml", "terms:\n  - trem: a\n", ["run"], "glossary.yaml:2"),
        ("glossary.yaml", "- a\n", ["run"], "there is no list “terms:”"),
        ("locales/es/LC_MESSAGES/ferry.po", "<<<<<<< ours\n", ["run"], "ferry.po:1: "),
        (
            "x",
            "",
            ["run", "--locale", "fr"],
            "locale fr is not in [tool.pipeline] locales (es, ar)",
        ),
        ("x", "", ["run", "nothing"], "there is no article “nothing”"),
        ("x", "", ["run", "--engine", "babelfish"], "There is no engine 'babelfish'"),
        ("x", "", ["clean", "missing.txt"], "missing.txt: No such file"),
        ("x.docx", "", ["segment", "x.docx"], "no reader for “.docx”"),
        ("x", "", ["clean", "ferry"], "ferry: No such file"),
        (
            "x",
            "",
            ["run", "fery"],
            "there is no article “fery” in source_texts/; did you mean ferry?",
        ),
        (
            "pyproject.toml",
            "[tool.pipeline]\nlocales = ['es']\n[tool.pipeline.engines]\nes = 'apertum'\n",
            ["status"],
            "[tool.pipeline.engines] es: there is no engine 'apertum'; did you mean apertium?",
        ),
        ("x", "", ["text", "-t", "xx"], "unknown locale 'xx'"),
        ("pyproject.toml", "[tool.pipeline]\nlocale = 1\n", ["segment"], "did you mean locales?"),
        ("pyproject.toml", "[tool.pipeline\n", ["clean", "source_texts/ferry.txt"], "not TOML"),
        ("glossary.yaml", "- a\n", ["text", "-t", "es"], "there is no list “terms:”"),
        ("x", "", ["-C", "nowhere", "run"], "nowhere: there is no such folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    project: Sample, name: str, text: str | bytes, arguments: list[str], expected: str
) -> None:
    path = project.write(name, text)
    result = project.run(*arguments, code=1)
    assert expected in result.err
    assert len([x for x in result.err.strip().split("\n") if "rror" in x]) == 1
    assert path.read_bytes() == (text.encode() if isinstance(text, str) else text)


def test_a_draft_that_a_person_took_out_does_not_come_back(project: Sample) -> None:
    project.run("run")
    po = project.po("es", "ferry")
    po[0].msgstr = ""
    po[0].flags = []
    po.save()
    project.run("run")
    assert project.po("es", "ferry")[0].msgstr == ""
    project.run("translate", "--engine", "shout:Shout", code=1)
    assert "would draft" not in project.run("translate", "--dry-run").out


def test_a_source_that_is_gone_loses_nothing(project: Sample) -> None:
    project.run("run")
    project.approve("es", "letter")
    (project.root / "source_texts/letter.md").unlink()
    before = project.read("locales/es/LC_MESSAGES/letter.po")
    result = project.run("run")
    assert (
        "locales/es/LC_MESSAGES/: letter: the source, or the locale, is gone; kept as it is"
        in result.out
    )
    assert "localized/preview/es/: letter: the source" in result.out
    assert project.read("locales/es/LC_MESSAGES/letter.po") == before


def test_what_stays_published_without_a_source_is_an_error(project: Sample) -> None:
    project.run("run")
    project.approve("es", "letter")
    project.run("run")
    (project.root / "source_texts/letter.md").unlink()
    for own in ("_index", "about"):
        project.write(f"localized/es/{own}.md", "The website's own.")
    result = project.run("run", code=1)
    assert "Error: localized/es/: letter: still published, though the source" in result.err
    assert "localized/es/: about: the source, or the locale, is gone" in result.out
    assert "_index" not in result.out + result.err
    for suffix in (".md", ".html"):
        assert (project.root / f"localized/es/letter{suffix}").exists()
        (project.root / f"localized/es/letter{suffix}").unlink()
    project.run("run")


def test_a_large_project_is_told_in_few_lines(project: Sample) -> None:
    text = "# Title {0}\n\nA “said said” {0}. And one to copy for {0} days.\n"
    for n in range(30, 52):
        project.write(f"source_texts/s{n}.md", text.format(n))
    project.run("run")
    for n in range(30, 52):
        po = project.po("es", f"s{n}")
        for entry in po:
            entry.flags, entry.msgstr = [], entry.msgid
        po.save()
    first = project.run("run")
    assert first.err.count("warning: copied") == 22
    project.write("source_texts/s30.md", text.format(30) * 9 + "And a new one.\n")
    again = project.run("run")
    assert again.err.count("warning: copied") == 1
    assert "more are as they were: pipeline status" in again.out
    assert re.search(r"^es: 21 of 24 articles published, \d+ of \d+ sentences", again.out, re.M)
    assert "21 warnings are as they were: pipeline build" in again.out
    assert "... and in 22 other sources something looks odd" in again.out
    assert len(again.out.splitlines()) < 25, again.out
    assert project.run("build").err.count("warning: copied") == 22


def test_a_source_that_cannot_be_read_is_not_gone(project: Sample) -> None:
    project.run("run")
    project.write("source_texts/letter.md", b"\xff\xfe\xff")
    assert "is gone" not in project.run("run", code=1).out


def test_the_manifest_says_what_is_on_disk(project: Sample) -> None:
    project.run("run")
    project.approve("es", "letter")
    project.run("build", "letter")
    path = project.root / "locales/es/LC_MESSAGES/letter.po"
    good = path.read_bytes()
    for broken, published in ((b"<<<<<<< ours\n", True), (good.replace(b"fuzzy", b""), True)):
        path.write_bytes(broken)
        project.run("build", code=None)
        manifest = json.loads(project.read("localized/manifest.json"))
        assert len(manifest["articles"]) == 4
        for entry in manifest["articles"]:
            assert all((project.root / name).exists() for name in entry["files"])
            if (entry["article"], entry["locale"]) == ("letter", "es"):
                assert entry["published"] == published
    po = project.po("es", "letter")
    po[0].flags = ["fuzzy"]
    po.save()
    assert "withdrawn" in project.run("build", "letter").err
    manifest = json.loads(project.read("localized/manifest.json"))
    assert not any(entry["published"] for entry in manifest["articles"])


def test_suffixes_in_capitals_are_read_and_odd_files_named(project: Sample) -> None:
    project.write("source_texts/LOUD.TXT", "A Title\n\nOne sentence. Another one.\n")
    project.write("source_texts/notes.docx", b"x")
    project.write("source_texts/es.md", "---\nlang: es\n---\nUna frase.\n")
    out = project.run("run").out
    assert "LOUD " in out
    assert "source_texts/notes.docx: skipped" in out
    assert "es: not translated to es, which it is written in" in out


def test_an_article_may_be_named_by_its_file(project: Sample) -> None:
    for name in ("source_texts/ferry.txt", "ferry.txt", "ferry"):
        rows = project.run("status", "-l", "es", name).out.splitlines()[1:]
        assert [row.split()[0] for row in rows] == ["ferry"]


def test_a_locale_without_an_engine_is_translated_by_hand(project: Sample) -> None:
    project.write(
        "pyproject.toml",
        '[tool.pipeline]\nlocales = ["es", "sw"]\nengine = "pseudo"\n'
        '[tool.pipeline.engines]\nsw = "none"\n',
    )
    result = project.run("run")
    assert (result.err, "sw: drafting" in result.out) == ("", False)
    assert "sw       none: translated by hand" in project.run("engines", code=None).out
    po = project.po("sw", "letter")
    assert not any(entry.msgstr for entry in po)
    assert all("draft:" not in entry.comment for entry in po)
    project.run("run", "--engine", "none")


def test_a_dry_run_needs_no_right_to_write(project: Sample) -> None:
    project.run("update", "--dry-run")
    assert not (project.root / ".pipeline").exists()


def test_what_is_printed_is_what_was_given(project: Sample) -> None:
    text = "Ils ont dit\u00a0: «\u202foui\u202f». نعم\u200d\u200f!\r\nDeux.\r\n"
    out = project.run("segment", "--language", "fr", stdin=text).out
    assert "«\u202foui\u202f»" in out
    assert "\\x" not in out


def test_one_bad_source_does_not_stop_the_others(project: Sample) -> None:
    project.write("source_texts/bad.txt", b"\xff")
    result = project.run("run", code=1)
    assert "letter" in result.out
    assert (project.root / "localized/preview/es/letter.html").exists()


def test_wrong_usage_exits_with_2(project: Sample) -> None:
    assert "No such command" in project.run("frobnicate", code=2).err
    assert "--target" in project.run("text", code=2).err


def test_terminal_commands_in_a_source_are_not_passed_on(project: Sample) -> None:
    path = project.write("source_texts/x.txt", "Title\n\nA \x1b]0;pwned\x07 sentence [31m here.\n")
    assert "\x1b" not in project.run("clean", str(path)).out


COMMANDS = sorted(main.commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_an_example(command: str) -> None:
    help_text = main.commands[command].help or ""
    assert len(help_text.split("\n")[0]) > 20
    assert re.search(r"Example:\n( +pipeline .*\n?|.*\| pipeline .*\n?)+", help_text)


def test_who_approved_last_and_when_is_published_without_their_address(project: Sample) -> None:
    project.run("run")
    project.approve("es", "letter")
    path = "locales/es/LC_MESSAGES/letter.po"
    text = project.read(path).replace("nobody yet", "Ana Brisk <ana@ferry.example>")
    project.write(path, re.sub(r"(PO-Revision-Date: )[^\\]*", r"\g<1>2025-05-06 07:08+0200", text))
    project.run("run")
    published = project.read("localized/es/letter.md")
    assert 'translator: "Ana Brisk"' in published
    assert "2025-05-06" in published
    assert "ana@ferry.example" not in published
    assert "Ana Brisk <ana@ferry.example>" in project.read(path)
    assert "translator:" not in project.read("localized/preview/ar/letter.md")
