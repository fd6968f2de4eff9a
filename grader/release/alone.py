"""Checking notebooks as a student would: in the folder of a bundle, in a process that cannot import the solution.

Run as `python -I -c RUNNER PACKAGE HOME NOTEBOOK…`; writes one JSON text per notebook, a result or the reason for none.
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
from grader.release.answers import PATIENCE
from grader.results import Result
from grader.selfcheck.desk import Desk

RUNNER = """
import sys
sys.modules[sys.argv[1]] = None  # whoever imports the solution now fails
sys.path.append(sys.argv[2])
from grader.release.alone import main
main(sys.argv[3:])
"""
REFUSED = "refused"


def checked_alone(folder: Path, package: str, notebooks: Sequence[Path]) -> list[Result | str]:
    """Return for each notebook what the bundle in a folder says of it, or why it says nothing."""
    home = str(Path(grader.__file__).parents[1])
    command = [sys.executable, "-I", "-c", RUNNER, package, home, *(str(path.absolute()) for path in notebooks)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(said) != len(notebooks):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise HarnessError(f"The process that checks the bundle ended with {done.returncode}: {last}")
    return [str(each[REFUSED]) if REFUSED in each else Result.model_validate(each) for each in said]


def main(words: Sequence[str]) -> None:
    """Check the notebooks with the bundle of the current folder."""
    for line in _said(Path.cwd(), [Path(word) for word in words]):
        sys.stdout.write(line + "\n")


def _said(folder: Path, notebooks: Sequence[Path]) -> Iterator[str]:
    for path in notebooks:
        try:
            desk = Desk.at(folder)
            patient = desk.assignment.model_copy(update={"limits": desk.assignment.limits.longer(PATIENCE)})
            yield desk.told(grade(path, patient, desk.options)).model_dump_json()
        except GraderError as error:
            yield json.dumps({REFUSED: str(error)})
