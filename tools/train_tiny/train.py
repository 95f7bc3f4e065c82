#!/usr/bin/env python3
"""Train a tiny Transformer for one language pair and pack it as an Argos Translate package.

The package is a test fixture: real enough to exercise the engine that loads it, small enough to
sit in the repository, and far too weak to be given to a user. README.md beside this file tells
what it was trained on and how well it does.

Run it again after an interruption and it goes on from the last checkpoint. ``--pack-only`` packs
the last checkpoint, also while another process is still training.
"""

import argparse
import contextlib
import json
import lzma
import math
import random
import re
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import ctranslate2
import numpy as np
import sacrebleu
import sentencepiece as spm
import torch
import torch.nn.functional as F
from ctranslate2.specs import TransformerSpec
from torch import Tensor, nn

Pair = tuple[str, str]
Ids = list[int]

ENGLISH = "en"
# The name, and the letters beyond ASCII that have to have pieces. A further language: a line more.
LANGUAGES = {
    ENGLISH: ("English", ""),
    "de": ("German", "äöüßÄÖÜ„‚‘"),
    "es": ("Spanish", "áéíóúüñÁÉÍÓÚÜÑ¿¡ºª"),
    "fr": ("French", "àâæçèéêëîïôœùûüÿÀÂÆÇÈÉÊËÎÏÔŒÙÛÜ"),
    "it": ("Italian", "àèéìíòóùúÀÈÉÌÒÙ"),
    "pt": ("Portuguese", "áâãàçéêíóôõúüÁÂÃÀÇÉÊÍÓÔÕÚºª"),
}
UNK, BOS, EOS, PAD = 0, 1, 2, 3
IGNORED = -100
LONGEST = 90  # pieces
LETTERS = "".join(map(chr, range(33, 127))) + "“”«»—–°€"
# The files have some French with a blank after the apostrophe: qu' il.
ELISION = re.compile(r"\b((?:[cdjlmnst]|jusqu|lorsqu|puisqu|qu)['’]) (?=\w)", re.IGNORECASE)
CONSONANTS = [*"bcdfghjklmnprstvwxyz", "br", "ch", "qu", "st", "th"]
VOWELS = [*"aeiou", "ai", "ou"]
# Instead of NFKC, whose table would take a twentieth of the package: blanks, the ellipsis, the
# apostrophe, and what is invisible.
CHANGES = {
    **dict.fromkeys("\t\n\r\u00a0\u2009\u202f", " "),
    **dict.fromkeys("\u00ad\u200b\ufeff", ""),
    "…": "...",
    "’": "'",
}
PACKAGE_README = """\
# Tiny {pair} model: a TEST FIXTURE

Made by `tools/train_tiny/train.py` for automated tests. It mistranslates freely. Do not use it to
translate anything that somebody will read.

{params:,} parameters, int8, trained {minutes:.0f} minutes on the CPU.
{scores}

{text}
"""
TEXT = (
    "Training text: {pair} pairs of the Tatoeba project (https://tatoeba.org, CC BY 2.0, by way of "
    "https://www.manythings.org/anki), and sampled pairs of 10 to 40 words"
)
# What the longer pairs are, by the language that is not English.
LONG = {
    "es": ": most are News-Commentary v11, the rest Debian web pages, Python documentation, "
    "Europarl, Open Contracting, Global Voices, GNOME, Tails, CrimethInc and others. The licences "
    "of the second group are mixed; News-Commentary and Europarl stated none where they were read.",
    "fr": ": most are Europarl, the rest Debian web pages, Canadian federal laws (Open Government "
    "Licence - Canada), Python documentation and others. The licences of the second group are "
    "mixed; Europarl stated none where it was read.",
}


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 3600
    width: int = 192
    heads: int = 4
    inner: int = 512
    encoder: int = 3
    decoder: int = 2


# --- Text -------------------------------------------------------------------------------------


def read_pairs(path: Path, source: str, target: str) -> list[Pair]:
    """Read a file of source TAB target; where one is English, the file has English first."""
    columns = [source, target] if target != ENGLISH else [target, source]
    pairs: list[Pair] = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) != 2 or not all(cells) or cells == columns:  # or the head of the table
                continue
            cells = [
                ELISION.sub(r"\1", cell) if code == "fr" else cell
                for code, cell in zip(columns, cells, strict=True)
            ]
            pairs.append((cells[columns.index(source)], cells[columns.index(target)]))
    return pairs


def key(text: str) -> str:
    """Return what two spellings of one sentence have in common."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def is_good_long(pair: Pair) -> bool:
    source, target = (len(side.split()) for side in pair)
    return (
        10 <= source <= 40
        and 0.6 <= target / source <= 1.7
        and all(side[-1] in ".?!”»\")'" and not re.search(r"[<>{}|\\]", side) for side in pair)
    )


def hold_out(pairs: list[Pair], count: int, rng: random.Random) -> list[Pair]:
    """Choose pairs for evaluation, no source sentence twice."""
    chosen = {key(pair[0]): pair for pair in rng.sample(pairs, min(len(pairs), 2 * count))}
    return list(chosen.values())[:count]


def without(pairs: list[Pair], held: list[Pair]) -> list[Pair]:
    """Drop each pair that has either side of a held-out pair."""
    sources, targets = ({key(pair[side]) for pair in held} for side in (0, 1))
    return [p for p in pairs if key(p[0]) not in sources and key(p[1]) not in targets]


def rare_token(rng: random.Random) -> str:
    """Invent something that a translation has to copy: a name, a number, an address, a sign."""

    def word() -> str:
        syllables = rng.randint(2, 4)
        return "".join(
            rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables)
        ) + rng.choice(["", "n", "r", "s", "ck", "l"])

    kind = rng.random()
    if kind < 0.35:
        return word().capitalize()
    if kind < 0.70:
        number = str(rng.randint(1, 10 ** rng.randint(1, 6)))
        return number + rng.choice(["", "", "", "%", f".{rng.randint(0, 99)}"])
    if kind < 0.78:
        return str(rng.randint(1700, 2100))
    if kind < 0.90:
        address = f"{word()}.{rng.choice(['org', 'net', 'com', 'info'])}"
        address = rng.choice(["", "https://", "https://www."]) + address
        return address + rng.choice(["", f"/{word()}", f"/{word()}/{rng.randint(1, 99)}"])
    return chr(rng.choice([rng.randint(0x4E00, 0x9FA0), rng.randint(0x2600, 0x26FF)]))


def copying_pairs(pairs: list[Pair], count: int, rng: random.Random) -> list[Pair]:
    """Make pairs out of real ones in which both sides share a name or number: change it."""
    made: list[Pair] = []
    pattern = re.compile(r"\b(?:[A-Z][a-z]{2,}|\d{2,})\b")
    for source, target in rng.sample(pairs, len(pairs)):
        if len(made) == count:
            break
        shared = [t for t in dict.fromkeys(pattern.findall(source)) if t in target]
        if shared:
            old = re.compile(rf"\b{rng.choice(shared)}\b")
            new = rare_token(rng)
            made.append((old.sub(new, source), old.sub(new, target)))
    return made


def typographic(pair: Pair, rng: random.Random) -> Pair:
    """Give some pairs the quotation marks of printed text."""
    if rng.random() > 0.3:
        return pair
    source, target = (re.sub(r'"([^"]+)"', r"“\1”", side) for side in pair)
    return source, target


def prepare(args: argparse.Namespace, run: Path) -> None:
    """Write the pieces' model, the training ids and the held-out text."""
    rng = random.Random(args.seed)
    codes = (args.source, args.target)
    short = read_pairs(args.tatoeba, *codes)
    long = [pair for pair in read_pairs(args.long, *codes) if is_good_long(pair)]
    held = hold_out(short, 1000, rng)
    held_long = hold_out(long, 300, rng)
    short = without(short, held + held_long)
    long = without(long, held + held_long)
    long = rng.sample(long, min(len(long), args.long_pairs))
    real = short + long
    pairs = real + copying_pairs(real, round(args.copying * len(real)), rng)
    pairs = [typographic(pair, rng) for pair in pairs]
    seen = {key(source) for source, _ in pairs}
    assert not any(key(source) in seen for source, _ in held + held_long)
    print(f"{len(short)} short pairs, {len(long)} long, {len(pairs)} in all", flush=True)

    rules = run / "normalization.tsv"
    rules.write_text(
        "".join(f"{ord(a):X}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in CHANGES.items())
    )

    with contextlib.chdir(run):  # the model keeps the names that it is given: no paths
        spm.SentencePieceTrainer.train(
            sentence_iterator=(side for pair in real for side in typographic(pair, rng)),
            model_prefix="sentencepiece",
            vocab_size=Shape().vocabulary,
            normalization_rule_tsv=rules.name,
            character_coverage=0.9995,
            required_chars="".join(
                dict.fromkeys(LETTERS + "".join(LANGUAGES[c][1] for c in codes))
            ),
            split_digits=True,
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            pad_piece="<blank>",
            num_threads=args.threads,
            minloglevel=1,
        )
    pieces = spm.SentencePieceProcessor(model_file=str(run / "sentencepiece.model"))
    sources = [[*ids, EOS] for ids in pieces.encode([source for source, _ in pairs])]
    targets = [[BOS, *ids, EOS] for ids in pieces.encode([target for _, target in pairs])]
    kept = [
        (source, target)
        for source, target in zip(sources, targets, strict=True)
        if len(source) <= LONGEST and len(target) <= LONGEST
    ]
    (run / "held.json").write_text(json.dumps({"codes": codes, "short": held, "long": held_long}))
    (run / "ids.json").write_text(json.dumps(kept))


def batches(data: list[tuple[Ids, Ids]], tokens: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield one shuffled pass. A batch has sources of one length only, so nothing masks them."""
    rng = random.Random(seed)
    by_length: dict[int, list[tuple[Ids, Ids]]] = {}
    for pair in data:
        by_length.setdefault(len(pair[0]), []).append(pair)
    groups: list[list[tuple[Ids, Ids]]] = []
    for length, pairs in by_length.items():
        rng.shuffle(pairs)
        pairs.sort(key=lambda pair: len(pair[1]) + rng.random() * 2)
        size = max(1, tokens // (length + 2))
        groups += [pairs[i : i + size] for i in range(0, len(pairs), size)]
    rng.shuffle(groups)
    for group in groups:
        longest = max(len(target) for _, target in group)
        source = torch.tensor([source for source, _ in group])
        target = torch.tensor([t + [IGNORED] * (longest - len(t)) for _, t in group])
        yield source, target


# --- Model ------------------------------------------------------------------------------------


class Attention(nn.Module):
    """Project as CTranslate2 does: query, key and value together, or query and memory apart."""

    def __init__(self, width: int, heads: int, crossed: bool) -> None:
        super().__init__()
        sizes = [width, 2 * width, width] if crossed else [3 * width, width]
        self.linear = nn.ModuleList(nn.Linear(width, size) for size in sizes)
        self.heads = heads

    def forward(self, x: Tensor, memory: Tensor | None = None, causal: bool = False) -> Tensor:
        if memory is None:
            q, k, v = self.linear[0](x).chunk(3, -1)
        else:
            q = self.linear[0](x)
            k, v = self.linear[1](memory).chunk(2, -1)
        q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        out: Tensor = self.linear[-1](y.transpose(1, 2).flatten(2))
        return out


class Layer(nn.Module):
    def __init__(self, shape: Shape, crossed: bool) -> None:
        super().__init__()
        self.causal = crossed
        self.self_norm = nn.LayerNorm(shape.width)
        self.self_attention = Attention(shape.width, shape.heads, crossed=False)
        if crossed:
            self.cross_norm = nn.LayerNorm(shape.width)
            self.cross_attention = Attention(shape.width, shape.heads, crossed=True)
        self.ffn_norm = nn.LayerNorm(shape.width)
        self.ffn_in = nn.Linear(shape.width, shape.inner)
        self.ffn_out = nn.Linear(shape.inner, shape.width)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        x = x + self.self_attention(self.self_norm(x), causal=self.causal)
        if memory is not None:
            x = x + self.cross_attention(self.cross_norm(x), memory)
        out: Tensor = x + self.ffn_out(F.relu(self.ffn_in(self.ffn_norm(x))))
        return out


class Transformer(nn.Module):
    positions: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.encoder = nn.ModuleList(Layer(shape, crossed=False) for _ in range(shape.encoder))
        self.decoder = nn.ModuleList(Layer(shape, crossed=True) for _ in range(shape.decoder))
        self.encoder_norm = nn.LayerNorm(shape.width)
        self.decoder_norm = nn.LayerNorm(shape.width)
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))
        self.scale = math.sqrt(shape.width)
        half = shape.width // 2
        steps = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
        angles = torch.arange(1, 513)[:, None] * steps  # CTranslate2 counts from 1
        sines = torch.cat([angles.sin(), angles.cos()], 1)
        self.register_buffer("positions", sines, persistent=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.embedding.weight, std=shape.width**-0.5)

    def embed(self, ids: Tensor) -> Tensor:
        out: Tensor = self.embedding(ids) * self.scale + self.positions[: ids.shape[1]]
        return out

    def encode(self, source: Tensor) -> Tensor:
        x = self.embed(source)
        for layer in self.encoder:
            x = layer(x)
        out: Tensor = self.encoder_norm(x)
        return out

    def decode(self, memory: Tensor, target: Tensor) -> Tensor:
        x = self.embed(target)
        for layer in self.decoder:
            x = layer(x, memory)
        return F.linear(self.decoder_norm(x), self.embedding.weight, self.bias)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(self.encode(source), target)

    @torch.no_grad()
    def greedy(self, source: Ids, longest: int = 120) -> Ids:
        memory = self.encode(torch.tensor([source]))
        ids = [BOS]
        while len(ids) < longest and ids[-1] != EOS:
            ids.append(int(self.decode(memory, torch.tensor([ids]))[0, -1].argmax()))
        return [i for i in ids if i not in (BOS, EOS)]


# --- Training ---------------------------------------------------------------------------------


class Courtesy:
    """Leave a core to whoever else works on the machine.

    Two threads wait for each other at every product, so where this niced process gets one core
    and the crumbs of another, one thread is several times as fast as two.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.read = time.monotonic()
        self.user = self.jiffies()

    def jiffies(self) -> int:
        """Return what has run un-niced, in hundredths of a second."""
        return int(Path("/proc/stat").read_text().split(maxsplit=2)[1])

    def look(self) -> None:
        now = time.monotonic()
        if self.threads > 1 and now - self.read > 0.5:
            user = self.jiffies()
            busy = (user - self.user) / 100 / (now - self.read)
            torch.set_num_threads(1 if busy > 0.3 else self.threads)
            self.read, self.user = now, user


def train(args: argparse.Namespace, run: Path) -> None:
    torch.manual_seed(args.seed)
    data = json.loads((run / "ids.json").read_text())
    shape = Shape()
    model = Transformer(shape)
    average = Transformer(shape)
    average.load_state_dict(model.state_dict())
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=args.rate, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01, fused=True
    )
    step, passes, spent, tokens = 0, 0, 0.0, 0
    checkpoint = run / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, passes, spent, tokens = (state[k] for k in ("step", "passes", "spent", "tokens"))
        passes += 1  # the pass that was cut off is not finished but begun anew
        print(f"going on from step {step}, {spent / 60:.1f} minutes", flush=True)

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "average": average.state_dict(),
            "optimizer": optimizer.state_dict(),
            "shape": asdict(shape),
            "step": step,
            "passes": passes,
            "spent": spent,
            "tokens": tokens,
        }
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    budget = args.minutes * 60
    saved = logged = before = time.monotonic()
    losses: list[float] = []
    logged_tokens = tokens
    courtesy = Courtesy(args.threads)
    while spent < budget:
        for source, target in batches(data, args.batch, args.seed + passes):
            courtesy.look()
            left = 1 - spent / budget
            for group in optimizer.param_groups:
                group["lr"] = args.rate * min((step + 1) / args.warmup, 0.02 + 0.98 * left)
            inputs = target[:, :-1].clamp(min=0)
            logits = model(source, inputs)
            loss = F.cross_entropy(
                logits.flatten(0, 1),
                target[:, 1:].flatten(),
                ignore_index=IGNORED,
                label_smoothing=0.1,
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            tokens += int((target[:, 1:] != IGNORED).sum())
            losses.append(loss.item())
            with torch.no_grad():
                torch._foreach_lerp_(
                    list(average.parameters()),
                    list(model.parameters()),
                    1 - min(0.999, (1 + step) / (10 + step)),
                )
            now = time.monotonic()
            spent += now - before
            before = now
            if now - logged > 30:
                print(
                    f"{spent / 60:5.1f} min  pass {passes}  step {step}  "
                    f"loss {np.mean(losses):.3f}  {(tokens - logged_tokens) / (now - logged):.0f} "
                    f"tokens/s  {tokens / 1e6:.1f} M",
                    flush=True,
                )
                logged, logged_tokens, losses = now, tokens, []
            if now - saved > 120:
                save()
                saved = now
            if spent >= budget:
                break
        else:
            passes += 1
    save()


# --- Package ----------------------------------------------------------------------------------


def fill(spec: TransformerSpec, model: Transformer) -> None:
    """Hand PyTorch's weights to CTranslate2's specification."""

    def array(tensor: Tensor) -> np.ndarray:
        copied: np.ndarray = tensor.detach().numpy().copy()
        return copied

    def linear(to: object, of: nn.Module) -> None:
        to.weight, to.bias = array(of.weight), array(of.bias)  # type: ignore[attr-defined]

    def norm(to: object, of: nn.Module) -> None:
        to.gamma, to.beta = array(of.weight), array(of.bias)  # type: ignore[attr-defined]

    def attention(to: object, of: Attention, before: nn.LayerNorm) -> None:
        norm(to.layer_norm, before)  # type: ignore[attr-defined]
        for part, module in zip(to.linear, of.linear, strict=True):  # type: ignore[attr-defined]
            linear(part, module)

    # Three equal arrays: optimize() keeps the first and makes the others its aliases.
    spec.encoder.embeddings[0].weight = array(model.embedding.weight)
    spec.decoder.embeddings.weight = array(model.embedding.weight)
    spec.decoder.projection.weight = array(model.embedding.weight)
    spec.decoder.projection.bias = array(model.bias)
    norm(spec.encoder.layer_norm, model.encoder_norm)
    norm(spec.decoder.layer_norm, model.decoder_norm)
    for half, layers in ((spec.encoder, model.encoder), (spec.decoder, model.decoder)):
        for to, of in zip(half.layer, layers, strict=True):
            attention(to.self_attention, of.self_attention, of.self_norm)
            if half is spec.decoder:
                attention(to.attention, of.cross_attention, of.cross_norm)
            norm(to.ffn.layer_norm, of.ffn_norm)
            linear(to.ffn.linear_0, of.ffn_in)
            linear(to.ffn.linear_1, of.ffn_out)


def convert(model: Transformer, shape: Shape, pieces: spm.SentencePieceProcessor, to: Path) -> None:
    spec = TransformerSpec.from_config(
        (shape.encoder, shape.decoder),
        shape.heads,
        pre_norm=True,
        alignment_layer=-1,
        alignment_heads=0,  # the average of all heads
    )
    fill(spec, model)
    vocabulary = [pieces.id_to_piece(i) for i in range(shape.vocabulary)]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize(quantization="int8")
    to.mkdir(parents=True)
    spec.save(str(to))


def translator(model: Path, pieces: spm.SentencePieceProcessor) -> Callable[..., list[str]]:
    engine = ctranslate2.Translator(str(model), device="cpu", intra_threads=1)

    def translate(sentences: list[str], beam: int = 4) -> list[str]:
        results = engine.translate_batch(
            pieces.encode(sentences, out_type=str),
            beam_size=beam,
            replace_unknowns=True,
            max_batch_size=64,
        )
        return [pieces.decode_pieces(result.hypotheses[0]) for result in results]

    return translate


def pack(args: argparse.Namespace, run: Path) -> None:
    """Convert the averaged weights, measure them, check them against PyTorch, zip them."""
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    shape = Shape(**state["shape"])
    model = Transformer(shape).eval()
    model.load_state_dict(state["average"])
    pieces = spm.SentencePieceProcessor(model_file=str(run / "sentencepiece.model"))
    held = json.loads((run / "held.json").read_text())
    source, target = held["codes"]
    pair = f"{LANGUAGES[source][0]}-{LANGUAGES[target][0]}"
    path = args.out / f"tiny-{source}_{target}.argosmodel"
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch) / f"translate-tiny-{source}_{target}-0_1"
        convert(model, shape, pieces, top / "model")
        translate = translator(top / "model", pieces)
        lines = []
        for name, label in (("short", "Tatoeba"), ("long", "longer")):
            texts, references = zip(*held[name], strict=True)
            output = translate(list(texts))
            bleu = sacrebleu.corpus_bleu(output, [references]).score
            chrf = sacrebleu.corpus_chrf(output, [references]).score
            lines.append(
                f"On {len(output):,} held-out {label} sentences: BLEU {bleu:.1f}, chrF {chrf:.1f}."
            )
        sample = [text for text, _ in held["short"][:100] + held["long"][:30]]
        mine = [pieces.decode(model.greedy([*pieces.encode(s), EOS])) for s in sample]
        theirs = translate(sample, beam=1)
        same = sum(a == b for a, b in zip(mine, theirs, strict=True))
        close = sacrebleu.corpus_chrf(theirs, [mine]).score
        scores = "\n".join(lines)
        print(
            f"step {state['step']}, {state['spent'] / 60:.1f} minutes, "
            f"{state['tokens'] / 1e6:.1f} M target tokens\n{scores}\n"
            f"int8 and PyTorch, greedy: {same} of {len(sample)} equal, chrF {close:.1f}"
        )
        params = sum(p.numel() for p in model.parameters())
        metadata = {
            "package_version": "0.1",
            "argos_version": "1.9",
            "from_code": source,
            "from_name": LANGUAGES[source][0],
            "to_code": target,
            "to_name": LANGUAGES[target][0],
            "note": "TEST FIXTURE: a tiny model for automated tests, not for translating anything",
        }
        (top / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n")
        minutes = state["spent"] / 60
        text = TEXT.format(pair=pair) + LONG.get(source if target == ENGLISH else target, ".")
        text = textwrap.fill(text, 100, break_on_hyphens=False)
        (top / "README.md").write_text(
            PACKAGE_README.format(
                pair=pair, params=params, minutes=minutes, scores=scores, text=text
            )
        )
        (top / "sentencepiece.model").write_bytes((run / "sentencepiece.model").read_bytes())
        args.out.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(part for part in top.rglob("*") if part.is_file()):
                member = zipfile.ZipInfo(str(part.relative_to(scratch)))
                member.compress_type = zipfile.ZIP_DEFLATED
                member.external_attr = 0o644 << 16
                archive.writestr(member, part.read_bytes(), compresslevel=9)
    print(f"{path}: {path.stat().st_size:,} bytes, {params:,} parameters")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", choices=LANGUAGES, default="en")
    parser.add_argument("--target", choices=LANGUAGES, default="es")
    parser.add_argument("--tatoeba", type=Path, help="short pairs, English TAB other, .xz")
    parser.add_argument("--long", type=Path, help="longer pairs, the same form")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="folder for the package")
    parser.add_argument("--pack-only", action="store_true", help="pack the last checkpoint")
    parser.add_argument("--minutes", type=float, default=50, help="training time, all runs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--long-pairs", type=int, default=70_000)
    parser.add_argument("--copying", type=float, default=0.03, help="share of copying pairs")
    parser.add_argument("--batch", type=int, default=1500, help="source tokens in a batch")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--warmup", type=int, default=400, help="steps")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    args.run.mkdir(parents=True, exist_ok=True)
    if not args.pack_only:
        if not (args.run / "ids.json").exists():
            if not args.tatoeba or not args.long:
                parser.error("--tatoeba and --long are needed to prepare the data")
            prepare(args, args.run)
        if json.loads((args.run / "held.json").read_text())["codes"] != [args.source, args.target]:
            parser.error(f"{args.run} holds another pair")
        train(args, args.run)
    pack(args, args.run)


if __name__ == "__main__":
    main()
