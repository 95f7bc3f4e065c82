"""The short way of reading and writing PO comes to what the long one does."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_po import CATALOGS, HEADERS, catalogs, messages, mutants, mutate

from pipeline.catalog import po, po_fast
from pipeline.errors import CatalogError
from pipeline.model import Catalog, Message

PATH = Path("locales/es/LC_MESSAGES/ferry.po")
TRICKY = Message('A "b" \\ c\n"', 'D\n""\\"\te\n"', previous='\n"f\\', fuzzy=True)


def outcome(text: str) -> Catalog | str:
    try:
        return po.parse(text.encode(), PATH)
    except CatalogError as error:
        return str(error)


def long_way(text: str) -> Catalog | str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(po, "quick", lambda _: None)
        return outcome(text)


@settings(deadline=None, max_examples=2 * CATALOGS)
@given(catalogs(), st.randoms(use_true_random=False))
@example(Catalog("es", (TRICKY, replace(TRICKY, context="x", obsolete=True)), HEADERS), None)
def test_what_is_read_is_the_same(catalog: Catalog, chance: random.Random | None) -> None:
    text = po.dump(catalog).decode()
    assert chance or po_fast.quick(text.encode())
    assert outcome(text) == long_way(text) == catalog
    for _ in range(5):
        text = mutate(text, chance) if text and chance else text
        assert outcome(text) == long_way(text)


def test_damaged_files_are_read_the_same_or_refused_the_same() -> None:
    taken = 0
    for text in mutants(1500):
        taken += po_fast.quick(text.encode()) is not None
        assert outcome(text) == long_way(text)
    assert taken


@pytest.mark.parametrize(
    ("lines", "usual"),
    [
        (
            "# a\n#\n#. b\n#.\n#. draft: c\n#. changed: d\n#: a:1 b:2\n#: c:3\n#, fuzzy, no-wrap\n",
            True,
        ),
        ("#: \u2068a b\u2069:1\n", True),
        ("#: \u2068a\n#: b\u2069:1\n", True),
        ('#| msgctxt "a"\n#| msgid ""\n#| "b"\n', True),
        ('#| msgctxt "a"\n#| msgid ""\n', True),
        ("#. b\n# a\n", False),
        ("#, Fuzzy,c++-format\n", False),
        ('#~| msgid "b"\n', False),
        ('#| msgid "b"\n#| msgctxt "a"\n', False),
    ],
)
def test_lines_before_a_message(lines: str, usual: bool) -> None:
    header = po.dump(Catalog("es", (), HEADERS)).decode()
    text = f'{header}\n{lines}msgid "A"\nmsgstr ""\n'
    assert (po_fast.quick(text.encode()) is not None) == usual
    assert outcome(text) == long_way(text)


@pytest.mark.parametrize("charset", ["GBK", "ISO-8859-1", "none", "ASCII"])
@pytest.mark.parametrize("said", ["é", "e", "\u2028"])
def test_another_charset_is_for_the_long_way(charset: str, said: str) -> None:
    catalog = Catalog("es", (Message("A", said),), HEADERS, header_comments=(said,))
    text = po.dump(catalog).decode().replace("charset=UTF-8", f"charset={charset}")
    assert po_fast.quick(text.encode()) is None
    assert outcome(text) == long_way(text)


def test_two_ways_to_write_a_string_are_one_key() -> None:
    header = po.dump(Catalog("es", (), HEADERS)).decode()
    text = f'{header}\nmsgid "AB"\nmsgstr ""\n\nmsgid "A"\n"B"\nmsgstr ""\n'
    assert po_fast.quick(text.encode()) is None
    assert "the same message as in line" in str(outcome(text))


def written(message: Message) -> bytes:
    return po.dump(Catalog("es", (message,), HEADERS))


def written_the_long_way(message: Message) -> bytes:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(po, "usual_text", lambda _: "")
        return written(message)


@settings(deadline=None, max_examples=4 * CATALOGS)
@given(messages(obsolete=False) | messages(obsolete=True))
def test_what_is_written_is_the_same(message: Message) -> None:
    assert written(message) == written_the_long_way(message)


def test_most_messages_take_the_short_way() -> None:
    message = Message(
        "One.",
        "Uno.",
        "text",
        previous="On.",
        fuzzy=True,
        references=("a:1", "b 2:3"),
        notes=("paragraph", ""),
        draft="apertium",
        comments=("Mine.", ""),
    )
    for one in (
        message,
        replace(message, obsolete=True),
        replace(message, source='"', previous="\\n"),
    ):
        assert po_fast.usual_text(one)
        assert written(one) == written_the_long_way(one)


ODD = (
    {"target": "a\n"},
    {"source": ""},
    {"comments": ("a\x01",)},
    {"comments": ("a\nb",)},
    {"notes": ("a\\",)},
    {"draft": "\x7f"},
    {"change": "a\tb"},
    {"flags": ("a\x01",)},
    {"references": ("a\ud800:1",)},
    {"target": "a\ud800"},
    {"previous_context": "a"},
)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_may_be_wrong_takes_the_long_way(odd: dict[str, Any]) -> None:
    assert po_fast.usual_text(replace(Message("One."), **odd)) == ""


@pytest.mark.parametrize("field", ["source", "references", "comments", "flags"])
def test_half_a_character_is_not_written(field: str) -> None:
    half = "a\ud800" if field == "source" else ("a\ud800",)
    with pytest.raises(CatalogError, match="half a character"):
        po.dump(Catalog("es", (replace(Message("One."), **{field: half}),), HEADERS))  # type: ignore[arg-type]


def test_the_line_of_what_cannot_be_written_is_that_of_the_whole() -> None:
    wrong = Message("Two.", "\nDos.")
    good = (Message("One."), Message("Three."))
    places = []
    for written in ((*good, wrong), (wrong, *good)):
        with pytest.raises(CatalogError) as caught:
            po.dump(Catalog("es", written, HEADERS))
        places.append(int(str(caught.value).split(":")[1]))
    assert places[0] - places[1] == 6
