"""Checking notebooks as a student would: in the folder of a bundle, in a process that cannot import the solution.

Run as `python -I -c RUNNER PACKAGE HOME`; it reads in JSON what to check, and writes one JSON text per notebook: a
result, or the reason for none. Notebooks are sealed as they are when the bundle is made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import grader
from grader.errors import GraderError, HarnessError
from grader.grading import grade
from grader.release.answers import PATIENCE, Trial
from grader.results import Result
from grader.selfcheck.desk import Desk

RUNNER = """
import sys
sys.modules[sys.argv[1]] = None  # whoever imports the solution now fails
sys.path.append(sys.argv[2])
from grader.release.alone import main
main()
"""
REFUSED = "refused"


def checked_alone(folder: Path, package: str, trials: Sequence[Trial]) -> list[Result | str]:
    """Return for each notebook what the bundle in a folder says of it, or why it says nothing."""
    command = [sys.executable, "-I", "-c", RUNNER, package, str(Path(grader.__file__).parents[1])]
    asked = json.dumps([(str(trial.notebook.absolute()), trial.sealed) for trial in trials])
    done = subprocess.run(  # noqa: S603 - this very Python, with words of ours
        command, cwd=folder, input=asked, capture_output=True, encoding="utf-8", check=False
    )
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(said) != len(trials):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise HarnessError(f"The process that checks the bundle ended with {done.returncode}: {last}")
    return [str(each[REFUSED]) if REFUSED in each else Result.model_validate(each) for each in said]


def main() -> None:
    """Check the notebooks with the bundle of the current folder."""
    asked = [Trial(name="", notebook=Path(path), sealed=sealed) for path, sealed in json.load(sys.stdin)]
    for line in _said(Path.cwd(), asked):
        sys.stdout.write(line + "\n")


def _said(folder: Path, trials: Sequence[Trial]) -> Iterator[str]:
    for trial in trials:
        try:
            desk = Desk.at(folder)
            patient = desk.assignment.model_copy(update={"limits": desk.assignment.limits.longer(PATIENCE)})
            yield desk.told(grade(trial.notebook, patient, trial.options(desk.bundle.seed))).model_dump_json()
        except GraderError as error:
            yield json.dumps({REFUSED: str(error)})
