"""Following the glossary with a model that knows nothing of it: tables, and the Argos engine."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import packages
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packages import TINY

from pipeline.engines.base import PROTECTED, Segment
from pipeline.engines.install import argos
from pipeline.engines.terms import agreement, grammar, inflection, predicates
from pipeline.errors import SettingsError
from pipeline.model import Constraint
from pipeline.text import lemmas

HOW = {"natural", "chosen", "forced", "spliced", "missing"}


@pytest.fixture(scope="module", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packages.no_home(tmp_path_factory):
        yield


@pytest.fixture(scope="module", autouse=True)
def _dictionaries() -> None:
    """Load them before the first example is timed."""
    for language in grammar.LANGUAGES:
        lemmas.lemma("hinojosas", language)
        lemmas.in_dictionary("hinojosas", language)


# Tables.

LEADS = [
    # language, before, noun, gender, number, what it should be
    ("es", "El ", "huelga", "f", "singular", "La "),
    ("es", "del nuevo ", "huelga", "f", "singular", "de la nueva "),
    ("es", "de la ", "arancel", "m", "singular", "del "),
    ("es", "a la ", "puerto", "m", "singular", "al "),
    ("es", "todos los ", "huelga", "f", "plural", "todas las "),
    ("es", "los dos ", "huelgas", "f", "plural", "las dos "),
    ("es", "por la ", "agua", "f", "singular", "por el "),
    ("es", "una ", "arma", "f", "singular", "un "),
    ("es", "la unión y ", "interés", "m", "singular", "la unión e "),
    ("es", "en su nuevo ", "huelga", "f", "singular", "en su nueva "),
    ("es", "nuestros ", "cooperativa", "f", "singular", "nuestra "),
    ("es", "La mujer ", "huelga", "f", "singular", "La mujer "),
    ("fr", "Le ", "grève", "f", "singular", "La "),
    ("fr", "de l'", "grève", "f", "singular", "de la "),
    ("fr", "du ", "union", "f", "singular", "de l'"),
    ("fr", "à la ", "port", "m", "singular", "au "),
    ("fr", "de la ", "ports", "m", "plural", "des "),
    ("fr", "Le nouveau ", "accord", "m", "singular", "Le nouvel "),
    ("fr", "un beau ", "digue", "f", "singular", "une belle "),
    ("fr", "ma ", "école", "f", "singular", "mon "),
    ("fr", "ce ", "accord", "m", "singular", "cet "),
    ("fr", "l’", "héros", "m", "singular", "le "),
    ("fr", "du ", "hôpital", "m", "singular", "de l'"),
    ("fr", "parce que ", "elles", "f", "plural", "parce qu'"),
    ("fr", "beaucoup d'", "grèves", "f", "plural", "beaucoup de "),
    ("pt", "do ", "greve", "f", "singular", "da "),
    ("pt", "pela ", "sindicato", "m", "singular", "pelo "),
    ("pt", "nas novas ", "sindicatos", "m", "plural", "nos novos "),
    ("pt", "à ", "imposto", "m", "singular", "ao "),
    ("pt", "daquele ", "greve", "f", "singular", "daquela "),
    ("pt", "numa ", "porto", "m", "singular", "num "),
    ("it", "del ", "sciopero", "m", "singular", "dello "),
    ("it", "i ", "scioperi", "m", "plural", "gli "),
    ("it", "nell'", "porto", "m", "singular", "nel "),
    ("it", "alla ", "azienda", "f", "singular", "all'"),
    ("it", "un ", "ora", "f", "singular", "un'"),
    ("it", "una ", "studente", "m", "singular", "uno "),
    ("it", "nella nuova ", "sindacato", "m", "singular", "nel nuovo "),
    ("it", "questi ", "diga", "f", "singular", "questa "),
    ("de", "die ", "Streik", "m", "singular", "die "),
]


@pytest.mark.parametrize(("language", "left", "noun", "gender", "number", "wanted"), LEADS)
def test_what_stands_before_a_noun_is_made_to_fit(
    language: str, left: str, noun: str, gender: str, number: str, wanted: str
) -> None:
    assert agreement.leads(left, noun, gender, number, language)[0] == wanted
    before = f"Ayer, {left}"
    assert agreement.leads(before, noun, gender, number, language)[0].casefold() == (
        f"Ayer, {wanted}".casefold()
    )
    assert agreement.agrees(wanted, noun, gender, number, language)
    assert agreement.agrees(left, noun, gender, number, language) == (left == wanted)


lefts = st.lists(
    st.sampled_from(
        "el la los del al le l' du des aux un une des cet nouvel nueva nuevos o da nos à degli"
        " dell' uno gran todos toutes y e de casa maison , \ue000 12 Été".split()
    ),
    max_size=8,
).map(lambda words: "".join(w if w.endswith("'") else w + " " for w in words))


@given(
    lefts,
    st.sampled_from(["huelga", "eau", "agua", "sciopero", "héros", "\ue001"]),
    st.sampled_from(["m", "f", ""]),
    st.sampled_from(["singular", "plural", ""]),
    st.sampled_from(["es", "fr", "it", "pt", "ru"]),
)
def test_what_fits_is_left_alone(
    left: str, noun: str, gender: str, number: str, language: str
) -> None:
    for fitted in agreement.leads(left, noun, gender, number, language):
        assert PROTECTED.findall(fitted) == PROTECTED.findall(left)
        assert fitted in agreement.leads(fitted, noun, gender, number, language)
    assert language != "ru" or agreement.leads(left, noun, gender, number, language) == (left,)


GROUPS = [
    # language, before, noun, gender, number, what it should be
    ("es", "El faro brilla en toda la ", "puerto", "m", "singular", "El faro brilla en todo el "),
    ("es", "el otro ", "huelga", "f", "singular", "la otra "),
    ("es", "de los otros dos ", "huelgas", "f", "plural", "de las otras dos "),
    ("es", "sobre todo el ", "huelga", "f", "singular", "sobre todo la "),
    ("es", "según lo cual la ", "puerto", "m", "singular", "según lo cual el "),
    ("es", "Esta semana ", "sindicatos", "m", "plural", "Esta semana "),
    ("es", "La prensa publica ", "informes", "m", "plural", "La prensa publica "),
    ("es", "su campaña ", "arancel", "m", "singular", "su campaña "),
    ("es", "uno u otro y a la ", "interés", "m", "singular", "uno u otro y al "),
    ("es", "un bien o el otro de la ", "puerto", "m", "singular", "un bien o el otro del "),
    ("es", "de el barro a la ", "puerto", "m", "singular", "de el barro al "),
    ("es", "La ONU visita LibreOffice y la ", "puerto", "m", "singular",
     "La ONU visita LibreOffice y el "),
    ("es", "El tren va de El ", "Prado", "m", "singular", "El tren va de El "),
    ("es", "las mucho más grandes ", "puertos", "m", "plural", "las mucho más grandes "),
    ("es", "por lo tanto tres ", "huelgas", "f", "plural", "por lo tanto tres "),
    ("es", "la bella ", "puerto", "n", "singular", "la bella "),
    ("fr", "le bruit de ", "le port", "m", "singular", "le bruit de "),
    ("fr", "Nous voyons tous des ", "digues", "f", "plural", "Nous voyons tous des "),
    ("fr", "avec tous les ", "digues", "f", "plural", "avec toutes les "),
    ("fr", "un belle ", "digue", "f", "singular", "une belle "),
    ("fr", "de vieux ", "ordinateurs", "m", "plural", "de vieux "),
    ("fr", "la harpiste du ", "digue", "f", "singular", "la harpiste de la "),
    ("fr", "le hublot et la ", "port", "m", "singular", "le hublot et le "),
    ("fr", "le onzième jour, le hasard du ", "eau", "f", "singular",
     "le onzième jour, le hasard de l'"),
    ("fr", "la houille au ", "eau", "f", "singular", "la houille à l'"),
    ("fr", "de le dire à la ", "port", "m", "singular", "de le dire au "),
    ("fr", "La SNCF dit à l’", "port", "m", "singular", "La SNCF dit au "),
    ("fr", "quel un ", "grève", "f", "singular", "quel une "),
    ("fr", "sous un certain ", "digue", "f", "singular", "sous une certaine "),
    ("fr", "mon ancienne ", "grève", "", "", "mon ancienne "),
    ("fr", "l'autre ", "ports", "m", "plural", "les autres "),
    ("pt", "ambos os ", "greves", "f", "plural", "ambas as "),
    ("pt", "em um ", "porto", "m", "singular", "em um "),
    ("pt", "de um ", "greve", "f", "singular", "de uma "),
    ("pt", "o meu ", "greve", "f", "singular", "a minha "),
    ("pt", "dos outros ", "greves", "f", "plural", "das outras "),
    ("pt", "a meu ", "greve", "f", "singular", "a minha "),
    ("pt", "O vento de a costa vem do ", "greve", "f", "singular", "O vento de a costa vem da "),
    ("pt", "em o campo vê a ", "porto", "m", "singular", "em o campo vê o "),
    ("pt", "ao evento ", "greve", "f", "singular", "ao evento "),
    ("pt", "Nesta semana ", "sindicatos", "m", "plural", "Nesta semana "),
    ("pt", "que resiste a ", "portos", "m", "plural", "que resiste a "),
    ("pt", "um dos ", "greves", "f", "plural", "um das "),
    ("it", "Alla fine ", "scioperi", "m", "plural", "Alla fine "),
    ("it", "una molto grande ", "porto", "m", "singular", "un molto grande "),
    ("it", "il suo ", "diga", "f", "singular", "la sua "),
    ("it", "degli altri ", "dighe", "f", "plural", "delle altre "),
    ("it", "uno dei due vede il ", "diga", "f", "singular", "uno dei due vede la "),
    ("it", "lo so, il ", "diga", "f", "singular", "lo so, la "),
    ("it", "questo anno una ", "sciopero", "m", "singular", "questo anno uno "),
    ("it", "di il mare e del ", "azienda", "f", "singular", "di il mare e dell'"),
    ("it", "quest'", "sciopero", "m", "singular", "questo "),
    ("it", "questa ", "azienda", "f", "singular", "questa "),
    ("it", "quell'antica ", "porto", "m", "singular", "quell'antico "),
    ("it", "Questa settimana ", "scioperi", "m", "plural", "Questa settimana "),
    ("it", "le stesse antiche ", "porti", "m", "plural", "gli stessi antichi "),
]  # fmt: skip


@pytest.mark.parametrize(("language", "left", "noun", "gender", "number", "wanted"), GROUPS)
def test_the_group_of_a_noun_changes_and_no_other_word(
    language: str, left: str, noun: str, gender: str, number: str, wanted: str
) -> None:
    assert agreement.leads(left, noun, gender, number, language)[0] == wanted
    assert agreement.leads(wanted, noun, gender, number, language)[0] == wanted


WORDS = {
    # what a group is made of; what can stand anywhere before one; nouns
    "es": (
        "el la los las un una unos esta aquel su mis otro otras todo todos al del a de ambos"
        " nuevo nueva buenos primer grandes dos más misma",
        "o y hoy que sobre uno mismo campaña obra ONU Él e u lo según",
        "huelga agua puertos interés ocho",
    ),
    "fr": (
        "le la l' les un une des du au aux de d' à que qu' ce cet cette mon ma toute tous certain"
        " nouveau nouvel belle vieux ancienne autres deux plus",
        "horde Honduras yéti houle jusque puisqu' et même LibreOffice À lui n' ne",
        "grève eau ports héros accord",
    ),
    "pt": (
        "o a os as um uma uns este aquela seu minhas outro todos ambas ao à do da dos em de no num"
        " por pelas novo nova bons primeira grandes três mais mesma",
        "e ou semana evento hoje para Órgão XML quando sobre",
        "greve portos imposto água",
    ),
    "it": (
        "il lo la l' i gli le un uno una un' dei degli delle del dello dall' nelle di da in su a"
        " quel quell' questo quest' suo mie altro tutta tutti nuovo bel bell' begli antiche buon"
        " grandi due più",
        "iodio horde el uomo settimana pneumatico e ne dire UE Però che con",
        "diga acqua scioperi zaino studente",
    ),
}


def _written(words: list[str]) -> str:
    return "".join(word if word.endswith("'") else word + " " for word in words)


@st.composite
def befores(draw: st.DrawFn) -> tuple[str, str, str, str, str, str]:
    """A language, what is far before a noun, its group, the noun, its gender and number."""
    language = draw(st.sampled_from(sorted(WORDS)))
    near, far, nouns = (text.split() for text in WORDS[language])
    return (
        language,
        _written(draw(st.lists(st.sampled_from(near + far), max_size=8))),
        _written(draw(st.lists(st.sampled_from(near), max_size=7))),
        draw(st.sampled_from(nouns)),
        draw(st.sampled_from(["m", "f", ""])),
        draw(st.sampled_from(["singular", "plural", ""])),
    )


@given(befores())
@example(("it", "", "degli la el da la el ", "acqua", "f", "singular"))
@example(("fr", "", "n'toute la ", "accord", "", "plural"))
@example(("it", "", "suoi vide sua bello ", "acqua", "m", "plural"))
def test_what_was_made_to_fit_is_settled(case: tuple[str, str, str, str, str, str]) -> None:
    language, far, near, noun, gender, number = case
    fitted = agreement.leads(far + near, noun, gender, number, language)
    assert agreement.leads(fitted[0], noun, gender, number, language)[0] == fitted[0]
    for one in fitted:
        assert one in agreement.leads(one, noun, gender, number, language)


VERBS = {"es": "dijo", "fr": "voit", "pt": "disse", "it": "vede"}


@given(befores())
def test_what_is_before_the_group_neither_changes_nor_matters(
    case: tuple[str, str, str, str, str, str],
) -> None:
    language, far, near, noun, gender, number = case
    left = f"{far}{VERBS[language]}  "
    alone = agreement.leads(near, noun, gender, number, language)
    together = agreement.leads(left + near, noun, gender, number, language)
    assert together == tuple(left + one for one in alone)


AFTER = [
    ("es", "La ", "obra", " fue escrito por dos.", "f", "singular", " fue escrita por dos."),
    ("es", "Los ", "diques", " estaban muy vieja.", "m", "plural", " estaban muy viejos."),
    ("es", "El ", "sindicato", " acusa al", "m", "singular", " acusa al"),
    ("es", "La casa del ", "sindicato", " es blanca.", "m", "singular", " es blanca."),
    ("es", "La ", "huelga", " es motivo de", "f", "singular", " es motivo de"),
    ("fr", "La ", "digue", " est vieux.", "f", "singular", " est vieille."),
    ("fr", "Les ", "digues", " ont été vendus.", "f", "plural", " ont été vendues."),
    ("fr", "Ils voient l'", "eau", " blanc.", "f", "singular", " blanche."),
    ("fr", "Le nom de l'", "école", " est connu.", "f", "singular", " est connu."),
    ("fr", "La ", "grève", " sur le port", "f", "singular", " sur le port"),
    ("it", "La ", "diga", " è vecchio.", "f", "singular", " è vecchia."),
    ("pt", "A ", "greve", " foi proibido.", "f", "singular", " foi proibida."),
    ("ru", "", "плотина", " старый", "f", "singular", " старый"),
    ("es", "Dicen que la ", "huelga", " muchas veces dura", "f", "singular", " muchas veces dura"),
    ("es", "El nivel del ", "agua", " solo subirá", "f", "singular", " solo subirá"),
    ("es", "La ", "huelga", " antes de abril", "f", "singular", " antes de abril"),
    ("es", "tres modos de ", "vida", " nuevos", "f", "singular", " nuevos"),
    ("es", "el barco y los ", "puertos", " están cerrados", "m", "plural", " están cerrados"),
    ("es", "las barcas y los ", "diques", " son viejas", "m", "plural", " son viejas"),
    ("es", "La ", "tasa", " mercado", "f", "singular", " mercado"),
    ("es", "El ", "embalse", " es buena.", "m", "singular", " es bueno."),
    ("es", "Los ", "años", " totalmente secos", "m", "plural", " totalmente secos"),
    ("es", "La ", "huelga", " árabo-suiza", "f", "plural", " árabo-suiza"),
    ("fr", "La ", "digue", " est magnifique", "m", "singular", " est magnifique"),
    ("it", "La ", "casa", " è venduto.", "f", "singular", " è venduta."),
    ("it", "Gli ", "argini", " sono bella.", "m", "plural", " sono belli."),
    ("fr", "déclare la ", "guerre", " aux pirates", "f", "singular", " aux pirates"),
    ("fr", "Les ", "digues", " sont deux fois", "f", "plural", " sont deux fois"),
    ("fr", "Les ", "digues", " sont mieux ici", "f", "plural", " sont mieux ici"),
    ("fr", "des chefs de ", "chantier", " actifs", "m", "singular", " actifs"),
    ("fr", "Mais les ports et la ", "digue", " sont vendus.", "f", "singular", " sont vendus."),
    ("fr", "Tard, et la ", "digue", " est vendu.", "f", "singular", " est vendue."),
    ("pt", "A ", "greve", " dos portos", "f", "singular", " dos portos"),
    ("pt", "a ", "greve", " às sete", "f", "singular", " às sete"),
    ("pt", "A ", "greve", " quando chove", "f", "singular", " quando chove"),
    ("pt", "As horas de ", "trabalho", " novas", "m", "singular", " novas"),
    ("it", "La ", "diga", " degli avi", "f", "singular", " degli avi"),
    ("it", "La ", "diga", " secondo lui", "m", "singular", " secondo lui"),
    ("it", "le ", "porte", " alla città", "f", "plural", " alla città"),
    ("it", "Tre posti di ", "lavoro", " nuovi", "m", "singular", " nuovi"),
    ("it", "la ", "porta", " denaro", "f", "singular", " denaro"),
]


@pytest.mark.parametrize(("language", "left", "noun", "right", "gender", "number", "wanted"), AFTER)
def test_what_comes_after_a_noun_is_made_to_fit(
    language: str, left: str, noun: str, right: str, gender: str, number: str, wanted: str
) -> None:
    assert predicates.after(left, right, gender, number, language) == wanted


@given(
    befores(),
    st.sampled_from(
        " nuevo blancas est vieux sono vecchia é aberto solo dos degli aux altri foi è stato più"
        " fue escrita muy mal veinte deux ports".split(" ")
    ),
)
def test_what_comes_after_is_settled_and_is_one_word_at_most(
    case: tuple[str, str, str, str, str, str], more: str
) -> None:
    language, left, right, _, gender, number = case
    right = f" {more} {right}" if more else f" {right}"
    fitted = predicates.after(left, right, gender, number, language)
    assert predicates.after(left, fitted, gender, number, language) == fitted
    words, before = fitted.split(" "), right.split(" ")
    assert len(words) == len(before)
    changed = [n for n, (old, new) in enumerate(zip(before, words, strict=True)) if old != new]
    assert len(changed) <= 1
    assert changed != [1] or not agreement.is_function_word(before[1], language)


def test_plurals_and_genders_are_guessed() -> None:
    assert inflection.plural("tasa de letalidad", "es") == "tasas de letalidad"
    assert inflection.plural("negociación colectiva", "es") == "negociaciones colectivas"
    assert inflection.plural("tribunal international", "fr") == "tribunaux internationaux"
    assert inflection.plural("direito", "pt") == "direitos"
    assert inflection.plural("medico", "it") == ""  # medici, but parchi
    assert inflection.guess_gender("negociación colectiva", "es") == "f"
    assert inflection.guess_gender("mouvement", "fr") == "m"
    assert inflection.guess_gender("virus", "es") == ""


# The engine.

STRIKE = {"term": "huelga", "plural": "huelgas", "gender": "f", "number": "singular"}
TARIFF = {"term": "arancel", "plural": "aranceles", "gender": "m", "number": "singular"}
UNION = {
    "term": "sindicato",
    "plural": "sindicatos",
    "gender": "m",
    "number": "singular",
    "forbid": ("unión",),
}


def segment(text: str, *terms: tuple[str, dict[str, Any]]) -> Segment:
    found, at = [], 0
    for source, wanted in terms:
        at = text.index(source, at)
        found.append(Constraint(at, at + len(source), pos="noun", **wanted))
        at += len(source)
    return Segment(text, constraints=tuple(found))


def kept(term: str) -> dict[str, Any]:
    return {"term": term, "keep": True}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "packages"
    for pair in ("en_es", "en_fr", "es_en"):
        archive = TINY.with_name(f"tiny-{pair}.argosmodel")
        if not archive.exists():
            pytest.skip("no tiny models here")
        argos.install_file(archive, into=folder)
    return folder


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Any:
    from pipeline.engines.argos.engine import ArgosEngine

    return ArgosEngine(folders=[tiny])


@pytest.fixture(scope="module")
def random_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.build_three(tmp_path_factory.mktemp("random"))


SEGMENTS = (
    segment("The strike began on Monday.", ("strike", STRIKE)),
    segment("The workers of the trade union are free.", ("trade union", UNION)),
    segment("They want the tariff and the strike.", ("tariff", TARIFF), ("strike", STRIKE)),
    segment("The strikes \ue000 were long.", ("strikes", {**STRIKE, "number": "plural"})),
    segment("My friend lives in Kvorlund.", ("Kvorlund", kept("Kvorlund"))),
    segment(
        "  The strike of (McArdle) \ue001 ended. ", ("strike", STRIKE), ("McArdle", kept("McArdle"))
    ),
)


def test_terms_are_said(engine: Any) -> None:
    from pipeline.engines.terms import assessment

    for asked, its in zip(SEGMENTS, engine.translate(SEGMENTS, "en", "es"), strict=True):
        best = its[0]
        assert "missing" not in best.terms
        assert PROTECTED.findall(best.text) == PROTECTED.findall(asked.text)
        for constraint in asked.constraints:
            assert assessment.occurrences(best.text, constraint, "es")
            assert not assessment.find_forms(best.text, constraint.forbid)
        assert len(best.terms) == len(asked.constraints)
    first = engine.translate(SEGMENTS[:1], "en", "es")[0][0]
    assert (first.text, first.terms) == ("La huelga comenzó el lunes.", ("forced",))


def test_white_space_before_a_text_moves_its_terms(engine: Any) -> None:
    blank = " " * 20
    near, far = engine.translate(
        [SEGMENTS[2], segment(blank + SEGMENTS[2].text, ("tariff", TARIFF), ("strike", STRIKE))],
        "en",
        "es",
    )
    assert far[0].text == blank + near[0].text
    assert far[0].terms == near[0].terms


def test_what_has_no_terms_is_as_before(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.engines.argos import engine as argos_engine
    from pipeline.engines.terms import alignment, constrained

    plain = [Segment(text) for text in packages.SENTENCES]
    off = argos_engine.ArgosEngine({"terms": False}, folders=[tiny])
    wanted = off.translate(plain, "en", "fr")
    on = argos_engine.ArgosEngine(folders=[tiny])
    with monkeypatch.context() as patch:
        patch.setattr(constrained, "follow", None)
        patch.setattr(alignment, "locate", None)
        patch.setattr(argos_engine.ArgosEngine, "aligner", None)
        assert on.translate(plain, "en", "fr") == wanted
    mixed = on.translate([SEGMENTS[0], *plain, SEGMENTS[1]], "en", "fr")
    assert mixed[1:-1] == wanted
    assert off.translate(SEGMENTS, "en", "es")[0][0].terms == ()


def test_a_segment_hangs_on_itself_alone(engine: Any) -> None:
    together = engine.translate(SEGMENTS, "en", "es")
    alone = [engine.translate([one], "en", "es")[0] for one in SEGMENTS]
    assert [its[0].text for its in together] == [its[0].text for its in alone]
    assert [its[0].terms for its in together] == [its[0].terms for its in alone]


def test_the_model_may_have_the_term_itself(engine: Any) -> None:
    house = {"term": "casa", "plural": "casas", "gender": "f", "number": "singular"}
    asked = segment("Where is the house?", ("house", house))
    plain, its = engine.translate([Segment(asked.text), asked], "en", "es")
    assert its[0].terms == ("natural",)
    assert [one.text for one in its] == [one.text for one in plain]
    released = {"term": "publicar", "forms": ("publicados",)}
    verb = segment("All prisoners must be released.", ("released", released))
    verb = replace(verb, constraints=(replace(verb.constraints[0], pos="verb"),))
    said = engine.translate([verb], "en", "es")[0]
    assert said[0].terms == ("chosen",)
    assert "publicados" in said[0].text
    strange = replace(verb.constraints[0], term="excarcelar", forms=())
    said = engine.translate([replace(verb, constraints=(strange,))], "en", "es")[0]
    assert said[0].terms == ("missing",)  # a verb is never forced


AGREE = {
    "es": [
        ("The bridge is closed.", "bridge", ("viaducto", "m"), "El viaducto ", "cerrado"),
        ("The car was very expensive.", "car", ("furgoneta", "f"), "La furgoneta ", "cara"),
        ("He spoke of the war.", "war", ("contienda", "f"), "de la contienda", ""),
        ("My house is small.", "house", ("vivienda", "f"), "Mi vivienda ", "pequeña"),
        ("He went to the market.", "market", ("feria", "f"), "a la feria", ""),
        ("The new school is big.", "school", ("instituto", "m"), "El nuevo instituto", "grande"),
        (
            "She opened the old door.",
            "door",
            ("portón", "m"),
            "el viejo portón|el portón viejo",
            "",
        ),
        ("The door is open.", "door", ("portón", "m"), "El portón ", "abierto"),
    ],
    "fr": [
        ("The door is closed.", "door", ("portail", "m"), "Le portail ", "fermé"),
        ("The dog is old.", "dog", ("ânesse", "f"), "L'ânesse ", "vieille"),
        ("He spoke of the war.", "war", ("embargo", "m"), "de l'embargo", ""),
        ("My house is small.", "house", ("appartement", "m"), "Mon appartement ", "petit"),
        ("He went to the market.", "market", ("foire", "f"), "à la foire|dans la foire", ""),
        ("This school is very good.", "school", ("atelier", "m"), "Cet atelier", ""),
        ("The book is new.", "book", ("affiche", "f"), "L'affiche ", "nouvelle|neuve"),
    ],
}


@pytest.mark.parametrize("language", list(AGREE))
def test_the_words_around_a_term_fit_it(engine: Any, language: str) -> None:
    cases = AGREE[language]
    asked = [
        segment(text, (word, {"term": term, "gender": gender, "number": "singular"}))
        for text, word, (term, gender), _, _ in cases
    ]
    drafts = [its[0].text for its in engine.translate(asked, "en", language)]
    wrong = [
        draft
        for draft, (_, _, _, before, after) in zip(drafts, cases, strict=True)
        if not any(b.casefold() in draft.casefold() for b in before.split("|"))
        or not any(a in draft for a in after.split("|"))
    ]
    assert len(wrong) <= 0.05 * len(cases), wrong


def test_terms_survive_a_pivot(engine: Any) -> None:
    text = "Mi amigo de Kvorlund tiene una casa grande."
    asked = segment(
        text,
        ("Kvorlund", kept("Kvorlund")),
        ("casa", {"term": "villa", "plural": "villas", "gender": "f", "number": "singular"}),
    )
    best = engine.translate([Segment(text), asked], "es", "fr")[1][0]
    assert "Kvorlund" in best.text
    assert "une villa" in best.text or "une grande villa" in best.text
    assert "missing" not in best.terms


def test_beam_of_one_and_the_switch(tiny: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    narrow = ArgosEngine({"beam": 1}, folders=[tiny])
    assert narrow.translate(SEGMENTS, "en", "es")[0][0].text == "La huelga comenzó el lunes."
    assert narrow.reads == ("constraints",)
    assert ArgosEngine(folders=[tiny]).signature("en", "es") == "argos en→es 0.1"
    off = ArgosEngine({"terms": False}, folders=[tiny])
    assert off.signature("en", "es") == "argos en→es 0.1 (no terms)"
    with pytest.raises(SettingsError, match="terms: 1 is neither true nor false"):
        ArgosEngine({"terms": 1})


words = st.sampled_from(
    "The strike cat house \ue000 \ue001 of in, “We” don't 1,250 (why) é … 中 ﬁne a_b".split()
)
terms = st.sampled_from(
    [
        STRIKE,
        UNION,
        {"term": "Été", "number": "plural"},
        {"term": "eau", "plural": "eaux", "gender": "f"},
        {"term": "rouge", "forms": ("rouges",)},
        kept("Ωmega-7_x"),
        {"term": "1918 (gripe)", "forbid": ("the", "cat")},
    ]
)


@pytest.fixture(scope="module")
def random_engines(random_packages: Path) -> dict[int, Any]:
    from pipeline.engines.argos.engine import ArgosEngine

    return {n: ArgosEngine({"beam": n}, folders=[random_packages]) for n in (1, 4)}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(words, min_size=1, max_size=9),
    st.lists(st.tuples(st.integers(0, 8), terms, st.sampled_from(["noun", "adj", "verb", "name"]))),
    st.sampled_from(["es", "fr", "pt"]),
    st.sampled_from([1, 4]),
)
def test_any_weights_are_survived(
    random_engines: dict[int, Any],
    text: list[str],
    wanted: list[tuple[int, dict[str, Any], str]],
    target: str,
    beam: int,
) -> None:
    """Random weights say anything; what is said of the terms is true all the same."""
    from pipeline.engines.terms import assessment

    starts = [sum(len(word) + 1 for word in text[:n]) for n in range(len(text))]
    constraints = {
        at: Constraint(starts[at], starts[at] + len(text[at]), pos=pos, **its)
        for at, its, pos in wanted
        if at < len(text)
    }
    asked = Segment(
        " ".join(text), constraints=tuple(constraints[at] for at in sorted(constraints))
    )
    engine = random_engines[beam]
    (found,) = engine.translate([asked], "en", target)
    (plain,) = engine.translate([Segment(asked.text)], "en", target)
    if not constraints or not any(map(str.isalpha, asked.text)):
        assert found == plain
        return
    for one in found:
        assert len(one.terms) == len(constraints)
        assert set(one.terms) <= HOW
        for constraint, how in zip(asked.constraints, one.terms, strict=True):
            there = assessment.occurrences(one.text, constraint, target)
            assert there or how == "missing"
            assert constraint.pos != "verb" or how in {"missing", "natural", "chosen"}
            assert not constraint.keep or how == "missing" or constraint.term in one.text
    if target != "pt":  # the text between is another one where a name was put in
        assert {one.text for one in plain} <= {one.text for one in found}


# Attention.


def _without_attributes(model: bytes) -> bytes:
    """What a converter from before CTranslate2 2.9 writes: it says nothing of heads."""
    for name in (b"decoder/alignment_layer\0", b"decoder/alignment_heads\0"):
        at = model.index(name) - 2
        model = model[:at] + model[at + 2 + len(name) + 1 + 1 + 4 + 2 :]
    (size,) = struct.unpack_from("<H", model, 4)
    at = 4 + 2 + size + 4
    (count,) = struct.unpack_from("<I", model, at)
    return model[:at] + struct.pack("<I", count - 2) + model[at + 4 :]


def test_all_heads_are_asked(random_packages: Path) -> None:
    import ctranslate2

    from pipeline.engines.argos.attention import all_heads

    folder = random_packages / "en_es" / "model"
    model = (folder / "model.bin").read_bytes()
    rest = {f.name: f.read_bytes() for f in folder.iterdir() if f.name != "model.bin"}
    patched = all_heads(model)
    assert patched
    assert len(patched) == len(model)
    assert all_heads(patched) is None
    inserted = all_heads(_without_attributes(model))
    assert inserted
    rows = []
    for data in (model, patched, inserted):
        translator = ctranslate2.Translator(str(folder), files={**rest, "model.bin": data})
        (result,) = translator.translate_batch(
            [["▁The", "▁c", "a", "t"]], target_prefix=[["▁The"]], return_attention=True
        )
        rows.append(result.attention[0][0])
        assert result.hypotheses[0]
    assert rows[1] == rows[2]
    assert rows[0] != rows[1]
    for broken in (b"", model[:50], b"\0" * 100, b"\xff" * 64):
        assert all_heads(broken) is None


def test_the_patched_model_is_used(random_packages: Path) -> None:
    from pipeline.engines.argos.engine import ArgosEngine

    engine = ArgosEngine(folders=[random_packages])
    hop = engine._chain("en", "fr")[0]
    assert engine.aligner(hop) is not engine.translator(hop)
    assert engine.aligner(hop) is engine.aligner(hop)
