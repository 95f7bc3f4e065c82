"""Statements to PO files to localized articles; a person approves each sentence.

The names here are the public surface; docs/library.md shows them at work. What is imported from a
module below is internal, and may change without notice, but for the contract of an engine in
`pipeline.engines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.api import (
        Article,
        Catalog,
        Engine,
        Glossary,
        Message,
        PipelineError,
        build,
        build_all,
        draft_all,
        dump_po,
        load_engine,
        new_catalog,
        open_session,
        parse_po,
        pretranslate,
        read_article,
        segment,
    )

__all__ = [
    "Article",
    "Catalog",
    "Engine",
    "Glossary",
    "Message",
    "PipelineError",
    "build",
    "build_all",
    "draft_all",
    "dump_po",
    "load_engine",
    "new_catalog",
    "open_session",
    "parse_po",
    "pretranslate",
    "read_article",
    "segment",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: ``import pipeline`` alone loads nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pipeline import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted((*globals(), *__all__))
