# ruff: noqa: E501
"""What web pages put around an article: share buttons, related articles, newsletters."""

from __future__ import annotations

import re
from functools import cache

from pipeline.text import locales

_NETWORKS = r"facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|instagram|youtube|tumblr|mastodon|bluesky|e-?mail|print|copy link|threads|tiktok"
# No phrase may be how a sentence of an article begins: "Share it with every worker" is a call.
_PHRASES = {
    "en": r"check out (?:our )?other (?:content|tags?)|most (?:popular|read|viewed)(?: articles?| posts?| stories)?"
    r"|(?:related|similar|recent|latest|more|other|featured) (?:articles?|posts?|stories|content|topics|reading|reads)"
    r"|you (?:may|might) also (?:like|be interested in)|read (?:more|next|also)|continue reading"
    r"|(?:click to )?(?:share|print|e-?mail)(?: this)?(?: article| post| page| story| link)?(?: (?:on|via|with|to) NETWORK(?: a friend)?)?(?: \(opens in new window\))?"
    r"|follow us(?: (?:on|at) (?:NETWORK|social media)| @\w+)?|subscribe(?: (?:to|for) (?:our|the) (?:newsletter|channel|mailing list|updates))?(?: now| here)?"
    r"|sign up (?:for|to) (?:our |the )?(?:newsletter|updates|mailing list|e-?mails)"
    r"|(?:leave|post|add) a (?:comment|reply)|\d+ comments?|comments?(?: are closed)?|tags?|categories|filed under|posted in"
    r"|like this|loading(?:\.\.\.|…)?|back to top|skip to (?:main )?content|previous (?:article|post)|next (?:article|post)"
    r"|all rights reserved\.?|copyright (?:©|\(c\)|\d{4}).{0,60}|cookie (?:policy|settings)|privacy policy|terms of (?:use|service)"
    r"|we use cookies\b.{0,200}|accept(?: all)? cookies|accept all|search|menu|home|load more|trending(?: now)?|advertisement",
    "es": r"(?:artículos|noticias|entradas) (?:relacionad[oa]s|recientes|más leíd[oa]s)|lo más leído|te puede interesar|también te puede interesar"
    r"|leer más|seguir leyendo|comp[aá]rt(?:e|ir|elo)(?: esto| este artículo| esta página)?(?: (?:en|por) NETWORK)?"
    r"|síguenos(?: en (?:NETWORK|(?:las )?redes(?: sociales)?))?|suscr[ií]b(?:e|ir)te(?: (?:a|al) (?:nuestro )?bolet[ií]n)?|etiquetas"
    r"|deja (?:un comentario|una respuesta)|comentarios|todos los derechos reservados\.?|volver arriba|buscar",
    "fr": r"(?:articles|contenus) (?:similaires|liés|récents|associés)|les plus (?:lus|populaires)|à lire aussi|lire (?:la suite|aussi)"
    r"|partage[rz](?: (?:cet article|cette page|ceci))?(?: (?:sur|par) NETWORK)?|suivez-nous(?: sur (?:NETWORK|les réseaux sociaux))?"
    r"|abonnez-vous(?: à (?:notre|la) (?:newsletter|lettre d[’']information))?|étiquettes|laisser un commentaire|commentaires"
    r"|tous droits réservés\.?|article (?:précédent|suivant)|haut de page|rechercher|accueil|j[’']aime ça|chargement…?",
    "pt": r"(?:artigos|notícias|posts|matérias) (?:relacionad[oa]s|recentes|mais lid[oa]s)|mais lidas|leia (?:mais|também)"
    r"|(?:com)?partilh(?:e|ar)(?: (?:isso|isto|este artigo|esta página))?(?: (?:no|na|por|via) NETWORK)?"
    r"|siga-nos(?: (?:no NETWORK|nas redes(?: sociais)?))?|inscreva-se(?: (?:na|em) (?:nossa )?newsletter)?|deixe um comentário|comentários"
    r"|todos os direitos reservados\.?|voltar ao topo|buscar",
    "it": r"(?:articoli|notizie) (?:correlat[ei]|recenti|più lett[ei])|i più letti|leggi (?:anche|tutto|di più)"
    r"|condividi(?: (?:questo articolo|questa pagina))?(?: (?:su|via) NETWORK)?|seguici(?: (?:su NETWORK|sui social(?: network)?))?"
    r"|iscriviti(?: alla (?:nostra )?newsletter)?|lascia un commento|commenti|tutti i diritti riservati\.?|torna su",
    "de": r"(?:ähnliche|verwandte|neueste|weitere) (?:artikel|beiträge)|meistgelesen(?:e artikel)?|das könnte (?:sie|dich) auch interessieren"
    r"|weiterlesen|mehr lesen|lesen sie auch|(?:artikel |beitrag )?teilen(?: (?:auf|per|über|via) NETWORK)?|folgen sie uns(?: auf (?:NETWORK|social media))?"
    r"|newsletter abonnieren|schlagwörter|(?:schreibe einen )?kommentar(?: hinterlassen)?|kommentare|alle rechte vorbehalten\.?|nach oben|startseite",
    "ru": r"(?:похожие|другие|последние|популярные) (?:статьи|записи|материалы)|читайте также|читать (?:далее|ещё|еще)"
    r"|самое читаемое|поделиться(?: (?:в|через) (?:NETWORK|вконтакте|соцсетях))?|подпис(?:аться|ывайтесь)(?: на (?:рассылку|канал|новости))?"
    r"|метки|теги|комментарии|оставить комментарий|все права защищены\.?|наверх|главная",
    "ar": r"(?:مقالات|مواضيع|أخبار) (?:ذات صلة|مشابهة|أخرى)|الأكثر قراءة|اقرأ (?:أيضا|أيضًا|المزيد)|شارك(?: (?:المقال|هذا المقال|الخبر))?(?: (?:على|عبر) (?:NETWORK|فيسبوك|تويتر|واتساب))?"
    r"|تابعونا(?: على (?:NETWORK|فيسبوك|تويتر))?|اشترك(?: في (?:النشرة البريدية|نشرتنا))?|الوسوم|التعليقات|اترك تعليقا|جميع الحقوق محفوظة\.?|الرئيسية",
}
_MARKS = r"©.{0,100}"


def is_furniture(text: str, language: str) -> bool:
    """Return whether a line, all of it, is one that pages put around articles.

    English phrases are looked for on pages of any language: the software speaks it.
    """
    line = text.strip().strip(":|·•>»›-–— ").casefold()
    if not line or len(line) > 240 or line.endswith(("!", "?")):
        return False
    return bool(_pattern(locales.language(language)).fullmatch(line))


@cache
def _pattern(language: str) -> re.Pattern[str]:
    phrases = dict.fromkeys((_PHRASES["en"], _PHRASES.get(language, _PHRASES["en"])))
    networks = rf"(?:{_NETWORKS})(?:[\s,|·]+(?:{_NETWORKS}))*[\s,|·]*"
    known = "|".join(phrases).replace("NETWORK", f"(?:{_NETWORKS})")
    return re.compile(f"{known}|{_MARKS}|{networks}")
