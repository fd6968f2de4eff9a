"""Part 2. What makes up an architecture: convolution and pooling, an RNN cell, an LSTM cell, the losses of a GAN.

Sources: Goodfellow, Bengio & Courville, Deep Learning, 2016, chapters 9 and 10; Hochreiter & Schmidhuber, Neural
Computation 9, 1997, with the forget gate of Gers et al., 2000; Goodfellow et al., Generative Adversarial Nets, 2014.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats, sigmoid_of

TINY = float(np.finfo(np.float64).tiny)


def windows(image: ArrayLike, size: tuple[int, int], stride: int) -> Array:
    """Return every window of an image (H, W), as (out_h, out_w, *size): the corner moves by `stride`."""
    every = np.lib.stride_tricks.sliding_window_view(floats(image), size)
    return every[::stride, ::stride]


def conv2d(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Array:
    """Return the feature map of a convolutional layer with one channel: image (H, W), kernel (k_h, k_w).

    y[i, j] = Σ_{u,v} x[i s + u, j s + v] k[u, v]: as in every deep-learning library the kernel is not flipped
    (mathematics calls it cross-correlation; Goodfellow et al. §9.1). Size: ⌊(H + 2p - k)/s⌋ + 1.
    """
    kernel = floats(kernel)
    padded = np.pad(floats(image), padding)  # (H + 2p, W + 2p)
    feature_map: Array = np.einsum("ijuv,uv->ij", windows(padded, kernel.shape[:2], stride), kernel)
    return feature_map  # (out_h, out_w)


def max_pool(image: ArrayLike, size: int = 2, stride: int | None = None) -> Array:
    """Return the largest number of every window; windows that would stick out are left out."""
    return np.asarray(windows(image, (size, size), stride or size).max(axis=(2, 3)))  # (out_h, out_w)


def average_pool(image: ArrayLike, size: int = 2, stride: int | None = None) -> Array:
    """Return the mean of every window."""
    return np.asarray(windows(image, (size, size), stride or size).mean(axis=(2, 3)))  # (out_h, out_w)


def rnn_step(x: ArrayLike, h: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike) -> Array:
    """Return the next hidden state tanh(x Wx + h Wh + b): x (n_in,), h (n,), Wx (n_in, n), Wh (n, n), b (n,)."""
    return np.tanh(floats(x) @ floats(Wx) + floats(h) @ floats(Wh) + floats(b))  # (n,)


def lstm_step(
    x: ArrayLike, h: ArrayLike, c: ArrayLike, Wx: ArrayLike, Wh: ArrayLike, b: ArrayLike
) -> tuple[Array, Array]:
    """Return the next (h, c) of an LSTM cell: x (n_in,), h and c (n,), Wx (n_in, 4n), Wh (n, 4n), b (4n,).

    The four blocks of columns are input gate i, forget gate f, candidate g and output gate o, in this order.
    c′ = f c + i g and h′ = o tanh(c′), where the gates go through σ and the candidate through tanh.
    """
    z = floats(x) @ floats(Wx) + floats(h) @ floats(Wh) + floats(b)  # (4n,)
    i, f, g, o = np.split(z, 4, axis=-1)  # (n,) each
    new_c = sigmoid_of(f) * floats(c) + sigmoid_of(i) * np.tanh(g)  # (n,)
    return sigmoid_of(o) * np.tanh(new_c), new_c


def gan_losses(d_real: ArrayLike, d_fake: ArrayLike) -> tuple[float, float]:
    """Return the losses (discriminator, generator), both to be made small, from D(x) and D(G(z)) in 0..1.

    The discriminator minimises -E[log D(x)] - E[log(1 - D(G(z)))], the generator -E[log D(G(z))], which has the same
    fixed point as E[log(1 - D(G(z)))] and better gradients early on (Goodfellow et al. 2014, §3).
    """
    real, fake = np.maximum(floats(d_real), TINY), floats(d_fake)
    discriminator = -np.mean(np.log(real)) - np.mean(np.log(np.maximum(1 - fake, TINY)))
    return float(discriminator), float(-np.mean(np.log(np.maximum(fake, TINY))))


def gan_generator_minimax(d_fake: ArrayLike) -> float:
    """Return the generator's part of the original game, E[log(1 - D(G(z)))], which it makes small."""
    return float(np.mean(np.log(np.maximum(1 - floats(d_fake), TINY))))
