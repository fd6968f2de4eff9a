"""The exceptions: the tree in the docstring is the real one, and each survives its way between processes."""

import inspect
import pickle
import re

import pytest

from grader import errors
from grader.errors import GraderError, UnknownAssignment, reason_of

CLASSES = {name: thing for name, thing in vars(errors).items() if inspect.isclass(thing)}


def drawn_tree():
    """Return (class, its base) for every line of the tree in the docstring."""
    found, above = [], []
    for line in errors.__doc__.splitlines():
        match = re.match(r"( *)[*x+] (\w+)", line)
        if match:
            depth = len(match[1]) // 2
            above[depth:] = [match[2]]
            found.append((match[2], above[depth - 1] if depth else "Exception"))
    return found


def test_the_tree_in_the_docstring_is_the_real_one():
    real = [(name, thing.__base__.__name__) for name, thing in CLASSES.items() if issubclass(thing, Exception)]

    assert sorted(drawn_tree()) == sorted(real)


@pytest.mark.parametrize("name", [name for name, _ in drawn_tree()])
def test_an_exception_crosses_a_process_border(name):
    error = CLASSES[name]("What was found. What to do.")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (type(copy), str(copy)) == (CLASSES[name], "What was found. What to do.")


OUR_USERS = ("UsageError", "OutputError", "GradebookError", "AssignmentError", "UnknownAssignment")
EXIT_CODES = dict.fromkeys((*OUR_USERS, "MissingExtra", "SandboxUnavailable"), 2)


@pytest.mark.parametrize("name", [name for name, _ in drawn_tree()])
def test_the_exit_code_says_who_must_act(name):
    assert CLASSES[name].exit_code == EXIT_CODES.get(name, 1)


def test_an_unknown_assignment_names_the_nearest_and_all():
    error = UnknownAssignment.among("backpropp", ["mnist-mlp", "backprop"])

    assert str(error) == ("No assignment called 'backpropp'. Did you mean 'backprop'? There are: backprop, mnist-mlp.")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GraderError("What was found."), "What was found."),
        (KeyError("x"), "A fault of the grader, not of the submission: KeyError: 'x'"),
        (MemoryError(), "A fault of the grader, not of the submission: MemoryError"),
    ],
    ids=["ours on purpose", "a bug", "one without words"],
)
def test_a_reason_says_whose_fault_it_is(error, reason):
    assert reason_of(error) == reason
