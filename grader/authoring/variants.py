"""Named wrong variants that no check can tell from the right answer, or from one another.

Every call that checks made of the reference in a trial is answered by each variant, and the answers are compared as the
check compared them. So this speaks about the inputs that were drawn, and about answers: a check that looks at
something else than the answer of a call is not heard.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from grader.assignment import Assignment
from grader.authoring.collecting import Written
from grader.authoring.finding import Finding, Findings, Level, line_with
from grader.authoring.listening import Asked
from grader.authoring.trials import Trials
from grader.compare import align, compare_arrays
from grader.compare.reading import NotNumeric, as_array

MAX_CALLS = 48  # of one function: spread over the checks that make them
LIMIT_S = 0.3  # for one function's answers to them: a training loop is asked fewer times
COMPARED = ("rtol", "atol", "noise", "exact_shape")  # the options of `compare_arrays` that decide


class Raised:
    """The answer of a variant that raises."""


def indistinct(assignment: Assignment, checks: tuple[Written, ...], trials: Trials) -> Findings:
    """Find variants whose answers are right, or those of another variant, whatever a check asked."""
    if assignment.variants is None:
        return
    module = importlib.import_module(assignment.variants)
    catalogue: Mapping[str, Any] = getattr(module, "VARIANTS", {})
    reference = importlib.import_module(assignment.solution)
    found = partial(_finding, Path(module.__file__ or ""))
    for function, variants in catalogue.items():
        right = list(_timely(getattr(reference, function, None), _calls(function, trials)))
        calls = _calls(function, trials)[: len(right)]
        if not calls:
            yield found(variants[0].name, *_never(function, len(variants)), rule="variant-untried")
            continue
        answers = {variant.name: [_answer(variant.function, asked) for asked in calls] for variant in variants}
        for name, given in answers.items():
            if _equal(given, right, calls):
                yield found(name, *_as_right(function, name, calls), rule="variant-right")
        for one, other in combinations(answers, 2):
            if _equal(answers[one], answers[other], calls):
                yield found(other, *_as_another(function, one, other), rule="variants-alike")


def _calls(function: str, trials: Trials) -> list[Asked]:
    """Return calls that were made of a function: of every check some, before more of any."""
    heard = [asked for asked in trials.asked if asked.function == function]
    seen: dict[str, int] = {}
    ranked = []
    for asked in heard:
        seen[asked.check] = seen.get(asked.check, 0) + 1
        ranked.append((seen[asked.check], asked))
    return [asked for _, asked in sorted(ranked, key=lambda pair: pair[0])][:MAX_CALLS]


def _timely(function: Callable[..., Any] | None, calls: list[Asked]) -> Iterator[Any]:
    """Yield a function's answers to the calls, the first of them and as many as there is time for."""
    until = monotonic() + LIMIT_S
    for asked in calls:
        yield _answer(function, asked)
        if monotonic() > until:
            return


def _answer(function: Callable[..., Any] | None, asked: Asked) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function(*copy.deepcopy(asked.args)) if function is not None else Raised()
    except Exception:  # noqa: BLE001 - a variant may raise: no answer is like that
        return Raised()


def _equal(answers: list[Any], others: list[Any], calls: list[Asked]) -> bool:
    """Tell whether all answers are the same by the comparison each check makes."""
    return all(
        same(one, other, {name: asked.options[name] for name in COMPARED if name in asked.options})
        for one, other, asked in zip(answers, others, calls, strict=True)
    )


def same(one: Any, other: Any, options: Mapping[str, Any]) -> bool:
    """Tell whether two answers agree as `check.same` compares them, part by part where they have parts."""
    if isinstance(one, Raised) or isinstance(other, Raised) or callable(one):
        return False
    if isinstance(other, dict):
        return (
            isinstance(one, dict) and one.keys() == other.keys() and all(same(one[k], other[k], options) for k in one)
        )
    if not isinstance(as_array(other), NotNumeric):
        return compare_arrays(align(one, np.shape(other)).value, other, **options) is None
    if isinstance(other, tuple | list):
        fits = isinstance(one, tuple | list) and len(one) == len(other)
        return fits and all(same(a, b, options) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def _as_right(function: str, name: str, calls: list[Asked]) -> tuple[str, str]:
    checks = ", ".join(sorted({asked.check.partition("[")[0] for asked in calls})[:3])
    what = f"`{name}` answers as the right `{function}` does, whatever was asked ({checks}): no check finds it."
    return what, "Let a check ask for an input where they differ, or take the variant out."


def _as_another(function: str, one: str, other: str) -> tuple[str, str]:
    what = f"`{other}` and `{one}` of `{function}` answer alike, whatever was asked: only `{one}` is ever named."
    return what, "Let a check ask for an input where they differ, or make one variant of the two."


def _never(function: str, count: int) -> tuple[str, str]:
    variants = "variant" if count == 1 else f"{count} variants"
    what = f"No trial came to the {variants} of `{function}`: no check asked the reference for it."
    return what, "Add a sample that gets it wrong, or take them out."


def _finding(file: Path, name: str, what: str, remedy: str, *, rule: str) -> Finding:
    level = Level.NOTE if rule == "variant-untried" else Level.ERROR
    files = sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]
    lines = [(each, line) for each in files if (line := line_with(each, f'"{name}"'))]
    file, line = lines[0] if lines else (file, None)
    return Finding(rule=rule, file=file, line=line, what=what, remedy=remedy, level=level)
