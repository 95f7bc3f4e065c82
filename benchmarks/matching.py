"""The glossary: terms found in source and reference of TICO-19, traps, and the time of a sentence.

Lists: of each locale, the terms of ../shared/data/tico19/terminology (made by Facebook) as a
glossary of words and their translations, nothing else declared; a term whose translation is the
same word is left out. Sentences: the translation memories of the same data, 3,071 per pair.

Source: places where a term stands. There is no list of the true ones, so all are counted, and
those that exact matching (the letters, any capitals, whole words) finds too.
Reference: of the places found, how many have the term in the human translation, by lemma, exactly
as whole words, and as a part of the text in any capitals, which is how WMT 2025 counted. As people
did not translate with this list, no number can reach 1; the difference between the three is the
point. An accidental hit is estimated by looking for the same terms in the translation of another
sentence, in which the term does not stand.

Traps: own cases, in TRAPS below: words that must be found, and words that must not.

Time: CPU microseconds of `Glossary.hints` for a sentence not seen before, with entries made of
the words of the sentences; and of what must be paid once.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import random
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a file, from a checkout that is not installed

from pipeline.terminology.glossary import (
    Glossary,
    Target,
    Term,
    renderings,
)
from pipeline.terminology.glossary_file import parse
from pipeline.terminology.matching import (
    Rule,
    occurrences,
)
from pipeline.text import lemmas

TERMS = {
    "es": ("f_en-es_XX", "tm.en-es-419"),
    "fr": ("f_en-fr_XX", "tm.en-fr"),
    "pt": ("f_en-pt_XX", "tm.en-pt-BR"),
    "ru": ("f_en-ru_RU", "tm.en-ru"),
    "ar": ("f_en-ar_AR", "tm.en-ar"),
}

Trap = tuple[str, str, str, str, int]
"""Language, rule, wording, text, and how often it stands there."""

TRAPS: tuple[Trap, ...] = (
    # English
    ("en", "lemma", "rebel", "The rebels met another rebel.", 2),
    ("en", "lemma", "rebel", "a rebellion against rebellious dockers", 0),
    ("en", "lemma", "strike", "Strikes spread; the STRIKE goes on.", 2),
    ("en", "lemma", "strike", "They were striking, and lightning struck.", 0),
    ("en", "lemma", "party", "Two parties met.", 1),
    ("en", "lemma", "woman", "women’s and a woman's", 2),
    ("en", "lemma", "shop steward", "Shop\u00a0stewards and a shop-steward.", 2),
    ("en", "lemma", "shop steward", "the shop. Steward the money", 0),
    ("en", "lemma", "workers' council", "the workers’ councils", 1),
    ("en", "lemma", "union", "the anti-union law, re-union, the reunion", 0),
    ("en", "lemma", "left", "They leave the building.", 0),
    ("en", "lemma", "can", "They can't and cannot.", 0),
    ("en", "lemma", "building", "They build houses.", 0),
    ("en", "lemma", "tariff", "see https://tariff.example/tariff and tariff@ferry.example", 0),
    ("en", "exact", "UN", "un amigo, Un, UNO, the UNited", 0),
    ("en", "lemma", "right to strike", "the rights to strike", 1),
    # Spanish
    ("es", "lemma", "régimen", "los regímenes y el Régimen", 2),
    ("es", "lemma", "ataque aéreo", "ataques aéreos", 1),
    ("es", "lemma", "estado", "Los estados estaban aquí; estamos bien.", 1),
    ("es", "lemma", "caso", "la casa se casó, casi", 0),
    ("es", "lemma", "parte", "los partidos partieron", 0),
    ("es", "cased", "Siria", "los sirios y el sirio", 0),
    ("es", "cased", "Naciones Unidas", "de las Naciones Unidas, las naciones unidas", 1),
    ("es", "lemma", "huelga", "una huelga, las Huelgas, huelguistas", 2),
    ("es", "lemma", "derecho de huelga", "los derechos de huelga", 1),
    # French
    ("fr", "lemma", "eau", "l’eau, d'eau, des eaux, un seau, beau", 3),
    ("fr", "lemma", "droit à l'eau", "les droits à l’eau", 1),
    ("fr", "lemma", "syndicat", "les syndicats, le syndical, syndiqué", 1),
    ("fr", "lemma", "force", "forcer, forcé", 0),
    ("fr", "lemma", "grève", "aggraver, grever", 0),
    ("fr", "lemma", "délégué syndical", "déléguée syndicale et délégués syndicaux", 2),
    ("fr", "exact", "ONU", "onu, ONUSIDA", 0),
    ("fr", "lemma", "état d'urgence", "l’état d’urgence, les états d'urgence", 2),
    # Portuguese
    ("pt", "lemma", "sanção", "as sanções", 1),
    ("pt", "lemma", "greve", "greves; agrava, grave", 1),
    ("pt", "lemma", "direito à greve", "o direito à greve, direitos da greve", 1),
    ("pt", "lemma", "caso", "a casa, casou-se", 0),
    ("pt", "lemma", "estado", "estão, estava; os estados", 1),
    ("pt", "lemma", "mercadoria", "mercadorias, mercado", 1),
    ("pt", "cased", "Síria", "um sírio", 0),
    ("pt", "lemma", "delegado sindical", "delegados sindicais", 1),
    # Italian
    ("it", "lemma", "sciopero", "gli scioperi, scioperare, scioperante", 1),
    ("it", "lemma", "acqua", "dell’acqua, le acque, acquisto", 2),
    ("it", "lemma", "stato", "gli stati; sono, è, erano", 1),
    ("it", "lemma", "diritto umano", "i diritti umani", 1),
    ("it", "lemma", "parte", "partire, i partiti", 0),
    ("it", "lemma", "dazio", "i dazi", 1),
    ("it", "exact", "OIL", "oil, Oil", 0),
    ("it", "lemma", "caso", "la casa, i casi", 1),
    # German
    ("de", "lemma", "Gewerkschaft", "Gewerkschaften, der Gewerkschaft", 2),
    ("de", "lemma", "Krankenhaus", "in Krankenhäusern; das Haus, krank", 1),
    ("de", "lemma", "Tarifvertrag", "die Tarifverträge und des Tarifvertrags", 2),
    ("de", "lemma", "Streik", "STREIKS; streiken, streikte", 1),
    ("de", "lemma", "Arbeiter", "die Arbeit, arbeiten; den Arbeitern", 1),
    ("de", "lemma", "soziale Sicherheit", "der sozialen Sicherheit", 1),
    ("de", "exact", "EU", "EU-Kommission, eu, Reue", 1),
    ("de", "lemma", "Recht", "rechts; Rechte", 1),
    # Russian
    ("ru", "lemma", "повстанец", "повстанцы и повстанцев; восстание", 2),
    ("ru", "lemma", "забастовка", "забастовок, о забастовке, ЗАБАСТОВКИ", 3),
    ("ru", "lemma", "право человека", "прав человека; правительство человека", 1),
    ("ru", "lemma", "профсоюз", "профсоюзов, профсоюзный", 1),
    ("ru", "cased", "Организация Объединённых Наций", "в Организации Объединенных Наций", 1),
    ("ru", "exact", "ООН", "оон, ЮНЕСКО", 0),
    ("ru", "lemma", "мир", "мира; мерить, умирать", 1),
    ("ru", "lemma", "вода", "воды, водка, водитель", 1),
    # Arabic
    ("ar", "lemma", "نقابة", "النقابة ونقابة", 2),
    ("ar", "lemma", "إضراب", "الإضراب، الاضراب", 2),
    ("ar", "lemma", "ماء", "المياه، بالمياه", 2),
    ("ar", "lemma", "عامل", "العمال، للعمال", 2),
    ("ar", "lemma", "وباء", "الوباء؛ بوابة", 1),
    ("ar", "lemma", "لقاح", "اللقاحات", 1),
    ("ar", "lemma", "حق", "حقيبة، أحمق", 0),
    ("ar", "lemma", "فيروس", "والفيروس، فَيْروسات", 2),
)


def terms(folder: Path, locale: str) -> Glossary:
    targets: dict[str, list[str]] = {}
    name = folder / "terminology" / f"{TERMS[locale][0]}.csv"
    with name.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            source, target = row["sourceString"].strip(), row["targetString"].strip()
            if source and target and source.lower() != target.lower():
                targets.setdefault(source, []).append(target)
    return Glossary(
        tuple(
            Term(source, targets={locale: Target(its[0], forms=tuple(its[1:]))})
            for source, its in targets.items()
        )
    )


def sentences(folder: Path, locale: str) -> list[tuple[str, str]]:
    with lzma.open(folder / f"{TERMS[locale][1]}.tsv.xz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(row[0], row[1]) for row in rows[1:] if len(row) > 1 and row[0] and row[1]]


def figures(folder: Path, locale: str) -> None:
    glossary, pairs = terms(folder, locale), sentences(folder, locale)
    chance = random.Random(4)
    places = exact = by_lemma = by_word = by_part = accidents = tried = 0
    for n, (source, target) in enumerate(pairs):
        for hit in glossary.find(source):
            its = hit.term.targets[locale].wordings
            places += 1
            exact += source[hit.start : hit.end].lower() == hit.term.term.lower()
            by_lemma += bool(renderings(target, hit.term, locale))
            by_word += bool(occurrences(target, its, locale, Rule.FOLDED))
            by_part += any(one.casefold() in target.casefold() for one in its)
            other = chance.randrange(len(pairs))
            if other != n and all(h.term is not hit.term for h in glossary.find(pairs[other][0])):
                tried += 1
                accidents += bool(renderings(pairs[other][1], hit.term, locale))
    print(
        f"{locale}: {len(glossary.terms)} terms, {places} places in the source ({exact} exact);"
        f" in the reference {by_lemma / places:.3f} by lemma, {by_word / places:.3f} exact words,"
        f" {by_part / places:.3f} as a part; in another sentence {accidents / tried:.3f}"
    )


def traps() -> None:
    hits = missed = false = exactly = exactly_false = 0
    for language, rule, wording, text, wanted in TRAPS:
        found = len(occurrences(text, [wording], language, Rule(rule), "noun"))
        plain = len(occurrences(text, [wording], language, Rule.FOLDED))
        hits += wanted
        missed += max(0, wanted - found)
        false += max(0, found - wanted)
        exactly += max(0, wanted - plain)
        exactly_false += max(0, plain - wanted)
        if found != wanted:
            print(f"  trap: {language} “{wording}” in “{text}”: {found}, not {wanted}")
    print(
        f"traps: {len(TRAPS)} texts with {hits} hits; {missed} missed, {false} false;"
        f" exact matching: {exactly} missed, {exactly_false} false"
    )


def made(texts: Sequence[str], size: int, chance: random.Random) -> Glossary:
    """Return a glossary of *size* entries, made of one to three words of the texts in a row."""
    found: dict[str, Term] = {}
    while len(found) < size:
        words = chance.choice(texts).split()
        at, count = chance.randrange(len(words)), chance.choice((1, 2, 2, 3))
        wording = " ".join(words[at : at + count]).strip(".,;:()")
        if len(wording) > 3 and wording[-1].isalpha():
            found.setdefault(wording, Term(wording, targets={"es": Target(wording[::-1])}))
    return Glossary(tuple(found.values()))


def timed(texts: Sequence[str]) -> None:
    chance = random.Random(4)
    for size in (10, 1_000, 10_000):
        glossary = made(texts, size, chance)
        begun = time.process_time()
        glossary.find(texts[0])
        first = time.process_time() - begun
        begun = time.process_time()
        hits = sum(len(glossary.hints(text, "es")) for text in texts)
        cold = (time.process_time() - begun) / len(texts) * 1e6
        begun = time.process_time()
        for text in texts:
            Glossary.hints(glossary, text, "fr")
        again = (time.process_time() - begun) / len(texts) * 1e6
        print(
            f"{size:,} entries: first sentence {first * 1000:.0f} ms, then {cold:.0f} µs for a new"
            f" one ({hits / len(texts):.1f} hints each), {again:.0f} µs in the next locale"
        )


def cold_start() -> None:
    begun = time.process_time()
    lemmas.lemma("ferries", "en")
    print(f"English data: {(time.process_time() - begun) * 1000:.0f} ms")
    lines = ["terms:"]
    for n in range(1000):
        lines.append(f"  - {{term: term number{n}, targets: {{es: término {n}, fr: terme {n}}}}}")
    begun = time.process_time()
    parse("\n".join(lines))
    print(f"reading 1,000 short entries: {(time.process_time() - begun) * 1000:.0f} ms")


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "tico19")
    parser.add_argument("locales", nargs="*", default=list(TERMS))
    given = parser.parse_args(None if arguments is None else list(arguments))
    cold_start()
    traps()
    if not given.data.is_dir():
        print(f"{given.data} is missing: no figures of real texts; give --data", file=sys.stderr)
        return 1
    timed([source for source, _ in sentences(given.data, "es")])
    for locale in given.locales:
        figures(given.data, locale)
    return 0


if __name__ == "__main__":
    sys.exit(main())
