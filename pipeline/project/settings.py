"""``[tool.pipeline]`` of pyproject.toml, as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.engines.registry import ENGINES
from pipeline.errors import SettingsError, meant
from pipeline.formats.overrides import VERDICTS
from pipeline.text import locales

FILE = "pyproject.toml"
_KEYS = ("source_language", "locales", "engine", "engines", "clean", "follow_links")
"""Settings beside the tables of engines."""


@dataclass(frozen=True, slots=True)
class Settings:
    source_language: str = "en"
    locales: tuple[str, ...] = ()
    engine: str = "auto"
    engines: Mapping[str, str] = field(default_factory=dict)
    """The engine of a locale, where it is not `engine`."""
    clean: Mapping[str, str] = field(default_factory=dict)
    """The coordinator's verdicts on lines of all articles."""
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The settings of an engine, by its name: ``[tool.pipeline.argos]``."""
    follow_links: bool = False
    """Whether what is read or written may lie where symbolic links lead out of the project."""

    def engine_of(self, locale: str) -> str:
        return self.engines.get(locale, self.engine)


def nearest(start: Path) -> Path | None:
    """Return the nearest folder, from *start* upwards, whose pyproject.toml has our settings."""
    for folder in (start, *start.parents):
        file = folder / FILE
        if file.is_file() and "pipeline" in _load(file).get("tool", {}):
            return folder
    return None


def find_root(start: Path) -> Path:
    """Return what `nearest` does; raise `SettingsError` where there is no such folder."""
    if folder := nearest(start):
        return folder
    raise SettingsError(
        f"no {FILE} with [tool.pipeline] in {start} or above it; go to the project's folder,"
        " or name it: pipeline --project FOLDER ..."
    )


def load(root: Path) -> Settings:
    """Return the settings in *root*.

    Raises:
        SettingsError: with the key that is wrong and what it should be.

    """
    path = root / FILE
    if not path.is_file():
        raise SettingsError(f"{path} is missing; it holds the settings, in [tool.pipeline]")
    table = _load(path).get("tool", {}).get("pipeline")
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: there is no table [tool.pipeline]")
    for key in table:
        if key not in _KEYS and key not in ENGINES:
            hint = meant(key, sorted({*_KEYS, *ENGINES}))
            raise SettingsError(f"{path}: [tool.pipeline] {key}: there is no such setting; {hint}")
    source = _text(table, "source_language", "en", path)
    codes = table.get("locales", [])
    if not isinstance(codes, list) or not codes or not all(isinstance(c, str) for c in codes):
        raise SettingsError(f'{path}: [tool.pipeline] locales: write a list, such as ["es", "fr"]')
    for code in (source, *codes):
        _locale(code, path)
    if doubled := {code for code in codes if codes.count(code) > 1}:
        raise SettingsError(f"{path}: [tool.pipeline] locales: {sorted(doubled)[0]} stands twice")
    engines = _texts(table, "engines", path)
    for code, name in engines.items():
        if code not in codes:
            raise SettingsError(f"{path}: [tool.pipeline.engines] {code}: is not in locales")
        _engine(name, f"{path}: [tool.pipeline.engines] {code}")
    clean = _texts(table, "clean", path)
    for line, verdict in clean.items():
        if verdict not in VERDICTS:
            where = f"{path}: [tool.pipeline.clean] {line!r}"
            raise SettingsError(f"{where}: {verdict!r} is none of {', '.join(VERDICTS)}")
    options = {name: table[name] for name in table if name not in _KEYS}
    for name, value in options.items():
        if not isinstance(value, dict):
            raise SettingsError(f"{path}: [tool.pipeline.{name}]: write a table of its settings")
    follow_links = table.get("follow_links", False)
    if not isinstance(follow_links, bool):
        raise SettingsError(f"{path}: [tool.pipeline] follow_links: write true or false")
    engine = _text(table, "engine", "auto", path)
    _engine(engine, f"{path}: [tool.pipeline] engine")
    return Settings(source, tuple(codes), engine, engines, clean, options, follow_links)


def _load(path: Path) -> dict[str, dict[str, object]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def _locale(code: str, path: Path) -> None:
    try:
        locales.parse(code)
    except SettingsError as error:
        raise SettingsError(f"{path}: [tool.pipeline] {error}") from None
    if "-" in code:
        hint = code.replace("-", "_")
        raise SettingsError(f"{path}: [tool.pipeline] locale {code!r}: gettext writes it {hint}")


def _engine(name: str, where: str) -> None:
    """Refuse a name that is none; whether somebody's own can be loaded is seen when it drafts."""
    if name != "auto" and name not in ENGINES and ":" not in name:
        raise SettingsError(
            f"{where}: there is no engine {name!r}; {meant(name, ('auto', *ENGINES))}, "
            "or write package.module:factory"
        )


def _text(table: Mapping[str, object], key: str, default: str, path: Path) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{path}: [tool.pipeline] {key}: write a word in quotes")
    return value


def _texts(table: Mapping[str, object], key: str, path: Path) -> Mapping[str, str]:
    value = table.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise SettingsError(f'{path}: [tool.pipeline.{key}]: write lines such as es = "apertium"')
    return value
