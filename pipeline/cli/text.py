"""Command that drafts standard input."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.base import (
    engine_option,
    given_glossary,
    given_settings,
    json_option,
    main,
    say,
    say_json,
    stdin,
    warn,
)
from pipeline.cli.progress import progress
from pipeline.drafting import draft as drafting_draft
from pipeline.engines import registry
from pipeline.engines.cache import Cached, Drafts
from pipeline.formats.units import sentence_spans
from pipeline.project.sources import read_glossary
from pipeline.text import locales, markup


@main.command()
@click.option("--source", "-s", help="Language of the input [default: the project's].")
@click.option("--target", "-t", required=True, help="Locale to translate to, such as es or pt_BR.")
@engine_option
@click.option(
    "--glossary",
    "-g",
    "path",
    type=click.Path(path_type=Path),
    help="Follow this glossary [default: the project's].",
)
@json_option
@click.pass_obj
def text(
    folder: Path | None,
    source: str | None,
    target: str,
    engine: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Draft standard input, line by line: one line out for one line in.

    It follows the glossary as run does. What is to be said of a draft is on standard error, or
    in the JSON: what became of a term, what the engine doubts.

    \b
    Example:
      echo "We demand a ceasefire." | pipeline text --source en --target es
      echo "The strike goes on." | pipeline text --target es --glossary new-terms.yaml
    """
    given = given_settings(folder, source)
    locales.parse(target)
    language = given.source_language
    given_terms = read_glossary(path, language) if path else given_glossary(folder)
    glossary = given_terms.of(language)
    if path and glossary is not given_terms:
        name = locales.name(given_terms.language)
        warn(f"{path}: its terms are in {name}, so none is looked for")
    choice = registry.choose(engine or given.engine_of(target), language, target, given.options)
    lines = [line.removesuffix("\r") for line in stdin().split("\n")]
    if lines[-1] == "":
        lines.pop()
    spans = [sentence_spans(line, language) for line in lines]
    sentences = [ln[a:b] for ln, found in zip(lines, spans, strict=True) for a, b in found]
    with progress("sentences") as shown:
        cached = Cached(choice.engine, Drafts(None), shown)
        found_drafts = drafting_draft.draft_texts(sentences, cached, language, target, glossary)
    for sentence, draft in zip(sentences, found_drafts, strict=True):
        if not draft.text:
            warn(f"stays as it is: {sentence} ({draft.note})")
        elif draft.note and not as_json:
            warn(f"{draft.text} ({draft.note})")
    drafts = iter(found_drafts)
    results: list[str] = []
    notes: list[list[str]] = []
    for line, found in zip(lines, spans, strict=True):
        out, at = "", 0
        notes.append([])
        for start, end in found:
            draft = next(drafts)
            out += line[at:start] + (draft.text or line[start:end])
            notes[-1] += [draft.note] if draft.note else []
            at = end
        results.append(out + line[at:])
    if not as_json:
        for result in results:
            say(result)
        return
    signature = choice.engine.signature(language, target)
    say_json(
        [
            {
                "source": line,
                "target": result,
                "engine": signature,
                "terms": list(glossary.hints(markup.shown(line), target)),
                "notes": its,
            }
            for line, result, its in zip(lines, results, notes, strict=True)
        ]
    )
