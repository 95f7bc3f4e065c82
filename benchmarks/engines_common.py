"""What the benchmarks of the engines share: their data, their folders, tables and verdicts."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
MODELS = ROOT / "tests" / "models"
FLORES = {
    "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "pt": "por_Latn", "pt_BR": "por_Latn",
    "it": "ita_Latn", "de": "deu_Latn", "ca": "cat_Latn", "ru": "rus_Cyrl", "ar": "arb_Arab",
}  # fmt: skip
"""Locales to the names of FLORES-200, which has one Portuguese."""
SENTENCES_AN_ARTICLE = 50
SENTENCES_A_PARAGRAPH = 5


class Missing(Exception):
    """Something that the benchmark needs is not here; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """One line of a verdict."""

    what: str
    found: str
    aim: str
    met: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of all processors."""

    wall: float
    cpu: float

    def times(self, factor: float) -> Cost:
        return Cost(self.wall * factor, self.cpu * factor)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the data lies, where the benchmark may write, and how often it repeats."""

    data: Path
    work: Path
    repeats: int

    @property
    def peer(self) -> Path:
        """The Python of the environment that `setup` makes."""
        found = self.work / "peer" / "bin" / "python"
        if not found.exists():
            raise Missing(f"{found} is missing; make it with: benchmarks/engines.py setup")
        return found

    def flores(self, locale: str) -> list[str]:
        """Return the 1,012 sentences of FLORES-200 devtest in that language."""
        path = self.data / "flores200" / f"devtest.{FLORES[locale]}.txt"
        if not path.is_file():
            raise Missing(f"{path} is missing; name the folder of the data with --data")
        return path.read_text(encoding="utf-8").splitlines()

    def environment(self, packages: Path | None = None) -> dict[str, str]:
        """Return an environment that reads and writes nothing of the user's own.

        Compiled modules are kept, as on any machine, but in the work folder.
        """
        env = {
            name: value
            for name, value in os.environ.items()
            if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("ARGOS_")
        }
        for name in ("CACHE", "DATA", "CONFIG"):
            env[f"XDG_{name}_HOME"] = str(self.work / "xdg" / name.lower())
        return env | {
            "ARGOS_PACKAGES_DIR": str(packages or self.work / "packages"),
            "PYTHONPYCACHEPREFIX": str(self.work / "pycache"),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE))),
        }


def grouped(texts: Sequence[str], size: int) -> list[list[str]]:
    return [list(texts[at : at + size]) for at in range(0, len(texts), size)]


def ask(
    python: Path | str, script: str, job: dict[str, Any], environment: dict[str, str]
) -> dict[str, Any]:
    """Run a script of this folder in a process of its own, JSON in and JSON out."""
    done = subprocess.run(
        [str(python), str(HERE / script)],
        input=json.dumps(job),
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise Missing(f"{script} failed in {python}; what it said is above")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def install(models: Sequence[Path], folder: Path) -> Path:
    """Unpack Argos packages into *folder*, each once, and return it."""
    import zipfile

    folder.mkdir(parents=True, exist_ok=True)
    for model in models:
        if not model.is_file():
            raise Missing(f"{model} is missing")
        with zipfile.ZipFile(model) as archive:
            name = archive.namelist()[0].split("/")[0]
            if not (folder / name).exists():
                archive.extractall(folder)
    return folder


@contextmanager
def costs() -> Iterator[list[Cost]]:
    """Give a list that holds, afterwards, what was spent here and by ended children."""
    found: list[Cost] = []
    wall, cpu = time.perf_counter(), _cpu()
    yield found
    found.append(Cost(time.perf_counter() - wall, _cpu() - cpu))


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def median(found: Sequence[Cost]) -> Cost:
    walls, cpus = [cost.wall for cost in found], [cost.cpu for cost in found]
    return Cost(statistics.median(walls), statistics.median(cpus))


def interleaved(
    runs: dict[str, Callable[[int], Cost]], repeats: int, note: str = ""
) -> dict[str, list[Cost]]:
    """Run all, and again, so that a busy moment of the machine meets each of them."""
    found: dict[str, list[Cost]] = {name: [] for name in runs}
    for turn in range(repeats):
        for name, run in runs.items():
            found[name].append(run(turn))
            cost = found[name][-1]
            print(
                f"  {note}{name}, {turn + 1} of {repeats}: {cost.wall:.2f} s, {cost.cpu:.2f} CPU-s",
                file=sys.stderr,
                flush=True,
            )
    return found


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table for Markdown, its first column to the left."""
    widths = [max(len(str(row[i])) for row in (head, *rows)) for i in range(len(head))]
    for n, row in enumerate((head, *rows)):
        cells = [
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print(f"| {' | '.join(cells)} |")
        if n == 0:
            rule = ["-" * (width - 1) + ("-" if i == 0 else ":") for i, width in enumerate(widths)]
            print(f"| {' | '.join(rule)} |")
    print(flush=True)


def verdict(aims: Sequence[Aim]) -> bool:
    """Print what was aimed at and what was found; return whether all of it was reached."""
    for aim in aims:
        print(f"{'met   ' if aim.met else 'MISSED'}  {aim.what}: {aim.found} (aim: {aim.aim})")
    print(flush=True)
    return all(aim.met for aim in aims)
