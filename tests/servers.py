"""Servers of translations on this machine, which answer as they are told to."""

from __future__ import annotations

import contextlib
import http.server
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any


class Answer:
    """What goes back for one request; `cut` bytes of the body are promised and held back.

    Without a status the body is all that is sent.
    """

    def __init__(
        self,
        body: object,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        cut: int = 0,
        slow: float = 0,
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = headers or {}
        self.cut = cut
        self.slow = slow


Responder = Callable[[str, Any], Answer]


class Fake:
    """A server on this machine. `faults` are answered first, one a request, then `responder`."""

    def __init__(self, responder: Responder, certificate: Path | None = None) -> None:
        self.responder = responder
        self.faults: list[Answer] = []
        self.posts: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.released = threading.Event()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(None)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self._reply(json.loads(self.rfile.read(length)))

            def _reply(self, body: Any) -> None:
                fake.paths.append(self.path)
                fake.headers.append(dict(self.headers))
                if body is not None:
                    fake.posts.append(body)
                    if fake.faults:
                        return self._send(fake.faults.pop(0))
                return self._send(fake.responder(self.path, body))

            def _send(self, answer: Answer) -> None:
                if answer.slow:
                    fake.released.wait(answer.slow)
                if not answer.status:
                    self.wfile.write(answer.body)
                    return
                with contextlib.suppress(OSError):
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body[: len(answer.body) - answer.cut])

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Quiet(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if certificate else "http"
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


LANGUAGES = [
    {"code": "en", "name": "English", "targets": ["en", "es", "pt-BR", "zh-Hans"]},
    {"code": "es", "name": "Spanish", "targets": ["en", "es"]},
    {"code": "pt-BR", "name": "Portuguese", "targets": ["en", "pt-BR"]},
    {"code": "zh-Hans", "name": "Chinese", "targets": ["zh-Hans"]},
]


def libre(path: str, body: Any) -> Answer:
    """Answer as LibreTranslate does."""
    if path == "/languages":
        return Answer(LANGUAGES)
    if path == "/spec":
        return Answer({"info": {"title": "LibreTranslate", "version": "1.9.6"}})
    more = [[f"{q} {i}" for i in range(body.get("alternatives", 0))] for q in body["q"]]
    return Answer(
        {"translatedText": [f"{body['target']}: {q}" for q in body["q"]], "alternatives": more}
    )


def says(content: object, reason: str = "stop") -> Answer:
    text = content if isinstance(content, str | None) else json.dumps(content, ensure_ascii=False)
    message = {"role": "assistant", "content": text}
    return Answer({"choices": [{"index": 0, "message": message, "finish_reason": reason}]})


def asked(body: Any) -> dict[str, dict[str, Any]]:
    """Give the data in a request for a chat."""
    found: dict[str, dict[str, Any]] = json.loads(body["messages"][1]["content"])
    return found


def chatty(path: str, body: Any) -> Answer:
    """Answer as a good model does, in another order than asked."""
    if path == "/v1/models":
        return Answer({"data": [{"id": "parrot"}]})
    pairs = reversed(asked(body).items())
    return says({number: f"es: {data['text']}" for number, data in pairs})


Serve = Callable[[Responder], Fake]


@contextlib.contextmanager
def serving() -> Iterator[Serve]:
    """Start servers for as long as the block lasts."""
    started: list[Fake] = []

    def start(responder: Responder) -> Fake:
        started.append(Fake(responder))
        return started[-1]

    yield start
    for fake in started:
        fake.stop()
