"""Attention of all heads: an option that CTranslate2 reads from the model's file."""

from __future__ import annotations

import struct

_NEWEST_BINARY = 6
"""Version of model.bin that CTranslate2 4.8 writes; a later format may differ."""


def all_heads(model: bytes) -> bytes | None:
    """Return a model.bin whose attention is the mean of the last layer's heads.

    None where it is so already, or the format is unknown. Converters write a single
    head unless the model was trained to align with it (CTranslate2 #563, #1716); files from
    before CTranslate2 2.9 do not say, and mean one head as well.
    """
    try:
        version, at = _unpack("<I", model, 0)
        if not 2 <= version <= _NEWEST_BINARY:
            return None
        size, at = _unpack("<H", model, at)
        at += size
        _, at = _unpack("<I", model, at)
        counted = at
        count, at = _unpack("<I", model, at)
        first = at
        for _ in range(count):
            size, at = _unpack("<H", model, at)
            name, at = model[at : at + size - 1], at + size
            rank, at = _unpack("<B", model, at)
            at += 4 * rank
            item, at = _unpack("<B", model, at)
            length, at = _unpack("<I", model, at)
            if name == b"decoder/alignment_heads":
                heads = model[at : at + length]
                return None if not any(heads) else model[:at] + bytes(length) + model[at + length :]
            at += length if version >= 4 else item * length
    except (struct.error, IndexError):
        return None
    if at > len(model):
        return None
    extra = b""
    for name, value in ((b"decoder/alignment_layer\0", -1), (b"decoder/alignment_heads\0", 0)):
        length = 2 if version >= 4 else 1
        extra += struct.pack("<H", len(name)) + name
        extra += struct.pack("<BBIh", 0, 2, length, value)
    return model[:counted] + struct.pack("<I", count + 2) + extra + model[first:]


def _unpack(form: str, data: bytes, at: int) -> tuple[int, int]:
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
