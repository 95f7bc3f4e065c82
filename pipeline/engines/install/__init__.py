"""Installation of engines: Argos' packages, starters, Debian's Apertium.

In come pairs of languages; out come installed packages, or an error that says what to do. Nothing
here translates.
"""
