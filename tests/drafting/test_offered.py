from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.drafting.draft import draft
from pipeline.drafting.history import Offered, forget, stale, triples
from pipeline.engines.base import Hypotheses, Hypothesis, Segment
from pipeline.engines.cache import Cached, Drafts
from pipeline.model import Message
from pipeline.terminology.glossary import Glossary
from pipeline.terminology.glossary_file import parse

GLOSSARY = parse("terms:\n  - {term: tariff, targets: {es: tarifa}}\n")
CHANGED = parse("terms:\n  - {term: tariff, targets: {es: arancel}}\n")
MESSAGES = (Message("The tariff is high."), Message("They sang."))


class Reader:
    """An engine that says what it was told."""

    name = "reader"

    def __init__(self, *reads: str) -> None:
        self.reads = reads

    def signature(self, source: str, target: str) -> str:
        return "reader 1"

    def serves(self, source: str, target: str) -> bool:
        return True

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        return [(Hypothesis(f"Dicho: {s.terms}"[:12]),) for s in segments]


def drafted(folder: Path, *reads: str) -> tuple[tuple[Message, ...], Cached, Offered]:
    cached = Cached(Reader(*reads), Drafts(folder / "d"))
    offered = Offered(Drafts(folder / "o"))
    messages = tuple(
        replace(m, target=f"Texto {n}.", fuzzy=True, draft="reader 1")
        for n, m in enumerate(draft(MESSAGES, cached, "en", "es", GLOSSARY))
    )
    offered.put(messages, "es")
    return messages, cached, offered


def test_a_draft_is_stale_where_the_glossary_says_something_else(tmp_path: Path) -> None:
    messages, cached, offered = drafted(tmp_path, "terms")
    assert stale(messages, cached, offered, "en", "es", GLOSSARY) == {}
    assert stale(messages, cached, offered, "en", "es", CHANGED) == {
        messages[0].key: messages[0].target
    }
    assert stale(messages, cached, offered, "en", "es", Glossary()) == {
        messages[0].key: messages[0].target
    }
    (first, second) = forget(messages, {messages[0].key: messages[0].target})
    edited = replace(messages[0], target="Texto de una persona.")
    assert forget([edited], {edited.key: messages[0].target}) == (edited,)
    assert (first.target, first.fuzzy, first.draft, second) == ("", False, "", messages[1])


def test_what_a_person_may_have_touched_is_not_stale(tmp_path: Path) -> None:
    messages, cached, offered = drafted(tmp_path, "terms")
    touched = replace(messages[0], target="Texto cero.")
    approved = replace(messages[0], fuzzy=False)
    other = replace(messages[0], draft="other 1")
    for message in (touched, approved, other):
        assert not stale((message, messages[1]), cached, offered, "en", "es", CHANGED)
    assert not stale(messages, cached, Offered(Drafts(None)), "en", "es", CHANGED)


def test_an_engine_that_reads_no_terms_has_nothing_stale(tmp_path: Path) -> None:
    messages, cached, offered = drafted(tmp_path)
    assert not stale(messages, cached, offered, "en", "es", CHANGED)


def test_what_people_made_of_drafts(tmp_path: Path) -> None:
    messages, _, offered = drafted(tmp_path)
    done = (replace(messages[0], target="Otra.", fuzzy=False), replace(messages[1], fuzzy=False))
    assert list(triples(done, "es", offered)) == [("The tariff is high.", "Texto 0.", "Otra.")]
    assert list(triples(done, "fr", offered)) == []
    assert list(triples(messages, "es", Offered(Drafts(tmp_path / "o")))) == []
