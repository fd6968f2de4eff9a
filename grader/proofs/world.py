"""The world of a proof, as the author declares it: sizes, symbols, definitions, the target, waypoints, assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.errors import AssignmentError
from grader.proofs import meaning, tokens
from grader.proofs.cursor import split_at
from grader.proofs.names import BIG_WORDS, FUNCTIONS, Function, Name, Names, parse_name
from grader.proofs.reading import read
from grader.proofs.scope import RANDOM
from grader.proofs.spelling import tokenize
from grader.proofs.tree import At, Letter, Node, Sym

Domain = Literal["real", "positive", "unit", "simplex", "one-hot", "binary", "random", "centred", "symmetric"]
Kind = Literal["smooth", "sigmoid", "tanh", "relu", "softmax", "exp", "log", "softplus", "step", "defined"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SymbolSpec(_Frozen):
    """A declared symbol."""

    shape: tuple[str, ...] = Field(
        (), description="names of sizes: none for a number, one for a vector, two for a matrix"
    )
    domain: Domain = Field("real", description="where its values are drawn from, unless it has a definition")
    aliases: tuple[str, ...] = Field((), description="other spellings of the same, in LaTeX")
    distribution: bool = Field(default=False, description="whether P(x) is an entry of it (simplex and one-hot: yes)")


class FunctionSpec(_Frozen):
    """A declared function."""

    kind: Kind = Field("smooth", description="built in, or `smooth`: random, like no activation in particular")
    aliases: tuple[str, ...] = Field((), description="other spellings")
    at: str = Field("", description="the argument where none is written, as in f' ⊙ …")
    parameter: str = Field("x", description="the parameter in `definition`")
    definition: str = Field("", description="its value in LaTeX, for kind `defined`")


class Waypoint(_Frozen):
    """A step the derivation should pass."""

    name: str = Field(description="what the report calls it")
    any_of: tuple[str, ...] = Field(description="formulas; one equal to any of them passes it")
    needs: tuple[str, ...] = Field(
        (), description="operators and symbols the student's formula must contain: log, sum, derivative, b_o …"
    )
    without: tuple[str, ...] = Field((), description="symbols or operators it must not contain")


class Assumption(_Frozen):
    """Something that may be assumed where a line needs it."""

    name: str = Field(description="how it is called to the student")
    symbol: str = Field(description="whose domain changes")
    domain: Domain = Field("centred", description="to what")
    variance: str = Field("", description="for a random symbol: the variance it is assumed to have, in LaTeX")
    words: tuple[str, ...] = Field(("one-hot", "one hot"), description="what a student writes who states it")


class Shares(_Frozen):
    """How the points are shared out; together 1."""

    result: float = Field(0.4, ge=0, le=1, description="the result is reached")
    lines: float = Field(0.3, ge=0, le=1, description="the share of distinct lines that hold")
    waypoints: float = Field(0.3, ge=0, le=1, description="the share of waypoints passed")


class World(_Frozen):
    """All that a proof is about."""

    sizes: dict[str, int] = Field({"n": 4}, description="sizes by letter; at least 4 and all different")
    indices: dict[str, str] = Field(
        {}, description="index letters that nothing else explains, and the size they run over"
    )
    symbols: dict[str, SymbolSpec] = Field({}, description="symbols by their LaTeX")
    functions: dict[str, FunctionSpec] = Field({}, description="functions by their LaTeX")
    definitions: tuple[str, ...] = Field((), description="equations in LaTeX; the left side is what is defined")
    target: str = Field("", description="what is to be shown: an equation in LaTeX")
    target_also: tuple[str, ...] = Field((), description="the same in other forms, such as solved for another term")
    target_without: tuple[str, ...] | None = Field(None, description="operators the result must be free of (∂ and Σ)")
    waypoints: tuple[Waypoint, ...] = Field((), description="steps on the way")
    assumptions: tuple[Assumption, ...] = Field((), description="what may be assumed")
    variable: str = Field("", description="what ∂_j and ∇ are by, where it is not said")
    shares: Shares = Field(Shares(), description="how the points are shared out")
    fewest_lines: int = Field(3, ge=0, description="with fewer lines that lead to the result a person looks at it")
    seed: int = Field(20, ge=0, description="for the points at which everything is computed")
    seconds: float = Field(1.5, gt=0, description="time for one derivation")

    def names(self) -> Names:
        """Return the names in force before the student writes anything; raises AssignmentError."""
        try:
            return _names(self)
        except tokens.Unreadable as exc:
            raise AssignmentError(f"The world of a proof cannot be read: {exc}.") from exc


@dataclass(frozen=True, slots=True)
class Equation:
    """An author's equation, read."""

    left: Node
    right: Node
    ranges: dict[str, int]


def _names(world: World) -> Names:
    names = Names(sizes=dict(world.sizes), index_sizes={})
    _check_sizes(world)
    for letter, size in world.indices.items():
        names.index_sizes[letter] = world.sizes[size]
    words = {word for latex in _spellings(world) for word in _words(latex)}
    names.words = FUNCTIONS | BIG_WORDS | words
    for latex, spec in world.symbols.items():
        _declare(names, latex, spec, world)
    for latex, function in world.functions.items():
        _declare_function(names, latex, function)
    names.is_random = any(name.domain in RANDOM for name in names.symbols.values())
    names.variable = _key(world.variable, names) if world.variable else ""
    for equation in world.definitions:
        _define(names, equation)
    for latex, function in world.functions.items():
        _complete_function(names, latex, function)
    for assumption in world.assumptions:
        if assumption.variance:
            names.variances[assumption.name] = read_expression(assumption.variance, names)[0]
    return names


def _check_sizes(world: World) -> None:
    used = list(world.sizes.values())
    if any(size < 2 or size > 40 for size in used) or len(set(used)) < len(used):
        raise tokens.Unreadable("sizes are between 2 and 40 and all different")
    if missing := [size for size in world.indices.values() if size not in world.sizes]:
        raise tokens.Unreadable(f"the size {missing[0]} of an index is not declared")


def _spellings(world: World) -> list[str]:
    own = [*world.symbols, *world.functions]
    specs: list[SymbolSpec | FunctionSpec] = [*world.symbols.values(), *world.functions.values()]
    more = [alias for spec in specs for alias in spec.aliases]
    return own + more


def _words(latex: str) -> list[str]:
    bare = latex.split("_", maxsplit=1)[0].split("^", maxsplit=1)[0]
    bare = bare.replace("\\text{", "").replace("\\mathrm{", "").rstrip("}")
    return [bare] if len(bare) > 1 and bare.isalpha() else []


def _key(latex: str, names: Names) -> str:
    key = parse_name(tokenize(latex, names.words))[0]
    return names.aliases.get(key, key)


def _declare(names: Names, latex: str, spec: SymbolSpec, world: World) -> None:
    key = parse_name(tokenize(latex, names.words))[0]
    if unknown := [size for size in spec.shape if size not in world.sizes]:
        raise tokens.Unreadable(f"the size {unknown[0]} of {latex} is not declared")
    shape = tuple(world.sizes[size] for size in spec.shape)
    names.symbols[key] = Name(key=key, latex=latex, shape=shape, domain=spec.domain)
    if spec.distribution or spec.domain in ("simplex", "one-hot"):
        names.distributions |= {key}
    for alias in spec.aliases:
        names.aliases[parse_name(tokenize(alias, names.words))[0]] = key


def _declare_function(names: Names, latex: str, spec: FunctionSpec) -> None:
    key = parse_name(tokenize(latex, names.words))[0]
    names.functions[key] = Function(key=key, latex=latex, kind=spec.kind)
    for alias in spec.aliases:
        names.aliases[parse_name(tokenize(alias, names.words))[0]] = key


def _complete_function(names: Names, latex: str, spec: FunctionSpec) -> None:
    key = _key(latex, names)
    at = read(tokenize(spec.at, names.words), names)[0] if spec.at else None
    body = None
    parameter = _key(spec.parameter, names)
    if spec.definition:
        names.symbols.setdefault(parameter, Name(key=parameter, latex=spec.parameter))
        body = read(tokenize(spec.definition, names.words), names)[0]
        (body,), _ = meaning.resolved((body,), names)
    names.functions[key] = Function(key=key, latex=latex, kind=spec.kind, parameter=parameter, body=body, at=at)


def _define(names: Names, latex: str) -> None:
    equation = read_equation(latex, names)
    left = equation.left
    letters: tuple[str, ...] = ()
    if isinstance(left, At):
        letters = tuple(index.name for index in left.indices if isinstance(index, Letter))
        left = left.base
    if not isinstance(left, Sym) or left.key not in names.symbols:
        raise tokens.Unreadable(f"{latex} does not define a declared symbol")
    old = names.symbols[left.key]
    names.symbols[left.key] = Name(
        key=old.key, latex=old.latex, shape=old.shape, domain=old.domain, letters=letters, definition=equation.right
    )


def read_equation(latex: str, names: Names) -> Equation:
    """Read an author's equation `left = right`; raises Unreadable."""
    parts = split_at(tokenize(latex, names.words), {"="})
    if len(parts) != 2:
        raise tokens.Unreadable(f"{latex} is not one equation")
    left, right = read(parts[0], names)[0], read(parts[1], names)[0]
    if unknown := meaning.unknown(left) | meaning.unknown(right):
        raise tokens.Unreadable(f"{min(unknown).lstrip('?')} in {latex} is not declared")
    (left, right), ranges = meaning.resolved((left, right), names)
    return Equation(left, right, ranges)


def read_expression(latex: str, names: Names) -> tuple[Node, dict[str, int]]:
    """Read an author's expression; raises Unreadable."""
    node = read(tokenize(latex, names.words), names)[0]
    (node,), ranges = meaning.resolved((node,), names)
    return node, ranges
