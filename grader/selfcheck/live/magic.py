"""The line `%grade …`: what it asks for, and one helpful line where that is not to be had; no traceback of ours."""

from __future__ import annotations

import random
import shlex
import sys
import time
import warnings
from dataclasses import dataclass, replace
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.display import display

from grader.errors import AssignmentError, GraderError, UsageError, did_you_mean

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.bundle import Bundle
    from grader.selfcheck.live.session import Session
    from grader.selfcheck.live.shown import Shown
    from grader.selfcheck.live.sources import Found, LiveView

HELP = """\
%grade                  check all questions, with what you have run in this kernel so far
%grade q4               check question 4; several may be named: %grade q2 q4
%grade --bundle PATH    take the checks from the bundle unpacked there, not from this folder or one above it
%grade --notebook PATH  read this notebook's text there, where it cannot be found by itself
No cell is run again. What your code changes while it is checked is put back; what cannot be put back is named, as far
as that can be seen. Stop with the Stop button (Ctrl-C in a terminal)."""
NOTHING_RUN = "Nothing of yours was run in this kernel yet: run your cells from the top, then check again."
STOPPED = "Stopped. What your code had changed was put back, as far as it can be; `%grade` starts again."
TELL = "That is not your fault: tell who teaches the course."


@dataclass(frozen=True, kw_only=True)
class Line:
    """What was typed after `%grade`."""

    questions: tuple[str, ...] = ()
    bundle: Path | None = None
    notebook: Path | None = None
    help: bool = False


def answer(shell: Any, session: Session, typed: str) -> None:
    """Check what was asked for and display it; whatever goes wrong is one line.

    What our own modules draw or settle while they are imported is undone too.
    """
    chance = random.getstate()
    try:
        with warnings.catch_warnings():
            _answer(shell, session, typed)
    finally:
        random.setstate(chance)


def _answer(shell: Any, session: Session, typed: str) -> None:
    try:
        line = read(typed)
        if line.help:
            say(HELP)
        else:
            display(graded(shell, session, line))  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:
        say(STOPPED)
    except ModuleNotFoundError as error:
        name = str(error.name or error).partition(".")[0]
        lacking = (
            f"%grade needs {name}, which this kernel has not: type `%pip install {name}`, then restart the kernel."
        )
        say(_hiding(session.folder) or lacking)
    except AssignmentError as error:
        say(f"{error}\n{TELL}")
    except GraderError as error:
        say(str(error))
    except Exception as error:  # noqa: BLE001 - a traceback of ours would help no student
        say(_hiding(session.folder) or f"%grade broke ({type(error).__name__}: {error}). {TELL}")


def _hiding(folder: Path | None) -> str:
    """Say which of the student's own files was imported in the place of a library of its name; "" where none was."""
    known = {*packages_distributions(), *sys.stdlib_module_names}
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "")
        if name in known and file.name == f"{name}.py" and file.parent == folder:
            return f"Your {file.name} has the name of a library that %grade needs: rename it, and restart the kernel."
    return ""


def say(line: str) -> None:
    """Write plain text below the cell."""
    print(line)  # noqa: T201 - this is the student's notebook


def read(typed: str) -> Line:
    """Read the line; UsageError says what it does not understand."""
    line, words = Line(), _words(typed)
    while words:
        word = words.pop(0)
        if word in ("--help", "-h", "help", "?"):
            line = replace(line, help=True)
        elif word in ("--bundle", "--notebook"):
            if not words:
                raise UsageError(f"After {word} comes a path, as in: %grade {word} PATH")
            path = Path(words.pop(0)).expanduser()
            line = replace(line, bundle=path) if word == "--bundle" else replace(line, notebook=path)
        elif word.startswith("-"):
            raise UsageError(f"%grade has no option {word}.{did_you_mean(word, ('--bundle', '--notebook', '--help'))}")
        else:
            line = replace(line, questions=(*line.questions, *filter(None, word.split(","))))
    return line


def _words(typed: str) -> list[str]:
    """Split as a shell does, but leave backslashes, which Windows has in its paths."""
    try:
        return [word.strip("\"'") for word in shlex.split(typed, posix=False)]
    except ValueError as error:
        raise UsageError(f"%grade could not read this line: a quotation mark is missing ({error}).") from error


def graded(shell: Any, session: Session, line: Line) -> Shown:
    """Return the verdicts on what a line asks for."""
    from grader.bundle import opened
    from grader.selfcheck.live.judging import judge, questions_of
    from grader.selfcheck.live.sources import look

    folder = place_of(line.bundle, session.folder)
    bundle, assignment = opened(folder)
    chosen, unknown = questions_of(assignment, line.questions)
    known = [question.id for question in assignment.questions]
    if unknown:
        raise UsageError(
            f"There is no question {unknown[0]!r}.{did_you_mean(unknown[0], known)} There are: {', '.join(known)}."
        )
    view, found = look(shell, session.diary, assignment, folder, line.notebook)
    done = judge(shell, assignment, bundle.seed, view, chosen, session)
    notes = [
        *done.notes,
        *([] if session.diary.cells() else [NOTHING_RUN]),
        *_read_from(found, view),
        *(bundle.notes if view.readers else ()),
    ]
    return _shown(bundle, assignment, chosen or known, done.checks, notes)


def place_of(given: Path | None, before: Path | None) -> Path:
    """Return the folder of the bundle: the one that was named, or the nearest; UsageError where there is none.

    A notebook may have changed the current folder: then `before`, where it was when `%grade` was loaded, counts too.
    """
    from grader.bundle import FOLDER, near

    here = _current_folder()
    if given is None:
        found = near(here) or (near(before) if before is not None else None)
        if found is None:
            raise UsageError(
                f"There is no bundle here: neither {here} nor a folder above it holds {FOLDER}/. Open the "
                "notebook in the folder you unpacked, or say where that is: %grade --bundle PATH"
            )
        return found
    folder = given.parent if given.name == FOLDER else given
    if near(folder) != folder.absolute():
        raise UsageError(f"{given}: holds no bundle: its folder {FOLDER}/ is not there.")
    return folder


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError(
            "The folder this kernel works in is not there any more: open your notebook where it is now, then run it."
        ) from error


def _read_from(found: Found, view: LiveView) -> list[str]:
    """Say which text was read, where a check read any."""
    if found.path is None or view.unread or not view.readers:
        return []
    saved = time.strftime("%H:%M:%S", time.localtime(found.saved_at))
    return [f"Text was read from {found.path.name} as you saved it at {saved}."]


def _shown(bundle: Bundle, assignment: Assignment, ids: list[str], checks: Any, notes: list[str]) -> Shown:
    from grader.selfcheck.live.shown import Asked, Shown

    questions = [
        Asked(
            id=question.id,
            title=question.title,
            public=bundle.points[question.id].public if question.id in bundle.points else question.points,
            total=question.points,
        )
        for question in assignment.questions
        if question.id in ids
    ]
    return Shown(questions, checks, notes)
