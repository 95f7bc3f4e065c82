"""Time to the first draft: the whole command on a fresh project with one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from engines_common import (
    HERE,
    MODELS,
    Aim,
    Cost,
    Missing,
    Setting,
    costs,
    install,
    median,
    table,
    verdict,
)

LIMIT = 0.7
SENTENCE = "The ferry must stay public.\n"
LOAD_ARGOS = """
import sys, time, ctranslate2
start = time.perf_counter()
before = time.process_time()
translator = ctranslate2.Translator(sys.argv[1], inter_threads=int(sys.argv[2]), intra_threads=1)
print(time.perf_counter() - start, time.process_time() - before)
"""
LOAD_APERTIUM = """
import resource, time
from pipeline.engines.base import Segment
from pipeline.engines.apertium.engine import ApertiumEngine
engine = ApertiumEngine()
took = []
for _ in range(2):
    start = time.perf_counter()
    engine.translate([Segment("The ferry must stay public.")], "en", "es")
    took.append(time.perf_counter() - start)
engine.close()
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(took[0] - took[1], usage.ru_utime + usage.ru_stime)
"""


def startup(setting: Setting, *, explain: bool, names: tuple[str, ...]) -> bool:
    packages = install([MODELS / "tiny-en_es.argosmodel"], setting.work / "packages-tiny")
    environment = setting.environment(packages)
    model = next(path for path in packages.iterdir() if path.is_dir()) / "model"
    cores = str(len(os.sched_getaffinity(0)))
    load = {
        "argos": [sys.executable, "-c", LOAD_ARGOS, str(model), cores],
        "apertium": [sys.executable, "-c", LOAD_APERTIUM],
    }
    command = Path(sys.executable).with_name("pipeline")
    start = [str(command)] if command.exists() else [sys.executable, "-m", "pipeline"]
    names = tuple(name for name in names if name in load)
    walls: dict[str, list[Cost]] = {name: [] for name in names}
    loads: dict[str, list[Cost]] = {name: [] for name in names}
    bare: list[Cost] = []
    for turn in range(setting.repeats + 1):  # the first compiles, and is not counted
        bare.append(_time([*start, "--version"], HERE, environment))
        for name in names:
            project = _project(setting.work / "startup" / name, name)
            walls[name].append(_time([*start, "run"], project, environment))
            if not (project / "locales/es/LC_MESSAGES/ferry.po").exists():
                raise Missing(f"pipeline run wrote no catalog with {name}")
            done = subprocess.run(
                load[name], env=environment, capture_output=True, text=True, check=True
            )
            loads[name].append(Cost(*map(float, done.stdout.split())))
        if turn == 0:
            for times in (bare, *walls.values(), *loads.values()):
                times.clear()
    print(
        f"## To the first draft, one sentence, a fresh project; seconds, median of"
        f" {setting.repeats} (least, most)\n"
    )
    rows = [["pipeline --version", _spread(bare), "", "", f"{median(bare).cpu:.2f}"]]
    aims = []
    for name in names:
        load_ = median(loads[name])
        beyond = [Cost(each.wall - load_.wall, each.cpu - load_.cpu) for each in walls[name]]
        middle = median(beyond)
        rows.append(
            [
                f"pipeline run, {name}",
                _spread(walls[name]),
                _spread(loads[name]),
                _spread(beyond),
                f"{middle.cpu:.2f}",
            ]
        )
        what = f"start-up beyond the model, {name}"
        told = f"{middle.wall:.2f} s, {middle.cpu:.2f} by CPU"
        aims.append(Aim(what, told, f"under {LIMIT} s", middle.wall < LIMIT))
    table(["", "whole", "model or programs", "beyond", "beyond, CPU-s"], rows)
    if explain or not all(aim.met for aim in aims):
        for name in names:
            _explain(_project(setting.work / "startup" / name, name), environment, name)
    return verdict(aims)


def _project(folder: Path, engine: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "source_texts").mkdir(parents=True)
    (folder / "source_texts" / "ferry.txt").write_text(SENTENCE, encoding="utf-8")
    settings = f'[tool.pipeline]\nsource_language = "en"\nlocales = ["es"]\nengine = "{engine}"\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    return folder


def _time(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    with costs() as spent:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise Missing(f"{' '.join(command)} failed: {done.stderr}")
    return spent[0]


def _explain(project: Path, environment: dict[str, str], name: str) -> None:
    """Print the imports that cost the most; with -X importtime all cost more than without."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline", "run"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = []
    for line in done.stderr.splitlines():
        cells = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and cells[0].strip().isdigit():
            rows.append((int(cells[1]), int(cells[0]), cells[2].strip()))
    print(f"The imports of pipeline run with {name} that cost most, milliseconds:\n")
    table(
        ["module", "with what it imports", "itself"],
        [
            [module, f"{total / 1000:.0f}", f"{own / 1000:.0f}"]
            for total, own, module in sorted(rows, reverse=True)[:25]
        ],
    )


def _spread(found: list[Cost]) -> str:
    walls = [cost.wall for cost in found]
    return f"{median(found).wall:.2f} ({min(walls):.2f}, {max(walls):.2f})"
