"""Training: from ids to weights; it can be killed at any moment and goes on from its checkpoint."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tools.train import data, parts
from tools.train.errors import TrainError
from tools.train.files import digest, whole
from tools.train.model import Shape, Transformer

IGNORED = -100
TELL = 20.0
"""Seconds between lines of progress."""
RESERVE = 5.0
"""Seconds, beside twice what a checkpoint took, that are left when a call has to end by a time."""
PAUSE = 60.0
"""Seconds: a step that took longer was stopped in between, which is no training."""
LEAST_RATE = 0.02
"""Share of the learning rate that is left at the end."""


@dataclass(frozen=True)
class Plan:
    """What makes a run what it is; a checkpoint of another plan is not gone on from."""

    shape: Shape
    batch: int
    """Source tokens of a step."""
    rate: float
    warmup: int
    """Steps."""
    dropout: float
    smoothing: float = 0.1
    average: float = 0.999
    """Weights that are kept are a running average, of about the last 1 / (1 - average) steps."""
    seed: int = 7


@dataclass(frozen=True)
class Budget:
    """How long to train: minutes of all calls together, or, if given, steps."""

    minutes: float
    steps: int | None = None
    until: float | None = None
    """`time.monotonic()` by which this call has ended."""
    save: float = 120.0
    """Seconds between checkpoints."""

    def share(self, spent: float, step: int) -> float:
        """Return how much of it is used up, 0 to 1."""
        if self.steps is not None:
            return min(1.0, step / max(1, self.steps))
        return min(1.0, spent / max(1e-9, self.minutes * 60))


class OnDevice:
    """The corpus where the model is; a batch is gathered there."""

    def __init__(self, corpus: data.Corpus, device: torch.device) -> None:
        self.corpus = corpus
        starts = corpus.starts()
        self.source, self.target = (
            torch.from_numpy(ids.astype(np.int32)).to(device)
            for ids in (corpus.source, corpus.target)
        )
        self.source_start, self.target_start, self.lengths = (
            torch.from_numpy(x).to(device) for x in (*starts, corpus.target_lengths)
        )
        self.device = device

    def batch(self, rows: data.Ints) -> tuple[Tensor, Tensor, int]:
        """Return sources, which have one length; targets, `IGNORED` behind their ends; tokens."""
        which = torch.from_numpy(rows).to(self.device)
        width = int(self.corpus.source_lengths[rows[0]])
        lengths = self.corpus.target_lengths[rows]
        longest = int(lengths.max())
        at = self.source_start[which][:, None] + torch.arange(width, device=self.device)
        source = self.source[at].long()
        column = torch.arange(longest, device=self.device)
        at = (self.target_start[which][:, None] + column).clamp(max=len(self.target) - 1)
        target = self.target[at].long()
        target = target.masked_fill(column >= self.lengths[which][:, None], IGNORED)
        return source, target, int(lengths.sum()) - len(rows)


def batches(corpus: data.Corpus, tokens: int, seed: int) -> list[data.Ints]:
    """Return the rows of each batch of one pass, in a random order.

    Every row is in one batch; a batch has one length of source, and targets of similar lengths.
    """
    rng = np.random.default_rng(seed)
    noise = rng.random(len(corpus)) * 3
    order = np.lexsort((corpus.target_lengths + noise, corpus.source_lengths))
    lengths = corpus.source_lengths[order]
    out: list[data.Ints] = []
    for rows in np.split(order, np.flatnonzero(np.diff(lengths)) + 1):
        if len(rows):
            size = max(1, tokens // (int(corpus.source_lengths[rows[0]]) + 2))
            out += np.array_split(rows, max(1, round(len(rows) / size)))
    rng.shuffle(out)
    return out


def device_of(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise TrainError("PyTorch finds no CUDA device; leave --device out, or install its build")
    return torch.device(name)


def halves(device: torch.device) -> bool:
    """Return whether the device multiplies in bfloat16 faster than in float32."""
    if device.type != "cpu":
        return True
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def keep_memory() -> None:
    """Have the C library keep what is freed: what a step frees the next one needs.

    Else each large tensor comes from the system, and page by page: a third of the time of a step.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc; the numbers are of its malloc.h
        trim_threshold, mmap_max = -1, -4
        libc.mallopt(mmap_max, 0)
        libc.mallopt(trim_threshold, 2**31 - 1)


def give_memory_back() -> None:
    """Have the C library give back what is free: between batches of many sizes that piles up."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def optimizers(model: Transformer, rate: float) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of the layers, AdamW for the embedding, norms and biases.

    Muon steps on as AdamW would (the scale is of Liu et al. 2025, “Muon is scalable for LLM
    training”), so they share the rate.
    """
    matrices, others = [], []
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            layer = isinstance(module, nn.Linear) and name == "weight"
            (matrices if layer else others).append(parameter)
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            others, lr=rate, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01, fused=True
        ),
    ]


def machine(device: torch.device) -> str:
    """Return what the card says of where a model was trained."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        name = "CPU"
    return f"{name}, {torch.get_num_threads()} threads"


class Stop:
    """Notes Ctrl-C and SIGTERM, so that the loop ends with a checkpoint; a second one ends it."""

    def __init__(self) -> None:
        self.by = 0
        self.before = {s: signal.signal(s, self._note) for s in (signal.SIGINT, signal.SIGTERM)}

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.by:
            sys.exit(128 + number)
        self.by = number

    def undo(self) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)


class Trainer:
    """The state of a run, and what is done with it."""

    def __init__(
        self, plan: Plan, made_of: str, run: Path, device: torch.device, start: Path | None = None
    ) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.run, self.device = plan, run, device
        self.made_of = digest([asdict(plan), made_of])
        self.model = Transformer(plan.shape, plan.dropout).to(device)
        self.average = Transformer(plan.shape).to(device).eval()
        self.average.load_state_dict(self.model.state_dict())
        self.optimizers = optimizers(self.model, plan.rate)
        self.half = halves(device)
        self.step = self.turn = self.at = self.tokens = 0
        self.warm_from = 0
        self.spent = 0.0
        self.valid = 0.0
        self.saving = 3.0
        self._resume(start)

    @property
    def checkpoint(self) -> Path:
        return self.run / "checkpoint.pt"

    @property
    def weights(self) -> Path:
        return self.run / "weights"

    def _resume(self, start: Path | None) -> None:
        other = "was trained with other data or settings; take another --run, or remove it"
        if self.checkpoint.exists():
            try:
                state = torch.load(self.checkpoint, weights_only=True, map_location=self.device)
            except Exception as error:
                raise TrainError(f"{self.checkpoint} is damaged ({error}); remove it") from error
            if state["made_of"] != self.made_of:
                raise TrainError(f"{self.checkpoint} {other}")
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            for optimizer, its in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(its)
            torch.set_rng_state(state["random"].cpu())
            if self.device.type == "cuda" and state["cuda"] is not None:
                torch.cuda.set_rng_state(state["cuda"].cpu(), self.device)
        elif told := parts.told(self.weights):
            if told.get("made_of") != self.made_of:
                raise TrainError(f"{self.weights} {other}")
            state = told
            self._begin_with(self.weights, told)
        elif start:
            told = parts.told(start)
            if told.get("shape") != asdict(self.plan.shape):
                raise TrainError(f"{start} has no weights of this shape: --preset, --start")
            state = {**told, "turn": 0, "at": 0}
            self._begin_with(start, told)
        else:
            return
        self.step, self.turn, self.at, self.tokens = (
            int(state[name]) for name in ("step", "turn", "at", "tokens")
        )
        self.spent, self.valid = float(state["spent"]), float(state["valid"])
        print(f"train: going on from step {self.step}, {self.spent / 60:.1f} minutes", flush=True)

    def _begin_with(self, folder: Path, told: Mapping[str, object]) -> None:
        weights = {k: torch.from_numpy(v) for k, v in parts.read(folder).items()}
        self.model.load_state_dict(weights)
        self.average.load_state_dict(weights)
        self.warm_from = int(str(told["step"]))  # the optimizers know nothing yet

    def numbers(self) -> dict[str, object]:
        return {
            "made_of": self.made_of,
            "step": self.step,
            "turn": self.turn,
            "at": self.at,
            "tokens": self.tokens,
            "spent": self.spent,
            "valid": self.valid,
        }

    def keep(self, held: OnDevice, out: Path | None) -> None:
        """Write the checkpoint and the weights, with the loss of sentences that are held out."""
        began = time.monotonic()
        self.valid = self.measure(held)
        self.save()
        self.export(self.weights, *([out] if out else []))
        self.saving = time.monotonic() - began

    def save(self) -> None:
        state = {
            **self.numbers(),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "random": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
        }
        with whole(self.checkpoint) as new:
            torch.save(state, new)

    def export(self, *folders: Path) -> None:
        """Write the averaged weights in parts."""
        weights = {k: v.float().cpu().numpy() for k, v in self.average.state_dict().items()}
        told = {
            **self.numbers(),
            "shape": asdict(self.plan.shape),
            "plan": asdict(self.plan),
            "machine": machine(self.device),
            "torch": torch.__version__,
        }
        for folder in folders:
            parts.write(folder, weights, told)

    def set_rate(self, share: float) -> None:
        """Set the learning rate: it rises for some steps, then falls straight."""
        warm = min(1.0, (self.step + 1 - self.warm_from) / self.plan.warmup)
        rate = self.plan.rate * min(warm, LEAST_RATE + (1 - LEAST_RATE) * (1 - share))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate

    def faster(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)

    def learn(self, forward: Callable[..., Tensor], source: Tensor, target: Tensor) -> Tensor:
        """Take one step; return the loss of a token."""
        with self.faster():
            logits = forward(source, target[:, :-1].clamp(min=0))
            total = F.cross_entropy(
                logits.flatten(0, 1),
                target[:, 1:].flatten(),
                ignore_index=IGNORED,
                label_smoothing=self.plan.smoothing,
                reduction="sum",
            )
        count = (target[:, 1:] != IGNORED).sum()
        # A batch that is left over at the end of a length counts for no more than it has.
        (total / count.clamp(min=self.plan.batch // 2)).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()),
                list(self.model.parameters()),
                1 - min(self.plan.average, (1 + self.step) / (10 + self.step)),
            )
        self.step += 1
        return (total / count).detach()

    @torch.no_grad()
    def measure(self, corpus: OnDevice) -> float:
        """Return the loss of a token of sentences that are not trained on, averaged weights."""
        total, count = 0.0, 0
        for rows in batches(corpus.corpus, self.plan.batch, 0):
            source, target, tokens = corpus.batch(rows)
            with self.faster():
                logits = self.average(source, target[:, :-1].clamp(min=0))
            total += float(
                F.cross_entropy(
                    logits.float().flatten(0, 1),
                    target[:, 1:].flatten(),
                    ignore_index=IGNORED,
                    reduction="sum",
                )
            )
            count += tokens
        return total / max(1, count)


def train(
    plan: Plan,
    budget: Budget,
    folder: Path,
    run: Path,
    device: torch.device,
    *,
    out: Path | None = None,
    compiled: bool = False,
    start: Path | None = None,
) -> bool:
    """Train until the budget is used up (true), or this call has to end (false).

    *folder* is what `prepare` made. The checkpoint stays in *run*, the averaged weights in
    `run/weights` and, where given, *out*. A new run begins with the weights in *start*, if given,
    and goes on counting from theirs. A signal ends the process with 128 and its number.
    """
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
    else:
        keep_memory()
    trainer = Trainer(plan, str(data.about(folder)["digest"]), run, device, start)
    if budget.share(trainer.spent, trainer.step) >= 1:
        print("train: done already", flush=True)
        its = parts.told(trainer.weights)
        if its.get("step") != trainer.step:  # killed before they were written
            trainer.export(trainer.weights)
        if out:
            trainer.export(out)
        return True
    corpus = OnDevice(data.read(folder / "ids.xz"), device)
    held = OnDevice(data.read(folder / "held.xz"), device)
    if not len(corpus.corpus):
        raise TrainError(f"{folder} has no sentences to train on")
    forward = torch.compile(trainer.model, dynamic=True) if compiled else trainer.model
    stop = Stop()
    try:
        finished = _loop(trainer, budget, corpus, held, forward, stop, out)
    finally:
        stop.undo()
    if device.type == "cuda":
        torch.cuda.synchronize()
    trainer.keep(held, out)
    print(
        f"train: {'finished' if finished else 'stopped'} at step {trainer.step}, "
        f"{trainer.spent / 60:.1f} minutes, {trainer.tokens / 1e6:.2f} M target tokens, "
        f"held-out loss {trainer.valid:.3f}",
        flush=True,
    )
    if stop.by:
        sys.stdout.flush()
        os._exit(128 + stop.by)
    return finished


def _loop(
    trainer: Trainer,
    budget: Budget,
    corpus: OnDevice,
    held: OnDevice,
    forward: Callable[..., Tensor],
    stop: Stop,
    out: Path | None,
) -> bool:
    saved = told = before = time.monotonic()
    told_tokens, told_steps = trainer.tokens, trainer.step
    losses = torch.zeros((), device=trainer.device)
    trainer.model.train()
    while True:
        plan = batches(corpus.corpus, trainer.plan.batch, trainer.plan.seed + trainer.turn)
        while trainer.at < len(plan):
            share = budget.share(trainer.spent, trainer.step)
            now = time.monotonic()
            late = budget.until is not None and (now + RESERVE + 2 * trainer.saving >= budget.until)
            if share >= 1 or stop.by or late:
                return share >= 1
            trainer.set_rate(share)
            source, target, tokens = corpus.batch(plan[trainer.at])
            losses += trainer.learn(forward, source, target)
            trainer.at += 1
            trainer.tokens += tokens
            if trainer.device.type == "cuda" and trainer.step % 20 == 0:
                torch.cuda.synchronize()  # what is queued takes time too
            now = time.monotonic()
            trainer.spent += min(now - before, PAUSE)
            before = now
            if now - told > TELL:
                loss = float(losses) / (trainer.step - told_steps)
                if not loss < 1e4:
                    raise TrainError(
                        f"the loss is {loss} at step {trainer.step}: go on from the last "
                        "checkpoint, or begin anew with a lower --rate"
                    )
                speed = (trainer.tokens - told_tokens) / (now - told)
                print(_line(trainer, budget, loss, speed), flush=True)
                losses.zero_()
                told, told_tokens, told_steps = now, trainer.tokens, trainer.step
            if now - saved > budget.save:
                trainer.keep(held, out)
                give_memory_back()
                print(f"  checkpoint at step {trainer.step}, held-out loss {trainer.valid:.3f}",
                      flush=True)  # fmt: skip
                saved = before = time.monotonic()  # not time of training
        trainer.turn, trainer.at = trainer.turn + 1, 0


def _line(trainer: Trainer, budget: Budget, loss: float, speed: float) -> str:
    share = budget.share(trainer.spent, trainer.step)
    left = trainer.spent * (1 - share) / max(share, 1e-6)
    return (
        f"step {trainer.step}  pass {trainer.turn}  loss {loss:.3f}  {speed:,.0f} tokens/s  "
        f"{trainer.tokens / 1e6:.1f} M  {left / 60:.1f} min left"
    )
