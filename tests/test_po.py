"""PO files: what a catalog holds survives, and no file that would lose something is trusted."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from helpers import need
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import po
from pipeline.errors import CatalogError
from pipeline.model import Catalog, Message

HEADERS = po.headers("ferry", "en", "es", "2026-01-02 03:04+0000")


@pytest.fixture(scope="session")
def gettext() -> None:
    need("gettext", all(map(shutil.which, ("msgfmt", "msgcat"))))


def tool(*command: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=given, capture_output=True, check=False)


def msgfmt(data: bytes) -> subprocess.CompletedProcess[bytes]:
    return tool("msgfmt", "-c", "-o", os.devnull, "-", given=data)


def parse(data: bytes | str) -> Catalog:
    raw = data.encode() if isinstance(data, str) else data
    return po.parse(raw, Path("locales/es/LC_MESSAGES/ferry.po"))


# What a catalog holds survives

LETTERS = st.sampled_from(
    [
        *"abc DEF \"\"''\\\\%#~|,:.!=<>{}[]_*`&;/-+$",
        *"\t\u0085\u2028\u2029\u00a0\u202f\u200b\u200d\u200e\u200f\u202a\u202c\u2066\u2069\ufeff",
        *"éßñ”’«»…—İıǅ עברית العربية हिन्दी 中文 日本 한 🚢👩‍🚀🏴 𝔘\U0001f1e6\U0010fffd\ue000\ufffd",
        *["\\n", "\\t", "msgid", '"', "#~ ", "#, fuzzy", "%s", "e\u0301", "draft: "],
    ]
) | st.characters(exclude_categories=["Cc", "Cs"])
WORDS = st.lists(LETTERS, min_size=1, max_size=12).map("".join)
LINE = st.just("") | WORDS.filter(lambda line: not line.endswith("\\"))
TEXT = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
NOTE = LINE.filter(lambda line: not line.startswith(po.DRAFT))
REFERENCE = st.builds("{}:{}".format, st.sampled_from(["ferry", "a-b", "ж_.x"]), st.integers(1, 99))


@st.composite
def messages(draw: st.DrawFn, obsolete: bool) -> Message:
    target = draw(st.just("") | TEXT)
    fuzzy = draw(st.booleans())
    previous = draw(st.just("") | TEXT) if fuzzy else ""
    return Message(
        source=draw(TEXT),
        target=target,
        context=draw(st.sampled_from(["", "", "heading", "text"]) | TEXT),
        fuzzy=fuzzy,
        obsolete=obsolete,
        previous=previous,
        previous_context=draw(st.just("") | TEXT) if previous else "",
        references=() if obsolete else tuple(draw(st.lists(REFERENCE, max_size=3, unique=True))),
        notes=tuple(draw(st.lists(NOTE, max_size=3))),
        draft=draw(LINE),
        comments=tuple(draw(st.lists(LINE, max_size=3))),
        flags=draw(st.sampled_from([(), ("no-wrap",)])),
    )


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    active = draw(st.lists(messages(obsolete=False), max_size=4))
    obsolete = draw(st.lists(messages(obsolete=True), max_size=3))
    unique = {m.key: m for m in (*obsolete, *active)}.values()
    value = LINE.filter(lambda line: "\\" not in line)
    extra = st.tuples(st.sampled_from(["X-Note", "X-Generator"]), value)
    return Catalog(
        locale="es",
        messages=tuple(sorted(unique, key=lambda m: m.obsolete)),
        headers=(*HEADERS, *draw(st.lists(extra, max_size=2))),
        header_comments=tuple(draw(st.lists(LINE, max_size=3))),
        header_fuzzy=draw(st.booleans()),
    )


@settings(deadline=None, max_examples=150)
@given(catalogs())
def test_a_catalog_survives(catalog: Catalog) -> None:
    text = po.dump(catalog)
    assert parse(text) == catalog
    assert po.dump(parse(text)) == text
    assert parse(text.replace("\n", "\r\n")) == catalog
    assert parse(b"\xef\xbb\xbf" + text.encode()) == catalog


def kept_by_gettext(catalog: Catalog) -> Catalog:
    """Return *catalog* without what msgcat drops where a message has no translation."""
    kept = (m for m in catalog.messages if m.target or not m.obsolete)
    return replace(
        catalog, messages=tuple(m if m.target else replace(m, fuzzy=False) for m in kept)
    )


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
@settings(deadline=None, max_examples=100)
@given(catalogs())
def test_gettext_reads_the_same(catalog: Catalog) -> None:
    data = po.dump(kept_by_gettext(catalog)).encode()
    checked = msgfmt(data)
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert tool("msgcat", "--no-wrap", "--force-po", "-", given=data).stdout == data


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
def test_a_comment_that_ends_in_a_backslash_swallows_nothing() -> None:
    """To gettext, a backslash at the end of a line joins the next one, even in a comment."""
    message = Message("a", "b", fuzzy=True, comments=("c:\\",), draft="d\\")
    data = po.dump(Catalog("es", (message,), HEADERS, ("\\",))).encode()
    assert msgfmt(data).returncode == 0
    assert b"1 fuzzy" in tool("msgfmt", "--statistics", "-o", os.devnull, "-", given=data).stderr
    assert [c.strip() for c in parse(data).messages[0].comments] == ["c:\\"]


def test_lines_are_those_of_the_msgids(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    path.write_text(HEADER + '# c\n#| msgid "z"\nmsgid ""\n"a\\"b"\nmsgstr ""\n', "utf-8")
    lines = path.read_text("utf-8").splitlines()
    assert [(words, lines[at - 1]) for words, at in po.lines(path)] == [('a"b', 'msgid ""')]


@pytest.mark.parametrize(
    "message",
    [
        Message("a\x07b"),
        Message("a", target="b\x1b[0m"),
        Message("a", target="b\r"),
        Message("a", target="b\n"),
        Message("a", target="\ud800"),
        Message("a", comments=("\udc80",)),
        Message(""),
    ],
    ids=repr,
)
def test_what_cannot_be_read_is_not_written(message: Message) -> None:
    with pytest.raises(CatalogError):
        po.dump(Catalog("es", (message,), HEADERS))


def test_two_messages_with_one_key_are_not_written() -> None:
    twins = (Message("a", "b"), Message("a", "c", obsolete=True))
    with pytest.raises(CatalogError, match="the same message"):
        po.dump(Catalog("es", twins, HEADERS))


EVIL = 'x\n\nmsgid "w"\nmsgstr "v"\n'


@pytest.mark.parametrize(
    "message",
    [
        Message("a", references=(EVIL,)),
        Message("a", notes=(EVIL,)),
        Message("a", comments=(EVIL,)),
        Message("a", draft=EVIL),
    ],
)
def test_a_line_end_does_not_add_a_message(message: Message) -> None:
    assert [m.key for m in parse(po.dump(Catalog("es", (message,), HEADERS))).messages] == [
        ("", "a")
    ]


def test_a_line_end_does_not_add_a_header() -> None:
    catalog = Catalog("es", headers=(*HEADERS, ("Language-Team", "x\nX-Evil: 1")))
    assert "X-Evil" not in dict(parse(po.dump(catalog)).headers)


# Files that people and programs leave

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
ONE = 'msgid "One."\nmsgstr "Uno."\n'
TWO = 'msgid "Two."\nmsgstr "Dos."\n'


def po_file(body: str) -> bytes:
    return (HEADER + body).encode()


@dataclass(frozen=True)
class Case:
    name: str
    data: bytes
    line: int = 0
    """Where it is refused; 0 if it is accepted."""
    says: str = "-"
    """What the refusal says."""
    holds: tuple[Message, ...] = ()
    """What must be read."""


ONE_READ = Message("One.", "Uno.")
TWO_READ = Message("Two.", "Dos.")
FUZZY = replace(ONE_READ, fuzzy=True)

CASES = [
    Case("1 BOM", b"\xef\xbb\xbf" + po_file(ONE), holds=(ONE_READ,)),
    Case("2 CRLF", po_file(ONE + "\n" + TWO).replace(b"\n", b"\r\n"), holds=(ONE_READ, TWO_READ)),
    Case("3 CR only", po_file(ONE).replace(b"\n", b"\r"), 1, "control"),
    Case("4 UTF-16", po_file(ONE).decode().encode("utf-16"), 1, "not UTF-8"),
    Case(
        "5 CP1251 declared",
        po_file('msgid "One."\nmsgstr "Ж"\n').decode().replace("UTF-8", "CP1251").encode("cp1251"),
        5,
        "not UTF-8",
    ),
    Case("6 CP1251 under UTF-8", po_file("# Ж\n" + ONE).decode().encode("cp1251"), 4, "not UTF-8"),
    Case("7 UTF-8 declared CP1251", po_file(ONE).replace(b"UTF-8", b"CP1251"), 1, "charset"),
    Case("8 unknown charset", po_file(ONE).replace(b"UTF-8", b"KLINGON"), 1, "charset"),
    Case("9 charset=CHARSET", po_file(ONE).replace(b"UTF-8", b"CHARSET"), 1, "charset"),
    Case("9 no charset", b'msgid ""\nmsgstr "Language: es\\n"\n', 1, "charset"),
    Case("10 no header", ONE.encode(), 1, "header is missing"),
    Case("11 context first", b'msgctxt "a"\nmsgid ""\nmsgstr "x"\n', 2, "header is missing"),
    Case("11 header deleted", b'msgctxt "a"\nmsgid "b"\nmsgstr "x"\n', 2, "header is missing"),
    Case("12 fuzzy header", b"#, fuzzy\n" + po_file(ONE), holds=(ONE_READ,)),
    Case(
        "15 previous of obsolete",
        po_file('#, fuzzy\n#~| msgid "Before."\n#~ msgid "One."\n#~ msgstr "Uno."\n'),
        holds=(replace(FUZZY, obsolete=True, previous="Before."),),
    ),
    *(
        Case(f"16, 17 escape {x}", po_file(f'msgid "One."\nmsgstr "Uno{x}"\n'), 5, "backslash")
        for x in (r"\a", r"\x41", r"\101", r"\q", r"\r", r"\v", "\\")
    ),
    Case(
        "16 escaped backslash",
        po_file(ONE.replace("Uno", r"\\a")),
        holds=(Message("One.", r"\a."),),
    ),
    *(
        Case(f"18 {x[0]}", po_file(f"{ONE}{x} HEAD\n"), 6, "conflict")
        for x in ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
    ),
    Case("19 duplicate", po_file(f"{ONE}\n{ONE}"), 7, "line 4"),
    Case("20 duplicate, other text", po_file(f"{ONE}\n{ONE.replace('Uno', 'Una')}"), 7, "line 4"),
    Case("20 with context", po_file(f'msgctxt "a"\n{ONE}\n' * 2), 9, "line 5"),
    Case("20 empty context", po_file(f'msgctxt ""\n{ONE}\n{ONE}'), 8, "line 5"),
    Case("21 obsolete twin", po_file(f'{ONE}\n#~ msgid "One."\n#~ msgstr "Una."\n'), 7, "line 4"),
    Case("22 cut in a string", po_file(ONE)[:-4], 5, "a quote"),
    Case("23 cut after msgid", po_file('msgid "One."\n'), 4, "ends in the middle"),
    Case("23 cut in a continuation", po_file('msgid ""\n"One."\n'), 5, "ends in the middle"),
    Case("24 cut in a keyword", po_file('msgid "One."\nmsgs'), 5, "not PO"),
    Case("25 no closing quote", po_file(ONE.replace('One."', "One.")), 4, "a quote"),
    Case("26 bare quote", po_file(ONE.replace("Uno", 'U"n"o')), 5, "a quote"),
    Case("27 smart quotes", po_file(ONE.replace('"Uno."', "“Uno.”")), 5, "not PO"),
    Case(
        "28 comment inside", po_file(ONE.replace("msgstr", "# c\nmsgstr")), 5, "comment after msgid"
    ),
    Case(
        "28 previous inside",
        po_file(ONE.replace("msgstr", '#| msgid "a"\nmsgstr')),
        5,
        "after msgid",
    ),
    Case("29 #,fuzzy", po_file(f"#,fuzzy\n{ONE}"), holds=(FUZZY,)),
    Case(
        "29 fuzzy after a space",
        po_file(f"#, no-wrap fuzzy\n{ONE}"),
        holds=(replace(FUZZY, flags=("no-wrap",)),),
    ),
    Case("29 #! fuzzy", po_file(f"#! fuzzy\n{ONE}"), holds=(FUZZY,)),
    Case("29 indented", po_file(f" \t#, fuzzy\n{ONE}"), holds=(FUZZY,)),
    Case(
        "30 #comment",
        po_file(f"#ask Ana\n{ONE}"),
        holds=(replace(ONE_READ, comments=("ask Ana",)),),
    ),
    Case(
        "31 #= flags",
        po_file(f"#= fuzzy, no-wrap\n{ONE}"),
        holds=(replace(FUZZY, flags=("no-wrap",)),),
    ),
    Case("31 #=fuzzy", po_file(f"#=fuzzy\n{ONE}"), holds=(FUZZY,)),
    Case(
        "31 a rule of ===",
        po_file(f"#=====\n{ONE}"),
        holds=(replace(ONE_READ, comments=("=====",)),),
    ),
    Case(
        "32 two flag lines",
        po_file(f"#, fuzzy\n#, no-wrap\n{ONE}"),
        holds=(replace(FUZZY, flags=("no-wrap",)),),
    ),
    Case("33 plural", po_file('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\n'), 5, "plural"),
    Case("34 plural without n", po_file('msgid "a"\nmsgid_plural "b"\nmsgstr "x"\n'), 5, "plural"),
    Case("34 msgstr[0] alone", po_file('msgid "a"\nmsgstr[0] "x"\n'), 5, "plural"),
    Case("38 empty", b"", 1, "no message"),
    Case("38 only blank lines", b"\n \n\t\n", 1, "no message"),
    Case("38 only comments", b"# Translated by Ana\n", 1, "no message"),
    Case("39 HTML", b"<!DOCTYPE html>\n<html></html>\n", 1, "not PO"),
    Case("40 binary", bytes(range(256)), 2, "not UTF-8"),
    Case("40 MO", b"\xde\x12\x04\x95\0\0\0\0", 1, "not UTF-8"),
    Case("41 lone surrogate", po_file(ONE).replace(b"Uno", b"\xed\xa0\x80"), 5, "not UTF-8"),
    Case("41 overlong", po_file(ONE).replace(b"Uno", b"\xc0\xaf"), 5, "not UTF-8"),
    *(
        Case(f"42 {ord(x):#x} in msgstr", po_file(ONE.replace("Uno", f"U{x}o")), 5, "control")
        for x in "\0\x1b\v\f\x1c\x7f"
    ),
    Case(
        "44 50 kB",
        po_file(ONE.replace("Uno", "ñ" * 50_000)),
        holds=(Message("One.", "ñ" * 50_000 + "."),),
    ),
    Case("line end at one edge", po_file(ONE.replace("Uno.", r"Uno.\n")), 4, "line end"),
    Case("part obsolete", po_file('#~ msgid "One."\nmsgstr "Uno."\n'), 5, "obsolete"),
    Case("a part of it obsolete", po_file('msgid "One."\nmsgstr ""\n#~ "Uno."\n'), 6, "obsolete"),
    Case(
        "previous not obsolete",
        po_file('#| msgid "a"\n#~ msgid "b"\n#~ msgstr "x"\n'),
        5,
        "obsolete",
    ),
    Case("no words", po_file('msgctxt "a"\nmsgid ""\nmsgstr "x"\n'), 5, "without words"),
    Case("msgid twice", po_file('msgid "a"\nmsgid "b"\nmsgstr "x"\n'), 5, "msgid after msgid"),
    Case("msgstr twice", po_file('msgid "a"\nmsgstr "x"\nmsgstr "y"\n'), 6, "msgstr after msgstr"),
    Case(
        "previous continued",
        po_file(f'#, fuzzy\n#| msgid ""\n#| "Be"\n#| "fore."\n{ONE}'),
        holds=(replace(FUZZY, previous="Before."),),
    ),
    Case("domain", po_file(f'domain "a"\n{ONE}'), 4, "not PO"),
    Case(
        "strings on one line",
        po_file('msgid "On" "e."\nmsgstr ""\n"U"  "no."\n'),
        holds=(ONE_READ,),
    ),
    Case("no space", po_file('msgid"One."\nmsgstr"Uno."\n'), holds=(ONE_READ,)),
    Case(
        "no spaces, obsolete",
        po_file('#~msgid"One."\n#~msgstr"Uno."\n'),
        holds=(replace(ONE_READ, obsolete=True),),
    ),
    Case("no last line end", po_file(ONE)[:-1], holds=(ONE_READ,)),
    Case("no blank lines", po_file(ONE + TWO), holds=(ONE_READ, TWO_READ)),
    Case("tab in msgstr", po_file(ONE.replace("Uno", "U\tno")), holds=(Message("One.", "U\tno."),)),
    Case(
        "U+2028 in msgstr",
        po_file(ONE.replace("Uno", "U\u2028\u0085o")),
        holds=(Message("One.", "U\u2028\u0085o."),),
    ),
    Case(
        "comments, oddly spaced",
        po_file(f"#\n#  two \n##x\n#\tq\n#.a\n#.\n#.  b\n#: ferry:1\n# \n{ONE}"),
        holds=(
            replace(
                ONE_READ,
                comments=("", " two ", "#x", "\tq", ""),
                notes=("a", "", " b"),
                references=("ferry:1",),
            ),
        ),
    ),
    Case(  # msgfmt takes the next line for the rest of the comment; nobody means that
        "backslash at the end of a comment",
        po_file(f"# c:\\\n{ONE}"),
        holds=(replace(ONE_READ, comments=("c:\\",)),),
    ),
    Case(
        "comment at the end",
        po_file(f"{ONE}# ask Ana\n"),
        holds=(replace(ONE_READ, comments=("ask Ana",)),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_file(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "es" / "LC_MESSAGES" / "ferry.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(case.data)
    if case.line:
        with pytest.raises(CatalogError, match=re.escape(case.says)) as error:
            po.read(path)
        assert str(error.value).startswith(f"{path}:{case.line}: ")
        assert path.read_bytes() == case.data
    else:
        catalog = po.read(path)
        assert catalog.messages == case.holds
        assert parse(po.dump(parse(po.dump(catalog)))) == parse(po.dump(catalog))


def test_a_fuzzy_header_stays_one() -> None:
    assert parse(b"#, fuzzy\n" + po_file(ONE)).header_fuzzy


def test_every_line_of_the_header_is_kept() -> None:
    """Numbers 13 and 14: a field twice, text that is none."""
    said = (
        r"Hello\nLanguage: es\nLanguage: ca\nX-Url:http://a.example\n"
        r"see http://b.example: it\n\nlast"
    )
    body = po_file(ONE).decode().replace(r"UTF-8\n", rf"UTF-8\n{said}\n")
    assert parse(body).headers[1:] == (
        ("", "Hello"),
        ("Language", "es"),
        ("Language", "ca"),
        ("X-Url", "http://a.example"),
        ("", "see http://b.example: it"),
        ("", ""),
        ("", "last"),
    )
    assert parse(po.dump(parse(body))).headers == parse(body).headers


def test_comments_of_the_header_are_kept() -> None:
    body = "# Ana\n#\n#. extracted\n#, fuzzy\n" + HEADER + ONE
    assert parse(body).header_comments == ("Ana", "", "extracted")


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
@pytest.mark.parametrize("case", [c for c in CASES if not c.line], ids=lambda case: case.name)
def test_what_is_accepted_is_accepted_by_gettext_when_written_anew(case: Case) -> None:
    data = po.dump(replace(parse(case.data), headers=HEADERS)).encode()
    assert (msgfmt(data).returncode, msgfmt(data).stderr) == (0, b"")


@pytest.mark.parametrize("name", ["a b.po", "a\nb.po", "'\"$(x).po", "\udcff.po"], ids=ascii)
def test_any_file_name(name: str, tmp_path: Path) -> None:
    """Number 45."""
    path = tmp_path / name
    path.write_bytes(po_file(ONE))
    assert po.read(path).messages == (ONE_READ,)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Number 48; and a file that is not there is not taken for its own contents."""
    for path in (tmp_path, tmp_path / "missing.po"):
        with pytest.raises(CatalogError, match=re.escape(str(path))):
            po.read(path)


@pytest.mark.slow
def test_many_messages() -> None:
    """Number 43, with a fifth of the messages."""
    many = tuple(Message(f"Sentence {n}.", f"Frase {n}.") for n in range(10_000))
    catalog = Catalog("es", many, HEADERS)
    assert parse(po.dump(catalog)) == catalog


# Files damaged at random

REALISTIC = po.dump(
    Catalog(
        "es",
        (
            Message(
                "The ferry must stay public.",
                "El transbordador debe seguir siendo público.",
                context="heading",
                references=("ferry:1",),
                notes=("title, unit 1 of 5", "after: They said “no”."),
                comments=("Ana: ¿transbordador o ferri?",),
            ),
            Message(
                "They said “no”.", "Dijeron que «no».", draft="argos 1.9", references=("ferry:2",)
            ),
            Message(
                'A "quote" and a \\ slash.', 'Una "cita" y una \\ barra.', fuzzy=True, draft="argos"
            ),
            Message("New tariff.", "Tarifa\nantigua.", fuzzy=True, previous="Old tariff."),
            Message("Untranslated.", notes=("list item, unit 5 of 5",)),
            Message("Gone.", "Ido.", obsolete=True, comments=("kept",)),
            Message("Gone too.", "Ida.", obsolete=True, fuzzy=True, previous="Going."),
        ),
        HEADERS,
        ("ferry, es", ""),
    )
)


def mutate(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    line = lines[at]
    where = chance.randrange(len(line) + 1)
    junk = chance.choice(
        ['"', "\\", "\\x", "#", "#~ ", "# ", "#| ", "#, ", "\0", "\u00a0", "“", "msgid", " "]
    )
    match chance.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, line)
        case 2:
            lines[at], lines[other] = lines[other], line
        case 3:
            lines[at] = line[:where] + line[where + chance.randint(1, 3) :]
        case 4:
            lines[at] = line[:where] + junk + line[where:]
        case 5:
            lines.insert(at, chance.choice(["<<<<<<< HEAD", "=======", ">>>>>>> b", "", "#", '""']))
        case _:
            return text[: chance.randrange(len(text))]
    return "\n".join(lines)


def mutants(count: int) -> list[str]:
    found = []
    for seed in range(count):
        chance = random.Random(seed)
        text = REALISTIC
        for _ in range(chance.choice([1, 1, 1, 2, 4])):
            text = mutate(text, chance)
        found.append(text)
    return found


def translations(text: str) -> set[str]:
    """Return every msgstr in *text* but the header's, found without any of our code."""
    string = r'"(?:[^"\\\n]|\\.)*"'
    found = re.findall(
        rf"^(?:#~)? *msgstr *({string}(?:\s*\n(?:#~)? *{string})*)", text, re.MULTILINE
    )
    joined = ("".join(s[1:-1] for s in re.findall(string, m)) for m in found)
    return {
        re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), each)
        for each in joined
        if "charset=" not in each
    }


def accepted(text: str) -> Catalog | None:
    try:
        return parse(text)
    except CatalogError as error:
        assert re.match(r"\S+\.po:\d+: ", str(error))  # noqa: PT017  # anything else is a bug
        return None


def translated(message: Message) -> Message:
    """Return *message* without where it stood, which obsolete ones need not say."""
    return replace(message, references=())


def test_no_translation_of_a_damaged_file_is_lost() -> None:
    read = 0
    for text in mutants(1500):
        if catalog := accepted(text):
            read += 1
            assert translations(text) <= {"", *(m.target for m in catalog.messages)}
            once = po.dump(catalog)
            assert {translated(m) for m in parse(once).messages} == set(
                map(translated, catalog.messages)
            )
            assert po.dump(parse(once)) == once
    assert read > 100


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
def test_what_msgfmt_refuses_is_refused() -> None:
    refused = 0
    for text in mutants(1500)[:500]:
        done = tool("msgfmt", "-o", os.devnull, "-", given=text.encode())
        if done.returncode:
            refused += 1
            assert accepted(text) is None, done.stderr.decode() + text
    assert refused > 100
