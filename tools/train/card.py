"""The card of a model, and what its package says of itself."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.engines.terms.annotate import MARKS
from tools.train.languages import LANGUAGES

Told = Mapping[str, Any]

# Published by Mozilla: firefox-translations-models @ e7957fc, evaluation/, FLORES-200 devtest.
ARGOS = {"en-es": 23.3, "en-fr": 42.7, "en-pt": 43.7, "en-it": 26.0, "en-de": 31.8}
APERTIUM = {
    "en-es": {"flores200": (12.1, 44.1), "tico19": (21.0, 54.8)},
    "en-fr": {"flores200": (14.5, 47.0), "tico19": (13.0, 45.5)},
    "en-pt": {"flores200": (17.8, 50.4), "tico19": (19.1, 53.4)},
}
"""Apertium 3.8.3 of Debian, measured on 2026-11-22 and 23 with sacrebleu: BLEU and chrF; fr and pt
by way of es, and TICO-19's pt is Brazil's, as the mode is."""
SETS = {"flores200": "FLORES-200 devtest", "tico19": "TICO-19", "held": "held out"}
SHIPPED = 2.0
"""BLEU above Apertium from which a package may be shipped."""


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def figures(pair: str, told: Told) -> str:
    """Return the figures beside those of Apertium and Argos, as a table."""
    rows: list[list[object]] = []
    for name, label in SETS.items():
        if its := told.get(name):
            of = f"{label}, {its['sentences']:,} sentences"
            mine = f"{its['bleu']} / {its['chrf']}"
            other = APERTIUM.get(pair, {}).get(name)
            apertium = "{} / {}".format(*other) if other else "-"
            rows.append([of, mine, apertium, ARGOS.get(pair, "-") if name == "flores200" else "-"])
    return table(rows, ["BLEU / chrF", "this model", "Apertium", "Argos (BLEU)"])


def terms(told: Told) -> str:
    rows = [
        [name, its["items"], its["success without"], its["success with"], its["chrf without"],
         its["chrf with"] if "swapped" not in name else "-"]
        for name, its in told.get("terms", {}).items()
    ]  # fmt: skip
    head = ["terms", "items", "success without", "with", "chrF without", "with"]
    return table(rows, head)


def verdict(pair: str, told: Told) -> str:
    """Return whether the package may be shipped, by the rule of the project."""
    its = told.get("flores200")
    if not its or pair not in APERTIUM or its["sentences"] < 1000:
        return "Not measured on all of FLORES-200: not to be shipped."
    more = its["bleu"] - APERTIUM[pair]["flores200"][0]
    may = "may" if more >= SHIPPED else "must not"
    return f"{more:+.1f} BLEU to Apertium on FLORES-200: it {may} be shipped ({SHIPPED} are asked)."


def card(
    source: str, target: str, trained: Told, prepared: Told, told: Told, size: int, text: str
) -> str:
    """Return the card in Markdown; *text* is what is said of data and licences."""
    pair = f"{source}-{target}"
    shape = trained["shape"]
    plan = trained["plan"]
    names = [LANGUAGES[code].name for code in (source, target)]
    counts = prepared["counts"][target]
    parts = [
        f"# {names[0]} to {names[1]}, trained by tools/train",
        "A small model of the statement pipeline, for first drafts that a person corrects.",
        verdict(pair, told),
        "## Figures",
        "Beam 4, int8, sacrebleu. Apertium: measured by us; Argos: as published by Mozilla "
        "(firefox-translations-models @ e7957fc).",
        figures(pair, told),
    ]
    if told.get("terms"):
        parts += [
            "## Terms",
            "Success as WMT25 counts it (string or lemmas), from the model alone, without and with "
            "the term in the source. “Swapped” gives each sentence the term of another one: no "
            "reference says it.",
            terms(told),
        ]
    parts += [
        "## Training",
        table(
            [
                ["machine", trained["machine"]],
                ["PyTorch", trained["torch"]],
                ["minutes", round(trained["spent"] / 60, 1)],
                ["steps", f"{trained['step']:,}"],
                ["million target tokens", round(trained["tokens"] / 1e6, 1)],
                ["held-out loss a token", round(trained["valid"], 3)],
                ["layers", f"{shape['encoder']} + {shape['decoder']}, pre-norm"],
                ["width, inner, heads", f"{shape['width']}, {shape['inner']}, {shape['heads']}"],
                ["pieces, shared", f"{shape['vocabulary']:,}"],
                ["batch (source tokens), rate, dropout",
                 f"{plan['batch']:,}, {plan['rate']}, {plan['dropout']}"],
                ["bytes of the model, int8", f"{size:,}"],
            ],
            ["", ""],
        ),
        "## Data and licences",
        *(text.strip() or "Not stated.").split("\n\n"),
        table([[k, _count(v)] for k, v in counts.items()], ["", ""]),
    ]  # fmt: skip
    if told.get("copying"):
        parts += [
            "## What it is bad at",
            *invented(told),
            "Things that came back unchanged, as shares of 40 in a short sentence each:",
            table([[k, v] for k, v in told["copying"].items()], ["copying", ""]),
        ]
    if told.get("examples"):
        parts += ["Sentences, as they come:"]
        parts += ["\n".join(f"- {one}  \n  → {other}" for one, other in told["examples"])]
    wrapped = [p if p[0] in "#|-" else textwrap.fill(p, 100, break_on_hyphens=False) for p in parts]
    return "\n\n".join(wrapped) + "\n"


def invented(told: Told) -> list[str]:
    """Return a sentence on the words that it makes up, if that was counted."""
    if "made up" not in told.get("flores200", {}):
        return []
    its = told["flores200"]
    drafts, references = its["made up"]
    return [
        f"Of the {its['sentences']:,} drafts of FLORES-200 {drafts:,} have a word that neither the "
        f"training nor a dictionary has (of the references {references:,}): most of these it made "
        "up. The pipeline says so beside each."
    ]


def _count(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {n:,}" for name, n in value.items())
    return f"{value:,}"


def metadata(
    source: str, target: str, told: Told, version: str, prefix: str, *, with_terms: bool
) -> dict[str, object]:
    """Return what a package says of itself, to Argos and to the engine of the pipeline."""
    ours: dict[str, object] = {"starter": True}
    if with_terms:
        ours["terms"] = MARKS._asdict()
    pair = f"{source}-{target}"
    its = told.get("flores200")
    if its and pair in APERTIUM and its["sentences"] >= 1000:
        bleu, chrf = APERTIUM[pair]["flores200"]
        ours["flores200"] = {
            "bleu": its["bleu"],
            "chrf": its["chrf"],
            "apertium_bleu": bleu,
            "apertium_chrf": chrf,
        }
    return {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": source,
        "from_name": LANGUAGES[source].name,
        "to_code": target,
        "to_name": LANGUAGES[target].name,
        **({"target_prefix": prefix} if prefix else {}),
        "pipeline": ours,
    }
