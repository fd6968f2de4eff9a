"""The verdict of a whole derivation: the result, the first false line, the waypoints, the points."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

from grader.errors import AssignmentError
from grader.proofs.beside import left_to_others, own_names
from grader.proofs.claims import Checker, Claim, places_of
from grader.proofs.leading import Leading, unfolded
from grader.proofs.lines import FAILURES, TIME_IS_UP, Session, Step
from grader.proofs.names import Names
from grader.proofs.prose import contexts
from grader.proofs.records import VALID, Judgement, Line, Mark, Passed
from grader.proofs.splitting import split
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import Call, Node, Sym, free_letters, operators, plain, renamed, symbols, walk
from grader.proofs.world import Equation, Waypoint, World, read_equation, read_expression

_BIG = frozenset({"derivative", "sum"})
Place = tuple[int, ...]
Goals = list[tuple[Node, dict[str, int]]]


def judge(
    markdown: str,
    world: World,
    *,
    beside: Sequence[World] = (),
    place: Callable[[int], str] = "line {} of the cell".format,
) -> Judgement:
    """Return the verdict of a derivation in markdown; never raises because of what the student wrote.

    `beside`: the worlds of other derivations the same text may hold; their lines are not held against this one.
    `place` says where the line of a number stands. AssignmentError: the world itself cannot be read.
    """
    worlds = [_Kept(each) for each in (world, *beside)]
    words = frozenset().union(*(each.world.names().words for each in worlds))
    session, *others = (_copy(_session(markdown, each, words)) for each in worlds)
    targets = [_targets(each.world, each.names) for each in (session, *others)]
    if others:
        session.steps = left_to_others(session.steps, [other.steps for other in others], own_names(targets))
    return _Verdict(world, session, targets[0], place).judgement(len(split(markdown)))


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A world as the key of a cache: the same object, not an equal one."""

    world: World

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and self.world is other.world

    def __hash__(self) -> int:
        return id(self.world)


@lru_cache(maxsize=16)
def _session(markdown: str, kept: _Kept, words: frozenset[str]) -> Session:
    """Return what a world makes of the text; a word of another world is a word here too, though an unknown one.

    Kept, since each derivation of an answer is judged beside all the others of it.
    """
    world, names, segments = kept.world, kept.world.names(), split(markdown)
    names.words |= words
    session = Session(world, names, Checker(names, world.seed, time.thread_time() + world.seconds))
    for segment, context in zip(segments, contexts(segments), strict=True):
        session.segment(segment, context)
    return session


def _copy(session: Session) -> Session:
    """Return a session whose steps can be given other lines."""
    return replace(session, steps=[replace(step) for step in session.steps])


def _targets(world: World, names: Names) -> tuple[Equation, ...]:
    try:
        return tuple(read_equation(latex, names) for latex in (world.target, *world.target_also) if latex)
    except Unreadable as exc:
        raise AssignmentError(f"The target of a proof cannot be read: {exc}.") from exc


@dataclass(slots=True)
class _Verdict:
    """Collects what the steps amount to."""

    world: World
    session: Session
    targets: tuple[Equation, ...]
    place: Callable[[int], str]
    leading: list[bool] = field(default_factory=list)

    def judgement(self, segments: int) -> Judgement:
        """Return the verdict."""
        self.session.checker.until = time.thread_time() + self.world.seconds / 2
        steps = self._without_repetition()
        self.leading = Leading(self.session.names, self.session.checker, self.targets).of(steps)
        lines = tuple(step.line for step in steps)
        false = next((line for line in lines if line.mark is Mark.FAILS), None)
        at = min((at for target in self.targets if (at := self._reached(steps, target)) is not None), default=None)
        passed = _by_name(self._passed(waypoint, steps) for waypoint in self.world.waypoints)
        review = tuple(self._reasons(steps, at))
        return Judgement(
            lines=lines, segments=segments, reached=at is not None, first_false=false, waypoints=passed,
            points=self._points(steps, passed, reached=at is not None), review=review,
            sentence=self._sentence(lines, false, reached=at is not None),
        )  # fmt: skip

    def _without_repetition(self) -> list[Step]:
        """Mark lines said before, and lines about numbers alone, as trivial, so that they earn nothing."""
        seen: set[object] = set()
        for step in self.session.steps:
            if step.claim is None:
                continue
            said = (plain(step.claim.left), plain(step.claim.right), step.claim.conditions)
            bare = not any(isinstance(part, Sym | Call) for side in said[:2] for part in walk(side))
            if said in seen or step.goal or bare:
                step.line = replace(step.line, trivial=True)
            seen.add(said)
        return self.session.steps

    # -- the result --------------------------------------------------------------------------------------------------

    def _reached(self, steps: list[Step], target: Equation) -> int | None:
        """Return at which step the result is there for all index values; None: never."""
        wanted = frozenset(places_of(target.ranges))
        stated: set[Place] = set()
        final: set[Place] = set()
        allowed = {key for _, given, _ in self.session.assumptions() for key, _ in given}
        for number, step in enumerate(steps):
            if step.claim is None or not _counts(step, allowed):
                continue
            for side in (step.claim.left, step.claim.right):
                if _states(side, target.left) and self._given(target.left) <= symbols(side):
                    stated |= self._places(side, target.left, target, step.claim)
                if self._is_final(side, target):
                    final |= self._places(side, target.right, target, step.claim)
            if wanted <= stated & final:
                return number
        return None

    def _is_final(self, side: Node, target: Equation) -> bool:
        side = unfolded(side, self.session.names)
        if plain(side) == plain(target.left):
            return False
        default = _BIG - operators(target.right)
        without = frozenset(self.world.target_without) if self.world.target_without is not None else default
        primes = _operators(target.right) - operators(target.right) - operators(side)  # the result may have some itself
        return not (self._words(side) - primes) & without

    def _places(self, side: Node, goal: Node, target: Equation, claim: Claim) -> frozenset[Place]:
        """Return the goal's index values at which an expression is equal to it, whatever its indices are called."""
        ranges = target.ranges
        for names in _renamings(ranges, claim):
            try:
                found = self._equal(
                    side, renamed(goal, names), claim, {**(ranges if not names else {}), **claim.ranges}
                )
            except FAILURES:
                continue
            if found:
                order = [names.get(letter, letter) for letter in ranges]
                return frozenset(tuple(place[letter] for letter in order) for place in found)
        return frozenset()

    def _equal(self, side: Node, goal: Node, claim: Claim, ranges: dict[str, int]) -> list[dict[str, int]]:
        letters = free_letters(side) | free_letters(goal) | frozenset().union(*map(free_letters, claim.conditions))
        kept = {letter: size for letter, size in ranges.items() if letter in letters}
        test = Claim(left=side, right=goal, ranges=kept, conditions=claim.conditions, domains=claim.domains)
        outcome = self.session.checker.check(test)
        return [dict(place) for place in outcome.tested] if outcome.holds else []

    def _words(self, side: Node) -> frozenset[str]:
        """Return what an expression is made of: its operators, and its symbols as they are declared."""
        declared = self.session.names.symbols
        return _operators(side) | {declared[key].latex for key in symbols(side) if key in declared}

    def _given(self, goal: Node) -> frozenset[str]:
        """Return the symbols of a formula that no definition explains: what says the same as it is about them, too."""
        declared = self.session.names.symbols
        return frozenset(key for key in symbols(goal) if key in declared and declared[key].definition is None)

    # -- waypoints, points, review -----------------------------------------------------------------------------------

    def _passed(self, waypoint: Waypoint, steps: list[Step]) -> Passed:
        try:
            goals = [read_expression(latex, self.session.names) for latex in waypoint.any_of]
        except Unreadable as exc:
            raise AssignmentError(f"The waypoint {waypoint.name!r} cannot be read: {exc}.") from exc
        for number, step in enumerate(steps):
            if step.claim is None or not self._in_earnest(steps, number):
                continue
            for side in (step.claim.left, step.claim.right):
                if self._passes(side, step.claim, waypoint, goals):
                    return Passed(name=waypoint.name, found=True, segment=step.line.segment)
        return Passed(name=waypoint.name, found=False)

    def _in_earnest(self, steps: list[Step], number: int) -> bool:
        """Whether a line says something, or names something that such a line uses."""
        step = steps[number]
        if step.line.mark is not Mark.DEFINITION or step.claim is None:
            return self.leading[number]
        pairs = zip(steps, self.leading, strict=True)
        named = symbols(step.claim.left)
        later = [other.claim for other, leads in list(pairs)[number + 1 :] if leads and other.claim]
        return any(named & (symbols(claim.left) | symbols(claim.right)) for claim in later)

    def _passes(self, side: Node, claim: Claim, waypoint: Waypoint, goals: Goals) -> bool:
        words = self._words(side)
        if not set(waypoint.needs) <= words or set(waypoint.without) & words:
            return False
        for goal, ranges in goals:
            for names in _renamings(ranges, claim):
                try:
                    merged = {**(ranges if not names else {}), **claim.ranges}
                    if self._equal(side, renamed(goal, names), claim, merged):
                        return True
                except FAILURES:
                    continue
        return False

    def _points(self, steps: list[Step], passed: tuple[Passed, ...], *, reached: bool) -> float:
        """Return the share of the points, between 0 and 1; what was not understood counts neither way."""
        shares = self.world.shares
        good = sum(step.line.mark in VALID and not step.line.trivial and not step.line.unsaid for step in steps)
        bad = sum(step.line.mark is Mark.FAILS for step in steps)
        earned = shares.lines * (good / max(good + bad, self.world.fewest_lines) if good else 0)
        possible = shares.lines
        if self.targets:
            earned, possible = earned + shares.result * reached, possible + shares.result
        if passed:
            earned += shares.waypoints * sum(item.found for item in passed) / len(passed)
            possible += shares.waypoints
        return round(earned / possible, 4) if possible else 0.0

    def _sentence(self, lines: tuple[Line, ...], false: Line | None, *, reached: bool) -> str:
        """Say the verdict in a sentence or two, for the student."""
        unclear = sum(line.mark in (Mark.UNCLEAR, Mark.NOT_READ) for line in lines)
        more = f" {unclear} {'piece was' if unclear == 1 else 'pieces were'} not understood." if unclear else ""
        if false is not None:
            what = f"The first line that does not hold is ${false.text}$ ({self.place(false.line)})"
            why = f": {false.hint}" if false.hint else f": {false.why}" if false.why else ""
            seen = f". For instance, {false.counter.sentence()}" if false.counter else ""
            return f"{what}{why}{seen}.{more}"
        unsaid = next((line for line in lines if line.unsaid), None)
        if unsaid is not None:
            return f"The line ${unsaid.text}$ holds only if {unsaid.assumption}, which you do not say.{more}"
        if not any(line.mark in VALID for line in lines):
            return f"No line could be checked.{more}"
        holds = "Every line that was understood holds" if unclear else "Every line holds"
        result = " and the result is reached" if reached else ", but the result is not reached"
        return f"{holds}{result if self.targets else ''}.{more}"

    def _reasons(self, steps: list[Step], at: int | None) -> Iterator[str]:
        """Yield why a person should look at it."""
        claims = [s.line for s in steps if s.line.mark not in (Mark.MENTION, Mark.DEFINITION)]
        unread = [line for line in claims if line.mark in (Mark.UNCLEAR, Mark.NOT_READ)]
        if claims and len(unread) * 4 > len(claims):
            yield f"{len(unread)} of {len(claims)} lines were not understood"
        late = time.thread_time() > self.session.checker.until
        if late or any(line.why == TIME_IS_UP for line in claims):
            yield TIME_IS_UP  # so that a slow machine costs nothing
        if at is None:
            return
        if any(step.line.mark is Mark.FAILS for step in steps[: at + 1]):
            yield "the result stands after a false line"
        if sum(self.leading[: at + 1]) < self.world.fewest_lines:
            yield f"fewer than {self.world.fewest_lines} lines lead to the result"


def _by_name(passed: Iterable[Passed]) -> tuple[Passed, ...]:
    """Return one for each name: waypoints of one name are several ways to pass it."""
    found: dict[str, Passed] = {}
    for item in passed:
        if item.name not in found or not found[item.name].found:
            found[item.name] = item
    return tuple(found.values())


def _renamings(ranges: dict[str, int], claim: Claim) -> Iterator[dict[str, str]]:
    """Yield ways to call the goal's letters by the student's: the same letters first; nothing for whole vectors."""
    own = claim.ranges
    if not ranges or not own:
        yield {}
        return
    choices = [
        [letter for letter in sorted(own, key=lambda x: x != goal) if own[letter] == size]
        for goal, size in ranges.items()
    ]
    for number, picked in enumerate(product(*choices)):
        if number > 12:
            return
        yield dict(zip(ranges, picked, strict=True))


def _counts(step: Step, allowed: set[str]) -> bool:
    """Whether a line can be part of the result: true, said in earnest, and not only at some values.

    `allowed`: symbols whose domain may be another than declared, since the world has an assumption about them.
    """
    if step.claim is None or step.claim.sign != "=" or step.goal or step.line.unsaid or step.line.mark not in VALID:
        return False
    narrowed = {key for key, _ in step.claim.domains} - allowed
    return not narrowed and not any(symbols(condition) for condition in step.claim.conditions)


def _states(side: Node, goal: Node) -> bool:
    """Whether an expression has the form of the goal: its derivative or sum still to be taken."""
    wanted = operators(goal)
    return (wanted & _BIG or wanted) <= _operators(side)


def _operators(side: Node) -> frozenset[str]:
    """Return the operators of an expression; a function with a prime is a derivative too."""
    found = operators(side)
    return found | {"derivative"} if any(word.endswith("'") for word in found) else found
