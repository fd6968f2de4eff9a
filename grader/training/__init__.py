"""The reference's own models: trained once for an assignment and its data, in a process of their own, and kept.

An assignment names a module with `TRAINED`, functions that train and predict, by the name of a data set:

    SEEDS = 3                            # so many trainings
    SPREAD = {"baseline": 0.008}         # standard deviation of a model's accuracy from seed to seed

    def train_mnist(x, y, x_new, seed):  # x (n, 28, 28) uint8, y (n,), x_new (n_new, 28, 28)
        ...
        return {"baseline": probabilities}  # (n_new, n_classes) for every model

    TRAINED = {"mnist": train_mnist}

Rows of no data set come from the module too: `ROWS = {"clouds": function}`, which returns x, y, x_new and labels.

What comes of it is kept by content: the module and what it imports of its package, the rows, the versions of the
libraries. TensorFlow is never imported here.
"""

from grader.training.kept import Training, Trainings

__all__ = ["Training", "Trainings"]
