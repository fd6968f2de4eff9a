"""Notebooks of `dl-foundations` whose functions are the reference's, or wrong variants of them, run in the kernel."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import nbformat
from notebooks import notebook

from reference import dl_foundations as df
from reference.dl_foundations_variants import VARIANTS

ROOT = Path(__file__).parents[2]
SOURCES = ("__init__.py", "variants.py", "dl_foundations/*.py", "dl_foundations_variants/*.py")
LOSSES = [name.removeprefix("each_") for name in df.__all__ if name.startswith("each_")]
DRAWN = {"xavier_init": "xavier_variance", "he_init": "he_variance"}
NOT_ASKED = {"given_rows", "new_rows", "gan_generator_minimax", "count_parameters", "he_variance", "xavier_variance"}
ASKED = [name for name in df.__all__ if name.islower() and not name.startswith("each_") and name not in NOT_ASKED]

PREAMBLE = """
import json, sys
from pathlib import Path

import numpy as np

for name, text in json.loads({sources!r}).items():
    place = Path("solution") / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
sys.path.insert(0, str(Path("solution").resolve()))

from reference import dl_foundations as right
from reference.dl_foundations_variants import VARIANTS

def answers(function, number):
    return getattr(right, function) if number is None else VARIANTS[function][number].function
"""


@cache
def preamble() -> str:
    """Return a cell that brings the solution and its variants along."""
    folder = ROOT / "reference"
    files = [path for pattern in SOURCES for path in sorted(folder.glob(pattern))]
    return PREAMBLE.format(
        sources=json.dumps({f"reference/{path.relative_to(folder)}": path.read_text("utf-8") for path in files})
    )


def wrapper(name: str, number: int | None) -> str:
    """Return the source of a function of the assignment that answers like the solution, or like a variant of it."""
    signature = inspect.signature(getattr(df, name))
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values() if p.name != "rng"]
    header = str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    given = ", ".join(p.name for p in plain)
    answer = f"answers({variants_of(name)!r}, {number})({given})"
    if name in LOSSES:
        answer = f"np.mean({answer})"
    if name in DRAWN and number is not None:
        answer = f"np.random.normal(0, np.sqrt({answer}), size=({given}))"
    elif name in DRAWN:
        answer = f"right.{name}({given})"
    return f"def {name}{header}:\n    return {answer}"


def of_variants(wrong: Mapping[str, int]) -> nbformat.NotebookNode:
    """Return a notebook that is right but for the functions in `wrong`, each of which is that variant."""
    return notebook(preamble(), *(wrapper(name, wrong.get(name)) for name in ASKED))


def variants_of(name: str) -> str:
    """Return the function of the reference whose variants a function of the assignment can be."""
    return DRAWN.get(name, f"each_{name}" if name in LOSSES else name)


def variant_name(name: str, number: int) -> str:
    """Return what the misconception is called."""
    return VARIANTS[variants_of(name)][number].name


def count(name: str) -> int:
    """Return how many variants a function of the assignment has."""
    return len(VARIANTS.get(variants_of(name), ()))
