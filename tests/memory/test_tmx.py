"""TMX: what is written is read back, by ours and by another tool, and what others write is read."""

from __future__ import annotations

import contextlib
import datetime
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PipelineError
from pipeline.memory import tmx
from pipeline.memory.model import Entry
from pipeline.memory.tmx import Imported

LOCALES = ("es", "pt_BR", "zh_TW")

texts = st.text(
    st.one_of(
        st.sampled_from("<>&\"' \t]\ud7ff\ufffd\u0085\u2028\U0010ffff"),
        st.characters(
            min_codepoint=32, exclude_characters="\ufffe\uffff", exclude_categories=["Cs"]
        ),
    ),
    max_size=20,
)
entries = st.builds(
    Entry,
    texts.filter(bool),
    texts.filter(bool),
    st.just("en"),
    st.sampled_from(LOCALES),
    st.sampled_from(["ferry", "a <b>"]),
    texts,
    texts,
)


def parse(data: str | bytes, *wanted: str, language: str = "en") -> Imported:
    given = data.encode() if isinstance(data, str) else data
    return tmx.parse(given, "old.tmx", language, wanted or LOCALES)


def file(*units: str, doctype: str = "", head: str = '<?xml version="1.0"?>') -> str:
    return f'{head}{doctype}<tmx version="1.4"><header/><body>{"".join(units)}</body></tmx>'


def unit(**texts: str) -> str:
    variants = (
        f'<tuv xml:lang="{code.replace("_", "-")}"><seg>{text}</seg></tuv>'
        for code, text in texts.items()
    )
    return f"<tu>{''.join(variants)}</tu>"


def pairs(found: Imported) -> list[tuple[str, str]]:
    return [(e.source, e.target) for e in found.entries]


@given(st.lists(entries, max_size=5))
def test_what_is_written_is_read(given: list[Entry]) -> None:
    found = parse(tmx.dump(given))
    assert found.units == len(given)
    for read, entry in zip(found.entries, given, strict=True):
        assert read.origin == f"old.tmx: {entry.origin}"
        for part in ("source", "target", "language", "locale", "before", "after"):
            assert getattr(read, part) == getattr(entry, part)


@given(st.lists(entries, max_size=3))
def test_the_same_entries_are_the_same_file(given: list[Entry]) -> None:
    assert tmx.dump(given) == tmx.dump(iter(given))


def test_the_header_says_what_the_format_asks_for() -> None:
    made = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    text = tmx.dump([Entry("A.", "B.", "en", "es")], made)
    header = re.search("<header (.*)/>", text)
    assert header
    assert dict(re.findall('([a-z-]+)="([^"]*)"', header[1])) == {
        "creationtool": "statement-pipeline",
        "creationtoolversion": "1",
        "segtype": "sentence",
        "o-tmf": "PO",
        "adminlang": "en",
        "srclang": "en",
        "datatype": "plaintext",
        "creationdate": "20260102T030405Z",
    }
    two = tmx.dump([Entry("A.", "B.", "en", "es"), Entry("C.", "D.", "pt_BR", "es")])
    assert 'srclang="*all*"' in two
    assert '<tu srclang="pt-BR">' in two


@pytest.mark.parametrize("bad", ["\0", "\x0b", "\x1b", "\ufffe", "\uffff", "\ud800"])
@pytest.mark.parametrize("part", ["source", "target", "before", "origin"])
def test_what_xml_cannot_hold_is_said_with_its_sentence(bad: str, part: str) -> None:
    given = {"source": "Keep it.", "target": "Sí.", "origin": "ferry", "before": "One."}
    given[part] += bad
    with pytest.raises(PipelineError, match=rf"Keep it.*\(es\).*U\+{ord(bad):04X}"):
        tmx.dump([Entry(language="en", locale="es", **given)])


def test_another_tool_reads_the_same(tmp_path: Path) -> None:
    """translate-toolkit 3.20.4 did, 2026-11-22; needed by the tests only."""
    toolkit = pytest.importorskip("translate.storage.tmx", reason="needs translate-toolkit")
    known = [
        Entry("Keep **the ferry** & <b>go</b>.", "«Mantener» {n} %s", "en", "es", "a", "", "B."),
        Entry("Two  spaces ", " 渡轮\u2028و\u00a0é", "en", "zh_TW", "a", "A.", ""),
    ]
    path = tmp_path / "memory.tmx"
    path.write_text(tmx.dump(known), encoding="utf-8")
    read = toolkit.tmxfile.parsefile(str(path))
    assert [(u.source, u.target) for u in read.units] == [(e.source, e.target) for e in known]
    again = toolkit.tmxfile(targetlanguage="es")
    again.addtranslation(known[0].source, "en", known[0].target, "es")
    assert pairs(parse(bytes(again))) == [(known[0].source, known[0].target)]


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8", ""),
        ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>\r\n'),
        ("utf-16", ""),
        ("utf-16-le", '<?xml version="1.0"?>'),
        ("latin-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
        ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>'),
    ],
)
def test_any_usual_encoding_is_read(encoding: str, head: str) -> None:
    data = file(unit(en="It’s é." if "8859" not in head else "It's é.", es="ñ"), head=head)
    if encoding == "latin-1":
        assert pairs(parse(data.encode("latin-1"))) == [("It's é.", "ñ")]
    else:
        assert pairs(parse(data.encode(encoding))) == [("It’s é.", "ñ")]


@pytest.mark.parametrize(
    ("seg", "text"),
    [
        ('<bpt i="1">&lt;b&gt;</bpt>Go<ept i="1">&lt;/b&gt;</ept> now.', "Go now."),
        ('One<ph x="1">&lt;br/&gt;</ph>two.', "One two."),
        ("One <ph>&lt;img&gt;</ph> two<ph/>.", "One  two."),
        ("They pay <ph>{amount}</ph> of <ph>%s</ph>.", "They pay {amount} of %s."),
        ("A <hi>great <hi>big</hi></hi> boat.", "A great big boat."),
        ("A boat<ph>fn<sub>A <ph>x</ph> note.</sub></ph>.", "A boatfn."),
        (r"RTF <ut>{\b </ut>bold<ut>}</ut>", "RTF bold"),
        ("\n    Wrapped\n    lines. \n", "Wrapped lines."),
        ("A <![CDATA[<b> & ]]>c", "A <b> & c"),
        (" no\u00a0break ", " no\u00a0break "),
    ],
)
def test_inline_markup_is_left_out_and_placeholders_stay(seg: str, text: str) -> None:
    assert pairs(parse(file(unit(en=seg, es="x")))) == [(text, "x")]


@pytest.mark.parametrize(
    ("code", "locale"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("es-419", "es"),
        ("PT-br", "pt_BR"),
        ("pt_BR", "pt_BR"),
        ("pt", "pt_BR"),
        ("zh-Hant-TW", "zh_TW"),
        ("pt-PT", None),
        ("zh-CN", None),
        ("fr", None),
        ("x-none", None),
        ("", None),
    ],
)
def test_languages_are_matched_as_far_as_they_serve(code: str, locale: str | None) -> None:
    found = parse(file(unit(en="A.", **{code: "B."})))
    assert [e.locale for e in found.entries] == ([locale] if locale else [])
    assert found.units == 1
    assert set(found.languages) == {"en", code.replace("_", "-")}


def test_the_nearest_language_of_a_unit_is_taken() -> None:
    both = file(unit(**{"en-GB": "B.", "en": "A.", "es-MX": "otra", "es": "una", "pt": "um"}))
    assert [(e.source, e.target, e.locale) for e in parse(both).entries] == [
        ("A.", "una", "es"),
        ("A.", "um", "pt_BR"),
    ]
    assert pairs(parse(both, "es_MX")) == [("A.", "otra")]


def test_the_old_attribute_for_the_language_is_read() -> None:
    old = file('<tu><tuv lang="EN"><seg>A.</seg></tuv><tuv lang="ES"><seg>B.</seg></tuv></tu>')
    assert pairs(parse(old)) == [("A.", "B.")]


def test_units_without_words_are_no_entry() -> None:
    assert pairs(parse(file(unit(en="", es="B."), unit(en="A.", es=" \n "), unit(en="A.")))) == []


def test_neighbours_that_other_tools_noted_are_read() -> None:
    prop = '<prop type="x-context-pre">Before.</prop><note>Not this.</note>'
    made = unit(en="A.", es="B.").replace("<seg>", f"{prop}<seg>", 1)
    (entry,) = parse(file(made)).entries
    assert (entry.before, entry.after, entry.origin) == ("Before.", "", "old.tmx")


def test_the_usual_doctype_is_read() -> None:
    assert pairs(parse(file(unit(en="A.", es="B."), doctype='<!DOCTYPE tmx SYSTEM "tmx14.dtd">')))


BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (file(unit(en="&e9;", es="B."), doctype=f"<!DOCTYPE tmx [{BOMB}]>"), "DOCTYPE"),
        (file(unit(en="&f;"), doctype='<!DOCTYPE tmx [<!ENTITY f SYSTEM "a">]>'), "DOCTYPE"),
        (file(doctype='<!DOCTYPE tmx SYSTEM "x.dtd" [<!ENTITY % p SYSTEM "y">%p;]>'), "DOCTYPE"),
        (file(unit(en="&nbsp;"), doctype='<!DOCTYPE tmx SYSTEM "x.dtd">'), "entity 'nbsp'"),
        (file(unit(en="&nbsp;")), "undefined entity"),
        (file(unit(en="&#1;")), "reference to invalid character number"),
        (file(unit(en="\x0b")), "invalid token"),
        ("<tmx>\n<body>\n<tu>\n</body>", "4: not well-formed XML: mismatched tag"),
        ("", "1: not well-formed XML: no element found"),
        ("<xliff/>", "no TMX file; it begins with <xliff>"),
        ('msgid ""\n', "not well-formed"),
        ('<?xml version="1.0" encoding="klingon"?><tmx/>', "save it as UTF-8"),
        ('<?xml version="1.0" encoding="big5"?><tmx/>', "save it as UTF-8"),
        ('<?xml version="1.0" encoding="UTF-16"?><tmx/>', "encoding"),
        (b"<tmx>\xe9</tmx>", "invalid token"),
        ("<tmx>" * 100_000, "not well-formed"),
    ],
)
def test_what_is_no_plain_tmx_is_refused_with_its_line(data: str | bytes, problem: str) -> None:
    with pytest.raises(
        PipelineError, match=rf"^old\.tmx:\d+: .*{re.escape(problem.split(': ')[-1])}"
    ):
        parse(data)


@given(st.one_of(st.binary(max_size=60), texts.map(lambda t: file(f"<tu>{t}</tu>").encode())))
def test_whatever_is_given_there_is_no_other_error(data: bytes) -> None:
    with contextlib.suppress(PipelineError):
        parse(data)
