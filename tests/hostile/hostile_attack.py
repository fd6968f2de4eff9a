"""Attacks on the grader: what one is, how it is carried out, and what has to be true afterwards.

An attack is a notebook with the verdict it must get. Its cells stand behind those of an honest notebook: a wrong one,
so that nothing is gained unless the attack works, or a right one, which must lose nothing, where it only destroys.
Around every attack a `School` keeps secrets that must not be read and ears that must hear nothing, and looks for
processes and files that must not be left. In cells, `{name}` is replaced by what `School.names` has under `name`.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import platformdirs
from hostile_ears import Ears

from grader.assignment import Assignment, load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import CheckResult, Result, Status

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SECRET_VARIABLE = "HOSTILE_SECRET"
SEED = 202_611_211_512_345  # as large as those that are not chosen, so that no number in a process is it by chance
PATIENCE_S = 5.0  # for processes that are ending
SEARCH_DEPTH = 2


class Markdown(str):
    """The text of a cell that is not code."""

    __slots__ = ()


TINY_PARTS = (
    Markdown("## Question 1\nIt is linear."),
    "def double(x):\n    return 2 * x\nstart = 10",
    Markdown("## Question 2"),
    "def difference(a, b):\n    return a - b\nsteps = 2",
    "def identity(x):\n    return x * 0",
)
RIGHT = TINY_PARTS
WRONG = (TINY_PARTS[0], "def double(x):\n    return 3 * x\nstart = 10", *TINY_PARTS[2:])

DOUBLE = frozenset({"test_double", "test_double_of_one_number[negative]", "test_double_of_one_number[positive]"})
PASSED_BY_WRONG = frozenset(
    {"test_plain_state", "test_state_again", "test_text", "test_difference", "test_steps", "test_random_inputs"}
)
PASSED_BY_RIGHT = PASSED_BY_WRONG | DOUBLE

# Messages of checks: the attack itself ran without an error, and changed nothing.
FAILED = "is not the right one|differs"

# For cells that would harm the machine if nothing held them: they refuse to run outside a sandbox.
INSIDE_ONLY = "import os\nassert os.getcwd() == '/scratch/work' and os.getpid() < 10, 'this is no sandbox'\n"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One hostile notebook and the verdict it must get."""

    name: str
    what: str  # it tries, in one line for a table
    cells: tuple[str, ...]  # the attacking ones; `Markdown` for text
    says: str  # a regular expression: the sentence a student reads afterwards
    inside: str = ""  # a regular expression: what the cells printed, such as how they failed
    status: str = "completed"
    passes: frozenset[str] = PASSED_BY_WRONG
    assignment: str = "tiny"  # or one in `assignments/`
    host: tuple[str, ...] = WRONG  # the honest cells the attack stands behind
    first: bool = False  # the attack stands before them instead
    limits: Mapping[str, float] = field(default_factory=dict)
    within_s: float = 40.0  # seconds that grading it may take
    student: str = "mallory"  # the notebook's file name, without its ending
    edit: Callable[[nbformat.NotebookNode], None] | None = None  # changes the finished notebook


def vandal(**about: Any) -> Attack:
    """Return an attack that only destroys, in an honest and right notebook, which must keep all its points."""
    return Attack(**({"host": RIGHT, "passes": PASSED_BY_RIGHT} | about))


HONEST = vandal(name="honest", what="nothing", cells=(), says="")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an attack: the result, how long it took, and in words all that must not be."""

    result: Result
    seconds: float
    wrongs: tuple[str, ...]


# --- the school ---------------------------------------------------------------------------------------------------


class School:
    """A grader's surroundings in `folder`: assignments, other students' work, secrets, listeners."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: dict[str, str] = {}
        self.ears = Ears()
        self.names: dict[str, str] = {
            "project": str(ROOT),
            "python": sys.executable,
            "packages": str(Path(nbformat.__file__).parents[1]),
            "real_home": os.path.expanduser("~"),  # noqa: PTH111
            "grader_pid": str(os.getpid()),
            **self.ears.names,
        }
        self._variables = {
            SECRET_VARIABLE: self._secret("variable"),
            "HOME": str(self._furnish_home()),
            "XDG_CACHE_HOME": str(Path(platformdirs.user_cache_dir())),  # data sets are made once, not per school
        }
        self._furnish_assignment()
        other = folder / "submissions" / "honest.ipynb"
        other.parent.mkdir()
        write_notebook((*RIGHT, f"# {self._secret('other')}"), other)
        self.names["other_submission"] = str(other)

    @contextlib.contextmanager
    def open(self) -> Iterator[School]:
        """Listen for as long as the block lasts; a warm server starts, if there is none, with the secrets around it."""
        with self.ears.open():
            attempt(HONEST, self)
            yield self

    @contextlib.contextmanager
    def surroundings(self) -> Iterator[None]:
        """Set the grader's environment and where it finds its solution, for as long as the block lasts."""
        before = {name: os.environ.get(name) for name in self._variables}
        os.environ.update(self._variables)
        sys.path.insert(0, self.names["reference_folder"])
        try:
            yield
        finally:
            sys.path.remove(self.names["reference_folder"])
            for name, value in before.items():
                os.environ.pop(name, None)
                os.environ.update({} if value is None else {name: value})

    def assignment(self, name: str = "tiny", limits: Mapping[str, float] | None = None) -> Assignment:
        """Return an assignment, ours with the secrets or a real one, with some limits changed."""
        ours = self.folder / "assignments" / name
        folder = ours if ours.is_dir() else ROOT / "assignments" / name
        found = load(folder)
        changed = type(found.limits).model_validate({**found.limits.model_dump(), **(limits or {})})
        return found.model_copy(update={"limits": changed})

    def _secret(self, kind: str) -> str:
        self.secrets[kind] = f"secret-{kind}-{secrets.token_hex(8)}"
        return self.secrets[kind]

    def _furnish_home(self) -> Path:
        home = self.folder / "home"
        home.mkdir()
        (home / "diary.txt").write_text(self._secret("home"))
        self.names["home"], self.names["secret_home"] = str(home), str(home / "diary.txt")
        return home

    def _furnish_assignment(self) -> None:
        tiny = self.folder / "assignments" / "tiny"
        shutil.copytree(ROOT / "tests" / "assignments" / "tiny", tiny, ignore=shutil.ignore_patterns("__pycache__"))
        (tiny / "grades.txt").write_text(self._secret("assignment"))
        checks = tiny / "checks" / "test_tiny.py"
        checks.write_text(f"{checks.read_text()}\n\n# {self._secret('checks')}\n")
        reference = self.folder / "solutions" / "guarded_reference.py"
        reference.parent.mkdir()
        source = (ROOT / "tests" / "tiny_reference.py").read_text()
        reference.write_text(f"{source}\n\n# {self._secret('reference')}\n")
        settings = tiny / "assignment.toml"
        table = settings.read_text().replace("tiny_reference", "guarded_reference")
        settings.write_text(f'data = {{ mnist = "digits" }}\n{table}')
        self.names |= {
            "assignment_folder": str(tiny),
            "secret_assignment": str(tiny / "grades.txt"),
            "checks": str(checks),
            "reference": str(reference),
            "reference_folder": str(reference.parent),
        }


# --- carrying it out ----------------------------------------------------------------------------------------------


def attempt(attack: Attack, school: School) -> Outcome:
    """Grade an attack and look at everything that must not have happened."""
    marker = f"hst{secrets.token_hex(5)}"  # short enough for the name of a process
    names = school.names | {"marker": marker, "server_pid": str(warm_server())}
    folder = school.folder / f"{attack.name}-{marker}"
    folder.mkdir()
    path = folder / f"{attack.student}.ipynb"
    cells = tuple(type(cell)(replaced(cell, names)) for cell in attack.cells)
    write_notebook((*cells, *attack.host) if attack.first else (*attack.host, *cells), path, attack.edit)
    assignment = school.assignment(attack.assignment, attack.limits)
    heard, relatives = len(school.ears.heard), descendants()
    started = time.perf_counter()
    with school.surroundings():
        result = grade(path, assignment, GradeOptions(seed=SEED))
    seconds = time.perf_counter() - started
    shutil.rmtree(folder)
    wrongs = (
        *([] if seconds < attack.within_s else [f"it took {seconds:.1f} s, not {attack.within_s:g} s"]),
        *verdict_wrongs(attack, result),
        *secret_wrongs(school, result),
        *(f"the attack reached the grader's {ear} socket" for ear in school.ears.heard[heard:]),
        *leftover_wrongs(marker, relatives, school),
    )
    return Outcome(result=result, seconds=seconds, wrongs=wrongs)


def verdict_wrongs(attack: Attack, result: Result) -> Iterator[str]:
    """Yield where a result is not the one an attack must get."""
    passed = {check.id for check in all_checks(result) if check.status is Status.PASSED}
    for name in sorted(passed - attack.passes):
        yield f"the check {name} passed"
    for name in sorted(attack.passes - passed):
        found = next((check for check in all_checks(result) if check.id == name), None)
        yield f"the check {name} did not pass: {found and found.message}"
    broken = [check.id for check in all_checks(result) if check.status is Status.ERROR]
    yield from (f"the check {name} broke, as if that were our fault" for name in broken)
    if str(result.execution.status) != attack.status:
        yield f"the execution's status is {result.execution.status}, not {attack.status}; {reading(result)}"
    if not re.search(attack.says, reading(result)):
        yield f"nobody says {attack.says!r}; the student reads: {reading(result)}"
    if not re.search(attack.inside, printed(result)):
        yield f"the attack did not print {attack.inside!r} but: {printed(result)}"


def secret_wrongs(school: School, result: Result) -> Iterator[str]:
    """Yield which secrets came out."""
    written = result.model_dump_json()
    for kind, secret in school.secrets.items():
        if secret in written:
            yield f"the {kind} secret was read"


def leftover_wrongs(marker: str, relatives: set[int], school: School) -> Iterator[str]:
    """Yield what an attack left behind: processes and files of its name, children of ours that were not there."""
    deadline = time.monotonic() + PATIENCE_S
    while (left := [*marked_processes(marker), *new_relatives(relatives)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield from (f"a process is left: {process}" for process in left)
    yield from (f"a file is left: {file}" for file in marked_files(marker, school))


# --- looking around -----------------------------------------------------------------------------------------------


def all_checks(result: Result) -> list[CheckResult]:
    """Return the checks of all questions."""
    return [check for question in result.questions for check in question.checks]


def reading(result: Result) -> str:
    """Return the sentences a student reads."""
    errors = [f"{cell.error.name}: {cell.error.message}" for cell in result.execution.cells if cell.error is not None]
    checks = [text for check in all_checks(result) for text in (check.message, *check.remarks)]
    said = [result.error, *result.repairs, result.execution.message, *result.execution.notes, *errors, *checks]
    return "\n".join(text for text in said if text)


def printed(result: Result) -> str:
    """Return what the cells printed."""
    return "\n".join(output.data for cell in result.execution.cells for output in cell.outputs)


def replaced(text: str, names: Mapping[str, str]) -> str:
    """Return text with `{name}` replaced for the names we know, and all other braces left alone."""
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def write_notebook(
    cells: tuple[str, ...], path: Path, edit: Callable[[nbformat.NotebookNode], None] | None = None
) -> None:
    """Write a notebook with these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = nbformat.v4.new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    for index, cell in enumerate(cells):
        make = nbformat.v4.new_markdown_cell if isinstance(cell, Markdown) else nbformat.v4.new_code_cell
        node.cells.append(make(str(cell), id=f"cell-{index}"))
    if edit is not None:
        edit(node)
    nbformat.write(node, path)


def marked_processes(marker: str) -> list[str]:
    """Return the processes whose name or command line holds `marker`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            said = (folder / "comm").read_bytes() + (folder / "cmdline").read_bytes()
            if marker.encode() in said:
                found.append(f"{folder.name} {said[:200]!r}")
    return found


def descendants(process: int | None = None) -> set[int]:
    """Return all processes below `process` (this one), as far as they are alive."""
    found: set[int] = set()
    waiting = [os.getpid() if process is None else process]
    while waiting:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = set(map(int, (task / "children").read_text().split()))
                found |= children
                waiting += children
    return {number for number in found if is_alive(number)}


def is_alive(process: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def new_relatives(before: set[int]) -> list[str]:
    """Return the processes below this one that were not there `before`; the warm server stays by design."""
    new = descendants() - before - warm_servers()
    return [f"{process} {command_line(process)!r}" for process in new]


def warm_server() -> int:
    """Return the number of a warm server of this process, of this process itself when it has none."""
    return min(warm_servers(), default=os.getpid())


def warm_servers() -> set[int]:
    """Return the numbers of this process's warm servers."""
    lists = [(task / "children").read_text() for task in Path("/proc/self/task").iterdir()]
    children = map(int, " ".join(lists).split())
    return {child for child in children if b"\0serve" in command_line(child)}


def command_line(process: int) -> bytes:
    """Return a process's command line, empty when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def marked_files(marker: str, school: School) -> list[str]:
    """Return files with `marker` in their names, wherever a notebook might have put one."""
    home = school.names["real_home"]
    places = ["/tmp", "/dev/shm", "/var/tmp", "/run", home, school.names["packages"], str(school.folder), str(ROOT)]  # noqa: S108
    return [entry.path for place in places for entry in _below(place, SEARCH_DEPTH) if marker in entry.name]


def _below(folder: str, depth: int) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            yield entry
            if depth > 1 and entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path, depth - 1)


# --- all of them --------------------------------------------------------------------------------------------------


def themes() -> dict[str, tuple[Attack, ...]]:
    """Return the attacks of every module beside this one that has some."""
    modules = [import_module(path.stem) for path in sorted(HERE.glob("hostile_*.py"))]
    return {
        module.__name__.removeprefix("hostile_"): module.ATTACKS for module in modules if hasattr(module, "ATTACKS")
    }
