"""`pipeline text` drafts as `run` does: with every engine it follows the same glossary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import TESTS, Sample, need
from servers import Answer, Serve, asked, chatty, libre, says, serving

from pipeline.engines import registry
from pipeline.engines.install import argos as install
from pipeline.errors import EngineError

MODELS = TESTS / "models"
GLOSSARY = """\
terms:
  - {term: strike, pos: noun, targets: {es: {term: huelga, plural: huelgas, gender: f}}}
  - {term: Kvorlund, keep: true}
"""
OTHER = "terms:\n  - {term: strike, pos: noun, targets: {es: {term: paralís, gender: m}}}\n"
STRIKE = "The strike began on Monday."
HINT = "term: strike → huelga (f; plural huelgas)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))
    return Sample(tmp_path)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with serving() as start:
        yield start


def use(project: Sample, engine: str, options: str = "", glossary: str = GLOSSARY) -> None:
    head = f'[tool.pipeline]\nsource_language = "en"\nlocales = ["es"]\nengine = "{engine}"\n'
    project.write("pyproject.toml", f"{head}{options}")
    if glossary:
        project.write("glossary.yaml", glossary)


def text(project: Sample, sentence: str, *arguments: str) -> dict[str, Any]:
    command = ("text", "-t", "es", "--json", *arguments)
    (found,) = json.loads(project.run(*command, stdin=f"{sentence}\n").out)
    assert isinstance(found, dict)
    return found


def run(project: Sample, sentence: str) -> tuple[str, str]:
    """Return the draft of *sentence* in a catalog, and what its note says beside the engine."""
    project.write("source_texts/a.md", f"{sentence}\n")
    project.run("run")
    (entry,) = (entry for entry in project.po("es", "a") if entry.msgid == sentence)
    lines = [line for line in entry.comment.split("\n") if line.startswith("draft: ")]
    return entry.msgstr, lines[0].partition("; ")[2]


def as_run_does(project: Sample, sentence: str) -> dict[str, Any]:
    found = text(project, sentence)
    target, note = run(project, sentence)
    assert (found["target"], "; ".join(found["notes"])) == (target, note)
    shown = project.run("text", "-t", "es", stdin=f"{sentence}\n")
    assert shown.out == f"{target}\n"
    assert shown.err == (f"{target} ({note})\n" if note else "")
    return found


# With each engine.


@pytest.mark.parametrize("model", ["tiny", "terms"])
def test_argos(project: Sample, model: str) -> None:
    archive = MODELS / f"{model}-en_es.argosmodel"
    if not archive.exists():
        pytest.skip("the model is not in this checkout")
    install.install_file(archive, into=project.root / "packages")
    use(project, "argos", glossary="")
    before = text(project, STRIKE)
    assert (before["terms"], "huelga" in before["target"]) == ([], False)
    use(project, "argos")
    found = as_run_does(project, STRIKE)
    assert "huelga" in found["target"]
    assert found["terms"] == [HINT]
    if model == "tiny":
        assert found["notes"] == ["terms: “huelga” forced"]
    project.write("other.yaml", OTHER)
    assert "paralís" in text(project, STRIKE, "--glossary", "other.yaml")["target"]
    assert "Kvorlund" in as_run_does(project, "My friend lives in Kvorlund.")["target"]


@pytest.mark.apertium
def test_apertium(project: Sample) -> None:
    try:
        need("apertium", registry.load("apertium").serves("en", "es"))
    except EngineError:
        need("apertium", False)
    use(project, "apertium", glossary=OTHER)
    found = as_run_does(project, STRIKE)
    assert "El paralís" in found["target"]
    assert found["notes"] == ["terms: “paralís” forced"]
    project.write("other.yaml", GLOSSARY)
    other = text(project, STRIKE, "-g", "other.yaml")
    assert ("huelga" in other["target"], other["terms"]) == (True, [HINT])


def test_a_chat_is_told(project: Sample, serve: Serve) -> None:
    def obedient(path: str, body: Any) -> Answer:
        if body is None:
            return chatty(path, body)
        told = {n: "huelga" if "terms" in data else "paro" for n, data in asked(body).items()}
        return says({n: f"Empezó la {word} el lunes." for n, word in told.items()})

    fake = serve(obedient)
    use(project, "chat", f'[tool.pipeline.chat]\nurl = "{fake.url}/v1"\nmodel = "parrot"\n')
    found = as_run_does(project, STRIKE)
    assert found["target"] == "Empezó la huelga el lunes."
    assert found["terms"] == [HINT]
    of_text, of_run, _ = (asked(body) for body in fake.posts)
    assert of_text == of_run
    assert of_text["1"]["terms"] == [HINT.removeprefix("term: ")]


def test_a_name_that_libretranslate_loses_is_kept(project: Sample, serve: Serve) -> None:
    def rude(path: str, body: Any) -> Answer:
        if body is None:
            return libre(path, body)
        drafts = [
            q.replace("The boat to", "El barco a")
            .replace("is full", "va lleno")
            .replace("Kvorlund", "Corlún")
            for q in body["q"]
        ]
        return Answer({"translatedText": drafts})

    fake = serve(rude)
    use(project, "libretranslate", f'[tool.pipeline.libretranslate]\nurl = "{fake.url}"\n')
    found = as_run_does(project, "The boat to Kvorlund is full.")
    assert found["target"] == "El barco a Kvorlund va lleno."
    use(
        project,
        "libretranslate",
        f'[tool.pipeline.libretranslate]\nurl = "{fake.url}"\n',
        "terms: []",
    )
    assert text(project, "The boat to Kvorlund is full.")["target"] == "El barco a Corlún va lleno."


def test_pseudo_keeps_names(project: Sample) -> None:
    use(project, "pseudo")
    found = as_run_does(project, "The strike in Kvorlund began on Monday.")
    assert "Kvorlund" in found["target"]
    assert found["terms"] == [HINT, "term: Kvorlund is not translated"]


# Whose terms.


def test_a_glossary_of_another_language_is_not_used(project: Sample) -> None:
    use(project, "pseudo")
    found = text(project, "Kvorlund no duerme.", "-s", "ca")
    assert ("Kvorlund" in found["target"], found["terms"]) == (False, [])
    project.write("other.yaml", f"source: en\n{GLOSSARY}")
    command = ("text", "-t", "es", "-g", "other.yaml")
    done = project.run(*command, "-s", "ca", stdin="Kvorlund\n")
    assert "Kvorlund" not in done.out
    assert done.err == "other.yaml: its terms are in English, so none is looked for\n"
    done = project.run(*command, "-s", "en_GB", stdin="Kvorlund\n")
    assert ("Kvorlund" in done.out, done.err) == (True, "")
