"""Comparing gradients parameter by parameter, and measuring them by central differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from grader.compare.difference import Difference, difference_map, wrong_values
from grader.compare.layers import where_it_went_wrong
from grader.compare.reading import Array, NotNumeric, as_array, to_float
from grader.compare.relations import Relation, name_relation
from grader.compare.show import show_number, show_shape
from grader.compare.tolerance import EPS, SINGLE, Tolerance
from grader.results import Table

PER_ENTRY = 100
NUMERIC_RTOL = 1e-4


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """How one parameter's gradient compares. `got` is None where it is no array of the right shape."""

    name: str
    got: Array | None
    want: Array
    tolerance: Tolerance
    right: bool
    error: float
    problem: str = ""
    relation: Relation | None = None
    own_error: float | None = None

    @property
    def verdict(self) -> str:
        """The parameter in two or three words."""
        return "right" if self.right else self.problem or "wrong"


def compare_gradients(
    got: Mapping[str, object] | object,
    want: Mapping[str, ArrayLike],
    *,
    rtol: float = 1e-6,
    noise: float | Mapping[str, ArrayLike] = 0.0,
    numeric: Mapping[str, ArrayLike] | None = None,
) -> Difference | None:
    """Return None when every parameter's gradient is right, else which are wrong and what that says.

    Names end in the number of their layer ("W1", "b1", …, the output layer last); arrays have the shape of the
    parameter, axes of length one do not count. A gradient is right when ‖got − want‖ ≤ rtol · max(‖got‖, ‖want‖) and no
    entry is further off than 100 rtol, both beyond `noise`: the largest error an entry may have from the way it was
    recovered, one number or one per parameter. `numeric` is the gradient of the student's own loss, by central
    differences of the student's forward pass: it tells a wrong backward pass from a wrong loss.
    """
    given = got if isinstance(got, Mapping) else {}
    parameters = []
    for name, right in want.items():
        own = numeric.get(name) if numeric else None
        allowed = noise.get(name, 0.0) if isinstance(noise, Mapping) else noise
        parameters.append(_judge(name, given.get(name), to_float(np.asarray(right)), rtol, allowed, own))
    wrong = [parameter for parameter in parameters if not parameter.right]
    return _difference(parameters, wrong) if wrong else None


def relative_error(got: Array, want: Array) -> float:
    """Return ‖got − want‖ / max(‖got‖, ‖want‖), 0 where both are zero."""
    with np.errstate(all="ignore"):
        largest = max(np.max(np.abs(got), initial=0.0), np.max(np.abs(want), initial=0.0)) or 1.0
        got, want = got / largest, want / largest  # so that no square overflows
        size = max(float(np.linalg.norm(got)), float(np.linalg.norm(want)))
        error = float(np.linalg.norm(got - want)) / size if size else 0.0
    return error if np.isfinite(error) else float("inf")


def _judge(name: str, got: object, want: Array, rtol: float, noise: ArrayLike, own: ArrayLike | None) -> Parameter:
    array = as_array(got)
    bound = np.abs(np.asarray(noise, dtype=float))
    single = not isinstance(array, NotNumeric) and array.dtype in (np.float16, np.float32)
    rtol = max(rtol, SINGLE) if single else rtol
    tolerance = Tolerance(rtol=PER_ENTRY * rtol, noise=bound)
    judged = Parameter(name=name, got=None, want=want, tolerance=tolerance, right=False, error=float("inf"))
    if isinstance(array, NotNumeric):
        return replace(judged, problem="not found" if got is None else "no numbers")
    if tuple(n for n in array.shape if n != 1) != tuple(n for n in want.shape if n != 1):
        turned = array.shape == want.shape[::-1]
        problem = "transposed" if turned else f"has {show_shape(array.shape)} instead of {show_shape(want.shape)}"
        return replace(judged, problem=problem)
    numbers = to_float(array).reshape(want.shape)
    error = relative_error(numbers, want)
    right = _within(error, numbers, want, rtol, bound) and tolerance.agrees(numbers, want)
    relation = None if right else name_relation(numbers, want, Tolerance(rtol=rtol, noise=bound))
    own_error = None if own is None else relative_error(numbers, to_float(np.asarray(own)).reshape(want.shape))
    problem = "" if right else _problem(numbers, want, relation)
    return replace(
        judged, got=numbers, right=right, error=error, relation=relation, own_error=own_error, problem=problem
    )


def _within(error: float, got: Array, want: Array, rtol: float, bound: Array) -> bool:
    """Tell whether ‖got − want‖ is within the tolerance plus the norm of the noise."""
    with np.errstate(all="ignore"):
        size = max(float(np.linalg.norm(got)), float(np.linalg.norm(want)))
        noise = float(np.linalg.norm(np.broadcast_to(bound, want.shape)))
        return error <= rtol or error * size <= rtol * size + noise


def _problem(got: Array, want: Array, relation: Relation | None) -> str:
    if np.any(np.isnan(got)):
        return "NaN"
    if np.any(np.isinf(got)):
        return "infinite"
    if np.all(got == 0) and np.any(want != 0):
        return "not changed at all"
    if relation is None or relation.factor is None:
        return "wrong"
    return "opposite sign" if relation.factor == -1 else "wrong by a constant factor"


# --- saying it ----------------------------------------------------------------------------------------------------


def _difference(parameters: list[Parameter], wrong: list[Parameter]) -> Difference:
    worst = max(wrong, key=lambda p: (p.got is not None, p.error))
    detail = "; ".join(f"{p.name}: {_amount(p)}" for p in wrong) + "."
    found = Difference(
        reason=_reason(parameters, wrong), detail=detail, name=worst.name, evidence=(_table(parameters),)
    )
    if worst.got is None or worst.tolerance.agrees(worst.got, worst.want):
        return found
    entry = wrong_values("", worst.got, worst.want, worst.tolerance, name=worst.name)
    return replace(
        found,
        detail=f"{detail} Worst is {worst.name}. {entry.detail}",
        index=entry.index,
        got=entry.got,
        want=entry.want,
        error=worst.error,
        evidence=(*found.evidence, *difference_map(worst.got, worst.want, worst.name)),
    )


def _amount(parameter: Parameter) -> str:
    more = f" {parameter.relation.more}" if parameter.relation and parameter.relation.more else ""
    return f"{parameter.verdict}, relative error {parameter.error:.2g}{'.' if more else ''}{more.rstrip('.')}"


def _table(parameters: list[Parameter]) -> Table:
    own = any(p.own_error is not None for p in parameters)
    columns = ("parameter", "relative error", "verdict") + (("against your own loss",) if own else ())
    rows = []
    for p in parameters:
        cells = (p.name, show_number(p.error) if p.got is not None else "–", p.verdict)
        mine = show_number(p.own_error) if p.own_error is not None else "–"
        rows.append((*cells, mine) if own else cells)
    return Table(title="The gradient of each parameter", columns=columns, rows=tuple(rows), expected=False)


def _reason(parameters: list[Parameter], wrong: list[Parameter]) -> str:
    common = _common(wrong) if len(wrong) == len(parameters) else ""
    if common:
        return common
    right = [p.name for p in parameters if p.right]
    parts = [f"{_listed(right)} {_are(right)} right"] if right else []
    by_problem: dict[str, list[str]] = {}
    for p in wrong:
        by_problem.setdefault(p.problem, []).append(p.name)
    parts += [_sentence(problem, names) for problem, names in by_problem.items()]
    cause = _own_loss(wrong) or where_it_went_wrong({p.name: p.right for p in parameters}, set(by_problem))
    return f"{', '.join(parts)}{': ' if cause else ''}{cause}."


def _common(wrong: list[Parameter]) -> str:
    """Return the sentence for a mistake that all parameters share."""
    problems = {p.problem for p in wrong}
    factors = [p.relation.factor for p in wrong if p.relation and p.relation.factor is not None]
    if problems == {"not changed at all"}:
        return "No parameter was changed at all."
    if problems == {"opposite sign"}:
        return "All gradients have the opposite sign: the step goes uphill."
    if problems == {"wrong by a constant factor"} and np.ptp(factors) <= 1e-3 * abs(factors[0]):
        return "All gradients are off by the same factor: is the step divided or multiplied once too often?"
    return ""


def _sentence(problem: str, names: list[str]) -> str:
    if problem == "not changed at all":
        return f"{_listed(names)} {'was' if len(names) == 1 else 'were'} not changed at all"
    if problem == "opposite sign":
        return f"{_listed(names)} {'has' if len(names) == 1 else 'have'} the opposite sign"
    if problem.startswith("has "):
        return f"{_listed(names)} {problem}"
    return f"{_listed(names)} {_are(names)} {problem}"


def _own_loss(wrong: list[Parameter]) -> str:
    if all(p.own_error is not None and p.own_error <= NUMERIC_RTOL for p in wrong):
        return "they are the gradient of your own loss, so what differs is the forward pass"
    return ""


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: list[str]) -> str:
    """Return "W3 and b3", ordered by layer from the output on, weights before biases."""
    ordered = sorted(names, key=lambda name: (-int("0" + (re.findall(r"\d+$", name) or ["0"])[0][:6]), name))
    return " and ".join(([", ".join(ordered[:-1])] if len(ordered) > 1 else []) + ordered[-1:])


# --- measuring ----------------------------------------------------------------------------------------------------


def central_differences(
    f: Callable[[Array], float], x: ArrayLike, *, h: float | None = None, rounding: float = 8 * EPS
) -> tuple[Array, Array]:
    """Return the gradient of `f` at `x` and a bound of its error, both of the shape of `x`, from 4 values per entry.

    D(h) = (f(x + h eᵢ) − f(x − h eᵢ)) / 2h has an error of O(h²) (Nocedal & Wright, Numerical Optimization, §8.1); the
    gradient is Richardson's (4 D(h/2) − D(h)) / 3, with O(h⁴). The bound adds up the error of D(h/2), which is
    |gradient − D(h/2)|; what rounding does, where `rounding` is the relative error of one value of f; and a kink in
    the middle, where the forward and the backward slope differ by as much at h/2 as at h. `h` is relative to the size
    of the entry (of the whole of `x` for small entries); ε^¼ balances the first two parts. Where `f` is not finite the
    gradient is NaN and the bound infinite.
    """
    point = np.array(x, dtype=float)
    typical = float(np.sqrt(np.mean(np.square(point)))) if point.size else 0.0
    steps = np.asarray((EPS**0.25 if h is None else h) * np.maximum(np.abs(point), typical or 1.0))
    gradient, bound = np.full(point.shape, np.nan), np.full(point.shape, np.inf)
    centre = np.float64(f(point.copy()))
    for index in np.ndindex(point.shape):
        (wide, far, _), (narrow, near, size) = (
            _slope(f, point, index, step, centre) for step in (float(steps[index]), float(steps[index]) / 2)
        )
        with np.errstate(all="ignore"):
            value = (4 * narrow - wide) / 3
            error = abs(value - narrow) + abs(4 * near - far) / steps[index] + 4 * rounding * size / steps[index]
        if np.isfinite(value) and np.isfinite(error):
            gradient[index], bound[index] = value, error
    return gradient, bound


def _slope(
    f: Callable[[Array], float], x: Array, index: tuple[int, ...], step: float, centre: np.float64
) -> tuple[np.float64, np.float64, np.float64]:
    """Return the central difference at one entry, the second difference, and the size of the two values."""
    kept = x[index]
    up, down = kept + step, kept - step
    x[index] = up
    above = np.float64(f(x.copy()))
    x[index] = down
    below = np.float64(f(x.copy()))
    x[index] = kept
    with np.errstate(all="ignore"):  # up − down is what the entry really moved
        return (above - below) / (up - down), above - 2 * centre + below, np.maximum(abs(above), abs(below))
