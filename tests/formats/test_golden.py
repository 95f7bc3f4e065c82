"""What reading makes of whole texts: one folder in ``golden/`` for each, named by its language.

``pytest --update-golden`` writes what is expected anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers import TESTS

from pipeline.formats.read import read
from pipeline.model import Article, DateLine, Dropped, Part, Skeleton, Unit
from pipeline.publish.assemble import source_text
from pipeline.publish.render import front_matter

CASES = sorted(p for p in (TESTS / "golden").iterdir() if p.is_dir())


def described(part: Part) -> dict[str, object]:
    found: dict[str, object] = {}
    match part:
        case Unit():
            found = {"unit": part.text, "role": part.role.value, "block": part.block}
        case Skeleton():
            found = {"skeleton": part.text}
        case DateLine():
            found = {"date": part.date.isoformat(), "text": part.text, "weekday": part.weekday}
        case Dropped():
            found = {"dropped": part.source, "rule": part.rule}
    if not isinstance(part, Dropped):
        if part.field:
            found["field"] = part.field
        if part.source != part.text:
            found["source"] = part.source
    return found


def report(article: Article) -> str:
    found = {
        "language": article.language,
        "date": str(article.date or ""),
        "signed": str(article.signed or ""),
        "author": article.author,
        "parts": [described(part) for part in article.parts],
        "findings": [f"{f.where}: {f.check}: {f.explanation}" for f in article.findings],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(case: Path, update_golden: bool) -> None:
    source = next(case.glob("source.*"))
    raw = source.read_bytes().decode()
    article = read(raw, source.suffix, case.name, case.name.split("-")[0])
    assert "".join(part.source for part in article.parts) == raw
    cleaned = source_text(article)
    for name, text in {
        "expected.json": report(article),
        "expected.md": f"{front_matter(cleaned.fields)}\n{cleaned.body}",
    }.items():
        if update_golden:
            (case / name).write_text(text, encoding="utf-8", newline="")
        assert (case / name).read_bytes().decode() == text
