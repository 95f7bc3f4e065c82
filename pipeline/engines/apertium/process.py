"""Daemons: Apertium's programs kept running, written to, read from, stopped."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import selectors
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from pipeline.engines.apertium import tagger
from pipeline.engines.apertium.modes import Part, commands_of
from pipeline.engines.apertium.stream import decode, encode, tidy
from pipeline.errors import EngineError

BLOCK_TIMEOUT = 60.0
"""Seconds without a finished block after which a pipeline counts as hung. A block takes
milliseconds; on a loaded machine the start of a large pair takes seconds."""

MOST_SAID = 1 << 20
"""Bytes of standard error, kept in a file, after which a tagger is restarted."""

_END = re.compile(r"\[#(\d+)\]\Z")


def translate_texts(
    daemon: Daemon, texts: list[str], *, words: bool, marks: bool
) -> list[tuple[str, list[str]]]:
    """Return the draft of each text, and the words in it that a dictionary lacks."""
    blocks = [encode(text, words=words, marks=marks) for text in texts]
    drafts = []
    for text, answer in zip(texts, daemon.ask(blocks), strict=True):
        draft, unknown = decode(text, answer, marks=marks)
        drafts.append((tidy(text, draft), unknown))
    return drafts


class _BrokenError(Exception):
    """The pipeline died, hangs, or is out of step; the message says which."""


class _Pipeline:
    """The processes of one pipeline."""

    def __init__(self, commands: list[list[str]]) -> None:
        self.errors = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 (closed by stop)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.numbers = itertools.count()
        self.finalizer = weakref.finalize(self, _stop, self.processes, self.errors)
        # The programs read and write UTF-8 only where the locale says so.
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        for argv in commands:
            before = self.processes[-1].stdout if self.processes else None
            try:
                process = subprocess.Popen(
                    argv,
                    stdin=before or subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self.errors,
                    env=environment,
                )
            except OSError as error:
                self.stop()
                raise EngineError(
                    f"Apertium program {argv[0]} cannot be started: {error.strerror}. "
                    "Run `pipeline engines install`."
                ) from error
            self.processes.append(process)
            if before:
                before.close()  # or a dead reader would never be noticed by its writer

    def stop(self) -> None:
        self.finalizer()

    def exchange(self, blocks: Sequence[str]) -> list[str]:
        """Write all blocks while reading the answers, so that no full pipe blocks both.

        Each block ends in a superblank with its number. It shows that an answer belongs to its
        text; and without a blank at the end, lt-proc 3.7.1 loses a final full stop or does not
        answer at all.
        """
        numbers = [next(self.numbers) for _ in blocks]
        data = "".join(f"{b}[#{n}]\0" for b, n in zip(blocks, numbers, strict=True)).encode()
        into = cast(IO[bytes], self.processes[0].stdin)
        writer = threading.Thread(target=_write, args=(into, data), daemon=True)
        writer.start()
        try:
            answers = self._read(len(blocks))
            return [_own(answer, n) for n, answer in zip(numbers, answers, strict=True)]
        except _BrokenError:
            _kill(self.processes)  # lets go of a writer that is stuck
            raise
        finally:
            writer.join()

    def _read(self, count: int) -> Iterator[str]:
        out = cast(IO[bytes], self.processes[-1].stdout)
        buffer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while count:
                if not selector.select(BLOCK_TIMEOUT):
                    raise _BrokenError(f"no answer for {BLOCK_TIMEOUT:g} s")
                chunk = os.read(out.fileno(), 1 << 16)
                if not chunk:
                    raise _BrokenError(self.describe_exit())
                buffer += chunk
                *done, rest = buffer.split(b"\0")
                buffer = rest
                for block in done[:count]:
                    yield block.decode("utf-8", "replace")
                count -= min(count, len(done))

    def stderr_since(self, start: int) -> bytes:
        """Return the programs' standard error from byte `start` on."""
        # Not with read: the file position is shared with the programs that write.
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size - start, start)

    def describe_exit(self) -> str:
        """Name the programs that ended by themselves, with the last line of standard error."""
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline and any(p.poll() is None for p in self.processes):
            time.sleep(0.01)
        ended = [p for p in self.processes if p.returncode not in (None, 0)] or self.processes
        codes = ", ".join(
            f"{Path(str(cast(list[str], p.args)[0])).name} ended with {p.returncode}" for p in ended
        )
        self.errors.seek(0)
        told = tagger.without_reports(self.errors.read().decode("utf-8", "replace"))
        words = told.strip().splitlines()
        return codes + (f": {words[-1]}" if words else "")


def _stop(processes: list[subprocess.Popen[bytes]], errors: IO[bytes]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
    for process in processes:
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # unwritten bytes have no reader
                    pipe.close()
    errors.close()


def _own(answer: str, number: int) -> str:
    match = _END.search(answer)
    if not match or int(match[1]) != number:
        raise _BrokenError("an answer did not belong to its sentence")
    return answer[: match.start()]


class _Tagger:
    """A tagger that reads each block as if it were its first; see `tagger`."""

    def __init__(self, argv: list[str]) -> None:
        self.argv = [argv[0], "-d", *argv[1:]]
        self.model = tagger.load(Path(argv[-1]))
        self.harmful: set[str] = set()
        """Words after which it must be restarted."""
        self.running: _Pipeline | None = None
        self.heard = 0
        """Bytes read of its standard error."""

    @property
    def processes(self) -> Sequence[subprocess.Popen[bytes]]:
        return self.running.processes if self.running else ()

    def stop(self) -> None:
        if self.running:
            self.running.stop()
        self.running = None
        self.heard = 0

    def exchange(self, blocks: Sequence[str]) -> list[str]:
        """Return the answers to all blocks, tagging those with a harmful word apart and last."""
        found: dict[int, str] = {}
        apart: list[int] = []
        while len(found) + len(apart) < len(blocks):
            apart = [n for n, block in enumerate(blocks) if self._does_harm(block)]
            together = [n for n in range(len(blocks)) if n not in set(apart)]
            answers, harm = self._tag([blocks[n] for n in together])
            if not harm:
                found = dict(zip(together, answers, strict=True))
            elif harm <= self.harmful:  # the word is written otherwise in its block
                apart = [*range(len(blocks))]
            self.harmful |= harm
        for n in apart:
            (found[n],), _ = self._tag([blocks[n]])
        return [found[n] for n in range(len(blocks))]

    def _does_harm(self, block: str) -> bool:
        return any(f"^{word}/" in block for word in self.harmful)

    def _tag(self, blocks: Sequence[str]) -> tuple[list[str], set[str]]:
        """Return the answers and the harmful words, which make the next call restart the tagger."""
        if not blocks:
            return [], set()
        if not self.running:
            self.running = _Pipeline([self.argv])
        answers = self.running.exchange(blocks)
        said = self.running.stderr_since(self.heard)
        self.heard += len(said)
        harm = tagger.harmful(said.decode("utf-8", "replace"), self.model)
        if harm or self.heard > MOST_SAID:
            self.stop()
        return answers, harm


class Daemon:
    """One mode, running from the first block on, and restarted once if it fails."""

    def __init__(self, mode: Path, part: Part = Part.WHOLE) -> None:
        self.mode = mode
        self.part = part
        self._stages: list[_Pipeline | _Tagger] = []
        self._lock = threading.Lock()

    @property
    def processes(self) -> Sequence[subprocess.Popen[bytes]]:
        return [process for stage in self._stages for process in stage.processes]

    def ask(self, blocks: Sequence[str]) -> list[str]:
        """Return the answer to each block, in order, or raise `EngineError`."""
        if not blocks:
            return []
        with self._lock:
            try:
                return self._exchange(blocks)
            except _BrokenError:
                self._end()
            try:
                return self._exchange(blocks)
            except _BrokenError as error:
                self._end()
                raise EngineError(
                    f"Apertium mode {self.mode.stem} failed twice ({error}): "
                    "reinstall its package, or translate with another engine."
                ) from error

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        for stage in self._stages:
            stage.stop()
        self._stages = []

    def _exchange(self, blocks: Sequence[str]) -> list[str]:
        if not self._stages:
            self._stages = _stages(commands_of(self.mode, self.part))
        for stage in self._stages:
            blocks = stage.exchange(blocks)
        return list(blocks)


def _stages(commands: list[list[str]]) -> list[_Pipeline | _Tagger]:
    """Start a pipeline, with its tagger apart if that must be watched."""
    n = next((n for n, argv in enumerate(commands) if tagger.is_watched(argv)), None)
    if n is None:
        return [_Pipeline(commands)]
    stages = [commands[:n], [commands[n]], commands[n + 1 :]]
    return [
        _Tagger(part[0]) if at == 1 else _Pipeline(part) for at, part in enumerate(stages) if part
    ]


def _write(into: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # the reader reports the failure
        into.write(data)
        into.flush()


def _kill(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
