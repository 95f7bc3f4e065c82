"""Starters: packages of the project's own, what they say of themselves, and when they are used."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import packages
import pytest
from helpers import ROOT, Sample, sample
from hypothesis import given
from hypothesis import strategies as st
from packages import TINY, build_package, pack, repack, write_mode

from pipeline.engines import registry
from pipeline.engines.argos import archive as archives
from pipeline.engines.argos.card import KEY, LEAD, Card, Figures, read_card
from pipeline.engines.base import Segment
from pipeline.engines.install import argos as install_argos
from pipeline.engines.install import debian, offers, steps
from pipeline.engines.install import options as install_options
from pipeline.engines.terms.annotate import MARKS
from pipeline.errors import EngineError
from pipeline.model import Constraint

GOOD = {"bleu": 14.1, "chrf": 40, "apertium_bleu": 12.1, "apertium_chrf": 44.1}
CLOSE = {**GOOD, "bleu": 14.0}


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
        yield


def starter(figures: object = None, **more: object) -> dict[str, Any]:
    table = {"starter": True, **more}
    return {KEY: table if figures is None else {**table, "flores200": figures}}


# What a package says of itself.


def test_card() -> None:
    assert read_card({"package_version": "1.9"}) == Card()
    assert read_card({KEY: {}}) == Card()
    marked = starter(GOOD, terms=MARKS._asdict())
    assert read_card(marked) == Card(True, MARKS, Figures(14.1, 12.1, 40, 44.1))
    assert read_card(marked).beats_apertium
    assert not read_card(starter(CLOSE)).beats_apertium
    assert not read_card(starter()).beats_apertium
    assert read_card(starter({"bleu": 20, "apertium_bleu": 20 - LEAD})).beats_apertium


@pytest.mark.parametrize(
    ("table", "trouble"),
    [
        (None, "pipeline is no table"),
        ([], "pipeline is no table"),
        ({"starter": "no"}, "starter is neither true nor false"),
        ({"starter": True, "terms": "<|>"}, "terms are not three marks"),
        ({"starter": True, "terms": {**MARKS._asdict(), "open": "<"}}, "terms are not three marks"),
        ({"starter": True, "terms": {**MARKS._asdict(), "open": MARKS.close}}, "terms are not"),
        ({"starter": True, "flores200": {"bleu": 30}}, "flores200 is not"),
        ({"starter": True, "flores200": {**GOOD, "bleu": float("nan")}}, "flores200 is not"),
        ({"starter": True, "flores200": {**GOOD, "bleu": 10**400}}, "flores200 is not"),
        ({"starter": True, "flores200": {**GOOD, "bleu": True}}, "flores200 is not"),
    ],
)
def test_card_that_cannot_be_read_is_the_least(table: object, trouble: str) -> None:
    card = read_card({KEY: table})
    assert card.trouble.startswith(trouble)
    assert (card.starter, card.marks, card.beats_apertium) == (True, None, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["starter", "terms", "flores200"]), JSON) | JSON)
def test_card_of_anything(table: object) -> None:
    card = read_card({KEY: table})
    assert card.trouble or isinstance(table, dict)
    assert card.starter or not card.trouble or table.get("starter", False) is False  # type: ignore[attr-defined]


# Which package of a pair, and which engine.


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Argos' folder, empty; Argos' index is nowhere, and Apertium is not there."""
    from argostranslate import settings

    folder = tmp_path / "data" / "packages"
    monkeypatch.setattr(settings, "package_dirs", [folder])
    monkeypatch.setattr(settings, "remote_package_index", "http://127.0.0.1:9/index.json")
    monkeypatch.setattr(settings, "local_package_index", tmp_path / "index.json")
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path / "apertium"))
    monkeypatch.setattr(
        debian, "_apt_install", lambda packages, progress: _no_debian(" ".join(packages))
    )
    registry._load.cache_clear()
    return folder


def _no_debian(names: str) -> None:
    raise EngineError(f"no Debian here for {names}")


def put(folder: Path, pair: str, version: str = "1.0", **more: Any) -> None:
    source, target = pair.split("_")
    name = f"{pair}-{len(list(folder.parent.glob('*/*')))}"
    build_package(folder / name, source, target, seed=1, version=version, **more)


def apertium(tmp_path: Path) -> None:
    (tmp_path / "apertium" / "modes").mkdir(parents=True)
    for name in ("eng-spa", "eng-por"):
        write_mode(tmp_path / "apertium" / "modes" / f"{name}.mode", ["sed -u -e ''"])


def chosen(target: str = "es", **options: Any) -> tuple[str, tuple[str, ...]]:
    registry._load.cache_clear()
    choice = registry.choose("auto", "en", target, options)
    return choice.engine.signature("en", target), choice.passed_over


def test_any_other_package_goes_before_a_starter(place: Path) -> None:
    put(place, "en_es", "9.9", **starter(GOOD))
    assert chosen() == ("argos starter en→es 9.9", ())
    put(place, "en_es", "0.1")
    assert chosen() == ("argos en→es 0.1", ())
    put(place, "en_pt", "9.9", **starter(GOOD))
    assert chosen("pt_BR") == ("argos starter en→pt 9.9", ())
    put(place, "es_pt", "0.1")  # downloaded ones lead there too
    assert chosen("pt_BR") == ("argos en→es 0.1, es→pt 0.1", ())


def test_our_own_package_that_is_no_starter_is_one_like_others(place: Path) -> None:
    put(place, "en_es", "0.1", **starter())
    put(place, "en_es", "0.2", **{KEY: {"starter": False, "terms": MARKS._asdict()}})
    assert chosen() == ("argos en→es 0.2", ())


def test_figures_decide_between_a_starter_and_apertium(place: Path, tmp_path: Path) -> None:
    put(place, "en_es", **starter(GOOD))
    apertium(tmp_path)
    assert chosen() == ("argos starter en→es 1.0", ())


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (starter(CLOSE), "of BLEU 14 where apertium has 12.1: it should be 2 better"),
        (starter(), "which nobody has measured"),
        (starter({"bleu": "high"}), "which nobody has measured"),
    ],
)
def test_without_such_figures_it_yields(
    place: Path, tmp_path: Path, card: dict[str, Any], reason: str
) -> None:
    put(place, "en_es", **card)
    signature, passed_over = chosen()
    assert signature == "argos starter en→es 1.0"
    assert passed_over == ("apertium does not translate from en to es",)
    apertium(tmp_path)
    signature, passed_over = chosen()
    assert signature.startswith("apertium")
    assert passed_over == (f"argos has but a starter from en to es, {reason}",)
    argos = registry.choose("argos", "en", "es").engine  # what somebody sets is taken
    assert argos.signature("en", "es") == "argos starter en→es 1.0"


def test_chain_with_a_starter_yields_to_apertium(place: Path, tmp_path: Path) -> None:
    put(place, "en_es", **starter(GOOD))
    put(place, "es_pt")
    assert chosen("pt")[0] == "argos starter en→es 1.0, es→pt 1.0"
    apertium(tmp_path)
    signature, (reason,) = chosen("pt")
    assert signature.startswith("apertium")
    assert reason == (
        "argos has but a starter from en to pt, by way of es, which nobody has measured"
    )


def test_a_server_that_has_settings_goes_before_a_starter(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.engines.remote.libretranslate import LibreTranslateEngine

    there = False

    def serves(self: object, source: str, target: str) -> bool:
        if not there:
            raise EngineError("the server is down")
        return True

    monkeypatch.setattr(LibreTranslateEngine, "serves", serves)
    monkeypatch.setattr(LibreTranslateEngine, "signature", lambda *its: "libretranslate")
    put(place, "en_es", **starter(GOOD))
    options: dict[str, Any] = {"libretranslate": {"url": "http://127.0.0.1:9"}}
    assert chosen(**options) == ("argos starter en→es 1.0", ("the server is down",))
    there = True
    reason = "argos has but a starter from en to es"
    assert chosen(**options) == ("libretranslate", (reason,))
    put(place, "en_es", "0.1")
    assert chosen(**options) == ("argos en→es 0.1", ())


# Installing them.


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def add(models: Path, pair: str, version: str = "0.1", **metadata: Any) -> Path:
    source, target = pair.split("_")
    build_package(
        models.parent / "built" / f"{pair}-{version}",
        source,
        target,
        seed=2,
        version=version,
        **(metadata or starter(GOOD)),
    )
    name = f"translate-{pair}-{version}.argosmodel"
    return pack(models.parent / "built" / f"{pair}-{version}", models / name)


def got(locales: list[str], models: Path, **options: Any) -> tuple[list[str], list[str]]:
    registry._load.cache_clear()
    said: list[str] = []
    served = steps.install(
        locales, "en", said.append, install_options.InstallOptions(models=models, **options)
    )
    return served, said


def test_starters_need_no_network(place: Path, models: Path) -> None:
    archive = add(models, "en_es")
    add(models, "es_en")  # leads nowhere that is wanted
    served, said = got(["es", "fr"], models)
    assert served == ["es"]
    (there,) = place.iterdir()
    assert there.name == "en_es_starter"
    record = archives.read_record(there)
    assert record is not None
    assert record.origin == archive.name
    assert [line.split()[:2] for line in said] == [
        ["Reading", "Argos'"],
        ["Argos'", "index"],
        ["Installed", "starter"],
        ["Installing", "apertium"],  # for French
        ["no", "Debian"],
        ["No", "engine"],
    ]
    before = [(path, path.stat().st_mtime_ns) for path in sorted(place.rglob("*"))]
    assert got(["es"], models)[1][-1] == f"Argos package en→es 0.1 is in {there} already"
    assert [(path, path.stat().st_mtime_ns) for path in sorted(place.rglob("*"))] == before


def test_no_models(place: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        assert got(["es"], folder)[0] == []
    (tmp_path / "file").touch()
    assert got(["es"], tmp_path / "file")[0] == []


def test_starter_and_downloaded_package_stand_side_by_side(place: Path, models: Path) -> None:
    add(models, "en_es", "5.0")
    got(["es"], models)
    downloaded = repack(TINY, models.parent / "downloaded.argosmodel")
    install_argos.install_file(downloaded)
    assert sorted(path.name for path in place.iterdir()) == ["en_es", "en_es_starter"]
    assert chosen() == ("argos en→es 0.1", ())
    install_argos.install_file(
        models / "translate-en_es-5.0.argosmodel"
    )  # by hand: not in its place
    assert sorted(path.name for path in place.iterdir()) == ["en_es", "en_es_starter"]
    assert chosen() == ("argos en→es 0.1", ())
    assert got(["es"], models) == (["es"], [])  # nothing is looked for


def test_starter_is_not_installed_where_a_downloaded_package_serves(
    place: Path, models: Path
) -> None:
    add(models, "en_es", "5.0")
    install_argos.install_file(TINY)
    assert got(["es"], models) == (["es"], [])
    assert [path.name for path in place.iterdir()] == ["en_es"]


def test_newest_of_the_starters(place: Path, models: Path) -> None:
    add(models, "en_es", "0.9")
    add(models, "en_es", "0.10")
    got(["es"], models)
    assert chosen()[0] == "argos starter en→es 0.10"
    (models / "translate-en_es-0.10.argosmodel").unlink()
    got(["es"], models)
    assert chosen()[0] == "argos starter en→es 0.10"
    add(models, "en_es", "0.11")
    got(["es"], models)
    assert chosen()[0] == "argos starter en→es 0.11"
    assert [path.name for path in place.iterdir()] == ["en_es_starter"]


def test_chain_of_starters(place: Path, models: Path) -> None:
    add(models, "en_es")
    add(models, "es_pt")
    assert got(["pt_BR"], models)[0] == ["pt_BR"]
    assert chosen("pt_BR")[0] == "argos starter en→es 0.1, starter es→pt 0.1"


def test_starter_that_is_broken_is_told_and_the_others_come(place: Path, models: Path) -> None:
    add(models, "en_es")
    add(models, "en_fr")
    (models / "a.argosmodel").write_text("no zip", encoding="utf-8")
    cut = models / "translate-en_fr-0.1.argosmodel"
    cut.write_bytes(cut.read_bytes()[:-100])
    served, said = got(["es", "fr"], models)
    assert served == ["es"]
    for name in ("a.argosmodel", cut.name):
        assert any(f"{name} is not installed: it is no whole zip" in line for line in said)


def test_pins_rule_a_starter_out(place: Path, models: Path) -> None:
    from pipeline.engines.argos import packages as argos_packages

    archive = add(models, "en_es")
    served, said = got(["es"], models, pins={"translate-en_es-1_9": "0" * 64})
    assert served == []
    assert any("it is translate-en_es-0_1, and translate-en_es-1_9 is pinned" in s for s in said)
    with archive.open("rb") as file:
        sha256 = archives.hash_of(file)
    assert got(["es"], models, pins={"translate-en_es-0_1": sha256})[0] == ["es"]
    found, broken = argos_packages.installed([place], {"translate-en_es-1_9": sha256})
    assert (found, broken) == ({}, [])
    found, broken = argos_packages.installed([place], {"translate-en_es-0_1": "0" * 64})
    assert not found
    assert "has the SHA-256" in broken[0]


def test_apertium_is_got_where_a_starter_is_not_known_to_be_better(
    place: Path, models: Path
) -> None:
    add(models, "en_es")
    add(models, "en_pt", **starter(CLOSE))
    served, said = got(["es", "pt"], models)
    assert served == ["es", "pt"]
    assert [line for line in said if "Debian" in line] == [
        "no Debian here for apertium apertium-eng-spa apertium-es-pt"
    ]


def test_listing(place: Path, models: Path, tmp_path: Path) -> None:
    add(models, "en_es")
    add(models, "en_pt", **starter(CLOSE))
    options = install_options.InstallOptions(models=models)
    es, pt = offers.listing(["es", "pt"], "en", options).rows
    assert es.offers[0] == offers.Offer("argos", ("translate-en_es-0.1.argosmodel",))
    got(["es", "pt"], models)
    found = offers.listing(["es", "pt"], "en", options)
    es, pt = found.rows
    assert (es.signature, es.offers) == ("argos starter en→es 0.1", ())
    assert [one.engine for one in pt.offers] == ["apertium"]
    apertium(tmp_path)
    registry._load.cache_clear()
    lines = offers.lines(offers.listing(["es", "pt"], "en", options))
    assert lines[0] == "es       argos starter en→es 0.1"
    assert lines[1].startswith("pt       apertium")
    assert lines[2] == (
        "           because argos has but a starter from en to pt, of BLEU 14 where apertium has "
        "12.1: it should be 2 better"
    )
    for name, bleu, order in (("en_es", "14.1", "before"), ("en_pt", "14", "after")):
        assert (
            f"Argos package {place / name}_starter is a starter of BLEU {bleu} on FLORES-200, "
            f"where apertium has 12.1: it goes {order} apertium."
        ) in lines
    assert json.loads(json.dumps(asdict(found)))["packages"][0]["card"]["starter"] is True


def test_listing_of_a_card_that_cannot_be_read(place: Path) -> None:
    put(place, "en_es", **starter(1))
    lines = offers.lines(offers.listing(["es"], "en"))
    assert any(
        "says of itself what cannot be read: flores200 is not a BLEU beside Apertium's." in s
        for s in lines
    )
    assert any("a starter that nobody has measured: apertium goes before it." in s for s in lines)


# As users meet it.


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """A project with models/, on a machine without a network and without Apertium."""
    made = sample(tmp_path / "project")
    settings = made.read("pyproject.toml").replace('"es", "ar"', '"es"')
    made.write("pyproject.toml", settings.replace("pseudo", "auto"))
    (made.root / "models").mkdir()
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", "http://127.0.0.1:9/")
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path / "none"))
    return made


def test_first_run_without_a_network(project: Sample, tmp_path: Path) -> None:
    card = starter(GOOD, terms=MARKS._asdict())
    repack(TINY, project.root / "models" / "translate-en_es-0_1.argosmodel", **card)
    out = project.run("engines", "install").out
    assert "Installed starter en→es 0.1" in out
    assert out.splitlines()[-1] == "es       argos starter en→es 0.1"
    assert [path.name for path in (tmp_path / "packages").iterdir()] == ["en_es_starter"]
    listed = project.run("engines").out
    assert "is a starter of BLEU 14.1 on FLORES-200, where apertium has 12.1" in listed
    done = project.run("run")
    assert "with argos starter en→es 0.1" in done.out + done.err
    assert (done.out + done.err).count("its tokenizer does not know") == 1  # TINY has no marks
    drafted = [entry for entry in project.po("es", "letter") if entry.msgstr]
    assert drafted
    assert all("argos starter en→es 0.1" in entry.comment for entry in drafted)


# Those that are here.

MODELS = ROOT / "models"
SHIPPED = sorted(MODELS.glob("*.argosmodel"))
WORKERS = {"es": "trabajadores", "fr": "travailleurs"}
DEMANDS = {"es": "huelguistas", "fr": "grévistes"}


def test_what_is_shipped_is_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED) <= 60e6


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_is_worth_it(path: Path, place: Path) -> None:
    """It beats Apertium, has its card beside it, and is told the terms of a glossary."""
    with zipfile.ZipFile(path) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith("metadata.json"))
        metadata = json.loads(archive.read(about))
        readme = archive.read(about.replace("metadata.json", "README.md")).decode()
    card = read_card(metadata)
    assert (card.starter, card.marks, card.trouble) == (True, MARKS, "")
    assert card.beats_apertium
    assert path.with_suffix(".CARD.md").read_text(encoding="utf-8") == readme

    locale = metadata["to_code"]
    served, _ = got([locale], MODELS)
    assert served == [locale]
    engine = registry.load("argos")
    text = "The workers will not go back to work."
    term = Constraint(text.index("workers"), text.index(" will"), DEMANDS[locale])
    plain, told = engine.translate(
        [Segment(text), Segment(text, constraints=(term,))], "en", locale
    )
    assert WORKERS[locale] in plain[0].text
    assert DEMANDS[locale] in told[0].text
