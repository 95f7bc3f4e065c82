"""What is published, into a WordPress.

A few lines play its REST API, unless PIPELINE_WORDPRESS names a real one that may be filled:
"http://127.0.0.1:8931 USER PASSWORD".
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from helpers import ROOT, Sample, sample


class Wordpress(BaseHTTPRequestHandler):
    """Posts in memory; like the real one, it leaves out a tag that it does not know."""

    posts: dict[int, dict[str, Any]]

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if self.refused():
            return
        route = asked["rest_route"][0]
        assert route in {"/wp/v2/users/me", "/wp/v2/posts"}
        if route.endswith("me"):
            self.say(200, {"id": 1})
            return
        wanted, states = asked["slug"][0], asked["status"][0].split(",")
        found = [p for p in self.posts.values() if p["slug"] == wanted and p["status"] in states]
        self.say(200, found)

    def do_POST(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.refused():
            return
        number = asked["rest_route"][0].rpartition("/posts/")[2]
        post = self.posts.setdefault(int(number) if number.isdecimal() else len(self.posts) + 1, {})
        for name, value in fields.items():
            raw = re.sub("</?time[^>]*>", "", value)
            post[name] = {"raw": raw} if name in {"title", "content"} else value
        post["id"] = next(n for n, p in self.posts.items() if p is post)
        self.say(200, post)

    def refused(self) -> bool:
        good = self.headers["Authorization"] == "Basic " + base64.b64encode(b"ana:secret").decode()
        if not good:
            self.say(401, {"code": "x", "message": "The password is \\u201cwrong\\u201d."})
        return not good

    def say(self, status: int, value: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[tuple[str, str, str]]:
    if real := os.environ.get("PIPELINE_WORDPRESS", ""):
        url, user, password = real.split()
        yield url, user, password
        return
    handler = type("Own", (Wordpress,), {"posts": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", "ana", "secret"
        server.shutdown()
        thread.join()


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    found = sample(tmp_path)
    text = found.read("source_texts/letter.md")
    found.write(
        "source_texts/letter.md", f"{text}\nThis one is for {os.getpid()} {tmp_path.name}.\n"
    )
    found.run("run")
    for locale in ("es", "ar"):
        found.approve(locale, "letter")
    found.run("run")
    return found


def publish(project: Sample, site: tuple[str, str, str], *options: str) -> tuple[str, str]:
    url, user, password = site
    done = subprocess.run(
        [sys.executable, "-m", "tools.wordpress", "--url", url, "--user", user, *options],
        cwd=project.root,
        env={**os.environ, "WORDPRESS_PASSWORD": password, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stdout, done.stderr


def test_articles_are_added_changed_and_withdrawn(
    project: Sample, site: tuple[str, str, str]
) -> None:
    said, _ = publish(project, site, "--dry-run")
    assert re.fullmatch("would (add|update) letter-ar\nwould (add|update) letter-es\n", said)
    assert publish(project, site)[0] == said.replace("would ", "")
    assert publish(project, site) == ("", "")
    po = project.po("es", "letter")
    po[-1].msgstr = "Otra cosa."
    po.save()
    project.run("build")
    assert publish(project, site)[0] == "update letter-es\n"
    assert publish(project, site) == ("", "")
    po[-1].flags = ["fuzzy"]
    po.save()
    project.run("build")
    assert publish(project, site)[0] == "withdraw letter-es\n"
    assert publish(project, site) == ("", "")
    po[-1].flags = []
    po.save()
    project.run("build")
    assert publish(project, site)[0] == "update letter-es\n"


@pytest.mark.parametrize("which", ["password", "manifest", "page", "plain", "nobody"])
def test_what_is_wrong_is_said(project: Sample, site: tuple[str, str, str], which: str) -> None:
    url, user, password = site
    if which == "password":
        site = url, user, "wrong"
    elif which == "manifest":
        (project.root / "localized/manifest.json").unlink()
    elif which == "page":
        project.write("localized/es/letter.html", "<p>")
    elif which == "plain":
        site = "http://wordpress.example", user, password
    else:
        site = "http://127.0.0.1:1", user, password
    expected = {
        "password": "401: ",
        "manifest": "localized/manifest.json cannot be read",
        "page": "localized/es/letter.html is no page of this version: run pipeline build",
        "plain": "http://wordpress.example: write https://",
        "nobody": "Connection refused",
    }
    out, err = publish(project, site)
    assert out == ""
    assert err.startswith("Error: ")
    assert expected[which] in err


def test_a_password_follows_no_redirect(project: Sample) -> None:
    seen: list[str] = []
    codes = [301, 302, 303, 307, 308]

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(str(self.headers["Authorization"]))

        do_POST = do_GET

    class Moved(Elsewhere):
        def do_GET(self) -> None:
            self.send_response(codes[0])
            self.send_header("Location", f"http://127.0.0.2:{other.server_port}/")
            self.end_headers()

        do_POST = do_GET

    other = ThreadingHTTPServer(("127.0.0.2", 0), Elsewhere)
    site = ThreadingHTTPServer(("127.0.0.1", 0), Moved)
    for server in (other, site):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    while codes:
        _, said = publish(project, (f"http://127.0.0.1:{site.server_port}", "ana", "secret"))
        assert f"{codes.pop(0)}: it sends us to" in said
        assert "a password follows nobody there" in said
    for server in (other, site):
        server.shutdown()
        server.server_close()
    assert not seen
