"""Numbers with 60 digits, and dual numbers over them: a derivative is exact, not a difference quotient.

A dual number a + bε carries the tag of the derivative it belongs to; derivatives of derivatives nest, the newest tag
outermost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import mpmath

DIGITS = 60
CONTEXT = mpmath.MPContext()
CONTEXT.dps = DIGITS
Real = CONTEXT.mpf
ZERO, ONE = Real(0), Real(1)
MAX_EXPONENT = 20_000


class Undefined(Exception):
    """A value that does not exist: log of a negative number, a division by zero, a number too large."""


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """value + slope·ε of one tag."""

    tag: int
    value: Any
    slope: Any


Number: TypeAlias = Any  # a 60-digit real, or a Dual over one


def plus(a: Number, b: Number) -> Number:
    """Return a + b."""
    left, right = isinstance(a, Dual), isinstance(b, Dual)
    if not left and not right:
        return a + b
    if left and right and a.tag == b.tag:
        return Dual(a.tag, plus(a.value, b.value), plus(a.slope, b.slope))
    if left and (not right or a.tag > b.tag):
        return Dual(a.tag, plus(a.value, b), a.slope)
    return Dual(b.tag, plus(a, b.value), b.slope)


def minus(a: Number) -> Number:
    """Return -a."""
    return Dual(a.tag, minus(a.value), minus(a.slope)) if isinstance(a, Dual) else -a


def times(a: Number, b: Number) -> Number:
    """Return a · b."""
    left, right = isinstance(a, Dual), isinstance(b, Dual)
    if not left and not right:
        return a * b
    if left and right and a.tag == b.tag:
        return Dual(a.tag, times(a.value, b.value), plus(times(a.slope, b.value), times(a.value, b.slope)))
    if left and (not right or a.tag > b.tag):
        return Dual(a.tag, times(a.value, b), times(a.slope, b))
    return Dual(b.tag, times(a, b.value), times(a, b.slope))


def through(a: Number, function: Callable[[Any], Any], slope: Callable[[Number], Number]) -> Number:
    """Return function(a), whose derivative is slope."""
    if isinstance(a, Dual):
        return Dual(a.tag, through(a.value, function, slope), times(slope(a.value), a.slope))
    return function(a)


def reciprocal(a: Number) -> Number:
    """Return 1 / a."""
    return through(a, _inverse, lambda x: minus(times(reciprocal(x), reciprocal(x))))


def _inverse(x: Any) -> Any:
    if x == 0:
        raise Undefined("a division by zero")
    return ONE / x


def over(a: Number, b: Number) -> Number:
    """Return a / b."""
    if not isinstance(a, Dual) and not isinstance(b, Dual):
        if b == 0:
            raise Undefined("a division by zero")
        return a / b
    return times(a, reciprocal(b))


def exp(a: Number) -> Number:
    """Return e to the a."""
    if isinstance(a, Dual):
        value = exp(a.value)
        return Dual(a.tag, value, times(value, a.slope))
    if abs(a) > MAX_EXPONENT:
        raise Undefined("an exponent is too large")
    return CONTEXT.exp(a)


def log(a: Number) -> Number:
    """Return the natural logarithm."""
    return through(a, _log, reciprocal)


def _log(x: Any) -> Any:
    if x <= 0:
        raise Undefined("a logarithm of a number that is not positive")
    return CONTEXT.log(x)


def power(a: Number, b: Number) -> Number:
    """Return a to the b; a whole exponent needs no positive base."""
    if not isinstance(b, Dual) and b == int(b) and abs(b) <= 64:
        return _whole_power(a, int(b))
    if plain_value(a) > 0:
        return exp(times(b, log(a)))
    raise Undefined("a power of a number that is not positive, or a power too large")


def _whole_power(a: Number, n: int) -> Number:
    if n < 0:
        return reciprocal(_whole_power(a, -n))
    result: Number = ONE
    for _ in range(n):
        result = times(result, a)
    return result


def tanh(a: Number) -> Number:
    """Return the hyperbolic tangent."""
    return through(a, CONTEXT.tanh, lambda x: plus(ONE, minus(times(tanh(x), tanh(x)))))


def sin(a: Number) -> Number:
    """Return the sine."""
    return through(a, CONTEXT.sin, cos)


def cos(a: Number) -> Number:
    """Return the cosine."""
    return through(a, CONTEXT.cos, lambda x: minus(sin(x)))


def arctan(a: Number) -> Number:
    """Return the inverse tangent."""
    return through(a, CONTEXT.atan, lambda x: reciprocal(plus(ONE, times(x, x))))


def sigmoid(a: Number) -> Number:
    """Return 1 / (1 + e^-a)."""
    return reciprocal(plus(ONE, exp(minus(a))))


def sqrt(a: Number) -> Number:
    """Return the square root."""
    return through(a, _sqrt, lambda x: reciprocal(times(Real(2), sqrt(x))))


def _sqrt(x: Any) -> Any:
    if x <= 0:
        raise Undefined("a root of a number that is not positive")
    return CONTEXT.sqrt(x)


def absolute(a: Number) -> Number:
    """Return |a|."""
    return minus(a) if plain_value(a) < 0 else a


def relu(a: Number) -> Number:
    """Return max(0, a)."""
    return a if plain_value(a) > 0 else times(a, ZERO)


def sign(a: Number) -> Number:
    """Return the sign of a."""
    value = plain_value(a)
    return Real((value > 0) - (value < 0))


def step(a: Number) -> Number:
    """Return 1 where a is positive, else 0."""
    return Real(int(plain_value(a) > 0))


def floor(a: Number) -> Number:
    """Return the largest whole number that is not above a."""
    return CONTEXT.floor(plain_value(a)) + 0


def plain_value(a: Number) -> Any:
    """Return the number without its ε."""
    while isinstance(a, Dual):
        a = a.value
    return a


def slope_of(a: Number, tag: int) -> Number:
    """Return the coefficient of this tag's ε."""
    return a.slope if isinstance(a, Dual) and a.tag == tag else ZERO


def smooth(a: Number, seeds: tuple[Any, ...]) -> Number:
    """Return a random smooth function's value: the shape of no activation in particular."""
    p, q, r, s = seeds
    return plus(times(p, sin(plus(times(q, a), r))), plus(times(s, a), times(times(p, r), times(a, a))))


SCALAR: dict[str, Callable[[Number], Number]] = {
    "exp": exp, "log": log, "sin": sin, "cos": cos, "tanh": tanh, "sqrt": sqrt, "sigmoid": sigmoid, "relu": relu,
    "abs": absolute, "sign": sign, "step": step, "arctan": arctan,
    "floor": floor,
    "ceil": lambda a: -floor(-plain_value(a)),
    "tan": lambda a: over(sin(a), cos(a)),
    "sinh": lambda a: over(plus(exp(a), minus(exp(minus(a)))), Real(2)),
    "cosh": lambda a: over(plus(exp(a), exp(minus(a))), Real(2)),
    "softplus": lambda a: log(plus(ONE, exp(a))),
}  # fmt: skip
PIECEWISE = frozenset({"relu", "abs", "sign", "step", "max", "min", "floor", "ceil"})
