"""Wrong variances of initial weights, for a layer of n_in inputs and n_out outputs."""

from __future__ import annotations

from reference import dl_foundations as right
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong

DEVIATION = (
    "You give the variance to NumPy where it wants the standard deviation (the second argument of `normal`, or the "
    "factor of `randn`): take the root."
)
UNIFORM = "Numbers uniform in ±a have the variance a²/3: for the variance v, a is √(3v)."


@wrong("xavier_variance", "xavier-is-he", "He's variance", "You have 2/n_in, which is He's. Xavier counts n_out too.")
def xavier_is_he(n_in: int, n_out: int) -> float:
    return right.he_variance(n_in)


@wrong(
    "xavier_variance",
    "xavier-without-two",
    "a factor 2 is missing",
    "You have 1/(n_in + n_out): the 2 above the fraction is missing.",
)
def xavier_without_two(n_in: int, n_out: int) -> float:
    return 1 / (n_in + n_out)


@wrong(
    "xavier_variance",
    "xavier-inputs-only",
    "1/n_in",
    "You have 1/n_in, which looks at the inputs only. Here it is the mean of both sides: 2/(n_in + n_out).",
)
def xavier_inputs_only(n_in: int, n_out: int) -> float:
    return 1 / n_in


@wrong("xavier_variance", "variance-as-deviation", "the root is missing", DEVIATION)
def xavier_as_deviation(n_in: int, n_out: int) -> float:
    return right.xavier_variance(n_in, n_out) ** 2


@wrong("xavier_variance", "uniform-too-narrow", "the range is too narrow", UNIFORM)
def xavier_uniform(n_in: int, n_out: int) -> float:
    return right.xavier_variance(n_in, n_out) / 3


@wrong("he_variance", "he-is-xavier", "Xavier's variance", "You have 2/(n_in + n_out), which is Xavier's. He: 2/n_in.")
def he_is_xavier(n_in: int, n_out: int) -> float:
    return right.xavier_variance(n_in, n_out)


@wrong(
    "he_variance",
    "he-without-two",
    "a factor 2 is missing",
    "You have 1/n_in. ReLU sets half of the neurons to 0; the 2 makes good for it.",
)
def he_without_two(n_in: int, n_out: int) -> float:
    return 1 / n_in


@wrong(
    "he_variance",
    "he-of-outputs",
    "the outputs are counted",
    "You have 2/n_out. What is added up in a neuron are its inputs: 2/n_in.",
)
def he_of_outputs(n_in: int, n_out: int) -> float:
    return 2 / n_out


@wrong("he_variance", "variance-as-deviation", "the root is missing", DEVIATION)
def he_as_deviation(n_in: int, n_out: int) -> float:
    return right.he_variance(n_in) ** 2


@wrong("he_variance", "uniform-too-narrow", "the range is too narrow", UNIFORM)
def he_uniform(n_in: int, n_out: int) -> float:
    return right.he_variance(n_in) / 3


VARIANTS = catalogue.by_function()
