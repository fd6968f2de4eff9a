"""The statements that make weights are found again, without those that train them."""

import pytest
from notebooks import notebook

from grader.notebook import statements_making

CASES = {
    "an assignment": (["weights = [1, 2]", "x = 3"], "weights = [1, 2]"),
    "filled in a loop": (
        ["weights = []\nfor n in (1, 2):\n    weights.append(n)"],
        "weights = []\nfor n in (1, 2):\n    weights.append(n)",
    ),
    "scaled afterwards": (["weights = [1.0]\nweights[0] *= 2"], "weights = [1.0]\nweights[0] *= 2"),
    "made by a function that says global": (
        ["def start():\n    global weights\n    weights = [1]", "start()"],
        "start()",
    ),
    "made by a function that returns": (["def start():\n    return [1]\nweights = start()"], "weights = start()"),
    "training by a call is left out": (
        ["weights = [1]\nfor e in range(3):\n    train_one_epoch(weights)"],
        "weights = [1]",
    ),
    "training in a loop is left out": (
        ["weights = [1.0]\nfor e in range(3):\n    weights[0] -= 0.1 * 2"],
        "weights = [1.0]",
    ),
    "an unpacking": (["weights, rest = make()"], "weights, rest = make()"),
    "in a cell that does not parse as a whole": (["weights = [1]\nbiases = \ny = 2"], "weights = [1]"),
    "a maker whose name sounds like training": (["weights = init_for_training(3)"], "weights = init_for_training(3)"),
    "training that gives new weights": (["weights = [1]\nweights = train(weights)"], "weights = [1]"),
    "nowhere": (["x = 1"], ""),
    "a function's own local": (["def f():\n    weights = [1]\n    return weights"], ""),
}


@pytest.mark.parametrize(("cells", "expected"), CASES.values(), ids=CASES.keys())
def test_the_statements_that_make_weights_are_found(cells, expected):
    assert expected == statements_making({"weights"}, notebook(*cells))
