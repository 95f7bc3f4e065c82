"""History of offered drafts, which tells an untouched draft from a translator's work.

It lies in ``.pipeline/``. If it is missing, every draft counts as touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.catalog import provenance
from pipeline.catalog.provenance import Provenance
from pipeline.drafting.draft import requests_for
from pipeline.engines.base import Hypothesis
from pipeline.engines.cache import Cached, Drafts
from pipeline.model import Key, Message, State
from pipeline.terminology.glossary import Glossary


class Offered:
    """The drafts that stand, or stood, in catalogs, by locale and sentence."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts

    def put(self, messages: Sequence[Message], locale: str) -> None:
        """Remember the machine's drafts among *messages*."""
        drafts = [m for m in messages if provenance.is_drafted(m)]
        keys = [_key(m.source, locale) for m in drafts]
        known = self._drafts.get(keys)
        new = {}
        for key, message in zip(keys, drafts, strict=True):
            texts = {h.text for h in known.get(key, ())}
            if message.target not in texts:
                new[key] = (*known.get(key, ()), Hypothesis(message.target))
        if new:
            self._drafts.put(new)

    def texts(self, messages: Sequence[Message], locale: str) -> list[tuple[str, ...]]:
        """Return what was ever offered for each of *messages*, the last one last."""
        keys = [_key(m.source, locale) for m in messages]
        known = self._drafts.get(keys)
        return [tuple(h.text for h in known.get(key, ())) for key in keys]


def _key(source: str, locale: str) -> bytes:
    return hashlib.sha256(f"{locale}\0{source}".encode()).digest()


def stale(
    messages: Sequence[Message],
    cached: Cached,
    offered: Offered,
    source: str,
    target: str,
    glossary: Glossary,
    *,
    others: bool = False,
) -> dict[Key, str]:
    """Return the drafts, by key and text, that nobody touched and that would be others now.

    That is because the glossary says something else of a term in the sentence; an engine that
    does not read terms has no such drafts. Or, where *others* are asked for, because another
    engine made them. There are none where the memory of drafts is gone.
    """
    signature = cached.signature(source, target)
    drafts = [m for m in messages if provenance.is_drafted(m)]
    own = {m.key for m in drafts if provenance.made_by(m, signature)}
    drafts = [m for m in drafts if m.key in own or (others and not provenance.is_from_memory(m))]
    untouched = [
        m
        for m, texts in zip(drafts, offered.texts(drafts, target), strict=True)
        if m.target in texts
    ]
    keys = {m.key: m.target for m in untouched}
    emptied = forget(messages, keys)
    requests = requests_for(emptied, signature, source, target, glossary)
    wanted = [n for n in requests if messages[n].key in keys]
    known = cached.knows([requests[n].segment for n in wanted], source, target)
    found = [messages[n] for n, there in zip(wanted, known, strict=True) if not there]
    found += [messages[n] for n in wanted if messages[n].key not in own]
    return {m.key: m.target for m in found}


def forget(messages: Sequence[Message], drafts: Mapping[Key, str]) -> tuple[Message, ...]:
    """Return *messages* with *drafts* untranslated, as if nothing had drafted them.

    One that is not the draft any more, by its key and text, stays.
    """
    return tuple(
        provenance.noted(
            replace(m, target="", fuzzy=False), Provenance(change=provenance.change_of(m))
        )
        if m.state is State.DRAFT and drafts.get(m.key) == m.target
        else m
        for m in messages
    )


def triples(
    messages: Sequence[Message], locale: str, offered: Offered
) -> Iterator[tuple[str, str, str]]:
    """Give source, draft and approved text, where a person changed the draft."""
    approved = [m for m in messages if m.state is State.APPROVED]
    for message, texts in zip(approved, offered.texts(approved, locale), strict=True):
        if texts and message.target not in texts:
            yield message.source, texts[-1], message.target
