"""What a noun asks of the words before it in Spanish, French, Portuguese and Italian.

A decoder that is made to say a noun repairs what comes after it; the article, contraction,
possessive or adjective before it is written by then, and is put right here, by tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pipeline.lemmas import lemma

LANGUAGES = ("es", "fr", "it", "pt")
"""The languages that have tables; of any other nothing is changed."""

_CELLS = (("m", "singular"), ("f", "singular"), ("m", "plural"), ("f", "plural"))
"""What the four words of a row are."""

MOST_BETWEEN = 2
"""Adjectives that are looked through between a noun and its article."""


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
_FR = _rows(
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
_IT = _rows(
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

_NUMERALS = frozenset(
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
_FR_ELIDED = {
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
class _Language:
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
        return _FR_ELIDED.get(word) or (_FR_VOWEL.get(word) or word)
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


_TABLES: Mapping[str, _Language] = {
    "es": _Language(
        _ES, _ES_ADJECTIVES, _ES_CONTRACTIONS, _es_surface, lambda w: {"e": "y", "u": "o"}.get(w, w)
    ),
    "fr": _Language(_FR, _FR_ADJECTIVES, _FR_CONTRACTIONS, _fr_surface, _fr_plain),
    "pt": _Language(_PT, _PT_ADJECTIVES, _PT_CONTRACTIONS, lambda w, f, g: w, lambda w: w),
    "it": _Language(_IT, _IT_ADJECTIVES, _IT_CONTRACTIONS, _it_surface, _it_plain),
}

_TAIL = re.compile(r"(?:[^\W\d_]+(?:['’]|(?:-[^\W\d_]+)*\s+))+\Z")
"""Words at the end of a text that nothing but space or an apostrophe parts from what follows."""
_ONE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*['’]?")


def leads(left: str, form: str, gender: str, number: str, language: str) -> tuple[str, ...]:
    """Give *left* as it should be before *form*, the likeliest first; the same where all is well.

    *left* is all that stands before the noun, the space included. The article, what it contracts
    with, and adjectives right before the noun follow its gender and number (where "" keeps what
    is there), then its first sound.
    """
    table = _TABLES.get(language)
    if table is None:
        return (left,)
    tail = _TAIL.search(left)
    if tail is None:
        return (left,)
    words = _ONE.findall(tail[0])[-(MOST_BETWEEN + 3) :]
    at = len(left)
    for word in reversed(words):
        at = left.rindex(word, 0, at)
    apostrophe = "’" if "’" in left[at:] else "'"
    small = [word.casefold().replace("’", "'") for word in words]
    found = []
    for option in _options(small, form, gender, number, table):
        text = "".join(w if w.endswith("'") else w + " " for w in option)
        if words[0][:1].isupper():
            text = text[:1].upper() + text[1:]
        text = _cased(text, left[at:])
        found.append(left[:at] + text.replace("'", apostrophe))
    return tuple(dict.fromkeys(found))


def agrees(left: str, form: str, gender: str, number: str, language: str) -> bool:
    """Whether nothing before the noun would have to be another word."""
    return " ".join(left.split()) in {
        " ".join(one.split()) for one in leads(left, form, gender, number, language)
    }


def is_function_word(word: str, language: str) -> bool:
    """Whether it is an article, a contraction, a possessive, or a common preposition."""
    table = _TABLES.get(language)
    word = word.casefold().replace("’", "'")
    return table is not None and (
        word in table.contractions
        or word in _PREPOSITIONS
        or any(word in row or table.plain(word) in row for row in table.determiners)
        or word in _FR_ELIDED.values()
        or word in ("l'", "un'", "dell'", "all'", "dall'", "nell'", "sull'")
    )


_PREPOSITIONS = frozenset(
    "a à de di da en em in con com avec per por par pour para y e et o ou".split()
)


def _cased(text: str, old: str) -> str:
    """Give each word that was there before the letters that it had."""
    words = {w.casefold(): w for w in _ONE.findall(old)[1:]}
    return _ONE.sub(lambda m: words.get(m[0], m[0]) if m.start() else m[0], text)


def _cell(word: str, rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], int] | None:
    for row in rows:
        if word in row:
            return row, row.index(word)
    return None


def _options(
    words: list[str], form: str, gender: str, number: str, table: _Language
) -> list[list[str]]:
    first = re.split(r"[\s'’]", form.strip(), maxsplit=1)[0]
    found = []
    for expanded in _expansions(words, table):
        plain = [table.plain(word) for word in expanded]
        at = _determiner(plain, table)
        if at is not None:
            plain = _swapped(plain, at, gender, number, first, table)
        out: list[str] = []
        following = first
        for word in reversed(plain):
            following = table.surface(word, following, gender)
            out.insert(0, following)
        found.append(_contracted(out, table))
    return found


def _expansions(words: list[str], table: _Language) -> list[list[str]]:
    """Write contractions out; one of them may be no contraction (des, dei)."""
    ways: list[list[str]] = [[]]
    for word in words:
        options = [[word]]
        if word in table.contractions:
            options = [list(table.contractions[word])]
            if _cell(table.plain(word), table.determiners):
                options.insert(0, [word])
        elif word == "l'":
            options = [["l'"]]
        ways = [way + option for way in ways for option in options]
    return ways[:4]


_PREDETERMINERS = ("todo", "tout", "tutto", "ambos")


def _determiner(words: list[str], table: _Language) -> int | None:
    """Find the one of a noun after the last word, with nothing but adjectives between.

    What stands between and is no adjective is a noun: the article is its own.
    """
    for at in range(len(words) - 1, max(-1, len(words) - 2 - MOST_BETWEEN), -1):
        if words[at] == "l'" or _cell(words[at], table.determiners):
            return at
        if not _maybe_adjective(words[at], table):
            return None
    return None


def _maybe_adjective(word: str, table: _Language) -> bool:
    if word in _NUMERALS or _cell(word, table.adjectives):
        return True
    if table.determiners is _FR or len(word) < 4 or word in _PREPOSITIONS:
        return False
    if table.determiners is _IT:
        return word[-1] in "oaie"
    return bool(
        re.search(
            "(?:o|a|os|as|siguientes?|importantes?|recientes?|presentes?|diferentes?|posibles?|grandes?)$",
            word,
        )
    )


def _swapped(
    words: list[str], at: int, gender: str, number: str, form: str, table: _Language
) -> list[str]:
    words = list(words)
    elided = words[at] == "l'"
    if elided:
        words[at] = table.determiners[0][_CELLS.index((gender or "m", "singular"))]
    row, cell = _cell(words[at], table.determiners) or (table.determiners[0], 0)
    was_gender, was_number = _CELLS[cell]
    # A word that says nothing of its gender (su, leur, les) says nothing of an adjective's either.
    known = not elided and row.count(words[at]) == 1
    to = (gender or was_gender, number or was_number)
    changed = [
        _inflected(word, (was_gender, was_number) if known else None, to, table)
        for word in words[at + 1 :]
    ]
    if None in changed:
        return words
    words[at + 1 :] = [word or "" for word in changed]
    words[at] = row[_CELLS.index(to)]
    found = _cell(words[at - 1], table.determiners) if at else None
    if found and found[0][0] in _PREDETERMINERS:
        words[at - 1] = found[0][_CELLS.index(to)]
    return words


_ENDINGS = {
    "o": 0, "a": 1, "os": 2, "as": 3,
}  # fmt: skip


def _inflected(
    word: str, was: tuple[str, str] | None, to: tuple[str, str], table: _Language
) -> str | None:
    """Give an adjective before a noun its form, or None where it is another noun's."""
    if word in _NUMERALS:
        return word
    if found := _cell(word, (*table.adjectives, *table.determiners)):
        return found[0][_CELLS.index(to)]
    cell = _CELLS.index(to)
    if table.determiners is _FR:
        return word
    if table.determiners is _IT:
        ends = ("o", "a", "i", "e")
        if was is not None and len(word) > 3 and word[-1] == ends[_CELLS.index(was)]:
            return word[:-1] + ends[cell]
        return word if was is None or word[-1] == "e" else None
    for ending in ("os", "as", "o", "a"):
        if len(word) > 4 and word.endswith(ending):
            if was is not None and _ENDINGS[ending] != _CELLS.index(was):
                return None
            return word[: -len(ending)] + ("o", "a", "os", "as")[cell]
    if to[1] == "plural" and was == (was[0] if was else "", "singular") and word.endswith("e"):
        return word + "s"
    if to[1] == "singular" and was and was[1] == "plural" and word.endswith("es"):
        return word[:-1]
    return word


def _contracted(words: list[str], table: _Language) -> list[str]:
    joined = {pair: word for word, pair in table.contractions.items()}
    out: list[str] = []
    for word in words:
        if out and (out[-1], word) in joined:
            out[-1] = joined[out[-1], word]
        else:
            out.append(word)
    return out


_FEMININE = {
    "es": r"(?:ción|sión|xión|gión|dad|tad|tud|umbre|ez|itis|sis|[^m]a|(?:f|l|r|s|g)ima)",
    "pt": r"(?:ção|são|dade|tude|gem|ez|ite|[^m]a)",
    "fr": r"(?:tion|sion|xion|té|ie|ure|ance|ence|ette|elle|esse|ade|ude|ise|ée|ite|enne|ique|ose)",
    "it": r"(?:zione|sione|gione|tà|tù|trice|ite|[^m]a|si)",
}
_MASCULINE = {
    "es": r"(?:o|or|aje|ema|oma|ama|ón|án|és|il|al)",
    "pt": r"(?:o|or|ema|oma|ama|al|il|el)",
    "fr": r"(?:ment|age|isme|eau|oir|ier|al|et|in|eur|ème|ôme|us)",
    "it": r"(?:o|ore|ema|oma|ame|ile|us)",
}
_EXCEPTIONS = {
    "es": {"mano": "f", "foto": "f", "día": "m", "mapa": "m", "planeta": "m", "flor": "f",
           "labor": "f", "señal": "f", "sal": "f", "clima": "m", "tesis": "f", "análisis": "m",
           "paréntesis": "m", "brote": "m"},
    "pt": {"mão": "f", "foto": "f", "dia": "m", "mapa": "m", "planeta": "m", "flor": "f",
           "cor": "f", "dor": "f"},
    "fr": {"côté": "m", "été": "m", "musée": "m", "lycée": "m", "fin": "f", "main": "f",
           "image": "f", "plage": "f", "page": "f", "cage": "f", "peur": "f", "couleur": "f",
           "valeur": "f", "douleur": "f", "chaleur": "f", "faim": "f", "silence": "m",
           "incendie": "m", "squelette": "m"},
    "it": {"mano": "f", "foto": "f", "radio": "f", "auto": "f", "problema": "m"},
}  # fmt: skip


def guess_gender(term: str, language: str) -> str:
    """Guess the gender of a noun, or of what a wording begins with, by its ending; "" if unsure."""
    first = (term.casefold().replace("’", "'").split() or [""])[0]
    if known := _EXCEPTIONS.get(language, {}).get(first):
        return known
    for gender, endings in (("f", _FEMININE), ("m", _MASCULINE)):
        if language in endings and re.search(rf"\w{endings[language]}\Z", first):
            return gender
    return ""


_STOP = re.compile(
    r"(?:d[eio]|del|da|d[oa]s|du|des|d'.*|à|a|aux?|e[nm]|in|con|com|por|par[a]?|per|pour|y|et?|o|ou"
    r"|della|dei|delle|degli|dell'.*)\Z"
)


def plural(term: str, language: str) -> str:
    """Guess the plural of a wording: of its words up to the first preposition; "" if unsure."""
    words = term.split()
    out = []
    for i, word in enumerate(words):
        if i and _STOP.match(word.casefold()):
            out += words[i:]
            break
        if not word[-1:].isalpha() or word.isupper():
            return ""
        out.append(_plural(word, language))
        if not out[-1]:
            return ""
    return " ".join(out)


def _plural(word: str, language: str) -> str:
    if language == "es":
        if re.search("[aeéo]$|[aeo]$", word) or word.endswith(("i", "u")):
            return word + "s"
        if word.endswith("z"):
            return word[:-1] + "ces"
        for ending, many in (("ón", "ones"), ("án", "anes"), ("én", "enes"), ("és", "eses"),
                             ("ín", "ines")):  # fmt: skip
            if word.endswith(ending):
                return word[: -len(ending)] + many
        return word if word.endswith(("s", "x")) else word + "es"
    if language == "pt":
        for ending, many in (("ão", "ões"), ("m", "ns"), ("al", "ais"), ("el", "eis"),
                             ("ol", "ois"), ("ul", "uis"), ("r", "res"), ("z", "zes")):  # fmt: skip
            if word.endswith(ending):
                return word[: -len(ending)] + many
        return word if word.endswith(("s", "x")) else ("" if word.endswith("il") else word + "s")
    if language == "fr":
        if word.endswith(("s", "x", "z")):
            return word
        if word.endswith("al"):
            return word[:-2] + "aux"
        return word + ("x" if word.endswith(("eau", "eu")) else "s")
    if language == "it":
        for ending, many in (("ca", "che"), ("ga", "ghe"), ("io", "i"), ("co", ""), ("go", ""),
                             ("o", "i"), ("e", "i")):  # fmt: skip
            if word.endswith(ending):
                return word[: -len(ending)] + many if many else ""
        if word.endswith("a"):
            return word[:-1] + ("i" if guess_gender(word, "it") == "m" else "e")
        return word
    return ""


# What comes after.

_COPULAS = {
    "es": "es son era eran fue fueron será serán sea sean está están estaba estaban estuvo"
    " estuvieron estará estarán sería serían parece parecen quedó quedaron",
    "fr": "est sont était étaient fut furent sera seront serait seraient soit soient semble"
    " semblent reste restent devient deviennent",
    "pt": "é são era eram foi foram será serão seja sejam está estão estava estavam esteve"
    " estiveram seria seriam parece parecem ficou ficaram",
    "it": "è sono era erano fu furono sarà saranno sia siano sarebbe sarebbero sembra sembrano",
}
_COMPOUND = {
    "es": r"(?:ha|han|había|habían)\s+(?:sido|estado)|(?:debe|deben|puede|pueden)\s+(?:ser|estar)",
    "fr": r"(?:a|ont|avait|avaient|aura|auront)\s+été|(?:doit|doivent|peut|peuvent)\s+être",
    "pt": r"(?:tem|têm|tinha|tinham)\s+sido|(?:deve|devem|pode|podem)\s+ser",
    "it": r"(?:è|sono|era|erano)\s+stat[oaie]|(?:deve|devono|può|possono)\s+essere",
}
_ADVERBS = (
    "muy más menos tan demasiado ya también no très plus moins trop si aussi déjà bien pas muito"
    " mais tão já também molto più meno troppo già anche non"
)
_OF = {
    "es": r"(?:\s+(?:del|de\s+l[ao]s?|de)\s+[\w-]+)?",
    "fr": r"(?:\s+(?:du\s+|des\s+|de\s+la\s+|de\s+l['’]|de\s+|d['’])[\w-]+)?",
    "pt": r"(?:\s+d(?:[oa]s?|e)\s+[\w-]+)?",
    "it": r"(?:\s+(?:d[ei]l(?:l[oa]|le)?\s+|dei\s+|degli\s+|dell['’]|di\s+)[\w-]+)?",
}
"""What may stand between a subject and its verb."""
_BEFORE_SUBJECT = frozenset(
    "que y et e porque quand cuando quando si se mais pero mas ma perché porque che où".split()
)
_NEVER = frozenset(
    (
        "sur sous dans pour avec sans vers chez entre tout tous puis mais donc comme lors selon"
        " hors bien tard tôt pas point fort alors ainsi très plus depuis sobre para como pero entre"
        " hasta desde según cuando donde luego pronto cerca toda todos todas ambos cada contra"
        " durante mediante ante bajo sotto sopra dopo prima come contro verso senza tutto tutti"
        " sempre ancora após até demain hier loin souvent maintenant avant devant pendant"
        " cependant comment autant durant tant ici aussi lundi mardi mercredi jeudi vendredi samedi"
        " midi parmi minuit fin juin par une des les son ses los las una uns qui que con non più"
    ).split()
)
"""Words that may follow a noun, and look like an adjective or can be made to."""
_FR_ATTRIBUTE = re.compile("(?:(?:eux|euse|if|ive|el|elle|al|ale|aux|ien|ienne)s?)$")
_FR_PREDICATE = re.compile(
    "(?:é|i|u|it|is|ert|int|ait|ant|(?<!m)ent|eux|eus|er|èr|if|iv|el|ell|al|en|enn|ain|in|an|ais"
    "|ois|ard|ond|ort|et|ett|ct|at|ot|and)e?s?$|aux$"
)
"""How a French adjective ends that is no adverb or noun; there is no list of words to ask."""
_INFINITIVE = {"es": ("ar", "er", "ir"), "pt": ("ar", "er", "ir"), "fr": ("er", "ir", "re"),
               "it": ("are", "ere", "ire")}  # fmt: skip
_FR_FEMININE = (
    ("eux", "euse"),
    ("er", "ère"),
    ("el", "elle"),
    ("en", "enne"),
    ("on", "onne"),
    ("et", "ète"),
    ("anc", "anche"),
    ("f", "ve"),
    ("eil", "eille"),
    ("", "e"),
)


def after(left: str, right: str, gender: str, number: str, language: str) -> str:
    """Give *right* with the adjectives and participles of the noun before it in its form.

    Those right after it; and, where it begins a clause with its article and so is the subject,
    the one after a form of to be. Only words that look like one, by ends and lemmas, are changed.
    """
    if language not in _TABLES or not gender or not number:
        return right
    copula = rf"(?:{'|'.join(_COPULAS[language].split())}|{_COMPOUND[language]})"
    adverbs = rf"(?:(?:{'|'.join(_ADVERBS.split())})\s+)*"
    match = re.match(
        rf"({_OF[language]}\s+(?:(?:ne|n'|no|não|non)\s*)?{copula}\s+{adverbs})([^\W\d_]+)", right
    )
    if match:
        if not _subject(left, language):
            return right
    else:
        match = re.match(r"(\s+)([^\W\d_]+)", right)
    if match is None:
        return right
    word = _agreed(match[2], gender, number, language, predicate=bool(match[1].strip()))
    return match[1] + word + right[match.end() :]


def _subject(left: str, language: str) -> bool:
    table = _TABLES[language]
    tail = _TAIL.search(left)
    if tail is None:
        return not left.strip() or left.rstrip()[-1] in ".,;:!?¿¡"
    words = [w.casefold().replace("’", "'") for w in _ONE.findall(tail[0])]
    if words[-1] in table.contractions and words[-1] not in ("des", "dei"):
        return False
    at = _determiner([table.plain(word) for word in words], table)
    rest = words if at is None else words[:at]
    begins = len(rest) == 0 and (not left[: tail.start()].strip() or tail.start() > 0)
    return begins or bool(rest and rest[-1].rstrip("'") in _BEFORE_SUBJECT)


def _agreed(word: str, gender: str, number: str, language: str, *, predicate: bool) -> str:
    small = word.casefold()
    if small in _NEVER or len(small) < 3 or word[:1].isupper():
        return word
    base = lemma(small, language)
    verbal = base.endswith(_INFINITIVE[language])
    if verbal and not predicate:
        return word
    if found := _cell(small, _TABLES[language].adjectives):
        return found[0][_CELLS.index((gender, number))]
    if verbal and not re.search(_PARTICIPLE[language], small):
        return word
    if language == "fr" and not (_FR_PREDICATE if predicate else _FR_ATTRIBUTE).search(small):
        return word
    for form in _inflections(small, base, gender, number, language):
        if form == small:
            return word
        its = lemma(form, language)
        same = its in (base, small) or (gender == "f" and its == form)
        if same or re.search(_PARTICIPLE[language], small):
            return form
    return word


_PARTICIPLE = {
    "es": r"(?:[aií]d|[ro]t|uest|ch|iert|crit)[oa]s?$",
    "pt": r"(?:[aií]d|ert|ost|crit|ist|eit)[oa]s?$",
    "fr": r"(?:é|i|u|it|is|ert|int|ait)e?s?$",
    "it": r"(?:[aiu]t|tt|rt|st|s)[oaie]$",
}


def _inflections(word: str, base: str, gender: str, number: str, language: str) -> Iterable[str]:
    """Give what the form may be, the likeliest first."""
    cell = _CELLS.index((gender, number))
    if language in ("es", "pt"):
        if match := re.search("(os|as|o|a)$", word):
            yield word[: match.start()] + ("o", "a", "os", "as")[cell]
        elif number == "plural" and word.endswith("e"):
            yield word + "s"
        elif number == "singular" and word.endswith("es"):
            yield word[:-1]
        return
    if language == "it":
        if word[-1] in "oai" or (word[-1] == "e" and base.endswith("o")):
            if base.endswith("e"):
                yield word[:-1] + ("e", "e", "i", "i")[cell]
            else:
                yield word[:-1] + ("o", "a", "i", "e")[cell]
        return
    one = base
    if base.endswith(_INFINITIVE["fr"]) and base != word:  # a participle
        ends = "éut" if not base.endswith("ir") else "éuit"
        one = re.sub(rf"(?<=[{ends}])(?:e?s?)$|(?<=is)es?$", "", word)
    elif gender == "m" and base == word and (bare := re.sub("es?$", "", word)) != word:
        yield bare + ("s" if number == "plural" else "")
    if gender == "m":
        yield one if number == "singular" else _plural(one, "fr")
        return
    if not one.endswith("e"):
        end, other = next(pair for pair in _FR_FEMININE if one.endswith(pair[0]))
        one = one[: len(one) - len(end)] + other
    yield one + ("s" if number == "plural" else "")
