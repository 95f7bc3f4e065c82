"""Remarks after a run: what a coordinator might wonder about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.project.session import Session

FEW = 5
"""How many lines of one kind are told one by one."""


def remarks(session: Session) -> Iterator[str]:
    """Give lines: what a coordinator might wonder about."""
    odd = [article for article in session.summaries() if article.odd]
    for article in odd[: FEW if len(odd) <= FEW else 1]:
        name = session.project.show(session.files[article.id.casefold()][0])
        yield f"{name}: {article.odd} things look odd: pipeline clean {name}"
    if len(odd) > FEW:
        yield f"... and in {len(odd) - 1} other sources something looks odd"
    if (count := known_warnings(session)) > FEW:
        yield f"{count} warnings are as they were: pipeline build"
    for path in session.project.skipped():
        yield f"{session.project.show(path)}: skipped; there is no reader for “{path.suffix}”"
    for article in session.summaries():
        if article.language in session.locales:
            yield f"{article.id}: not translated to {article.language}, which it is written in"
    if not session.names:
        yield from _gone(session)


def _gone(session: Session) -> Iterator[str]:
    """Give lines: what is kept of what is gone. Where that is public, it is an error."""
    orphans = session.project.orphans(session.known())
    ours = {path.stem for path in orphans if path.suffix == ".po"}
    kept: dict[tuple[Path, bool], dict[str, None]] = {}
    for path in orphans:
        public = path.parent.parent == session.project.root / "localized" and path.stem in ours
        kept.setdefault((path.parent, public), {})[path.stem] = None
    for (folder, public), names in kept.items():
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        what = f"{session.project.show(folder)}/: {', '.join([*names][:FEW])}{more}"
        if public:
            session.fail(
                f"Error: {what}: still published, though the source, or the locale, is gone; "
                "remove the files, or bring it back"
            )
        else:  # a website may have pages of its own beside ours
            yield f"{what}: the source, or the locale, is gone; kept as it is"


def known_warnings(session: Session) -> int:
    """Return how many warnings there are of what is settled."""
    return sum(len(summary.said) for summary in session.unchanged.values())
