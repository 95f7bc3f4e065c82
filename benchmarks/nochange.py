"""A run in which nothing changed: time and memory, beside ``git status`` and po4a on the same tree.

The project is made here, from seeded sentences of an invented vocabulary: articles of 20 to 60
sentences, half in plain text and half in Markdown, with links, emphasis, lists, a date and a
signature. Each is drafted by the pseudo engine in all locales; then every fourth article is
approved in the first locale, and of every third one some sentences in the second. One run takes
that in, and the next ones find nothing new: these are timed. No byte may change in them.

- ``pipeline run`` with its record (`pipeline/storage/fingerprints.py`), and without: ``.pipeline/``
  is deleted before. Drafts are not made anew in either case, as they are in the PO files.
- ``git status`` over the same tree, where all of it is committed but ``.pipeline/``.
- ``po4a`` with one config for all articles and locales, twice: with one catalog a locale for all
  articles, as it is fastest, over the same tree; and with a PO file for each of both, as ours. The
  first run of that takes hours for all articles, because each catalog is merged with those of all
  others: so both are held against each other with the first --peer of them, where what does not
  grow with their number weighs more. It cuts paragraphs, not sentences, knows no glossary, checks
  nothing and here matches nothing fuzzily. What it reads is the same, but its PO files are
  untranslated. By its times of change, and with --force, which looks at the contents.

The first run of each is not counted: it warms the file cache. Times are of one process and what
it started; the least, the median and the most of --repeats are shown.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LOCALES = ("es", "fr", "pt_BR", "it")
NAMES = "Arvensund Belmora Corvath Dunmere Elsa Fenwick Greta Hollis Ilse Jorun".split()
SUBJECTS = (
    "the council|the ferry workers|our union|every household|the harbour board|the ministry|"
    "a court|the tenants of the old quarter|nobody in the valley|the night shift|parents|"
    "the water company|our delegation|the owners|two hundred nurses|the owners of the mill"
).split("|")
VERBS = (
    "has promised|refuses|wants|cannot afford|pays for|has signed|will never forget|demands|"
    "has delayed|sold|voted against|is waiting for|knows the price of|may close|opened"
).split("|")
OBJECTS = (
    "the bridge|a tariff of {n} crowns|clean water|the sale of the boats|{n} new classrooms|"
    "the public library|a fair wage|the report of {y}|safe housing|the pier|a second ballot|"
    "the night bus|{n} kilometres of pipes|the harvest|the right to strike|a longer contract"
).split("|")
TAILS = (
    "since {y}|for {n} years|in {name}|without a word|before the winter|at the cost of {n} jobs|"
    "because nobody asked|as {name} said in {y}|although the law forbids it|together|"
    "and that is no secret|on both sides of the river|by a margin of {n} votes|again"
).split("|")
GLOSSARY = """terms:
  - {term: tariff, targets: {es: tarifa, fr: tarif, it: tariffa, pt_BR: tarifa}}
  - {term: ferry, targets: {es: {term: transbordador, forbid: [ferri]}, fr: bac}}
  - {term: right to strike, targets: {es: derecho de huelga, fr: droit de grève}}
  - {term: Arvensund, keep: true, case: sensitive}
"""
SETTINGS = f"""[tool.pipeline]
source_language = "en"
locales = [{", ".join(f'"{locale}"' for locale in LOCALES)}]
engine = "pseudo"
"""


def sentence(chance: random.Random) -> str:
    """Return an invented sentence."""
    parts = (*map(chance.choice, (SUBJECTS, VERBS, OBJECTS)), chance.choice(TAILS))
    text = " ".join(parts).format(
        n=chance.randrange(2, 9000), y=chance.randrange(1900, 2026), name=chance.choice(NAMES)
    )
    if chance.random() < 0.4:
        text += f", and {chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(TAILS)}"
        text = text.format(n=chance.randrange(2, 90), y=2001, name=chance.choice(NAMES))
    return text[0].upper() + text[1:] + chance.choice("...!?")


def article(number: int, chance: random.Random) -> tuple[str, str]:
    """Return the name and the text of an article."""
    markdown = number % 2 == 0
    left = chance.randrange(20, 60)
    title = f"{sentence(chance)[:-1]}, part {number}"
    day = f"{chance.randrange(1, 29)} March {chance.randrange(1990, 2025)}"
    blocks = [f"# {title}" if markdown else title, day]
    while left > 0:
        some = [sentence(chance) for _ in range(chance.randrange(2, 7))]
        left -= len(some)
        if markdown and chance.random() < 0.3:
            some[0] = f"**{some[0]}**"
            some[-1] += f" See [the report](https://example.org/report/{number})."
        if markdown and chance.random() < 0.2:
            blocks.append("\n".join(f"- {one}" for one in some))
        else:
            blocks.append(" ".join(some))
        if chance.random() < 0.1:
            heading = " ".join(sentence(chance)[:-1].split()[:5])
            blocks.append(f"## {heading}" if markdown else heading)
    blocks.append(f"{chance.choice(NAMES)} {chance.choice(NAMES)}")
    return f"statement-{number:04}" + (".md" if markdown else ".txt"), "\n\n".join(blocks) + "\n"


def project(root: Path, count: int, seed: int) -> None:
    """Make a project of *count* articles in *root*."""
    chance = random.Random(seed)
    (root / "source_texts").mkdir(parents=True)
    (root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (root / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    (root / ".gitignore").write_text(".pipeline/\n", encoding="utf-8")
    for number in range(count):
        name, text = article(number, chance)
        (root / "source_texts" / name).write_text(text, encoding="utf-8")


def approve(root: Path) -> None:
    """Do what two translators do: agree with every fourth article, and with parts of others."""
    for number, path in enumerate(sorted(root.glob(f"locales/{LOCALES[0]}/LC_MESSAGES/*.po"))):
        if number % 4 == 0:
            head, *rest = path.read_text(encoding="utf-8").split("\n\n")
            _save(path, [head, *(text.replace("#, fuzzy\n", "") for text in rest)])
    for number, path in enumerate(sorted(root.glob(f"locales/{LOCALES[1]}/LC_MESSAGES/*.po"))):
        if number % 3 == 0:
            head, *rest = path.read_text(encoding="utf-8").split("\n\n")
            done = [t.replace("#, fuzzy\n", "") if n % 2 else t for n, t in enumerate(rest)]
            _save(path, [head, *done])


def _save(path: Path, entries: Sequence[str]) -> None:
    path.write_text("\n\n".join(entries), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took."""

    wall: float
    cpu: float
    mib: float
    out: bytes


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run *command* in *folder*; what it says on both streams counts as its output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        out = said.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{out.decode(errors='replace')[-2000:]}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, out)


def counted(out: bytes) -> list[bytes]:
    """Return the lines of a run's output that count: what is settled it does not tell in others."""
    return [line for line in out.splitlines() if re.search(b"articles published|^Published", line)]


def repeated(
    name: str, command: Sequence[str], folder: Path, count: int, before: Callable[[], None]
) -> list[Cost]:
    """Run *command* once more than *count* times, each after *before*; print what it took."""
    found = []
    for _ in range(count + 1):
        before()
        found.append(cost(command, folder))
    found = found[1:]
    walls, cpus = sorted(c.wall for c in found), sorted(c.cpu for c in found)
    print(
        f"{name:34} wall {walls[0]:.2f} {statistics.median(walls):.2f} {walls[-1]:.2f} s"
        f"   CPU {cpus[0]:.2f} {statistics.median(cpus):.2f} {cpus[-1]:.2f} s"
        f"   {max(c.mib for c in found):.0f} MiB",
        flush=True,
    )
    return found


def digests(root: Path) -> dict[str, str]:
    """Return the contents and the times of all that the pipeline writes for people."""
    found: dict[str, str] = {}
    for name in ("locales", "localized", "source_texts"):
        for path in _files(root / name):
            key = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(root))] = f"{key} {path.stat().st_mtime_ns}"
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def part(root: Path, work: Path, count: int) -> Path:
    """Put the first *count* articles of *root* and what is made of them into *work*; return it."""
    for source in sorted((root / "source_texts").iterdir())[:count]:
        catalogs = root.glob(f"locales/*/LC_MESSAGES/{source.stem}.po")
        for path in (source, *catalogs, root / "pyproject.toml", root / "glossary.yaml"):
            copy = work / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return work


def po4a(root: Path, work: Path, catalog: str) -> list[str]:
    """Put the sources of *root* and a config for po4a into *work*; return the command.

    *catalog* is "$master" for a PO file of each article and locale, else a name for all articles.
    """
    shutil.copytree(root / "source_texts", work / "src")
    lines = [
        f"[po4a_langs] {' '.join(LOCALES)}",
        f"[po4a_paths] po/{catalog}.pot $lang:po/{catalog}.$lang.po",
    ]
    for path in sorted((work / "src").iterdir()):
        markup = 'opt:"-o markdown"' if path.suffix == ".md" else ""
        lines.append(f"[type: text] src/{path.name} $lang:out/$lang/{path.name} {markup}".rstrip())
    (work / "po4a.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    exact = ["--msgmerge-opt", "--no-fuzzy-matching"]  # its first run takes long enough without
    return ["po4a", "--quiet", "--keep", "0", *exact, "po4a.cfg"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument(
        "--peer", type=int, default=100, help="articles of which po4a has a PO file each"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--without", default="", help="record, po4a, git: skip these, by commas")
    options = parser.parse_args()
    without = options.without.split(",")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        project(root, options.articles, options.seed)
        run = [sys.executable, "-m", "pipeline", "run"]
        first = cost(run, root)
        approve(root)
        took_in = cost(run, root)
        sentences = sum(text.count('msgid "') for text in _texts(root)) // len(LOCALES)
        print(f"{options.articles} articles x {len(LOCALES)} locales, {sentences:,} sentences")
        print(f"{'first run, with drafting':34} wall {first.wall:.2f} s   {first.mib:.0f} MiB")
        print(f"{'run that takes in approvals':34} wall {took_in.wall:.2f} s")
        time.sleep(1.5)  # what was saved within a second is read again
        cost(run, root)
        before = digests(root)
        ours = repeated("pipeline run", run, root, options.repeats, lambda: None)
        if "record" not in without:
            full = repeated(
                "pipeline run without its record",
                run,
                root,
                min(3, options.repeats),
                lambda: shutil.rmtree(root / ".pipeline"),
            )
            if len({c.out for c in full}) + len({c.out for c in ours}) > 2:
                sys.exit("what is printed is not always the same")
            if not set(counted(ours[0].out)) <= set(counted(full[0].out)):
                sys.exit("the record changes the totals")
        if digests(root) != before:
            sys.exit("a run in which nothing changed wrote something")
        print(f"nothing was written; {len(ours[0].out):,} bytes printed")
        cpu = statistics.median(c.cpu for c in ours)
        wall = statistics.median(c.wall for c in ours)
        if "git" not in without:
            _commit(root)
            git = repeated("git status", ["git", "status"], root, options.repeats, lambda: None)
            _ratio("git status", git, wall, cpu)
        if "po4a" not in without and shutil.which("po4a"):
            _po4a(root, Path(folder) / "one", "all", ours, options.repeats)
            count = min(options.peer, options.articles)
            print(f"of the first {count} articles:")
            some = part(root, Path(folder) / "some", count)
            cost(run, some)
            time.sleep(1.5)
            ours = repeated("pipeline run", run, some, options.repeats, lambda: None)
            print("with a PO file for each of both:")
            _po4a(some, Path(folder) / "each", "$master", ours, options.repeats)


def _po4a(root: Path, work: Path, catalog: str, ours: Sequence[Cost], repeats: int) -> None:
    """Hold a run of *ours* in which nothing changed against po4a's, of the same articles."""
    wall, cpu = (statistics.median(c) for c in zip(*((o.wall, o.cpu) for o in ours), strict=True))
    work.mkdir()
    command = po4a(root, work, catalog)
    first = cost(command, work)
    print(f"{'po4a, first run':34} wall {first.wall:.2f} s   CPU {first.cpu:.2f} s")
    # po4a compares times of change: without this it takes its own files for old ones
    time.sleep(1.1)
    peer = repeated("po4a, one config", command, work, min(2, repeats), lambda: None)
    _ratio("po4a", peer, wall, cpu)
    forced = repeated("po4a --force", [*command, "--force"], work, 1, lambda: None)
    _ratio("po4a --force", forced, wall, cpu)


def _texts(root: Path) -> Iterator[str]:
    return (path.read_text(encoding="utf-8") for path in root.glob("locales/**/*.po"))


def _commit(root: Path) -> None:
    for command in (
        ["git", "init", "-q"],
        ["git", "add", "-A"],
        ["git", "-c", "user.name=b", "-c", "user.email=b@b.invalid", "commit", "-qm", "all"],
    ):
        subprocess.run(command, cwd=root, check=True, capture_output=True)
    time.sleep(1.1)


def _ratio(name: str, peer: Sequence[Cost], wall: float, cpu: float) -> None:
    other_wall = statistics.median(c.wall for c in peer)
    other_cpu = statistics.median(c.cpu for c in peer)
    print(f"  ours / {name}: wall {wall / other_wall:.3g}, CPU {cpu / other_cpu:.3g}")


if __name__ == "__main__":
    main()
