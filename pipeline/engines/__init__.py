"""Machine translation: engines, their contract and their registry.

In come segments of one language; out come hypotheses for each, in order. Nothing here knows of
messages, catalogs or projects. `base` is the contract, which an engine of one's own imports from
here; `registry` knows the names.
"""

from pipeline.engines.base import Constraint, Engine, Hypotheses, Hypothesis, Segment

__all__ = ["Constraint", "Engine", "Hypotheses", "Hypothesis", "Segment"]
