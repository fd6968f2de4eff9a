"""Wrong steps of optimizers."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import floats
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong("sgd_step", "ascent", "uphill instead of downhill", "You add the gradient: the loss grows. Subtract it.")
def sgd_ascent(w: ArrayLike, g: ArrayLike, learning_rate: float = 0.01) -> Any:
    return floats(w) + learning_rate * floats(g)


@wrong("sgd_step", "rate-ignored", "the learning rate is not used", "You subtract the whole gradient.")
def sgd_rate_ignored(w: ArrayLike, g: ArrayLike, learning_rate: float = 0.01) -> Any:
    return floats(w) - floats(g)


@wrong(
    "momentum_step",
    "momentum-averaged",
    "the gradient is scaled by 1 - β",
    "Your v is a moving average, β v + (1 - β) g, so steps are 1 - β times as long. Here v ← β v - η g.",
)
def momentum_averaged(w: ArrayLike, g: ArrayLike, v: ArrayLike, learning_rate: float = 0.01, beta: float = 0.9) -> Any:
    v = beta * floats(v) + (1 - beta) * floats(g)
    return floats(w) - learning_rate * v, v


@wrong(
    "momentum_step",
    "momentum-nesterov",
    "Nesterov's momentum",
    "You step with β v - η g once more: that is Nesterov's momentum. Plain momentum adds v itself.",
)
def momentum_nesterov(w: ArrayLike, g: ArrayLike, v: ArrayLike, learning_rate: float = 0.01, beta: float = 0.9) -> Any:
    v = beta * floats(v) - learning_rate * floats(g)
    return floats(w) + beta * v - learning_rate * floats(g), v


@wrong(
    "momentum_step",
    "momentum-old-velocity",
    "steps with the velocity from before",
    "You step with v before it is updated, so every gradient acts one step late.",
)
def momentum_old(w: ArrayLike, g: ArrayLike, v: ArrayLike, learning_rate: float = 0.01, beta: float = 0.9) -> Any:
    return floats(w) + floats(v), right.momentum_step(w, g, v, learning_rate, beta)[1]


@wrong(
    "momentum_step",
    "momentum-forgotten",
    "plain gradient descent",
    "Your step does not depend on v: that is plain gradient descent.",
)
def momentum_forgotten(w: ArrayLike, g: ArrayLike, v: ArrayLike, learning_rate: float = 0.01, beta: float = 0.9) -> Any:
    return right.sgd_step(w, g, learning_rate), floats(v)


@wrong(
    "rmsprop_step",
    "rmsprop-sum",
    "squares are added up for ever",
    "You add g² without ρ: that is AdaGrad, whose steps get ever shorter. RMSprop averages: ρ s + (1 - ρ) g².",
)
def rmsprop_sum(
    w: ArrayLike,
    g: ArrayLike,
    s: ArrayLike,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    epsilon: float = 1e-8,
) -> Any:
    return right.adagrad_step(w, g, s, learning_rate, epsilon)


@wrong(
    "rmsprop_step",
    "rmsprop-without-root",
    "the root is missing",
    "You divide by s, not by its root. s is a mean of squares, so only its root has the size of a gradient.",
)
def rmsprop_no_root(
    w: ArrayLike,
    g: ArrayLike,
    s: ArrayLike,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    epsilon: float = 1e-8,
) -> Any:
    s = rho * floats(s) + (1 - rho) * floats(g) ** 2
    return floats(w) - learning_rate * floats(g) / (s + epsilon), s


@wrong(
    "rmsprop_step",
    "rmsprop-rho-exchanged",
    "ρ and 1 - ρ are exchanged",
    "You weigh the old mean with 1 - ρ and the new square with ρ. It is the other way round: ρ near 1 means a long "
    "memory.",
)
def rmsprop_exchanged(
    w: ArrayLike,
    g: ArrayLike,
    s: ArrayLike,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    epsilon: float = 1e-8,
) -> Any:
    return right.rmsprop_step(w, g, s, learning_rate, 1 - rho, epsilon)


@wrong(
    "rmsprop_step",
    "rmsprop-old-state",
    "divides by the state from before",
    "You divide by the root of s before it is updated. Update it first.",
)
def rmsprop_old(
    w: ArrayLike,
    g: ArrayLike,
    s: ArrayLike,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    epsilon: float = 1e-8,
) -> Any:
    new = right.rmsprop_step(w, g, s, learning_rate, rho, epsilon)[1]
    return floats(w) - learning_rate * floats(g) / (np.sqrt(floats(s)) + epsilon), new


@wrong(
    "adagrad_step",
    "adagrad-averaged",
    "a moving average",
    "You average the squares (0.9 s + 0.1 g²): that is RMSprop. AdaGrad adds them up.",
)
def adagrad_averaged(
    w: ArrayLike, g: ArrayLike, s: ArrayLike, learning_rate: float = 0.01, epsilon: float = 1e-8
) -> Any:
    return right.rmsprop_step(w, g, s, learning_rate, 0.9, epsilon)


@wrong(
    "adagrad_step",
    "adagrad-without-root",
    "the root is missing",
    "You divide by s, not by its root.",
)
def adagrad_no_root(
    w: ArrayLike, g: ArrayLike, s: ArrayLike, learning_rate: float = 0.01, epsilon: float = 1e-8
) -> Any:
    s = floats(s) + floats(g) ** 2
    return floats(w) - learning_rate * floats(g) / (s + epsilon), s


@wrong(
    "adagrad_step",
    "adagrad-not-squared",
    "the gradient is not squared",
    "You add g, not g², to the state.",
)
def adagrad_not_squared(
    w: ArrayLike, g: ArrayLike, s: ArrayLike, learning_rate: float = 0.01, epsilon: float = 1e-8
) -> Any:
    s = floats(s) + floats(g)
    return floats(w) - learning_rate * floats(g) / (np.sqrt(s) + epsilon), s


def _adam(  # noqa: PLR0913, PLR0917 - what the algorithm takes, and what is wrong
    w: ArrayLike,
    g: ArrayLike,
    m: ArrayLike,
    v: ArrayLike,
    t: int,
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    *,
    slip: str,
) -> Any:
    """Return Adam's step with one slip."""
    w, g = floats(w), floats(g)
    if slip == "betas":
        beta1, beta2 = beta2, beta1
    m = beta1 * floats(m) + (1 - beta1) * g
    v = beta2 * floats(v) + (1 - beta2) * (g if slip == "square" else g**2)
    power = {"from-zero": t - 1, "one-early": t + 1}.get(slip, t)
    m_hat, v_hat = (m, v) if slip == "bias" else (m / (1 - beta1**power), v / (1 - beta2**power))
    m_hat, v_hat = (m_hat, v) if slip == "half" else (m_hat, v_hat)
    return w - learning_rate * m_hat / ((v_hat if slip == "root" else np.sqrt(v_hat)) + epsilon), m, v


for _slip, _name, _title, _explanation in (
    (
        "bias",
        "adam-without-correction",
        "no bias correction",
        "You use m and v as they are. They begin at 0 and are too small at first: divide by 1 - β₁ᵗ and 1 - β₂ᵗ.",
    ),
    (
        "half",
        "adam-half-corrected",
        "only the first moment is corrected",
        "You divide m by 1 - β₁ᵗ, but not v by 1 - β₂ᵗ.",
    ),
    ("betas", "adam-betas-exchanged", "β₁ and β₂ are exchanged", "β₁ belongs to the mean m, β₂ to the squares v."),
    ("square", "adam-not-squared", "the gradient is not squared", "v averages g², not g."),
    ("root", "adam-without-root", "the root is missing", "You divide by v̂, not by its root."),
    (
        "one-early",
        "adam-counts-one-too-many",
        "t is one too large",
        "You count t up once more inside the function. The t that is given is already the number of this step.",
    ),
):
    catalogue.add("adam_step", _name, _title, _explanation, functools.partial(_adam, slip=_slip))


VARIANTS = catalogue.by_function()
