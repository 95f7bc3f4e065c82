"""Drafts by one of our engines in a process of its own; JSON in, JSON out. See engines.py.

The engine stands behind `Cached`, as in a run, with a memory that is empty and ends with it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    job: dict[str, Any] = json.load(sys.stdin)
    if job.get("cores"):  # before anything counts them
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job["cores"]])
    from pipeline.engines.base import Segment
    from pipeline.engines.cache import Cached, Drafts
    from pipeline.engines.registry import load

    pair = (job["source"], job["target"])
    start = time.perf_counter()
    engine = load(job["engine"])
    engine.translate([Segment("The first sentence.")], *pair)
    first = time.perf_counter() - start
    start = time.perf_counter()
    engine.translate([Segment("The first sentence.")], *pair)
    second = time.perf_counter() - start
    wall, cpu = time.perf_counter(), time.process_time()
    cached = Cached(engine, Drafts(None))
    found = [cached.translate([Segment(text) for text in call], *pair) for call in job["calls"]]
    answer = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "start": first - second,
        "signature": engine.signature(*pair),
        "drafts": [[each[0].text if each else "" for each in call] for call in found],
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
