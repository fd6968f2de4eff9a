"""Everything that a check, or the student's code it calls, could change, put back afterwards, whatever happened.

Names and the contents of values are remembered as sealed kernels do it (grader/kernels/inside/memory.py); here also
what functions and classes keep for themselves, the numbers in Keras's models, and the settings of the process. What
cannot be put back is said: see `Kept.changed`.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from IPython.core.displaypub import CapturingDisplayPublisher

from grader.kernels.inside.memory import SHELLS, Memory
from grader.selfcheck.live import drawing, tensors
from grader.selfcheck.live.fingerprint import TooMuch, fingerprint

Undo = Callable[[], None]

SYSTEM = ("stdin", "stdout", "stderr", "displayhook", "excepthook", "breakpointhook", "unraisablehook")
UNNAMED = {"__dict__", "__weakref__"}  # in a class, and not its own
LAST = ("last_type", "last_value", "last_traceback", "last_exc")


class Kept:
    """What is remembered of one notebook's names, and of its own modules below a folder and the current one."""

    def __init__(self, names: dict[str, Any], folder: Path | None = None) -> None:
        place = str(folder or "")
        self.memory = Memory(place)
        self._names = names
        self._order = list(names)
        self.memory.remember(names, names)
        self._hidden = _Hidden(names, self.memory.own, Memory(place))
        self._memories = (self.memory, self._hidden.memory)
        self._prints = self._fingerprints()

    def restore(self) -> None:
        """Put the names and what they hold back."""
        names = self._names
        self.memory.restore(names, list(names))
        if list(names) != self._order:
            ordered = {name: names[name] for name in self._order}
            names.clear()
            names.update(ordered)
        self._hidden.restore()

    def changed(self) -> list[str]:
        """Return the names whose values were changed and could not be put back."""
        now = self._fingerprints()
        names = [name for (number, name), found in self._prints.items() if found != now[number, name]]
        failed = [name for memory in self._memories for name in memory.failed if not SHELLS.fullmatch(name)]
        return sorted({*names, *failed})

    def unknown(self) -> list[str]:
        """Return the names that hold too much to be remembered, or to see whether it was changed."""
        return sorted({name for (_, name), found in self._prints.items() if found is None})

    def _fingerprints(self) -> dict[tuple[int, str], int | None]:
        """Return a fingerprint of what was not remembered, by memory and name; None where there is too much of it."""
        return {
            (number, name): _print_of(left, memory.own)
            for number, memory in enumerate(self._memories)
            for name, left in memory.left_out.items()
            if not SHELLS.fullmatch(name)
        }


@contextlib.contextmanager
def untouched(shell: Any, folder: Path | None) -> Iterator[Kept]:
    """Put everything back at the end; yield what is remembered of the notebook's names."""
    with contextlib.ExitStack() as stack:
        for keep in (_process, _modules, _numpy, _chance, _streams, tensors.keep_chance, drawing.keep):
            stack.callback(keep())
        stack.enter_context(warnings.catch_warnings())
        stack.callback(_shell(shell))
        stack.callback(tensors.keep(shell.user_ns))
        kept = Kept(shell.user_ns, folder)
        stack.callback(kept.restore)
        yield kept


# --- the notebook's own ---------------------------------------------------------------------------------------------


class _Hidden:
    """What functions and classes of the notebook, and of its own modules, keep: defaults, attributes, closures."""

    def __init__(self, names: dict[str, Any], own: frozenset[str], memory: Memory) -> None:
        self.memory, self._own = memory, own
        self._cells: list[tuple[Any, Any]] = []
        self._classes: list[tuple[type, dict[str, Any]]] = []
        tables = [names, *(vars(sys.modules[name]) for name in own - {"__main__"})]
        self._held: dict[str, Any] = {}
        for name, value in [pair for table in tables for pair in table.items()]:
            self._held.setdefault(name, []).extend(self._of(value))
        self.memory.remember(self._held, self._held)

    def restore(self) -> None:
        """Put it back."""
        for kind, attributes in self._classes:
            for name in set(vars(kind)) - set(attributes) - UNNAMED:
                type.__delattr__(kind, name)
            for name, value in attributes.items():
                if vars(kind).get(name) is not value:
                    type.__setattr__(kind, name, value)
        for cell, value in self._cells:
            cell.cell_contents = value
        self.memory.restore(self._held, list(self._held))

    def _of(self, value: Any) -> list[Any]:
        if type(value) is FunctionType:
            return self._of_function(value)
        if issubclass(type(value), type) and type.__getattribute__(value, "__module__") in self._own:
            attributes = {name: each for name, each in vars(value).items() if name not in UNNAMED}
            self._classes.append((value, attributes))
            functions = [each for each in attributes.values() if type(each) is FunctionType]
            inner = [held for function in functions for held in self._of_function(function)]
            return [*inner, *attributes.values()]
        return []

    def _of_function(self, function: FunctionType) -> list[Any]:
        held: list[Any] = [function.__defaults__, function.__kwdefaults__, vars(function)]
        for cell in function.__closure__ or ():
            with contextlib.suppress(ValueError):  # still empty
                self._cells.append((cell, cell.cell_contents))
                held.append(cell.cell_contents)
        return held


def _print_of(values: list[Any], own: frozenset[str]) -> int | None:
    try:
        return fingerprint(values, own)
    except TooMuch:
        return None


# --- the process ----------------------------------------------------------------------------------------------------


def _process() -> Undo:
    environment, folder, path, finders = dict(os.environ), os.getcwd(), list(sys.path), list(sys.meta_path)  # noqa: PTH109
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    limit, trace, hook = sys.getrecursionlimit(), sys.gettrace(), threading.excepthook

    def undo() -> None:
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        os.chdir(folder)
        sys.path[:], sys.meta_path[:], threading.excepthook = path, finders, hook
        sys.setrecursionlimit(limit)
        if sys.gettrace() is not trace:
            sys.settrace(trace)
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return undo


def _modules() -> Undo:
    """Forget namespaces that stand for folders of checks; what else was imported meanwhile may stay."""
    before = set(sys.modules)

    def undo() -> None:
        for name in set(sys.modules) - before:
            module = sys.modules[name]
            if getattr(module, "__file__", None) is None and getattr(module, "__path__", None) is not None:
                del sys.modules[name]

    return undo


def _numpy() -> Undo:
    errors, printing = np.geterr(), np.get_printoptions()

    def undo() -> None:
        np.seterr(**errors)
        np.set_printoptions(**printing)

    return undo


def _chance() -> Undo:
    python, legacy = random.getstate(), np.random.get_state()

    def undo() -> None:
        random.setstate(python)
        np.random.set_state(legacy)

    return undo


def _streams() -> Undo:
    """Answer whoever asks the keyboard meanwhile, as a sealed kernel does, and let nobody start a debugger."""
    system = {name: getattr(sys, name) for name in SYSTEM}
    last = {name: getattr(sys, name) for name in LAST if hasattr(sys, name)}
    asked = builtins.input, getpass.getpass
    answer: Any = lambda *_, **__: "1"  # noqa: E731 - for two places
    builtins.input = getpass.getpass = answer
    sys.breakpointhook = lambda *_, **__: None

    def undo() -> None:
        builtins.input, getpass.getpass = asked
        for name, value in system.items():
            setattr(sys, name, value)
        for name in LAST:
            if name in last:
                setattr(sys, name, last[name])
            elif hasattr(sys, name):
                delattr(sys, name)

    return undo


def _shell(shell: Any) -> Undo:
    """Show nothing that is displayed meanwhile, and do not end where the student's code says `exit()`."""
    publisher = shell.display_pub
    shell.display_pub = CapturingDisplayPublisher()  # type: ignore[no-untyped-call]
    shell.ask_exit = lambda: None

    def undo() -> None:
        shell.display_pub = publisher
        del shell.ask_exit

    return undo
