"""Steps of an installation: each pair by the best way that works here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.engines.base import Yielding
from pipeline.engines.install.argos import install_argos, install_starters
from pipeline.engines.install.argos_index import ReportLine
from pipeline.engines.install.debian import install_apertium
from pipeline.engines.install.options import DEFAULT, InstallOptions
from pipeline.engines.registry import choose
from pipeline.errors import EngineError

_BY_HAND = "translate it by hand; everything but the drafts works without an engine"


def install(
    locales: Sequence[str], source: str, report: ReportLine, options: InstallOptions = DEFAULT
) -> list[str]:
    """Get an engine for each locale: Argos', which is the best, a starter, or else Apertium's.

    Gives the locales that are served afterwards, and reports those that are not.
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
    served = [locale for locale in locales if _served(locale, source, options)]
    rest = [locale for locale in locales if locale not in served]
    if rest:
        report(f"No engine from {source} to {', '.join(rest)}: {_BY_HAND}.")
    return served


def lacks_apertium(locale: str, source: str, options: InstallOptions) -> bool:
    """Return whether nothing drafts a locale, or nothing that is known to be better."""
    try:
        engine = choose(options.name(locale), source, locale, options.settings).engine
        return isinstance(engine, Yielding) and bool(engine.yields(source, locale, ["apertium"]))
    except EngineError:
        return True


def _served(locale: str, source: str, options: InstallOptions) -> bool:
    try:
        choose(options.name(locale), source, locale, options.settings)
    except EngineError:
        return False
    return True
