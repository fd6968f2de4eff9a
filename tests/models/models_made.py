"""Descriptions of models as a kernel would send them, made by hand."""

import numpy as np

from grader.models import Model

ACTIVATIONS = "keras.src.activations.activations"


def weight(name, value):
    return {"name": name, "shape": list(value.shape), "dtype": "float32", "trainable": True, "value": value}


def layer(kind, name, weights=None, activation=None, **settings):
    """Return a layer's description; its weights are arrays by name."""
    values = weights or {}
    activations = {} if activation is None else {"activation": {"name": activation, "module": ACTIVATIONS}}
    return {
        "class": kind,
        "module": "keras.src.layers.core.anything",
        "name": name,
        "settings": {"bias_initializer": "Zeros", "kernel_initializer": "GlorotUniform", **settings},
        "activations": activations,
        "weights": [weight(key, value) for key, value in values.items()],
        "parameters": sum(value.size for value in values.values()),
        "dtype": "float32",
    }


def dense(kernel, bias, activation="linear", name="dense"):
    """Return a Dense layer with a kernel (inputs, units) and a bias (units,)."""
    weights = {"kernel": np.asarray(kernel, np.float32), "bias": np.asarray(bias, np.float32)}
    return layer("Dense", name, weights, activation, units=len(bias))


def described(*layers, loss="sparse_categorical_crossentropy", input_shape=()):
    """Return the description of a Sequential as plain data."""
    nodes = [
        {"layer": n, "arguments": [{"tensor": n}], "outputs": [n + 1], "shapes": []} for n in range(len(layers))
    ]  # each takes what the one before it gives
    shapes = [[None, *input_shape]] if input_shape else []
    graph = {"inputs": [0], "input_shapes": shapes, "nodes": nodes, "outputs": {"tensor": len(layers)}}
    return {
        "kind": "sequential",
        "class": "Sequential",
        "module": "keras.src.models.sequential",
        "name": "model",
        "built": True,
        "layers": list(layers),
        "graph": graph,
        "compiled": {"optimizer": "Adam", "loss": loss, "settings": {"learning_rate": 0.001}},
    }


def model(*layers, **options):
    """Return a checked Sequential."""
    return Model.model_validate(described(*layers, **options))
