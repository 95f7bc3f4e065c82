"""Terminology in machine translation, for all engines: wording, alignment, agreement.

In come a sentence, its terms and what a model says; out comes a draft with the terms in the form
that they need. Nothing here knows which engine asks.
"""
