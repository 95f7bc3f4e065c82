"""Files that people and programs leave, and what becomes of them: `corpus/po`, one file a kind.

The numbers up to 48 are those of the bad inputs in a study of PO programs that was made for this
project; each may have several files. From 50 on they are further kinds. Of each file the table
says what is read, or in which line it is refused and why; and, where that differs from what GNU
gettext's msgcat does or from what the study expected, the argument. `INPUTS` says where the other
inputs of the study, which are no PO files, are tested.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from helpers import TESTS, Sample, need, sample

from pipeline import workflow
from pipeline.catalog import po
from pipeline.errors import CatalogError
from pipeline.model import Catalog, Message
from pipeline.project.project import open_project
from pipeline.storage import yaml
from pipeline.terminology.glossary import Glossary

FILES = TESTS / "corpus" / "po"


@dataclass(frozen=True)
class Case:
    name: str
    """The file's, without its suffix."""
    line: int = 0
    """Where it is refused; 0 if it is accepted."""
    says: str = ""
    """What the refusal says."""
    reads: tuple[Message, ...] | None = None
    """What is read; None if it is refused."""
    because: str = ""
    """The argument, where msgcat says or writes something else, or the study does."""


def refused(name: str, line: int, says: str, because: str = "") -> Case:
    return Case(name, line, says, None, because)


def read(name: str, *messages: Message, because: str = "") -> Case:
    return Case(name, 0, "", messages, because)


ONE = Message("One.", "Uno.")
TWO = Message("Two.", "Dos.")
FUZZY = replace(ONE, fuzzy=True)
GONE = replace(ONE, obsolete=True)


def one(target: str) -> Message:
    return Message("One.", target)


NO_MARKUP = "no website can show it, and no XML file can hold it"
WHOLE = "the whole article would be missing, silently; somebody cut the file"
CONVERTED = "it is UTF-8 from now on, and a comment in the header says what it was"
PLURAL = "sentences of articles have no number to agree with; it is somebody else's file"
HEADER = "msgfmt -c asks for one; without it nobody knows the encoding"
NEW_FLAG = "msgcat 0.21 takes it for a comment; gettext 1.0 may write it for flags"

CASES = [
    read("01-bom", ONE, because="editors on Windows write it; it is dropped at the next update"),
    read("02-crlf", ONE, TWO),
    read("02-crlf-mixed", ONE, TWO),
    refused("03-cr-only", 1, "a carriage return", "to msgcat it is one long empty line"),
    refused("04-utf-16", 1, "UTF-16"),
    refused("04-utf-16-unmarked", 1, "U+0000"),
    read("05-cp1251", one("Один."), because=CONVERTED),
    read("05-latin-1", one("Año."), because=CONVERTED),
    read("05-shift-jis", one("表ソ。"), because=CONVERTED),
    read("05-ascii", ONE, because=CONVERTED),
    read("05-escapes-are-bytes", one("Од.и"), because=CONVERTED),
    refused("06-cp1251-under-utf-8", 4, "not UTF-8", "msgcat passes the comment on as it is"),
    refused("06-latin-1-under-ascii", 5, "not ASCII, as the header declares"),
    refused(
        "07-utf-8-under-cp1251",
        2,
        "says charset=CP1251, but the text is in UTF-8",
        "the study asks for a warning; but what would be written is not what was typed",
    ),
    refused("07-utf-8-under-latin-1", 2, "but the text is in UTF-8", "as above"),
    refused("08-unknown-charset", 1, "charset=KLINGON"),
    refused("09-charset-of-a-template", 1, "charset=CHARSET"),
    refused("09-no-charset", 1, "no charset", HEADER),
    refused("10-no-header", 1, "header is missing", HEADER),
    refused("11-context-first", 2, "header is missing", HEADER),
    refused("11-header-deleted", 2, "header is missing", HEADER),
    read("12-fuzzy-header", ONE),
    read(
        "13-field-twice",
        ONE,
        because="the study expects a refusal; but both lines are kept, and gettext keeps them",
    ),
    read("13-charset-twice", ONE, because="the first one counts, as for gettext; both are kept"),
    read("14-text-in-the-header", ONE, because="its last line gets the line end that it lacked"),
    read("15-previous-of-obsolete", replace(GONE, fuzzy=True, previous="Before.")),
    read("16-escape-a", one("Uno\a.")),
    read("16-escape-b", one("Uno\b.")),
    read("16-escape-f", one("Uno\f.")),
    read("16-escape-v", one("Uno\v.")),
    read("16-escape-r", one("Uno\r.")),
    read("16-escape-hex", one('A"\\.')),
    read("16-escape-octal", one('A"\n.')),
    read("16-escape-utf-8", one("ñ…")),
    read("16-escape-backslash", one("\\a\\x41\\.")),
    read("16-escape-in-two-strings", ONE),
    refused("17-escape-q", 5, "a backslash too many"),
    refused("17-escape-x", 5, "a backslash too many"),
    refused("17-escape-esc", 5, "no text", NO_MARKUP),
    refused("17-escape-nul", 5, "no text", "msgfmt would end the translation there"),
    refused("17-escape-half", 5, "no text"),
    refused("17-escape-too-big", 5, "no text"),
    refused("18-conflict", 4, "merge conflict"),
    refused("18-conflict-ours", 6, "merge conflict"),
    refused("18-conflict-base", 6, "merge conflict"),
    refused("18-conflict-middle", 6, "merge conflict"),
    refused("18-conflict-theirs", 6, "merge conflict"),
    refused("19-duplicate", 7, "the same message as in line 4"),
    refused("20-duplicate-other-text", 7, "the same message as in line 4"),
    refused("20-duplicate-with-context", 9, "line 5"),
    refused(
        "20-duplicate-empty-context",
        8,
        "line 5",
        "msgcat tells an empty context from none; the keys of most programs do not",
    ),
    refused("20-duplicate-obsolete", 7, "line 4"),
    refused("20-duplicate-spelt-otherwise", 7, "line 4"),
    refused("20-duplicate-tab", 7, "line 4"),
    refused("20-header-twice", 4, "without words"),
    refused(
        "21-obsolete-twin",
        7,
        "line 4",
        "the study would keep the active one; but then a person's words are lost silently",
    ),
    refused("22-cut-in-a-string", 5, "a quote"),
    refused("23-cut-after-msgid", 4, "ends in the middle"),
    refused("23-cut-after-msgctxt", 7, "ends in the middle"),
    refused("23-cut-after-a-continuation", 5, "ends in the middle"),
    refused("24-cut-in-a-keyword", 5, "not PO"),
    refused("24-cut-after-a-keyword", 5, "not PO"),
    refused("25-no-closing-quote", 4, "a quote"),
    refused("25-no-opening-quote", 4, "not PO"),
    refused("26-bare-quote", 5, "a quote"),
    refused("26-text-after-quote", 5, "a quote"),
    refused("27-smart-quotes", 5, "not PO"),
    refused("27-single-quotes", 5, "not PO"),
    refused("28-comment-inside", 5, "comment after msgid"),
    refused("28-comment-after-context", 5, "comment after msgctxt"),
    refused("28-flag-inside", 5, "comment after msgid"),
    refused("28-previous-inside", 5, "#| msgid after msgid"),
    refused("29-flag-control", 4, "U+0000", "no flag has one"),
    read("29-fuzzy-unspaced", FUZZY),
    read("29-fuzzy-after-a-space", replace(FUZZY, flags=("no-wrap",))),
    read("29-fuzzy-bang", FUZZY),
    read("29-fuzzy-indented", FUZZY),
    read("29-flags-many", replace(FUZZY, flags=("no-c-format", "range: 0..10", "no-wrap"))),
    read("29-flags-none", ONE),
    read(
        "29-fuzzy-untranslated",
        Message("One.", fuzzy=True),
        because="msgcat drops the flag; an update does so as well",
    ),
    read("30-comment-unspaced", replace(ONE, comments=("ask Ana",))),
    read("31-new-flags", replace(FUZZY, flags=("no-wrap",)), because=NEW_FLAG),
    read("31-new-flags-unspaced", FUZZY, because=NEW_FLAG),
    read("31-new-and-old-flags", replace(FUZZY, flags=("no-wrap",)), because=NEW_FLAG),
    read("31-rule-of-equals", replace(ONE, comments=("=====",))),
    read(
        "32-two-flag-lines",
        replace(FUZZY, flags=("no-wrap",)),
        because="msgcat keeps the last line only, and a draft would be published",
    ),
    refused("33-plural", 5, "a plural form", PLURAL),
    refused("33-plural-gap", 5, "a plural form"),
    refused("34-plural-unnumbered", 5, "a plural form"),
    refused("34-number-without-plural", 5, "a plural form"),
    refused("35-wrong-nplurals", 6, "a plural form", PLURAL),
    refused("38-empty", 1, "no message", WHOLE),
    refused("38-blank", 1, "no message", WHOLE),
    refused("38-only-comments", 1, "no message", WHOLE),
    refused("39-html", 1, "not PO"),
    refused("39-plain-text", 1, "not PO"),
    refused("40-binary", 2, "not UTF-8"),
    refused("40-mo", 1, "not UTF-8"),
    refused("41-lone-surrogate", 5, "not UTF-8"),
    refused("41-overlong", 5, "not UTF-8"),
    refused("41-beyond-unicode", 5, "not UTF-8"),
    refused("42-nul", 5, "U+0000", NO_MARKUP),
    refused("42-esc", 5, "U+001B", NO_MARKUP),
    refused("42-vt", 5, "U+000B", NO_MARKUP),
    refused("42-ff", 5, "U+000C", NO_MARKUP),
    refused("42-fs", 5, "U+001C", NO_MARKUP),
    refused("42-del", 5, "U+007F", NO_MARKUP),
    refused("50-no-words", 5, "without words", "a context alone is no sentence of an article"),
    refused("50-msgid-twice", 5, "msgid after msgid"),
    refused("50-msgstr-twice", 6, "msgstr after msgstr"),
    refused("50-msgstr-first", 4, "msgstr after msgstr"),
    refused("50-msgctxt-twice", 5, "msgctxt after msgctxt"),
    refused("50-msgctxt-late", 5, "msgctxt after msgid"),
    refused("50-string-first", 1, "a string after nothing"),
    refused("50-keyword-in-capitals", 4, "not PO"),
    refused("50-keyword-unknown", 4, "a quote"),
    refused("50-no-break-space", 4, "not PO"),
    refused(
        "50-backslash-at-the-end", 5, "a backslash", "few programs know it, and none writes it"
    ),
    refused("51-line-end-at-one-edge", 4, "line end", "msgfmt -c refuses it"),
    read("51-line-end-at-both-edges", Message("One.\n", "Uno.\n")),
    read("51-line-end-within", Message("One.\nTwo.", "Uno.\nDos.")),
    refused("52-part-obsolete", 5, "obsolete"),
    refused("52-string-obsolete", 6, "obsolete"),
    refused("52-previous-not-obsolete", 5, "obsolete"),
    read("52-obsolete", ONE, replace(TWO, obsolete=True)),
    read(
        "52-obsolete-all",
        replace(
            GONE,
            context="b",
            fuzzy=True,
            previous="Before.",
            previous_context="a",
            comments=("Ana",),
            flags=("no-wrap",),
        ),
    ),
    read("52-obsolete-unspaced", GONE),
    read(
        "52-obsolete-untranslated",
        ONE,
        Message("Two.", obsolete=True),
        because="msgcat drops it, and with it what a comment may say",
    ),
    read("52-obsolete-in-the-middle", replace(TWO, obsolete=True), ONE),
    read("52-obsolete-mark-alone", ONE, TWO),
    read("53-previous", replace(FUZZY, previous="Before.")),
    read(
        "53-previous-context",
        replace(FUZZY, context="b", previous="Before.", previous_context="a"),
    ),
    read("53-previous-continued", replace(FUZZY, previous="Before.")),
    read("53-previous-unspaced", replace(FUZZY, previous="Before.")),
    read("53-previous-not-fuzzy", replace(ONE, previous="Before.")),
    refused("53-previous-of-what", 5, "#| a string after comment"),
    refused("53-previous-plural", 6, "a plural form", PLURAL),
    read("54-context", replace(ONE, context="a"), Message("One.", "Una.", "b"), ONE),
    read("54-context-empty", ONE, because="an empty context is none: see 20"),
    refused("55-domain", 4, "not PO", "an article has one catalog a locale"),
    read("55-strings-on-one-line", ONE),
    read("55-unspaced", ONE),
    read("55-spaces-at-ends", ONE),
    read("55-no-last-line-end", ONE),
    read("55-no-blank-lines", ONE, TWO),
    read("55-many-blank-lines", ONE, TWO),
    read("55-blank-line-inside", ONE),
    read("55-unwrapped", Message("One. " * 40 + "Two.", "Uno. " * 40 + "Dos.")),
    read("55-wrapped", Message("One. " * 28 + "Two.", "Uno. Dos.")),
    read("55-empty-strings", ONE),
    read("56-tab", one("U\tno.")),
    read("56-separators", one("U\u2028\u2029\u0085o.")),
    read("56-spaces", one("U\u00a0\u202f\u2009\u200bo.")),
    read("56-directions", one("\u200fأ\u2067ب\u2069\u200e\u061c.")),
    read("56-emoji", one("👩‍🚀🏴󠁧󠁢󠁳󠁣󠁴󠁿🇳🇴.")),
    read("56-decomposed", one("n\u0303o.")),
    read("56-private-use", one("\ue000\U0010fffd.")),
    read("56-bom-inside", one("U\ufeffno.")),
    read(
        "56-markup",
        Message(
            "**One** <b>&amp;</b> %s {n} $x `c` [a](http://a.example/?x=1#y).",
            "**Uno** <b>&amp;</b> %s {n} $x `c` [a](http://a.example/?x=1#y).",
        ),
    ),
    read("56-looks-like-po", Message('#~ msgid "x"', '#, fuzzy\nmsgstr "y"')),
    read(
        "57-comments",
        replace(
            ONE,
            comments=("", " two ", "#x", "\tq", ""),
            notes=("a", "", " b"),
            references=("ferry:1",),
        ),
    ),
    read(
        "57-comment-long",
        replace(
            ONE,
            notes=(f"note: {'long ' * 30}end",),
            comments=(f"{'largo ' * 30}fin",),
        ),
    ),
    read(
        "57-comment-backslash",
        replace(ONE, comments=("c:\\",)),
        because="msgcat takes the next line for its rest; nobody means that. We write a space",
    ),
    read(
        "57-comment-at-the-end",
        replace(ONE, comments=("ask Ana",)),
        because="msgcat drops it",
    ),
    read("57-comment-control", replace(ONE, comments=("a\x1b[0m",))),
    read("57-comment-by-itself", replace(ONE, comments=("ask Ana",))),
    read(
        "57-comment-of-the-header",
        ONE,
        because="a comment that was extracted from nothing becomes a person's",
    ),
    read(
        "57-comment-like-po",
        replace(ONE, comments=('msgid "x"', 'msgstr "y"'), notes=('msgid "z"',)),
    ),
    read(
        "58-references",
        replace(ONE, references=("ferry:1", "ferry:12", "a/b.html:3", "c.md")),
    ),
    read(
        "58-references-with-spaces", replace(ONE, references=("dir with space/a b.md:3", "ferry:1"))
    ),
    read("58-references-none", ONE),
    refused("58-reference-control", 4, "U+001B", "no name of an article has one"),
    read("59-header-wrapped", ONE),
    read("59-header-only"),
    read("59-header-in-small-letters", ONE, because="msgcat writes UTF-8 in capitals"),
    refused("59-header-late", 1, "header is missing", "it stands first, says the manual"),
    refused("59-header-obsolete", 1, "header is missing", HEADER),
    refused("59-header-control", 1, "a control character in the header", "see 42"),
    read("60-untranslated", Message("One.")),
]
OF_KIND = {case.name: case for case in CASES}
ACCEPTED = [case for case in CASES if case.reads is not None]


def data(case: Case) -> bytes:
    return (FILES / f"{case.name}.po").read_bytes()


def test_every_file_is_in_the_table() -> None:
    assert sorted(OF_KIND) == sorted(path.stem for path in FILES.iterdir())
    assert len(OF_KIND) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_file(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "es" / "LC_MESSAGES" / "ferry.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(data(case))
    if case.reads is None:
        with pytest.raises(CatalogError, match=re.escape(case.says)) as error:
            po.read(path)
        assert str(error.value).startswith(f"{path}:{case.line}: ")
    else:
        catalog = po.read(path)
        assert catalog.messages == case.reads
        written = po.dump(catalog)
        assert po.dump(po.parse(written, path)) == written
    assert path.read_bytes() == data(case)


@pytest.mark.gettext
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_differs_from_gettext_has_a_reason(case: Case) -> None:
    """What both accept, we write as msgcat does; what one of us refuses is argued."""
    need("gettext", all(map(shutil.which, ("msgfmt", "msgcat"))))
    command = ["msgcat", "--no-wrap", "--force-po", "--to-code=UTF-8", "-"]
    theirs = subprocess.run(command, input=data(case), capture_output=True, check=False)
    if case.reads is None:
        assert theirs.returncode or case.because
        return
    written = po.dump(po.parse(data(case), Path("a.po")))
    assert (theirs.returncode == 0 and theirs.stdout == written) or case.because
    checked = ["msgfmt", "-o", "/dev/null", "-"]
    subprocess.run(checked, input=written, capture_output=True, check=True)


# The real command


def messages_of(path: Path) -> tuple[Message, ...]:
    return po.parse(path.read_bytes(), path).messages


def test_update_loses_nothing_of_them_and_names_what_it_refuses(tmp_path: Path) -> None:
    project = sample(tmp_path)
    project.write("pyproject.toml", '[tool.pipeline]\nlocales = ["es"]\n')
    for case in CASES:
        project.write(f"source_texts/{case.name}.md", "One.\n\nThree.\n")
        project.write(f"locales/es/LC_MESSAGES/{case.name}.po", data(case))
    result = project.run("update", code=1)
    for case in CASES:
        path = tmp_path / "locales/es/LC_MESSAGES" / f"{case.name}.po"
        said = re.findall(rf"^Error: .*/{re.escape(case.name)}\.po:(\d+): (.*)$", result.err, re.M)
        if case.reads is None:
            assert [(int(line), case.says in text) for line, text in said] == [(case.line, True)]
            assert path.read_bytes() == data(case)
            continue
        assert not said
        kept = messages_of(path)
        comments = {comment.rstrip() for m in kept for comment in m.comments}
        for message in case.reads:
            lines = {f"earlier: {message.target}".split("\n")[0]} | {message.target}
            assert lines & ({m.target for m in kept} | comments), case.name
            assert comments.issuperset(comment.rstrip() for comment in message.comments)
    again = project.files()
    project.run("update", code=1)
    assert project.files() == again


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")  # or the date moves with the minute
    return sample(tmp_path)


def translate(project: Sample, name: str, said: Mapping[str, str]) -> None:
    """Do what a translator does who writes what is *said* of each sentence."""
    path = project.root / name
    catalog = po.read(path)
    done = tuple(replace(m, target=said.get(m.source, m.target)) for m in catalog.messages)
    path.write_bytes(po.dump(replace(catalog, messages=done)))


PO = "locales/es/LC_MESSAGES/letter.po"
SALE = "Stop the sale."


def test_an_entry_that_a_translator_deleted_comes_back_untranslated(project: Sample) -> None:
    """Number 36. The study would offer the older text; only the history of the file has it."""
    project.run("update")
    translate(project, PO, {SALE: "Alto."})
    entry = re.compile(r'(?:#.*\n)*msgid "Stop the sale\."\nmsgstr "(.*)"\n\n')
    before = project.read(PO)
    cut = entry.sub("", before)
    assert cut != before
    project.write(PO, cut)
    project.run("update")
    assert project.read(PO) == before.replace("Alto.", "")


def test_a_msgid_that_a_translator_edited_keeps_the_translation(project: Sample) -> None:
    """Number 37."""
    project.run("update")
    translate(project, PO, {SALE: "Alto."})
    project.write(PO, project.read(PO).replace(f'"{SALE}"', '"Stop this sale."'))
    project.run("update")
    kept = {m.source: m for m in messages_of(project.root / PO)}
    assert kept[SALE].target == "Alto."
    assert kept[SALE].fuzzy
    assert kept[SALE].previous == "Stop this sale."
    assert kept["Stop this sale."].obsolete
    assert kept["Stop this sale."].target == "Alto."


@pytest.mark.slow
def test_fifty_thousand_messages() -> None:
    """Number 43; the study allows 30 s."""
    many = tuple(Message(f"Sentence {n}.", f"Frase {n}.") for n in range(50_000))
    catalog = replace(po.parse(data(OF_KIND["59-header-only"]), Path("es/x/a.po")), messages=many)
    assert po.parse(po.dump(catalog), Path("es/x/a.po")).messages == many


def test_fifty_thousand_characters() -> None:
    """Number 44."""
    long = data(OF_KIND["53-previous"]).replace(b"Uno", "ñ".encode() * 50_000)
    assert po.parse(long, Path("a.po")).messages[0].target == "ñ" * 50_000 + "."


@pytest.mark.parametrize("name", ["a b.po", "a\nb.po", "'\"$(x).po", "\udcff.po"], ids=ascii)
def test_any_file_name(name: str, tmp_path: Path) -> None:
    """Number 45."""
    path = tmp_path / name
    path.write_bytes(data(OF_KIND["53-previous"]))
    assert len(messages_of(path)) == 1


def test_odd_names_of_sources_name_articles_that_fit_one_line(project: Sample) -> None:
    """Number 45: no name adds a line to a PO file."""
    for name in ('a\nmsgid "w".md', "b c.md", "'\"$(x).md"):
        project.write(f"source_texts/{name}", "One.\n")
    project.run("update")
    names = {path.name for path in (project.root / "locales/es/LC_MESSAGES").iterdir()}
    assert names == {"a-msgid-w.po", "b-c.po", "x.po", "ferry.po", "letter.po"}
    assert "#: a-msgid-w:1\n" in project.read("locales/es/LC_MESSAGES/a-msgid-w.po")


def test_a_linked_catalog_is_written_where_it_lies(project: Sample, tmp_path: Path) -> None:
    """Number 46."""
    settings = project.read("pyproject.toml")
    project.write("pyproject.toml", settings.replace("]\n", "]\nfollow_links = true\n", 1))
    project.run("update")
    elsewhere = tmp_path / "elsewhere.po"
    (project.root / PO).rename(elsewhere)
    (project.root / PO).symlink_to(elsewhere)
    project.write("source_texts/letter.md", "Another sentence.\n")
    project.run("update")
    assert (project.root / PO).is_symlink()
    assert "Another sentence." in elsewhere.read_text()


def test_a_read_only_catalog_is_named(project: Sample) -> None:
    """Number 47."""
    project.run("update")
    (project.root / PO).chmod(0o444)
    project.write("source_texts/letter.md", "Another sentence.\n")
    before = project.read(PO)
    assert f"Error: {PO}: the file is read-only" in project.run("update", code=1).err
    assert project.read(PO) == before


def test_a_folder_is_no_file(project: Sample) -> None:
    """Number 48; and a file that is not there is not taken for its own contents."""
    (project.root / PO).mkdir(parents=True)
    assert f"Error: {PO}: Is a directory" in project.run("update", code=1).err
    with pytest.raises(CatalogError, match="No such file"):
        po.read(project.root / "missing.po")


LINK = "See [us](https://a.example/x)."
CONTENT = [
    (49, "One.", "Uno <script>alert(1)</script>.", "tags: <script> is not in the source"),
    (49, "One.", "Uno <img src=x onerror=alert(1)>.", "is not in the source"),
    (50, LINK, "Vea [esto](https://evil.example/x).", "links: https://a.example/x is missing"),
    (51, LINK, "Vea [esto](javascript:alert(1)).", "links: https://a.example/x is missing"),
    (51, LINK, "Vea [esto](data:text/html,x).", "links: https://a.example/x is missing"),
    (52, "One.", "[Uno](https://evil.example/).", "links: https://evil.example/ is not in"),
    (53, "Hello, {name}.", "Hola.", "tags: {name} is missing"),
    (54, "One.", "U\u202eno.", "characters: it holds the control character U+202E"),
    (54, "One.", "U\u2067no.", "characters: isolates of the writing direction do not balance"),
    (55, LINK, "Vea [esto](https://а.example/x).", "links: https://a.example/x is missing"),
    (56, "One.", "Uno {{< figure >}}.", "tags: {{< is not in the source"),
    (56, "One.", "Uno [gallery id=1].", "tags: [gallery id=1] is not in the source"),
    (16, "One.", "Uno\a.", "characters: it holds the control character U+0007"),
]


def test_what_a_translation_may_not_hold_is_not_published(project: Sample) -> None:
    for n, (_, source, *_) in enumerate(CONTENT):
        project.write(f"source_texts/bad-{n}.md", f"# A heading\n\n{source}\n")
    project.run("update", "--locale", "es")
    for n, (_, source, target, _) in enumerate(CONTENT):
        said = {source: target, "A heading": "Un título"}
        translate(project, f"locales/es/LC_MESSAGES/bad-{n}.po", said)
    result = project.run("build", "--locale", "es", code=1)
    for n, (number, *_, explanation) in enumerate(CONTENT):
        lines = [line for line in result.err.split("\n") if f"/bad-{n}.po:" in line]
        assert any(explanation in line and "error: " in line for line in lines), (number, lines)
    assert not list(project.root.glob("localized/es/*"))
    assert not any(unicodedata.category(c) == "Cc" and c != "\n" for c in result.err)


def test_what_a_translation_may_hold_is_published_as_text(project: Sample) -> None:
    """Numbers 57, 59 and 60."""
    project.write(
        "source_texts/odd.md", "# A heading\n\nOne ]]> two.\n\nThe same five words here.\n"
    )
    project.run("update", "--locale", "es")
    title = "Una: \"dos\" # 'tres' & [cuatro]"
    same = "The same five words here."
    said = {"A heading": title, "One ]]> two.": "Uno ]]> dos.", same: same}
    translate(project, "locales/es/LC_MESSAGES/odd.po", said)
    result = project.run("build", "odd", "--locale", "es")
    assert "warning: copied: it is the source, unchanged" in result.err
    page = project.read("localized/es/odd.html")
    assert "<p>Uno ]]&gt; dos.</p>" in page
    assert "<title>Una: &quot;dos&quot; # &#x27;tres&#x27; &amp; [cuatro]</title>" in page
    meta = yaml.load(project.read("localized/es/odd.md").split("---\n")[1])
    assert isinstance(meta, dict)
    assert meta["title"] == title


# How editors save


def wrapped(text: str, width: int) -> str:
    """Return *text* with strings that are too long cut after spaces and line ends."""

    def cut(match: re.Match[str]) -> str:
        start, string = match.groups()
        if len(match[0]) <= width and "\\n" not in string[:-2]:
            return match[0]
        mark = re.match(r"(?:#~\| |#\| |#~ )?", start)
        prefix = mark[0] if mark else ""
        lines = [""]
        for word in re.findall(r"(?:\\[^n]|[^\\ ])*(?: +|\\n|$)", string):
            if lines[-1].endswith("\\n") or len(prefix + lines[-1] + word) > width - 2:
                lines.append("")
            lines[-1] += word
        return "\n".join([f'{start}""', *(f'{prefix}"{line}"' for line in lines if line)])

    return re.sub(r'(?m)^((?:#~\| |#\| |#~ )?msg\w+ )"(.*)"$', cut, text)


def with_fields(text: str, order: str, **fields: str) -> str:
    """Return *text* with *fields* set in its header, which is sorted as *order* says."""
    head, body = text.split("\n\n", 1)
    lines = dict(re.findall(r'(?m)^"([\w-]+): (.*)\\n"$', head))
    lines |= {name.replace("_", "-"): value for name, value in fields.items()}
    names = sorted(lines) if order == "by name" else list(lines)
    names.sort(key="Content-Type".__eq__, reverse=order == "type first")
    comments = re.findall(r"(?m)^#.*\n", head)
    written = [f'"{name}: {lines[name]}\\n"' for name in names]
    return "\n".join(["".join(comments) + 'msgid ""', 'msgstr ""', *written]) + "\n\n" + body


def poedit(text: str) -> bytes:
    fields = {"Last_Translator": "Ana <ana@ferry.example>", "X_Generator": "Poedit 3.4"}
    return wrapped(with_fields(text, "kept", **fields), 79).encode()


def poedit_on_windows(text: str) -> bytes:
    return b"\xef\xbb\xbf" + poedit(text).replace(b"\n", b"\r\n")


def lokalize(text: str) -> bytes:
    return wrapped(with_fields(text, "by name", X_Generator="Lokalize 23.08"), 80).encode()


def omegat(text: str) -> bytes:
    return with_fields(text, "type first").replace("#, fuzzy", "#,fuzzy").encode()


def weblate(text: str) -> bytes:
    fields = {"PO_Revision_Date": "2026-05-06 07:08+0000", "X_Generator": "Weblate 5.9"}
    return wrapped(with_fields(text, "kept", **fields), 77).encode()


def virtaal(text: str) -> bytes:
    joined = with_fields(text, "kept", X_Generator="Virtaal 0.7.1").rstrip("\n")
    return wrapped(joined, 77).encode()


def msgcat(text: str) -> bytes:
    need("gettext", shutil.which("msgcat") is not None)
    command = ["msgcat", "--width=60", "-"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout


def updated(root: Path) -> tuple[Path, Catalog]:
    """Do as ``pipeline update a``; return the PO file and what it holds."""
    project = open_project(root)
    article = project.article(root / "source_texts/a.md")
    new, _ = project.update(article, "es", lambda c: workflow.update(article, c, Glossary()))
    return project.catalog_path("a", "es"), new


ARTICLE = (
    "# The ferry must stay\n\n"
    + "It carries the people of the island to school, to work and to hospital. " * 4
    + '\n\nStop the sale. Ask *us*.\n\n> A quotation of "some" length, which nobody has said yet.\n'
)


@pytest.mark.parametrize(
    "editor",
    [
        poedit,
        poedit_on_windows,
        lokalize,
        omegat,
        weblate,
        virtaal,
        pytest.param(msgcat, marks=pytest.mark.gettext),
    ],
)
def test_how_an_editor_saves_changes_nothing_that_matters(
    editor: Callable[[str], bytes], tmp_path: Path
) -> None:
    """After the next update, all but the header is as if nobody had wrapped a line."""
    project = sample(tmp_path)
    project.write("pyproject.toml", '[tool.pipeline]\nlocales = ["es"]\n')
    project.write("source_texts/a.md", ARTICLE)
    path, catalog = updated(tmp_path)
    first, *_, fourth, last = catalog.messages
    done = {
        first: replace(first, target="El transbordador", comments=("Ana: ¿o ferri?", "")),
        fourth: replace(fourth, target='Una frase \\ con "comillas". ' * 9, fuzzy=True),
        last: replace(last, target="Una cita\tmás.", fuzzy=True, previous="A quote " * 20),
    }
    gone = Message("Gone " * 30, "Ido " * 30, obsolete=True, fuzzy=True, previous="Going")
    messages = (*(done.get(m, m) for m in catalog.messages), gone)
    text = po.dump(replace(catalog, messages=messages)).decode()
    found = []
    project.write("source_texts/a.md", ARTICLE.replace("Stop the sale", "Stop that sale"))
    for saved in (text.encode(), editor(text)):
        path.write_bytes(saved)
        assert po.read(path).messages == messages
        updated(tmp_path)
        found.append(path.read_bytes().replace(b"\r\n", b"\n").split(b"\n\n", 1))
    (head, body), (other_head, other_body) = found
    assert text.encode() != editor(text)
    assert body == other_body
    owned = (b'"X-Generator:', b'"Last-Translator:', b'"PO-Revision-Date:')
    ours = [line for line in sorted(head.splitlines()) if not line.startswith(owned)]
    assert ours == [x for x in sorted(other_head.splitlines()) if not x.startswith(owned)]


# What editors have saved: `corpus/editors`, one file each, driven by their own windows (OmegaT by
# its command line). `pipeline.po` is what they were given; of it, one draft was replaced.

EDITORS = TESTS / "corpus" / "editors"
DRAFT = "Read [the log of the harbour]"
LEA = r"Lea [el registro del puerto](https://example.org/log?x=1&y=2) \*antes\* de firmar."


@pytest.fixture
def ferry(tmp_path: Path) -> Sample:
    project = sample(tmp_path)
    project.write("pyproject.toml", '[tool.pipeline]\nlocales = ["es"]\nengine = "pseudo"\n')
    project.write("glossary.yaml", "terms:\n- {term: ferry, targets: {es: transbordador}}\n")
    project.write("source_texts/ferry.md", (EDITORS / "ferry.md").read_text("utf-8"))
    (project.root / "source_texts/ferry.txt").unlink()
    return project


@pytest.mark.parametrize("name", ["poedit-3.2.2", "lokalize-22.12.3", "omegat-3.6.0"])
def test_what_an_editor_has_saved(name: str, ferry: Sample) -> None:
    given, saved = (po.read(EDITORS / f"{one}.po") for one in ("pipeline", name))
    edited = [
        replace(m, target=LEA, fuzzy=False) if m.source.startswith(DRAFT) else m
        for m in given.messages
    ]
    if name.startswith("omegat"):  # what is fuzzy is not translated for it
        edited = [replace(m, target="", fuzzy=False) if m.fuzzy else m for m in edited]
    assert list(saved.messages) == edited

    # After a run, what people approved is as it was, and what they typed is approved.
    path = ferry.root / "locales/es/LC_MESSAGES/ferry.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((EDITORS / f"{name}.po").read_bytes())
    ferry.run("run")
    after = {m.source: m for m in po.read(path).messages if not m.obsolete}
    assert after[edited[3].source].target == LEA
    for message in edited:
        if not message.fuzzy and message.target and not message.obsolete:
            assert (after[message.source].target, after[message.source].fuzzy) == (
                message.target,
                False,
            )
    assert sum(m.fuzzy or not m.target for m in after.values()) == 2
    gone = {m.target for m in edited if m.obsolete}
    assert gone <= {m.target for m in po.read(path).messages}


def test_a_backslash_that_was_typed_into_lokalize_is_named(ferry: Sample) -> None:
    """It shows what is in the file, and writes it as it was typed: what msgfmt rejects."""
    path = ferry.root / "locales/es/LC_MESSAGES/ferry.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    typed = (EDITORS / "lokalize-22.12.3-backslash.po").read_bytes()
    path.write_bytes(typed)
    result = ferry.run("run", code=1)
    assert "ferry.po:59: a string with a quote or a backslash too many or too few" in result.err
    assert path.read_bytes() == typed


# Where the other inputs are tested

INPUTS = {
    **dict.fromkeys(range(1, 43), "test_corpus.py::test_file"),
    36: "test_corpus.py::test_an_entry_that_a_translator_deleted_comes_back_untranslated",
    37: "test_corpus.py::test_a_msgid_that_a_translator_edited_keeps_the_translation",
    43: "test_corpus.py::test_fifty_thousand_messages",
    44: "test_corpus.py::test_fifty_thousand_characters",
    45: "test_corpus.py::test_any_file_name",
    46: "test_corpus.py::test_a_linked_catalog_is_written_where_it_lies",
    47: "test_corpus.py::test_a_read_only_catalog_is_named",
    48: "test_corpus.py::test_a_folder_is_no_file",
    **dict.fromkeys(
        range(49, 57), "test_corpus.py::test_what_a_translation_may_not_hold_is_not_published"
    ),
    57: "test_corpus.py::test_what_a_translation_may_hold_is_published_as_text",
    58: "test_corpus.py::test_file",
    59: "test_corpus.py::test_what_a_translation_may_hold_is_published_as_text",
    60: "test_corpus.py::test_what_a_translation_may_hold_is_published_as_text",
    61: "test_command.py::test_what_is_wrong_is_said_in_one_line",
    62: "test_corpus.py::test_odd_names_of_sources_name_articles_that_fit_one_line",
    63: "test_locales.py::test_refused",
    64: "test_files.py::test_a_killed_writer_leaves_the_old_or_the_new",
    65: "test_files.py::test_a_step_that_fails_harms_nothing",
    66: "test_files.py::test_two_coordinators_take_turns",
    67: "test_files.py::test_what_a_translator_saves_in_the_meantime_is_kept",
    68: "test_end_to_end.py::test_a_killed_run_leaves_whole_files_and_the_next_one_finishes",
    69: "test_command.py::test_an_edit_of_the_source_keeps_what_was_approved",
    70: "test_laws.py::test_an_engine_that_miscounts_is_refused",
    71: "test_install.py::test_archive_traps",
    72: "no TMX file is read",
    73: "no website is written to over a network",
    74: "test_glossary.py::test_mistakes_are_named_with_their_line",
    75: "test_laws.py::test_each_library_has_one_home",
}
"""By number of the study. 64 and 65 at each system call: benchmarks/faults.py. 75: no program of
gettext's is ever run, so that none can write half a file."""


def test_every_input_of_the_study_has_its_test() -> None:
    assert set(INPUTS) == set(range(1, 76))
    named = [where.partition("::")[::2] for where in INPUTS.values() if "::" in where]
    for module in {module for module, _ in named}:
        (path,) = TESTS.rglob(module)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        there = {f.name for f in tree.body if isinstance(f, ast.FunctionDef)}
        assert there.issuperset(name for its, name in named if its == module), module
    numbers = {int(name[:2]) for name in OF_KIND if name[:2] < "43"}
    assert numbers == set(range(1, 43)) - {36, 37}
