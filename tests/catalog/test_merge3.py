"""Two people on one catalog: the work of both is in the file, and git asks only what people must.

`test_catalog` has the sources and the steps that people take; here two of them take some at once.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import pytest
from helpers import need
from hypothesis import given, settings
from hypothesis import strategies as st
from test_catalog import (
    HEADERS,
    PATH,
    SOURCES,
    STEPS,
    Step,
    approve,
    by_hand,
    catalogs_of_anybody,
    start,
    update,
)

from pipeline.catalog import po
from pipeline.catalog.merge3 import Merged, merge3
from pipeline.catalog.provenance import EARLIER, OTHER, change_of
from pipeline.errors import PipelineError
from pipeline.model import Catalog, Key, Message, State
from pipeline.project.git import CONFLICTS, install_driver

A, B, C = "A boat leaves.", "Boats return.", "Crews rest."
EMPTY = Catalog("es", headers=HEADERS)


def of(*messages: Message, **headers: str) -> Catalog:
    """Return a catalog; *headers* are by name, with ``_`` for ``-``."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Catalog("es", messages, tuple({**dict(HEADERS), **given}.items()))


UNTRANSLATED = Message(A, notes=("paragraph, unit 1 of 2",), references=("boats:1",))
DRAFT = replace(UNTRANSLATED, target="máquina", fuzzy=True, draft="argos 1")
REDRAFT = replace(DRAFT, target="otra máquina", draft="apertium 2")
SIGNED = replace(DRAFT, fuzzy=False)
ANA = replace(DRAFT, target="de Ana", fuzzy=False)
BEA = replace(DRAFT, target="de Bea", fuzzy=False)
BEGUN = replace(DRAFT, target="de Ana, a medias")
BEGUN_TOO = replace(DRAFT, target="de Bea, a medias")
DOUBTED = replace(ANA, fuzzy=True)
EMPTIED = replace(ANA, target="")
DISPUTED = replace(DOUBTED, draft="", comments=(f"{OTHER}de Bea",))
CHANGED = replace(DOUBTED, previous=B)


def gone(message: Message) -> Message:
    return replace(message, obsolete=True, references=())


STATES = (
    *(None, UNTRANSLATED, DRAFT, REDRAFT, SIGNED, ANA, BEA, BEGUN, BEGUN_TOO, DOUBTED, EMPTIED),
    *(DISPUTED, CHANGED, gone(DRAFT), gone(ANA), gone(BEA)),
)


def entry(base: Message | None, ours: Message | None, theirs: Message | None) -> Merged:
    return merge3(*(of(side) if side else of() for side in (base, ours, theirs)))


@pytest.mark.parametrize(
    ("base", "one", "two", "expected"),
    [
        (UNTRANSLATED, DRAFT, UNTRANSLATED, DRAFT),
        (DRAFT, SIGNED, DRAFT, SIGNED),
        (DRAFT, SIGNED, SIGNED, SIGNED),
        (DRAFT, SIGNED, REDRAFT, replace(SIGNED, comments=(f"{EARLIER}otra máquina",))),
        (UNTRANSLATED, ANA, REDRAFT, replace(ANA, comments=(f"{EARLIER}otra máquina",))),
        (DRAFT, SIGNED, BEGUN, replace(SIGNED, comments=(f"{EARLIER}de Ana, a medias",))),
        (DRAFT, BEGUN, REDRAFT, replace(BEGUN, comments=(f"{EARLIER}otra máquina",))),
        (DRAFT, ANA, replace(DRAFT, target=""), ANA),
        (ANA, BEA, DOUBTED, BEA),
        (ANA, DOUBTED, ANA, DOUBTED),
        (ANA, EMPTIED, ANA, EMPTIED),
        (ANA, BEA, EMPTIED, BEA),
        (DRAFT, replace(ANA, fuzzy=True), ANA, ANA),
        (ANA, gone(ANA), BEA, gone(BEA)),
        (ANA, replace(ANA, references=("boats:2",)), gone(BEA), gone(BEA)),
        (gone(ANA), ANA, gone(BEA), BEA),
        (gone(ANA), ANA, None, ANA),
        (gone(ANA), gone(BEA), None, gone(BEA)),
        (gone(ANA), gone(ANA), None, None),
        (ANA, BEA, None, gone(BEA)),
        (UNTRANSLATED, DRAFT, None, gone(DRAFT)),
        (None, gone(ANA), ANA, ANA),
        (None, DRAFT, ANA, replace(ANA, comments=(f"{EARLIER}máquina",))),
    ],
)
def test_work_that_goes_together(
    base: Message | None, one: Message | None, two: Message | None, expected: Message | None
) -> None:
    for ours, theirs in ((one, two), (two, one)):
        merged = entry(base, ours, theirs)
        assert merged.catalog.messages == ((expected,) if expected else ())
        assert merged.conflicts == ()


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "mark"),
    [
        (UNTRANSLATED, ANA, BEA, OTHER),
        (DRAFT, ANA, BEA, OTHER),
        (DRAFT, SIGNED, BEA, OTHER),
        (SIGNED, ANA, BEA, OTHER),
        (None, ANA, BEA, OTHER),
        (gone(DRAFT), ANA, gone(BEA), OTHER),
        (DRAFT, BEGUN, BEGUN_TOO, EARLIER),
        (SIGNED, BEGUN, BEGUN_TOO, EARLIER),
    ],
)
def test_two_translations_of_one_sentence_are_kept_and_it_is_fuzzy(
    base: Message | None, ours: Message, theirs: Message, mark: str
) -> None:
    for one, two in ((ours, theirs), (theirs, ours)):
        merged = entry(base, one, two)
        draft = "" if mark == OTHER else one.draft
        comments = (f"{mark}{two.target}",)
        kept = replace(one, fuzzy=True, draft=draft, comments=comments, obsolete=False)
        assert [replace(m, references=()) for m in merged.catalog.messages] == [
            replace(kept, references=())
        ]
        assert merged.conflicts == (("", A),)


def test_a_third_opinion_does_not_settle_a_conflict_and_a_choice_does() -> None:
    base = of(DRAFT)
    two = merge3(base, of(ANA), of(BEA)).catalog
    third = replace(DRAFT, target="de Cruz", fuzzy=False)
    merged = merge3(base, two, of(third))
    assert merged.conflicts == (("", A),)
    message = merged.catalog.messages[0]
    assert message.state is State.DRAFT
    assert message.comments == (f"{OTHER}de Bea", f"{OTHER}de Cruz")
    chosen = of(replace(two.messages[0], target="de Bea", fuzzy=False, comments=()))
    assert merge3(two, two, chosen) == Merged(chosen)
    assert merge3(of(BEA), chosen, of(BEA)).catalog.messages == chosen.messages


def test_drafts_of_the_pipeline_itself_give_way_without_a_trace() -> None:
    for mine in (DRAFT, REDRAFT):
        found = merge3(of(UNTRANSLATED), of(mine), of(replace(ANA, draft="")), machine=True)
        assert found == Merged(of(replace(ANA, draft="")))
    found = merge3(of(UNTRANSLATED), of(ANA), of(BEA), machine=True)
    assert found.conflicts == (("", A),)


def test_what_gives_way_is_not_repeated_where_it_stands_elsewhere() -> None:
    elsewhere = Message(B, "máquina", fuzzy=True, draft="argos 1")
    merged = merge3(of(UNTRANSLATED, elsewhere), of(DRAFT, elsewhere), of(ANA, elsewhere))
    assert merged.catalog == of(ANA, elsewhere)
    merged = merge3(of(DRAFT, elsewhere), of(SIGNED, elsewhere), of(ANA, elsewhere))
    assert merged.catalog.messages[0].comments == (f"{OTHER}de Ana",)
    elsewhere = replace(elsewhere, target=BEGUN_TOO.target)
    merged = merge3(of(DRAFT, elsewhere), of(BEGUN, elsewhere), of(BEGUN_TOO, elsewhere))
    assert merged.catalog.messages[0].comments == (f"{EARLIER}{BEGUN_TOO.target}",)


def test_a_translation_of_several_lines_is_kept_whole() -> None:
    other = replace(BEA, target="de Bea\n\nAna: ¿barco?")
    commented = replace(ANA, comments=("Ana: ¿barco?",))
    merged = entry(DRAFT, commented, other)
    expected = ("Ana: ¿barco?", f"{OTHER}de Bea", "", "Ana: ¿barco?")
    assert merged.catalog.messages[0].comments == expected


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a b", "a x b", "a b y", "a x b y"),
        ("a b", "b", "a b y", "b y"),
        ("a b", "a x b", "a y b", "a x y b"),
        ("a b", "a x b", "b", "x b"),
        ("", "x - y", "y - z", "x - y - z"),
        ("a", "x - a", "a - y", "x - a - y"),
        ("a b", "", "a b c", "c"),
    ],
)
def test_comments_of_both_are_kept_and_what_one_removed_is_gone(
    base: str, ours: str, theirs: str, expected: str
) -> None:
    """A dash stands for an empty line."""

    def commented(lines: str) -> Message:
        return replace(ANA, comments=tuple(line.replace("-", "") for line in lines.split()))

    merged = entry(*map(commented, (base, ours, theirs)))
    assert merged == Merged(of(commented(expected)))


def test_a_comment_and_a_translation_go_together() -> None:
    merged = entry(DRAFT, replace(DRAFT, comments=("Ana",), flags=("no-wrap",)), BEA)
    assert merged == Merged(of(replace(BEA, comments=("Ana",), flags=("no-wrap",))))


def test_additions_stand_beside_their_neighbours_and_the_obsolete_last() -> None:
    a, b, c, d, e = (Message(letter, letter.lower()) for letter in "ABCDE")
    merged = merge3(of(a, b), of(d, a, b, gone(c)), of(a, e, b))
    assert merged == Merged(of(d, a, e, b, gone(c)))
    assert merge3(of(a, b, c), of(c, b, a), of(a, b, d, c)).catalog == of(c, b, d, a)
    assert merge3(of(a, b, c), of(a, b, c), of(c, b, a)).catalog == of(c, b, a)


def test_the_header_never_conflicts() -> None:
    base = of(PO_Revision_Date="2026-01-02 03:04+0000", X_Old="1")
    ours = of(
        PO_Revision_Date="2026-03-01 23:30+0000",
        Last_Translator="Ana",
        X_Old="1",
        POT_Creation_Date="2026-02-02 00:00+0000",
        X_Ana="yes",
    )
    theirs = of(
        PO_Revision_Date="2026-03-02 01:00+0200",
        Last_Translator="Bea",
        POT_Creation_Date="2026-02-01 00:00+0000",
        X_Generator="Poedit 3.4",
    )
    for one, two in ((ours, theirs), (theirs, ours)):
        merged = merge3(base, one, two)
        assert merged.conflicts == ()
        assert dict(merged.catalog.headers) == {
            **dict(HEADERS),
            "PO-Revision-Date": "2026-03-01 23:30+0000",
            "Last-Translator": "Ana",
            "POT-Creation-Date": "2026-02-02 00:00+0000",
            "X-Generator": "Poedit 3.4",
            "X-Ana": "yes",
        }


def test_an_update_in_one_branch_and_a_correction_in_the_other() -> None:
    """The suggestion for the edited sentence is the corrected translation, if nobody touched it."""
    edited = "A boat leaves here."
    before = start(A, B, A="zarpa", B="vuelve")
    corrected, updated = approve(before, A="sale"), update(before, edited, B)
    merged = merge3(before, corrected, updated)
    assert merged == merge3(before, updated, corrected)
    assert merged.conflicts == ()
    assert [(m.state, m.source, m.target) for m in merged.catalog.messages] == [
        (State.CHANGED, edited, "sale"),
        (State.APPROVED, B, "vuelve"),
        (State.OBSOLETE, A, "sale"),
    ]
    assert update(merged.catalog, edited, B) == merged.catalog
    for one, two in ((merged.catalog, updated), (updated, merged.catalog)):
        assert merge3(before, one, two) == merged
    suggestion, *others = updated.messages
    late = replace(updated, messages=(suggestion, others[0], replace(others[1], target="sale")))
    assert merge3(before, late, late) == Merged(late)


def test_what_was_approved_for_a_new_sentence_follows_no_correction_of_the_old() -> None:
    new = replace(ANA, source=B)
    for former in ("", A):  # an editor may leave that of a sentence that is approved again
        ours = of(replace(new, previous=former), gone(ANA))
        found = merge3(of(ANA), ours, of(BEA)).catalog
        approved = {(m.source, m.target) for m in found.messages if not m.fuzzy}
        assert approved == {(B, ANA.target), (A, BEA.target)}


def test_an_approval_follows_a_sentence_that_got_a_context() -> None:
    before = start(A, B, A="zarpa")
    updated = update(before, f"#{A}", A, B)
    merged = merge3(before, approve(before, A="sale"), updated).catalog
    assert [(m.state, m.context, m.target) for m in merged.messages] == [
        (State.CHANGED, "heading", "sale"),
        (State.APPROVED, "text", "sale"),
        (State.UNTRANSLATED, "", ""),
        (State.OBSOLETE, "", "sale"),
    ]
    copied = replace(ANA, context="text")
    assert merge3(of(ANA), of(ANA, copied), of(BEA)) == Merged(of(BEA, copied))


CURLED, STRAIGHT = "A “boat” leaves now.", 'A "boat" leaves now.'


@pytest.mark.parametrize("target", ["sale", "zarpa"])
@pytest.mark.parametrize("fuzzy", [True, False])
def test_what_becomes_of_an_approval_follows_a_sentence_with_other_quotes(
    target: str, fuzzy: bool
) -> None:
    before = start(STRAIGHT, B, A="zarpa")
    updated = update(before, CURLED, B)
    assert updated.messages[0].state is State.APPROVED
    done = replace(before.messages[0], target=target, fuzzy=fuzzy)
    theirs = replace(before, messages=(done, *before.messages[1:]))
    for found in (merge3(before, updated, theirs), merge3(before, theirs, updated)):
        first = found.catalog.messages[0]
        assert (first.source, first.target, first.fuzzy) == (CURLED, target, fuzzy)


@pytest.mark.parametrize(("target", "fuzzy"), [("zarpa", True), ("sale", False), ("sale", True)])
def test_what_a_person_did_to_a_sentence_with_other_quotes_is_no_conflict(
    target: str, fuzzy: bool
) -> None:
    before = start(STRAIGHT, B, A="zarpa")
    updated = update(before, CURLED, B)
    done = replace(updated.messages[0], target=target, fuzzy=fuzzy, comments=("wrong",))
    theirs = replace(updated, messages=(done, *updated.messages[1:]))
    for found in (merge3(before, updated, theirs), merge3(before, theirs, updated)):
        first = found.catalog.messages[0]
        assert (first.target, first.fuzzy, first.comments) == (target, fuzzy, ("wrong",))
        assert not found.conflicts


@pytest.mark.parametrize("edit", ["comma", "word", "not"])
def test_what_was_approved_while_its_sentence_was_edited_is_seen(edit: str) -> None:
    """In a branch; elsewhere the sentence was edited, and drafted anew."""
    source = "In March the council sold the ferry to a company."
    new = {
        "comma": source.replace("March the", "March, the"),
        "word": source.replace("company", "bank"),
        "not": source.replace("sold", "never sold"),
    }[edit]
    before = start(source, B)
    drafted = replace(before.messages[0], target="borrador", fuzzy=True, draft="x 1")
    before = replace(before, messages=(drafted, *before.messages[1:]))
    updated = update(before, new, B)
    fresh = replace(updated.messages[0], target="otro", fuzzy=True, draft="x 1")
    updated = replace(updated, messages=(fresh, *updated.messages[1:]))
    done = replace(drafted, target="vendió", fuzzy=False)
    theirs = replace(before, messages=(done, *before.messages[1:]))
    for found in (merge3(before, updated, theirs), merge3(before, theirs, updated)):
        assert not found.conflicts
        first = next(m for m in update(found.catalog, new, B).messages if m.source == new)
        assert first.comments == ("earlier: otro",)
        if edit == "comma":
            assert (first.target, first.state) == ("vendió", State.APPROVED)
        elif edit == "word":
            assert (first.target, first.previous) == ("vendió", source)
        else:
            assert change_of(first).opposite
            assert first.target == ""
        assert update(update(found.catalog, new, B), new, B) == update(found.catalog, new, B)


def test_an_approval_that_was_taken_back_is_none_with_a_context() -> None:
    before = start(A, B, A="zarpa")
    updated = update(before, f"#{A}", A, B)
    doubted = replace(before, messages=(replace(before.messages[0], fuzzy=True),))
    found = merge3(before, doubted, updated).catalog
    assert not [m for m in found.messages if m.target and not m.fuzzy and not m.obsolete]


# Laws


def words(catalog: Catalog) -> set[str]:
    """Return all that the file says in other words than the source's, wherever it stands."""
    comments = {c for m in catalog.messages for c in m.comments}
    said = {c.removeprefix(OTHER).removeprefix(EARLIER) for c in comments}
    return ({m.target for m in catalog.messages} | said) - {""}


@st.composite
def headers(draw: st.DrawFn) -> dict[str, str]:
    values = {
        "PO-Revision-Date": ["2026-01-02 03:04+0000", "2026-05-01 00:00+0200", "soon"],
        "Last-Translator": ["nobody yet", "Ana", "Bea"],
        "X-Note": ["", "one", "two"],
    }
    return {name: draw(st.sampled_from(known)) for name, known in values.items()}


@st.composite
def revised(draw: st.DrawFn, catalog: Catalog) -> Catalog:
    fields = {**dict(catalog.headers), **draw(headers())}
    return replace(catalog, headers=tuple((n, v) for n, v in fields.items() if v))


def worked(catalog: Catalog, steps: Sequence[Step], number: int) -> Catalog:
    for at, step in enumerate(steps):
        if step.what == "edit":
            catalog = update(catalog, *step.sentences)
        else:
            catalog, _, _ = by_hand(step, catalog, number + at)
    return catalog


Three = tuple[Catalog, Catalog, Catalog]


@st.composite
def threes(draw: st.DrawFn) -> Three:
    """Draw a catalog and what two people did to it, or three that anybody wrote."""
    some = st.lists(STEPS, max_size=5)
    if draw(st.booleans()):
        base = worked(start(*draw(SOURCES)), draw(some), 0)
        sides = [base, worked(base, draw(some), 100), worked(base, draw(some), 200)]
    else:
        found = [draw(catalogs_of_anybody()) for _ in range(3)]
        sides = [
            replace(side, messages=tuple(sorted(side.messages, key=lambda m: m.obsolete)))
            for side in found
        ]
    base, ours, theirs = (draw(revised(side)) for side in sides)
    return base, ours, theirs


LAW = settings(deadline=None, max_examples=50)


@LAW
@given(threes())
def test_what_one_side_did_is_taken_as_it_is(three: Three) -> None:
    base, one, two = three
    for side in (one, two):
        assert merge3(base, side, base) == Merged(side)
        assert merge3(base, base, side) == Merged(side)
        assert merge3(base, side, side) == Merged(side)
        assert merge3(EMPTY, side, side) == Merged(side)


@LAW
@given(threes())
def test_nothing_that_either_wrote_is_lost(three: Three) -> None:
    base, one, two = three
    merged = merge3(base, one, two).catalog
    before = {m.key: m for m in base.messages}
    after = {m.key: m for m in merged.messages}
    assert len(after) == len(merged.messages)
    assert words(merged) >= (words(one) | words(two)) - words(base)
    for message in (*one.messages, *two.messages):
        old = before.get(message.key)
        if old and message.target and not message.fuzzy and (old.fuzzy or not old.target):
            assert message.target in words(replace(merged, messages=(after[message.key],)))
        for comment in set(message.comments).difference(old.comments if old else ()):
            assert comment in after[message.key].comments


@LAW
@given(threes())
def test_only_what_a_person_approved_is_approved(three: Three) -> None:
    base, one, two = three
    merged = merge3(base, one, two)
    approved = [(m.source, m.target) for side in (one, two) for m in side.messages if not m.fuzzy]
    for message in merged.catalog.messages:
        if message.key in merged.conflicts:
            assert message.fuzzy
        elif not message.fuzzy:
            assert (message.source, message.target) in approved


def states(merged: Merged) -> dict[Key, tuple[bool, bool, bool]]:
    found = merged.catalog.messages
    return {m.key: (bool(m.target), m.fuzzy, m.obsolete) for m in found}


@LAW
@given(threes())
def test_it_is_the_same_from_the_other_side(three: Three) -> None:
    base, one, two = three
    there, back = merge3(base, one, two), merge3(base, two, one)
    assert set(there.conflicts) == set(back.conflicts)
    assert states(there) == states(back)
    assert words(there.catalog) == words(back.catalog)


@LAW
@given(threes())
def test_merging_again_changes_nothing(three: Three) -> None:
    base, one, two = three
    merged = merge3(base, one, two).catalog
    for side in (one, two):
        again = merge3(base, merged, side)
        assert {m.key: m for m in again.catalog.messages} == {m.key: m for m in merged.messages}
        assert again.catalog.headers == merged.headers
        assert again.conflicts == ()
        back = merge3(base, side, merged)
        assert words(back.catalog) == words(merged)
        assert states(back) == states(Merged(merged))


@pytest.mark.parametrize("base", STATES)
def test_the_laws_hold_for_any_three_states(base: Message | None) -> None:
    for one, two in product(STATES, repeat=2):
        there, back = entry(base, one, two), entry(base, two, one)
        assert states(there) == states(back)
        assert there.conflicts == back.conflicts
        assert words(there.catalog) == words(back.catalog)
        old, *sides = (of(m) if m else of() for m in (base, one, two))
        for side in sides:
            assert merge3(old, side, old) == merge3(old, old, side) == Merged(side)
            assert merge3(old, side, side) == Merged(side)
            if base is DISPUTED:  # where two settled it in two ways, it is as it was
                continue
            assert merge3(old, there.catalog, side) == Merged(there.catalog)
            again = merge3(old, side, there.catalog)
            assert [replace(m, draft="") for m in again.catalog.messages] == [
                replace(m, draft="") for m in there.catalog.messages
            ]
            assert again.conflicts == ()


@LAW
@given(threes(), st.booleans())
def test_the_file_can_be_written(three: Three, machine: bool) -> None:
    merged = merge3(*three, machine=machine).catalog
    assert po.parse(po.dump(merged), PATH) == merged


@pytest.mark.gettext
@settings(deadline=None, max_examples=30)
@given(threes())
def test_gettext_accepts_it(three: Three) -> None:
    need("gettext", shutil.which("msgfmt") is not None)
    data = po.dump(merge3(*three).catalog)
    command = ("msgfmt", "-c", "-o", os.devnull, "-")
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_of_eight_writers_nobody_loses_anything() -> None:
    sentences = [f"Ferry {n} is full." for n in range(400)]
    base = of(*(replace(DRAFT, source=s) for s in sentences))
    merged = base
    for writer in range(8):
        mine = {s: f"escritora {writer}: {n}" for n, s in enumerate(sentences) if n % 8 == writer}
        theirs = of(
            *(
                replace(m, target=mine[m.source], fuzzy=False) if m.source in mine else m
                for m in base.messages
            ),
            PO_Revision_Date=f"2026-02-0{writer + 1} 00:00+0000",
        )
        found = merge3(base, merged, theirs)
        assert found.conflicts == ()
        merged = found.catalog
    said = [(m.target, m.state) for m in merged.messages]
    assert said == [(f"escritora {n % 8}: {n}", State.APPROVED) for n in range(400)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_three_branches_does_not_matter(order: Sequence[int]) -> None:
    base = of(DRAFT, Message(B), Message(C))
    sides = [of(ANA, Message(B), Message(C)), of(BEA, Message(B, "b"), Message(C)), of(DRAFT)]
    merged = base
    for n in order:
        merged = merge3(base, merged, sides[n]).catalog
    assert words(merged) >= {"de Ana", "de Bea", "b"}
    assert {m.key: m.state for m in merged.messages} == {
        ("", A): State.DRAFT,
        ("", B): State.OBSOLETE,
    }


# In git

SCRIPT = f"""\
import sys
from pathlib import Path
from pipeline.catalog import po
from pipeline.catalog.merge3 import merge3
from pipeline.model import Catalog
*paths, _, place = map(Path, sys.argv[1:])
sides = [po.parse(p.read_bytes(), place) if p.stat().st_size else Catalog("es") for p in paths]
merged = merge3(*sides)
paths[1].write_bytes(po.dump(merged.catalog))
sys.exit({CONFLICTS} if merged.conflicts else 0)
"""


class Repository:
    """A project in git, with one catalog."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / PATH
        root.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, code: int = 0) -> str:
        command = ("git", "-C", str(self.root), *arguments)
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def save(self, catalog: Catalog | None) -> None:
        if catalog:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(po.dump(catalog))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "Save")

    def part(self, base: Catalog | None, ours: Catalog, theirs: Catalog) -> None:
        """Commit *base*, and then *theirs* in a branch and *ours* in main."""
        self.save(base)
        self.git("checkout", "-q", "-b", "theirs")
        self.save(theirs)
        self.git("checkout", "-q", "main")
        self.save(ours)

    @property
    def catalog(self) -> Catalog:
        return po.read(self.path)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    need("git", shutil.which("git") is not None)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    person = {
        f"GIT_{who}_{what}": "ana@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for name, value in {**person, **quiet}.items():
        monkeypatch.setenv(name, value)
    return Repository(tmp_path / "a project's 100% folder")


@pytest.fixture
def command(tmp_path: Path) -> str:
    """Return what stands for ``pipeline merge``, which is wired elsewhere."""
    script = tmp_path / "merge.py"
    script.write_text(SCRIPT, encoding="utf-8")
    home = Path(po.__file__).parents[1]
    return shlex.join(["env", f"PYTHONPATH={home}", sys.executable, str(script)])


NEIGHBOURS = [Message(s, f"máquina {s}", fuzzy=True, draft="argos 1") for s in (A, B, C)]
ONE = of(
    replace(NEIGHBOURS[0], target="a", fuzzy=False),
    *NEIGHBOURS[1:],
    PO_Revision_Date="2026-02-01 00:00+0000",
    Last_Translator="Ana",
)
TWO = of(
    NEIGHBOURS[0],
    replace(NEIGHBOURS[1], target="b", fuzzy=False),
    NEIGHBOURS[2],
    PO_Revision_Date="2026-02-02 00:00+0000",
    Last_Translator="Bea",
)


def test_git_merges_two_peoples_work(repository: Repository, command: str) -> None:
    repository.part(of(*NEIGHBOURS), ONE, TWO)
    repository.git("merge", "theirs", code=1)  # line by line, the dates collide
    repository.git("merge", "--abort")
    install_driver(repository.root, command)
    repository.git("merge", "theirs")
    assert repository.catalog == merge3(of(*NEIGHBOURS), ONE, TWO).catalog
    assert [m.target for m in repository.catalog.messages] == ["a", "b", f"máquina {C}"]
    assert dict(repository.catalog.headers)["Last-Translator"] == "Bea"


def test_git_stops_where_two_translated_one_sentence(repository: Repository, command: str) -> None:
    repository.part(of(DRAFT), of(ANA), of(BEA))
    install_driver(repository.root, command)
    repository.git("merge", "theirs", code=1)
    assert repository.git("diff", "--name-only", "--diff-filter=U").strip() == str(PATH)
    found = repository.catalog.messages[0]
    assert (found.target, found.fuzzy, found.comments) == ("de Ana", True, (f"{OTHER}de Bea",))


def test_git_merges_a_catalog_that_both_added(repository: Repository, command: str) -> None:
    install_driver(repository.root, command)
    repository.part(None, ONE, TWO)
    repository.git("merge", "theirs")
    assert [m.target for m in repository.catalog.messages] == ["a", "b", f"máquina {C}"]


@pytest.mark.parametrize("missing", ["no-such-program", "env python3 -S -P -m no_such_module"])
def test_without_the_program_git_shows_both_sides(repository: Repository, missing: str) -> None:
    repository.part(of(DRAFT), of(ANA), of(BEA))
    install_driver(repository.root, missing)
    repository.git("merge", "theirs", code=1)
    text = repository.path.read_text("utf-8")
    assert text.index("<<<<<<<") < text.index("de Ana") < text.index("de Bea")


def test_installing_twice_is_installing_once(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/100%A one/python")
    attributes = repository.root / ".gitattributes"
    attributes.write_text("*.md text\n*.po merge=union", encoding="utf-8")
    said = install_driver(repository.root)
    assert len(said) == 3
    assert attributes.read_text("utf-8") == "*.md text\n*.po merge=union\n*.po merge=pipeline-po\n"
    set_up = repository.git("config", "--local", "--list")
    assert install_driver(repository.root) == ["git merges PO files message by message already"]
    assert repository.git("config", "--local", "--list") == set_up
    assert "'/opt/100%%A one/python' -P -m pipeline merge %O %A %B --path %P" in set_up


def test_what_overrules_the_line_is_said(repository: Repository) -> None:
    (repository.root / ".git/info").mkdir(exist_ok=True)
    (repository.root / ".git/info/attributes").write_text("*.po merge=union\n", "utf-8")
    for _ in range(2):
        assert "overrules" in install_driver(repository.root)[-1]
    assert (repository.root / ".gitattributes").read_text("utf-8") == "*.po merge=pipeline-po\n"


def test_where_it_cannot_be_installed(repository: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(PipelineError, match="not a git repository"):
        install_driver(outside)
    attributes = repository.root / ".gitattributes"
    attributes.write_bytes(b"\xff\n")
    with pytest.raises(PipelineError, match="not UTF-8"):
        install_driver(repository.root)
    assert attributes.read_bytes() == b"\xff\n"
