"""Fingerprints: what a result depends on, as hashes. Two submissions with equal ones have equal results.

execution    the notebook and its files, what it is served, its limits, the seed asked for, the grader's own
             code and the libraries
common       what every check depends on besides: the solution, the master notebook, whatever lies beside the
             checks, what the checks share
function     one check function, by its name
whole        all of that and the words of assignment.toml
"""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import platform
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import grader
from grader import datasets
from grader.assignment import FILE, Assignment
from grader.config import GradeOptions
from grader.errors import AssignmentError
from grader.results import Audience
from grader.sources import imports, sources
from grader.submissions import Submission

DISTRIBUTION = "homework-grader"
MAX_BYTES = 4 * 2**30  # more than any limit lets a notebook or the files beside it have
NAME = re.compile(r"[\w.-]+")  # at the start of a requirement such as "numpy>=2"
APART = re.compile(r"extra == (?!.(keras|class)\b)")  # for what has no part in a verdict
SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True, kw_only=True)
class Prints:
    """The fingerprints of an assignment, as it is graded with some options."""

    frame: str  # what running a notebook depends on, besides the notebook
    common: str
    functions: Mapping[str, str]
    whole: str

    @property
    def all(self) -> str:
        """Everything but the submission: where it is the same, submissions are graded the same way."""
        return _hash([self.frame, self.whole])

    def of_execution(self, digest: str) -> str:
        """Return what running the submission with that digest depends on."""
        return _hash([self.frame, digest])

    def of_report(self, digest: str, audience: Audience, names: Mapping[str, str]) -> str:
        """Return what the report on the submission with that digest depends on."""
        return _hash([self.all, digest, audience], map(str, sorted(names.items())))

    @classmethod
    def of(cls, assignment: Assignment, options: GradeOptions) -> Prints:
        """Return the fingerprints of what there is now; AssignmentError when a file of it cannot be read."""
        try:
            return cls._of(assignment, options)
        except SyntaxError as error:
            raise AssignmentError(f"{error.filename}:{error.lineno}: {error.msg}.") from error
        except (OSError, ValueError) as error:
            raise AssignmentError(f"{assignment.folder}: cannot be read: {error}.") from error

    @classmethod
    def _of(cls, assignment: Assignment, options: GradeOptions) -> Prints:
        plain = options.model_dump(mode="json", exclude={"provisioner"})  # forked or spawned: the results are equal
        served = datasets.store(assignment.data).name if assignment.data else ""
        frame = _hash(
            [versions(), repr(sorted(plain.items())), served, assignment.limits.model_dump_json()],
            [assignment.budget.model_dump_json(), *_contents(assignment.attached)],
            _contents([assignment.folder / assignment.tests] if assignment.tests else []),
        )
        shared, functions = _checks(assignment.checks)
        solution = [name for name in (assignment.reference, assignment.variants, assignment.training) if name]
        asked = {name for path in own_files(assignment.checks) if path.suffix == ".py" for name in imports(path)}
        solution += [name for name in asked if name.partition(".")[0] == assignment.package]
        files = {path for name in solution for path in sources(name)}
        beside = [path for path in own_files(assignment.folder) if not path.is_relative_to(assignment.checks)]
        others = [path for path in beside if path.name != FILE]
        questions = repr([question.id for question in assignment.questions])
        common = _hash(shared, [questions, served], _contents(sorted(files)), _contents(others))
        toml = (assignment.folder / FILE).read_bytes()
        whole = _hash([common, repr(sorted(functions.items())), hashlib.sha256(toml).hexdigest()])
        return cls(frame=frame, common=common, functions=functions, whole=whole)


def digest_of(submission: Submission) -> str:
    """Return the SHA-256 of what was handed in; of a file that cannot be read only its name counts."""
    return _hash(_contents([submission.path], named=False), _contents(submission.files))


@functools.cache
def versions() -> str:
    """Return a hash of the grader's code, Python, this kind of machine and the libraries that are required."""
    required = [NAME.match(line) for line in requires(DISTRIBUTION) or () if not APART.search(line)]
    names = {found[0] for found in required if found} | {"keras"}
    libraries = [f"{name} {_version(name)}" for name in sorted(names)]
    own = _contents(sorted(Path(grader.__file__).parent.rglob("*.py")))
    return _hash([sys.version, platform.machine(), platform.system(), *libraries], own)


def _checks(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return hashes of what the checks share, and of each check function with the rest of its file."""
    shared: list[str] = []
    functions: dict[str, str] = {}
    for path in own_files(folder):
        if path.suffix != ".py":
            shared += _contents([path])
            continue
        body = ast.parse(path.read_bytes(), str(path)).body
        tests = [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")]
        rest = "\n".join(ast.dump(node) for node in body if node not in tests)
        if not tests:
            shared.append(f"{path.name} {rest}")
        for node in tests:  # of the same name in two files: both count for both
            functions[node.name] = _hash([functions.get(node.name, ""), path.name, rest, ast.dump(node)])
    return shared, functions


def own_files(folder: Path) -> list[Path]:
    """Return the files of a folder and of those below it, sorted; no link is followed."""
    found = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
    return sorted(path for path in found if not SKIPPED & set(path.parts) and stat.S_ISREG(path.lstat().st_mode))


def _contents(paths: Iterable[Path], *, named: bool = True) -> Iterator[str]:
    """Yield a hash of each file's content with its name; of a folder, of each file below it."""
    for path in paths:
        for file in own_files(path) if path.is_dir() else [path]:
            name = file.relative_to(path.parent).as_posix() if named else ""
            yield f"{name} {hash_of(file)}"


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file's content, or why it cannot be read: a pipe or a device has no end."""
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
            return f"no ordinary file: {about.st_mode} {about.st_size}"
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.errno}"


def _hash(*parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for text in part:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        digest.update(b"\1")
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
