"""Sentences per second: ours beside Argos' own translate(), and beside Apertium's command."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from engines_common import (
    MODELS,
    SENTENCES_A_PARAGRAPH,
    SENTENCES_AN_ARTICLE,
    Aim,
    Cost,
    Missing,
    Setting,
    ask,
    costs,
    grouped,
    install,
    interleaved,
    median,
    table,
    verdict,
)
from engines_wide import widen

PAIR = {"source": "en", "target": "es"}
ALONE, WHOLE, FREE, OURS, ALL = (
    "argos, sentence by sentence",
    "argos, article by article",
    "argos, article by article, its own threads",
    "ours",
    "ours, a worker for each core",
)
AIM = 5.0
"""Of a model of the real size; what a tiny one takes is mostly not spent in the model."""
SAMPLE = 200
"""Sentences that the slowest peers get of the large model; the rest is reckoned."""
SHOWN = 3
WIDTH = 150


def setup(setting: Setting) -> None:
    """Make the peers' environment: Argos in full, of the versions that we have, and sacrebleu."""
    folder = setting.work / "peer"
    pins = [
        f"{name}=={metadata.version(name)}"
        for name in ("argostranslate", "ctranslate2", "sentencepiece")
    ]
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", *pins, "sacrebleu"], check=True)


# Argos


def argos(setting: Setting, *, sentences: int, large: int, package: Path | None) -> bool:
    tiny = install([MODELS / "tiny-en_es.argosmodel"], setting.work / "packages-tiny")
    if package:
        folder = setting.work / f"packages-{package.stem}"
        return _argos(setting, package.stem, install([package], folder), sentences, AIM)
    wide = setting.work / "packages-wide"
    widen(next(path for path in tiny.iterdir() if path.is_dir()), wide)
    return all(
        [
            _argos(setting, "tiny (192 wide, 3 + 2 layers)", tiny, sentences),
            _argos(
                setting, "of the size of Argos' models (576 wide, 6 + 6 layers)", wide, large, AIM
            ),
        ]
    )


def _argos(setting: Setting, what: str, packages: Path, count: int, aim: float = 0) -> bool:
    """Compare on one package, on one core with one thread each, and on all cores."""
    texts = setting.flores("en")[:count]
    calls = grouped(texts, SENTENCES_AN_ARTICLE)
    wholes = ["\n".join(map(" ".join, grouped(call, SENTENCES_A_PARAGRAPH))) for call in calls]
    environment = setting.environment(packages) | {
        "ARGOS_INTER_THREADS": "1",  # its default
    }
    answers: dict[str, dict[str, Any]] = {}

    def peer(name: str, inputs: Sequence[str], mode: str = "cut", cores: int = 1) -> Cost:
        job = {**PAIR, "mode": mode, "texts": inputs, "cores": cores}
        threads = {"ARGOS_INTRA_THREADS": str(cores)}  # 0, its default, is all there are
        answers[name] = ask(setting.peer, "engines_peer.py", job, environment | threads)
        return Cost(answers[name]["wall"], answers[name]["cpu"])

    def ours(name: str, inputs: Sequence[Sequence[str]], cores: int) -> Cost:
        job = {**PAIR, "engine": "argos", "calls": inputs, "cores": cores}
        answers[name] = ask(sys.executable, "engines_worker.py", job, environment)
        return Cost(answers[name]["wall"], answers[name]["cpu"])

    few = texts[: SAMPLE if aim else len(texts)]
    some = wholes[: -(-len(few) // SENTENCES_AN_ARTICLE)]
    of_all = len(texts) / len(few)
    found = interleaved(
        {
            ALONE: lambda _: peer(ALONE, few).times(of_all),
            WHOLE: lambda _: peer(WHOLE, wholes),
            FREE: lambda _: peer(FREE, some, cores=0).times(of_all),
            OURS: lambda _: ours(OURS, [texts], 1),
            ALL: lambda _: ours(ALL, [texts], 0),
        },
        setting.repeats,
        "speed: ",
    )
    cores = len(os.sched_getaffinity(0))
    print(
        f"## Argos, a model {what}\n\n{len(texts)} sentences in {len(calls)} articles, beam 4, one"
        f" core and one thread unless it says so ({cores} cores); median of {setting.repeats}."
        f"\nOurs gets them as one stream, as a run does. {ALONE!r} and {FREE!r}: the first"
        f" {len(few)}.\n"
    )
    medians = {name: median(each) for name, each in found.items()}
    table(
        ["", "sentences/s", "per CPU-s", "ours, times", "by CPU", "each time"],
        [
            [
                name,
                f"{len(texts) / cost.wall:.1f}",
                f"{len(texts) / cost.cpu:.1f}",
                f"{cost.wall / medians[OURS].wall:.2f}",
                f"{cost.cpu / medians[OURS].cpu:.2f}",
                ", ".join(
                    f"{peer.wall / mine.wall:.2f}"
                    for peer, mine in zip(found[name], found[OURS], strict=True)
                ),
            ]
            for name, cost in medians.items()
        ],
    )
    (drafts,), (on_all,) = answers[OURS]["drafts"], answers[ALL]["drafts"]
    theirs = answers[ALONE]["drafts"]
    differing = [
        i for i, (a, b) in enumerate(zip(drafts[: len(few)], theirs, strict=True)) if a != b
    ]
    reasons = _reasons(
        differing,
        texts,
        drafts,
        theirs,
        answers[ALONE]["parts"],
        lambda chosen: (peer("again", chosen, "uncut"), answers["again"]["drafts"])[1],
        lambda chosen: (ours("by one", [[text] for text in chosen], 1), answers["by one"])[1],
    )
    counted = Counter(reasons.values())
    print(f"Outputs that differ from Argos', sentence by sentence: {len(differing)} of {len(few)}")
    for reason, number in counted.most_common():
        print(f"- {number}: {reason}")
        for i in [i for i in differing if reasons[i] == reason][:SHOWN]:
            print(f"    {i}: {texts[i][:WIDTH]}")
            print(f"      argos: {theirs[i][:WIDTH]}\n      ours:  {drafts[i][:WIDTH]}")
    paragraphs = [
        " ".join(part)
        for call in grouped(drafts, SENTENCES_AN_ARTICLE)
        for part in grouped(call, SENTENCES_A_PARAGRAPH)
    ]
    lines = [line for draft in answers[WHOLE]["drafts"] for line in draft.split("\n")]
    if len(lines) == len(paragraphs):
        other = sum(a != b for a, b in zip(lines, paragraphs, strict=True))
        print(f"Paragraphs that differ from Argos', article by article: {other} of {len(lines)}")
    else:
        print(f"Argos gave {len(lines)} lines for {len(paragraphs)} paragraphs")
    uneven = sum(a != b for a, b in zip(drafts, on_all, strict=True))
    print(f"Outputs of ours that differ between one core and {cores}: {uneven} of {len(texts)}\n")
    unexplained = sum(number for reason, number in counted.items() if reason.startswith("?"))
    aims = []
    for name, mine in ((ALONE, OURS), (WHOLE, OURS), (WHOLE, ALL), (FREE, ALL)) if aim else ():
        ratio = medians[name].wall / medians[mine].wall
        by_cpu = medians[name].cpu / medians[mine].cpu
        told = f"{ratio:.2f} times, {by_cpu:.2f} by CPU"
        aims.append(Aim(f"{mine} against {name}", told, f"{aim} times", ratio >= aim))
    aims.append(
        Aim(
            "outputs as Argos' for the same sentence",
            f"{len(few) - len(differing)} of {len(few)}, {unexplained} unexplained",
            "all, or a reason",
            not unexplained,
        )
    )
    return verdict(aims)


def _reasons(
    differing: Sequence[int],
    texts: Sequence[str],
    drafts: Sequence[str],
    theirs: Sequence[str],
    parts: Sequence[int],
    uncut: Any,
    by_one: Any,
) -> dict[int, str]:
    """Name why each output differs; each reason is one that was tried, none is guessed."""
    found = {}
    left = []
    for i in differing:
        if drafts[i].replace("_", " ") == theirs[i]:
            found[i] = "Argos makes underscores spaces"
        elif " ".join(drafts[i].split()) == " ".join(theirs[i].split()):
            found[i] = "white space only"
        else:
            left.append(i)
    if not left:
        return found
    whole = dict(zip(left, uncut([texts[i] for i in left]), strict=True))
    alone = [draft for (draft,) in by_one([texts[i] for i in left])["drafts"]]
    for i, single in zip(left, alone, strict=True):
        cut = parts[i] > 1
        if drafts[i] == whole[i]:
            found[i] = "Argos cut the sentence again; uncut, it gives ours"
        elif single == whole[i]:
            also = "Argos cut the sentence again; besides, " if cut else ""
            found[i] = also + "rounding, by what else is in the batch: alone, ours is Argos'"
        else:
            found[i] = "? not found"
    return found


# Apertium


def apertium(setting: Setting, *, sentences: int, processes: int) -> bool:
    from pipeline.engines.apertium.engine import ApertiumEngine
    from pipeline.engines.base import Segment

    if not shutil.which("apertium") or not ApertiumEngine().serves("en", "es"):
        raise Missing("Apertium does not serve en → es here; run: pipeline engines install es")
    texts = setting.flores("en")[:sentences]
    calls = grouped(texts, SENTENCES_AN_ARTICLE)
    chosen = random.Random(1).sample(range(len(texts)), min(processes, len(texts)))
    shares = [chosen[turn :: setting.repeats] for turn in range(setting.repeats)]
    drafts: dict[str, list[str]] = {}
    alone: dict[int, str] = {}

    def ours(_: int) -> Cost:
        with costs() as spent:
            engine = ApertiumEngine()
            found = [engine.translate([Segment(t) for t in call], "en", "es") for call in calls]
            engine.close()
        drafts["ours"] = [each[0].text for call in found for each in call]
        return spent[0]

    def stream(form: str) -> Cost:
        with costs() as spent:
            out = _apertium(form, "\n".join(texts) + "\n")
        drafts[form] = out.splitlines()
        return spent[0]

    def single(turn: int) -> Cost:
        with costs() as spent:
            for i in shares[turn]:
                alone[i] = _apertium("txt", texts[i] + "\n").strip()
        return Cost(spent[0].wall / len(shares[turn]), spent[0].cpu / len(shares[turn]))

    runs = {
        "ours, one running pipeline": ours,
        "one stream, apertium -f line": lambda _: stream("line"),
        "one stream, apertium -f txt": lambda _: stream("txt"),
        "a process for each sentence": single,
    }
    mine, *streams, slow = runs
    found = interleaved(runs, setting.repeats, "apertium: ")
    each = {name: median(costs_) for name, costs_ in found.items()}
    size = {name: 1 if name == slow else len(texts) for name in runs}
    print(
        f"## Apertium, eng-spa\n\n{len(texts)} sentences, ours in {len(calls)} calls; each process"
        f" gets one of {len(chosen)} of them; start and end included; median of {setting.repeats}\n"
    )
    rate = {name: size[name] / cost.wall for name, cost in each.items()}
    by_cpu = {name: size[name] / cost.cpu for name, cost in each.items()}
    table(
        ["", "sentences/s", "per CPU-s", "ours, times", "by CPU"],
        [
            [
                name,
                f"{rate[name]:.1f}",
                f"{by_cpu[name]:.1f}",
                f"{rate[mine] / rate[name]:.2f}",
                f"{by_cpu[mine] / by_cpu[name]:.2f}",
            ]
            for name in runs
        ],
    )
    same = sum(drafts["ours"][i] == alone[i] for i in chosen)
    print(f"Outputs as those of a process for each sentence: {same} of {len(chosen)}")
    for i in [i for i in chosen if drafts["ours"][i] != alone[i]][:SHOWN]:
        print(f"  {texts[i][:WIDTH]}\n    process: {alone[i][:WIDTH]}")
        print(f"    ours:    {drafts['ours'][i][:WIDTH]}")
    for form in ("line", "txt"):
        lines = drafts[form]
        if len(lines) == len(texts):
            same = sum(a == b for a, b in zip(lines, drafts["ours"], strict=True))
            print(f"Outputs as those of the stream with -f {form}: {same} of {len(texts)}")
        else:
            print(f"The stream with -f {form} gave {len(lines)} lines for {len(texts)}")
    print()
    fastest = max(streams, key=lambda name: rate[name])
    most = max(by_cpu[name] for name in streams)
    return verdict(
        [
            Aim(
                "against a process for each sentence",
                f"{rate[mine] / rate[slow]:.0f} times, {by_cpu[mine] / by_cpu[slow]:.0f} by CPU",
                "100 times",
                rate[mine] >= 100 * rate[slow],
            ),
            Aim(
                f"against {fastest}",
                f"{rate[mine] / rate[fastest]:.2f} times, {by_cpu[mine] / most:.2f} by CPU",
                "0.8 times",
                rate[mine] >= 0.8 * rate[fastest],
            ),
        ]
    )


def _apertium(form: str, text: str) -> str:
    done = subprocess.run(
        ["apertium", "-u", "-f", form, "eng-spa"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return done.stdout
