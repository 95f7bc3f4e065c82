"""Index of Argos' packages: fetched, kept, parsed."""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.argos import archive as archives
from pipeline.engines.argos.archive import Pins, package_name
from pipeline.errors import EngineError

ReportLine = Callable[[str], None]
"""Function that reports one line to the user."""
Pair = tuple[str, str]

INDEX_TIMEOUT = 20.0
"""Seconds to fetch Argos' index, which is some 100 kB."""

MAX_INDEX = 16 << 20
"""Maximum size of the index, in bytes."""
AGENT = {"User-Agent": "ArgosTranslate"}


@dataclass(frozen=True, slots=True)
class Available:
    """A package of the index, which has neither sizes nor hashes."""

    from_code: str
    to_code: str
    package_version: str
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        return package_name(self.from_code, self.to_code, self.package_version)

    @property
    def label(self) -> str:
        return f"{self.from_code}→{self.to_code} {self.package_version}".strip()


def newest(found: Sequence[Available], pins: Pins | None = None) -> dict[Pair, Available]:
    """Return the newest package of each pair; where the pair is pinned, of the pinned ones."""
    from pipeline.engines.argos.packages import version_of

    out: dict[Pair, Available] = {}
    for one in found:
        pair = (one.from_code, one.to_code)
        pinned = (pins or {}).get(one.name)
        if archives.against_pins(one.name, pinned, pins or {}):
            continue
        if pair not in out or version_of(out[pair]) < version_of(one):
            out[pair] = one
    return out


def refresh_index(report: ReportLine) -> list[Available]:
    """Fetch Argos' index, and keep a copy where Argos does."""
    from argostranslate import settings

    address = settings.remote_package_index
    report(f"Reading Argos' index at {address}")
    try:
        data = _within(INDEX_TIMEOUT, lambda: _get_index(address))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise EngineError(
            f"Argos' index at {address} cannot be reached ({reason_of(error)}): try again with a "
            "connection, or bring an .argosmodel file and run `pipeline engines install FILE`."
        ) from error
    try:
        found = parse_index(data)
    except ValueError as error:
        raise EngineError(f"Argos' index at {address} cannot be read: {error}.") from error
    with contextlib.suppress(OSError):  # the copy is a convenience
        path = Path(settings.local_package_index)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".index-") as folder:
            copy = Path(folder) / "index.json"
            copy.write_bytes(data)
            copy.replace(path)
    return found


def kept_index() -> tuple[list[Available], float] | None:
    """Return the local copy of Argos' index, and its time (seconds of the epoch).

    None where it is missing or corrupt.
    """
    from argostranslate import settings

    path = Path(settings.local_package_index)
    try:
        return parse_index(path.read_bytes()), path.stat().st_mtime
    except (OSError, ValueError):
        return None


def parse_index(data: bytes) -> list[Available]:
    """Return the valid entries of an index. Raises `ValueError` where it is not an index."""
    try:
        entries = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ValueError("it is not a list of packages")
    found = []
    for entry in entries:
        try:
            source, target, version = archives.identity(entry)
        except EngineError:
            continue
        links = entry.get("links")
        texts = links if isinstance(links, list) else []
        usable = [link for link in texts if isinstance(link, str) and _usable(link)]
        # HTTPS first; the sort is stable.
        usable.sort(key=lambda link: not link.startswith("https:"))
        found.append(Available(source, target, version, tuple(usable)))
    return found


def _usable(link: str) -> bool:
    return link.startswith(("https://", "http://")) and link.isascii() and link.isprintable()


def _get_index(address: str) -> bytes:
    request = urllib.request.Request(address, headers=AGENT)
    with open_url(request, INDEX_TIMEOUT) as answer:
        data: bytes = answer.read(MAX_INDEX + 1)
    if len(data) > MAX_INDEX:
        raise ValueError(f"it is larger than {MAX_INDEX >> 20} MiB")
    return data


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """Call `work` in a thread, since no socket timeout covers the look-up of a name."""
    done: list[bytes] = []
    failed: list[Exception] = []

    def call() -> None:
        try:
            done.append(work())
        except Exception as error:  # raised below
            failed.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    for error in failed:
        raise error
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return done[0]


def open_url(request: urllib.request.Request, timeout: float) -> http.client.HTTPResponse:
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        raise
    assert isinstance(answer, http.client.HTTPResponse)
    return answer


def reason_of(error: Exception) -> str:
    inner = getattr(error, "reason", None)
    return " ".join(str(inner or error).split()).rstrip(".") or type(error).__name__
