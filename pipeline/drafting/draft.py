"""Drafting: protect what must not be touched, ask an engine, put it back, look at the result."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

from pipeline.catalog import provenance
from pipeline.catalog.provenance import SILENT, UNJUDGED, Provenance, waits
from pipeline.checks import compare
from pipeline.checks.draft import EXACT
from pipeline.checks.findings import faults
from pipeline.drafting.pieces import Cut, cut_clauses, edges, fit, stretches
from pipeline.drafting.protect import Protected, protect
from pipeline.engines.base import Engine, Hypotheses, Segment
from pipeline.errors import EngineError
from pipeline.model import Constraint, Message, Role
from pipeline.terminology.glossary import Glossary
from pipeline.text import markup
from pipeline.text.source import UNWRITABLE
from pipeline.text.truecase import Cases, Style, restyle, style_of

MANY = 5
"""Sentences of which an engine that works has something to say of one."""

_NO_TERMS = Glossary()
_log = logging.getLogger(__name__)

_HEADS = (Role.TITLE, Role.HEADING, Role.SLOGAN, Role.CAPTION)
"""Roles that may be in title case. Elsewhere words in a row with capitals are a name."""


@dataclass(frozen=True, slots=True)
class Request:
    """A sentence that is to be drafted, and what was done to it before an engine sees it."""

    source: str
    segment: Segment
    protected: Protected
    style: Style = Style.SENTENCE
    names: tuple[str, ...] = ()
    """Names that must come back as they are, beside protected pieces."""
    constrain: Callable[[str], tuple[Constraint, ...]] = lambda text: ()
    """Finds the terms of the glossary in the sentence, or in a piece of it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that may be offered to a translator."""

    text: str
    """"" where no engine gave anything that can be used; then its provenance says why."""
    provenance: Provenance = field(default_factory=Provenance)
    """Its doubts and terms; who made it is for the caller to add."""

    @property
    def note(self) -> str:
        """The provenance in words."""
        return provenance.draft_line(self.provenance)


def request(
    sentence: str,
    cases: Cases,
    glossary: Glossary,
    target: str,
    *,
    heading: bool = False,
    before: str = "",
    after: str = "",
) -> Request:
    """Return what to ask an engine for *sentence*, which may be a *heading* in title case.

    Of *glossary* it is told what the terms in it are called in the locale *target*.
    """
    shown = markup.shown(sentence)
    protected = protect(sentence)
    style = style_of(protected.text, cases.language)
    if style is Style.TITLE and not heading:
        style = Style.SENTENCE
    text = cases.spoken(protected.text, style)
    terms = tuple(hint.removeprefix("term: ") for hint in glossary.hints(shown, target))
    constrain = partial(glossary.constraints, locale=target)
    segment = Segment(text, before, after, terms, constrain(text))
    return Request(sentence, segment, protected, style, glossary.kept(shown, target), constrain)


def answer(requests: Sequence[Request], engine: Engine, source: str, target: str) -> list[Draft]:
    """Return a draft for each of *requests*, in order.

    Of the engine's hypotheses the first without a fault is taken. Where there is none, names that
    must come back are hidden; then the pieces of the sentence are translated by themselves: what
    stands between markup, names and numbers, then each clause. Where that is no good either, the
    draft is empty and says why.

    Raises:
        EngineError: the engine failed, or did not answer each request.

    """
    found: list[Draft | None] = [None] * len(requests)
    reasons = [""] * len(requests)
    named = {n: _hidden(one) for n, one in enumerate(requests) if one.names}
    for asked in (dict(enumerate(requests)), named):
        asked = {n: one for n, one in asked.items() if found[n] is None}
        answers = _ask(engine, [one.segment for one in asked.values()], source, target)
        for (n, one), hypotheses in zip(asked.items(), answers, strict=True):
            found[n], reason = _best(one, hypotheses, engine, source, target)
            reasons[n] = reasons[n] or reason
    for cut in (stretches, cut_clauses):
        left = [n for n, draft in enumerate(found) if draft is None]
        pieces = _in_pieces([requests[n] for n in left], cut, engine, source, target)
        for n, text in zip(left, pieces, strict=True):
            if text and not _fault(requests[n], text, engine, source, target):
                doubt = f"drafted in pieces, because as a whole {reasons[n]}"
                found[n] = Draft(text, Provenance(doubts=(doubt,)))
    return [
        draft or Draft("", Provenance(reason=reason))
        for draft, reason in zip(found, reasons, strict=True)
    ]


def _hidden(one: Request) -> Request:
    """Return *one* with its names hidden from the engine."""
    protected = protect(one.protected.restore(one.segment.text), one.names)
    segment = replace(one.segment, text=protected.text, constraints=one.constrain(protected.text))
    return replace(one, segment=segment, protected=protected)


def draft_texts(
    texts: Sequence[str],
    engine: Engine,
    source: str,
    target: str,
    glossary: Glossary = _NO_TERMS,
) -> list[Draft]:
    """Return a draft of each of *texts*, which need have nothing to do with each other."""
    cases = Cases.of(map(markup.shown, texts), source)
    requests = [request(text, cases, glossary, target, heading=True) for text in texts]
    return answer(requests, engine, source, target)


def _ask(engine: Engine, segments: Sequence[Segment], source: str, target: str) -> list[Hypotheses]:
    if not segments:
        return []
    drafts = engine.translate(segments, source, target)
    if len(drafts) != len(segments):
        raise EngineError(
            f"{engine.name}: {len(drafts)} drafts came back for {len(segments)} sentences;"
            " nothing was written"
        )
    if len(drafts) >= MANY and not any(drafts):
        raise EngineError(
            f"{engine.name} gave nothing for any of {len(drafts)} sentences; try again later, or"
            " with another engine"
        )
    return drafts


def _best(
    one: Request, hypotheses: Hypotheses, engine: Engine, source: str, target: str
) -> tuple[Draft | None, str]:
    """Return the first draft without a fault, if any, and what was wrong with the first of all."""
    wrong = ""
    for hypothesis in hypotheses:
        if one.protected.complete(hypothesis.text):
            text = _finish(one, one.protected.restore(restyle(hypothesis.text, one.style, target)))
            fault = _fault(one, text, engine, source, target)
        else:
            fault = "it lost markup or a link"
        if not fault:
            refused = f"not the engine’s first choice, because there {wrong}" if wrong else ""
            terms = zip((c.term for c in one.segment.constraints), hypothesis.terms, strict=False)
            doubt = UNWRITABLE.sub(" ", " ".join(hypothesis.doubt.splitlines()))
            doubts = tuple(filter(None, (refused, doubt)))
            return Draft(text, Provenance(doubts=doubts, terms=provenance.unusual(terms))), ""
        wrong = wrong or fault
    return None, wrong or SILENT


def _fault(one: Request, text: str, engine: Engine, source: str, target: str) -> str:
    """Return what is wrong with *text*; "" if nothing. Of a pseudo-language no more is asked."""
    checks = EXACT if engine.name == "pseudo" else None
    try:
        return next(faults(one.source, text, source, target, one.names, checks), "")
    except Exception as error:  # the draft is remembered: what ends this run would end every run
        _report(repr(error))
        return f"{UNJUDGED} ({type(error).__name__})"


@cache
def _report(error: str) -> None:
    """Say *error* once, however many drafts it is met in."""
    _log.warning("a draft is not offered, because %s: %s; please report this", UNJUDGED, error)


def _finish(one: Request, text: str) -> str:
    """Return *text* on one line; "" where it says nothing though the source does."""
    text = " ".join(text.split())
    return text if compare.says(text) or not compare.says(one.source) else ""


def _in_pieces(
    requests: Sequence[Request], cut: Cut, engine: Engine, source: str, target: str
) -> list[str]:
    """Return each sentence from drafts of its pieces; "" where there is but one, or one is bad."""
    found = [""] * len(requests)
    parts = {
        n: cut(one.protected.restore(one.segment.text), one.names) for n, one in enumerate(requests)
    }
    parts = {n: its for n, its in parts.items() if any(words for _, words in its) and len(its) > 1}
    cores = [(n, edges(part)[1]) for n, its in parts.items() for part, words in its if words]
    segments = [Segment(core, constraints=requests[n].constrain(core)) for n, core in cores]
    drafts = iter(_ask(engine, segments, source, target))
    for n, its in parts.items():
        style = requests[n].style
        said = [fit(part, next(drafts)) if words else part for part, words in its]
        if all(new.strip() for new, (_, words) in zip(said, its, strict=True) if words):
            for at, (_, words) in enumerate(its):
                first = all(not before for _, before in its[:at])
                if words and (first or style is Style.CAPITALS):
                    said[at] = restyle(said[at], style, target)
            found[n] = _finish(requests[n], "".join(said))
    return found


def requests_for(
    messages: Sequence[Message], signature: str, source: str, target: str, glossary: Glossary
) -> dict[int, Request]:
    """Return what to ask an engine that signs so for those *messages* that wait, by their places.

    The sentences before and after, and how words are written in running text, are read off all.
    """
    active = [n for n, message in enumerate(messages) if not message.obsolete]
    waiting = [n for n in active if waits(messages[n], signature)]
    if not waiting:
        return {}
    cases = Cases.of((markup.shown(messages[n].source) for n in active), source)
    place = {n: at for at, n in enumerate(active)}

    def near(n: int, step: int) -> str:
        at = place[n] + step
        return markup.shown(messages[active[at]].source) if 0 <= at < len(active) else ""

    found = {}
    for n in waiting:
        found[n] = request(
            messages[n].source,
            cases,
            glossary,
            target,
            heading=messages[n].role in _HEADS,
            before=near(n, -1),
            after=near(n, 1),
        )
    return found


def draft(
    messages: Sequence[Message], engine: Engine, source: str, target: str, glossary: Glossary
) -> tuple[Message, ...]:
    """Return *messages* with drafts where they waited for one, marked fuzzy.

    What is translated in any way, by a person or a machine, is not touched.
    """
    signature = engine.signature(source, target)
    requests = requests_for(messages, signature, source, target, glossary)
    drafts = answer(list(requests.values()), engine, source, target)
    done = list(messages)
    for n, made in zip(requests, drafts, strict=True):
        before = provenance.of(messages[n])
        known = before.memory if provenance.is_from_memory(messages[n]) else ""
        drafted = replace(messages[n], target=made.text, fuzzy=bool(made.text))
        its = replace(made.provenance, signature=signature, memory=known, change=before.change)
        done[n] = provenance.noted(drafted, its)
    return tuple(done)
