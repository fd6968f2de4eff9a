"""From a segment to verdicts of lines: each side read, each relation checked, charitable readings tried last."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from fractions import Fraction

from grader.proofs import meaning
from grader.proofs.charity import Side, readings
from grader.proofs.claims import NO_VALUE, Checker, Claim, Nowhere, Outcome
from grader.proofs.conditions import condition_of
from grader.proofs.cursor import Options
from grader.proofs.duals import Undefined
from grader.proofs.hints import hint
from grader.proofs.macros import Macro, expanded, without_definitions
from grader.proofs.membership import interval, is_declaration, is_list, proportional
from grader.proofs.names import Names, parse_name
from grader.proofs.prose import Context
from grader.proofs.reading import Reader, read
from grader.proofs.records import Line, Mark
from grader.proofs.scope import depends
from grader.proofs.showing import show
from grader.proofs.spelling import tokenize
from grader.proofs.splitting import Segment
from grader.proofs.statements import Clause, clauses
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import (
    At,
    Compare,
    Letter,
    Node,
    Num,
    Sym,
    free_letters,
    plain,
    symbols,
    walk,
)
from grader.proofs.values import ShapeError
from grader.proofs.world import World

Domains = tuple[tuple[str, str], ...]
TIME_IS_UP = "the time for this derivation is used up"
FAILURES = (Unreadable, Undefined, RecursionError, ArithmeticError, ValueError, TypeError, IndexError, KeyError)
_SHOWN = {
    "=": "=",
    "!=": r"\neq",
    "<": "<",
    "<=": r"\le",
    ">": ">",
    ">=": r"\ge",
    "~": r"\approx",
    ":=": ":=",
    "in": r"\in",
    "propto": r"\propto",
}
_DEFAULT = Options()


@dataclass(slots=True, kw_only=True)
class Step:
    """A line with what the whole proof needs to know of it."""

    line: Line
    claim: Claim | None = None
    goal: bool = False


@dataclass(slots=True)
class Session:
    """A derivation being read: names grow, the last side of a chain is carried on."""

    world: World
    names: Names
    checker: Checker
    last: Side | None = None
    steps: list[Step] = field(default_factory=list)
    waiting: list[tuple[int, _Where, Side, str, Side]] = field(default_factory=list)
    macros: dict[str, Macro] = field(default_factory=dict)
    _read: dict[tuple[tuple[Token, ...], Options], Side] = field(default_factory=dict)

    def segment(self, segment: Segment, context: Context) -> None:
        """Judge every claim of a segment; whatever happens, at least one line comes out."""
        before = len(self.steps)
        if segment.problem or time.thread_time() > self.checker.until:
            self._note(segment, Mark.NOT_READ, segment.problem or TIME_IS_UP)
            return
        try:
            text = without_definitions(segment.text, self.macros)
            found = clauses(tokenize(expanded(text, self.macros), self.names.words))
            for clause in found:
                self._clause(segment, clause, context)
        except FAILURES as exc:
            self._note(segment, self._unread(segment.text), str(exc) or "it is too involved")
        if len(self.steps) == before:
            self._note(segment, Mark.MENTION, "")

    def _unread(self, text: str) -> Mark:
        return Mark.UNCLEAR if any(sign in text for sign in ("=", r"\le", r"\ge", "<", ">")) else Mark.NOT_READ

    def _note(self, segment: Segment, mark: Mark, why: str, text: str | None = None) -> None:
        shown = segment.text.strip()[:400] if text is None else text
        line = Line(segment=segment.number, line=segment.line, text=shown, mark=mark, why=why)
        self.steps.append(Step(line=line))

    def _clause(self, segment: Segment, clause: Clause, context: Context) -> None:
        if not clause.signs:
            self._mention(segment, clause)
            return
        if context.is_condition:
            self._note(segment, Mark.MENTION, "a condition")
            return
        conditions, domains, remarks = self._conditions(clause, context)
        if context.defines and not clause.continues:
            self._free_alias(clause)
        left = self.last if clause.continues else self.side(clause.sides[0])
        self.last = left
        for sign, tokens in zip(clause.signs, clause.sides[1:], strict=False):
            right = self.side(tokens)
            where = _Where(segment, context, conditions, domains, remarks)
            self.steps.append(self._relation(where, left, sign, right))
            self._look_back(where, left, sign, right)
            if right.node is not None or left is None or left.node is None:
                left = right
            self.last = left

    def _look_back(self, where: _Where, left: Side | None, sign: str, right: Side) -> None:
        """Keep a line with an unknown name; once the name is defined ("where S = …"), judge it again."""
        mark = self.steps[-1].line.mark
        if mark is Mark.UNCLEAR and left is not None and left.node is not None and right.node is not None:
            self.waiting.append((len(self.steps) - 1, where, left, sign, right))
        elif mark is Mark.DEFINITION:
            for place, then, old_left, old_sign, old_right in self.waiting:
                again = (self.side(old_left.tokens), self.side(old_right.tokens))
                step = self._relation(then, again[0], old_sign, again[1])
                if step.line.mark is not Mark.UNCLEAR:
                    self.steps[place] = step
            self.waiting = [kept for kept in self.waiting if self.steps[kept[0]].line.mark is Mark.UNCLEAR][-20:]

    def _free_alias(self, clause: Clause) -> None:
        """`Let J = …`, where J was only another spelling: from now on it is the student's own name."""
        try:
            key = parse_name(clause.sides[0])[0]
            canonical = self.names.aliases[key]
            left, right = self.side(clause.sides[0]).node, self.side(clause.sides[1]).node
            if left is not None and right is not None and canonical not in symbols(right):
                parts, ranges = meaning.resolved((left, right), self.names)
                if not self.checker.check(Claim(left=parts[0], right=parts[1], ranges=ranges)).holds:
                    raise ShapeError("another meaning")
        except ShapeError:
            del self.names.aliases[key]
            self._read.clear()
        except FAILURES:
            return

    def _mention(self, segment: Segment, clause: Clause) -> None:
        side = self.side(clause.sides[0])
        if side.node is None and is_list(side.tokens):
            self._note(segment, Mark.MENTION, "", _text(side))
            return
        text = None if side.node is not None else _text(side) or None
        self._note(segment, Mark.MENTION if side.node is not None else Mark.NOT_READ, side.problem, text)
        if side.node is not None and segment.display:
            self.last = side

    def side(self, tokens: list[Token] | tuple[Token, ...], options: Options = _DEFAULT) -> Side:
        """Read one side, once."""
        key = (tuple(tokens), options)
        if key not in self._read:
            try:
                node, remarks = read(list(tokens), self.names, options)
                self._read[key] = Side(tokens=key[0], node=node, remarks=remarks)
            except Unreadable as exc:
                self._read[key] = Side(tokens=key[0], problem=str(exc))
        return self._read[key]

    def _conditions(self, clause: Clause, context: Context) -> tuple[tuple[Node, ...], Domains, tuple[str, ...]]:
        nodes: list[Node] = []
        remarks: list[str] = []
        given = list(clause.conditions) or [tokenize(text, self.names.words) for text in context.conditions]
        for tokens in given:
            try:
                node = condition_of(Reader(tokens=list(tokens), names=self.names), tokens)
                nodes.extend([node] if node is not None else [])
            except Unreadable:
                remarks.append("a condition beside it was not read")
        labels = [key for key, name in self.names.symbols.items() if name.domain == "one-hot"]
        if context.hot and labels and _mentions(clause, context.hot):
            nodes.append(Compare(At(Sym(labels[0]), (Letter(context.hot),)), "=", Num(Fraction(1))))
        hot = [
            part.left.base.key
            for node in nodes
            for part in walk(node)
            if isinstance(part, Compare) and isinstance(part.left, At) and isinstance(part.left.base, Sym)
        ]
        domains = tuple((key, "one-hot") for key in hot if key in self.names.distributions)
        return tuple(nodes), domains, tuple(remarks)

    # -- one relation ------------------------------------------------------------------------------------------------

    def _relation(self, where: _Where, left: Side | None, sign: str, right: Side) -> Step:
        text = " ".join(_text(side) for side in (left, right) if side is not None)
        where = _with_its_conditions(where, left, right)
        base = Line(
            segment=where.segment.number, line=where.segment.line, text=_raw(left, sign, right), mark=Mark.UNCLEAR,
            condition=", ".join(show(node, self.names) for node in where.conditions),
        )  # fmt: skip
        if left is None:
            return Step(line=replace(base, why="it begins with a relation, and nothing stands before it"))
        if sign != "in" and (left.node is None or right.node is None):
            return Step(line=replace(base, why=left.problem or right.problem or text))
        return self._related(where, base, left, sign, right)

    def _related(self, where: _Where, base: Line, left: Side, sign: str, right: Side) -> Step:
        """Judge a relation of two sides that could be read."""
        if sign == "in" or left.node is None or right.node is None:
            return self._member(where, base, left, right)
        base = replace(
            base, read_as=f"{show(left.node, self.names)} {_SHOWN.get(sign, sign)} {show(right.node, self.names)}"
        )
        try:
            if sign == "propto":
                return self._proportional(where, base, left.node, right.node)
            defined = self._definition(base, left.node, sign, right.node)
            return defined or self._checked(where, base, left, sign, right)
        except ShapeError as exc:
            return self._false_shape(base, left.node, right.node, str(exc))
        except FAILURES as exc:
            return Step(line=replace(base, why=str(exc) or "it is too involved to compute"))

    def _member(self, where: _Where, base: Line, left: Side, right: Side) -> Step:
        """`y_i ∈ (0, 1)`: both bounds hold; a membership in anything else declares something."""
        bounds = interval(right.tokens)
        said = replace(base, mark=Mark.MENTION, why="it says where something lives")
        if bounds is None or left.node is None or is_declaration(left.node, self.names):
            return Step(line=said)
        steps = [self._relation(where, left, sign, self.side(part)) for sign, part in bounds]
        worst = next((step for step in steps if step.line.mark is not Mark.HOLDS), steps[0] if steps else None)
        if worst is None:
            return Step(line=said)
        shown = f"{show(left.node, self.names)} \\in {_text(right)}"
        return replace(worst, line=replace(worst.line, text=base.text, read_as=shown))

    def _proportional(self, where: _Where, base: Line, left: Node, right: Node) -> Step:
        """`y_i ∝ e^{z_i}`: the quotient does not depend on the index."""
        claim, checker = self._claim(where, left, "propto", right)
        proportional(checker, claim)
        remark = f"read with a factor that does not depend on {', '.join(claim.ranges) or 'anything'}"
        return Step(line=replace(base, mark=Mark.HOLDS, remarks=(remark,)), claim=claim)

    def _false_shape(self, base: Line, left: Node, right: Node, why: str) -> Step:
        declared = not (meaning.unknown(left) or meaning.unknown(right))
        return Step(line=replace(base, mark=Mark.FAILS if declared else Mark.UNCLEAR, why=why))

    def _definition(self, base: Line, left: Node, sign: str, right: Node) -> Step | None:
        """A line that introduces a name: what is on its other side is what the name means from now on."""
        if sign not in ("=", ":="):
            return None
        for name_side, body in ((left, right), (right, left)):
            found = meaning.defined_by(name_side, body)
            if found is None or meaning.unknown(body):
                continue
            key, letters = found
            (body,), sizes = meaning.resolved((body,), self.names)
            sizes = {
                **{letter: meaning.Resolver(self.names).default(letter) for letter in letters if letter not in sizes},
                **sizes,
            }
            if set(sizes) - set(letters):
                continue
            bare = meaning.with_definition(self.names, key, letters, body, sizes).key
            self.checker.forget()
            self._read.clear()
            named = At(Sym(bare), tuple(map(Letter, letters))) if letters else Sym(bare)
            claim = Claim(left=named, right=body, ranges={letter: sizes[letter] for letter in letters})
            if self.last is not None:
                self.last = self.side(self.last.tokens)
            return Step(line=replace(base, mark=Mark.DEFINITION), claim=claim)
        return None

    def _checked(self, where: _Where, base: Line, left: Side, sign: str, right: Side) -> Step:
        first: tuple[Claim, Outcome, Checker] | None = None
        error: Exception | None = None
        for remarks, a, b in readings(self.side, self.names, left, right):
            try:
                claim, checker = self._claim(where, a, "=" if sign == ":=" else sign, b)
                outcome = checker.check(claim)
            except FAILURES as exc:
                error = error or exc
                continue
            if outcome.holds:
                return self._true(base, claim, remarks + where.remarks, goal=where.context.is_goal, given=where.domains)
            first = first or (claim, outcome, checker)
        if first is None:
            return self._without_value(where, base, left, sign, right, error)
        return self._false(base, *first, where)

    def _without_value(
        self, where: _Where, base: Line, left: Side, sign: str, right: Side, error: Exception | None
    ) -> Step:
        """A line that is never computed: false where one side alone has no value, else not understood."""
        if isinstance(error, Nowhere) and left.node is not None and right.node is not None and sign != "!=":
            claim, checker = self._claim(where, left.node, "=" if sign == ":=" else sign, right.node)
            if checker is self.checker and (side := checker.undefined(claim)):
                return Step(line=replace(base, mark=Mark.FAILS, why=NO_VALUE.format(side)), claim=claim)
        raise error or Unreadable("it could not be computed")

    def _claim(self, where: _Where, left: Node, sign: str, right: Node) -> tuple[Claim, Checker]:
        parts, ranges = meaning.resolved((left, right, *where.conditions), self.names)
        claim = Claim(
            left=parts[0], right=parts[1], sign=sign, ranges=ranges, conditions=parts[2:], domains=where.domains
        )
        strange = meaning.unknown(parts[0]) | meaning.unknown(parts[1])
        if not strange:
            return claim, self.checker
        if free := sorted(meaning.unknown_dependence(parts[0]) | meaning.unknown_dependence(parts[1])):
            raise Unreadable(f"{free[0].lstrip('?')} is not declared, and may depend on what it is derived by")
        shapes = {key: _used_shape(key, parts[:2], ranges) for key in strange}
        return claim, self.checker.with_unknown(shapes)

    def _true(self, base: Line, claim: Claim, remarks: tuple[str, ...], *, goal: bool, given: Domains) -> Step:
        same = plain(claim.left) == plain(claim.right)
        shapes = {bool(meaning.shape_of(side, self.names)) for side in (claim.left, claim.right)}
        if shapes == {True, False} and claim.ranges:
            remarks = (*remarks, "read with the index put in on the side where it is left out")
        remarks += tuple(
            sorted(meaning.loose_products(claim.left, self.names) | meaning.loose_products(claim.right, self.names))
        )
        assumed = "the labels are one-hot" if given else ""
        line = replace(base, mark=Mark.HOLDS, remarks=remarks, trivial=same, assumption=assumed)
        return Step(line=line, claim=claim, goal=goal)

    def _false(self, base: Line, claim: Claim, outcome: Outcome, checker: Checker, where: _Where) -> Step:
        strange = sorted(key.lstrip("?") for key in meaning.unknown(claim.left) | meaning.unknown(claim.right))
        if strange:
            return Step(
                line=replace(
                    base, why=f"{', '.join(strange)} is not declared, and the line does not hold for every value"
                )
            )
        if (true_class := self._for_the_true_class(claim)) is not None and where.context.class_said:
            words = f"{true_class[0]} is the true class"
            return Step(
                line=replace(base, mark=Mark.HOLDS, assumption=words), claim=true_class[1], goal=where.context.is_goal
            )
        for name, domains, stated in self.assumptions():
            assumed = replace(claim, domains=claim.domains + domains)
            if self._holds(assumed):
                silent = bool(stated) and not any(word in where.context.said for word in stated)
                unsaid = ("you do not say that you assume it",) if silent else ()
                line = replace(base, mark=Mark.ASSUMES, assumption=name, remarks=where.remarks + unsaid, unsaid=silent)
                return Step(line=line, claim=assumed, goal=where.context.is_goal)
        known = f"it holds only where {true_class[0]} is the true class" if true_class is not None else ""
        if self._sets_free(claim):
            why = f"{show(claim.left, self.names)} is free here: this says where it is looked at, and is no claim"
            return Step(line=replace(base, why=why))
        words = hint(checker, claim) or known or self._general(claim)
        return Step(
            line=replace(base, mark=Mark.FAILS, counter=outcome.counter, hint=words, remarks=where.remarks), claim=claim
        )

    def _sets_free(self, claim: Claim) -> bool:
        """Whether it gives a value to a number that may be any: "it halves at t = …", "for x = 0"."""
        name = self.names.symbols.get(claim.left.key) if isinstance(claim.left, Sym) else None
        return (
            name is not None and not name.shape and name.definition is None and claim.sign == "="
            and claim.left.key not in self._below(claim.right)  # type: ignore[attr-defined]
        )  # fmt: skip

    def _below(self, node: Node) -> frozenset[str]:
        """Return the symbols a tree is computed from."""
        return frozenset().union(*(depends(key, self.names) for key in symbols(node)))

    def _for_the_true_class(self, claim: Claim) -> tuple[str, Claim] | None:
        """Return the index letter for which the claim holds where it is the label's, and the claim so restricted."""
        for key, name in self.names.symbols.items():
            for letter, size in claim.ranges.items():
                if name.domain == "one-hot" and name.shape == (size,) and not claim.domains:
                    test = Compare(At(Sym(key), (Letter(letter),)), "=", Num(Fraction(1)))
                    restricted = replace(claim, conditions=(*claim.conditions, test), domains=((key, "one-hot"),))
                    if self._holds(restricted):
                        return letter, restricted
        return None

    def assumptions(self) -> list[tuple[str, Domains, tuple[str, ...]]]:
        """Return what may be assumed, how, and the words that state it; labels declared one-hot need no words."""
        hot = [key for key, name in self.names.symbols.items() if name.domain == "one-hot"]
        given: list[tuple[str, Domains, tuple[str, ...]]] = [
            (f"{self.names.symbols[key].latex} is one-hot", ((key, "one-hot"),), ()) for key in hot
        ]
        for assumption in self.world.assumptions:
            key = self.side(tokenize(assumption.symbol, self.names.words)).node
            if isinstance(key, Sym):
                domain = assumption.name if assumption.variance else assumption.domain
                given.append((assumption.name, ((key.key, domain),), assumption.words))
        return given

    def _general(self, claim: Claim) -> str:
        """Whether it would hold for one-hot vectors only, which nobody allowed."""
        for key, name in self.names.symbols.items():
            if name.domain == "simplex" and self._holds(replace(claim, domains=(*claim.domains, (key, "one-hot")))):
                return f"it holds only where {name.latex} is one-hot"
        return ""

    def _holds(self, claim: Claim) -> bool:
        try:
            return self.checker.check(claim).holds
        except FAILURES:
            return False


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a relation stands and what holds beside it."""

    segment: Segment
    context: Context
    conditions: tuple[Node, ...]
    domains: Domains
    remarks: tuple[str, ...]


def _with_its_conditions(where: _Where, *sides: Side | None) -> _Where:
    """Leave out conditions on indices that do not occur: `i = j` says nothing about a line below without either."""
    nodes = [side.node for side in sides if side is not None and side.node is not None]
    letters: frozenset[str] = frozenset().union(*map(free_letters, nodes))
    kept = [node for node in where.conditions if not free_letters(node) or free_letters(node) & letters]
    return replace(where, conditions=tuple(kept))


def _mentions(clause: Clause, letter: str) -> bool:
    return any(token.text == letter for side in clause.sides for token in side)


def _used_shape(key: str, nodes: tuple[Node, ...], ranges: dict[str, int]) -> tuple[int, ...]:
    """Return the shape an undeclared name must have, from its indices."""
    for node in nodes:
        for part in walk(node):
            if isinstance(part, At) and part.base == Sym(key):
                letters = [index.name for index in part.indices if isinstance(index, Letter)]
                if len(letters) < len(part.indices) or any(letter not in ranges for letter in letters):
                    raise Unreadable(f"{key.lstrip('?')} is not declared")
                return tuple(ranges[letter] for letter in letters)
    return ()


def _text(side: Side) -> str:
    out = ""
    for token in side.tokens:
        piece = f"\\{token.text} " if token.kind == "command" else token.text
        piece = rf"\text{{{token.text}}}" if token.kind in ("text", "word") else piece
        piece = rf"\{token.kind}{{{token.text}}}" if token.kind in ("begin", "end") else piece
        out += {"(abs": "|", "abs)": "|"}.get(piece, piece)
    return out.strip()


def _raw(left: Side | None, sign: str, right: Side) -> str:
    return f"{_text(left) if left else ''} {_SHOWN.get(sign, sign)} {_text(right)}".strip()[:600]


__all__ = ["FAILURES", "Session", "Step", "free_letters"]
