"""``manifest.json``: what is published and what is a preview, for a website's import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def read_manifest(path: Path) -> list[Mapping[str, object]]:
    """Return the entries of the manifest at *path*; none where there is no whole one."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["articles"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    its = entries if isinstance(entries, list) else []
    return [e for e in its if isinstance(e, dict) and {"article", "locale"} <= e.keys()]
