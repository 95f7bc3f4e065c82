"""Hostile files that come into a project end in an error of their own; the rest is done."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import polib
import pytest
from helpers import Sample

from pipeline.api import read_article
from pipeline.cli import main
from pipeline.errors import PipelineError
from pipeline.formats import read
from pipeline.project.session import open_session
from pipeline.project.sources import article_id
from pipeline.storage import atomic, yaml
from pipeline.terminology import exchange, glossary_file, validate
from pipeline.terminology.glossary import Glossary, Target, Term

SETTINGS = '[tool.pipeline]\nlocales = ["es", "fr"]\nengine = "pseudo"\n'
GOOD = "The council keeps the old school open for all of us.\n"


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    made = Sample(tmp_path / "project")
    made.write("pyproject.toml", SETTINGS)
    made.write("source_texts/good.txt", GOOD)
    return made


def ran(project: Sample, *arguments: str) -> tuple[int, str]:
    """Run the command in this process; give its code and all that it said."""
    from click.testing import CliRunner

    done = CliRunner().invoke(main, ["-C", str(project.root), *(arguments or ("run",))])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def bomb(levels: int, wide: int = 9) -> str:
    lines = ["l0: &l0 [x, y]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * wide)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


BOMBS = {
    "lists": (bomb(9), 4),
    "mappings": ("a: &a {k: v}\n" + "".join(f"b{n}: *a\n" for n in range(2000)), 252),
    "merge keys": (
        "a0: &a0 {k: v}\n"
        + "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
        None,
    ),
    "merges itself": ("x: y\na: &a\n  <<: *a\n", 3),
    "holds itself": ("x: y\na: &a\n  b: [*a]\n", 3),
    "deep": ("a:\n" + "".join(" " * n + "- \n" for n in range(1, 1500)), None),
}


@pytest.mark.parametrize(("text", "line"), BOMBS.values(), ids=BOMBS)
def test_yaml_that_makes_much_of_little_is_refused_at_once(text: str, line: int | None) -> None:
    began = time.perf_counter()
    with pytest.raises(yaml.YamlProblem) as caught:
        yaml.load(text)
    assert time.perf_counter() - began < 1
    assert caught.value.line
    assert line in {None, caught.value.line}


@pytest.mark.parametrize("text", ["a: !!bool x", "a: !!set [1]", "a: !!int {}", "a: !!omap [1]"])
def test_whatever_the_yaml_library_raises_is_a_problem(text: str) -> None:
    with pytest.raises(yaml.YamlProblem, match=r"\w"):
        yaml.load(text)


def test_aliases_in_good_measure_are_followed() -> None:
    said = "n: &n noun\nbase: &b {pos: noun}\nterms:\n" + "".join(
        f"- <<: *b\n  term: t{n}\n  pos: *n\n" for n in range(100)
    )
    data = yaml.load(said)
    assert isinstance(data, dict)
    assert data["terms"][99]["pos"] == "noun"
    assert isinstance(yaml.load("a: " + "[" * 60 + "]" * 60), dict)


def test_a_bomb_in_a_source_names_file_and_line_and_the_others_go_on(project: Sample) -> None:
    project.write("source_texts/bad.md", f"---\ntitle: One\n{bomb(9)}---\n\nHello there.\n")
    project.write("source_texts/own.md", "---\ntitle: One\na: &a\n  <<: *a\n---\n\nHello there.\n")
    code, said = ran(project)
    assert code == 1
    assert "source_texts/bad.md: its front matter is no YAML, line 6: " in said
    assert "source_texts/own.md: its front matter is no YAML, line 4: " in said
    assert project.po("es", "good")[0].msgstr
    assert not (project.root / "locales/es/LC_MESSAGES/bad.po").exists()


def test_a_bomb_in_the_glossary_names_file_and_line(project: Sample) -> None:
    project.write("glossary.yaml", bomb(10) + "terms: *l9\n")
    code, said = ran(project)
    assert code == 1
    assert "glossary.yaml:4: too much is repeated" in said


@pytest.mark.parametrize("fault", [ValueError("odd\nthing"), AssertionError(), RecursionError("r")])
def test_a_fault_of_a_reader_is_an_error_of_that_source(
    project: Sample, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    project.write("source_texts/bad.txt", "Sentence one is bad.\n")
    real = read.read

    def broken(text: str, *arguments: object) -> object:
        if "bad" in text:
            raise fault
        return real(text, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.formats.read.read", broken)
    code, said = ran(project)
    assert code == 1
    assert f"Error: source_texts/bad.txt: it cannot be read ({type(fault).__name__}" in said
    assert project.po("es", "good")[0].msgstr


def test_an_interrupt_while_a_source_is_read_is_none(
    project: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.formats.read.read", stopped)
    with pytest.raises(KeyboardInterrupt), open_session(project.root) as session:
        session.articles()


def test_what_is_read_by_itself_says_so_as_well() -> None:
    with pytest.raises(PipelineError, match="line 3"):
        read_article("---\na: &a\n  <<: *a\n---\n\nOne.\n", ".md", "a", "en")


# Links in the file system

PLACES = (
    "localized/preview/es/good.html",
    "localized/preview/es",
    "localized/es",
    "localized/manifest.json",
    "localized",
    "locales/es/LC_MESSAGES/good.po",
    "locales/es",
    "locales",
)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_written_through_a_link_that_leaves(project: Sample, place: str) -> None:
    ran(project)
    outside = project.root.parent / "outside"
    (project.root / place).parent.mkdir(parents=True, exist_ok=True)
    if (project.root / place).exists():
        (project.root / place).rename(outside)
    else:
        outside.mkdir()
    (project.root / place).symlink_to(outside)
    before = everything(outside) if outside.is_dir() else outside.read_bytes()
    project.write("source_texts/good.txt", GOOD + "\nA second sentence came in today.\n")
    code, said = ran(project)
    assert code == 1
    assert f"Error: {place}: this symbolic link leads out of the project" in said
    assert "follow_links = true" in said
    assert before == (everything(outside) if outside.is_dir() else outside.read_bytes())
    if "/es" in place:  # the other locale goes on
        assert len(project.po("fr", "good")) == 2
        assert (project.root / "localized/preview/fr/good.html").exists()
    project.write("pyproject.toml", SETTINGS + "follow_links = true\n")
    assert ran(project)[0] == 0


def test_no_source_is_read_through_a_link_that_leaves(project: Sample, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("The password is swordfish and it is old.\n")
    (project.root / "source_texts/link.txt").symlink_to(tmp_path / "secret.txt")
    (project.root / "source_texts/within.txt").symlink_to("good.txt")
    code, said = ran(project)
    assert code == 1
    assert "Error: source_texts/link.txt: this symbolic link leads out of the project" in said
    assert not any(b"password" in data for data in project.files().values())
    assert len(project.po("es", "within")) == len(project.po("es", "good")) == 1


@pytest.mark.parametrize("place", ["source_texts", "glossary.yaml", ".pipeline"])
def test_no_folder_of_the_project_lies_elsewhere(project: Sample, place: str) -> None:
    project.write("glossary.yaml", "terms:\n  - school: {es: colegio, fr: lycée}\n")
    ran(project)
    outside = project.root.parent / "outside"
    (project.root / place).rename(outside)
    (project.root / place).symlink_to(outside)
    before = everything(outside) if outside.is_dir() else None
    code, said = ran(project)
    assert code == 1
    assert f"Error: {place}: this symbolic link leads" in said.replace(f"{project.root}/", "")
    assert before == (everything(outside) if outside.is_dir() else None)


def test_a_file_of_the_cache_is_no_link_either(project: Sample, tmp_path: Path) -> None:
    ran(project)
    (tmp_path / "victim").write_text("mine")
    (project.root / ".pipeline/lock.pid").unlink()
    (project.root / ".pipeline/lock.pid").symlink_to(tmp_path / "victim")
    assert ran(project)[0] == 1
    assert (tmp_path / "victim").read_text() == "mine"


def test_the_first_link_that_leaves_is_named(tmp_path: Path) -> None:
    root, outside = tmp_path / "a", tmp_path / "ab"
    (root / "in").mkdir(parents=True)
    outside.mkdir()
    (root / "out").symlink_to(outside)
    (root / "on").symlink_to("out")
    (root / "here").symlink_to("in")
    (root / "loop").symlink_to("loop")
    assert atomic.way_out(root / "out/x/y", root) == root / "out"
    assert atomic.way_out(root / "on/x", root) == root / "on"
    for inside in ("here/x", "in/x", "loop", "new/x"):
        assert atomic.way_out(root / inside, root) is None
    assert atomic.way_out(outside / "x", root) is None


# Another locale's catalog

SPANISH = {
    "The council keeps the school open.": "El ayuntamiento mantiene abierta la escuela del barrio.",
    "The ferry sails every morning.": "El transbordador sale todas las mañanas del puerto viejo.",
    "Nobody asked the people here.": "Nadie ha preguntado nada a la gente que vive aquí.",
    "We will come back tomorrow.": "Volveremos mañana con todos nuestros vecinos y amigos.",
}
FRENCH = {
    "The council keeps the school open.": "La mairie garde ouverte l'école de notre quartier.",
    "The ferry sails every morning.": "Le bateau part tous les matins du vieux port de la ville.",
    "Nobody asked the people here.": "Personne n'a demandé leur avis aux gens qui vivent ici.",
    "We will come back tomorrow.": "Nous reviendrons demain avec tous nos voisins et amis.",
}


def approved(project: Sample, locale: str, targets: dict[str, str], **header: str | None) -> None:
    """Approve *targets* in the catalog of good.txt; None in *header* takes a field of it away."""
    po = project.po(locale, "good")
    for name, value in header.items():
        if value is None:
            del po.metadata[name]
        else:
            po.metadata[name] = value
    for entry in po:
        entry.msgstr, entry.flags = targets[entry.msgid], []
    po.save()


@pytest.fixture
def statement(project: Sample) -> Sample:
    project.write("source_texts/good.txt", "\n\n".join(SPANISH) + "\n")
    project.write(
        "pyproject.toml", SETTINGS.replace('["es", "fr"]', '["es", "es_MX", "fr", "pt_BR"]')
    )
    ran(project)
    return project


@pytest.mark.parametrize(
    ("locale", "header", "why"),
    [
        ("es", "fr", "its header says “Language: fr”"),
        ("es", "fr_CA", "its header says “Language: fr_CA”"),
        ("es_MX", "FR-ca", "its header says"),
        ("es", "tzh", "its header says"),
        ("es", "en", "its header says"),
        ("es", "fra.UTF-8", "its header says"),
        ("es", None, "its text is in French"),
        ("es", "", "its text is in French"),
        ("es", "Français", "its text is in French"),
    ],
)
def test_a_catalog_of_another_language_is_an_error(
    statement: Sample, locale: str, header: str | None, why: str
) -> None:
    approved(statement, locale, FRENCH, Language=header)
    approved(statement, "fr", FRENCH)
    place = f"locales/{locale}/LC_MESSAGES/good.po"
    before = statement.read(place)
    for _ in range(2):
        code, said = ran(statement)
        assert code == 1
        assert said.count(f"Error: {place}: {why}") == 1
        assert statement.read(place) == before
        assert not (statement.root / f"localized/{locale}/good.md").exists()
        assert (statement.root / "localized/fr/good.md").exists()
    other = "es_MX" if locale == "es" else "es"
    assert "ayuntamiento" not in statement.read(f"locales/{other}/LC_MESSAGES/good.po")
    assert "mairie" not in statement.read(f"locales/{other}/LC_MESSAGES/good.po")


@pytest.mark.parametrize(
    ("locale", "header", "targets"),
    [
        ("es_MX", "es", SPANISH),
        ("es", "es-MX", SPANISH),
        ("es", "spa", SPANISH),
        ("es", "ES_es.UTF-8", SPANISH),
        ("es", None, SPANISH),
        ("es", "", SPANISH),
        ("es", "Spanish", SPANISH),
        ("es", "", {**SPANISH, "We will come back tomorrow.": "Nous reviendrons demain, amis."}),
        ("es", "", dict.fromkeys(SPANISH, "Égalité")),  # too little to be certain
    ],
)
def test_a_catalog_of_the_language_is_none(
    statement: Sample, locale: str, header: str | None, targets: dict[str, str]
) -> None:
    approved(statement, locale, targets, Language=header)
    _, said = ran(statement)
    assert "Error" not in said
    assert (statement.root / f"localized/{locale}/good.md").exists()


def test_what_another_language_approved_is_not_in_the_memory(statement: Sample) -> None:
    approved(statement, "es", FRENCH, Language="fr")
    statement.write("source_texts/new.txt", "Nobody asked the people here.\n")
    ran(statement)
    assert "Personne" not in statement.read("locales/es/LC_MESSAGES/new.po")


# Small


@pytest.mark.parametrize(
    "name", ["builtins:exit", "os:abort", "os.path:join", "_thread:exit", "no_engines:Nothing"]
)
def test_what_is_no_engine_is_refused_by_name(project: Sample, name: str) -> None:
    project.write("pyproject.toml", SETTINGS.replace('"pseudo"', f'"{name}"'))
    code, said = ran(project)
    assert code == 1
    assert f"Error: Engine {name}" in said


@pytest.mark.parametrize(
    "body",
    [
        "def make(): raise SystemExit(0)",
        "import sys\nsys.exit(0)",
        "def make(): return 5",
        "class make:\n name = reads = None\n def serves(): 0\n signature = serves\n translate = 0",
        "class make:\n @property\n def name(self): raise SystemExit(0)",
    ],
)
def test_a_factory_that_gives_none_is_refused_by_name(
    project: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    name = f"hostile_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(body + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    project.write("pyproject.toml", SETTINGS.replace('"pseudo"', f'"{name}:make"'))
    code, said = ran(project)
    assert code == 1
    assert f"Error: Engine {name}:make" in said


FORMULAS = ("=1+1", "+cmd", "-2+3", "@SUM", "=HYPERLINK(1)", "＝x", "'=x", "''+x")


@pytest.mark.parametrize("form", ["deepl", "weblate"])
def test_a_cell_of_a_table_runs_nowhere_and_comes_back_as_it_was(form: str) -> None:
    terms = [Term(f"{text} ferry", targets={"es": Target(f"{text} a")}) for text in FORMULAS]
    terms.append(Term("plain", targets={"es": Target("it's; =x")}, note="=note"))
    made = exchange.dump(Glossary(tuple(terms)), ["es"], form).text
    for row in csv.reader(made.splitlines()):
        assert not any(cell[:1] in set("=+-@＝\t\r") for cell in row), row
    back = exchange.parse(made.encode(), "x.csv", form, "en", ["es"])
    found = {one.wordings[0]: one.targets["es"].term for one in back.concepts}
    assert found == {term.term: term.targets["es"].term for term in terms}


def test_a_table_without_formulas_is_as_it_was() -> None:
    glossary = Glossary((Term("it's, so", targets={"es": Target("a-b = c")}),))
    assert exchange.dump(glossary, ["es"], "deepl").text == '"it\'s, so",a-b = c\n'


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("हिन्दी", "हिन्दी"),
        ("हिन्द", "हिन्द"),
        ("ประชุม", "ประชุม"),
        ("x\u0304 y", "x\u0304-y"),
        ("cafe\u0301", "café"),
        ("a \u0301b", "a-b"),
        ("❤\ufe0fx", "x"),
        ("a.\u0301b", "a.-b"),
        ("a - b--c", "a-b-c"),
    ],
)
def test_a_name_keeps_its_marks(name: str, article: str) -> None:
    assert article_id(Path(f"{name}.txt")) == article


def test_names_in_devanagari_are_two_articles(project: Sample) -> None:
    project.write("source_texts/कि.txt", GOOD)
    project.write("source_texts/की.txt", "Another sentence of another article.\n")
    assert ran(project)[0] == 0
    assert len(project.po("es", "कि")) == len(project.po("es", "की")) == 1


def test_a_term_that_stands_a_thousand_times_is_told_once_each() -> None:
    entry = "- {term: tariff, domain: d%d, targets: {es: tarifa}}\n"
    text = "terms:\n" + "".join(entry % (n % 3) for n in range(600))
    glossary, _ = glossary_file.read(text)
    began = time.process_time()
    found = validate.problems(glossary, ["es"])
    assert time.process_time() - began < 1
    assert len(found) < 4 * 600
    twins = [one for one in found if one.error]
    assert [one.line for one in twins] == list(range(5, 602))
    assert {one.message.partition(" in ")[2] for one in twins} == {
        f"line {line} too; make one entry of them" for line in (2, 3, 4)
    }


BRIDGE, SCHOOL = "The council supports the new bridge.", "The council supports the new school."
SAID = {
    BRIDGE: "El consejo apoya el puente nuevo.",
    SCHOOL: "El consejo apoya la escuela nueva.",
}


@pytest.fixture
def swapped(project: Sample) -> Sample:
    """Two sources that have swapped their names."""
    project.write("pyproject.toml", SETTINGS.replace(', "fr"', ""))
    (project.root / "source_texts/good.txt").unlink()
    for name, text in (("a", SCHOOL), ("b", BRIDGE)):
        project.write(f"source_texts/{name}.txt", f"{text}\n\nIt rains in {name} today.\n")
    ran(project)
    for name in "ab":
        po = project.po("es", name)
        for entry in po:
            entry.msgstr = SAID.get(entry.msgid, "Hoy llueve aquí.")
            entry.flags = []
        po.save()
    ran(project)
    project.write("source_texts/a.txt", f"{BRIDGE}\n\nIt rains in a today.\n")
    project.write("source_texts/b.txt", f"{SCHOOL}\n\nIt rains in b today.\n")
    return project


def entry_of(project: Sample, name: str, text: str) -> polib.POEntry:
    return next(e for e in project.po("es", name) if e.msgid == text and not e.obsolete)


def test_the_same_sentence_elsewhere_goes_before_a_similar_one_here(swapped: Sample) -> None:
    for _ in range(3):
        ran(swapped)
        for name, text in (("a", BRIDGE), ("b", SCHOOL)):
            entry = entry_of(swapped, name, text)
            assert entry.msgstr == SAID[text]
            assert entry.fuzzy
            assert not entry.previous_msgid
            assert "memory, same sentence" in entry.comment
    old = [e for e in swapped.po("es", "a") if e.obsolete and e.msgid == SCHOOL]
    assert [e.msgstr for e in old] == [SAID[SCHOOL]]


def test_what_a_person_has_touched_is_not_replaced(swapped: Sample) -> None:
    ran(swapped, "update")
    po = swapped.po("es", "a")
    entry = next(e for e in po if e.msgid == BRIDGE)
    assert entry.msgstr == SAID[SCHOOL]
    entry.msgstr = "El consejo apoya la pasarela."
    po.save()
    ran(swapped)
    assert entry_of(swapped, "a", BRIDGE).msgstr == "El consejo apoya la pasarela."
    po = swapped.po("es", "b")
    entry = next(e for e in po if e.msgid == SCHOOL)
    entry.tcomment = "look at this again"
    entry.msgstr, entry.previous_msgid = SAID[BRIDGE], BRIDGE
    po.save()
    ran(swapped)
    assert entry_of(swapped, "b", SCHOOL).msgstr == SAID[BRIDGE]
