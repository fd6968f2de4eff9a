"""A stand-in for otter: what a notebook calls of it does nothing, and test cells of an imported assignment run by it.

Notebooks ask `grader.check("q1")`, `grader.check_all()`, `grader.export()`; none of that is possible while grading, nor
needed. The test cells call `doctest_case` and `function_case`, which end with an AssertionError when a case fails.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import random
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.kernels.inside.hooks import StandInFinder
    from grader.kernels.inside.journal import Journal
else:
    from hooks import StandInFinder

ROOT = "otter"
MAX_SHOWN = 600
CALL = '__import__("otter.test_files")'  # how test cells begin
TRACEBACK = "Traceback (most recent"
FILE = "<test of otter>"


class _Said:
    """What an error here says is all there is to read: no line of ours helps."""

    def _render_traceback_(self) -> list[str]:
        return []


class TestFileBroken(_Said, Exception):
    """The lines around the cases could not be run: that is not the student's fault."""


class _Failed(_Said, AssertionError):
    """A case does not hold."""


class _Missing(_Said, NotImplementedError):
    """What a case asks for is as it was handed out."""


_Failed.__name__, _Missing.__name__ = AssertionError.__name__, NotImplementedError.__name__


class test_case:  # noqa: N801 - otter's own name
    """The decorator of a case: it keeps the function, and everything else was read before."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.test_func: Callable[..., Any] = lambda: None

    def __call__(self, function: Callable[..., Any]) -> test_case:
        """Keep the function."""
        self.test_func = function
        return self


def doctest_case(code: str) -> None:
    """Run a doctest in a copy of the caller's globals; AssertionError says what its first failing line came to.

    A student's NotImplementedError stays one: the cell is as it was handed out.
    """
    import doctest

    class Runner(doctest.DocTestRunner):
        """Remembers the first failure in words."""

        said = ""

        def report_failure(self, out: Any, test: Any, example: doctest.Example, got: str) -> None:
            quoted = repr if _short(example.want) == _short(got) else _quoted  # they differ in spaces alone
            wanted = f"raise `{_short(example.exc_msg)}`" if example.exc_msg else f"show {quoted(example.want)}"
            came = f"raised `{_last_line(got)}`" if got.startswith(TRACEBACK) else f"showed {quoted(got)}"
            self.said = self.said or f"`{_short(example.source)}` should {wanted} and {came}."

        def report_unexpected_exception(self, out: Any, test: Any, example: doctest.Example, exc_info: Any) -> None:
            if isinstance(exc_info[1], NotImplementedError) and not self.said:
                raise _Missing(str(exc_info[1]))
            self.said = self.said or _came_to(exc_info[1], _short(example.source))

    examples = doctest.DocTestParser().get_examples(code)
    test = doctest.DocTest(examples, sys._getframe(1).f_globals, "case", None, None, code)
    runner = Runner(verbose=False)
    with _unseen():
        failed = runner.run(test, out=lambda _: None, clear_globs=False).failed
    if failed:
        raise _Failed(runner.said)


def function_case(source: str, name: str) -> None:
    """Run one case of a file of functions; its arguments are the caller's globals of these names, `env` all of them.

    AssertionError says which line did not hold, TestFileBroken that the file itself did not run.
    """
    environment = sys._getframe(1).f_globals
    namespace: dict[str, Any] = {"__name__": "otter_test"}
    try:
        exec(compile(source, FILE, "exec"), namespace)  # noqa: S102 - in the sealed kernel
        function = namespace[name].test_func
        arguments = {each: environment.get(each) for each in inspect.signature(function).parameters}
    except Exception as error:  # noqa: BLE001 - whatever the author's lines raise
        message = f"The test itself cannot be run here: {_named(error)}"
        raise TestFileBroken(message) from None
    if "env" in arguments:
        arguments["env"] = environment
    try:
        function(**arguments)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the student's function raises
        why = _came_to(error, _line_of(error, source))
        kind = _Missing if isinstance(error, NotImplementedError) else _Failed
    else:
        return
    raise kind(why)


def seed_cells(seed: int, variable: str | None) -> None:
    """Seed the usual generators before every cell from now on, or set a variable to the seed."""
    import numpy
    from IPython import get_ipython

    shell: Any = get_ipython()

    def before_cell(info: Any) -> None:
        if str(info.raw_cell).startswith(CALL):
            return  # what a test asks goes on where the notebook stopped
        if variable is not None:
            shell.user_ns[variable] = seed
            return
        random.seed(seed)
        numpy.random.seed(seed)

    shell.events.register("pre_run_cell", before_cell)


def _came_to(error: BaseException, line: str) -> str:
    """Say of a line of a test that it does not hold, in its author's words where there are some, or what it raised."""
    if isinstance(error, AssertionError):
        return _short(str(error)) or f"`{line}` does not hold."
    return f"`{line}` raised {_named(error)}"


def _line_of(error: BaseException, source: str) -> str:
    """Return the statement of the test in which it ended."""
    traceback, number = error.__traceback__, 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            number = traceback.tb_lineno
        traceback = traceback.tb_next
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    around = [node for node in statements if node.lineno <= number <= (node.end_lineno or 0)]
    found = max(around, key=lambda node: node.lineno, default=None)
    return _short(ast.get_source_segment(source, found) or "") if found is not None else "the case"


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {_short(str(error))}".removesuffix(": ").removesuffix(".") + "."


def _quoted(text: str) -> str:
    return f"`{_short(text)}`" if text.strip() else "nothing"


def _last_line(text: str) -> str:
    return _short(text.strip().rpartition("\n")[2])


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    """Let nothing be shown: a doctest compares what a line returns or prints, and no picture belongs to that."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        formatters = shell.display_formatter.formatters
        shell.display_formatter.formatters = {}
        try:
            yield
        finally:
            shell.display_formatter.formatters = formatters


# --- the modules ----------------------------------------------------------------------------------------------


class StandIn(ModuleType):
    """A module of otter's: every name is there, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        journal: Journal = self.__dict__["__journal__"]
        journal.note("otter's `check()`, `export()` and the like do nothing here: the grader runs the tests itself")
        return _Nothing()


class _Nothing:
    """What can be made, called and asked for anything, and does nothing: the `grader` of a notebook."""

    def __repr__(self) -> str:
        return "<a stand-in for otter>"

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> _Nothing:
        return self

    def _ipython_display_(self) -> None:
        """Show nothing below a cell that ends with a call of otter's."""


def install(journal: Journal) -> None:
    """Make `otter` importable, also where the real one is installed: it would look for tests that are not there."""

    def made(name: str) -> StandIn:
        module = StandIn(name)
        module.__dict__.update(__journal__=journal, __version__="0")
        if name == f"{ROOT}.test_files":
            module.__dict__.update(
                {each.__name__: each for each in (test_case, doctest_case, function_case, seed_cells)}
            )
        return module

    sys.meta_path.insert(0, StandInFinder(ROOT, made))
