"""Settings of an engine behind a server, validated key by key."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipeline.engines.base import Options
from pipeline.errors import EngineError, SettingsError, meant


@dataclass(frozen=True, slots=True)
class Setting:
    """Rule for a key of ``[tool.pipeline.NAME]``: a word where `kind` is str, else a number."""

    kind: type[str] | type[int] | type[float]
    default: str | int | float | None = None
    low: float = 0
    high: float = 0
    required: bool = False


URL = Setting(str, required=True)

_SECRET = re.compile(r"key|token|secret|passw|authori[sz]ation|bearer", re.IGNORECASE)


def read_settings(
    engine: str, options: Options, known: Mapping[str, Setting], key_name: str
) -> dict[str, Any]:
    """Return a value for each key of `known`, by its `Setting`.

    Raises `SettingsError`, which names the key and never a value that may be secret.
    """
    where = f"[tool.pipeline.{engine}]"
    for key in options:
        if key in known:
            continue
        if _SECRET.search(key):
            raise SettingsError(
                f"{where} {key}: a key does not belong into a file. Take it out, call it back if "
                f"others have seen it, and set it in the environment, as {key_name}."
            )
        hint = meant(key, sorted(known))
        stop = "" if hint.endswith("?") else "."
        raise SettingsError(f"{where} {key}: there is no such setting; {hint}{stop}")
    return {
        key: _value(f"{where} {key}", options.get(key), setting) for key, setting in known.items()
    }


def _value(where: str, value: object, setting: Setting) -> str | int | float | None:
    if value is None:
        if setting.required:
            raise SettingsError(f"{where} is missing: the engine cannot do without it.")
        return setting.default
    if setting.kind is str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        raise SettingsError(f"{where}: write a word in quotes.")
    whole = setting.kind is int
    if (
        isinstance(value, bool)
        or not isinstance(value, int if whole else (int, float))
        or not setting.low <= value <= setting.high
    ):
        kind = "a whole number" if whole else "a number"
        raise SettingsError(f"{where}: write {kind} from {setting.low:g} to {setting.high:g}.")
    return int(value) if whole else float(value)


@dataclass(frozen=True, slots=True)
class Server:
    """Server of an engine, with the name of the variable for its key, but never the key."""

    engine: str
    url: str
    """Address without a final slash."""
    key_name: str
    timeout: float
    """Seconds for a whole answer."""
    key_field: str = ""
    """Field of the body for the key; "" sends it as a bearer's, in the header Authorization."""

    @property
    def host(self) -> str:
        """Host, with the port where the address names one."""
        return urlsplit(self.url).netloc

    @property
    def local(self) -> bool:
        return _is_local(urlsplit(self.url).hostname or "")

    def key(self) -> str:
        """Return the key in the environment, or "".

        Raises `EngineError` where it cannot be sent safely.
        """
        key = os.environ.get(self.key_name, "").strip()
        if key and not re.fullmatch(r"[\x21-\x7e]+", key):
            raise EngineError(
                f"Engine {self.engine}: {self.key_name} has characters that no key has; copy it "
                "again, without spaces or line breaks."
            )
        if key and not self.local and not self.url.startswith("https:"):
            raise EngineError(
                f"Engine {self.engine}: the key in {self.key_name} would go to {self.host} "
                "unencrypted, for anyone on the way to read. Write https:// in url, or unset "
                f"{self.key_name} if that server needs none."
            )
        return key


def server_of(engine: str, url: str, key_name: str, timeout: float, key_field: str = "") -> Server:
    """Return the server at an address; raise `SettingsError` if it is invalid or has a secret."""
    where = f"[tool.pipeline.{engine}] url"
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and re.fullmatch(r"[\x21-\x7e]+", url) is not None
            and bool(str(parts.hostname).encode("idna"))
        )
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{where}: write an address such as https://mt.example.org.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"{where}: write the address alone, without user, password, ? or #; a key is read "
            f"from the environment, as {key_name}."
        )
    return Server(engine, url.rstrip("/"), key_name, timeout, key_field)


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
