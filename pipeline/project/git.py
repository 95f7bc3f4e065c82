"""Having git merge PO files message by message, with ``pipeline merge``.

A merge driver is two settings: a command in the configuration of a clone, which each person sets
for theirs, and a line in ``.gitattributes``, which travels with the repository. In a clone without
the command, git merges line by line as ever.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pipeline
from pipeline.errors import PipelineError
from pipeline.storage import atomic

CONFLICTS = 3
"""Exit code of the command if it wrote the merged file and there were conflicts. Python exits
with 1 if it finds no pipeline, and git would take that for a merge with nothing left of theirs."""

_NAME = "pipeline-po"
_LINE = f"*.po merge={_NAME}"
_SETTINGS = f"merge.{_NAME}"


def install_driver(root: Path, command: str = "") -> list[str]:
    """Have git merge the PO files under *root* with ``pipeline merge``; doing it again is safe.

    Args:
        root: a folder in a git repository; its ``.gitattributes`` gets a line.
        command: what merges, for the shell, up to the arguments BASE OURS THEIRS --path PATH; it
            replaces OURS, and exits with 0 or `CONFLICTS`. Else ``pipeline merge``, as it runs now.

    Returns:
        what was done, a line each.

    Raises:
        PipelineError: there is no git, *root* is in no repository, or a file cannot be written.

    """
    _git(root, "rev-parse", "--git-dir")
    settings = {
        f"{_SETTINGS}.name": "PO files, message by message",
        f"{_SETTINGS}.driver": driver(command or _command()),
    }
    said = []
    for name, value in settings.items():
        if _git(root, "config", "--default", "", "--get", name) != value:
            _git(root, "config", name, value)
            said.append(f"git config {name}: set, for this clone")
    said += _attribute(root)
    return said or ["git merges PO files message by message already"]


def driver(command: str) -> str:
    """Return the shell's command that git is to run for a file.

    Where *command* is not there any more, or cannot read one of the files, the file is merged line
    by line, as if there were no driver: conflict markers are better than a side that is missing.
    """
    return (
        f"{command} %O %A %B --path %P; code=$?; test $code = 0 && exit 0;"
        f" test $code = {CONFLICTS} && exit 1;"
        " git merge-file -L ours -L base -L theirs %A %O %B"
    )


def _command() -> str:
    """Return this pipeline's ``merge``, whatever the folder and the environment it is run in."""
    home = Path(pipeline.__file__).resolve().parents[1]
    words = ["env", f"PYTHONPATH={home}", sys.executable, "-P", "-m", "pipeline", "merge"]
    return shlex.join(words).replace("%", "%%")


def _attribute(root: Path) -> list[str]:
    """Add the line to ``.gitattributes`` where git does not know it yet; return what was done."""
    if _known(root):
        return []
    path = root / ".gitattributes"
    if atomic.way_out(path, root):
        raise PipelineError(f"{path}: git reads no symbolic link; add the line yourself: {_LINE}")
    try:
        text = (atomic.contents(path) or b"").decode("utf-8")
        if text.rstrip().split("\n")[-1].strip() != _LINE:
            atomic.write(
                path, text + ("\n" if text and not text.endswith("\n") else "") + f"{_LINE}\n"
            )
    except UnicodeDecodeError:
        raise PipelineError(f"{path}: not UTF-8; add the line yourself: {_LINE}") from None
    except OSError as error:
        raise PipelineError(f"{path}: {error.strerror}; add the line: {_LINE}") from None
    if not _known(root):
        return [f"{path.name}: “{_LINE}” is there, but git's info/attributes overrules it"]
    return [f"{path.name}: added “{_LINE}”; commit it"]


def _known(root: Path) -> bool:
    """Return whether git would merge a catalog under *root* with the driver."""
    example = "locales/xx/LC_MESSAGES/example.po"
    return _git(root, "check-attr", "merge", "--", example).endswith(f": {_NAME}")


def _git(root: Path, *arguments: str) -> str:
    """Return what git says to *arguments* in *root*."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise PipelineError("git is not installed") from None
    if done.returncode:
        problem = (done.stderr.strip() or "it failed").split("\n")[0]
        raise PipelineError(f"git {arguments[0]} in {root}: {problem}; nothing more was done")
    return done.stdout.rstrip("\n")
