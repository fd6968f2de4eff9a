"""Which cells of a notebook have to be run for what: read from the code, without running any.

A cell is needed for a name when it binds it, or may change what it refers to; then what that cell loads is needed,
too, as it was before the cell, and what its functions load, as it is at the end. The answer errs on one side: it may
name cells that are not needed, and says `Unclear` where a cell can reach names in ways that the code does not show.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.notebook.magics import without_magics
from grader.notebook.pieces import parse
from grader.selfcheck import tables
from grader.selfcheck.statements import Reader
from grader.selfcheck.tables import ITERATOR, SETTINGS, WORLD
from grader.selfcheck.touching import Body, Doings, Knowledge, Unclear, inherit

MAX_ROUNDS = 30

__all__ = ["Depends", "Unclear"]


@dataclass(frozen=True, kw_only=True)
class _Cell:
    doings: Doings
    changed: frozenset[str]  # groups, by one of their names


class Depends:
    """What the cells of a notebook do to which names; `sources` has None where a cell is text.

    Raises Unclear when that cannot be told.
    """

    def __init__(self, sources: Sequence[str | None]) -> None:
        trees = [None if source is None else _parsed(source) for source in sources]
        known, doings = Knowledge(), [Doings() for _ in trees]
        for _ in range(MAX_ROUNDS):
            found = Knowledge(loose=set(known.loose), loud=set(known.loud), spending=set(known.spending))
            doings = [
                Doings() if tree is None else Reader(str(index), known, found).read(tree)
                for index, tree in enumerate(trees)
            ]
            groups = _Groups(found.groups)
            _conclude(found, groups)
            if _summary(found) == _summary(known):
                break
            known = found
        else:
            raise Unclear("functions that call one another")
        self._known, self._groups = known, groups
        self._cells = [_Cell(doings=each, changed=_changed(each, groups)) for each in doings]

    def for_names(self, names: Iterable[str]) -> frozenset[int]:
        """Return the cells that give some globals the values they have at the end."""
        return self._closed([(name, len(self._cells)) for name in names])

    def for_cell(self, index: int) -> frozenset[int]:
        """Return the cells that have to be run for a cell to do what it does, itself among them."""
        return self._closed(self._wants(index)) | {index}

    def for_cells(self, indices: Iterable[int]) -> frozenset[int]:
        """Return the cells that have to be run for some cells to do what they do, and those themselves."""
        return frozenset(each for index in indices for each in self.for_cell(index))

    def _wants(self, index: int) -> list[tuple[str, int]]:
        doings = self._cells[index].doings
        end = len(self._cells)
        return [*((name, index) for name in {*doings.now, SETTINGS}), *((name, end) for name in doings.later)]

    def _closed(self, wanted: list[tuple[str, int]]) -> frozenset[int]:
        """Return the cells needed for names at places, and for those cells, and so on."""
        needed: set[int] = set()
        seen: set[tuple[str, int]] = set()
        waiting = list(wanted)
        while waiting:
            want = waiting.pop()
            if want in seen:
                continue
            seen.add(want)
            for index in self._makers(*want) - needed:
                needed.add(index)
                waiting += self._wants(index)
        return frozenset(needed)

    def _makers(self, name: str, end: int) -> set[int]:
        """Return the cells before `end` that bind a name or may change what it refers to."""
        binders = {i for i, cell in enumerate(self._cells[:end]) if name in cell.doings.binds}
        first = [i for i in sorted(binders) if name in self._cells[i].doings.imports]
        if first and self._known.module(name):
            return {first[0]}  # the others import the same again
        group = self._groups.of(name)
        return binders | {i for i, cell in enumerate(self._cells[:end]) if group in cell.changed}


class _Groups:
    """Names that may share objects, joined."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self._parents: dict[str, str] = {}
        for group in groups:
            first, *others = group
            for other in others:
                self._parents[self.of(other)] = self.of(first)

    def of(self, name: str) -> str:
        """Return the name that stands for the group of a name."""
        while (parent := self._parents.get(name, name)) != name:
            self._parents[name] = self._parents.get(parent, parent)
            name = parent
        return name

    def all_of(self, names: Iterable[str]) -> frozenset[str]:
        """Return the groups of names."""
        return frozenset(map(self.of, names))


def _parsed(source: str) -> list[ast.stmt]:
    """Return the statements of a cell; Unclear where it is no Python, or has a magic that does something."""
    plain = without_magics(source)
    for before, after in zip(source.split("\n"), plain.split("\n"), strict=False):
        if before != after and not tables.MAGIC.fullmatch(before):
            raise Unclear(f"`{before.strip()[:40]}`")
    tree = parse(plain)
    if isinstance(tree, str):
        raise Unclear("a cell that is no Python")
    return list(tree.body)


def _changed(doings: Doings | Body, groups: _Groups) -> frozenset[str]:
    """Return the groups that are changed; of what is only looked at, those that looking changes."""
    moving = groups.all_of({WORLD, ITERATOR})
    return groups.all_of(doings.changes) | (groups.all_of(doings.soft) & moving)


def _conclude(found: Knowledge, groups: _Groups) -> None:
    """Note which functions and classes hold something that may change, and what they do to what they are given."""
    inherit(found.bodies)
    may_be_set = found.may_be_set()
    for name, body in found.bodies.items():
        env = {each for other in (body.loads | body.binds) - {name} for each in found.meaning(other)}
        if body.stateful or name in may_be_set or env:
            found.loose.add(name)
        given = groups.all_of({*body.parameters, *env, name})
        if body.stateful or body.binds or body.effects - {tables.RANDOM} or given & _changed(body, groups):
            found.loud.add(name)
        if given & groups.all_of(body.soft):
            found.spending.add(name)
    shown = found.bodies.get(tables.SHOWN)
    found.showing |= shown is not None and (tables.SHOWN in found.loud or bool(shown.effects))
    found.operators |= found.showing


def _summary(known: Knowledge) -> tuple[object, ...]:
    bodies = {name: (frozenset(body.effects), body.generates, body.stateful) for name, body in known.bodies.items()}
    bound = {name: frozenset(ways) for name, ways in known.bound_by.items()}
    hints = known.operators, known.sets, known.growing, known.drawn, known.showing, known.objects
    return bound, bodies, known.loose, known.loud, known.spending, known.stored, known.methods, hints
