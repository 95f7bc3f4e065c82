"""Linguists' tables: each file is well-formed, an edit is seen, and a slip is named by its line."""

from __future__ import annotations

import re
import shutil
import string
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from pipeline.engines.apertium import carriers
from pipeline.errors import TableError
from pipeline.storage import fingerprints
from pipeline.text import locales, tables

FILES = sorted(tables.ROOT.rglob("data/*.tsv"))
NAMES = [
    "/".join(path.relative_to(tables.ROOT).with_suffix("").parts).replace("/data/", "/")
    for path in FILES
]


def _read(table: str) -> tuple[list[str], list[list[str]]]:
    lines = tables.path_of(table).read_text(encoding="utf-8").split("\n")
    head, *rows = (line.split("\t") for line in lines if line and line[0] != "#")
    return head, rows


def test_there_are_tables() -> None:
    assert len(FILES) > 10
    assert [tables.path_of(name) for name in NAMES] == FILES


@pytest.mark.parametrize("table", NAMES)
def test_a_table_is_well_formed(table: str) -> None:
    text = tables.path_of(table).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert text.endswith("\n")
    assert not any(char in text for char in "\r\ufeff\u00a0")
    head, rows = _read(table)
    assert rows
    for row in rows:
        assert len(row) == len(head), row
        assert all(cell and cell == cell.strip() for cell in row), row


@pytest.mark.parametrize("table", NAMES)
def test_a_table_explains_itself(table: str) -> None:
    text = tables.path_of(table).read_text(encoding="utf-8")
    head, rows = _read(table)
    said = "\n".join(line for line in text.split("\n") if line.startswith("#"))
    assert text.startswith("# ")
    assert "\n# Test an edit: python -m pytest tests/text/test_tables.py" in said
    for path in re.findall(r"tests/\w+\.py", said):
        assert (Path(__file__).parent.parent / path).exists(), path
    kinds = [n for n, column in enumerate(head) if column in {"list", "kind", "case"}]
    named = {*head, *(row[n] for row in rows for n in kinds)}
    assert [name for name in sorted(named) if name not in said] == []


@pytest.mark.parametrize("table", NAMES)
def test_a_table_says_nothing_twice(table: str) -> None:
    head, rows = _read(table)
    if head[-1] == "words":
        rows = [[*row[:-1], word] for row in rows for word in row[-1].split()]
    assert [row for row, n in Counter(map(tuple, rows)).items() if n > 1] == []


@pytest.mark.parametrize("table", NAMES)
def test_the_languages_of_a_table_are_known(table: str) -> None:
    head, rows = _read(table)
    codes = {row[head.index("language")] for row in rows} - {"*"}
    if table == "text/segmentation":
        codes.update(code for row in rows if row[0] == "ordinal point" for code in row[2].split())
    for code in codes:
        assert locales.parse(code).language == code


@pytest.mark.parametrize("table", NAMES)
def test_the_phrases_of_a_table_are_patterns(table: str) -> None:
    head, rows = _read(table)
    for row in rows if head[-1] == "phrase" else ():
        tables.pattern(row[-1])


def test_a_notice_has_its_figures() -> None:
    for code, text in tables.rows("publish/preview_notice", "language", "text"):
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert sorted(names) == ["approved", "share", "total"], code


def test_each_carrier_has_all_its_forms() -> None:
    languages = set(carriers.ADJECTIVE)
    assert {len(forms) for forms in carriers.ADJECTIVE.values()} == {4}
    for nouns in carriers.NOUNS.values():
        assert len(nouns) == len(carriers.NOUNS["m"])
        for noun in nouns:
            assert set(noun) == languages
            assert {len(forms) for forms in noun.values()} == {2}


# Reading


@pytest.mark.parametrize(
    ("phrase", "pattern"),
    [
        ("tag[s]", "tag(?:s)?"),
        ("(a|b).", r"(?:a|b)\."),
        (r"\(c\){60}", r"\(c\).{0,60}"),
        ("j'{word}{end}{number}{year}", r"j[’']\w+\b\d+\d{4}"),
    ],
)
def test_the_notation_of_phrases(phrase: str, pattern: str) -> None:
    assert tables.pattern(phrase) == pattern


HEAD = "# Words\nlist\tlanguage\twords\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Words\nlanguage\twords\n", "line 2: write the names of the columns, list | language |"),
        (f"{HEAD}\nnumbers\ten\n", "line 4: fill the columns list | language | words, with a tab"),
        (f"{HEAD}numbers\ten\tone\ttwo\n", "line 3: fill the columns"),
        (f"{HEAD}numbers\t \tone\n", "line 3: fill the columns"),
        (
            f"{HEAD}# more\nnumber\ten\tone\n",
            "line 4: there is no list 'number'; there are numbers",
        ),
        (f"{HEAD}numbers\ten\té\n".encode("latin-1"), "line 3: this is not UTF-8"),
    ],
)
def test_a_slip_is_named_by_file_and_line(
    text: str | bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "package" / "data" / "table.tsv"
    path.parent.mkdir(parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    with pytest.raises(TableError) as caught:
        tables.lists("package/table", "numbers")
    assert f"{path}, {said}" in str(caught.value)


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("tag[s", "nothing closes the ["),
        ("tags]", "nothing opens the ]"),
        ("tag[s)", "nothing opens the )"),
        ("{any}", "{any} means nothing"),
        ("100 %}", "} means nothing"),
    ],
)
def test_a_slip_in_a_phrase_is_named_by_file_and_line(
    phrase: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "package" / "data" / "table.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(f"list\tlanguage\tphrase\nlines\ten\t{phrase}\n", encoding="utf-8")
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    with pytest.raises(TableError) as caught:
        tables.phrases("package/table", "lines")
    assert str(caught.value) == f"{path}, line 2: {phrase!r}: {said}"


# An edit


EDITS = {
    "changes/polarity": "negation\ttr\tdeğil",
    "changes/contractions": "fr\tchais\tje sais",
    "changes/number_suffixes": "sizes\t*\tlakh",
    "checks/number_scales": "scale\ttr\tbin",
    "engines/terms/agreement": "adjective\tfr\tsot\tsotte\tsots\tsottes",
    "engines/terms/contractions": "pt\tnalgum\tem\talgum",
    "engines/terms/genders": "es\tsartén\tf",
    "engines/terms/words": "never agree\tes\tsalvado",
    "formats/boilerplate": "phrase\ttr\tdevamını oku",
    "formats/bylines": "byline\ttr\tyazan",
    "formats/signature": "office\ttr\tsendika",
    "publish/preview_notice": "sv\tFörhandsvisning: {approved} av {total} ({share}).",
    "text/segmentation": "leading\ttr\tsn",
}
SEEN = """
from pipeline.changes import polarity, tokens
from pipeline.checks import source
from pipeline.checks.base import Subject, SubjectKind
from pipeline.engines.terms import agreement, inflection, predicates
from pipeline.formats import boilerplate_phrases, plain_text, signature
from pipeline.publish import notice
from pipeline.text import segmentation

assert polarity.negates("değil", "tr")
assert polarity.parts("chais", "fr") == ("je", "sais")
assert tokens.is_size("lakh")
subject = Subject(SubjectKind.SOURCE, "8000 bin", source_language="tr")
assert list(source.number_scale.find(subject))
assert agreement.leads("le sot ", "maison", "f", "singular", "fr") == ("la sotte ",)
assert agreement.is_function_word("nalgum", "pt")
assert inflection.guess_gender("sartén", "es") == "f"
assert predicates.after("las casas", " salvado", "f", "plural", "es") == " salvado"
assert boilerplate_phrases.is_furniture("Devamını oku", "tr")
assert plain_text.byline("Yazan Ayşe Demir") == "Ayşe Demir"
assert signature._office().search("Liman Sendikası")
assert notice.notice(1, 2, "sv")[0] == "Förhandsvisning: 1 av 2 (50\\u00a0%)."
assert segmentation.segment("Bunu Sn. Demir yazdı.", "tr") == ["Bunu Sn. Demir yazdı."]
"""


def _run(code: str, root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr


def test_an_edit_of_a_linguist_is_seen(tmp_path: Path) -> None:
    copy = tmp_path / "pipeline"
    shutil.copytree(tables.ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for table, row in EDITS.items():
        path = copy / tables.path_of(table).relative_to(tables.ROOT)
        path.write_text(f"{path.read_text(encoding='utf-8')}{row}\n", encoding="utf-8")
    _run(SEEN, tmp_path)


def test_an_edit_of_a_linguist_ends_the_trust_in_earlier_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "package" / "data" / "table.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD, encoding="utf-8")
    assert tables.ROOT == fingerprints.PACKAGE
    monkeypatch.setattr(fingerprints, "PACKAGE", tmp_path)
    before = fingerprints.code.__wrapped__()
    path.write_text(f"{HEAD}numbers\ten\tone\n", encoding="utf-8")
    assert fingerprints.code.__wrapped__() != before


def test_no_table_is_read_before_it_is_needed() -> None:
    """Importing the commands must stay quick."""
    _run(
        "import pipeline.cli\n"
        "from pipeline.text import tables\n"
        "for read in (tables.rows, tables.lists, tables.phrases):\n"
        "    assert not read.cache_info().currsize, read\n",
        tables.ROOT.parent,
    )
