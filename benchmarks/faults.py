"""Break each command that writes at each system call that writes, and see that nothing is lost.

A small project is made in which each command has something to write, to replace, to make and to
withdraw. A first run under strace lists the calls that write to the project's folder. Then, for
each of them, the command is killed there (SIGKILL), and the call is failed with ENOSPC and with
EIO. Each time:

- lost: a file is not whole, or what a person wrote is nowhere. Whole is what it was, and what an
  unbroken run makes of it. (A command that could not write one file goes on with the others, and
  saves in between; what is neither must be a PO file that can be read, or end as its kind does.)
- silent: the command exits with 0 after an error, or shows a traceback. Files under .pipeline/ are
  a cache: the command may do without them.
- stray: after a plain second run there is a file that an unbroken run does not leave.
- other: after it, a file has other bytes than after an unbroken run.

Needs strace. Exits with 1 if there is any of these.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # run as a file, from a checkout

from helpers import sample  # noqa: E402

from pipeline import po  # noqa: E402
from pipeline.errors import CatalogError  # noqa: E402
from pipeline.model import Message  # noqa: E402

COMMANDS = ("update", "translate --engine pseudo", "build", "run --engine pseudo")
FAULTS = ("signal=SIGKILL", "error=ENOSPC", "error=EIO")
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
    project.write("source_texts/letter.md", letter.replace("Stop the sale.", "Stop that sale now."))
    (folder / "source_texts/old.md").rename(folder / "source_texts/new.md")
    project.write("source_texts/third.md", "# A third one\n\nIt has a sentence. And another.\n")


def approve(path: Path) -> None:
    catalog = po.read(path)
    done = tuple(replace(m, target=m.source, fuzzy=False, previous="") for m in catalog.messages)
    path.write_text(po.dump(replace(catalog, messages=done)))


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
        order = [str(folder), str(self.said), bool(strace), command.split()]
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        number = int(self.process.stdout.readline())
        if strace:
            self.log.unlink(missing_ok=True)
            traced = subprocess.Popen(
                [*"strace -f -y -p".split(), str(number), "-o", str(self.log), *strace],
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


def serve() -> None:
    """Fork for each line of standard input; say the number of the process, and how it ended.

    The child returns from here, to the end of the program, where Python tidies up as always.
    """
    importlib.import_module("pipeline.cli")
    orders = os.fdopen(os.dup(0))
    for line in orders:
        folder, said, stop, arguments = json.loads(line)
        child = os.fork()
        if not child:
            os.chdir(folder)
            null = os.open(os.devnull, os.O_RDONLY)
            out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for old, new in ((null, 0), (out, 1), (out, 2)):
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
    return {n: p.read_bytes() for n, p in names.items() if not n.startswith(".pipeline/")}


def points(log: Path, folder: Path) -> list[Point]:
    """Return the calls in a *log* of strace that write in *folder*, in order."""
    found, counts, writable = [], Counter[tuple[str, str]](), set[tuple[str, str]]()
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(\d+) +(\w+)\((.*)", line)
        if not match or match[2] not in CALLS:
            continue
        process, call, rest = match.groups()
        counts[process, call] += 1
        if str(folder) not in rest:
            continue
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
    match = re.search(rf'{re.escape(str(folder))}/([^">]+)[">]', line)
    return re.sub(r"\.[0-9a-f]{16}\.", ".*.", match[1]) if match else ""


def whole(name: str, data: bytes) -> bool:
    """Return whether a file that is neither old nor new can be read, or ends as its kind does."""
    if name.endswith(".po"):
        return bool(messages(name, data))
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
    return {m.target for n, data in found.items() if n.endswith(".po") for m in messages(n, data)}


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

    def made_by(self, command: str) -> tuple[int, Files]:
        folder = self.fresh()
        return self.server.run(command, folder).code, files(folder)

    def command(self, command: str, every: int) -> tuple[Counter[str], Counter[str]]:
        """Return how often each call was broken, and how often there was which violation."""
        code, new = self.made_by(command)
        versions = [files(self.base), self.made_by("update")[1], new]
        folder, log = self.fresh(), self.server.log
        self.server.run(command, folder, *TRACE)
        todo = points(log, folder)[::every]
        broken, violations = Counter[str](), Counter[str]()
        for point in todo:
            for fault in FAULTS:
                done = self.broken(command, point, fault)
                if not done:
                    violations["missed"] += 1
                    print(f"missed: {command}: {point} {fault}", flush=True)
                    continue
                folder = self.scratch / "project"
                broken[point.call] += 1
                for kind, what in self.judge(command, point, fault, done, folder, versions, code):
                    violations[kind] += 1
                    print(
                        f"{kind}: {command}: {fault} at {point.call} of {point.path}: {what}",
                        flush=True,
                    )
                    if self.show:
                        print(done.said)
        return broken, violations

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
        code: int,
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
        if not killed and ((not done.code and not point.cache) or "Traceback" in done.said):
            yield "silent", f"exit {done.code}: {done.said.strip()[-200:]}"
        again = self.server.run(command, folder)
        if again.code != code:
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
        lines = [x for x in text.splitlines() if re.match(rf"\d+ +{point.call}\(", x)]
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
    total, bad = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        scratch = Path(name).resolve()
        prepare(scratch / "base")
        bench = Bench(scratch / "base", scratch, Server(scratch), options.show)
        for command in options.command or COMMANDS:
            broken, violations = bench.command(command, options.every)
            total += broken
            bad += violations
            calls = ", ".join(f"{call} {n}" for call, n in broken.most_common())
            print(
                f"{command}: {broken.total()} faults ({calls}); {dict(violations) or 'no harm'}",
                flush=True,
            )
    print(f"\n{total.total()} faults in {time.monotonic() - start:.0f} s")
    for kind in ("lost", "silent", "stray", "other", "missed"):
        print(f"{kind:8}{bad[kind]:6}")
    if bad:
        sys.exit(1)


if __name__ == "__main__":
    main()
