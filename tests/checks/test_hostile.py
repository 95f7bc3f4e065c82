"""Approved translations and drafts that a website would run, or that show something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Sample, sample

from pipeline.checks.findings import faults, of_messages
from pipeline.model import Message

SOURCE = "Read the plan today, my friends."
RUN = (
    "Lean [el plan](javascript&colon;alert(1)) hoy, amigos.",
    "Lean <javascript:alert(2)> hoy, amigos.",
    "Lean [el plan](JaVaScRiPt:x) hoy, amigos.",
    "Lean [el plan](<data:text/html,x>) hoy, amigos.",
    "Lean ftp://h.example/x hoy, amigos.",
    "[plan]: vbscript:x",
    "Lean {{< readfile /etc/passwd >}} hoy, amigos.",
    "Lean {% include secret.html %} hoy, amigos.",
    'Lean hoy, amigos {style="position:fixed"}',
    "Lean hoy, amigos {hidden=true}",
    r"Lean \[gallery\] hoy, amigos.",
    "Lean &#91;video src&#61;//h.example/v.mp4&#93; hoy, amigos.",
    "Lean [contact-form-7] hoy, amigos.",
    "Lean <!-- wp:html --> hoy, amigos.",
    "Lean &#8238;nalp le&#8236; hoy, amigos.",
    "Lean \u202bel plan hoy, amigos.",
    "Lean \u2069el plan\u2066 hoy, amigos.",
    "\u3164\u3164",
)


@pytest.mark.parametrize("target", RUN)
def test_what_a_site_would_run_is_an_error_once_approved(target: str) -> None:
    found = of_messages([Message(SOURCE, target)], "en", "es")
    assert any(one.error for one in found)


@pytest.mark.parametrize("target", RUN[:14])
def test_and_is_not_offered_as_a_draft(target: str) -> None:
    assert list(faults(SOURCE, target, "en", "es"))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Watch {{< youtube abc >}} now.", "Vea {{< youtube abd >}} ya."),
        ('See {{< figure src="/a.jpg" >}}.', 'Vea {{< figure src="/a.jpg" onload="x" >}}.'),
        ("Use {% include note.html %}.", "Use {% include secret.html %}."),
        ("The plan {#plan}", "El plan {#otro}"),
        ("A [gallery ids=1] here.", "Una [gallery ids=2] aquí."),
    ],
)
def test_arguments_count_too(source: str, target: str) -> None:
    assert any(one.error for one in of_messages([Message(source, target)], "en", "es"))
    assert not [one for one in of_messages([Message(source, source)], "en", "es") if one.error]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("They laughed [laughter] and left.", "Se rieron [risas] y se fueron."),
        ("Read [the plan](https://h.example/a:b).", "Lea [el plan](https://h.example/a:b)."),
        ("Take {name} home: 5 < 6.", "Lleve a {name} a casa: 5 < 6."),
        ("Get it by ftp://h.example/x now.", "Obténgalo en ftp://h.example/x ya."),
        ("A \u2066b\u2069 c.", "Una \u2066b\u2069 c."),
    ],
)
def test_what_is_as_in_the_source_is_left_in_peace(source: str, target: str) -> None:
    assert not [one for one in of_messages([Message(source, target)], "en", "es") if one.error]
    assert not list(faults(source, target, "en", "es"))


def test_a_link_of_the_source_that_a_site_may_run_is_told(tmp_path: Path) -> None:
    project: Sample = sample(tmp_path)
    project.write("source_texts/plan.md", "# A plan\n\nSee [here](JaVaScRiPt:alert(1)) today.\n")
    told = project.run("clean", "source_texts/plan.md")
    assert "a website may run it" in told.out + told.err
