"""A table per check: what passes and what fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from protected import MARKED, kept

from pipeline.catalog.extract import extract
from pipeline.checks import translation
from pipeline.formats.read import read
from pipeline.model import Catalog, Message
from pipeline.terminology.glossary import Glossary
from pipeline.text.commonmark import render
from pipeline.workflow import build

LINK = "See [us](https://a.example/x?b=1&c=2)."


@pytest.mark.parametrize(
    ("check", "source", "target"),
    [
        (translation.links, LINK, "Vea [nuestra página](https://a.example/x?b=1&c=2)."),
        (translation.links, "Ask <a@b.example>.", "Pregunte a <a@b.example>."),
        (translation.tags, "H<sub>2</sub>O `x`", "`x` H<sub>2</sub>O"),
        (translation.tags, "Hello {name}", "{name}, hola"),
        (translation.running_text, "On 8 March", "8. März"),
        (translation.running_text, "It is - as they say - late", "- como dicen - es tarde"),
        (translation.tags, "He said [they] would come.", "Dijo que [ellos] vendrían."),
        (translation.words, "Yes!", "¡Sí!"),
        (translation.words, "—", "—"),
        (translation.links, "[a](b)", "[`a`](b)"),
        (translation.characters, "a", "«a» — ¿b? ‏ع 🎉"),
        (translation.characters, "a", "\u2066a\u2069"),
        (translation.figures, "4.5 of 1,250 on 12/3", "4,5 de 1.250 el 12/3"),
        (translation.figures, "1,250", "1\u202f250"),
        (translation.tags, "a.[^1] b[^c]", "b[^c] a.[^1]"),
        (translation.emphasis, "**a** b", "b **a**"),
        (translation.copied, "Ana Brisk", "Ana Brisk"),
        (translation.copied, "We want the ferry back", "Queremos el transbordador"),
    ],
)
def test_passes(check: translation.Check, source: str, target: str) -> None:
    assert list(check(source, target)) == []


@pytest.mark.parametrize(
    ("check", "source", "target", "explanation"),
    [
        (
            translation.links,
            LINK,
            "Vea [us](https://evil.example/).",
            "https://evil.example/ is not in",
        ),
        (translation.links, LINK, "Vea.", "https://a.example/x?b=1&c=2 is missing"),
        (translation.links, "a", "a www.evil.example/x", "www.evil.example/x is not in the source"),
        (translation.links, "a", "<javascript:alert(1)>", ""),
        (translation.links, "a", "[b](data:text/html,x)", ""),
        (translation.tags, "a", "a <script>x</script>", "<script> is not in the source"),
        (translation.tags, "a", "a <b onclick=x>", "is not in the source"),
        (translation.tags, "a {name}", "a", "{name} is missing"),
        (translation.tags, "a.[^1] b", "a. b", "[^1] is missing"),
        (translation.tags, "[^a]: b", "a: b", "[^a] is missing"),
        (translation.tags, "a", "{{< figure >}}", "{{< is not in the source"),
        (translation.tags, "a", "[gallery id=1]", "[gallery id=1] is not in the source"),
        (translation.tags, "`x`", "x", "x is missing"),
        (translation.running_text, "a", "# a", ""),
        (translation.running_text, "a", "a\n\nb", "something else than running text"),
        (translation.running_text, "a", "<div>a", "something else than running text"),
        (translation.tags, "a", "[Gallery ids=1]", "is not in the source"),
        (translation.tags, "a", "{{ evil }}", "{{ is not in the source"),
        (translation.tags, "a", "{% evil %}", "{% is not in the source"),
        (translation.words, "a", "\u00a0", "it looks empty"),
        (translation.words, "a", "\u200b", "it looks empty"),
        (translation.words, "a", "#", "it looks empty"),
        (translation.links, "[a](b)", "a [](b)", "the link to b has no words"),
        (translation.characters, "a", "a\u202eb", "U+202E"),
        (translation.characters, "a", "a\u2066b", "do not balance"),
        (translation.figures, "4.5 and 3", "4,6 y 3", "45 is missing"),
        (translation.emphasis, "**a** b", "a b", "the emphasis differs"),
        (translation.copied, "We want the ferry back", "We want the ferry back", "unchanged"),
    ],
)
def test_fails(check: translation.Check, source: str, target: str, explanation: str) -> None:
    found = list(check(source, target))
    if not explanation:  # harmless: the parser itself makes plain text of it, or guard does
        assert found == []
    else:
        assert any(explanation in line for line in found)


@pytest.mark.parametrize("piece", [text for text in MARKED if kept([text])])
def test_each_kind_of_piece_is_checked(piece: str) -> None:
    for source, target in (("ship", f"ship {piece}"), (f"ship {piece}", "ship")):
        rules = {rule for rule in translation.CHECKS if list(rule(source, target))}
        assert rules & {translation.links, translation.tags, translation.emphasis}


def test_only_approved_messages_are_checked() -> None:
    bad = Message(source=LINK, target="nada")
    assert [f.check for f in translation.check([bad])] == ["links"]
    assert not list(translation.check([Message(source=LINK, target="nada", fuzzy=True)]))
    assert not list(translation.check([Message(source=LINK)]))


SOURCE = """\
One [report][1] says this. Two says that.

![a quay](https://a.example/q.png)

| Alpha | Beta |
| --- | --- |
| One | Two |

[1]: https://a.example/1
[2]: https://a.example/2
"""


@pytest.mark.parametrize(
    ("translations", "explanation"),
    [
        (
            {"One": "Uno [esto", "Two": "aquí](//evil.example/x) dos."},
            "//evil.example/x",
        ),
        ({"One": "Uno [informe][1] <img src=x onerror=alert(1)", "Two": "> dos."}, "<img"),
        ({"One": "Uno [informe][1] <!-- a", "Two": "b --> dos."}, "<!--"),
        ({"One": "Uno [informe][1] `a", "Two": "b` dos."}, "is not in the source"),
        ({"One": "Uno [informe][2]."}, "https://a.example/1 is missing"),
        ({"One": "Uno informe."}, "https://a.example/1 is missing"),
        ({"a quay": "muelle](//evil.example/p.png) ![x"}, "//evil.example/p.png"),
        ({"a quay": "muelle\\"}, "q.png is missing"),
        ({"Alpha": "Alfa | más"}, ""),
        ({}, ""),
    ],
)
def test_what_a_browser_will_show_is_what_counts(
    translations: dict[str, str], explanation: str
) -> None:
    def said(source: str) -> str:
        return next((t for s, t in translations.items() if source.startswith(s)), source)

    article = read(SOURCE, ".md", "a", "en")
    messages = [
        replace(
            m, target=next((t for s, t in translations.items() if m.source.startswith(s)), m.source)
        )
        for m in extract(article, Glossary(), "es")
    ]
    built = build(article, Catalog("es", tuple(messages)), Glossary())
    errors = [f.explanation for f in built.findings if f.error]
    assert built.publishable == (not explanation)
    assert any(explanation in line for line in errors) or not errors
    if "Alpha" in translations:
        assert "<th>Alfa | más</th>" in render(built.body)
        assert "<td>Two</td>" in render(built.body)
