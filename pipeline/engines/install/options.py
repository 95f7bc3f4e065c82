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
    """Options of an installation; the defaults suit every project."""

    settings: Mapping[str, Options] | None = None
    """Settings of each engine by its name."""
    names: Mapping[str, str] | None = None
    """Engines of locales where not "auto"."""
    pins: Pins | None = None
    """Pins that replace those in the settings of Argos, ``sha256``."""
    models: Path | None = None
    """Folder of the project's own packages, which need no network."""
    replace: bool = False
    """Whether an archive may replace another one of the same version or of unknown origin."""
    progress: InstallProgress = NO_PROGRESS

    def of(self, engine: str) -> Options:
        return (self.settings or {}).get(engine, {})

    @property
    def pinned(self) -> Pins:
        """Pins in force; raises `SettingsError` where they are invalid."""
        if self.pins is not None:
            return self.pins
        return archives.read_pins(self.of("argos").get("sha256"))

    def name(self, locale: str) -> str:
        return (self.names or {}).get(locale, "auto")


DEFAULT = InstallOptions()
