"""Drafts: looked at before they are offered, remembered, and headings said as sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalog import provenance
from pipeline.checks.base import Subject
from pipeline.checks.registry import CHECKS
from pipeline.drafting import protect
from pipeline.drafting.draft import Draft, draft, draft_texts, requests_for
from pipeline.engines.base import Hypotheses, Hypothesis, Segment
from pipeline.engines.cache import MOST, Cached, Drafts
from pipeline.errors import EngineError
from pipeline.model import Message, State
from pipeline.terminology.glossary import Glossary
from pipeline.terminology.glossary_file import parse
from pipeline.text.truecase import Cases, Style, restyle, style_of


class Book:
    """An engine that looks each text up, and counts how often it is asked."""

    name = "book"

    def __init__(self, pages: dict[str, list[str]], reads: tuple[str, ...] = ()) -> None:
        self.pages, self.reads = pages, reads
        self.asked: list[Segment] = []
        self.calls: list[int] = []
        self.version = "1"

    def signature(self, source: str, target: str) -> str:
        return f"book {self.version}"

    def serves(self, source: str, target: str) -> bool:
        return True

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        self.asked += segments
        self.calls.append(len(segments))
        found = [self.pages.get(segment.text, []) for segment in segments]
        return [tuple(Hypothesis(text, f"doubts {text[:3]}") for text in its) for its in found]


def one(text: str, *answers: str, more: dict[str, list[str]] | None = None) -> Draft:
    (found,) = draft_texts([text], Book({text: list(answers), **(more or {})}), "en", "es")
    return found


# Looked at before they are offered.


def test_a_good_first_hypothesis_is_taken_with_its_doubt() -> None:
    found = one("The boats are full.", "Los barcos están llenos.", "Barcos.")
    assert (found.text, found.note) == ("Los barcos están llenos.", "doubts Los")


@pytest.mark.parametrize(
    ("text", "bad", "reason"),
    [
        ("The crew of the boat slept.", "La la la la la la tripulación.", "it repeats “la”"),
        ("The crew of the boat slept.", "(aplausos)", "(aplausos), which the source does not"),
        ("The crew of the boat slept.", "The crew of the boat slept.", "the source, unchanged"),
        ("The crew of the boat slept.", "Экипаж судна спал.", "Cyrillic"),
        ("The crew of the boat slept.", "", "empty"),
        ("The crew slept for 12 hours.", "La tripulación durmió dos horas.", "12"),
        ("See https://boat.example/a now.", "Vea ahora.", "markup or a link"),
        ("The crew of the boat slept.", "La " + "tripulación durmió bien " * 9, "too long"),
    ],
)
def test_a_bad_hypothesis_gives_way_to_the_next(text: str, bad: str, reason: str) -> None:
    good = {
        "The crew slept for 12 hours.": "La tripulación durmió 12 horas.",
        "See https://boat.example/a now.": "Vea ahora \ue000.",
    }.get(text, "La tripulación del barco durmió.")
    book = Book({protect.protect(text).text: [bad, good]})
    (found,) = draft_texts([text], book, "en", "es")
    assert found.text == good.replace("\ue000", "https://boat.example/a")
    assert found.note.startswith("not the engine’s first choice, because there ")
    assert found.note.endswith("; doubts " + good[:3])
    assert reason in found.note or reason == "too long"


def test_a_footnote_that_the_source_has_not_is_refused() -> None:
    text = "The boats are full."
    found = one(text, "Los barcos están llenos.[^1]", "Los barcos van llenos.")
    assert found.text == "Los barcos van llenos."
    refused = "not the engine’s first choice, because there the footnote [^1] is not in the source"
    assert found.note == f"{refused}; doubts Los"
    found = one(text, "Los barcos están llenos.[^1]")
    reason = "left empty, because the footnote [^1] is not in the source"
    assert (found.text, found.note) == ("", reason)


def test_a_footnote_in_a_piece_is_left_out() -> None:
    text = "The crew slept for 12 hours."
    parts = {"The crew slept for": ["La tripulación durmió [^1]"], "hours.": ["horas.[^a]"]}
    found = one(text, "La tripulación durmió 12 horas.[^1]", more=parts)
    assert found.text == "La tripulación durmió 12 horas."
    assert found.note.endswith("because as a whole the footnote [^1] is not in the source")


odd = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(
    ("\ue000 \uf8ff", "\0", "\ud800", "a\n#| msgid b", "[^1]", "** ` <b", "la " * 300)
)


@given(st.sampled_from(("The crew slept.", "They slept 12 hours.", "**A** [b](/c)", "")), odd, odd)
def test_any_hypothesis_can_be_looked_at(text: str, said: str, doubt: str) -> None:
    class Odd(Book):
        def translate(
            self, segments: Sequence[Segment], source: str, target: str
        ) -> list[Hypotheses]:
            return [(Hypothesis(said, doubt),) for _ in segments]

    (found,) = draft_texts([text], Odd({}), "en", "es")
    assert provenance.UNJUDGED not in found.note
    (found.text + found.note).encode()
    assert not {"\0", "\n"} & set(found.text + found.note)


def test_what_cannot_be_judged_is_not_offered_and_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(case: Subject) -> Iterator[str]:
        raise KeyError("comet")

    message = Message("The boats are full.")
    book = Book({message.source: ["Los barcos están llenos.", "Barcos."]})
    with monkeypatch.context() as patched:
        patched.setitem(CHECKS.own, "length", replace(CHECKS["length"], find=broken))
        (done,) = draft([message, Message("x")], book, "en", "es", Glossary())[:1]
    assert not done.target
    assert done.draft == "book 1; left empty, because the pipeline failed to judge it (KeyError)"
    assert caplog.text.count("KeyError('comet')") == 1
    (done,) = draft([done], book, "en", "es", Glossary())
    assert done.target == "Los barcos están llenos."


def test_pieces_between_numbers_then_clauses_then_nothing() -> None:
    text = "The crew slept for 12 hours, and the captain sang."
    parts = {"The crew slept for": ["La tripulación durmió"], "hours, and the captain sang.": []}
    clause = {"hours": ["horas"], "and the captain sang.": ["y el capitán cantó."]}
    found = one(text, "Nada.", more={**parts, **clause})
    assert found.text == "La tripulación durmió 12 horas, y el capitán cantó."
    assert found.note == "drafted in pieces, because as a whole the number 12 is lost"
    found = one(text, "Nada.", more=parts)
    assert (found.text, found.note) == ("", "left empty, because the number 12 is lost")
    assert one("The crew slept.").note == "left empty, because the engine gave nothing"


def test_what_stands_between_pieces_stays_there() -> None:
    more = {"In": ["En"], "the crew (all of them) slept.": ["La tripulación (toda) durmió."]}
    found = one("In 2019, the crew (all of them) slept.", "Nada.", more=more)
    assert found.text == "En 2019, la tripulación (toda) durmió."


def test_what_the_glossary_keeps_must_come_back() -> None:
    glossary = parse("terms:\n  - {term: Blue Quay, keep: true, pos: name, case: sensitive}\n")
    message = Message("They met at Blue Quay yesterday.")
    bad, good = "Se vieron ayer en Muelle Azul.", "Se vieron ayer en Blue Quay."
    (done,) = draft([message], Book({message.source: [bad, good]}), "en", "es", glossary)
    assert done.target == good
    assert "the name Blue Quay is lost" in done.draft


def test_a_name_that_the_engine_loses_is_hidden_from_it() -> None:
    glossary = parse("terms:\n  - {term: Blue Quay, keep: true, pos: name, case: sensitive}\n")
    message = Message("They met at Blue Quay.")
    pages = {message.source: ["En Muelle Azul."], "They met at \ue000.": ["Se vieron en \ue000."]}
    (done,) = draft([message], Book(pages), "en", "es", glossary)
    assert done.target == "Se vieron en Blue Quay."
    pages = {message.source: ["En Muelle Azul."], "They met at": ["Se vieron en"]}
    (done,) = draft([message], Book(pages), "en", "es", glossary)
    assert done.target == "Se vieron en Blue Quay."
    assert "drafted in pieces, because as a whole the name Blue Quay is lost" in done.draft


def test_a_draft_says_why_it_is_empty_and_is_not_asked_for_again() -> None:
    message = Message("The crew of the boat slept.")
    book = Book({message.source: ["La la la la."]})
    (done,) = draft([message], book, "en", "es", Glossary())
    assert done.state is State.UNTRANSLATED
    assert done.draft == "book 1; left empty, because it repeats “la”"
    asked = len(book.asked)
    assert draft([done], book, "en", "es", Glossary()) == (done,)
    assert len(book.asked) == asked


def test_an_engine_is_told_neighbours_and_terms() -> None:
    glossary = parse("terms:\n  - {term: crew, targets: {es: {term: tripulación, gender: f}}}\n")
    messages = [Message("The **boat** left."), Message("The crew slept."), Message("They sang.")]
    messages.append(Message("Gone.", target="Fue.", obsolete=True))
    requests = requests_for(messages, "book 1", "en", "es", glossary)
    segment = requests[1].segment
    (constraint,) = segment.constraints
    assert (constraint.start, constraint.end, constraint.gender) == (4, 8, "f")
    assert (segment.text, segment.before) == ("The crew slept.", "The boat left.")
    assert (segment.after, segment.terms) == ("They sang.", ("crew → tripulación (f)",))
    assert requests[2].segment.after == ""


# Headings.


@pytest.mark.parametrize(
    ("text", "style", "said"),
    [
        ("The Boats Are Full", Style.TITLE, "The boats are full"),
        ("A Tariff For The Rich", Style.TITLE, "A tariff for the rich"),
        ("KEEP THE FERRY PUBLIC!", Style.CAPITALS, "Keep the ferry public!"),
        ("UN MUST ACT ON ARVENSUND", Style.CAPITALS, "UN must act on Arvensund"),
        ("Angela Merkel Visits Paris", Style.TITLE, "Angela Merkel visits Paris"),
        ("I Don't Want It", Style.TITLE, "I don't want it"),
        ("NO TO WAR", Style.CAPITALS, "No to war"),
        ("IMF OUT, SAYS O'BRIEN", Style.CAPITALS, "IMF out, says O'Brien"),
        ("Q&A With The Crew", Style.TITLE, "Q&A with the crew"),
        ("The Syrian Harbours", Style.TITLE, "The Syrian harbours"),
        ("The council met in Arvensund", Style.SENTENCE, ""),
        ("NATO", Style.SENTENCE, ""),
        ("12", Style.SENTENCE, ""),
        ("", Style.SENTENCE, ""),
    ],
)
def test_a_heading_is_said_as_a_sentence(text: str, style: Style, said: str) -> None:
    running = ("The ferry of Arvensund is full.", "We, the UN and others, sail.", "HELP THEM NOW")
    cases = Cases.of(running, "en")
    assert style_of(text, "en") is style
    assert cases.spoken(text, style) == (said or text)


def test_title_case_is_known_in_english_only() -> None:
    assert style_of("Los Barcos Están Llenos", "es") is Style.SENTENCE


@pytest.mark.parametrize(
    ("draft", "style", "locale", "said"),
    [
        ("«los barcos»", Style.TITLE, "es", "«Los barcos»"),
        ("Salvad el barco \ue000!", Style.CAPITALS, "es", "SALVAD EL BARCO \ue000!"),
        ("ilk gemi", Style.CAPITALS, "tr", "İLK GEMİ"),
        ("die Straße", Style.CAPITALS, "de", "DIE STRAẞE"),
        ("أنقذوا العبّارة", Style.CAPITALS, "ar", "أنقذوا العبّارة"),
        ("as it is", Style.SENTENCE, "es", "as it is"),
    ],
)
def test_a_draft_is_written_as_headings_are(
    draft: str, style: Style, locale: str, said: str
) -> None:
    assert restyle(draft, style, locale) == said


@given(st.text(max_size=40))
def test_saying_it_changes_letters_only_in_case(text: str) -> None:
    said = Cases.of([], "en").spoken(text, style_of(text, "en"))
    assert said.casefold() == text.casefold()


def test_the_engine_sees_a_sentence_and_the_catalog_gets_capitals() -> None:
    found = draft_texts(
        ["KEEP THE FERRY PUBLIC!"],
        Book({"Keep the ferry public!": ["¡Ferry público!"]}),
        "en",
        "es",
    )
    assert found[0].text == "¡FERRY PÚBLICO!"


def test_markup_in_capitals_is_not_said_in_capitals() -> None:
    pages = {"Stop": ["Alto"], "it": ["ya"], "now &amp; here": ["hoy y aquí"]}
    (found,) = draft_texts(["STOP <em>IT</em> NOW &amp; HERE"], Book(pages), "en", "es")
    assert found.text in {"", "ALTO <em>YA</em> HOY &amp; AQUÍ"} or "<em>" in found.text
    assert "&AMP;" not in found.text


def test_an_engine_that_gives_nothing_at_all_is_an_error_and_is_asked_again(tmp_path: Path) -> None:
    messages = [Message(f"The crew number {n} slept.") for n in "abcde"]
    book = Book({})
    with pytest.raises(EngineError, match="gave nothing for any of 5 sentences"):
        draft(messages, Cached(book, Drafts(tmp_path / "d")), "en", "es", Glossary())
    (done,) = draft(messages[:1], Cached(book, Drafts(tmp_path / "d")), "en", "es", Glossary())
    assert done.draft.endswith("left empty, because the engine gave nothing")
    book.pages = {done.source: ["La tripulación a dormía."]}
    (again,) = draft([done], Cached(book, Drafts(tmp_path / "d")), "en", "es", Glossary())
    assert again.target == "La tripulación a dormía."


def test_a_name_in_running_text_is_no_heading() -> None:
    message = Message("Ana Brisk", notes=("list item, unit 1 of 1",))
    (request,) = requests_for([message], "x", "en", "es", Glossary()).values()
    assert request.style is Style.SENTENCE


# Remembered.


def segments(*texts: str) -> list[Segment]:
    return [Segment(text) for text in texts]


def test_nothing_is_drafted_twice(tmp_path: Path) -> None:
    book = Book({"a": ["1"], "b": ["2"]})
    first = Cached(book, Drafts(tmp_path / "d"))
    assert [h[0].text for h in first.translate(segments("a", "b", "a"), "en", "es")] == [*"121"]
    assert sum(book.calls) == 2
    again = Cached(book, Drafts(tmp_path / "d"))
    assert again.translate(segments("b", "a"), "en", "es")[0] == (Hypothesis("2", "doubts 2"),)
    assert sum(book.calls) == 2
    again.translate(segments("a"), "en", "fr")
    book.version = "2"
    again.translate(segments("a"), "en", "es")
    assert sum(book.calls) == 4
    assert (again.name, again.signature("en", "es")) == ("book", "book 2")


def test_only_what_an_engine_reads_makes_a_difference(tmp_path: Path) -> None:
    blind, reader = Book({"a": ["1"]}), Book({"a": ["1"]}, reads=("after",))
    for book, asked in ((blind, 1), (reader, 2)):
        cached = Cached(book, Drafts(tmp_path / "d"))
        book.version = str(asked)
        for after in ("x", "y", "x"):
            cached.translate([Segment("a", before=after, after=after)], "en", "es")
        assert len(book.asked) == asked


def test_each_batch_is_remembered_before_the_next(tmp_path: Path) -> None:
    class Tired(Book):
        def translate(
            self, segments: Sequence[Segment], source: str, target: str
        ) -> list[Hypotheses]:
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().translate(segments, source, target)

    texts = [f"text {n}" for n in range(3 * MOST)]
    book = Tired({text: [text[::-1]] for text in texts})
    with pytest.raises(KeyboardInterrupt):
        Cached(book, Drafts(tmp_path / "d")).translate(segments(*texts), "en", "es")
    done = sum(book.calls)
    book.calls = [0, 0, 0]
    Cached(book, Drafts(tmp_path / "d")).translate(segments(*texts), "en", "es")
    assert done + sum(book.calls) == len(texts)
    assert len({segment.text for segment in book.asked}) == len(texts)


def test_short_sentences_come_first_and_progress_is_told(tmp_path: Path) -> None:
    class Counts:
        expected = done = 0

        def expect(self, count: int) -> None:
            self.expected += count

        def add(self, count: int) -> None:
            self.done += count

    book, counts = Book({}), Counts()
    texts = ["a" * n for n in range(100, 0, -1)]
    Cached(book, Drafts(None), counts).translate(segments(*texts), "en", "es")
    assert [segment.text for segment in book.asked] == sorted(texts)
    assert (counts.expected, counts.done) == (100, 100)


@pytest.mark.parametrize("harm", ["text", "version", "row", "cut"])
def test_a_damaged_memory_is_begun_anew(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "d"
    book = Book({"a": ["1"]})
    Cached(book, Drafts(path)).translate(segments("a"), "en", "es")
    if harm == "text":
        path.write_text("not a database " * 1000)
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        change = {"version": "PRAGMA user_version = 99", "row": "UPDATE drafts SET hypotheses='x'"}
        with sqlite3.connect(path) as table:
            table.execute(change[harm])
    found = Cached(book, Drafts(path)).translate(segments("a"), "en", "es")
    assert found == [(Hypothesis("1", "doubts 1"),)]
    assert len(book.asked) == 2


UNREADABLE = (
    "null",
    "5",
    '"abc"',
    '["abc"]',
    '{"abc": 1}',
    "[[]]",
    '[["uno", ""]]',  # as it was once
    '[["uno", "", [], 1]]',
    '[["uno", "", "xyz"]]',
    "[[1, null, []]]",
    '[["\\ud800", "", []]]',
    "[[NaN, 1, []]]",
    "[" * 100_000,
    b"\xff",
    "[]",
    "",
)


@pytest.mark.parametrize("row", UNREADABLE, ids=lambda row: str(row)[:20])
def test_what_cannot_be_read_counts_as_not_remembered(tmp_path: Path, row: str | bytes) -> None:
    path = tmp_path / "d"
    book = Book({"a": ["1"], "b": ["2"]})
    cached = Cached(book, Drafts(path))
    cached.translate(segments("a"), "en", "es")
    with sqlite3.connect(path) as table:
        table.execute("UPDATE drafts SET hypotheses = ?", (row,))
    cached.translate(segments("b"), "en", "es")
    again = Cached(book, Drafts(path))
    assert again.knows(segments("a", "b"), "en", "es") == [False, True]
    for _ in range(2):
        found = again.translate(segments("a", "b"), "en", "es")
        assert [its[0] for its in found] == [Hypothesis(n, f"doubts {n}") for n in "12"]
    assert [segment.text for segment in book.asked] == ["a", "b", "a"]


def test_a_memory_that_cannot_be_written_is_said_and_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    cached = Cached(Book({"a": ["1"]}), Drafts(tmp_path / "file" / "d"))
    assert cached.translate(segments("a"), "en", "es")
    assert "drafts are not remembered" in caplog.text


@given(st.lists(st.tuples(st.text(), st.text()), max_size=4))
def test_what_is_remembered_comes_back(given: list[tuple[str, str]]) -> None:
    hypotheses = tuple(Hypothesis(*pair) for pair in given)
    drafts = Drafts(None)
    drafts.put({b"k": hypotheses})
    assert drafts.get([b"k"]) == {b"k": hypotheses}


def test_what_an_engine_did_with_terms_is_noted() -> None:
    glossary = parse("terms:\n  - {term: crew, targets: {es: {term: tripulación, gender: f}}}\n")

    class Follows(Book):
        def translate(
            self, segments: Sequence[Segment], source: str, target: str
        ) -> list[Hypotheses]:
            self.asked += segments
            return [
                (Hypothesis("La tripulación 1 duerme.", "", ("forced",) * len(s.constraints)),)
                for s in segments
            ]

    engine = Follows({}, reads=("constraints",))
    message = Message("THE **CREW** 1 SLEEPS", notes=("heading, unit 1 of 1",))
    (done,) = draft([message], engine, "en", "es", glossary)
    (constraint,) = engine.asked[0].constraints
    asked = engine.asked[0].text
    assert asked[constraint.start : constraint.end] == "crew"
    assert (constraint.term, constraint.gender) == ("tripulación", "f")
    assert "terms:" not in done.draft  # it lost the emphasis, and was said in pieces
    (done,) = draft([Message("The crew 1 sleeps.")], engine, "en", "es", glossary)
    assert done.draft == "book 1; terms: “tripulación” forced"
