"""An engine that counts: it writes down each call before and after it is made.

For ``engine = "engines_counting:factory"``. BENCH_ENGINE names the engine that does the work, and
BENCH_LOG the file. Each record is a line of its own, with the seconds of the machine's clock, and
is appended with one write, so that a killed process can at worst leave a torn last line.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Sequence

from pipeline.engines.base import Engine, Hypotheses, Segment
from pipeline.engines.registry import load


class CountingEngine:
    def __init__(self, engine: Engine, log: str) -> None:
        self.name = engine.name
        self.reads = engine.reads
        self._engine = engine
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._calls = itertools.count()

    def signature(self, source: str, target: str) -> str:
        return self._engine.signature(source, target)

    def serves(self, source: str, target: str) -> bool:
        return self._engine.serves(source, target)

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        call = next(self._calls)
        texts = [segment.text for segment in segments]
        self._write({"event": "begin", "call": call, "target": target, "texts": texts})
        found = self._engine.translate(segments, source, target)
        self._write({"event": "end", "call": call, "target": target})
        return found

    def _write(self, record: dict[str, object]) -> None:
        record |= {"pid": os.getpid(), "at": time.monotonic()}
        os.write(self._log, f"\n{json.dumps(record)}\n".encode())


def factory() -> Engine:
    return CountingEngine(load(os.environ["BENCH_ENGINE"]), os.environ["BENCH_LOG"])
