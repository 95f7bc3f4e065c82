# ruff: noqa: E501
"""What a preview tells its reader, in the reader's language."""

from __future__ import annotations

from pipeline.text import locales

_TEXTS = {
    "en": "Preview, not for publication: {approved} of {total} sentences ({share}) were approved by a person. The marked ones were not.",
    "es": "Vista previa, no destinada a la publicación: una persona ha aprobado {approved} de {total} frases ({share}). Las marcadas están sin aprobar.",
    "fr": "Aperçu, à ne pas publier : {approved} phrases sur {total} ({share}) ont été approuvées par une personne. Celles qui sont surlignées ne l’ont pas été.",
    "pt": "Pré-visualização, não destinada à publicação: {approved} de {total} frases ({share}) foram aprovadas por uma pessoa. As frases assinaladas ainda não foram.",
    "it": "Anteprima, da non pubblicare: {approved} frasi su {total} ({share}) sono state approvate da una persona. Quelle evidenziate no.",
    "de": "Vorschau, nicht zur Veröffentlichung: {approved} von {total} Sätzen ({share}) wurden von einem Menschen freigegeben. Die markierten nicht.",
    "ru": "Предварительный просмотр, не для публикации: человек одобрил {approved} из {total} предложений ({share}). Выделенные не одобрены.",
    "ar": "معاينة غير معدّة للنشر: راجع شخصٌ {approved} من أصل {total} جملة ({share}) ووافق عليها. الجمل المظلَّلة لم تُراجَع بعد.",
    "ca": "Vista prèvia, no destinada a la publicació: una persona ha aprovat {approved} de {total} frases ({share}). Les marcades estan sense aprovar.",
    "nl": "Voorvertoning, niet voor publicatie: {approved} van {total} zinnen ({share}) zijn door een mens goedgekeurd. De gemarkeerde niet.",
    "pl": "Podgląd, nie do publikacji: człowiek zatwierdził {approved} z {total} zdań ({share}). Zaznaczone nie są zatwierdzone.",
    "el": "Προεπισκόπηση, όχι για δημοσίευση: ένα άτομο ενέκρινε {approved} από {total} προτάσεις ({share}). Οι επισημασμένες δεν έχουν εγκριθεί.",
    "tr": "Önizleme, yayımlanmak için değildir: {total} cümleden {approved} tanesi ({share}) bir insan tarafından onaylandı. İşaretli olanlar onaylanmadı.",
    "uk": "Попередній перегляд, не для публікації: людина схвалила {approved} з {total} речень ({share}). Виділені не схвалено.",
}


def notice(approved: int, total: int, locale: str) -> tuple[str, str]:
    """Return the notice of a preview, and the locale that it is in: English where it lacks."""
    language = locales.language(locale)
    shown = locale if language in _TEXTS else "en"
    text = _TEXTS.get(language, _TEXTS["en"])
    values = {
        "approved": locales.number(approved, shown),
        "total": locales.number(total, shown),
        "share": locales.percent(approved / total if total else 0, shown),
    }
    return text.format(**values), shown
