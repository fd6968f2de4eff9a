"""What lies in the folder before a page's first block is run; a stage may return another folder to begin in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import otter_made
from made import change, grade
from nbgrader_course import answered, save, write_course

from grader.authoring import make

QUESTIONS = """
[[questions.reviews]]
id = "q1b"
title = "Why stacked boxes approximate any continuous function"
points = 4

[[questions.reviews]]
id = "q1c"
title = "What changes in d dimensions"
points = 4

[[questions]]
id = "q2"
"""
DEADLINE = """
[deadline]
due = 2026-03-02T23:59:00+01:00
grace_minutes = 15
per_day = 0.1
cap = 0.5
"""
ROSTER = """id,canvas id,submitted
alice,101,2026-03-01T10:00:00+01:00
bela,102,2026-03-03T09:00:00+01:00
chen,103,
"""
HANDED_IN = {
    "alice": "alice_101_1001_hw1.ipynb",
    "bela": "bela_LATE_102_1002_hw1.ipynb",
    "chen": "chen_LATE_103_1003_hw1.ipynb",
}
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Backpropagation: from proofs to pixels (445566)
Points Possible,,,,,100
"A, Alice",101,alice,alice,one,
"B, Bela",102,bela,bela,one,
"C, Chen",103,chen,chen,one,
"""


def a_class(home: Path, **_: str) -> None:
    """A quick homework that is called `backprop`, and three notebooks as Canvas gives them."""
    make("quick", "Backpropagation: from proofs to pixels", home / "assignments")
    folder = (home / "assignments" / "quick").rename(home / "assignments" / "backprop")
    change(
        folder / "assignment.toml",
        ('name = "quick"', 'name = "backprop"'),
        ('\n[[questions]]\nid = "q2"\n', QUESTIONS),
    )
    append(folder / "assignment.toml", DEADLINE)
    change(
        folder / "checks" / "test_q1_loss.py",
        ('points=20, needs="mse", hint=HINT, hidden', 'points=12, needs="mse", hint=HINT, hidden'),
    )
    samples = home / "submissions"
    right = (samples / "quick-right.ipynb").read_text(encoding="utf-8").replace('"quick"', '"backprop"')
    shutil.rmtree(samples)
    samples.mkdir()
    for name in HANDED_IN.values():
        (samples / name).write_text(right, encoding="utf-8")
    for name in ("class.csv", "students.csv"):
        (home / name).write_text(ROSTER, encoding="utf-8")
    (home / "downloaded.csv").write_text(CANVAS, encoding="utf-8")


def a_download(home: Path, **_: str) -> None:
    """A class, and Canvas's own zip file of it."""
    a_class(home)
    shutil.make_archive(str(home / "Deep Learning-HW1-77"), "zip", home / "submissions")


def a_graded_class(home: Path, **variables: str) -> None:
    """A class, and the gradebook of it."""
    a_class(home)
    code, out, err = grade("submissions/", "--roster", "class.csv", cwd=home, **variables)
    assert code == 0, out + err


def full_data(home: Path, **_: str) -> None:
    """A class, an array file of MNIST's shapes, and a table beside an assignment."""
    a_class(home)
    folder = home / "path" / "to"
    folder.mkdir(parents=True)
    arrays = {
        name: array
        for part, rows in (("train", 60_000), ("test", 10_000))
        for name, array in (
            (f"x_{part}", np.full((rows, 28, 28), [255, *[0] * 27], np.uint8)),
            (f"y_{part}", np.arange(rows, dtype=np.uint8) % 10),
        )
    }
    np.savez_compressed(folder / "mnist.npz", **arrays)
    data = home / "tiny" / "data"
    data.mkdir(parents=True)
    (data / "houses.csv").write_text("rooms,price\n3,100\n", encoding="utf-8")


def an_author(home: Path, **_: str) -> None:
    """A homework as `grade new` makes it."""
    make("my-homework", "Losses and their slopes", home / "assignments")


def a_student(home: Path, **variables: str) -> Path:
    """The bundle of a small homework, unpacked; the author is somewhere else."""
    author = home / "author"
    an_author(author)
    code, out, err = grade("release", "assignments/my-homework", cwd=author, **variables)
    assert code == 0, out + err
    return (author / "dist" / "my-homework").rename(home / "my-homework")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def a_course_elsewhere(home: Path, **_: str) -> None:
    """An nbgrader course, a homework of otter's, and what students of them handed in."""
    write_course(home)
    half = {"relu": "def relu(x):\n    return x if x > 0 else 0", "sigmoid": "def sigmoid(x):\n    return 0.5"}
    save(answered(3, **half), home / "ada.ipynb")
    otter_made.write_folder(home / "otter-homework")
    (home / "bo.ipynb").write_text(otter_made.notebook(otter_made.SUBMISSIONS["wrong"]), encoding="utf-8")


STAGES: dict[str, Callable[..., None]] = {
    "README.md": a_class,
    "docs/classes.md": a_download,
    "docs/gradebook.md": a_graded_class,
    "docs/datasets.md": full_data,
    "docs/importing.md": a_course_elsewhere,
    "docs/release.md": an_author,
    "docs/students.md": a_student,
}


def nothing(_: Path, **__: str) -> None:
    """An empty folder."""
