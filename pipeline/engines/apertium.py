"""Apertium: rule-based translation by installed programs, needs no network.

Each language pair is a *mode*: a file that holds one shell pipeline. To start it takes about
0.2 s, so it is kept running; its programs get ``-z``, read a block up to a NUL and answer with a
block. The pipeline is not a perfectly pure function of a sentence: of 1,500 outputs, 4 changed
from one pass to the next in one running pipeline (eng-spa 0.8.1, Apertium 3.8.3); of another
1,012, asked twice and then in reverse order, none did.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import selectors
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO, cast

from pipeline.engines import (
    PROTECTED,
    Hypotheses,
    Hypothesis,
    Segment,
    by_core,
    shortest,
    split_locale,
)
from pipeline.errors import EngineError, PairNotAvailable

BLOCK_TIMEOUT = 60.0
"""Seconds without a finished block after which a pipeline counts as hung. A block takes
milliseconds; on a loaded machine the start of a large pair takes seconds."""

MOST_UNKNOWN = 6
"""Words that are named as unknown; of more, the number is said."""

_LANGUAGES = {
    "afr": "af", "arg": "an", "bel": "be", "bre": "br", "bul": "bg", "cat": "ca", "cym": "cy",
    "dan": "da", "deu": "de", "eng": "en", "epo": "eo", "eus": "eu", "fra": "fr", "glg": "gl",
    "hbs": "sh", "hin": "hi", "ind": "id", "isl": "is", "ita": "it", "kaz": "kk", "mkd": "mk",
    "mlt": "mt", "nld": "nl", "nno": "nn", "nob": "nb", "oci": "oc", "pol": "pl", "por": "pt",
    "ron": "ro", "rus": "ru", "slv": "sl", "spa": "es", "srd": "sc", "swe": "sv", "tat": "tt",
    "tur": "tr", "ukr": "uk", "urd": "ur", "zlm": "ms",
}  # fmt: skip
"""Three-letter codes in mode names to the codes that locales use. Modes have either."""

_LOCALES = {"bs": "sh_BS", "hr": "sh_HR", "sr": "sh_SR", "sr_Latn": "sh_SR", "no": "nb"}
"""Locales that Apertium counts as variants of another language."""

PIVOTS = ("es",)
"""Of two chains of modes as short, the one through Spanish: the best supplied of its languages."""

_MODE = re.compile(r"([a-z]{2,3})-([a-z]{2,3})(?:_(\w+))?")
"""``es-pt_BR``. Modes for debugging have more parts, and are not for us."""

_UNSAFE = "~*#\n\r"
"""Goes as a superblank: a tilde is dropped by the post-generator, escaped or not (tried with all
of U+0001-U+2FFF on eng-spa, es-fr, es-pt_BR and spa-ita); an asterisk or a hash is a mark (see
`_STREAM`)."""

_SPECIAL = re.compile(rf"[\[\]{{}}^$/\\@<>]|[{_UNSAFE}]|{PROTECTED.pattern}")
"""What means something in the stream format, where a backslash takes the meaning away; and what
does not go as text."""

_WORD = re.compile(r"\bxq[a-z]{2}\b", re.IGNORECASE)
_STREAM = re.compile(
    r"\\(?P<escaped>.)|\[(?P<blank>(?:\\.|[^\]\\])*)\]"
    r"|(?P<mark>[*@#])(?P<word>\w(?:\w|['’-](?=\w))*)",
    re.DOTALL,
)
"""What is not plain text in an answer: escaped characters, superblanks, and words with a mark,
which a dictionary lacks: the analyser's (*), the bilingual one (@), the generator's (#)."""
_END = re.compile(r"\[#(\d+)\]\Z")
_ENDED = re.compile(r"[.!?…:;][\"'»”’)\]]*\Z")

Chain = tuple[str, ...]
"""Names of modes, to be run one after the other."""


def language_of(code: str) -> str:
    return _LANGUAGES.get(code, code)


def targets_of(locale: str) -> list[str]:
    """Give what serves a locale, best first: pt_BR, then pt."""
    locale = _LOCALES.get(locale, locale)
    language, variant = split_locale(locale)
    return [f"{language}_{variant}", language] if variant else [language]


def source_of(locale: str) -> str:
    return targets_of(locale)[-1]


class ApertiumEngine:
    """Every mode that is installed, and chains of them."""

    name = "apertium"
    reads: tuple[str, ...] = ()

    def __init__(self, modes: Path | None = None) -> None:
        """Look for modes in that folder rather than where Apertium keeps them."""
        self._folder = modes or modes_folder()
        self._daemons: dict[str, Daemon] = {}

    def signature(self, source: str, target: str) -> str:
        version = _version()
        return f"apertium {version} {' → '.join(self._chain(source, target))}".replace("  ", " ")

    def serves(self, source: str, target: str) -> bool:
        try:
            chain = self._chain(source, target)
            programs = [argv[0] for mode in chain for argv in pipeline_of(self._path(mode))]
        except EngineError:
            return False
        return all(shutil.which(program) for program in programs)

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        chain = self._chain(source, target)

        def hops(cores: list[Segment]) -> list[Hypotheses]:
            texts = [core.text for core in cores]
            unknown: list[dict[str, None]] = [{} for _ in texts]
            for mode in chain:
                texts, missed = self._hop(mode, texts)
                for known, new in zip(unknown, missed, strict=True):
                    known |= dict.fromkeys(new)
            drafts = zip(texts, unknown, strict=True)
            return [(Hypothesis(text, _doubt(list(words))),) for text, words in drafts]

        return by_core(segments, hops, self.name)

    def close(self) -> None:
        """Stop every pipeline; the next text starts its own again."""
        for daemon in self._daemons.values():
            daemon.stop()

    def daemon(self, mode: str) -> Daemon:
        if mode not in self._daemons:
            self._daemons[mode] = Daemon(self._path(mode))
        return self._daemons[mode]

    def _hop(self, mode: str, texts: list[str]) -> tuple[list[str], list[list[str]]]:
        """Give the drafts of one mode, and of each the words that it does not know."""
        daemon = self.daemon(mode)
        drafts = _run(daemon, texts, words=True)
        # A word that stands for a protected piece can get lost in a rule for nouns; a superblank
        # hardly ever does, though the grammar around it suffers.
        lost = [i for i, text in enumerate(texts) if _protected(text) != _protected(drafts[i][0])]
        again = _run(daemon, [texts[i] for i in lost], words=False)
        for i, draft in zip(lost, again, strict=True):
            drafts[i] = draft
        return [text for text, _ in drafts], [words for _, words in drafts]

    def _path(self, mode: str) -> Path:
        return self._folder / f"{mode}.mode"

    def _chain(self, source: str, target: str) -> Chain:
        start, goals = source_of(source), targets_of(target)
        modes = installed_modes(self._folder)
        way = shortest(modes, start, [g for g in goals if g != start], PIVOTS)
        if not way:
            raise PairNotAvailable(
                f"Apertium has no modes from {source} to {target} in {self._folder}: "
                "run `pipeline engines install`."
            )
        return tuple(modes[pair] for pair in itertools.pairwise(way))


def modes_folder() -> Path:
    """Give the folder of modes: of ``APERTIUM_DATADIR``, or of the system, or of /usr/local."""
    named = os.environ.get("APERTIUM_DATADIR")
    if named:
        return Path(named) / "modes"
    roots = [Path("/usr/share/apertium"), Path("/usr/local/share/apertium")]
    return next((root / "modes" for root in roots if (root / "modes").is_dir()), roots[0] / "modes")


def installed_modes(folder: Path) -> dict[tuple[str, str], str]:
    """Map language pairs, the target with its variant if any, to names of mode files."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.mode")):
        match = _MODE.fullmatch(path.name.removesuffix(".mode"))
        if match:
            source, target, variant = match.groups()
            target = language_of(target) + (f"_{variant}" if variant else "")
            found.setdefault((language_of(source), target), match.group())
    return found


def pipeline_of(mode: Path) -> list[list[str]]:
    """Read a mode file into the argument lists of its programs, each with ``-z``.

    ``$1`` becomes ``-g`` (unknown words are marked) and ``$2`` nothing, as in ``apertium``.
    """
    try:
        text = mode.read_text("utf-8")
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        tokens = list(lexer)
    except (OSError, ValueError) as error:
        raise EngineError(f"Apertium mode {mode} cannot be read: {error}.") from error
    commands: list[list[str]] = [[]]
    for token in tokens:
        if token == "|":
            commands.append([])
        elif token == "$1":
            commands[-1].append("-g")
        elif token == "$2":
            continue
        elif re.search(r"^[();<>|&]+$|[`$]", token):
            raise EngineError(
                f"Apertium mode {mode} is more than a plain pipeline ({token!r}): reinstall it."
            )
        else:
            commands[-1].append(token)
    if not all(commands):
        raise EngineError(f"Apertium mode {mode} is empty or cut off: reinstall its package.")
    return [argv if "-z" in argv else [argv[0], "-z", *argv[1:]] for argv in commands]


@cache
def _version() -> str:
    try:
        told = subprocess.run(
            ["apertium", "-V"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"\d[\w.]*", told)
    return match.group() if match else ""


# The stream format.


def _run(daemon: Daemon, texts: list[str], *, words: bool) -> list[tuple[str, list[str]]]:
    blocks = [_encode(text, words=words) for text in texts]
    drafts = []
    for text, answer in zip(texts, daemon.ask(blocks), strict=True):
        draft, unknown = _decode(text, answer)
        drafts.append((_tidy(text, draft), unknown))
    return drafts


def _doubt(unknown: list[str]) -> str:
    unknown = [word for word in unknown if len(word) > 2]  # not the m of 100m
    if not unknown:
        return ""
    more = f" and {len(unknown) - MOST_UNKNOWN} more" if len(unknown) > MOST_UNKNOWN else ""
    return f"does not know {', '.join(unknown[:MOST_UNKNOWN])}{more}"


def _encode(text: str, *, words: bool) -> str:
    """Write a text as a block: escaped, its protected pieces as words or as superblanks.

    A piece that stands free, as a name or a number does, is best a word that no dictionary has:
    a preposition before a superblank becomes an adverb ("on", "encima"). One that touches a
    letter is most likely markup, and goes as a superblank, which may move with its word.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise EngineError(f"Apertium cannot take NUL or half a surrogate pair: {text!r}.")
    pieces = _protected(text, unique=True)
    words = words and not _WORD.search(text) and len(pieces) <= 26 * 26

    def write(match: re.Match[str]) -> str:
        character = match.group()
        if PROTECTED.match(character):
            free = words and not _touches(text, match.start())
            return _word(pieces.index(character)) if free else f"[{character}]"
        return f"[{character}]" if character in _UNSAFE else f"\\{character}"

    # Without the end of a sentence after it, the last word is read as if more were to come.
    return _SPECIAL.sub(write, text) + ("" if _ENDED.search(text) else ".[]")


def _touches(text: str, i: int) -> bool:
    around = text[i - 1 : i] + text[i + 1 : i + 2]
    return any(c.isalnum() or PROTECTED.match(c) for c in around)


def _word(index: int) -> str:
    first, second = divmod(index, 26)
    return f"Xq{chr(ord('a') + first)}{chr(ord('a') + second)}"


def _protected(text: str, *, unique: bool = False) -> list[str]:
    found = PROTECTED.findall(text)
    return sorted(set(found)) if unique else sorted(found)


def _decode(text: str, block: str) -> tuple[str, list[str]]:
    """Read the answer to `text`: what it says, and the words of it that a dictionary lacks."""
    pieces = _protected(text, unique=True)
    if not _ENDED.search(text):
        block = re.sub(r"\.?\[\]\Z", "", block)
    unknown: list[str] = []

    def plain(match: re.Match[str]) -> str:
        if match["mark"]:
            unknown.append(match["word"])
            return match["word"]
        return match["escaped"] if match["blank"] is None else _unescape(match["blank"])

    said = _STREAM.sub(plain, block)
    if not pieces or _WORD.search(text):
        return said, unknown

    def piece(match: re.Match[str]) -> str:
        first, second = (ord(letter) - ord("a") for letter in match.group().lower()[2:])
        index = first * 26 + second
        return pieces[index] if index < len(pieces) else match.group()

    return _WORD.sub(piece, said), [word for word in unknown if not _WORD.fullmatch(word)]


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _tidy(text: str, draft: str) -> str:
    """Mend what the programs do to spaces, capitals and apostrophes, and only that."""
    draft = draft.strip()
    if "  " not in text:
        draft = re.sub(" {2,}", " ", draft)
    if "’" in text and "'" not in text:  # the analyser turns all of them straight
        draft = draft.replace("'", "’")
    if text.isupper() and sum(map(str.isalpha, text)) > 1:
        return draft.upper()
    here = next((c for c in text if c.isalpha()), "")
    at = next((i for i, c in enumerate(draft) if c.isalpha()), None)
    if here.isupper() and at is not None:
        draft = draft[:at] + draft[at].upper() + draft[at + 1 :]
    return draft


# The running programs.


class _BrokenError(Exception):
    """The pipeline died, hangs, or is out of step; the message says which."""


class _Running:
    """The processes of one pipeline, with the thread-free half of talking to them."""

    def __init__(self, commands: list[list[str]]) -> None:
        self.errors = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 (closed by stop)
        self.processes: list[subprocess.Popen[bytes]] = []
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

    def why_dead(self) -> str:
        """Say which program ended by itself, and its last words."""
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline and any(p.poll() is None for p in self.processes):
            time.sleep(0.01)
        ended = [p for p in self.processes if p.returncode not in (None, 0)] or self.processes
        codes = ", ".join(
            f"{Path(str(cast(list[str], p.args)[0])).name} ended with {p.returncode}" for p in ended
        )
        self.errors.seek(0)
        said = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        return codes + (f": {said[-1]}" if said else "")


def _stop(processes: list[subprocess.Popen[bytes]], errors: IO[bytes]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
    for process in processes:
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what was not yet written has no reader
                    pipe.close()
    errors.close()


class Daemon:
    """One mode, kept running from the first block on, and started again once if it fails."""

    def __init__(self, mode: Path) -> None:
        self.mode = mode
        self.processes: Sequence[subprocess.Popen[bytes]] = ()
        self._running: _Running | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def ask(self, blocks: Sequence[str]) -> list[str]:
        """Give the answer to each block, in order, or raise `EngineError`."""
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
        if self._running:
            self._running.stop()
        self._running = None
        self.processes = ()

    def _start(self) -> _Running:
        if not self._running:
            self._running = _Running(pipeline_of(self.mode))
            self.processes = self._running.processes
        return self._running

    def _exchange(self, blocks: Sequence[str]) -> list[str]:
        """Write all blocks while reading the answers, so that no pipe fills up and stops both.

        Each block ends in a superblank with its number. It shows that an answer belongs to its
        text; and without a blank at the end, lt-proc 3.7.1 loses a final full stop or does not
        answer at all.
        """
        running = self._start()
        numbers = [next(self._numbers) for _ in blocks]
        data = "".join(f"{b}[#{n}]\0" for b, n in zip(blocks, numbers, strict=True)).encode()
        into = cast(IO[bytes], running.processes[0].stdin)
        writer = threading.Thread(target=_write, args=(into, data), daemon=True)
        writer.start()
        try:
            return [
                self._own(answer, n)
                for n, answer in zip(numbers, self._read(running, len(blocks)), strict=True)
            ]
        except _BrokenError:
            _kill(running.processes)  # lets go of a writer that is stuck
            raise
        finally:
            writer.join()

    @staticmethod
    def _own(answer: str, number: int) -> str:
        match = _END.search(answer)
        if not match or int(match[1]) != number:
            raise _BrokenError("an answer did not belong to its sentence")
        return answer[: match.start()]

    @staticmethod
    def _read(running: _Running, count: int) -> Iterator[str]:
        out = cast(IO[bytes], running.processes[-1].stdout)
        buffer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while count:
                if not selector.select(BLOCK_TIMEOUT):
                    raise _BrokenError(f"no answer for {BLOCK_TIMEOUT:g} s")
                chunk = os.read(out.fileno(), 1 << 16)
                if not chunk:
                    raise _BrokenError(running.why_dead())
                buffer += chunk
                *done, rest = buffer.split(b"\0")
                buffer = rest
                for block in done[:count]:
                    yield block.decode("utf-8", "replace")
                count -= min(count, len(done))


def _write(into: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # the reader says what went wrong
        into.write(data)
        into.flush()


def _kill(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
