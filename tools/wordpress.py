"""What `pipeline build` published, into a WordPress: by its REST API, again and again.

Each article is one post a locale, found by its slug: ARTICLE-LANG. What is new becomes a post, what
changed is written anew, what is not approved any more becomes a draft, and what is as it was is
left alone (a comment at its end tells). Only what ``localized/manifest.json`` calls published is
read. The text stands in an element with its language and direction, so that Arabic reads right in
any theme.

Give it a user of the role Author: WordPress then takes scripts out of what it is given. The
password is an application password (Users, Profile), in the environment, as WORDPRESS_PASSWORD.

    WORDPRESS_PASSWORD='...' python -m tools.wordpress --url https://example.org --user pipeline -n
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines.remote.client import opener

_PAGE = re.compile(r"<article>\n<h1>(.*?)</h1>\n(.*)</article>", re.DOTALL)
"""As pipeline/publish/page.html has what is published: without a notice."""
_WAIT = 60


class Refused(Exception):
    """What a person is told: what, where, and why."""


@dataclass(frozen=True, slots=True)
class Post:
    slug: str
    title: str = ""
    """HTML."""
    content: str = ""
    date: str = ""
    """``2026-01-31``, or ""."""
    published: bool = True

    @property
    def mark(self) -> str:
        """What tells in the post that it holds this; WordPress may leave out a tag of the rest."""
        said = "\n".join((self.title, self.content, self.date))
        return f"<!-- statement {hashlib.sha256(said.encode()).hexdigest()[:16]} -->"

    def fields(self) -> dict[str, str]:
        """Return the post as the REST API takes it."""
        if not self.published:
            return {"status": "draft"}
        content = f"{self.content}\n{self.mark}"
        said = {"slug": self.slug, "title": self.title, "content": content}
        dated = {"date": f"{self.date}T00:00:00"} if self.date else {}
        return said | dated | {"status": "publish"}


def posts(folder: Path) -> Iterator[Post]:
    """Give the posts that *folder*, ``localized/``, stands for."""
    manifest = folder / "manifest.json"
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["articles"]
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"{manifest} cannot be read ({error}): run pipeline build") from None
    for entry in entries:
        slug = f"{entry['article']}-{entry['lang']}".lower().replace(".", "-").replace("_", "-")
        if not entry["published"]:
            yield Post(slug, published=False)
            continue
        page = folder / entry["locale"] / f"{entry['article']}.html"
        try:
            text = page.read_text(encoding="utf-8")
        except OSError as error:
            raise Refused(f"{page}: {error.strerror}: run pipeline build") from None
        found, root = _PAGE.search(text), re.search(r"<html ([^>]*)>", text)
        if not found or not root:
            raise Refused(f"{page} is no page of this version: run pipeline build")
        content = f"<div {root[1]}>\n{found[2]}</div>"
        yield Post(slug, found[1], content, entry["date"] or "")


class Site:
    """A WordPress."""

    def __init__(self, url: str, user: str, password: str) -> None:
        if not re.match(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)", url):
            raise Refused(f"{url}: write https://, or the password can be read on the way")
        self._url = f"{url.rstrip('/')}/index.php"
        self._client = opener(local=not url.startswith("https://"))
        self._key = base64.b64encode(f"{user}:{password}".encode()).decode()

    def ask(self, route: str, fields: Mapping[str, str] | None = None, **query: str) -> Any:
        """Return the answer to a GET, or to a POST of *fields*."""
        asked = urllib.parse.urlencode({"rest_route": f"/wp/v2/{route}", **query})
        headers = {"Authorization": f"Basic {self._key}", "Content-Type": "application/json"}
        data = None if fields is None else json.dumps(fields).encode()
        request = urllib.request.Request(f"{self._url}?{asked}", data, headers)
        try:
            with self._client.open(request, timeout=_WAIT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if 300 <= error.code < 400:
                place = error.headers.get("Location", "elsewhere")
                raise Refused(
                    f"{self._url}: {error.code}: it sends us to {place}, and a password follows "
                    "nobody there; if that is the site, give it as the address"
                ) from None
            body = error.read(2000).decode("utf-8", "replace")
            said = re.search(r'"message":"((?:[^"\\]|\\.)*)"', body)
            raise Refused(f"{self._url}: {error.code}: {said[1] if said else body[:200]}") from None
        except (OSError, ValueError) as error:
            raise Refused(f"{self._url}: {error}") from None

    def find(self, slug: str) -> Mapping[str, Any] | None:
        found = self.ask("posts", slug=slug, status="publish,draft,private,pending", context="edit")
        return found[0] if found else None


def change(post: Post, there: Mapping[str, Any] | None) -> str:
    """Return what is to be done with *post*, where *there* is what the site has; "" for nothing."""
    if not post.published:
        return "withdraw" if there and there["status"] == "publish" else ""
    if not there:
        return "add"
    same = there["status"] == "publish" and post.mark in there["content"]["raw"]
    return "" if same else "update"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True, help="where the WordPress is")
    parser.add_argument("--user", required=True)
    parser.add_argument("--localized", type=Path, default=Path("localized"), metavar="DIR")
    parser.add_argument("-n", "--dry-run", action="store_true", help="say what would be done")
    options = parser.parse_args()
    try:
        password = os.environ.get("WORDPRESS_PASSWORD", "")
        if not password:
            raise Refused("WORDPRESS_PASSWORD is not set: make an application password")
        site = Site(options.url, options.user, password)
        found = list(posts(options.localized))
        site.ask("users/me")  # or a wrong password is told as something else
        for post in found:
            there = site.find(post.slug)
            what = change(post, there)
            if what and not options.dry_run:
                site.ask(f"posts/{there['id']}" if there else "posts", post.fields())
            if what:
                print(f"{'would ' * options.dry_run}{what} {post.slug}", flush=True)
    except Refused as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
