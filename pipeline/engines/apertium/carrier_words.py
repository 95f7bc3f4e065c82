"""Nouns and adjectives that Apertium knows, by language, gender and number."""

from __future__ import annotations

from collections.abc import Mapping

Forms = Mapping[str, tuple[str, ...]]
"""By language: of a noun singular and plural; of an adjective one form for each of `_CELLS`."""


def _forms(text: str) -> Forms:
    lines = (line.split() for line in text.strip().splitlines())
    return {language: tuple(forms) for language, *forms in lines}


NOUNS: Mapping[str, tuple[Forms, ...]] = {
    "m": (
        _forms(
            """
            en museum museums
            es museo museos
            fr musée musées
            it museo musei
            pt museu museus
            ca museu museus
            """
        ),
        _forms(
            """
            en castle castles
            es castillo castillos
            fr château châteaux
            it castello castelli
            pt castelo castelos
            ca castell castells
            """
        ),
    ),
    "f": (
        _forms(
            """
            en library libraries
            es biblioteca bibliotecas
            fr bibliothèque bibliothèques
            it biblioteca biblioteche
            pt biblioteca bibliotecas
            ca biblioteca biblioteques
            """
        ),
        _forms(
            """
            en kitchen kitchens
            es cocina cocinas
            fr cuisine cuisines
            it cucina cucine
            pt cozinha cozinhas
            ca cuina cuines
            """
        ),
    ),
}
"""By gender, which is the same in all these languages but English. They are things, as most terms
are; no dictionary has them as another part of speech; and before none of them an article changes
its form. Tried with each number on eng-spa, eng-cat, es-fr, es-pt, es-pt_BR and spa-ita."""

ADJECTIVE: Forms = _forms(
    """
    en expensive expensive expensive expensive
    es caro caros cara caras
    fr cher chers chère chères
    it caro cari cara care
    pt caro caros cara caras
    ca car cars cara cares
    """
)
