"""How hard the data sets are: three models on each, by the share of new images they name correctly.

    python bench/datasets.py                  every data set, three seeds each (two to four minutes on one core)
    python bench/datasets.py garments --seeds 1

The models: logistic regression (scikit-learn), an MLP with 128 hidden units, and a CNN with two convolutions of 32
and 64 filters; the two last with Adam and batches of 64,
40 epochs at rate 0.0003 and 12 at 0.001. They learn from the training rows, pixels in 0..1, and are
measured on test and hidden rows together.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.update({"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""})

import keras
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from grader import datasets

EPOCHS = {"MLP": 40, "CNN": 12}
RATES = {"MLP": 3e-4, "CNN": 1e-3}
Split = tuple[np.ndarray, np.ndarray]


def rows(name: str) -> tuple[Split, Split]:
    """Return ((x, y) to learn from, (x, y) to be measured on), pixels in 0..1."""
    parts = datasets.training(name), datasets.testing(name), datasets.hidden(name)
    train, *new = [((x / 255).astype("float32"), y.ravel()) for x, y in parts]
    return train, (np.concatenate([x for x, _ in new]), np.concatenate([y for _, y in new]))


def linear(train: Split, new: Split, _: int) -> float:
    """Return the accuracy of a logistic regression, the better of two strengths of regularisation."""
    (x, y), (new_x, new_y) = [(x.reshape(len(x), -1), y) for x, y in (train, new)]
    models = [LogisticRegression(C=C, max_iter=60) for C in (0.003, 0.03)]
    return max(float(model.fit(x, y).score(new_x, new_y)) for model in models)


def network(kind: str, train: Split, new: Split, seed: int) -> float:
    """Return the accuracy of a Keras model after training."""
    keras.utils.set_random_seed(seed)
    x, y = train
    grey = x.ndim == 3
    layers = keras.layers
    hidden = {
        "MLP": [layers.Flatten(), layers.Dense(128, "relu")],
        "CNN": [
            *([layers.Reshape((*x.shape[1:], 1))] if grey else []),
            *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Flatten(), layers.Dropout(0.3)),
        ],
    }
    model = keras.Sequential([keras.Input(x.shape[1:]), *hidden[kind], layers.Dense(10, "softmax")])
    model.compile(keras.optimizers.Adam(RATES[kind]), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=EPOCHS[kind], verbose=0)
    return float((model.predict(new[0], verbose=0).argmax(axis=1) == new[1]).mean())


def main() -> None:
    """Print a row per data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(datasets.NAMES))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print("| data set | learnt from | measured on | linear | MLP 128 | CNN 32-64 | seconds of one run |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in options.names:
        train, new = rows(name)
        cells, seconds = [f"{linear(train, new, 0):.1%}"], []
        for kind in EPOCHS:
            began = time.perf_counter()
            scores = [network(kind, train, new, seed) for seed in range(options.seeds)]
            seconds.append((time.perf_counter() - began) / options.seeds)
            cells.append(f"{np.mean(scores):.1%} ({min(scores):.1%}–{max(scores):.1%})")
        spent = " / ".join(f"{s:.0f}" for s in seconds)
        print(f"| {name} | {len(train[1])} | {len(new[1])} | {' | '.join(cells)} | {spent} |", flush=True)


if __name__ == "__main__":
    main()
