"""otter_config.json: what is followed, and what an importer must know is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.errors import AssignmentError
from grader.importing.otter_cells import seeding
from grader.notebook.placed import TestCell

IGNORED = {
    "plugins": "otter's plugins are not run",
    "grade_from_log": "notebooks are run, not rebuilt from otter's log",
    "score_threshold": "points are given as they are, without a threshold for passing",
    "points_possible": "points are not scaled: the total is the sum of the tests' points",
    "show_hidden": "students see of hidden cases only that there are some, and their points",
}


def seeds(config: Mapping[str, Any], place: str) -> tuple[TestCell, ...]:
    """Return the cell that seeds the others where the settings ask for it; AssignmentError for what is no seed."""
    seed, variable = config.get("seed"), config.get("seed_variable")
    if seed is None:
        return ()
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise AssignmentError(f"{place}: `seed` is {seed!r}, and a seed is a whole number from 0 to 2**32 - 1.")
    if variable is not None and not (isinstance(variable, str) and variable.isidentifier()):
        raise AssignmentError(f"{place}: `seed_variable` is {variable!r}, which is no name of Python.")
    return (seeding(seed, variable),)


def require_python(config: Mapping[str, Any], place: str) -> None:
    """Raise AssignmentError for an assignment in another language."""
    if config.get("lang", "python") != "python":
        raise AssignmentError(f"{place}: `lang` is {config['lang']!r}, and only Python is graded here.")


def not_followed(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every setting that changes nothing here."""
    for name, why in IGNORED.items():
        if config.get(name):
            yield f"`{name}` in otter_config.json: {why}."
