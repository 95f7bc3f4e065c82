"""What must hold for any input: the laws of docs/design.md that span several modules.

Lossless segmentation is in test_segment, lossless reading in test_reading, PO in test_po and
test_catalog, whole files in test_files.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pipeline
from pipeline import workflow
from pipeline.catalog import extract
from pipeline.catalog.provenance import UNJUDGED
from pipeline.checks.compare import numbers
from pipeline.drafting.draft import draft, draft_texts
from pipeline.drafting.protect import protect
from pipeline.engines.base import Hypotheses, Hypothesis, Segment
from pipeline.engines.pseudo import PseudoEngine
from pipeline.errors import EngineError
from pipeline.formats.read import read
from pipeline.model import Catalog, Message, State
from pipeline.publish.assemble import source_text
from pipeline.terminology.glossary import Glossary
from pipeline.text import commonmark, markup

PIECES = (
    "We demand **peace** now.",
    "See [the report](https://norvela.example/a_(b)?x=1&y=2) of 4.5 per cent.",
    "Write to <press@harbour.example> or call `+00 12`.",
    "Down with the tariff!",
    "It cost 1,250 euros; they pay {amount}.",
    "*One. Two.* Three <sup>4</sup>.",
    "H<br>I &amp; J \\* k.",
    "They left",
    "“No,” she said. They stayed.",
    "\ue000 is no letter",
    "](x) [ ** ` <b",
)
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join),
)
sentences = st.lists(st.sampled_from(PIECES[:9]), min_size=1, max_size=6)


@given(texts)
@example("\ue000\ue001 [a](b) \ue000")
def test_what_is_protected_comes_back(text: str) -> None:
    protected = protect(text)
    assert protected.restore(protected.text) == text


class Liar:
    """An engine that does one kind of harm."""

    name = "liar"
    reads: tuple[str, ...] = ()

    def __init__(self, harm: str) -> None:
        self.harm = harm

    def signature(self, source: str, target: str) -> str:
        return "liar 1"

    def serves(self, source: str, target: str) -> bool:
        return True

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        return [(Hypothesis(self._translate(one.text)),) for one in segments]

    def _translate(self, text: str) -> str:
        hidden = [c for c in text if "\ue000" <= c <= "\uf8ff"]
        plain = "".join(c for c in text if c not in hidden)
        return {
            "drops markup": plain,
            "doubles markup": text + "".join(hidden),
            "moves markup": "".join(reversed(hidden)) + plain,
            "changes numbers": "".join("7" if c.isdigit() else c for c in text),
            "adds a link": text + " https://evil.example/",
            "adds markup": f"**{text}** `x`",
            "adds a footnote": text + " [^1]",
            "adds half a character": text + "\ud800",
            "adds control": text + "\0",
            "adds lines": f"{text}\n\n# {text}",
            "is silent": "",
            "invents markup": text + "\uf000",
            "shouts": text.upper(),
            "stammers": " ".join([text] * 5),
            "goes on": text + " " + "and so on it goes, " * 9,
        }[self.harm]


HARMS = (
    "drops markup",
    "doubles markup",
    "moves markup",
    "changes numbers",
    "adds a link",
    "adds markup",
    "adds a footnote",
    "adds half a character",
    "adds control",
    "adds lines",
    "is silent",
    "invents markup",
    "shouts",
    "stammers",
    "goes on",
)


@pytest.mark.parametrize("harm", HARMS)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.sampled_from(PIECES[:9]), max_size=5))
def test_markup_links_and_numbers_survive_any_engine(harm: str, texts: list[str]) -> None:
    drafts = draft_texts(texts, Liar(harm), "en", "es")
    assert len(drafts) == len(texts)
    for text, found in zip(texts, drafts, strict=True):
        if found.text:
            assert commonmark.inventory(text) == commonmark.inventory(found.text)
            assert numbers(text) == numbers(found.text)
        else:
            assert found.note
        assert "\n" not in found.text
        assert not re.search("[\0\ud800]", found.text + found.note)
        assert UNJUDGED not in found.note
        assert harm != "is silent" or not found.text


def test_an_engine_that_miscounts_is_refused() -> None:
    class Miscounts(Liar):
        def translate(
            self, segments: Sequence[Segment], source: str, target: str
        ) -> list[Hypotheses]:
            return super().translate(segments, source, target)[1:]

    with pytest.raises(EngineError, match=r"1 drafts came back for 2 sentences"):
        draft_texts(["One.", "Two."], Miscounts("is silent"), "en", "es")


states = st.sampled_from(["", "draft", "changed", "approved"])


def message(text: str, state: str) -> Message:
    target = "" if not state else f"<{text}>" if "<" not in text else text
    return Message(
        source=text,
        target=target,
        fuzzy=state in {"draft", "changed"},
        previous="before" if state == "changed" else "",
    )


@given(st.lists(st.tuples(st.text(min_size=1, max_size=30), states), max_size=8))
def test_drafting_touches_only_what_is_untranslated(given: list[tuple[str, str]]) -> None:
    before = [message(text, state) for text, state in given]
    after = draft(before, PseudoEngine(), "en", "es", Glossary())
    for old, new in zip(before, after, strict=True):
        if old.state is State.UNTRANSLATED:
            assert new.state in {State.UNTRANSLATED, State.DRAFT}
        else:
            assert new == old


ARTICLE = "# Title of it\n\n" + "\n\n".join(PIECES[:9]) + "\n\n- one item\n- 8. another\n"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_only_what_a_person_approved_is_published(data: st.DataObject) -> None:
    article = read(ARTICLE, ".md", "a", "en")
    fresh = extract.extract(article, Glossary(), "es")
    kinds = [data.draw(states) for _ in fresh]
    catalog = Catalog(
        "es",
        tuple(
            replace(
                m,
                target=m.source if kind else "",
                fuzzy=kind in {"draft", "changed"},
                previous="x" if kind == "changed" else "",
            )
            for m, kind in zip(fresh, kinds, strict=True)
        ),
    )
    built = workflow.build(article, catalog, Glossary())
    assert built.publishable == all(kind == "approved" for kind in kinds)
    in_body = {unit.text for unit in article.units if not unit.field}
    for m, kind in zip(fresh, kinds, strict=True):
        if kind != "approved" and m.source in in_body:
            assert f">{m.source}</mark>" in built.body


@settings(deadline=None)
@given(sentences)
def test_the_identity_translation_is_the_cleaned_article(found: list[str]) -> None:
    article = read("\n\n".join(found) + "\n", ".md", "a", "en")
    messages = tuple(
        replace(m, target=m.source) for m in extract.extract(article, Glossary(), "es")
    )
    built = workflow.build(article, Catalog("es", messages), Glossary())
    assert built.body == source_text(article).body
    assert built.publishable


def test_markup_of_the_pieces_is_what_the_parser_reads() -> None:
    assert (
        commonmark.inventory(PIECES[1])[
            markup.ProtectedKind.URL, "https://norvela.example/a_(b)?x=1&y=2"
        ]
        == 1
    )


ROOT = Path(pipeline.__file__).parent


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def _imports() -> dict[str, set[str]]:
    """Return the packages that each module imports anywhere in it."""
    found = {}
    for path in ROOT.rglob("*.py"):
        names = []
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append(node.module or "")
        found[_name(path)] = {name.split(".")[0] for name in names}
    return found


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("polib", {"pipeline.catalog"}),
        ("click", {"pipeline.cli"}),
        ("babel", {"pipeline.text.locales"}),
        ("markdown_it", {"pipeline.text.commonmark", "pipeline.text.markup"}),
        ("sentencex", {"pipeline.text.segmentation"}),
        ("ruamel", {"pipeline.storage.yaml"}),
        ("ctranslate2", {"pipeline.engines.argos"}),
        (
            "subprocess",
            {"pipeline.engines.apertium", "pipeline.engines.install", "pipeline.project.git"},
        ),
        ("simplemma", {"pipeline.text.truecase", "pipeline.text.lemmas"}),
    ],
)
def test_each_library_has_one_home(package: str, home: set[str]) -> None:
    found = {name for name, imported in _imports().items() if package in imported}
    assert found
    assert all(any(f"{name}.".startswith(f"{own}.") for own in home) for name in found), found


def test_no_group_is_repeated_possessively() -> None:
    r"""Before 3.11.5, `re` takes half a group for a whole one then (CPython issue 106052).

    Debian 12 has 3.11.2. What must not be tried again goes into a look-ahead: ``(?=(...))\1``.
    """
    for path in sorted(ROOT.rglob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"(?<!\\)\)(?:[*+?]|\{+[\d,]+\}+)\+|\(\?>", line), (path, line)
