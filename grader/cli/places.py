"""Where things are: the notebooks a command names and the folder of their assignments."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import grader
from grader.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from grader.selfcheck.desk import Desk

FOLDER = "assignments"


def existing(words: Iterable[str], commands: Iterable[str]) -> list[Path]:
    """Return the words as paths; UsageError with the nearest path or command for a word that is neither."""
    require_folder()
    paths = []
    for word in words:
        if not word or not os.path.lexists(word):
            raise UsageError(_not_found(word, list(commands)))
        paths.append(Path(word))
    return paths


def require_folder() -> None:
    """Raise UsageError when the folder the command was typed in is gone."""
    try:
        Path.cwd()
    except OSError as error:
        message = f"The current folder cannot be used ({error.strerror}). Change to another one (cd) and try again."
        raise UsageError(message) from error


def desk_here() -> Desk:
    """Return the desk of the bundle one works in; UsageError where the current folder is in none."""
    from grader.bundle import near
    from grader.selfcheck.desk import Desk

    require_folder()
    folder = near(Path.cwd())
    if folder is None:
        raise UsageError(
            f"{Path.cwd()} is not the folder of a homework: there is no selfcheck/bundle.json in it or above it. "
            "Change to the folder you unpacked (cd), and type the command there."
        )
    return Desk.at(folder)


def assignments_root(start: Path) -> Path:
    """Return the nearest folder `assignments` above what was typed, else above the current folder, else our own.

    `start` is the folder that was typed, or that of the file. What lies in it was handed in, and what lies beside the
    checks is run: it is looked at last, unless it is the current folder. A folder of that name counts only when there
    is an assignment in it. UsageError when there is none anywhere.
    """
    from grader.bundle import near

    for place in _candidates(start):
        with contextlib.suppress(OSError):  # a folder nobody may look into
            if any(place.glob("*/assignment.toml")):
                return place
    if near(Path.cwd()) is not None:
        raise UsageError("In the folder of a homework, one notebook is checked at a time, as in: grade hw.ipynb")
    raise UsageError(f"No folder {FOLDER!r} with an assignment near {start}. Point --assignments at one.")


def _candidates(start: Path) -> Iterator[Path]:
    here, origin = Path.cwd(), Path(os.path.realpath(start))  # Path.resolve() raises for a link to itself
    own = [origin] if origin == here else []
    yield from (folder / FOLDER for folder in (*own, *origin.parents, here, *here.parents, origin))
    yield Path(grader.__file__).parents[1] / FOLDER


def _not_found(word: str, commands: list[str]) -> str:
    if word in commands:
        return f"No file or folder {word!r}. The command of that name comes first: grade {word} [OPTIONS]."
    parent = os.path.dirname(word)  # noqa: PTH120 - keeps "./" as it was typed
    try:
        beside = [os.path.join(parent, name) for name in os.listdir(parent or ".")]  # noqa: PTH118, PTH208 - as above
    except OSError:
        beside = []
    near = did_you_mean(word, [*commands, *beside])
    return f"No file, folder or command {word!r}.{near or ' Try: grade --help'}"
