"""Wrong convolutions, pooling, recurrent cells and GAN losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.architectures import windows
from reference.dl_foundations.arrays import Array, floats, sigmoid_of
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "conv2d",
    "convolution-flipped",
    "the kernel is flipped",
    "You turn the kernel by 180° (as in mathematics, or by scipy's convolve). A convolutional layer does not: lay the "
    "kernel on the window as it is.",
)
def conv_flipped(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Any:
    return right.conv2d(image, floats(kernel)[::-1, ::-1], stride, padding)


@wrong(
    "conv2d",
    "convolution-kernel-transposed",
    "the kernel is transposed",
    "You go through the kernel with rows and columns exchanged: k[v, u] where k[u, v] is meant.",
)
def conv_transposed(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Any:
    return right.conv2d(image, floats(kernel).T, stride, padding)


@wrong(
    "conv2d",
    "convolution-one-window-short",
    "the last row and column of windows are missing",
    "Your loops end one window too early: there are H - k + 1 positions, not H - k.",
)
def conv_short(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Any:
    return right.conv2d(image, kernel, stride, padding)[:-1, :-1]


@wrong(
    "conv2d",
    "convolution-stride-ignored",
    "the stride is not used",
    "Your windows move by one, whatever stride is given.",
)
def conv_no_stride(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Any:
    return right.conv2d(image, kernel, 1, padding)


@wrong(
    "conv2d",
    "convolution-padding-ignored",
    "the padding is not used",
    "You never put zeros around the image, whatever padding is given.",
)
def conv_no_padding(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Any:
    return right.conv2d(image, kernel, stride, 0)


@wrong(
    "conv2d",
    "convolution-mean",
    "the mean instead of the sum",
    "You take the mean of the products; a convolution adds them up.",
)
def conv_mean(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Any:
    return right.conv2d(image, kernel, stride, padding) / np.size(kernel)


@wrong(
    "max_pool",
    "max-pool-from-zero",
    "the search for the maximum begins at 0",
    "Your windows of negative numbers give 0: you start from 0 (or pad with zeros). Start from -∞, or use np.max.",
)
def max_from_zero(image: ArrayLike, size: int = 2, stride: int | None = None) -> Any:
    return np.maximum(right.max_pool(image, size, stride), 0.0)


@wrong("max_pool", "pooling-exchanged", "the mean instead of the maximum", "You take the mean of every window.")
def max_is_mean(image: ArrayLike, size: int = 2, stride: int | None = None) -> Any:
    return right.average_pool(image, size, stride)


@wrong(
    "max_pool",
    "pooling-stride-one",
    "windows overlap",
    "Your windows move by one where no stride is given; then the stride is the size of the window.",
)
def max_stride_one(image: ArrayLike, size: int = 2, stride: int | None = None) -> Any:
    return right.max_pool(image, size, stride or 1)


@wrong(
    "max_pool",
    "pooling-stride-ignored",
    "the stride is not used",
    "Your windows always move by their own size, whatever stride is given.",
)
def max_stride_ignored(image: ArrayLike, size: int = 2, stride: int | None = None) -> Any:
    return right.max_pool(image, size, size)


@wrong("average_pool", "pooling-exchanged", "the maximum instead of the mean", "You take the maximum of every window.")
def mean_is_max(image: ArrayLike, size: int = 2, stride: int | None = None) -> Any:
    return right.max_pool(image, size, stride)


@wrong(
    "average_pool",
    "average-pool-sum",
    "the sum instead of the mean",
    "You add up the numbers of a window and do not divide by how many they are.",
)
def mean_is_sum(image: ArrayLike, size: int = 2, stride: int | None = None) -> Any:
    return np.asarray(windows(image, (size, size), stride or size).sum(axis=(2, 3)))


@wrong(
    "rnn_step",
    "rnn-without-tanh",
    "no activation",
    "You return the sum without the tanh, so the state can grow without limit.",
)
def rnn_linear(x: ArrayLike, h: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> Any:
    return floats(x) @ floats(Wx) + floats(h) @ floats(Wh) + floats(b)


@wrong("rnn_step", "rnn-sigmoid", "the sigmoid instead of tanh", "You use the sigmoid; this cell uses tanh.")
def rnn_sigmoid(x: ArrayLike, h: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> Any:
    return sigmoid_of(rnn_linear(x, h, Wx, Wh, b))


@wrong(
    "rnn_step",
    "rnn-without-memory",
    "the previous state is not used",
    "Your cell forgets its state: h Wh is missing.",
)
def rnn_forgetful(x: ArrayLike, h: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> Any:
    return np.tanh(floats(x) @ floats(Wx) + floats(b))


@wrong("rnn_step", "rnn-without-bias", "the bias is missing", "You leave out the bias b.")
def rnn_no_bias(x: ArrayLike, h: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> Any:
    return right.rnn_step(x, h, Wx, Wh, np.zeros_like(floats(b)))


Cell = Callable[[Array, Array, Array, Array, Array], tuple[Array, Array]]


def _lstm(cell: Cell, order: tuple[int, int, int, int] = (0, 1, 2, 3)) -> Callable[..., Any]:
    """Return an LSTM step whose blocks are read in some order, and combined by `cell(i, f, g, o, c)`."""

    def step(x: ArrayLike, h: ArrayLike, c: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> Any:
        z = floats(x) @ floats(Wx) + floats(h) @ floats(Wh) + floats(b)
        blocks = np.split(z, 4, axis=-1)
        i, f, g, o = (blocks[place] for place in order)
        return cell(i, f, g, o, floats(c))

    return step


def _as_it_is(i: Array, f: Array, g: Array, o: Array, c: Array) -> tuple[Array, Array]:
    new = sigmoid_of(f) * c + sigmoid_of(i) * np.tanh(g)
    return sigmoid_of(o) * np.tanh(new), new


def _tanh_missing_outside(i: Array, f: Array, g: Array, o: Array, c: Array) -> tuple[Array, Array]:
    new = sigmoid_of(f) * c + sigmoid_of(i) * np.tanh(g)
    return sigmoid_of(o) * new, new


def _candidate_sigmoid(i: Array, f: Array, g: Array, o: Array, c: Array) -> tuple[Array, Array]:
    new = sigmoid_of(f) * c + sigmoid_of(i) * sigmoid_of(g)
    return sigmoid_of(o) * np.tanh(new), new


def _old_cell_out(i: Array, f: Array, g: Array, o: Array, c: Array) -> tuple[Array, Array]:
    new = sigmoid_of(f) * c + sigmoid_of(i) * np.tanh(g)
    return sigmoid_of(o) * np.tanh(c), new


def _forget_one_minus(i: Array, f: Array, g: Array, o: Array, c: Array) -> tuple[Array, Array]:
    new = (1 - sigmoid_of(f)) * c + sigmoid_of(i) * np.tanh(g)
    return sigmoid_of(o) * np.tanh(new), new


for _name, _title, _explanation, _cell, _order in (
    (
        "lstm-gates-i-f-o-g",
        "candidate and output gate are exchanged",
        "You read the blocks as i, f, o, g. Here the third is the candidate g and the fourth the output gate o.",
        _as_it_is,
        (0, 1, 3, 2),
    ),
    (
        "lstm-gates-f-i-g-o",
        "input and forget gate are exchanged",
        "You read the blocks as f, i, g, o. Here the first is the input gate and the second the forget gate.",
        _as_it_is,
        (1, 0, 2, 3),
    ),
    (
        "lstm-gates-f-i-o-g",
        "the gates are in another order",
        "You read the blocks as f, i, o, g (as in many books). Here they are i, f, g, o.",
        _as_it_is,
        (1, 0, 3, 2),
    ),
    (
        "lstm-tanh-missing",
        "the cell state goes out without tanh",
        "Your hidden state is σ(o) c′; it has to be σ(o) tanh(c′).",
        _tanh_missing_outside,
        (0, 1, 2, 3),
    ),
    (
        "lstm-candidate-sigmoid",
        "the candidate goes through the sigmoid",
        "All four blocks go through σ in your cell. The candidate g is no gate: it goes through tanh.",
        _candidate_sigmoid,
        (0, 1, 2, 3),
    ),
    (
        "lstm-old-cell",
        "the hidden state comes from the old cell state",
        "You put the cell state c from before the step into h′. Take the new one, c′.",
        _old_cell_out,
        (0, 1, 2, 3),
    ),
    (
        "lstm-forget-inverted",
        "the forget gate is inverted",
        "You keep (1 - σ(f)) of the cell state. In spite of its name the gate says how much is kept: σ(f) c.",
        _forget_one_minus,
        (0, 1, 2, 3),
    ),
):
    catalogue.add("lstm_step", _name, _title, _explanation, _lstm(_cell, _order))


@wrong(
    "gan_losses",
    "gan-sign",
    "to be made large instead of small",
    "You return what the discriminator maximises. A loss is made small: put a minus in front of it.",
)
def gan_sign(d_real: ArrayLike, d_fake: ArrayLike) -> Any:
    discriminator, generator = right.gan_losses(d_real, d_fake)
    return -discriminator, generator


@wrong(
    "gan_losses",
    "gan-generator-wants-to-be-caught",
    "the generator's loss has the wrong sign",
    "Your generator is rewarded when the discriminator sees through it. It wants D(G(z)) to be large.",
)
def gan_generator_sign(d_real: ArrayLike, d_fake: ArrayLike) -> Any:
    discriminator, generator = right.gan_losses(d_real, d_fake)
    return discriminator, -generator


@wrong(
    "gan_losses",
    "gan-without-fakes",
    "the discriminator ignores the generated data",
    "Your discriminator's loss has no term for D(G(z)): it would say 1 to everything. Add -E[log(1 - D(G(z)))].",
)
def gan_no_fakes(d_real: ArrayLike, d_fake: ArrayLike) -> Any:
    return -np.mean(np.log(floats(d_real))), right.gan_losses(d_real, d_fake)[1]


@wrong(
    "gan_losses",
    "gan-fakes-as-real",
    "generated data are called real",
    "You use log D(G(z)) in the discriminator's loss where log(1 - D(G(z))) belongs: it wants D(G(z)) small.",
)
def gan_fakes_real(d_real: ArrayLike, d_fake: ArrayLike) -> Any:
    generator = right.gan_losses(d_real, d_fake)[1]
    return -np.mean(np.log(floats(d_real))) + generator, generator


VARIANTS = catalogue.by_function()
