"""Wrong ways through a data set: evaluating it, and training on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import LEARNING_RATE, Array, Arrays, feed_forward_dataset, gradients, train_one_epoch
from reference.variants import Catalogue

Parameters = tuple[list[Array], list[Array]]

catalogue = Catalogue()
wrong = catalogue.wrong


# --- feed_forward_dataset --------------------------------------------------------------------------------


@wrong(
    "feed_forward_dataset",
    "dataset-loss-summed",
    "the loss is summed, not averaged",
    "You add up the losses and do not divide by the number of samples.",
)
def loss_summed(weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    loss, accuracy = feed_forward_dataset(weights, biases, x, labels)
    return loss * np.size(labels), accuracy


@wrong(
    "feed_forward_dataset",
    "dataset-loss-of-last-sample",
    "the loss of the last sample only",
    "You overwrite the loss in every round of the loop, so only the last sample's is left. Add them up and divide by "
    "their number at the end.",
)
def loss_of_last_sample(weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    last, _ = feed_forward_dataset(weights, biases, np.asarray(x)[-1:], np.ravel(labels)[-1:])
    return last, feed_forward_dataset(weights, biases, x, labels)[1]


@wrong(
    "feed_forward_dataset",
    "dataset-accuracy-of-entries",
    "accuracy counted over one-hot entries",
    "You compare the ten entries of guess and label one by one. A wrong guess still agrees in eight of them, so even "
    "chance looks like 82 %. Compare whole guesses.",
)
def accuracy_of_entries(weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    loss, accuracy = feed_forward_dataset(weights, biases, x, labels)
    return loss, 1 - 2 * (1 - accuracy) / len(biases[-1])


@wrong(
    "feed_forward_dataset",
    "dataset-error-rate",
    "the error rate instead of the accuracy",
    "Your number is the share of wrong guesses. The accuracy is 1 minus that.",
)
def error_rate(weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    loss, accuracy = feed_forward_dataset(weights, biases, x, labels)
    return loss, 1 - accuracy


# --- train_one_epoch -------------------------------------------------------------------------------------


@wrong(
    "train_one_epoch",
    "epoch-first-sample-only",
    "stops after the first sample",
    "Only the first sample changes your weights. Look at the indentation of `return`: inside the loop it ends the "
    "epoch in the first round.",
)
def first_sample_only(
    weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, learning_rate: float = LEARNING_RATE
) -> Parameters:
    return train_one_epoch(weights, biases, np.asarray(x)[:1], np.ravel(labels)[:1], learning_rate)


@wrong(
    "train_one_epoch",
    "epoch-last-sample-only",
    "every step starts from the first weights",
    "Each step starts again from the weights at the beginning of the epoch, so only the last sample has an effect. "
    "Keep what train_one_sample returns and go on from there.",
)
def last_sample_only(
    weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, learning_rate: float = LEARNING_RATE
) -> Parameters:
    return train_one_epoch(weights, biases, np.asarray(x)[-1:], np.ravel(labels)[-1:], learning_rate)


@wrong(
    "train_one_epoch",
    "epoch-never-kept",
    "the new weights are never kept",
    "After your epoch the weights are what they were. If train_one_sample returns new weights they must be assigned; "
    "if it changes them, it must change the ones the network uses.",
)
def never_kept(
    weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, learning_rate: float = LEARNING_RATE
) -> Parameters:
    return [w.copy() for w in weights], [b.copy() for b in biases]


@wrong(
    "train_one_epoch",
    "epoch-one-batch",
    "one step with the average gradient",
    "You average the gradients of all samples and take one step. This homework updates after every single sample.",
)
def one_batch(
    weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, learning_rate: float = LEARNING_RATE
) -> Parameters:
    wanted = np.ravel(labels).astype(int)
    new_weights, new_biases = never_kept(weights, biases, x, labels)
    for sample, label in zip(np.asarray(x), wanted, strict=True):
        d_weights, d_biases = gradients(weights, biases, sample, label)
        for new, change in zip((*new_weights, *new_biases), (*d_weights, *d_biases), strict=True):
            new -= learning_rate / len(wanted) * change
    return new_weights, new_biases


VARIANTS = catalogue.by_function()
