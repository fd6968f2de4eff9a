"""Trained weights: what `grade data add vgg16` takes, what it refuses, and what a sealed kernel then gets."""

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from grader import datasets
from grader.cli.commands import commands
from grader.config import Limits
from grader.datasets.weights import layers
from grader.errors import UsageError
from grader.kernels import Kernel


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep these tests out of the user's cache."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "cache" / name))
    return tmp_path


def grade(*words):
    done = CliRunner().invoke(commands, [str(word) for word in words], prog_name="grade", catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def of_keras_2(file, name, kernel):
    """Write a layer as the files do that Keras downloads."""
    file[f"{name}/{name}_W_1:0"], file[f"{name}/{name}_b_1:0"] = kernel, np.full(kernel.shape[-1], 0.5, "float32")


def of_keras_3(file, name, kernel):
    """Write a layer as `save_weights` does: numbered, not named."""
    number = list(layers("vgg16")).index(name)
    group = f"layers/conv2d{f'_{number}' * (number > 0)}/vars"
    file[f"{group}/0"], file[f"{group}/1"] = kernel, np.full(kernel.shape[-1], 0.5, "float32")


def written(folder, write=of_keras_2, **instead):
    """Write a file whose kernels are numbers of their own, one for each layer; `instead` are other arrays."""
    path = folder / "given.h5"
    with h5py.File(path, "w") as file:
        for number, (name, shape) in enumerate(layers("vgg16").items()):
            write(file, name, instead.get(name, np.full(shape, number / 1000, "float32")))
        file["optimizer/vars/0"] = np.zeros((3, 3, 3, 64))
    return path


@pytest.mark.parametrize("write", [of_keras_2, of_keras_3])
def test_a_file_is_taken_in_either_form(cache, write):
    path = written(cache, write)

    assert 0 == grade("data", "add", "vgg16", path)[0]
    kept = datasets.weights("vgg16")
    assert 26 == len(kept)
    assert [0, 1 / 1000, 12 / 1000] == pytest.approx(
        [float(kept[f"{name}/kernel"].mean()) for name in ("block1_conv1", "block1_conv2", "block5_conv3")]
    )
    assert {0.5} == {float(v) for name in kept if name.endswith("bias") for v in (kept[name].min(), kept[name].max())}


def test_the_list_says_whether_they_are_there(cache):
    before = grade("data", "list")[1]
    datasets.add_weights("vgg16", written(cache))

    assert "vgg16" in before
    assert "not here: grade data add vgg16" in before
    assert next(line for line in grade("data", "list")[1].splitlines() if line.startswith("vgg16")).endswith("; added")


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (np.zeros((5, 5, 64, 64), "float32"), "has the shape (5, 5, 64, 64) here"),
        (np.zeros((3, 3, 64, 64), "int32"), "are int32, not floating-point"),
        (np.full((3, 3, 64, 64), np.nan, "float32"), "not all finite"),
    ],
    ids=["shape", "type", "nan"],
)
def test_wrong_numbers_are_refused(cache, kernel, reason):
    with pytest.raises(UsageError) as refused:
        datasets.add_weights("vgg16", written(cache, block1_conv2=kernel))

    assert reason in str(refused.value)
    assert datasets.weights("vgg16") is None


def test_what_is_no_such_file_is_refused(cache):
    path = cache / "given.h5"
    path.write_bytes(b"\x89PNG" * 100)

    code, _, said = grade("data", "add", "vgg16", path)

    assert 2 == code
    assert "cannot be read as an HDF5 file" in said
    assert 2 == grade("data", "add", "vgg16", cache / "nowhere.h5")[0]


@pytest.mark.slow
def test_a_sealed_kernel_gets_them_and_no_note(cache):
    datasets.add_weights("vgg16", written(cache))
    store = datasets.store({"mnist": "digits[:5, :5]"})
    cells = [
        "from keras.applications import VGG16\nm = VGG16(include_top=False, input_shape=(32, 32, 3))",
        "some = m.layers[1].bias, m.layers[2].kernel, m.layers[-2].kernel",
        "print([round(float(w.numpy().mean()), 4) for w in some])",
        "open('/scratch/data/weights/VGG16.npz', 'rb').close()\nprint('read')",
        "open('/scratch/data/weights/VGG16.npz', 'ab')",
        "import keras\nprint(keras.datasets.mnist.load_data()[0][0].shape)",
    ]

    with Kernel(Limits(), seed=1, data=store) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(cell) for cell in cells]))

    shown = ["".join(output.data for output in cell.outputs if "plain" in output.mime) for cell in execution.cells]
    assert ["[0.5, 0.001, 0.012]\n", "read\n"] == shown[2:4]
    assert "(5, 28, 28)\n" == shown[5]
    assert execution.cells[4].error is not None
    assert [] == [note for note in execution.notes if "random weights" in note]
