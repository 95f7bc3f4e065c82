"""Laws of reading, over generated input: design.md, section 6."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.errors import SettingsError, SourceError
from pipeline.formats.overrides import VERDICTS
from pipeline.formats.read import read
from pipeline.model import Article, DateLine, Dropped, Role
from pipeline.publish.assemble import source_text
from pipeline.text import commonmark, markup

LANGUAGES = ["en", "es", "fr", "pt_BR", "it", "de", "ru", "ar"]
EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WORDS = [
    *"Water is a right , not commodity . The people of Lunara ! Who decides ? Dr. U.N.".split(),
    *"120.000 62% 8. 1) (a) - * + # > | = -- --- === *** _ __ ** ~~ ` `` ``` [ ] ( ) ]( ![".split(),
    *"< > & \\ \\\\ **bold** *one two* _so_ `a*b` [text](https://x.example/a_b)".split(),
    *"![alt](/i.png) <b> </b> <br> &amp; &nbsp; &lt; &bogus; &#8217; <!-- --> {name}".split(),
    *"%(n)s https://x.example/?a=1&b=2 a@b.example “Stop. Now.” ‘half «quoted» „tief“".split(),
    *"don’t ¿Quién? ¡Ya! أوقفوا الحرب. Стоп. e\u0301 Å é\u0323".split(),
    *"\u200b \ufeff \u00ad \u202e \x07 \ue001 \u00a0 \u2028 \x85 \u2066 \x0c \t".split(" "),
]
SENTENCES = [
    "The government wants to sell the water of the city. We say no.",
    "**First. Second.** And a third, *half. way* over.",
    "See [the report. All of it](https://x.example/r?a=1&b=(2)) and `code. Code`.",
    "More than 120.000 people (most of them women) have no water in their homes since last "
    "September, and nobody in the ministry has ever explained to them why this is so.",
]
LINES = [
    *SENTENCES,
    "# Heading",
    "## Heading ##",
    "Setext\n===",
    "Setext\n---",
    "- item",
    "- item\n  - nested\n    more",
    "1. first\n2. second",
    "2) second",
    "> quote\n> more",
    "> - quoted item\nlazy",
    "    indented code",
    "```\ncode *a*\n```",
    "~~~ open fence",
    "| a | b |\n|---|---|\n| 1 \\| 2 | `x` |",
    "[ref]: https://x.example 'Title'",
    "<div>\nraw\n</div>",
    "<p>open",
    "***",
    "hard  \nbreak\\\nhere",
    "**bold\nover  \nlines**",
    "March 18, 2025",
    "Tue Mar 18, 2025",
    "Lunara, 18 March 2025",
    "Share this",
    "Related articles",
    "Women Queue At A Dry Standpipe\nWomen Queue At A Dry Standpipe",
    "Water for all!\nWater for all!",
    "By Ilda Maroven",
    "International Secretariat.",
    "---",
    "---\ntitle: A: b",
    "",
    "   ",
]
TAGS = (
    "p div section article main header footer nav aside h1 h2 h3 ul ol li blockquote figure"
    " figcaption table tr td th pre code strong em a span sup q title script style br hr img time"
    " cite button"
).split()

words = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
glued = st.lists(st.sampled_from(WORDS), max_size=8).map("".join)
lines = st.one_of(st.sampled_from(LINES), words, glued)
indented = st.tuples(st.sampled_from(["", "", "", "  ", "> ", "- ", "   "]), lines).map("".join)
bodies = st.lists(indented, min_size=1, max_size=10).flatmap(
    lambda found: st.sampled_from(["\n", "\n\n", "\r\n", "\r\n\r\n", "\r"]).map(
        lambda gap: gap.join(found)
    )
)
fields = st.sampled_from(
    [
        "title: Plain",
        'title: "Quoted: “it” \\"so\\""',
        "title: 'It''s'",
        "title: >-\n  Over\n  lines",
        "title: Over\n  two lines # comment",
        "description: [a, b]",
        "summary: &a A. B.",
        "date: 2025-03-18",
        "date: never",
        "clean: {Share this: keep, '- item': drop}",
        "author: [A, B]",
        "tags:\n- a",
        "lang: es",
        "lang: ../../etc",
        "broken: [",
        "title: A: b",
        "just text",
        "1: 2",
        "title: *alias",
        'title = "TOML"',
        "",
    ]
)
fences = st.sampled_from(["---", "---", "+++"])
fronted = st.tuples(fences, st.lists(fields, max_size=4), bodies).map(
    lambda t: f"{t[0]}\n" + "".join(f"{line}\n" for line in t[1]) + f"{t[0]}\n\n{t[2]}"
)
tags = st.one_of(
    st.sampled_from(TAGS).map("<{}>".format),
    st.sampled_from(TAGS).map("</{}>".format),
    st.sampled_from(
        [
            '<a href="https://x.example/(a) b">',
            '<img src="/i.png" alt="A &amp; *b*. C">',
            "<img src=/i.png>",
            '<meta name="description" content="About &quot;it&quot;. So.">',
            '<meta name=date content="2025-03-18">',
            '<html lang="es">',
            '<html lang="zz-bad!">',
            '<div class="share">',
            "<div hidden>",
            "<!-- note -->",
            "<!doctype html>",
            "<!-- open",
            "<![CDATA[x]]>",
            "<?php x ?>",
            "</",
            "<a <b",
            '<time datetime="2025-03-18">',
            "\n",
            "\n\n",
        ]
    ),
)
pages = st.lists(st.one_of(tags, tags, words, lines), min_size=1, max_size=20).map("".join)
arbitrary = st.text(max_size=200)
SOURCES = {
    ".txt": st.one_of(bodies, fronted, arbitrary),
    ".md": st.one_of(bodies, fronted, arbitrary),
    ".html": st.one_of(pages, pages, bodies, arbitrary),
}
suffixes = st.sampled_from(list(SOURCES))
sources = suffixes.flatmap(lambda suffix: st.tuples(SOURCES[suffix], st.just(suffix)))


def article(raw: str, suffix: str, language: str = "en") -> Article:
    """Read, and pass over what is refused."""
    try:
        return read(raw, suffix, "x", language)
    except (SourceError, SettingsError):
        assume(False)
        raise


@EXAMPLES
@given(sources, st.sampled_from(LANGUAGES))
def test_every_character_is_accounted_for(source: tuple[str, str], language: str) -> None:
    raw, suffix = source
    parts = article(raw, suffix, language).parts
    assert "".join(part.source for part in parts) == raw
    assert all(part.rule for part in parts if isinstance(part, Dropped))


@EXAMPLES
@given(sources, st.sampled_from(LANGUAGES))
def test_a_unit_is_a_line_of_text(source: tuple[str, str], language: str) -> None:
    for unit in article(*source, language).units:
        assert "\n" not in unit.text
        assert unit.text == unit.text.strip()
        assert any(char.isalnum() for char in unit.text)


def texts(article: Article) -> list[str]:
    """Return the units of the body, as they are written at the start of a line."""
    return [markup.guard(unit.text) for unit in article.units if not unit.field]


def again(body: str, language: str) -> Article:
    return read(f"---\ntitle: T\n---\n\n{body}", ".md", "x", language)


@EXAMPLES
@given(sources)
def test_what_is_cleaned_is_stable(source: tuple[str, str]) -> None:
    first = article(*source)
    body = source_text(first).body
    assume(body.strip())
    second = again(body, first.language)
    assert texts(second) == texts(first)
    assert source_text(second).body.lstrip("\n") == body.lstrip("\n")


def test_markdown_without_noise_is_left_as_it_is() -> None:
    raw = "\n\n".join(PLAIN) + "\n"
    assert source_text(article(raw, ".md")).body == raw


PLAIN = [
    "First sentence. **Second.** A [link](https://x.example/a_(b)) and `co\\de`.",
    "## Heading ##",
    "- item\n- item\n  - nested\n\n    more",
    "3. three\n4. four",
    "> quote\n>\n> more  \n> and *more*",
    "    indented\n\n    code",
    "~~~ x\ncode *a*\n~~~",
    "| a | b |\n|---|:-:|\n| 1 \\| 2 | `x` |",
    "[ref]: https://x.example 'Title'",
    "<div>\nraw\n</div>",
    "***",
    "hard  \nbreak\\\nhere",
    "![An image. Of two](/i.png)",
    "One ![image](/i.png) in text &amp; an entity, 5 \\* 3.",
    "10\\. März",
    "Setext\n---",
    "Tue Mar 18, 2025",
    "Lunara, 18 March 2025",
    "أوقفوا الحرب. الآن.",
]


@EXAMPLES
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=8))
def test_markdown_is_kept_byte_for_byte(found: list[str]) -> None:
    raw = "\n\n".join(found) + "\n"
    assert source_text(article(raw, ".md")).body == raw


def letters(text: str) -> Counter[str]:
    return Counter(char for char in unicodedata.normalize("NFC", text) if char.isalpha())


def seen(page: str) -> Counter[str]:
    """Return the letters that a reader sees of HTML, or hears of its images."""
    page = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r"\1", page)
    return letters(html.unescape(re.sub(r"<[^>]*>", "", page)))


def shown(found: Article) -> Counter[str]:
    """Return the letters that a reader sees of an article as cleaned."""
    assembled = source_text(found)
    count = seen(commonmark.render(assembled.body))
    for text in assembled.fields.values():
        count += letters(commonmark.visible(text))
    return count


def dated(found: Article) -> Counter[str]:
    dates = (part.source for part in found.parts if isinstance(part, DateLine) and part.field)
    return seen("".join(dates))


def kept(found: Article) -> str:
    return "".join(part.source for part in found.parts if not isinstance(part, Dropped))


clean_lines = st.lists(
    st.one_of(
        st.sampled_from(SENTENCES),
        st.sampled_from([line for line in LINES if "\n" not in line and line[:3] != "---"]),
        st.lists(st.sampled_from([w for w in WORDS if w.isprintable()]), max_size=9).map(" ".join),
    ),
    min_size=1,
    max_size=10,
)


@EXAMPLES
@given(clean_lines, st.sampled_from(["\n", "\n\n"]))
def test_nothing_of_a_text_is_lost(found: list[str], gap: str) -> None:
    raw = gap.join(found)
    read = article(raw, ".txt")
    assert shown(read) + dated(read) == letters(kept(read))


@EXAMPLES
@given(clean_lines, st.sampled_from(["\n", "\n\n"]))
def test_nothing_of_markdown_is_lost(found: list[str], gap: str) -> None:
    raw = gap.join(found)
    assert shown(article(raw, ".md")) == seen(commonmark.render(raw))


page_words = st.sampled_from([w for w in WORDS if w.isprintable() and not set(w) & set("<>&%")])
page_tags = st.sampled_from([name for name in TAGS if name != "title"]).flatmap(
    lambda name: st.sampled_from([f"<{name}>", f"</{name}>"])
)
clean_pages = st.lists(
    st.one_of(
        page_tags, page_tags, page_words, st.sampled_from([" ", "&amp;", "&eacute;", *SENTENCES])
    ),
    min_size=1,
    max_size=25,
).map("".join)


@EXAMPLES
@given(clean_pages)
def test_nothing_of_a_page_is_lost(raw: str) -> None:
    read = article(raw, ".html")
    assert shown(read) + dated(read) == seen(kept(read))


HOSTILE = [
    *"[ * < ]( ` & &# <!-- ![ \\ | .000 A.A. word 1.000 A. e\u0301 <b> </b> <div> <p>".split(),
    *["**a ", "_a ", "*a* ", "[a](b) ", "**A.** ", "[[a](b)", "](x)", "``a` ", "{a}", "~~a "],
    *["a  \n", "**a  \n", "a\\\n", "a\r\n", "A b.\r\n\r\n", "> ", "> a\n\n", "- a\n", "| a |"],
    *["<a ", "<a href='", '<a b=">" ', "<script>", "<title>", "<li>x", "<ul><li>a", "<br>x"],
    *["<table><td>x", "<blockquote>a", "<em>x</em> ", "www.,", "a@", "http://a.b ", "“a. "],
]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
@pytest.mark.parametrize("fragment", HOSTILE)
def test_time_is_linear(fragment: str, suffix: str) -> None:
    """No clock: it has to end. With 200 000 characters, what is quadratic takes minutes."""
    raw = "Hello, world. " + fragment * (10_000 // len(fragment))
    found = read(raw, suffix, "x", "en")
    assert "".join(part.source for part in found.parts) == raw


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "no sentence"),
        ("\ufeff \r\n --- \n\n ***", "no sentence"),
        ("---\ntitle: [\n---\nA.", "no YAML, line 3"),
        ("---\n- a\n- b:\ntitle: x\n---\nA.", "no YAML"),
        ("---\n# so\ntitle:x\nb:\n---\nA.", "no YAML"),
        ("---\ndate: 2020-02-30\n---\nA.", "does not exist, line 2: 2020-02-30"),
        ("---\ntitle: x\ndate: 2020-13-01\n---\nA.", "does not exist, line 3: 2020-13-01"),
        ("+++\ndate = 2020-02-30\n+++\nA.", "does not exist, line 2: 2020-02-30"),
        ('{"title": "x",\n b}\nA.', "no JSON, line 2"),
        ('{"title": "x", "title": "y"}\nA.', "no JSON: a name is there twice"),
        ('{"title": "\\ud800"}\nA.', "no JSON"),
        ('{"weight": NaN}\nA.', "no JSON"),
        ('{"a": ' + "[" * 100_000, "no JSON"),
        ("---\na: 1\na: 2\n---\nA.", "no YAML"),
        ("+++\ntitle: x\n+++\nA.", "no TOML"),
        ("---\nlang: ../../etc\n---\nA.", "unknown locale"),
    ],
)
def test_refused(raw: str, message: str) -> None:
    for suffix in (".txt", ".md"):
        with pytest.raises((SourceError, SettingsError), match=message):
            read(raw, suffix, "x", "en")


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        ("---\nJust text\n---\nA.", ["Just text", "A."]),
        ("---\n\nIt's [a.\n\n---\n\nA.", ["It's [a.", "A."]),
        ("---\nA.\n...\nB.\n", ["A. ... B."]),
        ("---\ntitle: never closed\n", ["title: never closed"]),
        ("---\ntitle: T\n...\nA.", ["T", "A."]),
        ("{{< figure >}}\n\nA.", ["{{< figure >}}", "A."]),
        ('{"title": "T"}\nA.', ["T", "A."]),
    ],
)
def test_front_matter_or_text(raw: str, texts: list[str]) -> None:
    found = read(raw, ".md", "x", "en")
    assert "".join(part.source for part in found.parts) == raw
    assert [unit.text for unit in found.units] == texts


@EXAMPLES
@given(sources, st.dictionaries(st.sampled_from(LINES), st.sampled_from(list(VERDICTS))))
def test_what_is_overruled_is_accounted_for(
    source: tuple[str, str], verdicts: dict[str, str]
) -> None:
    raw, suffix = source
    try:
        parts = read(raw, suffix, "x", "en", verdicts).parts
    except (SourceError, SettingsError):
        assume(False)
    assert "".join(part.source for part in parts) == raw


@pytest.mark.parametrize(
    "page",
    [
        '<div class="share"><h1>Title</h1><p>{text}</p></div>',
        "<form><p>{text}</p></form>",
        '<div id="menu"><p>A<p>{text}',
        "<p class=newsletter>{text}",
        "<nav><p>{text}</p>",
        "<article><p>Teaser</p></article><article><p>{text}</p></article>",
        "<main><article><p>Teaser</p></article><p>{text}</p></main>",
        f"<div><article><p>{'A ' * 99}</p></div><p>{{text}}</p></article></div>",
        "<header><h1>{text}</h1></header><p>A</p>",
        "<p>A</p><!-- never closed <p>{text}</p>",
        "<p>A &# B</p><p>{text}</p>",
        "<table><tr><td>A</td></tr><tr><td>B</td><td>{text}</td></tr></table>",
        "<h2>A<p>{text}",
    ],
)
def test_a_page_keeps_its_text(page: str) -> None:
    found = read(page.format(text=SENTENCES[3]), ".html", "x", "en")
    assert SENTENCES[3] in [unit.text for unit in found.units]


DEEP = "\n".join(f"{'  ' * n}- level {n}" for n in range(60))


@pytest.mark.parametrize(
    ("raw", "reported"),
    [
        ("A.\n\n<p>Raw <b>words</b></p>\n\nB.", [("line 3", "“Raw words” is raw HTML")]),
        ("A.\n\n<details><summary>More</summary>\n\nB.", [("line 3", "“More” is raw HTML")]),
        ("A.\n\n<div>\n<!-- so --><style>p {}</style>&nbsp;\n</div>", []),
        ("A.\n\n```\ncode\n```\n\n[r]: /u 'T'\n[r]: /v\n\n    code", []),
        ("| a | b |\n|---|---|\n| c | d | e |", [("line 3", "“e” is not where")]),
        ("| a | b |\n|---|---|\n| x `|` y | z |\n\nC.", [("line 3", "“z” is not where")]),
        (f"---\ntitle: T\n---\n{DEEP}", [("line 53", "“level 49” is not where")]),
    ],
)
def test_what_nobody_translates_is_reported(raw: str, reported: list[tuple[str, str]]) -> None:
    found = [f for f in read(raw, ".md", "x", "en").findings if f.check == "not translated"]
    assert [f.where for f in found] == [where for where, _ in reported]
    for finding, (_, explanation) in zip(found, reported, strict=True):
        assert finding.explanation.startswith(explanation)


def test_the_text_of_a_cell_keeps_its_pipes() -> None:
    raw = "| A | B |\n|---|---|\n| Either one \\| the other | \\| y |\n| `a \\| b` c | x\\|y |\n"
    found = read(raw, ".md", "x", "en")
    texts = ["A", "B", "Either one \\| the other", "\\| y", "`a \\| b` c", "x\\|y"]
    assert [unit.text for unit in found.units] == texts
    assert not found.findings


def test_lists_in_lists_are_read_and_rendered() -> None:
    found = read("\n".join(DEEP.split("\n")[:45]), ".md", "x", "en")
    assert len(found.units) == 45
    assert "level 44" in commonmark.render(source_text(found).body)


@pytest.mark.parametrize(
    ("end", "signature"),
    [
        ("Jane Doe", ["Jane Doe"]),
        ("Jane Doe, General Secretary", ["Jane Doe, General Secretary"]),
        ("International Secretariat.", ["International Secretariat."]),
        ("Bread for all!\n\nUnion of Cannery Workers", ["Union of Cannery Workers"]),
        ("In solidarity,\n\nThe Editors", ["In solidarity,", "The Editors"]),
        ("Mit solidarischen Grüßen\n\nJan Reh", ["Mit solidarischen Grüßen", "Jan Reh"]),
        ("We will not give up.", []),
        ("We Will Not Give Up.", []),
        ("Water Is Not For Sale", []),
        ("Bread for all!\n\nFree Palestine", []),
        ("The union says no", []),
        ("So we went home", []),
        ("Roses are red,\n\nViolets are blue", []),
        ("We were four:\n\nAda Morn\n\nJan Reh\n\nJane Doe", []),
        ("Ada Morn\n\nJan Reh\n\nJane Doe\n\nIlse Tarn", []),
        ("## Press contact\n\nJane Doe", []),
        ("- Jane Doe", []),
        ("Photo 3: Jane Doe", []),
        ("Jane Doe\n\nIt was a long day for all of us.", []),
    ],
)
def test_a_signature_without_a_date(end: str, signature: list[str]) -> None:
    found = read(f"# T\n\n{SENTENCES[3]}\n\n{end}\n", ".md", "x", "en")
    assert [u.text for u in found.units if u.role is Role.SIGNATURE] == signature
    assert found.author == (signature[-1].rstrip(".") if signature else "")


def test_a_signature_is_overruled() -> None:
    raw = f"{SENTENCES[3]}\n\nJane Doe\n"
    found = read(raw, ".txt", "x", "en", {"Jane Doe": "paragraph"})
    assert [unit.role for unit in found.units][-1] is Role.PARAGRAPH


@pytest.mark.parametrize(
    ("lang", "language", "findings"),
    [
        ("es", "es", 0),
        ("iw", "he", 0),
        ("en-GB-oxendict", "en", 0),
        ("EN_us", "en", 0),
        ("zh-Hant-TW", "zh", 0),
        ("xx", "fr", 1),
        ("../../etc", "fr", 1),
        ("x", "fr", 1),
        ("", "fr", 0),
        (" ", "fr", 0),
    ],
)
def test_the_language_of_a_page(lang: str, language: str, findings: int) -> None:
    found = read(f'<!doctype html>\n<html lang="{lang}"><p>{SENTENCES[3]}</p>', ".html", "x", "fr")
    assert found.language == language
    assert [f.where for f in found.findings if f.check == "language"] == ["line 2"] * findings
