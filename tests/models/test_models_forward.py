"""Our forward pass against Keras itself, in a real kernel."""

import inspect

import models_zoo as zoo
import numpy as np
import pytest
from notebooks import notebook

from grader.config import Limits
from grader.kernels import Kernel
from grader.models import LAYERS, describe, predict, recompute
from grader.models.activations import ACTIVATIONS
from grader.probe import Student

pytestmark = pytest.mark.slow

LIMITS = Limits()
EVERY = {
    **{name: (shape, f"model = chain({shape}, {parts})") for name, (shape, parts) in zoo.CHAINS.items()},
    **zoo.GRAPHS,
    **zoo.SUBCLASSES,
}
FAMILIES = {"EVERY": EVERY, "NOT_KNOWN": {name: case[:2] for name, case in zoo.NOT_KNOWN.items()}}


def cells():
    yield zoo.PREPARE + "\n".join(f"{name} = {getattr(zoo, name)}" for name in ("PICTURE", "TEXT", "SERIES", "FLAT"))
    yield "zoo, examples = {}, {}"
    for family in FAMILIES.values():
        for name, (shape, source) in family.items():
            draw = f"rng.integers(0, 11, (3, *{shape}))" if shape == zoo.TEXT else f"rng.normal(size=(3, *{shape}))"
            yield f"{source}\nx = ({draw}).astype('float32')\nmodel(x)"
            yield f"zoo[{name!r}] = lively(model); examples[{name!r}] = x"
    yield f"""
i = I((8,))
acts = keras.Model(i, [layers.Activation(name)(i) for name in {zoo.ACTIVATIONS}])
x = np.concatenate([rng.normal(size=(40, 8)) * 2, np.linspace(-6, 6, 8)[None], np.zeros((1, 8))]).astype("float32")"""


@pytest.fixture(scope="module")
def kernel():
    with Kernel(LIMITS, seed=1) as kernel:
        execution = kernel.run(notebook(*cells()))

        assert [(cell.index, cell.error) for cell in execution.cells if cell.error] == []
        yield kernel


@pytest.fixture(scope="module")
def student(kernel):
    student = Student(kernel, LIMITS)
    student.begin(1)
    return student


def model_called(kernel, name):
    return describe(kernel, LIMITS, (("item", "zoo"), ("item", name)))


@pytest.fixture(scope="module")
def asked(kernel, student):
    """Return the inputs by the models' names."""
    names = [name for family in FAMILIES.values() for name in family]
    return {name: student.read((("item", "examples"), ("item", name))) for name in names}


def returned(student, name):
    """Return what Keras makes of the inputs at inference; `predict` itself compiles for a second, and is tried once."""
    return student.read((("item", "zoo"), ("item", name)))(
        student.read((("item", "examples"), ("item", name))), training=False
    )


@pytest.mark.parametrize("name", EVERY)
def test_predictions_are_those_of_keras(kernel, student, asked, name):
    model = model_called(kernel, name)
    theirs = returned(student, name)
    ours = predict(model, asked[name])

    theirs = theirs if isinstance(theirs, list) else [theirs]
    assert [value.shape for value in theirs] == [value.shape for value in ours.values]
    for mine, other in zip(ours.values, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-5)
    assert not ours.guessed


@pytest.mark.parametrize("name", zoo.NOT_KNOWN)
def test_what_is_not_known_is_said_to_be_not_verified(kernel, student, asked, name):
    result = recompute(model_called(kernel, name), asked[name], returned(student, name))

    assert result.agrees is None
    assert zoo.NOT_KNOWN[name][2] in result.layer
    assert "not verified" in result.sentence


def test_every_activation_is_that_of_keras(kernel, student):
    model = describe(kernel, LIMITS, (("item", "acts"),))
    x = student.get("x")
    theirs = student.get("acts").predict(x, verbose=0)

    for name, mine, other in zip(zoo.ACTIVATIONS, predict(model, x).values, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5, err_msg=name)


def test_every_activation_that_is_known_is_tried():
    assert set(ACTIVATIONS) - set(zoo.ACTIVATIONS) == {"threshold"}  # which cannot be named without its settings


def test_every_layer_that_is_known_is_tried():
    source = inspect.getsource(zoo)
    untried = {name for name in LAYERS if f"layers.{name}(" not in source}

    assert untried <= {
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout"),
        *("ActivityRegularization", "Identity", "InputLayer", "RandomRotation", "RandomZoom", "RandomTranslation"),
        *("RandomContrast", "RandomBrightness", "Activation", "GlobalAveragePooling3D", "GlobalMaxPooling3D"),
        *("GlobalAveragePooling1D", "UpSampling3D", "ZeroPadding3D", "Cropping3D"),
    }
