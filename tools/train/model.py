"""The Transformer, laid out as CTranslate2 computes it, so that converting changes nothing.

Pre-norm, sinusoidal positions, ReLU; source, target and output share one embedding. Within a batch
all sources have one length and targets are padded at their ends only, so no mask is needed but the
causal one: PyTorch's fastest attention applies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tools.train.data import BOS, EOS, Ids

POSITIONS = 512


@dataclass(frozen=True)
class Shape:
    """The default is the preset starter."""

    vocabulary: int
    width: int = 384
    heads: int = 6
    inner: int = 1536
    encoder: int = 9
    decoder: int = 2


def attend(q: Tensor, k: Tensor, v: Tensor, *, causal: bool) -> Tensor:
    """Return what each query finds: batch, heads, positions, width of a head."""
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    # At the lengths of sentences PyTorch's own spends five times as long on the CPU, going back.
    scores = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5
    if causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -math.inf)
    return scores.float().softmax(-1).to(v.dtype) @ v


class Attention(nn.Module):
    """Project as CTranslate2 does: query, key and value together, or query and memory apart."""

    def __init__(self, shape: Shape, *, crossed: bool) -> None:
        super().__init__()
        width = shape.width
        sizes = [width, 2 * width, width] if crossed else [3 * width, width]
        self.linear = nn.ModuleList(nn.Linear(width, size) for size in sizes)
        self.heads = shape.heads

    def forward(self, x: Tensor, memory: Tensor | None = None, causal: bool = False) -> Tensor:
        if memory is None:
            q, k, v = self.linear[0](x).chunk(3, -1)
        else:
            q = self.linear[0](x)
            k, v = self.linear[1](memory).chunk(2, -1)
        q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in (q, k, v))
        y = attend(q, k, v, causal=causal)
        out: Tensor = self.linear[-1](y.transpose(1, 2).flatten(2))
        return out


class Layer(nn.Module):
    def __init__(self, shape: Shape, dropout: float, *, crossed: bool) -> None:
        super().__init__()
        self.crossed = crossed
        self.self_norm = nn.LayerNorm(shape.width)
        self.self_attention = Attention(shape, crossed=False)
        if crossed:
            self.cross_norm = nn.LayerNorm(shape.width)
            self.cross_attention = Attention(shape, crossed=True)
        self.ffn_norm = nn.LayerNorm(shape.width)
        self.ffn_in = nn.Linear(shape.width, shape.inner)
        self.ffn_out = nn.Linear(shape.inner, shape.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        x = x + self.dropout(self.self_attention(self.self_norm(x), causal=self.crossed))
        if memory is not None:
            x = x + self.dropout(self.cross_attention(self.cross_norm(x), memory))
        inner = self.dropout(F.relu(self.ffn_in(self.ffn_norm(x))))
        out: Tensor = x + self.dropout(self.ffn_out(inner))
        return out


class Transformer(nn.Module):
    positions: Tensor

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.encoder = nn.ModuleList(
            Layer(shape, dropout, crossed=False) for _ in range(shape.encoder)
        )
        self.decoder = nn.ModuleList(
            Layer(shape, dropout, crossed=True) for _ in range(shape.decoder)
        )
        self.encoder_norm = nn.LayerNorm(shape.width)
        self.decoder_norm = nn.LayerNorm(shape.width)
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))
        self.dropout = nn.Dropout(dropout)
        half = shape.width // 2
        steps = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
        angles = torch.arange(1, POSITIONS + 1)[:, None] * steps  # CTranslate2 counts from 1
        sines = torch.cat([angles.sin(), angles.cos()], 1)
        self.register_buffer("positions", sines, persistent=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.embedding.weight, std=shape.width**-0.5)

    def embed(self, ids: Tensor) -> Tensor:
        scaled = self.embedding(ids) * math.sqrt(self.shape.width)
        out: Tensor = self.dropout(scaled + self.positions[: ids.shape[1]])
        return out

    def encode(self, source: Tensor) -> Tensor:
        x = self.embed(source)
        for layer in self.encoder:
            x = layer(x)
        out: Tensor = self.encoder_norm(x)
        return out

    def decode(self, memory: Tensor, target: Tensor) -> Tensor:
        x = self.embed(target)
        for layer in self.decoder:
            x = layer(x, memory)
        return F.linear(self.decoder_norm(x), self.embedding.weight, self.bias)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(self.encode(source), target)

    @torch.no_grad()
    def greedy(self, source: Ids, longest: int = 120) -> Ids:
        """Return the ids of a translation without its ends; for comparison, not for speed."""
        memory = self.encode(torch.tensor([source]))
        ids = [BOS]
        while len(ids) < longest and ids[-1] != EOS:
            ids.append(int(self.decode(memory, torch.tensor([ids]))[0, -1].argmax()))
        return [i for i in ids if i not in (BOS, EOS)]
