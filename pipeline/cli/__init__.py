"""The command ``pipeline``: reads arguments, calls one function, prints, exits.

Exit codes: 0 all went well; 1 something needs a person, and the message says what; 2 wrong usage.
"""

from pipeline.cli import (  # each adds its commands to the group
    engines,
    glossary,
    memory,
    merging,
    sources,
    text,
    todo,
    work,
)
from pipeline.cli.base import main

__all__ = ["engines", "glossary", "main", "memory", "merging", "sources", "text", "todo", "work"]
