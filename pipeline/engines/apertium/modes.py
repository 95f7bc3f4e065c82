"""Modes of Apertium: found, read, and cut into programs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from enum import Enum, auto
from functools import cache
from pathlib import Path

from pipeline.engines.base import split_locale
from pipeline.errors import EngineError

_LANGUAGES = {
    "afr": "af", "arg": "an", "bel": "be", "bre": "br", "bul": "bg", "cat": "ca", "cym": "cy",
    "dan": "da", "deu": "de", "eng": "en", "epo": "eo", "eus": "eu", "fra": "fr", "glg": "gl",
    "hbs": "sh", "hin": "hi", "ind": "id", "isl": "is", "ita": "it", "kaz": "kk", "mkd": "mk",
    "mlt": "mt", "nld": "nl", "nno": "nn", "nob": "nb", "oci": "oc", "pol": "pl", "por": "pt",
    "ron": "ro", "rus": "ru", "slv": "sl", "spa": "es", "srd": "sc", "swe": "sv", "tat": "tt",
    "tur": "tr", "ukr": "uk", "urd": "ur", "zlm": "ms",
}  # fmt: skip
"""Three-letter codes in mode names to codes of locales; modes use either."""

_LOCALES = {"bs": "sh_BS", "hr": "sh_HR", "sr": "sh_SR", "sr_Latn": "sh_SR", "no": "nb"}
"""Locales that Apertium counts as variants of another language."""

BINDER = "apertium-wblank-mode"
"""The program that writes a mode so that word-bound blanks come through (Apertium 3.8)."""

PIVOTS = ("es",)
"""Pivots that win ties between chains: Spanish, which has the most pairs."""

_MODE = re.compile(r"([a-z]{2,3})-([a-z]{2,3})(?:_(\w+))?")
"""``es-pt_BR``. Names with more parts are modes for debugging."""

Chain = tuple[str, ...]
"""Names of modes, to be run one after the other."""


def language_of(code: str) -> str:
    return _LANGUAGES.get(code, code)


def targets_of(locale: str) -> list[str]:
    """Return the targets that serve a locale, best first: pt_BR, then pt."""
    locale = _LOCALES.get(locale, locale)
    language, variant = split_locale(locale)
    return [f"{language}_{variant}", language] if variant else [language]


def source_of(locale: str) -> str:
    return targets_of(locale)[-1]


class Part(Enum):
    """Part of a mode to run."""

    WHOLE = auto()
    BOUND = auto()
    """The whole mode, letting word-bound blanks through."""
    ANALYSER = auto()
    GENERATOR = auto()


def modes_folder() -> Path:
    """Return the folder of modes: of ``APERTIUM_DATADIR``, or of the system, or of /usr/local."""
    named = os.environ.get("APERTIUM_DATADIR")
    if named:
        return Path(named) / "modes"
    roots = [Path("/usr/share/apertium"), Path("/usr/local/share/apertium")]
    return next((root / "modes" for root in roots if (root / "modes").is_dir()), roots[0] / "modes")


def installed_modes(folder: Path) -> dict[tuple[str, str], str]:
    """Map language pairs to names of mode files; a target may have a variant."""
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
    """Read a mode file into the argument lists of the programs of a part."""
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
def apertium_version() -> str:
    try:
        told = subprocess.run(
            ["apertium", "-V"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"\d[\w.]*", told)
    return match.group() if match else ""
