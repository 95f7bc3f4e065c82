"""Python's search for garbage, put off."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MUCH = 50_000
"""Objects."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Put off the search for reference cycles: around what makes much, and keeps nearly all of it.

    Every so many new objects, Python goes through all those that there are. While a catalog of
    50,000 messages is read and merged, that is a sixth of the time. What was made is counted as
    old in the end, where it is much, so that it is not gone through at once.
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
