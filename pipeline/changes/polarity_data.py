"""Words that decide what a sentence says (negations, modals, quantities), by language."""

from __future__ import annotations


def _table(**rows: str) -> dict[str, frozenset[str]]:
    return {code: frozenset(fold(word) for word in words.split()) for code, words in rows.items()}


_ALIKE = str.maketrans(
    {"ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None}
    | {chr(vowel): None for vowel in range(0x64B, 0x653)}
)


def fold(word: str) -> str:
    return word.casefold().translate(_ALIKE)


NEGATION = _table(
    en="no not never non",
    es="no nunca jamás tampoco",
    fr="n ne non pas jamais",
    pt="não nunca jamais",
    it="no non mai",
    de="nein nicht nie niemals",
    ru="не нет ни нельзя никогда",
    ar="لا لم لن ليس* كلا",
)
"""What can stand alone: “No, more war” is not “No more war”."""

_WEIGHTY = _table(
    en="none nobody un dis nothing nowhere neither nor without hardly barely scarcely rarely "
    "seldom unless except anti against may might must can could should shall will would ll d "
    "ought need needs needed able unable allowed all some many few much most more less least "
    "fewer fewest every everyone everybody everything each any anyone anybody anything "
    "several half both either only merely almost nearly exactly over under above below always "
    "often sometimes usually maybe perhaps possibly probably likely majority minority one two "
    "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred* thousand* million* billion* trillion* dozen* first second third fourth fifth "
    "last once twice double* triple* quarter* zero refus* deny denies denied denying reject* "
    "forb* ban bans banned banning prohibit* oppos* fail* lack* prevent* stop* cease* lose "
    "loses lost losing false* wrong* worse worst enough even entire* whole lot lots dont doesnt "
    "didnt wont cant isnt arent",
    es="ni sin nada nadie ningun* ningún puede* pued* podem* podí* podr* podido pudo pudi* debe "
    "debes debemos deben debí* deber* debiera* todo* toda* algo alguien algun* algún mucho* mucha* "
    "muchí* poco* poca* vario* varia* mayor* menor* minoría más menos cada cualquier* ambos ambas "
    "mitad casi apenas solo sólo sola* únic* siempre quizá* acaso probable* posible* excepto salvo "
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieci* veint* treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento* cientos "
    "cientas mil miles mill* docena* primer* segund* tercer* últim* doble* triple* niega* negó "
    "negar* negaron rechaz* rehús* rehus* prohib* prohíb* impid* impid* imped* contra carec* "
    "falta* falso* falsa* peor* bastante* demasiad* entero* entera*",
    fr="ni sans rien personne aucun* nul nulle guère plus moins peu peut peuvent peux pouv* pourr* "
    "puiss* pu doit doivent dois devons devez devr* devait devai* faut fall* faudra* seul* tout "
    "toute tous toutes quelqu* certain* plusieurs beaucoup trop chaque chacun* moitié presque "
    "toujours souvent parfois majorité minorité sauf probable* possible* zéro deux trois quatre "
    "cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt* trente quarante "
    "cinquante soixante cent cents mille million* milliard* dizaine* douzaine* centaine* millier* "
    "premi* second* deuxième* troisième* derni* double* refus* rejet* interdi* empêch* contre nie "
    "nient nié nier faux fausse* pire* nullement plupart nombreu* assez entier* entière*",
    pt="nem sem nada ninguém nenhum* tampouco pode* podi* podí* pôde puder* pude* possa* posso "
    "deve* devi* precis* todo* toda* tudo algum* alguns alguém algo muito* muita* pouco* pouca* "
    "vário* vária* mais menos cada qualquer quaisquer ambos ambas metade quase apenas só somente "
    "sempre talvez maior* menor* minoria exceto salvo provavel* possivel* zero dois duas três "
    "quatro cinco seis sete oito nove dez onze doze treze catorze quatorze quinze dezesse* dezoito "
    "dezenove vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem cento* centenas "
    "mil milhar* milhão milhões bilh* bili* dúzia* primeir* segund* terceir* últim* dobro nega "
    "negam negou negar* recus* rejeit* proíb* proib* imped* impeç* contra falta* falso* falsa* "
    "pior* sequer bastante* demasiad* inteir*",
    it="né senza niente nulla nessun* può puoi posso possiamo possono pote* poté potr* possa* dev* "
    "dovr* dobb* dovev* dovut* bisogn* tutt* alcun* qualche qualcun* qualcosa molt* poco poch* "
    "vari varie parecchi* più meno ogni ognun* ciascun* qualsiasi qualunque entramb* metà quasi "
    "appena solo sola soltanto solamente sempre forse maggior* minor* tranne probabil* possibil* "
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici dicia* dicio* venti* ventun* ventott* trent* quarant* cinquant* sessant* "
    "settant* ottant* novant* cento* centin* mille mila milion* miliard* decin* migliai* dozzin* "
    "prim* second* terz* ultim* doppi* nega negano negò negat* negare rifiut* respin* vieta* "
    "proib* impedi* contro manc* fals* peggi* neanche nemmeno neppure abbastanza tropp* inter*",
    de="kein* niemand* nichts nirgend* weder noch ohne kaum selten außer kann kannst könn* konnt* "
    "könnt* muss* muß* müss* soll* darf* dürf* durf* will willst woll* mag mög* möcht* wird wirst "
    "werd* würd* wurd* alle* einig* manch* viel* wenig* mehr* meist* jed* jeglich* beid* hälfte "
    "fast nur lediglich bloß immer oft manchmal vielleicht wahrscheinlich wohl mindestens "
    "höchstens über unter null eins zwei* drei* vier* fünf* sechs* sech* sieb* acht* neun* "
    "zehn* elf* zwölf* zwanzig* dreiß* hundert* tausend* million* milliard* dutzend* erst* letzt* "
    "halb* doppel* einmal einund* zweit* dritt* ablehn* abgelehnt* lehn* verweiger* verbot* "
    "verbiet* verhinder* gegen fehl* falsch* leugn* bestreit* bestritt* schlechter* sämtlich* "
    "etlich* einzeln* hätt* wär* genug zahlreich* ganz*",
    ru="без никто никого никому никем ничто ничего ничему ничем нигде никак* никуда могу может "
    "могут можем можете мог могла могло могли можно должен должн* надо нужн* следует обязан* буд* "
    "бы все всё всех всем всеми весь вся всю кажд* любо* любы* любая нескольк* некотор* мног* мало "
    "немног* больш* меньш* более менее менее половин* почти только лишь всегда часто иногда "
    "возможно вероятно оба обе обоих кроме ноль один одна одно одн* два две двух двум двумя "
    "двое три трех трем тремя трое четыр* четвер* пять пяти пятью шест* семь семи восемь восьм* "
    "девят* десят* одиннадцат* двенадцат* тринадцат* четырнадцат* пятнадцат* шестнадцат* "
    "семнадцат* восемнадцат* девятнадцат* двадцат* тридцат* сорок* пятьдес* сто ста сот* двест* "
    "трист* тысяч* миллион* миллиард* дюжин* перв* втор* трет* последн* вдвое против отказ* "
    "отверг* отклон* запре* мешает лож* хуже нечего нету необходим* смог* смож* достаточн* целы*",
    ar="غير بدون دون بلا ما ابدا احد عدم يجب ينبغي يمكن قد سوف يستطيع* تستطيع* كل جميع* كافة بعض* "
    "كثير* قليل* معظم اكثر* اقل اغلب* عدة عدد نصف فقط دائما ربما كلا* لولا الا سوي صفر واحد* اثن* "
    "ثلاث* اربع* خمس* ست ستة ستون ستين سبع* ثمان* تسع* عشر* مئة مئات مائة مئت* الف الاف الفا "
    "مليون* ملايين مليار* اول اولي ثان* ثالث* اخير* ضعف ضد رفض* يرفض* ترفض* منع* يمنع* تمنع* "
    "حظر* كاذب* انكر* ينكر* لست لستم لستن لسن لسنا",
)

ALL = {code: words | NEGATION[code] for code, words in _WEIGHTY.items()}

UNDOING = _table(
    en="un in im il ir dis non mis anti under over de",
    es="in im i des anti",
    fr="in im il ir dé dés mal non anti",
    pt="in im i des anti",
    it="in im il ir dis s non anti",
    de="un miss nicht ent anti",
    ru="не без бес анти",
    ar="لا",
)
"""What turns a word into its opposite when it is put before it."""

ENDINGS = {"en": (("ful", "less"), ("fully", "lessly"))}

EXPANDED = {
    "cannot": ("can", "not"),
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
}


CLAUSES = _table(
    en="who whom whose which that where when while as once after before if since until although "
    "though because whenever",
    es="que quien quienes cual cuales cuyo cuya cuyos cuyas donde cuando mientras como si después "
    "antes aunque porque",
    fr="qui que qu dont où quand lorsque lorsqu lequel laquelle lesquels lesquelles auxquel* "
    "auquel duquel desquel* comme si après avant quoique puisque",
    pt="que quem cujo cuja cujos cujas onde quando enquanto como se depois antes embora porque",
    it="che chi cui quale quali dove quando mentre come se dopo prima sebbene perché poiché",
    de="der die das den dem dessen deren denen welche welcher welches welchen wo wenn als während "
    "nachdem bevor weil da obwohl",
    ru="который которая которое которые которого которой которых кто что где когда пока если "
    "после хотя как",
    ar="التي الذي الذين اللواتي عندما بينما إذا بعد قبل حيث",
)
"""What begins a clause: on a comma beside it hangs what the clause belongs to."""


JOINING = _table(
    en="and or but",
    es="y e o u pero",
    fr="et ou mais",
    pt="e ou mas",
    it="e ed o od ma",
    de="und oder aber sowie",
    ru="и или но",
    ar="و او لكن",
)
"""What joins the last of several things to the others."""

OPENING = _table(
    en="in on at during for from with within through despite across today tomorrow yesterday then "
    "here therefore meanwhile finally moreover instead thus later",
    es="en a al por para con desde durante tras ante entre hoy mañana ayer ahora entonces aquí "
    "además finalmente luego así",
    fr="en à au aux dans par pour avec depuis durant pendant dès aujourd hier demain maintenant "
    "alors ici enfin ensuite ainsi cependant toutefois pourtant",
    pt="em no na nos nas ao por para com desde durante hoje amanhã ontem agora então aqui além "
    "finalmente assim porém",
    it="in a al alla nel nella nei nelle da dal per con durante oggi domani ieri ora allora qui "
    "infine poi così inoltre tuttavia",
)
"""How the part of a sentence begins that says when, where or how, before what it is about."""

SUBJECTS = _table(
    en="the a an this these those our their his her its my your we they he she it i there",
    es="el la los las un una unos unas este esta estos estas nuestro nuestra nuestros nuestras su "
    "sus nosotros nosotras ellos ellas él ella",
    fr="le la les l un une des ce cette ces notre nos leur leurs son sa ses nous ils elles il elle "
    "on je vous",
    pt="o a os as um uma este esta estes estas nosso nossa nossos nossas seu sua seus suas nós "
    "eles elas ele ela",
    it="il lo la i gli le l un uno una questo questa questi queste nostro nostra nostri nostre noi "
    "loro",
)
"""How what it is about begins."""


PRONOUNS = _table(
    en="we they he she it i you who there",
    es="nosotros nosotras ellos ellas él ella yo",
    fr="nous ils elles il elle on je vous tu",
    pt="nós eles elas ele ela eu",
    it="noi loro essi io egli ella lei lui",
)
VERBAL = {
    "en": ("ing",),
    "es": ("ar", "er", "ir", "ndo"),
    "fr": ("ant", "er", "ir", "re"),
    "pt": ("ar", "er", "ir", "ndo"),
    "it": ("are", "ere", "ire", "ndo"),
}
"""Endings of what has a subject of its own, or an object: “Al vender, la empresa ...”."""
