"""What cannot work while grading is made harmless and noted, so that the rest of the notebook still runs.

There is no terminal, no network, no person to answer: shell commands and installations are skipped, `input()`
is answered, unknown magics do nothing.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.utils.text import SList

if TYPE_CHECKING:
    from grader.kernels.inside import colab, otter_standin
    from grader.kernels.inside.guard import Guard
    from grader.kernels.inside.hooks import AfterImport
    from grader.kernels.inside.journal import Journal
else:
    import colab
    import otter_standin

MAX_ANSWERS = 100
MAX_FRAMES = 40
MAX_SHOWN = 60
SKIPPED_LINE_MAGICS = frozenset(
    [
        "conda",
        "edit",
        "gui",
        "mamba",
        "micromamba",
        "pip",
        "rehashx",
        "sc",
        "sx",
        "system",
        "tensorflow_version",
        "uv",
    ]
)
SKIPPED_CELL_MAGICS = frozenset(
    [
        "!",
        "bash",
        "cmd",
        "perl",
        "pypy",
        "python",
        "python2",
        "python3",
        "ruby",
        "script",
        "sh",
        "sx",
        "system",
    ]
)
REPEATS = re.compile(r"\s*-[nr]\s*\d+\s*")


class NeutralShell(ZMQInteractiveShell):
    """IPython's shell without the shell: nothing outside Python is started, no magic stops a notebook."""

    journal: Journal
    guard: Guard | None = None

    def transform_cell(self, raw_cell: str) -> str:
        """Turn magics into Python, with the empty lines at the top kept: tracebacks count them."""
        body = raw_cell.lstrip()
        above = raw_cell[: len(raw_cell) - len(body)].count("\n")
        return "\n" * above + str(super().transform_cell(raw_cell))  # type: ignore[no-untyped-call]

    async def run_code(self, code_obj: Any, result: Any = None, *, async_: bool = False) -> Any:
        """Run code of a cell, and mend what it broke of the kernel's own ground."""
        try:
            return await super().run_code(code_obj, result, async_=async_)  # type: ignore[no-untyped-call]
        finally:
            if self.guard is not None:
                self.guard.restore()

    def system(self, cmd: str) -> None:
        """Skip `!cmd`."""
        self.journal.note(f"`!{_short(cmd)}` was not run")
        self.user_ns["_exit_code"] = 0

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:  # noqa: FBT001, FBT002
        """Skip `x = !cmd`; its output is empty."""
        self.journal.note(f"`!{_short(cmd)}` was not run")
        return SList() if split else ""

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a magic that can work here; note the others."""
        if magic_name == "grade" or (magic_name.endswith("load_ext") and line.strip() == "grader"):
            return None  # a student's check of themselves, which has no place here
        if magic_name in {"matplotlib", "pylab"}:
            if line.split("#")[0].strip() != "inline":
                self.journal.note(f"`{_short(f'%{magic_name} {line}')}` was taken as `%matplotlib inline`")
            magic_name, line = "matplotlib", "inline"
        elif magic_name == "timeit":
            line = "-n 1 -r 1 " + self._once(line)
        elif reason := self._why_not(magic_name, line):
            self.journal.note(f"`{_short(f'%{magic_name} {line}')}` {reason}")
            return None
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell magic that can work here; the body of any other is not run."""
        if magic_name == "timeit":
            line = "-n 1 -r 1 " + self._once(line)
        elif magic_name in SKIPPED_CELL_MAGICS or self._find_with_lazy_load("cell", magic_name) is None:
            self.journal.note(f"the cell starts with `%%{_short(magic_name)}` and was not run")
            return None
        return super().run_cell_magic(magic_name, line, cell)  # type: ignore[no-untyped-call]

    def magic(self, arg_s: str) -> Any:
        """Run a magic as `get_ipython().magic("%name ...")` did before IPython 9."""
        name, _, line = arg_s.partition(" ")
        return self.run_line_magic(name.lstrip("%"), line, 2)

    def ask_exit(self) -> None:
        """Skip `exit()` and `quit()`: the cells after it still run."""
        self.journal.note("`exit()` was skipped")

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        """Leave out the middle of a deep recursion: to show a thousand frames takes seconds."""
        kind, error, traceback = super()._get_exc_info(exc_tuple)  # type: ignore[no-untyped-call]
        frames = list(_chain(traceback))
        if len(frames) > MAX_FRAMES:
            frames[MAX_FRAMES // 2 - 1].tb_next = frames[-MAX_FRAMES // 2]
        return kind, error, traceback

    def _why_not(self, name: str, line: str) -> str:
        argument = line.split("#")[0].strip().strip("'\"")
        if name in SKIPPED_LINE_MAGICS:
            return "was not run"
        if name == "cd" and argument and not argument.startswith("-"):
            return "" if Path(argument).expanduser().is_dir() else "was not run: there is no such folder"
        if name in {"load_ext", "reload_ext"}:
            return "" if _importable(argument) else "was not run: there is no such extension"
        return "" if self._find_with_lazy_load("line", name) else "is unknown here and was skipped"

    def _once(self, line: str) -> str:
        self.journal.note("`%timeit` ran once")
        while match := REPEATS.match(line):
            line = line[match.end() :]
        return line


# Libraries recognise a notebook by this name.
NeutralShell.__name__ = NeutralShell.__qualname__ = "ZMQInteractiveShell"


class Console:
    """Answers `input()` and `getpass()` with "1", and after a hundred answers with the end of input."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._answers = 0
        builtins.input = self.answer
        getpass.getpass = lambda prompt="", stream=None: self.answer(prompt, "getpass")

    def answer(self, prompt: object = "", name: str = "input") -> str:
        """Show the prompt and the answer, as if somebody had typed it."""
        self._answers += 1
        if self._answers > MAX_ANSWERS:
            message = f"{name}() was asked more than {MAX_ANSWERS} times"
            raise EOFError(message)
        self._journal.note(f"`{name}()` was answered with '1'")
        print(f"{prompt}1")  # noqa: T201 - on the student's own output
        return "1"


def watch(hooks: AfterImport, journal: Journal) -> None:
    """Make `google.colab`, otter and `webbrowser` harmless and TensorFlow quiet as they are imported."""
    colab.install(journal)
    otter_standin.install(journal)

    def silence(module: ModuleType) -> None:
        def open_nothing(url: object, *_: Any, **__: Any) -> bool:
            journal.note(f"`webbrowser.open({_short(str(url))!r})` was skipped")
            return True

        module.open = module.open_new = module.open_new_tab = open_nothing  # type: ignore[attr-defined]

    hooks.add("webbrowser", silence)
    hooks.add("tensorflow", lambda _: None, around=_without_stderr)


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """Let nobody write to descriptor 2: TensorFlow tells there, while it is imported, that it found no GPU."""
    nothing, kept = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _chain(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _importable(name: str) -> bool:
    try:
        return any(importlib.util.find_spec(found) for found in (name, f"IPython.extensions.{name}"))
    except (ImportError, ValueError):
        return False


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MAX_SHOWN else words[: MAX_SHOWN - 1] + "…"
