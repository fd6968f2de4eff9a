"""The program behind `run_autograder`: grade the notebook that was handed in, and write results.json.

It runs as root inside Gradescope's container and imports nothing but the standard library. Where a sandbox can be
made, the grader runs as root and the notebook sealed. Elsewhere both run as the user `student`, and the results say
that there was no sandbox: the notebook can then read what the grader can, the checks among it.

AUTOGRADER_DIR stands for /autograder.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "student"
MARGIN_S = 45  # of Gradescope's time, to say that there is none left
CONVERSION_S = 60
MAX_BYTES = 10_000_000
CAN_SEAL = "from grader.kernels.sandbox import require_sandbox; require_sandbox()"
NO_NOTEBOOK = "There is no notebook in this submission. Hand in one file whose name ends in .ipynb."
SEVERAL = (
    "There are {count} notebooks in this submission, and none is called {wanted}. Hand in only the one to be graded."
)
SLOW = "Your notebook and its checks took longer than the {minutes} minutes there are, so there are no points."
UNSEALED = (
    "This autograder cannot run notebooks in a sandbox and was told not to run them without, so there are no points "
    "yet. That is not your fault: tell your instructor."
)
BROKEN = "The autograder broke, so there are no points yet. That is not your fault: tell your instructor."


class NotGraded(Exception):
    """There is no result; the message is for the student."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The folders of the autograder, and what it was made for."""

    root: Path
    settings: Mapping[str, Any]

    @classmethod
    def here(cls) -> Place:
        """Return the place this program was unpacked in."""
        root = Path(os.environ.get("AUTOGRADER_DIR", "/autograder"))
        return cls(root=root, settings=json.loads((root / "source" / "settings.json").read_text(encoding="utf-8")))

    @property
    def assignments(self) -> Path:
        """The folder with the one assignment."""
        return self.root / "source" / "course" / "assignments"

    @property
    def master(self) -> Path:
        """The notebook as it was handed out."""
        return Path(self.assignments, self.settings["assignment"], self.settings["notebook"])

    @property
    def seconds(self) -> float:
        """How long grading may take."""
        return max(60.0 * float(self.settings["minutes"]) - MARGIN_S, 60.0)


def main(work: str) -> int:
    """Prepare the container, or grade the submission in it."""
    place = Place.here()
    if work == "prepare":
        return prepare(place)
    try:
        content = graded(place, submitted(place))
    except NotGraded as error:
        content = json.dumps({"score": 0, "output": str(error), "output_format": "text", "stdout_visibility": "hidden"})
    write(place.root / "results" / "results.json", content)
    return 0


def prepare(place: Place) -> int:
    """Grade the hand-out: its data sets and reference models are then in the cache."""
    with tempfile.TemporaryDirectory() as out:
        command = [*_grade(place, place.master, Path(out)), "--no-sandbox"]
        code = subprocess.run(command, env=_environment(place, Path(out)), check=False).returncode  # noqa: S603 - our own program
    for folder, _, files in os.walk(place.root / "cache"):
        Path(folder).chmod(0o755)
        for name in files:
            Path(folder, name).chmod(0o644)
    return code


def submitted(place: Place) -> Path:
    """Return the notebook of the submission: its only one, or the one called as it was handed out."""
    folder = place.root / "submission"
    found = sorted(
        path
        for path in folder.rglob("*.ipynb")
        if path.is_file()
        and not path.is_symlink()
        and not any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
    )
    same_name = [path for path in found if path.name == place.settings["notebook"]]
    if not found:
        raise NotGraded(NO_NOTEBOOK)
    if len(found) > 1 and len(same_name) != 1:
        raise NotGraded(SEVERAL.format(count=len(found), wanted=place.settings["notebook"]))
    return found[0] if len(found) == 1 else same_name[0]


def graded(place: Place, notebook: Path) -> str:
    """Return the results.json of a notebook; NotGraded says why there is none."""
    sealed = _succeeds([sys.executable, "-P", "-c", CAN_SEAL], place)
    if not sealed and place.settings["sealed_only"]:
        raise NotGraded(UNSEALED)
    with tempfile.TemporaryDirectory(dir=place.root) as folder:
        room = Path(folder)
        copy = room / "submission.ipynb"
        shutil.copyfile(notebook, copy)
        command = _grade(place, copy, room / "reports")
        if not sealed:
            command = [*_as_student(room), *command, "--no-sandbox"]
        code = _within(command, place, room)
        result = room / "reports" / "submission.json"
        if not result.is_file():
            print(f"grade ended with exit code {code} and no result", file=sys.stderr)  # noqa: T201
            raise NotGraded(BROKEN)
        return _converted(result, place, room, as_student=not sealed)


def write(path: Path, content: str) -> None:
    """Put the whole file in the place of the one before."""
    part = path.with_name(".next")
    part.write_text(content, encoding="utf-8")
    part.replace(path)


def _grade(place: Place, notebook: Path, out: Path) -> list[str]:
    words = ("--assignment", place.settings["assignment"], "--assignments", str(place.assignments), "--out", str(out))
    return [sys.executable, "-P", "-m", "grader", str(notebook), *words]


def _converted(result: Path, place: Place, room: Path, *, as_student: bool) -> str:
    """Have the result turned into results.json, by the user who wrote it: root reads only what came out."""
    words = ("export", "gradescope", str(result), "--show-hidden", place.settings["hidden"], "--out", "-")
    command = [*(_as_student(room) if as_student else ()), sys.executable, "-P", "-m", "grader", *words]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, env=_environment(place, room), cwd=room, stdout=subprocess.PIPE, timeout=CONVERSION_S, check=False
        )
        if done.returncode or len(done.stdout) > MAX_BYTES or not isinstance(json.loads(done.stdout), dict):
            raise NotGraded(BROKEN)
        return done.stdout.decode("utf-8")
    except (ValueError, subprocess.TimeoutExpired) as error:
        raise NotGraded(BROKEN) from error


def _as_student(room: Path) -> list[str]:
    """Return the words that run a command as the user for notebooks, who from now on owns the folder."""
    try:
        for path in (room, *room.iterdir()):
            shutil.chown(path, USER)
    except LookupError as error:
        print(f"There is no user {USER!r}: setup.sh did not run to its end.", file=sys.stderr)  # noqa: T201
        raise NotGraded(BROKEN) from error
    return ["runuser", "-u", USER, "--"]


def _within(command: Sequence[str], place: Place, room: Path) -> int:
    """Run a command and return its exit code; NotGraded when the time is over, and then nothing of it is left."""
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=_environment(place, room), cwd=room, stdin=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            return process.wait(place.seconds)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise NotGraded(SLOW.format(minutes=place.settings["minutes"])) from error


def _succeeds(command: Sequence[str], place: Place) -> bool:
    done = subprocess.run(command, env=_environment(place, place.root), stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - our own program
    return done.returncode == 0


def _environment(place: Place, home: Path) -> dict[str, str]:
    """Return the variables of the grader: a home it may write to, and the cache that setup.sh filled."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_CACHE_HOME": os.environ.get("AUTOGRADER_CACHE", str(place.root / "cache")),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
