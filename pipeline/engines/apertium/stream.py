"""Stream format of Apertium: texts as blocks for its programs, and answers as texts.

Beside protected pieces, a text may hold *marks* around words to be found again in the draft: they
travel as word-bound blanks, which move with their words.
"""

from __future__ import annotations

import re

from pipeline.engines.base import PROTECTED
from pipeline.errors import EngineError

MOST_UNKNOWN = 6
"""Maximum number of unknown words to name; the rest are counted."""

_UNSAFE = "~*#\n\r"
"""Characters that travel as superblanks: the post-generator drops a tilde, escaped or not (tried on
all of U+0001-U+2FFF on eng-spa, es-fr, es-pt_BR and spa-ita); an asterisk or a hash is a mark (see
`_STREAM`)."""

_FIRST, _CLOSE = 0xF0000, 0xF1FFF
CLOSE = chr(_CLOSE)
"""Mark that closes those of `opening`."""
MARK = re.compile(f"[{chr(_FIRST)}-{CLOSE}]")
"""Mark. A text with marks of its own can take no more."""
MOST_MARKS = _CLOSE - _FIRST

_SPECIAL = re.compile(rf"[\[\]{{}}^$/\\@<>]|[{_UNSAFE}]|{PROTECTED.pattern}")
"""Characters special to the stream format, escaped with a backslash, and those that do not travel
as text."""
_SPECIAL_OR_MARK = re.compile(rf"{_SPECIAL.pattern}|{MARK.pattern}")

_WORD = re.compile(r"\bxq[a-z]{2}\b", re.IGNORECASE)
_STREAM = re.compile(
    r"\\(?P<escaped>.)|\[(?P<blank>(?:\\.|[^\]\\])*)\]"
    r"|(?P<mark>[*@#])(?P<word>\w(?:\w|['’-](?=\w))*)",
    re.DOTALL,
)
"""Escaped characters, superblanks, and words marked as lacking in a dictionary: the analyser's (*),
the bilingual one (@), the generator's (#)."""
_BOUND = re.compile(r"\\.|\[\[(?:(?P<ids>t:g:\d+(?:;\s*t:g:\d+)*)|/)\]\]", re.DOTALL)
"""Word-bound blank, its end, or an escaped character. The blanks of words that became one are
joined, too."""
_ENDED = re.compile(r"[.!?…:;][\"'»”’)\]]*\Z")


def opening(n: int) -> str:
    """Return the opening mark of number `n`."""
    return chr(_FIRST + n)


def number(mark: str) -> int:
    return ord(mark) - _FIRST


def doubt_unknown(unknown: list[str]) -> str:
    """Name the unknown words; "" where there are none."""
    unknown = [word for word in unknown if len(word) > 2]  # not the m of 100m
    if not unknown:
        return ""
    more = f" and {len(unknown) - MOST_UNKNOWN} more" if len(unknown) > MOST_UNKNOWN else ""
    return f"does not know {', '.join(unknown[:MOST_UNKNOWN])}{more}"


def encode(text: str, *, words: bool, marks: bool = False) -> str:
    """Write a text as a block: escaped, its protected pieces as words or as superblanks.

    A free-standing piece, such as a name or a number, is best a word that no dictionary has: a
    preposition before a superblank becomes an adverb ("on", "encima"). A piece that touches a
    letter is most likely markup, and travels as a superblank, which may move with its word.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise EngineError(f"Apertium cannot take NUL or half a surrogate pair: {text!r}.")
    pieces = protected(text, unique=True)
    words = words and not _WORD.search(text) and len(pieces) <= 26 * 26

    def write(match: re.Match[str]) -> str:
        character = match.group()
        if PROTECTED.match(character):
            free = words and not _touches(text, match.start())
            return _word(pieces.index(character)) if free else f"[{character}]"
        if marks and MARK.match(character):
            return "[[/]]" if character == CLOSE else f"[[t:g:{number(character)}]]"
        return f"[{character}]" if character in _UNSAFE else f"\\{character}"

    special = _SPECIAL_OR_MARK if marks else _SPECIAL
    # Without the end of a sentence after it, the last word is read as if more words followed.
    return special.sub(write, text) + ("" if _ENDED.search(text) else ".[]")


def _touches(text: str, i: int) -> bool:
    around = text[i - 1 : i] + text[i + 1 : i + 2]
    return any(c.isalnum() or PROTECTED.match(c) for c in around)


def _word(index: int) -> str:
    first, second = divmod(index, 26)
    return f"Xq{chr(ord('a') + first)}{chr(ord('a') + second)}"


def protected(text: str, *, unique: bool = False) -> list[str]:
    """Return the protected pieces of a text, sorted."""
    found = PROTECTED.findall(text)
    return sorted(set(found)) if unique else sorted(found)


def decode(text: str, block: str, *, marks: bool = False) -> tuple[str, list[str]]:
    """Read the answer to `text`: the draft, and the words in it that a dictionary lacks."""
    pieces = protected(text, unique=True)
    if not _ENDED.search(text):
        block = re.sub(r"\.?\[\]\Z", "", block)
    if marks:
        block = _BOUND.sub(_mark, block)
    unknown: list[str] = []

    def plain(match: re.Match[str]) -> str:
        if match["mark"]:
            unknown.append(match["word"])
            return match["word"]
        return match["escaped"] if match["blank"] is None else _unescape(match["blank"])

    said = _STREAM.sub(plain, block)
    if not pieces or _WORD.search(text):
        return said, unknown

    def piece(match: re.Match[str]) -> str:
        first, second = (ord(letter) - ord("a") for letter in match.group().lower()[2:])
        index = first * 26 + second
        return pieces[index] if index < len(pieces) else match.group()

    return _WORD.sub(piece, said), [word for word in unknown if not _WORD.fullmatch(word)]


def _mark(match: re.Match[str]) -> str:
    if match[0].startswith("\\"):
        return match[0]
    if not match["ids"]:
        return CLOSE
    numbers = dict.fromkeys(int(n) for n in re.findall(r"\d+", match["ids"]))
    return "".join(opening(n) for n in numbers if n < MOST_MARKS)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def tidy(text: str, draft: str) -> str:
    """Restore spaces, capitals and apostrophes that the programs changed."""
    draft = draft.strip()
    if "  " not in text:
        draft = re.sub(" {2,}", " ", draft)
    if "’" in text and "'" not in text:  # the analyser straightens all of them
        draft = draft.replace("'", "’")
    if text.isupper() and sum(map(str.isalpha, text)) > 1:
        return draft.upper()
    here = next((c for c in text if c.isalpha()), "")
    at = next((i for i, c in enumerate(draft) if c.isalpha()), None)
    if here.isupper() and at is not None:
        draft = draft[:at] + draft[at].upper() + draft[at + 1 :]
    return draft
