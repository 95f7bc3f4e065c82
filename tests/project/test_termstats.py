from __future__ import annotations

from pipeline.catalog.provenance import Provenance, draft_line, unusual
from pipeline.checks.terminology import disagreements
from pipeline.model import Catalog, Message
from pipeline.project.term_report import Cost, report
from pipeline.terminology.glossary_file import parse

GLOSSARY = parse(
    "terms:\n"
    "  - {term: tariff, pos: noun, targets: {es: {term: tarifa, gender: f, forbid: [arancel]}}}\n"
    "  - {term: quay, pos: noun, targets: {es: {term: muelle, gender: m}}}\n"
    "  - {term: Blue Line, pos: name, keep: true}\n"
)


def draft(source: str, target: str, note: str = "") -> Message:
    return Message(source, target, fuzzy=True, draft=f"engine 1{note and '; '}{note}")


def test_the_note_names_what_was_not_natural() -> None:
    assert unusual([("tarifa", "natural")]) == unusual([]) == ()
    found = unusual([("tarifa", "forced"), ("muelle", "natural"), ("Blue Line", "missing")])
    assert draft_line(Provenance(terms=found)) == "terms: “tarifa” forced, “Blue Line” missing"


def test_each_term_is_counted_by_how_it_came() -> None:
    messages = (
        draft("A tariff on the quay.", "Una tarifa en el muelle.", "terms: “tarifa” forced"),
        draft("The tariffs.", "Los aranceles.", "doubts; terms: “tarifa” missing"),
        draft("The tariff.", "La tarifa."),
        Message("The quay.", "El muelle."),
        Message("The quay is long.", "La dársena es larga."),
        Message("A tariff is a tariff.", "Un arancel es una tarifa."),
        Message("No tariff.", ""),
        Message("Old tariff.", "Vieja.", obsolete=True),
    )
    found = report({("a", "es"): Catalog("es", messages)}, GLOSSARY)
    fates = {fate.term: fate for fate in found.fates}
    assert dict(fates["tariff"].outcomes) == {"forced": 1, "natural": 1, "missing": 1}
    assert (fates["tariff"].approved, fates["tariff"].of_approved) == (1, 2)
    assert fates["tariff"].forbidden == 2
    assert fates["tariff"].consistency == 1.0
    assert (fates["quay"].approved, fates["quay"].of_approved) == (1, 2)
    assert found.costs == (Cost("es", 3, 1, 1),)
    assert [f.explanation for _, _, f in found.disagreeing] == [
        "“quay” is “muelle” in the glossary, which is not said",
        "“arancel” is what the glossary forbids for “tariff”; it is “tarifa”",
    ]


def test_a_name_that_stays_is_a_term_too() -> None:
    (found,) = disagreements(Message("The Blue Line.", "La Línea Azul."), "es", GLOSSARY)
    assert "Blue Line" in found.explanation
    assert not list(disagreements(Message("The Blue Line.", "La Blue Line."), "es", GLOSSARY))
    assert not list(disagreements(draft("The Blue Line.", "La Línea."), "es", GLOSSARY))
