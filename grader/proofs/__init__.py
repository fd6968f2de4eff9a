"""Derivations in LaTeX, checked numerically line by line: `judge(markdown, world)` says which lines hold.

What numbers cannot see are skipped steps and circular arguments: the verdict is "every line holds and the result is
reached", never "the proof is correct".
"""

from __future__ import annotations

from grader.proofs.judging import judge
from grader.proofs.records import Counter, Judgement, Line, Mark, Passed
from grader.proofs.world import Assumption, FunctionSpec, Shares, SymbolSpec, Waypoint, World

__all__ = [
    "Assumption",
    "Counter",
    "FunctionSpec",
    "Judgement",
    "Line",
    "Mark",
    "Passed",
    "Shares",
    "SymbolSpec",
    "Waypoint",
    "World",
    "judge",
]
