"""LibreTranslate: a server with Argos' models, one's own or somebody else's.

Settings, in ``[tool.pipeline.libretranslate]``: ``url``; optionally ``timeout`` (seconds),
``batch`` (sentences a request) and ``alternatives`` (hypotheses beside the first). The key, where
the server asks for one, is in ``LIBRETRANSLATE_API_KEY``.

The server segments sentences again, normalizes case and closing punctuation, and resolves HTML
entities (``&lt;`` becomes ``<``) whatever the format (1.9.6, ``app.py`` and ``language.py``). It
has its own version, but not those of its models: the drafts of a server may change under one
signature.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.engines.base import Hypotheses, Hypothesis, Options, Segment, by_core, split_locale
from pipeline.engines.remote.client import Refused, ask, one_line
from pipeline.engines.remote.settings import URL, Setting, read_settings, server_of
from pipeline.errors import EngineError, PairNotAvailable

KEY_NAME = "LIBRETRANSLATE_API_KEY"
SETTINGS = {
    "url": URL,
    "timeout": Setting(float, 60.0, 0.1, 3600),
    "batch": Setting(int, 25, 1, 1000),
    "alternatives": Setting(int, 2, 0, 20),
}

_CODES = {
    "pt_BR": ("pt-br", "pb", "pt"),
    "zh": ("zh-hans", "zh"),
    "zh_Hans": ("zh-hans", "zh"),
    "zh_CN": ("zh-hans", "zh"),
    "zh_SG": ("zh-hans", "zh"),
    "zh_Hant": ("zh-hant", "zt"),
    "zh_TW": ("zh-hant", "zt"),
    "zh_HK": ("zh-hant", "zt"),
    "no": ("no", "nb"),
    "nb": ("nb", "no"),
    "fil": ("fil", "tl"),
}
"""Locales to codes that servers list, best first: current and older ones."""

_LIMIT = re.compile(r"\((\d+)\)[^()]*\((\d+)\)")
"""Size and limit in the server's message about a request that is too large."""

_log = logging.getLogger(__name__)


def codes_of(locale: str) -> tuple[str, ...]:
    """Return the codes that may serve a locale, in lower case, best first.

    A territory may be dropped, a script may not: sr does not serve sr_Latn.
    """
    if locale in _CODES:
        return _CODES[locale]
    language, rest = split_locale(locale)
    whole = re.sub("[_@]", "-", locale).lower()
    if re.match(r"[A-Z][a-z]{3}(?![a-z])", rest) or rest == "latin":
        return (whole, *_CODES.get(f"{language}_{rest[:4]}", ()))
    return tuple(dict.fromkeys((whole, *_CODES.get(language, (language,)))))


@dataclass(frozen=True, slots=True)
class _Language:
    """A source language of the server."""

    code: str
    """Code in the server's spelling."""
    targets: frozenset[str] | None
    """Target codes in lower case; None where an old server does not list them."""


class LibreTranslateEngine:
    """Engine of one server, whose languages and version are asked once per process."""

    name = "libretranslate"
    reads: tuple[str, ...] = ()

    def __init__(self, options: Options) -> None:
        values = read_settings(self.name, options, SETTINGS, KEY_NAME)
        self._server = server_of(self.name, values["url"], KEY_NAME, values["timeout"], "api_key")
        self._batch: int = values["batch"]
        self._wanted: int = values["alternatives"]
        self._alternatives = self._wanted
        self._most = 0
        self._known: dict[str, _Language] | None = None
        self._own_version: str | None = None

    @property
    def portion(self) -> int:
        return self._batch

    def signature(self, source: str, target: str) -> str:
        one, other = self._pair(source, target)
        version = f" {self._version()}" if self._version() else ""
        more = "" if self._wanted == SETTINGS["alternatives"].default else f" +{self._wanted}"
        return f"libretranslate{version} {self._server.host} {one}→{other}{more}"

    def serves(self, source: str, target: str) -> bool:
        """Ask the server; raise `EngineError` where it does not answer."""
        try:
            return bool(self._pair(source, target))
        except PairNotAvailable:
            return False

    def translate(self, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
        one, other = self._pair(source, target)

        def post(cores: list[Segment]) -> list[Hypotheses]:
            texts = [one_line(core.text) for core in cores]
            found: list[Hypotheses] = []
            while len(found) < len(texts):
                batch = texts[len(found) : len(found) + self._batch]
                found += self._translate(batch, one, other)
            return found

        return by_core(segments, post, self.name)

    def _translate(self, texts: list[str], one: str, other: str) -> list[Hypotheses]:
        """Translate the first texts, as many as the server allows in a request."""
        while True:
            batch = texts[: self._batch]
            short = [text for text in batch if text and not 0 < self._most < len(text)]
            if not short:
                return [()] * len(batch)
            body: dict[str, object] = {"q": short, "source": one, "target": other, "format": "text"}
            if self._alternatives:
                body["alternatives"] = self._alternatives
            try:
                answer = ask(self._server, "/translate", body)
            except Refused as error:
                if error.status != 400 or not self._heeds(error.said, short):
                    raise
                continue
            found = iter(self._answers(answer, len(short)))
            kept = set(short)
            return [next(found) if text in kept else () for text in batch]

    def _heeds(self, said: str, texts: list[str]) -> bool:
        """Reduce the requests from now on, where the server finds them too large."""
        if self._alternatives and "alternatives" in said:
            _log.info("Engine libretranslate: %s; going on without alternatives.", said)
            self._alternatives = 0
            return True
        if not (limits := _LIMIT.search(said)):
            return False
        size, limit = int(limits[1]), int(limits[2])
        if size == len(texts) and 0 < limit < size:
            self._batch = limit
            return True
        if limit < size and any(len(text) == size for text in texts):
            _log.warning(
                "Engine libretranslate: the server takes no more than %d characters; what is "
                "longer gets no draft.",
                limit,
            )
            self._most = limit
            return limit > 0
        return False

    def _answers(self, answer: object, count: int) -> list[Hypotheses]:
        drafts = answer.get("translatedText") if isinstance(answer, dict) else None
        if (
            not isinstance(drafts, list)
            or len(drafts) != count
            or not all(isinstance(draft, str) for draft in drafts)
        ):
            found = f"{len(drafts)} drafts" if isinstance(drafts, list) else "no list of drafts"
            raise EngineError(
                f"Engine libretranslate: {self._server.host} gave {found} for {count} texts. "
                "Look at url in the settings: is it a LibreTranslate server?"
            )
        more = answer.get("alternatives") if isinstance(answer, dict) else None
        if not isinstance(more, list) or len(more) != count:
            more = [[]] * count
        out = []
        for draft, others in zip(drafts, more, strict=True):
            texts = [draft, *(others if isinstance(others, list) else [])]
            lines = dict.fromkeys(line for text in texts if (line := one_line(text)))
            out.append(tuple(Hypothesis(line) for line in lines) if one_line(draft) else ())
        return out

    def _pair(self, source: str, target: str) -> tuple[str, str]:
        known = self._languages()
        for one in codes_of(source):
            for other in codes_of(target):
                if one == other or one not in known or other not in known:
                    continue
                targets = known[one].targets
                if targets is None or other in targets:
                    return known[one].code, known[other].code
        raise PairNotAvailable(
            f"LibreTranslate at {self._server.host} does not translate from {source} to {target}; "
            f"it has {', '.join(sorted(language.code for language in known.values()))}."
        )

    def _languages(self) -> Mapping[str, _Language]:
        if self._known is None:
            listed = ask(self._server, "/languages", tries=2)
            known = {}
            for one in listed if isinstance(listed, list) else ():
                code = one.get("code") if isinstance(one, dict) else None
                if isinstance(code, str):
                    targets = one.get("targets")
                    known[code.lower()] = _Language(
                        code,
                        frozenset(str(target).lower() for target in targets)
                        if isinstance(targets, list)
                        else None,
                    )
            if not known:
                raise EngineError(
                    f"Engine libretranslate: {self._server.host} lists no languages. "
                    "Look at url in the settings: is it a LibreTranslate server?"
                )
            self._known = known
        return self._known

    def _version(self) -> str:
        """Return the version in the server's description of its interface; "" where hidden."""
        if self._own_version is None:
            try:
                told = ask(self._server, "/spec", tries=2)
            except Refused:
                told = None
            info = told.get("info") if isinstance(told, dict) else None
            version = info.get("version") if isinstance(info, dict) else None
            good = isinstance(version, str) and re.fullmatch(r"[\w.+-]{1,30}", version)
            self._own_version = str(version) if good else ""
        return self._own_version
