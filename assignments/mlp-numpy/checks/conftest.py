"""Fixtures of the mlp-numpy checks."""

import pytest
from mn_inside import Inside
from mn_network import NAMES, Network

from grader.checks import NotAttempted
from grader.notebook import Attempt


@pytest.fixture(scope="session")
def memory():
    """What the checks of one notebook found out about it; pytest runs once per notebook."""
    return {}


@pytest.fixture
def inside(check, memory):
    """Functions that look around in the kernel."""
    if "inside" not in memory:
        memory["inside"] = Inside(check.student)
    return memory["inside"]


@pytest.fixture
def network(check, inside, notebook, memory):
    """The student's network class."""
    names = memory.setdefault("classes", inside.classes())
    found = [name for name in NAMES if name in names] or names
    if not found and notebook.attempt(NAMES[0]) is Attempt.UNTOUCHED:
        raise NotAttempted(f"`{NAMES[0]}` is as it was handed out.")
    if not found:
        why = notebook.why_undefined(NAMES[0])
        check.fail(
            f"Your notebook has no class `{NAMES[0]}` with methods `fit` and `predict`"
            + (f"{why}." if why else ". Did the cell that defines it run?")
        )
    if found[0] != NAMES[0]:
        check.remark(f"your class `{found[0]}` was taken as `{NAMES[0]}`")
    return Network(check, inside, memory, found[0])
