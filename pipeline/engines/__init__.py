"""Machine translation: engines, their contract and their registry.

In come segments of one language; out come hypotheses for each, in order. Nothing here knows of
messages, catalogs or projects. `base` is the contract, `registry` knows the names.
"""
