"""Checking a notebook whenever its file changes.

The file is looked at a few times a second, which works on every system and for every way of saving. One that is being
written, or that an editor puts back under its name, is waited for; one that stays away or broken is told about once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.bundle import opened
from grader.errors import GraderError, SubmissionError
from grader.results import Result, for_student
from grader.selfcheck.again import check
from grader.selfcheck.desk import Desk
from grader.selfcheck.standing import Move, moves

POLL_S = 0.1
PATIENCE_S = 1.5  # with a file that is away or broken: it may be in the middle of being written


@dataclass(frozen=True, kw_only=True)
class Event:
    """What became of a save: a result with what is new in it, or a line about why there is none."""

    text: str
    time: str
    result: Result | None = None
    moves: tuple[Move, ...] = ()


def watching(desk: Desk, path: Path, *, fresh: bool = False) -> Iterator[Event]:
    """Yield an event at the start and at every save; never ends by itself."""
    before: Result | None = None
    desk = desk.warm
    for trouble in _saves(desk, path):
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        if trouble:
            yield Event(text=trouble, time=now)
            continue
        try:
            opened(desk.assignment.folder.parent)  # as long as nobody has changed it since
            checked = check(desk, path, fresh=fresh)
        except GraderError as error:  # it was saved once more meanwhile, or is of another homework now
            yield Event(text=str(error), time=now)
            continue
        result = for_student(checked.result)
        yield Event(text=checked.summary, time=now, result=result, moves=tuple(moves(before, result)))
        before = result
        desk.get_ready()


def _saves(desk: Desk, path: Path) -> Iterator[str]:
    """Yield "" whenever there is something new to check, and a sentence where the file stays away or broken."""
    told = ""
    waiting_since: float | None = None
    stamp: object = None
    while True:
        now = _stamp(path)
        if now != stamp or waiting_since is not None:
            trouble = _trouble(desk, path)
            if not trouble and now == _stamp(path):
                stamp, waiting_since, told = now, None, ""
                yield ""
                continue
            waiting_since = time.monotonic() if waiting_since is None or now != stamp else waiting_since
            stamp = now
            if trouble and time.monotonic() - waiting_since >= PATIENCE_S and trouble != told:
                told = trouble
                yield trouble
        time.sleep(POLL_S)


def _stamp(path: Path) -> object:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


def _trouble(desk: Desk, path: Path) -> str:
    """Return why a file cannot be checked, "" where it can."""
    if not path.exists():
        return f"{path.name} is not there at the moment. Waiting for it."
    try:
        desk.read(path)
    except SubmissionError as error:
        return f"{error} Waiting for the next save."
    except GraderError as error:
        return str(error)
    return ""
