"""The modules of an assignment's checks, taken apart into the statements at their top.

A unit is such a statement with the lines of comment right above it. What a unit uses is found by reading, so whatever
finds names only while it runs is refused here, unless the author says in a comment which files go with it:

    SOURCES = Path(__file__).with_name("kernel_side.py").read_text()  # release: kernel_side.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.errors import AssignmentError
from grader.release.free import Function, bound_names, free_names, spelled_annotations

GOES_WITH = re.compile(r"#\s*release:\s*(?P<files>[^#\n]+)")
DYNAMIC = frozenset({"__file__", "__import__", "__loader__", "__spec__", "eval", "exec", "globals"})
LOADERS = frozenset({"importlib", "pkgutil", "runpy"})
ASKS_FIXTURE = ("usefixtures", "getfixturevalue")
FIXTURE = "fixture"


@dataclass(frozen=True, eq=False)
class Unit:
    """One statement at the top of a module, from `first` to `last`, lines counted from 0, both included."""

    module: Module
    nodes: tuple[ast.stmt, ...]  # several where they share a line
    first: int
    last: int

    @cached_property
    def names(self) -> frozenset[str]:
        """What it binds; for `NAMES += …` the name it adds to."""
        return frozenset().union(*map(bound_names, self.nodes))

    @cached_property
    def uses(self) -> frozenset[str]:
        """What it looks up in its module."""
        annotations = [each for node in self.nodes for each in spelled_annotations(node)]
        return frozenset().union(*map(free_names, (*self.nodes, *annotations)))

    @property
    def is_import(self) -> bool:
        """Whether it is an import and nothing else."""
        return isinstance(self.nodes[0], ast.Import | ast.ImportFrom) and len(self.nodes) == 1

    @property
    def text(self) -> str:
        """Its lines as they stand there."""
        return "\n".join(self.module.lines[self.first : self.last + 1])

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.module.path}:{self.nodes[0].lineno}"

    @property
    def function(self) -> Function | None:
        """The function it defines, if that is what it is."""
        return self.nodes[0] if isinstance(self.nodes[0], Function) and len(self.nodes) == 1 else None

    @property
    def is_fixture(self) -> bool:
        """Whether it is a fixture of pytest."""
        return self.function is not None and any(map(_is_fixture, self.function.decorator_list))

    @property
    def is_automatic(self) -> bool:
        """Whether pytest runs it although nothing asks for it."""
        if self.function is None:
            return "pytestmark" in self.names or "pytest_plugins" in self.names
        automatic = any(isinstance(each, ast.Call) and _says_autouse(each) for each in self.function.decorator_list)
        return automatic or self.function.name.startswith(("pytest_", "setup_", "teardown_"))

    @property
    def fixtures(self) -> set[str]:
        """The fixtures it asks pytest for, by parameters or by name."""
        asked = set()
        if self.function is not None and (self.is_fixture or self.function.name.startswith("test")):
            asked = {each.arg for each in (*self.function.args.args, *self.function.args.kwonlyargs)}
        return asked | {name for node in self.nodes for name in self._fixtures_by_name(node)}

    def _fixtures_by_name(self, node: ast.stmt) -> Iterator[str]:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ASKS_FIXTURE:
                for given in call.args:
                    if not isinstance(given, ast.Constant):
                        raise _unclear(self, f"`{call.func.attr}` is given a name that is known only when it runs")
                    yield str(given.value)

    @property
    def companions(self) -> list[str]:
        """The files that the author says go with it."""
        return [name for found in GOES_WITH.finditer(self.text) for name in found["files"].replace(",", " ").split()]

    def require_static(self) -> None:
        """Raise AssignmentError where it may reach what reading does not find."""
        if self.companions:
            return
        found = sorted(self.uses & DYNAMIC)
        for node in self.nodes:
            found += [ast.unparse(each) for each in ast.walk(node) if _reaches_modules(each)]
        if found:
            raise _unclear(self, f"`{found[0]}` may reach anything")


@dataclass(frozen=True, eq=False)
class Module:
    """A file of checks or helpers; `name` is what others import it as."""

    path: Path
    name: str
    source: str

    @property
    def lines(self) -> list[str]:
        """Its lines without their ends."""
        return self.source.split("\n")

    @cached_property
    def docstring(self) -> ast.Expr | None:
        """The statement of its docstring."""
        first = self.tree.body[0] if self.tree.body else None
        text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return first if isinstance(first, ast.Expr) and text else None

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        try:
            return ast.parse(self.source)
        except SyntaxError as error:
            raise AssignmentError(f"{self.path}:{error.lineno}: not valid Python: {error.msg}.") from error

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Its statements but the docstring; those that share a line are one."""
        groups: list[list[ast.stmt]] = []
        for node in self.tree.body[self.docstring is not None :]:
            if groups and _first(node) <= (groups[-1][-1].end_lineno or 0):
                groups[-1].append(node)
            else:
                groups.append([node])
        return tuple(self._unit(group) for group in groups)

    def _unit(self, nodes: list[ast.stmt]) -> Unit:
        first, last = _first(nodes[0]) - 1, (nodes[-1].end_lineno or 1) - 1
        while first > 0 and self.lines[first - 1].startswith("#"):
            first -= 1
        return Unit(module=self, nodes=tuple(nodes), first=first, last=last)

    def binding(self, name: str) -> list[Unit]:
        """Return the units that bind a name."""
        return [unit for unit in self.units if name in unit.names]


def read_modules(checks: Path) -> dict[str, Module]:
    """Return the modules in a folder of checks by the names they are imported as."""
    found = {}
    for path in sorted(checks.rglob("*.py")):
        name = ".".join(path.relative_to(checks).with_suffix("").parts).removesuffix(".__init__")
        try:
            found[name] = Module(path=path, name=name, source=path.read_text(encoding="utf-8").replace("\r\n", "\n"))
        except UnicodeDecodeError as error:
            raise AssignmentError(f"{path}: not UTF-8.") from error
    return found


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _is_fixture(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return FIXTURE in (getattr(function, "attr", ""), getattr(function, "id", ""))


def _says_autouse(call: ast.Call) -> bool:
    return any(each.arg == "autouse" for each in call.keywords)


def _reaches_modules(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
            return True
        case ast.Attribute(value=ast.Name(id=name)):
            return name in LOADERS
    return False


def _unclear(unit: Unit, what: str) -> AssignmentError:
    return AssignmentError(
        f"{unit.place}: what belongs to the public checks cannot be told by reading: {what}. Reach it by its name, or "
        "say in a comment on that line which files of checks/ go with it, whole: # release: helper.py"
    )
