"""Every named variant is recognised: graded in a real kernel, it fails its checks and is called by its name.

A notebook has several mistakes at once where they do not disturb each other: a wrong step for each activation, wrong
probabilities for each, a wrong function of every other kind. An activation and its gradient are not both wrong.
"""

import itertools

import nbformat
import numpy as np
import pytest
from mn_notebooks import ACTIVATIONS, ROOT, of_variants, variant_name
from notebooks import part_of

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status
from reference import mlp_numpy as net
from reference.cnn import INPUT, NETWORKS, total
from reference.mlp_numpy_variants import VARIANTS

ASSIGNMENT = load(ROOT / "assignments" / "mlp-numpy")
ASKED_FOR = {
    "step": ACTIVATIONS,
    "predict_proba": ACTIVATIONS,
    "cnn_parameters": NETWORKS,
    "cnn_multiplications": NETWORKS,
}
CHECKS = {
    "step": ("test_one_step[{}]",),
    "predict_proba": ("test_probabilities[{}]",),
    "relu": ("test_activation[relu]",),
    "softmax": ("test_activation[softmax]", "test_softmax_of_large_numbers"),
    "sigmoid": ("test_activation[sigmoid]", "test_large_numbers[sigmoid]"),
    "tanh": ("test_activation[tanh]", "test_large_numbers[tanh]"),
    "score": ("test_score",),
    "kl_divergence": ("test_kl_divergence",),
    "cross_entropy": ("test_cross_entropy",),
    "entropy": ("test_entropy",),
    "cnn_parameters": ("test_cnn_parameters[{}]",),
    "cnn_multiplications": ("test_cnn_multiplications[{}]",),
} | {f"{kind}_grad": (f"test_gradient[{kind}]",) for kind in ("relu", "sigmoid", "linear", "tanh", "softmax")}


def checks_of(slot):
    """Return the names of the checks that look at a function."""
    return [name.format(slot[1]) for name in CHECKS[slot[0]]]


# --- which variant shows where --------------------------------------------------------------------------------


def arguments(of, asked):
    """Return arguments like those of the checks."""
    rng = np.random.default_rng(3)
    weights, _ = net.initialise((6, 5, 4, 3), "normal", rng)
    biases = [rng.normal(0, 0.3, w.shape[1]) for w in weights]
    x, y = rng.normal(size=(8, 6)), np.arange(8) % 3
    return {
        "step": (weights, biases, x, y, asked, 0.1),
        "predict_proba": (weights, biases, x * 1.5, asked),
    }.get(of, (asked,))


def same(one, other):
    """Tell whether two answers are equal, but for rounding."""
    if isinstance(one, tuple):
        return all(same(a, b) for pair in zip(one, other, strict=True) for a, b in zip(*pair, strict=True))
    return np.allclose(one, other, rtol=1e-7, atol=1e-10)


def right(of, args):
    """Return the right answer."""
    if of.startswith("cnn_"):
        return getattr(total(NETWORKS[args[0]], INPUT), of.removeprefix("cnn_"))
    return getattr(net, of)(*args)


def shows(of, number, asked):
    """Tell whether a variant is wrong there in its own way, not in that of one which is tried before it."""
    args = arguments(of, asked)
    answer = VARIANTS[of][number].function(*args)
    earlier = [right(of, args), *(one.function(*args) for one in VARIANTS[of][:number])]
    return not any(same(answer, other) for other in earlier)


def slots(of):
    """Return where each variant of a function shows: the fewest first, so that none is left over."""
    choices = [
        [a for a in ASKED_FOR.get(of, ("",)) if of not in ASKED_FOR or shows(of, n, a)]
        for n in range(len(VARIANTS[of]))
    ]
    return sorted(enumerate(choices), key=lambda pair: len(pair[1]))


def planned():
    """Return {slot: number of its variant} for each notebook."""
    plans = []

    def put(slot, number):
        function = slot[0].removesuffix("_grad")
        for plan in itertools.chain(plans, [{}]):
            related = {(function, ""), (f"{function}_grad", "")}
            if slot not in plan and not related & set(plan):
                plan[slot] = number
                return plan
        return None

    for of in VARIANTS:
        for number, choices in slots(of):
            slot = min(((of, asked) for asked in choices), key=lambda s: sum(s in plan for plan in plans), default=None)
            assert slot is not None, f"{VARIANTS[of][number].name} of {of} shows nowhere"
            plan = put(slot, number)
            if plan not in plans:
                plans.append(plan)
    return plans


PLANS = planned()


def test_the_notebooks_cover_every_variant():
    wanted = {(of, variant.name) for of, variants in VARIANTS.items() for variant in variants}

    assert wanted == {(slot[0], variant_name(slot, n)) for plan in PLANS for slot, n in plan.items()}
    assert len(wanted) >= 103


@pytest.mark.slow
@pytest.mark.parametrize("plan", part_of(PLANS), ids=range(len(PLANS)))
def test_each_wrong_function_is_called_by_its_name(plan, tmp_path):
    path = tmp_path / "wrong.ipynb"
    nbformat.write(of_variants(plan), path)

    result = grade(path, ASSIGNMENT, GradeOptions(seed=5))

    checks = {check.id: check for question in result.questions for check in question.checks}
    found = {slot: [checks[name] for name in checks_of(slot) if checks[name].status is Status.FAILED] for slot in plan}
    diagnoses = {slot: {c.diagnosis.name if c.diagnosis else None for c in failed} for slot, failed in found.items()}
    assert {slot: {variant_name(slot, number)} for slot, number in plan.items()} == diagnoses
    assert [] == [check.detail for check in checks.values() if check.status is Status.ERROR]


@pytest.mark.slow
def test_the_solution_itself_passes(tmp_path):
    path = tmp_path / "right.ipynb"
    nbformat.write(of_variants({}), path)

    result = grade(path, ASSIGNMENT, GradeOptions(seed=5))

    checks = [check for question in result.questions for check in question.checks if question.id in ("q1", "q5", "q6")]
    assert {} == {c.id: (c.message, c.detail) for c in checks if c.status in (Status.FAILED, Status.ERROR)}
