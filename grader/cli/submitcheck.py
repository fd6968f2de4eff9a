"""`grade submit-check`: what there is to look at before a notebook is handed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.speak import Output, in_line, say, stoppable, told

if TYPE_CHECKING:
    from grader.selfcheck.handin import HandIn


@click.command("submit-check")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON: findings, receipt, result.")
@click.pass_context
def submit_check(ctx: click.Context, /, notebook: Path, *, as_json: bool) -> None:
    """Look your notebook over before you hand it in.

    NOTEBOOK is run from the start in a fresh kernel, with the public checks of the folder you unpacked. You hear of
    cells that fail when all run in order, cells that were run out of order or show old outputs, questions that are as
    they were handed out, files to hand in together with it, and its size. A receipt with its SHA-256, the points of
    the public checks and all versions is printed and written to NOTEBOOK.receipt.json. Nothing is sent anywhere.

    The exit code is 0 when it is ready, 1 when there is something to look at, 2 for a wrong command.
    """
    with told(verbose=False), stoppable():
        ctx.exit(_carry_out(notebook, as_json=as_json))


def _carry_out(path: Path, *, as_json: bool) -> int:
    from grader.cli.places import desk_for, existing
    from grader.cli.progress import progress

    existing([str(path)], [])
    desk = desk_for(path)
    from grader.selfcheck.handin import look_over

    with progress(quiet=as_json) as bar:
        bar.begin(path.stem)
        found = look_over(desk, path, bar.step)
    output = Output()
    if as_json:
        from grader.results import for_student

        found = found.model_copy(update={"result": for_student(found.result)})
        output.put(found.model_dump_json(indent=2))
    else:
        output.put("\n".join(map(in_line, _lines(found))))
    say(_receipt_written(found, path))
    output.require_taken()
    return 0 if found.ready else 1


def _lines(found: HandIn) -> list[str]:
    """Return what a person reads."""
    receipt, execution = found.receipt, found.result.execution
    count = len(found.findings)
    cells = sum(cell.kind == "code" and bool(cell.source.strip()) for cell in execution.cells)
    to_look_at = "Ready to hand in." if found.ready else f"{count} thing{'' if count == 1 else 's'} to look at:"
    return [
        f"{receipt.notebook}: {found.result.title or receipt.assignment}",
        f"Run from the start: {cells} cells, {execution.seconds:.1f} s",
        f"Public checks: {receipt.score:g} of {receipt.max_score:g} points",
        to_look_at,
        *(f"- {in_line(finding.text)}" for finding in found.findings),
        f"Receipt: {receipt.time}, {receipt.bytes} bytes, SHA-256 {receipt.sha256},",
        f"release {receipt.release}, " + ", ".join(f"{name} {text}" for name, text in receipt.versions.items()),
    ]


def _receipt_written(found: HandIn, path: Path) -> str:
    """Write the receipt beside the notebook; return the line that says where it is, or why it is nowhere."""
    from grader.errors import OutputError
    from grader.files import atomic_write

    place = path.with_suffix(".receipt.json")
    try:
        atomic_write(place, found.receipt.model_dump_json(indent=2) + "\n")
    except OutputError as error:
        return f"The receipt is not written: {str(error).partition('. Choose another')[0]}."
    return f"Receipt: {place}"
