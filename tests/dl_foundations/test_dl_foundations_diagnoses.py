"""Every named variant is recognised: graded in a real kernel, it fails its checks and is called by its name.

A notebook has one wrong variant in each function at a time, so that a few notebooks have them all. An activation and
its derivative share checks, so they are not wrong in the same notebook.
"""

import nbformat
import pytest
from df_notebooks import ASKED, ROOT, count, of_variants, variant_name
from notebooks import part_of

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status
from reference.dl_foundations_variants import VARIANTS

ASSIGNMENT = load(ROOT / "assignments" / "dl-foundations")
OWN = {"max_pool": "test_pooling[max_pool]", "average_pool": "test_pooling[average_pool]", "conv2d": "test_convolution"}
CELLS = {"rnn_step": "test_rnn_cell", "lstm_step": "test_lstm_cell", "residual_block": "test_residual_block"}


def checks_of(name):
    """Return the beginnings of the names of the checks that ask for a function."""
    if name.removesuffix("_prime") + "_prime" in ASKED:
        plain = name.removesuffix("_prime")
        first = "derivative" if name.endswith("_prime") else "activation"
        return tuple(f"test_{kind}[{plain}]" for kind in (first, "far_out", "at_zero"))
    optimizer = name.removesuffix("_step")
    if optimizer in {"sgd", "momentum", "rmsprop", "adagrad", "adam"}:
        return (f"test_one_step[{optimizer}]", f"test_several_steps[{optimizer}]")
    own = {**OWN, **CELLS, "xavier_init": "test_xavier[", "he_init": "test_he["}
    return (own.get(name, f"test_{name}"), f"test_loss[{name}]", f"test_schedule[{name}]")


def planned():
    """Return {function: number of its variant} for each notebook."""
    groups = {}
    for name in ASKED:
        groups.setdefault(name.removesuffix("_prime"), []).extend((name, number) for number in range(count(name)))
    longest = max(map(len, groups.values()))
    return [dict(group[i] for group in groups.values() if i < len(group)) for i in range(longest)]


PLANS = planned()


def test_the_notebooks_cover_every_variant():
    wanted = sum(map(len, VARIANTS.values()))

    assert wanted == sum(map(len, PLANS)) >= 162


@pytest.mark.slow
@pytest.mark.parametrize("plan", part_of(PLANS, every=4), ids=range(len(PLANS)))
def test_each_wrong_function_is_called_by_its_name(plan, tmp_path):
    path = tmp_path / "wrong.ipynb"
    nbformat.write(of_variants(plan), path)

    result = grade(path, ASSIGNMENT, GradeOptions(seed=5))

    checks = [check for question in result.questions for check in question.checks]
    failed = {
        name: [check for check in checks if check.id.startswith(checks_of(name)) and check.status is Status.FAILED]
        for name in plan
    }
    diagnoses = {name: {c.diagnosis.name for c in found if c.diagnosis is not None} for name, found in failed.items()}
    assert {name: {variant_name(name, number)} for name, number in plan.items()} == diagnoses
    assert [] == [check.id for check in checks if check.status is Status.ERROR]


@pytest.mark.slow
def test_the_solution_itself_passes(tmp_path):
    path = tmp_path / "right.ipynb"
    nbformat.write(of_variants({}), path)

    result = grade(path, ASSIGNMENT, GradeOptions(seed=5))

    checks = [check for question in result.questions for check in question.checks]
    needs_more = {"test_classification_report", "test_norms_by_depth"}  # outputs and figures
    failed = {c.id: (c.message, c.detail) for c in checks if c.status in {Status.FAILED, Status.ERROR}}
    assert {} == {name: why for name, why in failed.items() if name not in needs_more}
