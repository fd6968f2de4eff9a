"""Shown working in numbers: every equality in prose, LaTeX or comments is recomputed exactly.

`equalities(text)` gives a verdict for each; `slips(equality, context)` searches what may have gone wrong in one that
does not hold. Nothing is evaluated as code, and whatever can be read so that it holds, holds.
"""

from __future__ import annotations

from grader.arithmetic.answers import answers_in_code, answers_in_table
from grader.arithmetic.comments import working_in_code
from grader.arithmetic.judging import equalities
from grader.arithmetic.records import Equality, Verdict, first_false
from grader.arithmetic.slips import Slip, likely, slips

__all__ = [
    "Equality",
    "Slip",
    "Verdict",
    "answers_in_code",
    "answers_in_table",
    "equalities",
    "first_false",
    "likely",
    "slips",
    "working_in_code",
]
