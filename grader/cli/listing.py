"""`grade list`."""

from __future__ import annotations

from pathlib import Path

from grader.assignment import Assignment, known, load
from grader.cli.places import assignments_root, require_folder
from grader.cli.speak import Output, complain, visible
from grader.errors import AssignmentError, UnknownAssignment
from grader.exports.cells import number


def show_assignments(root: Path | None) -> int:
    """Print a line per assignment; return 2 when one of them is broken, which does not hide the others."""
    require_folder()
    output = Output()
    root = root or assignments_root(Path.cwd())
    folders = known(root)
    if not folders:
        raise UnknownAssignment(f"{root}: no assignments here. Point --assignments at a folder of assignments.")
    code = 0
    width = max(map(len, folders))
    for name, folder in folders.items():
        try:
            output.put(visible(f"{name:{width}}  {_described(load(folder))}"))
        except AssignmentError as error:
            complain(str(error))
            code = error.exit_code
    output.require_taken()
    return code


def _described(assignment: Assignment) -> str:
    count = len(assignment.questions)
    points = number(sum(question.points for question in assignment.questions))
    return f"{assignment.title}  ({count} {'question' if count == 1 else 'questions'}, {points} points)"
