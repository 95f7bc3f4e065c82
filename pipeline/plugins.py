"""Plug-ins: what other distributions add to the pipeline by entry points, loaded when asked for.

A `Registry` is one door: our own pieces by name, and behind them those of an entry point group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar, cast

from pipeline.errors import PluginError

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Pieces by name: our own, then those that plug-ins add to *group*.

    A plug-in is imported when its piece is looked up, and never for a name of ours. Iteration gives
    the names of both without importing anything.

    Raises:
        PluginError: at a look-up, if the plug-in cannot be loaded or `is_sound` refuses it; and
            where a plug-in takes a name of ours or of another one.

    """

    def __init__(
        self, group: str, own: Mapping[str, T], is_sound: Callable[[object], bool] = callable
    ) -> None:
        self.group, self.own, self._is_sound = group, dict(own), is_sound
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name in self.own:
            return self.own[name]
        if name not in self._loaded:
            self._loaded[name] = self._load(_points(self.group)[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in _points(self.group)

    def is_own(self, name: str) -> bool:
        """Return whether *name* is one of ours, and no plug-in's."""
        return name in self.own

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        for name, point in _points(self.group).items():
            if name in self.own:
                raise PluginError(f"{_named(point)}: the name “{name}” is taken by the pipeline")
            yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _load(self, point: EntryPoint) -> T:
        try:
            found = point.load()
        except (Exception, SystemExit) as error:
            reason = " ".join(f"{type(error).__name__} {error}".split())
            raise PluginError(
                f"{_named(point)} cannot be loaded ({reason}); mend or uninstall it"
            ) from None
        if not self._is_sound(found):
            raise PluginError(f"{_named(point)}: {point.value} is none; mend or uninstall it")
        return cast(T, found)


def _named(point: EntryPoint) -> str:
    whose = point.dist.name if point.dist else "an unknown distribution"
    return f"plug-in “{point.name}” ({point.group}) of {whose}"


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=_named):
        if point.name in found:
            raise PluginError(f"{_named(point)}: {_named(found[point.name])} has the same name")
        found[point.name] = point
    return found
