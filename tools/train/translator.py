"""A converted model at work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import sentencepiece as spm


class Translator:
    """A converted model, as the engine uses it."""

    def __init__(self, model: Path, pieces: Path, prefix: str = "", threads: int = 1) -> None:
        self.pieces = spm.SentencePieceProcessor(model_file=str(pieces))
        self.engine = ctranslate2.Translator(str(model), device="cpu", intra_threads=threads)
        self.prefix = prefix

    def __call__(self, texts: Sequence[str], beam: int = 4) -> list[str]:
        first = [[self.prefix]] * len(texts) if self.prefix else None
        results = self.engine.translate_batch(
            self.pieces.encode(list(texts), out_type=str),
            target_prefix=first,
            beam_size=beam,
            max_batch_size=1024,
            batch_type="tokens",
            replace_unknowns=True,
        )
        skip = 1 if self.prefix else 0
        return [self.pieces.decode_pieces(result.hypotheses[0][skip:]) for result in results]
