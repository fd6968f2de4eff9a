"""Which names code loads, binds and changes, each in the scope it belongs to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from grader.selfcheck import tables
from grader.selfcheck.spelling import own_names
from grader.selfcheck.tables import WORLD
from grader.selfcheck.touching import Body, Doings, Knowledge, Names, Unclear


class Scopes(ast.NodeVisitor):
    """Keeps what is loaded, bound and changed while statements are read, each name in the scope it belongs to."""

    def __init__(self, place: str, known: Knowledge, found: Knowledge) -> None:
        self.doings = Doings()
        self._place, self._known, self._found = place, known, found
        self._scopes: list[tuple[str, set[str], bool]] = []  # prefix, own names, is a class
        self._body: Body | None = None
        self._selves: set[str] = set()  # what methods call the objects they are called on
        self._bound: set[str] = set()
        self._number = 0
        self._only_imports = True

    # --- names ------------------------------------------------------------------------------------------------

    def _full(self, name: str) -> str:
        for number, (prefix, own, is_class) in enumerate(reversed(self._scopes)):
            if name in own and not (is_class and number):
                return prefix + name
        return name

    def _load(self, name: str) -> Names:
        full = self._full(name)
        if full != name:
            if self._body is not None:
                self._body.free.add(full)
            return frozenset({full})
        if name in tables.DANGEROUS or tables.HISTORY.fullmatch(name):
            raise Unclear(f"`{name}`")
        if self._body is not None:
            self._body.loads.add(name)
            self.doings.later.add(name)
        elif name not in self._bound:
            self.doings.now.add(name)
        return self._meaning(name)

    def _meaning(self, name: str) -> Names:
        """Return what a global's value leads to, and note what happens when it is used."""
        if self._known.is_plain(name):
            for effect in self._known.bodies[name].effects:
                self._effect(effect)
        return self._known.meaning(name)

    def _bind(self, name: str, how: str = "other") -> None:
        full = self._full(name)
        if full != name:
            return
        self._found.bound_by.setdefault(name, set()).add(how)
        self.doings.binds.add(name)
        if self._body is not None:
            self._body.binds.add(name)
        else:
            self._bound.add(name)
        if how.startswith("import ") and self._only_imports:
            self.doings.imports.add(name)

    def _effect(self, name: str) -> None:
        """Note that something happens to what has no name."""
        if self._body is not None:
            self._body.effects.add(name)
            if name == WORLD:
                self.doings.later.add(name)
        else:
            self.doings.now.add(name)
            self.doings.changes.add(name)

    def _change(self, names: Iterable[str]) -> None:
        names = set(names)
        if WORLD in names:
            self._effect(WORLD)
        (self._body or self.doings).changes.update(names)
        self._group(names)

    def _soft(self, names: Iterable[str]) -> None:
        (self._body or self.doings).soft.update(names)

    def _group(self, names: Iterable[str]) -> None:
        group = frozenset(names)
        if len(group) > 1:
            self._found.groups.append(group)

    def _inside(self, arguments: ast.arguments, statements: Sequence[ast.stmt], own: str = "") -> Body:
        """Read the body of a function; what it does counts for the function, or for the one it stands in.

        `own` is what a method calls the object it is called on.
        """
        given = {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)}
        for each in ast.walk(arguments):
            if isinstance(each, ast.arg):
                self.value(each.annotation)
        outer, bound = self._body, self._bound
        self._body = inner = Body() if outer is None else outer
        prefix = self._next_prefix()
        locals_ = own_names(statements)
        self._selves |= {prefix + own} if own and own not in locals_ else set()
        self._scopes.append((prefix, given | locals_, False))
        inner.parameters |= {prefix + name for name in given}
        inner.stateful |= "cls" in given
        for statement in statements:
            self.visit(statement)
        self._scopes.pop()
        self._body, self._bound = outer, bound
        return inner

    def _meanings(self, names: Iterable[str]) -> set[str]:
        return {each for name in names for each in self._known.meaning(name)}

    def _next_prefix(self) -> str:
        self._number += 1
        return f"{self._place}:{self._number}:"

    def value(self, node: ast.expr | None) -> Names:
        """Read an expression; return the names whose objects its value may share something with."""
        raise NotImplementedError
