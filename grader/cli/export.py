"""`grade export`: its commands and options; what they do is in exporting.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader.cli.book import DEFAULT_BOOK, book_option
from grader.cli.speak import stoppable, told

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
WHEN = click.Choice(["hidden", "after_due_date", "after_published", "visible"])

Command = Callable[..., None]


@click.group("export", no_args_is_help=True)
def export() -> None:
    """Write grades and reports for Canvas, Moodle, Gradescope, spreadsheets and programs.

    Points are those of the gradebook: with what people changed, and with what late days cost. The name of the file
    that was written goes to standard output, and who is not in it to standard error. docs/exports.md leads through it.
    """


def _from_book(command: Command) -> Command:
    """Add the options of everything that is written from the gradebook."""
    for option in (
        book_option(DEFAULT_BOOK),
        click.option("--assignment", metavar="NAME", help="Which one, where the gradebook has several."),
        click.option(
            "--out", type=FILE, metavar="FILE", help="The file to write [a new one here]; - is standard output."
        ),
        click.option("--force", is_flag=True, help="Write over a file that is there."),
    )[::-1]:
        command = option(command)
    return command


def _into(command: Command) -> Command:
    text = "The file you downloaded; it is read, never written. Everything but the grades comes back as it is."
    return click.option("--into", type=FILE, metavar="FILE", help=text)(command)


@export.command("canvas")
@_into
@click.option("--column", metavar="TITLE", help="The assignment's column in Canvas: its title or its number.")
@_from_book
@click.pass_context
def export_canvas(ctx: click.Context, /, **options: Any) -> None:
    """Write a gradebook that Canvas imports.

    Best with --into: fill the grades into the CSV file that Canvas exported. Students are recognised by ID, SIS User
    ID, SIS Login ID and name. "EX" stays; other columns stay byte for byte.
    """
    with told(verbose=False), stoppable():
        from grader.cli.exporting import Order, canvas

        into, column = options.pop("into"), options.pop("column")
        ctx.exit(canvas(Order(**options), into, column))


@export.command("moodle")
@_into
@_from_book
@click.pass_context
def export_moodle(ctx: click.Context, /, **options: Any) -> None:
    """Write a grading worksheet that Moodle imports, with a short comment for everybody.

    Best with --into: fill Grade and Feedback comments into the worksheet that Moodle gave you. Comments that people
    wrote there stay.
    """
    with told(verbose=False), stoppable():
        from grader.cli.exporting import Order, moodle

        into = options.pop("into")
        ctx.exit(moodle(Order(**options), into))


@export.command("csv")
@_from_book
@click.pass_context
def export_csv(ctx: click.Context, /, **options: Any) -> None:
    """Write a table for a spreadsheet: a line per student, a column per question."""
    with told(verbose=False), stoppable():
        from grader.cli.exporting import Order, listed

        ctx.exit(listed(Order(**options), "csv"))


@export.command("json")
@_from_book
@click.pass_context
def export_json(ctx: click.Context, /, **options: Any) -> None:
    """Write everything the gradebook knows of an assignment, as a JSON list."""
    with told(verbose=False), stoppable():
        from grader.cli.exporting import Order, listed

        ctx.exit(listed(Order(**options), "json"))


@export.command("parquet")
@_from_book
@click.pass_context
def export_parquet(ctx: click.Context, /, **options: Any) -> None:
    """Write a Parquet table with a row per student and check (needs the extra [parquet])."""
    with told(verbose=False), stoppable():
        from grader.cli.exporting import Order, listed

        ctx.exit(listed(Order(**options), "parquet"))


@export.command("feedback")
@click.option("--reports", type=FOLDER, metavar="DIR", default="reports", help="Folder of the reports [reports/].")
@_from_book
@click.pass_context
def export_feedback(ctx: click.Context, /, **options: Any) -> None:
    """Write a zip file of the students' reports for uploading to Canvas or Moodle.

    The reports are made for students, whatever those in the folder are. They are called as Canvas or Moodle needs it
    to hand them out; a student of whom neither is known gets NAME.html.
    """
    with told(verbose=False), stoppable():
        from grader.cli.exporting import Order, feedback

        reports = options.pop("reports")
        ctx.exit(feedback(Order(**options), reports))


@export.command("gradescope")
@click.argument("results", nargs=-1, required=True, type=FILE, metavar="RESULT...")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="The file to write [results.json].")
@click.option("--show-hidden", "hidden", type=WHEN, default="hidden", help="When students see hidden checks [hidden].")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def export_gradescope(
    ctx: click.Context, /, results: tuple[Path, ...], out: Path | None, hidden: str, *, force: bool
) -> None:
    """Turn results (reports/NAME.json) into Gradescope's results.json.

    Several results go into a folder, --out DIR, each under its own name. Gradescope shows no total as long as a test
    is hidden from the student.
    """
    with told(verbose=False), stoppable():
        from grader.cli.exporting import gradescope

        ctx.exit(gradescope(results, out, hidden, force=force))


@export.command("gradescope-autograder")
@click.argument("assignment")
@click.option("--assignments", type=FOLDER, metavar="DIR", help="Folder of the assignments [the nearest assignments/].")
@click.option(
    "--minutes", type=click.IntRange(2, 40), metavar="N", default=10, help="The time limit set in Gradescope [10]."
)
@click.option("--show-hidden", "hidden", type=WHEN, default="hidden", help="When students see hidden checks [hidden].")
@click.option("--require-sandbox", "sealed_only", is_flag=True, help="Rather no grade than one without a sandbox.")
@click.option("--out", type=FILE, metavar="FILE", help="The file to write [autograder-NAME.zip].")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def export_gradescope_autograder(ctx: click.Context, /, **options: Any) -> None:
    """Write an autograder for Gradescope: a zip file with this grader and one assignment.

    ASSIGNMENT is a name or a folder. Gradescope runs it on every submission. The file holds the solutions and hidden
    checks: it is for you and Gradescope alone.
    """
    with told(verbose=False), stoppable():
        from grader.cli.exporting import autograder

        ctx.exit(autograder(**options))
