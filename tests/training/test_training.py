"""The reference's models are trained once, and again when anything they depend on changes."""

import numpy as np
import pytest

from grader.errors import HarnessError
from grader.training import Training, Trainings


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that writes a package with a training module, under a name of its own."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def write(name, body, parts="A = 1\n"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("")
        (folder / "training.py").write_text(body)
        (folder / "parts.py").write_text(parts)
        return Trainings(f"{name}.training", {})

    return write


BODY = """
from {name}.parts import A
SEEDS = 3
SPREAD = {{"far": 0.01, "near": 0.01}}

def train(x, y, x_new, seed):
    import numpy as np

    return {{"near": np.eye(3)[y], "far": np.random.default_rng(seed).random((len(x_new), 3))}}

TRAINED = {{"iris": train}}
"""


def test_a_training_is_made_once_and_gives_what_its_models_predict(package):
    said = []
    trainings = package("grown_once", BODY.format(name="grown_once"))

    assert trainings.missing() == ["iris"]
    trainings.prepare(said.append)
    trainings.prepare(said.append)

    assert len(said) == 1
    assert trainings.missing() == []
    near, far = trainings.of("iris", "near"), trainings.of("iris", "far")
    assert (near.accuracy, near.right.sum(), len(far.probabilities)) == (1.0, 150, 3)
    assert near.bar(near.right).reaches
    assert not near.bar(far.right).reaches


def test_a_change_of_what_it_imports_trains_again(package):
    package("grown_twice", BODY.format(name="grown_twice")).prepare(lambda _: None)

    assert package("grown_twice", BODY.format(name="grown_twice"), parts="A = 2\n").missing() == ["iris"]


def test_a_training_that_raises_says_why_and_leaves_nothing(package):
    body = BODY.format(name="grown_wrong").replace("return {", "1 / 0\n    return {")
    trainings = package("grown_wrong", body)

    with pytest.raises(HarnessError, match="ZeroDivisionError"):
        trainings.of("iris", "near")
    assert trainings.missing() == ["iris"]


def test_the_middle_seed_stands_for_all():
    labels = np.array([0, 1, 2, 0])
    good, bad, middle = np.eye(3)[labels], np.eye(3)[(labels + 1) % 3], np.eye(3)[[0, 1, 0, 1]]

    training = Training(probabilities=(bad, good, middle), labels=labels, spread=0.0)

    assert training.right.tolist() == [True, True, False, False]
    assert training.accuracy == pytest.approx(0.5)
