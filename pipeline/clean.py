"""The characters of a source file beside the characters of the cleaned text."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from pipeline.model import Finding, Run, Runs

_NOISE = re.compile(
    "(?P<newline>\r\n|[\r\u2028\u2029\u0085\x0b\x0c\x1c-\x1e])"
    "|(?P<control>[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufffe\uffff])"
    "|(?P<invisible>[\ufeff\u00ad\u200b\u2060])"
    "|(?P<override>[\u202d\u202e])"
    "|(?P<private>[\ue000-\uf8ff])"
    "|(?P<decomposed>\\w[\u0300-\u036f]+)"
)
"""What no article needs. Each is mended by the rule of its name and reported, see `normalise`."""

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
    """A source file as text, every character of which still knows where it came from."""

    raw: str
    text: str
    """*raw* without noise: line ends are ``\\n``, letters are composed."""
    findings: tuple[Finding, ...] = ()
    _edits: tuple[tuple[int, int, int, int], ...] = field(default=())
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
        for t0, t1, r0, r1 in self._edits[self._first_edit(start) :]:
            if t0 >= end and not (t0 == t1 == end == len(self.text)):
                break
            if t0 > at:
                runs.append(Run(*(self.text[at:t0],) * 2))
            runs.append(Run(self.raw[r0:r1], self.text[t0:t1]))
            at = t1
        if end > at:
            runs.append(Run(*(self.text[at:end],) * 2))
        return tuple(runs)

    def line(self, offset: int) -> int:
        """Return the line of *offset* in `text`, counted from 1."""
        return self.text.count("\n", 0, offset) + 1

    def _first_edit(self, start: int) -> int:
        return bisect.bisect_left(self._edits, (start,))

    def _raw(self, start: int, end: int) -> str:
        return "".join(run.source for run in self.runs(start, end))


def normalise(raw: str) -> Source:
    """Return *raw* with its noise mended; its `findings` say what was done, by which rule.

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
    pieces.append(raw[at:])
    found = tuple(Finding(rule, _RULES[rule].format(n)) for rule, n in sorted(counts.items()))
    return Source(raw, "".join(pieces), found, tuple(edits))


def join_source(runs: Runs) -> str:
    return "".join(run.source for run in runs)


def join_text(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def split(runs: Runs, offset: int) -> tuple[Runs, Runs]:
    """Cut *runs* at *offset* of their text.

    A run that is not the same on both sides is not cut in its source: that goes to the left.
    """
    left: list[Run] = []
    for n, run in enumerate(runs):
        if offset >= len(run.text) and (offset > 0 or not run.text):
            left.append(run)
            offset -= len(run.text)
            continue
        if offset == 0:
            return tuple(left), runs[n:]
        head, tail = run.text[:offset], run.text[offset:]
        if run.source == run.text:
            pair = Run(head, head), Run(tail, tail)
        else:
            pair = Run(run.source, head), Run("", tail)
        return (*left, pair[0]), (pair[1], *runs[n + 1 :])
    return tuple(left), ()
