"""Installation of Apertium from Debian's packages, with apt."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pipeline.engines.install.argos_index import ReportLine
from pipeline.engines.install.options import DEFAULT, InstallOptions
from pipeline.engines.progress import NO_PROGRESS, InstallProgress
from pipeline.engines.routes import shortest
from pipeline.errors import EngineError

if TYPE_CHECKING:
    from pipeline.engines.apertium.engine import ApertiumEngine

APT_TIMEOUT = 900.0
"""Seconds for a call of apt-get, of which a minute may pass waiting for another one."""

_DEBIAN = {
    "apertium-eng-spa": "en-es es-en",
    "apertium-es-pt": "es-pt pt-es",
    "apertium-fr-es": "es-fr fr-es",
    "apertium-spa-ita": "es-it it-es",
    "apertium-eng-cat": "en-ca ca-en",
    "apertium-en-gl": "en-gl gl-en",
    "apertium-eo-en": "en-eo eo-en",
    "apertium-hbs-eng": "en-sh sh-en",
    "apertium-spa-cat": "es-ca ca-es",
    "apertium-es-gl": "es-gl gl-es",
    "apertium-spa-ast": "es-ast",
    "apertium-spa-arg": "es-an an-es",
    "apertium-oc-es": "es-oc oc-es",
    "apertium-eo-es": "es-eo",
    "apertium-es-ro": "ro-es",
    "apertium-eu-es": "eu-es",
    "apertium-isl-eng": "is-en",
    "apertium-mkd-eng": "mk-en",
    "apertium-fra-cat": "fr-ca ca-fr",
    "apertium-por-cat": "pt-ca ca-pt",
    "apertium-cat-ita": "ca-it it-ca",
    "apertium-cat-srd": "ca-sc",
    "apertium-srd-ita": "it-sc",
    "apertium-oci-fra": "fr-oc oc-fr",
    "apertium-fra-frp": "fr-frp frp-fr",
    "apertium-br-fr": "br-fr",
    "apertium-pt-gl": "pt-gl gl-pt",
    "apertium-hbs-slv": "sh-sl sl-sh",
    "apertium-hbs-mkd": "sh-mk mk-sh",
    "apertium-mkd-bul": "mk-bg bg-mk",
    "apertium-rus-ukr": "ru-uk uk-ru",
    "apertium-bel-rus": "be-ru ru-be",
    "apertium-swe-dan": "sv-da da-sv",
    "apertium-swe-nor": "sv-nb nb-sv sv-nn nn-sv",
    "apertium-dan-nor": "da-nb nb-da da-nn nn-da",
    "apertium-nno-nob": "nb-nn nn-nb",
    "apertium-isl-swe": "is-sv sv-is",
    "apertium-afr-nld": "af-nl nl-af",
    "apertium-urd-hin": "ur-hi hi-ur",
    "apertium-ind-zlm": "id-ms ms-id",
}
"""Debian's packages and the pairs of their modes, in Debian 12, less those between languages that
no other package reaches."""


def install_apertium(
    locales: Sequence[str], source: str, report: ReportLine, options: InstallOptions = DEFAULT
) -> list[str]:
    """Install Debian's packages for the locales; return those that Apertium serves then.

    Needs apt-get, and to be root or to have sudo; it may ask for a password on a terminal only.
    """
    from pipeline.engines.apertium.engine import ApertiumEngine

    engine = ApertiumEngine()
    packages = debian_packages(
        [locale for locale in locales if not engine.serves(source, locale)], source, engine
    )
    if packages:
        report(f"Installing {' '.join(packages)}")
        _apt_install(packages, options.progress)
    return [locale for locale in locales if engine.serves(source, locale)]


def debian_packages(locales: Sequence[str], source: str, engine: ApertiumEngine) -> list[str]:
    """Return the missing packages of Debian that serve the locales."""
    from pipeline.engines.apertium.modes import PIVOTS, source_of

    by_pair = {
        (one, other): package
        for package, pairs in _DEBIAN.items()
        for one, other in (pair.split("-") for pair in pairs.split())
    }
    needed: dict[str, None] = {}
    for locale in locales:
        way = shortest(by_pair, source_of(source), [source_of(locale)], PIVOTS)
        for pair in itertools.pairwise(way):
            if not engine.serves(*pair):
                needed[by_pair[pair]] = None
    return ["apertium", *needed] if needed else []


def _apt_install(packages: list[str], progress: InstallProgress) -> None:
    if not shutil.which("apt-get"):
        raise EngineError(
            "Apertium is installed with apt-get, which is not here: "
            f"install {' '.join(packages)} by the means of this system."
        )
    if _call(["apt-cache", "show", *packages]).returncode:
        _apt("update")
    _apt("install", "-y", "--no-install-recommends", *packages, progress=progress)


def _apt(*arguments: str, progress: InstallProgress = NO_PROGRESS) -> None:
    asks = [] if sys.stdin.isatty() else ["-n"]
    root = [] if os.geteuid() == 0 else ["sudo", *asks]
    # sudo closes all descriptors but the first three.
    options = ["-q", "-o", "DPkg::Lock::Timeout=60", "-o", "APT::Status-Fd=1"]
    progress.expect(200, "%")  # a hundred for the download, a hundred for the installation
    done = _call([*root, "apt-get", *options, *arguments], _percents(progress))
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        last = next((line for line in lines if line.startswith("E:")), (lines or ["no reason"])[-1])
        plain = " ".join(("apt-get", *arguments))
        raise EngineError(f"Apertium is not installed ({last}): run `{plain}` as root.")


def _percents(progress: InstallProgress) -> Callable[[str], None]:
    """Return a listener to the status lines of apt-get: ``pmstatus:NAME:42.5:What goes on``."""
    done = 0

    def hear(line: str) -> None:
        nonlocal done
        parts = line.split(":")
        with contextlib.suppress(ValueError, IndexError):
            before = {"dlstatus": 0, "pmstatus": 100}.get(parts[0])
            # A name may end in a colon and the architecture.
            number = next((part for part in parts[2:4] if part.replace(".", "").isdecimal()), "")
            if before is not None and (now := before + int(float(number))) > done:
                progress.add(now - done)
                done = now

    return hear


def _call(
    command: list[str], hear: Callable[[str], None] = lambda line: None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
                env=environment,
            ) as process,
        ):
            timer = threading.Timer(APT_TIMEOUT, process.kill)
            timer.start()
            try:
                for line in process.stdout or ():
                    hear(line)
                process.wait()
            finally:
                timer.cancel()
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
            return subprocess.CompletedProcess(command, process.returncode, "", said)
    except OSError as error:
        raise EngineError(f"Apertium is not installed: {error}.") from error
