"""Model of one package: tokens in, scored tokens out, through CTranslate2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pipeline.engines.argos.doubt import doubt_draft, doubt_word, join_doubts
from pipeline.engines.terms import alignment

MAX_BATCH_TOKENS = 1024
SCORED_BATCH_TOKENS = 256
"""Batch of a scoring pass, which keeps all log-probabilities over the vocabulary: it fits the
processor's cache better (1.4 to 1.8 times as fast as batches of 1,024)."""
LENGTH_PENALTY = 0.2
"""Length penalty of Argos itself, with which its models are tested."""
FORCED_BEAM = 2
"""Beam size after a forced term, which is one candidate among several."""
LEAST_DECODING_LENGTH = 256
"""Least limit of tokens in a draft; a text of over half as many gets a higher one."""


class Runtime(Protocol):
    """Runtime of models: a translator for each package, and one that gives its attention."""

    beam: int

    def translator(self, hop: Any) -> Any:
        """Return the CTranslate2 translator of the package *hop*."""

    def aligner(self, hop: Any) -> Any:
        """Return a translator that gives the attention of all heads, where possible."""


class Model:
    """A package as an `assessment.Model`."""

    def __init__(self, engine: Runtime, hop: Any) -> None:
        self._engine, self.hop = engine, hop
        self.source, self.target = (
            {"pb": "pt"}.get(str(code), str(code)) for code in (hop.from_code, hop.to_code)
        )
        self._first = [hop.target_prefix] if hop.target_prefix else []

    def encode(self, text: str) -> list[str]:
        return list(self.hop.tokenizer.encode(text))

    def decode(self, pieces: list[str]) -> str:
        return decode_tokens(self.hop, [*self._first, *pieces])

    def complete(self, jobs: Sequence[tuple[list[str], list[str]]]) -> list[list[str]]:
        found: list[list[str]] = [[]] * len(jobs)
        limits = [decoding_limit(max(len(source), len(prefix))) for source, prefix in jobs]
        for limit in sorted(set(limits)):
            which = [i for i, its in enumerate(limits) if its == limit]
            results = self._engine.translator(self.hop).translate_batch(
                [jobs[i][0] for i in which],
                target_prefix=[[*self._first, *jobs[i][1]] for i in which],
                batch_type="tokens",
                max_batch_size=MAX_BATCH_TOKENS,
                max_input_length=0,
                max_decoding_length=limit,
                beam_size=min(self._engine.beam, FORCED_BEAM),
                length_penalty=LENGTH_PENALTY,
                replace_unknowns=True,
            )
            for i, result in zip(which, results, strict=True):
                begun, pieces = len(self._first), result.hypotheses[0]
                found[i] = [*jobs[i][1], *pieces[begun + len(jobs[i][1]) :]]
        return found

    def score(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[float]]:
        if not pairs:
            return []
        results = self._engine.translator(self.hop).score_batch(
            [source for source, _ in pairs],
            [[*self._first, *target] for _, target in pairs],
            batch_type="tokens",
            max_batch_size=SCORED_BATCH_TOKENS,
            max_input_length=0,
            offset=len(self._first),
        )
        return [list(result.log_probs) for result in results]

    def attend(self, pairs: Sequence[tuple[list[str], list[str]]]) -> list[list[list[float]]]:
        if not pairs:
            return []
        begun = len(self._first)
        results = self._engine.aligner(self.hop).translate_batch(
            [source for source, _ in pairs],
            target_prefix=[[*self._first, *target] for _, target in pairs],
            batch_type="tokens",
            max_batch_size=MAX_BATCH_TOKENS,
            max_input_length=0,
            max_decoding_length=max(len(target) for _, target in pairs) + begun + 1,
            beam_size=1,
            return_attention=True,
        )
        return [
            [list(row) for row in result.attention[0][begun : begun + len(target)]]
            for result, (_, target) in zip(results, pairs, strict=True)
        ]

    def doubts(
        self, asked: Sequence[tuple[str, str, Sequence[tuple[int, int]]]]
    ) -> dict[tuple[str, str], str]:
        """Return the model's doubts of texts, apart from the terms that were put in."""
        pairs = [(self.encode(source), self.encode(text)) for source, text, _ in asked]
        found = {}
        for (source, text, put), (_, pieces), worth in zip(
            asked, pairs, self.score(pairs), strict=True
        ):
            inside = alignment.pieces_within(text, pieces, put)
            around = [value for i, value in enumerate(worth) if i not in inside]
            known = [0.0 if i in inside else value for i, value in enumerate(worth)]
            mean = sum(around) / max(1, len(around))
            found[source, text] = join_doubts(doubt_draft(mean), doubt_word(pieces, known))
        return found


def decoding_limit(length: int) -> int:
    """Return twice the tokens of a text, rounded up so that texts share a call.

    It depends on the text alone: a draft must not depend on the rest of the batch.
    """
    limit = LEAST_DECODING_LENGTH
    while limit < 2 * length:
        limit *= 2
    return limit


def decode_tokens(hop: Any, tokens: list[str]) -> str:
    if hop.target_prefix:
        tokens = tokens[1:]
    if hasattr(hop.tokenizer, "lazy_processor"):
        # Not hop.tokenizer.decode, which turns the underscores of URLs and names into spaces.
        return str(hop.tokenizer.lazy_processor().decode_pieces(tokens))
    return str(hop.tokenizer.decode(tokens))


def doubts_of(
    hop: Any, translator: Any, tokens: Sequence[list[str]], results: Sequence[Any]
) -> list[list[str]]:
    """Return the decoder's doubt of each hypothesis; "" where it has none.

    A score is the sum of log-probabilities over length to the power of the length penalty, the
    end of the sentence counted; that is undone here. Where the best hypothesis is in doubt, a
    second, cheap pass scores each of its tokens, and so finds the word.
    """
    prefix = 1 if hop.target_prefix else 0
    doubts = [
        [
            doubt_draft(score * (len(pieces) + 1) ** LENGTH_PENALTY / (len(pieces) + 1 - prefix))
            for pieces, score in zip(result.hypotheses, result.scores, strict=True)
        ]
        for result in results
    ]
    unsure = [n for n, its in enumerate(doubts) if its[0]]
    scored = translator.score_batch(
        [tokens[n] for n in unsure],
        [results[n].hypotheses[0] for n in unsure],
        batch_type="tokens",
        max_batch_size=SCORED_BATCH_TOKENS,
        max_input_length=0,
        offset=prefix,
    )
    for n, worth in zip(unsure, scored, strict=True):
        best = results[n].hypotheses[0][prefix:]
        doubts[n][0] = join_doubts(doubts[n][0], doubt_word(best, list(worth.log_probs)))
    return doubts
