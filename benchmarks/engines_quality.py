"""BLEU and chrF on FLORES-200 devtest, beside what is published for other systems."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from engines_common import FLORES, MODELS, Setting, ask, install, table

TARGETS = ("es", "fr", "pt", "pt_BR", "it", "ca", "de", "ru", "ar")
MORE = (("es", "en"), ("es", "fr"), ("es", "pt"), ("es", "pt_BR"), ("es", "it"), ("fr", "es"))
PUBLISHED = {
    "en-es": (23.3, 26.7, 26.4, 27.4, 30.4, 28.5),
    "en-fr": (42.7, 47.8, 46.3, 48.9, 41.8, 52.7),
    "en-pt": (43.7, None, 46.2, 50.4, 53.9, 50.7),
    "en-it": (26.0, 27.5, 27.5, 29.4, 29.6, 32.1),
    "en-de": (31.8, 36.1, 33.7, 39.6, 42.3, 42.9),
    "en-ar": (16.5, 22.8, 21.5, 29.0, 33.7, 31.0),
    "en-ru": (27.6, 25.5, 26.5, 31.0, 34.4, 33.6),
}
"""BLEU on the same set, of Argos, OPUS-MT, NLLB, Bergamot base-memory, Google and Microsoft:
mozilla/firefox-translations-models at e7957fc, evaluation/. It has COMET too, whose models cannot
be had without a network, and no chrF."""
SYSTEMS = ("Argos", "OPUS-MT", "NLLB", "Bergamot", "Google", "Microsoft")


def quality(
    setting: Setting, *, names: tuple[str, ...], pairs: tuple[str, ...], packages: Path | None
) -> bool:
    """Score every engine of *names* on each pair that it serves; without aims."""
    peer = setting.peer  # or it is found missing after all the work
    tiny = sorted(MODELS.glob("tiny-*.argosmodel"))
    packages = packages or install(tiny, setting.work / "packages")
    environment = setting.environment(packages)
    wanted = [tuple(pair.split("-")) for pair in pairs] or [
        *(("en", target) for target in TARGETS),
        *MORE,
    ]
    rows = []
    systems, references = [], []
    for name in names:
        for source, target in wanted:
            serves = ask(
                sys.executable,
                "engines_serves.py",
                {"engine": name, "source": source, "target": target},
                environment,
            )
            pair = f"{source}-{target}"
            if not serves["serves"]:
                print(f"  {name} {pair}: not served here ({serves['why']})", file=sys.stderr)
                continue
            job = {
                "engine": name,
                "source": source,
                "target": target,
                "calls": [setting.flores(source)],
            }
            start = time.monotonic()
            answer = ask(sys.executable, "engines_worker.py", job, environment)
            print(f"  {name} {pair}: {time.monotonic() - start:.0f} s", file=sys.stderr)
            systems.append(answer["drafts"][0])
            references.append(setting.flores(target))
            rows.append((pair, answer["signature"], answer["wall"], answer["drafts"][0]))
    job = {"mode": "score", "systems": systems, "references": references}
    scored = ask(peer, "engines_peer.py", job, environment)
    print("## BLEU and chrF2 on FLORES-200 devtest (1,012 sentences), as the engine gives them\n")
    table(
        ["engine", "pair", "BLEU", "chrF2", "empty", *(f"{name}, published" for name in SYSTEMS)],
        [
            [
                signature,
                pair,
                f"{bleu:.1f}",
                f"{chrf:.1f}",
                str(sum(not draft.strip() for draft in drafts)),
                *_published(pair),
            ]
            for (pair, signature, _, drafts), (bleu, chrf) in zip(
                rows, scored["scores"], strict=True
            )
        ],
    )
    print(*scored["signatures"], sep="\n")
    print("Published: BLEU, mozilla/firefox-translations-models at e7957fc, evaluation/.")
    print(f"FLORES-200 has one Portuguese ({FLORES['pt']}): pt and pt_BR are scored on the same.\n")
    return True


def _published(pair: str) -> list[str]:
    found = PUBLISHED.get(pair, (None,) * len(SYSTEMS))
    return ["" if score is None else f"{score:.1f}" for score in found]
