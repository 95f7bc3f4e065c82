"""The folder that training reads: ids in one packed file, the model of the pieces, what is held.

ids.xz: for each row two lengths, then all sources, then all targets, as uint16: small enough to be
carried to a machine that is lent, and read there with numpy alone.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.train.errors import TrainError
from tools.train.files import write_whole

UNK, BOS, EOS, PAD = 0, 1, 2, 3
Ids = list[int]
Ints = NDArray[np.int64]
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lp": 1, "lc": 1, "pb": 1}]


@dataclass(frozen=True)
class Corpus:
    """Sources and targets one behind the other, each with the ends that the model sees."""

    source: Ints
    target: Ints
    source_lengths: Ints
    target_lengths: Ints

    def starts(self) -> tuple[Ints, Ints]:
        return tuple(np.cumsum(n) - n for n in (self.source_lengths, self.target_lengths))  # type: ignore[return-value]

    def __len__(self) -> int:
        return len(self.source_lengths)


def write(path: Path, rows: Sequence[tuple[Ids, Ids]]) -> None:
    """Write rows of ids; a source ends with EOS, a target has BOS before it and EOS behind."""
    parts = [
        [len(rows) & 0xFFFF, len(rows) >> 16],
        [len(source) for source, _ in rows],
        [len(target) for _, target in rows],
        [i for source, _ in rows for i in source],
        [i for _, target in rows for i in target],
    ]
    raw = b"".join(np.array(part, "<u2").tobytes() for part in parts)
    write_whole(path, lzma.compress(raw, format=lzma.FORMAT_XZ, filters=_FILTERS))


def read(path: Path) -> Corpus:
    try:
        raw = np.frombuffer(lzma.decompress(path.read_bytes()), "<u2").astype(np.int64)
    except (OSError, lzma.LZMAError) as error:
        raise TrainError(f"{path} cannot be read ({error}); run the stage prepare anew") from error
    count = int(raw[0] + (raw[1] << 16))
    lengths = raw[2 : 2 + 2 * count].reshape(2, count)
    middle = 2 + 2 * count + int(lengths[0].sum())
    if len(raw) != middle + int(lengths[1].sum()):
        raise TrainError(f"{path} is not whole; run the stage prepare anew")
    return Corpus(raw[2 + 2 * count : middle], raw[middle:], lengths[0], lengths[1])


def about(folder: Path) -> dict[str, object]:
    """Return what `prepare` tells of its folder."""
    path = folder / "about.json"
    try:
        told: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainError(f"{path} cannot be read; run the stage prepare first") from error
    return told
