"""Sentences of one paragraph, as exact slices of it.

`sentencex` knows the abbreviations of some 240 languages, so it is asked about single words; where
a sentence ends is decided here, from what stands on both sides of white space. That keeps its
hazards out: it cuts inside "google.longrunning.Operation", and leaves as one segment whatever lies
between two straight quotes, however far apart.

One set of rules serves every language; what differs is data: words, folded to lower case. The
rules agree with the Golden Rules of pragmatic_segmenter (MIT) but for two of them, argued against
in `benchmarks/segmentation.py`. Every step is linear in the length of the paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import sentencex

# A quotation or parenthesis stays whole, since half of one is hard to translate; a longer one is
# split like any other text, or two stray marks would join a page.
LONGEST_QUOTATION = 400


def _table(**rows: str) -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in rows.items()}


# The tables hold what sentencex does not know, or knows too little of.
# Never the end of a sentence: a name or an example follows, even one that begins with an article.
LEADING = _table(
    en="atty cdr cf col dr e.g gen gov hon i.e lt messrs mgr mr mrs ms prof rep ste rev sen vs viz",
    es="arz av avda cf cmdt cnel col cía d da dr dra dres dras dña excma excmo fco fdo fr gral hno "
    "ilma ilmo ing lic mons mtra mtro ntra p.ej pbro pdte prof profa pte sgto sr sra sras sres "
    "srta sta sto tte vda",
    fr="amb av bd c.-à-d card cdt cf cie col dr env gal gén lt m me mgr mlle mlles mm mme mmes mr "
    "p.ex pr prof resp sgt st ste",
    pt="alm av cap cel cf cmte d dr dra dras drs eng exa exma exmo gen gov il ilma ilmo min mons "
    "p.ex pe pres prof profa profs r s sen sr sra sras srs srta sta sto ten trav v v.exa v.sa",
    it="avv c.so cfr col d.ssa dott dott.ssa dr gen gent ill ing on p.es p.za p.zza pres prof "
    "prof.ssa sen ser sig sig.na sig.ra sigg ten v.le",
    de="abg bzw ca d.h dipl dr evtl fr frl geb gem ggf hl hr hrn ing inkl insb max min off prof ra "
    "sog u.a v.a vgl z.b z.t zit zzgl",
    ru="адм акад бул ген гл гр гр-н деп дер дж доц им инж корп м-р напр обл оз пл пом пос пр-т "
    "проф ред респ св см ср ст т.е т.к т.н тел тов ул",
    ar="أ.د تح مج",
)
# Not the end of a sentence before a number; elsewhere a word, as "No." and "art" are.
NUMBERED = _table(
    en="al app approx apt art arts ca ch chap div ed eds fig figs mar no nos nov oct p para paras "
    "pp sec secs sep sept ser tel vol vols",
    es="al aprox art arts cap dpto ed ene feb fig inc mar n.º no núm núms pág págs párr párrs set "
    "sept tel tít vol vols",
    fr="alin art arts avr chap déc env févr fig janv juil juill n no nos nov oct p par sept t vols",
    pt="abr ago al aprox art arts cap dez ed fev fig fl fls inc jan jul jun km mar n no nov núm "
    "out p pp proc pág págs rel set séc tel tít vol vols",
    it="all art capp cap febb fig figg gen genn mar n nn no num nov pag pagg sec sett sez",
    de="abb abs abschn anh anl anm apr art aufl bd bde bl dez ebd feb fn jan kap lit mrz mär nrn "
    "okt para rdnr rn seit sp str tab tel verf ziff ~str",  # "~": the end of a compound
    ru="абз вып гл зд илл кв кн корп ок оф подп прим разд рис ст стр табл",
)
# May end a sentence, as a pair of initials may; the next word must show it.
SHORT = _table(
    en="assoc co corp est ft govt inc intl jr llc ltd natl st",
    es="cía ee.uu inc ltda s.a",
    fr="ets inc ltd sté",
    pt="cia inc jr ltd ltda",
    it="f.lli inc ltd s.p.a s.r.l",
    de="abt bf chr dt engl franz ges gmbh hbf jh mio mrd tsd verh",
    ru="долл коп млн млрд руб трлн тыс чел экз",
    ar="إلخ الخ",
)
# Ends a sentence before any capital, although it looks like a pair of initials.
CLOSING = frozenset("etc ecc usw u.s.w т.д т.п др пр н.э a.m p.m".split())
# So it does after a number ("1951 г."), unless that is all the sentence has said: its time.
UNITS = frozenset(
    "a.m p.m г гг ч мин сек км кг м см га кв.м куб.м р руб чел km kg cm mm m ha min".split()
)
DATED = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december gmt utc est edt cet".split()
)
# Capitalised where a sentence starts, and hardly ever in a name.
STARTERS = _table(
    en="a after all although an and another any are as at because before both but by can could "
    "despite did do does during each every everyone few for from had has have he her here his how "
    "however i if in instead is it its many meanwhile moreover most my neither no nobody none nor "
    "not nothing now on once only or other others our she since so some still such that the their "
    "then there therefore these they this those though thus to today until was we were what when "
    "where whether which while who whose why with without would yesterday yet you your",
    es="a además ahora al algunos algunas allí ante aquel aquí así aun aunque cada como con cuando "
    "de desde después donde durante e el él ella ellas ellos en entonces era es esa ese eso esta "
    "está están estas este esto estos fue fueron había han hay hasta hoy la las le les lo los "
    "luego mi mientras muchos nada nadie ni ninguno no nos nosotros nuestra nuestro o otra otras "
    "otro otros para pero por porque que quien se según si sí sin sobre son su sus también tampoco "
    "tras tu un una unas unos usted y ya yo",
    fr="à ainsi alors après au aucun aucune aujourd aussi autre autres aux avant avec beaucoup c' "
    "ce cela celle celui cependant certains ces cet cette chaque comme d' dans de depuis des dès "
    "donc du elle elles en encore enfin ensuite entre est et hier ici il ils j' je l' la là le les "
    "leur leurs lors lorsque ma mais malgré même mon n' ne ni nos notre nous nul on or ou où par "
    "parce pendant personne plus plusieurs pour pourquoi puis qu' quand que quel quelle qui rien "
    "s' sa sans se selon seul ses si son sous sur tous tout toute toutefois toutes un une vos "
    "votre vous",
    pt="a agora ainda ali além alguns algumas antes ao aos apesar após aquela aquele aqui as assim "
    "até cada com como contra da das de depois desde do dos durante e é ela elas ele eles em "
    "embora enquanto então entre era essa esse esta estas este estes eu foi foram há hoje isso "
    "isto já lá mais mas mesmo meu minha muitos na nada não nas nem nenhum ninguém no nos nós "
    "nossa nosso o onde os ou outra outro outros para pela pelo pois por porém porque quando que "
    "quem se segundo sem seu seus sim sob sobre sua suas também todas todos um uma você vocês",
    it="a ai al alcune alcuni alla allora anche ancora c' che chi ci ciò come con contro così da "
    "dal dalla dai de dei del della delle di dopo dove due durante e è ed egli ella era erano essa "
    "essi fino fra gli i ieri il in infine inoltre io l' la le lei li lo loro lui ma mentre mi "
    "molti nei nel nella nelle nessun nessuno niente noi non nostra nostro o oggi ogni oppure ora "
    "per perché però più poi poiché prima quale quando quanto quella quelle quello questa queste "
    "questi questo qui se secondo sebbene senza si sì solo sono sotto su sua suo sul sulla tra "
    "tuttavia tutti tutto un una uno voi",
    de="aber alle alles als also am an andere auch auf aus außerdem bei beide bereits bis da dabei "
    "dafür dagegen daher damit danach dann daran darauf darin darum das dass dazu dem den denn der "
    "des deshalb die dies diese dieser dieses doch dort du durch ein eine einem einen einer eines "
    "einige er erst es für gegen heute hier hinter ich ihm ihr ihre im in ist ja jede jeder jedes "
    "jedoch jetzt kann kein keine man manche mehrere mein mit nach nachdem nein nicht nichts "
    "niemand noch nun nur ob obwohl oder ohne schon sehr sein seine seit sie sind so sobald solche "
    "sondern sonst trotz trotzdem über um und uns unser unsere unter viele vielleicht vom von vor "
    "während wann war waren warum was weder wegen weil welche wenn wer wie wieder wir wird wo zu "
    "zum zur zwar zwischen",
    ru="а без более больше бы был была были было в вам вас ваш во вот впрочем все всё вчера вы где "
    "да даже для до его ее её ей ему если есть еще ещё ею за завтра здесь и из из-за или им именно "
    "их к как какой когда кого который кроме кто лишь между меня мне многие мой мы на над нам нас "
    "наш не него нее неё нет несмотря ни никто ничего но о об однако он она они оно от очень перед "
    "по под поэтому после потом почему при про с сегодня сейчас со среди так также такой там "
    "теперь то тогда только тот ту тут ты у уже хотя чего чем через что чтобы эта эти это этого "
    "этой этот я",
)
ORDINAL_POINT = frozenset("bs cs da de et fi fo hr hu is lb lv nb nn no pl sk sl sr tr".split())
STOPS = "!?؟۔।॥։።。！？‼⁇⁈⁉"  # beside the full stop and the ellipsis, which need thought
STOPS_IN = {"el": ";\u037e", "ar": ":"}  # the Arabic colon: see benchmarks/segmentation.py

_QUOTES = "\"'“”‘’«»„‟‚‹›"
_OPENING = _QUOTES + "([{¿¡*_—–-"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
_LABEL = re.compile(r"[\W_]*+(?:[IVXLC]{2,5}|[ivx]{2,5}|\d{1,3}|[^\W\d_])?[\W_]*+")
_ROMAN = re.compile(r"(?:[IVXLC]{2,6}|[ivxl]{2,6})(?!\w)|[A-Z]\.$")  # or "L.", of a code
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")
_NEXT = re.compile(
    rf"[\s{_QUOTES}{_BIDI}([{{*_—–‒―-]*+(?P<inverted>[¿¡]?+)(?P<dots>\.{{2,}}+|…|\. \.)?"
    r"(?P<word>[^\W_][\w-]*+['’.]?+)?"
)
_PAIRED = re.compile(rf"[()\[\]{_QUOTES}]")
_MARKER = re.compile(
    r"(?<!\S)(?:(?P<bullet>[•⁃‣◦▪●■►]|(?<![^\n])[-–—*+](?=\s))\s*+(?:\d{1,3}[.)]{1,2})?"
    r"|(?P<open>\(?)(?P<number>\d{1,3}|[a-zа-я])(?P<close>\.\)|\.-|[.)º°](?=\s)))"
)


@cache
def _stop(code: str) -> re.Pattern[str]:
    """Match what may end a sentence, the marks that close after it, and the white space."""
    return re.compile(
        rf"(?P<stop>\.(?:\s\.(?!\.))+|[.…{STOPS}{STOPS_IN.get(code, '')}]++)"
        rf"(?P<close>(?:[{_QUOTES}{_BIDI})\]}}*_¹²³⁴-⁹]|\[\d{{1,3}}\])*(?:[^\S\n][»”](?!\w))?)"
        r"(?P<gap>\s*+)"
    )


def boundaries(text: str, language: str) -> list[int]:
    """Give the offsets at which a new sentence starts, ascending.

    Each follows white space; neither 0 nor the end of *text* is one. *language* is a BCP-47 or
    gettext code; of a language without tables, the abbreviations known are those of `sentencex`.
    """
    code = re.split(r"[-_@.]", language.lower(), maxsplit=1)[0]
    stops = {_start(text, m): m for m in _stop(code).finditer(text) if m["gap"]}
    certain = {m.end() for m in _BLANK_LINE.finditer(text)} | set(_list_items(text, code))
    quotations = _quotations(text)
    openings = [opening for opening, _ in quotations]
    found: list[int] = []
    start = len(text) - len(text.lstrip())
    for offset in sorted(stops.keys() | certain):
        if start < offset < len(text):
            around = bisect_left(openings, offset) - 1
            whole = around >= 0 and offset <= quotations[around][1]
            if offset in certain or (not whole and _ends(text, start, stops[offset], code)):
                found.append(offset)
                start = offset
    return found


def segment(text: str, language: str) -> list[str]:
    """Cut *text* into sentences, each with the white space after it; joined, they are *text*."""
    return [text[a:b] for a, b in pairwise([0, *boundaries(text, language), len(text)]) if a < b]


def _start(text: str, match: re.Match[str]) -> int:
    """Tell where the next sentence would start.

    Chicago style: of four spaced points the full stop is the first if it touches the word
    ("compounds. . . . The", where the other three open the next sentence), else the last.
    """
    spaced = match["stop"].count(".") > 3 and match["stop"][1].isspace()
    return (
        match.start() + 2
        if spaced and text[match.start() - 1 : match.start()].strip()
        else match.end()
    )


def _ends(text: str, start: int, match: re.Match[str], code: str) -> bool:
    """Judge whether the sentence begun at *start* ends with the stop of *match*."""
    stop, before = match["stop"], text[match.start() - 1 : match.start()]
    after = _NEXT.match(text, match.end(), match.end() + 99)
    assert after  # it matches the empty string, too
    word = after["word"] or ""
    lower = _is_lower(word)
    starts = bool(after["inverted"]) or _is_starter(word, code)
    if ":" in stop:  # what is said stays with who says it
        return text[match.end()] not in _QUOTES and not word[:1].isdigit()
    if any(c not in ".…" and not c.isspace() for c in stop):
        caseless = word[:1].isalpha() and word.lower() == word.upper()
        quoted = match["close"] and text[start] in _QUOTES and text[match.end()] not in _QUOTES
        return not (lower or (caseless and quoted))  # "Yes!" he said, in a script without case
    if match.end() - start < 99 and _LABEL.fullmatch(
        text, start, match.end()
    ):  # "1. The ...": no sentence yet
        return False
    if stop == ".":
        return bool(word) if after["dots"] else _full_stop(text, start, match, word, starts, code)
    if before in ("[", "("):  # words left out, within a sentence or between two
        return False
    if stop.count(".") > 3:
        return bool(word) and not lower
    if before.isspace() or stop[1:2].isspace():
        return starts and len(word) > 1  # "I" is a capital anywhere
    return word[:1].isalpha() and not lower


def _full_stop(
    text: str, start: int, match: re.Match[str], after: str, starts: bool, code: str
) -> bool:
    """Judge a single full stop by the words before it and the one after it."""
    at = match.start()
    before = re.sub(f"[{_BIDI}]", "", text[max(start, at - 40) : at])
    words = [re.split(r"['’]\b", w.lstrip(_OPENING))[-1] for w in before.split()]
    lower = _is_lower(after)
    if not words or before[-1].isspace():
        return not lower
    spaced = len(words) > 1 and words[-2].endswith(".")  # "z. B."
    word = words[-1].lower()
    last = word.rpartition("-")[2]
    names = {word, last, f"~{word[-3:]}", words[-2].lower() + word if spaced else word}
    leading, numbered, short = (
        names & table.get(code, frozenset()) for table in (LEADING, NUMBERED, SHORT)
    )
    number = words[-3:-2] if spaced else words[-2:-1]
    if names & UNITS and number and number[0][-1:].isdigit() and not starts:
        opening = at - start <= 40 and len(words) - 2 - spaced <= 2  # "At 5 a.m. Mr. Smith"
        return not (lower or opening or after[:1].isdigit() or after.lower() in DATED)
    if names & CLOSING:
        return not lower
    if leading or (numbered and (after[:1].isdigit() or _ROMAN.match(after))):
        return False
    if len(last) == 1 and last.isalpha():
        return starts and after[-1:] not in "'’"  # "A. N'Guessan"
    if short or _INITIALS.fullmatch(last) or (not numbered and _abbreviated(words[-1], code)):
        return starts
    if lower:  # no usual abbreviation is as long
        return len(word) > 6 and word.isalpha() and not match["close"]
    if code in ORDINAL_POINT and (_ROMAN.match(words[-1]) or re.fullmatch(r"\d{1,3}", word)):
        return starts
    return True


@lru_cache(maxsize=65536)
def _abbreviated(word: str, code: str) -> bool:
    return len(sentencex.segment(code, f"{word}. A")) == 1


def _is_lower(word: str) -> bool:
    return word[:1].islower() and word.islower()  # "iRelief" is a name


def _is_starter(word: str, code: str) -> bool:
    folded = word.lower().replace("’", "'")
    bare = folded.rstrip("'.") if len(folded) > 2 else folded  # "A." is an initial
    return word[:1].isupper() and not STARTERS.get(code, frozenset()).isdisjoint({folded, bare})


def _quotations(text: str) -> list[tuple[int, int]]:
    """Pair the quotation marks and brackets: the outermost pairs, ascending."""
    opened: dict[str, list[int]] = {kind: [] for kind in "\"'([-"}
    pairs: list[tuple[int, int]] = []
    for match in _PAIRED.finditer(text):
        at = match.start()
        kind, opens = _mark(match[0], text[at - 1 : at] if at else "", text[at + 1 : at + 2])
        if opens or (opens is None and not opened[kind]):
            opened[kind].append(at)
        elif opened[kind]:
            begin = opened[kind].pop()
            for others in opened.values():  # still open within: no pair
                while others and others[-1] > begin:
                    others.pop()
            if at - begin <= LONGEST_QUOTATION:
                while pairs and pairs[-1][0] > begin:
                    pairs.pop()
                pairs.append((begin, at))
    return pairs


def _mark(mark: str, before: str, after: str) -> tuple[str, bool | None]:
    """Tell a mark's kind and whether it opens: by its place and, where that is open, its shape."""
    if mark in "()[]":
        return {")": "(", "]": "["}.get(mark, mark), mark in "(["
    outside = not before or before.isspace() or before in _OPENING
    inside = after.isalnum() or after in ("¿", "¡")
    if mark in "'‘’":  # or an apostrophe, which neither opens nor closes: kind "-"
        opens = mark != "’" and outside and inside
        return "'" if opens or before in tuple(".,!?…") else "-", opens
    if outside != inside:
        return '"', {'"': None}.get(mark, mark in "“„«‹")
    return '"', outside


def _list_items(text: str, code: str) -> Iterator[int]:
    """Find where the items of a list begin: lines that are one, or markers that count up."""
    lines = list(re.finditer(r"\S[^\n]*", text))
    texts = [line[0].rstrip() for line in lines]
    width = max(map(len, texts), default=0)
    # Wrapped text fills its lines; where the next word had room, the line was ended on purpose.
    roomy = any(len(a) + 1 + len(b.split()[0]) <= width for a, b in pairwise(texts))
    if len(texts) > 2 and roomy and all(t[-1].isalnum() for t in texts):
        yield from (line.start() for line in lines)
    runs: dict[tuple[str | bool, ...], tuple[int, int, bool]] = {}
    for match in _MARKER.finditer(text):
        at, number = match.start(), match["number"] or ""
        style = (*match.group("bullet", "open", "close"), number.isdigit())
        value = int(number) if number.isdigit() else ord(number or "\0")
        lead = text[max(0, at - 9) : at]
        bare = lead.rstrip()
        line = not bare or "\n" in lead[len(bare) :]
        ended = line or bare[-1] in ".!?…؟"
        fresh = ended or bare[-1] in ":;؛"
        after = _NEXT.match(text, match.end(), match.end() + 99)
        word = (after and after["word"]) or ""
        wanted, first, any_case = runs.get(style, (-1, 0, False))
        ordinal = code in ORDINAL_POINT and match["close"] == "." and number.isdigit()
        if value == wanted and (any_case or not _is_lower(word)):
            if fresh or not ordinal or _is_starter(word, code):
                yield from (first, at)
                runs[style] = (value + bool(number), first, any_case)
        elif line or (fresh and number in ("", "1", "a", "а")):
            runs[style] = (value + bool(number), at, ended)
