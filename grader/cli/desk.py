"""`grade hw.ipynb` in a bundle: a student's own notebook, from what was typed to verdicts on the screen."""

from __future__ import annotations

from pathlib import Path

from grader.cli.order import Order
from grader.cli.progress import progress
from grader.cli.speak import Output, say
from grader.errors import OutputError, UsageError
from grader.files import atomic_write
from grader.results import Result, for_student
from grader.selfcheck.desk import Desk


def carry_out(order: Order, folder: Path) -> int:
    """Check a notebook with the bundle in `folder` and return the exit code."""
    _require_plain(order)
    desk = Desk.at(folder)
    from grader.selfcheck.again import check

    (path,) = order.paths
    with progress(quiet=order.quiet) as bar:
        bar.begin(path.stem)
        checked = check(desk, path, fresh=order.fresh, on_step=bar.step)
        bar.write()
        result = for_student(checked.result)
        report = _written(result, order)
    output = Output()
    _show(result, order, output)
    if not order.quiet:
        say(checked.summary)
        say(report)
    output.require_taken()
    return 1 if result.error else 0


def _require_plain(order: Order) -> None:
    """Refuse options that would be without effect, or change which verdicts are right."""
    for name, given in (("--seed", order.seed is not None), ("--data full", order.full_data)):
        if given:
            raise UsageError(
                f"{name} cannot be used with a bundle: its right answers are recorded for its own inputs. Leave it out."
            )


def _written(result: Result, order: Order) -> str:
    """Write the report; return the line that says where it is, or why it is nowhere."""
    from grader.report import html

    page = order.out / f"{Path(result.submission).stem}.html"
    try:
        atomic_write(page.with_suffix(".json"), result.model_dump_json(indent=2) + "\n")
        atomic_write(page, html(result))
    except OutputError as error:
        reason = str(error).partition(". Choose another")[0]
        return f"No report: {reason[0].lower()}{reason[1:]}. Name a folder for it with --out."
    return f"Report: {page}"


def _show(result: Result, order: Order, output: Output) -> None:
    if order.as_json:
        output.put(result.model_dump_json(indent=2))
    elif order.as_text:
        with output.printing():
            from rich.console import Console

            from grader.report import terminal

            terminal.show(result, Console())
