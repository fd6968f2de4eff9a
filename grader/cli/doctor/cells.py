"""Cells run in a kernel of their own."""

from __future__ import annotations

from collections.abc import Sequence

from nbformat import NotebookNode

from grader.config import SPAWNED, Limits
from grader.errors import HarnessError
from grader.kernels import Kernel
from grader.report.terminal import last_line
from grader.results import Cell


def run(sources: Sequence[str], *, sealed: bool) -> tuple[Cell, ...]:
    """Run cells in a new kernel."""
    cells = [NotebookNode(cell_type="code", source=source, outputs=[], metadata={}) for source in sources]  # type: ignore[no-untyped-call]
    with Kernel(Limits(), seed=0, provisioner=SPAWNED, sealed=sealed) as kernel:
        return kernel.run(NotebookNode(cells=cells, metadata={})).cells  # type: ignore[no-untyped-call]


def printed(cell: Cell) -> str:
    """Return the last line a cell printed; HarnessError when it did not get there."""
    if cell.error is not None:
        message = f"{cell.error.name}: {cell.error.message}"
        raise HarnessError(message)
    said = last_line("\n".join(output.data for output in cell.outputs))
    if not said:
        raise HarnessError("the cell printed nothing")
    return said
