"""Safe to publish: what we write is read by others as we meant it, and does nothing by itself."""

from __future__ import annotations

import datetime
import html
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from helpers import need, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.catalog import extract
from pipeline.checks.base import Subject, SubjectKind
from pipeline.checks.registry import CHECKS
from pipeline.formats.read import read
from pipeline.model import Catalog, LocalizedArticle, Message
from pipeline.publish.assemble import source_text
from pipeline.publish.localize import localize
from pipeline.publish.render import front_matter, to_html, to_markdown
from pipeline.publish.sanitize import sanitize
from pipeline.storage import yaml
from pipeline.text import commonmark
from pipeline.text.source import UNREADABLE

# Front matter

KEYS = [
    "@type", "evil\npublished: true", "k: v #", "no", "Yes", "y", "null", "~", "<<", "=", "123",
    "1.5", "0x1f", "1:30", "2024-01-02", ".inf", "", " ", "- a", "? a", "a:", ":a", "#a", "a #b",
    "a: b", "&a", "*a", "!a", "|", ">", "%a", "'", '"', "\\", "{", "[a]", "---", "...", "é", "ключ",
    "og:title", "my key", "\t", "\x85", "\u2028", "\ufeff", "\ufffe", "\x81", "😀", "k" * 200,
]  # fmt: skip

_scalars = (
    st.text()
    | st.sampled_from(KEYS)
    | st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
_dates = st.dates(datetime.date(1000, 1, 1)) | st.datetimes(datetime.datetime(1000, 1, 1))
FRONT = st.dictionaries(st.sampled_from(KEYS) | st.text(), _values | _dates, max_size=6)


def said(text: str) -> object:
    head, inside, tail = text[:4], text[4:-4], text[-4:]
    assert (head, tail) == ("---\n", "---\n")
    assert not any(line.startswith(("---", "...")) for line in inside.split("\n"))
    return yaml.load(inside)


@settings(deadline=None)
@given(FRONT)
def test_front_matter_is_read_back_by_ours(meta: dict[str, object]) -> None:
    text = front_matter(meta)
    assert (said(text) or {}) == meta
    assert text == front_matter(dict(meta))
    assert not UNREADABLE.search(text)


def _as_json(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value


_RUBY = r"""
def plain(value)
  case value
  when Time then value.utc.strftime('%Y-%m-%dT%H:%M:%S')
  when Date then value.strftime('%Y-%m-%d')
  when Hash then value.to_h { |key, item| [key.encode('UTF-8'), plain(item)] }
  when Array then value.map { |item| plain(item) }
  else value
  end
end
texts = JSON.parse(STDIN.read)
classes = [Date, Time]
puts JSON.generate(texts.map { |text| plain(YAML.safe_load(text, permitted_classes: classes)) })
"""


def _ruby(texts: list[str]) -> list[object]:
    done = subprocess.run(
        ["ruby", "-Ku", "-ryaml", "-rjson", "-rdate", "-e", _RUBY],
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


@pytest.mark.ruby
@settings(max_examples=10, deadline=None)
@given(st.lists(FRONT, min_size=5))
def test_front_matter_is_read_back_by_ruby(metas: list[dict[str, object]]) -> None:
    need("ruby", shutil.which("ruby") is not None)
    # Ruby takes “<<” for a merge in quotes as well; then only a text can stand there.
    metas = [{k: v for k, v in meta.items() if k != "<<"} for meta in metas]
    metas = [*metas, dict.fromkeys(KEYS, "x"), dict(zip(KEYS, KEYS, strict=True))]
    assert _ruby([front_matter(meta) for meta in metas]) == [
        _as_json(meta) if meta else None for meta in metas
    ]


@pytest.mark.hugo
@settings(max_examples=3, deadline=None)
@given(st.lists(st.lists(_values, max_size=5), min_size=10), st.lists(FRONT, min_size=5))
def test_front_matter_is_read_back_by_hugo(
    tmp_path_factory: pytest.TempPathFactory, values: list[object], fronts: list[dict[str, object]]
) -> None:
    need("hugo", shutil.which("hugo") is not None)
    site = tmp_path_factory.mktemp("site")
    values = [*values, KEYS]
    pages: list[dict[str, object]] = [
        {"title": "x", "texts": [json.dumps(_strings(value))], "strings": _strings(value)}
        for value in values
    ]
    metas = pages + [{"k " + key: front[key] for key in front} for front in fronts]
    metas.append({**{"k " + key: key for key in KEYS}, **dict.fromkeys(KEYS[:3], "x")})
    for number, meta in enumerate(metas):
        path = site / "content" / f"p{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(front_matter(meta) + "\nText.\n", encoding="utf-8", newline="")
    (site / "config.toml").write_text('disableKinds = ["taxonomy", "term", "RSS"]\n')
    layouts = site / "layouts" / "_default"
    layouts.mkdir(parents=True)
    (layouts / "list.html").write_text("{{ .Title }}")
    (layouts / "single.html").write_text("{{ jsonify .Params.strings | safeHTML }}")
    done = subprocess.run(
        ["hugo", "--source", str(site)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for number, page in enumerate(pages):
        shown = (site / "public" / f"p{number}" / "index.html").read_text(encoding="utf-8")
        assert (json.loads(shown) or []) == page["strings"]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = list(value.values()) if isinstance(value, Mapping) else value
    return [text for item in inside for text in _strings(item)] if isinstance(inside, list) else []


def test_front_matter_stays_as_it_was() -> None:
    """Ordinary values have the bytes that they had when each was written as JSON."""
    meta: dict[str, object] = {
        "title": 'Una "carta": sí \\ no',
        "date": datetime.date(2025, 3, 4),
        "tags": ["a", "b"],
        "about": {"n": 1, "x": [None, True, 1.5]},
        "translationKey": "a/b",
        "long": "word " * 500,
        "empty": [],
    }
    lines = front_matter(meta).split("\n")
    assert lines[2] == "date: 2025-03-04"
    for line, (key, value) in zip(lines[1:], meta.items(), strict=False):
        if key != "date":
            assert line == f"{key}: {json.dumps(value, ensure_ascii=False)}"


def test_a_key_is_before_its_colon() -> None:
    assert front_matter({"a\nb: c": {"d\n": 1}}) == '---\n"a\\nb: c": {"d\\n": 1}\n---\n'


def test_numbers_without_an_end() -> None:
    found = said(front_matter({"a": math.inf, "b": -math.inf, "c": 1e22}))
    assert found == {"a": math.inf, "b": -math.inf, "c": 1e22}


def test_keys_of_a_source_add_no_field() -> None:
    article = read(
        '---\ntitle: "A title"\n"@type": Article\n"evil\\npublished: true": x\n"k: v #": 1\n---\n'
        "\nOne.\n",
        ".md",
        "a",
        "en",
    )
    assert said(front_matter(article.meta)) == {
        "title": "A title", "@type": "Article", "evil\npublished: true": "x", "k: v #": 1,
    }  # fmt: skip


# Characters that a site's reader of YAML refuses

REFUSED = [
    "\ufffe", "\uffff", "\ufeff", "\x80", "\x81", "\x9f", "\x00", "\x1b", "\x7f",
    "&#129;", "&#x81;", "&#X0081;", "&#xFFFE;", "&#65535;", "&#xfeff;", "&#0;", "&#27;", "&#128;",
]  # fmt: skip


def _characters(source: str, target: str) -> list[str]:
    subject = Subject(SubjectKind.TRANSLATION, source, target, "en", "es")
    return list(CHECKS["characters"].find(subject))


@pytest.mark.parametrize("char", REFUSED, ids=ascii)
def test_characters_that_stop_a_site_are_refused(char: str) -> None:
    assert _characters("The plan of today", f"El plan{char} de hoy")


@pytest.mark.parametrize(
    "char", ["&#233;", "&nbsp;", "&#160;", "&#x200F;", "é", "&amp;", "😀", "&#9;"]
)
def test_characters_that_stop_nothing_are_not(char: str) -> None:
    assert not _characters("The plan of today", f"El plan{char} de hoy")


@pytest.mark.parametrize("char", ["\ufffe", "&#129;", "&#xFFFE;"], ids=ascii)
@pytest.mark.parametrize("field", ["A letter: to the council", "two"])
def test_a_translation_with_such_a_character_is_not_published(
    tmp_path: Path, char: str, field: str
) -> None:
    project = sample(tmp_path)
    project.run("run", "letter")
    project.approve("es", "letter")
    po = project.po("es", "letter")
    message = next(entry for entry in po if field in entry.msgid)
    message.msgstr = f"{message.msgstr} x{char}"
    po.save()
    result = project.run("build", "letter", code=None)
    assert "control character U+" in result.err + result.out
    assert not (tmp_path / "localized/es/letter.md").exists()
    preview = project.read("localized/preview/es/letter.md")
    assert said("---\n" + preview.split("---\n")[1] + "---\n")
    assert not set(preview.split("---\n")[1]) & {"\ufffe", "\x81"}


@pytest.mark.parametrize(
    ("suffix", "raw"),
    [
        (".md", '---\ntitle: "A plan\\x81 and\\uFFFE more"\n---\n\nOne sentence.\n'),
        (".md", '---\ntitle: A plan&#129; and&#xFFFE; more\n---\n\nOne sentence.\n'),
        (".md", '{"title": "A plan\\u0081 and\\ufffe more"}\n\nOne sentence.\n'),
        (".md", "# A plan&#129; and&#xFFFE; more\n\nOne sentence.\n"),
        (".html", "<title>A</title><h1>A plan&#129; and&#xFFFE; more</h1><p>One sentence.</p>"),
    ],
)  # fmt: skip
def test_such_a_character_of_a_source_is_told_and_left_out(suffix: str, raw: str) -> None:
    article = read(raw, suffix, "a", "en")
    assert "".join(part.source for part in article.parts) == raw
    told = [f for f in article.findings if f.check == "control characters"]
    assert any("U+0081" in f.explanation for f in told)
    title = next(u.text for u in article.units if "more" in u.text)
    meta = {"title": title, "lang": "en"}
    localized = LocalizedArticle("a", "es", "en", meta, "One.\n", 1, 1)
    assert 'title: "A plan and more"\n' in to_markdown(localized)
    assert "<title>A plan and more</title>" in to_html(localized)


# Pages that cannot act

ACTS = [
    '<meta http-equiv=refresh content="0;url=https://evil.test/">',
    '<META HTTP-EQUIV="refresh" CONTENT="0;url=https://evil.test/">',
    '<iframe src="https://evil.test/"></iframe>',
    '<iframe srcdoc="&lt;script>alert(1)&lt;/script>"></iframe>',
    '<form action="https://evil.test/"><input name="p"><button>x</button></form>',
    '<input autofocus onfocus="alert(1)">',
    '<button formaction="https://evil.test/">x</button>',
    "<style>body { display: none }</style>",
    '<b style="position:fixed;inset:0">x</b>',
    '<base href="https://evil.test/">',
    '<link rel="stylesheet" href="https://evil.test/x.css">',
    '<object data="https://evil.test/"></object>',
    '<embed src="https://evil.test/">',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>',
    "<script>alert(1)</script>",
    "<script src=https://evil.test/x.js></script>",
    '<img src="a.png" onerror="alert(1)">',
    "<img src=x onerror=alert(1)//",
    '<b onclick="alert(1)">x</b>',
    "<b\nonclick\n=\nalert(1)>x</b>",
    '<details open ontoggle="alert(1)"><summary>x</summary></details>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt&colon;alert(1)">x</a>',
    '<a href=" java&#10;script:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="x" ping="https://evil.test/" target="_blank" download>x</a>',
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    '<video autoplay src="https://evil.test/x"><source onerror="alert(1)"></video>',
    '<audio src="x" autoplay></audio>',
    '<frameset onload="alert(1)"><frame src="https://evil.test/"></frameset>',
    '<map name="m"><area href="javascript:alert(1)"></map>',
    '<marquee onstart="alert(1)">x</marquee>',
    "<plaintext>",
    "<xmp><script>alert(1)</script></xmp>",
    "<title><script>alert(1)</script></title>",
    "<dialog open>x</dialog>",
    "</article></body><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script> -->",
    "<b/onclick=alert(1)>x</b>",
    "<b class=notice>x</b>",
    '<td style="text-align:left;position:fixed">x</td>',
    '<select><option>x</option></select>',
    "<portal src=https://evil.test/></portal>",
    '<applet code="x"></applet>',
    "<isindex action=javascript:alert(1)>",
    '<p popover id="x">x</p>',
    '<a id="x" contenteditable tabindex=1 accesskey="x">x</a>',
]  # fmt: skip
_SHOWN = frozenset(
    "a abbr b bdi bdo blockquote br caption code dd del details dl dt em figcaption figure h1 h2 h3"
    " h4 h5 h6 hr i img ins kbd li mark ol p pre rp rt ruby span strong sub summary sup table tbody"
    " td th thead tr u ul".split()
)
_SAID = frozenset(
    "align alt class colspan dir href id lang open reversed rowspan src start title value".split()
)


class Acts(HTMLParser):
    """What a page has that is no text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SHOWN:
            self.found.append(tag)
        for name, value in attrs:
            aligned = name == "style" and tag in {"td", "th"}
            if name not in _SAID and not (aligned and str(value).startswith("text-align:")):
                self.found.append(name)
            scheme = str(value).split(":")[0] if ":" in str(value) else ""
            if name in {"href", "src"} and scheme not in {"", "http", "https", "mailto", "tel"}:
                self.found.append(str(value))
            if name == "class" and not str(value).startswith("language-"):
                self.found.append(str(value))
            if name == "style" and ";" in str(value):
                self.found.append(str(value))


def acting(page: str) -> list[str]:
    reader = Acts()
    reader.feed(page)
    reader.close()
    return reader.found


def _page(body: str, approved: int = 0) -> str:
    page = to_html(
        LocalizedArticle("a", "es", "en", {"title": "x", "lang": "es"}, body, approved, 1)
    )
    return page.split("</h1>\n")[1].removesuffix("</article>\n</body>\n</html>\n")


@pytest.mark.parametrize("approved", [0, 1])
@pytest.mark.parametrize(
    "around", ["{}\n", "One {} more.\n", "- {}\n", "> {}\n", "<div>\n{}\n</div>\n"]
)
def test_a_page_cannot_act(around: str, approved: int) -> None:
    for payload in ACTS:
        assert not [x for x in acting(_page(around.format(payload), approved)) if x != "div"], (
            payload
        )


@settings(deadline=None)
@given(st.lists(st.sampled_from(ACTS) | st.text("<>/ =\"'`!-ab\n&;:x", max_size=8), max_size=6))
def test_nothing_that_is_put_together_acts(parts: list[str]) -> None:
    for text in ("".join(parts), commonmark.render("".join(parts))):
        once = sanitize(text)
        assert sanitize(once) == once
        assert not acting(once)


SHOWS = """\
Un [enlace](https://a.example/x?a=1&b=2 "título \\"a\\"")
y <https://b.example/> &amp; “más” "citas" 'a' a b ©.

<mark lang="en" dir="ltr">One sentence.</mark> <mark>Otra.</mark>
Una nota[^1] <sup id="n1">1</sup> H<sub>2</sub>O
<kbd>Ctrl</kbd><del datetime="2025-01-01">a</del><ins>b</ins>
<abbr title="a &quot;b&quot;">ab</abbr><br>y<br/>z

![alt "x"](a.png "t") <img src="b.png" alt="" width="10">
<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>

| a | b | c |
|:--|:-:|--:|
| 1 | `<x>` | 3 |

3. tres
4. cuatro

```python
x < 1 and "y"
```

<details open>
<summary>Más</summary>

Texto *oculto*.

</details>

<figure>
<img src="c.png" alt="c" />
<figcaption>Pie</figcaption>
</figure>

<table>
<tbody><tr><th colspan="2" rowspan="1" lang="es">x</th></tr></tbody>
</table>

<ol reversed start="3">
<li value="7">x</li>
</ol>

<dl><dt>a</dt><dd>b</dd></dl>

<!-- more -->

<a href="mailto:a@b.example">a</a> <a href="tel:+1">b</a> <a href="/c#d">c</a> <a href="../e">e</a>

***

    code
"""


def test_what_shows_stays_byte_for_byte() -> None:
    rendered = commonmark.render(SHOWS)
    assert sanitize(rendered) == rendered


@pytest.mark.parametrize(
    "case", sorted((Path(__file__).parent.parent / "golden").glob("*/expected.md")), ids=str
)
def test_golden_pages_stay_byte_for_byte(case: Path) -> None:
    rendered = commonmark.render(case.read_text(encoding="utf-8").split("---\n", 2)[2])
    assert sanitize(rendered) == rendered


@settings(deadline=None)
@given(st.text("ab <>&\"'*_`[]()!#-|\n\\ é😀.1:/"))
def test_markdown_without_html_stays_byte_for_byte(body: str) -> None:
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    assert sanitize(rendered) == rendered


def test_the_policy_of_a_page() -> None:
    page = to_html(LocalizedArticle("a", "es", "en", {"title": "x"}, "One.\n", 0, 1))
    policy = page.split('Content-Security-Policy" content="')[1].split('"')[0]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for kind in ("default", "script", "object", "frame"):
        assert told[f"{kind}-src"] == "'none'"
    assert told["base-uri"] == told["form-action"] == "'none'"


def test_nh3_is_loaded_for_a_page_alone() -> None:
    code = "import sys, pipeline.publish.render, pipeline.cli; sys.exit('nh3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Text that looks like a template

TEMPLATES = (
    "Watch {{< youtube abc >}} now, {{ x }} and {% include y %}, {# z #} or [gallery] please."
)
HEADED = {
    ".txt": f"A title\n\n{TEMPLATES}\n\nAnother long sentence {{{{<x>}}}} stands here too.\n",
    ".html": "<h1>A title</h1><p>"
    + TEMPLATES.replace("<", "&lt;").replace(">", "&gt;")
    + '</p><p>A <code>{{ "a" }}</code> and <a href="/{{x}}">the {{ y }} link</a>.</p>'
    + '<h2>A heading {style="position:fixed"}</h2><p>The end of it.</p>',
    ".md": f"# A title\n\n{TEMPLATES}\n",
}


def _same(suffix: str) -> LocalizedArticle:
    """Return the article in the words of its source, approved."""
    article = read(HEADED[suffix], suffix, "a", "en")
    messages = [
        Message(unit.text, context=key[0], target=unit.text)
        for unit, key in zip(article.units, extract.keys(article.units), strict=True)
    ]
    return localize(article, Catalog("es", tuple(messages)))


@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_text_that_looks_like_a_template_is_text(suffix: str) -> None:
    article = read(HEADED[suffix], suffix, "a", "en")
    found = _same(suffix)
    assert not [finding for finding in found.findings if finding.error]
    outside = "".join(found.body.split("`")[::2])
    assert not re.search(r"\{[{%#]|\{style", outside)
    assert commonmark.render(found.body) == commonmark.render(source_text(article).body)
    page = to_html(found).split("</h1>")[1]
    assert not re.search(r"\{[{%#]|\[[a-z/]", page)
    assert html.unescape(page) == html.unescape(
        to_html(replace(found, templates=True)).split("</h1>")[1]
    )
    assert "[gallery]" in html.unescape(page)


def test_a_template_of_markdown_stays_one() -> None:
    found = _same(".md")
    assert TEMPLATES in found.body
    assert "{% include y %}" in to_html(found)


@pytest.mark.hugo
@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_hugo_shows_what_looks_like_a_template(tmp_path: Path, suffix: str) -> None:
    need("hugo", shutil.which("hugo") is not None)
    (tmp_path / "content").mkdir()
    body = to_markdown(_same(suffix))
    (tmp_path / "content/a.md").write_text(body, encoding="utf-8")
    (tmp_path / "config.toml").write_text('disableKinds = ["taxonomy", "term", "RSS", "home"]\n')
    (tmp_path / "layouts/_default").mkdir(parents=True)
    (tmp_path / "layouts/_default/single.html").write_text("{{ .Content }}")
    done = subprocess.run(["hugo", "--source", str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = html.unescape((tmp_path / "public/a/index.html").read_text(encoding="utf-8"))
    assert TEMPLATES in shown
    assert "<h2 style" not in shown
