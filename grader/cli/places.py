"""Where things are: the notebooks a command names and the folder of their assignments."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterable
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


def bundle_for(notebook: Path, *, is_typed: bool) -> Path | None:
    """Return the folder of the bundle one works in, when the notebook lies there too; None for the ordinary way.

    Where assignments lie above, too, somebody may have changed to a folder that was handed in, whose checks would be
    run: then UsageError asks which is meant, unless --self-check `is_typed`. UsageError says the way, too, to a bundle
    that the notebook lies in, where no assignments are near.
    """
    from grader.bundle import holds, near

    folder = near(Path.cwd())
    if folder is None:
        _require_no_bundle(Path(os.path.realpath(notebook.parent)))
        return None
    if not holds(folder, notebook):
        return None
    found = None if is_typed else _assignments_above(folder)
    if found is not None:
        raise UsageError(
            f"There is a bundle in {folder} and there are assignments in {found}. Type --self-check to check your own "
            f"notebook with the bundle (unsealed), or --assignments {shlex.quote(str(found))} to grade it sealed."
        )
    return folder


def _require_no_bundle(origin: Path) -> None:
    way = _way_to_bundle(origin)
    if way and not _assignments_near(Path.cwd(), origin):
        raise UsageError(f"{way} To grade what somebody handed in, say of which homework: --assignment NAME")


def _assignments_above(folder: Path) -> Path | None:
    """Return the nearest folder with assignments above a bundle: what lies inside may have been handed in with it."""
    return next((place / FOLDER for place in folder.resolve().parents if _has_assignment(place / FOLDER)), None)


def _has_assignment(folder: Path) -> bool:
    with contextlib.suppress(OSError):  # a folder nobody may look into
        return any(folder.glob("*/assignment.toml"))
    return False


def desk_for(notebook: Path) -> Desk:
    """Return the desk of the bundle one works in; UsageError where there is none, or the notebook lies elsewhere."""
    from grader.bundle import holds, near
    from grader.selfcheck.desk import Desk

    require_folder()
    folder = near(Path.cwd())
    if folder is None:
        raise UsageError(
            _way_to_bundle(notebook.parent)
            or f"{Path.cwd()} is not the folder of a homework: there is no selfcheck/bundle.json in it or above it. "
            "Change to the folder you unpacked (cd), and type the command there."
        )
    if not holds(folder, notebook):
        raise UsageError(
            f"{notebook} lies outside of {folder}, whose checks run your own notebooks only: copy it into that folder."
        )
    found = _assignments_above(folder)
    if found is not None:
        raise UsageError(
            f"There are assignments in {found}, so {folder} may have been handed in, and its checks would run with "
            "your rights. If it is yours, move it away from there; else grade the notebook: grade --assignments "
            f"{shlex.quote(str(found))} {shlex.quote(str(notebook))}"
        )
    return Desk.at(folder)


def assignments_root(start: Path) -> Path:
    """Return the nearest folder `assignments` above what was typed, else above the current folder, else our own.

    `start` is the folder that was typed, or that of the file. What lies in it was handed in, and checks are run: so it
    is not looked at, unless it is the current folder. A folder of that name counts only when there is an assignment in
    it. UsageError when there is none anywhere, or when one beside what was handed in hides another, or when only our
    own are left in the folder of a bundle: who types there is a student.
    """
    from grader.bundle import holds, near

    here, origin = Path.cwd(), Path(os.path.realpath(start))  # Path.resolve() raises for a link to itself
    found = _assignments_near(here, origin)
    if found:
        beside = {origin, origin.parent} - ({here} if origin != here else set())
        if len(found) > 1 and found[0].parent in beside:
            raise UsageError(
                f"{found[0]} lies beside what is to be graded, and there is {found[1]}, too. Checks are run: say with "
                "--assignments which folder is yours."
            )
        return found[0]
    shipped = Path(grader.__file__).parents[1] / FOLDER
    folder = near(here)
    if _has_assignment(shipped) and not (folder is not None and holds(folder, origin)):
        return shipped
    if folder is not None:
        raise UsageError(
            f"In the folder of a homework ({folder}), one notebook that lies there is checked at a time, without "
            "options for a class, as in: grade hw.ipynb"
        )
    raise UsageError(
        _way_to_bundle(origin) or f"No folder {FOLDER!r} with an assignment near {start}. Point --assignments at one."
    )


def _way_to_bundle(start: Path) -> str:
    """Return what to do to have a notebook in `start` checked by the bundle it lies in; "" where it lies in none."""
    from grader.bundle import AGAIN, FILE, near
    from grader.bundle import FOLDER as CHECKS

    folder = near(start)
    if folder is not None:
        return f"{folder} is the folder of a homework. Change to it (cd {shlex.quote(str(folder))}), and type it there."
    broken = next((place for place in (Path.cwd(), start) if (place / CHECKS / "assignment.toml").is_file()), None)
    return f"{broken / CHECKS / FILE} is missing. {AGAIN}" if broken is not None else ""


def _assignments_near(here: Path, origin: Path) -> list[Path]:
    own = [origin] if origin == here else []
    places = dict.fromkeys(folder / FOLDER for folder in (*own, *origin.parents, here, *here.parents))
    return [place for place in places if _has_assignment(place)]


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
