"""What this raises on purpose; the command prints it as one line."""

from __future__ import annotations


class TrainError(Exception):
    """Something a person can put right; the message says what, where and what to do."""
