"""Several derivations in one answer: which lines a world leaves to the worlds beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.proofs.lines import Step
from grader.proofs.records import VALID, Line, Mark
from grader.proofs.tree import Node, operators, symbols
from grader.proofs.world import Equation

ANOTHER = "part of another derivation"
_DARK = (Mark.UNCLEAR, Mark.NOT_READ)
Names = frozenset[str]


def own_names(targets: Iterable[Equation], theirs: Iterable[Iterable[Equation]]) -> tuple[Names, Names]:
    """Return the names that only this world's results are about, and those that only the others' are about."""
    own, other = _about(targets), _about(target for each in theirs for target in each)
    return own - other, other - own


def left_to_others(steps: Sequence[Step], others: Sequence[Sequence[Step]], own: Names, other: Names) -> list[Step]:
    """Return the steps; a line that this world has no right to judge is one without a claim.

    Another derivation's line is one that holds there, or one in a formula that is understood there and not here.
    What is false everywhere is left to those whose result its formula is about. All else stays with everybody.
    """
    about: dict[int, Names] = {}
    for step in steps:
        about[step.line.segment] = about.get(step.line.segment, frozenset()) | _names(step)
    found = []
    for step in steps:
        names = about[step.line.segment]
        foreign = step.line.mark is Mark.FAILS and bool(names & other) and not names & own
        found.append(_without_claim(step) if foreign or any(_is_theirs(step.line, each) for each in others) else step)
    return found


def _is_theirs(line: Line, steps: Sequence[Step]) -> bool:
    if line.mark not in (Mark.FAILS, *_DARK):
        return False
    formula = [step.line for step in steps if step.line.segment == line.segment]
    marks = {other.mark for other in formula if other.text == line.text}
    if marks & {*VALID, Mark.DEFINITION}:
        return True
    all_marks = {other.mark for other in formula}
    return line.mark in _DARK and (Mark.FAILS in marks or (bool(all_marks & {*VALID}) and not all_marks & {*_DARK}))


def _without_claim(step: Step) -> Step:
    return Step(line=replace(step.line, mark=Mark.MENTION, why=ANOTHER, counter=None, hint=""))


def _about(targets: Iterable[Equation]) -> Names:
    return frozenset(name for target in targets for name in _named(target.left))


def _names(step: Step) -> Names:
    return _named(step.claim.left) | _named(step.claim.right) if step.claim is not None else frozenset()


def _named(node: Node) -> Names:
    """Return the symbols and functions of an expression, functions without their primes."""
    return symbols(node) | {word.rstrip("'") for word in operators(node)}
