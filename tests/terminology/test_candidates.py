from __future__ import annotations

from pipeline.terminology.extraction import corrected, recurring

SENTENCES = [
    "The harbour authority closed the quay in Arvensund.",
    "Nobody at the harbour authority answered.",
    "We asked the harbour authority and the people of Arvensund.",
    "The people sailed to Arvensund.",
    "The Port Union met, and Port Union members sang.",
    "A member of the Port Union spoke.",
    "It rained. It rained. It rained.",
]


def test_names_and_terms_of_several_words_are_found_and_fragments_are_not() -> None:
    found = {c.term: (c.count, c.name) for c in recurring(SENTENCES * 2, lambda term: False)}
    assert found["harbour authority"] == (6, False)
    assert found["Arvensund"] == (6, True)
    assert found["Port Union"] == (6, True)
    assert not {"harbour", "the harbour", "of Arvensund", "It", "Port", "It rained"} & set(found)


def test_what_the_glossary_knows_is_left_out() -> None:
    found = recurring(SENTENCES * 2, lambda term: term == "arvensund")
    assert "Arvensund" not in {c.term for c in found}
    assert found[0].sentence in SENTENCES


def test_nothing_recurs_in_nothing() -> None:
    assert recurring([], bool) == []
    assert corrected([]) == []


def test_what_translators_change_again_and_again_and_of_which_source_word() -> None:
    triples = [
        ("The tariff is high.", "El impuesto es alto.", "El arancel es alto."),
        ("They cut the tariff today.", "Hoy bajaron el impuesto.", "Hoy bajaron el arancel."),
        ("No tariff was agreed.", "No se acordó impuesto.", "No se acordó arancel."),
        ("The quay is high.", "El muelle es alto.", "El muelle es alto."),
    ]
    (found,) = corrected(triples)
    assert (found.before, found.after, found.count, found.term) == (
        "impuesto",
        "arancel",
        3,
        "tariff",
    )
