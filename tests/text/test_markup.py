from __future__ import annotations

import html
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protected import MARKED, kept, marked

from pipeline.changes import tokens
from pipeline.checks import compare
from pipeline.checks.base import Subject, SubjectKind
from pipeline.checks.registry import CHECKS
from pipeline.drafting.protect import protect
from pipeline.formats.units import sentence_spans
from pipeline.text import commonmark, markup
from pipeline.text.markup import ProtectedKind

LIMITS = settings(max_examples=300, deadline=None)
HAZARDS = st.lists(
    st.sampled_from(
        [
            *"a B é و 8. 12) # ## > + - * ** *** _ __ ~~ ~~~ ` `` ``` = == --- | : [ ] ( )".split(),
            *"]( ![ ][ ]: < > <b> </b> <br> <!-- --> <a@b.example> & &amp; &#39; &x; \\".split(),
            *"\\\\ ! ” « ’ https://x.example/a_b*c www.x.example a.b@c.example {a} {{<".split(),
            *">}} [x] snake_case".split(),
            " ",
            " ",
            "\u00a0",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**bold** and *so* and _so_", "bold and so and so"),
        ("5 * 3 * 2, snake_case_name", "5 * 3 * 2, snake_case_name"),
        ("[a link](https://x.example/a_(b)) here", "a link here"),
        ("[a link][ref] and [brackets]", "a link and [brackets]"),
        ('an ![image](/i.png "T") of it', "an image of it"),
        ("`a*b*c` and ``a ` b``", "code and code"),
        ("`open and ** too", "`open and ** too"),
        (r"\*no\* \\ \a", r"*no* \ \a"),
        ("R&amp;D &nosuch &#8217;", "R&D &nosuch ’"),
        ("<b>so</b> <br> <!-- a > b --> 3 < 4", "so   3 < 4"),
        ("<!-- never closed", "<!-- never closed"),
        ("<https://x.example> a@b.example", "link link"),
        ("**a *b** c*", "a *b c*"),
        ("{name} is %(count)d", "link is link"),
    ],
)
def test_plain(text: str, plain: str) -> None:
    assert markup.plain(text)[0] == plain


@LIMITS
@given(HAZARDS)
def test_marks_lie_in_order_and_pair_up(text: str) -> None:
    marks = markup.scan(text)
    assert all(mark.start < mark.end <= len(text) for mark in marks)
    assert all(one.end <= two.start for one, two in pairwise(marks))
    starts = {mark.start: mark for mark in marks}
    for mark in marks:
        if mark.kind == "open":
            assert starts[mark.partner].kind == "close"
            assert starts[mark.partner].partner == mark.start > -1 < mark.partner
            assert mark.start < mark.partner


@LIMITS
@given(HAZARDS)
def test_plain_text_knows_where_it_came_from(text: str) -> None:
    shown, offsets = markup.plain(text)
    assert len(shown) == len(offsets)
    assert offsets == sorted(offsets)
    atoms = {mark.start for mark in markup.scan(text) if mark.kind == "atom"}
    for char, offset in zip(shown, offsets, strict=True):
        assert offset in atoms or text[offset] == char


def reading(body: str) -> str:
    """Return what a reader sees of *body*, which is to be one paragraph."""
    page = commonmark.render(body).strip()
    assert page.startswith("<p>")
    assert page.count("<p>") == 1
    assert page.endswith("</p>")
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def spaceless(text: str) -> str:
    return "".join(text.split())


@LIMITS
@given(HAZARDS.filter(str.strip))
def test_escaped_text_reads_the_same(text: str) -> None:
    text = text.strip()
    escaped = markup.guard(markup.escape(text))
    assert spaceless(reading(escaped)) == spaceless(text)


@LIMITS
@given(HAZARDS.filter(lambda text: re.search(r"\w", text) is not None))
def test_guarded_text_stays_a_paragraph(text: str) -> None:
    text = text.strip()
    guarded = markup.guard(text)
    assert guarded.replace("\\", "") == text.replace("\\", "")
    assert markup.guard(guarded) == guarded
    if not re.match(r"<|\[|`{3}", text):
        assert commonmark.is_paragraph(guarded)


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("8. März", r"8\. März"),
        ("1986. A year", r"1986\. A year"),
        ("12) a", r"12\) a"),
        ("1.5 million", "1.5 million"),
        ("# one", r"\# one"),
        ("#one", "#one"),
        ("- a", r"\- a"),
        ("-a", "-a"),
        ("+ a", r"\+ a"),
        ("> a", r"\> a"),
        ("~~~ a", r"\~~~ a"),
        ("===", r"\==="),
        ("* * *", r"\* * *"),
        ("*so* it is", "*so* it is"),
        ("|---|", r"\|---|"),
    ],
)
def test_guard(text: str, guarded: str) -> None:
    assert markup.guard(text) == guarded
    assert commonmark.is_paragraph(f"{guarded}")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("**One. Two.**", ["One.", "Two."]),
        ("**One.** Two.", ["**One.**", "Two."]),
        ("**All of it**", ["All of it"]),
        ("Or **one. Two** of it. Three.", ["Or **one. Two** of it.", "Three."]),
        ("So. **One. Two.** Three.", ["So.", "One.", "Two.", "Three."]),
        ("So. **One. Two.** *Three.", ["So.", "One.", "Two.", "*Three."]),
        ("Or **one. Two.** Three.", ["Or **one. Two.**", "Three."]),
        ("See [one. Two](/x). Three.", ["See [one. Two](/x).", "Three."]),
        ("[One. Two.](/x)", ["One.", "Two."]),
        ("See [x](/a.b). One is.", ["See [x](/a.b).", "One is."]),
        ("[A](/x). [B](/y). And [C](/z) too.", ["[A](/x).", "[B](/y).", "And [C](/z) too."]),
        ("Ask [J.](/x) Doe. Or [A](/x) Doe.", ["Ask [J.](/x) Doe.", "Or [A](/x) Doe."]),
        ("`One. Two.` Three.", ["`One. Two.` Three."]),
        ("One.[^1] Two[^b. c] is.", ["One.[^1]", "Two[^b. c] is."]),
        ("Wait.&nbsp;Two &amp; more. Three.", ["Wait.", "Two &amp; more.", "Three."]),
        ("One (**two. Three.**) four. Five.", ["One (**two. Three.**) four.", "Five."]),
        ("<em>One. Two.</em> Three.", ["One.", "Two.", "Three."]),
        ("***One. Two.***", ["One.", "Two."]),
        (" \t One. ", ["One."]),
        ("** * **", ["** * **"]),
        ("", []),
    ],
)
def test_sentences_keep_their_markup(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text, "en")] == sentences


def test_inventory() -> None:
    text = (
        "**A** *b* [l](https://x.example) ![i](/i.png) `c` <b>d</b> {name} %(n)s"
        " https://y.example/z, a@b.example {{< form >}} [gallery ids=1]"
    )
    assert dict(commonmark.inventory(text)) == {
        (ProtectedKind.EMPHASIS, "strong"): 1,
        (ProtectedKind.EMPHASIS, "em"): 1,
        (ProtectedKind.URL, "https://x.example"): 1,
        (ProtectedKind.IMAGE, "/i.png"): 1,
        (ProtectedKind.CODE, "c"): 1,
        (ProtectedKind.TAG, "<b>"): 1,
        (ProtectedKind.TAG, "</b>"): 1,
        (ProtectedKind.PLACEHOLDER, "{name}"): 1,
        (ProtectedKind.PLACEHOLDER, "%(n)s"): 1,
        (ProtectedKind.ADDRESS, "https://y.example/z"): 1,
        (ProtectedKind.ADDRESS, "a@b.example"): 1,
        (ProtectedKind.SHORTCODE, "{{<"): 1,
        (ProtectedKind.SHORTCODE, "[gallery ids=1]"): 1,
    }


def test_each_kind_of_piece_has_a_name_and_a_label_for_people() -> None:
    assert {kind.value: kind.label for kind in ProtectedKind} == {
        "url": "link",
        "address": "link",
        "empty link": "link without words, to",
        "image": "image",
        "tag": "tag",
        "code": "code",
        "placeholder": "placeholder",
        "footnote": "footnote",
        "shortcode": "shortcode",
        "emphasis": "emphasis",
    }


def test_the_pieces_that_tests_are_made_of_are_of_every_kind() -> None:
    assert {kind for kind, _ in kept(MARKED)} == set(ProtectedKind)


@given(marked)
def test_every_kind_of_piece_is_found(texts: list[str]) -> None:
    assert commonmark.inventory(" ".join(texts)) == kept(texts)


PLACEHOLDERS = (
    "%s %d %i %.2f %05d %-8s %1$s %2$d %ld %@ %(name)s %(name)d %(rate).1f %(n)03d"
    " {} {0} {name} {0:.2f} {name!r} {name!s:>8} {a.b} {a[0].b} {n:,} {n:05d} {p:%} {t:%H:%M}"
    " {x:*^9} %(имя)s %(2x)s {a.b.c.d.e.f} {n:,.2f} {n:>3} {n:3d}"
).split()
PROSE = (
    "5 % of them|100%|100 %|30% der Leute|30\u00a0% der Leute|5 %ige Lösung|die 100%ige|25%er"
    "|%50 den fazla|%5i geldi|in % der Menschen|5 %d’aide|50%-50%|%|(%)|100%s|20 % s’il|5%c"
    "|a set {1, 2, 3}|{note: see below}|{ name }|{#top}|{.wide}|100%, so|5% e 6% i|%age|{|}|%%"
    "|50\u200a%e uno|50\u3000%d|50  %i dei|“50”%e uno|« 50 » %s’il|(50) %s’il|50” %d’eux"
    "|½ %e uno|½%i|٥٠ %d|5,5 %e|le %d’hommes|vingt %d'ici"
    "|see {note:3}|page {p:12}|{a:3}|{1:2}|{12:3}|{a: b}"
).split("|")


@pytest.mark.parametrize("piece", PLACEHOLDERS)
@pytest.mark.parametrize("text", ["It is {}.", "{} is", "for {}", "({}), so", "“{}”", "a\n{}"])
def test_a_placeholder_is_one_piece(piece: str, text: str) -> None:
    whole = text.replace("{}", piece)
    spans = [whole[mark.start : mark.end] for mark in markup.scan(whole)]
    assert spans == [piece]
    assert dict(commonmark.inventory(whole)) == {(ProtectedKind.PLACEHOLDER, piece): 1}
    assert protect(whole).pieces == (piece,)
    assert not compare.numbers(whole)
    assert [token.text for token in tokens.tokenize(whole) if token.kind == "atom"] == [piece]
    subject = Subject(SubjectKind.DRAFT, whole, text.replace("{}", "x"), "en", "es")
    assert list(CHECKS["lost markup"].find(subject)) == [f"the placeholder {piece} is lost"]
    assert list(CHECKS["tags"].find(subject)) == [f"{piece} is missing"]


@pytest.mark.parametrize("text", PROSE)
def test_a_per_cent_sign_in_prose_is_no_placeholder(text: str) -> None:
    assert not markup.scan(text)
    assert not commonmark.inventory(text)
    assert protect(f"There: {text}").text == f"There: {text}"


@pytest.mark.parametrize(
    "text",
    ["**50** %e", "**50**%e", "<b>50</b> %e", "50&nbsp;%e", "[50](/x) %e", "50\n%e", "50 **%e**"],
)
def test_nor_is_one_after_markup(text: str) -> None:
    assert "%e" not in {text[mark.start : mark.end] for mark in markup.scan(text)}
    assert ProtectedKind.PLACEHOLDER not in {kind for kind, _ in commonmark.inventory(text)}


@given(st.text("%{}()[]!:.$sdf 0159name-%\u00a0é", max_size=20))
def test_markup_and_what_is_published_agree_on_placeholders(text: str) -> None:
    found = [text[m.start : m.end] for m in markup.scan(text) if text[m.start] in "{%"]
    assert found == [
        value
        for (kind, value) in commonmark.inventory(text).elements()
        if kind is ProtectedKind.PLACEHOLDER
    ]


@pytest.mark.parametrize(
    ("source", "target", "check"),
    [
        ("See [a](/a) here.", "Ver [a](/b) aquí.", "links"),
        ("See [a](/a) here.", "Ver a aquí.", "links"),
        ("See it.", "Ver https://evil.example ahora.", "links"),
        ("See it.", "Ver [esto](/x).", "links"),
        ("A **word**.", "Una palabra.", "emphasis"),
        ("A **word**.", "Una ** palabra**.", "emphasis"),
        ("A **word**.", "Una palabra **.**", "emphasis"),
        ("It is.", "Es <script>x</script>.", "tags"),
        ("It <b>is</b>.", "Es <b>así.", "tags"),
        ("It is.", "Es <b onclick=x>así</b>.", "tags"),
        ("It is.", "Es {{< form >}}.", "tags"),
        ("It is.", "Es [gallery].", "tags"),
        ("Hi {name}.", "Hola {nombre}.", "tags"),
        ("Run `make`.", "Ejecute `hacer`.", "tags"),
        ("It is.", "Es.\n\n# Así", "running text"),
        ("It is.", "<div>Es.</div>", "running text"),
        ("It is.", "```\nEs.", "running text"),
    ],
)
def test_what_a_translator_could_break_is_seen(source: str, target: str, check: str) -> None:
    find = CHECKS[check].find
    assert list(find(Subject(SubjectKind.TRANSLATION, source, target, "en", "es")))
    assert not list(find(Subject(SubjectKind.TRANSLATION, source, source, "en", "es")))


def test_a_script_is_no_link() -> None:
    assert not commonmark.is_safe("javascript:alert(1)")
    assert "href" not in commonmark.render("[a](javascript:alert(1)) <javascript:alert(1)>")
