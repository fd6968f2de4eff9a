"""What the checks that are released reach: functions, classes, constants, fixtures and imports, across modules."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import AssignmentError
from grader.release.free import Function, bound_names
from grader.release.sources import Module, Unit

CONFTEST = "conftest"
Import = ast.Import | ast.ImportFrom


@dataclass
class Reached:
    """Units that stay, with their names that are used, and by import the names that do.

    `whole` are files that go along as they are.
    """

    modules: dict[str, Module]
    units: set[Unit] = field(default_factory=set)
    used: dict[Unit, set[str]] = field(default_factory=dict)
    imported: dict[Unit, set[str]] = field(default_factory=dict)
    whole: set[Path] = field(default_factory=set)

    def module(self, module: Module) -> bool:
        """Whether anything of a module stays."""
        return any(unit.module is module for unit in (*self.units, *self.imported))


def reach(modules: dict[str, Module], checks: dict[Path, set[str]]) -> Reached:
    """Return what the checks, by file the names of their functions, reach.

    AssignmentError names the place where that cannot be told by reading.
    """
    found = Reached(modules=modules)
    for module in modules.values():
        wanted = checks.get(module.path, set())
        _require_functions(module, wanted)
        for unit in module.units:
            automatic = unit.is_automatic and (wanted or module.path.stem == CONFTEST)
            for name in unit.names if automatic else unit.names & wanted:
                _look_up(module, name, found)
    for module in modules.values():
        if found.module(module):
            _require_tellable(module)
            _require_used(module, found)
    return found


def _require_functions(module: Module, wanted: set[str]) -> None:
    """Raise AssignmentError for a check that is not written down as a function at the top of its file."""
    for name in sorted(wanted):
        if not any(unit.function is not None for unit in module.binding(name)):
            raise AssignmentError(
                f"{module.path}: {name} is no function at the top of its file, so it cannot be released alone. Write "
                "it there, not in a class."
            )


def _take(unit: Unit, found: Reached) -> None:
    """Keep a unit and all it reaches."""
    if unit in found.units:
        return
    found.units.add(unit)
    unit.require_static()
    found.whole |= set(_companions(unit))
    for name in unit.uses:
        _look_up(unit.module, name, found)
    for name in unit.fixtures:
        for module in _fixture_homes(unit.module, found.modules):
            _look_up(module, name, found)
    for node in unit.nodes:
        _follow_modules(node, unit, found)


def _look_up(module: Module, name: str, found: Reached) -> None:
    """Keep all that binds a name in a module, `NAMES += …` too; nothing there does where it is built in."""
    for unit in module.binding(name):
        if not unit.is_import:
            found.used.setdefault(unit, set()).add(name)
            _take(unit, found)
            continue
        if name not in found.imported.setdefault(unit, set()):
            found.imported[unit].add(name)
            _follow_import(unit.nodes[0], name, unit, found)


def _follow_import(node: ast.stmt, name: str, unit: Unit, found: Reached) -> None:
    """Keep in another module of the checks what is imported from it under a name."""
    if not isinstance(node, ast.ImportFrom):
        return
    source = _own(node, unit, found)
    for alias in node.names if source is not None else ():
        if source is not None and (alias.asname or alias.name) == name:
            _look_up(source, alias.name, found)


def _own(node: ast.ImportFrom, unit: Unit, found: Reached) -> Module | None:
    """Return the module of the checks that an import names, None for any other."""
    if node.level:
        raise AssignmentError(f"{unit.place}: checks import one another by name, without dots.")
    return found.modules.get(node.module or "")


def _follow_modules(node: ast.stmt, unit: Unit, found: Reached) -> None:
    """Keep what a unit reaches by way of a module: `helper.ask(…)`, or an import inside a function."""
    called = dict(_modules_called(unit.module, found.modules))
    for inner in ast.walk(node):
        if isinstance(inner, ast.ImportFrom) and (source := _own(inner, unit, found)) is not None:
            for alias in inner.names:
                _look_up(source, alias.name, found)
        elif isinstance(inner, ast.Import):
            called |= dict(_called(inner, found.modules))
    _follow_attributes(node, called, unit, found)


def _follow_attributes(node: ast.stmt, called: dict[str, Module], unit: Unit, found: Reached) -> None:
    """Keep what stands behind the dot of a module; AssignmentError where a module stands without one."""
    read = Counter(each.id for each in ast.walk(node) if isinstance(each, ast.Name) and each.id in called)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id in called:
            read[inner.value.id] -= 1
            _look_up(called[inner.value.id], inner.attr, found)
    for name, left in read.items():
        if left:
            raise AssignmentError(
                f"{unit.place}: the module `{name}` is used as a value, so what of it is needed cannot be told by "
                f"reading. Write {name}.something."
            )


def _modules_called(module: Module, modules: dict[str, Module]) -> Iterator[tuple[str, Module]]:
    for unit in module.units:
        for node in unit.nodes:
            if isinstance(node, ast.Import):
                yield from _called(node, modules)


def _called(node: ast.Import, modules: dict[str, Module]) -> Iterator[tuple[str, Module]]:
    for alias in node.names:
        if alias.name in modules:
            yield alias.asname or alias.name, modules[alias.name]


def _fixture_homes(module: Module, modules: dict[str, Module]) -> Iterator[Module]:
    """Yield the modules in which pytest looks for a fixture: the test's own, and every conftest.py above it."""
    yield module
    yield from (each for each in modules.values() if each.path.stem == CONFTEST)


def _companions(unit: Unit) -> Iterator[Path]:
    for pattern in unit.companions:
        files = [path for path in sorted(unit.module.path.parent.glob(pattern)) if path.is_file()]
        if not files:
            raise AssignmentError(f"{unit.place}: `# release:` names {pattern!r}, which is no file beside it.")
        yield from files


def _require_tellable(module: Module) -> None:
    """Raise AssignmentError where a statement runs for its effect, so that nobody can tell which check needs it."""
    for unit in module.units:
        if "*" in unit.names:
            raise AssignmentError(f"{unit.place}: `import *` does not tell what is used. Import by name.")
        if "__all__" in unit.names:
            raise AssignmentError(f"{unit.place}: take `__all__` out: which of its names are released is found out.")
        runs = [node for node in unit.nodes if not isinstance(node, Function | ast.ClassDef | Import | ast.Pass)]
        if runs and not unit.names and not all(_says_nothing(node) for node in runs):
            raise AssignmentError(
                f"{unit.place}: this runs whenever the file is read, so whether the public checks need it cannot be "
                "told. Put it into a function or a fixture."
            )


def _require_used(module: Module, found: Reached) -> None:
    """Raise AssignmentError where a statement that stays binds, beside what is used, what only hidden checks use."""
    for unit in module.units if module.path not in found.whole else ():
        used = found.used.get(unit, set())
        spare = sorted(unit.names - used - _imported(unit) - {"_"})
        if used and spare:
            raise AssignmentError(
                f"{unit.place}: no public check uses `{spare[0]}`, but it is bound together with `{min(used)}`, which "
                "one does. Write each on a line of its own."
            )


def _imported(unit: Unit) -> frozenset[str]:
    """Return the names of imports inside a statement: `try: import …`."""
    imports = [each for node in unit.nodes for each in ast.walk(node) if isinstance(each, Import)]
    return frozenset().union(*map(bound_names, imports))


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
