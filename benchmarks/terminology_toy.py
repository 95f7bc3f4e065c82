"""Everyday sentences (Tatoeba) with everyday nouns: what terms do at the level of a small model.

Each noun has several translations that a glossary could ask for. As with TICO-19, the term of a
sentence is the one that its reference says. The tiny models of the tests were trained on Tatoeba,
and may have seen these pairs: their figures without terms flatter them, those with terms less so.
"""

from __future__ import annotations

import lzma
from collections import Counter
from pathlib import Path

from engines_common import Missing
from terminology_lists import Entry, Item, Sentence, matcher, plural
from terminology_measure import Wanted, occurrences

WORDS = (4, 15)
"""Of the English sentence."""
NOUNS = {
    "es": """
        car: coche m, carro m, auto m, automóvil m; house: casa f, hogar m, vivienda f;
        boss: jefe m, patrón m; money: dinero m, plata f; room: habitación f, cuarto m, sala f;
        computer: ordenador m, computadora f, computador m; job: trabajo m, empleo m;
        language: idioma m, lengua f, lenguaje m; picture: foto f, cuadro m, imagen f;
        bag: bolsa f, bolso m, mochila f; ticket: billete m, boleto m, entrada f;
        meeting: reunión f, encuentro m, junta f; husband: marido m, esposo m;
        wife: mujer f, esposa f; doctor: médico m, doctor m;
        teacher: profesor m, maestro m, profesora f; story: historia f, cuento m;
        bike: bici f, bicicleta f; newspaper: periódico m, diario m; mistake: error m, fallo m;
        hat: sombrero m, gorro m; city: ciudad f, urbe f; lawyer: abogado m, abogada f;
        door: puerta f, portón m; school: escuela f, colegio m; prison: cárcel f, prisión f;
        apartment: apartamento m, piso m, departamento m; shirt: camisa f, camiseta f;
        road: camino m, carretera f
    """,
    "fr": """
        car: voiture f, auto f, automobile f, véhicule m; house: maison f, domicile m;
        boss: patron m, chef m; money: argent m, fric m; room: chambre f, pièce f, salle f;
        computer: ordinateur m; job: travail m, boulot m, emploi m, poste m;
        language: langue f, langage m; picture: photo f, image f, tableau m;
        bag: sac m, valise f; ticket: billet m, ticket m; meeting: réunion f, rencontre f;
        husband: mari m, époux m; wife: femme f, épouse f; doctor: médecin m, docteur m;
        town: ville f, village m; teacher: professeur m, enseignant m, instituteur m;
        story: histoire f, récit m; bike: vélo m, bicyclette f; newspaper: journal m;
        mistake: erreur f, faute f; hat: chapeau m; city: ville f, cité f;
        lawyer: avocat m, avocate f; door: porte f, portail m; school: école f; prison: prison f;
        apartment: appartement m; shirt: chemise f; road: route f, chemin m
    """,
}


def nouns(language: str) -> dict[str, list[Entry]]:
    """Return what each English noun can be."""
    found = {}
    for row in " ".join(NOUNS[language].split()).split("; "):
        english, _, ways = row.partition(": ")
        found[english] = [
            Entry(english, target, plural(target, language), gender=gender)
            for target, gender in (way.split() for way in ways.split(", "))
        ]
    return found


def sentences(data: Path, locale: str) -> list[Sentence]:
    """Return the pairs with one of the nouns, and a translation of it in the reference."""
    path = data / "tatoeba" / f"tatoeba.en-{locale}.tsv.xz"
    if not path.is_file():
        raise Missing(f"{path} is missing; name the folder of the data with --data")
    known = nouns(locale)
    find = {n: matcher([ways[n] for ways in known.values() if n < len(ways)], locale)
            for n in range(max(map(len, known.values())))}  # fmt: skip
    found: dict[str, Sentence] = {}
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            source, _, reference = line.rstrip("\n").partition("\t")
            if source in found or not WORDS[0] <= len(source.split()) <= WORDS[1]:
                continue
            taken: list[Item] = []
            for items in (one(source) for one in find.values()):
                times = Counter(item.entry for item in items)
                wanted = [Wanted(entry.forms(locale), n) for entry, n in times.items()]
                counts = occurrences(reference, wanted, locale).counts if wanted else ()
                said = {e for (e, n), m in zip(times.items(), counts, strict=True) if m >= n}
                at = {item.constraint.start for item in taken}
                taken += [i for i in items if i.entry in said and i.constraint.start not in at]
            if taken:
                taken.sort(key=lambda item: item.constraint.start)
                found[source] = Sentence(source, reference, tuple(taken))
    return list(found.values())
