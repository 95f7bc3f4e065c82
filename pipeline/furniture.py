# ruff: noqa: E501
"""What web pages put around an article: share buttons, related articles, newsletters."""

from __future__ import annotations

import re

_PHRASES = {
    "en": r"check out (?:our )?other (?:content|tags?)|most (?:popular|read|viewed)(?: articles?| posts?| stories)?"
    r"|(?:related|similar|recent|latest|more|other|featured) (?:articles?|posts?|stories|content|news|topics|reading|reads)"
    r"|you (?:may|might) also (?:like|be interested in)|read (?:more|next|also)|continue reading|share (?:this|on|via|it)\b.*"
    r"|click to (?:share|print|email)\b.*|follow us\b.*|subscribe\b.{0,40}|sign up (?:for|to) .{0,40}(?:newsletter|updates)"
    r"|(?:leave|post|add) a (?:comment|reply)|\d+ comments?|comments?(?: are closed)?|tags?|categories|filed under|posted in"
    r"|like this|loading(?:\.\.\.|…)?|print|e-?mail|back to top|skip to (?:main )?content|previous (?:article|post)|next (?:article|post)"
    r"|all rights reserved\.?|copyright\b.{0,60}|cookie (?:policy|settings)|privacy policy|terms of (?:use|service)"
    r"|we use cookies\b.{0,200}|accept(?: all)?(?: cookies)?|search|menu|home|donate now|load more|trending(?: now)?|advertisement",
    "es": r"(?:artículos|noticias|entradas) (?:relacionad[oa]s|recientes|más leíd[oa]s)|lo más leído|te puede interesar"
    r"|leer más|seguir leyendo|comp[aá]rt(?:e|ir)(?: esto| en)?\b.{0,40}|síguenos\b.{0,40}|suscr[ií]b(?:e|ir)te\b.{0,40}|etiquetas"
    r"|deja (?:un comentario|una respuesta)|comentarios|todos los derechos reservados\.?|anterior|siguiente|volver arriba|buscar|inicio",
    "fr": r"(?:articles|contenus) (?:similaires|liés|récents|associés)|les plus (?:lus|populaires)|à lire aussi|lire (?:la suite|aussi)"
    r"|partage[rz]\b.{0,40}|suivez-nous\b.{0,40}|abonnez-vous\b.{0,40}|étiquettes|laisser un commentaire|commentaires"
    r"|tous droits réservés\.?|article (?:précédent|suivant)|haut de page|rechercher|accueil|j’aime ça|chargement…?",
    "pt": r"(?:artigos|notícias|posts|matérias) (?:relacionad[oa]s|recentes|mais lid[oa]s)|mais lidas|leia (?:mais|também)"
    r"|compartilh(?:e|ar)\b.{0,40}|partilh(?:e|ar)\b.{0,40}|siga-nos\b.{0,40}|inscreva-se\b.{0,40}|deixe um comentário|comentários"
    r"|todos os direitos reservados\.?|anterior|próximo|voltar ao topo|buscar|início",
    "it": r"(?:articoli|notizie) (?:correlat[ei]|recenti|più lett[ei])|i più letti|leggi (?:anche|tutto|di più)|condividi\b.{0,40}"
    r"|seguici\b.{0,40}|iscriviti\b.{0,40}|lascia un commento|commenti|tutti i diritti riservati\.?|cerca|torna su|precedente|successivo",
    "de": r"(?:ähnliche|verwandte|neueste|weitere) (?:artikel|beiträge)|meistgelesen(?:e artikel)?|das könnte (?:sie|dich) auch interessieren"
    r"|weiterlesen|mehr lesen|lesen sie auch|teilen\b.{0,40}|folgen sie uns\b.{0,40}|newsletter abonnieren|schlagwörter"
    r"|(?:schreibe einen )?kommentare?(?: hinterlassen)?|alle rechte vorbehalten\.?|nach oben|suche|startseite",
    "ru": r"(?:похожие|другие|последние|популярные) (?:статьи|новости|записи|материалы)|читайте также|читать (?:далее|ещё|еще)"
    r"|самое читаемое|поделиться\b.{0,40}|подписаться\b.{0,40}|подпишитесь\b.{0,40}|метки|теги|комментарии|оставить комментарий"
    r"|все права защищены\.?|наверх|поиск|главная",
    "ar": r"(?:مقالات|مواضيع|أخبار) (?:ذات صلة|مشابهة|أخرى)|الأكثر قراءة|اقرأ (?:أيضا|أيضًا|المزيد)|شارك\b.{0,40}|تابعونا\b.{0,40}"
    r"|اشترك\b.{0,40}|الوسوم|التعليقات|اترك تعليقا|جميع الحقوق محفوظة\.?|بحث|الرئيسية",
}
_NETWORKS = r"facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|instagram|youtube|tumblr|mastodon|bluesky|e-?mail|print|copy link|threads|tiktok"
_MARKS = r"©.{0,100}"


def is_furniture(text: str, language: str) -> bool:
    """Return whether a line, all of it, is one that pages put around articles.

    English phrases are looked for on pages of any language: the software speaks it.
    """
    line = text.strip().strip(":|·•>»›-–— ").casefold()
    if not line or len(line) > 240:
        return False
    phrases = "|".join({_PHRASES["en"], _PHRASES.get(language, _PHRASES["en"])})
    return bool(re.fullmatch(rf"(?:{phrases}|{_MARKS}|(?:(?:{_NETWORKS})[\s,|·]*)+)", line))
