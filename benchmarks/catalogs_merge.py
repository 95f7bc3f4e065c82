"""The update that benchmarks/catalogs.py times: a catalog, and the new messages from a file.

It prints how many seconds of the clock and of the processor the reading of the latter took: an
update has them from the article, and reads no file of them.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from pipeline.catalog import po, update


def main() -> None:
    old, new, out = map(Path, sys.argv[1:])
    start = time.perf_counter(), time.process_time()
    messages = po.parse(new.read_bytes(), new).messages
    print(time.perf_counter() - start[0], time.process_time() - start[1])
    before = replace(po.parse(old.read_bytes(), old), locale="es")
    out.write_bytes(po.dump(update.merge(before, messages, "en")))


if __name__ == "__main__":
    main()
