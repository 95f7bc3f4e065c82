"""People and commands at work on one catalog at the same time, and whether all they saved is kept.

Each writer is a process of its own, and saves translations of sentences that nobody else has.

- turns: 8 processes take turns with the project's lock, and save 50 edits each by `Project.update`.
- merge: 8 processes bring 50 edits each into one file with ``pipeline merge``, five at a time; they
  take no turns.
- git: 8 people in clones of one repository commit 50 edits each, as their editors save: with a new
  date in the header. They pull and push after every few, with the merge driver installed; a push
  that comes too late is repeated. git may not find a single conflict.
- editor: an editor opens a catalog, a person types, and it saves the whole file, 100 times, at
  random moments: in place, by a new file that is renamed, or with a backup. It knows nothing of
  any lock, or of what happened since it opened the file. In the meantime ``pipeline update`` and
  ``pipeline run`` run in a loop, and the source changes: sentences are added, moved and edited.

What is lost is a translation that is not in the file at last, approved; where its sentence is not
in the source any more it may be obsolete. The catalog must also be one that ``msgfmt`` accepts,
where there is one; a last run must succeed; and one more must change nothing.

With --unguarded, the last look at a file before it is replaced is left out of the commands: that
shows what is lost without it. Exits with 1 if an aim is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # run as a file, from a checkout

import polib
from engines_common import Aim, table, verdict
from helpers import sample

from pipeline.errors import PipelineError
from pipeline.model import Catalog
from pipeline.project.project import open_project
from pipeline.storage import atomic

WRITERS, EDITS, SAVES = 8, 50, 100
BUNCH = 5
ALL = range(WRITERS * EDITS)
PO = "locales/es/LC_MESSAGES/many.po"
SOURCE = "source_texts/many.md"
THINGS = "quay ferry harbour crew ticket winter engine captain".split()
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_CONFIG_GLOBAL": os.devnull}
ENVIRONMENT |= {f"GIT_{who}_{what}": "a@b.invalid" for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")}  # fmt: skip
UNGUARDED = """
import runpy, sys
from pipeline.storage import atomic
atomic.swap = lambda path, before, data: atomic.write(path, data)
sys.argv[0] = "pipeline"
runpy.run_module("pipeline", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a trial."""

    name: str
    of: int
    kept: int
    seconds: float
    note: str
    wrong: str = ""
    """What else is not as it should be."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A project with one catalog, and the command to run in it."""

    root: Path
    command: tuple[str, ...]
    seed: int

    @property
    def po(self) -> Path:
        return self.root / PO

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.root,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )

    def children(self, role: str, count: int, *more: object) -> list[subprocess.Popen[str]]:
        """Start *count* writers of a kind, each with its number."""
        return [
            subprocess.Popen(
                [sys.executable, __file__, "--role", role, str(self.root), str(n), str(self.seed),
                 *map(str, more), "--", *self.command],
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(count)
        ]  # fmt: skip

    def wrong(self) -> str:
        """Return what is wrong with the catalog, or with two more runs."""
        if shutil.which("msgfmt"):
            checked = subprocess.run(
                ["msgfmt", "-c", "-o", os.devnull, self.po], capture_output=True, check=False
            )
            if checked.returncode:
                return "msgfmt rejects the catalog"
        if (done := self.run("run")).returncode:
            return f"the last run fails: {done.stderr[-200:]}"
        before = tree(self.root)
        self.run("run")
        if tree(self.root) != before:
            return "one more run changes something"
        if any(p.name.endswith(".pipeline-tmp") for p in self.root.rglob("*")):
            return "a temporary file is left"
        return ""


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for name in ("locales", "localized")
        for path in (root / name).rglob("*")
        if path.is_file()
    }


def sentence(number: int) -> str:
    return f"The {THINGS[number % len(THINGS)]} of number {number} sails again."


def said(number: int) -> str:
    return f"Texto número {number}."


def trial(folder: Path, command: Sequence[str], seed: int) -> Trial:
    """Make a project with an article of 400 sentences."""
    project = sample(folder)
    project.write("pyproject.toml", '[tool.pipeline]\nlocales = ["es"]\nengine = "pseudo"\n')
    paragraphs = (ALL[n : n + 4] for n in range(0, len(ALL), 4))
    project.write(SOURCE, "\n\n".join(" ".join(map(sentence, p)) for p in paragraphs) + "\n")
    made = Trial(folder, tuple(command), seed)
    if (done := made.run("update")).returncode:
        sys.exit(done.stderr)
    return made


def kept(path: Path, numbers: Iterable[int]) -> int:
    """Return how many of these sentences are approved in the words of `said`."""
    there = {(e.msgid, e.msgstr) for e in polib.pofile(str(path)) if "fuzzy" not in e.flags}
    return sum((sentence(n), said(n)) in there for n in numbers)


def translate(po: polib.POFile, number: int) -> None:
    """Do what a translator does with a sentence, and what the editor does with the header."""
    entry = next(e for e in po if e.msgid == sentence(number))
    entry.msgstr = said(number)
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    po.metadata["PO-Revision-Date"] = f"{now}+0000"
    po.metadata["Last-Translator"] = f"Person {number} <p{number}@example.org>"


def output(children: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Wait for the writers; return what each printed."""
    printed = [child.communicate()[0].strip() for child in children]
    if any(child.returncode for child in children):
        sys.exit("a writer failed; what it said is above")
    return printed


# Taking turns


def turns(at: Trial) -> tuple[int, str]:
    refused = sum(map(int, output(at.children("turn", WRITERS))))
    return kept(at.po, ALL), f"with the project's lock; {refused} times told to try again, and did"


def turn(root: Path, number: int, *_: object) -> None:
    project = open_project(root)
    article = project.article(root / SOURCE)
    refused = 0
    for n in range(number * EDITS, (number + 1) * EDITS):

        def change(catalog: Catalog, n: int = n) -> Catalog:
            done = (
                replace(m, target=said(n), fuzzy=False) if m.source == sentence(n) else m
                for m in catalog.messages
            )
            return replace(catalog, messages=tuple(done))

        while True:
            with contextlib.suppress(PipelineError), atomic.lock(project.cache):
                project.update(article, "es", change)
                break
            refused += 1
    print(refused)


# Merging into one file


def merge(at: Trial) -> tuple[int, str]:
    shutil.copy(at.po, at.root / "base.po")
    output(at.children("merger", WRITERS))
    return kept(at.po, ALL), f"{len(ALL) // BUNCH} merges into one file"


def merger(root: Path, number: int, _seed: int, _more: object, command: Sequence[str]) -> None:
    theirs = root / f"theirs{number}.po"
    for start in range(number * EDITS, (number + 1) * EDITS, BUNCH):
        po = polib.pofile(str(root / "base.po"))
        for n in range(start, start + BUNCH):
            translate(po, n)
        po.save(str(theirs))
        subprocess.run([*command, "merge", "base.po", PO, theirs.name], cwd=root, check=True)


# Committing


def commits(at: Trial) -> tuple[int, str]:
    (at.root / ".gitignore").write_text(".pipeline/\nlocalized/\n")
    git(at.root, "init", "-q", "-b", "main")
    if (done := at.run("merge", "--install")).returncode:
        sys.exit(done.stderr)
    git(at.root, "add", "-A")
    git(at.root, "commit", "-qm", "start")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "origin"
        git(at.root, "clone", "-q", "--bare", at.root, bare)
        output(at.children("committer", WRITERS, bare))
        git(at.root, "pull", "-q", bare, "main")
    merges = subprocess.check_output("git rev-list --merges --count HEAD".split(), cwd=at.root)
    return kept(at.po, ALL), f"{int(merges)} merges by git, {len(ALL)} commits"


def committer(
    root: Path, number: int, seed: int, more: Sequence[str], command: Sequence[str]
) -> None:
    """Commit edits in a clone, in random bunches."""
    chance = random.Random(f"{seed} {number}")
    clone = Path(more[0]).parent / f"clone{number}"
    git(root, "clone", "-q", more[0], clone)
    subprocess.check_output([*command, "merge", "--install"], cwd=clone)
    left = list(range(number * EDITS, (number + 1) * EDITS))
    while left:
        for n in [left.pop() for _ in range(min(len(left), chance.randrange(5, 20)))]:
            po = polib.pofile(str(clone / PO))
            translate(po, n)
            po.save()
            git(clone, "commit", "-qam", f"Translate {n}")
        while not git(clone, "push", "-q", "origin", "HEAD:main", fails=True):
            git(clone, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main")


def git(folder: Path, *arguments: object, fails: bool = False) -> bool:
    """Run git; return whether it succeeds. Give up where it must not fail and does."""
    command = ["git", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode and not fails:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return not done.returncode


# An editor that saves


def editing(at: Trial) -> tuple[int, str]:
    """Run the editor, and beside it the pipeline over a source that changes."""
    chance = random.Random(at.seed)
    (child,) = at.children("editor", 1)
    runs, refused = 0, 0
    while child.poll() is None:
        change_source(at.root / SOURCE, chance, runs)
        done = at.run("run" if runs % 3 == 0 else "update")
        runs += 1
        if done.returncode:
            refused += 1
            if "Traceback" in done.stderr:
                sys.exit(done.stderr)
            print(f"  refused: {done.stderr.strip()[-150:]}", file=sys.stderr)
    saved = [int(n) for n in output([child])[0].split()]
    note = f"{runs} commands at work meanwhile, {refused} of which met a half-written file"
    return kept(at.po, saved), note


def change_source(path: Path, chance: random.Random, number: int) -> None:
    """Add a sentence, move a paragraph, edit one: what happens to a text on its way."""
    blocks = path.read_text().strip().split("\n\n")
    blocks.insert(chance.randrange(len(blocks)), f"Line {number} is new here.")
    blocks.append(blocks.pop(chance.randrange(len(blocks))))
    at = chance.randrange(len(blocks))
    blocks[at] = re.sub(r"sails again\.", f"sails at {number % 12} again.", blocks[at], count=1)
    path.write_text("\n\n".join(blocks) + "\n")


def editor(root: Path, _number: int, seed: int, *_: object) -> None:
    """Open, type, save: again and again, each time another sentence."""
    chance = random.Random(f"editor {seed}")
    path = root / PO
    done = set[int]()
    while len(done) < SAVES:
        time.sleep(chance.uniform(0, 1))
        po = polib.pofile(str(path))
        there = {e.msgid for e in po if not e.obsolete}
        left = [n for n in range(2 * SAVES) if n not in done and sentence(n) in there]
        done.add(number := chance.choice(left))
        time.sleep(chance.uniform(0, 0.3))
        translate(po, number)
        chance.choice(SAVING)(path, f"{po}\n")
    print(*done)


def in_place(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)


def by_renaming(path: Path, text: str) -> None:
    new = path.with_suffix(".po.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def with_backup(path: Path, text: str) -> None:
    path.replace(path.with_suffix(".po~"))
    path.write_text(text, encoding="utf-8")


SAVING = (in_place, by_renaming, with_backup)


# All of it

TRIALS: dict[str, tuple[int, Callable[[Trial], tuple[int, str]]]] = {
    "turns": (len(ALL), turns),
    "merge": (len(ALL), merge),
    "git": (len(ALL), commits),
    "editor": (SAVES, editing),
}
ROLES: dict[str, Callable[..., None]] = {
    "turn": turn,
    "merger": merger,
    "committer": committer,
    "editor": editor,
}


def tried(name: str, command: Sequence[str], seed: int) -> Found:
    count, work = TRIALS[name]
    with tempfile.TemporaryDirectory(prefix="together-") as folder:
        at = trial(Path(folder) / "project", command, seed)
        start = time.monotonic()
        there, note = work(at)
        seconds = time.monotonic() - start
        return Found(name, count, there, seconds, note, at.wrong())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trials", nargs="*", choices=[[], *TRIALS], help="[default: all]")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--unguarded", action="store_true", help="show what would be lost")
    options = parser.parse_args()
    plain = (sys.executable, "-m", "pipeline")
    command = (sys.executable, "-c", UNGUARDED) if options.unguarded else plain
    found = []
    for name in options.trials or TRIALS:
        found.append(tried(name, command, options.seed))
        print(f"{name}: {found[-1].kept} of {found[-1].of}", file=sys.stderr, flush=True)
    rows = [(f.name, f"{f.kept} of {f.of}", f"{f.seconds:.0f}", f.note) for f in found]
    table(("trial", "kept", "s", "how"), rows)
    aims = [
        Aim(f.name, f.wrong or f"{f.kept} kept", f"{f.of} kept", f.kept == f.of and not f.wrong)
        for f in found
    ]
    if not verdict(aims):
        sys.exit(1)


def child(arguments: Sequence[str]) -> None:
    """Be one of the writers."""
    at = arguments.index("--")
    (role, root, number, seed, *more), command = arguments[:at], arguments[at + 1 :]
    ROLES[role](Path(root), int(number), int(seed), more, command)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--role"]:
        child(sys.argv[2:])
    else:
        main()
