"""Translation memory: time a query, and recall of the true best match, brute force as truth.

The segments are the distinct English sentences of ../shared/data (training text and Tatoeba), so
they are real as long as there are enough; what is missing is made of two of them, and the share is
printed. They are put together to articles of 50, in a seeded order. A query is a segment with 5 to
70 % of its words (at least one) replaced, deleted, inserted or moved, by a seeded choice; so some
have no match at all. The truth is `rapidfuzz.process.extractOne` over all segments with the same
measure and threshold. Recall: of the queries whose true best match has `SIMILAR` or more, how many
get a first match with that score. Times of queries are CPU seconds of this process, as machines
are shared.
"""

from __future__ import annotations

import argparse
import lzma
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from rapidfuzz import fuzz, process

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, from a checkout that is not installed

from pipeline.memory.index import (
    SIMILAR,
    Memory,
    open_index,
)
from pipeline.memory.model import (
    Entry,
    Stock,
)

FILES = (
    "training/en-es.tsv.xz",
    "training/en-pt.tsv.xz",
    "training/en-fr.tsv.xz",
    "tatoeba/tatoeba.en-es.tsv.xz",
    "tatoeba/tatoeba.en-fr.tsv.xz",
)
ARTICLE = 50


def pairs(folder: Path) -> Iterator[tuple[str, str]]:
    for name in FILES:
        with lzma.open(folder / name, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                source, _, target = line.rstrip("\n").partition("\t")
                if source and target:
                    yield source, target


def segments(folder: Path, size: int, chance: random.Random) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for source, target in pairs(folder):
        found.setdefault(source, target)
    real = list(found.items())
    chance.shuffle(real)
    print(f"segments: {size:,}, of which real: {min(1, len(real) / size):.1%}")
    while len(found) < size:
        one, other = chance.choice(real), chance.choice(real)
        found.setdefault(_half(one[0]) + _half(other[0]), one[1])
    return real[:size] if len(real) >= size else list(found.items())


def _half(text: str) -> str:
    return text[: len(text) // 2]


def articles(found: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[Entry]]]:
    texts = iter(found)
    number = 0
    while part := list(islice(texts, ARTICLE)):
        number += 1
        name = f"article-{number:05}"
        around = ["", *(source for source, _ in part), ""]
        yield (
            name,
            [
                Entry(source, target, "en", "xx", name, around[n], around[n + 2])
                for n, (source, target) in enumerate(part)
            ],
        )


def edited(text: str, words: Sequence[str], chance: random.Random) -> str:
    kept = text.split()
    for _ in range(max(1, round(len(kept) * chance.uniform(0.05, 0.7)))):
        at = chance.randrange(len(kept))
        match chance.choice(("replace", "delete", "insert", "move")):
            case "replace":
                kept[at] = chance.choice(words)
            case "delete" if len(kept) > 1:
                del kept[at]
            case "insert":
                kept.insert(at, chance.choice(words))
            case _:
                kept.insert(chance.randrange(len(kept)), kept.pop(at))
    return " ".join(kept)


def seconds(times: Sequence[float]) -> str:
    ranked = sorted(1000 * t for t in times)
    middle, high = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95)]
    mean = statistics.mean(ranked)
    return f"mean {mean:.2f}, p50 {middle:.2f}, p95 {high:.2f}, max {ranked[-1]:.2f} ms CPU"


def rss() -> str:
    """Return the memory that this process has now, where the system says so."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB at most"
    return f"{pages * resource.getpagesize() // 2**20} MiB"


def timed(memory: Memory, queries: Sequence[str], limit: int) -> tuple[list[float], list[float]]:
    """Return the score of the first match of each query, and the CPU seconds it took."""
    scores, times = [], []
    for query in queries:
        start = time.process_time()
        found = memory.lookup(query, limit=limit)
        times.append(time.process_time() - start)
        scores.append(found[0].score if found else 0.0)
    return scores, times


def report(found: Sequence[float], truth: Sequence[float]) -> str:
    """Return the recall in words, for all and by how similar the true best match is."""
    lines = []
    for low, high in ((SIMILAR, 101.0), (SIMILAR, 80.0), (80.0, 90.0), (90.0, 101.0)):
        there = [(f, t) for f, t in zip(found, truth, strict=True) if low <= t < high]
        hit = sum(f >= t - 1e-6 for f, t in there)
        share = f"{hit / len(there):.4f}" if there else "-"
        lines.append(
            f"recall, best match {low:.0f} to {min(high, 100):.0f}: {hit} of {len(there)}, {share}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    if missing := [name for name in FILES if not (options.data / name).is_file()]:
        sys.exit(f"{options.data} lacks {', '.join(missing)}; say where it is with --data")
    chance = random.Random(options.seed)
    found = segments(options.data, options.segments, chance)
    chosen = [source for source, _ in chance.sample(found, options.queries)]
    words = [
        word for source, _ in chance.sample(found, min(5000, len(found))) for word in source.split()
    ]
    queries = [edited(source, words, chance) for source in chosen]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.sqlite"
        before = rss()
        start = time.process_time(), time.perf_counter()
        stocks = [Stock(name, "1", partial(list, part)) for name, part in articles(found)]
        with open_index(path, stocks):
            built = time.process_time() - start[0], time.perf_counter() - start[1]
        print(
            f"build: {built[0]:.1f} s CPU, {built[1]:.1f} s; "
            f"file {path.stat().st_size / 2**20:.0f} MiB"
        )
        start = time.process_time(), time.perf_counter()
        with open_index(path, stocks) as index:
            memory = index.memory("en", "xx")
            opened = time.process_time() - start[0]
            print(f"open, nothing stale: {opened:.2f} s CPU; {len(memory):,} distinct sources")
            scores, times = timed(memory, queries, 5)
            exact, exact_times = timed(memory, chosen, 1)
        print(f"memory of this process: {before} before (the segments), {rss()} after")
        print(f"the 5 best, {len(queries)} queries: {seconds(times)}")
        print(
            f"exact, the first only, {len(chosen)} queries: {seconds(exact_times)}; "
            f"found {exact.count(100.0)}"
        )
    sources = [source for source, _ in found]
    start = time.process_time(), 0.0
    truth = [
        best[1] if best else 0.0
        for best in (
            process.extractOne(query, sources, scorer=fuzz.ratio, score_cutoff=SIMILAR)
            for query in queries
        )
    ]
    print(
        f"brute force: {1000 * (time.process_time() - start[0]) / len(queries):.0f} ms CPU a query"
    )
    print(report(scores, truth))


if __name__ == "__main__":
    main()
