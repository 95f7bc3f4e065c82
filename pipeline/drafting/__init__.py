"""Drafting: protect what must not be touched, ask an engine, restore, look at the result.

In come messages and an engine; out come messages with drafts and their provenance. Nothing here
knows of files or projects.
"""
