"""Garbage collection, paused while a catalog is read, merged or written."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MUCH = 50_000
"""Objects."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collection of reference cycles around work that keeps nearly all that it makes.

    After a number of new objects, Python goes through all existing ones. For a catalog of 50,000
    messages that is a sixth of the time to read and merge it. At the end many new objects are
    moved to the oldest generation, so that they are not searched at once.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            # it also forgets how many objects there are, and so when to search: not for a few
            if gc.get_count()[0] > _MUCH and not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
