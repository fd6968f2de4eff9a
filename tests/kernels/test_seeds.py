"""The same seed gives the same numbers, in every kernel."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import Limits
from grader.kernels import Kernel

DRAWS = {
    "hash": "hash('a string')",
    "set order": "list({'a', 'b', 'c', 'd'})",
    "random": "import random; random.random()",
    "legacy": "import numpy as np; np.random.rand()",
    "default_rng": "np.random.default_rng().random()",
    "SeedSequence": "np.random.SeedSequence().entropy",
    "RandomState": "np.random.RandomState().rand()",
    "bit generator": "np.random.Generator(np.random.PCG64()).random()",
}
KERAS = {
    "import": "import keras; np.random.rand()",
    "initializer": "float(keras.initializers.GlorotUniform()((2, 2))[0, 0])",
    "layer": "float(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).get_weights()[0][0, 0])",
    "tensorflow": "import tensorflow as tf; float(tf.random.uniform(()))",
}


def drawn(sources, seed):
    node = new_notebook(cells=[new_code_cell(source) for source in sources])
    with Kernel(Limits(), seed=seed) as kernel:
        execution = kernel.run(node)
    assert [cell.error for cell in execution.cells] == [None] * len(node.cells)
    return [cell.outputs[-1].data for cell in execution.cells]


def test_every_source_of_chance_is_seeded():
    first, again, other = (drawn(DRAWS.values(), seed) for seed in (7, 7, 8))

    assert dict(zip(DRAWS, first, strict=True)) == dict(zip(DRAWS, again, strict=True))
    same = [name for name, one, two in zip(DRAWS, first, other, strict=True) if one == two]
    assert same == ["hash", "set order"]  # forks of one process share its hash seed, so all kernels have the same


def test_generators_without_a_seed_differ_from_each_other():
    one, two = drawn(["import numpy as np; np.random.default_rng().random()", "np.random.default_rng().random()"], 7)

    assert one != two


@pytest.mark.slow
def test_keras_is_seeded_when_it_is_imported_and_leaves_numpy_alone():
    sources = ["import numpy as np; np.random.seed(5); np.random.rand()", *KERAS.values()]
    first, again = drawn(sources, 7), drawn(sources, 7)

    assert first == again
    numbers = drawn(["import numpy as np; np.random.seed(5); np.random.rand()", "np.random.rand()"], 7)
    assert first[:2] == numbers


def test_large_and_negative_seeds_are_seeds():
    assert len({drawn([DRAWS["random"]], seed)[0] for seed in (0, 2**40, -3)}) == 3
