"""The glossary: read, validated, matched, exchanged with other tools, extracted from texts.

In come ``glossary.yaml``, term bases and sentences; out come terms, where they stand, and the
constraints that follow. Nothing here knows of catalogs, engines or projects.
"""
