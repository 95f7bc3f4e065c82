"""Options of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.argos import archive as archives
from pipeline.engines.argos.archive import Pins
from pipeline.engines.base import Options
from pipeline.engines.progress import NO_PROGRESS, InstallProgress


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """How to install; the defaults do for everything."""

    settings: Mapping[str, Options] | None = None
    """The settings of each engine by its name."""
    names: Mapping[str, str] | None = None
    """The engine of a locale where it is not "auto"."""
    pins: Pins | None = None
    """Instead of those that the settings of Argos have, as ``sha256``."""
    models: Path | None = None
    """The folder of the project's own packages, which need no network."""
    replace: bool = False
    """Put an archive in the place of another one of the same version, or of an unknown one."""
    progress: InstallProgress = NO_PROGRESS

    def of(self, engine: str) -> Options:
        return (self.settings or {}).get(engine, {})

    @property
    def pinned(self) -> Pins:
        """Raises `SettingsError`."""
        if self.pins is not None:
            return self.pins
        return archives.read_pins(self.of("argos").get("sha256"))

    def name(self, locale: str) -> str:
        return (self.names or {}).get(locale, "auto")


DEFAULT = InstallOptions()
