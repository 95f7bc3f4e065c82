"""Every engine keeps one contract; and what each adapter has to watch for besides."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import packages
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packages import LINES, SENTENCES, TINY, write_mode

from pipeline.engines import base, pseudo, registry, routes
from pipeline.engines.apertium import engine as apertium_engine
from pipeline.engines.apertium import modes as apertium_modes
from pipeline.engines.apertium import process as apertium_process
from pipeline.engines.apertium import stream
from pipeline.engines.base import Engine, Segment
from pipeline.engines.install import argos
from pipeline.errors import EngineError, PairNotAvailable, SettingsError
from pipeline.model import Constraint

RESERVED = "[]{}^$/\\@<>"


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
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
    if apertium_engine.ApertiumEngine().serves("en", target):
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
    write_mode(folder / "eng-spa.mode", [f"sed -u -e '{stage}' $1x" for stage in stages])
    write_mode(folder / "es-fr.mode", ["sed -u -e 's/gato/chat/g'"])
    write_mode(folder / "es-pt.mode", ["sed -u -e 's/gato/gato PT/g'"])
    write_mode(folder / "es-pt_BR.mode", ["sed -u -e 's/gato/gato BR/g'"])
    write_mode(folder / "eco-es-it.mode", ["sed -u -e 's/gato/never/g'"])
    return folder


@pytest.fixture(scope="module")
def random_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.build_three(tmp_path_factory.mktemp("packages"))


def _random_argos(request: pytest.FixtureRequest) -> Case:
    from pipeline.engines.argos.engine import ArgosEngine

    engine = ArgosEngine(folders=[request.getfixturevalue("random_packages")])
    return Case(engine, ("en", "pt_BR"), ("en", "de"), protects=False)


def _tiny_argos(request: pytest.FixtureRequest) -> Case:
    from pipeline.engines.argos.engine import ArgosEngine

    folder = request.getfixturevalue("tmp_path_factory").mktemp("tiny") / "packages"
    argos.install_file(TINY, into=folder)
    return Case(ArgosEngine(folders=[folder]), ("en", "es"), ("en", "de"), protects=False)


def _apertium(request: pytest.FixtureRequest) -> Case:
    _need_apertium()
    return Case(apertium_engine.ApertiumEngine(), ("en", "es"), ("en", "zh_Hans"), protects=True)


def _sed(request: pytest.FixtureRequest) -> Case:
    engine = apertium_engine.ApertiumEngine(request.getfixturevalue("modes"))
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
    if isinstance(made.engine, apertium_engine.ApertiumEngine):
        made.engine.close()


def said(engine: Engine, texts: Sequence[str], source: str, target: str) -> list[str]:
    """Give the best hypothesis of each text."""
    found = engine.translate([Segment(text) for text in texts], source, target)
    assert all(hypotheses for hypotheses in found)
    return [hypotheses[0].text for hypotheses in found]


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
        said(case.engine, ["The cat."], *case.unknown)


def test_as_many_drafts_in_order(case: Case) -> None:
    drafts = said(case.engine, SENTENCES, *case.pair)
    alone = [said(case.engine, [text], *case.pair) for text in SENTENCES]
    assert [[draft] for draft in drafts] == alone


def test_500_sentences(case: Case) -> None:
    count = 50 if case.engine.name == "argos" else 500
    texts = [f"{SENTENCES[i % 20][:-1]} {i}." for i in range(count)]
    drafts = said(case.engine, texts, *case.pair)
    assert len(drafts) == count
    if case.engine.name != "argos":  # random weights do not copy
        assert all(str(i) in draft for i, draft in enumerate(drafts))


def test_nothing_to_translate_starts_nothing(case: Case) -> None:
    texts = ["", " ", "\u00a0\t", "…", "12 %", "\ue000", " \ue000 \ue001"]
    assert said(case.engine, [], *case.pair) == []
    assert said(case.engine, texts, *case.pair) == texts


def test_white_space_around_is_kept(case: Case) -> None:
    (draft,) = said(case.engine, ["  \u00a0The cat. \t"], *case.pair)
    assert draft.startswith("  \u00a0")
    assert draft.endswith(" \t")
    assert draft.strip() == said(case.engine, ["The cat."], *case.pair)[0]


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
    drafts = said(case.engine, texts, *case.pair)
    for text, draft in zip(texts, drafts, strict=True):
        assert sorted(base.PROTECTED.findall(draft)) == base.PROTECTED.findall(text)


def test_reserved_characters_do_no_harm(case: Case) -> None:
    texts = [
        "The dog.",
        f"The house {RESERVED} is here.",
        "Take the \\house\\ or the [cat",
        "]dog{ ^dog/dog<n><sg>$ <STREAMCMD:FLUSH> [[t:b:1]]dog[[/]]",
        "The dog~ and\nthe *cat* and the #house.",
        "The dog.",
    ]
    drafts = said(case.engine, texts, *case.pair)
    assert len(drafts) == len(texts)
    assert drafts[0] == drafts[-1] == said(case.engine, ["The dog."], *case.pair)[0]
    if case.protects:
        assert sorted(c for c in drafts[1] if c in RESERVED) == sorted(RESERVED)


# Choosing.


def test_unknown_name_tells_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="auto, argos, apertium, libretranslate, chat, pseudo"):
        registry.load("google")


@pytest.mark.parametrize("name", ["json:dumps_not", "builtins:object", "json:__doc__"])
def test_factory_that_makes_no_engine(name: str) -> None:
    with pytest.raises(SettingsError):
        registry.load(name)


def test_factory_of_a_module() -> None:
    engine = registry.load("pipeline.engines.pseudo:PseudoEngine")
    assert engine.name == "pseudo"
    assert registry.load("pipeline.engines.pseudo:PseudoEngine") is engine


BAD = """
from pipeline.engines import Hypothesis
class Bad:
    name = "bad"
    reads = ()
    def signature(self, source, target): return SIGNATURE
    def serves(self, source, target): return True
    def translate(self, segments, source, target): DOES
class Broken:
    def __init__(self): raise ValueError("no luck")
"""


@pytest.mark.parametrize(
    "does",
    [
        "raise ValueError('x')",
        "return None",
        "return [None]",
        "return [['a']]",
        "return [[Hypothesis('a', 5)]]",
        "return [[Hypothesis('a', '', None)]]",
        "return [[Hypothesis('a', '', (1,))]]",
        "exit(0)",
        "1/0",
    ],
)
def test_what_goes_wrong_in_an_engine_of_ones_own_is_told(
    does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"bad_{abs(hash(does))}"
    code = BAD.replace("DOES", does).replace("SIGNATURE", "'bad 1\\n2'")
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    engine = registry.load(f"{name}:Bad")
    assert engine.signature("en", "es") == "bad 1 2"
    with pytest.raises(EngineError, match="Engine bad"):
        engine.translate([Segment("One.")], "en", "es")
    with pytest.raises(EngineError, match="cannot start: ValueError no luck"):
        registry.load(f"{name}:Broken")


def test_missing_module_is_told() -> None:
    with pytest.raises(EngineError, match=r"not_there_at_all.*pip"):
        registry.load("not_there_at_all:engine")


def test_missing_ctranslate2_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    monkeypatch.delitem(sys.modules, "pipeline.engines.argos.engine", raising=False)
    registry._load.cache_clear()
    with pytest.raises(EngineError, match=r"ctranslate2.*pip"):
        registry.load("argos")


def test_auto_takes_argos_then_apertium(
    monkeypatch: pytest.MonkeyPatch, random_packages: Path, modes: Path
) -> None:
    _use(monkeypatch, random_packages, modes)
    assert registry.choose("auto", "en", "pt_BR").engine.name == "argos"
    _use(monkeypatch, random_packages / "none", modes)
    assert registry.choose("auto", "en", "pt_BR").engine.name == "apertium"
    with pytest.raises(PairNotAvailable, match="pipeline engines install") as raised:
        registry.choose("auto", "en", "tlh")
    assert "\n" not in str(raised.value)


def test_named_engine_that_does_not_serve() -> None:
    assert registry.choose("pseudo", "en", "tlh").engine.name == "pseudo"
    with pytest.raises(PairNotAvailable, match="pseudo does not translate"):
        registry.choose("pseudo", "en", "en")


def _use(monkeypatch: pytest.MonkeyPatch, packages: Path, modes: Path) -> None:
    from argostranslate import settings

    monkeypatch.setattr(settings, "package_dirs", [packages])
    monkeypatch.setenv("APERTIUM_DATADIR", str(modes.parent / "data"))
    (modes.parent / "data").mkdir(exist_ok=True)
    if not (modes.parent / "data" / "modes").exists():
        (modes.parent / "data" / "modes").symlink_to(modes)
    registry._load.cache_clear()


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
    assert "".join(routes.shortest(pairs, "a", list(goals), first=("e",))) == way


# Pseudo.


def test_pseudo_marks_both_ends_and_grows() -> None:
    engine = pseudo.PseudoEngine()
    short, long = said(engine, ["Freedom", "We demand freedom. " * 9], "en", "de")
    assert short == "⟦Ƒŕééðöṁ·······⟧"
    assert 1.25 < len(long) / len("We demand freedom. " * 9) < 1.4


# Apertium.


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.booleans())
def test_stream_format_round_trip(text: str, words: bool) -> None:
    block = stream.encode(text, words=words)
    assert "\0" not in block
    assert stream.decode(text, block) == (text, [])


@given(st.text("xqa.Z [\\\ue000\ue001\ue002~"), st.booleans())
def test_stream_format_round_trip_of_pieces(text: str, words: bool) -> None:
    assert stream.decode(text, stream.encode(text, words=words)) == (text, [])


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_text_that_no_pipe_carries(modes: Path, text: str) -> None:
    with pytest.raises(EngineError, match="NUL"):
        said(apertium_engine.ApertiumEngine(modes), [text], "en", "es")


def test_chain_of_modes(modes: Path) -> None:
    engine = apertium_engine.ApertiumEngine(modes)
    version = apertium_modes.apertium_version()
    start = f"apertium {version} ".replace("  ", " ")
    assert engine.signature("en", "pt_BR") == f"{start}eng-spa → es-pt_BR"
    assert engine.signature("en", "pt") == f"{start}eng-spa → es-pt"
    assert engine.signature("en", "pt_PT") == f"{start}eng-spa → es-pt"
    assert engine.signature("en_GB", "fr_CA") == f"{start}eng-spa → es-fr"
    assert not engine.serves("en", "it")
    assert said(engine, ["My cat!"], "en", "pt_BR") == ["My gato BR!"]
    engine.close()


def test_pieces_as_words_where_they_stand_free() -> None:
    text = "See \ue005 and the \ue000big\ue001 \ue007"
    assert stream.encode(text, words=True) == "See Xqac and the [\ue000]big[\ue001] Xqad.[]"
    assert stream.encode(text, words=False) == (
        "See [\ue005] and the [\ue000]big[\ue001] [\ue007].[]"
    )


def test_piece_lost_as_a_word_is_sent_again(tmp_path: Path) -> None:
    write_mode(tmp_path / "en-es.mode", ["sed -u -e 's/Xqaa//'"])
    engine = apertium_engine.ApertiumEngine(tmp_path)
    assert said(engine, ["See \ue000 here."], "en", "es") == ["See \ue000 here."]
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
    assert stream.tidy(text, draft) == tidy


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        (
            "lt-proc 'a b.bin' | tagger -g $2 'p'|x $1 y",
            "lt-proc -z 'a b.bin'/tagger -z -g p/x -z -g y",
        ),
        ("cg-proc -z f", "cg-proc -z f"),
    ],
)
def test_mode_file(tmp_path: Path, line: str, commands: str) -> None:
    import shlex

    path = tmp_path / "a-b.mode"
    path.write_text(line, encoding="utf-8")
    assert apertium_modes.pipeline_of(path) == [shlex.split(part) for part in commands.split("/")]


@pytest.mark.parametrize(
    "line",
    ["", "a |", "| a", "a; rm -r b", "a > b", "a && b", "a $(b)", "a `b`", "a 'b", "a $3", "a & b"],
)
def test_mode_file_that_is_no_plain_pipeline(tmp_path: Path, line: str) -> None:
    path = tmp_path / "en-es.mode"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(EngineError, match=r"reinstall|cannot be read"):
        apertium_modes.pipeline_of(path)
    assert not apertium_engine.ApertiumEngine(tmp_path).serves("en", "es")


def test_program_that_is_not_there(tmp_path: Path) -> None:
    write_mode(tmp_path / "en-es.mode", ["sed -u -e ''", "no-such-program-here"])
    engine = apertium_engine.ApertiumEngine(tmp_path)
    assert not engine.serves("en", "es")
    with pytest.raises(EngineError, match=r"no-such-program-here cannot be started.*install"):
        said(engine, ["The cat."], "en", "es")


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_stopped_pipeline_is_started_again(
    modes: Path, monkeypatch: pytest.MonkeyPatch, which: int, how: signal.Signals
) -> None:
    monkeypatch.setattr(apertium_process, "BLOCK_TIMEOUT", 1.0)
    engine = apertium_engine.ApertiumEngine(modes)
    assert said(engine, ["The cat."], "en", "es") == ["The gato."]
    before = engine.daemon("eng-spa").processes
    os.kill(before[which].pid, how)
    texts = [f"The dog {i}." for i in range(5_000)]
    assert said(engine, texts, "en", "es") == [f"The perro {i}." for i in range(5_000)]
    assert all(process.returncode is not None for process in before)
    engine.close()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_program_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    monkeypatch.setattr(apertium_process, "BLOCK_TIMEOUT", 0.2)
    stages = ["sed -u -e ''"] * 3
    stages[which] = f"'{_hanging(tmp_path)}'"
    write_mode(tmp_path / "en-es.mode", stages)
    engine = apertium_engine.ApertiumEngine(tmp_path)
    with pytest.raises(EngineError, match=r"mode en-es failed twice \(no answer for 0\.2 s\)"):
        said(engine, ["The cat. " * 100] * 500, "en", "es")  # more than pipes hold
    assert not engine.daemon("en-es").processes


def _hanging(folder: Path) -> Path:
    path = folder / "hangs"
    path.write_text("#!/bin/sh\nexec sleep 1000\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_words_of_a_watched_tagger_are_no_cause(tmp_path: Path) -> None:
    path = tmp_path / "apertium-tagger"
    named = "Word 'a'.\nNew ambiguity class: {NOUN,VERB}"
    for words, cause in ((f"no luck\n{named}", ": no luck"), (named, "")):
        path.write_text(f'#!/bin/sh\necho "{words}" >&2\nexit 3\n', encoding="utf-8")
        path.chmod(0o755)
        write_mode(tmp_path / "en-es.mode", ["sed -u -e ''", f"'{path}' -g x.prob"])
        with pytest.raises(EngineError, match=rf"\(apertium-tagger ended with 3{cause}\)"):
            said(apertium_engine.ApertiumEngine(tmp_path), ["The cat."], "en", "es")


def test_program_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "ends"
    path.write_text("#!/bin/sh\necho 'no dictionary' >&2\nexit 3\n", encoding="utf-8")
    path.chmod(0o755)
    write_mode(tmp_path / "en-es.mode", ["sed -u -e ''", f"'{path}'", "sed -u -e ''"])
    with pytest.raises(EngineError, match=r"ends ended with 3.*no dictionary"):
        said(apertium_engine.ApertiumEngine(tmp_path), ["The cat."], "en", "es")


@pytest.mark.parametrize("script", ["s/#[0-9]*/#99/", "s/\\[#.*//", "s/\\[#/\\x00&/"])
def test_answer_of_another_sentence(tmp_path: Path, script: str) -> None:
    write_mode(tmp_path / "en-es.mode", [f"sed -u -e '{script}'"])
    with pytest.raises(EngineError, match="did not belong"):
        said(apertium_engine.ApertiumEngine(tmp_path), ["The cat.", "A", "B", "C"], "en", "es")


def test_engine_that_is_dropped_leaves_no_process(modes: Path) -> None:
    engine = apertium_engine.ApertiumEngine(modes)
    said(engine, ["The cat."], "en", "es")
    processes = engine.daemon("eng-spa").processes
    assert all(process.poll() is None for process in processes)
    del engine
    assert all(process.poll() is not None for process in processes)


def _bound(text: str, words: str, term: str, *, keep: bool = False) -> Segment:
    start = text.index(words)
    one = Constraint(start, start + len(words), term, number="singular", keep=keep)
    return Segment(text, constraints=(one,))


@pytest.mark.parametrize("binder", ["", "no-such-program-here", "false"])
def test_terms_go_as_words_where_no_carrier_can(
    modes: Path, monkeypatch: pytest.MonkeyPatch, binder: str
) -> None:
    if binder:
        monkeypatch.setattr(apertium_modes, "BINDER", binder)
    engine = apertium_engine.ApertiumEngine(modes)
    segments = [
        _bound(" My cat saw it.\n", "cat", "cat", keep=True),
        _bound("My cat saw it.", "cat", "gato"),
        _bound("My cat saw it.", "cat", "felino"),
        Segment("My cat saw it."),
    ]
    kept, natural, forced, free = engine.translate(segments, "en", "es")
    assert [(h.text, h.terms) for h in kept] == [
        (" My cat saw it.\n", ("forced",)),
        (" My gato saw it.\n", ("missing",)),
    ]
    assert [(h.text, h.terms) for h in natural] == [("My gato saw it.", ("natural",))]
    assert (forced[0].text, forced[0].terms) == ("My felino saw it.", ("forced",))
    assert [(h.text, h.terms) for h in free] == [("My gato saw it.", ())]
    engine.close()


@pytest.mark.apertium
def test_apertium_same_as_a_fresh_pipeline() -> None:
    _need_apertium()
    shared = apertium_engine.ApertiumEngine()
    drafts = said(shared, SENTENCES, "en", "es")
    for text, draft in zip(SENTENCES, drafts, strict=True):
        fresh = apertium_engine.ApertiumEngine()
        assert said(fresh, [text], "en", "es") == [draft]
        fresh.close()
        assert text[-1] == draft[-1]
        assert next(c for c in draft if c.isalpha()).isupper()
        assert not set("*#@~") & set(draft)
    shared.close()


KNOWN = "The reason is not yet known."
UNKNOWN = (
    "Inspector Skarn Brandulf said the ferry had left.",
    "Vessby led the strike for two weeks.",
    "The tramwayers closed the doors and marched.",
    "Captain Orvald signed into law the new tariff.",
    "The bridge is closed.",
)


@pytest.mark.apertium
@pytest.mark.parametrize("target", ["es", "fr"])
def test_apertium_drafts_hang_on_their_sentence_alone(target: str) -> None:
    """For the tagger of eng-spa, “known” is a combination that it was not trained for."""
    _need_apertium(target)
    fresh = apertium_engine.ApertiumEngine()
    alone = said(fresh, UNKNOWN, "en", target)
    fresh.close()
    engine = apertium_engine.ApertiumEngine()
    for texts in ([KNOWN, *UNKNOWN], [KNOWN, KNOWN.upper(), *UNKNOWN], [*UNKNOWN, KNOWN]):
        drafts = dict(zip(texts, said(engine, texts, "en", target), strict=True))
        assert [drafts[text] for text in UNKNOWN] == alone
    engine.close()


@pytest.mark.apertium
def test_apertium_translates() -> None:
    _need_apertium()
    engine = apertium_engine.ApertiumEngine()
    assert said(engine, ["The dog is in the house."], "en", "es") == ["El perro es en la casa."]
    engine.close()


@pytest.mark.apertium
@pytest.mark.parametrize("target", ["fr", "pt_BR", "it"])
def test_apertium_pivots(target: str) -> None:
    _need_apertium(target)
    engine = apertium_engine.ApertiumEngine()
    drafts = said(engine, [*SENTENCES, "See \ue000 on \ue001."], "en", target)
    assert len(drafts) == 21
    assert sorted(base.PROTECTED.findall(drafts[-1])) == ["\ue000", "\ue001"]
    engine.close()


@pytest.mark.apertium
def test_apertium_carries_a_term_through_two_modes() -> None:
    _need_apertium("fr")
    engine = apertium_engine.ApertiumEngine()
    (made,) = engine.translate([_bound("The end of the war.", "war", "hiver")], "en", "fr")
    assert made[0].text == "La fin de l'hiver."
    assert made[0].terms == ("forced",)
    processes = [p for daemon in engine._daemons.values() for p in daemon.processes]
    engine.close()
    assert all(process.poll() is not None for process in processes)


@pytest.mark.apertium
def test_apertium_program_killed_or_hanging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _need_apertium()
    engine = apertium_engine.ApertiumEngine()
    (draft,) = said(engine, ["The house."], "en", "es")
    mode = apertium_modes.modes_folder() / "eng-spa.mode"
    commands = mode.read_text("utf-8").split("|")
    some = (0, len(commands) // 2, -1)
    for which in some:
        os.kill(engine.daemon("eng-spa").processes[which].pid, signal.SIGKILL)
        assert said(engine, ["The house."], "en", "es") == [draft]
    engine.close()
    monkeypatch.setattr(apertium_process, "BLOCK_TIMEOUT", 0.1)
    for which in some:
        changed = commands.copy()
        changed[which] = f" '{_hanging(tmp_path)}' "
        write_mode(tmp_path / "eng-spa.mode", changed)
        with pytest.raises(EngineError, match="eng-spa failed twice"):
            said(apertium_engine.ApertiumEngine(tmp_path), ["The house."], "en", "es")


# Argos.


def test_argos_signature_and_codes(random_packages: Path) -> None:
    from pipeline.engines.argos import engine as argos_engine
    from pipeline.engines.argos import packages as argos_packages

    engine = argos_engine.ArgosEngine(folders=[random_packages])
    assert engine.signature("en", "es") == "argos en→es 1.0"
    assert engine.signature("en_GB", "pt_BR") == "argos en→es 1.0, es→pt 1.4"
    assert argos_packages.codes_of("pt_BR") == ("pb", "pt")
    assert argos_packages.codes_of("zh_Hans") == ("zh",)
    assert argos_packages.codes_of("zh_Hant") == ("zt",)
    assert argos_packages.codes_of("fr_CA") == ("fr",)


def test_argos_never_imports_its_translate(random_packages: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    assert said(ArgosEngine(folders=[random_packages]), ["The cat."], "en", "es")
    assert "argostranslate.translate" not in sys.modules


def test_argos_keeps_underscores(random_packages: Path) -> None:
    from pipeline.engines.argos import model
    from pipeline.engines.argos import packages as argos_packages

    one = argos_packages.read_package(random_packages / "en_es")
    assert one is not None
    for text in (LINES[-1], "a_b", "lead \ue000 and \U0001f600"):
        assert model.decode_tokens(one, one.tokenizer.encode(text)) == text


def test_argos_target_prefix_is_stripped(random_packages: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    drafts = said(ArgosEngine(folders=[random_packages]), SENTENCES, "en", "fr")
    assert not any("__fr__" in draft for draft in drafts)


def test_argos_long_text_is_not_cut(random_packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CTranslate2 would drop what is over 1,024 tokens."""
    from pipeline.engines.argos import engine as argos_engine

    asked: dict[str, Any] = {}

    class Translator:
        def translate_batch(self, tokens: list[list[str]], **options: Any) -> list[Any]:
            asked.update(options, tokens=tokens)
            raise RuntimeError("stop\nhere")

    engine = argos_engine.ArgosEngine(folders=[random_packages])
    monkeypatch.setattr(engine, "translator", lambda hop: Translator())
    with pytest.raises(EngineError, match="failed: stop here"):
        said(engine, ["The cat. " * 1000], "en", "es")
    assert asked["max_input_length"] == 0
    assert asked["max_decoding_length"] >= 2 * len(asked["tokens"][0]) > 2048


def test_argos_leaves_broken_packages_out(
    tmp_path: Path, random_packages: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

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
    engine = ArgosEngine(folders=[tmp_path, tmp_path / "not there"])
    with caplog.at_level(logging.WARNING):
        assert engine.serves("en", "es")
        assert said(engine, ["The cat."], "en", "es")
    assert len(caplog.messages) == 5  # each once
    shutil.rmtree(tmp_path / "en_es")
    with pytest.raises(PairNotAvailable, match=r"no-model is broken.*no model/model\.bin"):
        said(engine, ["The cat."], "en", "es")


def test_argos_model_that_cannot_be_loaded(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    shutil.copytree(random_packages / "en_es", tmp_path / "en_es")
    (tmp_path / "en_es" / "model" / "model.bin").write_bytes(b"not a model")
    with pytest.raises(EngineError, match=r"en_es failed: .* Delete that folder"):
        said(ArgosEngine(folders=[tmp_path]), ["The cat."], "en", "es")


def test_argos_takes_the_newest(tmp_path: Path, random_packages: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    for version in ("1.9", "1.10", "1.2"):
        shutil.copytree(random_packages / "en_es", tmp_path / version)
        path = tmp_path / version / "metadata.json"
        path.write_text(path.read_text("utf-8").replace('"1.0"', f'"{version}"'), encoding="utf-8")
    assert ArgosEngine(folders=[tmp_path]).signature("en", "es") == "argos en→es 1.10"


def test_real_models_chain(tmp_path: Path) -> None:
    """Spanish to French, for which there is no package, by way of English, in trained models."""
    from pipeline.engines.argos.engine import ArgosEngine

    names = ("tiny-en_es", "tiny-en_fr", "tiny-es_en")
    archives = [TINY.with_name(f"{name}.argosmodel") for name in names]
    for archive in archives:
        if not archive.exists():
            pytest.skip(f"no {archive.name} here")
        argos.install_file(archive, into=tmp_path / "packages")
    engine = ArgosEngine(folders=[tmp_path / "packages"])
    assert engine.signature("es", "fr") == "argos es→en 0.1, en→fr 0.1"
    house, cats = said(engine, ["¿Dónde está la casa?", "Tengo dos gatos."], "es", "fr")
    assert "maison" in house
    assert "chats" in cats
