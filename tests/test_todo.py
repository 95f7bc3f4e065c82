"""What read-only commands show: the right lines, and what the next run would find."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import Sample, sample

SOURCE = """\
# Leave us the library

## Open it on Sundays

Open it on Sundays

The reading room is cold, and the town council knows it well.
"""
NAME = "library"


@pytest.fixture
def project(tmp_path: Path) -> Sample:
    found = sample(tmp_path)
    for path in (found.root / "source_texts").iterdir():
        path.unlink()
    found.write(f"source_texts/{NAME}.md", SOURCE)
    return found


def po_path(locale: str, article: str = NAME) -> str:
    return f"locales/{locale}/LC_MESSAGES/{article}.po"


def context_at(project: Sample, where: str) -> tuple[str, str]:
    """Return the lines of the msgctxt and of the msgid that *where* points at."""
    path, line = where.rsplit(":", 1)
    lines = project.read(path).splitlines()
    return lines[int(line) - 2], lines[int(line) - 1]


def test_todo_tells_equal_sentences_in_two_contexts_apart(project: Sample) -> None:
    project.run("run")
    found = project.run("todo", "-l", "es", "--json", "--limit", "0").json
    assert isinstance(found, list)
    twice = [item["where"] for item in found if item["source"] == "Open it on Sundays"]
    assert [context_at(project, where) for where in twice] == [
        ('msgctxt "heading"', 'msgid "Open it on Sundays"'),
        ('msgctxt "text"', 'msgid "Open it on Sundays"'),
    ]


@pytest.mark.parametrize("context", ["heading", "text"])
def test_a_warning_names_the_message_of_its_context(project: Sample, context: str) -> None:
    project.run("run")
    po = project.po("es", NAME)
    (entry,) = (e for e in po if e.msgctxt == context)
    entry.msgstr, entry.flags = "Ábranla los 7 domingos", []
    po.save()
    (line,) = [line for line in project.run("run").err.splitlines() if "warning: figures" in line]
    where = line.split(": warning")[0]
    assert context_at(project, where)[0] == f'msgctxt "{context}"'
