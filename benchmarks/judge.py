"""How often `pipeline.checks.draft` faults human translations, and how often spoilt ones.

The thresholds were chosen on every other line of the data (`--half tune`), from the first on; the
lines between are measured unless told otherwise. Data: FLORES-200 devtest, from English and between
close languages; TICO-19; a sample of Tatoeba. Many rows of TICO-19 in French hold the translation
of another sentence, so it has a column of its own and is not in the sum.

A spoilt draft is a human translation with one kind of damage; it counts as found if something is
said of it that is not said of the translation itself.
"""

from __future__ import annotations

import argparse
import lzma
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, from a checkout that is not installed

from pipeline.checks import compare
from pipeline.checks.base import Subject, SubjectKind
from pipeline.checks.draft import EXACT
from pipeline.checks.findings import faults
from pipeline.checks.registry import checks_of

FLORES = {
    "en": "eng_Latn",
    "es": "spa_Latn",
    "fr": "fra_Latn",
    "pt_BR": "por_Latn",
    "it": "ita_Latn",
    "de": "deu_Latn",
    "ar": "arb_Arab",
    "ru": "rus_Cyrl",
    "ca": "cat_Latn",
}
CLOSE = (("es", "pt_BR"), ("pt_BR", "es"), ("es", "ca"), ("fr", "it"), ("ru", "es"), ("ar", "fr"))
TICO = {"es": "es-419", "fr": "fr", "pt_BR": "pt-BR", "ru": "ru", "ar": "ar"}


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, its human translation, and the same in some other language; "" if none."""

    source: str
    target: str
    other: str
    language: str
    locale: str


@dataclass(frozen=True, slots=True)
class Set:
    name: str
    rows: list[Row]


def sets(folder: Path, half: int) -> Iterator[Set]:
    """Give the rows of each data set and pair; *half* 0: from the first line on, 1: the others."""
    texts = {
        code: (folder / "flores200" / f"devtest.{name}.txt").read_text("utf-8").splitlines()
        for code, name in FLORES.items()
    }
    pairs = [("en", code) for code in FLORES if code != "en"]
    for one, two in (*pairs, *CLOSE):
        third = next(code for code in FLORES if code not in {"en", one, two})
        found = zip(texts[one], texts[two], texts[third], strict=True)
        yield Set("FLORES-200", [Row(*row, one, two) for row in found][half::2])
    for locale, code in TICO.items():
        pairs_of = read(folder / "tico19" / f"tm.en-{code}.tsv.xz")
        name = "TICO-19 fr" if locale == "fr" else "TICO-19"
        yield Set(name, [Row(*row, "", "en", locale) for row in pairs_of][half::2])
    for locale in ("es", "fr"):
        pairs_of = read(folder / "tatoeba" / f"tatoeba.en-{locale}.tsv.xz")
        random.Random(1).shuffle(pairs_of)
        yield Set("Tatoeba", [Row(*row, "", "en", locale) for row in pairs_of[:20_000]][half::2])


def read(path: Path) -> list[tuple[str, str]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return [(row[0], row[1]) for row in rows[1:]]


Spoilt = tuple[str, str, tuple[str, ...]]
"""Source, draft and names."""
Damage = Callable[[Row, random.Random], Spoilt | None]


def _draft(row: Row, words: list[str]) -> Spoilt:
    return row.source, " ".join(words), ()


def word_loop(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.target.split()
    at = dice.randrange(len(words))
    if not words[at].isalpha():
        return None
    return _draft(row, words[:at] + [words[at]] * dice.randint(3, 8) + words[at + 1 :])


def phrase_loop(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.target.split()
    size = dice.randint(2, 6)
    if len(words) < size + 2:
        return None
    at = dice.randrange(len(words) - size)
    unit = words[at : at + size]
    return _draft(row, words[:at] + unit * dice.randint(2, 6) + words[at + size :])


def stutter(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.target.split()
    at = dice.randrange(len(words))
    if not words[at].isalpha() or len(words[at]) < 4:
        return None
    words[at] = words[at][:2] + words[at][2:4] * dice.randint(4, 12)
    return _draft(row, words)


def doubled(row: Row, dice: random.Random) -> Spoilt | None:
    return row.source, f"{row.target} {row.target}", ()


def noise(row: Row, dice: random.Random) -> Spoilt | None:
    said = dice.choice(("(applause)", "[Music]", "♪", "(Risas)", "[Inaudible]", "(laughter)"))
    if re.search(r"[(\[]", row.source):
        return None
    return row.source, dice.choice((f"{said} {row.target}", f"{row.target} {said}")), ()


def copy(row: Row, dice: random.Random) -> Spoilt | None:
    return (row.source, row.source, ()) if len(row.source.split()) > 3 else None


def half_copy(row: Row, dice: random.Random) -> Spoilt | None:
    one, two = row.source.split(), row.target.split()
    if len(one) < 10:
        return None
    return _draft(row, two[: len(two) // 2] + one[len(one) // 2 :])


def other_language(row: Row, dice: random.Random) -> Spoilt | None:
    return (row.source, row.other, ()) if row.other else None


def one_word_in_another_script(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.target.split()
    words[dice.randrange(len(words))] = dice.choice(("現在", "ትርጉም", "मौसम"))
    return _draft(row, words)


def cut_to_a_quarter(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.target.split()
    return _draft(row, words[: len(words) // 4]) if len(words) >= 16 else None


def cut_to_one_word(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.target.split()
    return _draft(row, words[:1]) if len(words) >= 8 else None


def goes_on(row: Row, dice: random.Random) -> Spoilt | None:
    """The sentence, and then twice as much of its words in another order."""
    words = row.target.split()
    more = words * 2
    dice.shuffle(more)
    return _draft(row, words + more) if len(words) >= 4 else None


def nothing(row: Row, dice: random.Random) -> Spoilt | None:
    return row.source, dice.choice(("", ".", "…", "- -")), ()


def number_changed(row: Row, dice: random.Random) -> Spoilt | None:
    found = [m.start() for m in re.finditer(r"\d", row.target)]
    if not found or compare.numbers(row.source) != compare.numbers(row.target):
        return None
    at = dice.choice(found)
    digit = dice.choice([d for d in "0123456789" if d != row.target[at]])
    return row.source, row.target[:at] + digit + row.target[at + 1 :], ()


def link_lost(row: Row, dice: random.Random) -> Spoilt | None:
    return f"{row.source} See [it](https://norvela.example/{dice.randrange(99)}).", row.target, ()


def emphasis_lost(row: Row, dice: random.Random) -> Spoilt | None:
    words = row.source.split()
    at = dice.randrange(len(words))
    if not words[at].isalpha():
        return None
    words[at] = f"**{words[at]}**"
    return " ".join(words), row.target, ()


def brand_lost(row: Row, dice: random.Random) -> Spoilt | None:
    name = dice.choice(("YouTube", "NorvelaBank", "COVID-21", "F-16", "iFerry", "H9N7"))
    return f"{row.source} {name}", row.target, ()


def glossary_name_lost(row: Row, dice: random.Random) -> Spoilt | None:
    both = {w for w in row.source.split() if w.istitle()} & set(row.target.split())
    if not both:
        return None
    name = dice.choice(sorted(both))
    return row.source, row.target.replace(name, ""), (name,)


DAMAGES: tuple[Damage, ...] = (
    word_loop,
    phrase_loop,
    stutter,
    doubled,
    noise,
    copy,
    half_copy,
    other_language,
    one_word_in_another_script,
    cut_to_a_quarter,
    cut_to_one_word,
    goes_on,
    nothing,
    number_changed,
    link_lost,
    emphasis_lost,
    brand_lost,
    glossary_name_lost,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--half", choices=("report", "tune"), default="report")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print so many examples of each check")
    options = parser.parse_args()
    if not (options.data / "flores200").is_dir():
        parser.error(f"no data in {options.data}: give the folder that holds flores200 with --data")
    data = list(sets(options.data, 1 if options.half == "report" else 0))
    alarms(data, options.show)
    print()
    found(data, options.seed, options.show)


def alarms(data: list[Set], show: int) -> None:
    """Print of how many human translations in 1,000 each check finds fault."""
    checks = checks_of(SubjectKind.DRAFT)
    exact = {check.id for check in EXACT}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    spent: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    for part in data:
        for row in part.rows:
            pair = (row.language, row.locale)
            case = Subject(SubjectKind.DRAFT, row.source, row.target, *pair)
            said = set()
            for check in checks:
                start = time.perf_counter()
                explanations = list(check.find(case))
                spent[check.id] += round((time.perf_counter() - start) * 1e9)
                if explanations:
                    said.add(check.id)
                    line = f"{row.locale}: {explanations[0]}\n    {row.source}\n    {row.target}"
                    examples[check.id].append(line)
            guessed = ["all guesses"] if said - exact else []
            counts[part.name].update((*said, *guessed, "rows"))
    rows = sum(c["rows"] for c in counts.values())
    sound = (c for name, c in counts.items() if name != "TICO-19 fr")
    counts["sum"] = sum(sound, Counter[str]())
    print("False alarms, number (per cent); microseconds a sentence")
    print(f"{'':16}" + "".join(f"{name:>17}" for name in counts) + f"{'µs':>8}")
    print(f"{'rows':16}" + "".join(f"{c['rows']:17,}" for c in counts.values()))
    for name in (*(check.id for check in checks), "all guesses"):
        cells = (f"{c[name]} ({c[name] / c['rows']:.3%})" for c in counts.values())
        each = spent[name] / rows / 1000 or spent.total() / rows / 1000
        print(f"{name:16}" + "".join(f"{cell:>17}" for cell in cells) + f"{each:8.1f}")
    for name, lines in examples.items() if show else ():
        print(f"\n{name}:")
        print("\n".join(random.Random(1).sample(lines, min(show, len(lines)))))


def found(data: list[Set], seed: int, show: int) -> None:
    """Print how many spoilt drafts something is said of."""
    dice = random.Random(seed)
    print(f"{'spoilt drafts found':28}" + "".join(f"{n:>20}" for n in ("FLORES-200", "all")))
    for damage in DAMAGES:
        hits: Counter[str] = Counter()
        made: Counter[str] = Counter()
        missed = []
        for part in data:
            for row in dice.sample(part.rows, min(300, len(part.rows))):
                spoilt = damage(row, dice)
                if spoilt is None:
                    continue
                pair = (row.language, row.locale)
                before = set(faults(row.source, row.target, *pair))
                hit = bool({*faults(*spoilt[:2], *pair, spoilt[2])} - before)
                made.update((part.name, "all"))
                hits.update((part.name, "all") if hit else ())
                if not hit:
                    missed.append(f"    {row.locale}: {spoilt[0]}\n    {spoilt[1]}")
        cells = (
            f"{hits[n]}/{made[n]} ({hits[n] / made[n]:.1%})" if made[n] else ""
            for n in ("FLORES-200", "all")
        )
        print(f"{damage.__name__.replace('_', ' '):28}" + "".join(f"{cell:>20}" for cell in cells))
        for line in random.Random(1).sample(missed, min(show, len(missed))):
            print(line)


if __name__ == "__main__":
    main()
