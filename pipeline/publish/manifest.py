"""``manifest.json``: what is published and what is a preview, for a website's import."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

Entry = Mapping[str, object]
"""One article in one locale; see `Row.manifest`."""


def read(path: Path) -> list[Entry]:
    """Return the entries of the manifest at *path*; none where there is no whole one."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["articles"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    its = entries if isinstance(entries, list) else []
    return [e for e in its if isinstance(e, dict) and {"article", "locale"} <= e.keys()]


def merged(
    old: Iterable[Entry], new: Iterable[Entry], pairs: Collection[tuple[str, str]]
) -> list[Entry]:
    """Return the *new* entries, and the *old* ones of others of *pairs*: article and locale."""
    known = {(str(entry["article"]), str(entry["locale"])): entry for entry in (*old, *new)}
    return [known[pair] for pair in sorted(known) if pair in pairs]


def dump(entries: Iterable[Entry]) -> str:
    """Return the text of the manifest."""
    said = {"version": 1, "articles": list(entries)}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"
