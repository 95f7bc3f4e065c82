"""Whether an engine serves a pair; JSON in, JSON out. See engines.py."""

from __future__ import annotations

import json
import sys

from pipeline.engines.registry import choose
from pipeline.errors import PipelineError


def main() -> None:
    job = json.load(sys.stdin)
    try:
        choose(job["engine"], job["source"], job["target"])
        print(json.dumps({"serves": True, "why": ""}))
    except PipelineError as error:
        print(json.dumps({"serves": False, "why": str(error)}))


if __name__ == "__main__":
    main()
