"""What is accepted as the model that was asked for, and the sentence for what is not, on models from a real kernel."""

import pytest
from notebooks import notebook

from grader.config import Limits
from grader.kernels import Kernel
from grader.models import Asked, describe, difference, differences

pytestmark = pytest.mark.slow

LIMITS = Limits()
MLP = Asked(hidden=(12, 8), activation="relu", outputs=10, probabilities=True, input_size=784, loss="crossentropy")
CNN = Asked(
    convolutions=(4, None),
    kernel_size=(3, 3),
    min_pooling=1,
    hidden=(12,),
    activation="relu",
    outputs=10,
    probabilities=True,
)

PREPARE = """
import keras, tensorflow as tf
from keras import layers, ops
from keras.layers import *
I, S, D, A = keras.Input, keras.Sequential, layers.Dense, layers.Activation
SPARSE, LOGITS = "sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy(from_logits=True)
models, PICTURE = {}, (28, 28, 1)
def compiled(model, loss=SPARSE, optimizer="adam"):
    model.compile(optimizer, loss)
    return model
def functional(shape, build):
    i = I(shape)
    return keras.Model(i, build(i))
class Net(keras.Model):
    def __init__(self, logits):
        super().__init__()
        self.flat, self.one, self.two, self.out = Flatten(), D(12), D(8, "relu"), D(10)
        self.logits = logits
    def call(self, x):
        x = self.out(self.two(tf.nn.relu(self.one(self.flat(x)))))
        return x if self.logits else tf.nn.softmax(x)
def used(model, shape):
    model(tf.zeros((1, *shape)))
    return model
"""

R, SM = 'activation="relu"', 'activation="softmax"'
ACCEPTED = {
    "sequential": (MLP, f"compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, {SM})]))"),
    "flatten": (MLP, f"compiled(S([I((28, 28)), Flatten(), D(12, {R}), D(8, {R}), D(10, {SM})]))"),
    "rescaled and reshaped": (
        MLP,
        f"compiled(S([I((28, 28)), Rescaling(1 / 255), Reshape((784,)), D(12, {R}), D(8, {R}), D(10, {SM})]))",
    ),
    "one-hot labels": (
        MLP,
        f"compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, {SM})]), keras.losses.CategoricalCrossentropy())",
    ),
    "activation layers": (MLP, 'compiled(S([I((784,)), D(12), A("relu"), D(8), ReLU(), D(10), Softmax()]))'),
    "logits": (MLP, f"compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10)]), LOGITS)"),
    "tensorflow's activations": (
        MLP,
        "compiled(S([I((784,)), D(12, tf.nn.relu), D(8, tf.nn.relu), D(10, tf.nn.softmax)]))",
    ),
    "input_dim known from use": (MLP, f"compiled(used(S([D(12, {R}), D(8, {R}), D(10, {SM})]), (784,)))"),
    "functional": (
        MLP,
        f"compiled(functional((28, 28), lambda i: D(10, {SM})(D(8, {R})(ops.relu(D(12)(Flatten()(i)))))))",
    ),
    "nested": (MLP, f"compiled(S([I((784,)), S([D(12, {R}), D(8, {R})]), S([D(10), Softmax()])]))"),
    "subclass": (MLP, "compiled(used(Net(False), (28, 28)))"),
    "subclass with logits": (MLP, "compiled(used(Net(True), (784,)), LOGITS)"),
    "allowed in between": (
        MLP.model_copy(update={"allowed": frozenset({"dropout", "normalization"})}),
        f'compiled(S([I((784,)), D(12), BatchNormalization(), A("relu"), Dropout(0.2), D(8, {R}), D(10, {SM})]))',
    ),
    "cnn": (
        CNN,
        f"S([I(PICTURE), Conv2D(4, 3, {R}), MaxPooling2D(), Conv2D(9, 3, {R}), Flatten(), D(12, {R}), D(10, {SM})])",
    ),
    "at least two": (
        Asked(min_hidden=2, activation=("relu", "tanh"), outputs=10),
        f'S([I((9,)), D(5, {R}), D(5, "tanh"), D(5, {R}), D(10)])',
    ),
    "binary": (Asked(outputs=1, probabilities=True), 'S([I((9,)), D(5), D(1, activation="sigmoid")])'),
    "binary logits": (
        Asked(outputs=1, probabilities=True, loss="binary_crossentropy"),
        "compiled(S([I((9,)), D(5), D(1)]), keras.losses.BinaryCrossentropy(from_logits=True))",
    ),
    "by parameters and optimizer": (
        Asked(parameters=60, optimizer=("SGD", "Adam"), learning_rate=0.003),
        "compiled(S([I((9,)), D(6)]), optimizer=keras.optimizers.Adam(0.003))",
    ),
    "branches": (
        Asked(outputs=3, branches=True),
        "functional((3,), lambda i: Add()([i, D(3)(i)]))",
    ),
}
REFUSED = {
    "a layer too few": (
        MLP,
        f"compiled(S([I((784,)), D(12, {R}), D(10, {SM})]))",
        "Asked for are 2 hidden layers with 12 and 8 units; yours has 1, with 12 units.",
    ),
    "another size": (
        MLP,
        f"compiled(S([I((784,)), D(12, {R}), D(9, {R}), D(10, {SM})]))",
        "Asked for are 2 hidden layers with 12 and 8 units; yours has 2, with 12 and 9 units.",
    ),
    "none at all": (MLP, f"compiled(S([I((784,)), D(10, {SM})]))", "yours has none."),
    "no activation": (
        MLP,
        f'compiled(S([I((784,)), D(12, name="first"), D(8, {R}), D(10, {SM})]))',
        "The hidden layer `first` has no activation; ReLU is asked for.",
    ),
    "another activation": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), D(8, "sigmoid", name="second"), D(10, {SM})]))',
        "The hidden layer `second` has sigmoid; ReLU is asked for.",
    ),
    "an activation of one's own": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), D(8, lambda x: x, name="second"), D(10, {SM})]))',
        "has your own `<lambda>`",
    ),
    "softmax missing": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, name="last")]))',
        "The last layer, `last`, has no softmax, and the loss was not told `from_logits=True`",
    ),
    "softmax twice": (
        MLP,
        f"compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, {SM})]), LOGITS)",
        "softmax is then applied twice",
    ),
    "sigmoid for ten classes": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, "sigmoid")]))',
        "10 separate answers that need not sum to one",
    ),
    "relu at the output": (
        MLP,
        f"compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, {R})]))",
        "has ReLU; softmax is asked for",
    ),
    "nine classes": (
        MLP,
        f"compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(9, {SM})]))",
        "has 9 outputs; 10 are asked for",
    ),
    "mean squared error": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, {SM})]), "mse")',
        "The loss is mean squared error; categorical cross-entropy is asked for.",
    ),
    "binary loss": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), D(8, {R}), D(10, {SM})]), "binary_crossentropy")',
        "The loss is binary cross-entropy",
    ),
    "not compiled": (MLP, f"S([I((784,)), D(12, {R}), D(8, {R}), D(10, {SM})])", "was never compiled"),
    "dropout": (
        MLP,
        f'compiled(S([I((784,)), D(12, {R}), Dropout(0.1, name="drop"), D(8, {R}), D(10, {SM})]))',
        "The model has a Dropout layer (`drop`, Dropout) that was not asked for.",
    ),
    "another input": (
        MLP,
        f"compiled(S([I((64,)), D(12, {R}), D(8, {R}), D(10, {SM})]))",
        "takes 64 numbers per example (shape 64); 784 are asked for",
    ),
    "branches": (MLP, "compiled(functional((784,), lambda i: Add()([D(10)(i), D(10)(i)])))", "has branches"),
    "softmax of one": (Asked(outputs=1, probabilities=True), f"S([I((9,)), D(1, {SM})])", "which is always 1"),
    "a convolution too few": (
        CNN,
        f"S([I((28, 28, 1)), Conv2D(4, 3, {R}), MaxPooling2D(), Flatten(), D(12, {R}), D(10, {SM})])",
        "Asked for are 2 convolutions (4, any number of filters); yours has 1, with 4 filters.",
    ),
    "kernel": (
        CNN,
        f"S([I(PICTURE), Conv2D(4, 5, {R}), MaxPooling2D(), Conv2D(9, 3, {R}), Flatten(), D(12, {R}), D(10, {SM})])",
        "has a kernel of 5×5; 3×3 is asked for",
    ),
    "no pooling": (
        CNN,
        f"S([I((28, 28, 1)), Conv2D(4, 3, {R}), Conv2D(9, 3, {R}), Flatten(), D(12, {R}), D(10, {SM})])",
        "at least 1 pooling layer; yours has 0",
    ),
    "a convolution in an mlp": (
        Asked(hidden=(5,), outputs=2),
        "S([I((8, 8, 1)), Conv2D(2, 3), Flatten(), D(5), D(2)])",
        "The model has a convolution",
    ),
    "parameters": (Asked(parameters=61), "S([I((9,)), D(6)])", "The model has 60 parameters; 61 are asked for."),
    "learning rate": (Asked(learning_rate=0.01), "compiled(S([I((9,)), D(6)]))", "The learning rate is 0.001; 0.01"),
    "optimizer": (
        Asked(optimizer="adam"),
        'compiled(S([I((9,)), D(6)]), optimizer="sgd")',
        "The optimizer is SGD; adam is asked for.",
    ),
    "nothing": (Asked(outputs=1), "S([])", "The model has no layers."),
    "only shapes": (Asked(outputs=1), "S([I((9,)), Dropout(0.1)])", "no layer with weights"),
}
CASES = {f"+ {name}": source for name, (_, source) in ACCEPTED.items()} | {
    f"- {name}": source for name, (_, source, _) in REFUSED.items()
}


@pytest.fixture(scope="module")
def kernel():
    made = [f"models[{name!r}] = {source}" for name, source in CASES.items()]
    with Kernel(LIMITS, seed=1) as kernel:
        execution = kernel.run(notebook(PREPARE, *made))

        assert [(cell.index, cell.error) for cell in execution.cells if cell.error] == []
        yield kernel


def model_of(kernel, name):
    return describe(kernel, LIMITS, (("item", "models"), ("item", name)), weights=False)


@pytest.mark.parametrize("name", ACCEPTED)
def test_the_same_network_is_accepted_however_it_is_written(kernel, name):
    assert list(differences(model_of(kernel, f"+ {name}"), ACCEPTED[name][0])) == []


@pytest.mark.parametrize("name", REFUSED)
def test_the_first_sentence_names_what_differs(kernel, name):
    asked, _, sentence = REFUSED[name]

    assert sentence in difference(model_of(kernel, f"- {name}"), asked)
