"""PO files: what a catalog holds survives, and no file that would lose something is trusted.

With PIPELINE_THOROUGH set, 10,000 damaged files and 5,000 catalogs are tried. Files that people
and programs leave are in test_corpus.
"""

from __future__ import annotations

import gc
import gettext as gnu
import io
import os
import random
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import need
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.catalog import po, po_grammar, provenance
from pipeline.errors import CatalogError
from pipeline.model import Catalog, Message

THOROUGH = "PIPELINE_THOROUGH" in os.environ
MUTANTS = 10_000 if THOROUGH else 500
CATALOGS = 5_000 if THOROUGH else 60
HEADERS = po.headers("ferry", "en", "es", "2026-01-02 03:04+0000")


@pytest.fixture(scope="session")
def gettext() -> None:
    need("gettext", all(map(shutil.which, ("msgfmt", "msgcat"))))


def tool(*command: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=given, capture_output=True, check=False)


def msgfmt(data: bytes) -> subprocess.CompletedProcess[bytes]:
    """Return what msgfmt says of *data*; its standard output is the MO file."""
    return tool("msgfmt", "-c", "-o", "-", "-", given=data)


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
NOTE = LINE.filter(lambda line: not line.startswith(provenance.DRAFT))
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


@settings(deadline=None, max_examples=CATALOGS)
@given(catalogs())
def test_a_catalog_survives(catalog: Catalog) -> None:
    data = po.dump(catalog)
    assert parse(data) == catalog
    assert po.dump(parse(data)) == data
    assert parse(data.replace(b"\n", b"\r\n")) == catalog
    assert po.dump(catalog, like=b"#\r\n") == data.replace(b"\n", b"\r\n")
    assert parse(b"\xef\xbb\xbf" + data) == catalog


def kept_by_gettext(catalog: Catalog) -> Catalog:
    """Return *catalog* without what msgcat drops where a message has no translation."""
    kept = (m for m in catalog.messages if m.target or not m.obsolete)
    return replace(
        catalog, messages=tuple(m if m.target else replace(m, fuzzy=False) for m in kept)
    )


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
@settings(deadline=None, max_examples=CATALOGS)
@given(catalogs())
def test_gettext_reads_the_same(catalog: Catalog) -> None:
    data = po.dump(kept_by_gettext(catalog))
    checked = msgfmt(data)
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert tool("msgcat", "--no-wrap", "--force-po", "-", given=data).stdout == data
    found = gnu.GNUTranslations(io.BytesIO(checked.stdout))
    for m in catalog.messages:
        said = found.pgettext(m.context, m.source) if m.context else found.gettext(m.source)
        used = m.target and not m.fuzzy and not m.obsolete
        assert said == (m.target if used else m.source)


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
def test_a_comment_that_ends_in_a_backslash_swallows_nothing() -> None:
    """To gettext, a backslash at the end of a line joins the next one, even in a comment."""
    message = Message("a", "b", fuzzy=True, comments=("c:\\",), draft="d\\")
    data = po.dump(Catalog("es", (message,), HEADERS, ("\\",)))
    assert msgfmt(data).returncode == 0
    assert b"1 fuzzy" in tool("msgfmt", "--statistics", "-o", os.devnull, "-", given=data).stderr
    assert [c.strip() for c in parse(data).messages[0].comments] == ["c:\\"]


def test_lines_are_those_of_the_msgids(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    text = '# c\n#| msgid "z"\nmsgid ""\n"a\\"b"\nmsgstr ""\n\nmsgctxt "c"\nmsgid "a\\"b"\n'
    path.write_text(f'{HEADER}{text}msgstr ""\n', "utf-8")
    lines = path.read_text("utf-8").splitlines()
    assert [(key, lines[at - 1]) for key, at in po_grammar.message_lines(path)] == [
        (("", 'a"b'), 'msgid ""'),
        (("c", 'a"b'), 'msgid "a\\"b"'),
    ]


@pytest.mark.parametrize(
    "message",
    [
        Message("a\0b"),
        Message("a", target="b\x1b[0m"),
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


def test_errors_of_writing_name_the_file() -> None:
    for message in (
        Message("a", target="b\n"),
        Message("a", target="\ud800"),
        Message("a", flags=("",)),
    ):
        with pytest.raises(CatalogError, match=r"^locales/es/a\.po: the new catalog"):
            po.dump(Catalog("es", (message,), HEADERS), path="locales/es/a.po")


def test_a_former_context_without_a_former_source_is_let_go() -> None:
    former = '#| msgctxt "text"\n#| msgid ""\n'
    for lines in (former, "#. b\n# a\n" + former):  # the short way, and the long one
        catalog = parse(po_file(lines + 'msgid "A"\nmsgstr "B"\n'))
        assert catalog.messages[0].previous_context == ""
        assert parse(po.dump(catalog)) == catalog


def test_two_messages_with_one_key_are_not_written() -> None:
    twins = (Message("a", "b"), Message("a", "c", obsolete=True))
    with pytest.raises(CatalogError, match="the same message"):
        po.dump(Catalog("es", twins, HEADERS))


EVIL = 'x\n\nmsgid "w"\nmsgstr "v"\n'


@pytest.mark.parametrize(
    "message",
    [Message("a", notes=(EVIL,)), Message("a", comments=(EVIL,)), Message("a", draft=EVIL)],
)
def test_a_line_end_does_not_add_a_message(message: Message) -> None:
    assert [m.key for m in parse(po.dump(Catalog("es", (message,), HEADERS))).messages] == [
        ("", "a")
    ]


@pytest.mark.parametrize(
    "catalog",
    [
        Catalog("es", (Message("a", references=(EVIL,)),), HEADERS),
        Catalog("es", (Message("a", references=("a\rb:1",)),), HEADERS),
        Catalog("es", (Message("a", flags=(EVIL,)),), HEADERS),
        Catalog("es", (Message("a", flags=("x, fuzzy",)),), HEADERS),
        Catalog("es", (Message("a", flags=("",)),), HEADERS),
        Catalog("es", headers=(*HEADERS, ("Language-Team", "x\nX-Evil: 1"))),
        Catalog("es", headers=(*HEADERS, ("Language-Team", "x\r"))),
        Catalog("es", headers=(*HEADERS, ("X-A: 1\nX-Evil", "1"))),
        Catalog("es", headers=(*HEADERS, ("X A", "1"))),
    ],
)
def test_what_would_begin_a_line_of_its_own_is_refused(catalog: Catalog) -> None:
    with pytest.raises(CatalogError, match="cannot be a "):
        po.dump(catalog)


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
def test_escapes_are_written_as_they_were() -> None:
    message = Message("a", "b\a\b\f\v\r\t\n\\a", previous="\a", context="\v")
    data = po.dump(Catalog("es", (message,), HEADERS))
    assert parse(data).messages == (message,)
    assert tool("msgcat", "--no-wrap", "-", given=data).stdout == data


@pytest.mark.gettext
@pytest.mark.usefixtures("gettext")
def test_a_flag_or_a_reference_that_ends_in_a_backslash_swallows_nothing() -> None:
    message = Message("a", "b", references=("c:\\",), flags=("no-wrap\\",))
    data = po.dump(Catalog("es", (message,), HEADERS))
    assert msgfmt(data).returncode == 0
    assert parse(data).messages == (message,)


def test_references_with_spaces() -> None:
    message = Message("a", references=("b c.md:3", "d e", "f:1"))
    text = po.dump(Catalog("es", (message,), HEADERS)).decode()
    assert "#: \u2068b c.md\u2069:3 \u2068d e\u2069 f:1\n" in text
    assert parse(text).messages == (message,)


def test_every_known_charset_is_one_that_python_knows() -> None:
    for name in "ASCII ISO-8859-15 KOI8-U CP1251 Windows-1252 CP866 GBK SHIFT_JIS EUC-KR".split():
        text = po.dump(Catalog("es", (Message("a", "b"),), HEADERS)).decode()
        catalog = parse(text.replace("charset=UTF-8", f"charset={name}"))
        assert catalog.messages == (Message("a", "b"),)
        assert dict(catalog.headers)["Content-Type"] == "text/plain; charset=UTF-8"
        assert catalog.header_comments == (f"converted from {name} to UTF-8",)
        assert parse(po.dump(catalog)) == catalog


# The header

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
ONE = 'msgid "One."\nmsgstr "Uno."\n'


def po_file(body: str) -> bytes:
    return (HEADER + body).encode()


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


def test_long_messages_take_no_long_time() -> None:
    for body in (
        "#: " + "\u2068a " * 100_000 + "\n" + ONE,
        "# x\n" + "\t" * 1_000_000 + "\n" + ONE,
        "# x\n#. y\n" * 250_000 + ONE,
        ONE + '"a"\n' * 300_000 + "#\n# x\n",
    ):
        start = time.process_time()
        parse(po_file(body))
        assert time.process_time() - start < 4


def test_an_isolate_that_is_not_closed_is_no_name() -> None:
    body = po_file("#: \u2068a b\u2069:1 x\u2068 y \u2068c d\n#: \u2068e\n" + ONE)
    assert parse(body).messages[0].references == ("a b:1", "x", "y", "c", "d", "e")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'msgctxt ""\n{HEADER}{ONE}', "2: the header is missing"),
        (f"#: a:1\n{HEADER}{ONE}", "2: the header has a reference"),
        (f'#| msgid "x"\n{HEADER}{ONE}', "2: the header has a previous msgid"),
        (f"#, fuzzy, no-wrap\n{HEADER}{ONE}", "2: the header has the flag no-wrap"),
        (f"{HEADER}{ONE}\n# Ana\n#, fuzzy\n", "8: the file ends before the message"),
        (f"{HEADER}{ONE}\n#. draft: x\n", "7: the file ends before the message"),
        (f"{HEADER}# x\r\r\n{ONE}", "4: the control character U+000D"),
        (f"{HEADER}#. x\0y\n{ONE}", "4: the control character U+0000"),
        (f"{HEADER}{ONE}".replace("UTF-8", "UTF-8;x"), "the header says charset=UTF-8;x"),
        (f"{HEADER}{ONE}".replace("UTF-8", "BIG5"), "the header says charset=BIG5; it must"),
        (f"{HEADER}{ONE}".replace('"Con', '"X: charset=\\n"\n"Con'), "the header says no charset"),
    ],
)
def test_what_gettext_reads_otherwise_is_refused(text: str, said: str) -> None:
    with pytest.raises(CatalogError) as error:
        parse(text)
    assert said in str(error.value)


def test_utf8_is_written_as_gettext_knows_it() -> None:
    catalog = parse(f"{HEADER}{ONE}".replace("UTF-8", "utf8"))
    assert catalog.headers == (("Content-Type", "text/plain; charset=UTF-8"),)
    assert catalog.header_comments == ()


def test_references_end_at_blanks_only() -> None:
    message = Message("One.", "Uno.", references=("a\u00a0b:1", "c\u2028d:2"))
    text = po.dump(Catalog("es", (message,), HEADERS)).decode()
    assert "#: a\u00a0b:1 c\u2028d:2\n" in text
    assert parse(text).messages == (message,)


@pytest.mark.parametrize("reference", ["", "a\u2069 c:22", "\u2068a"])
def test_references_that_would_not_come_back_are_refused(reference: str) -> None:
    with pytest.raises(CatalogError, match="cannot be a reference"):
        po.dump(Catalog("es", (Message("a", references=("b:1", reference)),), HEADERS))


def test_a_line_of_the_header_that_would_become_a_field_is_refused() -> None:
    with pytest.raises(CatalogError, match="cannot be a value in the header"):
        po.dump(Catalog("es", (), (*HEADERS, ("", "b:x"))))


def test_many_small_catalogs_leave_nothing_behind() -> None:
    gc.collect()
    data = po_file(ONE).replace(b"\n", b"\r\n")
    before = len(gc.get_objects())
    for _ in range(200):
        parse(data)
    assert len(gc.get_objects()) - before < 10_000


def test_comments_of_the_header_are_kept() -> None:
    body = "# Ana\n#\n#. extracted\n#, fuzzy\n" + HEADER + ONE
    assert parse(body).header_comments == ("Ana", "", "extracted")


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
            Message("Odd\a.", "Ra\vro\r.", references=("a b:1",), flags=("no-wrap",)),
        ),
        HEADERS,
        ("ferry, es", ""),
    )
).decode()


JUNK = (
    *('"', "\\", "\\x", "#", "#~ ", "# ", "#| ", "#, ", "\0", "\u00a0", "“", "msgid", " "),
    *("\\x41", "\\101", "\\a", "\\xe9", "\\n", "\r", "#=", "\t", "UTF-8", "\u2068", "fuzzy"),
)


def mutate(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    line = lines[at]
    where = chance.randrange(len(line) + 1)
    junk = chance.choice(JUNK)
    match chance.randrange(8):
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
        case 6:
            charset = chance.choice(
                ["CP1251", "ASCII", "utf8", "GBK", "SHIFT_JIS", "X", "", "BIG5"]
            )
            return text.replace("charset=UTF-8", f"charset={charset}")
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
        rf"^[ \t]*(?:#~)?[ \t]*msgstr[ \t]*({string}(?:\s*(?:#~)?[ \t]*{string})*)",
        text,
        re.MULTILINE,
    )
    joined = ("".join(meant(s[1:-1]) for s in re.findall(string, m)) for m in found)
    return {each for each in joined if "charset=" not in each}


def meant(string: str) -> str:
    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name[0] == "x" or name.isdecimal():
            return chr(int(name[1:], 16) if name[0] == "x" else int(name, 8))
        return {"n": "\n", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "r": "\r"}.get(
            name, name
        )

    return re.sub(r"\\(x[0-9A-Fa-f]+|[0-7]{1,3}|.)", one, string)


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
    for text in mutants(max(1500, MUTANTS)):
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
    """But for a comment that ends in a backslash, where we know better: see test_corpus."""
    refused = 0
    for text in mutants(MUTANTS):
        known = re.sub(r"(?m)^([ \t]*#.*\\)$", r"\1 ", text)
        done = tool("msgfmt", "-o", os.devnull, "-", given=known.encode())
        if done.returncode:
            refused += 1
            assert accepted(text) is None, done.stderr.decode() + text
    assert refused > 100
