"""Edits of a source sentence: the difference, what it means, and patching the translation.

In come two sentences and their language; out come an `Edit` and, where it can be had, a patched
translation. Nothing here knows of messages, catalogs or engines.
"""
