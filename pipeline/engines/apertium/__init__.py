"""Apertium: its programs, kept running, with terms carried through them.

In come segments; out come hypotheses. Nothing here knows how packages get onto the machine.
"""
