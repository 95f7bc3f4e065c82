"""Kill a run at random moments, finish it, and look for work done twice and for entries lost."""

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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polib
from engines_common import MODELS, Aim, Missing, Setting, grouped, install, table, verdict

LOCALES = ("es", "fr")
EVERY = 7
"""Each so manieth entry is translated by a person before the run."""
START, DRAFTING, SAVING = "its start", "drafting", "saving"
MOMENTS = {START: 2, DRAFTING: 5, SAVING: 3}
"""How often, in ten, a run is killed by a clock that begins with it, with its first call of the
engine, or with the first catalog that it writes."""
WRITING = 0.1
"""Seconds: about what it takes to write some catalogs."""
EPOCH = "1760000000"

Sent = Counter[tuple[str, str]]
Entries = dict[tuple[str, str, str], tuple[str, bool]]
"""File, context and sentence to translation and whether it is fuzzy."""


@dataclass(frozen=True, slots=True)
class Log:
    """What was sent to the engine, in all and by process."""

    sent: Sent
    last: dict[int, Sent]
    """What the last call of each process held: it was in flight, or not yet saved."""
    calls: list[int]
    """How many texts each call had."""


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
    broken = folder / "broken"
    shutil.copytree(plain, broken)

    start = time.monotonic()
    log = folder / "plain.log"
    process = _start(plain, environment, log)
    while not log.exists() and process.poll() is None:
        time.sleep(0.01)
    before = time.monotonic() - start
    if process.wait():
        raise Missing(f"pipeline run failed in {plain}; see {folder / 'plain.err'}")
    whole = time.monotonic() - start
    unbroken = _read(log)

    print(
        f"  {whole:.1f} s unbroken, {before:.1f} s of it before the first call; {kills} kills",
        file=sys.stderr,
    )
    draw = random.Random(seed)
    log = folder / "broken.log"
    catalogs = list(broken.glob("locales/*/LC_MESSAGES/*.po"))
    rows: list[list[str]] = []
    lost: list[str] = []
    killed: set[int] = set()
    entries = _entries(broken)
    for _ in range(kills):
        (moment,) = draw.choices(list(MOMENTS), list(MOMENTS.values()))
        delay = draw.uniform(
            0, {START: before, DRAFTING: 2 * (whole - before) / kills, SAVING: WRITING}[moment]
        )
        sent = _read(log).sent.total()
        process = _start(broken, environment, log)
        if moment == DRAFTING:
            _await(process, lambda: log.stat().st_size if log.exists() else 0)
        elif moment == SAVING:
            _await(process, lambda: [p.stat().st_mtime_ns for p in sorted(catalogs)])
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed.add(process.pid)
        now = _entries(broken)
        gone = _gone(entries, now)
        lost += gone
        entries = now
        rows.append(
            [
                f"{delay:.2f} s of {moment}",
                "killed" if process.pid in killed else "had ended",
                str(_read(log).sent.total() - sent),
                str(sum(bool(said) for said, _ in now.values())),
                str(len(gone)),
            ]
        )
    if _start(broken, environment, log).wait():
        raise Missing(f"the last pipeline run failed in {broken}; see {folder / 'broken.err'}")
    found = _read(log)
    lost += _gone(entries, _entries(broken), final=True)
    differing = _differing(plain, broken)

    again = found.sent - unbroken.sent
    flight: Sent = Counter()
    for pid in killed:
        flight += found.last.get(pid, Counter())
    beyond = again - flight
    print(
        f"## {kills} kills at random moments, {engine}, {sentences} sentences to"
        f" {len(LOCALES)} locales (seed {seed})\n"
    )
    table(["after", "", "texts sent", "entries translated", "entries lost"], rows)
    print(
        f"Sent unbroken: {unbroken.sent.total()} texts in {len(unbroken.calls)} calls of at most"
        f" {max(unbroken.calls, default=0)}. With kills: {found.sent.total()} in"
        f" {len(found.calls)}; twice: {again.total()}, of which in the batch in flight:"
        f" {(again - beyond).total()}."
    )
    for what in [*lost, *differing][:10]:
        print(f"- {what}")
    print()
    return verdict(
        [
            Aim(
                "runs that were killed, not ended before",
                f"{len(killed)} of {kills}",
                f"at least {kills * 7 // 10}",
                len(killed) >= kills * 7 // 10,
            ),
            Aim(
                "sentences drafted twice beyond the batch in flight",
                str(beyond.total()),
                "none",
                not beyond,
            ),
            Aim("entries lost or changed", str(len(lost)), "none", not lost),
            Aim(
                "files unlike the unbroken run's",
                str(len(differing)),
                "none",
                not differing,
            ),
        ]
    )


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


def _await(process: subprocess.Popen[bytes], look: Callable[[], object]) -> None:
    """Wait until what *look* sees has changed, or the process has ended."""
    seen = look()
    while process.poll() is None and look() == seen:
        time.sleep(0.002)


def _read(log: Path) -> Log:
    sent: Sent = Counter()
    last: dict[int, Sent] = {}
    calls = []
    for line in log.read_text("utf-8").splitlines() if log.exists() else ():
        try:
            record: dict[str, Any] = json.loads(line) if line else {"event": ""}
        except json.JSONDecodeError:
            continue  # torn by a kill, before the engine was called
        if record["event"] == "begin":
            texts = Counter((record["target"], text) for text in record["texts"])
            sent += texts
            last[int(record["pid"])] = texts
            calls.append(texts.total())
    return Log(sent, last, calls)


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
