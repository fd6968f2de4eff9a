"""`grade watch`: a notebook checked again whenever it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.speak import Output, in_line, say, stoppable, told

if TYPE_CHECKING:
    from grader.selfcheck.standing import Move
    from grader.selfcheck.watching import Event


@click.command("watch")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--fresh", is_flag=True, help="Run everything at every save, also what has not changed.")
@click.pass_context
def watch(ctx: click.Context, /, notebook: Path, *, fresh: bool) -> None:
    """Check your notebook again at every save, until you press Ctrl-C.

    NOTEBOOK is run with the public checks of the folder you unpacked. Shown is how each question stands, and which
    checks pass now or no longer pass. Only what your change can have touched is run again.

    The exit code is 0 when you end it with Ctrl-C, 2 for a wrong command.
    """
    with told(verbose=False), stoppable():
        ctx.exit(_carry_out(notebook, fresh=fresh))


def _carry_out(path: Path, *, fresh: bool) -> int:
    from grader.cli.places import desk_for, existing

    existing([str(path)], [])
    desk = desk_for(path)
    from grader.selfcheck.watching import watching

    output = Output()
    try:
        say(f"Watching {in_line(str(path))}. Save it to have it checked; Ctrl-C ends this.")
        for event in watching(desk, path, fresh=fresh):
            _show(event, output)
    except KeyboardInterrupt:
        say("Ended.")
    output.require_taken()
    return 0


def _show(event: Event, output: Output) -> None:
    """Print what became of a save: how the questions stand, and what is new."""
    if event.result is None:
        say(event.text)
        return
    with output.printing():
        from rich.console import Console

        from grader.report import terminal

        terminal.show_standing(event.result, Console(), event.time, [_moved(move) for move in event.moves])
    say(event.text)


def _moved(move: Move) -> tuple[str, str]:
    """Return the sign's name and the sentence for a check that stands otherwise than before."""
    about = f"{move.check.question.upper()}  {move.check.title}"
    if move.better:
        return "passed", f"now passes: {about}"
    return "failed", f"{'no longer passes' if move.was_passing else 'does not pass'}: {about}. {move.check.message}"
