"""Patching a translation: numbers, dates, links and names changed as in the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from pipeline.changes import numbers
from pipeline.changes.edit import Edit, EditKind
from pipeline.changes.tokens import Token, is_ordinal, tokenize, with_dates
from pipeline.text import locales


def patch(target: str, edit: Edit, source_language: str, locale: str) -> str | None:
    """Return the translation *target* with the changed values of *edit* in it, in *locale*.

    None where that is not safe: the edit is of another kind; a value stands in the translation
    more or less often than it was changed, or also stays; another plural may be needed. Numbers
    keep their style, dates the locale's long form. Patching the result with the edit undone
    gives *target* again.
    """
    if edit.kind is not EditKind.VALUE:
        return None
    patched = _patched(target, edit, source_language, locale)
    if patched is None:
        return None
    back = replace(edit, changes=tuple((new, old) for old, new in edit.changes))
    return patched if _patched(patched, back, source_language, locale) == target else None


def _patched(target: str, edit: Edit, source_language: str, locale: str) -> str | None:
    tokens = with_dates(tokenize(target), locale)
    found: dict[tuple[int, int], str] = {}
    wanted: dict[str, tuple[str, int]] = {}
    for old, new in edit.changes:
        known, times = wanted.get(old, (new, 0))
        if known != new:
            return None
        wanted[old] = (new, times + 1)
    if set(wanted) & set(edit.kept):
        return None
    for old, (new, times) in wanted.items():
        places = _places(target, tokens, old, new, source_language, locale)
        if places is None or len(places) != times or found.keys() & places.keys():
            return None
        found |= places
    if any(one[1] > two[0] for one, two in pairwise(sorted(found))):
        return None
    out: list[str] = []
    at = 0
    for (start, end), text in sorted(found.items()):
        out += (target[at:start], text)
        at = end
    return "".join((*out, target[at:]))


_Places = dict[tuple[int, int], str]


def _places(
    target: str, tokens: Sequence[Token], old: str, new: str, source_language: str, locale: str
) -> _Places | None:
    """Return the places of *old* in *target*, each with *new* as written there; None if unsafe."""
    kinds = {_kind(piece, source_language) for piece in (old, new)}
    if kinds == {"date"}:
        return _dated(target, tokens, old, new, source_language, locale)
    if kinds == {"number"}:
        return _numbered(tokens, old, new, source_language, locale)
    if kinds & {"date", "number"}:
        return None
    links = (t for t in tokens if t.kind in {"url", "email"} and t.text == old)
    return {(t.start, t.end): new for t in links} or _named(target, tokens, old, new)


def _kind(piece: str, language: str) -> str:
    tokens = with_dates(tokenize(piece), language)
    return tokens[0].kind if len(tokens) == 1 else ""


def _named(target: str, tokens: Sequence[Token], old: str, new: str) -> _Places:
    """Return the places of the name *old*, whole and letter for letter."""
    hidden = [(t.start, t.end) for t in tokens if t.kind in {"mark", "atom", "url", "email"}]
    name = rf"(?<!\w){re.escape(old)}(?!\w)"
    return {
        match.span(): new
        for match in re.finditer(name, target)
        if not any(start < match.end() and match.start() < end for start, end in hidden)
    }


def _numbered(
    tokens: Sequence[Token], old: str, new: str, source_language: str, locale: str
) -> _Places | None:
    before, after = (numbers.amount(piece, source_language) for piece in (old, new))
    if before is None and after is None:  # a time, a score, 3/4/2025: as it is or not at all
        return {(t.start, t.end): new for t in tokens if t.kind == "number" and t.text == old}
    if before is None or after is None:
        return None
    if not (_is_year(old) and _is_year(new)):
        for code in (source_language, locale):
            if _plural(before, code) != _plural(after, code):
                return None
    found: _Places = {}
    for token in tokens:
        if token.kind != "number" or numbers.amount(token.text, locale) != before:
            continue
        figure, suffix = numbers.split(token.text)
        ordinal = is_ordinal(numbers.split(old)[1])
        if (
            suffix
            and (ordinal or suffix[0].isdigit())
            and suffix.lstrip(".") not in {"º", "ª", "°"}
        ):
            return None
        written = numbers.write(after, figure, numbers.split(new)[0], locale)
        if written is None:
            return None
        found[token.start, token.end] = written + suffix
    return found


def _is_year(text: str) -> bool:
    return re.fullmatch(r"[12]\d{3}", text) is not None


def _plural(amount: Decimal, code: str) -> str:
    return locales.parse(code).plural_form(abs(amount))


def _dated(
    target: str,
    tokens: Sequence[Token],
    old: str,
    new: str,
    source_language: str,
    locale: str,
) -> _Places | None:
    """Return the places of the date *old*; None where its style is not known."""
    dates = [locales.parse_date(piece, source_language) for piece in (old, new)]
    if dates[0] is None or dates[1] is None:
        return None
    (before, _), (after, _) = dates[0], dates[1]
    found: _Places = {}
    for token in tokens:
        date = locales.parse_date(token.text, locale) if token.kind == "date" else None
        if date is None or date[0] != before:
            continue
        forms = [locales.long_date(day, locale, weekday=date[1]) for day in (before, after)]
        if match := re.compile(_spaced(forms[0])).match(target, token.start):
            found[match.span()] = _spaced_as(forms[1], match[0])
            continue
        inner = [t for t in tokenize(token.text) if t.kind == "number"]
        if date[1] or before.month != after.month:
            return None
        text = token.text
        if target[token.start : token.end] != text:
            return None
        for t in reversed(inner):
            for was, will in ((before.day, after.day), (before.year, after.year)):
                if t.text.lstrip("0").isdecimal() and int(t.text) == was:
                    written = str(will).rjust(len(t.text) if t.text[0] == "0" else 1, "0")
                    text = text[: t.start] + written + text[t.end :]
        if locales.parse_date(text, locale) != (after, False):
            return None
        found[token.start, token.end] = text
    return found


def _spaced(form: str) -> str:
    return r"\s+".join(map(re.escape, form.split()))


def _spaced_as(form: str, like: str) -> str:
    """Return *form* with the spaces of *like*, if there are as many."""
    words, spaces = form.split(), re.findall(r"\s+", like)
    if len(spaces) != len(words) - 1:
        return form
    return "".join(word + space for word, space in zip(words, [*spaces, ""], strict=True))
