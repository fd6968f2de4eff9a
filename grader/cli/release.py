"""`grade release`: its options; what it does is in `grader.release`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.speak import stoppable, told


@click.command("release")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder the bundles are written to [dist/; with --check a temporary one].",
)
@click.option(
    "--wheel",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The grader as a .whl file, put into the bundle for students to install.",
)
@click.option("--check", is_flag=True, help="Prove that the bundle works without the solution and gives nothing away.")
@click.option("--quick", is_flag=True, help="Look at one right sample only, not at all samples: for large homeworks.")
@click.option(
    "--assignments",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the assignments, to --check a bundle [the nearest assignments/].",
)
@click.pass_context
def release(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    *,
    out: Path | None,
    wheel: Path | None,
    check: bool,
    quick: bool,
    assignments: Path | None,
) -> None:
    """Make what students get of an assignment: the notebook without solutions, and checks to run on it.

    PATH is an assignment's folder or name; with --check also the folder of a bundle. DIR gets a folder and a zip file
    for each: the notebook, a page how to begin, the public checks, and the reference's answers to them in the place of
    the reference. Hidden checks, solutions and wrong variants are not in it.

    The exit code is 0 when all is well, 1 when --check found something, 2 for a wrong command or an assignment that
    cannot be released.
    """
    with told(verbose=False), stoppable():
        from grader.cli.releasing import Wanted, release_all

        wanted = Wanted(paths=paths, out=out, wheel=wheel, check=check, quick=quick, assignments=assignments)
        ctx.exit(release_all(wanted))
