"""Training of Argos packages that know terms: `python -m tools.train --help`, and README.md."""
