"""Argos Translate's packages, run through CTranslate2.

In come segments; out come hypotheses with the engine's own doubts. Nothing here knows how packages
get onto the machine.
"""
