"""Packages of Argos for the tests: of random weights, or trained tiny; and modes for Apertium."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

TINY = Path(__file__).parent / "models" / "tiny-en_es.argosmodel"

SENTENCES = (
    "The cat sat on the house.",
    "Where is the house?",
    "We demand freedom, dignity and justice!",
    "The rebels attacked the city.",
    "They don't want a war.",
    "The women and children are free.",
    "Statement of the local committees",
    "This is our last word: no.",
    "Two soldiers died in the night.",
    "She said that the answer is simple.",
    "The government closed the border in March.",
    "“We are here”, they said.",
    "My brother has a big red car.",
    "He works in a hospital and she studies law.",
    "All prisoners must be released.",
    "The river is cold; the water is clear.",
    "Nobody knows what happened (or why).",
    "The revolution continues.",
    "Our friends live in a small village.",
    "I have read the book that you gave me.",
)
LINES = [*SENTENCES, "snake_case and http://example.org/a_b are words_with underscores_"]


@contextlib.contextmanager
def no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Argos makes its folders as it is imported; not below the home of whoever runs this."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name)))
        yield


def write_mode(path: Path, commands: Sequence[str]) -> None:
    path.write_text(" | ".join(commands).replace(" $1x", "") + "\n", encoding="utf-8")


@functools.cache
def _sentencepiece(marks: tuple[str, ...] = ()) -> bytes:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 3),
        model_writer=model,
        vocab_size=120,
        hard_vocab_limit=False,
        user_defined_symbols=list(marks),
        minloglevel=2,
    )
    return model.getvalue()


def build_package(
    folder: Path,
    source: str,
    target: str,
    *,
    seed: int,
    version: str = "1.0",
    target_prefix: str = "",
    marks: tuple[str, ...] = (),
    **more: Any,
) -> None:
    """Write an Argos package of one layer of random weights: it says nothing, but it runs.

    `marks` are pieces of their own; `more` goes into the metadata.
    """
    import numpy
    import sentencepiece
    from ctranslate2.specs import TransformerSpec

    processor = sentencepiece.SentencePieceProcessor(model_proto=_sentencepiece(marks))
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    vocabulary = [*dict.fromkeys(["<unk>", "<s>", "</s>", *pieces, "__fr__"])]
    size, width = len(vocabulary), 16
    random = numpy.random.default_rng(seed)

    def weights(*shape: int) -> Any:
        return random.normal(0, 0.4, shape).astype(numpy.float32)

    def linear(spec: Any, out: int, into: int) -> None:
        spec.weight, spec.bias = weights(out, into), weights(out)

    def norm(spec: Any) -> None:
        spec.gamma = numpy.ones(width, numpy.float32)
        spec.beta = numpy.zeros(width, numpy.float32)

    spec = TransformerSpec.from_config(1, 2)
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings
        (embeddings[0] if isinstance(embeddings, list) else embeddings).weight = weights(
            size, width
        )
        side.position_encodings.encodings = weights(600, width)
        norm(side.layer_norm)
        for layer in side.layer:
            norm(layer.self_attention.layer_norm)
            linear(layer.self_attention.linear[0], 3 * width, width)
            linear(layer.self_attention.linear[1], width, width)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 32, width)
            linear(layer.ffn.linear_1, width, 32)
    for layer in spec.decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], width, width)
        linear(layer.attention.linear[1], 2 * width, width)
        linear(layer.attention.linear[2], width, width)
    linear(spec.decoder.projection, size, width)
    spec.decoder.projection.bias[2] = 4.0  # </s>: or drafts never end
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    (folder / "model").mkdir(parents=True)
    spec.validate()
    spec.save(str(folder / "model"))
    (folder / "sentencepiece.model").write_bytes(_sentencepiece(marks))
    metadata = {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": source,
        "from_name": source,
        "to_code": target,
        "to_name": target,
        "target_prefix": target_prefix,
        **more,
    }
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")


def build_three(folder: Path) -> Path:
    """Write en→es 1.0, es→pt 1.4 and en→fr 1.0, and return the folder that holds them."""
    build_package(folder / "en_es", "en", "es", seed=1)
    build_package(folder / "es_pt", "es", "pt", seed=2, version="1.4")
    build_package(folder / "en_fr", "en", "fr", seed=3, target_prefix="__fr__")
    return folder


def pack(
    folder: Path, path: Path, extra: Sequence[tuple[str | zipfile.ZipInfo, bytes]] = ()
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, str(Path(folder.name) / file.relative_to(folder)))
        for name, data in extra:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return path


def repack(archive: Path, path: Path, **metadata: object) -> Path:
    """Write a copy of a package with other metadata; a key that is to be None goes."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.endswith("/metadata.json"):
                known = {**json.loads(data), **metadata}
                data = json.dumps({k: v for k, v in known.items() if v is not None}).encode()
            new.writestr(entry, data)
    return path
