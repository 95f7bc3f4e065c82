"""Apertium: rule-based translation by installed programs, needs no network.

Each language pair is a *mode*: a file that holds one shell pipeline. To start it takes about
0.2 s, so it is kept running; its programs get ``-z``, read a block up to a NUL and answer with a
block. A draft hangs on its sentence alone, which takes some care (see `tagging`): the tagger is
watched, and started again where a word did it harm. In eng-spa (0.8.1, Apertium 3.8.3) that is
1 of 300 sentences of FLORES-200, in es-fr 1 of 75; unwatched, 12 and 9 in 100 drafts then changed
with the order of the sentences.
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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache, cached_property
from pathlib import Path
from typing import IO, cast

from pipeline.engines import (
    Hypotheses,
    Hypothesis,
    Segment,
    by_core,
    carriers,
    shortest,
    split_locale,
    tagging,
)
from pipeline.engines.carriers import Dictionary, Loaded, Reading, Tally, Wanted, Way
from pipeline.engines.stream import decode, doubt, encode, protected, tidy
from pipeline.errors import EngineError, PairNotAvailable

BLOCK_TIMEOUT = 60.0
"""Seconds without a finished block after which a pipeline counts as hung. A block takes
milliseconds; on a loaded machine the start of a large pair takes seconds."""

MOST_SAID = 1 << 20
"""Bytes that a tagger may say on standard error before it is started again: it goes into a file."""

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

BINDER = "apertium-wblank-mode"
"""The program that writes a mode so that word-bound blanks come through (Apertium 3.8)."""

PIVOTS = ("es",)
"""Of two chains of modes as short, the one through Spanish: the best supplied of its languages."""

_MODE = re.compile(r"([a-z]{2,3})-([a-z]{2,3})(?:_(\w+))?")
"""``es-pt_BR``. Modes for debugging have more parts, and are not for us."""

_END = re.compile(r"\[#(\d+)\]\Z")

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


class Part(Enum):
    """What of a mode is run."""

    WHOLE = auto()
    BOUND = auto()
    """The whole of it, so that word-bound blanks come through."""
    ANALYSER = auto()
    GENERATOR = auto()


class ApertiumEngine:
    """Every mode that is installed, and chains of them."""

    name = "apertium"
    reads: tuple[str, ...] = ("constraints",)

    def __init__(self, modes: Path | None = None) -> None:
        """Look for modes in that folder rather than where Apertium keeps them."""
        self._folder = modes or modes_folder()
        self._daemons: dict[tuple[str, Part], Daemon] = {}
        self._dictionaries: dict[str, Dictionary] = {}
        self.probed: dict[Chain, frozenset[carriers.Probe]] = {}
        """By chain, the carriers that come through."""

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
        """Give one draft of each segment; where it has constraints, the plain one after it."""
        chain = self._chain(source, target)

        def hops(cores: list[Segment]) -> list[Hypotheses]:
            drafts = self.through(chain, [core.text for core in cores])
            plain: list[Hypotheses] = [(Hypothesis(text, doubt(new)),) for text, new in drafts]
            bound = [i for i, core in enumerate(cores) if core.constraints]
            if bound:
                found = _Terms(self, chain, source_of(source), source_of(target)).drafts(
                    [cores[i] for i in bound], [drafts[i] for i in bound]
                )
                for i, hypotheses in zip(bound, found, strict=True):
                    plain[i] = hypotheses
            return plain

        return by_core([_at_core(segment) for segment in segments], hops, self.name)

    def close(self) -> None:
        """Stop every pipeline; the next text starts its own again."""
        for daemon in self._daemons.values():
            daemon.stop()

    def daemon(self, mode: str, part: Part = Part.WHOLE) -> Daemon:
        key = mode, part
        if key not in self._daemons:
            self._daemons[key] = Daemon(self._path(mode), part)
        return self._daemons[key]

    def dictionary(self, chain: Chain, target: str) -> Dictionary:
        """Give what the modes know of words of the target language, which is where they end."""
        if target not in self._dictionaries:
            modes = installed_modes(self._folder)
            backwards = [name for (start, _), name in sorted(modes.items()) if start == target]
            self._dictionaries[target] = _dictionary(
                self.daemon(backwards[0], Part.ANALYSER) if backwards else None,
                self.daemon(chain[-1], Part.GENERATOR),
            )
        return self._dictionaries[target]

    def through(
        self, chain: Chain, texts: list[str], *, marks: bool = False
    ) -> list[tuple[str, list[str]]]:
        """Give the drafts of a chain, and of each the words that one of its modes lacks."""
        unknown: list[dict[str, None]] = [{} for _ in texts]
        for mode in chain:
            texts, missed = self._hop(mode, texts, marks=marks)
            for known, new in zip(unknown, missed, strict=True):
                known |= dict.fromkeys(new)
        return [(text, list(words)) for text, words in zip(texts, unknown, strict=True)]

    def _hop(
        self, mode: str, texts: list[str], *, marks: bool
    ) -> tuple[list[str], list[list[str]]]:
        """Give the drafts of one mode, and of each the words that it does not know."""
        daemon = self.daemon(mode, Part.BOUND if marks else Part.WHOLE)
        drafts = _run(daemon, texts, words=True, marks=marks)
        # A word that stands for a protected piece can get lost in a rule for nouns; a superblank
        # hardly ever does, though the grammar around it suffers.
        lost = [i for i, text in enumerate(texts) if protected(text) != protected(drafts[i][0])]
        again = _run(daemon, [texts[i] for i in lost], words=False, marks=marks)
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
        return _commands(mode.read_text("utf-8"), mode)
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"Apertium mode {mode} cannot be read: {error}.") from error


def commands_of(mode: Path, part: Part) -> list[list[str]]:
    """Read a mode file into the argument lists of those programs that a part consists of."""
    if part is Part.BOUND:
        try:
            text = subprocess.run(
                [BINDER, "-z", str(mode)], capture_output=True, timeout=10, check=True
            ).stdout.decode()
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
            raise EngineError(f"Apertium mode {mode} cannot carry terms: {error}.") from error
        return _commands(text, mode)
    commands = pipeline_of(mode)
    if part is Part.ANALYSER:
        return commands[:1]
    if part is Part.GENERATOR:
        found = [argv for argv in commands if "-g" in argv and "tagger" not in argv[0]]
        if not found:
            raise EngineError(f"Apertium mode {mode} has no generator: reinstall its package.")
        return found[-1:]
    return commands


def _commands(text: str, mode: Path) -> list[list[str]]:
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        tokens = list(lexer)
    except ValueError as error:
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


def _at_core(segment: Segment) -> Segment:
    """Count the places of the constraints from the first character that is not white space."""
    lead = len(segment.text) - len(segment.text.lstrip())
    if not lead or not segment.constraints:
        return segment
    moved = (replace(c, start=c.start - lead, end=c.end - lead) for c in segment.constraints)
    return replace(segment, constraints=tuple(moved))


def _run(
    daemon: Daemon, texts: list[str], *, words: bool, marks: bool
) -> list[tuple[str, list[str]]]:
    blocks = [encode(text, words=words, marks=marks) for text in texts]
    drafts = []
    for text, answer in zip(texts, daemon.ask(blocks), strict=True):
        draft, unknown = decode(text, answer, marks=marks)
        drafts.append((tidy(text, draft), unknown))
    return drafts


# Terms of the glossary.


_READING = re.compile(r"(?<!\\)/((?:\\.|[^/\\$<*])+)((?:<[^<>]+>)+)")


def _dictionary(analyser: Daemon | None, generator: Daemon) -> Dictionary:
    """Give a dictionary that asks those programs, each word once; () and "" where they fail."""

    @cache
    def read(word: str) -> tuple[Reading, ...]:
        if analyser is None:
            return ()
        try:
            (answer,) = analyser.ask([encode(word, words=False).removesuffix(".[]")])
        except EngineError:
            return ()
        if answer.count("^") != 1:  # more than one word
            return ()
        return tuple(
            (match[1], tuple(re.findall(r"<([^<>]+)>", match[2])))
            for match in _READING.finditer(answer)
        )

    @cache
    def write(reading: Reading) -> str:
        lemma, tags = reading
        try:
            (answer,) = generator.ask([f"^{lemma}{''.join(f'<{tag}>' for tag in tags)}$"])
        except EngineError:
            return ""
        return "" if answer.startswith(("#", "@", "*")) else answer.replace("~", "")

    return Dictionary(read, write)


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    unknown: list[str]
    forced: frozenset[int] = frozenset()
    """Which constraints were put in."""
    spliced: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Case:
    """A segment with constraints, and the best draft of it so far."""

    core: Segment
    draft: _Draft
    target: str
    wants: tuple[Wanted, ...]
    instead: tuple[str, ...]
    """What the engine says for each term where it stands alone; "" where that is the term."""

    def tally(self, draft: _Draft) -> Tally:
        put = draft.forced | draft.spliced
        return carriers.tally(draft.text, self.core.constraints, self.target, self.instead, put)

    def rank(self, draft: _Draft) -> tuple[bool, int, int, int]:
        """Count what is wrong with a draft, the worst first: pieces, terms, words to avoid."""
        its = self.tally(draft)
        whole = protected(draft.text) == protected(self.core.text)
        wrong = its.forbidden + len(its.stale)
        return not whole, its.met.count(False), wrong, len(draft.unknown)

    def offer(self, draft: _Draft) -> None:
        """Take that draft if less is wrong with it than with the one there is."""
        if self.rank(draft) < self.rank(self.draft):
            self.draft = draft

    def open(self) -> list[int]:
        """Give the places of the terms that are to be put in: missing, or not said everywhere."""
        its = self.tally(self.draft)
        return [
            n
            for n, one in enumerate(self.core.constraints)
            if self.wants[n].way is not Way.CHECK
            and (
                not its.met[n]
                or (
                    n not in self.draft.forced
                    and (n in its.stale or (its.forbidden and one.forbid))
                )
            )
        ]

    def hypothesis(self, draft: _Draft) -> Hypothesis:
        met = self.tally(draft).met
        how = (
            "missing"
            if not its
            else "forced"
            if n in draft.forced
            else "spliced"
            if n in draft.spliced
            else "natural"
            for n, its in enumerate(met)
        )
        return Hypothesis(draft.text, doubt(draft.unknown), tuple(how))


class _Terms:
    """Drafts with the terms of the glossary, over one chain of modes.

    What the plain draft lacks is carried (see `carriers`), then carried with all other terms by
    other carriers, then goes as a token; at last a known rendering of it is replaced. Of all
    these drafts the one with the least wrong is taken (`_Case.rank`), the earlier of two as good.
    """

    def __init__(self, engine: ApertiumEngine, chain: Chain, source: str, target: str) -> None:
        self.engine = engine
        self.chain = chain
        self.source = source
        self.target = target
        self.dictionary = engine.dictionary(chain, target)
        self.spoken: dict[str, str] = {}
        """What the engine says for a term by itself."""

    def drafts(self, cores: list[Segment], drafts: list[tuple[str, list[str]]]) -> list[Hypotheses]:
        terms = {core.text[c.start : c.end]: None for core in cores for c in core.constraints}
        for term, alone in zip(terms, self._through(list(terms)), strict=True):
            self.spoken[term] = alone[0] if alone and not alone[1] else ""
        cases = [self._case(core, _Draft(*d)) for core, d in zip(cores, drafts, strict=True)]
        plain = [case.draft for case in cases]
        self._carry(cases, _Case.open, turn=0)
        self._carry(cases, lambda case: range(len(case.wants)), turn=1)
        self._carry(cases, lambda case: {*case.open(), *case.draft.forced}, tokens=_Case.open)
        self._splice(cases)
        self._agree(cases)
        return [
            (case.hypothesis(case.draft),)
            if case.draft.text == first.text
            else (case.hypothesis(case.draft), case.hypothesis(first))
            for case, first in zip(cases, plain, strict=True)
        ]

    def _case(self, core: Segment, draft: _Draft) -> _Case:
        wants = tuple(
            carriers.wanted(c, n, core.text, self.source, self.target, self.dictionary)
            for n, c in enumerate(core.constraints)
        )
        instead = tuple(
            ""
            if one.way in {Way.CHECK, Way.TOKEN}
            or any(carriers.tally(said, [one.constraint], self.target).met)
            else said
            for one, said in (
                (one, self.spoken[core.text[one.constraint.start : one.constraint.end]])
                for one in wants
            )
        )
        return _Case(core, draft, self.target, wants, instead)

    def _agree(self, cases: list[_Case]) -> None:
        """Take from a draft in which all nouns are carried what agrees with them.

        The engine may say a term by itself and not know its gender, above all where it got it
        through a third language. If the carriers change nothing but the forms of other words,
        these forms are right.
        """
        asked = []
        for case in cases:
            wants = [
                one
                for n, one in enumerate(case.wants)
                if n in case.draft.forced or (one.way is Way.NOUN and one.sure)
            ]
            fit = any(one.sure for one in wants) and all(self._carries(one, 0) for one in wants)
            if fit and (loaded := carriers.load(case.core.text, wants, self.source)):
                asked.append((case, loaded))
        for (case, loaded), answer in self._answers(asked):
            done = carriers.unload(loaded, answer[0], self.target)
            if (
                len(done.put) == len(loaded.carried) + len(loaded.tokens)
                and carriers.akin(done.text, case.draft.text, self.target)
                and case.rank(draft := replace(case.draft, text=done.text)) <= case.rank(case.draft)
            ):
                case.draft = draft

    def _carry(
        self,
        cases: list[_Case],
        which: Callable[[_Case], Iterable[int]],
        tokens: Callable[[_Case], Iterable[int]] = lambda case: (),
        turn: int = 0,
    ) -> None:
        """Offer drafts in which those terms were carried to the cases that lack one."""
        asked: list[tuple[_Case, Loaded]] = []
        for case in cases:
            if not case.open():
                continue
            those, instead = set(which(case)), set(tokens(case))
            wants = [
                one if n not in instead and self._carries(one, turn) else carriers.as_token(one)
                for n, one in enumerate(case.wants)
                if n in those and one.way is not Way.CHECK
            ]
            if loaded := carriers.load(case.core.text, wants, self.source, turn=turn):
                asked.append((case, loaded))
        for (case, loaded), answer in self._answers(asked):
            done = carriers.unload(loaded, answer[0], self.target)
            case.offer(_Draft(done.text, answer[1], done.put))

    def _answers(
        self, asked: list[tuple[_Case, Loaded]]
    ) -> Iterator[tuple[tuple[_Case, Loaded], tuple[str, list[str]]]]:
        answers = self._ask([loaded for _, loaded in asked])
        yield from ((one, its) for one, its in zip(asked, answers, strict=True) if its)

    def _carries(self, one: Wanted, turn: int) -> bool:
        return one.way is Way.TOKEN or carriers.probe_of(one, turn) in self.probes

    @cached_property
    def probes(self) -> frozenset[carriers.Probe]:
        """The carriers that come through the chain as they should; of each chain asked once."""
        known = self.engine.probed
        if self.chain not in known:
            known[self.chain] = frozenset()
            if carriers.serves(self.source, self.target) and shutil.which(BINDER):
                probes = carriers.probes(self.source)
                answers = self._ask([loaded for _, loaded in probes])
                known[self.chain] = frozenset(
                    probe
                    for (probe, loaded), answer in zip(probes, answers, strict=True)
                    if answer and carriers.unload(loaded, answer[0], self.target).put
                )
        return known[self.chain]

    def _ask(self, loads: list[Loaded]) -> list[tuple[str, list[str]] | None]:
        """Give the drafts of loaded texts; None where the programs cannot do with one."""
        found: list[tuple[str, list[str]] | None] = [None] * len(loads)
        for marks in (True, False):
            those = [n for n, load in enumerate(loads) if bool(load.carried) is marks]
            texts = [loads[n].text for n in those]
            for n, draft in zip(those, self._through(texts, marks=marks), strict=True):
                found[n] = draft
        return found

    def _through(
        self, texts: list[str], *, marks: bool = False
    ) -> Sequence[tuple[str, list[str]] | None]:
        try:
            return self.engine.through(self.chain, texts, marks=marks)
        except EngineError:
            if len(texts) == 1:
                return [None]
            return [self._through([text], marks=marks)[0] for text in texts]

    def _splice(self, cases: list[_Case]) -> None:
        for case in cases:
            for n in case.open():
                one = case.wants[n]
                known = (*one.constraint.forbid, case.instead[n])
                if one.way is not Way.TOKEN and (
                    text := carriers.splice(case.draft.text, one, known, self.target)
                ):
                    spliced = case.draft.spliced | {n}
                    case.offer(replace(case.draft, text=text, spliced=spliced))


# The running programs.


class _BrokenError(Exception):
    """The pipeline died, hangs, or is out of step; the message says which."""


class _Running:
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
        """Write all blocks while reading the answers, so that no pipe fills up and stops both.

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
                    raise _BrokenError(self.why_dead())
                buffer += chunk
                *done, rest = buffer.split(b"\0")
                buffer = rest
                for block in done[:count]:
                    yield block.decode("utf-8", "replace")
                count -= min(count, len(done))

    def said(self, start: int) -> bytes:
        """Return what the programs said on standard error, from that byte on."""
        # Not by reading the file: its place is also where the programs write.
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size - start, start)

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
        # What a watched tagger says of words is no cause.
        told = tagging._NEW.sub("", self.errors.read().decode("utf-8", "replace"))
        said = told.strip().splitlines()
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


def _own(answer: str, number: int) -> str:
    match = _END.search(answer)
    if not match or int(match[1]) != number:
        raise _BrokenError("an answer did not belong to its sentence")
    return answer[: match.start()]


class _Tagger:
    """A tagger that reads each block as if it were its first; see `tagging`."""

    def __init__(self, argv: list[str]) -> None:
        self.argv = [argv[0], "-d", *argv[1:]]
        self.model = tagging.load(Path(argv[-1]))
        self.harmful: set[str] = set()
        """Words after which it has to be started again."""
        self.running: _Running | None = None
        self.heard = 0
        """Bytes of what it said."""

    @property
    def processes(self) -> Sequence[subprocess.Popen[bytes]]:
        return self.running.processes if self.running else ()

    def stop(self) -> None:
        if self.running:
            self.running.stop()
        self.running = None
        self.heard = 0

    def exchange(self, blocks: Sequence[str]) -> list[str]:
        """Give the answers to all blocks: first to those without a word that does harm."""
        found: dict[int, str] = {}
        apart: list[int] = []
        while len(found) + len(apart) < len(blocks):
            apart = [n for n, block in enumerate(blocks) if self._does_harm(block)]
            together = [n for n in range(len(blocks)) if n not in set(apart)]
            answers, harm = self._tag([blocks[n] for n in together])
            if not harm:
                found = dict(zip(together, answers, strict=True))
            elif harm <= self.harmful:  # a word that is not written so in any block
                apart = [*range(len(blocks))]
            self.harmful |= harm
        for n in apart:
            (found[n],), _ = self._tag([blocks[n]])
        return [found[n] for n in range(len(blocks))]

    def _does_harm(self, block: str) -> bool:
        return any(f"^{word}/" in block for word in self.harmful)

    def _tag(self, blocks: Sequence[str]) -> tuple[list[str], set[str]]:
        """Give the answers, and the words that did harm; after harm, the next call starts anew."""
        if not blocks:
            return [], set()
        if not self.running:
            self.running = _Running([self.argv])
        answers = self.running.exchange(blocks)
        said = self.running.said(self.heard)
        self.heard += len(said)
        harm = tagging.harmful(said.decode("utf-8", "replace"), self.model)
        if harm or self.heard > MOST_SAID:
            self.stop()
        return answers, harm


class Daemon:
    """One mode, kept running from the first block on, and started again once if it fails."""

    def __init__(self, mode: Path, part: Part = Part.WHOLE) -> None:
        self.mode = mode
        self.part = part
        self._stages: list[_Running | _Tagger] = []
        self._lock = threading.Lock()

    @property
    def processes(self) -> Sequence[subprocess.Popen[bytes]]:
        return [process for stage in self._stages for process in stage.processes]

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
        for stage in self._stages:
            stage.stop()
        self._stages = []

    def _exchange(self, blocks: Sequence[str]) -> list[str]:
        if not self._stages:
            self._stages = _stages(commands_of(self.mode, self.part))
        for stage in self._stages:
            blocks = stage.exchange(blocks)
        return list(blocks)


def _stages(commands: list[list[str]]) -> list[_Running | _Tagger]:
    """Start a pipeline; its tagger apart, if that has to be watched."""
    n = next((n for n, argv in enumerate(commands) if tagging.is_watched(argv)), None)
    if n is None:
        return [_Running(commands)]
    stages = [commands[:n], [commands[n]], commands[n + 1 :]]
    return [
        _Tagger(part[0]) if at == 1 else _Running(part) for at, part in enumerate(stages) if part
    ]


def _write(into: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # the reader says what went wrong
        into.write(data)
        into.flush()


def _kill(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
