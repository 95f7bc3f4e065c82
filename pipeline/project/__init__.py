"""A project on disk: sources, catalogs, settings, and the work on all of them.

In comes a folder; out come drafts, pages and rows that say where things stand. What happens is told
to a listener; nothing here prints, and nothing knows click.
"""
