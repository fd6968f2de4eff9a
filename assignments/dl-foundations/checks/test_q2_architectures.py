"""Question 2: convolution, pooling, recurrent cells and the losses of a GAN, on plain arrays."""

import numpy as np
import pytest
from df_ask import Form, call, find, has, require, spelled
from df_values import leaves

from grader.compare import compare_numbers, show
from grader.results import Text

CONV_HINT = "Lay the kernel on every window, multiply entry by entry and add up. The kernel is not flipped."
LSTM_HINT = "Four gates from x Wx + h Wh + b, cut into i, f, g, o; c′ = σ(f)c + σ(i)tanh(g), h′ = σ(o)tanh(c′)."
SMALL = 2e-4  # an ε in the logarithm must not matter
CONVS = ("conv2d", "convolve2d", "convolution", "convolution2d", "conv")
CHANNELS = (
    Form(),
    Form(note="your images have a channel axis at the end", send=lambda given: with_channel(given, -1)),
    Form(note="your images have a channel axis in front", send=lambda given: with_channel(given, 0)),
    Form(
        note="your images are a batch of one, with a channel at the end", send=lambda given: with_channel(given, -1, 1)
    ),
    Form(note="your images are a batch of one, with a channel in front", send=lambda given: with_channel(given, 0, 1)),
)


def with_channel(given, axis, batch=0):
    """Return the arguments with an axis for one channel at image and kernel; in a batch, with one for filters too."""
    found = dict(given)
    found["image"] = np.expand_dims(given["image"], axis)
    if "kernel" in given:
        found["kernel"] = np.expand_dims(given["kernel"], axis)
    if batch:
        found["image"] = found["image"][None]
        if "kernel" in given:
            found["kernel"] = found["kernel"][..., None] if axis == -1 else found["kernel"][None]
    return found


def turned(given):
    """Return the arguments of a cell for columns: vectors (n, 1), matrices (n_out, n_in)."""
    return {role: value.T if value.ndim == 2 else value.reshape(-1, 1) for role, value in given.items()}


def batched(given):
    """Return the arguments of a cell for a batch of one row."""
    return {role: value.reshape(1, -1) if role in {"x", "h", "c"} else value for role, value in given.items()}


def in_dict(given):
    """Return the arguments of a cell with matrices and bias in a dictionary."""
    inside = {role: given[role] for role in ("Wx", "Wh", "b")}
    return {role: value for role, value in given.items() if role not in inside} | {"cell_parameters": inside}


def in_pair(given):
    """Return the arguments of an LSTM cell with the state as a pair (h, c)."""
    state = (given["h"], given["c"]) if "c" in given else given["h"]
    return {"x": given["x"], "state": state} | {r: v for r, v in given.items() if r not in {"x", "h", "c"}}


CELLS = (
    Form(),
    Form(note="your cell takes a batch: it was given one row", send=batched),
    Form(note="your cell takes columns: the matrices were transposed", send=turned),
    Form(note="your cell takes its parameters as a dict", send=in_dict),
    Form(note="your cell takes columns and a dict", send=lambda given: in_dict(turned(given))),
    Form(note="your cell takes its state as a pair", send=in_pair),
)


@pytest.mark.check("q2", points=1.5, needs="conv2d", hint=CONV_HINT)
def test_convolution(check, rng):
    """conv2d(image, kernel) gives the feature map of a convolutional layer"""
    given = {"image": rng.normal(size=(7, 6)), "kernel": rng.normal(size=(3, 3))}
    require(check, "conv2d", given, others=CONVS, forms=CHANNELS)


@pytest.mark.check(
    "q2", points=1, hidden=True, needs="conv2d", hint="With padding p and stride s there are ⌊(H + 2p − k)/s⌋ + 1 rows."
)
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [((3, 3), 2, 0), ((5, 5), 1, 2), ((2, 3), 2, 1), ((2, 2), 3, 0)]
)
def test_convolution_with_stride_and_padding(check, rng, kernel, stride, padding):
    """conv2d knows stride and zero padding, for kernels of any size"""
    given = {"image": rng.normal(size=(9, 8)), "kernel": rng.normal(size=kernel), "stride": stride, "padding": padding}
    require(check, "conv2d", given, others=CONVS, forms=CHANNELS)


@pytest.mark.check("q2", points=2, needs=("max_pool", "average_pool"), hint="Windows of size × size; one number each.")
@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
def test_pooling(check, rng, name):
    """pooling takes the largest number, or the mean, of every window; also where stride and size differ"""
    others = {
        "max_pool": ("maxpool", "max_pool2d", "max_pooling", "maxpool2d", "maxpooling"),
        "average_pool": ("avg_pool", "avgpool", "mean_pool", "avg_pool2d", "average_pooling", "avg_pooling"),
    }[name]
    image = rng.normal(size=(8, 6)) - 3  # below 0: a window that begins with 0 shows
    require(check, name, {"image": image, "size": 2}, others=others, forms=CHANNELS)
    require(check, name, {"image": image[:7], "size": 3, "stride": 1}, others=others, forms=CHANNELS)


@pytest.mark.check("q2", points=2, needs="rnn_step", hint="h′ = tanh(x Wx + h Wh + b).")
def test_rnn_cell(check, rng):
    """rnn_step gives the next hidden state"""
    given = {
        "x": rng.normal(size=3),
        "h": rng.normal(size=4),
        "Wx": rng.normal(scale=0.5, size=(3, 4)),
        "Wh": rng.normal(scale=0.5, size=(4, 4)),
        "b": rng.normal(size=4),
    }
    require(check, "rnn_step", given, others=("rnn_cell", "rnn_forward", "rnn_cell_step"), forms=CELLS)


@pytest.mark.check("q2", points=3.5, needs="lstm_step", hint=LSTM_HINT)
@pytest.mark.parametrize(("inputs", "units"), [(3, 4), (5, 2)])
def test_lstm_cell(check, rng, inputs, units):
    """lstm_step gives the next hidden state and the next cell state"""
    given = {
        "x": rng.normal(size=inputs),
        "h": rng.normal(size=units),
        "c": rng.normal(size=units),
        "Wx": rng.normal(scale=0.7, size=(inputs, 4 * units)),
        "Wh": rng.normal(scale=0.7, size=(units, 4 * units)),
        "b": rng.normal(size=4 * units),
    }
    require(check, "lstm_step", given, others=("lstm_cell", "lstm_forward", "lstm_cell_step"), forms=CELLS)


@pytest.mark.check(
    "q2",
    points=1.5,
    needs="gan_losses",
    hint="The discriminator wants D(x) near 1 and D(G(z)) near 0, the generator D(G(z)) near 1. Both losses are means.",
)
def test_gan_losses(check, rng):
    """gan_losses gives the losses of discriminator and generator, in either form of the generator's"""
    given = {"d_real": rng.uniform(0.5, 0.95, size=6), "d_fake": rng.uniform(0.05, 0.6, size=6)}
    discriminator, generator = check.reference.gan_losses(*given.values())
    minimax = check.reference.gan_generator_minimax(given["d_fake"])
    got = losses_of(check, given)
    numbers = [float(leaf) for leaf in leaves(got) if leaf.size == 1 and leaf.ndim == 0]
    if len(numbers) < 2:
        check.fail("`gan_losses(d_real, d_fake)` has to return two numbers.", came(got))
    first = read(numbers[0], {"": discriminator, "half the sum": discriminator / 2})
    second = read(numbers[1], {"": generator, "log(1 − D(G(z))), as in the original game": minimax})
    if first is None or second is None:
        which = "discriminator" if first is None else "generator"
        check.fail(
            f"The loss of the {which} is not right.",
            Text(title="What was asked", text=spelled("gan_losses", given)),
            came(got),
            Text(title="What was expected", text=show((discriminator, generator)), expected=True),
            diagnosis=check.reference.explain("gan_losses", tuple(given.values()), lambda v: near(numbers, v)),
        )
    for name, convention in (("discriminator", first), ("generator", second)):
        if convention:
            check.remark(f"your loss of the {name} is {convention}")


def losses_of(check, given):
    """Return the two losses: of one function, or of one for each player."""
    players = {"discriminator": ("d_loss", "disc_loss"), "generator": ("g_loss", "gen_loss")}
    apart = {name: (f"{name}_loss", f"loss_{name}", *short) for name, short in players.items()}
    if not has(check, "gan_losses") and all(any(has(check, each) for each in names) for names in apart.values()):
        check.remark("you have a function for the loss of each player")
        discriminator, generator = (find(check, *names) for names in apart.values())
        return call(check, discriminator, given), call(check, generator, {"d_fake": given["d_fake"]})
    return call(check, find(check, "gan_losses", "gan_loss"), given)


def read(number, conventions):
    """Return which convention a number follows, None where it follows none."""
    return next((name for name, want in conventions.items() if compare_numbers(number, want, rtol=SMALL) is None), None)


def near(numbers, variant):
    """Tell whether two losses are those of a variant."""
    return bool(np.allclose(numbers[:2], variant, rtol=SMALL))


def came(value):
    """Return what came back as evidence."""
    return Text(title="What came back", text=show(value))
