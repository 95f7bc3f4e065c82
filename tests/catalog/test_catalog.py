"""Catalogs: whatever happens to the source, what a person wrote is still there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from pipeline.catalog import extract as catalog_extract
from pipeline.catalog import po, similarity
from pipeline.catalog.extract import extract
from pipeline.catalog.provenance import EARLIER, change_of, counts
from pipeline.catalog.update import merge
from pipeline.model import Article, Catalog, Key, Message, Role, State, Unit
from pipeline.terminology.glossary import Glossary
from pipeline.text.words import search_keys

HEADERS = po.headers("ferry", "en", "es", "2026-01-02 03:04+0000")
PATH = Path("locales/es/LC_MESSAGES/ferry.po")
ROLES = {"#": Role.HEADING, "!": Role.TITLE, "~": Role.CAPTION}


def article(*sentences: str) -> Article:
    """Return an article with a block for each sentence; one that starts with ``#`` is a heading."""
    units = [
        Unit(text, text.lstrip("#!~"), ROLES.get(text[0], Role.PARAGRAPH), block=n)
        for n, text in enumerate(sentences)
    ]
    return Article("ferry", "en", tuple(units))


def update(catalog: Catalog, *sentences: str) -> Catalog:
    """Return *catalog* as saved after an update to *sentences*; a second one changes nothing."""
    new = merge(catalog, extract(article(*sentences), Glossary(), "es"), "en")
    assert merge(new, extract(article(*sentences), Glossary(), "es"), "en") == new
    saved = po.parse(po.dump(new), PATH)
    assert saved.messages == new.messages
    return saved


def approve(catalog: Catalog, **targets: str) -> Catalog:
    """Return *catalog* with *targets*, approved, by the first letter of the sentence."""
    done = (
        m if m.obsolete or m.source[0] not in targets else done_by_hand(m, targets[m.source[0]])
        for m in catalog.messages
    )
    return replace(catalog, messages=tuple(done))


def done_by_hand(message: Message, target: str) -> Message:
    return replace(message, target=target, fuzzy=False)


def drafted(message: Message) -> Message:
    return replace(message, target=f"máquina {message.source}", fuzzy=True, draft="argos")


def said(catalog: Catalog) -> list[tuple[State, str, str]]:
    """Return state, sentence (with its context before a colon) and translation."""
    return [
        (m.state, f"{m.context}:{m.source}" if m.context else m.source, m.target)
        for m in catalog.messages
    ]


def start(*sentences: str, **targets: str) -> Catalog:
    return approve(update(Catalog("es", headers=HEADERS), *sentences), **targets)


A, B, C = "A ferry is a road.", "But who pays for it?", "Common sense wins."
A_EDITED = "A ferry is a public road."
U, D, X, F, GONE = State.UNTRANSLATED, State.DRAFT, State.APPROVED, State.CHANGED, State.OBSOLETE


def test_an_empty_catalog_is_filled() -> None:
    assert said(start(A, B)) == [(U, A, ""), (U, B, "")]


def test_no_article_and_no_catalog() -> None:
    assert update(Catalog("es", headers=HEADERS)).messages == ()
    assert said(update(start(A, A="a"))) == [(GONE, A, "a")]


def test_a_moved_sentence_keeps_its_approval() -> None:
    found = update(start(A, B, C, A="a", B="b", C="c"), C, A, B)
    assert said(found) == [(X, C, "c"), (X, A, "a"), (X, B, "b")]


def test_two_swapped_similar_sentences_keep_theirs() -> None:
    first, second = "Act one of the play is long.", "But act two of the play is long."
    found = update(start(first, second, A="uno", B="dos"), second, first)
    assert said(found) == [(X, second, "dos"), (X, first, "uno")]


def test_an_edited_sentence_is_a_suggestion_and_its_approval_is_kept() -> None:
    found = update(start(A, B, A="a", B="b"), A_EDITED, B)
    assert said(found) == [(F, A_EDITED, "a"), (X, B, "b"), (GONE, A, "a")]
    assert found.messages[0].previous == A
    assert not found.messages[2].fuzzy


def test_what_was_approved_last_is_kept_where_the_former_sentence_is_there_again() -> None:
    straight, curly, pointed = (f"A {a}real{b} ferry is a road." for a, b in ('""', "“”", "«»"))
    carried = approve(update(start(straight, A="a"), curly), A="mejor")
    again = update(carried, curly, straight)
    second = replace(again.messages[1], target="a", fuzzy=False)
    both = replace(again, messages=(again.messages[0], second))
    found = update(both, pointed, straight)
    assert said(found)[:2] == [(X, pointed, "mejor"), (X, straight, "a")]


def test_a_reverted_edit_is_as_if_it_had_not_been() -> None:
    before = start(A, B, A="a", B="b")
    assert update(update(before, A_EDITED, B), A, B) == before


def test_an_edit_that_was_approved_is_kept_beside_the_first() -> None:
    edited = approve(update(start(A, A="a"), A_EDITED), A="a pública")
    reverted = update(edited, A)
    assert said(reverted) == [(X, A, "a"), (GONE, A_EDITED, "a pública")]
    assert said(update(reverted, A_EDITED)) == [(X, A_EDITED, "a pública"), (GONE, A, "a")]


def test_an_edit_of_an_edit_names_what_was_approved() -> None:
    twice = "A ferry is a public road for us."
    found = update(update(start(A, A="a"), A_EDITED), twice)
    assert said(found) == [(F, twice, "a"), (GONE, A, "a")]
    assert found.messages[0].previous == A


def test_work_on_a_suggestion_survives_a_revert() -> None:
    edited = update(start(A, A="a"), A_EDITED)
    begun = replace(
        edited, messages=(replace(edited.messages[0], target="a pú"), *edited.messages[1:])
    )
    reverted = update(begun, A)
    assert said(reverted) == [(X, A, "a"), (GONE, A_EDITED, "a pú")]
    again = update(reverted, A_EDITED)
    assert said(again)[0] == (F, A_EDITED, "a pú")
    assert again.messages[0].previous == A


def test_a_sentence_that_vanishes_and_returns_is_as_if_it_had_not() -> None:
    before = start(A, B, A="a", B="b")
    gone = update(before, A)
    assert said(gone) == [(X, A, "a"), (GONE, B, "b")]
    assert update(gone, A, B) == before


def test_a_draft_that_vanishes_is_kept_and_returns() -> None:
    before = start(A, B)
    before = replace(before, messages=tuple(map(drafted, before.messages)))
    gone = update(before, A)
    assert said(gone)[1] == (GONE, B, f"máquina {B}")
    assert update(gone, A, B) == before


def test_a_draft_is_no_suggestion_for_an_edited_sentence() -> None:
    before = start(A)
    found = update(replace(before, messages=tuple(map(drafted, before.messages))), A_EDITED)
    assert said(found) == [(U, A_EDITED, ""), (GONE, A, f"máquina {A}")]


def test_unfinished_work_of_a_person_is_a_suggestion_for_an_edited_sentence() -> None:
    begun = replace(start(A).messages[0], target="a", fuzzy=True)
    found = update(Catalog("es", (begun,), HEADERS), A_EDITED)
    assert said(found) == [(F, A_EDITED, "a")]


def test_what_a_person_emptied_is_untranslated_and_stays_so() -> None:
    edited = update(start(A, A="a"), A_EDITED)
    emptied = replace(edited, messages=(replace(edited.messages[0], target=""),))
    assert said(update(emptied, A_EDITED)) == [(U, A_EDITED, "")]
    assert update(emptied, A_EDITED).messages[0].previous == ""


def test_a_heading_that_becomes_text_too() -> None:
    found = update(start(f"#{A}", A="título"), f"#{A}", A)
    assert said(found) == [(X, f"heading:{A}", "título"), (F, f"text:{A}", "título")]
    assert found.messages[1].previous == A


def test_a_text_that_becomes_a_heading_too() -> None:
    found = update(start(A, A="texto"), f"#{A}", A)
    assert said(found) == [(F, f"heading:{A}", "texto"), (X, f"text:{A}", "texto")]


def test_a_heading_and_a_text_that_part_again() -> None:
    both = start(f"#{A}", A)
    first, second = both.messages
    both = replace(both, messages=(done_by_hand(first, "título"), done_by_hand(second, "texto")))
    only_text = update(both, A)
    assert said(only_text) == [(X, A, "texto"), (GONE, f"heading:{A}", "título")]
    only_heading = update(both, f"#{A}")
    assert said(only_heading) == [(X, A, "título"), (GONE, f"text:{A}", "texto")]
    for alone in (only_text, only_heading):
        back = update(alone, f"#{A}", A)
        assert said(back) == [(X, f"heading:{A}", "título"), (X, f"text:{A}", "texto")]


def test_the_last_approval_wins_when_contexts_come_and_go() -> None:
    both = start(f"#{A}", A)
    first, second = both.messages
    both = replace(both, messages=(done_by_hand(first, "título"), done_by_hand(second, "uno")))
    alone = approve(update(both, A), A="dos")
    assert said(update(alone, f"#{A}", A)) == [
        (X, f"heading:{A}", "título"),
        (X, f"text:{A}", "dos"),
    ]


def test_the_headings_translation_is_not_published_as_text() -> None:
    """A lone heading, gone, must not come back as the text that has its words."""
    gone = update(start(f"#{A}", B, A="título"), B)
    both = update(gone, f"#{A}", A, B)
    assert said(both)[:2] == [(X, f"heading:{A}", "título"), (F, f"text:{A}", "título")]
    text = replace(
        both, messages=(both.messages[0], done_by_hand(both.messages[1], "texto"), both.messages[2])
    )
    assert said(update(text, A, B)) == [
        (X, A, "texto"),
        (U, B, ""),
        (GONE, f"heading:{A}", "título"),
    ]


def test_a_sentence_split_in_two() -> None:
    whole = "A ferry is a road, and a road belongs to everybody who lives here."
    parts = "A ferry is a road.", "A road belongs to everybody who lives here."
    found = update(start(whole, A="a"), *parts)
    assert [state for state, _, _ in said(found)] == [U, F, GONE]
    assert found.messages[1].previous == whole


def test_one_approval_is_a_suggestion_for_one_sentence_only() -> None:
    found = update(start(A, A="a"), A_EDITED, A_EDITED.replace("public", "good"))
    assert Counter(m.state for m in found.messages) == {F: 1, U: 1, GONE: 1}


def test_a_suggestion_does_not_spread_to_another_role() -> None:
    found = update(start(A_EDITED, A="a"), A, f"#{A}")
    assert Counter(m.state for m in found.messages) == {F: 1, U: 1, GONE: 1}


def test_a_sentence_that_is_said_twice_is_one_message() -> None:
    found = start(A, B, A)
    assert said(found) == [(U, A, ""), (U, B, "")]
    assert found.messages[0].references == ("ferry:1", "ferry:3")


def commented(catalog: Catalog, number: int, *comments: str) -> Catalog:
    done = list(catalog.messages)
    done[number] = replace(done[number], comments=comments)
    return replace(catalog, messages=tuple(done))


@pytest.mark.parametrize("target", ["", "a"])
@pytest.mark.parametrize("sentences", [(B, A), (A_EDITED, B), (B,), (f"#{A}", A, B)])
def test_a_translators_comment_travels(sentences: Sequence[str], target: str) -> None:
    before = commented(start(A, B, A=target), 0, "Ana: ¿ferri?", "", "¿o barco?")
    found = update(before, *sentences)
    holder = next(m for m in found.messages if m.comments)
    assert holder.comments == ("Ana: ¿ferri?", "", "¿o barco?")
    assert holder.source != B
    assert update(found, A, B).messages[0].comments == holder.comments


def test_a_comment_on_a_suggestion_survives_a_revert() -> None:
    edited = commented(update(start(A, A="a"), A_EDITED), 0, "¿pública?")
    assert "¿pública?" in {c for m in update(edited, A).messages for c in m.comments}


def test_what_a_person_wrote_has_a_place_even_where_keys_collide() -> None:
    """Not how we write catalogs, but nothing may be lost of one that was put together by hand."""
    text = done_by_hand(start(A).messages[0], "texto")
    obsolete = [
        replace(text, context="heading", target="uno", obsolete=True, comments=("Ana",)),
        replace(text, context="", target="dos", obsolete=True, notes=("heading, unit 1 of 1",)),
    ]
    active = [replace(text, context="text"), replace(text, context="heading", target="tres")]
    left = merge(
        Catalog("es", (*active, obsolete[1]), HEADERS), extract(article(A), Glossary(), "es"), "en"
    )
    assert said(left)[0] == (X, A, "texto")
    assert words(left) >= {"texto", "dos", "tres"}
    assert len({m.key for m in left.messages}) == len(left.messages)
    left = merge(
        Catalog("es", (active[0], *obsolete), HEADERS), extract(article(A), Glossary(), "es"), "en"
    )
    assert words(left) >= {"texto", "uno", "dos", "Ana"}
    po.dump(left)


def test_a_draft_that_a_person_may_have_edited_is_kept_where_keys_collide() -> None:
    """The note of who drafted a message does not prove that nobody has worked on it since."""
    edited = Message("A.", "de alguien", "heading", fuzzy=True, obsolete=True, draft="argos")
    title = Message("A.", "título", obsolete=True, draft="argos", notes=("title, unit 1 of 1",))
    found = update(Catalog("es", (edited, title), HEADERS), "#A.", "A.")
    assert said(found) == [(X, "heading:A.", "título"), (F, "text:A.", "título")]
    assert found.messages[0].comments == (f"{EARLIER}de alguien",)
    same = replace(title, context="text", notes=("paragraph, unit 1 of 1",), target="de alguien")
    found = update(Catalog("es", (edited, title, same), HEADERS), "#A.", "A.")
    assert said(found) == [(X, "heading:A.", "título"), (X, "text:A.", "de alguien")]
    assert found.messages[0].comments == ()


def test_many_edited_sentences_are_compared_with_likely_ones_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similarity, "_FEW", 0)
    monkeypatch.setattr(similarity, "_LIKELY", 5)
    monkeypatch.setattr(similarity, "process", SimpleNamespace(extractOne=process.extractOne))
    before = [f"Ferry {n} of {n % 7} is a public road." for n in range(60)]
    catalog = start(*before, F="f")
    found = merge(catalog, extract(article(*(f"{s} Yes." for s in before)), Glossary(), "es"), "en")
    assert [m.previous for m in found.messages[:60]] == before


def paired(new: list[str], old: list[str], *, by_words: bool) -> list[tuple[int, int]]:
    scored = (
        (-fuzz.ratio(a, b), x, y)
        for x, a in enumerate(new)
        for y, b in enumerate(old)
        if not by_words or search_keys(a) & search_keys(b)
    )
    expected: dict[int, int] = {}
    for score, x, y in sorted(scored):
        if -score >= similarity.SIMILAR and x not in expected and y not in expected.values():
            expected[x] = y
    return list(expected.items())


@given(*[st.lists(st.text("ab", min_size=1, max_size=6), max_size=8)] * 2)
def test_the_most_similar_sentences_are_paired_first(new: list[str], old: list[str]) -> None:
    assert list(similarity.pairs(new, old)) == paired(new, old, by_words=False)


SHORT = st.text("ab", min_size=1, max_size=12)


@given(SHORT, st.lists(SHORT, max_size=30), st.integers(0, 30), st.sets(st.integers(0, 29)))
def test_what_is_far_away_is_found_as_well_where_nothing_near_is_very_similar(
    text: str, old: list[str], near: int, taken: set[int]
) -> None:
    left = similarity._Left(old)
    for place in (gone := {n for n in taken if n < len(old)}):
        assert left.take(place)
        assert not left.take(place)
    scores = {n: fuzz.ratio(text, old[n]) for n in range(len(old)) if n not in gone}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "_NEAR", 2)
        found = left.best(text, near)
    if found:
        assert found[0] == scores[found[1]]
        close = [score for n, score in scores.items() if near - 2 <= n < near + 2]
        sure = max(close, default=0) >= similarity.SURE
        assert found[0] == max(close if sure else scores.values())
    else:
        assert max(scores.values(), default=0) < similarity.SIMILAR


@given(*[st.lists(st.text("ab ", min_size=1, max_size=9), max_size=8)] * 2)
def test_so_are_many_where_they_share_a_word(new: list[str], old: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "_FEW", -1)
        assert list(similarity.pairs(new, old)) == paired(new, old, by_words=True)


def test_contexts_are_given_where_roles_differ_only() -> None:
    units = article("#One.", "One.", "Two.", "~Three.", "!Four.", "#Four.").units
    contexts = ["heading", "text", "", "", "", ""]
    assert [context for context, _ in catalog_extract.keys(units)] == contexts


def test_counts() -> None:
    found = counts(update(start(A, B, A="a"), A_EDITED, B))
    assert found == {U: 1, D: 0, F: 1, X: 0, GONE: 1}


# Laws, over anything that people and the source may do

SENTENCES = [A, A_EDITED, "A ferry is a road again.", B, B.replace("who", "you"), C, "# D."]


@dataclass(frozen=True)
class Step:
    """What somebody does: to the source, or to one of the messages that are there."""

    what: str
    sentences: tuple[str, ...] = ()
    at: int = 0


WORDS = st.sampled_from([*SENTENCES[:6], f"#{A}", f"#{A_EDITED}", f"~{A}", f"#{B}", "!" + C])
SOURCES = st.lists(WORDS, max_size=6).map(tuple)
STEPS = st.builds(Step, st.just("edit"), SOURCES) | st.builds(
    Step,
    st.sampled_from(["approve", "draft", "mark fuzzy", "empty", "comment", "type"]),
    at=st.integers(0, 5),
)


def words(catalog: Catalog) -> set[str]:
    """Return all that the file says in other words than the source's, wherever it stands."""
    comments = {c.removeprefix(EARLIER) for m in catalog.messages for c in m.comments}
    return ({m.target for m in catalog.messages} | comments) - {""}


def by_hand(step: Step, catalog: Catalog, number: int) -> tuple[Catalog, set[str], set[str]]:
    """Return *catalog* after a person's or a machine's step, what it added and took away."""
    active = [n for n, m in enumerate(catalog.messages) if not m.obsolete]
    if not active:
        return catalog, set(), set()
    at = active[step.at % len(active)]
    old = catalog.messages[at]
    text = f"{old.source} nº {number}"
    match step.what:
        case "approve":
            new = done_by_hand(old, text)
        case "type":
            new = replace(old, target=text, fuzzy=True)
        case "draft":
            new = old if old.target else drafted(old)
        case "mark fuzzy":
            new = replace(old, fuzzy=bool(old.target))
        case "empty":
            new = replace(old, target="")
        case _:
            new = replace(old, comments=(*old.comments, text))
    done = list(catalog.messages)
    done[at] = new
    added = {text} if step.what in {"approve", "type", "comment"} else set()
    gone = {old.target} if new.target != old.target else set()
    return replace(catalog, messages=tuple(done)), added, gone


def approvals(catalog: Catalog) -> dict[Key, str]:
    return {m.key: m.target for m in catalog.messages if m.state is X}


@settings(deadline=None, max_examples=400)
@given(SOURCES, st.lists(STEPS, max_size=14))
@example((A,), [Step("type"), Step("edit", (A_EDITED,)), Step("approve"), Step("edit", (A,))])
def test_nothing_that_a_person_wrote_is_lost(source: Sequence[str], steps: list[Step]) -> None:
    catalog = start(*source)
    written: set[str] = set()
    approved: set[tuple[str, str]] = set()
    for number, step in enumerate(steps):
        if step.what != "edit":
            catalog, added, gone = by_hand(step, catalog, number)
            written = (written - gone) | added
            approved |= {(m.source, m.target) for m in catalog.messages if m.state is X}
            continue
        before, earlier = approvals(catalog), words(catalog)
        catalog = update(catalog, *step.sentences)  # merging twice, writing and reading: the same
        keys = [m.key for m in catalog.messages]
        assert len(set(keys)) == len(keys)
        units = article(*step.sentences).units
        active = [m for m in catalog.messages if not m.obsolete]
        assert [m.key for m in active] == list(dict.fromkeys(catalog_extract.keys(units)))
        assert words(catalog) >= written | earlier
        for message in active:
            if message.key in before:
                assert (message.state, message.target) == (X, before[message.key])
            if message.state is X:
                assert (message.source, message.target) in approved
            assert not message.previous or message.fuzzy


@st.composite
def _messages(draw: st.DrawFn, number: int, obsolete: bool) -> Message:
    """Draw a message that need not come from an update: a file is anybody's to edit."""
    fuzzy = draw(st.booleans())
    role = draw(st.sampled_from([Role.TITLE, Role.HEADING, Role.CAPTION, Role.PARAGRAPH]))
    return Message(
        draw(st.sampled_from(SENTENCES[:4])),
        draw(st.sampled_from([f"nº {number}", "nº 0", ""])),
        draw(st.sampled_from(["", "heading", "caption", "text"])),
        fuzzy,
        obsolete,
        previous=draw(st.sampled_from(["", C])) if fuzzy else "",
        notes=draw(st.sampled_from([(), (f"{role.value}, unit 1 of 1",)])),
        draft=draw(st.sampled_from(["", "argos"])),
        comments=draw(st.sampled_from([(), (f"Ana {number}",), ("Ana",)])),
    )


@st.composite
def catalogs_of_anybody(draw: st.DrawFn) -> Catalog:
    size, active = draw(st.integers(0, 9)), draw(st.integers(0, 4))
    found = [draw(_messages(number, number >= active)) for number in range(size)]
    return Catalog("es", tuple({m.key: m for m in reversed(found)}.values())[::-1], HEADERS)


@settings(deadline=None, max_examples=400)
@given(catalogs_of_anybody(), st.lists(SOURCES, min_size=1, max_size=3))
def test_no_text_of_any_catalog_is_lost(
    catalog: Catalog, sources: Sequence[tuple[str, ...]]
) -> None:
    """Not even a machine's: nobody can tell whether a person has edited a draft."""
    for sentences in sources:
        before, catalog = catalog, update(catalog, *sentences)
        assert words(catalog) >= words(before)
        assert len({m.key for m in catalog.messages}) == len(catalog.messages)


# What an edit of the source does to an approved translation. See test_edits for the kinds.

EDITS = {
    "typography": ("The ferry “Ana” left - and sank.", 'The ferry "Ana" left – and sank.'),
    "comma": ("In March the ferry left the quay.", "In March, the ferry left the quay."),
    "value": ("The ferry has 12 boats on board.", "The ferry has 14 boats on board."),
    "link": ("See https://ferry.example/a for it all.", "See https://ferry.example/b for it all."),
    "polarity": ("The council did recognise the vote.", "The council did not recognise the vote."),
    "modal": ("The council may close the harbour.", "The council must close the harbour."),
    "quantity": ("All boats of the ferry line are old.", "Some boats of the ferry line are old."),
    "other": ("The ferry left the quay in silence.", "The ferry left the harbour in silence."),
}
SAID = {
    "typography": "El ferry «Ana» zarpó y se hundió.",
    "comma": "En marzo el ferry zarpó.",
    "value": "El ferry lleva 12 barcos.",
    "link": "Véase https://ferry.example/a.",
    "polarity": "El consejo reconoció el voto.",
    "modal": "El consejo puede cerrar el puerto.",
    "quantity": "Todos los barcos de la línea son viejos.",
    "other": "El ferry dejó el muelle en silencio.",
}


def after(kind: str) -> tuple[Message, tuple[Message, ...]]:
    """Return the message after the edit of that kind, and the obsolete ones."""
    old, new = EDITS[kind]
    left = start(old)
    left = replace(left, messages=(done_by_hand(left.messages[0], SAID[kind]),))
    first, *rest = update(left, new).messages
    back = update(Catalog("es", (first, *rest), HEADERS), old).messages
    assert (back[0].target, back[0].state) == (SAID[kind], State.APPROVED)
    return first, tuple(rest)


@pytest.mark.parametrize("kind", ["typography", "comma"])
def test_a_typographic_edit_keeps_the_approval(kind: str) -> None:
    message, obsolete = after(kind)
    assert (message.state, message.target) == (State.APPROVED, SAID[kind])
    assert message.change == f"approved as: {EDITS[kind][0]}"
    assert not obsolete


@pytest.mark.parametrize("fuzzy", [True, False])
def test_what_a_person_did_after_a_typographic_edit_goes_back_with_it(fuzzy: bool) -> None:
    one, two = "They sold the “Ana”, too.", "They sold the 'Ana', too."
    left = start(one)
    left = update(replace(left, messages=(done_by_hand(left.messages[0], "La vendieron."),)), two)
    done = replace(left.messages[0], target="No era eso.", fuzzy=fuzzy, comments=("wrong",))
    left = update(update(replace(left, messages=(done,)), two), one)
    (first,) = left.messages
    assert (first.source, first.target, first.fuzzy) == (one, "No era eso.", fuzzy)
    assert first.comments == ("wrong",)


def test_words_that_were_taken_back_do_not_return_with_other_quotes() -> None:
    one, two = "They sold the “Ana”, too.", "They sold the 'Ana', too."
    gone = done_by_hand(start(one).messages[0], "La vendieron.")
    doubted = replace(gone, source=two, fuzzy=True)
    left = Catalog("es", (doubted, replace(gone, obsolete=True)), HEADERS)
    assert update(left, one).messages[0].state is State.DRAFT
    left = Catalog("es", (replace(doubted, previous=one), replace(gone, obsolete=True)), HEADERS)
    assert update(left, one).messages[0].state is State.APPROVED


def test_a_mark_of_the_opposite_lasts_until_somebody_has_looked() -> None:
    left = start("The ferry will stay open.")
    left = replace(left, messages=(done_by_hand(left.messages[0], "Seguirá."),))
    left = update(left, "The ferry will not stay open.")
    assert change_of(left.messages[0]).opposite
    left = update(left, "The ferry will not stay open in May.")
    assert change_of(left.messages[0]).opposite


def test_small_edits_do_not_add_up() -> None:
    one = "The men and the boys and a cook lost their pay."
    two = one.replace("men and", "men, and")
    three = two.replace("boys and", "boys, and")
    left = start(one)
    left = update(replace(left, messages=(done_by_hand(left.messages[0], "Perdieron."),)), two)
    assert left.messages[0].state is State.APPROVED
    left = update(left, three)
    assert (left.messages[0].state, left.messages[0].previous) == (State.CHANGED, one)
    left = update(left, two)
    assert left.messages[0].state is State.APPROVED
    left = update(left, one)
    assert (left.messages[0].state, left.messages[0].change) == (State.APPROVED, "")


def test_a_typographic_edit_does_not_carry_an_approval_into_another_role() -> None:
    left = start("#Stop the sale of the quay")
    left = replace(left, messages=(done_by_hand(left.messages[0], "Alto"),))
    left = update(left, "Stop the sale of the quay.")
    assert left.messages[0].state is State.CHANGED


def test_a_second_change_of_a_value_is_made_in_what_was_approved() -> None:
    old, new = EDITS["value"]
    left = start(old)
    left = update(replace(left, messages=(done_by_hand(left.messages[0], SAID["value"]),)), new)
    left = update(left, old.replace("12", "15"))
    assert left.messages[0].target == "El ferry lleva 15 barcos."
    assert left.messages[0].previous == old


def test_the_mark_of_the_opposite_stays_after_another_edit() -> None:
    old, new = EDITS["polarity"]
    left = start(old)
    left = update(replace(left, messages=(done_by_hand(left.messages[0], "Sí."),)), new)
    machine = replace(left.messages[0], target="No.", fuzzy=True, draft="engine 1")
    left = update(replace(left, messages=(machine, *left.messages[1:])), new.rstrip("."))
    assert left.messages[0].target == ""
    assert "may say the opposite" in left.messages[0].change


@pytest.mark.parametrize(("kind", "said"), [("value", "El ferry lleva 14 barcos."), ("link", "")])
def test_a_changed_value_is_changed_in_the_translation(kind: str, said: str) -> None:
    message, obsolete = after(kind)
    assert message.target == (said or "Véase https://ferry.example/b.")
    assert (message.fuzzy, message.previous) == (True, EDITS[kind][0])
    assert "changed here as well" in message.change
    assert [(m.source, m.target) for m in obsolete] == [(EDITS[kind][0], SAID[kind])]


@pytest.mark.parametrize("kind", ["polarity", "modal", "quantity"])
def test_what_may_say_the_opposite_is_not_filled_in(kind: str) -> None:
    message, obsolete = after(kind)
    assert (message.target, message.previous) == ("", "")
    assert "may say the opposite" in message.change
    assert [(m.source, m.target) for m in obsolete] == [(EDITS[kind][0], SAID[kind])]


def test_any_other_edit_is_shown() -> None:
    message, _ = after("other")
    assert (message.target, message.fuzzy, message.previous) == (
        SAID["other"],
        True,
        EDITS["other"][0],
    )
    assert "[quay → harbour]" in message.change
    written = po.dump(Catalog("es", (message,), HEADERS))
    assert f"\n#. changed: {message.change}\n" in written.decode()
    assert po.parse(written, Path("a.po")).messages[0].change == message.change


def test_the_opposite_of_an_edit_of_an_edit_is_not_filled_in_either() -> None:
    old, edited = EDITS["other"]
    left = start(old)
    left = replace(left, messages=(done_by_hand(left.messages[0], "Dejó el muelle."),))
    left = update(update(left, edited), edited.replace("left", "never left"))
    assert left.messages[0].target == ""
    assert "Dejó el muelle." in {m.target for m in left.messages[1:]}


def test_what_changed_is_said_until_a_person_has_decided() -> None:
    old, new = EDITS["polarity"]
    left = start(old)
    left = update(replace(left, messages=(done_by_hand(left.messages[0], "Sí."),)), new)
    drafted = replace(left.messages[0], target="No.", fuzzy=True, draft="engine 1")
    left = update(replace(left, messages=(drafted, *left.messages[1:])), new)
    assert "[not →]" in left.messages[0].change or "[→ not]" in left.messages[0].change
    approved = replace(left.messages[0], fuzzy=False)
    left = update(replace(left, messages=(approved, *left.messages[1:])), new)
    assert left.messages[0].change == ""
