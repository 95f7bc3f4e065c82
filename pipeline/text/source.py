"""The characters of a source file beside the characters of the cleaned text."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.model import Finding, Run, Runs

_NOISE = re.compile(
    "(?P<newline>\r\n|[\r\u2028\u2029\u0085\x0b\x0c\x1c-\x1e])"
    "|(?P<control>[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufffe\uffff])"
    "|(?P<invisible>[\ufeff\u00ad\u200b\u2060])"
    "|(?P<override>[\u202d\u202e])"
    "|(?P<private>[\ue000-\uf8ff])"
    "|(?P<decomposed>\\w[\u0300-\u036f]+)"
)
"""Noise of a source. Each kind is mended by the rule of its name and reported by `normalise`."""

_RULES = {
    "newline": "{} line ends of another system read as line ends",
    "control": "{} control characters dropped",
    "invisible": "{} invisible characters dropped (byte order mark, soft hyphen, zero-width space)",
    "override": "{} bidirectional overrides dropped",
    "private": "{} private-use characters dropped (icon fonts leave them behind)",
    "decomposed": "{} letters with loose accents composed (NFC)",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A source file as text, each character with its place in the file."""

    raw: str
    text: str
    """*raw* without noise: line ends are ``\\n``, letters are composed."""
    findings: tuple[Finding, ...] = ()
    tail: str = ""
    """Noise at the very end of *raw*: it stands after the last character of *text*."""
    _edits: tuple[tuple[int, int, int, int], ...] = ()
    """(start, end) in *text* beside (start, end) in *raw*, where the two differ."""

    def runs(self, start: int, end: int, text: str | None = None) -> Runs:
        """Return the characters from *start* to *end* of `text`, beside those of `raw`.

        With *text*, they become that text instead. Neighbouring slices share no character of
        the file and leave none out; what was dropped belongs to the slice that starts there.
        """
        if text is not None:
            return (Run(self._raw(start, end), text),)
        runs: list[Run] = []
        at = start
        first = bisect.bisect_left(self._edits, (start,))
        for n in range(first, len(self._edits)):
            t0, t1, r0, r1 = self._edits[n]
            if t0 >= end:
                break
            if t0 > at:
                runs.append(Run(*(self.text[at:t0],) * 2))
            runs.append(Run(self.raw[r0:r1], self.text[t0:t1]))
            at = t1
        if end > at:
            runs.append(Run(*(self.text[at:end],) * 2))
        return tuple(runs)

    def _raw(self, start: int, end: int) -> str:
        return "".join(run.source for run in self.runs(start, end))


def normalise(raw: str) -> Source:
    """Return *raw* without noise; its `findings` report each rule that was applied.

    Idempotent: the text of the result, normalised, is itself.
    """
    pieces: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    counts: Counter[str] = Counter()
    at = length = 0
    for match in _NOISE.finditer(raw):
        rule = str(match.lastgroup)
        new = {"newline": "\n"}.get(rule, "")
        if rule == "decomposed":
            new = unicodedata.normalize("NFC", match[0])
            if new == match[0]:
                continue
        counts[rule] += 1
        pieces += (raw[at : match.start()], new)
        length += match.start() - at
        edits.append((length, length + len(new), match.start(), match.end()))
        length += len(new)
        at = match.end()
    text = "".join((*pieces, raw[at:]))
    tail = ""
    while edits and edits[-1][0] == len(text):
        _, _, start, end = edits.pop()
        tail = raw[start:end] + tail
    found = tuple(Finding(rule, _RULES[rule].format(n)) for rule, n in sorted(counts.items()))
    return Source(raw, text, found, tail, tuple(edits))


def join_source(runs: Runs) -> str:
    return "".join(run.source for run in runs)


def join_text(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def cut(runs: Runs, offsets: Sequence[int]) -> list[Runs]:
    """Cut *runs* at ascending *offsets* of their text: one part more than there are offsets.

    A run that is not the same on both sides is not cut in its source: that goes to the left. So
    does a run without text.
    """
    parts: list[Runs] = []
    held: list[Run] = []
    queue = iter(runs)
    run = next(queue, None)
    at = used = 0
    for offset in offsets:
        while run and at + len(run.text) - used <= offset:
            held.append(_rest(run, used))
            at, used = at + len(run.text) - used, 0
            run = next(queue, None)
        if run and at < offset:
            end = used + offset - at
            same = run.source == run.text
            shown = run.text[used:end]
            held.append(Run(shown if same else "" if used else run.source, shown))
            at, used = offset, end
        parts.append(tuple(held))
        held = []
    if run:
        held += (_rest(run, used), *queue)
    return [*parts, tuple(held)]


def split(runs: Runs, offset: int) -> tuple[Runs, Runs]:
    """Cut *runs* in two; see `cut`."""
    left, right = cut(runs, [offset])
    return left, right


def _rest(run: Run, used: int) -> Run:
    """Return the rest of *run* after its first *used* characters."""
    if not used:
        return run
    return Run(run.text[used:] if run.source == run.text else "", run.text[used:])


UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""A control character or half a character, which no file can hold."""

UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""A character that some reader of YAML refuses, and with it the file: Go's, Ruby's or PHP's."""

_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<dec>[0-9]+))")
_ESCAPE = re.compile(r"\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8}))")


def unreadable(text: str, *, quoted: bool = False) -> set[str]:
    r"""Return the `UNREADABLE` characters of *text*, as they stand or as numbers: ``&#129;``.

    A *quoted* text is as front matter has it, with escapes of its own: ``\x81``.
    """
    found = set(UNREADABLE.findall(text))
    codes = [
        int(m["hex"][-8:], 16) if m["hex"] else int(m["dec"][-9:])
        for m in _REFERENCE.finditer(text)
    ]
    if quoted:
        codes += [int(m[str(m.lastgroup)], 16) for m in _ESCAPE.finditer(text)]
    return found | {c for code in codes if code < 0x110000 and UNREADABLE.match(c := chr(code))}
