"""What a site would follow or run is seen, however it is written; prose is left in peace."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import executable

RUNS = "javascript:alert(1)"
LINKS = (
    "Lea [el plan]({}) hoy.",
    "Lea [el plan](<{}>) hoy.",
    "Mire <{}> hoy.",
    "![una foto]({})",
    "[ok]: {}",
    "Lea [ok]. [ok]:\t{}",
    '<a href="{}">x</a>',
)
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "capitals": str.upper,
    "mixed": lambda text: text.swapcase().title(),
    "entity": lambda text: text.replace(":", "&colon;"),
    "decimal": lambda text: f"&#{ord(text[0])};{text[1:]}",
    "hexadecimal": lambda text: f"&#x{ord(text[0]):X};{text[1:]}",
    "twice": lambda text: html.escape(f"&#{ord(text[0])};") + text[1:],
    "percent": lambda text: text.replace(":", "%3a"),
    "backslash": lambda text: text.replace(":", "\\:"),
    "tab": lambda text: text[:4] + "&Tab;" + text[4:],
    "newline": lambda text: text[:4] + "&NewLine;" + text[4:],
    "control": lambda text: "&#1;" + text,
    "soft hyphen": lambda text: text[:3] + "\u00ad" + text[3:],
}


@pytest.mark.parametrize(
    "scheme", [RUNS, "vbscript:x", "data:text/html,x", "file:///x", "ftp://h/x"]
)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", LINKS)
def test_a_link_is_seen_in_any_disguise(place: str, way: str, scheme: str) -> None:
    found = executable.links(place.format(WAYS[way](scheme)))
    assert found, "nothing was seen"
    assert all(one.split(":")[0] == scheme.split(":")[0] for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "Read [the plan](https://h.example/x?a=b:c#d), [here](/a:b) or [there](#x).",
        "Write to <press@harbour.example> or [us](mailto:press@harbour.example); [call](tel:+1-2).",
        "See <https://h.example/> and http://h.example, at 5:30: they said: “no”.",
        "The ratio was 3:4, a < b, and x > y; note: javascript:alert is no link.",
        "{name}, %s and {0:.2f} stay; [sic], [laughter] and [the mayor] too [^1].",
        "A [link] [to](https://h.example) and [another][one].",
    ],
)
def test_prose_and_plain_links_are_left_in_peace(text: str) -> None:
    assert not executable.links(text)
    assert not executable.templates(text)


TEMPLATES = (
    "{{< youtube abc >}}",
    "{{% readfile x %}}",
    "{{ site.title }}",
    "{% include secret.html %}",
    "{# note #}",
    '{style="position:fixed"}',
    "{hidden=true}",
    '{#top data-x="1"}',
    "{: .wide}",
    "[gallery]",
    "[gallery ids=1,2]",
    "[gallery/]",
    "[gallery ]",
    "[contact-form-7]",
    "[php echo 1]",
    "[/video]",
    "[video src=//h.example/v.mp4]",
    "<!-- wp:html -->",
)


@pytest.mark.parametrize("tag", TEMPLATES)
@pytest.mark.parametrize(
    "way",
    [
        lambda tag: tag,
        lambda tag: "".join(f"\\{c}" if c in "[]{}" else c for c in tag),
        lambda tag: "".join(f"&#{ord(c)};" if c in "[]{}%" else c for c in tag),
        lambda tag: tag.replace("[", "&lbrack;").replace("{", "&lcub;"),
    ],
    ids=["raw", "backslashes", "entities", "names"],
)
def test_template_syntax_is_seen_whole(tag: str, way: object) -> None:
    assert callable(way)
    found = executable.templates(f"La frase {way(tag)} sigue.")
    assert list(found) == [tag]


@given(st.text(max_size=60), st.sampled_from(TEMPLATES))
def test_whatever_stands_around_it_hides_nothing(text: str, tag: str) -> None:
    inside = executable.templates(f"{text} {tag}")
    assert inside != executable.templates(text) or any(tag in one for one in inside)


@given(st.text(max_size=80))
def test_decoding_settles(text: str) -> None:
    once = executable.decoded(text)
    assert executable.links(text) == executable.links(once) or "&" in once or "%" in once
