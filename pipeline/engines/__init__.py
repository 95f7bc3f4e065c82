"""Machine translation: engines, and what all of them share.

In come segments of one language; out come hypotheses for each, in order. Nothing here knows of
messages, catalogs or projects. `base` is the contract, `registry` knows the names.
"""
