"""Targets: the files that an article is published as, each written by a function."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.model import LocalizedArticle
from pipeline.plugins import Registry
from pipeline.publish.render import to_html, to_markdown

Target = Callable[[LocalizedArticle], str]
"""From a localized article to the text of its file."""

TARGETS: Registry[Target] = Registry("pipeline.targets", {".md": to_markdown, ".html": to_html})
"""Targets by the suffix of their file."""
