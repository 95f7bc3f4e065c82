"""The translation memory: an index of what people approved, TMX, and leverage.

In come catalogs and sentences; out come matches with their score and origin. Nothing here knows of
engines.
"""
