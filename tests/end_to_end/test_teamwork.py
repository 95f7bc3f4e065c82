"""What people meet who share catalogs: merging, the memory, the list of what is left, pruning."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner
from helpers import Sample, need, sample
from writers import write_edits

from pipeline import workflow
from pipeline.catalog import provenance
from pipeline.catalog.provenance import Change
from pipeline.cli.base import main
from pipeline.errors import CatalogError
from pipeline.memory.leverage import recall
from pipeline.memory.model import Entry, Match, MatchKind
from pipeline.model import Catalog, Message
from pipeline.project.project import open_project
from pipeline.project.todo import Urgency, todo, urgency_of
from pipeline.storage import atomic

PO = "locales/es/LC_MESSAGES/ferry.po"


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    return sample(tmp_path)


def say(project: Sample, number: int, text: str, name: str = PO) -> None:
    """Do what a translator does with one message."""
    po = polib.pofile(str(project.root / name))
    po[number].msgstr = text
    po[number].flags = []
    po.save()


# Merging.


def test_merge_takes_both_and_says_where_both_changed_one(project: Sample) -> None:
    project.run("run")
    for name in ("base.po", "ours.po", "theirs.po"):
        shutil.copy(project.root / PO, project.root / name)
    say(project, 0, "uno", "ours.po")
    say(project, 1, "dos", "theirs.po")
    project.run("merge", "base.po", "ours.po", "theirs.po")
    po = polib.pofile(str(project.root / "ours.po"))
    assert [po[n].msgstr for n in (0, 1)] == ["uno", "dos"]
    say(project, 0, "otro", "theirs.po")
    said = project.run("merge", "base.po", "ours.po", "theirs.po", "--path", PO, code=3).err
    assert said.startswith(f"{PO}: both sides translated “The Ferry Must Stay Public”")
    po = polib.pofile(str(project.root / "ours.po"))
    assert (po[0].msgstr, po[0].flags, po[0].tcomment) == ("uno", ["fuzzy"], "other: otro")


def test_merge_keeps_the_ends_of_lines(project: Sample) -> None:
    project.run("run")
    for name in ("base.po", "ours.po", "theirs.po"):
        shutil.copy(project.root / PO, project.root / name)
    say(project, 1, "dos", "theirs.po")
    project.write("ours.po", project.read("ours.po").replace("\n", "\r\n"))
    project.run("merge", "base.po", "ours.po", "theirs.po")
    merged = project.read("ours.po")
    assert merged.count("\r\n") == merged.count("\n")
    assert 'msgstr "dos"' in merged


def test_four_merges_into_one_file_at_once_lose_nothing(project: Sample) -> None:
    project.run("run")
    shutil.copy(project.root / PO, project.root / "base.po")
    for n in range(4):
        shutil.copy(project.root / PO, project.root / f"theirs{n}.po")
        say(project, n, f"texto {n}", f"theirs{n}.po")
    merges = [
        subprocess.Popen(
            [sys.executable, "-m", "pipeline", "merge", "base.po", PO, f"theirs{n}.po"],
            cwd=project.root,
        )
        for n in range(4)
    ]
    assert [merge.wait(60) for merge in merges] == [0] * 4
    assert [e.msgstr for e in project.po("es", "ferry")[:4]] == [f"texto {n}" for n in range(4)]


def test_merge_of_a_file_that_both_added(project: Sample) -> None:
    project.run("run")
    for name in ("ours.po", "theirs.po"):
        shutil.copy(project.root / PO, project.root / name)
    project.write("base.po", "")
    say(project, 0, "uno", "ours.po")
    project.run("merge", "base.po", "ours.po", "theirs.po")
    assert polib.pofile(str(project.root / "ours.po"))[0].msgstr == "uno"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["base.po"], 2, "name three files"),
        (["--install", "base.po"], 2, "--install takes no files"),
        (["gone.po", PO, PO], 1, "gone.po: there is no such file"),
        (["broken.po", PO, PO], 1, "broken.po:1"),
        (["--install"], 1, "git"),
    ],
)
def test_merge_of_what_cannot_be_merged(
    project: Sample, arguments: list[str], code: int, said: str
) -> None:
    project.run("run")
    project.write("broken.po", 'msgid "a\n')
    before = project.files()
    found = project.run("merge", *arguments, code=code).err
    assert said in found or (said == "broken.po:1" and ":1" in found)
    assert project.files() == before


def test_git_merges_with_it(project: Sample) -> None:
    need("git", shutil.which("git") is not None)

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", *words],
            cwd=project.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    git("init", "-q", "-b", "main")
    project.write(".gitignore", ".pipeline/\nlocalized/\n")
    project.run("run")
    assert "merge.pipeline-po.driver" in project.run("merge", "--install").out
    git("add", "-A")
    git("commit", "-qm", "start")
    git("checkout", "-qb", "other")
    say(project, 1, "dos")
    git("commit", "-qam", "two")
    git("checkout", "-q", "main")
    say(project, 0, "uno")
    git("commit", "-qam", "one")
    git("merge", "-q", "other")
    po = project.po("es", "ferry")
    assert [po[n].msgstr for n in (0, 1)] == ["uno", "dos"]
    assert "<<<<" not in project.read(PO)
    project.run("run")
    assert [project.po("es", "ferry")[n].msgstr for n in (0, 1)] == ["uno", "dos"]


# Two at once.


def many(project: Sample, count: int) -> str:
    words = ("quay", "ferry", "harbour", "crew", "ticket", "winter", "engine", "captain")
    project.write(
        "source_texts/many.md",
        "\n\n".join(f"{w.title()} {n} sails." for n in range(count // 8) for w in words),
    )
    project.run("update")
    return "locales/es/LC_MESSAGES/many.po"


def test_eight_writers_lose_nothing(project: Sample) -> None:
    each = 6
    path = many(project, 8 * each)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.project.project"])
    with context.Pool(8) as pool:
        pool.starmap(write_edits, [(project.root, n * each, each) for n in range(8)])
    po = polib.pofile(str(project.root / path))
    assert [entry.msgstr for entry in po] == [f"texto {n}" for n in range(8 * each)]


def test_an_editor_that_saves_during_updates_loses_nothing(project: Sample) -> None:
    saves = 12
    path = project.root / many(project, 48)
    opened = open_project(project.root)
    stop = threading.Event()

    def pipeline() -> None:
        for round_ in range(1000):
            text = project.read("source_texts/many.md")
            project.write("source_texts/many.md", text + f"\n\nLine {round_} is new.\n")
            article = opened.article(project.root / "source_texts/many.md")
            glossary = opened.glossary()
            change = partial(workflow.update, article, glossary=glossary)
            with contextlib.suppress(CatalogError):  # saved five times while it was at work
                opened.update(article, "es", change)
            if stop.is_set():
                return

    thread = threading.Thread(target=pipeline)
    thread.start()
    try:
        for n in range(saves):
            # An editor reads, a person types, and it saves: it knows nothing of locks. What the
            # pipeline wrote in between is only its own, and made again.
            po = polib.pofile(str(path))
            entry = next(e for e in po if e.msgid == f"Quay {n % 6} sails.")
            entry.msgstr = f"guardado {n}"
            atomic.write(path, str(po))
    finally:
        stop.set()
        thread.join()
    texts = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
    for n in range(saves - 6, saves):
        assert texts[f"Quay {n % 6} sails."] == f"guardado {n}"


# The memory.


class Shelf:
    def __init__(self, *matches: Match) -> None:
        self.matches = list(matches)

    def __len__(self) -> int:
        return len(self.matches)

    def lookup(self, source: str, before: str = "", after: str = "", limit: int = 5) -> list[Match]:
        return self.matches

    def same(self, source: str, before: str, after: str) -> list[Match]:
        return [one for one in self.matches if one.kind is not MatchKind.FUZZY]


def match(source: str, target: str, score: float, kind: MatchKind = MatchKind.FUZZY) -> Match:
    return Match(Entry(source, target, "en", "es", "old"), score, kind)


def recalled(source: str, *matches: Match) -> Message:
    (found,) = recall([Message(source)], Shelf(*matches), "en", "es")
    return found


def test_the_same_sentence_comes_back_fuzzy_and_says_from_where() -> None:
    found = recalled("It sails.", match("It sails.", "Zarpa.", 100, MatchKind.CONTEXT))
    assert (found.target, found.fuzzy, found.previous) == ("Zarpa.", True, "")
    assert found.draft == "memory, same sentence and neighbours in old"


def test_a_similar_sentence_comes_with_its_own_source_and_the_difference() -> None:
    old, new = "The ferry has 12 boats on board.", "The ferry has 14 boats on board."
    found = recalled(new, match(old, "El ferry lleva 12 barcos.", 80))
    assert (found.target, found.previous) == ("El ferry lleva 14 barcos.", old)
    assert "[12 → 14]" in found.change
    other = "The ferry has 12 boats on deck."
    found = recalled(other, match(old, "El ferry lleva 12 barcos.", 90))
    assert (found.target, found.previous) == ("El ferry lleva 12 barcos.", old)


def test_one_that_is_less_similar_is_mentioned_and_the_opposite_is_not() -> None:
    old, new = "The council met in silence.", "The council met in anger today."
    found = recalled(new, match(old, "Se reunió.", 75))
    assert found.target == ""
    assert found.draft == f"memory, 75% similar in old: “{old}” → “Se reunió.”"
    never = "The council never met."
    assert recalled(never, match("The council met.", "Se reunió.", 90)) == Message(never)


def test_what_was_tried_or_changed_is_left_alone() -> None:
    exact = match("It sails.", "Zarpa.", 100, MatchKind.EXACT)
    given = [
        Message("It sails.", draft="x"),
        Message("It sails.", target="x"),
        Message("It sails.", obsolete=True),
    ]
    assert recall(given, Shelf(exact), "en", "es") == tuple(given)
    given = [
        Message("It sails.", change="x"),
        Message("It sails.", draft="e; left empty, because x"),
    ]
    fuzzy = match("It sailed.", "Zarpó.", 90)
    assert recall(given, Shelf(fuzzy), "en", "es") == tuple(given)
    found = recall(given, Shelf(fuzzy, exact), "en", "es")
    assert [(m.target, m.change) for m in found] == [("Zarpa.", ""), ("Zarpa.", "")]


def test_the_memory_fills_another_article_and_travels_as_tmx(project: Sample) -> None:
    project.run("run")
    say(project, 0, "El ferry tiene que seguir siendo público")
    title = "The Ferry Must Stay Public"
    project.write("source_texts/again.md", f"# {title}\n\nAll of this is new here.\n")
    project.run("run")
    entry = project.po("es", "again")[0]
    assert entry.msgstr == "El ferry tiene que seguir siendo público"
    assert entry.flags == ["fuzzy"]
    assert "memory, same sentence in ferry" in entry.comment
    before = project.files()
    project.run("run")
    assert project.files() == before
    assert "seguir" in project.run("memory", "lookup", "-l", "es", title + ".").out
    assert "1 translations" in project.run("memory", "export", "out.tmx").out

    (project.root / "new").mkdir()
    other = sample(project.root / "new")
    other.run("memory", "import", str(project.root / "out.tmx"))
    other.run("memory", "import", str(project.root / "out.tmx"))
    other.run("run")
    entry = other.po("es", "ferry")[0]
    assert (entry.msgstr, entry.flags) == ("El ferry tiene que seguir siendo público", ["fuzzy"])
    other.write("changed/out.tmx", project.read("out.tmx").replace("seguir", "quedar"))
    assert "is there already" in other.run("memory", "import", "changed/out.tmx", code=1).err
    other.write("bad.tmx", "<tmx><!DOCTYPE x></tmx>")
    assert "bad.tmx" in other.run("memory", "import", "bad.tmx", code=1).err


# What is left.


def test_the_most_urgent_comes_first() -> None:
    opposite = provenance.changed(Message("a"), Change("x", opposite=True))
    quoted = Message("h", target="h", fuzzy=True, change="other quotes")
    assert urgency_of(quoted) is Urgency.DRAFT
    changed = Message("b", target="b", fuzzy=True, previous="c", change="x")
    empty, doubted = Message("c"), Message("d", target="d", fuzzy=True, draft="e 1; doubts")
    draft, done = Message("e", target="e", fuzzy=True, draft="e 1"), Message("f", target="f")
    drafted = replace(opposite, target="x", fuzzy=True, draft="e 1")
    assert urgency_of(drafted) is Urgency.OPPOSITE
    messages = (done, draft, doubted, empty, changed, opposite, Message("g", obsolete=True))
    catalogs = {("one", "es"): Catalog("es", messages), ("two", "es"): Catalog("es", (draft,))}
    found = todo(catalogs, {})
    assert [(i.article, i.message.source) for i in found] == [
        ("one", "a"), ("one", "b"), ("one", "c"), ("one", "d"), ("two", "e"), ("one", "e")
    ]  # fmt: skip


def test_todo_names_file_and_line(project: Sample) -> None:
    project.run("run")
    say(project, 1, "El consejo quiere venderlo.")
    source = project.read("source_texts/ferry.txt")
    project.write(
        "source_texts/ferry.txt", source.replace("wants to sell", "does not want to sell")
    )
    project.run("run")
    first = project.run("todo", "-l", "es", "--limit", "1").out.splitlines()[0]
    assert "may say the opposite now: The council of Arvensund does not want" in first
    path, line = first.split(": ")[0].rsplit(":", 1)
    assert "does not want" in project.read(path).splitlines()[int(line) - 1]
    found = project.run("todo", "--json", "--limit", "0").json
    assert isinstance(found, list)
    assert len(found) == 34
    assert "[" in found[0]["note"]


# Pruning.


def test_prune_removes_what_is_obsolete_and_can_keep_it_in_the_memory(project: Sample) -> None:
    project.run("run")
    say(project, 1, "El consejo quiere venderlo.")
    source = project.read("source_texts/ferry.txt")
    project.write("source_texts/ferry.txt", source.replace("The council of Arvensund", "Nobody"))
    project.run("run")
    before = project.files()
    assert "#~ msgstr" in project.read(PO)
    said = project.run("prune", "--dry-run", "--save", "locales/old.tmx").out
    assert "would remove 1 obsolete messages (1 approved)" in said
    assert project.files() == before
    project.run("prune", "--save", "locales/old.tmx")
    assert "#~" not in project.read(PO)
    assert "venderlo" in project.read("locales/old.tmx")
    project.write("source_texts/ferry.txt", source)
    project.run("run")
    entry = next(e for e in project.po("es", "ferry") if "The council of Arvensund" in e.msgid)
    assert (entry.msgstr, entry.flags) == ("El consejo quiere venderlo.", ["fuzzy"])
    project.run("prune")
    assert project.run("prune").out == ""


def take_out(project: Sample, sentence: str, *, instead: str = "") -> str:
    """Take *sentence* out of the source and run; return the source as it was."""
    source = project.read("source_texts/ferry.txt")
    assert sentence in source
    project.write("source_texts/ferry.txt", source.replace(sentence, instead))
    project.run("run")
    assert "#~ msgstr" in project.read(PO)
    return source


YEARS = "They have said so for years. "


@pytest.mark.parametrize("instead", ["", "They have said so for many years now. "])
@pytest.mark.parametrize("save", [(), ("--save", "locales/old.tmx")])
def test_prune_goes_by_the_source_as_it_is_now(
    project: Sample, instead: str, save: tuple[str, ...]
) -> None:
    project.run("run")
    project.approve("es", "ferry")
    before = project.po("es", "ferry")
    project.write("source_texts/ferry.txt", take_out(project, YEARS, instead=instead))
    for options in (("--dry-run", *save), save):  # a machine's draft may go
        assert "approved" not in project.run("prune", *options).out.replace("(0 approved)", "")
    project.run("run")
    after = project.po("es", "ferry")
    assert [(e.msgid, e.msgstr, e.flags) for e in after if not e.obsolete] == [
        (e.msgid, e.msgstr, e.flags) for e in before
    ]
    assert not save or "<tu" not in project.read("locales/old.tmx")


def test_prune_counts_saves_and_removes_the_same(project: Sample) -> None:
    project.run("run")
    project.approve("es", "ferry")
    take_out(project, YEARS)
    take_out(project, "The U.N. building is far away.")
    save = ("--save", "locales/old.tmx")
    said = project.run("prune", "--dry-run", *save).out
    assert "would save 2 translations" in said
    assert "would remove 2 obsolete messages (2 approved)" in said
    assert project.run("prune", *save).out == said.replace("would remove", "removed").replace(
        "would save", "saved"
    )
    assert project.read("locales/old.tmx").count("<tu ") == 2
    before = project.files()
    assert "obsolete" not in project.run("prune").out
    assert "updated" not in project.run("update", "-l", "es").out
    assert project.files()[PO] == before[PO]
    assert "#~" not in project.read(PO)


def test_prune_takes_no_sentence_for_its_heading(project: Sample) -> None:
    words = "The boats leave at six"
    text = "# The boats\n\n{0}\n\n{1}\n\nAnother sentence is here.\n"
    project.write("source_texts/boats.md", text.format(f"## {words}", words))
    project.run("run")
    project.approve("es", "boats")
    project.write("source_texts/boats.md", text.format("## A new one", words))
    project.run("run")
    project.write(
        "source_texts/boats.md", text.format("## A new one", "The boats never leave at six")
    )
    said = project.run("prune").out
    assert "removed 1 obsolete messages (1 approved)" in said
    assert project.run("prune").out == ""
    project.run("update")
    (left,) = (e for e in project.po("es", "boats").obsolete_entries() if e.msgid == words)
    assert left.msgstr


def test_prune_says_when_it_takes_work_that_nobody_approved(project: Sample) -> None:
    project.run("run")
    po = project.po("es", "ferry")
    first, second = [e for e in po if e.msgid.startswith(("Ferry Workers", "The U.N. b"))]
    first.tcomment, first.msgstr, second.msgstr = "Ask Ana.", "", "Lejos."
    second.comment = ""
    po.save()
    source = project.read("source_texts/ferry.txt")
    gone = source.replace("The U.N. building is far away.", "").replace(
        "Ferry Workers' Council.", ""
    )
    project.write("source_texts/ferry.txt", gone)
    project.run("update", "-l", "es")
    assert "(0 approved, 2 worked on)" in project.run("prune", "-l", "es").out


def test_prune_leaves_what_no_run_has_called_obsolete_yet(project: Sample) -> None:
    project.run("run")
    project.approve("es", "ferry")
    source = take_out(project, YEARS)
    far = "The U.N. building is far away."
    kept = next(e.msgstr for e in project.po("es", "ferry") if e.msgid == far)
    project.write("source_texts/ferry.txt", source.replace(YEARS, "").replace(far, ""))
    assert "removed 1 obsolete messages (1 approved)" in project.run("prune").out
    before = project.files()
    assert project.run("prune").out == ""
    assert project.files() == before
    project.run("update")
    (left,) = project.po("es", "ferry").obsolete_entries()
    assert (left.msgid, left.msgstr, left.flags) == (far, kept, [])


@pytest.mark.parametrize("save", [(), ("--save", "locales/old.tmx")])
def test_prune_leaves_what_it_cannot_compare_with_a_source(
    project: Sample, save: tuple[str, ...]
) -> None:
    project.run("run")
    project.approve("es", "ferry")
    take_out(project, YEARS)
    held = project.read(PO)
    project.write("source_texts/ferry.txt", b"\xff\xfe\xfa")
    assert "source_texts/ferry.txt" in project.run("prune", *save, code=1).err
    assert project.read(PO) == held
    (project.root / "source_texts/ferry.txt").unlink()
    assert "obsolete" not in project.run("prune", *save).out
    assert project.read(PO) == held
    project.write("source_texts/ferry.txt", "A Short One\n\nIt says little.\n")
    project.write(PO, held + "<<<<<<< ours\n")
    project.write("source_texts/letter.md", "---\ntitle: One\n---\n\nAnother text.\n")
    assert "merge conflict" in project.run("prune", *save, code=1).err
    assert project.read(PO) == held + "<<<<<<< ours\n"


def test_prune_removes_nothing_that_it_did_not_save(
    project: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run("run")
    project.approve("es", "ferry")
    take_out(project, YEARS)
    write = atomic.write

    def meanwhile(path: Path, text: str) -> bool:
        if path.suffix == ".tmx":
            po = project.po("es", "ferry")
            (gone,) = po.obsolete_entries()
            gone.msgstr = "Llevan años diciéndolo."
            po.save()
        return write(path, text)

    monkeypatch.setattr(atomic, "write", meanwhile)
    target = str(project.root / "locales/old.tmx")
    done = CliRunner().invoke(main, ["-C", str(project.root), "prune", "--save", target])
    assert done.exit_code == 0
    assert PO not in done.output
    assert '#~ msgstr "Llevan años diciéndolo."' in project.read(PO)


def test_a_tmx_file_only_grows_and_nothing_else_is_overwritten(project: Sample) -> None:
    project.run("run")
    say(project, 1, "El consejo quiere venderlo.")
    source = project.read("source_texts/ferry.txt")
    project.write("source_texts/ferry.txt", source.replace("The council of Arvensund", "Nobody"))
    project.run("run")
    project.run("prune", "--save", "locales/old.tmx")
    held = project.read("locales/old.tmx")
    project.run("prune", "--save", "locales/old.tmx")
    assert project.read("locales/old.tmx") == held
    say(project, 2, "Dependen de él.")
    project.write("source_texts/ferry.txt", project.read("source_texts/ferry.txt")[:60])
    settings = project.read("pyproject.toml").replace('"es", ', "")
    project.run("run")
    project.run("prune", "--save", "locales/old.tmx")
    assert held.removesuffix("</body>\n</tmx>\n") in project.read("locales/old.tmx")
    project.write("pyproject.toml", settings)
    grown = project.read("locales/old.tmx")
    project.run("prune", "--save", "locales/old.tmx")
    assert "venderlo" in project.read("locales/old.tmx")
    assert project.read("locales/old.tmx") == grown
    project.write("theirs.tmx", held.replace("statement-pipeline", "other"))
    said = project.run("prune", "--save", "theirs.tmx", code=1).err
    assert "was not written by this program" in said
    for name in (PO, "source_texts/ferry.txt", "theirs.tmx", "locales/old.tmx", "locales/new.tmx"):
        before = project.files()
        assert "--force" in project.run("memory", "export", name, code=1).err
        assert project.files() == before
    assert "no such folder" in project.run("memory", "export", "x/y.tmx", code=1).err
    project.run("memory", "export", "mine.tmx")
    project.run("memory", "export", "mine.tmx")


# The glossary changes.


def leave_only(project: Sample, name: str, text: str, engine: str = "pseudo") -> str:
    """Leave one source and one locale; return the settings."""
    for path in project.root.glob("source_texts/*"):
        path.unlink()
    project.write(f"source_texts/{name}", text)
    settings = project.read("pyproject.toml").replace('"pseudo"', f'"{engine}"')
    settings = settings.replace('"es", "ar"', '"es"')
    project.write("pyproject.toml", settings)
    return settings


def test_a_changed_entry_drafts_anew_what_nobody_touched(project: Sample) -> None:
    project.write(
        "reader.py",
        "from pipeline.engines import Hypothesis\n"
        "class Reader:\n"
        "    name = 'reader'\n"
        "    reads = ('terms',)\n"
        "    def signature(self, source, target): return 'reader 1'\n"
        "    def serves(self, source, target): return True\n"
        "    def translate(self, segments, source, target):\n"
        "        text = 'El ayuntamiento quiere vender el ferry a una empresa: %s.'\n"
        "        return [\n"
        "            (Hypothesis(text % (s.terms[0].split()[2] if s.terms else 'nada')),)\n"
        "            for s in segments\n"
        "        ]\n",
    )
    text = (
        "The council wants to sell the tariff soon, they said.\n\n"
        "Nobody in the harbour knows the tariff of the ferry.\n\n"
        "The tariff of the ferry was agreed in the harbour.\n\n"
        "They sang in the harbour for the whole night.\n"
    )
    leave_only(project, "boats.md", text, "reader:Reader")
    project.run("run")
    boats = "locales/es/LC_MESSAGES/boats.po"
    assert project.read(boats).count("empresa: tarifa.") == 3
    say(project, 1, "Nadie sabe la tarifa.", boats)
    po = polib.pofile(str(project.root / boats))
    po[2].msgstr = "Una persona empezó a corregir la tarifa."
    po.save()
    glossary = project.read("glossary.yaml")
    project.write("glossary.yaml", glossary.replace("tarifa", "peaje"))
    result = project.run("run")
    assert "es: drafting 1 sentences" in result.out
    assert "terminology: “tariff” is “peaje” in the glossary, which is not said" in result.err
    said = [entry.msgstr for entry in polib.pofile(str(project.root / boats))]
    assert said[0].endswith("empresa: peaje.")
    assert said[1:3] == ["Nadie sabe la tarifa.", "Una persona empezó a corregir la tarifa."]
    assert said[3].endswith("empresa: nada.")
    before = project.files()
    project.run("run")
    assert project.files() == before
    found = project.run("glossary", "report", "--json").json
    assert isinstance(found, dict)
    assert [d["source"] for d in found["disagreeing"]] == [
        "Nobody in the harbour knows the tariff of the ferry."
    ]
    assert project.run("glossary", "report").out
    assert project.run("glossary", "suggest").out


def meanwhile(project: Sample, *lines: str) -> None:
    """Write an engine that does what *lines* say before it drafts."""
    project.write(
        "meanwhile.py",
        "import pathlib\n"
        "from pipeline.engines.pseudo import PseudoEngine\n"
        "class Engine(PseudoEngine):\n"
        "    name = 'pseudo'\n"
        "    def translate(self, *arguments):\n"
        + "".join(f"        {line}\n" for line in lines)
        + "        return super().translate(*arguments)\n",
    )


def test_an_approval_taken_back_while_engines_are_at_work_is_not_published(
    project: Sample,
) -> None:
    project.run("run")
    project.approve("es", "letter")
    project.run("run")
    meanwhile(
        project,
        "path = pathlib.Path('locales/es/LC_MESSAGES/letter.po')",
        "text = path.read_text()",
        "path.write_text(text.replace('\\nmsgid \"Stop', '\\n#, fuzzy\\nmsgid \"Stop'))",
    )
    project.write("source_texts/new.md", "A new one.\n")
    assert (project.root / "localized/es/letter.md").exists()
    project.run("run", "--engine", "meanwhile:Engine")
    assert not (project.root / "localized/es/letter.md").exists()


def test_an_approval_given_while_engines_are_at_work_and_taken_back_later_is_not_published(
    project: Sample,
) -> None:
    leave_only(project, "a.md", "The workers of the port rest today.\n", "meanwhile:Engine")
    meanwhile(
        project,
        "if pathlib.Path('source_texts/b.md').exists():",
        "    path = pathlib.Path('locales/es/LC_MESSAGES/a.po')",
        "    path.write_text(path.read_text('utf-8').replace('#, fuzzy\\n', ''), 'utf-8')",
    )
    project.run("run")
    path = project.root / "locales/es/LC_MESSAGES/a.po"
    drafts = path.read_text("utf-8")
    project.write("source_texts/b.md", "A new one.\n")
    project.write("source_texts/a.md", "The workers of the port rest today. \n")  # is looked at
    project.run("run")
    assert (project.root / "localized/es/a.md").exists()
    path.write_text(drafts, "utf-8")
    project.run("run")
    assert not (project.root / "localized/es/a.md").exists()


def test_a_dry_run_leaves_no_memory_either(project: Sample) -> None:
    project.run("run")
    for name in ("memory.sqlite", "drafts.sqlite"):  # as it is where they are lost
        (project.root / ".pipeline" / name).unlink(missing_ok=True)

    def everything() -> dict[Path, bytes]:
        read = {"glossary.json", "lemmas.json"}  # what was read of glossary and dictionary is kept
        found = (p for p in project.root.rglob("*") if p.is_file() and p.name not in read)
        return {path: path.read_bytes() for path in found}

    for known in (False, True):
        if known:
            project.run("translate")
        before = everything()
        for command in (["translate", "--redraft"], ["translate"], ["update"], ["prune"]):
            project.run(*command, "--dry-run")
            after = everything()
            assert {p for p in before | after if before.get(p) != after.get(p)} == set(), command


# Where the command works.


def test_the_merge_driver_is_installed_in_the_project_that_is_named(tmp_path: Path) -> None:
    here, there = sample(tmp_path / "here"), sample(tmp_path / "there")
    for one in (here, there):
        subprocess.run(["git", "init", "-q"], cwd=one.root, check=True)
    here.run("-C", "../there", "merge", "--install")
    assert not (here.root / ".gitattributes").exists()
    assert (there.root / ".gitattributes").exists()


@pytest.mark.parametrize("text", ['{"articles": null}', '{"articles": 1}', "[1]"])
def test_a_damaged_manifest_is_written_anew(project: Sample, text: str) -> None:
    project.run("run")
    whole = project.read("localized/manifest.json")
    project.write("localized/manifest.json", text)
    shutil.rmtree(project.root / ".pipeline")
    project.run("run")
    assert project.read("localized/manifest.json") == whole


def test_the_name_of_an_engine_is_not_the_beginning_of_another() -> None:
    longer = Message("a", draft="argos en→es 1.9 (beam 8); left empty")
    assert provenance.waits(longer, "argos en→es 1.9")
    assert not provenance.waits(longer, "argos en→es 1.9 (beam 8)")
    assert not provenance.waits(Message("a", draft="argos en→es 1.9"), "argos en→es 1.9")


def test_redrafting_with_an_engine_that_cannot_serve_the_locale_is_an_error(
    project: Sample,
) -> None:
    project.run("run")
    result = project.run("translate", "--redraft", "--engine", "apertium", "-l", "ar", code=1)
    assert "ar" in result.err


# A better engine comes.


def test_what_another_engine_drafted_is_drafted_anew_where_that_is_asked_for(
    project: Sample,
) -> None:
    project.write(
        "better.py",
        "from pipeline.engines import Hypothesis\n"
        "class Better:\n"
        "    name = 'better'\n"
        "    reads = ()\n"
        "    def signature(self, source, target): return 'better 1'\n"
        "    def serves(self, source, target): return True\n"
        "    def translate(self, segments, source, target):\n"
        "        return [self.say(segment.text) for segment in segments]\n"
        "    def say(self, text):\n"
        "        if 'night' in text: return ()\n"
        "        return (Hypothesis('El ayuntamiento quiere vender el ferry a otros.'),)\n",
    )
    text = (
        "The council wants to sell the ferry soon, they said.\n\n"
        "Nobody in the harbour knows the price of the ferry.\n\n"
        "The price of the ferry was agreed in the harbour.\n\n"
        "They sang in the harbour for the whole night.\n"
    )
    settings = leave_only(project, "boats.md", text)
    project.run("run")
    boats = "locales/es/LC_MESSAGES/boats.po"
    say(project, 1, "Nadie sabe el precio.", boats)
    po = polib.pofile(str(project.root / boats))
    po[2].msgstr = "Una persona empezó a corregir el precio."
    po.save()
    project.write("pyproject.toml", settings.replace('"pseudo"', '"better:Better"'))
    before = [entry.msgstr for entry in polib.pofile(str(project.root / boats))]
    assert project.run("run").out.count("drafting") == 0
    shown = project.run("translate", "--redraft", "--dry-run").out
    assert f"would draft 2 sentences in {boats} with better 1" in shown
    assert [entry.msgstr for entry in polib.pofile(str(project.root / boats))] == before
    project.run("translate", "--redraft")
    said = [entry.msgstr for entry in polib.pofile(str(project.root / boats))]
    assert said[0] == "El ayuntamiento quiere vender el ferry a otros."
    assert said[1:] == before[1:]  # approved, touched, and one for which there is nothing better
    project.run("run")
    files = project.files()
    project.run("translate", "--redraft")
    project.run("run")
    assert project.files() == files
