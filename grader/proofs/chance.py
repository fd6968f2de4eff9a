"""Random variables as what they are: finitely many outcomes with weights, so that E and Var are exact finite sums.

A random number is a sum of products of functions of independent variables. Each function is the list of its values at
the outcomes of its one variable, so the mean of a product of different variables is the product of their means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.proofs import duals
from grader.proofs.duals import Dual, Number
from grader.proofs.tokens import Unreadable

MAX_TERMS = 4_000
Factors = dict["Variable", tuple[Any, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """One independent random variable: the weights of its outcomes."""

    weights: tuple[Any, ...]


def _refused(*_: object) -> NoReturn:
    raise Unreadable("this function of several random variables is not computed")


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """A random number: the sum over its terms of the product of their factors."""

    terms: tuple[tuple[Any, Factors], ...]

    def __add__(self, other: Any) -> Chance:
        return _merged((*self.terms, *_terms(other)))

    def __mul__(self, other: Any) -> Chance:
        more = _terms(other)
        if len(self.terms) * len(more) > MAX_TERMS:
            raise Unreadable("there are too many random terms to compute")
        return _merged(tuple((a * b, _joined(f, g)) for a, f in self.terms for b, g in more))

    def __neg__(self) -> Chance:
        return Chance(tuple((-a, f) for a, f in self.terms))

    def __sub__(self, other: Any) -> Chance:
        return self.__add__(-other)

    def __truediv__(self, other: Any) -> Chance:
        return self.__mul__(self.inverse(other) if isinstance(other, Chance) else duals.reciprocal(other))

    def __rtruediv__(self, other: Any) -> Chance:
        return self.inverse(self).__mul__(other)

    def __radd__(self, other: Any) -> Chance:
        return self.__add__(other)

    def __rmul__(self, other: Any) -> Chance:
        return self.__mul__(other)

    __gt__ = __lt__ = __ge__ = __le__ = __abs__ = __float__ = __int__ = _refused

    @staticmethod
    def inverse(of: Chance) -> Chance:
        """Return 1 / of."""
        return of.mapped(duals.reciprocal)

    def mapped(self, function: Callable[[Number], Number]) -> Chance:
        """Return a function of it, where it depends on one variable only."""
        variables = {variable for _, factors in self.terms for variable in factors}
        if len(variables) != 1:
            _refused()
        (variable,) = variables
        values = tuple(function(x) for x in _values(self.terms, variable))
        return Chance(((duals.ONE, {variable: values}),))

    def mean(self) -> Any:
        """Return the expectation."""
        total = duals.ZERO
        for factor, factors in self.terms:
            product = factor
            for variable, values in factors.items():
                product *= sum((p * x for p, x in zip(variable.weights, values, strict=True)), duals.ZERO)
            total += product
        return total


def _terms(value: Any) -> tuple[tuple[Any, Factors], ...]:
    return value.terms if isinstance(value, Chance) else ((value, {}),)


def _joined(one: Factors, two: Factors) -> Factors:
    found = dict(one)
    for variable, values in two.items():
        old = found.get(variable)
        found[variable] = values if old is None else tuple(x * y for x, y in zip(old, values, strict=True))
    return found


def _merged(terms: tuple[tuple[Any, Factors], ...]) -> Chance:
    """Gather what depends on nothing, and what depends on the same single variable."""
    constant = sum((a for a, factors in terms if not factors), duals.ZERO)
    single: dict[Variable, list[tuple[Any, Factors]]] = {}
    rest = []
    for term in terms:
        if len(term[1]) == 1:
            single.setdefault(next(iter(term[1])), []).append(term)
        elif term[1]:
            rest.append(term)
    for variable, own in single.items():
        rest.append((duals.ONE, {variable: _values(own, variable)}))
    return Chance(((constant, {}), *rest))


def _values(terms: Any, variable: Variable) -> tuple[Any, ...]:
    columns = [
        tuple(a * x for x in factors.get(variable, (duals.ONE,) * len(variable.weights))) for a, factors in terms
    ]
    return tuple(sum(column, duals.ZERO) for column in zip(*columns, strict=True))


def mean(value: Number) -> Number:
    """Return the expectation of a number that may be random, a derivative within it kept."""
    if isinstance(value, Dual):
        return Dual(value.tag, mean(value.value), mean(value.slope))
    return value.mean() if isinstance(value, Chance) else value


def covariance(a: Number, b: Number) -> Number:
    """Return E[ab] - E[a] E[b]."""
    product = duals.times(mean(a), mean(b))
    return duals.plus(mean(duals.times(a, b)), duals.minus(product))


def outcomes(draws: list[Any], kind: str, variance: Any = None) -> tuple[list[Any], list[Any]]:
    """Return values and weights of a distribution with a shape of its own, from eight numbers between 0 and 1.

    `kind` is random (any mean), centred (mean 0) or symmetric (also about 0); a variance asked for is met exactly.
    """
    if kind == "symmetric":
        a, b, p = duals.ONE / 2 + draws[0], 2 + draws[1], (duals.ONE / 10 + draws[2] / 2) / 2
        values, weights = [-b, -a, a, b], [p, duals.ONE / 2 - p, duals.ONE / 2 - p, p]
    else:
        whole = sum(draws[:4], duals.ONE)
        weights = [(p + duals.ONE / 4) / whole for p in draws[:4]]
        values = [place - 1 + draw for place, draw in enumerate(draws[4:8])]
        middle = sum((p * x for p, x in zip(weights, values, strict=True)), duals.ZERO)
        values = [x - middle for x in values] if kind == "centred" else values
    if variance is not None:
        if duals.plain_value(variance) <= 0:
            raise Unreadable("a variance is positive")
        now = sum((p * x * x for p, x in zip(weights, values, strict=True)), duals.ZERO)
        values = [x * duals.CONTEXT.sqrt(variance / now) for x in values]
    return values, weights


def drawn(kind: str, count: int, draws: list[Any], variance: Any = None) -> tuple[Chance, ...]:
    """Return independent random numbers with the same distribution."""
    values, weights = outcomes(draws, kind, variance)
    return tuple(Chance(((duals.ONE, {Variable(tuple(weights)): tuple(values)}),)) for _ in range(count))
