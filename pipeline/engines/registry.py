"""Registry of engines by name, and the choice that ``auto`` makes."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from pipeline.engines.base import NONE, Engine, Hypotheses, Hypothesis, Options, Segment, Yielding
from pipeline.errors import EngineError, PairNotAvailable, PipelineError, SettingsError
from pipeline.plugins import Registry
from pipeline.text.source import UNWRITABLE


def _argos(options: Options) -> Engine:
    from pipeline.engines.argos.engine import ArgosEngine

    return ArgosEngine(options)


def _apertium(options: Options) -> Engine:
    from pipeline.engines.apertium.engine import ApertiumEngine

    return ApertiumEngine()


def _libretranslate(options: Options) -> Engine:
    from pipeline.engines.remote.libretranslate import LibreTranslateEngine

    return LibreTranslateEngine(options)


def _chat(options: Options) -> Engine:
    from pipeline.engines.remote.chat import ChatEngine

    return ChatEngine(options)


def _pseudo(options: Options) -> Engine:
    from pipeline.engines.pseudo import PseudoEngine

    return PseudoEngine()


def _by_hand(options: Options) -> Engine:
    from pipeline.engines.manual import ByHand

    return ByHand()


ENGINES: Registry[Callable[[Options], Engine]] = Registry(
    "pipeline.engines",
    {
        "argos": _argos,
        "apertium": _apertium,
        "libretranslate": _libretranslate,
        "chat": _chat,
        "pseudo": _pseudo,
        NONE: _by_hand,
    },
)
"""Factories of engines, by name; each is given its settings, ``[tool.pipeline.NAME]``."""

_AUTOMATIC = ("chat", "argos", "libretranslate", "argos", "apertium", "argos")
"""Order in which "auto" tries engines. A repeated name may have yielded to those in between."""
_ASKED_FOR = ("chat", "libretranslate")
"""Engines that "auto" tries only where they have settings, since text leaves the machine."""


def load(name: str, options: Options | None = None) -> Engine:
    """Return the engine of that name, or of ``package.module:factory``.

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
    except (Exception, SystemExit) as error:
        raise EngineError(f"Engine {name} cannot start: {_said(error)}.") from error
    if ENGINES.is_own(name):
        return engine
    try:
        if isinstance(engine, Engine):
            return _Guarded(engine)
    except (Exception, SystemExit) as error:
        reason = f"what the factory made is not an engine ({_said(error)})."
        raise SettingsError(f"Engine {name}: {reason}") from error
    raise SettingsError(f"Engine {name}: what the factory made is not an engine.")


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
    """A third-party engine, whose every failure becomes an `EngineError` of one line."""

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


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine chosen for a pair, and why better ones were passed over."""

    engine: Engine
    passed_over: tuple[str, ...] = ()
    """One line for each engine that "auto" prefers and could not choose."""


def choose(
    name: str, source: str, target: str, options: Mapping[str, Options] | None = None
) -> Choice:
    """Return the engine of that name, or for "auto" the best that serves the pair.

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
    """Whether `choose` finds an engine."""
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
    if module_name.partition(".")[0] in sys.stdlib_module_names:  # `os:abort` would be called
        raise SettingsError(f"Engine {name}: {module_name} is of Python itself, and has no engine.")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise EngineError(f"Engine {name}: {error}. Install what is missing with pip.") from error
    factory = getattr(module, attribute, None)
    if not callable(factory):
        raise SettingsError(f"Engine {name}: {module_name} has no factory {attribute!r}.")
    return cast(Callable[[], Engine], factory)
