"""Weights in parts: half precision, in files small enough to be handed back from a lent machine."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.train.errors import TrainError
from tools.train.files import write_whole

PART = 15 << 20
"""Bytes."""
Weights = dict[str, NDArray[np.float32]]


def write(folder: Path, weights: Mapping[str, NDArray[np.float32]], told: object) -> None:
    """Write *folder* anew: weights.json, which has what is *told* too, and weights.000, ..."""
    raw = b"".join(weights[name].astype("<f2").tobytes() for name in weights)
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    parts = []
    for n, start in enumerate(range(0, len(raw), PART)):
        part = raw[start : start + PART]
        name = f"weights.{n:03}"
        write_whole(new / name, part)
        parts.append({"name": name, "sha256": hashlib.sha256(part).hexdigest()})
    about = {
        "told": told,
        "tensors": [[name, list(value.shape)] for name, value in weights.items()],
        "parts": parts,
    }
    write_whole(new / "weights.json", json.dumps(about, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    new.replace(folder)


def told(folder: Path) -> dict[str, object]:
    """Return what was told of the weights; {} where there are none."""
    path = folder / "weights.json"
    try:
        its = json.loads(path.read_text(encoding="utf-8"))["told"]
    except OSError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise TrainError(f"{path} is damaged: {error}") from error
    return dict(its)


def read(folder: Path) -> Weights:
    """Return the weights; raises `TrainError` where a part is missing or not as it was written."""
    path = folder / "weights.json"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        raw = b""
        for part in about["parts"]:
            path = folder / str(part["name"])
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != part["sha256"]:
                raise TrainError(f"{path} is damaged: fetch it again")
            raw += content
        flat = np.frombuffer(raw, "<f2").astype(np.float32)
        weights: Weights = {}
        done = 0
        for name, shape in about["tensors"]:
            count = int(np.prod(shape))
            weights[name] = flat[done : done + count].reshape(shape)
            done += count
    except OSError as error:
        raise TrainError(f"{path} cannot be read: {error.strerror}; train first") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrainError(f"{path} is damaged: {error}") from error
    if done != len(flat):
        raise TrainError(f"{folder}: the parts hold more than weights.json tells of")
    return weights
