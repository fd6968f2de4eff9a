"""An assignment that comes from another tool, and the files it is written down in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.assignment import FILE, Question, load
from grader.authoring.making import write_new
from grader.authoring.toml import quoted
from grader.errors import AssignmentError, UsageError
from grader.files import NOT_GIVEN, given
from grader.notebook.kernel import KERNELSPEC, LANGUAGE_INFO
from grader.notebook.placed import Tests

TESTS, ASIDE = "tests.json", "files"  # the folder of files whose names are taken
MAX_TITLE = 100
MARKS = re.compile(r"[*`_]{1,3}(?=\S)|(?<=\S)[*`_]{1,3}|^#+\s*|\s*#+$")


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an assignment of ours is made of; `files` by the names they get beside the notebook."""

    name: str
    title: str
    origin: str  # where it comes from, for whoever reads assignment.toml
    master: NotebookNode
    tests: Tests
    questions: Sequence[Question]
    files: Mapping[str, Path] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """What it is worth."""
        return sum(question.points for question in self.questions)


def write(found: Sequence[Imported], root: Path) -> list[Path]:
    """Write assignments below the folder `root`, all or none, and return their files; nothing is overwritten.

    Raises UsageError where one is there already, OutputError where files cannot be written, AssignmentError where
    what was written cannot be read again.
    """
    for each in found:
        if os.path.lexists(root / each.name):
            raise UsageError(
                f"{root / each.name} is there already, and nothing is overwritten. Move it away, or choose another "
                "folder with --out DIR."
            )
    files = {root / each.name / name: content for each in found for name, content in _contents(each)}
    write_new(files)
    for each in found:
        _ = load(root / each.name).master  # which what is graded is compared with
    return list(files)


def _contents(each: Imported) -> Iterator[tuple[str, str | bytes]]:
    notebook = f"{each.name}.ipynb"
    yield FILE, _settings(each, notebook)
    yield notebook, _master(each)
    yield TESTS, each.tests.written()
    for name, file in each.files.items():
        yield from _copied(_place(name), file)


def _place(name: str) -> str:
    """Return where in the assignment's folder a file lies, which keeps its name beside the notebook."""
    return f"{ASIDE}/{name}" if name in (FILE, TESTS, "checks", ASIDE) else name


def _copied(name: str, file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the content of a file, or of the files of a folder that are given to students."""
    for each in given(file):
        place = name if each == file else f"{name}/{each.relative_to(file).as_posix()}"
        try:
            yield place, each.read_bytes()
        except OSError as error:
            message = f"{each}: cannot be read ({error.strerror}). Make it readable, or move it away."
            raise AssignmentError(message) from error


def beside(folder: Path) -> dict[str, Path]:
    """Return the files and folders that lie beside the notebooks of a folder and that notebooks may read, by name."""
    found = {entry.name: entry for entry in sorted(folder.iterdir()) if not NOT_GIVEN.fullmatch(entry.name)}
    return {name: entry for name, entry in found.items() if any(True for _ in given(entry))}


def _settings(each: Imported, notebook: str) -> str:
    """Return the text of assignment.toml."""
    lines = [
        f"# Made by `grade import` from {_in_line(each.origin)}.",
        "# The points of a question are those of its checks in tests.json and of its reviews here.",
        f"name = {quoted(each.name)}",
        f"title = {quoted(each.title)}",
        f"notebook = {quoted(notebook)}",
        f"tests = {quoted(TESTS)}",
    ]
    if each.files:
        lines.append(f"files = [{', '.join(quoted(_place(name)) for name in each.files)}]")
    if each.limits:
        lines += ["", "[limits]", *(f"{name} = {value:g}" for name, value in each.limits.items())]
    for question in each.questions:
        lines += ["", "[[questions]]", *_entries(question.id, question.title, question.points)]
        for review in question.reviews:
            lines += ["", "[[questions.reviews]]", *_entries(review.id, review.title, review.points)]
            if review.note:
                lines.append(f"note = {quoted(review.note)}")
    return "\n".join(lines) + "\n"


def _entries(name: str, title: str, points: float) -> list[str]:
    return [f"id = {quoted(name)}", f"title = {quoted(title)}", f"points = {points!r}"]


def _in_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _master(each: Imported) -> str:
    """Return the text of the notebook as students get it, which says what assignment it belongs to."""
    about: dict[str, Any] = {
        "grader": {"assignment": each.name},
        "kernelspec": dict(KERNELSPEC),
        "language_info": dict(LANGUAGE_INFO),
    }
    node = {**each.master, "metadata": {**each.master.get("metadata", {}), **about}}
    text: str = nbformat.writes(nbformat.from_dict(node))  # type: ignore[no-untyped-call]
    return text if text.endswith("\n") else text + "\n"


def named(words: str, taken: Iterable[str] = ()) -> str:
    """Return a name for an assignment made of some words, unlike those that are taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "assignment"
    taken, name, number = set(taken), plain, 2
    while name in taken:
        name, number = f"{plain}-{number}", number + 1
    return name


def titled(text: str, otherwise: str) -> str:
    """Return a line of a notebook as a title: without markup, of a length that fits into a table."""
    plain = " ".join(_in_line(MARKS.sub("", text.strip())).split())
    return plain[: MAX_TITLE - 1] + "…" if len(plain) > MAX_TITLE else plain or otherwise


def heading(source: str) -> str:
    """Return the last heading of a text cell, "" where there is none."""
    found = re.findall(r"^\s{0,3}#{1,6}\s+(.+?)\s*$", source, re.MULTILINE)
    return found[-1] if found else ""
