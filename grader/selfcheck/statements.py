# ruff: noqa: N802, N815 - methods are called after the nodes they read
"""What the statements of a cell do to which names."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.selfcheck import tables
from grader.selfcheck.expressions import Expressions
from grader.selfcheck.spelling import (
    first_of,
    function_of,
    is_constant,
    is_descriptor,
    is_of_object,
    is_operator,
    is_property,
    is_showing,
    is_shown_otherwise,
    is_simple,
    is_static,
    is_text,
    may_hold_objects,
    may_make_sets,
    mentions,
    own_names,
    root,
    side_by_side,
)
from grader.selfcheck.tables import RANDOM, SETTINGS, WORLD
from grader.selfcheck.touching import NOTHING, Body, Doings, Names, Unclear, add, join


class Reader(Expressions):
    """Reads the statements of one cell."""

    def read(self, statements: Sequence[ast.stmt]) -> Doings:
        """Return what the statements do."""
        self._found.sets |= may_make_sets(statements)
        self._found.growing |= mentions(statements, tables.GROWING)
        self._found.drawn |= mentions(statements, tables.SHOWING_DRAWN)
        self._found.objects |= may_hold_objects(statements)
        for statement in statements:
            self._only_imports &= isinstance(statement, ast.Import | ast.ImportFrom) or is_text(statement)
            self.visit(statement)
        return self.doings

    def visit_Expr(self, node: ast.Expr) -> None:
        names = self.value(node.value)
        if self._body is None and self._known.showing:
            self._unknown(names)

    def visit_Return(self, node: ast.Return) -> None:
        self.value(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        value = node.value
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and side_by_side(target.elts, value.elts):
                found = [self.value(each) for each in value.elts]
                for part, names in zip(target.elts, found, strict=True):
                    self._assign(part, names)
            else:
                self._assign(target, self.value(value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.value(node.annotation)
        if node.value is not None:
            self._assign(node.target, self.value(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        names = self.value(node.value)
        if isinstance(node.target, ast.Name):
            old = self._load(node.target.id)
            self._change(old | names if old else NOTHING)
            self._note_stored(node.target)
            self._bind(node.target.id)
        else:
            self._assign(node.target, names)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._load(target.id)
                self._bind(target.id)
                self._bound.discard(target.id)
            else:
                self._assign(target, NOTHING)

    def visit_For(self, node: ast.For) -> None:
        names = self._iterated(node.iter)
        before = set(self._bound)
        self._assign(node.target, names)
        self._maybe(node.body, set(self._bound))
        self._bound = before
        self._maybe(node.orelse, before)

    def visit_While(self, node: ast.While) -> None:
        self.value(node.test)
        self._maybe(node.body, self._bound)
        self._maybe(node.orelse, self._bound)

    def visit_If(self, node: ast.If) -> None:
        self.value(node.test)
        self._maybe(node.body, self._bound)
        self._maybe(node.orelse, self._bound)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            names = self._unknown(self.value(item.context_expr))
            if item.optional_vars is not None:
                self._assign(item.optional_vars, names)
        self._maybe(node.body, self._bound)

    def visit_Try(self, node: ast.Try) -> None:
        before = set(self._bound)
        for part in (node.body, node.orelse, node.finalbody):
            self._maybe(part, before)
        for handler in node.handlers:
            self.value(handler.type)
            if handler.name is not None:
                self._bind(handler.name)
            self._maybe(handler.body, self._bound)
            self._bound = set(before)

    def visit_Match(self, node: ast.Match) -> None:
        names = self.value(node.subject)
        for case in node.cases:
            for each in ast.walk(case.pattern):
                name = getattr(each, "name", None) or getattr(each, "rest", None)
                if isinstance(name, str):
                    self._assign(ast.Name(id=name, ctx=ast.Store()), names)
                elif isinstance(each, ast.expr):
                    self.value(each)
            self.value(case.guard)
            self._maybe(case.body, self._bound)

    def _maybe(self, statements: Sequence[ast.stmt], bound: set[str]) -> None:
        """Read statements that may be left out, or end early: what they bind is not certain afterwards."""
        self._bound = set(bound)
        for statement in statements:
            self.visit(statement)
        self._bound = set(bound)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._values([node.exc, node.cause])

    def visit_Assert(self, node: ast.Assert) -> None:
        self._values([node.test, node.msg])

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported(alias.name)
            name = alias.asname or root(alias.name)
            self._bind(name, f"import {alias.name if alias.asname else name}")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        self._imported(module)
        for alias in node.names:
            if alias.name == "*":
                raise Unclear(f"`from {module} import *`")
            self._bind(alias.asname or alias.name, f"import {module}.{alias.name}")

    def _imported(self, module: str) -> None:
        if root(module) in tables.DANGEROUS_MODULES and not tables.HARMLESS_IMPORTS.fullmatch(module):
            raise Unclear(f"`import {module}`")
        if root(module) not in tables.KNOWN | tables.DANGEROUS_MODULES:
            for effect in (RANDOM, SETTINGS, WORLD):
                self._effect(effect)
            self._found.sets = self._found.growing = self._found.drawn = True  # for all that is known

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        names = self._decorated(node.decorator_list) | self._values(defaults)
        outer = self._body
        is_method = bool(self._scopes) and self._scopes[-1][2]
        own = first_of(node) if is_method and is_of_object(node) else ""
        self._body = None if is_method and is_showing(node.name) else outer  # what showing does is told apart
        inner = self._inside(node.args, node.body, own)
        self._body = outer
        inner.stateful |= is_method and not is_of_object(node) and not is_static(node)
        inner.stateful |= any(default is not None and not is_constant(default) for default in defaults)
        if outer is not None and inner is not outer:
            join(self._found.bodies, tables.SHOWN, inner)
            add(outer, inner)
        is_own = outer is None and not self._scopes
        self._bind(node.name, "other" if node.decorator_list or not is_own else "def")
        if is_own:
            join(self._found.bodies, f"{node.name} decorated" if node.decorator_list else node.name, inner)
        seen = {name for name in inner.changes | inner.free if self._scopes and self._is_seen(name)}
        self._group({self._full(node.name), *names, *self._meanings(inner.loads | inner.binds), *seen})

    def _decorated(self, decorators: Sequence[ast.expr]) -> Names:
        """Read decorators, which are called on what they stand above."""
        names = NOTHING
        for each in decorators:
            found, name = self.value(each), each.id if isinstance(each, ast.Name) else ""
            if self._full(name) == name and self._known.is_plain(name):
                found = self._called_own(name, found)
            elif not (is_property(each) or self._is_free(name) or self._dotted(function_of(each))):
                self._unknown(found)
            names |= found
        return names

    def visit_AsyncFunctionDef(self, _: ast.AsyncFunctionDef) -> None:
        raise Unclear("`async def`")

    visit_AsyncFor = visit_AsyncWith = visit_AsyncFunctionDef  # type: ignore[assignment]

    def visit_TryStar(self, _: ast.AST) -> None:
        raise Unclear("`except*`")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        names = self._decorated(node.decorator_list) | self._values(keyword.value for keyword in node.keywords)
        names = names.union(*map(self._owner, node.bases))
        outer, is_own = self._body, self._body is None and not self._scopes
        if node.bases and self._known.operators:
            self._unknown(names)  # a class may do something when another is made from it
        self._body = inner = Body() if outer is None else outer
        inner.bases |= {base.id for base in node.bases if isinstance(base, ast.Name)}
        inner.stateful |= any(not is_simple(statement) for statement in node.body)
        own = own_names(node.body)
        self._found.methods |= own
        self._found.operators |= any(is_operator(name) for name in own) or any(map(is_descriptor, node.body))
        self._found.showing |= any(map(is_shown_otherwise, node.body))
        self._scopes.append((self._next_prefix(), own, True))
        for statement in node.body:
            self.visit(statement)
        self._scopes.pop()
        self._body = outer
        strange = bool(node.decorator_list or node.keywords or any(not self._is_own_base(base) for base in node.bases))
        self._bind(node.name, "class" if is_own and not strange else "other")
        if is_own and not strange:
            join(self._found.bodies, node.name, inner)
        more = {WORLD} if strange else set()
        for effect in (RANDOM, SETTINGS, WORLD) if strange else ():
            inner.effects.add(effect)
        if strange:
            join(self._found.bodies, f"{node.name} of another", inner)
        self._group({self._full(node.name), *names, *self._meanings(inner.loads | inner.binds), *more})

    def _is_own_base(self, base: ast.expr) -> bool:
        return isinstance(base, ast.Name) and (base.id == "object" or self._known.is_plain(base.id))

    def visit_Global(self, _: ast.Global) -> None:
        """Names bound by it are found by `_own_names`."""

    visit_Nonlocal = visit_Pass = visit_Break = visit_Continue = visit_Global  # type: ignore[assignment]

    def visit_TypeAlias(self, _: ast.AST) -> None:
        raise Unclear("`type`")

    def generic_visit(self, node: ast.AST) -> None:
        """Refuse a statement nobody thought of."""
        raise Unclear(type(node).__name__)
