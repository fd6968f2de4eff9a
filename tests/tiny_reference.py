"""The solution of the tiny assignment that the tests grade."""

from types import SimpleNamespace

import numpy as np

SIZE = 3


def double(x):
    return 2 * np.asarray(x)


def difference(a, b):
    return a - b


def broken(_):
    raise RuntimeError("the reference is broken")


def thing(_):
    return object()


VARIANTS = {
    "double": (
        SimpleNamespace(
            name="squared",
            title="Squared instead of doubled",
            explanation="x² and 2x are equal only at 0 and 2.",
            function=lambda x: np.asarray(x) ** 2,
        ),
    )
}
