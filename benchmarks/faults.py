"""Break each command at each system call that writes, and see that nothing is lost.

A small project is made in which each command has something to write, to replace, to make and to
withdraw. A first run under strace lists the calls that write to the project's folder or to the
standard streams. Then, for each of them, the command is killed there (SIGKILL), and the call is
failed with ENOSPC and with EIO. Each time:

- lost: a file is not whole, or what a person wrote is nowhere. Whole is what it was, and what an
  unbroken run makes of it. (A command that could not write one file goes on with the others, and
  saves in between; what is neither must be a PO file that can be read, or end as its kind does.)
- silent: after an error the command exits with 0, or as an unbroken run does, or shows a traceback.
  Files under .pipeline/ are a cache: the command may do without them.
- stray: after a plain second run there is a file that an unbroken run does not leave, or a
  temporary one under .pipeline/.
- other: after it, a file has other bytes than after an unbroken run. And an unbroken second run
  must change nothing.

Commands that only read are broken where they print. With ``merge --install``, what git itself
writes is left to git: only our own calls are broken. Needs strace. Exits with 1 if there is harm.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # run as a file, from a checkout

from engines_common import Aim, table, verdict
from helpers import sample

from pipeline.catalog import po
from pipeline.errors import CatalogError
from pipeline.memory import tmx
from pipeline.memory.model import Entry
from pipeline.model import Message
from pipeline.text import lemmas

COMMANDS = (
    "update",
    "translate --engine pseudo",
    "build",
    "run --engine pseudo",
    "prune --save locales/pruned.tmx",
    "prune --save kept.tmx",
    "merge base.po ours.po theirs.po --path locales/es/LC_MESSAGES/letter.po",
    "merge base.po ours.po disputed.po --path locales/es/LC_MESSAGES/letter.po",
    "merge --install",
    "memory import client.tmx",
    "memory export kept.tmx",
    "memory export new.tmx",
    "glossary import terms.tsv --locale es",
    "glossary export terms.tbx --force",
    "glossary export new.csv --format deepl --locale es",
)
READERS = (
    "status",
    "todo",
    "clean source_texts/letter.md",
    "segment source_texts/letter.md",
    "text --source en --target es --engine pseudo",
    "memory lookup --locale es 'It has a sentence.'",
    "glossary check",
    "glossary report",
    "glossary suggest",
    "engines",
    "update --dry-run",
    "translate --dry-run --engine pseudo",
    "prune --dry-run --save new.tmx",
    "glossary import terms.tsv --locale es --dry-run",
)
OURS_ALONE = ("merge --install",)
"""Commands of which the processes that they start are not broken."""
FAULTS = ("signal=SIGKILL", "error=ENOSPC", "error=EIO")
KINDS = [fault.partition("=")[2] for fault in FAULTS]
HARM = {
    "lost": "files lost or torn",
    "silent": "errors that are not in the exit code, or tracebacks",
    "stray": "files left over after the next run",
    "other": "files that are not the same after the next run",
    "missed": "faults that could not be put where they belong",
}
CALLS = (
    "openat creat write pwrite64 writev pwritev rename renameat renameat2 fsync fdatasync close"
    " unlink unlinkat fchmod chmod fchmodat fchown ftruncate truncate mkdir mkdirat rmdir link"
    " linkat symlink symlinkat"
).split()
ENVIRONMENT = {
    **os.environ,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": str(ROOT),
    "SOURCE_DATE_EPOCH": "1750000000",
}

TRACE = ("-e", f"trace={','.join(CALLS)}")
STANDARD = "a standard stream"
Files = Mapping[str, bytes]
"""What is on disk, by name; without .pipeline/."""


@dataclass(frozen=True, slots=True)
class Point:
    """A system call of a command that writes."""

    call: str
    number: int
    """Which of its kind it is in the process, from 1."""
    path: str
    """In the project's folder, without what is random of it."""

    @property
    def cache(self) -> bool:
        return self.path.startswith(".pipeline")


def prepare(folder: Path) -> None:
    """Make a project in *folder* where every command has something to do."""
    project = sample(folder)
    project.write("pyproject.toml", '[tool.pipeline]\nlocales = ["es"]\n')
    project.write("source_texts/ready.md", "# A ready one\n\nIt has a sentence.\n")
    project.write("source_texts/old.md", "# One to be renamed\n\nIt has a sentence too.\n")
    project.run("update")
    catalogs = folder / "locales/es/LC_MESSAGES"
    for article in ("letter", "ferry", "old"):
        approve(catalogs / f"{article}.po")
    project.run("build")
    approve(catalogs / "ready.po")  # to be published
    ferry = catalogs / "ferry.po"  # to be withdrawn
    ferry.write_text(ferry.read_text().replace("#. title", "#, fuzzy\n#. title", 1))
    letter = project.read("source_texts/letter.md")
    sides(folder, catalogs / "letter.po")
    project.write("source_texts/letter.md", letter.replace("It has *two* parts.", ""))
    project.run("update", "letter")  # leaves an obsolete message, which was approved
    letter = project.read("source_texts/letter.md")
    project.write("source_texts/letter.md", letter.replace("Stop the sale.", "Stop that sale now."))
    (folder / "source_texts/old.md").rename(folder / "source_texts/new.md")
    project.write("source_texts/third.md", "# A third one\n\nIt has a sentence. And another.\n")
    bought = Entry("Stop the boats.", "Que paren los barcos.", "en", "es", "client")
    project.write("client.tmx", tmx.dump([bought]).replace("statement-pipeline", "other"))
    once = "It has a sentence."
    project.write("kept.tmx", tmx.dump([Entry(once, once, "en", "es", "ready")]))
    project.write("terms.tsv", "strike fund\tcaja de resistencia\t\n")
    project.run("glossary", "export", "terms.tbx")
    glossary = project.read("glossary.yaml")
    project.write("glossary.yaml", glossary.replace("term: tarifa,", "term: tasa,"))
    project.write("stdin.txt", "Stop the sale. It has two parts.\n\nTalk to us.\n")
    subprocess.run(["git", "init", "-q", "--template=", folder], check=True)
    project.write(".gitattributes", "*.md text")  # without an end of line


def sides(folder: Path, path: Path) -> None:
    """Copy a catalog as *base*, and as three people leave it: two of them disagree."""
    catalog = po.read(path)
    for name, said in {
        "base": {},
        "ours": {0: "Uno, a mano", 1: "Dos, a mano"},
        "theirs": {2: "Tres, a mano"},
        "disputed": {1: "Dos, de otra mano", 2: "Tres, a mano"},
    }.items():
        done = [replace(m, target=said.get(n, m.target)) for n, m in enumerate(catalog.messages)]
        (folder / f"{name}.po").write_bytes(po.dump(replace(catalog, messages=tuple(done))))


def approve(path: Path) -> None:
    catalog = po.read(path)
    done = tuple(replace(m, target=m.source, fuzzy=False, previous="") for m in catalog.messages)
    path.write_bytes(po.dump(replace(catalog, messages=done)))


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    """Negative: the signal that ended it."""
    said: str


class Server:
    """Runs commands, each in a process of its own that has imported the pipeline already."""

    def __init__(self, scratch: Path) -> None:
        self.said, self.log = scratch / "said", scratch / "log"
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, command: str, folder: Path, *strace: str) -> Done:
        """Run *command* in *folder*; where there are options for *strace*, under it."""
        assert self.process.stdin
        assert self.process.stdout
        order = [str(folder), str(self.said), bool(strace), shlex.split(command)]
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        number = int(self.process.stdout.readline())
        if strace:
            self.log.unlink(missing_ok=True)
            traced = subprocess.Popen(
                [
                    *"strace -y -p".split(),
                    *(str(number), "-o", str(self.log), *strace),
                    *(() if command in OURS_ALONE else ("-f",)),
                ],
                stderr=subprocess.PIPE,
                text=True,
            )
            assert traced.stderr
            if "attached" not in (line := traced.stderr.readline()):
                os.kill(number, signal.SIGKILL)
                raise SystemExit(f"strace does not work here: {line}")
            os.kill(number, signal.SIGCONT)
            traced.communicate()
        code = int(self.process.stdout.readline())
        return Done(code, self.said.read_text(errors="replace"))


LOADED = (
    "cli",
    "engines.pseudo",
    "memory.tmx",
    "project.term_report",
    "terminology.exchange",
    "terminology.extraction",
    "terminology.importing",
    "terminology.validate",
)
"""Modules that commands import late: what is loaded before the fork is not broken each time."""


def serve() -> None:
    """Fork for each line of standard input; say the number of the process, and how it ended.

    The child returns from here, to the end of the program, where Python tidies up as always.
    """
    for name in LOADED:
        importlib.import_module(f"pipeline.{name}")
    for name in ("socket", "quopri", "numpy", "rapidfuzz.process", "simplemma"):
        importlib.import_module(name)
    for language in ("en", "es"):
        lemmas.lemma("loading", language)  # or each command reads the dictionaries
    orders = os.fdopen(os.dup(0))
    for line in orders:
        folder, said, stop, arguments = json.loads(line)
        child = os.fork()
        if not child:
            os.chdir(folder)
            given = "stdin.txt" if Path("stdin.txt").exists() else os.devnull
            given_in = os.open(given, os.O_RDONLY)
            out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for old, new in ((given_in, 0), (out, 1), (out, 2)):
                os.dup2(old, new)
            sys.argv = ["pipeline", *arguments]
            if stop:
                os.kill(os.getpid(), signal.SIGSTOP)
            runpy.run_module("pipeline", run_name="__main__")
            return
        if stop:
            os.waitpid(child, os.WUNTRACED)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def files(folder: Path) -> Files:
    found = [p for p in folder.rglob("*") if p.is_file()]
    names = {str(path.relative_to(folder)): path for path in found}
    return {
        name: path.read_bytes()
        for name, path in names.items()
        if not name.startswith(".pipeline/") or name.endswith(".pipeline-tmp")
    }


def points(log: Path, folder: Path) -> list[Point]:
    """Return the calls in a *log* of strace that write in *folder* or print, in order."""
    found, counts, writable = [], Counter[tuple[str, str]](), set[tuple[str, str]]()
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(\d* *)(\w+)\((.*)", line)
        if not match or match[2] not in CALLS:
            continue
        process, call, rest = match.groups()
        counts[process, call] += 1
        if call == "write" and place(rest, folder) == STANDARD and '"", 0)' not in rest:
            found.append(Point(call, counts[process, call], STANDARD))
        if str(folder) not in rest or re.search(rf', "/(?!{str(folder)[1:]}/)', rest):
            continue  # elsewhere; the current folder stands there too
        handle = re.match(r"(\d+)<", rest)
        opened = re.search(r"= (\d+)<[^<]*$", rest)
        if call == "openat":
            writes = re.search(r"O_WRONLY|O_RDWR|O_CREAT", rest)
            (writable.add if writes else writable.discard)((process, opened[1] if opened else ""))
            if not writes:
                continue
        if call == "close" and (not handle or (process, handle[1]) not in writable):
            continue
        found.append(Point(call, counts[process, call], place(rest, folder)))
    return found


def place(line: str, folder: Path) -> str:
    """Return which file of *folder* a line of strace's log is about."""
    if re.match(r"(\d+ +)?(write\()?[12]<", line):
        return STANDARD
    match = re.search(rf'{re.escape(str(folder))}/([^">]+)[">]', line)
    return re.sub(r"\.[0-9a-f]{16}\.", ".*.", match[1]) if match else ""


def whole(name: str, data: bytes) -> bool:
    """Return whether a file that is neither old nor new can be read, or ends as its kind does."""
    if name.endswith(".po"):
        return bool(messages(name, data))
    if name.endswith(".pipeline-tmp"):
        return True
    if name.endswith("manifest.json"):
        return bool(json.loads(data)["articles"])
    if name.endswith(".html"):
        return data.endswith(b"</html>\n")
    return name.startswith("localized/") and data.endswith(b"\n")


def messages(name: str, data: bytes) -> tuple[Message, ...]:
    """Return what a PO file holds; nothing where it is torn."""
    with contextlib.suppress(CatalogError):
        return po.parse(data, Path(name)).messages
    return ()


def translations(found: Files) -> set[str]:
    """Return what is said in PO files, and in the TMX files that `prune` saves to."""
    said = {m.target for n, data in found.items() if n.endswith(".po") for m in messages(n, data)}
    for name in ("locales/pruned.tmx", "kept.tmx"):
        if name in found:
            said |= {e.target for e in tmx.parse(found[name], name, "en", ["es"]).entries}
    return said


@dataclass(slots=True)
class Tally:
    """What became of a command."""

    command: str
    points: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    harm: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Bench:
    base: Path
    scratch: Path
    server: Server
    show: bool

    def fresh(self) -> Path:
        """Return a folder that is as *base*; always the same one, so that paths are too."""
        folder = self.scratch / "project"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.base, folder, symlinks=True)
        return folder

    def made_by(self, command: str) -> tuple[Files, list[int], bool]:
        """Return what an unbroken run makes, how it and a second one end, and if that is idle."""
        folder = self.fresh()
        codes = [self.server.run(command, folder).code]
        made = files(folder)
        codes.append(self.server.run(command, folder).code)
        return made, codes, files(folder) == made

    def command(self, command: str, every: int) -> Tally:
        """Return how often the command was broken, and how often there was which violation."""
        new, codes, idle = self.made_by(command)
        versions = [files(self.base), self.made_by("update")[0], new]
        tally = Tally(command)
        if not idle:
            tally.harm["other"] += 1
            print(f"other: {command}: a second run changes what the first one made", flush=True)
        folder, log = self.fresh(), self.server.log
        self.server.run(command, folder, *TRACE)
        for point in points(log, folder)[::every]:
            tally.points += 1
            for fault in FAULTS:
                done = self.broken(command, point, fault)
                if not done:
                    tally.harm["missed"] += 1
                    print(f"missed: {command}: {point} {fault}", flush=True)
                    continue
                folder = self.scratch / "project"
                tally.faults[fault.partition("=")[2]] += 1
                tally.calls[point.call] += 1
                for kind, what in self.judge(command, point, fault, done, folder, versions, codes):
                    tally.harm[kind] += 1
                    print(
                        f"{kind}: {command}: {fault} at {point.call} of {point.path}: {what}",
                        flush=True,
                    )
                    if self.show:
                        print(done.said)
        return tally

    def broken(self, command: str, point: Point, fault: str) -> Done | None:
        """Run *command* with a *fault* at *point*; None if it was not met.

        Python opens some files a little earlier or later from run to run.
        """
        for shift in (0, -1, 1):
            folder = self.fresh()
            inject = f"inject={point.call}:{fault}:when={max(1, point.number + shift)}"
            done = self.server.run(command, folder, *TRACE, "-e", inject)
            if hit(self.server.log, folder, point):
                return done
        return None

    def judge(
        self,
        command: str,
        point: Point,
        fault: str,
        done: Done,
        folder: Path,
        versions: list[Files],
        codes: list[int],
    ) -> Iterator[tuple[str, str]]:
        killed = "SIGKILL" in fault
        for name, data in files(folder).items():
            if name.endswith(".pipeline-tmp"):
                continue
            known = any(version.get(name) == data for version in versions)
            if not known and not whole(name, data):
                yield "lost", name
        if missing := translations(versions[0]) - translations(files(folder)):
            yield "lost", f"what a person wrote: {missing}"
        for name in versions[0].keys() & versions[-1].keys() - files(folder).keys():
            yield "lost", f"{name} is gone"
        quiet = done.code in (0, codes[0]) and not point.cache
        if not killed and (quiet or "Traceback" in done.said):
            yield "silent", f"exit {done.code}: {done.said.strip()[-200:]}"
        again = self.server.run(command, folder)
        if again.code not in codes:
            yield "other", f"the second run exits with {again.code}: {again.said[-200:]}"
        left, new = files(folder), versions[-1]
        for name in sorted(left.keys() - new.keys()):
            yield "stray", name
        for name in sorted(n for n in new if left.get(n) != new[n]):
            yield "other", name


def hit(log: Path, folder: Path, point: Point) -> bool:
    """Return whether what was injected hit the call that was meant."""
    text = log.read_text(errors="replace")
    if "killed by SIGKILL" in text:
        lines = [x for x in text.splitlines() if re.match(rf"(\d+ +)?{point.call}\(", x)]
        return bool(lines) and place(lines[-1], folder) == point.path
    lines = [line for line in text.splitlines() if line.endswith("(INJECTED)")]
    return len(lines) == 1 and place(lines[0], folder) == point.path


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1, help="take every Nth call only")
    parser.add_argument("--command", action="append", help="only this one, such as update")
    parser.add_argument("--show", action="store_true", help="print what a bad command printed")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    if not shutil.which("strace"):
        raise SystemExit("strace is not installed; get it: apt-get install strace")
    start = time.monotonic()
    tallies = []
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        scratch = Path(name).resolve()
        prepare(scratch / "base")
        bench = Bench(scratch / "base", scratch, Server(scratch), options.show)
        for command in options.command or (*COMMANDS, *READERS):
            tallies.append(bench.command(command, options.every))
            harm = dict(tallies[-1].harm) or "no harm"
            count = tallies[-1].calls.total()
            print(f"{command}: {count} faults, {harm}", file=sys.stderr, flush=True)
    rows = [(t.command, str(t.points), *(str(t.faults[f]) for f in KINDS)) for t in tallies]
    table(("command", "calls", *KINDS), rows)
    calls = sum((t.calls for t in tallies), Counter[str]())
    bad = sum((t.harm for t in tallies), Counter[str]())
    print(", ".join(f"{call} {n}" for call, n in calls.most_common()))
    print(f"{calls.total()} faults in {time.monotonic() - start:.0f} s\n")
    aims = [Aim(what, str(bad[kind]), "0", not bad[kind]) for kind, what in HARM.items()]
    aims.append(Aim("faults", str(calls.total()), "200 or more", calls.total() >= 200))
    if not verdict(aims):
        sys.exit(1)


if __name__ == "__main__":
    main()
