"""`VGG16(weights="imagenet")` is answered in a kernel without a network: right shapes, seeded numbers, a note."""

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import Limits
from grader.kernels import Kernel
from grader.kernels.inside.applications import drawn

MAKE = "{name}(weights={weights!r}, include_top=False, input_shape=(32, 32, 3))"


def test_drawn_kernels_are_the_same_everywhere_and_sum_to_zero():
    kernel = drawn("VGG16", "block1_conv1/kernel", (3, 3, 3, 64))

    assert np.array_equal(kernel, drawn("VGG16", "block1_conv1/kernel", (3, 3, 3, 64)))
    assert not np.array_equal(kernel, drawn("VGG19", "block1_conv1/kernel", (3, 3, 3, 64)))
    assert np.float32 == kernel.dtype
    assert np.abs(kernel.sum(axis=(0, 1, 2))).max() < 1e-4
    assert np.isclose(kernel.std(), np.sqrt(2.93 / 27), rtol=0.1)


def test_repeated_numbers_do_not_make_equal_filters():
    kernel = drawn("VGG16", "block5_conv3/kernel", (3, 3, 512, 512)).reshape(-1, 512)

    assert 512 == len({column.tobytes() for column in kernel[:40].T})


@pytest.fixture(scope="module")
def execution():
    """What a notebook shows that uses applications in every way."""
    cells = [
        "import keras, numpy as np\nfrom keras.applications import VGG16\nfrom tensorflow.keras.applications.vgg16 "
        "import VGG16 as Other",
        f"m = {MAKE.format(name='VGG16', weights='imagenet')}\n"
        "print(m.count_params(), len(m.layers), float(m.layers[1].kernel[0, 0, 0, 0]))",
        f"o = {MAKE.format(name='Other', weights='/kaggle/input/vgg16.h5')}\n"
        "print(float(np.abs(o.get_weights()[-2] - m.get_weights()[-2]).max()))",
        f"n = {MAKE.format(name='VGG16', weights=None)}\nprint(bool((n.get_weights()[0] == m.get_weights()[0]).all()))",
        "VGG16(classes=10)",
        f"r = {MAKE.format(name='keras.applications.ResNet50', weights='imagenet')}\nprint(r.count_params())",
    ]
    with Kernel(Limits(), seed=1) as kernel:
        return kernel.run(new_notebook(cells=[new_code_cell(cell) for cell in cells]))


@pytest.mark.slow
def test_applications_are_answered(execution):
    shown = ["".join(output.data for output in cell.outputs) for cell in execution.cells]
    first = float(drawn("VGG16", "block1_conv1/kernel", (3, 3, 3, 64))[0, 0, 0, 0])

    assert f"14714688 19 {first}\n" == shown[1]
    assert ["0.0\n", "False\n"] == shown[2:4]
    assert "23587712\n" == shown[5]


@pytest.mark.slow
def test_what_keras_refuses_it_still_refuses(execution):
    assert "ValueError" == execution.cells[4].error.name
    assert [None] * 4 == [execution.cells[i].error for i in (0, 1, 2, 3)]


@pytest.mark.slow
def test_a_note_says_so_once_per_cell(execution):
    told = [note for note in execution.notes if "random weights" in note]

    assert 3 == len(told)
    assert "`VGG16(weights='imagenet')` got random weights in the right shapes" in told[0]
