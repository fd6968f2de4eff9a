"""The same homework graded by grade, by nbgrader and by otter-grader: seconds, submissions a minute, memory.

    python bench/others.py [--runs 5] [--only numpy|keras] [--in-a-row 20] [--cores 1] [--json]

nbgrader and otter-grader are installed with pip, each into a virtual environment of its own in this user's cache
folder; what cannot be installed is said to be so and left out. Both get the NumPy of this environment, and at the end
of their search path its packages, where they find TensorFlow and Keras. All get the same cells and the same checks:

    grade           an assignment with the checks as tests, which ask a sealed kernel; it writes a report, too
    nbgrader        the checks as locked autograder cells of the notebook (`nbgrader autograde`)
    otter-grader    the checks as exception-based tests (`otter run`); in a row by its function `grade_submission`

Measured are whole commands, from the shell to the result, in turn: one submission per command, and a class in one
command. Each must give every submission full points. All processes share one core unless `--cores` gives them more.
The floor is the notebook and its checks as plain Python in a process that has run them before. Memory is the highest
proportional set size of the kernel during a run that does not count.
"""

from __future__ import annotations

import argparse
import inspect
import json
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy
import platformdirs
from kernels import HERE, Plain, descendants, plain_environment, use_cores, wide_console
from notebooks import HOMEWORKS, Homework, as_cell, memory_of
from rich.console import Console
from rich.table import Table

CACHE = Path(platformdirs.user_cache_dir("homework-grader")) / "bench"
POLL_S = 0.05
MAX_SAID = 600  # characters of what a command that failed said


class FailedError(Exception):
    """A command did not do what it was asked to."""


@dataclass(kw_only=True)
class Tool:
    """One grader, with a class of submissions in a folder of its own: how to start it, and what it then gave."""

    name: str
    homework: Homework
    folder: Path
    n_students: int
    environment: dict[str, str] = field(default_factory=dict)

    def build(self) -> None:
        """Write the assignment and the submissions."""
        raise NotImplementedError

    def one(self) -> list[str]:
        """Return the command that grades the first submission."""
        raise NotImplementedError

    def row(self) -> list[str]:
        """Return the command that grades all submissions."""
        raise NotImplementedError

    def scores(self) -> list[float]:
        """Return the points of each submission graded by the last command."""
        raise NotImplementedError

    def expected(self, n_graded: int) -> list[float]:
        """Return the points of each: all there are."""
        return n_graded * [float(len(self.homework.checks))]

    def forget(self) -> None:
        """Remove the results of the last command."""
        shutil.rmtree(self.results, ignore_errors=True)

    @property
    def results(self) -> Path:
        """The folder of the results."""
        return self.folder / "results"

    def run(self, command: Sequence[str], n_graded: int, tick: Callable[[], None] | None = None) -> float:
        """Return the wall seconds of a command, which has to give so many submissions the points expected.

        `tick` is called again and again meanwhile.
        """
        self.forget()
        with tempfile.TemporaryFile() as said:
            began = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
            while tick is not None and process.poll() is None:
                tick()
                time.sleep(POLL_S)
            code = process.wait()
            seconds = time.perf_counter() - began
            said.seek(0)
            text = said.read().decode(errors="replace")[-MAX_SAID:]
        scores = [] if code else self.scores()
        if scores != self.expected(n_graded):
            message = f"`{' '.join(command)}` left with exit code {code} and the points {scores}:\n{text}"
            raise FailedError(message)
        return seconds


class Grade(Tool):
    """This project."""

    def build(self) -> None:
        """Write an assignment whose tests are the checks, and its notebooks."""
        assignment, checks = self.folder / "assignments" / "bench", []
        (assignment / "checks").mkdir(parents=True)
        write_notebook(self.homework.node(), assignment / "bench.ipynb")
        write_class(self.homework.node(), self.folder / "submissions", self.n_students)
        (assignment / "assignment.toml").write_text(
            f'name = "bench"\ntitle = "Bench"\nnotebook = "bench.ipynb"\nreference = "bench_reference"\n'
            f'[[questions]]\nid = "q1"\ntitle = "All"\npoints = {len(self.homework.checks)}\n'
        )
        for check in self.homework.checks:
            mark = '@pytest.mark.check("q1", points=1)'
            test = f'def test_{check.__name__}(student):\n    """{check.__doc__}"""\n    {check.__name__}(student)\n'
            checks.append(f"{inspect.getsource(check)}\n\n{mark}\n{test}")
        header = "from typing import Any\n\nimport pytest\n"
        (assignment / "checks" / "test_bench.py").write_text("\n\n".join([header, *checks]))
        (self.folder / "bench_reference.py").write_text('"""No check here asks for a solution."""\n')
        self.environment["PYTHONPATH"] = f"{self.folder}:{HERE.parent}"

    def one(self) -> list[str]:
        """Grade one notebook."""
        return self._command("submissions/s01.ipynb")

    def row(self) -> list[str]:
        """Grade the folder."""
        return self._command("submissions")

    def _command(self, path: str) -> list[str]:
        options = ["--assignments", "assignments", "--assignment", "bench", "--out", str(self.results), "--quiet"]
        return [sys.executable, "-m", "grader", path, *options]

    def scores(self) -> list[float]:
        """Read the results beside the reports; only those of sealed kernels count."""
        found = [json.loads(file.read_text()) for file in sorted(self.results.glob("s*.json"))]
        return [result["score"] for result in found if result["sandbox"] == "namespaces"]


class Nbgrader(Tool):
    """nbgrader: a course with one assignment."""

    package = "nbgrader"

    def build(self) -> None:
        """Write the course, have the assignment released, and hand it in."""
        (self.folder / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "bench"\nc.Execute.timeout = 600\n'
            f"c.CourseDirectory.autograded_directory = {str(self.results)!r}\n"
        )
        node = self.homework.node()
        for check in self.homework.checks:
            cell = nbformat.v4.new_code_cell(as_cell(check).strip())
            about = {"grade": True, "solution": False, "task": False, "locked": True, "points": 1}
            cell.metadata["nbgrader"] = {**about, "grade_id": check.__name__, "schema_version": 3, "cell_type": "code"}
            node.cells.append(cell)
        (self.folder / "source" / "hw").mkdir(parents=True)
        write_notebook(node, self.folder / "source" / "hw" / "hw.ipynb")
        command = [self._program, "generate_assignment", "hw"]
        made = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, check=False)
        released = self.folder / "release" / "hw"
        if made.returncode or not (released / "hw.ipynb").exists():
            raise FailedError(made.stderr.decode(errors="replace")[-MAX_SAID:])
        for number in range(self.n_students):
            shutil.copytree(released, self.folder / "submitted" / student(number) / "hw")

    def one(self) -> list[str]:
        """Autograde one student's assignment."""
        return [*self.row(), f"--student={student(0)}"]

    def row(self) -> list[str]:
        """Autograde the assignment of all students."""
        return [self._program, "autograde", "hw"]

    @property
    def _program(self) -> str:
        return str(CACHE / self.package / "bin" / "nbgrader")

    def forget(self) -> None:
        """Remove what was autograded, also from the gradebook."""
        super().forget()
        script = "from nbgrader.api import Gradebook\nwith Gradebook('sqlite:///gradebook.db') as book:\n"
        self._ask(f"{script}    for s in book.assignment_submissions('hw'): book.remove_submission('hw', s.student.id)")

    def scores(self) -> list[float]:
        """Ask the gradebook."""
        script = "from nbgrader.api import Gradebook\nwith Gradebook('sqlite:///gradebook.db') as book:\n"
        return self._ask(f"{script}    print([s.score for s in book.assignment_submissions('hw')])")

    def _ask(self, script: str) -> Any:
        python = str(CACHE / self.package / "bin" / "python")
        command = [python, "-c", script]
        asked = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, check=False)
        if asked.returncode:
            raise FailedError(asked.stderr.decode(errors="replace")[-MAX_SAID:])
        return json.loads(asked.stdout or "null")


OTTER_ROW = """
import json, pathlib, sys
from otter.api import grade_submission

for file in sorted(pathlib.Path("submissions").glob("*.ipynb")):
    results = grade_submission(str(file), "autograder.zip", quiet=True)
    folder = pathlib.Path(sys.argv[1], file.stem)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps({"tests": [{"score": results.total}]}))
"""


class Otter(Tool):
    """otter-grader: tests in an autograder's archive."""

    package = "otter-grader"

    def build(self) -> None:
        """Write the tests, have the archive made, and write the notebooks."""
        (self.folder / "tests").mkdir()
        for check in self.homework.checks:
            lines = [
                "from types import SimpleNamespace\nfrom typing import Any\n\nfrom otter.test_files import test_case\n",
                f"OK_FORMAT = False\nname = {check.__name__!r}\npoints = 1\n\n",
                inspect.getsource(check),
                f"\n@test_case()\ndef ask(env):\n    {check.__name__}(SimpleNamespace(**env))\n",
            ]
            (self.folder / "tests" / f"{check.__name__}.py").write_text("\n".join(lines))
        write_class(self.homework.node(), self.folder / "submissions", self.n_students)
        (self.folder / "row.py").write_text(OTTER_ROW.lstrip())
        command = [self._bin("otter"), "generate", "-t", "tests", "-o", "autograder.zip"]
        made = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, check=False)
        if made.returncode:
            raise FailedError(made.stderr.decode(errors="replace")[-MAX_SAID:])

    def one(self) -> list[str]:
        """Run one submission."""
        options = ["-a", "autograder.zip", "-o", str(self.results / student(0)), "--no-logo"]
        return [self._bin("otter"), "run", f"submissions/{student(0)}.ipynb", *options]

    def row(self) -> list[str]:
        """Grade one submission after another in one process."""
        return [self._bin("python"), "row.py", str(self.results)]

    def _bin(self, program: str) -> str:
        return str(CACHE / self.package / "bin" / program)

    def forget(self) -> None:
        """Remove the results, and make the folder it wants to be there."""
        super().forget()
        (self.results / student(0)).mkdir(parents=True)

    def scores(self) -> list[float]:
        """Add up the points of the tests."""
        files = sorted(self.results.glob("*/results.json"))
        return [sum(test.get("score", 0) for test in json.loads(file.read_text())["tests"]) for file in files]


def student(number: int) -> str:
    """Return a student's name."""
    return f"s{number + 1:02}"


def write_class(node: Any, folder: Path, n_students: int) -> None:
    """Write the same notebook for every student."""
    folder.mkdir(parents=True)
    for number in range(n_students):
        write_notebook(node, folder / f"{student(number)}.ipynb")


def write_notebook(node: Any, file: Path) -> None:
    """Write a notebook for the kernel `python3`."""
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(node, file)


# --- the other tools' environments ------------------------------------------------------------------------------------


def install(package: str, console: Console) -> str:
    """Have a package in an environment of its own, and return its version; FailedError when it cannot be had."""
    folder = CACHE / package
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        console.print(f"Installing {package} in {folder} …")
        shutil.rmtree(folder, ignore_errors=True)
        _must([sys.executable, "-m", "venv", str(folder)])
        _must([str(python), "-m", "pip", "install", "--quiet", package, "ipykernel", f"numpy=={numpy.__version__}"])
        found = _must([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
        Path(found.strip(), "after.pth").write_text(sysconfig.get_path("purelib") + "\n")  # TensorFlow and Keras
        done.touch()
    version = f"from importlib.metadata import version; print(version({package!r}))"
    return _must([str(python), "-c", version]).strip()


def _must(command: Sequence[str]) -> str:
    """Return what a command prints; FailedError says why it did not."""
    try:
        ran = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise FailedError(str(error)) from error
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        errors = [line for line in said if line.startswith("ERROR")]  # pip warns a lot before them
        raise FailedError(" ".join(errors or said)[-MAX_SAID:])
    return ran.stdout.decode()


# --- measuring --------------------------------------------------------------------------------------------------------


class Watch:
    """Keeps the highest memory of the kernels below this process."""

    def __init__(self) -> None:
        self.highest: float | None = None

    def __call__(self) -> None:
        """Look once."""
        for process in descendants():
            if is_kernel(process) and (memory := memory_of(process)):
                self.highest = max(self.highest or 0.0, memory["pss"])


def is_kernel(process: int) -> bool:
    """Tell whether a process is a Jupyter kernel, or a Python in a PID namespace of its own, as ours is."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
    spaces = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])
    own_spaces = Path("/proc/self/status").read_text().partition("NSpid:")[2].split("\n")[0].split()
    return b"ipykernel_launcher" in command or (len(spaces) > len(own_spaces) and b"python" in command)


class Contest:
    """The tools that grade one homework; one that fails is left out from then on, and its reason kept."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.tools, self.failed = list(tools), {}

    def each(self, work: Callable[[Tool], Any]) -> dict[str, Any]:
        """Return what a function gives for every tool that has not failed."""
        found = {}
        for tool in list(self.tools):
            try:
                found[tool.name] = work(tool)
            except FailedError as error:
                self.failed[tool.name] = str(error)
                self.tools.remove(tool)
        return found


def make_tools(
    homework: Homework, work: Path, n_students: int, versions: Mapping[str, str], environment: Mapping[str, str]
) -> list[Tool]:
    """Return the tools, each with a folder and a search path of its own."""
    kinds: dict[str, type[Tool]] = {"grade": Grade, "nbgrader": Nbgrader, "otter-grader": Otter}
    tools = []
    for name, version in versions.items():
        folder = work / name
        folder.mkdir()
        own = {**environment, "PATH": f"{CACHE / name / 'bin'}:{environment['PATH']}"}
        title = f"{name} {version}"
        tools.append(kinds[name](name=title, homework=homework, folder=folder, n_students=n_students, environment=own))
    return tools


def measure(homework: Homework, runs: int, n_students: int, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return all that is measured of one notebook."""

    def highest_memory(tool: Tool) -> float | None:
        watch = Watch()
        tool.run(tool.one(), 1, watch)
        return watch.highest

    with tempfile.TemporaryDirectory() as place:
        environment = plain_environment(place)
        plain = Plain(homework, "same", environment)
        plain()
        del environment["PYTHONDONTWRITEBYTECODE"]  # commands start faster the second time
        contest = Contest(make_tools(homework, Path(place), n_students, versions, environment))
        contest.each(lambda tool: tool.build())
        memory = contest.each(highest_memory)
        floor, rounds = [], []
        for _ in range(runs):
            floor.append(plain()["seconds"])
            rounds.append(contest.each(lambda tool: tool.run(tool.one(), 1)))
        plain.end()
        rows = contest.each(lambda tool: tool.run(tool.row(), n_students))
    return {
        "title": homework.title,
        "floor": statistics.median(floor),
        "single": {name: [found[name] for found in rounds] for name in rows},
        "in_a_row": {"submissions": n_students, "seconds": rows},
        "memory": memory,
        "failed": contest.failed,
    }


def show(console: Console, report: Mapping[str, Any]) -> None:
    """Print the table of one notebook."""
    floor, n_students = report["floor"], report["in_a_row"]["submissions"]
    table = Table(title=report["title"], title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    headers = ("one, s", "from – to", "× floor", f"{n_students}, s", "each, s", "+ floor, s", "a minute", "MB")
    for column in headers:
        table.add_column(column, justify="right", no_wrap=True)
    table.add_row("plain Python, warm: the floor", f"{floor:.2f}", "", "1.0")
    for name, times in report["single"].items():
        seconds, row_s = statistics.median(times), report["in_a_row"]["seconds"][name]
        each_s, memory = row_s / n_students, report["memory"][name]
        table.add_row(
            name,
            f"{seconds:.2f}",
            f"{min(times):.2f} – {max(times):.2f}",
            f"{seconds / floor:.1f}",
            f"{row_s:.1f}",
            f"{each_s:.2f}",
            f"{each_s - floor:+.2f}",
            f"{60 / each_s:.0f}",
            "–" if memory is None else f"{memory:.0f}",
        )
    console.print(table)
    for name, reason in report["failed"].items():
        console.print(f"[red]{name} could not grade this notebook:[/] {reason}", highlight=False)
    console.print()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="commands with one submission, each tool [5]")
    parser.add_argument("--only", choices=list(HOMEWORKS), help="one notebook instead of both")
    parser.add_argument("--in-a-row", type=int, default=20, help="submissions of a class [20]")
    parser.add_argument("--cores", type=int, default=1, help="cores for all processes together [1]")
    parser.add_argument("--json", action="store_true", help="print everything measured as JSON")
    options = parser.parse_args()
    if min(options.runs, options.cores, options.in_a_row) < 1:
        parser.error("--runs, --cores and --in-a-row begin at 1")
    screen, aside, missing = wide_console(), Console(stderr=True), {}
    versions = {"grade": "(sealed)"}
    for package in ("nbgrader", "otter-grader"):
        try:
            versions[package] = install(package, aside)
        except FailedError as error:
            missing[package] = str(error)
            aside.print(f"[red]{package} cannot be installed here and is left out:[/] {error}", highlight=False)
    n_cores, reports = use_cores(options.cores), {}
    for name in [options.only] if options.only else HOMEWORKS:
        reports[name] = measure(HOMEWORKS[name], options.runs, options.in_a_row, versions)
        if not options.json:
            show(screen, reports[name])
    if options.json:
        found = {"cores": n_cores, "runs": options.runs, "not_installed": missing, "notebooks": reports}
        print(json.dumps(found, indent=2))
    else:
        screen.print(
            f"Single submissions: medians of {options.runs} commands. "
            f"Everything ran on {n_cores} core{'s' * (n_cores > 1)}."
        )
        for package, reason in missing.items():
            screen.print(f"{package} was left out, since it cannot be installed here: {reason}", highlight=False)


if __name__ == "__main__":
    main()
