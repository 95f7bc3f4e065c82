"""Text to a package of Argos Translate, in one command that can be stopped and run again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.train.errors import TrainError
from tools.train.files import alone, digest, digest_of, read_json, stage, write_json, write_whole
from tools.train.languages import LANGUAGES

STAGES = ("prepare", "train", "convert", "evaluate", "pack")
PRESETS: dict[str, dict[str, Any]] = {
    # For tests of this tool: learns a few templates in half a minute.
    "smoke": {
        "shape": {"width": 64, "heads": 4, "inner": 256, "encoder": 2, "decoder": 1},
        "vocabulary": 800, "batch": 1200, "rate": 4e-3, "warmup": 100, "dropout": 0.0,
        "longest": 96, "average": 0.98,
    },
    # 2.7 MB: a fixture of the project's tests.
    "tiny": {
        "shape": {"width": 192, "heads": 4, "inner": 512, "encoder": 3, "decoder": 2},
        "vocabulary": 3600, "batch": 1500, "rate": 3e-3, "warmup": 400, "dropout": 0.0,
        "longest": 96, "average": 0.999,
    },
    # 8.9 M parameters, 9 MB: what a core can teach in some hours.
    "small": {
        "shape": {"width": 256, "heads": 4, "inner": 1024, "encoder": 6, "decoder": 2},
        "vocabulary": 8000, "batch": 5000, "rate": 5e-3, "warmup": 300, "dropout": 0.0,
        "longest": 128, "average": 0.998,
    },
    # 23.8 M parameters: a package of some 22 MB.
    "starter": {
        "shape": {"width": 384, "heads": 6, "inner": 1536, "encoder": 9, "decoder": 2},
        "vocabulary": 8000, "batch": 24000, "rate": 1.5e-3, "warmup": 800, "dropout": 0.15,
        "longest": 128, "average": 0.999,
    },
}  # fmt: skip


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.train", description=__doc__)
    add = parser.add_argument
    add("--source", choices=LANGUAGES, required=True)
    add("--target", required=True, metavar="CODE", help="es; or es,pt for one model of several")
    add("--data", nargs="+", default=[], metavar="[CODE=]FILE",
        help="pairs, tab between, English first where there is English; .xz, .gz or plain. "
             "With several targets each file names its own: pt=en-pt.tsv.xz")  # fmt: skip
    add("--back", nargs="+", default=[], metavar="[CODE=]FILE",
        help="the same, with sources that a machine wrote (tools.train.backtranslate)")  # fmt: skip
    add("--exclude", nargs="+", type=Path, default=[], metavar="PATH",
        help="not to be trained on: files or folders; --flores and --tico never are")  # fmt: skip
    add("--flores", type=Path, metavar="DIR", help="FLORES-200: devtest.eng_Latn.txt, ...")
    add("--tico", type=Path, metavar="DIR", help="TICO-19: tm.en-fr.tsv.xz, ..., terminology/")
    add("--run", type=Path, required=True, metavar="DIR", help="for what is made on the way")
    add("--out", type=Path, metavar="DIR", help="for the package and its card; default: --run")
    add("--start", type=Path, metavar="DIR",
        help="the --run of a finished training whose pieces and weights this one begins with; "
             "its minutes count")  # fmt: skip
    add("--preset", choices=PRESETS, default="starter")
    add("--minutes", type=float, default=50, help="of training, all calls together (50)")
    add("--steps", type=int, help="of training, instead of --minutes")
    add(
        "--until-seconds",
        type=float,
        metavar="N",
        help="end this call, with a checkpoint, within N seconds of its start",
    )
    add("--save-seconds", type=float, default=120, metavar="N", help="between checkpoints (120)")
    add(
        "--parts",
        type=Path,
        metavar="DIR",
        help="write the weights there too when training stops, in parts of 15 MiB",
    )
    add("--stages", default=",".join(STAGES), help=f"some of {','.join(STAGES)}")
    add("--device", default="auto", help="auto, cpu or cuda")
    add("--threads", type=int, default=1, help="of the CPU (1)")
    add("--compile", action="store_true", help="with torch.compile")
    add("--vocabulary", type=int, help="pieces, instead of the preset's")
    add("--batch", type=int, help="source tokens of a step, instead of the preset's")
    add("--rate", type=float, help="highest learning rate, instead of the preset's")
    add("--dropout", type=float, help="instead of the preset's")
    add("--limit", type=int, default=0, help="pairs of each file, chosen at random; 0: all")
    add("--held", type=int, default=1000, help="pairs that are held out (1000)")
    add("--terms", type=float, default=0.5, help="share of copies with terms (0.5); 0: none")
    add("--swapped", type=float, default=0.25, help="of the terms: another word (0.25)")
    add("--test-limit", type=int, default=0, help="sentences of each test set; 0: all")
    add("--about", type=Path, metavar="FILE", help="what the card says of data and licences")
    add("--version", default="0.1", help="of the package")
    add("--name", help="of the package's file, before the pair; default: the preset")
    add("--seed", type=int, default=7)
    return parser


Files = dict[str, tuple[Path, ...]]


def by_language(given: Sequence[str], targets: Sequence[str], option: str) -> Files:
    out: Files = dict.fromkeys(targets, ())
    for one in given:
        code, equals, path = one.partition("=")
        if not equals:
            code, path = targets[0], one
            if len(targets) > 1:
                raise TrainError(f"{option} {one}: say of which target it is: {targets[0]}={one}")
        if code not in out:
            raise TrainError(f"{option} {one}: {code} is not among the targets")
        if not Path(path).is_file():
            raise TrainError(f"{option}: there is no file {path}")
        out[code] += (Path(path),)
    return out


class Run:
    """One run: what was asked for, and its folders."""

    def __init__(self, args: argparse.Namespace, began: float) -> None:
        self.args, self.began = args, began
        self.preset = PRESETS[args.preset]
        self.run: Path = args.run
        self.out: Path = args.out or args.run
        self.data = self.run / "data"
        self.weights = self.run / "weights"
        self.model = self.run / "model"
        self.figures = self.run / "evaluation"
        self.targets = tuple(args.target.split(","))
        for code in self.targets:
            if code not in LANGUAGES or code == args.source:
                known = ", ".join(LANGUAGES)
                raise TrainError(f"--target {code} is not one of {known}, or is the source")

    def prepare(self) -> None:
        from tools.train.prepare import Settings, Sources, prepare

        args = self.args
        pairs = by_language(args.data, self.targets, "--data")
        back = by_language(args.back, self.targets, "--back")
        exclude = [p for p in (*args.exclude, args.flores, args.tico) if p]
        for path in exclude:
            if not path.exists():
                raise TrainError(f"there is no {path}")
        known = args.start and args.start / "data" / "sentencepiece.model"
        if known and not known.exists():
            raise TrainError(f"there is no run in {args.start} to begin with")
        if not all(pairs.values()):
            if (self.data / "about.json").exists() and not args.data:
                print("prepare: no --data; what is there is taken", flush=True)
                return
            raise TrainError("each target needs a file of pairs: --data")
        settings = Settings(
            args.source,
            self.targets,
            args.vocabulary or self.preset["vocabulary"],
            self.preset["longest"],
            args.limit,
            args.terms,
            args.swapped,
            held=args.held,
            seed=args.seed,
        )
        made_of = {
            "settings": asdict(settings),
            "pairs": {code: [digest_of(p) for p in its] for code, its in pairs.items()},
            "back": {code: [digest_of(p) for p in its] for code, its in back.items()},
            "exclude": [digest_of(p) for p in exclude],
        }
        if known:
            made_of["pieces"] = digest_of(known)
        sources = {code: Sources(pairs[code], back[code]) for code in self.targets}
        stage("prepare", made_of, self.data / "made-of.json", lambda: prepare(
            settings, sources, exclude, self.data, digest(made_of), args.threads, known
        ))  # fmt: skip

    def train(self) -> bool:
        import torch

        from tools.train import data
        from tools.train.loop import Budget, Plan, device_of, train
        from tools.train.model import Shape

        args = self.args
        torch.set_num_threads(args.threads)
        about = data.about(self.data)
        plan = Plan(
            Shape(int(str(about["vocabulary"])), **self.preset["shape"]),
            args.batch or self.preset["batch"],
            args.rate or self.preset["rate"],
            self.preset["warmup"],
            self.preset["dropout"] if args.dropout is None else args.dropout,
            average=self.preset["average"],
            seed=args.seed,
        )
        until = self.began + args.until_seconds if args.until_seconds else None
        budget = Budget(args.minutes, args.steps, until, args.save_seconds)
        device = device_of(args.device)
        return train(
            plan, budget, self.data, self.run, device, out=args.parts, compiled=args.compile,
            start=args.start and args.start / "weights",
        )  # fmt: skip

    def _made(self) -> dict[str, object]:
        """Return what the model is made of."""
        return {
            "weights": digest_of(self.weights / "weights.json"),
            "pieces": digest_of(self.data / "sentencepiece.model"),
        }

    def convert(self) -> None:
        from tools.train import parts
        from tools.train.pack import convert

        self._check()
        weights = parts.read(self.weights)
        shape: Any = parts.told(self.weights)["shape"]
        pieces = self.data / "sentencepiece.model"
        made_of = self._made()
        if not self.model.is_dir():
            (self.run / "converted.json").unlink(missing_ok=True)
        stage("convert", made_of, self.run / "converted.json",
              lambda: convert(weights, shape, pieces, self.model))  # fmt: skip

    def _prefix(self, target: str) -> str:
        return f">>{target}<<" if len(self.targets) > 1 else ""

    def _check(self) -> None:
        """Raise where the weights were trained with another vocabulary than is there."""
        from tools.train import data, parts

        told = parts.told(self.weights)
        if told and told["made_of"] != digest([told["plan"], data.about(self.data)["digest"]]):
            raise TrainError(f"{self.weights} was trained with other data than is in {self.data}")

    def _need_model(self) -> None:
        if not (self.model.is_dir() and (self.weights / "weights.json").exists()):
            raise TrainError(f"{self.run} has no model yet; the stages train and convert make it")
        self._check()

    def evaluate(self) -> None:
        from tools.train.evaluate import evaluate
        from tools.train.prepare import taught
        from tools.train.translator import Translator

        self._need_model()
        args = self.args
        held = read_json(self.data / "held.json")
        for target in self.targets:
            record = self.figures / f"{target}.made-of.json"
            made_of = {
                **self._made(),
                "limit": args.test_limit,
                "flores": digest_of(args.flores) if args.flores else "",
                "tico": digest_of(args.tico) if args.tico else "",
            }
            pieces = self.data / "sentencepiece.model"
            its: Any = held[target]

            def make(target: str = target, pieces: Path = pieces, its: Any = its) -> None:
                prefix = self._prefix(target)
                translate = Translator(self.model, pieces, prefix, args.threads)
                told = evaluate(
                    translate, args.source, target, its, args.flores, args.tico,
                    words=frozenset(taught(self.data, target)),
                    limit=args.test_limit, terms=args.terms > 0,
                )  # fmt: skip
                write_json(self.figures / f"{target}.json", told)

            stage(f"evaluate {target}", made_of, record, make)

    def pack(self) -> None:
        from tools.train import card as cards
        from tools.train import data, parts
        from tools.train.pack import pack
        from tools.train.prepare import taught

        self._need_model()
        args = self.args
        trained, prepared = parts.told(self.weights), data.about(self.data)
        text = args.about.read_text(encoding="utf-8") if args.about else ""
        size = sum(p.stat().st_size for p in self.model.iterdir())
        for target in self.targets:
            told = read_json(self.figures / f"{target}.json")
            card = cards.card(args.source, target, trained, prepared, told, size, text)
            about = cards.metadata(
                args.source,
                target,
                told,
                args.version,
                self._prefix(target),
                with_terms=args.terms > 0,
            )
            name = f"{args.name or args.preset}-{args.source}_{target}"
            path = self.out / f"{name}.argosmodel"
            pieces, words = self.data / "sentencepiece.model", taught(self.data, target)
            size_packed = pack(self.model, pieces, words, about, card, path)
            write_whole(self.out / f"{name}.CARD.md", card)
            pair = f"{args.source}-{target}"
            print(f"{cards.figures(pair, told)}\n\n{cards.terms(told)}\n")
            print(f"pack: {path}: {size_packed:,} bytes. {cards.verdict(pair, told)}", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    began = time.monotonic()
    args = arguments().parse_args(argv)
    stages = args.stages.split(",")
    try:
        if unknown := set(stages) - set(STAGES):
            raise TrainError(f"--stages: there is no {', '.join(sorted(unknown))}")
        run = Run(args, began)
        with alone(args.run):
            for name in STAGES:
                if name in stages and getattr(run, name)() is False:
                    print("not finished yet: run the same command again to go on", flush=True)
                    break
    except TrainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
