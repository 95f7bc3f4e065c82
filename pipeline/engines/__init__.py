"""Machine translation engines: what writes a draft that a person will read.

An engine takes sentences in and gives as many drafts back, in order, or raises. Each adapter is
a module of its own and is imported only when its engine is asked for: the import of Argos
Translate makes folders, and costs a tenth of a second that most commands have no need to pay.
"""

from __future__ import annotations

import importlib
import re
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from typing import Protocol, TypeVar, cast, runtime_checkable

from pipeline.errors import EngineError, PairNotAvailable, SettingsError

PROTECTED = re.compile("[\ue000-\uf8ff]")
"""One character of the private use area: it stands for a piece that is not to be translated."""


@runtime_checkable
class Engine(Protocol):
    """`source` and `target` are locale names as gettext writes them: en, es, pt_BR, zh_Hans."""

    name: str

    def signature(self, source: str, target: str) -> str:
        """Say what writes the draft; the same as long as the same versions are installed."""

    def serves(self, source: str, target: str) -> bool:
        """Whether the pair can be translated now."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Give one draft for each text, in order, or raise `EngineError`.

        A text is one sentence without a newline. White space around it is kept. A `PROTECTED`
        character should come back once and unchanged; the caller checks.
        """


def _argos() -> Engine:
    from pipeline.engines.argos import ArgosEngine

    return ArgosEngine()


def _apertium() -> Engine:
    from pipeline.engines.apertium import ApertiumEngine

    return ApertiumEngine()


def _pseudo() -> Engine:
    from pipeline.engines.pseudo import PseudoEngine

    return PseudoEngine()


ENGINES: Mapping[str, Callable[[], Engine]] = {
    "argos": _argos,
    "apertium": _apertium,
    "pseudo": _pseudo,
}

_AUTOMATIC = ("argos", "apertium")
"""What "auto" tries, best first."""


@cache
def load(name: str) -> Engine:
    """Give the engine of that name, or of ``package.module:factory``; the same one each time.

    One instance serves the whole process, so that models and daemons are started once.
    """
    factory = ENGINES.get(name) or _factory(name)
    try:
        engine = factory()
    except ImportError as error:
        raise EngineError(f"Engine {name}: {error}. Install what is missing with pip.") from error
    except OSError as error:
        raise EngineError(f"Engine {name} cannot start: {error}.") from error
    if not isinstance(engine, Engine):
        raise SettingsError(f"Engine {name}: what the factory made is not an engine.")
    return engine


def choose(name: str, source: str, target: str) -> Engine:
    """Give the engine of that name, or the best that serves the pair where it is "auto".

    Raises `PairNotAvailable` where none does.
    """
    if name != "auto":
        engine = load(name)
        if engine.serves(source, target):
            return engine
        raise PairNotAvailable(
            f"Engine {name} does not translate from {source} to {target}: "
            "run `pipeline engines install`, or set engine in [tool.pipeline] to another one."
        )
    reasons = []
    for candidate in _AUTOMATIC:
        try:
            engine = load(candidate)
            if engine.serves(source, target):
                return engine
        except EngineError as error:
            reasons.append(str(error))
    told = "".join(f" {reason}" for reason in reasons)
    raise PairNotAvailable(
        f"No engine translates from {source} to {target}: "
        f"run `pipeline engines install`, or translate by hand.{told}"
    )


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


# What the adapters share.

_CORE = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


def by_core(
    texts: Sequence[str], translate: Callable[[list[str]], Sequence[str]], name: str
) -> list[str]:
    """Translate texts without the white space around them, and put that back.

    A text with no letter outside protected pieces comes back as it is. `translate` is called
    once with the rest, and not at all where there is none.
    """
    parts = [cast(re.Match[str], _CORE.fullmatch(text)).groups() for text in texts]
    wanted = [i for i, (_, core, _) in enumerate(parts) if has_words(core)]
    if not wanted:
        return list(texts)
    drafts = translate([parts[i][1] for i in wanted])
    if len(drafts) != len(wanted):
        raise EngineError(f"Engine {name} gave {len(drafts)} drafts for {len(wanted)} texts.")
    out = list(texts)
    for i, draft in zip(wanted, drafts, strict=True):
        before, _, after = parts[i]
        out[i] = before + draft.strip() + after
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
