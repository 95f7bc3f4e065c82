"""Machine translation engines: what writes a draft that a person will read.

An engine takes segments in and gives hypotheses for each back, in order, or raises. Each adapter
is a module of its own and is imported only when its engine is asked for: the import of Argos
Translate makes folders, and costs a tenth of a second that most commands have no need to pay.
"""

from __future__ import annotations

import importlib
import json
import re
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from pipeline.errors import EngineError, PairNotAvailable, PipelineError, SettingsError
from pipeline.model import Constraint as Constraint

PROTECTED = re.compile("[\ue000-\uf8ff]")
"""One character of the private use area: it stands for a piece that is not to be translated."""

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""A control character or half a character, which no file can hold."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence to be drafted, and what an engine may know beside it."""

    text: str
    """One line. `PROTECTED` characters in it should come back once each; the caller checks."""
    before: str = ""
    """The sentence before it in the article, as a reader sees it; "" at the beginning."""
    after: str = ""
    terms: tuple[str, ...] = ()
    """What the glossary says of its terms, one line each: ``tariff → tarifa (f)``."""
    constraints: tuple[Constraint, ...] = ()
    """The same, for engines that can follow it; in the order of the text, without overlap."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to say a segment in the target language."""

    text: str
    doubt: str = ""
    """What the engine itself doubts in it, in plain words for a translator; "" if nothing."""
    terms: tuple[str, ...] = ()
    """How each constraint of the segment was met: natural, chosen (from the hypotheses), forced,
    spliced or missing. () where the engine does not look."""


Hypotheses = tuple[Hypothesis, ...]
"""Of one segment, the best first; () where the engine has nothing to offer."""


@runtime_checkable
class Engine(Protocol):
    """`source` and `target` are locale names as gettext writes them: en, es, pt_BR, zh_Hans."""

    name: str
    reads: tuple[str, ...]
    """The fields of a `Segment`, beside its text, that have an influence on its hypotheses."""

    def signature(self, source: str, target: str) -> str:
        """Say what writes the draft; the same as long as the same versions are installed."""

    def serves(self, source: str, target: str) -> bool:
        """Whether the pair can be translated now."""

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        """Give hypotheses for each segment, in order, or raise `EngineError`.

        White space around a text is kept. What comes back for a segment hangs on that segment
        alone, not on the others in the call.
        """


@runtime_checkable
class Portioned(Protocol):
    """An engine that asks somebody else: what it was told in a call is lost where the call fails.

    So it is called with a portion at a time, and what comes back is remembered before the next.
    """

    @property
    def portion(self) -> int:
        """Give the segments that it asks for at a time."""


Options = Mapping[str, object]
"""A table ``[tool.pipeline.NAME]``: the settings of one engine."""


def _argos(options: Options) -> Engine:
    from pipeline.engines.argos import ArgosEngine

    return ArgosEngine(options)


def _apertium(options: Options) -> Engine:
    from pipeline.engines.apertium import ApertiumEngine

    return ApertiumEngine()


def _libretranslate(options: Options) -> Engine:
    from pipeline.engines.libretranslate import LibreTranslateEngine

    return LibreTranslateEngine(options)


def _chat(options: Options) -> Engine:
    from pipeline.engines.chat import ChatEngine

    return ChatEngine(options)


def _pseudo(options: Options) -> Engine:
    from pipeline.engines.pseudo import PseudoEngine

    return PseudoEngine()


def _by_hand(options: Options) -> Engine:
    from pipeline.engines.byhand import ByHand

    return ByHand()


NONE = "none"
"""The engine of a locale that is translated by hand."""

ENGINES: Mapping[str, Callable[[Options], Engine]] = {
    "argos": _argos,
    "apertium": _apertium,
    "libretranslate": _libretranslate,
    "chat": _chat,
    "pseudo": _pseudo,
    NONE: _by_hand,
}

_AUTOMATIC = ("chat", "argos", "libretranslate", "argos", "apertium", "argos")
"""What "auto" tries, best first. One that comes again may have yielded to what stands between."""
_ASKED_FOR = ("chat", "libretranslate")
"""What "auto" tries only where it has settings: text leaves the machine."""


def load(name: str, options: Options | None = None) -> Engine:
    """Give the engine of that name, or of ``package.module:factory``; the same one each time.

    One instance serves the whole process, so that models and daemons are started once.
    """
    return _load(name, json.dumps(dict(options or {}), sort_keys=True, default=str))


@cache
def _load(name: str, options: str) -> Engine:
    try:
        own = ENGINES.get(name)
        engine = own(json.loads(options)) if own else _factory(name)()
    except ImportError as error:
        raise EngineError(f"Engine {name}: {error}. Install what is missing with pip.") from error
    except OSError as error:
        raise EngineError(f"Engine {name} cannot start: {error}.") from error
    except PipelineError:
        raise
    except Exception as error:
        raise EngineError(f"Engine {name} cannot start: {_said(error)}.") from error
    if not isinstance(engine, Engine):
        raise SettingsError(f"Engine {name}: what the factory made is not an engine.")
    return engine if own else _Guarded(engine)


def _said(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__} {error}".split()).rstrip(".")


def _is_sound(one: object) -> bool:
    return (
        isinstance(one, Hypothesis)
        and isinstance(one.terms, tuple | list)
        and all(isinstance(said, str) for said in (one.text, one.doubt, *one.terms))
    )


def _is_writable(one: Hypothesis) -> bool:
    return not any(map(UNWRITABLE.search, (one.text, one.doubt, *one.terms)))


class _Guarded:
    """An engine of somebody's own: what goes wrong in it is an `EngineError`, in one line."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = " ".join(str(engine.name).split())
        self.reads = tuple(engine.reads)

    def signature(self, source: str, target: str) -> str:
        said = " ".join(str(self._call(self._engine.signature, source, target)).split())
        return said or self.name

    def serves(self, source: str, target: str) -> bool:
        return bool(self._call(self._engine.serves, source, target))

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        found = self._call(lambda: list(self._engine.translate(segments, source, target)))
        for hypotheses in found:
            if not isinstance(hypotheses, tuple | list) or not all(map(_is_sound, hypotheses)):
                raise EngineError(f"Engine {self.name}: {hypotheses!r} are no hypotheses.")
        return [tuple(h for h in its if _is_writable(h)) for its in found]

    def _call(self, function: Callable[..., Any], *arguments: object) -> Any:
        try:
            return function(*arguments)
        except PipelineError:
            raise
        except (Exception, SystemExit) as error:
            raise EngineError(f"Engine {self.name} failed: {_said(error)}.") from error


@runtime_checkable
class Yielding(Protocol):
    """An engine that is not equally good in every pair: "auto" asks it when its turn has come."""

    def yields(self, source: str, target: str, to: Sequence[str]) -> str:
        """Say why the engines of those names should rather be tried; "" where they should not."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine for a pair, and why it is not a better one."""

    engine: Engine
    passed_over: tuple[str, ...] = ()
    """A line for each engine that "auto" would rather have taken."""


def choose(
    name: str, source: str, target: str, options: Mapping[str, Options] | None = None
) -> Choice:
    """Give the engine of that name, or the best that serves the pair where it is "auto".

    `options` has the settings of each engine by its name. Raises `PairNotAvailable` where none
    serves.
    """
    options = options or {}
    if name != "auto":
        engine = load(name, options.get(name))
        if engine.serves(source, target):
            return Choice(engine)
        raise PairNotAvailable(
            f"Engine {name} does not translate from {source} to {target}: "
            "run `pipeline engines install`, or set engine in [tool.pipeline] to another one."
        )
    reasons: dict[str, str] = {}
    usable = [one for one in _AUTOMATIC if one not in _ASKED_FOR or one in options]
    for n, candidate in enumerate(usable):
        try:
            engine = load(candidate, options.get(candidate))
            if not engine.serves(source, target):
                reasons[candidate] = f"{candidate} does not translate from {source} to {target}"
                continue
            to = usable[n + 1 :]
            why = engine.yields(source, target, to) if isinstance(engine, Yielding) else ""
            if not why:
                reasons.pop(candidate, None)
                return Choice(engine, tuple(reasons.values()))
            reasons[candidate] = why
        except EngineError as error:
            reasons[candidate] = str(error)
    raise PairNotAvailable(
        f"No engine translates from {source} to {target} ({'; '.join(reasons.values())}): "
        "run `pipeline engines install`, or translate by hand: "
        f'[tool.pipeline.engines] {target} = "{NONE}".'
    )


def serves(
    name: str, source: str, target: str, options: Mapping[str, Options] | None = None
) -> bool:
    """Return whether `choose` finds an engine."""
    try:
        choose(name, source, target, options)
    except EngineError:
        return False
    return True


def _factory(name: str) -> Callable[[], Engine]:
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        known = ", ".join(["auto", *ENGINES])
        raise SettingsError(
            f"There is no engine {name!r}; known are {known}, and package.module:factory."
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise EngineError(f"Engine {name}: {error}. Install what is missing with pip.") from error
    factory = getattr(module, attribute, None)
    if not callable(factory):
        raise SettingsError(f"Engine {name}: {module_name} has no factory {attribute!r}.")
    return cast(Callable[[], Engine], factory)


class Progress(Protocol):
    """Is told how far a long work is; what is counted (sentences, bytes) is said elsewhere."""

    def expect(self, count: int) -> None:
        """So many more are to be done."""

    def add(self, count: int) -> None:
        """So many have been done."""


# What the adapters share.

_CORE = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


def by_core(
    segments: Sequence[Segment],
    translate: Callable[[list[Segment]], Sequence[Hypotheses]],
    name: str,
) -> list[Hypotheses]:
    """Translate texts without the white space around them, and put that back.

    A text with no letter outside protected pieces comes back as it is. `translate` is called
    once with the rest, and not at all where there is none.
    """
    parts = [cast(re.Match[str], _CORE.fullmatch(s.text)).groups() for s in segments]
    wanted = [i for i, (_, core, _) in enumerate(parts) if has_words(core)]
    out: list[Hypotheses] = [(Hypothesis(segment.text),) for segment in segments]
    if not wanted:
        return out
    drafts = translate([replace(segments[i], text=parts[i][1]) for i in wanted])
    if len(drafts) != len(wanted):
        raise EngineError(f"Engine {name} gave {len(drafts)} drafts for {len(wanted)} texts.")
    for i, hypotheses in zip(wanted, drafts, strict=True):
        before, _, after = parts[i]
        out[i] = tuple(replace(h, text=before + h.text.strip() + after) for h in hypotheses)
    return out


def has_words(text: str) -> bool:
    return any(character.isalpha() for character in text)


def split_locale(locale: str) -> tuple[str, str]:
    """Split pt_BR into pt and BR, zh_Hans into zh and Hans, ca@valencia into ca and valencia."""
    language, _, rest = re.sub("[-@]", "_", locale).partition("_")
    return language, rest


Node = TypeVar("Node", bound=Hashable)


def shortest(
    edges: Iterable[tuple[Node, Node]],
    start: Node,
    goals: Sequence[Node],
    first: Sequence[Node] = (),
) -> list[Node]:
    """Find the shortest way from `start` to the nearest goal, as nodes; [] where there is none.

    Of goals as near, the one named first; of ways as short, those through `first`, then the
    one that sorts first, so that the answer does not hang on the order of `edges`.
    """

    def rank(node: Node) -> tuple[int, str]:
        return (first.index(node) if node in first else len(first), str(node))

    nexts: dict[Node, set[Node]] = {}
    for one, other in edges:
        nexts.setdefault(one, set()).add(other)
    ways: dict[Node, list[Node]] = {start: [start]}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in sorted(nexts.get(node, ()), key=rank):
            if other not in ways:
                ways[other] = [*ways[node], other]
                queue.append(other)
    found = [ways[goal] for goal in goals if goal in ways]
    return min(found, key=len, default=[])
