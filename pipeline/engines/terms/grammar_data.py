"""Grammar tables of Spanish, French, Italian and Portuguese: articles, adjectives, contractions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LANGUAGES = ("es", "fr", "it", "pt")
"""The languages that have tables; of any other nothing is changed."""

CELLS = (("m", "singular"), ("f", "singular"), ("m", "plural"), ("f", "plural"))
"""What the four words of a row are."""


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row.split()) for row in text.strip().split("\n"))


def _stems(text: str, endings: str) -> str:
    return "\n".join(" ".join(stem + end for end in endings.split("|")) for stem in text.split())


_OA = "o|a|os|as"

_ES = _rows(
    f"""el la los las
un una unos unas
este esta estos estas
ese esa esos esas
aquel aquella aquellos aquellas
mi mi mis mis
tu tu tus tus
su su sus sus
algún alguna algunos algunas
ningún ninguna ningunos ningunas
cual cual cuales cuales
{_stems("nuestr vuestr cuy otr much poc tod tant cuant ciert vari amb divers numeros", _OA)}"""
)
_PT = _rows(
    f"""o a os as
um uma uns umas
este esta estes estas
esse essa esses essas
aquele aquela aqueles aquelas
meu minha meus minhas
teu tua teus tuas
seu sua seus suas
algum alguma alguns algumas
nenhum nenhuma nenhuns nenhumas
{_stems("noss voss cuj outr muit pouc tod tant quant cert vári amb divers", _OA)}"""
)
FR = _rows(
    """le la les les
un une des des
ce cette ces ces
mon ma mes mes
ton ta tes tes
son sa ses ses
notre notre nos nos
votre votre vos vos
leur leur leurs leurs
tout toute tous toutes
quel quelle quels quelles
aucun aucune aucuns aucunes
certain certaine certains certaines
chaque chaque chaque chaque
quelque quelque quelques quelques"""
)
IT = _rows(
    f"""il la i le
un una dei delle
quel quella quei quelle
alcun alcuna alcuni alcune
nessun nessuna nessun nessuna
loro loro loro loro
mio mia miei mie
tuo tua tuoi tue
suo sua suoi sue
{_stems("quest nostr vostr altr molt poc tutt tant quant cert divers", "o|a|i|e")}"""
)

_FR_ADJECTIVES = _rows(
    """nouveau nouvelle nouveaux nouvelles
beau belle beaux belles
vieux vieille vieux vieilles
bon bonne bons bonnes
gros grosse gros grosses
grand grande grands grandes
petit petite petits petites
premier première premiers premières
dernier dernière derniers dernières
ancien ancienne anciens anciennes
long longue longs longues
haut haute hauts hautes
mauvais mauvaise mauvais mauvaises
vrai vraie vrais vraies
principal principale principaux principales
seul seule seuls seules
prochain prochaine prochains prochaines
second seconde seconds secondes
meilleur meilleure meilleurs meilleures
important importante importants importantes
énorme énorme énormes énormes
autre autre autres autres
même même mêmes mêmes
jeune jeune jeunes jeunes
deuxième deuxième deuxièmes deuxièmes
double double doubles doubles
plein pleine pleins pleines
futur future futurs futures
actuel actuelle actuels actuelles
tel telle tels telles
blanc blanche blancs blanches
dur dure durs dures
cher chère chers chères
court courte courts courtes
clair claire clairs claires
faux fausse faux fausses
doux douce doux douces
frais fraîche frais fraîches
public publique publics publiques
sec sèche secs sèches"""
)
_ES_ADJECTIVES = _rows(
    """gran gran grandes grandes
buen buena buenos buenas
mal mala malos malas
primer primera primeros primeras
tercer tercera terceros terceras
mejor mejor mejores mejores
peor peor peores peores
mayor mayor mayores mayores
menor menor menores menores"""
)
_PT_ADJECTIVES = _rows(
    """bom boa bons boas
mau má maus más
grande grande grandes grandes
maior maior maiores maiores
menor menor menores menores
melhor melhor melhores melhores
pior pior piores piores"""
)
_IT_ADJECTIVES = _rows(
    """bel bella bei belle
buon buona buoni buone
grande grande grandi grandi
gran gran grandi grandi
forte forte forti forti
maggiore maggiore maggiori maggiori
minore minore minori minori
migliore migliore migliori migliori
importante importante importanti importanti
principale principale principali principali"""
)

NUMERALS = frozenset(
    "dos tres cuatro cinco seis siete ocho nueve diez cien mil deux trois quatre cinq six sept huit"
    " neuf dix cent mille dois três quatro sete oito nove dez cem due tre quattro cinque sei sette"
    " otto dieci cento más plus mais più tan muy très muito molto trop demasiado".split()
)
"""Between an article and a noun, these do not change."""

_ES_CONTRACTIONS = {"al": ("a", "el"), "del": ("de", "el")}
_FR_CONTRACTIONS = {
    "au": ("à", "le"),
    "aux": ("à", "les"),
    "du": ("de", "le"),
    "des": ("de", "les"),
}


def _pairs(text: str) -> dict[str, tuple[str, str]]:
    found = {}
    for line in text.strip().split("\n"):
        word, first, second = line.split()
        found[word] = (first, second)
    return found


_PT_CONTRACTIONS = {
    **{stem + end: (word, end) for stem, word in (("d", "de"), ("n", "em"), ("pel", "por"))
       for end in ("o", "a", "os", "as")},
    **_pairs("ao a o\nà a a\naos a os\nàs a as"),
    **{stem + end: (word, end) for stem, word in (("d", "de"), ("n", "em"))
       for end in ("um", "uma", "uns", "umas", "este", "esta", "estes", "estas", "esse", "essa",
                   "esses", "essas", "aquele", "aquela", "aqueles", "aquelas")},
    **{"à" + end[1:]: ("a", end) for end in ("aquele", "aquela", "aqueles", "aquelas")},
}  # fmt: skip
_IT_ARTICLES = {"l": "il", "llo": "lo", "lla": "la", "ll'": "l'", "i": "i", "gli": "gli",
                "lle": "le"}  # fmt: skip
_IT_CONTRACTIONS = {
    stem + end: (word, article)
    for stem, word in (("de", "di"), ("a", "a"), ("da", "da"), ("ne", "in"), ("su", "su"))
    for end, article in _IT_ARTICLES.items()
}

_ES_STRESSED_A = frozenset(
    "agua aguas águila ala alba alga alma alza ama ancla ansia ama arca área arma arpa asa asma"
    " aspa aula ave acta acta haba habla hacha hada hambre ánfora ánima álgebra".split()
)
"""Feminine, yet they take el and un in the singular (RAE, Nueva gramática, 14.2)."""

_FR_ASPIRATED = (
    "hach haie hain hall halo halt hamac hamb hameau hamster hanche hand hang hant harc hard harem"
    " hareng hargn haricot harnais harp hasard hât hauss haut hav hér héri hernie héron héros hêtre"
    " heurt hibou hiérarch hip-hop hisse hobby hochet hockey hollan homard hong honte hoquet hors"
    " hot housse houx hublot huch huée huguenot huit hum hurl hussard hutte onze oui ouistiti ya"
    " yaourt yen yog yougo"
).split()
"""How words begin before which French neither elides nor links, beside all other consonants."""
_FR_NOT_ASPIRATED = ("hér\xe9dit", "hérit", "héroïn", "héroïqu", "héroïsm", "humain", "human",
                     "humeur", "humid", "humili", "humour", "humbl")  # fmt: skip
FR_ELIDED = {
    "le": "l'", "la": "l'", "de": "d'", "que": "qu'", "jusque": "jusqu'", "lorsque": "lorsqu'",
    "puisque": "puisqu'", "ne": "n'", "se": "s'", "me": "m'", "te": "t'", "je": "j'",
}  # fmt: skip
_FR_FULL = {"d'": "de", "qu'": "que", "jusqu'": "jusque", "lorsqu'": "lorsque",
            "puisqu'": "puisque"}  # fmt: skip
_FR_VOWEL = {"ce": "cet", "ma": "mon", "ta": "ton", "sa": "son", "nouveau": "nouvel",
             "beau": "bel", "vieux": "vieil"}  # fmt: skip
_FR_VOWEL_BACK = {"cet": "ce", "nouvel": "nouveau", "bel": "beau", "vieil": "vieux"}

_IT_LONG = re.compile(r"(?:s[^aeiouàèéìòù]|z|gn|ps|pn|x|y|i[aeiou])", re.IGNORECASE)
"""Before these Italian says lo, gli, uno."""


@dataclass(frozen=True, slots=True)
class Language:
    determiners: tuple[tuple[str, ...], ...]
    adjectives: tuple[tuple[str, ...], ...]
    contractions: Mapping[str, tuple[str, str]]
    surface: Callable[[str, str, str], str]
    """A word as it is written before the next one, whose gender is given last."""
    plain: Callable[[str], str]
    """The word of the table behind what is written."""


def _fr_vowel(word: str) -> bool:
    word = word.casefold()
    if not word[:1] or word[0] not in "aâàäeéèêëiîïoôöuûùühyœæ":
        return False
    if any(word.startswith(stem) for stem in _FR_NOT_ASPIRATED):
        return True
    return not any(word.startswith(stem) for stem in _FR_ASPIRATED)


def _fr_surface(word: str, following: str, gender: str) -> str:
    if _fr_vowel(following):
        return FR_ELIDED.get(word) or (_FR_VOWEL.get(word) or word)
    return word


def _fr_plain(word: str) -> str:
    return _FR_FULL.get(word) or _FR_VOWEL_BACK.get(word) or word


def _es_surface(word: str, following: str, gender: str) -> str:
    begins = following.casefold()
    if gender == "f" and begins in _ES_STRESSED_A:
        word = {"la": "el", "una": "un", "alguna": "algún", "ninguna": "ningún"}.get(word, word)
    if word == "y" and re.match("h?i(?!e|a|o)|í", begins):
        return "e"
    if word == "o" and re.match("h?[oó]", begins):
        return "u"
    return word


def _it_surface(word: str, following: str, gender: str) -> str:
    begins = following.casefold()
    vowel = begins[:1] in "aeiouàèéìòùh" and begins[:1] != ""
    long = bool(_IT_LONG.match(begins))
    if vowel and not long:
        return {
            "il": "l'", "la": "l'", "i": "gli", "una": "un'", "quel": "quell'",
            "quella": "quell'", "quei": "quegli", "bel": "bell'", "bei": "begli",
            "dei": "degli", "questo": "quest'", "questa": "quest'",
        }.get(word, word)  # fmt: skip
    if long:
        return {
            "il": "lo", "i": "gli", "un": "uno", "quel": "quello", "quei": "quegli",
            "bel": "bello", "bei": "begli", "dei": "degli", "alcun": "alcuno",
            "nessun": "nessuno", "buon": "buono",
        }.get(word, word)  # fmt: skip
    return word


def _it_plain(word: str) -> str:
    return {
        "lo": "il", "gli": "i", "uno": "un", "un'": "una", "quello": "quel", "quegli": "quei",
        "bello": "bel", "begli": "bei", "degli": "dei", "alcuno": "alcun", "nessuno": "nessun",
        "buono": "buon",
    }.get(word, word)  # fmt: skip


TABLES: Mapping[str, Language] = {
    "es": Language(
        _ES, _ES_ADJECTIVES, _ES_CONTRACTIONS, _es_surface, lambda w: {"e": "y", "u": "o"}.get(w, w)
    ),
    "fr": Language(FR, _FR_ADJECTIVES, _FR_CONTRACTIONS, _fr_surface, _fr_plain),
    "pt": Language(_PT, _PT_ADJECTIVES, _PT_CONTRACTIONS, lambda w, f, g: w, lambda w: w),
    "it": Language(IT, _IT_ADJECTIVES, _IT_CONTRACTIONS, _it_surface, _it_plain),
}


PREPOSITIONS = frozenset(
    "a à de di da en em in con com avec per por par pour para y e et o ou".split()
)


PREDETERMINERS = ("todo", "tout", "tutto", "ambos")
