# ruff: noqa: N802, N815 - methods are called after the nodes they read
"""What an expression loads, what it may change, and what can be reached from its value."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from grader.selfcheck import tables
from grader.selfcheck.scopes import Scopes
from grader.selfcheck.spelling import has_more_than, is_exception, is_number, may_change, name_under, root
from grader.selfcheck.tables import DRAWN, ITERATOR, RANDOM, SETTINGS, WORLD
from grader.selfcheck.touching import NOTHING, Body, Names, Unclear, join

NUMERIC = (ast.Sub, ast.Div, ast.Pow, ast.MatMult, ast.FloorDiv)  # no list has these


class Expressions(Scopes):
    """Reads expressions, and what is assigned to."""

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
        if self._full(node.id) == node.id:
            self._found.handed.add(node.id)
        return self._load(node.id)

    def _owner(self, node: ast.expr) -> Names:
        """Read what only something of is asked for: what it is itself goes nowhere."""
        return self._load(node.id) if isinstance(node, ast.Name) else self.value(node)

    def _value_Starred(self, node: ast.Starred) -> Names:
        return self._iterated(node.value)

    def _note_handed_on(self, dotted: str) -> None:
        """Note a library's function that is used as a value: whatever is called somewhere may be that one."""
        known = tables.FRESH_FUNCTIONS | tables.SHARING_FUNCTIONS
        if tables.MODULE.fullmatch(dotted):
            raise Unclear(f"`{dotted}`, a library used as a value")  # under another name it can be changed
        if dotted and dotted not in known and not tables.CONSTANT.fullmatch(dotted):
            self._found.bodies.setdefault("<library>", Body()).effects.update({RANDOM, SETTINGS, WORLD})

    def _value_Constant(self, _: ast.Constant) -> Names:
        return NOTHING

    def _value_JoinedStr(self, node: ast.JoinedStr) -> Names:
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        names = self._values([*(part.value for part in parts), *(part.format_spec for part in parts)])
        self._soft(names)
        return self._operated(names, fresh=True)

    def _value_Compare(self, node: ast.Compare) -> Names:
        names = self.value(node.left)
        for operation, each in zip(node.ops, node.comparators, strict=True):
            names |= self._iterated(each) if isinstance(operation, ast.In | ast.NotIn) else self.value(each)
        return self._operated(names, fresh=True)

    def _value_UnaryOp(self, node: ast.UnaryOp) -> Names:
        return self._operated(self.value(node.operand), fresh=True)

    def _value_BinOp(self, node: ast.BinOp) -> Names:
        sides = [node.left, node.right]
        names = self._values(sides)
        with_number = isinstance(node.op, ast.Add | ast.Mult) and any(is_number(side, node.op) for side in sides)
        may_be_set = self._known.sets and isinstance(node.op, ast.Sub)
        return self._operated(names, fresh=with_number or (isinstance(node.op, NUMERIC) and not may_be_set))

    def _operated(self, names: Names, *, fresh: bool) -> Names:
        if self._known.operators:
            return self._unknown(names)
        return NOTHING if fresh and not self._known.objects else names

    def _value_Attribute(self, node: ast.Attribute) -> Names:
        dotted = self._dotted(node)
        self._require_clear(node, dotted)
        if dotted:
            self._note_handed_on(dotted)
            return self._load(name_under(node))
        self._note_looked_at(node)
        return self._operated(self._owner(node.value), fresh=False)

    def _require_clear(self, node: ast.Attribute, dotted: str) -> None:
        """Refuse what leads to other objects' insides."""
        if node.attr.startswith("__") and node.attr not in tables.HARMLESS_DUNDERS:
            if self._body is None or node.attr != "__class__":
                raise Unclear(f"`.{node.attr}`")
            self._body.stateful = self._found.asks_class = True
        if dotted.startswith("sys.") and dotted.split(".")[1] not in tables.SAFE_SYSTEM:
            raise Unclear(f"`{dotted}`")

    def _value_Subscript(self, node: ast.Subscript) -> Names:
        names = self.value(node.value)
        self.value(node.slice)
        return self._unknown(names) if self._known.growing else self._operated(names, fresh=False)

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
        defaults = self._values([*node.args.defaults, *node.args.kw_defaults])
        inner = self._inside(node.args, [ast.Return(value=node.body)])
        join(self._found.bodies, "<lambda>", inner)
        outer = {name for name in inner.changes | inner.free if self._is_seen(name)}
        if self._body is None:
            for effect in set(inner.effects):
                self._effect(effect)
            self._change(name for name in inner.changes if self._is_seen(name))
        return frozenset(self._meanings(inner.loads)) | outer | defaults

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
        dotted = self._dotted(node.func)
        changes_argument = any(map(may_change, node.keywords)) or self._writes_last(node, dotted)
        if isinstance(node.func, ast.Attribute):
            self._require_clear(node.func, dotted)
        if dotted and not changes_argument:
            self._load(name_under(node.func))
            return self._called_library(dotted, arguments)
        if isinstance(node.func, ast.Name) and not changes_argument:
            return self._called_name(node.func.id, arguments)
        if isinstance(node.func, ast.Attribute) and not changes_argument:
            return self._called_method(node.func, arguments)
        return self._unknown(self.value(node.func) | self._values(arguments))

    @staticmethod
    def _writes_last(node: ast.Call, dotted: str) -> bool:
        """Whether an argument by position may be where the result is written to."""
        if dotted:
            return has_more_than(tables.INPUTS.get(dotted), node.args)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return has_more_than(tables.METHOD_INPUTS.get(method), node.args)

    def _called_library(self, dotted: str, arguments: list[ast.expr]) -> Names:
        names = NOTHING.union(*[self._iterated(each) for each in arguments])
        if dotted in tables.FRESH_FUNCTIONS or root(dotted) in tables.FRESH_MODULES:
            return self._operated(names, fresh=True)
        if dotted in tables.CHANCE:
            self._effect(RANDOM)
            return NOTHING
        if dotted in tables.SHARING_FUNCTIONS:
            return self._operated(names, fresh=False)
        if dotted.startswith(f"{tables.DRAWING}.") and dotted not in tables.DRAWING_WRITES:
            if any(dotted == each or dotted.startswith(f"{each}.") for each in tables.DRAWING_SETS):
                self._effect(SETTINGS)
            if self._known.drawn:
                self._effect(DRAWN)
                return names | {DRAWN}
            return names
        self._effect(RANDOM)
        if tables.SETTING.search(dotted):
            self._effect(SETTINGS)
        return self._unknown(names | {WORLD})

    def _called_name(self, name: str, arguments: list[ast.expr]) -> Names:
        own = self._load(name)
        if self._is_free(name):
            return self._called_builtin(name, arguments)
        names = self._values(arguments)
        if self._full(name) == name and self._known.is_plain(name):
            return self._called_own(name, own | names)
        return self._unknown(own | names)

    def _called_builtin(self, name: str, arguments: list[ast.expr]) -> Names:
        if name in tables.CONSUMING | tables.ITERATING:
            names = NOTHING.union(*[self._iterated(each) for each in arguments])
            if name in tables.ITERATING:
                return names | self._iterator()
            return self._operated(names, fresh=name in tables.FRESH)
        names = self._values(arguments)
        if name in tables.FRESH | tables.SHARING:
            if name == "type":
                self._found.asks_class = True
                if self._body is not None:
                    self._body.stateful = True
            self._soft(names)
            return self._operated(names, fresh=name in tables.FRESH)
        if is_exception(name):
            return names
        return self._unknown(names | ({WORLD} if name in tables.OUTSIDE else self._iterator()))

    def _called_own(self, name: str, names: Names) -> Names:
        body = self._known.bodies[name]
        names |= self._iterator() if body.generates else NOTHING
        names |= {WORLD} if WORLD in body.effects else NOTHING
        if name in self._known.loud:
            self._change(names)
        if name in self._known.spending:
            self._soft(names)
        return names

    def _called_method(self, function: ast.Attribute, arguments: list[ast.expr]) -> Names:
        receiver, names = self.value(function), self._values(arguments)
        if function.attr in self._known.methods or self._known.operators:
            return self._unknown(receiver | names)
        if function.attr in tables.FRESH_METHODS:
            self._soft(receiver | names)
            return self._operated(receiver | names, fresh=True)
        if function.attr in tables.SHARING_METHODS:
            self._soft(receiver | names)
            return receiver | names
        if function.attr not in tables.CHANGING_METHODS:
            self._effect(WORLD)
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

    # --- targets ----------------------------------------------------------------------------------------------

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
            self._note_set(target)
        if dotted:
            if not dotted.startswith((f"{tables.DRAWING}.rcParams", "matplotlib.rcParams")):
                raise Unclear(f"`{dotted}` is changed")
            self._effect(SETTINGS)
        self._note_stored(target)
        if isinstance(target, ast.Subscript):
            self.value(target.slice)
        self._change(self._owner(target.value) | names)

    def _note_set(self, target: ast.Attribute) -> None:
        """Note which attribute is set: of an object by its own method, or of what may be a class or function."""
        owner = target.value.id if isinstance(target.value, ast.Name) else ""
        is_own = self._full(owner) in self._selves
        if not is_own and self._known.is_plain(self._full(owner)):
            return  # its name is among those that are stored into
        (self._found.own if is_own else self._found.given).add(target.attr)

    def _note_looked_at(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and self._known.is_plain(self._full(node.value.id)):
            self._found.shared.add(node.attr)

    def _note_stored(self, target: ast.expr) -> None:
        name = name_under(target)
        if name and self._full(name) == name:
            self._found.stored.add(name)
