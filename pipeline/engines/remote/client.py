"""HTTP client of the engines behind a server: requests, retries, and careful keys.

A key is read from the environment at each request and kept in no object, so that no settings
file, no signature, no cache, no log and no message of an error can hold it. A redirect is never
followed, and a key never goes out unencrypted except to this machine. Whoever writes the settings
decides which server gets the key: read a project's ``url`` before you run it with a key of yours.
"""

from __future__ import annotations

import email.utils
import http.client
import json
import logging
import os
import random
import re
import socket
import ssl
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, cast
from urllib.parse import urlsplit

from pipeline.engines.remote.settings import Server
from pipeline.errors import EngineError

TRIES = 5
"""Maximum number of tries, with pauses of about 1, 2, 4 and 8 seconds; six times as long after 429,
often a limit per minute."""
MAX_WAIT = 120.0
"""Maximum pause in seconds; a server that asks for a longer one ends the run."""
CONNECT_TIMEOUT = 10.0
"""Seconds to connect; the setting ``timeout`` is for the answer."""
MAX_ANSWER = 16 * 1024 * 1024
"""Maximum size of an answer in bytes; a batch of 100 sentences is some 50 kB."""
AGENT = "statement-pipeline"

_log = logging.getLogger(__name__)


class Refused(EngineError):
    """A refusal of the server that a retry would not change."""

    def __init__(self, message: str, status: int, said: str, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        """Error message of the server, on one line; "" where it gave none."""
        self.code = code
        """Error code of the server, such as ``context_length_exceeded``; "" where it gave none."""


@dataclass(eq=False)
class _Fault(Exception):
    """A failed try."""

    what: str
    """Description: ``answered 503 (Service Unavailable)``."""
    tries: int = TRIES
    """Maximum number of tries, including this one."""
    wait: float | None = None
    """Pause in seconds that the server asks for."""
    base: float = 1.0
    """Seconds until the second try."""
    status: int = 0
    said: str = ""
    code: str = ""


def ask(
    server: Server,
    path: str,
    body: Mapping[str, object] | None = None,
    tries: int = TRIES,
    final: re.Pattern[str] | None = None,
) -> object:
    """Request ``url/path``, retry where that can help, and return the JSON of the answer.

    `body` is posted, with the key; without it the request is a GET. Retried, up to `tries` tries
    in all and with growing pauses, are 408, 429, all 5xx but 501 and 505, broken connections and
    truncated answers; a time-out is retried once. Raises `Refused` for any other status over 299,
    and at once for any whose message matches `final`; `EngineError` for other failures.
    """
    key = server.key()
    headers = {"Accept": "application/json", "User-Agent": AGENT}
    if key and not server.key_field:
        headers["Authorization"] = f"Bearer {key}"
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        if key and server.key_field:
            body = {**body, server.key_field: key}
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    number = 0
    while True:
        number += 1
        try:
            return _once(server, path, data, headers, key)
        except _Fault as fault:
            if final and final.search(fault.said):
                raise _refused(server, fault, number) from None
            pause = fault.wait if fault.wait is not None and fault.wait > MAX_WAIT else None
            if number >= min(tries, fault.tries) or pause is not None:
                raise _error(server, fault, number, pause) from None
            wait = fault.base * 2 ** (number - 1) * random.uniform(0.75, 1.25)
            wait = max(wait, fault.wait or 0.0)
            _log.info(
                "Engine %s: %s %s; trying again in %.0f s.",
                *(server.engine, server.host, fault.what, wait),
            )
        sleep(wait)


def _describe(server: Server, fault: _Fault, number: int) -> str:
    times = f", {number} times" if number > 1 else ""
    words = f": {fault.said}" if fault.said else ""
    return f"Engine {server.engine}: {server.host} {fault.what}{times}{words.rstrip('.')}."


def _error(server: Server, fault: _Fault, number: int, pause: float | None) -> EngineError:
    if 300 <= fault.status < 500 and fault.status not in (408, 429):
        return _refused(server, fault, number)
    message = _describe(server, fault, number)
    if pause is not None:
        return EngineError(f"{message} It asks for a pause of {pause:.0f} s; run this again later.")
    return EngineError(f"{message} See that the server is well, and run this again.")


def _refused(server: Server, fault: _Fault, number: int) -> Refused:
    if fault.status in (401, 403):
        there = bool(os.environ.get(server.key_name))
        hint = f"Look at the key in {server.key_name}" if there else f"Set {server.key_name}"
    elif 300 <= fault.status < 400:
        hint = "Redirects are not followed: put the address that is meant into url"
    elif fault.status in (404, 405):
        hint = "Look at url in the settings, and at the model, if one is named there"
    else:
        hint = "Look at the settings of this engine"
    message = f"{_describe(server, fault, number)} {hint}."
    return Refused(message, fault.status, fault.said, fault.code)


def _once(
    server: Server, path: str, data: bytes | None, headers: Mapping[str, str], key: str
) -> object:
    deadline = monotonic() + server.timeout
    request = urllib.request.Request(server.url + path, data, dict(headers))
    try:
        with opener(server.local).open(request, timeout=server.timeout) as response:
            return _json(_body(response, deadline))
    except urllib.error.HTTPError as error:
        with error:
            raise _status_fault(error, deadline, key) from None
    except urllib.error.URLError as error:
        reason = error.reason
        raise _connection_fault(reason if isinstance(reason, OSError) else error) from None
    except (OSError, http.client.HTTPException) as error:
        raise _connection_fault(error) from None


def _body(response: http.client.HTTPResponse, deadline: float, limit: int = MAX_ANSWER) -> bytes:
    """Read a whole body in time: `read` would wait forever for a server that sends single bytes."""
    pieces = []
    size = 0
    while piece := response.read1(65536):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise _Fault(f"gave an answer of over {limit // 1024 // 1024} MiB", tries=1)
        if monotonic() > deadline:
            raise TimeoutError
    return b"".join(pieces)


def _json(body: bytes) -> object:
    text = body.decode("utf-8", "replace").strip()
    try:
        return cast(object, json.loads(text))
    except (ValueError, RecursionError):
        if text[:1] in ("{", "["):
            raise _Fault("gave half an answer, or one that is no JSON") from None
        what = "a web page" if text[:1] == "<" else "something else"
        raise _Fault(
            f"gave {what} where JSON belongs, so url is hardly the address of this service", tries=1
        ) from None


def _status_fault(error: urllib.error.HTTPError, deadline: float, key: str) -> _Fault:
    status = error.code
    phrase = http.client.responses.get(status, "")
    what = f"answered {status} ({phrase})" if phrase else f"answered {status}"
    try:
        body = _body(cast(Any, error.fp), deadline, 65536)
        # Some servers echo the key that they refuse.
        said, code = _error_of(body.replace(key.encode(), b"(the key)") if key else body)
    except (_Fault, OSError, http.client.HTTPException):
        said, code = "", ""
    if 300 <= status < 400:
        aim = urlsplit(error.headers.get("Location", "")).hostname
        what += f", which points to {_plain(aim, 80)}" if aim else ""
    final = status in (501, 505) or (status < 500 and status not in (408, 429))
    if final or code == "insufficient_quota":  # OpenAI's 429 for an exhausted account
        return _Fault(what, tries=1, status=status, said=said, code=code)
    wait = _retry_after(error.headers.get("Retry-After", ""))
    return _Fault(what, wait=wait, base=6.0 if status == 429 else 1.0, status=status, said=said)


def _retry_after(value: str) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or a date (RFC 9110)."""
    if re.fullmatch(r"\d{1,9}", value.strip()):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _error_of(body: bytes) -> tuple[str, str]:
    """Return the message and the code of an error, from any of the shapes that servers use."""
    try:
        told = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return "", ""
    code: object = ""
    for key in ("error", "message", "detail"):
        while isinstance(told, dict) and key in told:
            code = told.get("code") or code
            told = told[key]
    if isinstance(told, dict):
        code = told.get("code") or code
    if not isinstance(told, str):
        told = json.dumps(told, ensure_ascii=False)
    return _plain(told, 300), code if isinstance(code, str) else ""


def _connection_fault(error: BaseException) -> _Fault:
    if isinstance(error, TimeoutError):
        return _Fault("did not answer in time", tries=2)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _Fault(f"has a certificate that does not hold ({error.verify_message})", tries=1)
    if isinstance(error, socket.gaierror):
        return _Fault("is not a host that can be found", tries=2)
    if isinstance(error, ConnectionRefusedError):
        return _Fault("refuses the connection", tries=3)
    if isinstance(error, http.client.IncompleteRead):
        return _Fault("broke off in the middle of its answer")
    if isinstance(error, OSError) and error.strerror:
        return _Fault(f"cannot be asked ({_plain(error.strerror, 80)})")
    return _Fault(f"broke off ({type(error).__name__})")


def _plain(text: str, most: int) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        _connect(self, super().connect)


class _SecureConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        _connect(self, super().connect)


def _connect(connection: http.client.HTTPConnection, connect: Callable[[], None]) -> None:
    timeout = cast(float, connection.timeout)
    connection.timeout = min(timeout, CONNECT_TIMEOUT)
    connect()
    connection.sock.settimeout(timeout)


class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Secure(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req, context=ssl.create_default_context())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def opener(local: bool) -> urllib.request.OpenerDirector:
    """Return a client that follows no redirect; past all proxies if the server is *local*."""
    # A proxy must not see requests to this machine itself.
    proxies = urllib.request.ProxyHandler({} if local else None)
    return urllib.request.build_opener(proxies, _Plain, _Secure, _NoRedirect)


def one_line(text: object) -> str:
    """Return a draft as one line; "" where a catalog cannot hold it."""
    if not isinstance(text, str):
        return ""
    line = re.sub(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*", " ", text).strip()
    if any(unicodedata.category(c) in ("Cc", "Cs") and c != "\t" for c in line):
        return ""
    return line
