"""Catalogs of 50,000 messages: merging beside msgmerge, reading and writing beside polib.

The messages are distinct English sentences of ../shared/data with what stands beside them there
as an approved translation (what is missing is made of halves, and the share is printed); each has
the notes that an update writes. Of 5 % (--changed) the sentence is edited, by a seeded choice:
words replaced, added, deleted or moved, a number changed, a mark changed. Both tools get the same
two files, the catalog and the new messages, and write a third. Times are of whole processes, with
their start: seconds by the clock and of all processors.

- msgmerge with its fuzzy matching, ``--previous`` so that the file says where a suggestion is from.
- Ours (catalogs_merge.py): `po.parse` of both files, `update.merge`, `po.dump`. An update of an
  article has the new messages from the article and not from a file, as msgmerge must; what it
  takes is what is left without the reading of that one.

A suggestion is what stands in a message that the catalog did not hold; its score is
`rapidfuzz.fuzz.ratio` of the sentence it was approved for and the new one. Of those of msgmerge:

- found or beaten: ours has one of the same score or a better one, or has kept the approval because
  only typography has changed;
- withheld: ours has found the sentence and pre-fills nothing on purpose, for the edit touches a
  word that may turn the meaning round; the approved translation is kept as obsolete;
- in use: msgmerge took it from a sentence that is still there. `update.merge` never does; the
  translation memory of the next step (`leverage.recall`) fills it in or, below 85 %, mentions it,
  and what that adds is counted;
- missed: the rest.

The aims are those of the project: an update 20 times as fast, by the time of the processors, since
msgmerge shares its search out to all of them (with --one-core, the clock says the same); and 99 %
of the suggestions. What is withheld counts
as reached there, and the line says how much that is.

Reading and writing beside polib, the same catalog, CPU seconds of this process, taken in turns.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polib
from engines_common import Aim, verdict
from memory import FILES, ROOT, segments
from nochange import Cost, cost
from rapidfuzz import fuzz

from pipeline.catalog import po
from pipeline.memory.index import open_index
from pipeline.memory.leverage import recall
from pipeline.memory.model import Stock, entries
from pipeline.model import Catalog, Message, State

ARTICLE = 50
"""Sentences that the notes count together."""


def edited(text: str, vocabulary: Sequence[str], chance: random.Random) -> str:
    """Return *text* as somebody might correct it."""
    words = text.split()
    count = chance.choice((1, 1, 1, 2, 2, 3))
    at = chance.randrange(len(words))
    some = [chance.choice(vocabulary) for _ in range(count)]
    match chance.choices(
        ("replace", "add", "delete", "move", "number", "mark"), (8, 4, 4, 1, 1, 1)
    ):
        case ["replace"]:
            words[at : at + count] = some
        case ["add"]:
            words[at:at] = some
        case ["delete"] if len(words) > count + 1:
            del words[at : at + count]
        case ["move"]:
            words.insert(chance.randrange(len(words)), words.pop(at))
        case ["number"]:
            words.insert(at, str(chance.randrange(2, 5000)))
        case _:
            words[at] += chance.choice(",;")
    return " ".join(words)


def messages(sources: Sequence[str]) -> Iterator[Message]:
    """Give what an update makes of *sources*: untranslated messages with their notes."""
    around = ["", *sources, ""]
    for n, source in enumerate(sources):
        yield Message(
            source=source,
            references=(f"article-{n // ARTICLE}:{n % ARTICLE + 1}",),
            notes=(
                f"paragraph, unit {n % ARTICLE + 1} of {ARTICLE}",
                f"before: {around[n][:120]}",
                f"after: {around[n + 2][:120]}",
            ),
        )


def score(message: Message | None, source: str) -> float:
    """Return how well the suggestion in *message* suits *source*; 0 where there is none."""
    if not message or not message.target:
        return 0.0
    return fuzz.ratio(message.previous or message.source, source)


def offered(message: Message) -> int:
    """Return how well what is filled in or mentioned in *message* suits it, in whole per cent."""
    said = re.match(r"memory, (\d+)% similar", message.draft)
    return max(int(score(message, message.source)), int(said[1]) if said else 0)


def compare(theirs: Path, ours: Path, before: Catalog, folder: Path) -> Aim:
    """Print what became of msgmerge's suggestions; return how many are reached."""
    known = {m.source for m in before.messages}
    other = po.parse(theirs.read_bytes(), theirs).messages
    merged = po.parse(ours.read_bytes(), ours)
    own = {m.source: m for m in merged.messages if not m.obsolete}
    kept = {m.source for m in merged.messages if m.obsolete and m.target}
    active = set(own)
    stock = Stock("catalog", "1", partial(entries, before, "catalog", "en"))
    start = time.process_time()
    with open_index(folder / "memory.sqlite", [stock]) as index:
        built = time.process_time() - start
        filled = recall(merged.messages, index.memory("en", "es"), "en", "es")
    looked = time.process_time() - start - built
    recalled = {m.source: m for m in filled if not m.obsolete}
    found: Counter[str] = Counter()
    with_memory = 0
    examples = []
    for message in other:
        if message.obsolete or message.source in known or not message.previous:
            continue
        truth, mine = fuzz.ratio(message.previous, message.source), own[message.source]
        suggested = score(mine, message.source)
        if mine.state is State.APPROVED or suggested >= truth - 1e-6:
            kind = "found or beaten"
        elif mine.change and not mine.target and message.previous in kept:
            kind = "withheld"
        elif message.previous in active:
            kind = "in use"
        else:
            kind = "lower" if suggested else "missed"
        found[kind] += 1
        if kind in {"in use", "missed", "lower"}:
            with_memory += offered(recalled[message.source]) >= int(truth)
            examples.append((truth, suggested, message.source, message.previous))
    total = sum(found.values())
    print(
        f"msgmerge suggests {total:,}: " + ", ".join(f"{n:,} {k}" for k, n in found.most_common())
    )
    good = found["found or beaten"]
    print(
        f"  found or beaten: {good / total:.2%}; with those withheld: "
        f"{(good + found['withheld']) / total:.2%}; and with the memory: "
        f"{(good + found['withheld'] + with_memory) / total:.2%}"
    )
    print(f"  the memory: {built:.1f} s CPU to index, {looked:.1f} s CPU to look up")
    for truth, suggested, source, previous in sorted(examples, reverse=True)[:5]:
        print(f"  {truth:.1f} against {suggested:.1f}: {source[:70]!r} from {previous[:70]!r}")
    reached = good + found["withheld"]
    return Aim(
        "suggestions of msgmerge",
        f"{reached / total:.2%}, {good / total:.2%} found or beaten and "
        f"{found['withheld'] / total:.2%} withheld on purpose",
        "99 %",
        reached >= 0.99 * total,
    )


def ratio(one: Sequence[Cost], other: Sequence[Cost], what: str) -> float:
    middle = [statistics.median(float(getattr(c, what)) for c in its) for its in (one, other)]
    return middle[0] / middle[1]


def shown(name: str, found: Sequence[Cost]) -> str:
    wall, cpu = sorted(c.wall for c in found), sorted(c.cpu for c in found)
    return (
        f"{name:28} wall {wall[0]:.2f} {statistics.median(wall):.2f} {wall[-1]:.2f} s   CPU "
        f"{cpu[0]:.2f} {statistics.median(cpu):.2f} {cpu[-1]:.2f} s (n={len(found)})"
    )


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def reading(path: Path, repeats: int) -> None:
    """Print what reading and writing *path* takes, ours and polib's."""
    data, text = path.read_bytes(), path.read_text(encoding="utf-8")
    mine, theirs = po.parse(data, path), polib.pofile(text)
    tasks: dict[str, Callable[[], object]] = {
        "ours, read": lambda: po.parse(data, path),
        "polib, read": lambda: polib.pofile(text),
        "ours, write": lambda: po.dump(mine),
        "polib, write": lambda: str(theirs),
    }
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            times[name].append(timed(task))
    middle = {name: statistics.median(found) for name, found in times.items()}
    for name, found in times.items():
        print(f"{name:28} CPU {min(found):.2f} {middle[name]:.2f} {max(found):.2f} s (n={repeats})")
    own = middle["ours, read"] + middle["ours, write"]
    other = middle["polib, read"] + middle["polib, write"]
    print(f"  polib / ours, read and write: {other / own:.2f}; polib checks nothing of the grammar")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--changed", type=int, default=2_500)
    parser.add_argument("--least", type=int, default=0, help="only sentences so long")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one-core", action="store_true", help="hold both tools to one core")
    parser.add_argument("--msgmerge", type=int, default=1, help="how often it runs; 0 is never")
    options = parser.parse_args()
    if missing := [name for name in FILES if not (options.data / name).is_file()]:
        sys.exit(f"{options.data} lacks {', '.join(missing)}; say where it is with --data")
    if options.one_core:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    chance = random.Random(options.seed)
    pool = segments(options.data, options.entries * (5 if options.least else 1), chance)
    pairs = [pair for pair in pool if len(pair[0]) >= options.least][: options.entries]
    vocabulary = [word for source, _ in chance.sample(pairs, 1000) for word in source.split()]
    sources = [source for source, _ in pairs]
    before = Catalog(
        "es",
        tuple(
            replace(message, target=target)
            for message, (_, target) in zip(messages(sources), pairs, strict=True)
        ),
        po.headers("all", "en", "es", "2026-01-02 03:04+0000"),
    )
    for at in chance.sample(range(len(sources)), options.changed):
        sources[at] = edited(sources[at], vocabulary, chance)
    after = replace(before, messages=tuple(messages(list(dict.fromkeys(sources)))))
    aims: list[Aim] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old, new = folder / "old.po", folder / "new.pot"
        theirs, ours = folder / "msgmerge.po", folder / "ours.po"
        old.write_bytes(po.dump(before))
        new.write_bytes(po.dump(after))
        print(
            f"{len(before.messages):,} messages, {old.stat().st_size / 1e6:.1f} MB,"
            f" {options.changed:,} changed, {statistics.mean(map(len, sources)):.0f} characters"
        )
        program = Path(__file__).with_name("catalogs_merge.py")
        mine = [sys.executable, str(program), str(old), str(new), str(ours)]
        own = [cost(mine, folder) for _ in range(options.repeats)]
        print(shown("ours: read, merge, write", own), flush=True)
        read = [tuple(map(float, c.out.split())) for c in own]
        update = [
            replace(c, wall=c.wall - wall, cpu=c.cpu - cpu)
            for c, (wall, cpu) in zip(own, read, strict=True)
        ]
        print(shown("  of it an update", update), flush=True)
        if options.msgmerge and shutil.which("msgmerge"):
            command = ["msgmerge", "--quiet", "--previous", "--no-wrap", "-o"]
            peer = [
                cost([*command, str(theirs), str(old), str(new)], folder)
                for _ in range(options.msgmerge)
            ]
            print(shown("msgmerge", peer), flush=True)
            for name, its in (("both files read", own), ("an update", update)):
                wall, cpu = ratio(peer, its, "wall"), ratio(peer, its, "cpu")
                print(f"  msgmerge / ours, {name}: wall {wall:.1f}, CPU {cpu:.1f}")
            found = f"{cpu:.1f} times by the processors' time, {wall:.1f} by the clock"
            aims.append(Aim("an update against msgmerge", found, "20 times", cpu >= 20))
            aims.append(compare(theirs, ours, before, folder))
        reading(old, options.repeats)
    verdict(aims)


if __name__ == "__main__":
    main()
