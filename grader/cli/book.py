"""The commands of `grade book` and their options; what they do is in bookkeeping.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from grader.cli.speak import stoppable, told
from grader.errors import did_you_mean

DEFAULT_BOOK = "reports/gradebook.db"
VARIABLE = "GRADE_BOOK"
F = TypeVar("F", bound=Callable[..., Any])
SORTS = ("student", "points", "open", "late", "seconds")
HELP_OF_BOOK = f"File or URL of the gradebook [${VARIABLE}, else {DEFAULT_BOOK}]."


class BookGroup(click.Group):
    """`grade book`: a word that is no command may well be a student."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        near = did_you_mean(args[0], self.commands)
        raise click.UsageError(f"No command {args[0]!r}.{near} One student's history: grade book show {args[0]}", ctx)


def book_option(default: str | None) -> Callable[[F], F]:
    """Return the option --book; behind a command's name it counts more than before it."""
    return click.option(
        "--book", metavar="BOOK", envvar=VARIABLE if default else None, default=default, help=HELP_OF_BOOK
    )


@click.group("book", cls=BookGroup, invoke_without_command=True)
@book_option(DEFAULT_BOOK)
@click.option("--assignment", metavar="NAME", help="This assignment only.")
@click.option("--student", metavar="WHO", help="This student only: key, id, e-mail address or name.")
@click.option("--failed", is_flag=True, help="Not graded, or the notebook was stopped on its way.")
@click.option("--open", "waiting", is_flag=True, help="With points a person must decide, or changes to look at again.")
@click.option("--late", is_flag=True, help="Handed in late.")
@click.option(
    "--sort",
    type=click.Choice(SORTS),
    metavar="BY",
    default="student",
    help="student, points (fewest first), open, late or seconds (most first) [student].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the submissions as a JSON list.")
@click.pass_context
def book(ctx: click.Context, /, **options: Any) -> None:
    """Show the gradebook, one student's history, or change points.

    Without a command the last attempt of every student is listed, with the points people changed and what late days
    cost. With several filters a submission must fit all of them.
    """
    if ctx.invoked_subcommand is not None:
        return
    with told(verbose=False), stoppable():
        from grader.cli.bookkeeping import Wanted, list_entries

        ctx.exit(list_entries(Wanted(**options)))


@book.command("show")
@click.argument("student")
@book_option(None)
@click.option("--assignment", metavar="NAME", help="This assignment only.")
@click.option("--all", "every_check", is_flag=True, help="Also the checks that have all their points.")
@click.option("--json", "as_json", is_flag=True, help="Print the history as JSON.")
@click.pass_context
def show(ctx: click.Context, /, student: str, *, book: str | None, **options: Any) -> None:
    """Show every attempt of STUDENT, what it changed, and what people changed.

    STUDENT is a key, id, e-mail address or name.
    """
    with told(verbose=False), stoppable():
        from grader.cli.bookkeeping import show_history

        ctx.exit(show_history(_place(ctx, book), student, **options))


@book.command("mark")
@click.argument("student")
@click.argument("check")
@click.argument("points", type=float)
@click.option("--why", metavar="TEXT", required=True, help="The reason; it is kept beside the points.")
@click.option("--who", metavar="NAME", help="Who decides [the user's name].")
@click.option("--assignment", metavar="NAME", help="The assignment, where STUDENT did several.")
@book_option(None)
@click.pass_context
def mark(ctx: click.Context, /, **options: Any) -> None:
    """Give STUDENT other points for CHECK, or points for an open part.

    CHECK is the id of a check or of a reviewed part, as `grade book show STUDENT` tells it. The points stay when the
    submission is graded again, while the grader says the same of that check.
    """
    with told(verbose=False), stoppable():
        from grader.cli.bookkeeping import Mark, mark_check

        ctx.exit(mark_check(Mark(**{**options, "book": _place(ctx, options["book"])})))


def _place(ctx: click.Context, place: str | None) -> str:
    """Return which gradebook is meant."""
    return place or (str(ctx.parent.params["book"]) if ctx.parent else DEFAULT_BOOK)
