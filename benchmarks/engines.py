"""The figures of the engines: speed beside peers, start-up, quality, and what a kill costs.

One command each, with what is compared in one run:

    .venv/bin/python benchmarks/engines.py setup     # once: the peers' environment, some 6 GB
    .venv/bin/python benchmarks/engines.py speed     # Argos' models: ours and argostranslate
    .venv/bin/python benchmarks/engines.py apertium  # Apertium: ours and its own command
    .venv/bin/python benchmarks/engines.py startup   # to the first draft of one sentence
    .venv/bin/python benchmarks/engines.py quality   # BLEU and chrF on FLORES-200
    .venv/bin/python benchmarks/engines.py kill      # ten kills, then finish

Each prints a table and a verdict; with --strict it exits with 1 where an aim is missed. The data
is FLORES-200 devtest, in ``flores200/`` of --data. What the benchmarks write lies in --work, and
can be deleted. Runs that are compared take turns, so that other work on the machine meets all of
them; the ratios by CPU time hardly depend on it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # run as a file, from a checkout

import engines_kill
import engines_quality
import engines_speed
import engines_startup
from engines_common import ROOT, Missing, Setting


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    shared.add_argument("--work", type=Path, default=ROOT / ".pipeline" / "bench")
    shared.add_argument("--repeats", "-n", type=int, help="how often each is run")
    shared.add_argument("--strict", action="store_true", help="exit with 1 if an aim is missed")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, parents=[shared])

    command("setup", "make the peers' environment")
    speed = command("speed", "sentences per second, beside argostranslate")
    speed.add_argument("--sentences", type=int, default=1000, help="for the tiny model")
    speed.add_argument("--large", type=int, default=1000, help="for the large model")
    speed.add_argument("--package", type=Path, help="an .argosmodel from en to es, instead of both")
    apertium = command("apertium", "sentences per second, beside the command apertium")
    apertium.add_argument("--sentences", type=int, default=1000)
    apertium.add_argument("--processes", type=int, default=90, help="how many get one of their own")
    startup = command("startup", "time to the first draft")
    startup.add_argument("--explain", action="store_true", help="print the costliest imports")
    startup.add_argument("--engine", action="append", choices=["argos", "apertium"])
    quality = command("quality", "BLEU and chrF")
    quality.add_argument("--engine", action="append", help="default: argos and apertium")
    quality.add_argument("--pair", action="append", help="such as en-pt_BR")
    quality.add_argument("--packages", type=Path, help="folder of Argos packages")
    kill = command("kill", "kills at random moments")
    kill.add_argument("--engine", action="append", help="default: argos and apertium")
    kill.add_argument("--sentences", type=int, default=400)
    kill.add_argument("--kills", type=int, default=10)
    kill.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    repeats = options.repeats or {"startup": 7}.get(options.command, 3)
    setting = Setting(options.data.resolve(), options.work.resolve(), repeats)
    try:
        met = _run(options, setting)
    except Missing as error:
        sys.exit(str(error))
    if options.strict and not met:
        sys.exit(1)


def _run(options: argparse.Namespace, setting: Setting) -> bool:
    names = tuple(getattr(options, "engine", None) or ("argos", "apertium"))
    if options.command == "setup":
        engines_speed.setup(setting)
        return True
    if options.command == "speed":
        return engines_speed.argos(
            setting, sentences=options.sentences, large=options.large, package=options.package
        )
    if options.command == "apertium":
        return engines_speed.apertium(
            setting, sentences=options.sentences, processes=options.processes
        )
    if options.command == "startup":
        return engines_startup.startup(setting, explain=options.explain, names=names)
    if options.command == "quality":
        pairs = tuple(options.pair or ())
        return engines_quality.quality(setting, names=names, pairs=pairs, packages=options.packages)
    met = [
        engines_kill.kill(
            setting,
            engine=name,
            sentences=options.sentences,
            kills=options.kills,
            seed=options.seed,
        )
        for name in names
    ]
    return all(met)


if __name__ == "__main__":
    main()
