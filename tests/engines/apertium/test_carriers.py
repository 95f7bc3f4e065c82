"""Terms of the glossary in drafts by Apertium: carriers, and what becomes of them."""

from __future__ import annotations

import os
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.apertium import carriers, stream, tally
from pipeline.engines.apertium import engine as apertium_engine
from pipeline.engines.apertium import wanted as apertium_wanted
from pipeline.engines.apertium.wanted import Dictionary, Wanted, Way
from pipeline.engines.base import PROTECTED, Segment
from pipeline.model import Constraint

NOTHING = Dictionary()


def constraint(text: str, words: str, term: str, **more: object) -> Constraint:
    """Return one for where `words` stand in `text`."""
    start = text.index(words)
    return Constraint(start, start + len(words), term, **more)  # type: ignore[arg-type]


def noun(text: str, words: str, one: str, many: str, gender: str, number: str = "") -> Wanted:
    asked = constraint(text, words, one, plural=many, gender=gender, number=number, pos="noun")
    return apertium_wanted.wanted(asked, 0, text, "en", "es", NOTHING)


# The stream format.

MARKED = st.lists(
    st.tuples(st.text("aé .[]\\/^$xq~*\ue000", max_size=8), st.text("bñ", min_size=1, max_size=4)),
    max_size=4,
)


@settings(deadline=None)
@given(MARKED, st.text("z.![\\", max_size=4), st.booleans())
def test_marks_come_back_where_they_were(
    parts: list[tuple[str, str]], end: str, words: bool
) -> None:
    text = "".join(
        f"{before}{stream.opening(n)}{word}{stream.CLOSE}" for n, (before, word) in enumerate(parts)
    )
    block = stream.encode(text + end, words=words, marks=True)
    assert stream.decode(text + end, block, marks=True) == (text + end, [])


def test_blanks_of_words_that_became_one() -> None:
    said, unknown = stream.decode("x.", "[[t:g:1; t:g:2; t:g:1]]del *mar[[/]].", marks=True)
    assert said == f"{stream.opening(1)}{stream.opening(2)}del mar{stream.CLOSE}."
    assert unknown == ["mar"]


# Into the source and out of the draft.

WORDS = ["the", "cat", "sees", "an", "old", "\ue000", "(so", "far),", "l'eau", "U.S."]


@settings(deadline=None)
@given(st.data())
def test_only_what_was_carried_changes(data: st.DataObject) -> None:
    """What is not a term comes out as it went in, where nothing translates."""
    words = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9))
    which = data.draw(st.sets(st.integers(0, len(words) - 1)))
    wants, expected, at = [], [], 0
    for n, word in enumerate(words):
        if n in which and not PROTECTED.search(word):
            keep = data.draw(st.booleans())
            one = Constraint(at, at + len(word), "Zed" if keep else "zed", keep=keep)
            wants.append(apertium_wanted.wanted(one, n, " ".join(words), "en", "en", NOTHING))
            expected.append("Zed" if keep else "zed")
        else:
            expected.append(word)
        at += len(word) + 1
    loaded = carriers.load(" ".join(words), wants, "en")
    assert loaded is not None
    done = carriers.unload(loaded, loaded.text, "en")
    assert done.put == {one.place for one in wants}
    want = re.sub(r"\ban (?=zed)", "a ", " ".join(expected).casefold())
    assert done.text.casefold().removesuffix(".") == want.removesuffix(".")  # that of U.S. stays


def test_a_text_that_has_marks_already_takes_none() -> None:
    text = f"the {stream.opening(3)}cat"
    assert carriers.load(text, [noun(text, "the", "vaca", "vacas", "f")], "en") is None


@pytest.mark.parametrize(
    ("text", "form", "number", "loaded", "draft", "said"),
    [
        ("Cats ran.", "f", "plural", "<Libraries> ran.", "Las <bibliotecas> .", "Las vacas ."),
        ("the cat ran", "m", "singular", "the <museum> ran", "el <museo> .", "el buey ."),
        ("THE CAT", "m", "singular", "THE <MUSEUM>", "EL <MUSEO>", "EL BUEY"),
        ("The cat", "f", "singular", "The <library>", "<La> <biblioteca> x", "La vaca x"),
        ("The cat", "f", "singular", "The <library>", "<de la biblioteca>", "de la vaca"),
        ("A cat", "f", "singular", "A <library>", "una <biblioteca>, <biblioteca>", ""),
        ("A cat", "f", "singular", "A <library>", "una biblioteca", "una vaca"),
        ("A cat", "f", "singular", "A <library>", "una <librería>", ""),
        ("Cats", "f", "plural", "<Libraries>", "Una <Biblioteca>", "Una vaca"),
        ("Cats", "f", "plural", "<Libraries>", "<Bibliotecas>", "Vacas"),
        ("a cat-x", "m", "singular", "a <museum>-x", "un <museo>de x", "un buey de x"),
    ],
)  # fmt: skip
def test_carrier(text: str, form: str, number: str, loaded: str, draft: str, said: str) -> None:
    """Angle brackets stand for marks; nothing is said where the carrier is not there once."""
    words = re.search("cats?", text, re.IGNORECASE)
    assert words
    one = noun(text, words[0], *(("vaca", "vacas") if form == "f" else ("buey", "bueyes")), form,
               number)  # fmt: skip
    load = carriers.load(text, [one], "en")
    assert load
    assert load.text.replace(stream.opening(0), "<").replace(stream.CLOSE, ">") == loaded
    marked = draft.replace("<", stream.opening(0)).replace(">", stream.CLOSE)
    done = carriers.unload(load, marked, "es")
    assert (done.text if done.put else "") == said
    assert not stream.MARK.search(done.text)


@pytest.mark.parametrize(
    ("target", "draft", "term", "gender", "said"),
    [
        ("fr", "prix du <musée>", "abri", "m", "prix de l'abri"),
        ("fr", "Le <musée>", "abri", "m", "L'abri"),
        ("fr", "ce <musée>", "abri", "m", "cet abri"),
        ("fr", "O’Hale et la <bibliothèque>", "honte", "f", "O’Hale et la honte"),
        ("it", "nel <museo>", "scudo", "m", "nello scudo"),
        ("it", "della <biblioteca>", "acqua", "f", "dell'acqua"),
        ("it", "i <musei>", "amici", "m", "gli amici"),
        ("es", "la <biblioteca>", "arma", "f", "el arma"),
        ("es", "sal y <biblioteca>", "hielera", "f", "sal y hielera"),
        ("es", "padre y <biblioteca>", "hija", "f", "padre e hija"),
        ("pt", "da <biblioteca>", "arma", "f", "da arma"),
        ("fr", "la <bibliothèque>", "La Haye", "f", "La Haye"),
    ],
)
def test_words_before_a_term_fit_its_sound(
    target: str, draft: str, term: str, gender: str, said: str
) -> None:
    number = "plural" if "musei" in draft else "singular"
    one = Wanted(Constraint(0, 1, term), 0, Way.NOUN, {(gender, number): term}, gender, number)
    loaded = carriers.load("x", [one], "en")
    assert loaded
    marked = draft.replace("<", stream.opening(0)).replace(">", stream.CLOSE)
    assert carriers.unload(loaded, marked, target).text == said


@pytest.mark.parametrize(
    ("draft", "said"),
    [("es <caro>", "es sano"), ("son <caras>", "son sanas"), ("Una <cara> x", "Una sana x")],
)
def test_adjective_takes_the_form_of_its_carrier(draft: str, said: str) -> None:
    text = "a healthy one"
    one = apertium_wanted.wanted(
        constraint(text, "healthy", "sano", pos="adj"), 0, text, "en", "es", NOTHING
    )
    loaded = carriers.load(text, [one], "en")
    assert loaded
    marked = draft.replace("<", stream.opening(0)).replace(">", stream.CLOSE)
    assert carriers.unload(loaded, marked, "es").text == said


# What is wanted.

LEXICON: dict[str, list[apertium_wanted.Reading]] = {
    "vacuna": [("vacuna", ("n", "f", "sg"))],
    "aéreo": [("aéreo", ("adj", "m", "sg"))],
    "ataque": [("ataque", ("n", "m", "sg")), ("atacar", ("vblex", "prs", "p3", "sg"))],
    "de": [("de", ("pr",))],
    "aislar": [("aislar", ("vblex", "inf"))],
    "gafas": [("gafa", ("n", "f", "pl"))],
    "Roma": [("Roma", ("np", "loc"))],
    "sirio": [("sirio", ("adj", "m", "sg"))],
}
FORMS: dict[apertium_wanted.Reading, str] = {
    ("vacuna", ("n", "f", "pl")): "vacunas",
    ("aéreo", ("adj", "m", "pl")): "aéreos",
    ("ataque", ("n", "m", "pl")): "ataques",
    ("sirio", ("adj", "f", "pl")): "sirias",
}
KNOWN = Dictionary(lambda word: LEXICON.get(word, ()), lambda reading: FORMS.get(reading, ""))


@pytest.mark.parametrize(
    ("term", "more", "way", "form"),
    [
        ("vacuna", {}, Way.NOUN, "vacuna"),
        ("vacuna", {"number": "plural"}, Way.NOUN, "vacunas"),
        ("ataque aéreo", {"number": "plural"}, Way.NOUN, "ataques aéreos"),
        ("vacuna de ataque", {"number": "plural"}, Way.NOUN, "vacunas de ataque"),
        ("gafas", {"number": "singular"}, Way.NOUN, "gafas"),
        ("brote", {"number": "plural"}, Way.NOUN, "brotes"),
        ("brote", {"number": "plural", "plural": "brotazos"}, Way.NOUN, "brotazos"),
        ("EPI", {"number": "plural"}, Way.NOUN, "EPI"),
        ("aislar", {}, Way.CHECK, "aislar"),
        ("aislar", {"gender": "m"}, Way.NOUN, "aislar"),
        ("vacuna", {"pos": "verb"}, Way.CHECK, "vacuna"),
        ("vacuna", {"keep": True}, Way.TOKEN, "vacuna"),
        ("Roma", {"pos": "name"}, Way.TOKEN, "Roma"),
        ("Roma", {"pos": "name", "gender": "f"}, Way.NOUN, "Roma"),
        ("de", {}, Way.TOKEN, "de"),
        ("sirio", {}, Way.ADJECTIVE, "sirio"),
    ],
)
def test_what_is_wanted(term: str, more: dict[str, object], way: Way, form: str) -> None:
    one = apertium_wanted.wanted(
        constraint("the x", "x", term, **more), 0, "the x", "en", "es", KNOWN
    )
    assert (one.way, one.form) == (way, form)


def test_forms_of_an_adjective() -> None:
    one = apertium_wanted.wanted(constraint("x", "x", "sirio"), 0, "x", "en", "es", KNOWN)
    assert set(one.forms.values()) == {"sirio", "sirios", "siria", "sirias"}
    only = constraint("x", "x", "sirio", forms=("sirios",), pos="adj")
    assert set(apertium_wanted.wanted(only, 0, "x", "en", "es", KNOWN).forms.values()) == {
        "sirio",
        "sirios",
    }


# Whether it is there.


@pytest.mark.parametrize(
    ("draft", "met", "forbidden"),
    [
        ("El brote crece.", (True, False), 0),
        ("Los brotes crecen y un brote.", (True, True), 0),
        ("El brotecito.", (False, False), 0),
        ("El estallido de brotes.", (True, False), 1),
    ],
)
def test_tally_counts_each_place_once(draft: str, met: tuple[bool, ...], forbidden: int) -> None:
    one = Constraint(0, 1, "brote", "brotes", forbid=("estallido",))
    found = tally.tally(draft, [one, one], "es")
    assert (found.met, found.forbidden) == (met, forbidden)


def test_what_was_put_in_uses_up_its_place() -> None:
    one = Constraint(0, 1, "brote")
    assert tally.tally("Un brote.", [one, one], "es", put=frozenset({1})).met == (False, True)


def test_a_noun_with_two_forms_is_not_met_by_a_third() -> None:
    one = Constraint(0, 1, "doctoresse", "doctoresses", gender="f", pos="noun")
    assert tally.tally("Le docteur dort.", [one], "fr").met == (False,)
    assert tally.tally("Les doctoresses.", [one], "fr").met == (True,)


def test_what_the_engine_says_beside_the_term_is_told() -> None:
    one = Constraint(0, 1, "scritto")
    assert tally.tally("Ha scritto una lettera.", [one], "it", ["lettera"]).stale == {0}


def test_splice_only_where_there_is_one_rendering() -> None:
    text = "the cat"
    one = noun(text, "cat", "abri", "abris", "m", "singular")
    assert carriers.splice("La vache est là.", one, ["vache"], "fr") == "L'abri est là."
    assert carriers.splice("La vache, une vache.", one, ["vache"], "fr") == ""
    assert carriers.splice("Le bœuf.", one, ["", "vache"], "fr") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("O área é novo.", "A área é nova.", True),
        ("La digue est vieux.", "La digue est vieille.", True),
        ("La digue est vieux.", "La digue est là.", False),
        ("Una dos.", "Una dos tres.", False),
    ],
)
def test_akin(one: str, other: str, same: bool) -> None:
    language = "pt" if "área" in one else "fr" if "digue" in one else "es"
    assert tally.akin(one, other, language) is same


# With Apertium: whether the words around a term agree with it.

TERMS = {
    "strike": {"es": "huelga huelgas f", "fr": "grève grèves f", "pt": "greve greves f",
               "it": "sciopero scioperi m"},
    "convoy": {"es": "caravana caravanas f", "fr": "caravane caravanes f",
               "pt": "caravana caravanas f", "it": "carovana carovane f"},
    "curfew": {"es": "toque_de_queda toques_de_queda m", "fr": "couvre-feu couvre-feux m",
               "pt": "toque_de_recolher toques_de_recolher m", "it": "coprifuoco coprifuochi m"},
    "shelter": {"es": "refugio refugios m", "fr": "abri abris m", "pt": "abrigo abrigos m",
                "it": "rifugio rifugi m"},
    "camp": {"es": "asentamiento asentamientos m", "fr": "installation installations f",
             "pt": "assentamento assentamentos m", "it": "insediamento insediamenti m"},
    "gun": {"es": "arma armas f", "fr": "arme armes f", "pt": "arma armas f", "it": "arma armi f"},
    "checkpoint": {"es": "puesto_de_control puestos_de_control m",
                   "fr": "poste_de_contrôle postes_de_contrôle m",
                   "pt": "posto_de_controle postos_de_controle m",
                   "it": "posto_di_blocco posti_di_blocco m"},
    "report": {"es": "memoria memorias f", "fr": "étude études f", "pt": "relatório relatórios m",
               "it": "relazione relazioni f"},
    "drug": {"es": "fármaco fármacos m", "fr": "médicament médicaments m",
             "pt": "fármaco fármacos m", "it": "farmaco farmaci m"},
    "student": {"es": "alumna alumnas f", "fr": "écolière écolières f", "pt": "aluna alunas f",
                "it": "studentessa studentesse f"},
}  # fmt: skip
"""Singular, plural and gender: mostly not what Apertium says by itself, or of another gender."""

AGREEMENT = """
The strike was condemned.
    es La huelga \\w+ condenada | fr La grève a été condamnée
    pt A greve \\w+ condenada | it Lo sciopero fu condannato
The strikes were condemned.
    es Las huelgas \\w+ condenadas | fr Les grèves ont été condamnées
    pt As greves \\w+ condenadas | it Gli scioperi furono condannati
The strikes are new.
    es Las huelgas son nuevas | fr Les grèves sont nouvelles
    pt As greves são novas | it Gli scioperi sono nuovi
They saw a new convoy.
    es una caravana nueva | fr une caravane nouvelle
    pt uma caravana nova | it una carovana nuova
The convoys were attacked.
    es Las caravanas \\w+ atacadas | fr Les caravanes ont été attaquées
    pt As caravanas \\w+ atacadas | it Le carovane furono attaccate
It is the end of the curfew.
    es del toque de queda | fr du couvre-feu | pt do toque de recolher | it del coprifuoco
The shelter is old.
    es El refugio es viejo | fr L'abri est vieux | pt O abrigo é velho | it Il rifugio è vecchio
The old shelter was closed.
    es El refugio viejo \\w+ cerrado | fr L'abri vieux a été fermé
    pt O abrigo velho \\w+ (?:fechado|encerrado) | it Il rifugio vecchio fu chiuso
The doors of the shelter are clean.
    es del refugio son limpias | fr de l'abri | pt do abrigo são limpas | it del rifugio
He went to the camp.
    es al asentamiento | fr à l'installation | pt ao assentamento | it all'insediamento
The camps were destroyed.
    es Los asentamientos \\w+ destruidos | fr Les installations ont été détruites
    pt Os assentamentos \\w+ destruídos | it Gli insediamenti furono distrutti
In the camp there is a school.
    es En el asentamiento | fr (?:Dans|En|À) l'installation | pt No assentamento
    it Nell'insediamento
The gun is expensive.
    es El arma es cara | fr L'arme est chère | pt A arma é cara | it L'arma è cara
The guns are expensive.
    es Las armas son caras | fr Les armes sont chères | pt As armas são caras
    it Le armi sono care
He lost the gun.
    es el arma | fr l'arme | pt a arma | it l'arma
They opened the checkpoint.
    es el puesto de control | fr le poste de contrôle | pt o posto de controle
    it il posto di blocco
The new checkpoints were closed.
    es Los puestos de control nuevos \\w+ cerrados
    fr Les postes de contrôle nouveaux ont été fermés
    pt Os postos de controle novos \\w+ (?:fechados|encerrados)
    it I posti di blocco nuovi furono chiusi
A report was found.
    es Una memoria \\w+ encontrada | fr Une étude a été trouvée
    pt Um relatório \\w+ encontrado | it Una relazione fu trovata
The author of the report is old.
    es de la memoria | fr de l'étude | pt do relatório | it della relazione
The drugs are expensive.
    es Los fármacos son caros | fr Les médicaments sont chers | pt Os fármacos são caros
    it I farmaci sono cari
This drug is expensive.
    es Este fármaco es caro | fr Ce médicament est cher | pt Este fármaco é caro
    it Questo farmaco è caro
The price of the drug is high.
    es del fármaco | fr du médicament | pt do fármaco | it del farmaco
This student is old.
    es Esta alumna es vieja | fr Cette écolière est vieille | pt Esta aluna é velha
    it Questa studentessa è vecchia
The students were arrested.
    es Las alumnas \\w+ (?:arrestadas|detenidas) | fr Les écolières ont été arrêtées
    pt As alunas \\w+ (?:presas|detidas) | it Le studentesse furono arrestate
She wrote to the student.
    es a la alumna | fr à l'écolière | pt à aluna | it alla studentessa
The house of the student is new.
    es de la alumna es nueva | fr de l'écolière est nouvelle | pt da aluna é nova
    it della studentessa è nuova
"""
"""English, and what the draft must have by the grammar of each language; article, adjective,
participle and contraction. Word order and the choice of words around a term are not judged."""

AIM = 0.95


def _rows() -> list[tuple[str, dict[str, str]]]:
    rows: list[tuple[str, dict[str, str]]] = []
    for line in AGREEMENT.strip().splitlines():
        if not line.startswith(" "):
            rows.append((line, {}))
            continue
        for cell in re.split(r"\s\|\s", line.strip()):
            language, _, wanted = cell.partition(" ")
            rows[-1][1][language] = wanted
    return rows


def _need(target: str) -> apertium_engine.ApertiumEngine:
    engine = _engine()
    if not engine.serves("en", target):
        reason = f"Apertium does not serve en → {target} here (make engines)"
        if "apertium" in os.environ.get("PIPELINE_REQUIRE", "").replace(",", " ").split():
            pytest.fail(reason)
        pytest.skip(reason)
    return engine


@cache
def _engine() -> apertium_engine.ApertiumEngine:
    return apertium_engine.ApertiumEngine()


def segment(text: str, language: str) -> Segment:
    found = []
    for match in re.finditer(rf"\b({'|'.join(TERMS)})(s?)\b", text):
        one, many, gender = (w.replace("_", " ") for w in TERMS[match[1]][language].split())
        number = "plural" if match[2] else "singular"
        found.append(Constraint(*match.span(), one, many, number, gender, "noun"))
    return Segment(text, constraints=tuple(found))


@pytest.mark.apertium
@pytest.mark.parametrize("target", ["es", "fr", "pt_BR", "it"])
def test_agreement(target: str) -> None:
    language = target[:2]
    engine = _need(target)
    rows = _rows()
    assert len(rows) >= 25
    drafts = engine.translate([segment(text, language) for text, _ in rows], "en", target)
    wrong = []
    for (text, wanted), hypotheses in zip(rows, drafts, strict=True):
        best = hypotheses[0]
        assert set(best.terms) <= {"natural", "forced"}, (text, best)
        if not re.search(rf"(?<!\w)(?:{wanted[language]})(?!\w)", best.text, re.IGNORECASE):
            wrong.append(f"{text} → {best.text} (wanted: {wanted[language]})")
    print(*wrong, sep="\n")
    assert len(wrong) <= (1 - AIM) * len(rows), "\n".join(wrong)


@pytest.mark.apertium
def test_gender_that_the_engine_does_not_know_of_its_own_word() -> None:
    """Apertium takes the article of «el área» for a masculine one."""
    engine = _need("pt_BR")
    text = "The area is new."
    area = constraint(text, "area", "área", plural="áreas", gender="f", pos="noun")
    best, plain = engine.translate([Segment(text, constraints=(area,))], "en", "pt_BR")[0]
    assert (plain.text, plain.terms) == ("O área é nova.", ("natural",))
    assert (best.text, best.terms) == ("A área é nova.", ("natural",))


@pytest.mark.apertium
def test_a_term_is_not_lost_to_the_agreement_of_another() -> None:
    engine = _need("es")
    text = "The area of the station is new."
    area = constraint(text, "area", "área", plural="áreas", gender="f", pos="noun")
    other = constraint(text, "station", "estafonda", number="singular")
    best = engine.translate([Segment(text, constraints=(area, other))], "en", "es")[0][0]
    assert best.terms == ("natural", "forced")
    assert best.text == "El área de la estafonda es nueva."


@pytest.mark.apertium
def test_what_is_forbidden_goes() -> None:
    engine = _need("es")
    text = "The regime attacked the house."
    one = constraint(text, "regime", "gobierno", forbid=("régimen",), gender="m", pos="noun")
    best, plain = engine.translate([Segment(text, constraints=(one,))], "en", "es")[0]
    assert "régimen" in plain.text
    assert (best.text, best.terms) == ("El gobierno atacó la casa.", ("forced",))


@pytest.mark.apertium
def test_verbs_are_only_looked_for() -> None:
    engine = _need("es")
    text = "They attacked the house."
    one = constraint(text, "attacked", "asaltar", pos="verb")
    (only,) = engine.translate([Segment(text, constraints=(one,))], "en", "es")[0]
    assert only.terms == ("missing",)
    meant = constraint(text, "attacked", "atacar", pos="verb")
    (only,) = engine.translate([Segment(text, constraints=(meant,))], "en", "es")[0]
    assert only.terms == ("natural",)


@pytest.mark.apertium
def test_names_are_kept_letter_for_letter() -> None:
    engine = _need("fr")
    text = "We met Jana O’Hale and Hope Street in the street."
    names = tuple(
        constraint(text, name, name, keep=True) for name in ("Jana O’Hale", "Hope Street")
    )
    best = engine.translate([Segment(text, constraints=names)], "en", "fr")[0][0]
    assert all(name in best.text for name in ("Jana O’Hale", "Hope Street"))
    assert "missing" not in best.terms
