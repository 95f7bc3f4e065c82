"""Training of packages: tools/train.

What needs no PyTorch runs always. The whole way, from text to a package that Argos installs, runs
where ``PIPELINE_TRAIN`` names a Python that has tools/train's requirements (tools/train/README.md
says how to make one); it takes a minute.
"""

from __future__ import annotations

import functools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import types
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.argos.vocabulary import (
    WORDS,
    words_of,
)
from pipeline.engines.terms.annotate import (
    MARKS,
    annotate,
)

sys.path.append(str(ROOT))

from tools.train import align, backtranslate, card, data, mix, parts, terms, text
from tools.train.errors import TrainError
from tools.train.files import stage

NOUNS = """
    worker trabajador m obrera f; teacher maestra f profesor m; river río m ría f;
    house casa f vivienda f; village aldea f pueblo m; harbour puerto m dársena f;
    letter carta f escrito m; bridge puente m viaducto m; union sindicato m gremio m;
    school escuela f colegio m; road camino m carretera f; field campo m pradera f;
    factory fábrica f planta f; garden jardín m huerta f; ship barco m nave f;
    lamp lámpara f farol m; farm granja f cortijo m; market mercado m plaza f
"""
"""Each with two words that it can be: which of them only a term tells."""
ADJECTIVES = "old viejo; new nuevo; red rojo; small pequeño; broken roto; quiet tranquilo"
VERBS = "sees ve; builds construye; remembers recuerda; defends defiende; paints pinta"
PLACES = (
    ("in Norvela", "en Norvela"),
    ("near the coast", "cerca de la costa"),
    ("since 1984", "desde 1984"),
    ("today", "hoy"),
    ("every morning", "cada mañana"),
)
Pair = tuple[str, str]


@functools.cache
def words(table: str) -> list[list[str]]:
    return [row.split() for row in table.split(";")]


def phrase(rng: random.Random) -> Pair:
    english, *ways = rng.choice(words(NOUNS))
    spanish, gender = ways[:2] if rng.random() < 0.5 else ways[2:]
    article = "el" if gender == "m" else "la"
    if rng.random() < 0.2:
        return f"the {english}", f"{article} {spanish}"
    adjective, its = rng.choice(words(ADJECTIVES))
    its = its if gender == "m" else its[:-1] + "a"
    return f"the {adjective} {english}", f"{article} {spanish} {its}"


@functools.cache
def pairs(count: int, seed: int = 1) -> tuple[Pair, ...]:
    """Make sentences of one template: a language that a model of 0.2 MB can learn."""
    rng = random.Random(seed)
    made: dict[Pair, None] = {}
    while len(made) < count:
        subject, thing = phrase(rng), phrase(rng)
        verb, place = rng.choice(words(VERBS)), rng.choice(PLACES)
        sides = (
            f"{subject[n]} {verb[n]} {thing[n]} {place[n]}."
            for n in (0, 1)
        )  # fmt: skip
        english, spanish = (side[0].upper() + side[1:] for side in sides)
        made[english, spanish] = None
    return tuple(made)


@pytest.fixture(scope="module")
def aligner() -> align.Aligner:
    return align.Aligner(pairs(1500))


def phrases_of(pair: Pair, aligner: align.Aligner) -> list[terms.Phrase]:
    return terms.phrases(*pair, aligner.links(*pair), (aligner.common(0), aligner.common(1)))


def test_alignment_finds_what_belongs_together(aligner: align.Aligner) -> None:
    nouns = {english: ways for english, *ways in words(NOUNS)}
    right = wrong = 0
    for source, target in pairs(200, seed=2):
        for one in phrases_of((source, target), aligner):
            said, its = source[slice(*one.source)].lower(), target[slice(*one.target)].lower()
            if said in nouns:
                right += its in nouns[said]
                wrong += its not in nouns[said]
    assert right > 300
    assert wrong < right / 50


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), swapped=st.sampled_from([0.0, 1.0]))
def test_annotated_pairs_have_their_terms(
    aligner: align.Aligner, seed: int, swapped: float
) -> None:
    """The marks are there in order, and what is given is in the target: as it stands or as lemma.

    Without the marks and what is given, the source is what it was.
    """
    rng = random.Random(seed)
    pair = rng.choice(pairs(60, seed=3))
    swaps = terms.Swaps()
    for one in "barquero ventanilla caminante mercancía sindicalista granjero".split():
        swaps.add(one)
    found = phrases_of(pair, aligner)
    row = terms.with_terms(*pair, found, "es", rng, swaps=swaps, swapped=swapped)
    assert row is not None
    assert 1 <= len(row.terms) <= 3
    marks = [character for character in row.text() if character in MARKS]
    assert marks == list(MARKS) * len(row.terms)
    target = row.target.lower()
    lemmas = terms.lemmas(target.rstrip("."), "es")
    for _, _, words_given in row.terms:
        assert words_given.lower() in target or terms.lemmas(words_given.lower(), "es") in lemmas
    assert row.source == pair[0]
    if not swapped:
        assert row.target == pair[1]
    else:
        assert len(row.target.split()) == len(pair[1].split())


def test_terms_need_a_text_without_marks(aligner: align.Aligner) -> None:
    source, target = pairs(1)[0]
    found = phrases_of((source, target), aligner)
    assert terms.with_terms(source + MARKS.open, target, found, "es", random.Random(1)) is None
    assert terms.with_terms(source, target, [], "es", random.Random(1)) is None


@pytest.mark.parametrize(
    ("words_of", "lemma"),
    [("aldeas", "aldea"), ("Aldeas", "Aldea"), ("ONU", "ONU"), ("Norvela", "Norvela")],
)
def test_lemmas_keep_capitals(words_of: str, lemma: str) -> None:
    assert terms.lemmas(words_of, "es") == lemma


def test_first_word_has_no_capital_unless_it_is_a_name() -> None:
    span = terms.Span(0, 6)
    assert terms.written("Barcos y redes", span, "Boats and nets") == "barcos"
    assert terms.written("Martín espera", span, "Martín waits") == "Martín"
    assert terms.written("Y Barcos", terms.Span(2, 8), "And Boats") == "Barcos"


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("The boats leave at 9.", "Los barcos salen a las 9.", ""),
        ("It cost 1,250.5 crowns.", "Costó 1 250,5 coronas.", ""),
        ("Two million people left.", "Se fueron 2 millones de personas.", ""),
        ("The boats leave at 9.", "Los barcos salen a las 8.", "numbers"),
        ("Norvela", "norvela", "identical"),
        ("Press <b>here</b> now.", "Pulse <b>aquí</b> ahora.", "markup"),
        ("The boats leave.", "Los barcos " + "grandes " * 20, "ratio"),
        ("word " * 90, "palabra " * 90, "long"),
        ("12 --- 40 === 7 +++ ab", "12 --- 40 === 7 +++ cd", "signs"),
        ("1984", "1985", "no words"),
        ("\ue000 is closed.", "\ue000 está cerrado.", "markup"),
    ],
)
def test_what_is_left_out(source: str, target: str, why: str) -> None:
    assert text.fault(source, target) == why


def test_sieve_leaves_out_tests_repeats_and_other_languages(tmp_path: Path) -> None:
    good = pairs(300)
    (tmp_path / "devtest.eng_Latn.txt").write_text(good[0][0].upper() + "\n", encoding="utf-8")
    excluded = text.Excluded([tmp_path])
    untranslated = ("The old bridge and the new road.", "The old bridge or the new street.")
    kept, out = text.sieve([*good, good[5], untranslated], excluded)
    assert kept == list(good[1:])
    assert out == {"held out": 1, "twice": 1, "language": 1}


def test_pairs_are_read_with_english_first(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("en\tes\nA boat.\tUn barco.\n\none\ttwo\tthree\nBoats.\tBarcos.\n", "utf-8")
    both = [("A boat.", "Un barco."), ("Boats.", "Barcos.")]
    assert list(text.read_pairs(path, "en", "es")) == both
    assert next(text.read_pairs(path, "es", "en")) == ("Un barco.", "A boat.")
    path.write_text("no tab\n" * 200, "utf-8")
    with pytest.raises(TrainError, match=r"pairs\.tsv: most lines are not two texts"):
        list(text.read_pairs(path, "en", "es"))
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(TrainError, match="no whole text file"):
        list(text.read_pairs(path, "en", "es"))


def test_variants(aligner: align.Aligner) -> None:
    rng = random.Random(1)
    some = pairs(400)
    rows = [terms.Row(*pair) for pair in some]
    for pair in some[:200]:
        row = terms.with_terms(*pair, phrases_of(pair, aligner), "es", rng)
        assert row is not None
        rows.append(row)
    made, told = mix.varied(rows, ("en", "es"), rng, dict.fromkeys([*mix.CHANGES, "long"], 0.1))
    assert set(told) == {*mix.CHANGES, "long"}
    assert min(told.values()) > 30
    assert max(told.values()) == 60
    for row in made:
        assert row.text().count(MARKS.open) == len(row.terms)  # the spans are still right
        assert all(row.source[a:b].strip() == row.source[a:b] for a, b, _ in row.terms)
        placeholders = [c for c in row.source if c in mix.PLACEHOLDERS]
        assert placeholders == sorted(set(placeholders))
        assert sorted(placeholders) == sorted(c for c in row.target if c in mix.PLACEHOLDERS)
    assert any(row.source.isupper() and row.target.isupper() for row in made)
    assert any("The New " in row.source and "Nuev" not in row.target for row in made)
    assert any(row.target.startswith("¡") for row in made)


rows_of_ids = st.lists(
    st.tuples(
        st.lists(st.integers(0, 60_000), min_size=1, max_size=9),
        st.lists(st.integers(0, 60_000), min_size=2, max_size=9),
    ),
    max_size=20,
)


@settings(max_examples=25, deadline=None)
@given(rows_of_ids)
def test_ids_come_back(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "ids.xz"
    data.write(path, rows)
    corpus = data.read(path)
    starts = corpus.starts()
    back = [
        (
            corpus.source[a : a + n].tolist(),
            corpus.target[b : b + m].tolist(),
        )
        for a, n, b, m in zip(
            starts[0], corpus.source_lengths, starts[1], corpus.target_lengths, strict=True
        )
    ]
    assert back == rows


def test_parts_come_back_or_say_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    monkeypatch.setattr(parts, "PART", 1000)
    rng = np.random.default_rng(1)
    weights = {
        "one": rng.standard_normal((70, 9)).astype(np.float16).astype(np.float32),
        "two": rng.standard_normal(401).astype(np.float16).astype(np.float32),
    }
    parts.write(tmp_path / "w", weights, {"step": 3})
    parts.write(tmp_path / "w", weights, {"step": 4})  # over what was there
    names = sorted(path.name for path in (tmp_path / "w").iterdir())
    assert names == ["weights.000", "weights.001", "weights.002", "weights.json"]
    assert max(p.stat().st_size for p in (tmp_path / "w").glob("weights.0*")) <= 1000
    back = parts.read(tmp_path / "w")
    assert list(back) == ["one", "two"]
    assert all((back[name] == weights[name]).all() for name in weights)
    assert parts.told(tmp_path / "w") == {"step": 4}
    assert parts.told(tmp_path / "nothing") == {}
    part = tmp_path / "w" / "weights.001"
    content = part.read_bytes()
    part.write_bytes(content[:-1] + b"\0")
    with pytest.raises(TrainError, match=r"weights\.001 is damaged"):
        parts.read(tmp_path / "w")
    part.unlink()
    with pytest.raises(TrainError, match=r"weights\.001 cannot be read"):
        parts.read(tmp_path / "w")


def test_stage_is_done_once(tmp_path: Path) -> None:
    done = []
    for made_of in (1, 1, 2, 2):
        stage("x", made_of, tmp_path / "x.json", lambda: done.append(1))
    assert len(done) == 2
    with pytest.raises(ZeroDivisionError):
        stage("x", 3, tmp_path / "x.json", lambda: done.append(1 // 0))
    stage("x", 2, tmp_path / "x.json", lambda: done.append(1))  # what stood there is gone
    assert len(done) == 3


def test_backtranslation_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtranslate, "CHUNK", 10)
    given_text = tmp_path / "es.txt"
    spanish = [side for _, side in pairs(45)]
    given_text.write_text("\n".join([*spanish, spanish[0], "no stop", ""]), "utf-8")
    calls = []

    def teacher(lines: list[str]) -> list[str]:
        calls.append(len(lines))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return ["" if "lámpara" in line else line.upper() for line in lines]

    out = tmp_path / "back.tsv"
    with pytest.raises(KeyboardInterrupt):
        backtranslate.backtranslate(given_text, "es", "en", teacher, out)
    with out.open("a", encoding="utf-8") as file:
        file.write("killed in the mid")
    assert backtranslate.backtranslate(given_text, "es", "en", teacher, out) == 45
    assert out.read_text("utf-8").count("\n") == 45
    assert list(text.read_pairs(out, "en", "es")) == [
        (line.upper(), line) for line in spanish if "lámpara" not in line
    ]


FIGURES = {"flores200": {"bleu": 14.2, "chrf": 45.0, "sentences": 1012}}


def test_what_a_package_says_of_itself() -> None:
    said = card.metadata("en", "es", FIGURES, "0.1", "", with_terms=True)
    assert said["pipeline"] == {
        "starter": True,
        "terms": {"open": "\uf8f0", "target": "\uf8f1", "close": "\uf8f2"},
        "flores200": {
            "bleu": 14.2,
            "chrf": 45.0,
            "apertium_bleu": 12.1,
            "apertium_chrf": 44.1,
        },
    }
    few = {"flores200": {**FIGURES["flores200"], "sentences": 400}}
    assert card.metadata("en", "es", few, "0.1", "", with_terms=False)["pipeline"] == {
        "starter": True
    }
    assert "may be shipped" in card.verdict("en-es", FIGURES)
    assert "must not be shipped" in card.verdict("en-fr", FIGURES)
    assert "not to be shipped" in card.verdict("en-es", few)


FIXTURE = ROOT / "tests" / "models" / "terms-en_es.argosmodel"


@pytest.mark.skipif(not FIXTURE.exists(), reason="the model is not in this checkout")
def test_a_trained_model_says_the_terms_that_it_is_given(tmp_path: Path) -> None:
    """It is a tiny one, and bad; but with everyday words it does what `tools/train` is for."""
    translator = pytest.importorskip("tools.train.translator")
    with zipfile.ZipFile(FIXTURE) as archive:
        archive.extractall(tmp_path)
    (top,) = tmp_path.iterdir()
    about = json.loads((top / "metadata.json").read_text(encoding="utf-8"))
    assert about["pipeline"] == {"starter": True, "terms": MARKS._asdict()}
    translate = translator.Translator(top / "model", top / "sentencepiece.model")
    asked = {
        "The house is very big.": (4, 9, ("vivienda", "casa")),
        "My car is red.": (3, 6, ("coche", "automóvil", "carro")),
        "I have a new job.": (13, 16, ("empleo", "trabajo")),
        "The rebels attacked the city.": (4, 10, ("rebeldes", "insurgentes")),
    }
    for source, (start, end, ways) in asked.items():
        drafts = translate([annotate(source, [(start, end, way)], MARKS) for way in ways])
        assert all(way in draft for way, draft in zip(ways, drafts, strict=True)), drafts
        assert len(set(drafts)) == len(ways)


# The whole way.

GREEDY = """
import sys
from pathlib import Path
import torch
from tools.train import parts
from tools.train.data import EOS
from tools.train.translator import Translator
from tools.train.model import Shape, Transformer
from tools.train.pack import convert
run = Path(sys.argv[1])
weights, shape = parts.read(run / "weights"), parts.told(run / "weights")["shape"]
model = Transformer(Shape(**shape)).eval()
model.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
convert(weights, shape, run / "data" / "sentencepiece.model", run / "exact", None)
other = Translator(run / "exact", run / "data" / "sentencepiece.model")
texts = sys.argv[2:]
mine = [other.pieces.decode(model.greedy([*other.pieces.encode(t), EOS])) for t in texts]
assert mine == other(texts, beam=1), (mine, other(texts, beam=1))
"""


@pytest.fixture(scope="module")
def python() -> str:
    """Return the Python that can train."""
    program = os.environ.get("PIPELINE_TRAIN", "")
    if not program:
        pytest.skip("PIPELINE_TRAIN names no Python with tools/train's requirements")
    return program


class Tool:
    """The command in one folder, with the pairs that it learns from."""

    def __init__(self, python: str, folder: Path) -> None:
        self.python, self.folder = python, folder
        made = pairs(4000)
        self.known = made[:3800]
        self.pairs = folder / "pairs.tsv"
        lines = ("\t".join(pair) for pair in self.known)
        self.pairs.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.new = made[3800:]

    def command(self, run: str, *options: str) -> list[str]:
        return [
            *(self.python, "-m", "tools.train", "--source", "en", "--target", "es"),
            *("--data", str(self.pairs), "--run", str(self.folder / run), "--preset", "smoke"),
            *("--held", "200", "--terms", "0.5", "--device", "cpu", *options),
        ]

    def __call__(self, run: str, *options: str, code: int = 0) -> str:
        done = subprocess.run(
            self.command(run, *options), cwd=ROOT, capture_output=True, text=True, timeout=500
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def until(self, run: str, number: int, *options: str) -> int:
        """Run it until it has a checkpoint, send it a signal, return how it ended."""
        checkpoint = self.folder / run / "checkpoint.pt"
        before = checkpoint.stat().st_mtime if checkpoint.exists() else 0.0
        command = self.command(run, *options)
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            end = time.monotonic() + 300
            while not checkpoint.exists() or checkpoint.stat().st_mtime == before:
                assert time.monotonic() < end
                assert process.poll() is None, "it ended before it was stopped"
                time.sleep(0.05)
            process.send_signal(number)
            return process.wait(60)


@pytest.mark.slow
def test_text_to_package(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train, kill, go on, convert, pack, install by Argos, translate, follow terms."""
    tool = Tool(python, tmp_path)
    short = ("--steps", "240", "--stages", "prepare,train")
    often = ("--save-seconds", "1")
    assert tool.until("run", signal.SIGKILL, *short, *often) == -signal.SIGKILL
    assert tool.until("run", signal.SIGTERM, *short, *often) == 128 + signal.SIGTERM
    given_back = tmp_path / "given-back"
    said = tool("run", *short, "--parts", str(given_back / "w"))
    assert "prepare: done already" in said
    assert "going on from step" in said
    assert "finished at step 240" in said

    # Killed and stopped or not, it is the same model.
    assert "going on" not in tool("whole", *short)
    part = tmp_path / "run" / "weights" / "weights.000"
    assert part.read_bytes() == (tmp_path / "whole" / "weights" / "weights.000").read_bytes()
    assert part.read_bytes() == (given_back / "w" / "weights.000").read_bytes()
    assert "error: " in tool("whole", *short, "--rate", "1", code=1)
    lent(tool)

    # Another run begins with what this one has: its pieces, its weights and its count.
    begun = ("--steps", "250", "--stages", "prepare,train", "--start", str(tmp_path / "run"))
    said = tool("begun", *begun, "--terms", "0.4")
    assert "going on from step 240" in said
    assert "finished at step 250" in said
    pieces = [tmp_path / run / "data" / "sentencepiece.model" for run in ("run", "begun")]
    assert pieces[0].read_bytes() == pieces[1].read_bytes()
    assert "no weights of this shape" in tool("wide", *begun, "--preset", "tiny", code=1)
    assert "there is no run in" in tool("none", *begun[:-1], str(tmp_path / "none"), code=1)

    whole = ("--steps", "1200", "--out", str(tmp_path))
    said = tool("run", *whole)
    assert tool("run", *whole).count(": done already") == 4
    other = ("--terms", "0.1", "--stages", "prepare,convert")
    assert "was trained with other data" in tool("whole", *other, code=1)

    # CTranslate2 computes what PyTorch does.
    sample = [source for source, _ in tool.new[:40]]
    subprocess.run([python, "-c", GREEDY, str(tmp_path / "run"), *sample], cwd=ROOT, check=True)

    figures = json.loads((tmp_path / "run" / "evaluation" / "es.json").read_text())
    assert figures["held"]["bleu"] > 50
    its = figures["terms"]["held phrases"]
    assert its["success without"] < 0.8 < 0.9 < its["success with"]
    assert its["chrf with"] > its["chrf without"]

    package = tmp_path / "smoke-en_es.argosmodel"
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        about = next(name for name in archive.namelist() if name.endswith("metadata.json"))
        assert json.loads(archive.read(about))["pipeline"]["terms"] == MARKS._asdict()
        words = archive.read(about.replace("metadata.json", WORDS)).decode().split()
    assert set(words) >= set(words_of(tool.known[0][1]))
    assert "must not be shipped" in said or "not to be shipped" in said
    installed(package, tmp_path, monkeypatch, tool.new)


def lent(tool: Tool) -> None:
    """Do what is done with a lent machine: three calls, the last on another machine."""
    data = tool.folder / "run" / "data"
    sent = tool.folder / "sent" / "one"
    out = tool.folder / "out"

    def call(home: str, *options: str) -> str:
        began = time.monotonic()
        env = {**os.environ, "HOME": str(tool.folder / home), "OUT": str(out)}
        done = subprocess.run(
            [*("tools/train/lent.sh", "one", "es", *options), *("--preset", "smoke")],
            env={**env, "FROM": str(sent.parent), "PYTHON": tool.python, "SOURCE": "en"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert time.monotonic() - began < float(options[0])
        return done.stdout

    shutil.copytree(data, sent / "data")
    assert "not finished yet" in call("first", "20", "--steps", "99999")
    assert sorted(p.name for p in out.rglob("*.*")) == ["one.log", "weights.000", "weights.json"]
    shutil.rmtree(sent / "data")  # it is there already
    told = json.loads((out / "one" / "weights.json").read_text())["told"]
    steps = told["step"] + 20
    said = call("first", "300", "--steps", str(steps))
    assert f"going on from step {told['step']}" in said
    assert f"finished at step {steps}" in said
    shutil.copytree(data, sent / "data")
    shutil.move(out / "one", sent / "weights")
    assert f"going on from step {steps}" in call("second", "300", "--steps", str(steps + 10))
    assert (out / "one" / "weights.000").exists()


def installed(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: Sequence[Pair]
) -> None:
    """Install it by Argos' own code, and translate with the engine."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    packages = tmp_path / "packages"
    packages.mkdir()
    argos_settings = pytest.importorskip("argostranslate.settings")
    monkeypatch.setattr(argos_settings, "package_data_dir", packages)
    monkeypatch.setattr(argos_settings, "package_dirs", [packages])
    its = pytest.importorskip("argostranslate.package")
    # When it is installed, Argos forgets what it knew of languages; that needs stanza and more.
    translate = types.ModuleType("argostranslate.translate")
    translate.get_installed_languages = functools.cache(list)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "argostranslate.translate", translate)
    its.install_from_path(package)
    assert [(p.from_code, p.to_code) for p in its.get_installed_packages()] == [("en", "es")]

    project = sample(tmp_path / "project")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "others"))
    project.run("engines", "install", str(package))
    assert [p.name for p in (tmp_path / "others").glob("*/metadata.json")] == ["metadata.json"]

    from pipeline.engines.argos.engine import ArgosEngine
    from pipeline.engines.base import Segment
    from pipeline.model import Constraint

    engine = ArgosEngine(folders=[packages])
    drafts = engine.translate([Segment(source) for source, _ in new[:50]], "en", "es")
    known = {word for _, side in new for word in side.lower().split()}
    assert all(set(d[0].text.lower().split()) <= known for d in drafts)
    for noun in ("puente", "viaducto"):
        asked = Segment(
            "The old bridge sees the red house today.", constraints=(Constraint(8, 14, noun),)
        )
        said = engine.translate([asked], "en", "es")[0][0]
        assert said.text.startswith(f"El {noun} viejo ve "), said
        assert said.terms == ("natural",)
