"""Figures of terminology: whether a draft says what the glossary says, and what that costs.

    .venv/bin/python benchmarks/terminology.py tico        # TICO-19, its terms as a glossary
    .venv/bin/python benchmarks/terminology.py toy         # the same on everyday sentences
    .venv/bin/python benchmarks/terminology.py agreement   # article, adjective, ... around a term
    .venv/bin/python benchmarks/terminology.py kept        # names and protected pieces, exactly

Engines: Argos with the tiny models of the tests (es, fr), or with the packages in --packages; and
Apertium. Each prints a table and a verdict; with --strict it exits with 1 where an aim is missed.
The same choice of sentences and the same models give the same figures, times apart.

tico: TICO-19 in ``tico19/`` of --data, dev and test (3,071 pairs; the file does not say which is
which, and nothing was tuned on either); how its lists are cleaned, and where genders come from, is
told in terminology_lists.py. Of the sentences that have terms, --limit are taken by --seed.

- none: no constraints. Everything else is compared with that.
- proper: the terms that the reference says, as WMT25's proper mode; no genders: the same without.
- swapped: each noun gets the target of another and its own is forbidden: obedience, not luck. A
  made-up dictionary serves no reference, so there is no chrF.

toy: the same with everyday nouns in sentences of Tatoeba (es, fr): where a small model is what sets
the limit on TICO-19, this shows what the method does.

success: WMT25's term success rate (items of a sentence whose target is there as a string or as
lemmas; simplemma for Stanza; the plural that the constraint has counts too). accuracy: occurrences,
whole words, each word once. over: occurrences beyond those wanted and those in the reference.
forbidden: places that say what must not be said. kept: names letter for letter. consistency: share
of an entry's occurrences in its commonest wording. determiners: those right before a term that have
its gender and number, of those that show any, where the gender is known. natural to missing: what
the engine says of itself; unfounded: how often that is not so. chrF2++ and BLEU: sacrebleu's, on
these sentences.

kept: an engine may lose a piece, which the pipeline sees, and asks again in another way; so the aim
is for the drafts that are offered to people, and those that are left empty are counted.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # run as a file, from a checkout

import terminology_agreement as agreement
import terminology_kept as kept
import terminology_lists as lists
import terminology_toy as toy
from engines_common import MODELS, ROOT, Aim, Missing, Setting, install, table, verdict
from terminology_measure import (
    NoScores,
    consistency,
    corpus_scores,
    occurrences,
    says_any,
    succeeds,
)

from pipeline.engines.base import (
    Engine,
    Hypothesis,
    Segment,
)

MET = ("natural", "chosen", "forced", "spliced", "missing")
SUCCESS = 0.99
"""The best system of WMT25 reached 0.991 from English to Spanish, 6.4 chrF2++ above its own run
without terms."""
LENGTHS = ((1, 12), (13, 25), (26, 999))
"""In words of the source; the tiny models are made for the first."""


@dataclass(frozen=True, slots=True)
class Run:
    """What an engine made of some sentences, and what there is to say of it."""

    drafts: list[str]
    seconds: float
    """A sentence."""
    items: int
    success: float
    accuracy: float
    over: int
    forbidden: int
    kept: tuple[int, int]
    consistency: float
    determiners: tuple[int, int]
    met: Counter[str]
    unfounded: int
    wrong: list[str]


def translated(
    engine: Engine, segments: Sequence[Segment], locale: str
) -> tuple[list[Hypothesis], float]:
    """Return the first hypotheses, and seconds a sentence."""
    start = time.perf_counter()
    answers = engine.translate(segments, "en", locale)
    took = time.perf_counter() - start
    first = [its[0] if its else Hypothesis("") for its in answers]
    return first, took / max(1, len(segments))


def measured(
    sentences: Sequence[lists.Sentence],
    first: Sequence[Hypothesis],
    seconds: float,
    locale: str,
    *,
    forbidding: bool,
) -> Run:
    language = locale.partition("_")[0]
    items = hits = wanted_all = found_all = over = forbidden = unfounded = 0
    right_kept = all_kept = fitting = determiners = 0
    met: Counter[str] = Counter()
    said_ways: list[tuple[str, Sequence[str], int]] = []
    wrong = []
    for sentence, hypothesis in zip(sentences, first, strict=True):
        draft = hypothesis.text
        wanted = sentence.wanted(language)
        found = occurrences(draft, wanted, language)
        fitting += found.determiners[0]
        determiners += found.determiners[1]
        there = occurrences(sentence.reference, wanted, language).counts
        missed = []
        for entry, want, count, ways, known in zip(
            sentence.entries(), wanted, found.counts, found.renderings, there, strict=True
        ):
            items += 1
            success = any(succeeds(draft, form, language) for form in want.forms)
            hits += success
            if not success:
                missed.append(want.forms[0])
            wanted_all += want.times
            found_all += min(count, want.times)
            over += max(0, count - max(want.times, known))
            said_ways.append((f"{entry.source}: {entry.target}", ways, want.times))
            if entry.keep:
                all_kept += want.times
                right_kept += min(want.times, draft.count(want.forms[0]))
        if forbidding:
            bad = [way for item in sentence.items for way in item.constraint.forbid]
            found_here = says_any(draft, dict.fromkeys(bad), language, found.taken)
            forbidden += found_here
            if found_here:
                wrong.append(f"forbidden {'; '.join(bad)}: {sentence.source} → {draft}")
        met.update(hypothesis.terms)
        if hypothesis.terms:
            claimed = sum(one != "missing" for one in hypothesis.terms)
            lacking = max(0, claimed - sum(found.counts))
            unfounded += lacking
            if lacking:
                told = [want.forms[0] for want in wanted]
                wrong.append(f"unfounded {'; '.join(told)}: {sentence.source} → {draft}")
        if missed:
            wrong.append(f"no {'; '.join(missed)}: {sentence.source} → {draft}")
    return Run(
        [one.text for one in first],
        seconds,
        items,
        hits / items if items else 1.0,
        found_all / wanted_all if wanted_all else 1.0,
        over,
        forbidden,
        (right_kept, all_kept),
        consistency(said_ways, language),
        (fitting, determiners),
        met,
        unfounded,
        wrong,
    )


Told = tuple[list[Aim], list[str]]
"""Aims, and lines about what is wrong."""


def tico(engine: Engine, locale: str, options: argparse.Namespace) -> Told:
    """Print the figures on TICO-19 of one engine and language."""
    known, told = lists.entries(options.data, locale)
    its = lists.genders(options.data, locale, known)
    known = lists.with_genders(known, its)
    everything, sizes = lists.proper(lists.pairs(options.data, locale), known, locale)
    sentences = _some(everything, options)
    print(
        f"## {engine.signature('en', locale)}: TICO-19, en to {locale}\n\n"
        f"List: {told['rows']} rows, {told['entries']} entries ({told['left out']} left out, "
        f"{told['twice']} twice, {told['plural of another']} plurals of another), "
        f"{sum(bool(entry.gender) for entry in known)} with a gender of "
        f"{sum(entry.pos == 'noun' and not entry.keep for entry in known)} nouns. "
        f"{sizes['occurrences in the source']} occurrences in the source, "
        f"{sizes['occurrences']} of them in the reference: {sizes['items']} items in "
        f"{sizes['sentences']} sentences, of which {len(sentences)} are taken.\n"
    )
    return figures(engine, locale, sentences, options, "TICO-19")


def everyday(engine: Engine, locale: str, options: argparse.Namespace) -> Told:
    """Print the figures on Tatoeba of one engine and language."""
    everything = toy.sentences(options.data, locale)
    sentences = _some(everything, options)
    print(
        f"## {engine.signature('en', locale)}: Tatoeba, en to {locale}\n\n"
        f"{len(toy.nouns(locale))} nouns; {len(everything)} sentences of "
        f"{toy.WORDS[0]} to {toy.WORDS[1]} words, of which {len(sentences)} are taken.\n"
    )
    return figures(engine, locale, sentences, options, "toy")


def _some(everything: list[lists.Sentence], options: argparse.Namespace) -> list[lists.Sentence]:
    chance = random.Random(options.seed)
    taken = sorted(chance.sample(range(len(everything)), min(options.limit, len(everything))))
    return [everything[n] for n in taken]


def figures(
    engine: Engine,
    locale: str,
    sentences: Sequence[lists.Sentence],
    options: argparse.Namespace,
    name: str,
) -> Told:
    """Translate without and with terms, and print what that makes."""
    genderless = lists.without_genders(sentences)

    def run(which: Sequence[lists.Sentence], *, constrained: bool, forbidding: bool = False) -> Run:
        segments = [
            Segment(
                one.source,
                constraints=tuple(i.constraint for i in one.items) if constrained else (),
            )
            for one in which
        ]
        first, seconds = translated(engine, segments, locale)
        return measured(which, first, seconds, locale, forbidding=forbidding)

    translated(engine, [Segment("It is a warm day.")], locale)  # loads the model
    plain = run(sentences, constrained=False)
    proper = run(sentences, constrained=True)
    runs = {
        "none": plain,
        "proper": proper,
        "proper, no genders": run(genderless, constrained=True),
    }
    swapped = lists.swapped(sentences, plain.drafts, locale, options.seed)
    of_swapped = {one.source: one for one in swapped}
    base = [
        Hypothesis(text)
        for one, text in zip(sentences, plain.drafts, strict=True)
        if one.source in of_swapped
    ]
    runs["swapped, none"] = measured(swapped, base, plain.seconds, locale, forbidding=True)
    obeyed = runs["swapped"] = run(swapped, constrained=True, forbidding=True)
    scores = _scores(runs, [one.reference for one in sentences])
    table(
        [
            "constraints", "items", "success", "accuracy", "over", "forbidden", "kept",
            "consistency", "determiners", *MET, "unfounded", "chrF2++", "BLEU", "s a sentence",
        ],
        [[name, *_cells(its), *_score_cells(scores.get(name)), f"{its.seconds:.3f}"]
         for name, its in runs.items()],
    )  # fmt: skip
    _by_length(sentences, plain, proper, locale)
    forbidden = obeyed.forbidden
    pair = f"{name} {engine.name} en-{locale}"
    aims = [
        Aim(f"{pair} success", f"{proper.success:.3f}", "≥ 0.99", proper.success >= SUCCESS),
        Aim(f"{pair} swapped", f"{obeyed.success:.3f}", "≥ 0.99", obeyed.success >= SUCCESS),
        Aim(f"{pair} forbidden", str(forbidden), "0", forbidden == 0),
    ]
    if scores:
        before, after = scores["none"][0], scores["proper"][0]
        aims.append(
            Aim(f"{pair} chrF2++", f"{after - before:+.2f}", "not below none", after >= before)
        )
    elif options.strict:
        aims.append(Aim(f"{pair} chrF2++", "no sacrebleu", "not below none", met=False))
    return aims, [f"proper: {line}" for line in proper.wrong] + [
        f"swapped: {line}" for line in obeyed.wrong
    ]


def _cells(run: Run) -> list[str]:
    looked = bool(run.met)
    return [
        str(run.items),
        f"{run.success:.4f}",
        f"{run.accuracy:.4f}",
        str(run.over),
        str(run.forbidden),
        "{}/{}".format(*run.kept),
        f"{run.consistency:.3f}",
        "{}/{}".format(*run.determiners),
        *(str(run.met[way]) if looked else "" for way in MET),
        str(run.unfounded) if looked else "",
    ]


def _score_cells(scores: tuple[float, float] | None) -> list[str]:
    return [f"{one:.2f}" for one in scores] if scores else ["", ""]


def _scores(
    runs: dict[str, Run], references: Sequence[str]
) -> dict[str, tuple[float, float]]:  # of the runs that have all sentences
    try:
        return {
            name: corpus_scores(run.drafts, references)
            for name, run in runs.items()
            if not name.startswith("swapped")
        }
    except NoScores as error:
        print(f"{error}\n", file=sys.stderr)
        return {}


def _by_length(sentences: Sequence[lists.Sentence], plain: Run, proper: Run, locale: str) -> None:
    """Print the same by the length of the sentence: what is the model's limit, and what ours."""
    rows = []
    for least, most in LENGTHS:
        which = [n for n, s in enumerate(sentences) if least <= len(s.source.split()) <= most]
        if not which:
            continue
        part = [sentences[n] for n in which]
        both = [
            measured(part, [Hypothesis(run.drafts[n]) for n in which], 0, locale, forbidding=False)
            for run in (plain, proper)
        ]
        scores = _scores({"none": both[0], "proper": both[1]}, [one.reference for one in part])
        rows.append(
            [
                f"{least} to {most}" if most < 999 else f"{least} and more",
                str(len(part)),
                str(both[0].items),
                *(f"{one.success:.4f}" for one in both),
                *_score_cells(scores.get("none"))[:1],
                *_score_cells(scores.get("proper"))[:1],
            ]
        )
    table(
        ["words", "sentences", "items", "success, none", "proper", "chrF2++, none", "proper"], rows
    )


def agrees(engine: Engine, name: str, locale: str) -> tuple[list[Aim], list[str], list[str]]:
    """Return the row of one engine and language, its aim, and what is wrong."""
    none = agreement.judge(engine, name, locale, constrained=False)
    some = agreement.judge(engine, name, locale, constrained=True)
    right = sum(one.right for one in some)
    covers = agreement.by_cover(some)
    row = [
        f"{engine.name} {locale}",
        f"{sum(one.said for one in none)}",
        f"{sum(one.right for one in none)}",
        f"{sum(one.said for one in some)}",
        f"{right}",
        str(len(some)),
        f"{right / len(some):.1%}",
        *("{}/{}".format(*covers[cover]) for cover in sorted(covers)),
    ]
    wrong = [
        f"{'wrong' if one.said else 'no term'}: {one.case.english} → {one.draft} "
        f"(wanted: {one.case.right[agreement.LOCALES[locale]]})"
        for one in some
        if not one.right
    ]
    share = right / len(some)
    aim = Aim(
        f"{engine.name} {locale} {name}",
        f"{right}/{len(some)}",
        f"≥ {agreement.AIM:.0%}",
        share >= agreement.AIM,
    )
    return [aim], row, wrong


def keeps(engine: Engine, locale: str) -> tuple[list[Aim], list[str], list[str]]:
    at_engine = kept.names_at_engine(engine, locale), kept.pieces_at_engine(engine, locale)
    (names, no_names), (pieces, no_pieces) = (
        kept.in_pipeline(engine, locale, words) for words in (kept.NAMES, kept.PIECES)
    )
    every = (*at_engine, names, pieces)
    cells = [f"{one.right}/{one.total}" for one in every]
    row = [f"{engine.name} {locale}", *cells[:3], str(no_names), cells[3], str(no_pieces)]
    what = ("names, engine", "pieces, engine", "names, drafts", "pieces, drafts")
    aims = [
        Aim(f"{engine.name} {locale} {name}", cell, "all", one.right == one.total)
        for name, cell, one in zip(what[2:], cells[2:], every[2:], strict=True)
    ]
    wrong = [f"{name}: {line}" for name, one in zip(what, every, strict=True) for line in one.wrong]
    return aims, row, wrong


def engines(options: argparse.Namespace) -> list[Engine]:
    """Load what is asked for; the tiny models are unpacked where nothing else is named."""
    found: list[Engine] = []
    for name in options.engine or ("argos", "apertium"):
        if name == "argos":
            packages = options.packages or install(
                sorted(MODELS.glob("tiny-*.argosmodel")), options.work / "packages"
            )
            os.environ.update(Setting(options.data, options.work, 1).environment(packages))
            from pipeline.engines.argos.engine import (
                ArgosEngine,  # makes folders, as it is told above
            )

            found.append(ArgosEngine(folders=[packages]))
        else:
            from pipeline.engines.apertium.engine import ApertiumEngine

            found.append(ApertiumEngine())
    return found


def pairs(options: argparse.Namespace, locales: Iterable[str]) -> list[tuple[Engine, str]]:
    found = []
    for engine in engines(options):
        for locale in options.locale or locales:
            if engine.serves("en", locale):
                found.append((engine, locale))
            else:
                print(f"{engine.name} does not serve en-{locale} here: left out", file=sys.stderr)
    if not found:
        raise Missing("no engine serves any of these languages")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["tico", "toy", "agreement", "kept", "all"])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--work", type=Path, default=ROOT / ".pipeline" / "bench")
    parser.add_argument("--packages", type=Path, help="a folder of installed Argos packages")
    parser.add_argument("--engine", action="append", choices=["argos", "apertium"])
    parser.add_argument("--locale", action="append", choices=["es", "fr", "pt", "pt_BR", "it"])
    parser.add_argument(
        "--limit", type=int, default=500, help="sentences of TICO-19 or Tatoeba (500)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if an aim is missed")
    options = parser.parse_args()
    try:
        met = _work(options)
    except Missing as error:
        sys.exit(f"Error: {error}")
    sys.exit(1 if options.strict and not met else 0)


def _work(options: argparse.Namespace) -> bool:
    aims: list[Aim] = []
    wrong: list[str] = []
    asked = options.command
    if asked in {"agreement", "all"}:
        served = pairs(options, agreement.LOCALES)
        for name in agreement.SETS:
            rows = []
            for engine, locale in served:
                if locale in agreement.LOCALES:
                    more, row, lines = agrees(engine, name, locale)
                    rows.append(row)
                    aims += more
                    wrong += [f"{name} {row[0]}: {line}" for line in lines]
            cases = agreement.load(name)[1]
            covers = sorted({cover for case in cases for cover in case.covers})
            print(f"## {name}.yaml: sentences that are right, without constraints and with\n")
            head = ["", "term, none", "right, none", "term", "right", "of", "share", *covers]
            table(head, rows)
    if asked in {"kept", "all"}:
        rows = []
        for engine, locale in pairs(options, ("es", "fr", "pt_BR", "it")):
            more, row, lines = keeps(engine, locale)
            rows.append(row)
            aims += more
            wrong += [f"{row[0]}: {line}" for line in lines]
        print("## Names and protected pieces that came back exactly\n")
        head = ["", "names, engine", "pieces, engine", "names, drafts", "empty"]
        table([*head, "pieces, drafts", "empty"], rows)
    if asked in {"tico", "all"}:
        for engine, locale in pairs(options, ("es", "fr", "pt_BR", "pt")):
            if locale in lists.LISTS:
                more, lines = tico(engine, locale, options)
                aims += more
                wrong += [f"{engine.name} {locale}: {line}" for line in lines]
    if asked in {"toy", "all"}:
        for engine, locale in pairs(options, toy.NOUNS):
            if locale in toy.NOUNS:
                more, lines = everyday(engine, locale, options)
                aims += more
                wrong += [f"{engine.name} {locale}: {line}" for line in lines]
    if options.wrong:
        print("\n".join(wrong) + "\n")
    return verdict(aims)


if __name__ == "__main__":
    main()
