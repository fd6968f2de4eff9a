"""Whether a notebook is one of the bundle it is to be checked with."""

from __future__ import annotations

from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.errors import UsageError
from grader.notebook import defined_names

MIN_NAMES = 3  # of a notebook, before it counts that none of them is asked for
SHOWN = 4


def require_own(node: NotebookNode, name: str, assignment: Assignment) -> None:
    """Raise UsageError when a notebook (called `name`) says it belongs elsewhere, or has no name that is asked for."""
    claim = node.metadata.get("grader")
    claimed = str(claim.get("assignment", "")) if isinstance(claim, dict) else ""
    if claimed == assignment.name:
        return
    if claimed:
        raise UsageError(
            f"{name} belongs to {claimed!r}, and this folder's checks are for {assignment.name!r}. "
            f"Change to the folder of {claimed!r} (cd), or name your notebook for {assignment.name!r}."
        )
    own, wanted = set(defined_names(node)), defined_names(assignment.master)
    if len(own) >= MIN_NAMES and wanted and own.isdisjoint(wanted):
        some = ", ".join(f"`{each}`" for each in wanted[:SHOWN])
        raise UsageError(
            f"{name} does not look like {assignment.name!r}: it defines nothing of what that one asks for ({some}, …). "
            f"Start from {assignment.notebook} of this folder, or change to the folder of the other homework (cd)."
        )
