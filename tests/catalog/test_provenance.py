"""Provenance: what is written is read again, whatever it says, and nobody else reads the prose."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from helpers import TESTS
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.catalog import po, provenance
from pipeline.catalog.provenance import OUTCOMES, Change, Provenance
from pipeline.model import Message

KEPT = sorted((TESTS / "corpus" / "catalogs-0.1.0").glob("*.po"))
PHRASES = (
    "unsure of “dársena”",
    "does not know céntimo",
    "drafted in pieces, because as a whole the number 12 is lost",
    "the code `a; b` is lost",
    "left empty, because ",
    "terms: ",
    "terms: “tarifa” forced",
    "terms: “tarifa” guessed",
    "memory, ",
    "it may say the opposite now",
    "approved as: ",
    "x; changed here as well: 1 to 2",
)
words = st.one_of(
    st.sampled_from(PHRASES), st.text(st.characters(exclude_categories=["C"]), max_size=12)
)
lines = st.lists(words, max_size=5).map("; ".join)
plain = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=12).map(
    lambda text: f"a{text}"
)
changes = st.one_of(
    st.builds(Change, difference=plain, patched=st.one_of(st.just(""), plain)),
    st.builds(Change, difference=plain, opposite=st.booleans()),
    st.builds(Change, approved_as=plain),
    st.just(Change(late=True)),
    st.just(Change()),
)
provenances = st.builds(
    Provenance,
    signature=plain,
    reason=st.one_of(st.just(""), plain),
    doubts=st.lists(plain, max_size=3).map(tuple),
    terms=st.lists(st.tuples(plain, st.sampled_from(OUTCOMES[1:])), max_size=3).map(tuple),
    memory=st.one_of(st.just(""), plain.map(lambda text: f"{provenance.MEMORY}{text}; b")),
    change=changes,
)


@given(provenances)
def test_what_is_noted_is_read_again(its: Provenance) -> None:
    assert provenance.of(provenance.noted(Message("a"), its)) == its


@given(lines, lines)
def test_whatever_stands_in_a_note_stays_byte_for_byte(draft: str, change: str) -> None:
    message = Message("a", draft=draft, change=change)
    assert provenance.noted(message, provenance.of(message)) == message


@given(lines, st.booleans())
def test_lines_of_a_file_come_back(draft: str, fuzzy: bool) -> None:
    message = Message("a", "b", fuzzy=fuzzy, draft=draft, change="c", notes=("paragraph",))
    notes, change, again = provenance.from_lines(provenance.to_lines(message))
    assert (notes, change, again) == (message.notes, message.change, message.draft)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_catalogs_of_0_1_0_are_understood_and_written_as_they_were(path: Path) -> None:
    data = path.read_bytes()
    catalog = po.parse(data, path)
    assert po.dump(catalog) == data
    for message in catalog.messages:
        its = provenance.of(message)
        assert not its.other
        assert not its.change.other
        assert provenance.noted(message, its) == message


def test_each_part_of_a_note_is_told_from_the_others() -> None:
    (path,) = (path for path in KEPT if path.name == "notes.po")
    found = [provenance.of(message) for message in po.parse(path.read_bytes(), path).messages]
    assert found[0].change.opposite
    assert found[1].change.patched == "12 to 14"
    assert found[2].change.approved_as == "The quay - the old one - is ours."
    assert found[3] == Provenance(
        "argos starter en→es 0.2",
        doubts=(
            "not the engine’s first choice, because there the number 12 is lost",
            "unsure of “dársena”",
        ),
        terms=(("tarifa", "forced"), ("Línea Azul", "missing")),
    )
    assert found[4].reason == "it repeats itself"
    assert (found[5].signature, found[5].doubts) == ("", ())
    assert found[6].memory.endswith("“Comieron; luego se fueron.”")
    assert not found[6].doubts
    assert found[8].change.late


def test_nobody_else_looks_into_the_prose() -> None:
    """Outside of provenance, the two lines of a message are passed on, or asked whether empty."""
    root = Path(pipeline.__file__).parent
    looks = []
    for path in root.rglob("*.py"):
        if path.name == "provenance.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for inner in _looked_into(node):
                if isinstance(inner, ast.Attribute) and inner.attr in {"draft", "change"}:
                    looks.append(f"{path.relative_to(root)}:{inner.lineno}")
    assert not looks


def _looked_into(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(value=value)):  # m.draft.startswith(...)
            return [value]
        case ast.Compare(left=left, comparators=others):
            words = any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
            return others if words else [left] if isinstance(others[0], ast.Constant) else []
        case ast.Subscript(value=value) | ast.FormattedValue(value=value):
            return [value]
    return []
