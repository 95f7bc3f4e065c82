"""Catalogs: messages of an article, updated, merged, and written as PO.

In come articles, catalogs and bytes of PO files; out come catalogs and bytes. Nothing here knows
of engines, memories, or where files lie.
"""
