"""Readers of source files: from characters to an article whose parts, joined, are the file.

In come a text and its suffix; out comes an `Article`. Nothing here knows of catalogs, engines,
locales to translate to, or of the project.
"""
