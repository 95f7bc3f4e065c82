"""Translation memory: what a person approved is found again, and nothing else."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from pipeline.catalog import po
from pipeline.errors import CatalogError
from pipeline.memory import index as memory_index
from pipeline.memory import model
from pipeline.memory.index import SIMILAR, Index, open_index
from pipeline.memory.model import Entry, MatchKind, Stock
from pipeline.model import Catalog, Message
from pipeline.storage import fingerprints

FERRY = "The ferry must stay public."
SALE = "No private company may buy it."
CREW = "The crew has worked on it for years."

Stocks = Mapping[str, Sequence[Entry]]


def entry(source: str, target: str = "", origin: str = "ferry", **other: str) -> Entry:
    filled = {"language": "en", "locale": "es", **other}
    return Entry(source, target or f"<{source}>", origin=origin, **filled)


def stocks(given: Stocks, loaded: list[str] | None = None) -> list[Stock]:
    """Return stocks whose stamps change with what is in them; *loaded* gets the names of loads."""

    def load(key: str) -> Iterator[Entry]:
        if loaded is not None:
            loaded.append(key)
        yield from given[key]

    return [Stock(k, repr(v), lambda k=k: load(k)) for k, v in given.items()]  # type: ignore[misc]


def built(*entries: Entry) -> Index:
    """Return an index of *entries* that no file keeps."""
    return open_index(Path("/dev/null/no"), stocks({"all": entries}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".pipeline" / "memory.sqlite"


# What goes in


def test_only_what_a_person_approved_is_remembered() -> None:
    catalog = Catalog(
        "es",
        (
            Message("Approved.", "Aprobado."),
            Message("Draft.", "Borrador.", fuzzy=True, draft="argos"),
            Message("Changed.", "Cambiado.", fuzzy=True, previous="Before."),
            Message("Empty."),
            Message("Last.", "Último."),
            Message("Former.", "Antiguo.", obsolete=True),
            Message("Former draft.", "Borrador antiguo.", obsolete=True, fuzzy=True),
        ),
    )
    assert list(model.entries(catalog, "ferry", "en")) == [
        Entry("Approved.", "Aprobado.", "en", "es", "ferry", "", "Draft."),
        Entry("Last.", "Último.", "en", "es", "ferry", "Empty.", ""),
        Entry("Former.", "Antiguo.", "en", "es", "ferry", "", ""),
    ]


def test_a_catalog_finds_its_own_sentences_in_context(path: Path) -> None:
    texts = [FERRY, SALE, CREW]
    messages = tuple(Message(text, f"<{text}>") for text in texts)
    headers = po.headers("ferry", "en", "es", "2026-01-02 03:04+0000")
    file = Path("locales/es/LC_MESSAGES/ferry.po")
    catalog = po.parse(po.dump(Catalog("es", messages, headers)), file)
    given = {"ferry.po": list(model.entries(catalog, "ferry", "en"))}
    with open_index(path, stocks(given)) as index:
        for message, before, after in model.neighbours(catalog):
            (match,) = index.memory("en", "es").lookup(message.source, before, after)
            assert (match.kind, match.score) == (MatchKind.CONTEXT, 100.0)
            assert match.entry.target == message.target


# Looking up


def test_context_comes_before_exact_before_fuzzy() -> None:
    known = [
        entry(FERRY, "fuera", "a"),
        entry(FERRY, "otra", "b", before=SALE, after=SALE),
        entry(FERRY, "mitad", "c", before=SALE, after="Else."),
        entry(FERRY, "dentro", "d", before=SALE, after=CREW),
        entry("The ferries must stay public.", "casi", "e"),
    ]
    with built(*known) as index:
        found = index.memory("en", "es").lookup(FERRY, SALE, CREW)
        assert [(m.entry.target, m.kind) for m in found] == [
            ("dentro", MatchKind.CONTEXT),
            ("otra", MatchKind.EXACT),
            ("mitad", MatchKind.EXACT),
            ("fuera", MatchKind.EXACT),
            ("casi", MatchKind.FUZZY),
        ]
        assert found[-1].score == fuzz.ratio(FERRY, known[-1].source)
        assert index.memory("en", "es").lookup(FERRY, SALE, CREW, limit=2) == found[:2]
        assert [m.note for m in (found[0], found[1], found[4])] == [
            "memory, same sentence and neighbours in d",
            "memory, same sentence in b",
            f"memory, {int(found[4].score)}% similar in e",
        ]


def test_without_known_neighbours_nothing_is_in_context() -> None:
    with built(entry(FERRY)) as index:
        assert index.memory("en", "es").lookup(FERRY)[0].kind is MatchKind.EXACT


def test_the_edge_of_an_article_is_context() -> None:
    with built(entry(FERRY, after=SALE)) as index:
        found = index.memory("en", "es")
        assert found.lookup(FERRY, "", SALE)[0].kind is MatchKind.CONTEXT
        assert found.lookup(FERRY, CREW, SALE)[0].kind is MatchKind.EXACT


def test_what_more_articles_say_comes_first_and_each_translation_once() -> None:
    known = [entry(FERRY, "uno", "a"), entry(FERRY, "dos", "b"), entry(FERRY, "dos", "c")]
    with built(*known) as index:
        found = index.memory("en", "es").lookup(FERRY)
        assert [(m.entry.target, m.entry.origin) for m in found] == [("dos", "b"), ("uno", "a")]


def test_locales_and_languages_are_kept_apart() -> None:
    known = [entry(FERRY, "es"), entry(FERRY, "fr", locale="fr"), entry(FERRY, "x", language="ru")]
    with built(*known) as index:
        for language, locale, target in (("en", "es", "es"), ("en", "fr", "fr"), ("ru", "es", "x")):
            (match,) = index.memory(language, locale).lookup(FERRY)
            assert match.entry.target == target
        assert index.memory("en", "it").lookup(FERRY) == []


@pytest.mark.parametrize(
    ("source", "query"),
    [
        ("Strike!", "Strikes!"),
        ("The harbour", "The harbor."),
        ("FERRY WORKERS UNITE", "Ferry workers unite"),
        ("**The ferry** must stay.", "The ferry must stay."),
        ("我们要求渡轮保持公有。", "我们要求渡轮继续公有。"),
        (
            "我们要求变革，渡轮必须公有，人民继续斗争。",
            "他们要求变革，渡轮应当公有，人民继续努力。",
        ),
        ("フェリーは公共のままでなければならない。", "フェリーは公営のままでなければならない。"),
        ("เรือข้ามฟากต้องเป็นของสาธารณะ", "เรือข้ามฟากต้องเป็นของประชาชน"),
        ("العبّارة يجب أن تبقى عامّة", "العبّارات يجب أن تبقى عامّة"),
        ("नाव सार्वजनिक रहनी चाहिए।", "नाव सार्वजनिक होनी चाहिए।"),
    ],
)
def test_similar_sentences_are_found_in_any_script(source: str, query: str) -> None:
    expected = fuzz.ratio(source, query)
    with built(entry(source), entry("Nothing like it at all")) as index:
        found = index.memory("en", "es").lookup(query)
        assert [m.entry.source for m in found] == [source] * (expected >= SIMILAR)
        assert all(m.score == expected for m in found)


SYLLABLES = "ka lo mi ne ru sta ter vin bo da".split()


def sentences(number: int, chance: random.Random) -> list[str]:
    names = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(400)]
    common = names[:12]
    return [
        " ".join(chance.choice(names if chance.random() < 0.6 else common) for _ in range(words))
        for words in (chance.randint(1, 18) for _ in range(number))
    ]


def edited(text: str, chance: random.Random) -> str:
    words = text.split()
    for _ in range(chance.randint(1, max(1, len(words) // 3))):
        at = chance.randrange(len(words))
        words[at : at + chance.randint(0, 1)] = chance.choices(SYLLABLES, k=chance.randint(0, 1))
        words = words or ["ka"]
    return " ".join(words)


@pytest.mark.parametrize(
    ("least", "rescored", "recall"),
    [
        pytest.param(10_000, 192, 0.96, id="all lists are read"),
        pytest.param(60, 192, 0.92, id="60 of 2,000 sources are read"),
        pytest.param(10_000, 6, 0.77, id="6 candidates are compared"),
    ],
)
def test_the_best_matches_are_those_of_brute_force(
    least: int, rescored: int, recall: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are of ten syllables, so many texts are similar that share no word."""
    monkeypatch.setattr(memory_index, "_LEAST", least)
    monkeypatch.setattr(memory_index, "_RESCORED", rescored)
    chance = random.Random(5)
    known = sentences(2_000, chance)
    queries = [edited(text, chance) for text in chance.sample(known, 200)]
    hits = asked = 0
    with built(*map(entry, known)) as index:
        found = index.memory("en", "es")
        for query in queries:
            best = process.extract(
                query, set(known), scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=3
            )
            asked += len(best)
            scores = [m.score for m in found.lookup(query, limit=3)]
            hits += sum(a == b for a, (_, b, _) in zip(scores, best, strict=False))
    assert asked > 100
    assert hits >= recall * asked


def test_a_long_list_is_read_where_the_length_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_index, "_LEAST", 20)
    with built(*(entry(f"ferry {'x' * n}") for n in range(1, 300))) as index:
        (match,) = index.memory("en", "es").lookup(f"ferry {'x' * 150}y", limit=1)
        assert match.entry.source == f"ferry {'x' * 150}"


words = st.sampled_from(["ferry", "the", "must", "stay", "渡轮", "公有", "é", "a\u0301", "\0", "'"])
texts = st.one_of(st.text(max_size=12), st.lists(words, max_size=6).map(" ".join))


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=8), texts, st.randoms(use_true_random=False))
def test_what_is_remembered_is_found_whatever_it_is(
    known: list[str], query: str, chance: random.Random
) -> None:
    entries = [entry(text, f"<{n}>", f"article-{n}") for n, text in enumerate(known)]
    shuffled = list(entries)
    chance.shuffle(shuffled)
    with built(*entries) as one, built(*shuffled) as other:
        for text in (*known, query):
            found = one.memory("en", "es").lookup(text, limit=20)
            assert found == other.memory("en", "es").lookup(text, limit=20)
            same = [m.entry for m in found if m.entry.source == text]
            assert {e.target for e in same} == {e.target for e in entries if e.source == text}
            assert found[: len(same)] == [m for m in found if m.kind is MatchKind.EXACT]
            assert all(m.score == fuzz.ratio(text, m.entry.source) for m in found[len(same) :])
            assert all(m.score >= SIMILAR for m in found)


# The file


def everything(index: Index) -> list[object]:
    memories = [index.memory("en", locale) for locale in ("es", "fr")]
    return [
        *map(len, memories),
        *(list(index.entries("en", locale)) for locale in ("es", "fr")),
        *(m.lookup(text, before=SALE) for m in memories for text in (FERRY, SALE, CREW)),
    ]


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from([FERRY, SALE, CREW, f"{FERRY} Now.", "Short."]),
        st.sampled_from(["uno", "dos"]),
        st.sampled_from(["a", "b"]),
        locale=st.sampled_from(["es", "fr"]),
        before=st.sampled_from(["", SALE]),
    ),
    max_size=5,
)


@settings(max_examples=10, deadline=None)
@given(states=st.lists(st.dictionaries(st.sampled_from("xyz"), ENTRIES), min_size=1, max_size=4))
def test_a_kept_index_says_what_a_new_one_says(
    states: list[dict[str, list[Entry]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = tmp_path_factory.mktemp("kept") / "memory.sqlite"
    for state in states:
        new = tmp_path_factory.mktemp("new") / "memory.sqlite"
        with open_index(kept, stocks(state)) as one, open_index(new, stocks(state)) as other:
            assert everything(one) == everything(other)


def test_only_what_changed_is_loaded(path: Path) -> None:
    given = {"a": [entry(FERRY)], "b": [entry(SALE)], "c": [entry(CREW)]}
    loaded: list[str] = []
    open_index(path, stocks(given, loaded)).close()
    assert loaded == ["a", "b", "c"]
    del given["c"]
    given |= {"b": [entry(SALE, "nuevo")], "d": [entry("New.")]}
    with open_index(path, stocks(given, loaded)) as index:
        assert loaded == ["a", "b", "c", "b", "d"]
        found = index.memory("en", "es")
        assert [m.entry.target for m in found.lookup(SALE)] == ["nuevo"]
        assert found.lookup(CREW) == []
        assert len(found) == 3


def test_a_stock_without_a_stamp_is_always_loaded(path: Path) -> None:
    for target in ("uno", "dos"):
        stock = Stock("a", "", lambda target=target: [entry(FERRY, target)])  # type: ignore[misc]
        with open_index(path, [stock]) as index:
            assert index.memory("en", "es").lookup(FERRY)[0].entry.target == target


def test_what_cannot_be_read_is_left_out_and_said(path: Path) -> None:
    def broken() -> list[Entry]:
        raise CatalogError("b.po:3: not PO")

    open_index(path, stocks({"a": [entry(FERRY)], "b": [entry(SALE)]})).close()
    with open_index(path, [*stocks({"a": [entry(FERRY)]}), Stock("b", "new", broken)]) as index:
        assert index.problems == ("b.po:3: not PO",)
        found = index.memory("en", "es")
        assert found.lookup(FERRY)
        assert not found.lookup(SALE)
    mended = Stock("b", "new", lambda: [entry(SALE)])
    with open_index(path, [*stocks({"a": [entry(FERRY)]}), mended]) as index:
        assert index.problems == ()
        assert index.memory("en", "es").lookup(SALE)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def overwrite(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def age(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 0")
        connection.execute("UPDATE entries SET target = 'as it was understood then'")
    connection.close()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [truncate, overwrite, age, empty, os.unlink])
def test_a_damaged_or_older_file_is_built_anew(path: Path, harm: Callable[[Path], None]) -> None:
    given = {"a": [entry(FERRY), entry(SALE), *map(entry, sentences(200, random.Random(1)))]}
    with open_index(path, stocks(given)) as index:
        expected = everything(index)
    harm(path)
    for _ in range(2):
        loaded: list[str] = []
        with open_index(path, stocks(given, loaded)) as index:
            assert everything(index) == expected
    assert loaded == []
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]


def test_an_interrupted_update_leaves_the_index_as_it_was(path: Path) -> None:
    def interrupted() -> Iterator[Entry]:
        yield entry("Half.")
        raise KeyboardInterrupt

    given = {"b": [entry(FERRY)]}
    open_index(path, stocks(given)).close()
    with pytest.raises(KeyboardInterrupt):
        open_index(path, [Stock("a", "1", lambda: [entry(SALE)]), Stock("b", "2", interrupted)])
    loaded: list[str] = []
    with open_index(path, stocks(given, loaded)) as index:
        assert list(index.entries("en", "es")) == given["b"]
    assert loaded == []


def test_two_commands_at_a_time_each_see_their_own_state(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_index, "_WAIT", 0.1)
    with (
        open_index(path, stocks({"a": [entry(FERRY, "uno")]})) as one,
        open_index(path, stocks({"a": [entry(FERRY, "dos")]})) as other,
    ):
        for index, target in ((one, "uno"), (other, "dos")):
            assert index.memory("en", "es").lookup(FERRY)[0].entry.target == target
    with open_index(path, stocks({"a": [entry(FERRY, "tres")]})) as index:
        assert index.memory("en", "es").lookup(FERRY)[0].entry.target == "tres"


def test_where_no_file_can_be_written_the_answers_are_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    (tmp_path / "folder").mkdir()
    for path in (blocked / "memory.sqlite", tmp_path / "folder"):
        with open_index(path, stocks({"a": [entry(FERRY)]})) as index:
            assert index.memory("en", "es").lookup(FERRY)
    assert blocked.read_text() == ""


def test_a_stamp_changes_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.po"
    assert fingerprints.stamp(path) == ""
    path.write_text("one")
    assert fingerprints.stamp(path) == ""
    monkeypatch.setattr(fingerprints, "_SETTLED", -(10**18))
    first = fingerprints.stamp(path)
    assert first == fingerprints.stamp(path)
    found = path.stat()
    path.write_text("two")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert fingerprints.stamp(path) not in {"", first}


def test_entries_come_out_as_they_went_in(path: Path) -> None:
    one = [entry(FERRY, after=SALE), entry(SALE, before=FERRY)]
    two = [replace(e, origin="another") for e in one]
    with open_index(path, stocks({"1": one, "2": two})) as index:
        assert list(index.entries("en", "es")) == [*two, *one]
