"""Reading: a source file to an `Article`. One module a format, each a function in `READERS`.

A reader finds the blocks; what all formats share is here: sentences, dates, the signature.
"""

from __future__ import annotations

__all__ = ["READERS", "read", "sentence_spans"]
