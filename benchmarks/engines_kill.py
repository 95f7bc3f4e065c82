"""Kill a run that is drafting at random moments, finish it, look for what was lost or redone."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polib
from engines_common import MODELS, Aim, Missing, Setting, grouped, install, table, verdict

LOCALES = ("es", "fr")
EVERY = 7
"""Each so manieth entry is translated by a person before the run."""
TRIES = 5
"""How often, for each kill that is asked for, one is tried."""
EPOCH = "1760000000"

Sent = Counter[tuple[str, str]]
Entries = dict[tuple[str, str, str], tuple[str, bool]]
"""File, context and sentence to translation and whether it is fuzzy."""


@dataclass(frozen=True, slots=True)
class Log:
    """What was sent to the engine, in all and by process."""

    sent: Sent
    answered: Sent
    last: dict[int, Sent]
    """What the last call of each process held: it was in flight, or not yet saved."""
    calls: list[int]
    """How many texts each call had."""
    times: list[float]
    """When each call began and ended, in seconds of some clock."""


@dataclass(slots=True)
class Found:
    """What came of the kills."""

    hits: int = 0
    misses: int = 0
    again: int = 0
    """Texts that were sent twice."""
    beyond: int = 0
    """Of these, those that were not in flight at a kill."""
    lost: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One project, the same after an unbroken run, and what that run took."""

    folder: Path
    before: Path
    plain: Path
    unbroken: Log
    environment: dict[str, str]

    @property
    def seconds(self) -> float:
        """From the first call of the engine to the end of the last."""
        return self.unbroken.times[-1] - self.unbroken.times[0]

    def left(self, log: Log) -> float:
        """Return what share of the texts has no answer yet."""
        return (self.unbroken.sent - log.answered).total() / self.unbroken.sent.total()


def kill(setting: Setting, *, engine: str, sentences: int, kills: int, seed: int) -> bool:
    packages = install(
        [MODELS / f"tiny-en_{locale}.argosmodel" for locale in LOCALES], setting.work / "packages"
    )
    folder = setting.work / "kill" / engine
    shutil.rmtree(folder, ignore_errors=True)
    plain = _project(folder / "plain", setting.flores("en")[:sentences])
    environment = setting.environment(packages) | {
        "SOURCE_DATE_EPOCH": EPOCH,
        "BENCH_ENGINE": engine,
    }
    _run(plain, "update", environment, folder / "update.log")
    _by_a_person(plain)
    before = folder / "before"
    shutil.copytree(plain, before)
    start = time.monotonic()
    if _start(plain, environment, folder / "plain.log").wait():
        raise Missing(f"pipeline run failed in {plain}; see {folder / 'plain.err'}")
    whole = time.monotonic() - start
    trial = _Trial(folder, before, plain, _read(folder / "plain.log"), environment)
    print(
        f"  {whole:.1f} s unbroken, {trial.seconds:.1f} s of it drafting; {kills} kills",
        file=sys.stderr,
    )
    found = Found()
    draw = random.Random(seed)
    while found.hits < kills and found.hits + found.misses < TRIES * kills:
        _break(trial, kills, draw, found)

    print(
        f"## {kills} kills at random moments while drafting, {engine}, {sentences} sentences to"
        f" {len(LOCALES)} locales (seed {seed})\n\nUnbroken: {trial.unbroken.sent.total()} texts in"
        f" {len(trial.unbroken.calls)} calls of at most {max(trial.unbroken.calls, default=0)},"
        f" {trial.seconds:.1f} of {whole:.1f} s. The moment is counted from a run's first call, and"
        " evenly drawn from twice its share of what is left.\n"
    )
    table(["kill", "moment", "", "texts sent", "left", "translated", "lost"], found.rows)
    print(
        f"Misses, and tried again: {found.misses}. Sent twice: {found.again}, of which in the batch"
        f" in flight: {found.again - found.beyond}."
    )
    for what in [*found.lost, *found.differing][:10]:
        print(f"- {what}")
    print()
    lost, differing = len(found.lost), len(found.differing)
    return verdict(
        [
            Aim(
                "kills that hit a run while it was drafting",
                f"{found.hits} of {kills}",
                "all",
                found.hits == kills,
            ),
            Aim(
                "sentences drafted twice beyond the batch in flight",
                str(found.beyond),
                "none",
                not found.beyond,
            ),
            Aim("entries lost or changed", str(lost), "none", not lost),
            Aim("files unlike the unbroken run's", str(differing), "none", not differing),
        ]
    )


def _break(trial: _Trial, kills: int, draw: random.Random, found: Found) -> None:
    """Kill runs in a fresh copy until there were enough, or nothing is left; then finish it."""
    turn = len(list(trial.folder.glob("broken-*.log"))) + 1
    broken, log = trial.folder / f"broken-{turn}", trial.folder / f"broken-{turn}.log"
    shutil.copytree(trial.before, broken)
    entries = _entries(broken)
    killed: set[int] = set()
    while (
        found.hits < kills
        and found.hits + found.misses < TRIES * kills
        and (left := trial.left(_read(log)))
    ):
        moment = draw.uniform(0, 2 * trial.seconds * left / (kills - found.hits + 1))
        sent = _read(log).sent.total()
        process = _start(broken, trial.environment, log)
        _await_call(process, log)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed.add(process.pid)
        if process.pid not in killed and process.returncode:
            raise Missing(f"pipeline run failed in {broken}; see {log.with_suffix('.err')}")
        now, after = _entries(broken), _read(log)
        what = (
            "had ended"
            if process.pid not in killed
            else "hit"
            if trial.left(after)
            else "had drafted all"
        )
        found.hits += what == "hit"
        found.misses += what != "hit"
        gone = _gone(entries, now)
        found.lost += gone
        entries = now
        found.rows.append(
            [
                str(found.hits) if what == "hit" else "miss",
                f"{moment:.2f} s",
                what,
                str(after.sent.total() - sent),
                f"{trial.left(after):.0%}",
                str(sum(bool(said) for said, _ in now.values())),
                str(len(gone)),
            ]
        )
    if _start(broken, trial.environment, log).wait():
        raise Missing(f"the last pipeline run failed in {broken}; see {log.with_suffix('.err')}")
    found.lost += _gone(entries, _entries(broken), final=True)
    found.differing += _differing(trial.plain, broken)
    whole = _read(log)
    again = whole.sent - trial.unbroken.sent
    flight: Sent = Counter()
    for pid in killed:
        flight += whole.last.get(pid, Counter())
    found.again += again.total()
    found.beyond += (again - flight).total()


def _project(folder: Path, sentences: list[str]) -> Path:
    (folder / "source_texts").mkdir(parents=True)
    for number, article in enumerate(grouped(sentences, 50)):
        paragraphs = "\n\n".join(map(" ".join, grouped(article, 5)))
        text = f"# Article {number + 1}\n\n{paragraphs}\n"
        (folder / "source_texts" / f"article-{number + 1:02}.md").write_text(text, "utf-8")
    (folder / "pyproject.toml").write_text(
        '[tool.pipeline]\nsource_language = "en"\n'
        f'locales = {json.dumps(LOCALES)}\nengine = "engines_counting:factory"\n',
        "utf-8",
    )
    return folder


def _by_a_person(project: Path) -> None:
    for path in sorted(project.glob("locales/*/LC_MESSAGES/*.po")):
        po = polib.pofile(str(path), wrapwidth=0)
        for entry in list(po)[::EVERY]:
            entry.msgstr = entry.msgid
        po.save()


def _command(words: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", *words.split()]


def _run(project: Path, words: str, environment: dict[str, str], log: Path) -> None:
    done = subprocess.run(
        _command(words),
        cwd=project,
        env=environment | {"BENCH_LOG": str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Missing(f"pipeline {words} failed: {done.stderr}")


def _start(project: Path, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start ``pipeline run`` in a process group of its own."""
    with log.with_suffix(".err").open("ab") as errors:
        return subprocess.Popen(
            _command("run"),
            cwd=project,
            env=environment | {"BENCH_LOG": str(log)},
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )


def _await_call(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the process has called the engine, or has ended."""
    size = log.stat().st_size if log.exists() else 0
    while process.poll() is None and (log.stat().st_size if log.exists() else 0) == size:
        time.sleep(0.002)


def _read(log: Path) -> Log:
    found = Log(Counter(), Counter(), {}, [], [])
    for line in log.read_text("utf-8").splitlines() if log.exists() else ():
        try:
            record: dict[str, Any] = json.loads(line) if line else {"event": ""}
        except json.JSONDecodeError:
            continue  # torn by a kill, before the engine was called
        if not record["event"]:
            continue
        found.times.append(float(record["at"]))
        if record["event"] == "begin":
            texts = Counter((record["target"], text) for text in record["texts"])
            found.sent.update(texts)
            found.last[int(record["pid"])] = texts
            found.calls.append(texts.total())
        else:
            found.answered.update(found.last[int(record["pid"])])
    return found


def _entries(project: Path) -> Entries:
    found: Entries = {}
    for path in sorted(project.glob("locales/*/LC_MESSAGES/*.po")):
        name = str(path.relative_to(project))
        for entry in polib.pofile(str(path), wrapwidth=0):
            found[name, entry.msgctxt or "", entry.msgid] = (entry.msgstr, entry.fuzzy)
    return found


def _gone(old: Entries, new: Entries, *, final: bool = False) -> list[str]:
    """Name what had a translation and has not, or another one."""
    found = []
    for key, (said, fuzzy) in old.items():
        if said and new.get(key) != (said, fuzzy):
            found.append(f"{key[0]}: {key[2][:60]!r}: was {said[:40]!r}, is {new.get(key)!r}")
    if final:
        found += [f"{key[0]}: {key[2][:60]!r} is gone" for key in old if key not in new]
    return found


def _differing(one: Path, other: Path) -> list[str]:
    files = [
        {
            str(path.relative_to(root)): path.read_bytes()
            for folder in ("locales", "localized")
            for path in sorted((root / folder).rglob("*"))
            if path.is_file()
        }
        for root in (one, other)
    ]
    found = []
    for name in sorted({*files[0], *files[1]}):
        a, b = (each.get(name) for each in files)
        if a is None or b is None:
            found.append(f"{name}: only in {'the broken' if a is None else 'the unbroken'} run")
        elif a != b:
            lines = zip(a.splitlines(), b.splitlines(), strict=False)
            line = next((f"{x!r} and {y!r}" for x, y in lines if x != y), "its length")
            found.append(f"{name}: differs: {line}")
    return found
