"""Question 3, the network: layers, output, loss and optimizer, compared by meaning."""

import pytest
from q3_network import COMPILED, HIDDEN, OUTPUT, Work

from grader.models import difference


def require(work, asked):
    """Require that the model is what was asked for."""
    sentence = difference(work.network.model, asked)
    if sentence is not None:
        work.check.fail(f"{work.label}: {sentence}", work.network.summary())


@pytest.mark.check(
    "q3", points=2, hint="Dense(256), Dense(128), Dense(64), each with activation='relu', and nothing in between."
)
def test_hidden_layers(check, models, data):
    """the network has hidden layers of 256, 128 and 64 units with ReLU"""
    work = Work(check, models, data)
    require(work, HIDDEN)
    check.show(work.network.summary())


@pytest.mark.check(
    "q3", points=1, hint="Dense(10, activation='softmax'); or Dense(10) and a loss with from_logits=True."
)
def test_output_layer(check, models, data):
    """the network gives a probability for each of the ten classes"""
    require(Work(check, models, data), OUTPUT)


@pytest.mark.check(
    "q3",
    points=2,
    hint="'sparse_categorical_crossentropy' for labels 0 to 9, 'categorical_crossentropy' for one-hot ones.",
)
def test_loss_and_optimizer(check, models, data):
    """the network is compiled with cross-entropy and Adam"""
    require(Work(check, models, data), COMPILED)
