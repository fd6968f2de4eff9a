"""Which lines lead to a result: more than algebra, more than what was given, more than the result in other clothes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product

from grader.proofs import meaning
from grader.proofs.claims import Checker, Claim
from grader.proofs.lines import FAILURES, Step
from grader.proofs.names import Name, Names
from grader.proofs.records import VALID
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import (
    At,
    Big,
    Call,
    Const,
    Deriv,
    Expect,
    Letter,
    Node,
    Num,
    Pow,
    Sym,
    free_letters,
    plain,
    rebuilt,
    renamed,
    walk,
)
from grader.proofs.world import Equation

_NARROW = frozenset({"simplex", "one-hot", "unit", "binary"})
MOST_RENAMINGS = 12


@dataclass(slots=True)
class Leading:
    """Tells lines that use what the world is about from lines that would hold whatever its symbols mean.

    For this the definitions are taken away, and each derivative, function and moment is a number of its own.
    """

    names: Names
    checker: Checker
    targets: Sequence[Equation]
    _said: set[Node] = field(default_factory=set)

    def of(self, steps: Sequence[Step]) -> list[bool]:
        """Return for each line whether it leads anywhere; algebra does where it goes on from a line that does."""
        return [self._leads(step) for step in steps]

    def _leads(self, step: Step) -> bool:
        claim = step.claim
        if claim is None or claim.sign != "=" or step.goal or step.line.mark not in VALID:
            return False
        if step.line.trivial or step.line.unsaid or meaning.unknown(claim.left) | meaning.unknown(claim.right):
            return False
        sides = {plain(claim.left), plain(claim.right)}
        goes_on = bool(sides & self._said) and not self._is_target(claim)
        if not goes_on and (self._is_given(claim) or self._is_algebra(claim)):
            return False
        self._said |= sides
        return True

    def _is_target(self, claim: Claim) -> bool:
        """Whether it is the equation to be shown, or it twice, or it plus something: both its sides mean the same."""
        whole = _with(claim, lambda node: unfolded(node, self.names))
        return any(
            self._holds_anyway(_with(whole, partial(meaning.replaced, pattern=right, by=left)))
            for left, right in self._goals(claim)
        )

    def _is_algebra(self, claim: Claim) -> bool:
        """Whether it holds without anything that was given, or with nothing but the equation to be shown."""
        return self._holds_anyway(claim) or self._is_target(claim)

    def _goals(self, claim: Claim) -> Iterator[tuple[Node, Node]]:
        """Yield what the target says of the letters of a claim: what stands for what."""
        for target in self.targets:
            letters = [[own for own, n in claim.ranges.items() if n == size] for size in target.ranges.values()]
            for number, picked in enumerate(product(*letters)):
                if number >= MOST_RENAMINGS:
                    break
                names = dict(zip(target.ranges, picked, strict=True))
                yield plain(renamed(target.left, names)), plain(renamed(target.right, names))

    def _is_given(self, claim: Claim) -> bool:
        """Whether it only says a definition again."""
        for side, other in ((claim.left, claim.right), (claim.right, claim.left)):
            body = self._definition(side)
            if body is not None and self._holds_anyway(replace(claim, left=body, right=other)):
                return True
        return False

    def _definition(self, side: Node) -> Node | None:
        """Return what a symbol, an entry or a function at an argument is defined as."""
        if isinstance(side, Call) and not side.primes and len(side.args) == 1:
            function = self.names.functions.get(side.name)
            if function is None or function.body is None:
                return None
            return meaning.replaced(function.body, Sym(function.parameter), side.args[0])
        return _entry(side, self.names, "declared")

    def _holds_anyway(self, claim: Claim) -> bool:
        try:
            whole = _with(claim, lambda node: unfolded(node, self.names))
            atoms = _Atoms(self.names)
            bare = _with(whole, lambda node: atoms.of(node, claim.ranges))
            names = replace(self.names, symbols={**_without_definitions(self.names), **atoms.symbols})
            kept = {letter: size for letter, size in bare.ranges.items() if letter in _letters(bare)}
            return Checker(names, self.checker.seed, self.checker.until).check(replace(bare, ranges=kept)).holds
        except FAILURES:
            return False


@dataclass(slots=True)
class _Atoms:
    """Puts a number of its own for each derivative, function, power of e, and moment."""

    names: Names
    symbols: dict[str, Name] = field(default_factory=dict)
    _keys: dict[Node, str] = field(default_factory=dict)

    def of(self, node: Node, ranges: dict[str, int]) -> Node:
        """Return the tree with atoms in it; `ranges` are the letters in force."""
        if _is_atom(node):
            return self._atom(node, ranges)
        if isinstance(node, Big) and node.letter and isinstance(node.high, Num):
            inner = {**ranges, node.letter: int(node.high.value)}
            return rebuilt(node, lambda child: self.of(child, inner))
        return rebuilt(node, lambda child: self.of(child, ranges))

    def _atom(self, node: Node, ranges: dict[str, int]) -> Node:
        letters = list(dict.fromkeys(p.name for p in walk(node) if isinstance(p, Letter) and p.name in ranges))
        letters = [letter for letter in letters if letter in free_letters(node)]
        shape = meaning.shape_of(node, self.names)
        if shape is None or len(letters) > 2 or (letters and shape):
            raise Unreadable("it is no number of its own")
        pattern = plain(renamed(node, {letter: f"@{place}" for place, letter in enumerate(letters)}))
        key = self._keys.setdefault(pattern, f"atom {len(self._keys)}")
        size = tuple(ranges[letter] for letter in letters) or tuple(n for n in shape if n > 1)
        self.symbols[key] = Name(key=key, latex=key, shape=size)
        return At(Sym(key), tuple(Letter(letter) for letter in letters)) if letters else Sym(key)


def _is_atom(node: Node) -> bool:
    return isinstance(node, Deriv | Call | Expect) or (isinstance(node, Pow) and node.base == Const("e"))


def unfolded(node: Node, names: Names) -> Node:
    """Return the tree with what the student named written out."""
    body = _entry(node, names, "student")
    if body is not None:
        return unfolded(body, names)
    return rebuilt(node, lambda child: unfolded(child, names))


def _entry(node: Node, names: Names, origin: str) -> Node | None:
    """Return the definition of a symbol, or of the entry of one, that somebody defined; else None."""
    base = node.base if isinstance(node, At) else node
    name = names.symbols.get(base.key) if isinstance(base, Sym) else None
    if name is None or name.definition is None or name.origin != origin:
        return None
    indices = node.indices if isinstance(node, At) else ()
    if len(indices) != len(name.letters) or not all(isinstance(index, Letter) for index in indices):
        return None
    own = [index.name for index in indices if isinstance(index, Letter)]
    return renamed(plain(name.definition), dict(zip(name.letters, own, strict=True)))


def _without_definitions(names: Names) -> dict[str, Name]:
    """Return the symbols as free numbers, on which no domain puts a sum of 1."""
    return {
        key: replace(
            name, definition=None, letters=(), domain="positive" if name.domain in _NARROW else name.domain
        )
        for key, name in names.symbols.items()
    }  # fmt: skip


def _with(claim: Claim, change: Callable[[Node], Node]) -> Claim:
    return replace(claim, left=change(claim.left), right=change(claim.right), domains=())


def _letters(claim: Claim) -> frozenset[str]:
    return frozenset().union(*map(free_letters, (claim.left, claim.right, *claim.conditions)))


__all__ = ["Leading", "unfolded"]
