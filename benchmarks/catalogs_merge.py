"""The update that benchmarks/catalogs.py times: a catalog, and the new messages from a file."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from pipeline import catalog, po


def main() -> None:
    old, new, out = map(Path, sys.argv[1:])
    before = replace(po.parse(old.read_bytes(), old), locale="es")
    merged = catalog.merge(before, po.parse(new.read_bytes(), new).messages, "en")
    out.write_text(po.dump(merged), encoding="utf-8")


if __name__ == "__main__":
    main()
