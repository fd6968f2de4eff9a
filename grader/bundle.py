"""A bundle: what students unpack, to work in and to check themselves without the solutions.

    backprop.ipynb          the notebook to fill in, with the files it reads beside it
    README.md               how to install the grader and check oneself
    selfcheck/              for the grader, not to be edited
        bundle.json         this module's `Bundle`: what it is, and the SHA-256 of every file here
        assignment.toml     questions and points, as in an assignment, with `record` in the place of `reference`
        backprop.ipynb      the notebook as it was handed out
        checks/             the public checks
        record.zip          what the reference answered to them
        data/               the small data sets, NAME.npz
        proofs/             the worlds of derivations, without their steps
        files/              the files the notebook reads, once more

A bundle's checks are run in this process, so one is taken only from the folder a person works in: never from beside a
notebook that somebody else handed in.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader import __version__
from grader.assignment import Assignment, load
from grader.errors import UsageError

FOLDER, FILE, RECORD, DATA = "selfcheck", "bundle.json", "record.zip", "data"
SCHEMA = 1
AGAIN = "Unpack the bundle again; your notebook can stay as it is."


class Points(BaseModel):
    """What a question is worth: what its public checks give, and all together."""

    model_config = ConfigDict(frozen=True)

    public: float
    total: float


class Bundle(BaseModel):
    """`bundle.json`; unknown keys are for a later grader."""

    model_config = ConfigDict(frozen=True)

    schema_version: int
    assignment: str
    title: str
    notebook: str = Field(description="the file to fill in, beside selfcheck/")
    grader: str = Field(description="the version that made it")
    seed: int = Field(ge=0, description="of the random inputs whose answers are recorded")
    extras: tuple[str, ...] = Field((), description="of the package, as in pip install homework-grader[keras]")
    points: dict[str, Points] = Field({}, description="by question")
    notes: tuple[str, ...] = Field((), description="what readers of its results must know: sentences")
    files: dict[str, str] = Field(description="SHA-256 by path below selfcheck/, with slashes")
    digest: str = Field("", description="SHA-256 of all of the above; shows damage, not who made it")

    @property
    def sealed(self) -> Bundle:
        """The same with its digest, for `bundle.json`."""
        text = self.model_dump_json(exclude={"digest"})
        return self.model_copy(update={"digest": hashlib.sha256(text.encode()).hexdigest()})

    @property
    def install(self) -> str:
        """What to type to install what this bundle needs."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f'pip install "homework-grader{extras}>={self.grader}"'


def near(folder: Path) -> Path | None:
    """Return the nearest folder that is a bundle, this one or one above it; None where there is none.

    A folder above that somebody else owns, or nobody may look into, ends the search: its checks would be run.
    """
    place = folder.absolute()
    try:
        owner = place.stat().st_uid
    except OSError:
        return None
    for each in (place, *place.parents):
        try:
            if each.stat().st_uid != owner:
                return None
            if stat.S_ISREG((each / FOLDER / FILE).stat().st_mode):
                return each
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return None
    return None


def holds(folder: Path, notebook: Path) -> bool:
    """Whether a notebook really lies in a bundle's folder or below it, links followed.

    Only such a one is taken to be the own work of whoever works there, and run unsealed.
    """
    return Path(os.path.realpath(notebook)).is_relative_to(os.path.realpath(folder))


def read(folder: Path) -> Bundle:
    """Return what an unpacked bundle says of itself; UsageError when it is damaged or for another grader."""
    path = folder / FOLDER / FILE
    try:
        bundle = Bundle.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}). {AGAIN}") from error
    except ValidationError as error:
        raise UsageError(f"{path}: this is no bundle's description any more. {AGAIN}") from error
    if bundle.schema_version > SCHEMA or _version(bundle.grader) > _version(__version__):
        raise UsageError(
            f"{path}: this bundle was made by grader {bundle.grader}, newer than yours ({__version__}). "
            f"Install that one: {bundle.install}"
        )
    if bundle.digest not in ("", bundle.sealed.digest):
        raise UsageError(f"{path}: was changed since it was released, so verdicts could be wrong. {AGAIN}")
    return bundle


def opened(folder: Path) -> tuple[Bundle, Assignment]:
    """Return an unpacked bundle and its assignment, every file as it was released.

    UsageError names the file that is missing or was changed, AssignmentError what is broken in it.
    """
    folder = folder.resolve()  # as `load` does
    bundle = read(folder)
    _require_whole(folder, bundle)
    assignment = load(folder / FOLDER)
    for file in assignment.checks.rglob("*.py"):
        if file.relative_to(folder / FOLDER).as_posix() not in bundle.files:
            raise UsageError(f"{file}: does not belong to the bundle. Move it elsewhere.")
    return bundle, assignment


def _require_whole(folder: Path, bundle: Bundle) -> None:
    for name, digest in bundle.files.items():
        file = folder / FOLDER / name
        try:
            content = file.read_bytes()
        except OSError as error:
            raise UsageError(f"{file}: cannot be read ({error.strerror}). {AGAIN}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise UsageError(f"{file}: was changed since it was released, so verdicts could be wrong. {AGAIN}")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
