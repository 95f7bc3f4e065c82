"""Overrides of the cleaner: lines with the coordinator's verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.model import Role

DROP = "drop"
KEEP = "keep"
VERDICTS: Mapping[str, Role | None] = {
    DROP: None,
    KEEP: Role.PARAGRAPH,
    "title": Role.TITLE,
    "heading": Role.HEADING,
    "paragraph": Role.PARAGRAPH,
    "item": Role.ITEM,
    "quote": Role.QUOTE,
    "caption": Role.CAPTION,
    "slogan": Role.SLOGAN,
    "byline": Role.BYLINE,
    "signature": Role.SIGNATURE,
}
"""Verdicts on a line that a coordinator can give."""


def line_key(text: str) -> str:
    return " ".join(text.split()).casefold()


def all_verdicts(meta: Mapping[str, object], verdicts: Mapping[str, str]) -> Mapping[str, object]:
    """Return *verdicts*, overruled by those in the front matter of the file."""
    told = meta.get("clean")
    return {**verdicts, **told} if isinstance(told, dict) else verdicts


def verdict_of(verdicts: Mapping[str, object], text: str) -> Role | str | None:
    """Return the coordinator's verdict on a line: a role, `DROP`, or None for none."""
    told = {line_key(str(line)): str(verdict) for line, verdict in verdicts.items()}.get(
        line_key(text)
    )
    return DROP if told == DROP else VERDICTS.get(told) if told else None
