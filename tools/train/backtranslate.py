r"""Make pairs out of text in one language: a machine writes the other side.

    python -m tools.train.backtranslate --text es.txt.xz --language es --into en \
        --with apertium:spa-eng --out es.back.tsv

The file that it writes is one of `--back`. It can be stopped at any moment and goes on from the
lines that are there. `--with argos:FILE.argosmodel` (or an unpacked folder) takes a package.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tools.train.errors import TrainError
from tools.train.languages import ENGLISH, tidied
from tools.train.text import lines

CHUNK = 500
UNKNOWN = 0.15
"""Share of words that Apertium may not know; a sentence with more is left out."""
LONGEST = 40
"""Words of a sentence."""
Teacher = Callable[[list[str]], list[str]]


def apertium(mode: str) -> Teacher:
    """Return what translates lines by a mode of Apertium; "" where it knows too little."""

    def translate(texts: list[str]) -> list[str]:
        # A word that is not known is marked with *, one that cannot be written with # or @.
        plain = [re.sub(r"[\[\]{}^$/\\@<>*#~]", " ", text) for text in texts]
        try:
            done = subprocess.run(
                ["apertium", "-f", "txt", mode],
                input="\n".join(plain) + "\n",
                capture_output=True,
                encoding="utf-8",
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise TrainError(f"apertium {mode} fails: {error}") from error
        drafts = done.stdout.split("\n")[: len(texts)]
        if len(done.stdout.rstrip("\n").split("\n")) > len(texts) or len(drafts) != len(texts):
            return [translate([text])[0] for text in texts] if len(texts) > 1 else [""]
        return [_known(draft) for draft in drafts]

    return translate


def _known(draft: str) -> str:
    marked = len(re.findall(r"[*#@]\w", draft))
    if marked > UNKNOWN * len(draft.split()):
        return ""
    return " ".join(re.sub(r"[*#@](?=\w)", "", draft).split())


def argos(package: Path) -> Teacher:
    """Return what translates with a package of Argos, a beam of 2."""
    from tools.train.translator import Translator

    folder = package
    if package.is_file():
        folder = Path(tempfile.mkdtemp(prefix="teacher-"))
        try:
            with zipfile.ZipFile(package) as archive:
                archive.extractall(folder)
        except zipfile.BadZipFile as error:
            raise TrainError(f"{package} is no package of Argos: {error}") from error
    found = sorted(folder.rglob("metadata.json"))
    if not found:
        raise TrainError(f"{package} has no metadata.json")
    about = json.loads(found[0].read_text(encoding="utf-8"))
    top = found[0].parent
    pieces = top / "sentencepiece.model"
    translate = Translator(top / "model", pieces, about.get("target_prefix", ""))
    return lambda texts: translate(texts, beam=2)


def wanted(texts: Iterable[str], language: str) -> Iterator[str]:
    """Yield the sentences that are worth it, each once."""
    seen: set[int] = set()
    for text in texts:
        text = tidied(text, language)
        if 3 <= len(text.split()) <= LONGEST and text[-1] in ".?!" and hash(text) not in seen:
            seen.add(hash(text))
            yield text


def done_already(out: Path) -> int:
    """Return how many lines stand there whole, and cut off what a kill has left behind them."""
    if not out.exists():
        return 0
    content = out.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        with out.open("r+b") as file:
            file.truncate(end)
    return content[:end].count(b"\n")


def backtranslate(
    text: Path, language: str, into: str, teacher: Teacher, out: Path, limit: int = 0
) -> int:
    """Append a line for each sentence that is not there yet; return how many there are.

    A sentence that the teacher fails at has an empty line, so that the lines count the sentences.
    """
    sentences = wanted(lines(text), language)
    done = done_already(out)
    sentences = itertools.islice(sentences, done, limit or None)
    began = time.monotonic()
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8", newline="\n") as file:
        new = 0
        while chunk := list(itertools.islice(sentences, CHUNK)):
            for sentence, draft in zip(chunk, teacher(chunk), strict=True):
                draft = draft.replace("\t", " ").replace("\n", " ")
                # English first, else the source that is made: as `text.read_pairs` reads.
                pair = (sentence, draft) if language == ENGLISH else (draft, sentence)
                file.write(("\t".join(pair) if draft else "") + "\n")
            file.flush()
            new += len(chunk)
            speed = new / (time.monotonic() - began)
            print(f"backtranslate: {done + new:,} sentences, {speed:.0f}/s", flush=True)
        os.fsync(file.fileno())
    return done + new


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.train.backtranslate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--text", type=Path, required=True, help="a sentence a line, .xz or plain")
    parser.add_argument("--language", required=True, help="of the text")
    parser.add_argument("--into", required=True, help="what the machine writes")
    parser.add_argument("--with", dest="teacher", required=True, help="apertium:MODE, argos:FILE")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0, help="sentences; 0: all")
    args = parser.parse_args()
    kind, _, name = args.teacher.partition(":")
    try:
        if kind not in ("apertium", "argos") or not name:
            raise TrainError("--with takes apertium:MODE or argos:FILE")
        os.nice(19)
        teacher = apertium(name) if kind == "apertium" else argos(Path(name))
        backtranslate(args.text, args.language, args.into, teacher, args.out, args.limit)
    except TrainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
