"""Notice of a preview to its reader, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.text import locales, tables


@cache
def _texts() -> Mapping[str, str]:
    return {row[0]: row[1] for row in tables.rows("publish/preview_notice", "language", "text")}


def notice(approved: int, total: int, locale: str) -> tuple[str, str]:
    """Return the notice of a preview, and the locale that it is in: English where it lacks."""
    language = locales.language(locale)
    shown = locale if language in _texts() else "en"
    text = _texts().get(language, _texts()["en"])
    values = {
        "approved": locales.number(approved, shown),
        "total": locales.number(total, shown),
        "share": locales.percent(approved / total if total else 0, shown),
    }
    return text.format(**values), shown
