"""What a tree is worth at a point: one small function for each kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.proofs import calculus, chance, duals, values
from grader.proofs.duals import Dual, Number, Real
from grader.proofs.names import Function
from grader.proofs.scope import Indices, OutOfRange, OverBudget, Scope, draw, scalar, spot
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import (
    Add,
    At,
    Big,
    Call,
    Cases,
    Compare,
    Const,
    Delta,
    Deriv,
    Div,
    Every,
    Expect,
    Grid,
    Iverson,
    Letter,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Size,
    Sym,
    Transpose,
    free_letters,
)  # fmt: skip
from grader.proofs.values import Matrix, ShapeError, Value, column


def evaluate(node: Node, scope: Scope, indices: Indices) -> Value:
    """Return the value of a tree; raises Unreadable when it has none."""
    scope.meter.step()
    return _HANDLERS[type(node)](node, scope, indices)


def _num(node: Num, scope: Scope, indices: Indices) -> Value:
    return Real(node.value.numerator) / Real(node.value.denominator)


def _const(node: Const, scope: Scope, indices: Indices) -> Value:
    if node.name == "ones":
        return duals.ONE
    return duals.CONTEXT.pi + 0 if node.name == "pi" else duals.CONTEXT.exp(1)


def _sym(node: Sym, scope: Scope, indices: Indices) -> Value:
    return scope.value(node.key)


def _letter(node: Letter, scope: Scope, indices: Indices) -> Value:
    return Real(spot(node, scope, indices))


def _size(node: Size, scope: Scope, indices: Indices) -> Value:
    return Real(scope.names.sizes[node.name])


def _at(node: At, scope: Scope, indices: Indices) -> Value:
    base = evaluate(node.base, scope, indices)
    if not isinstance(base, Matrix):
        raise ShapeError("a number has an index")
    lengths = (len(base.entries),) if 1 in base.shape and len(node.indices) == 1 else base.shape
    spots = [spot(part, scope, indices, length) for part, length in zip(node.indices, lengths, strict=False)]
    if any(not 1 <= place <= length for place, length in zip(spots, lengths, strict=False)):
        raise OutOfRange("an index runs beyond what it belongs to")
    if len(lengths) == 1:
        return base.entries[spots[0] - 1]
    if len(spots) == 1:
        return column(tuple(base.entry(spots[0] - 1, k) for k in range(base.columns)))
    return base.entry(spots[0] - 1, spots[1] - 1)


def _delta(node: Delta, scope: Scope, indices: Indices) -> Value:
    return Real(int(spot(node.left, scope, indices) == spot(node.right, scope, indices)))


def _add(node: Add, scope: Scope, indices: Indices) -> Value:
    result = evaluate(node.terms[0], scope, indices)
    for term in node.terms[1:]:
        result = values.added(result, evaluate(term, scope, indices))
    return result


def _neg(node: Neg, scope: Scope, indices: Indices) -> Value:
    return values.map_value(evaluate(node.body, scope, indices), duals.minus)


def _mul(node: Mul, scope: Scope, indices: Indices) -> Value:
    left, right = node.left, node.right
    if isinstance(left, Transpose) and left.body == Const("ones"):
        return values.total(evaluate(right, scope, indices))
    if isinstance(right, Const) and right.name == "ones" and isinstance(left, Transpose):
        return values.total(evaluate(left, scope, indices))
    linked = calculus.chain_of(node, scope, indices) or calculus.through_tensor(node, scope, indices)
    if linked is not None:
        return linked
    first = evaluate(left, scope, indices)
    try:
        second = evaluate(right, scope, indices)
    except duals.Undefined:
        if isinstance(first, Matrix | Dual) or first != 0:
            raise
        return first  # 0 log 0
    return values.multiplied(first, second, node.sign)


def _div(node: Div, scope: Scope, indices: Indices) -> Value:
    top, bottom = evaluate(node.top, scope, indices), evaluate(node.bottom, scope, indices)
    return values.entrywise(top, bottom, duals.over)


def _pow(node: Pow, scope: Scope, indices: Indices) -> Value:
    exponent = evaluate(node.exponent, scope, indices)
    if node.base == Const("e"):
        return values.map_value(exponent, lambda x: _pointwise("exp", None, "exp", x, 0, scope))
    base = evaluate(node.base, scope, indices)
    return values.entrywise(base, exponent, _bounded_power)


def _bounded_power(a: Number, b: Number) -> Number:
    size = duals.plain_value(b)
    if abs(size) > duals.MAX_EXPONENT:
        raise Unreadable("an exponent is too large to compute")
    return duals.power(a, b)


def _call(node: Call, scope: Scope, indices: Indices) -> Value:
    if node.name in _OF_CHANCE:
        return _known_moment(node, scope.random(), indices)
    args = [evaluate(arg, scope, indices) for arg in node.args]
    declared = scope.names.functions.get(node.name)
    kind = declared.kind if declared else node.name
    if kind in duals.SCALAR or kind in ("smooth", "defined"):
        if len(args) != 1:
            raise Unreadable(f"{node.name} has one argument")
        return values.map_value(args[0], lambda x: _pointwise(node.name, declared, kind, x, node.primes, scope))
    if node.primes:
        raise Unreadable(f"{node.name}' is not understood")
    return _special_call(kind, args)


_OF_CHANCE = {"E": 1, "Var": 1, "Cov": 2}


def _known_moment(node: Call, scope: Scope, indices: Indices) -> Value:
    """Return a moment, computed once for each value of the letters that are in it."""
    letters = free_letters(node)
    key = (node, tuple((letter, place) for letter, place in sorted(indices.items()) if letter in letters))
    if key not in scope.moments:
        scope.moments[key] = _moment(node, scope, indices)
    return scope.moments[key]


def _moment(node: Call, scope: Scope, indices: Indices) -> Value:
    """Return an expectation, variance or covariance; one number where all entries have the same."""
    if len(node.args) != _OF_CHANCE[node.name] or node.primes:
        raise Unreadable(f"{node.name} is not understood here")
    args = [evaluate(arg, scope, indices) for arg in node.args]
    if node.name == "E":
        result = values.map_value(args[0], chance.mean)
    else:
        result = values.entrywise(args[0], args[-1], chance.covariance)
    if isinstance(result, Matrix):
        entries = [duals.plain_value(entry) for entry in result.entries]
        if all(abs(entry - entries[0]) < Real(10) ** -50 for entry in entries):
            return result.entries[0]
    return result


def _special_call(kind: str, args: list[Value]) -> Value:
    if kind in ("max", "min"):
        return _largest(kind, [scalar(arg) for arg in args])
    if kind in ("norm", "norm1"):
        parts = args[0].entries if isinstance(args[0], Matrix) else (args[0],)
        if kind == "norm1":
            return values.total(column(tuple(duals.absolute(x) for x in parts)))
        return duals.sqrt(values.dot(list(parts), list(parts)))
    if kind in _VECTOR and len(args) == 1:
        return _VECTOR[kind](args[0])
    if kind in ("KL", "CE", "H"):
        return _entropy(kind, args)
    raise Unreadable(f"{kind} is not a function that can be computed")


_VECTOR: dict[str, Callable[[Value], Value]] = {
    "softmax": values.softmax,
    "diag": values.diagonal,
    "trace": lambda v: values.total(values.diagonal(v)),
}


def _entropy(kind: str, args: list[Value]) -> Number:
    parts = [arg.entries if isinstance(arg, Matrix) else (arg,) for arg in args]
    if len(parts) > 2 or len(parts[0]) != len(parts[-1]):
        raise ShapeError("the distributions differ in length")
    cross = duals.minus(_weighted_logs(parts[0], parts[-1]))
    return duals.plus(cross, _weighted_logs(parts[0], parts[0])) if kind == "KL" else cross


def _weighted_logs(weights: tuple[Number, ...], of: tuple[Number, ...]) -> Number:
    """Return the sum of p log q, in which 0 log 0 is 0."""
    terms = [duals.times(p, duals.log(q)) for p, q in zip(weights, of, strict=True) if isinstance(p, Dual) or p != 0]
    return values.total(column(tuple(terms)))


def _largest(kind: str, numbers: list[Number]) -> Number:
    pick = max if kind == "max" else min
    lone = [x for x in numbers if isinstance(x, chance.Chance)]
    if len(lone) == 1:
        return lone[0].mapped(lambda x: pick([x if n is lone[0] else n for n in numbers], key=duals.plain_value))
    return pick(numbers, key=duals.plain_value)


def _pointwise(name: str, declared: Function | None, kind: str, x: Number, primes: int, scope: Scope) -> Number:
    if isinstance(x, chance.Chance):
        return x.mapped(lambda outcome: _pointwise(name, declared, kind, outcome, primes, scope))
    if primes:
        tag = 1 + max(scope.tag, x.tag if isinstance(x, Dual) else 0)
        inner = _pointwise(name, declared, kind, Dual(tag, x, duals.ONE), primes - 1, scope)
        return duals.slope_of(inner, tag)
    if kind == "smooth":
        seeds = tuple(Real("0.4") + draw(scope.seed, (name, "function", k)) for k in range(4))
        return duals.smooth(x, seeds)
    if kind == "defined" and declared is not None and declared.body is not None:
        tag = max(scope.tag, x.tag if isinstance(x, Dual) else 0)
        inner_scope = Scope(
            scope.names, scope.seed, scope.point, scope.meter, evaluate, scope.domains, parent=scope, tag=tag
        )
        inner_scope.override = {declared.parameter: x}
        return scalar(evaluate(declared.body, inner_scope, {}))
    return duals.SCALAR[kind](x)


def _transpose(node: Transpose, scope: Scope, indices: Indices) -> Value:
    if node.body == Const("ones"):
        raise ShapeError("a row of ones has nothing behind it")
    return values.transposed(evaluate(node.body, scope, indices))


def _grid(node: Grid, scope: Scope, indices: Indices) -> Value:
    entries = tuple(scalar(evaluate(cell, scope, indices)) for row in node.rows for cell in row)
    return Matrix(len(node.rows), len(node.rows[0]), entries)


def _iverson(node: Iverson, scope: Scope, indices: Indices) -> Value:
    return Real(int(is_true(node.condition, scope, indices)))


def _cases(node: Cases, scope: Scope, indices: Indices) -> Value:
    for value, condition in node.rows:
        if condition is None or is_true(condition, scope, indices):
            return evaluate(value, scope, indices)
    raise duals.Undefined("no case applies")


def is_true(node: Node, scope: Scope, indices: Indices) -> bool:
    """Return whether a condition holds here."""
    if isinstance(node, Every):
        return all(is_true(part, scope, indices) for part in node.parts)
    if not isinstance(node, Compare):
        raise Unreadable("a condition is not understood")
    left = duals.plain_value(scalar(evaluate(node.left, scope, indices)))
    right = duals.plain_value(scalar(evaluate(node.right, scope, indices)))
    return bool(_COMPARE[node.sign](left - right))


_COMPARE = {
    "=": lambda d: abs(d) < Real(10) ** -40,
    "!=": lambda d: abs(d) >= Real(10) ** -40,
    "<": lambda d: d < 0,
    "<=": lambda d: d <= Real(10) ** -40,
    ">": lambda d: d > 0,
    ">=": lambda d: d >= -(Real(10) ** -40),
}


def _big(node: Big, scope: Scope, indices: Indices) -> Value:
    if node.letter is None:
        body = evaluate(node.body, scope, indices)
        parts = list(body.entries) if isinstance(body, Matrix) else [body]
        return _gathered(node.kind, parts)
    results: list[Value] = []
    for place in _run(node, scope, indices):
        inner = {**indices, node.letter: place}
        if node.condition is None or is_true(node.condition, scope, inner):
            results.append(evaluate(node.body, scope, inner))
    return _gathered(node.kind, results)


def _run(node: Big, scope: Scope, indices: Indices) -> range:
    if node.low is not None and node.high is not None:
        low = duals.plain_value(scalar(evaluate(node.low, scope, indices)))
        high = duals.plain_value(scalar(evaluate(node.high, scope, indices)))
        if high - low > 2_000:
            raise OverBudget("a sum has too many terms to compute")
        return range(int(low), int(high) + 1)
    raise Unreadable(f"it is not clear over what {node.letter} runs")


def _gathered(kind: str, results: list[Value]) -> Value:
    if kind in ("max", "min"):
        if not results:
            raise Unreadable("a maximum over nothing")
        return _largest(kind, [scalar(result) for result in results])
    whole: Value = duals.ZERO if kind == "sum" else duals.ONE
    for result in results:
        whole = values.added(whole, result) if kind == "sum" else values.entrywise(whole, result, duals.times)
    return whole


def _expect(node: Expect, scope: Scope, indices: Indices) -> Value:
    weights = evaluate(node.distribution, scope, indices)
    if not isinstance(weights, Matrix):
        raise ShapeError("an expectation is over a distribution")
    if node.letter is None:
        body = evaluate(node.body, scope, indices)
        return values.total(values.entrywise(weights, body, duals.times))
    terms = [
        values.entrywise(weight, evaluate(node.body, scope, {**indices, node.letter: place}), duals.times)
        for place, weight in enumerate(weights.entries, start=1)
    ]
    return _gathered("sum", terms)


_HANDLERS: dict[type[Node], Callable[[Any, Scope, Indices], Value]] = {
    Num: _num, Const: _const, Sym: _sym, Letter: _letter, Size: _size, At: _at, Delta: _delta, Add: _add, Neg: _neg,
    Mul: _mul, Div: _div, Pow: _pow, Call: _call, Transpose: _transpose, Grid: _grid, Iverson: _iverson, Cases: _cases,
    Deriv: calculus.derivative, Big: _big, Expect: _expect,
}  # fmt: skip
