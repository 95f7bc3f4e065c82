"""Steps of an installation: the best engine that works here, for each locale."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.engines.base import Yielding
from pipeline.engines.install.argos import install_argos, install_starters
from pipeline.engines.install.argos_index import ReportLine
from pipeline.engines.install.debian import install_apertium
from pipeline.engines.install.options import DEFAULT, InstallOptions
from pipeline.engines.registry import choose, serves
from pipeline.errors import EngineError

_BY_HAND = "translate it by hand; everything but the drafts works without an engine"


def install(
    locales: Sequence[str], source: str, report: ReportLine, options: InstallOptions = DEFAULT
) -> list[str]:
    """Install an engine for each locale: Argos, which is the best, a starter, or else Apertium.

    Returns the locales that are served then, and reports the others.
    """
    steps: tuple[tuple[str, Callable[..., object]], ...] = (
        ("argos", install_argos),
        ("argos", install_starters),
        ("apertium", install_apertium),
    )
    for name, get in steps:
        wanted = [
            locale
            for locale in locales
            if options.name(locale) in ("auto", name)
            and (name == "argos" or lacks_apertium(locale, source, options))
        ]
        try:
            get(wanted, source, report, options)
        except EngineError as error:
            report(str(error))
    served = [
        locale
        for locale in locales
        if serves(options.name(locale), source, locale, options.settings)
    ]
    rest = [locale for locale in locales if locale not in served]
    if rest:
        report(f"No engine from {source} to {', '.join(rest)}: {_BY_HAND}.")
    return served


def lacks_apertium(locale: str, source: str, options: InstallOptions) -> bool:
    """Whether no engine serves a locale, or one that yields to Apertium."""
    try:
        engine = choose(options.name(locale), source, locale, options.settings).engine
        return isinstance(engine, Yielding) and bool(engine.yields(source, locale, ["apertium"]))
    except EngineError:
        return True
