"""Publication: localized articles, rendered, with notices and a manifest.

In come an article and its catalog; out come pages. Nothing here knows of engines.
"""
