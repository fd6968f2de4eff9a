"""What statements load, bind and may change, by names.

A name stands for the object it refers to and all that can be reached from it. Names whose objects may share something
are put in one *group*; changing one of a group is changing all. Names of functions' own are written with their place.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.selfcheck import tables
from grader.selfcheck.tables import ITERATOR, RANDOM, SETTINGS, WORLD

Names = frozenset[str]
NOTHING: Names = frozenset()
FUNCTIONS = (ast.FunctionDef, ast.Lambda)
NUMERIC = (ast.Sub, ast.Div, ast.Pow, ast.MatMult, ast.FloorDiv)  # no list has these


class Unclear(Exception):
    """What a cell does to which names cannot be told."""


@dataclass
class Body:
    """What the bodies of a function, or of a class's methods, do when they are run."""

    loads: set[str] = field(default_factory=set)  # globals
    binds: set[str] = field(default_factory=set)  # globals
    changes: set[str] = field(default_factory=set)
    soft: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)  # names of functions, its own and those around it
    effects: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    generates: bool = False
    stateful: bool = False


@dataclass
class Doings:
    """What a cell does: `now` it loads what stood there before, `later` its functions load more."""

    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    soft: set[str] = field(default_factory=set)  # changed if they are iterators, or of the world
    imports: set[str] = field(default_factory=set)  # bound by an import before anything else happens


@dataclass
class Knowledge:
    """What is known of a whole notebook's names while its cells are read, and becomes known by it."""

    bound_by: dict[str, set[str]] = field(default_factory=dict)  # how each global is bound: def, class, import NAME, …
    bodies: dict[str, Body] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)  # globals of which an attribute or item is set
    loose: set[str] = field(default_factory=set)  # functions and classes with something that may change
    loud: set[str] = field(default_factory=set)  # functions and classes that change what they are given, or more
    methods: set[str] = field(default_factory=set)
    groups: list[Names] = field(default_factory=list)
    operators: bool = False  # a class says what operators do

    def is_plain(self, name: str) -> bool:
        """Whether a global is nothing but a function or class of the notebook's own."""
        return name in self.bodies and self.bound_by.get(name, set()) <= {"def", "class"}

    def module(self, name: str) -> str:
        """Return the dotted name that a global is bound to by import and nothing else, "" where it is not."""
        ways = self.bound_by.get(name, set())
        only = next(iter(ways)) if len(ways) == 1 else ""
        return only.removeprefix("import ") if only.startswith("import ") else ""

    def meaning(self, name: str) -> Names:
        """Return what a global's value leads to: nothing where it cannot change."""
        if self.is_plain(name):
            return frozenset({name}) if name in self.loose else NOTHING
        module = self.module(name)
        if module:
            return NOTHING if _root(module) in tables.KNOWN | {"sys"} else frozenset({name, WORLD})
        return NOTHING if self.is_builtin(name) else frozenset({name})

    def is_builtin(self, name: str) -> bool:
        """Whether a global is Python's own."""
        return name not in self.bound_by and hasattr(builtins, name)

    def effects(self) -> Names:
        """Return all effects that any body has."""
        return frozenset(effect for body in self.bodies.values() for effect in body.effects)


class Reader(ast.NodeVisitor):
    """Reads the statements of one cell; `value` reads an expression and returns what may be reached from its value."""

    def __init__(self, place: str, known: Knowledge, found: Knowledge) -> None:
        self.doings = Doings()
        self._place, self._known, self._found = place, known, found
        self._scopes: list[tuple[str, set[str], bool]] = []  # prefix, own names, is a class
        self._body: Body | None = None
        self._bound: set[str] = set()
        self._number = 0
        self._only_imports = True

    def read(self, statements: Sequence[ast.stmt]) -> Doings:
        """Return what the statements do."""
        for statement in statements:
            self._only_imports &= isinstance(statement, ast.Import | ast.ImportFrom) or _is_text(statement)
            self.visit(statement)
        return self.doings

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

    # --- expressions ------------------------------------------------------------------------------------------

    def value(self, node: ast.expr | None) -> Names:
        """Read an expression; return the names whose objects its value may share something with."""
        if node is None:
            return NOTHING
        method = getattr(self, f"_value_{type(node).__name__}", None)
        if method is None:
            return self._values([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)])
        found: Names = method(node)
        return found

    def _values(self, nodes: Iterable[ast.expr | None]) -> Names:
        return NOTHING.union(*[self.value(node) for node in nodes])

    def _value_Name(self, node: ast.Name) -> Names:
        self._note_handed_on(self._dotted(node))
        return self._load(node.id)

    def _note_handed_on(self, dotted: str) -> None:
        """Note a library's function that is used as a value: whatever is called somewhere may be that one."""
        known = tables.FRESH_FUNCTIONS | tables.SHARING_FUNCTIONS
        if dotted and dotted not in known and not tables.CONSTANT.fullmatch(dotted):
            self._found.bodies.setdefault("<library>", Body()).effects.update({RANDOM, SETTINGS, WORLD})

    def _value_Constant(self, _: ast.Constant) -> Names:
        return NOTHING

    def _value_JoinedStr(self, node: ast.JoinedStr) -> Names:
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        self._soft(self._values([*(part.value for part in parts), *(part.format_spec for part in parts)]))
        return NOTHING

    def _value_Compare(self, node: ast.Compare) -> Names:
        return self._operated(self._values([node.left, *node.comparators]), fresh=True)

    def _value_UnaryOp(self, node: ast.UnaryOp) -> Names:
        return self._operated(self.value(node.operand), fresh=True)

    def _value_BinOp(self, node: ast.BinOp) -> Names:
        sides = [node.left, node.right]
        with_number = isinstance(node.op, ast.Add | ast.Mult) and any(_is_number(side, node.op) for side in sides)
        return self._operated(self._values(sides), fresh=with_number or isinstance(node.op, NUMERIC))

    def _operated(self, names: Names, *, fresh: bool) -> Names:
        if self._known.operators:
            return self._unknown(names)
        return NOTHING if fresh else names

    def _value_Attribute(self, node: ast.Attribute) -> Names:
        dotted = self._dotted(node)
        self._require_clear(node, dotted)
        if dotted:
            self._note_handed_on(dotted)
            return self._load(_name_under(node))
        return self._operated(self.value(node.value), fresh=False)

    def _require_clear(self, node: ast.Attribute, dotted: str) -> None:
        """Refuse what leads to other objects' insides."""
        if node.attr.startswith("__") and node.attr not in tables.HARMLESS_DUNDERS:
            if self._body is None or node.attr != "__class__":
                raise Unclear(f"`.{node.attr}`")
            self._body.stateful = True
        if dotted.startswith("sys.") and dotted.split(".")[1] not in tables.SAFE_SYSTEM:
            raise Unclear(f"`{dotted}`")

    def _value_Subscript(self, node: ast.Subscript) -> Names:
        names = self.value(node.value)
        self.value(node.slice)
        return self._operated(names, fresh=False)

    def _value_NamedExpr(self, node: ast.NamedExpr) -> Names:
        names = self.value(node.value)
        self._assign(node.target, names)
        return names

    def _value_Await(self, _: ast.Await) -> Names:
        raise Unclear("`await`")

    def _value_Yield(self, node: ast.Yield | ast.YieldFrom) -> Names:
        if self._body is None:
            raise Unclear("`yield`")
        self._body.generates = True
        return self.value(node.value)

    _value_YieldFrom = _value_Yield

    def _value_Lambda(self, node: ast.Lambda) -> Names:
        self._values([*node.args.defaults, *node.args.kw_defaults])
        inner = self._inside(node.args, [ast.Return(value=node.body)])
        _join(self._found.bodies, "<lambda>", inner)
        outer = {name for name in inner.changes | inner.free if self._is_seen(name)}
        if self._body is None:
            for effect in set(inner.effects):
                self._effect(effect)
            self._change(name for name in inner.changes if self._is_seen(name))
        return frozenset(self._meanings(inner.loads)) | outer

    def _is_seen(self, name: str) -> bool:
        """Whether a name means something outside the function that was just read."""
        return ":" not in name or any(name.startswith(prefix) for prefix, _, _ in self._scopes)

    def _value_ListComp(self, node: ast.ListComp | ast.SetComp) -> Names:
        return self._comprehended(node, [node.elt])

    _value_SetComp = _value_ListComp

    def _value_DictComp(self, node: ast.DictComp) -> Names:
        return self._comprehended(node, [node.key, node.value])

    def _value_GeneratorExp(self, node: ast.GeneratorExp) -> Names:
        return self._comprehended(node, [node.elt]) | self._iterator()

    def _iterator(self) -> Names:
        """Return what an iterator leads to, which whoever goes through it changes."""
        if self._body is not None:
            self._body.generates = True
        return frozenset({ITERATOR})

    def _comprehended(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, parts: list[ast.expr]
    ) -> Names:
        first = self._iterated(node.generators[0].iter)
        own = {each.id for part in node.generators for each in ast.walk(part.target) if isinstance(each, ast.Name)}
        self._scopes.append((self._next_prefix(), own, False))
        for number, part in enumerate(node.generators):
            if part.is_async:
                raise Unclear("`async for`")
            self._assign(part.target, self._iterated(part.iter) if number else first)
            self._values(part.ifs)
        names = self._values(parts)
        self._scopes.pop()
        return names

    # --- calls ------------------------------------------------------------------------------------------------

    def _value_Call(self, node: ast.Call) -> Names:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        changes_argument = any(keyword.arg in ("out", "key", None) for keyword in node.keywords)
        dotted = self._dotted(node.func)
        if isinstance(node.func, ast.Attribute):
            self._require_clear(node.func, dotted)
        if dotted and not changes_argument:
            self._load(_name_under(node.func))
            return self._called_library(dotted, arguments)
        if isinstance(node.func, ast.Name) and not changes_argument:
            return self._called_name(node.func.id, arguments)
        if isinstance(node.func, ast.Attribute) and not changes_argument:
            return self._called_method(node.func, arguments)
        return self._unknown(self.value(node.func) | self._values(arguments))

    def _called_library(self, dotted: str, arguments: list[ast.expr]) -> Names:
        names = NOTHING.union(*[self._iterated(each) for each in arguments])
        if dotted in tables.FRESH_FUNCTIONS or _root(dotted) in tables.FRESH_MODULES:
            return self._operated(names, fresh=True)
        if dotted in tables.CHANCE:
            self._effect(RANDOM)
            return NOTHING
        if dotted in tables.SHARING_FUNCTIONS:
            return self._operated(names, fresh=False)
        if dotted.startswith(f"{tables.DRAWING}.") and dotted not in tables.DRAWING_WRITES:
            if any(dotted == each or dotted.startswith(f"{each}.") for each in tables.DRAWING_SETS):
                self._effect(SETTINGS)
            return names
        self._effect(RANDOM)
        if tables.SETTING.search(dotted):
            self._effect(SETTINGS)
        return self._unknown(names | {WORLD})

    def _called_name(self, name: str, arguments: list[ast.expr]) -> Names:
        own = self._load(name)
        is_builtin = self._full(name) == name and self._known.is_builtin(name)
        if is_builtin and name in tables.CONSUMING | tables.ITERATING:
            names = NOTHING.union(*[self._iterated(each) for each in arguments])
            if name in tables.ITERATING:
                return names | self._iterator()
            return self._operated(names, fresh=name in tables.FRESH)
        names = self._values(arguments)
        if is_builtin and name in tables.FRESH | tables.SHARING:
            if name == "type" and self._body is not None:
                self._body.stateful = True
            self._soft(names)
            return self._operated(names, fresh=name in tables.FRESH)
        if is_builtin and name in tables.OUTSIDE:
            return self._unknown(names | {WORLD})
        if is_builtin and _is_exception(name):
            return names
        if self._full(name) == name and self._known.is_plain(name):
            return self._called_own(name, own | names)
        return self._unknown(own | names | (self._iterator() if is_builtin else NOTHING))

    def _called_own(self, name: str, names: Names) -> Names:
        body = self._known.bodies[name]
        names |= self._iterator() if body.generates else NOTHING
        names |= {WORLD} if WORLD in body.effects else NOTHING
        if name in self._known.loud:
            self._change(names)
        return names

    def _called_method(self, function: ast.Attribute, arguments: list[ast.expr]) -> Names:
        receiver, names = self.value(function), self._values(arguments)
        if function.attr in self._known.methods or self._known.operators:
            return self._unknown(receiver | names)
        if function.attr in tables.FRESH_METHODS:
            self._soft(receiver | names)
            return NOTHING
        if function.attr in tables.SHARING_METHODS:
            self._soft(receiver | names)
            return receiver | names
        return self._unknown(receiver | names)

    def _unknown(self, names: Names) -> Names:
        """Have everything happen that a call of something unknown can do."""
        for effect in self._known.effects():
            self._effect(effect)
        self._change(names)
        return names

    def _iterated(self, node: ast.expr) -> Names:
        """Read what is gone through once: an iterator that nobody else has is not kept."""
        call = node if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        fresh = call is not None and isinstance(call.func, ast.Name) and self._is_free(call.func.id)
        if call is not None and fresh and isinstance(call.func, ast.Name) and call.func.id in tables.ITERATING:
            return NOTHING.union(*[self._iterated(each) for each in call.args])
        if isinstance(node, ast.GeneratorExp):
            return self._comprehended(node, [node.elt])
        names = self.value(node)
        self._soft(names)
        return names

    def _is_free(self, name: str) -> bool:
        return self._full(name) == name and self._known.is_builtin(name)

    def _dotted(self, node: ast.expr) -> str:
        """Return the full name of a library's function, as in numpy.random.rand; "" where it is something else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or self._full(node.id) != node.id:
            return ""
        module = self._known.module(node.id)
        return ".".join([module, *parts]) if module else ""

    # --- statements -------------------------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        self.value(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        value = node.value
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and _match(target.elts, value.elts):
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

    def _assign(self, target: ast.expr, names: Names) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id)
            self._group({self._full(target.id), *names})
        elif isinstance(target, ast.Tuple | ast.List):
            self._soft(names)
            for part in target.elts:
                self._assign(part, names)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, names)
        elif isinstance(target, ast.Attribute | ast.Subscript):
            self._store(target, names)

    def _store(self, target: ast.Attribute | ast.Subscript, names: Names) -> None:
        dotted = self._dotted(target.value)
        if isinstance(target, ast.Attribute):
            self._require_clear(target, "")
        if dotted:
            if not dotted.startswith((f"{tables.DRAWING}.rcParams", "matplotlib.rcParams")):
                raise Unclear(f"`{dotted}` is changed")
            self._effect(SETTINGS)
        self._note_stored(target)
        if isinstance(target, ast.Subscript):
            self.value(target.slice)
        self._change(self.value(target.value) | names)

    def _note_stored(self, target: ast.expr) -> None:
        name = _name_under(target)
        if name and self._full(name) == name:
            self._found.stored.add(name)

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
            name = alias.asname or _root(alias.name)
            self._bind(name, f"import {alias.name if alias.asname else name}")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        self._imported(module)
        for alias in node.names:
            if alias.name == "*":
                raise Unclear(f"`from {module} import *`")
            self._bind(alias.asname or alias.name, f"import {module}.{alias.name}")

    def _imported(self, module: str) -> None:
        if _root(module) in tables.DANGEROUS_MODULES and not tables.HARMLESS_IMPORTS.fullmatch(module):
            raise Unclear(f"`import {module}`")
        if _root(module) not in tables.KNOWN | tables.DANGEROUS_MODULES:
            for effect in (RANDOM, SETTINGS, WORLD):
                self._effect(effect)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        names = self._values([*node.decorator_list, *defaults])
        outer = self._body
        inner = self._inside(node.args, node.body)
        inner.stateful |= any(default is not None and not _is_constant(default) for default in defaults)
        is_own = outer is None and not self._scopes
        self._bind(node.name, "other" if node.decorator_list or not is_own else "def")
        if is_own and not node.decorator_list:
            _join(self._found.bodies, node.name, inner)
        seen = {name for name in inner.changes | inner.free if self._scopes and self._is_seen(name)}
        self._group({self._full(node.name), *names, *self._meanings(inner.loads | inner.binds), *seen})

    def visit_AsyncFunctionDef(self, _: ast.AsyncFunctionDef) -> None:
        raise Unclear("`async def`")

    visit_AsyncFor = visit_AsyncWith = visit_AsyncFunctionDef  # type: ignore[assignment]

    def visit_TryStar(self, _: ast.AST) -> None:
        raise Unclear("`except*`")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        names = self._values([*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)])
        outer, is_own = self._body, self._body is None and not self._scopes
        self._body = inner = Body() if outer is None else outer
        inner.stateful |= any(not _is_simple(statement) for statement in node.body)
        own = _own_names(node.body)
        self._found.methods |= own
        self._found.operators |= any(_is_operator(name) for name in own) or any(map(_is_descriptor, node.body))
        self._scopes.append((self._next_prefix(), own, True))
        for statement in node.body:
            self.visit(statement)
        self._scopes.pop()
        self._body = outer
        strange = bool(node.decorator_list or node.keywords or any(not self._is_own_base(base) for base in node.bases))
        self._bind(node.name, "class" if is_own and not strange else "other")
        if is_own and not strange:
            _join(self._found.bodies, node.name, inner)
        more = {WORLD} if strange else set()
        for effect in (RANDOM, SETTINGS, WORLD) if strange else ():
            inner.effects.add(effect)
        if strange:
            _join(self._found.bodies, f"{node.name} of another", inner)
        self._group({self._full(node.name), *names, *self._meanings(inner.loads | inner.binds), *more})

    def _is_own_base(self, base: ast.expr) -> bool:
        return isinstance(base, ast.Name) and (base.id == "object" or self._known.is_plain(base.id))

    def visit_Global(self, _: ast.Global) -> None:
        """Names bound by it are found by `_own_names`."""

    visit_Nonlocal = visit_Pass = visit_Break = visit_Continue = visit_Global  # type: ignore[assignment]

    def visit_TypeAlias(self, _: ast.AST) -> None:
        raise Unclear("`type`")

    def _inside(self, arguments: ast.arguments, statements: Sequence[ast.stmt]) -> Body:
        """Read the body of a function; what it does counts for the function, or for the one it stands in."""
        given = {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)}
        for each in ast.walk(arguments):
            if isinstance(each, ast.arg):
                self.value(each.annotation)
        outer, bound = self._body, self._bound
        self._body = inner = Body() if outer is None else outer
        prefix = self._next_prefix()
        self._scopes.append((prefix, given | _own_names(statements), False))
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

    def generic_visit(self, node: ast.AST) -> None:
        """Refuse a statement nobody thought of."""
        raise Unclear(type(node).__name__)


def _join(bodies: dict[str, Body], name: str, body: Body) -> None:
    """Keep a body with those of the same name: any of them may be the one that counts."""
    kept = bodies.setdefault(name, body)
    if kept is not body:
        for part in ("loads", "binds", "changes", "soft", "free", "effects", "parameters"):
            getattr(kept, part).update(getattr(body, part))
        kept.generates |= body.generates
        kept.stateful |= body.stateful


def _own_names(statements: Sequence[ast.stmt]) -> set[str]:
    """Return the names that statements bind in the scope they stand in."""
    own: set[str] = set()
    elsewhere: set[str] = set()
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            own.add(node.name)
            continue
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        own.update(_bound_in(node))
        if not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return own - elsewhere


def _bound_in(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or _root(alias.name) for alias in node.names]
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    is_bound = isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping)
    return [name] if is_bound and isinstance(name, str) else []


def _is_simple(statement: ast.stmt) -> bool:
    """Whether a statement of a class's body leaves nothing that can change."""
    if isinstance(statement, ast.FunctionDef | ast.Pass) or _is_text(statement):
        return True
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return value is not None and _is_constant(value)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _is_number(node: ast.expr, operation: ast.operator) -> bool:
    kinds = (int, float) if isinstance(operation, ast.Add) else (float,)
    return isinstance(node, ast.Constant) and type(node.value) in kinds


def _is_operator(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in tables.QUIET_DUNDERS


def _is_descriptor(statement: ast.stmt) -> bool:
    """Whether a statement of a class's body makes something that runs when it is looked at."""
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef) else []
    names = {each.id if isinstance(each, ast.Name) else "" for each in decorators}
    return not names <= {"staticmethod", "classmethod"}


def _name_under(node: ast.expr) -> str:
    """Return the name at which a chain of attributes and items starts, "" where there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _match(targets: list[ast.expr], values: list[ast.expr]) -> bool:
    return len(targets) == len(values) and not any(isinstance(each, ast.Starred) for each in [*targets, *values])


def _root(dotted: str) -> str:
    return dotted.partition(".")[0]
