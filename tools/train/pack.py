"""From weights to a package that Argos Translate installs: CTranslate2, int8."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sentencepiece as spm
from ctranslate2.specs import TransformerSpec

from pipeline.engines.argos.vocabulary import WORDS
from tools.train.files import whole
from tools.train.parts import Weights


def _fill(spec: Any, weights: Weights, layers: Mapping[str, int]) -> None:
    """Hand the weights to CTranslate2's specification."""

    def linear(to: Any, name: str) -> None:
        to.weight, to.bias = weights[f"{name}.weight"].copy(), weights[f"{name}.bias"].copy()

    def norm(to: Any, name: str) -> None:
        to.gamma, to.beta = weights[f"{name}.weight"].copy(), weights[f"{name}.bias"].copy()

    def attention(to: Any, name: str, before: str) -> None:
        norm(to.layer_norm, before)
        for n, part in enumerate(to.linear):
            linear(part, f"{name}.linear.{n}")

    # Three equal arrays: optimize() keeps the first and makes the others its aliases.
    embedding = weights["embedding.weight"]
    spec.encoder.embeddings[0].weight = embedding.copy()
    spec.decoder.embeddings.weight = embedding.copy()
    spec.decoder.projection.weight = embedding.copy()
    spec.decoder.projection.bias = weights["bias"].copy()
    for half, count in layers.items():
        its = getattr(spec, half)
        norm(its.layer_norm, f"{half}_norm")
        for n, to in zip(range(count), its.layer, strict=True):
            at = f"{half}.{n}"
            attention(to.self_attention, f"{at}.self_attention", f"{at}.self_norm")
            if half == "decoder":
                attention(to.attention, f"{at}.cross_attention", f"{at}.cross_norm")
            norm(to.ffn.layer_norm, f"{at}.ffn_norm")
            linear(to.ffn.linear_0, f"{at}.ffn_in")
            linear(to.ffn.linear_1, f"{at}.ffn_out")


def convert(
    weights: Weights,
    shape: Mapping[str, int],
    pieces: Path,
    to: Path,
    quantization: str | None = "int8",
) -> None:
    """Write a folder of CTranslate2, anew. *shape* is `model.Shape`, as a mapping."""
    spec = TransformerSpec.from_config(
        (shape["encoder"], shape["decoder"]),
        shape["heads"],
        pre_norm=True,
        alignment_layer=-1,
        alignment_heads=0,  # the average of all heads
    )
    _fill(spec, weights, {half: shape[half] for half in ("encoder", "decoder")})
    model = spm.SentencePieceProcessor(model_file=str(pieces))
    vocabulary = [model.id_to_piece(i) for i in range(shape["vocabulary"])]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize(quantization=quantization)
    new = to.with_name(f".{to.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    spec.save(str(new))
    shutil.rmtree(to, ignore_errors=True)
    new.replace(to)


def pack(
    model: Path,
    pieces: Path,
    words: Iterable[str],
    metadata: Mapping[str, object],
    card: str,
    to: Path,
) -> int:
    """Write the package; return its bytes. The same parts make the same bytes."""
    name = f"translate-{to.stem}-{str(metadata['package_version']).replace('.', '_')}"
    members = {
        "metadata.json": json.dumps(metadata, indent=2, ensure_ascii=True).encode() + b"\n",
        "README.md": card.encode(),
        "sentencepiece.model": pieces.read_bytes(),
        WORDS: "".join(f"{word}\n" for word in words).encode(),
        **{f"model/{p.name}": p.read_bytes() for p in sorted(model.iterdir()) if p.is_file()},
    }
    with whole(to) as new, zipfile.ZipFile(new, "w") as archive:
        for member, content in members.items():
            info = zipfile.ZipInfo(f"{name}/{member}")
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=9)
    return to.stat().st_size
