"""Exact cases of `pipeline.text.segmentation` and of bare `sentencex`, same data, same run.

"golden" and "all" are cases of pragmatic_segmenter (MIT), "own" those of the test suite; a case
counts if every sentence is as expected, white space apart.

Two of the golden rules are not followed, as they are wrong for messages to translate:

- en, "Hello world.Today is Tuesday.Mr. Smith ...": a full stop without white space after it. So
  have "example.org", "Node.js" and "report.final.pdf", and a name cut in two is worse than two
  sentences in one message. Boundaries stand after white space, always.
- ar, a boundary at a comma: the Arabic comma joins clauses, and parts the items of a list, within
  one sentence. Its parts are no sentences; other languages need to order and join them differently.

The Arabic colon is followed as a boundary, except before a quotation or a number: a headline's
label and an announcement come first in the other languages too, so both parts can be translated
alone. Lines are a list, as in the golden rules, where they do not look like one wrapped sentence:
at least three, each ending in a letter or number, and one with room left for the next word.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import sentencex

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, from a checkout that is not installed

from pipeline.text.segmentation import segment


def squeeze(sentences: list[str]) -> list[str]:
    """Compare words only: runs of white space, which a sentence keeps, are one space."""
    return [joined for s in sentences if (joined := " ".join(s.split()))]


def cases(path: Path) -> Iterator[tuple[str, list[str], bool]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["text"], row["sentences"], row.get("golden", False)


def bare(text: str, language: str) -> list[str]:
    return list(sentencex.segment(language, text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/segmentation")
    parser.add_argument("--show", action="store_true", help="print each case that ours misses")
    options = parser.parse_args()
    programs: dict[str, Callable[[str, str], list[str]]] = {"ours": segment, "sentencex": bare}
    tables = {
        "golden": (options.data, True),
        "all": (options.data, False),
        "own": (ROOT / "tests" / "segmentation", False),
    }
    print(f"{'':8}{'':6}{'cases':>7}" + "".join(f"{name:>11}" for name in programs))
    for table, (folder, only_golden) in tables.items():
        totals = dict.fromkeys(("cases", *programs), 0)
        for path in sorted(folder.glob("*.jsonl")):
            rows = [c for c in cases(path) if c[2] or not only_golden]
            counts = dict.fromkeys(programs, 0)
            for text, expected, _ in rows:
                for name, program in programs.items():
                    found = squeeze(program(text, path.stem))
                    counts[name] += found == squeeze(expected)
                    if options.show and name == "ours" and found != squeeze(expected):
                        print(f"- {path.stem} {table}: {found}\n  expected: {squeeze(expected)}")
            totals["cases"] += len(rows)
            for name, count in counts.items():
                totals[name] += count
            print(
                f"{table:8}{path.stem:6}{len(rows):7}" + "".join(f"{n:11}" for n in counts.values())
            )
        print(
            f"{table:8}{'total':6}"
            + f"{totals.pop('cases'):7}"
            + "".join(f"{n:11}" for n in totals.values())
        )


if __name__ == "__main__":
    main()
