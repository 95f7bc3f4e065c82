"""Files on disk: written whole, locked, digested; YAML and XML read with their lines.

In come paths and bytes; out come bytes, values and clear errors. Nothing here knows what the
files are about.
"""
