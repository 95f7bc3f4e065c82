"""Work for several processes at once; each imports this file, which so asks for little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.model import Catalog
from pipeline.project.project import open_project
from pipeline.storage import atomic


def write_edits(root: Path, first: int, count: int) -> None:
    """Translate *count* messages of ``many``, from the *first* one on, one write each."""
    project = open_project(root)
    article = project.article(root / "source_texts/many.md")
    for n in range(first, first + count):

        def change(catalog: Catalog, n: int = n) -> Catalog:
            messages = list(catalog.messages)
            messages[n] = replace(messages[n], target=f"texto {n}", fuzzy=False)
            return replace(catalog, messages=tuple(messages))

        with atomic.lock(project.cache):
            project.update(article, "es", change)
