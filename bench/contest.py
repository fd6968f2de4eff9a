"""One class, the same checks, three graders: what `others.py` does for one notebook, for a class of different ones.

    grade           with its pool, as many at a time as there are cores
    nbgrader        `nbgrader autograde`, which takes one student after the other
    otter-grader    its function `grade_submission` in as many processes as there are cores (`otter grade` has
                    parallelism of its own only with Docker)

Every grader has to give every student the points that the same checks give as plain Python.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import notebooks
from classes import Handed, Homework, shared_data, students
from floor import Floor
from kernels import plain_environment
from others import CACHE, Contest, Grade, Nbgrader, Otter, Tool, write_notebook

DATA = 'data = { mnist = "digits", fashion_mnist = "garments" }'
OTTER_ROW = """
import json, pathlib, sys
from concurrent.futures import ProcessPoolExecutor
from otter.api import grade_submission

def grade(file):
    results = grade_submission(str(file), "autograder.zip", quiet=True)
    folder = pathlib.Path(sys.argv[1], file.stem)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps({"tests": [{"score": results.total}]}))

if __name__ == "__main__":
    with ProcessPoolExecutor(int(sys.argv[2])) as pool:
        list(pool.map(grade, sorted(pathlib.Path("submissions").glob("*.ipynb"))))
"""


@dataclass(kw_only=True)
class Class(Tool):
    """What the three have in common here."""

    handed: list[Handed] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    jobs: int = 2

    def expected(self, n_graded: int) -> list[float]:
        """Return what plain Python gave."""
        return [self.points[one.name] for one in self.handed[:n_graded]]


class GradeClass(Class, Grade):
    """This project."""

    def build(self) -> None:
        """Write the assignment, and the notebooks of the class in place of the others."""
        super().build()
        shutil.rmtree(self.folder / "submissions")
        write(self.handed, self.folder / "submissions")
        about = self.folder / "assignments" / "bench" / "assignment.toml"
        about.write_text(about.read_text().replace("[[questions]]", f"{DATA}\n[[questions]]", 1))
        self.environment["GRADE_CACHE"] = "off"

    def row(self) -> list[str]:
        """Grade the folder."""
        return [*super().row(), "--jobs", str(self.jobs)]


class NbgraderClass(Class, Nbgrader):
    """nbgrader: the cells of a notebook before those with the checks are the student's."""

    def build(self) -> None:
        """Have the assignment released, and hand in the class."""
        super().build()
        shutil.rmtree(self.folder / "submitted")
        released = nbformat.read(self.folder / "release" / "hw" / "hw.ipynb", 4)
        locked = [cell for cell in released.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        for one in self.handed:
            node = one.node()
            node.cells += locked
            place = self.folder / "submitted" / one.name / "hw"
            place.mkdir(parents=True)
            write_notebook(node, place / "hw.ipynb")

    def scores(self) -> list[float]:
        """Ask the gradebook, by student."""
        script = "from nbgrader.api import Gradebook\nwith Gradebook('sqlite:///gradebook.db') as book:\n"
        found = dict(self._ask(f"{script}    print({SCORES})"))
        return [found[name] for name in sorted(found)]


SCORES = "__import__('json').dumps([[s.student.id, s.score] for s in book.assignment_submissions('hw')])"


class OtterClass(Class, Otter):
    """otter-grader, several at a time."""

    def build(self) -> None:
        """Have the archive made, and write the class."""
        super().build()
        shutil.rmtree(self.folder / "submissions")
        write(self.handed, self.folder / "submissions")
        (self.folder / "row.py").write_text(OTTER_ROW.lstrip())

    def row(self) -> list[str]:
        """Grade all of them."""
        return [*super().row(), str(self.jobs)]

    def forget(self) -> None:
        """Remove the results."""
        shutil.rmtree(self.results, ignore_errors=True)


KINDS: dict[str, type[Class]] = {"grade": GradeClass, "nbgrader": NbgraderClass, "otter-grader": OtterClass}


def write(handed: Sequence[Handed], folder: Path) -> None:
    """Write a class for the kernel that is there everywhere."""
    folder.mkdir(parents=True)
    for one in handed:
        write_notebook(one.node(), folder / f"{one.name}.ipynb")


def plain(homework: Homework) -> notebooks.Homework:
    """Return a homework as `others.py` knows them."""
    return notebooks.Homework(
        name=homework.name,
        title=homework.title,
        cells=tuple(source for kind, source in homework.cells if kind == "code"),
        checks=homework.checks,
        imports=homework.imports,
    )


def write_clothes(folder: Path) -> None:
    """Write our clothes where Keras's loader looks before it asks the network."""
    from grader import datasets

    folder.mkdir(parents=True)
    for name, (images, labels) in (("train", datasets.training("garments")), ("t10k", datasets.testing("garments"))):
        for kind, header, array in (("labels-idx1", 8, labels), ("images-idx3", 16, images)):
            with gzip.open(folder / f"{name}-{kind}-ubyte.gz", "wb") as file:
                file.write(bytes(header) + array.astype("uint8").tobytes())


def measure(homework: Homework, n: int, rounds: int, jobs: int, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return the seconds that each grader takes for a class of n, in rounds, and those of plain Python."""
    homework = shared_data(homework)
    handed = students(homework, n)
    with tempfile.TemporaryDirectory() as home:
        place = Path(home)
        write(handed, place / "handed")
        environment = plain_environment(home)
        if "keras" in homework.imports:
            write_clothes(Path(environment["KERAS_HOME"], "datasets", "fashion-mnist"))
        floor, paths = Floor(homework, jobs, environment), sorted((place / "handed").iterdir())
        floor.warm_up(paths[0])
        points = floor(paths)["scores"]
        del environment["PYTHONDONTWRITEBYTECODE"]  # commands start faster the second time
        found = Contest([_tool(name, homework, handed, points, place, jobs, environment) for name in versions])
        found.each(lambda tool: tool.build())
        laps: list[float] = []
        seconds: dict[str, list[float]] = {}
        for number in range(rounds):
            laps.append(floor(paths)["seconds"])
            found.tools = found.tools[:: -1 if number else 1]
            for name, lap in found.each(lambda tool: tool.run(tool.row(), n)).items():
                seconds.setdefault(name, []).append(lap)
        floor.end()
    return {
        "title": homework.title,
        "versions": dict(versions),
        "students": n,
        "points": sum(points.values()) / (n * len(homework.checks)),
        "floor": laps,
        "seconds": seconds,
        "failed": found.failed,
    }


def _tool(
    name: str,
    homework: Homework,
    handed: list[Handed],
    points: dict[str, int],
    place: Path,
    jobs: int,
    environment: Mapping[str, str],
) -> Class:
    folder = place / name
    folder.mkdir()
    return KINDS[name](
        name=name,
        homework=plain(homework),
        folder=folder,
        n_students=1,
        environment={**environment, "PATH": f"{CACHE / name / 'bin'}:{environment['PATH']}"},
        handed=handed,
        points=points,
        jobs=jobs,
    )
