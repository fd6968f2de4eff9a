"""The commands of `grade` and their options; what they do is in the modules beside this one."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from grader import __version__
from grader.cli.book import book
from grader.cli.export import export
from grader.cli.importing import importing
from grader.cli.release import release
from grader.cli.speak import Output, finish_in_peace, open_streams, stoppable, told
from grader.cli.submitcheck import submit_check
from grader.cli.watch import watch

EXAMPLES = """\b
  grade submissions/alice.ipynb       one notebook: a table here, the report in reports/
  grade submissions/                  a class: every notebook below it, a page about all, a gradebook
  grade --self-check my.ipynb         the public checks only, for yourself
"""
if TYPE_CHECKING:
    from grader.cli.order import Order

VERSION = "grade %(version)s"
FOLDER = click.Path(file_okay=False, path_type=Path)


class PathContext(click.Context):
    """The context of the command without a name: it is called as its group is."""

    @property
    def command_path(self) -> str:
        return self.parent.command_path if self.parent else super().command_path


class PathCommand(click.Command):
    """`grade PATH...`: its help is that of the whole."""

    context_class = PathContext

    def get_help(self, ctx: click.Context) -> str:
        return ctx.parent.get_help() if ctx.parent else super().get_help(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        files = [arg for arg in args if arg.startswith("-") and os.path.lexists(arg)]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not files:
                raise
            message = f"{files[0]!r} looks like an option. Did you mean the file ./{files[0]}?"
            raise click.UsageError(message, ctx) from error


class Commands(click.Group):
    """A group that hands everything its commands do not know to `grade PATH...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {*self.commands, "-h", "--help", "--version"}
        return super().parse_args(ctx, args if not args or args[0] in known else ["", *args])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) if cmd_name else grade_paths

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]", "PATH..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [*grade_paths.params[1:], *self.get_params(ctx)]  # the first is PATH
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record is not None], col_max=24)
        self.format_commands(ctx, formatter)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"Examples:\n\n{EXAMPLES}",
    no_args_is_help=True,
)
@click.version_option(__version__, message=VERSION)
def commands() -> None:
    """Grade homework notebooks, and say what is wrong and why.

    PATH is a notebook, a folder of notebooks, or a zip file as Canvas and Moodle give it; a file called like a command
    is named with its folder, as in ./list.
    Reports are written to reports/, results to standard output, messages to standard error.

    The exit code is 0 when every submission got a result, 1 when some could not be graded, 2 for a wrong command or a
    broken assignment.
    """


@click.command(cls=PathCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", type=FOLDER, metavar="DIR", default="reports", help="Folder for the reports [reports/].")
@click.option("--assignment", metavar="NAME", help="The assignment, where the notebook does not show which.")
@click.option("--assignments", type=FOLDER, metavar="DIR", help="Folder of the assignments [the nearest assignments/].")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Seed of all random inputs [from the notebook's bytes]."
)
@click.option(
    "--audience",
    type=click.Choice(["student", "instructor"]),
    metavar="WHO",
    help="student or instructor [instructor]; a student's report does not show what hidden checks expect.",
)
@click.option(
    "--data",
    type=click.Choice(["small", "full"]),
    metavar="SIZE",
    default="small",
    help="small or full data sets [small]; full ones are added with `grade data add`.",
)
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Notebooks of a class at a time [as the machine can]."
)
@click.option("--cluster", metavar="ADDRESS", help="Grade a class on a Dask cluster, as in tcp://scheduler:8786.")
@click.option("--fresh", is_flag=True, help="Grade everything, also what has not changed since it was graded.")
@click.option(
    "--roster",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="CSV",
    help="The class list: who is missing, and whose a notebook is.",
)
@click.option("--similar", is_flag=True, help="Look for submissions with the same code, as a hint to look at them.")
@click.option(
    "--book",
    metavar="URL",
    envvar="GRADE_BOOK",
    help="The gradebook of a class, a file or a database [DIR/gradebook.db].",
)
@click.option("--self-check", is_flag=True, help="Your own notebook: public checks only, unsealed, for the student.")
@click.option("--no-sandbox", is_flag=True, help="Run the notebook unsealed; the report says so.")
@click.option("--json", "as_json", is_flag=True, help="Print the result alone, as JSON (a batch: a list).")
@click.option("-v", "--verbose", is_flag=True, help="Say more, and show tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only (and what --json asks for).")
@click.version_option(__version__, message=VERSION, hidden=True)
@click.pass_context
def grade_paths(ctx: click.Context, /, **options: Any) -> None:
    """Grade notebooks and folders of notebooks."""
    began_s = time.perf_counter()
    with told(verbose=options["verbose"]), stoppable():
        from grader.cli.places import existing

        paths = existing(options.pop("paths"), commands.commands)
        if len(paths) == 1 and paths[0].suffix.lower() == ".ipynb":
            from grader.kernels import ahead

            ahead.begin()  # while the rest is imported
        from grader.cli.order import Order  # after the paths: a mistyped one is answered at once

        is_typed = ctx.get_parameter_source("book") is not ParameterSource.ENVIRONMENT
        order = Order(paths=tuple(paths), began_s=began_s, is_book_typed=is_typed, **options)
        ctx.exit(_carry_out(order))


def _carry_out(order: Order) -> int:
    """Check a student's own notebook where they work in a bundle, else grade."""
    if order.may_use_bundle:
        from grader.cli.places import bundle_for

        folder = bundle_for(order.paths[0], is_typed=order.self_check)
        if folder is not None:
            from grader.cli.desk import carry_out as check

            return check(order, folder)
    from grader.cli.job import carry_out

    return carry_out(order)


@commands.command("list")
@click.option("--assignments", type=FOLDER, metavar="DIR", help="Folder of the assignments [the nearest assignments/].")
@click.pass_context
def list_assignments(ctx: click.Context, /, assignments: Path | None) -> None:
    """Show the known assignments with title, questions and points."""
    with told(verbose=False):
        from grader.cli.listing import show_assignments

        ctx.exit(show_assignments(assignments))


@commands.command("new")
@click.argument("name")
@click.option("--title", metavar="TEXT", help="What students read on top [from the name].")
@click.option("--assignments", type=FOLDER, metavar="DIR", help="Folder the assignment is made in [assignments/].")
@click.pass_context
def new_assignment(ctx: click.Context, /, name: str, title: str | None, assignments: Path | None) -> None:
    """Make an assignment that grades at once, for you to change.

    NAME is made of small letters, digits and hyphens. With it come a solution and samples, one right and one wrong.
    Nothing is overwritten. docs/authoring.md goes on from there.
    """
    with told(verbose=False), stoppable():
        from grader.cli.authoring import make_assignment

        ctx.exit(make_assignment(name, title, assignments))


@commands.command("lint")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--quick", is_flag=True, help="Only read: leave out what runs notebooks.")
@click.option("--no-sandbox", is_flag=True, help="Run the samples unsealed: they are yours.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def lint_paths(ctx: click.Context, /, paths: tuple[str, ...], *, quick: bool, no_sandbox: bool, as_json: bool) -> None:
    """Find what is wrong with assignments before students do.

    PATH is an assignment's folder, a folder of such folders, or an assignment's name. Looked for are points that do
    not add up, checks without hints, hidden checks that leak, samples that do not match, a reference that fails its
    own checks, and variants that no check can tell apart.

    The exit code is 0 when there is nothing to mend (notes do not count), else 1; 2 for a wrong command.
    """
    with told(verbose=False), stoppable():
        from grader.cli.authoring import lint_assignments

        ctx.exit(lint_assignments(paths, quick=quick, sealed=not no_sandbox, as_json=as_json))


@commands.group("data", no_args_is_help=True)
def data() -> None:
    """Show the data sets that notebooks are given, or add a full one."""


@data.command("list")
@click.pass_context
def list_data(ctx: click.Context, /) -> None:
    """Show the data sets: what they are, their rows, and which full ones were added."""
    with told(verbose=False):
        from grader.cli.data import show_data

        ctx.exit(show_data())


@data.command("add")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def add_data(ctx: click.Context, /, name: str, file: Path) -> None:
    """Check FILE, an .npz file with x_train, y_train, x_test and y_test, and keep it as the full data set NAME.

    NAME is mnist, fashion_mnist or cifar10. From then on `grade --data full` gives notebooks its rows.

    For NAME vgg16 or vgg19 FILE is an .h5 file of trained weights, which all notebooks get that ask for them.
    """
    with told(verbose=False), stoppable():
        from grader.cli.data import add_data_set

        ctx.exit(add_data_set(name, file))


@commands.command("doctor")
@click.option("--quick", is_flag=True, help="Leave out what takes seconds: TensorFlow and the warm server.")
@click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON.")
@click.pass_context
def consult_doctor(ctx: click.Context, /, *, quick: bool, as_json: bool) -> None:
    """Show whether this machine can seal and grade homework.

    A kernel is sealed and libraries are imported in it; what is missing comes with its remedy. The exit code is 0 when
    homework can be graded sealed, else 1.
    """
    with told(verbose=False), stoppable():
        from grader.cli.doctor import consult

        ctx.exit(consult(quick=quick, as_json=as_json))


commands.add_command(book)
commands.add_command(export)
commands.add_command(submit_check)
commands.add_command(watch)
commands.add_command(release)
commands.add_command(importing)


def main() -> None:
    """Run the command line."""
    open_streams()
    output = Output()
    try:
        with told(verbose=False):
            with output.printing():
                commands(prog_name="grade")
            output.require_taken()  # what click itself prints: help and version
    finally:
        finish_in_peace()  # Python takes a moment to end
