"""Make `course/cheat_sheet.html` from its template in `course/text`: `python -m tools.make_cheat_sheet`."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from rollout_lab import fuse_heads, hop_distribution
from rollout_lab.classroom.pages import page
from rollout_lab.models import (
    example_names,
    load_example,
    load_pointer_model,
    paper_example,
    sample_task,
)
from rollout_lab.rollout import FORMULAS, rollout

COURSE = Path(__file__).parents[1] / "course"
SHEET = COURSE / "cheat_sheet.html"
WRITTEN = [
    ("<var>A<sub>L</sub></var> ⋯ <var>A</var><sub>1</sub>", "1"),
    (
        "<var>R<sub>l</sub></var> = <var>A<sub>l</sub></var> "
        "(<var>R</var><sub><var>l</var>−1</sub> + <var>I</var>)",
        "<var>L</var>",
    ),
    ("Â<sub><var>L</var></sub> ⋯ Â<sub>1</sub>", "2<sup><var>L</var></sup>"),
]
"""A formula and its row sum, in the order of `FORMULAS`."""


def cheat_sheet() -> str:
    """The page, with numbers that the library computes."""
    return page(COURSE / "text" / "cheat_sheet.html.j2", **numbers())


def numbers() -> dict[str, Any]:
    """What the page states, by the names that its template uses."""
    paper = paper_example().attentions
    A_1, A_2 = paper[:, 0]
    formulas = {}
    for name, (written, total) in zip(FORMULAS, WRITTEN, strict=True):
        row = rollout(paper, residual=name, normalize=False)[1]
        formulas[name] = {"written": written, "sum": total, "row": ", ".join(map(_fraction, row))}
    examples = [load_example(name) for name in example_names()]
    received = [fuse_heads(each.attentions)[:, :, 0].mean(axis=1) * len(each.tokens) for each in examples]
    by_layer = np.mean(received, axis=0)
    shares = np.mean([each.residual_share.mean(axis=1) for each in examples], axis=0)
    return {
        "formulas": formulas,
        "links": [_fraction(each) for each in (A_1[2, 0], A_2[1, 2], (A_2 @ A_1)[1, 0])],
        "paths": 10**5,
        "hops": [_fraction(each) for each in hop_distribution(6)],
        "sink": (by_layer.min(), by_layer.max()),
        "share": (shares.min(), shares.max()),
        "sentences": len(examples),
        **_gate(),
    }


def _gate() -> dict[str, Any]:
    """Row of the question, at the card in between, the source and itself, in lesson 00's case."""
    cases = sample_task("gate", 1, np.random.default_rng(1))
    maps = load_pointer_model("gate").maps(cases)
    places = [cases.via[0], cases.source[0], cases.reader]
    rows = {
        "the last layer alone": fuse_heads(maps[-1])[cases.reader],
        "the plain product": rollout(maps, residual="none", queries=cases.reader),
        "with the identity": rollout(maps, queries=cases.reader),
    }
    gate = {name: [float(row[place]) for place in places] for name, row in rows.items()}
    return {"gate": gate, "via": places[0], "source": places[1]}


def _fraction(value: float) -> str:
    return str(Fraction(float(value)).limit_denominator(1000))


if __name__ == "__main__":
    SHEET.write_text(cheat_sheet(), "utf-8", newline="\n")
