"""The stage before training: from files of pairs to ids, pieces and held-out sentences."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sentencepiece as spm

from pipeline.engines.argos.vocabulary import words_of
from pipeline.engines.terms.annotate import MARKS
from tools.train import data, mix
from tools.train.align import Aligner
from tools.train.data import BOS, EOS, PAD, UNK
from tools.train.errors import TrainError
from tools.train.files import write_json, write_whole
from tools.train.languages import LANGUAGES, LETTERS
from tools.train.terms import Phrase, Row, Swaps, phrases, with_terms
from tools.train.text import Excluded, Pair, key, read_pairs, sieve

BACK = "<bt>"
"""The first piece of a source that a machine wrote (Caswell et al., WMT 2019)."""
# Instead of NFKC, whose table would take space in the package: blanks, the ellipsis, the
# apostrophe, and what is invisible.
NORMAL = {
    **dict.fromkeys("\t\n\r\u00a0\u2009\u202f", " "),
    **dict.fromkeys("\u00ad\u200b\ufeff", ""),
    "…": "...",
    "’": "'",
}
WORDS_OF = "words.{}.txt"
VOCABULARY_LINES = 400_000


@dataclass(frozen=True)
class Sources:
    """What a model into one language is made of."""

    pairs: tuple[Path, ...]
    back: tuple[Path, ...] = ()
    """Pairs whose source a machine wrote."""


@dataclass(frozen=True)
class Settings:
    source: str
    targets: tuple[str, ...]
    vocabulary: int
    longest: int = 128
    """Pieces of a side."""
    limit: int = 0
    """Pairs of each file at most, chosen at random; 0: all."""
    terms: float = 0.5
    """Copies with terms, as a share of the pairs."""
    swapped: float = 0.25
    """Share of the one-word terms that are another word than the text had."""
    held: int = 1000
    shares: Mapping[str, float] = field(default_factory=lambda: dict(mix.SHARES))
    seed: int = 7


def token(target: str) -> str:
    """Return the piece that asks for a language, where a model knows several."""
    return f">>{target}<<"


def taught(folder: Path, target: str) -> list[str]:
    """Return the words of a target that *folder* has, which `prepare` made."""
    path = folder / WORDS_OF.format(target)
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError as error:
        raise TrainError(f"{path} cannot be read: {error.strerror}; prepare first") from error


def prepare(
    settings: Settings,
    sources: Mapping[str, Sources],
    exclude: Iterable[Path],
    folder: Path,
    digest: str,
    threads: int = 1,
    known: Path | None = None,
) -> None:
    """Write ids.xz, held.xz, held.json, sentencepiece.model and about.json to *folder*.

    And words.es.txt, or of what the target is: its words, a line each. *known* is the
    sentencepiece.model of another run, to be taken instead of learning one.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "about.json").unlink(missing_ok=True)  # nothing is prepared until it is there again
    rng = random.Random(settings.seed)
    excluded = Excluded(exclude)
    rows: dict[str, list[Row]] = {}
    held: dict[str, list[tuple[Row, list[Phrase]]]] = {}
    counts: dict[str, object] = {}
    for target in settings.targets:
        rows[target], held[target], words, counts[target] = _rows(
            settings, target, sources[target], excluded, rng
        )
        write_whole(folder / WORDS_OF.format(target), "".join(f"{word}\n" for word in words))
    if known:
        write_whole(folder / "sentencepiece.model", known.read_bytes())
    else:
        learn_pieces(settings, rows, folder, rng, threads)
    pieces = spm.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    kept, long = _encoded(settings, rows, pieces)
    rng.shuffle(kept)
    data.write(folder / "ids.xz", kept)
    few = {target: [row for row, _ in its[:300]] for target, its in held.items()}
    data.write(folder / "held.xz", _encoded(settings, few, pieces)[0])
    write_json(
        folder / "held.json",
        {
            target: [[row.source, row.target, found] for row, found in its]
            for target, its in held.items()
        },
    )
    told = {
        "digest": digest,
        "source": settings.source,
        "targets": list(settings.targets),
        "vocabulary": pieces.get_piece_size(),
        "rows": len(kept),
        "too long": long,
        "source tokens": sum(len(source) for source, _ in kept),
        "target tokens": sum(len(target) - 1 for _, target in kept),
        "counts": counts,
        "seconds": round(time.monotonic() - began),
    }
    write_json(folder / "about.json", told)
    size = (folder / "ids.xz").stat().st_size / (1 << 20)
    print(
        f"prepare: {len(kept):,} rows, {told['target tokens']:,} target tokens, {size:.1f} MiB, "
        f"{told['seconds']} s",
        flush=True,
    )


def _rows(
    settings: Settings, target: str, its: Sources, excluded: Excluded, rng: random.Random
) -> tuple[list[Row], list[tuple[Row, list[Phrase]]], list[str], dict[str, object]]:
    codes = (settings.source, target)
    told: dict[str, object] = {}
    pairs: list[Pair] = []
    for path in its.pairs:
        read = _some(list(read_pairs(path, *codes)), settings.limit, rng)
        told[f"read from {path.name}"] = len(read)
        pairs += read
    pairs, out = sieve(pairs, excluded)
    if not pairs:
        raise TrainError(f"no pair of {', '.join(map(str, its.pairs))} is fit to learn from: {out}")
    told["left out"] = dict(out.most_common())
    rng.shuffle(pairs)
    hold = {key(source): (source, text) for source, text in pairs[: 2 * settings.held]}
    chosen = list(hold.values())[: min(settings.held, len(pairs) // 10)]
    mine = Excluded()
    for pair in chosen:
        mine.add(pair)
    pairs = [pair for pair in pairs if pair not in mine]
    told["pairs"] = len(pairs)
    print(f"prepare: {'-'.join(codes)}: {len(pairs):,} pairs, left out: {told['left out']}",
          flush=True)  # fmt: skip

    aligner = Aligner(pairs)
    common = aligner.common(0), aligner.common(1)

    def found(pair: Pair) -> list[Phrase]:
        return phrases(*pair, aligner.links(*pair), common)

    rows = [mix.typographic(Row(*pair), rng) for pair in pairs]
    termed = list(_termed(settings, target, pairs, found, rng))
    told["with terms"] = len(termed)
    variants, made = mix.varied(rows + termed, codes, rng, settings.shares)
    told["variants"] = made
    back: list[Pair] = []
    for path in its.back:
        back += _some(list(read_pairs(path, *codes)), settings.limit, rng)
    back, out = sieve(back, Excluded())
    back = [pair for pair in back if pair not in mine and pair not in excluded]
    told["back-translated"] = len(back)
    rows += termed + variants + [Row(*pair, back=True) for pair in back]
    words = known_words(text for _, text in pairs + back)
    return rows, [(Row(*pair), found(pair)) for pair in chosen], words, told


def known_words(texts: Iterable[str]) -> list[str]:
    """Return the words that are there more than once, which most errors of typing are not."""
    counts = Counter(word for text in texts for word in words_of(text))
    return sorted(word for word, count in counts.items() if count > 1)


def _some(pairs: list[Pair], limit: int, rng: random.Random) -> list[Pair]:
    return rng.sample(pairs, limit) if 0 < limit < len(pairs) else pairs


def _termed(
    settings: Settings,
    target: str,
    pairs: Sequence[Pair],
    found: object,
    rng: random.Random,
) -> Iterator[Row]:
    """Yield copies of pairs with terms; of some, a word is swapped for one seen before."""
    assert callable(found)
    swaps = Swaps()
    wanted = round(settings.terms * len(pairs))
    for pair in rng.sample(pairs, len(pairs)) if wanted else ():
        if len(pair[0]) > 400:
            continue
        its: list[Phrase] = found(pair)
        row = with_terms(*pair, its, target, rng, swaps=swaps, swapped=settings.swapped)
        for phrase in its:
            swaps.add(pair[1][slice(*phrase.target)])
        if row:
            yield row
            wanted -= 1
            if not wanted:
                return


def learn_pieces(
    settings: Settings,
    rows: Mapping[str, Sequence[Row]],
    folder: Path,
    rng: random.Random,
    threads: int,
) -> None:
    """Write sentencepiece.model: the marks of terms and the placeholders are a piece each."""
    text = [side for its in rows.values() for row in its if not row.terms for side in row[:2]]
    text = rng.sample(text, min(len(text), VOCABULARY_LINES))
    codes = (settings.source, *settings.targets)
    several = len(settings.targets) > 1
    rules = "".join(
        f"{ord(a):X}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in NORMAL.items()
    )
    with contextlib.chdir(folder):  # the model keeps the names that it is given: no paths
        Path("normalization.tsv").write_text(rules, encoding="utf-8")
        spm.SentencePieceTrainer.train(
            sentence_iterator=iter(text),
            model_prefix="sentencepiece",
            vocab_size=settings.vocabulary,
            hard_vocab_limit=False,
            normalization_rule_tsv="normalization.tsv",
            character_coverage=0.9995,
            required_chars="".join(
                dict.fromkeys(LETTERS + "".join(LANGUAGES[code].letters for code in codes))
            ),
            user_defined_symbols=[*MARKS, *mix.PLACEHOLDERS],
            control_symbols=[BACK, *(token(code) for code in settings.targets if several)],
            split_digits=True,
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            pad_piece="<blank>",
            num_threads=threads,
            minloglevel=1,
        )


def _encoded(
    settings: Settings, rows: Mapping[str, Sequence[Row]], pieces: spm.SentencePieceProcessor
) -> tuple[list[tuple[data.Ids, data.Ids]], int]:
    """Return the rows as ids, and how many were too long."""
    kept: list[tuple[data.Ids, data.Ids]] = []
    long = 0
    back = pieces.piece_to_id(BACK)
    for target, its in rows.items():
        first = [BOS]
        if len(settings.targets) > 1:
            first.append(pieces.piece_to_id(token(target)))
        sources = pieces.encode([row.text() for row in its])
        targets = pieces.encode([row.target for row in its])
        for row, source, said in zip(its, sources, targets, strict=True):
            ids = ([back] * row.back + source + [EOS], first + said + [EOS])
            if len(ids[0]) > settings.longest or len(ids[1]) > settings.longest:
                long += 1
            else:
                kept.append(ids)
    return kept, long
