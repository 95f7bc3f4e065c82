"""What runs in the environment of the peers: argostranslate's own translate(), and sacrebleu.

JSON in, JSON out. No network: the sentence splitters that Argos would download (Stanza, MiniSBD)
cannot be had without one, so it gets ``ARGOS_CHUNK_TYPE=SPACY`` with a blank spaCy pipeline in
place of the trained one, to which Argos itself adds spaCy's splitter by rules. That is the
cheapest splitter that Argos knows: the ratios with the others would be higher.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    job: dict[str, Any] = json.load(sys.stdin)
    answer = _score(job) if job["mode"] == "score" else _translate(job)
    print(json.dumps(answer))


def _translate(job: dict[str, Any]) -> dict[str, Any]:
    """Translate each text. Modes: "cut", as Argos does; "uncut", each line taken as a sentence."""
    if job.get("cores"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job["cores"]])
    _blank_splitter()
    argos: Any = importlib.import_module("argostranslate.translate")
    translation = argos.get_translation_from_codes(job["source"], job["target"])
    sentencizer = translation.underlying.sentencizer
    parts: list[int] = []
    cut = sentencizer.split_sentences

    def split(text: str) -> list[str]:
        found: list[str] = [text] if job["mode"] == "uncut" else cut(text)
        parts.append(len(found))
        return found

    sentencizer.split_sentences = split
    translation.translate("The first sentence.")
    parts.clear()
    wall, cpu = time.perf_counter(), time.process_time()
    drafts = [translation.translate(text) for text in job["texts"]]
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "drafts": drafts,
        "parts": parts,
    }


def _blank_splitter() -> None:
    cache = Path(os.environ["XDG_CACHE_HOME"]) / "argos-translate" / "spacy"
    if not (cache / "senter" / "model").exists():
        cache.mkdir(parents=True, exist_ok=True)
        importlib.import_module("spacy").blank("xx").to_disk(cache)
        (cache / "senter").mkdir(exist_ok=True)
        (cache / "senter" / "model").touch()  # by this file Argos knows that it is there
    os.environ["ARGOS_CHUNK_TYPE"] = "SPACY"


def _score(job: dict[str, Any]) -> dict[str, Any]:
    """Score each of the systems; with the signatures, which say how."""
    metrics: Any = importlib.import_module("sacrebleu.metrics")
    found = []
    bleu, chrf = metrics.BLEU(), metrics.CHRF()
    for drafts, reference in zip(job["systems"], job["references"], strict=True):
        found.append(
            (
                bleu.corpus_score(drafts, [reference]).score,
                chrf.corpus_score(drafts, [reference]).score,
            )
        )
    return {"scores": found, "signatures": [str(bleu.get_signature()), str(chrf.get_signature())]}


if __name__ == "__main__":
    main()
