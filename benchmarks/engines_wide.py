"""A model of the size of Argos' own, with the outputs of a small one.

Speed has to be measured on a model of the real size: tiny ones make overheads look large, and
random weights never end a sentence as a trained model does. So each vector of the small model is
laid `TIMES` times side by side, its weights divided to match; layers that add nothing come before
its own, and words that never win after its vocabulary. The sums are those of the small model, and
the work is that of a large one: from 192 wide, 3 + 2 layers and 3,600 words to 576 wide, 6 + 6
layers and 32,000 words, where Argos' models are 512 wide with 6 + 6 layers and 32,000 words.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy

TIMES = 3
LAYERS = 6
WORDS = 32_000
FEED_FORWARD = 4
"""Times that the inner layer of the small model is laid side by side: 512 to 2,048."""
POSITIONS = 1_024
NEVER = -1e4
_TYPES = {0: numpy.float32, 1: numpy.int8, 2: numpy.int16}

Array = Any


@dataclass(slots=True)
class Model:
    """CTranslate2's ``model.bin``, binary version 6."""

    spec: str
    revision: int
    variables: dict[str, tuple[int, Array]]
    """Name to number of the type and values."""
    aliases: dict[str, str]


def widen(small: Path, folder: Path) -> Path:
    """Make a package in *folder* of the unpacked package *small*, and return its own folder."""
    out = folder / "wide"
    if (out / "metadata.json").exists():
        return out
    shutil.rmtree(out, ignore_errors=True)
    (out / "model").mkdir(parents=True)
    model = read(small / "model" / "model.bin")
    words = json.loads((small / "model" / "shared_vocabulary.json").read_text("utf-8"))
    write(_wide(model), out / "model" / "model.bin")
    words += [f"<never_{n}>" for n in range(WORDS - len(words))]
    (out / "model" / "shared_vocabulary.json").write_text(json.dumps(words), "utf-8")
    shutil.copy(small / "model" / "config.json", out / "model")
    shutil.copy(small / "sentencepiece.model", out)
    shutil.copy(small / "metadata.json", out)
    return out


def _wide(model: Model) -> Model:
    old = {name: values for name, (_, values) in model.variables.items()}
    new: dict[str, Array] = {}
    for name, values in old.items():
        if not re.search(r"/layer_\d", name):
            new[name] = values
    for side in ("encoder", "decoder"):
        count = len({m[1] for name in old if (m := re.match(rf"{side}/layer_(\d+)/", name))})
        for number in range(LAYERS):
            mine = max(number - (LAYERS - count), 0)
            adds = number >= LAYERS - count
            start = f"{side}/layer_{mine}/"
            for name in (name for name in old if name.startswith(start)):
                values = old[name]
                if not name.endswith("_scale"):
                    values = _layer(name, values, adds=adds)
                else:
                    values = _scale(name, values)
                new[f"{side}/layer_{number}/{name.removeprefix(start)}"] = values
        for part in ("beta", "gamma"):
            new[f"{side}/layer_norm/{part}"] = numpy.tile(old[f"{side}/layer_norm/{part}"], TIMES)
        new[f"{side}/num_heads"] = old[f"{side}/num_heads"] * numpy.int16(TIMES)
        width = old["decoder/embeddings/weight"].shape[1]
        new[f"{side}/position_encodings/encodings"] = numpy.tile(_positions(width), (1, TIMES))
    weight, scale = old["decoder/embeddings/weight"], old["decoder/embeddings/weight_scale"]
    more = WORDS - len(weight)
    tiled = numpy.concatenate(
        [numpy.tile(weight, (1, TIMES)), numpy.zeros((more, weight.shape[1] * TIMES), numpy.int8)]
    )
    ones = numpy.ones(more, numpy.float32)
    # CTranslate2 multiplies embeddings by the root of their width, which has grown.
    new["decoder/embeddings/weight"] = tiled
    new["decoder/embeddings/weight_scale"] = numpy.concatenate([scale * TIMES**0.5, ones])
    new["decoder/projection/weight"] = tiled
    new["decoder/projection/weight_scale"] = numpy.concatenate([scale * TIMES, ones])
    new["decoder/projection/bias"] = numpy.concatenate(
        [old["decoder/projection/bias"], numpy.full(more, NEVER, numpy.float32)]
    )
    aliases = {name: to for name, to in model.aliases.items() if "projection" not in name}
    codes = {numpy.dtype(kind): code for code, kind in _TYPES.items()}
    variables = {
        name: (model.variables[name][0] if name in model.variables else codes[values.dtype], values)
        for name, values in new.items()
    }
    return Model(model.spec, model.revision, variables, aliases)


def _fused(name: str) -> int:
    """Return how many matrices lie in one: queries, keys and values, or keys and values."""
    if name.rsplit("/", 1)[0].endswith("self_attention/linear_0"):
        return 3
    return 2 if "/attention/linear_1" in name else 1


def _layer(name: str, values: Array, *, adds: bool) -> Array:
    parts = numpy.split(values, _fused(name))
    inner, outer = "ffn/linear_0" in name, "ffn/linear_1" in name
    down = FEED_FORWARD if inner else TIMES
    shape = (down, FEED_FORWARD if outer else TIMES) if values.ndim == 2 else (down,)
    wide = numpy.concatenate([numpy.tile(part, shape) for part in parts])
    if not adds and _ends(name):
        return numpy.zeros_like(wide)
    return wide


def _scale(name: str, values: Array) -> Array:
    """Divide the weights, by multiplying what they are divided by."""
    inner, outer = "ffn/linear_0" in name, "ffn/linear_1" in name
    parts = numpy.split(values, _fused(name))
    down = FEED_FORWARD if inner else TIMES
    wide = numpy.concatenate([numpy.tile(part, down) for part in parts])
    return wide * numpy.float32(FEED_FORWARD if outer else TIMES)


def _ends(name: str) -> bool:
    """Return whether what comes out of it is added to the vectors that go on."""
    return any(
        end in name for end in ("self_attention/linear_1/", "/attention/linear_2/", "ffn/linear_1/")
    )


def _positions(width: int) -> Array:
    """Return the sinusoids that CTranslate2 makes for a model that has none of its own."""
    half = width // 2
    steps = numpy.exp(numpy.arange(half) * -(numpy.log(10_000) / (half - 1)))
    angles = numpy.arange(1, POSITIONS + 1)[:, None] * steps[None, :]
    found = numpy.concatenate([numpy.sin(angles), numpy.cos(angles)], axis=1)
    return found.astype(numpy.float32)


def read(path: Path) -> Model:
    with path.open("rb") as file:
        (version,) = _numbers(file, "I")
        if version != 6:
            raise ValueError(f"{path}: binary version {version} of CTranslate2, not 6")
        spec = _name(file)
        revision, count = _numbers(file, "II")
        variables = {}
        for _ in range(count):
            name = _name(file)
            (rank,) = _numbers(file, "B")
            shape = _numbers(file, "I" * rank)
            code, size = (*_numbers(file, "B"), *_numbers(file, "I"))
            data = file.read(size)
            variables[name] = (code, numpy.frombuffer(data, _TYPES[code]).reshape(shape))
        (count,) = _numbers(file, "I")
        aliases = {}
        for _ in range(count):
            alias = _name(file)
            aliases[alias] = _name(file)
    return Model(spec, revision, variables, aliases)


def write(model: Model, path: Path) -> None:
    def name(text: str) -> bytes:
        data = text.encode() + b"\0"
        return struct.pack("<H", len(data)) + data

    with path.open("wb") as file:
        file.write(struct.pack("<I", 6) + name(model.spec))
        file.write(struct.pack("<II", model.revision, len(model.variables)))
        for key, (code, values) in sorted(model.variables.items()):
            data = numpy.ascontiguousarray(values, _TYPES[code]).tobytes()
            file.write(name(key) + struct.pack("<B", values.ndim))
            file.write(struct.pack(f"<{values.ndim}I", *values.shape))
            file.write(struct.pack("<BI", code, len(data)) + data)
        file.write(struct.pack("<I", len(model.aliases)))
        for alias, to in model.aliases.items():
            file.write(name(alias) + name(to))


def _numbers(file: IO[bytes], kinds: str) -> tuple[int, ...]:
    form = f"<{kinds}"
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _name(file: IO[bytes]) -> str:
    (size,) = _numbers(file, "H")
    return file.read(size)[:-1].decode()
