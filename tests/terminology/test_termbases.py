"""Glossaries of other tools, and adding them to ours."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from helpers import Sample, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli.glossary import glossary_group
from pipeline.errors import PipelineError
from pipeline.terminology import exchange
from pipeline.terminology.concepts import Concept
from pipeline.terminology.exchange import dump, format_of
from pipeline.terminology.glossary import Glossary, Target, Term
from pipeline.terminology.glossary_file import parse
from pipeline.terminology.importing import merge

SHORT = """\
# What we say
version: 1
source: en
terms:

  # --- Work

  - term: ferry   # the boat
    pos: noun
    variants: [ferry boat]
    note: 'Not the "company".'
    targets:
      es: {term: transbordador, plural: transbordadores, gender: m, forbid: [ferri]}
      fr: bac

  - term: right to strike
    targets:
      es: derecho de huelga   # as in the law

  - {term: Orvane, keep: true}
"""
LANGUAGE = "en"


def test_the_command_knows_the_formats() -> None:
    for command in ("import", "export"):
        (option,) = (p for p in glossary_group.commands[command].params if p.name == "form")
        assert isinstance(option.type, click.Choice)
        assert tuple(option.type.choices) == exchange.FORMATS


@pytest.mark.parametrize(
    ("form", "table", "suffix"),
    [
        ("tbx", True, ".tbx"),
        ("weblate", False, ".tbx"),
        ("weblate", True, ".csv"),
        ("deepl", True, ".csv"),
        ("omegat", True, ".tsv"),
    ],
)
def test_what_was_exported_is_known_when_it_comes_back(form: str, table: bool, suffix: str) -> None:
    made = dump(parse(SHORT), ["es"], form, table=table)
    back = exchange.parse(made.text.encode(), f"x{suffix}", form, LANGUAGE, ["es"])
    assert not back.skipped
    merged = merge(SHORT, "g.yaml", back.concepts, LANGUAGE)
    assert merged.text == SHORT
    assert not merged.left
    assert merged.known >= 3


names = st.lists(
    st.sampled_from('quay “tide” a<b A&B #1 =2 x;y l’eau; ünï, "q" ré'.split()),
    min_size=1,
    max_size=3,
).map(" ".join)
targets = st.builds(
    Target,
    term=names,
    plural=st.one_of(st.just(""), names.map(lambda n: f"{n} pp")),
    gender=st.sampled_from(["", "m", "f", "n"]),
    forbid=st.lists(names.map(lambda n: f"{n} no"), max_size=2, unique=True).map(tuple),
)
entries = st.builds(
    Term,
    term=names,
    pos=st.sampled_from(["", "noun", "name", "adj", "verb", "abbr"]),
    note=names,
    domain=st.one_of(st.just(""), names),
    targets=st.fixed_dictionaries({"es": targets}, optional={"pt_BR": targets}),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(entries, min_size=1, max_size=4, unique_by=lambda term: term.term.casefold()))
def test_tbx_brings_back_what_it_holds(terms: list[Term]) -> None:
    glossary = Glossary(tuple(terms))
    text = dump(glossary, ["es", "pt_BR"], "tbx").text
    back = exchange.parse(text.encode(), "x.tbx", "tbx", "en", ["es", "pt_BR"])
    assert [
        (one.wordings[0], one.pos, one.note, one.domain, one.targets) for one in back.concepts
    ] == [(term.term, term.pos, term.note, term.domain, term.targets) for term in terms]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(names, names), min_size=1, max_size=4, unique_by=lambda p: p[0].casefold()),
    st.sampled_from(["deepl", "weblate", "omegat"]),
)
def test_tables_bring_back_their_pairs(pairs: list[tuple[str, str]], form: str) -> None:
    terms = tuple(Term(source, targets={"es": Target(target)}) for source, target in pairs)
    text = dump(Glossary(terms), ["es"], form).text
    back = exchange.parse(text.encode(), "x", form, "en", ["es"])
    kept = [p for p in pairs if form != "omegat" or not p[0].startswith("#")]
    assert [(one.wordings[0], one.targets["es"].term) for one in back.concepts] == kept


def test_weblate_gets_a_forbidden_word_as_an_entry_of_its_own() -> None:
    text = dump(parse(SHORT), ["es"], "weblate", table=False).text
    bad = [one for one in text.split("<termEntry>") if "forbidden" in one]
    assert len(bad) == 2
    assert all("ferri<" in one and "transbordador" not in one for one in bad)


def test_translate_toolkit_reads_what_we_write(tmp_path: Path) -> None:
    """translate-toolkit 3.20.4 did, 2026-11-22; needed by the tests only."""
    toolkit = pytest.importorskip("translate.storage.tbx", reason="needs translate-toolkit")
    (tmp_path / "x.tbx").write_text(dump(parse(SHORT), ["es", "fr"], "tbx").text, encoding="utf-8")
    found = toolkit.tbxfile.parsefile(str(tmp_path / "x.tbx"))
    found.setsourcelanguage("en")
    found.settargetlanguage("fr")
    assert [(one.source, one.target) for one in found.units][:1] == [("ferry", "bac")]


MODERN = """\
<?xml version="1.0" encoding="UTF-8"?>
<tbx type="TBX-Basic" style="dct" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
     xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic">
<tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader>
<text><body><conceptEntry id="c1">
<min:subjectField>boats</min:subjectField>
<langSec xml:lang="en-GB"><termSec><term>tide
  table</term><min:partOfSpeech>noun</min:partOfSpeech></termSec></langSec>
<langSec xml:lang="es-MX"><basic:definition>x</basic:definition>
<termSec><term>tabla de mareas</term><basic:grammaticalGender>feminine</basic:grammaticalGender>
</termSec><termSec><term>lista de mareas</term>
<min:administrativeStatus>supersededTerm-admn-sts</min:administrativeStatus></termSec></langSec>
</conceptEntry></body></text></tbx>
"""


def test_tbx_of_2019_is_read_too() -> None:
    (one,) = exchange.parse(MODERN.encode(), "x.tbx", "tbx", "en", ["es", "fr"]).concepts
    assert (one.wordings, one.pos, one.domain) == (("tide table",), "noun", "boats")
    target = Target("tabla de mareas", gender="f", forbid=("lista de mareas",))
    assert one.targets == {"es": target}


def test_the_preferred_term_is_the_term_wherever_it_stands() -> None:
    text = """<martif><text><body><termEntry>
<langSet xml:lang="en"><tig><term>tide</term></tig></langSet>
<langSet xml:lang="es"><tig><term>pleamar</term></tig><tig><term>marea</term>
<termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig></langSet>
</termEntry></body></text></martif>"""
    (one,) = exchange.parse(text.encode(), "x.tbx", "tbx", "en", ["es"]).concepts
    assert one.targets == {"es": Target("marea", forms=("pleamar",))}


def test_a_csv_may_have_a_header_semicolons_and_languages() -> None:
    rows = "Target;Source;Note\r\nmuelle;quay;where boats lie\r\n"
    (one,) = exchange.parse(rows.encode("utf-8-sig"), "x", "weblate", "en", ["es"]).concepts
    assert one == Concept(("quay",), {"es": Target("muelle")}, note="where boats lie", line=2)
    rows = "quay,muelle,en,es\nquay,Kai,en,de\n"
    (one,) = exchange.parse(rows.encode(), "x", "deepl", "en", ["de"]).concepts
    assert one.targets == {"de": Target("Kai")}


@pytest.mark.parametrize(
    ("data", "form", "message"),
    [
        (b"<martif><text>", "tbx", "x:1: not well-formed XML"),
        (b"<tmx></tmx>", "tbx", "x:1: this is no TBX file; it begins with <tmx>"),
        (b'<!DOCTYPE martif [<!ENTITY a "b">]>\n<martif/>', "tbx", "the DOCTYPE holds"),
        (b"<martif>&a;</martif>", "tbx", "x:1: "),
        (b"quay\xff,muelle", "deepl", "x:1: not UTF-8"),
        (b"a,b\nquay\n", "deepl", "x:2: a row needs two columns at least"),
        (b'a,b\n"quay,muelle\n', "deepl", "x:2: "),
        (b"a\tb\nquay muelle\n", "omegat", "x:2: a row needs a tab"),
        (b"a\0,b", "deepl", "x: not a text file"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(data: bytes, form: str, message: str) -> None:
    with pytest.raises(PipelineError) as error:
        exchange.parse(data, "x", form, "en", ["es"])
    assert message in str(error.value)


def test_what_cannot_be_a_term_is_skipped_and_said() -> None:
    found = exchange.parse(b"...,x\nquay,mu\x07elle\ntide,marea\n", "x", "deepl", "en", ["es"])
    assert [one.wordings[0] for one in found.concepts] == ["tide"]
    assert len(found.skipped) == 2


def test_a_csv_does_not_say_which_it_is() -> None:
    with pytest.raises(PipelineError, match="say --format"):
        format_of(".csv", None)
    with pytest.raises(PipelineError, match="name it with --locale"):
        dump(parse(SHORT), ["es", "fr"], "deepl")


def concept(term: str, target: str, locale: str = "es") -> Concept:
    return Concept((term,), {locale: Target(target)}, line=9)


def test_an_import_adds_and_never_changes() -> None:
    new = [
        concept("Ferries", "transbordador"),
        concept("ferry", "ferri"),
        concept("Right to strike", "derecho a la huelga"),
        concept("right to strike", "droit de grève", "fr"),
        concept("Orvane", "Orvane"),
        Concept(("tide", "tidal water"), {"es": Target("marea", gender="f")}, note="Of the sea."),
    ]
    merged = merge(SHORT, "g.yaml", new, LANGUAGE)
    assert merged.added == ["Ferries", "tide"]
    assert merged.extended == ["right to strike: fr"]
    assert merged.known == 1
    assert merged.left == [
        "line 9: “ferry”: in es “ferri” is forbidden here",
        "line 9: “Right to strike”: in es “derecho a la huelga” there, “derecho de huelga” here",
    ]
    after = merged.text.split("\n")
    at = -1
    for line in SHORT.rstrip().split("\n"):  # nothing is lost, moved or written otherwise
        spelt = " ".join(line.split())
        at = next(n for n in range(at + 1, len(after)) if " ".join(after[n].split()) == spelt)
    assert merged.text.index("fr: droit de grève") < merged.text.index("# as in the law")
    (tide,) = [term for term in parse(merged.text).terms if term.term == "tide"]
    assert (tide.variants, tide.note) == (("tidal water",), "Of the sea.")
    assert merge(merged.text, "g.yaml", new, LANGUAGE).text == merged.text


@pytest.mark.parametrize(
    "text", ["", "terms:\n", "terms: []\n", "# none yet\n", "terms:\n- quay: {fr: quai}\n"]
)
def test_an_import_into_little(text: str) -> None:
    merged = merge(text, "g.yaml", [concept("quay", "muelle"), concept("no", "no")], LANGUAGE)
    assert [(t.term, t.target("es")) for t in parse(merged.text).terms] == [
        ("quay", Target("muelle")),
        ("no", Target("no")),
    ]


def test_two_entries_for_one_thing_are_left_to_a_person() -> None:
    new = Concept(("ferry", "right to strike"), {"it": Target("x")})
    merged = merge(SHORT, "g.yaml", [new], LANGUAGE)
    assert merged.text == SHORT
    assert merged.left == ["“ferry”: it is “ferry” and “right to strike”"]


def test_a_glossary_with_mistakes_is_not_added_to() -> None:
    with pytest.raises(PipelineError, match=r"g.yaml:2: .*; put that right first"):
        merge("terms:\n  - trem: a\n", "g.yaml", [concept("quay", "muelle")], LANGUAGE)


def test_the_commands(tmp_path: Path) -> None:
    project: Sample = sample(tmp_path)
    before = project.read("glossary.yaml")
    out = project.run("glossary", "check").out
    assert "warning: “tariff” has no ar" in out
    assert "1 terms, 0 errors, 1 warnings" in out
    project.run("glossary", "export", "t.tbx")
    project.run("glossary", "export", "t.tbx")
    assert "there already" in project.run("glossary", "import", "t.tbx").out
    project.write("o.tsv", "tariff\tتعرفة\nquay\tرصيف\n")
    assert "would add" in project.run("glossary", "import", "o.tsv", "-l", "ar", "-n").out
    assert project.read("glossary.yaml") == before
    project.run("glossary", "import", "o.tsv", "-l", "ar")
    assert "رصيف" in project.read("glossary.yaml")
    assert project.read("glossary.yaml").startswith(before.split("\n")[0])
    letter = project.read("source_texts/letter.md")
    letter_md = ("source_texts/letter.md", "--format", "omegat", "-l", "ar")
    refused = project.run("glossary", "export", *letter_md, code=1)
    assert "--force" in refused.err
    assert project.read("source_texts/letter.md") == letter
    assert "--force" in project.run("glossary", "export", "t.tbx", code=1).err
    project.run("glossary", "export", "t.tbx", "--force")
    project.write("glossary.yaml", before + "  - {term: quay, gendre: f, pos: boat}\n  - term: 3\n")
    result = project.run("glossary", "check", "--json", code=1)
    assert isinstance(result.json, dict)
    lines = [(one["line"], one["kind"]) for one in result.json["problems"]]
    assert lines.count((5, "error")) == 2
    assert (6, "error") in lines
