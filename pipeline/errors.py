"""Everything that this package raises on purpose.

The command line prints these as one line and exits with 1; anything else is a bug.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def meant(name: str, known: Sequence[str]) -> str:
    """Suggest a valid name for *name*: the most similar of those *known*, or all."""
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"


class PipelineError(Exception):
    """Something a person can put right; the message says what, where and what to do."""


class SourceError(PipelineError):
    """A source text cannot be read."""


class CatalogError(PipelineError):
    """A PO file cannot be trusted; it is left on disk as it was."""


class SettingsError(PipelineError):
    """``[tool.pipeline]`` or ``glossary.yaml`` says something that cannot be followed."""


class TableError(PipelineError):
    """A table of words in a `data` folder of this package has a row that cannot be read."""


class EngineError(PipelineError):
    """An engine failed, or broke its contract."""


class PluginError(PipelineError):
    """A plug-in of another distribution cannot be loaded, or takes a name that is taken."""


class PairNotAvailable(EngineError):
    """No engine, or not this engine, translates between the two languages."""
