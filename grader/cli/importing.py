"""`grade import`: assignments that exist in other tools. What the commands do is in grader/importing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.places import FOLDER as ASSIGNMENTS
from grader.cli.places import require_folder
from grader.cli.speak import Output, say, stoppable, told, visible

if TYPE_CHECKING:
    from grader.importing.imported import Imported

FOLDER = click.Path(file_okay=False, path_type=Path)
INSIDE = "Tests run inside the student's own kernel: a notebook that sets out to can read them, and forge verdicts."
STDERR = "nbgrader gives 0 points where a test writes to stderr. That rule is off here; --stderr-fails keeps it."

out_option = click.option(
    "--out", type=FOLDER, metavar="DIR", default=ASSIGNMENTS, help="Folder for the new assignments [assignments/]."
)


@click.group("import", no_args_is_help=True)
def importing() -> None:
    """Make assignments out of those of other tools.

    What is imported is only read. Tests of other tools run inside the student's kernel, and results say so.
    docs/importing.md leads through it.
    """


@importing.command("nbgrader")
@click.argument("course", type=FOLDER, metavar="COURSE")
@out_option
@click.option("--only", multiple=True, metavar="NAME", help="This assignment of the course; may be given again.")
@click.option("--stderr-fails", is_flag=True, help="Give no points where a test writes to stderr, as nbgrader does.")
@click.pass_context
def import_nbgrader(
    ctx: click.Context, /, *, course: Path, out: Path, only: tuple[str, ...], stderr_fails: bool
) -> None:
    """Make assignments out of an nbgrader course: COURSE is the folder with source/ in it.

    Every notebook with points becomes an assignment. With release/ alone there are no hidden tests.
    """
    with told(verbose=False), stoppable():
        from grader.importing.nbgrader import read_course

        require_folder()
        found = read_course(course, only=only, stderr_fails=stderr_fails)
        off = [] if stderr_fails else [STDERR]
        ctx.exit(make(found.assignments, out, [*found.remarks, *off]))


@importing.command("otter")
@click.argument("path", type=click.Path(path_type=Path), metavar="FOLDER")
@out_option
@click.option("--notebook", type=click.Path(path_type=Path), metavar="FILE", help="The notebook that students get.")
@click.option("--name", metavar="NAME", help="Of the new assignment [the notebook's].")
@click.pass_context
def import_otter(ctx: click.Context, /, *, path: Path, out: Path, notebook: Path | None, name: str | None) -> None:
    """Make an assignment out of one of otter's.

    FOLDER has tests/ and a notebook, or is what `otter assign` wrote, with autograder/ and student/ in it. A zip file
    of these, a notebook with tests in its metadata, and a source for `otter assign` are read, too.
    """
    with told(verbose=False), stoppable():
        from grader.importing.otter import read_otter

        require_folder()
        with read_otter(path, notebook=notebook, name=name) as found:
            ctx.exit(make([found.assignment], out, found.notes))


def make(found: Sequence[Imported], root: Path, remarks: Iterable[str]) -> int:
    """Write assignments, say what was made and what is different now, and return the exit code."""
    from grader.importing.imported import write

    output = Output()
    for file in write(found, root):
        output.put(visible(str(file)))
    output.require_taken()
    for each in found:
        checks = sum(len(question.reviews) for question in each.questions) + len(each.tests.checks)
        say(f"Made {each.name}: {len(each.questions)} questions, {checks} checks, {each.points:g} points.")
    for remark in remarks:
        say(visible(remark))
    say(INSIDE)
    say(f"Grade with it: grade NOTEBOOK.ipynb --assignments {root} --assignment {found[0].name}")
    return 0
