"""Zip files among submissions: downloads of a class, and what single students packed themselves."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from grader.errors import OutputError, SubmissionError, UsageError
from grader.notebook.read import printable
from grader.submissions.choosing import own_names
from grader.submissions.layouts import Layout, is_download
from grader.submissions.naming import safe_name
from grader.submissions.places import Looks, is_notebook, is_zip, why_not_plain
from grader.submissions.sorting import Handed, sort_out, with_files
from grader.submissions.unpacking import DOWNLOAD, OWN, NoRoom, Spent, Unpacked, names_in, unpack

NAMED = 5  # files, in a sentence
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # the grader's trouble, not a student's


@dataclass(frozen=True)
class Opener:
    """Unpacks zip files into a scratch folder and remembers what each file was called in them."""

    scratch: Path
    looks: Looks
    renamed: dict[Path, str] = field(default_factory=dict)  # names that could not be kept, as they were
    packed: dict[Path, Path] = field(default_factory=dict)  # the zip file a student's folder came from
    failed: dict[Path, SubmissionError] = field(default_factory=dict)  # what was named and is no download to be opened
    numbers: Iterator[int] = field(default_factory=count)

    def download(self, handed: Handed, *, alone: bool) -> list[Handed]:
        """Return what is in a zip file named by whoever gave the command.

        One that holds a single notebook is a student's, any other is like a folder. UsageError when it cannot be
        opened and nothing else is to be graded; with others it is left for later, when it becomes a refusal.
        """
        (path,) = handed.zips
        try:
            names = names_in(path, DOWNLOAD)
            notebooks = [name for name in names if is_notebook(Path(name))]
            if len(notebooks) == 1 and not is_download(names):
                return [handed]
            inside = sort_out(self._kept(unpack(path, self._target(path), DOWNLOAD), path), self.looks)
            if not inside:
                raise SubmissionError(f"no notebooks (*.ipynb) in {printable(path.name)}.")
        except SubmissionError as error:
            if not alone:
                self.failed[path] = error
                return [handed]
            raise UsageError(f"{path.parent}: {error}") from error
        return inside

    def open(self, handed: Handed) -> Handed:
        """Return what a student handed in with zip files opened, where no notebook lies beside them.

        What is in them is that student's, whatever its names say. Raises SubmissionError with the reason when there is
        no notebook to grade.
        """
        strange = [why_not_plain(path) for path in handed.strange]
        if not handed.notebooks:
            if strange and not handed.zips:
                raise SubmissionError(" ".join(strange))
            if handed.layout is Layout.FLAT:
                self._refuse_download(handed.zips[0])
            handed = self._own(handed)
        for sentence in strange:
            self.looks.note(f"{handed.owner.student}: {sentence}")
        return handed

    def _refuse_download(self, path: Path) -> None:
        """Raise SubmissionError for a zip file with the work of several students by its names, or one that failed."""
        if path in self.failed:
            raise self.failed[path]
        names = names_in(path, OWN)
        if is_download(names) and sum(is_notebook(Path(name)) or is_zip(Path(name)) for name in names) > 1:
            message = (
                f"{printable(path.name)} is packed like a download of a class, but lies among submissions, where a zip "
                "file is one student's. It was not opened. To grade a download, give the zip file itself."
            )
            raise SubmissionError(message)

    def _own(self, handed: Handed) -> Handed:
        """Return the work with what is in its student's own zip files, for which the bounds hold together."""
        folders: list[Path] = []
        reasons, spent = [], Spent()
        try:
            for path in handed.zips:
                try:
                    folders.append(self._kept(unpack(path, self._target(path), OWN, spent), path))
                    self.packed[folders[-1]] = path
                except SubmissionError as error:
                    reasons.append(str(error))
            inside = with_files(handed, [file for folder in folders for file in self.looks.below(folder)])
            if not inside.notebooks:
                raise SubmissionError(" ".join(reasons) or _no_notebook(handed, inside))
        except (SubmissionError, NoRoom) as error:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            raise SubmissionError(str(error)) from error
        for reason in reasons:
            self.looks.note(f"{handed.owner.student}: {reason}")
        return replace(inside, beside=True)

    def came_as(self, path: Path, root: Path) -> str:
        """Return the path of a file inside the download it came in, that of its zip file for what a student packed."""
        for folder in path.parents:
            if folder in self.packed:
                path = self.packed[folder]
                break
        return printable(self.renamed.get(path) or path.relative_to(root).as_posix())

    def gathered(self, handed: Handed, notebook: Path) -> tuple[Path, ...]:
        """Return copies of what else a student handed in, named as the student did, where a download adds to names."""
        folder = self._fresh()
        copies = []
        for name, path in sorted(own_names(handed, notebook).items()):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / name)
            except OSError as error:
                why = f"{path} cannot be copied into {folder}: {error.strerror or error}"
                if error.errno in FULL:
                    raise OutputError(f"{why}.") from error
                self.looks.note(f"{why}. The notebook of {handed.owner.student} is graded without it.")
            else:
                copies.append(folder / name)
        return tuple(copies)

    def _target(self, path: Path) -> Path:
        """Return where a zip file is to be unpacked."""
        return self._fresh() / safe_name(path.stem)

    def _kept(self, unpacked: Unpacked, path: Path) -> Path:
        """Return the folder of what was unpacked; its names and what was left out are remembered."""
        self.renamed.update(unpacked.renamed)
        for sentence in unpacked.left_out:
            self.looks.note(f"{path.name}: {sentence}")
        return unpacked.folder

    def _fresh(self) -> Path:
        """Return a folder that is not there yet."""
        folders = (self.scratch / f"{number:05}" for number in self.numbers)
        return next(folder for folder in folders if not os.path.lexists(folder))


def _no_notebook(handed: Handed, inside: Handed) -> str:
    """Say what there is in the place of a notebook."""
    if inside.zips:
        return (
            f"{printable(handed.zips[0].name)} holds another zip file, {printable(inside.zips[0].name)}, which was not "
            "opened. Hand in the notebook itself."
        )
    files = [printable(path.name) for path in (*handed.zips, *handed.others, *inside.others)]
    listed = ", ".join(files[:NAMED]) + (f" and {len(files) - NAMED} more" if len(files) > NAMED else "")
    return f"There is no notebook (*.ipynb) in what was handed in{': ' + listed if files else ''}."
