"""Tables for segmentation: abbreviations, ordinals, words that begin a sentence, by language."""

from __future__ import annotations


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
