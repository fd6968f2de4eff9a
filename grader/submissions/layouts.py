"""The names other systems give to what students handed in, and what they tell about the student."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from grader.entries import Identity
from grader.notebook.read import printable

# Canvas: NAME[_LATE]_USER_ATTACHMENT_FILE, or NAME[_LATE]_USER_text.html for what was typed in; the name is in small
# letters and has no spaces.
CANVAS = re.compile(
    r"(?:(?!LATE_|anon_)(?P<name>\S+?)_)?(?P<late>LATE_)?(?P<user>[1-9]\d{0,17}|anon_[A-Za-z0-9]+)_"
    r"(?:(?P<attachment>[1-9]\d{0,17})_(?P<file>.+)|(?P<entry>(?:text|link)\.html))"
)
ATTEMPT = re.compile(r"(?P<base>.+)-(?P<attempt>[1-9]\d{0,2})")
# Moodle: NAME_PARTICIPANT_assignsubmission_file, with `_` behind it before 4.1, with `_FILE` where it makes no folders.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<participant>\d+)_assignsubmission_(?P<plugin>file|onlinetext)_?(?P<file>.*)")
BLIND = "Participant"


class Layout(Enum):
    """How a folder is laid out: what tells the students apart."""

    FLAT = "notebooks"
    FOLDERS = "a folder per student"
    CANVAS = "a Canvas download"
    MOODLE = "a Moodle download"
    NBGRADER = "nbgrader's folders"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The student a name speaks of: `key` is the same for everything of one student, `label` fits a report's name."""

    key: str
    label: str
    student: str
    identity: Identity


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file in a Canvas download; of two a student handed in the newer has the larger number, what was typed in 0."""

    owner: Owner
    number: int
    user: str
    file: str


def text_of(name: str) -> str:
    """Return a file's name as text in its composed form."""
    return unicodedata.normalize("NFC", printable(name))


def attachment(name: str) -> Attachment | None:
    """Return what Canvas says in a name, None where it is not one of Canvas's."""
    found = CANVAS.fullmatch(text_of(name))
    if found is None or any(char.isupper() for char in found["name"] or ""):
        return None
    user, anonymous = found["user"], found["user"].startswith("anon_")
    if not anonymous and not found["name"]:
        return None
    label = user if anonymous else f"{found['name']}_{user}"
    identity = Identity(
        name="" if anonymous else found["name"],
        canvas_user="" if anonymous else user,
        late=bool(found["late"]),
    )
    owner = Owner(key=user, label=label, student=label, identity=identity)
    return Attachment(
        owner=owner, number=int(found["attachment"] or 0), user=user, file=found["file"] or found["entry"]
    )


def canvas(names: Sequence[str]) -> dict[str, Attachment]:
    """Return the attachments among the names of a folder's files, none unless most of them are.

    Canvas numbers attachments, so no number comes twice, and a number of a user stands for one name. Where there are
    several files and one user only, the numbers may as well be dates.
    """
    found = {name: one for name in names if (one := attachment(name)) is not None}
    users = {one.user: one.owner.label for one in found.values()}
    numbers = [one.number for one in found.values() if one.number]
    several = len(found) > 1
    if (
        2 * len(found) <= len(names)
        or len(set(numbers)) < len(numbers)
        or any(users[one.user] != one.owner.label for one in found.values())
        or (several and len(users) == 1 and not any(one.owner.identity.late for one in found.values()))
    ):
        return {}
    return found


def moodle(names: Sequence[str]) -> dict[str, Owner]:
    """Return whose the folders or files of these names are, none unless Moodle named most of them."""
    found = {name: owner for name in names if (owner := participant(name)) is not None}
    return found if 2 * len(found) > len(names) else {}


def student_file(name: str, layout: Layout) -> tuple[str, int]:
    """Return what a student called a file of a download, and the number Canvas gave it (0 elsewhere)."""
    if layout is Layout.CANVAS and (one := attachment(name)) is not None:
        return one.file, one.number
    if layout is Layout.MOODLE and (found := MOODLE.fullmatch(text_of(name))) is not None and found["file"]:
        return found["file"], 0
    return text_of(name), 0


def participant(name: str) -> Owner | None:
    """Return what Moodle says in a name, None where it is not one of Moodle's."""
    found = MOODLE.fullmatch(text_of(name))
    if found is None:
        return None
    number, who = found["participant"], " ".join(found["name"].split())
    blind = who == BLIND
    return Owner(
        key=number,
        label=f"{who}_{number}",
        student=f"{who} {number}" if blind else who,
        identity=Identity(name="" if blind else who, moodle_participant=number),
    )


def folder_owner(name: str) -> Owner:
    """Return whose a folder is that is called after its student: by name where it reads like one, else by id."""
    who = " ".join(text_of(name).split())
    named = " " in who or "," in who
    identity = Identity(name=who) if named else Identity(id=who)
    return Owner(key=name, label=who, student=who, identity=identity)


def attempt(stem: str) -> tuple[str, int]:
    """Return the name of a notebook without the number Canvas adds when it is handed in again, and that number."""
    found = ATTEMPT.fullmatch(stem)
    return (found["base"], int(found["attempt"])) if found else (stem, 0)


def is_download(names: Iterable[str]) -> bool:
    """Return whether the files of a zip file are the work of many students, by their names."""
    paths = [PurePosixPath(name).parts for name in names]
    while paths and all(len(parts) > 1 for parts in paths) and len({parts[0] for parts in paths}) == 1:
        if paths[0][0] == "submitted" or participant(paths[0][0]):
            break
        paths = [parts[1:] for parts in paths]
    if any(parts[0] == "submitted" and len(parts) == 4 for parts in paths):
        return True
    tops = list(dict.fromkeys(parts[0] for parts in paths if parts))
    return bool(moodle(tops)) or bool(canvas([parts[0] for parts in paths if len(parts) == 1]))
