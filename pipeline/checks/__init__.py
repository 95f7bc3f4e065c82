"""Checks of drafts, translations, sources and of terminology.

In come sentences and messages; out come `Finding` values (`findings`), from what `registry` lists.
Nothing here changes a text, and nothing knows of files, engines or of the command line.
"""
