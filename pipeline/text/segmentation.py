"""Sentences of one paragraph, as exact slices of it.

`sentencex` knows the abbreviations of some 240 languages, so it is asked about single words; where
a sentence ends is decided here, from what stands on both sides of white space. That keeps its
hazards out: it cuts inside "google.longrunning.Operation", and leaves as one segment whatever lies
between two straight quotes, however far apart.

One set of rules serves every language; what differs is data: words, folded to lower case. The
rules agree with the Golden Rules of pragmatic_segmenter (MIT) but for two of them, argued against
in `benchmarks/segmentation.py`. Every step is linear in the length of the paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import sentencex

from pipeline.text import tables

# A quotation or parenthesis stays whole, since half of one is hard to translate; a longer one is
# split like any other text, or two stray marks would join a page.
LONGEST_QUOTATION = 400

_STOPS = "!?؟۔।॥։።。！？‼⁇⁈⁉"  # beside the full stop and the ellipsis, which need thought
_STOPS_IN = {"el": ";\u037e", "ar": ":"}  # the Arabic colon: see benchmarks/segmentation.py
_QUOTES = "\"'“”‘’«»„‟‚‹›"
_OPENING = _QUOTES + "([{¿¡*_—–-"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
_LABEL = re.compile(r"[\W_]*+(?:[IVXLC]{2,5}|[ivx]{2,5}|\d{1,3}|[^\W\d_])?[\W_]*+")
_ROMAN = re.compile(r"(?:[IVXLC]{2,6}|[ivxl]{2,6})(?!\w)|[A-Z]\.$")  # or "L.", of a code
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")
_NEXT = re.compile(
    rf"[\s{_QUOTES}{_BIDI}([{{*_—–‒―-]*+(?P<inverted>[¿¡]?+)(?P<dots>\.{{2,}}+|…|\. \.)?"
    r"(?P<word>[^\W_][\w-]*+['’.]?+)?"
)
_PAIRED = re.compile(rf"[()\[\]{_QUOTES}]")
_MARKER = re.compile(
    r"(?<!\S)(?:(?P<bullet>[•⁃‣◦▪●■►]|(?<![^\n])[-–—*+](?=\s))\s*+(?:\d{1,3}[.)]{1,2})?"
    r"|(?P<open>\(?)(?P<number>\d{1,3}|[a-zа-я])(?P<close>\.\)|\.-|[.)º°](?=\s)))"
)

_LISTS = (
    "leading",
    "numbered",
    "short",
    "closing",
    "units",
    "dated",
    "starters",
    "ordinal point",
)


@cache
def _words(name: str, code: str = "*") -> frozenset[str]:
    """Return a list of ``data/segmentation.tsv``, of one language or of all."""
    found = tables.lists("text/segmentation", *_LISTS)
    return frozenset(found[name].get(code, ()))


@cache
def _stop(code: str) -> re.Pattern[str]:
    """Return the pattern of an end of sentence, the closing marks after it, and the white space."""
    return re.compile(
        rf"(?P<stop>\.(?:\s\.(?!\.))+|[.…{_STOPS}{_STOPS_IN.get(code, '')}]++)"
        rf"(?P<close>(?:[{_QUOTES}{_BIDI})\]}}*_¹²³⁴-⁹]|\[\d{{1,3}}\])*(?:[^\S\n][»”](?!\w))?)"
        r"(?P<gap>\s*+)"
    )


def boundaries(text: str, language: str) -> list[int]:
    """Give the offsets at which a new sentence starts, ascending.

    Each follows white space; neither 0 nor the end of *text* is one. *language* is a BCP-47 or
    gettext code; of a language without tables, the abbreviations known are those of `sentencex`.
    """
    code = re.split(r"[-_@.]", language.lower(), maxsplit=1)[0]
    stops = {_start(text, m): m for m in _stop(code).finditer(text) if m["gap"]}
    certain = {m.end() for m in _BLANK_LINE.finditer(text)} | set(_list_items(text, code))
    quotations = _quotations(text)
    openings = [opening for opening, _ in quotations]
    found: list[int] = []
    start = len(text) - len(text.lstrip())
    for offset in sorted(stops.keys() | certain):
        if start < offset < len(text):
            around = bisect_left(openings, offset) - 1
            whole = around >= 0 and offset <= quotations[around][1]
            if offset in certain or (not whole and _ends(text, start, stops[offset], code)):
                found.append(offset)
                start = offset
    return found


def segment(text: str, language: str) -> list[str]:
    """Cut *text* into sentences, each with the white space after it; joined, they are *text*."""
    return [text[a:b] for a, b in pairwise([0, *boundaries(text, language), len(text)]) if a < b]


def _start(text: str, match: re.Match[str]) -> int:
    """Return the start of the next sentence.

    Chicago style: of four spaced points the full stop is the first if it touches the word
    ("compounds. . . . The", where the other three open the next sentence), else the last.
    """
    spaced = match["stop"].count(".") > 3 and match["stop"][1].isspace()
    return (
        match.start() + 2
        if spaced and text[match.start() - 1 : match.start()].strip()
        else match.end()
    )


def _ends(text: str, start: int, match: re.Match[str], code: str) -> bool:
    """Judge whether the sentence begun at *start* ends with the stop of *match*."""
    stop, before = match["stop"], text[match.start() - 1 : match.start()]
    after = _NEXT.match(text, match.end(), match.end() + 99)
    assert after  # it matches the empty string, too
    word = after["word"] or ""
    lower = _is_lower(word)
    starts = bool(after["inverted"]) or _is_starter(word, code)
    if ":" in stop:  # what is said stays with who says it
        return text[match.end()] not in _QUOTES and not word[:1].isdigit()
    if any(c not in ".…" and not c.isspace() for c in stop):
        caseless = word[:1].isalpha() and word.lower() == word.upper()
        quoted = match["close"] and text[start] in _QUOTES and text[match.end()] not in _QUOTES
        return not (lower or (caseless and quoted))  # "Yes!" he said, in a script without case
    if match.end() - start < 99 and _LABEL.fullmatch(
        text, start, match.end()
    ):  # "1. The ...": no sentence yet
        return False
    if stop == ".":
        return bool(word) if after["dots"] else _full_stop(text, start, match, word, starts, code)
    if before in ("[", "("):  # words left out, within a sentence or between two
        return False
    if stop.count(".") > 3:
        return bool(word) and not lower
    if before.isspace() or stop[1:2].isspace():
        return starts and len(word) > 1  # "I" is a capital anywhere
    return word[:1].isalpha() and not lower


def _full_stop(
    text: str, start: int, match: re.Match[str], after: str, starts: bool, code: str
) -> bool:
    """Judge a single full stop by the words before it and the one after it."""
    at = match.start()
    before = re.sub(f"[{_BIDI}]", "", text[max(start, at - 40) : at])
    words = [re.split(r"['’]\b", w.lstrip(_OPENING))[-1] for w in before.split()]
    lower = _is_lower(after)
    if not words or before[-1].isspace():
        return not lower
    spaced = len(words) > 1 and words[-2].endswith(".")  # "z. B."
    word = words[-1].lower()
    last = word.rpartition("-")[2]
    names = {word, last, f"~{word[-3:]}", words[-2].lower() + word if spaced else word}
    leading, numbered, short = (
        names & _words(its, code) for its in ("leading", "numbered", "short")
    )
    number = words[-3:-2] if spaced else words[-2:-1]
    if names & _words("units") and number and number[0][-1:].isdigit() and not starts:
        opening = at - start <= 40 and len(words) - 2 - spaced <= 2  # "At 5 a.m. Mr. Smith"
        return not (lower or opening or after[:1].isdigit() or after.lower() in _words("dated"))
    if names & _words("closing"):
        return not lower
    if leading or (numbered and (after[:1].isdigit() or _ROMAN.match(after))):
        return False
    if len(last) == 1 and last.isalpha():
        return starts and after[-1:] not in "'’"  # "A. N'Guessan"
    if short or _INITIALS.fullmatch(last) or (not numbered and _abbreviated(words[-1], code)):
        return starts
    if lower:  # no usual abbreviation is as long
        return len(word) > 6 and word.isalpha() and not match["close"]
    if code in _words("ordinal point") and (
        _ROMAN.match(words[-1]) or re.fullmatch(r"\d{1,3}", word)
    ):
        return starts
    return True


@lru_cache(maxsize=65536)
def _abbreviated(word: str, code: str) -> bool:
    return len(sentencex.segment(code, f"{word}. A")) == 1


def _is_lower(word: str) -> bool:
    return word[:1].islower() and word.islower()  # "iRelief" is a name


def _is_starter(word: str, code: str) -> bool:
    folded = word.lower().replace("’", "'")
    bare = folded.rstrip("'.") if len(folded) > 2 else folded  # "A." is an initial
    return word[:1].isupper() and not _words("starters", code).isdisjoint({folded, bare})


def _quotations(text: str) -> list[tuple[int, int]]:
    """Pair the quotation marks and brackets: the outermost pairs, ascending."""
    opened: dict[str, list[int]] = {kind: [] for kind in "\"'([-"}
    pairs: list[tuple[int, int]] = []
    for match in _PAIRED.finditer(text):
        at = match.start()
        kind, opens = _mark(match[0], text[at - 1 : at] if at else "", text[at + 1 : at + 2])
        if opens or (opens is None and not opened[kind]):
            opened[kind].append(at)
        elif opened[kind]:
            begin = opened[kind].pop()
            for others in opened.values():  # still open within: no pair
                while others and others[-1] > begin:
                    others.pop()
            if at - begin <= LONGEST_QUOTATION:
                while pairs and pairs[-1][0] > begin:
                    pairs.pop()
                pairs.append((begin, at))
    return pairs


def _mark(mark: str, before: str, after: str) -> tuple[str, bool | None]:
    """Return a mark's kind and whether it opens: by its place, or else by its shape."""
    if mark in "()[]":
        return {")": "(", "]": "["}.get(mark, mark), mark in "(["
    outside = not before or before.isspace() or before in _OPENING
    inside = after.isalnum() or after in ("¿", "¡")
    if mark in "'‘’":  # or an apostrophe, which neither opens nor closes: kind "-"
        opens = mark != "’" and outside and inside
        return "'" if opens or before in tuple(".,!?…") else "-", opens
    if outside != inside:
        return '"', {'"': None}.get(mark, mark in "“„«‹")
    return '"', outside


def _list_items(text: str, code: str) -> Iterator[int]:
    """Find the starts of list items: lines that are items, or markers that count up."""
    lines = list(re.finditer(r"\S[^\n]*", text))
    texts = [line[0].rstrip() for line in lines]
    width = max(map(len, texts), default=0)
    # Wrapped text fills its lines; where the next word had room, the line was ended on purpose.
    roomy = any(len(a) + 1 + len(b.split()[0]) <= width for a, b in pairwise(texts))
    if len(texts) > 2 and roomy and all(t[-1].isalnum() for t in texts):
        yield from (line.start() for line in lines)
    runs: dict[tuple[str | bool, ...], tuple[int, int, bool]] = {}
    for match in _MARKER.finditer(text):
        at, number = match.start(), match["number"] or ""
        style = (*match.group("bullet", "open", "close"), number.isdigit())
        value = int(number) if number.isdigit() else ord(number or "\0")
        lead = text[max(0, at - 9) : at]
        bare = lead.rstrip()
        line = not bare or "\n" in lead[len(bare) :]
        ended = line or bare[-1] in ".!?…؟"
        fresh = ended or bare[-1] in ":;؛"
        after = _NEXT.match(text, match.end(), match.end() + 99)
        word = (after and after["word"]) or ""
        wanted, first, any_case = runs.get(style, (-1, 0, False))
        ordinal = code in _words("ordinal point") and match["close"] == "." and number.isdigit()
        if value == wanted and (any_case or not _is_lower(word)):
            if fresh or not ordinal or _is_starter(word, code):
                yield from (first, at)
                runs[style] = (value + bool(number), first, any_case)
        elif line or (fresh and number in ("", "1", "a", "а")):
            runs[style] = (value + bool(number), at, ended)
