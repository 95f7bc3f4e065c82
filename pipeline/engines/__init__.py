"""Engines draft translations. An engine is one method; a dict names the known ones."""
