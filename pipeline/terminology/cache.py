"""Cache of the glossary as read, and of lemmas, below ``.pipeline/``.

Reading 10,000 entries of YAML takes seconds, and looking up the lemmas of a text the tenths of a
second that simplemma needs to load. Both files can be deleted at any time; a corrupt file is
treated as missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.storage import atomic
from pipeline.terminology.glossary import Glossary, Target, Term
from pipeline.terminology.glossary_file import parse
from pipeline.text import lemmas

_VERSION = 1
"""Version of both files. It changes with the results of `parse`, and with lemmas."""
_GLOSSARY, _LEMMAS = "glossary.json", "lemmas.json"
_MOST = 300_000
"""Words whose lemmas are kept, at most; beyond that the file begins anew."""


def load(text: str, path: str, language: str, folder: Path) -> Glossary:
    """Return the glossary in *text*, cached in *folder*: ``.pipeline/`` of the project.

    Also gives `lemmas` the words that `save` kept.

    Raises:
        SettingsError: as `parse`.

    """
    lemmas.remember(_lemmas(folder))
    key = hashlib.sha256(f"{_VERSION}\0{language}\0{text}".encode()).hexdigest()
    kept = _read(folder / _GLOSSARY)
    if kept.get("key") == key:
        with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
            return Glossary(tuple(_term(one) for one in kept["terms"]), str(kept["language"]))
    glossary = parse(text, path, language)
    terms = [_packed(term) for term in glossary.terms]
    _write(folder / _GLOSSARY, {"key": key, "language": glossary.language, "terms": terms})
    return glossary


def save(folder: Path) -> None:
    """Keep the lemmas that this process looked up, beside those that other processes kept."""
    learnt = lemmas.learnt()
    if not learnt:
        return
    words = _lemmas(folder)
    for language, its in learnt.items():
        words[language] = {**words.get(language, {}), **its}
    if sum(map(len, words.values())) > _MOST:
        words = {language: dict(its) for language, its in learnt.items()}
    _write(folder / _LEMMAS, {"version": _lemma_version(), "words": words})


def _lemma_version() -> str:
    return f"{_VERSION} {lemmas.version()}"


def _lemmas(folder: Path) -> dict[str, dict[str, str]]:
    known = _read(folder / _LEMMAS)
    words = known.get("words")
    if known.get("version") != _lemma_version() or not isinstance(words, dict):
        return {}
    for its in words.values():
        if not isinstance(its, dict) or not all(isinstance(word, str) for word in its.values()):
            return {}
    return words


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, value: object) -> None:
    with contextlib.suppress(OSError):  # a project on a read-only disk can still be read
        atomic.write(path, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


# A term as JSON, without values that are the defaults


def _packed(value: Term | Target) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(value):
        its = getattr(value, one.name)
        if one.name == "targets":
            found["targets"] = {code: _packed(target) for code, target in its.items()}
        elif its:
            found[one.name] = its
    return found


def _term(packed: dict[str, Any]) -> Term:
    targets = {code: Target(**_tuples(its)) for code, its in packed.pop("targets", {}).items()}
    return Term(**_tuples(packed), targets=targets)


def _tuples(packed: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in packed.items()}
