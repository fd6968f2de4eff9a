"""Looking around in the student's kernel with the functions of the modules `mn_kernel_…`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.errors import CallTimedOut, HarnessError, KernelDied, StudentError
from grader.probe import Code, Handle, Student

NAME = "_mn"
MODULES = ("mn_kernel_things", "mn_kernel_arrays", "mn_kernel_files", "mn_kernel_tables", "mn_kernel_models")
LOAD = """
import sys, types

def load(sources):
    found = {}
    for name, text in sources.items():
        sys.modules[name] = module = types.ModuleType(name)
        exec(text, vars(module))
        found.update(vars(module))
    return found
"""
SOURCES = {  # release: mn_kernel_*.py
    name: Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8") for name in MODULES
}
EXPRESSION = f"(lambda ns: (exec({LOAD!r}, ns), ns['load']({SOURCES!r}))[1])({{}})"
RUNS_THEIRS = {"agreement", "guesses_at", "saved", "fill", "fill_at"}  # what goes wrong there may be the student's


class Inside:
    """The functions of these modules, as methods: `inside.members(handle)` is what it says about that object.

    They are sent once, and stay when the notebook's state is restored.
    """

    def __init__(self, student: Student) -> None:
        self._student = student
        self._functions: dict[str, Handle] = {}
        student.set(**{NAME: Code(EXPRESSION)})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._functions:
            self._functions[name] = self._student.read((("item", NAME), ("item", name)))
        function = self._functions[name]

        def ask(*args: Any) -> Any:
            try:
                return function(*args)
            except (CallTimedOut, KernelDied):
                raise
            except StudentError as error:
                if name in RUNS_THEIRS:
                    raise
                raise HarnessError(f"{name}: {error}") from error

        return ask
