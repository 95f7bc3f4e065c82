"""Every kind of protected piece as a sentence may have it, for tests of who looks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import strategies as st

from pipeline.text.markup import ProtectedKind as Kind

MARKED: dict[str, tuple[tuple[Kind, str], ...]] = {
    "[ship](https://a.example/1)": ((Kind.URL, "https://a.example/1"),),
    "<https://b.example/2>": (
        (Kind.URL, "https://b.example/2"),
        (Kind.ADDRESS, "https://b.example/2"),
    ),
    "[](/d)": ((Kind.URL, "/d"), (Kind.EMPTY_LINK, "/d")),
    "![quay](/e.png)": ((Kind.IMAGE, "/e.png"),),
    "https://f.example/g_h": ((Kind.ADDRESS, "https://f.example/g_h"),),
    "crew@i.example": ((Kind.ADDRESS, "crew@i.example"),),
    "H<sub>O</sub>": ((Kind.TAG, "<sub>"), (Kind.TAG, "</sub>")),
    "<!-- j -->": ((Kind.TAG, "<!-- j -->"),),
    "`k`": ((Kind.CODE, "k"),),
    "{name}": ((Kind.PLACEHOLDER, "{name}"),),
    "%(rate)s": ((Kind.PLACEHOLDER, "%(rate)s"),),
    "[^l]": ((Kind.FOOTNOTE, "[^l]"),),
    "ship.[^3]": ((Kind.FOOTNOTE, "[^3]"),),
    "{{< form >}}": ((Kind.SHORTCODE, "{{<"),),
    "[gallery ids=m]": ((Kind.SHORTCODE, "[gallery ids=m]"),),
    "**ship**": ((Kind.EMPHASIS, "strong"),),
    "*ship*": ((Kind.EMPHASIS, "em"),),
    "**—**": ((Kind.EMPHASIS, "strong"), (Kind.EMPHASIS, "strong without words")),
    "ship": (),
}
"""What of each text must be kept."""

marked = st.lists(st.sampled_from([*MARKED]), max_size=8)
"""Texts of `MARKED`, to be joined by blanks."""


def kept(texts: Iterable[str]) -> Counter[tuple[Kind, str]]:
    """Return what of *texts*, joined by blanks, must be kept."""
    return Counter(piece for text in texts for piece in MARKED[text])
