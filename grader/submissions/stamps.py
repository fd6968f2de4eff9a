"""When a student handed in: the times nbgrader and rosters write down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.submissions.places import is_plain

STAMP = "timestamp.txt"
STAMP_BYTES = 200


def read_time(text: str) -> datetime | None:
    """Return a time in ISO 8601, or as nbgrader writes it with the name of a time zone; None for anything else.

    Without a time zone it is that of this machine.
    """
    words = text.split()
    zone = None
    if len(words) > 1 and any(char.isalpha() for char in words[-1]) and not words[-1][0].isdigit():
        try:
            zone = ZoneInfo(words.pop())
        except (OSError, ValueError, KeyError):  # not found, not even a name, not known
            return None
    try:
        time = datetime.fromisoformat(" ".join(words))
        return time.replace(tzinfo=zone) if zone and time.tzinfo is None else time.astimezone(time.tzinfo)
    except (ValueError, OverflowError):
        return None


def read_stamp(path: Path, note: Callable[[str], None]) -> datetime | None:
    """Return the time in nbgrader's file, None where there is none; `note` hears of one that cannot be read.

    What is no file of its own is not opened: a link could lead to anything, a pipe would keep the reader waiting.
    """
    if not is_plain(path):
        return None
    try:
        with path.open("rb") as file:
            text = file.read(STAMP_BYTES).decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        note(f"{path} cannot be read ({error.strerror}), so the time of this submission is not known.")
        return None
    time = read_time(text)
    if time is None:
        note(f"{path}: {text!r} is no time, so the time of this submission is not known.")
    return time
