"""Systematic changes of one piece of a formula: sign, index, factor, sum, symbol, number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction

from grader.proofs.names import Names
from grader.proofs.tree import Add, At, Big, Call, Delta, Deriv, Div, Letter, Mul, Neg, Node, Num, Pow, Sym, Transpose


def mutants(node: Node, names: Names, letters: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    """Yield (kind, tree) with one thing changed somewhere in the tree."""
    yield from _here(node, names, letters)
    inner = letters
    if isinstance(node, Big) and node.letter:
        inner = (*letters, node.letter)
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node) and field.name not in ("low", "high", "by"):
            for kind, changed in mutants(value, names, inner):
                yield kind, replace(node, **{field.name: changed})
        elif isinstance(value, tuple) and field.name in ("terms", "args"):
            for at, part in enumerate(value):
                for kind, changed in mutants(part, names, inner):
                    yield kind, replace(node, **{field.name: (*value[:at], changed, *value[at + 1 :])})


def _here(node: Node, names: Names, letters: tuple[str, ...]) -> Iterator[tuple[str, Node]]:  # noqa: C901, PLR0912, PLR0915
    match node:
        case Add(terms):
            for at, term in enumerate(terms):
                flipped = term.body if isinstance(term, Neg) else Neg(term)
                yield "sign", Add((*terms[:at], flipped, *terms[at + 1 :]))
                rest = (*terms[:at], *terms[at + 1 :])
                yield "term lost", rest[0] if len(rest) == 1 else Add(rest)
        case Neg(body):
            yield "sign", body
        case Mul(left, right, sign):
            yield "factor lost", left
            yield "factor lost", right
            if sign == "o":
                yield "product", Mul(left, right, "")
        case Div(top, bottom):
            yield "denominator lost", top
            yield "upside down", Div(bottom, top)
        case Pow(base, Num(_)):
            yield "power lost", base
        case Big("sum", _, _, _, condition, body):
            if condition is not None:
                yield "condition lost", replace(node, condition=None)
            yield "sum lost", body
        case At():
            yield from _indices(node, letters)
        case Delta(left, right):
            yield "delta lost", Num(Fraction(1))
        case Num(value):
            yield "number", Num(value + 1)
        case Transpose(body):
            yield "transposition lost", body
        case Call(name, args, primes) if primes:
            yield "derivative lost", Call(name, args, primes - 1)
        case Call("log" | "exp", args):
            yield "function lost", args[0]
        case Deriv(body, _):
            yield "derivative lost", body
        case Sym(key) if key in names.symbols:
            for other in names.symbols.values():
                if other.key != key and other.shape == names.symbols[key].shape:
                    yield "symbol", Sym(other.key)
        case _:
            return


def _indices(node: At, letters: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    for at, index in enumerate(node.indices):
        if isinstance(index, Letter):
            for letter in letters:
                if letter != index.name:
                    yield "index", At(node.base, (*node.indices[:at], Letter(letter), *node.indices[at + 1 :]))
