"""Several derivations in one answer: which lines a world leaves to the worlds beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.proofs.lines import Step
from grader.proofs.meaning import unknown
from grader.proofs.records import VALID, Line, Mark
from grader.proofs.tree import Node, operators, symbols
from grader.proofs.world import Equation

ANOTHER = "part of another derivation"
_DARK = (Mark.UNCLEAR, Mark.NOT_READ)
Names = frozenset[str]


def own_names(targets: Sequence[Iterable[Equation]]) -> list[Names]:
    """Return for each world the names that only its results are about."""
    about = [_about(each) for each in targets]
    return [names.difference(*about[:place], *about[place + 1 :]) for place, names in enumerate(about)]


def left_to_others(steps: Sequence[Step], others: Sequence[Sequence[Step]], owned: Sequence[Names]) -> list[Step]:
    """Return the steps; a line that this world has no right to judge is one without a claim.

    Another derivation's line is one that holds there, or one in a formula that is understood there and not here.
    What is false here and there is left to the world whose result alone its formula is about. All else stays with
    everybody. `owned` are the names of this world and of the others, see `own_names`.
    """
    about: dict[int, Names] = {}
    for step in [*steps, *(step for each in others for step in each)]:
        about[step.line.segment] = about.get(step.line.segment, frozenset()) | _names(step)
    found = []
    for step in steps:
        foreign = _is_about_another(step.line, about[step.line.segment], others, owned)
        found.append(_without_claim(step) if foreign or any(_is_theirs(step.line, each) for each in others) else step)
    return found


def _is_about_another(line: Line, names: Names, others: Sequence[Sequence[Step]], owned: Sequence[Names]) -> bool:
    """Whether a false line is about the result of one other world, and false there too."""
    own, *theirs = owned
    about = [place for place, each in enumerate(theirs) if names & each]
    if line.mark is not Mark.FAILS or names & own or len(about) != 1:
        return False
    there = {(step.line.segment, step.line.text) for step in others[about[0]] if step.line.mark is Mark.FAILS}
    return (line.segment, line.text) in there


def _is_theirs(line: Line, steps: Sequence[Step]) -> bool:
    if line.mark not in (Mark.FAILS, *_DARK):
        return False
    formula = [step.line for step in steps if step.line.segment == line.segment and _is_understood(step)]
    marks = {other.mark for other in formula if other.text == line.text}
    if marks & {*VALID, Mark.DEFINITION}:
        return True
    all_marks = {other.mark for other in formula}
    return line.mark in _DARK and (Mark.FAILS in marks or (bool(all_marks & {*VALID}) and not all_marks & {*_DARK}))


def _is_understood(step: Step) -> bool:
    """Whether a line has no undeclared name: with one, a derivative of it is 0 and any two such are equal."""
    return step.claim is None or not unknown(step.claim.left) | unknown(step.claim.right)


def _without_claim(step: Step) -> Step:
    return Step(line=replace(step.line, mark=Mark.MENTION, why=ANOTHER, counter=None, hint=""))


def _about(targets: Iterable[Equation]) -> Names:
    return frozenset(name for target in targets for name in _named(target.left))


def _names(step: Step) -> Names:
    return _named(step.claim.left) | _named(step.claim.right) if step.claim is not None else frozenset()


def _named(node: Node) -> Names:
    """Return the symbols and functions of an expression, functions without their primes."""
    return symbols(node) | {word.rstrip("'") for word in operators(node)}
