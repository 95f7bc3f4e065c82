"""Safe to publish: what we write is read by others as we meant it, and does nothing by itself."""

from __future__ import annotations

import datetime
import json
import math
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from helpers import need, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checks import translation
from pipeline.formats.read import read
from pipeline.model import LocalizedArticle
from pipeline.publish.render import front_matter, to_html, to_markdown
from pipeline.storage import yaml
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


@pytest.mark.parametrize("char", REFUSED, ids=ascii)
def test_characters_that_stop_a_site_are_refused(char: str) -> None:
    assert [*translation.characters("The plan of today", f"El plan{char} de hoy")]


@pytest.mark.parametrize(
    "char", ["&#233;", "&nbsp;", "&#160;", "&#x200F;", "é", "&amp;", "😀", "&#9;"]
)
def test_characters_that_stop_nothing_are_not(char: str) -> None:
    assert not [*translation.characters("The plan of today", f"El plan{char} de hoy")]


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
