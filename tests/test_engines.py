"""Every engine keeps one contract; and what each adapter has to watch for besides."""

from __future__ import annotations

import functools
import http.server
import io
import json
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import engines
from pipeline.engines import Engine, apertium, install, pseudo
from pipeline.errors import EngineError, PairNotAvailable, SettingsError

TINY = Path(__file__).parent / "models" / "tiny-en_es.argosmodel"

SENTENCES = (
    "The cat sat on the house.",
    "Where is the house?",
    "We demand freedom, dignity and justice!",
    "The rebels attacked the city.",
    "They don't want a war.",
    "The women and children are free.",
    "Statement of the local committees",
    "This is our last word: no.",
    "Two soldiers died in the night.",
    "She said that the answer is simple.",
    "The government closed the border in March.",
    "“We are here”, they said.",
    "My brother has a big red car.",
    "He works in a hospital and she studies law.",
    "All prisoners must be released.",
    "The river is cold; the water is clear.",
    "Nobody knows what happened (or why).",
    "The revolution continues.",
    "Our friends live in a small village.",
    "I have read the book that you gave me.",
)
RESERVED = "[]{}^$/\\@<>"


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Argos makes its folders as it is imported; not below the home of whoever runs this."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        yield


# Engines that can run.


@dataclass(frozen=True)
class Case:
    engine: Engine
    pair: tuple[str, str]
    unknown: tuple[str, str]
    protects: bool
    """Whether private-use characters come back; a neural model cannot promise it."""


def _need_apertium(target: str = "es") -> None:
    if apertium.ApertiumEngine().serves("en", target):
        return
    reason = f"Apertium does not serve en → {target} here (make engines)"
    if "apertium" in os.environ.get("PIPELINE_REQUIRE", "").replace(",", " ").split():
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def modes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modes of sed, which does with ``-z`` what Apertium's programs do."""
    folder = tmp_path_factory.mktemp("modes")
    if not shutil.which("sed"):
        pytest.skip("no sed here")
    stages = ["s/cat/gato/g", "s/house/casa/g", "s/dog/perro/g"]
    _write_mode(folder / "eng-spa.mode", [f"sed -u -e '{stage}' $1x" for stage in stages])
    _write_mode(folder / "es-fr.mode", ["sed -u -e 's/gato/chat/g'"])
    _write_mode(folder / "es-pt.mode", ["sed -u -e 's/gato/gato PT/g'"])
    _write_mode(folder / "es-pt_BR.mode", ["sed -u -e 's/gato/gato BR/g'"])
    _write_mode(folder / "eco-es-it.mode", ["sed -u -e 's/gato/never/g'"])
    return folder


def _write_mode(path: Path, commands: Sequence[str]) -> None:
    path.write_text(" | ".join(commands).replace(" $1x", "") + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def random_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    build_package(folder / "en_es", "en", "es", seed=1)
    build_package(folder / "es_pt", "es", "pt", seed=2, version="1.4")
    build_package(folder / "en_fr", "en", "fr", seed=3, target_prefix="__fr__")
    return folder


def _random_argos(request: pytest.FixtureRequest) -> Case:
    from pipeline.engines.argos import ArgosEngine

    engine = ArgosEngine([request.getfixturevalue("random_packages")])
    return Case(engine, ("en", "pt_BR"), ("en", "de"), protects=False)


def _tiny_argos(request: pytest.FixtureRequest) -> Case:
    from pipeline.engines.argos import ArgosEngine

    folder = request.getfixturevalue("tmp_path_factory").mktemp("tiny") / "packages"
    install.install_file(TINY, into=folder)
    return Case(ArgosEngine([folder]), ("en", "es"), ("en", "de"), protects=False)


def _apertium(request: pytest.FixtureRequest) -> Case:
    _need_apertium()
    return Case(apertium.ApertiumEngine(), ("en", "es"), ("en", "zh_Hans"), protects=True)


def _sed(request: pytest.FixtureRequest) -> Case:
    engine = apertium.ApertiumEngine(request.getfixturevalue("modes"))
    return Case(engine, ("en", "pt_BR"), ("en", "it"), protects=True)


def _pseudo(request: pytest.FixtureRequest) -> Case:
    return Case(pseudo.PseudoEngine(), ("en", "ar"), ("en", "en"), protects=True)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(_pseudo, id="pseudo"),
        pytest.param(_sed, id="sed"),
        pytest.param(_apertium, id="apertium", marks=pytest.mark.apertium),
        pytest.param(_random_argos, id="argos-random"),
        pytest.param(
            _tiny_argos,
            id="argos-tiny",
            marks=pytest.mark.skipif(not TINY.exists(), reason="no tiny model here"),
        ),
    ],
)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    make: Callable[[pytest.FixtureRequest], Case] = request.param
    made = make(request)
    yield made
    if isinstance(made.engine, apertium.ApertiumEngine):
        made.engine.close()


# The contract.


def test_is_an_engine_and_serves_its_pair(case: Case) -> None:
    assert isinstance(case.engine, Engine)
    assert case.engine.serves(*case.pair)
    assert not case.engine.serves(*case.unknown)


def test_signature_is_one_stable_line(case: Case) -> None:
    signature = case.engine.signature(*case.pair)
    assert signature.startswith(case.engine.name)
    assert "\n" not in signature
    assert signature == case.engine.signature(*case.pair)


def test_unknown_pair_raises(case: Case) -> None:
    with pytest.raises(PairNotAvailable):
        case.engine.translate(["The cat."], *case.unknown)


def test_as_many_drafts_in_order(case: Case) -> None:
    drafts = case.engine.translate(SENTENCES, *case.pair)
    alone = [case.engine.translate([text], *case.pair) for text in SENTENCES]
    assert [[draft] for draft in drafts] == alone


def test_500_sentences(case: Case) -> None:
    count = 50 if case.engine.name == "argos" else 500
    texts = [f"{SENTENCES[i % 20][:-1]} {i}." for i in range(count)]
    drafts = case.engine.translate(texts, *case.pair)
    assert len(drafts) == count
    if case.engine.name != "argos":  # random weights do not copy
        assert all(str(i) in draft for i, draft in enumerate(drafts))


def test_nothing_to_translate_starts_nothing(case: Case) -> None:
    texts = ["", " ", "\u00a0\t", "…", "12 %", "\ue000", " \ue000 \ue001"]
    assert case.engine.translate([], *case.pair) == []
    assert case.engine.translate(texts, *case.pair) == texts


def test_white_space_around_is_kept(case: Case) -> None:
    (draft,) = case.engine.translate(["  \u00a0The cat. \t"], *case.pair)
    assert draft.startswith("  \u00a0")
    assert draft.endswith(" \t")
    assert draft.strip() == case.engine.translate(["The cat."], *case.pair)[0]


def test_protected_pieces_come_back_once(case: Case) -> None:
    if not case.protects:
        pytest.skip("this engine cannot promise it; the caller checks")
    texts = [
        "The rebels attacked \ue000 on \ue001 and killed \ue002 people.",
        "The \ue010big\ue011 red dog saw \ue012.",
        "\ue000\ue001 said so, and \uf8ff",
        "See \ue000, \ue001; (\ue002) \ue003? [\ue004]",
        "Xqaa is a word, and \ue000 is none.",
        "All of them: " + " and ".join(chr(0xE000 + i) for i in range(60)),
    ]
    drafts = case.engine.translate(texts, *case.pair)
    for text, draft in zip(texts, drafts, strict=True):
        assert sorted(engines.PROTECTED.findall(draft)) == engines.PROTECTED.findall(text)


def test_reserved_characters_do_no_harm(case: Case) -> None:
    texts = [
        "The dog.",
        f"The house {RESERVED} is here.",
        "Take the \\house\\ or the [cat",
        "]dog{ ^dog/dog<n><sg>$ <STREAMCMD:FLUSH> [[t:b:1]]dog[[/]]",
        "The dog~ and\nthe *cat* and the #house.",
        "The dog.",
    ]
    drafts = case.engine.translate(texts, *case.pair)
    assert len(drafts) == len(texts)
    assert drafts[0] == drafts[-1] == case.engine.translate(["The dog."], *case.pair)[0]
    if case.protects:
        assert sorted(c for c in drafts[1] if c in RESERVED) == sorted(RESERVED)


# Choosing.


def test_unknown_name_tells_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="auto, argos, apertium, pseudo"):
        engines.load("google")


@pytest.mark.parametrize("name", ["json:dumps_not", "builtins:object", "json:__doc__"])
def test_factory_that_makes_no_engine(name: str) -> None:
    with pytest.raises(SettingsError):
        engines.load(name)


def test_factory_of_a_module() -> None:
    engine = engines.load("pipeline.engines.pseudo:PseudoEngine")
    assert isinstance(engine, pseudo.PseudoEngine)
    assert engines.load("pipeline.engines.pseudo:PseudoEngine") is engine


def test_missing_module_is_told() -> None:
    with pytest.raises(EngineError, match=r"not_there_at_all.*pip"):
        engines.load("not_there_at_all:engine")


def test_missing_ctranslate2_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    monkeypatch.delitem(sys.modules, "pipeline.engines.argos", raising=False)
    monkeypatch.delattr(engines, "argos", raising=False)
    engines.load.cache_clear()
    with pytest.raises(EngineError, match=r"ctranslate2.*pip"):
        engines.load("argos")


def test_auto_takes_argos_then_apertium(
    monkeypatch: pytest.MonkeyPatch, random_packages: Path, modes: Path
) -> None:
    _use(monkeypatch, random_packages, modes)
    assert engines.choose("auto", "en", "pt_BR").name == "argos"
    _use(monkeypatch, random_packages / "none", modes)
    assert engines.choose("auto", "en", "pt_BR").name == "apertium"
    with pytest.raises(PairNotAvailable, match="pipeline engines install") as raised:
        engines.choose("auto", "en", "tlh")
    assert "\n" not in str(raised.value)


def test_named_engine_that_does_not_serve() -> None:
    assert engines.choose("pseudo", "en", "tlh").name == "pseudo"
    with pytest.raises(PairNotAvailable, match="pseudo does not translate"):
        engines.choose("pseudo", "en", "en")


def _use(monkeypatch: pytest.MonkeyPatch, packages: Path, modes: Path) -> None:
    from argostranslate import settings

    monkeypatch.setattr(settings, "package_dirs", [packages])
    monkeypatch.setenv("APERTIUM_DATADIR", str(modes.parent / "data"))
    (modes.parent / "data").mkdir(exist_ok=True)
    if not (modes.parent / "data" / "modes").exists():
        (modes.parent / "data" / "modes").symlink_to(modes)
    engines.load.cache_clear()


@pytest.mark.parametrize(
    ("edges", "goals", "way"),
    [
        ("ab bc", "c", "abc"),
        ("ab bc ac", "c", "ac"),
        ("ab bd ae ed", "d", "aed"),
        ("ab bd ac cd", "d", "abd"),
        ("ab bc bd", "cd", "abc"),
        ("ab ad bc", "cd", "ad"),
        ("ab", "z", ""),
    ],
)
def test_shortest(edges: str, goals: str, way: str) -> None:
    pairs = [(edge[0], edge[1]) for edge in edges.split()]
    assert "".join(engines.shortest(pairs, "a", list(goals), first=("e",))) == way


# Pseudo.


def test_pseudo_marks_both_ends_and_grows() -> None:
    engine = pseudo.PseudoEngine()
    short, long = engine.translate(["Freedom", "We demand freedom. " * 9], "en", "de")
    assert short == "⟦Ƒŕééðöṁ·······⟧"
    assert 1.25 < len(long) / len("We demand freedom. " * 9) < 1.4


# Apertium.


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.booleans())
def test_stream_format_round_trip(text: str, words: bool) -> None:
    block = apertium._encode(text, words=words)
    assert "\0" not in block
    assert apertium._decode(text, block) == text


@given(st.text("xqa.Z [\\\ue000\ue001\ue002~"), st.booleans())
def test_stream_format_round_trip_of_pieces(text: str, words: bool) -> None:
    assert apertium._decode(text, apertium._encode(text, words=words)) == text


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_text_that_no_pipe_carries(modes: Path, text: str) -> None:
    with pytest.raises(EngineError, match="NUL"):
        apertium.ApertiumEngine(modes).translate([text], "en", "es")


def test_chain_of_modes(modes: Path) -> None:
    engine = apertium.ApertiumEngine(modes)
    version = apertium._version()
    start = f"apertium {version} ".replace("  ", " ")
    assert engine.signature("en", "pt_BR") == f"{start}eng-spa → es-pt_BR"
    assert engine.signature("en", "pt") == f"{start}eng-spa → es-pt"
    assert engine.signature("en", "pt_PT") == f"{start}eng-spa → es-pt"
    assert engine.signature("en_GB", "fr_CA") == f"{start}eng-spa → es-fr"
    assert not engine.serves("en", "it")
    assert engine.translate(["My cat!"], "en", "pt_BR") == ["My gato BR!"]
    engine.close()


def test_pieces_as_words_where_they_stand_free() -> None:
    text = "See \ue005 and the \ue000big\ue001 \ue007"
    assert apertium._encode(text, words=True) == "See Xqac and the [\ue000]big[\ue001] Xqad.[]"
    assert apertium._encode(text, words=False) == (
        "See [\ue005] and the [\ue000]big[\ue001] [\ue007].[]"
    )


def test_piece_lost_as_a_word_is_sent_again(tmp_path: Path) -> None:
    _write_mode(tmp_path / "en-es.mode", ["sed -u -e 's/Xqaa//'"])
    engine = apertium.ApertiumEngine(tmp_path)
    assert engine.translate(["See \ue000 here."], "en", "es") == ["See \ue000 here."]
    engine.close()


@pytest.mark.parametrize(
    ("text", "draft", "tidy"),
    [
        ("We want it.", " lo  queremos.", "Lo queremos."),
        ("“the end”", "“el fin”", "“el fin”"),
        ("“The end”", "“el fin”", "“El fin”"),
        ("Two  spaces", "Dos  espacios", "Dos  espacios"),
        ("the dog’s", "l'os du chien", "l’os du chien"),
        ("THE END", "El FIN", "EL FIN"),
        ("\ue000 Is", "\ue000 es", "\ue000 Es"),
        ("A", "un", "Un"),
        ("No", "", ""),
    ],
)
def test_tidy(text: str, draft: str, tidy: str) -> None:
    assert apertium._tidy(text, draft) == tidy


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        (
            "lt-proc 'a b.bin' | tagger -g $2 'p'|x $1 y",
            "lt-proc -z 'a b.bin'/tagger -z -g p/x -z -n y",
        ),
        ("cg-proc -z f", "cg-proc -z f"),
    ],
)
def test_mode_file(tmp_path: Path, line: str, commands: str) -> None:
    import shlex

    path = tmp_path / "a-b.mode"
    path.write_text(line, encoding="utf-8")
    assert apertium.pipeline_of(path) == [shlex.split(part) for part in commands.split("/")]


@pytest.mark.parametrize(
    "line",
    ["", "a |", "| a", "a; rm -r b", "a > b", "a && b", "a $(b)", "a `b`", "a 'b", "a $3", "a & b"],
)
def test_mode_file_that_is_no_plain_pipeline(tmp_path: Path, line: str) -> None:
    path = tmp_path / "en-es.mode"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(EngineError, match=r"reinstall|cannot be read"):
        apertium.pipeline_of(path)
    assert not apertium.ApertiumEngine(tmp_path).serves("en", "es")


def test_program_that_is_not_there(tmp_path: Path) -> None:
    _write_mode(tmp_path / "en-es.mode", ["sed -u -e ''", "no-such-program-here"])
    engine = apertium.ApertiumEngine(tmp_path)
    assert not engine.serves("en", "es")
    with pytest.raises(EngineError, match=r"no-such-program-here cannot be started.*install"):
        engine.translate(["The cat."], "en", "es")


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_stopped_pipeline_is_started_again(
    modes: Path, monkeypatch: pytest.MonkeyPatch, which: int, how: signal.Signals
) -> None:
    monkeypatch.setattr(apertium, "BLOCK_TIMEOUT", 1.0)
    engine = apertium.ApertiumEngine(modes)
    assert engine.translate(["The cat."], "en", "es") == ["The gato."]
    before = engine.daemon("eng-spa").processes
    os.kill(before[which].pid, how)
    texts = [f"The dog {i}." for i in range(5_000)]
    assert engine.translate(texts, "en", "es") == [f"The perro {i}." for i in range(5_000)]
    assert all(process.returncode is not None for process in before)
    engine.close()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_program_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    monkeypatch.setattr(apertium, "BLOCK_TIMEOUT", 0.2)
    stages = ["sed -u -e ''"] * 3
    stages[which] = f"'{_hanging(tmp_path)}'"
    _write_mode(tmp_path / "en-es.mode", stages)
    engine = apertium.ApertiumEngine(tmp_path)
    with pytest.raises(EngineError, match=r"mode en-es failed twice \(no answer for 0\.2 s\)"):
        engine.translate(["The cat. " * 100] * 500, "en", "es")  # more than pipes hold
    assert not engine.daemon("en-es").processes


def _hanging(folder: Path) -> Path:
    path = folder / "hangs"
    path.write_text("#!/bin/sh\nexec sleep 1000\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_program_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "ends"
    path.write_text("#!/bin/sh\necho 'no dictionary' >&2\nexit 3\n", encoding="utf-8")
    path.chmod(0o755)
    _write_mode(tmp_path / "en-es.mode", ["sed -u -e ''", f"'{path}'", "sed -u -e ''"])
    with pytest.raises(EngineError, match=r"ends ended with 3.*no dictionary"):
        apertium.ApertiumEngine(tmp_path).translate(["The cat."], "en", "es")


@pytest.mark.parametrize("script", ["s/#[0-9]*/#99/", "s/\\[#.*//", "s/\\[#/\\x00&/"])
def test_answer_of_another_sentence(tmp_path: Path, script: str) -> None:
    _write_mode(tmp_path / "en-es.mode", [f"sed -u -e '{script}'"])
    with pytest.raises(EngineError, match="did not belong"):
        apertium.ApertiumEngine(tmp_path).translate(["The cat.", "A", "B", "C"], "en", "es")


def test_engine_that_is_dropped_leaves_no_process(modes: Path) -> None:
    engine = apertium.ApertiumEngine(modes)
    engine.translate(["The cat."], "en", "es")
    processes = engine.daemon("eng-spa").processes
    assert all(process.poll() is None for process in processes)
    del engine
    assert all(process.poll() is not None for process in processes)


@pytest.mark.apertium
def test_apertium_same_as_a_fresh_pipeline() -> None:
    _need_apertium()
    shared = apertium.ApertiumEngine()
    drafts = shared.translate(SENTENCES, "en", "es")
    for text, draft in zip(SENTENCES, drafts, strict=True):
        fresh = apertium.ApertiumEngine()
        assert fresh.translate([text], "en", "es") == [draft]
        fresh.close()
        assert text[-1] == draft[-1]
        assert next(c for c in draft if c.isalpha()).isupper()
        assert not set("*#@~") & set(draft)
    shared.close()


@pytest.mark.apertium
def test_apertium_translates() -> None:
    _need_apertium()
    engine = apertium.ApertiumEngine()
    assert engine.translate(["The dog is in the house."], "en", "es") == ["El perro es en la casa."]
    engine.close()


@pytest.mark.apertium
@pytest.mark.parametrize("target", ["fr", "pt_BR", "it"])
def test_apertium_pivots(target: str) -> None:
    _need_apertium(target)
    engine = apertium.ApertiumEngine()
    drafts = engine.translate([*SENTENCES, "See \ue000 on \ue001."], "en", target)
    assert len(drafts) == 21
    assert sorted(engines.PROTECTED.findall(drafts[-1])) == ["\ue000", "\ue001"]
    engine.close()


@pytest.mark.apertium
def test_apertium_program_killed_or_hanging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _need_apertium()
    engine = apertium.ApertiumEngine()
    (draft,) = engine.translate(["The house."], "en", "es")
    mode = apertium.modes_folder() / "eng-spa.mode"
    commands = mode.read_text("utf-8").split("|")
    some = (0, len(commands) // 2, -1)
    for which in some:
        os.kill(engine.daemon("eng-spa").processes[which].pid, signal.SIGKILL)
        assert engine.translate(["The house."], "en", "es") == [draft]
    engine.close()
    monkeypatch.setattr(apertium, "BLOCK_TIMEOUT", 0.1)
    for which in some:
        changed = commands.copy()
        changed[which] = f" '{_hanging(tmp_path)}' "
        _write_mode(tmp_path / "eng-spa.mode", changed)
        with pytest.raises(EngineError, match="eng-spa failed twice"):
            apertium.ApertiumEngine(tmp_path).translate(["The house."], "en", "es")


# Argos.


LINES = [*SENTENCES, "snake_case and http://example.org/a_b are words_with underscores_"]


@functools.cache
def _sentencepiece() -> bytes:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 3),
        model_writer=model,
        vocab_size=120,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def build_package(
    folder: Path,
    source: str,
    target: str,
    *,
    seed: int,
    version: str = "1.0",
    target_prefix: str = "",
) -> None:
    """Write an Argos package of one layer of random weights: it says nothing, but it runs."""
    import numpy
    import sentencepiece
    from ctranslate2.specs import TransformerSpec

    processor = sentencepiece.SentencePieceProcessor(model_proto=_sentencepiece())
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    vocabulary = [*dict.fromkeys(["<unk>", "<s>", "</s>", *pieces, "__fr__"])]
    size, width = len(vocabulary), 16
    random = numpy.random.default_rng(seed)

    def weights(*shape: int) -> Any:
        return random.normal(0, 0.4, shape).astype(numpy.float32)

    def linear(spec: Any, out: int, into: int) -> None:
        spec.weight, spec.bias = weights(out, into), weights(out)

    def norm(spec: Any) -> None:
        spec.gamma = numpy.ones(width, numpy.float32)
        spec.beta = numpy.zeros(width, numpy.float32)

    spec = TransformerSpec.from_config(1, 2)
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings
        (embeddings[0] if isinstance(embeddings, list) else embeddings).weight = weights(
            size, width
        )
        side.position_encodings.encodings = weights(600, width)
        norm(side.layer_norm)
        for layer in side.layer:
            norm(layer.self_attention.layer_norm)
            linear(layer.self_attention.linear[0], 3 * width, width)
            linear(layer.self_attention.linear[1], width, width)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 32, width)
            linear(layer.ffn.linear_1, width, 32)
    for layer in spec.decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], width, width)
        linear(layer.attention.linear[1], 2 * width, width)
        linear(layer.attention.linear[2], width, width)
    linear(spec.decoder.projection, size, width)
    spec.decoder.projection.bias[2] = 4.0  # </s>: or drafts never end
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    (folder / "model").mkdir(parents=True)
    spec.validate()
    spec.save(str(folder / "model"))
    (folder / "sentencepiece.model").write_bytes(_sentencepiece())
    metadata = {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": source,
        "from_name": source,
        "to_code": target,
        "to_name": target,
        "target_prefix": target_prefix,
    }
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")


def test_argos_signature_and_codes(random_packages: Path) -> None:
    from pipeline.engines import argos

    engine = argos.ArgosEngine([random_packages])
    assert engine.signature("en", "es") == "argos en→es 1.0"
    assert engine.signature("en_GB", "pt_BR") == "argos en→es 1.0, es→pt 1.4"
    assert argos.codes_of("pt_BR") == ("pb", "pt")
    assert argos.codes_of("zh_Hans") == ("zh",)
    assert argos.codes_of("zh_Hant") == ("zt",)
    assert argos.codes_of("fr_CA") == ("fr",)


def test_argos_never_imports_its_translate(random_packages: Path) -> None:
    from pipeline.engines.argos import ArgosEngine

    assert ArgosEngine([random_packages]).translate(["The cat."], "en", "es")
    assert "argostranslate.translate" not in sys.modules


def test_argos_keeps_underscores(random_packages: Path) -> None:
    from pipeline.engines import argos

    one = argos.read_package(random_packages / "en_es")
    assert one is not None
    for text in (LINES[-1], "a_b", "lead \ue000 and \U0001f600"):
        assert argos._text(one, one.tokenizer.encode(text)) == text


def test_argos_target_prefix_is_stripped(random_packages: Path) -> None:
    from pipeline.engines.argos import ArgosEngine

    drafts = ArgosEngine([random_packages]).translate(SENTENCES, "en", "fr")
    assert not any("__fr__" in draft for draft in drafts)


def test_argos_long_text_is_not_cut(random_packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CTranslate2 would drop what is over 1,024 tokens."""
    from pipeline.engines import argos

    asked: dict[str, Any] = {}

    class Translator:
        def translate_batch(self, tokens: list[list[str]], **options: Any) -> list[Any]:
            asked.update(options, tokens=tokens)
            raise RuntimeError("stop\nhere")

    engine = argos.ArgosEngine([random_packages])
    monkeypatch.setattr(engine, "_translator", lambda hop: Translator())
    with pytest.raises(EngineError, match="failed: stop here"):
        engine.translate(["The cat. " * 1000], "en", "es")
    assert asked["max_input_length"] == 0
    assert asked["max_decoding_length"] >= 2 * len(asked["tokens"][0]) > 2048


def test_argos_leaves_broken_packages_out(
    tmp_path: Path, random_packages: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from pipeline.engines.argos import ArgosEngine

    shutil.copytree(random_packages, tmp_path, dirs_exist_ok=True)
    for name in ("no-json", "bad-json", "list-json", "no-model", "no-tokenizer"):
        shutil.copytree(random_packages / "en_es", tmp_path / name)
    (tmp_path / "no-json" / "metadata.json").unlink()
    (tmp_path / "bad-json" / "metadata.json").write_text("{", encoding="utf-8")
    (tmp_path / "list-json" / "metadata.json").write_text("[]", encoding="utf-8")
    (tmp_path / "no-model" / "model" / "model.bin").unlink()
    (tmp_path / "no-tokenizer" / "sentencepiece.model").unlink()
    (tmp_path / ".unpacking").mkdir()
    (tmp_path / "a-file").touch()
    engine = ArgosEngine([tmp_path, tmp_path / "not there"])
    with caplog.at_level(logging.WARNING):
        assert engine.serves("en", "es")
        assert engine.translate(["The cat."], "en", "es")
    assert len(caplog.messages) == 5  # each once
    shutil.rmtree(tmp_path / "en_es")
    with pytest.raises(PairNotAvailable, match=r"no-model is broken.*no model/model\.bin"):
        engine.translate(["The cat."], "en", "es")


def test_argos_model_that_cannot_be_loaded(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos import ArgosEngine

    shutil.copytree(random_packages / "en_es", tmp_path / "en_es")
    (tmp_path / "en_es" / "model" / "model.bin").write_bytes(b"not a model")
    with pytest.raises(EngineError, match=r"en_es failed: .* Delete that folder"):
        ArgosEngine([tmp_path]).translate(["The cat."], "en", "es")


def test_argos_takes_the_newest(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos import ArgosEngine

    for version in ("1.9", "1.10", "1.2"):
        shutil.copytree(random_packages / "en_es", tmp_path / version)
        path = tmp_path / version / "metadata.json"
        path.write_text(path.read_text("utf-8").replace('"1.0"', f'"{version}"'), encoding="utf-8")
    assert ArgosEngine([tmp_path]).signature("en", "es") == "argos en→es 1.10"


def test_real_models_chain(tmp_path: Path) -> None:
    """Spanish to French, for which there is no package, by way of English, in trained models."""
    from pipeline.engines.argos import ArgosEngine

    names = ("tiny-en_es", "tiny-en_fr", "tiny-es_en")
    archives = [TINY.with_name(f"{name}.argosmodel") for name in names]
    for archive in archives:
        if not archive.exists():
            pytest.skip(f"no {archive.name} here")
        install.install_file(archive, into=tmp_path / "packages")
    engine = ArgosEngine(folders=[tmp_path / "packages"])
    assert engine.signature("es", "fr") == "argos es→en 0.1, en→fr 0.1"
    house, cats = engine.translate(["¿Dónde está la casa?", "Tengo dos gatos."], "es", "fr")
    assert "maison" in house
    assert "chats" in cats


# Installing from an archive.


def pack(
    folder: Path, path: Path, extra: Sequence[tuple[str | zipfile.ZipInfo, bytes]] = ()
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, str(Path(folder.name) / file.relative_to(folder)))
        for name, data in extra:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return path


def test_install_file(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos import ArgosEngine

    archive = pack(random_packages / "en_es", tmp_path / "new.argosmodel")
    into = tmp_path / "data" / "packages"
    assert install.install_file(archive, into=into) == into / "en_es"
    (into / "en_es" / "old").touch()
    assert install.install_file(archive, into=into) == into / "en_es"
    assert sorted(path.name for path in (into / "en_es").iterdir()) == [
        "metadata.json",
        "model",
        "sentencepiece.model",
    ]
    assert [path.name for path in into.parent.iterdir()] == ["packages"]
    assert ArgosEngine([into]).serves("en", "es")


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("en_es/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


TRAPS: dict[str, tuple[str | zipfile.ZipInfo, bytes]] = {
    "parent": ("en_es/../../evil", b"x"),
    "start": ("../evil", b"x"),
    "absolute": ("/evil", b"x"),
    "drive": ("C:/evil", b"x"),
    "backslash": ("en_es\\..\\..\\evil", b"x"),
    "dot": ("en_es/./evil", b"x"),
    "second folder": ("other/evil", b"x"),
    "no folder": ("evil", b"x"),
    "twice": ("en_es/METADATA.json", b"x"),
    "symlink": (_link(), b"/etc/passwd"),
    "bomb": ("en_es/bomb", bytes(50_000_000)),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_archive_traps(tmp_path: Path, random_packages: Path, trap: str) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "trap.argosmodel", [TRAPS[trap]])
    _refused(archive, tmp_path)


def test_archive_that_lies_about_a_size(tmp_path: Path, random_packages: Path) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel", [("en_es/b", bytes(9**7))])
    size = (9**7).to_bytes(4, "little")
    data = archive.read_bytes()
    assert size in data
    archive.write_bytes(data.replace(size, (9).to_bytes(4, "little")))
    _refused(archive, tmp_path)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_archive_cut_off(tmp_path: Path, random_packages: Path, keep: float) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel")
    data = archive.read_bytes()
    archive.write_bytes(data[: int(keep * len(data)) if keep < 1 else int(keep)])
    _refused(archive, tmp_path)


def test_archive_with_a_damaged_byte(tmp_path: Path, random_packages: Path) -> None:
    archive = pack(random_packages / "en_es", tmp_path / "a.argosmodel")
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    archive.write_bytes(bytes(data))
    _refused(archive, tmp_path)


@pytest.mark.parametrize("missing", ["metadata.json", "model/model.bin", "sentencepiece.model"])
def test_archive_that_is_no_package(tmp_path: Path, random_packages: Path, missing: str) -> None:
    folder = tmp_path / "source" / "en_es"
    shutil.copytree(random_packages / "en_es", folder)
    (folder / missing).unlink()
    _refused(pack(folder, tmp_path / "a.argosmodel"), tmp_path)


def test_archive_of_another_type(tmp_path: Path, random_packages: Path) -> None:
    folder = tmp_path / "source" / "sbd"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text('{"type": "sbd"}', encoding="utf-8")
    _refused(pack(folder, tmp_path / "a.argosmodel"), tmp_path)


def test_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.argosmodel").write_text("<html>404</html>", encoding="utf-8")
    _refused(tmp_path / "a.argosmodel", tmp_path)
    _refused(tmp_path / "not-there.argosmodel", tmp_path)


def _refused(archive: Path, folder: Path) -> None:
    """It raises one line, and nothing is unpacked, neither here nor next to it."""
    into = folder / "data" / "packages"
    into.mkdir(parents=True)
    (into / "en_es").mkdir()
    before = sorted(folder.rglob("*"))
    with pytest.raises(EngineError, match="is not installed: ") as raised:
        install.install_file(archive, into=into)
    assert "\n" not in str(raised.value)
    assert sorted(folder.rglob("*")) == before
    (into / "en_es").rmdir()
    into.rmdir()
    into.parent.rmdir()


# Installing from Argos' index.


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path, random_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve en→es and es→pt as Argos does; Argos' own folders are below `tmp_path`."""
    from argostranslate import settings

    www = tmp_path / "www"
    www.mkdir()
    handler = functools.partial(_Quiet, directory=str(www))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    address = f"http://127.0.0.1:{server.server_port}/"
    entries = []
    for name in ("en_es", "es_pt"):
        pack(random_packages / name, www / f"{name}.argosmodel")
        entry = json.loads((random_packages / name / "metadata.json").read_text("utf-8"))
        links = ["ipfs://nowhere", address + "gone.argosmodel", f"{address}{name}.argosmodel"]
        entries.append({**entry, "links": links})
        entries.append({**entry, "package_version": "0.9", "links": []})
    (www / "index.json").write_text(json.dumps(entries), encoding="utf-8")
    packages = tmp_path / "data" / "packages"
    monkeypatch.setattr(settings, "package_dirs", [packages])
    monkeypatch.setattr(settings, "remote_package_index", address + "index.json")
    monkeypatch.setattr(settings, "local_package_index", tmp_path / "index.json")
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    engines.load.cache_clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield www
    server.shutdown()
    thread.join()
    server.server_close()


def test_install_argos(index: Path) -> None:
    said: list[str] = []
    assert install.install_argos(["pt_BR", "de", "es"], "en", said.append) == ["pt_BR", "es"]
    assert engines.choose("auto", "en", "pt_BR").signature("en", "pt_BR").endswith("es→pt 1.4")
    assert sum(line.startswith("Downloading") for line in said) == 4
    said.clear()
    assert install.install_argos(["pt_BR"], "en", said.append) == ["pt_BR"]
    assert said == []


def test_install_argos_download_that_is_no_package(index: Path) -> None:
    (index / "en_es.argosmodel").write_text("sorry", encoding="utf-8")
    with pytest.raises(EngineError, match=r"en→es 1\.0 is not installed"):
        install.install_argos(["es"], "en", lambda line: None)


@pytest.mark.parametrize("text", ["<html>", "1", "[1]"])
def test_install_argos_index_that_cannot_be_read(index: Path, text: str) -> None:
    (index / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(EngineError, match="cannot be read"):
        install.install_argos(["es"], "en", lambda line: None)


def test_install_argos_without_a_network(
    index: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from argostranslate import settings

    monkeypatch.setattr(settings, "remote_package_index", "http://127.0.0.1:9/index.json")
    with pytest.raises(EngineError, match=r"cannot be reached.*\.argosmodel") as raised:
        install.install_argos(["es"], "en", lambda line: None)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


# Installing Apertium.


@dataclass
class _Apt:
    """Stands for apt-get: remembers the calls; "installs" modes of sed."""

    modes: Path
    known: bool = True
    fails: str = ""

    def __post_init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        self.calls.append(command)
        if command[0] == "apt-cache":
            return subprocess.CompletedProcess(command, 0 if self.known else 100, "", "")
        if self.fails:
            return subprocess.CompletedProcess(command, 100, "", f"W: x\nE: {self.fails}\nW: y\n")
        if "install" in command:
            for name in ("eng-spa", "es-pt_BR"):
                _write_mode(self.modes / f"{name}.mode", ["sed -u -e ''"])
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Apt:
    (tmp_path / "modes").mkdir()
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    fake = _Apt(tmp_path / "modes")
    monkeypatch.setattr(install, "_call", fake)
    monkeypatch.setattr(
        "shutil.which", lambda name, which=shutil.which: which("sh" if "apt" in name else name)
    )
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return fake


def test_install_apertium(apt: _Apt) -> None:
    apt.known = False
    locales = ["es", "pt_BR", "fr", "it", "tlh"]
    assert install.install_apertium(locales, "en", lambda line: None) == ["es", "pt_BR"]
    _, update, installed = apt.calls
    assert update[:3] == ["sudo", "-n", "apt-get"]
    assert update[-1] == "update"
    packages = ["apertium", "apertium-eng-spa", "apertium-es-pt", "apertium-fr-es"]
    assert installed[-6:] == ["--no-install-recommends", *packages, "apertium-spa-ita"]
    assert install.install_apertium(["es", "tlh"], "en", lambda line: None) == ["es"]
    assert len(apt.calls) == 3


def test_install_apertium_fails(apt: _Apt, monkeypatch: pytest.MonkeyPatch) -> None:
    apt.fails = "Unable to lock"
    with pytest.raises(
        EngineError, match=r"E: Unable to lock\): run `apt-get install -y .*as root"
    ):
        install.install_apertium(["ca"], "en", lambda line: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(EngineError, match="apt-get, which is not here"):
        install.install_apertium(["ca"], "en", lambda line: None)


def test_install_goes_from_one_to_the_next(index: Path, apt: _Apt) -> None:
    said: list[str] = []
    (index / "index.json").write_text("[]", encoding="utf-8")
    assert install.install(["es", "pt_BR", "de"], "en", said.append) == ["es", "pt_BR"]
    assert said[-1].startswith("No engine from en to de: translate it by hand")
    apt.fails = "no network"
    assert install.install(["ca"], "en", said.append) == []
    assert "no network" in said[-2]
