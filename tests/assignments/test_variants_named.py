"""Every named variant is recognised: graded in a real kernel, it is called by its name, and nothing else is.

A notebook has one wrong variant in each function at a time, so that a few notebooks have them all. Of the network in
`backprop` one function at a time is wrong, because each of them shows in the checks of the others.
"""

import itertools
from collections import Counter

import nbformat
import pytest
from notebooks import part_of
from variants_written import OF_NETWORK, REFERENCES, ROOT, of_variants, variants_of

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status

# Their variants are variants of other functions too, by the same names, and are diagnosed there.
INSIDE = {"gradients": "train_one_sample", "feed_forward": "feed_forward_sample"}
ASKED = {name: [f for f in variants_of(name) if name != "backprop" or f not in INSIDE] for name in REFERENCES}


def planned(name):
    """Return {function: number of its variant} for each notebook of an assignment."""
    each = {function: range(len(variants_of(name)[function])) for function in ASKED[name]}
    network = [(f, n) for f in OF_NETWORK for n in each.pop(f, ())]
    alone = [[(f, n)] for f, n in network]
    together = []
    for place in itertools.count():
        group = [(f, numbers[place]) for f, numbers in each.items() if place < len(numbers)]
        if not group:
            break
        together.append(group)
    return [dict(itertools.chain(*pair)) for pair in itertools.zip_longest(together, alone, fillvalue=())]


PLANS = [(name, plan) for name in REFERENCES for plan in planned(name)]


def names_in(name, plan):
    """Return what the misconceptions of a notebook are called."""
    return {variants_of(name)[function][number].name for function, number in plan.items()}


def test_the_notebooks_cover_every_variant():
    for name in REFERENCES:
        wanted = {variant.name for group in variants_of(name).values() for variant in group}
        planned_ = [pair for of, plan in PLANS if of == name for pair in plan.items()]

        assert wanted == set().union(*(names_in(of, plan) for of, plan in PLANS if of == name))
        assert Counter(planned_).most_common(1)[0][1] == 1


@pytest.mark.slow
@pytest.mark.parametrize("case", part_of(PLANS, every=12), ids=lambda case: case[0])
def test_each_wrong_function_is_called_by_its_name(case, tmp_path):
    name, plan = case
    path = tmp_path / "wrong.ipynb"
    nbformat.write(of_variants(name, plan), path)

    result = grade(path, load(ROOT / "assignments" / name), GradeOptions(seed=5))

    checks = [check for question in result.questions for check in question.checks]
    assert names_in(name, plan) == {check.diagnosis.name for check in checks if check.diagnosis is not None}
    assert [] == [check.detail for check in checks if check.status is Status.ERROR]
