"""The calculator against Keras: random layers, built and counted by Keras itself."""

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reference.cnn import INPUT, NETWORKS, Conv, Count, Dense, Flatten, Pool, count, total


@pytest.fixture(scope="module")
def layers():
    return pytest.importorskip("keras").layers


def of_keras(layer, shape):
    """Return output shape and number of parameters as Keras has them."""
    layer.build((None, *shape))
    out = tuple(int(n) for n in layer.compute_output_shape((None, *shape))[1:])
    return out, layer.count_params()


pairs = st.tuples(st.integers(1, 5), st.integers(1, 5))
shapes = st.tuples(st.integers(1, 24), st.integers(1, 24), st.sampled_from([1, 2, 3, 4, 6, 12]))
quick = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


settings_of_a_convolution = st.fixed_dictionaries(
    {
        "filters": st.sampled_from([1, 2, 4, 6, 12]),
        "kernel": pairs,
        "stride": st.integers(1, 3),
        "padding": st.sampled_from(["valid", "same"]),
        "dilation": st.integers(1, 3),
        "groups": st.sampled_from([1, 2, 3]),
        "bias": st.booleans(),
    }
)


@pytest.mark.slow
@quick
@given(shape=shapes, options=settings_of_a_convolution)
def test_convolutions_are_those_of_keras(layers, shape, options):
    ours = Conv(**options)
    assume(ours.stride == 1 or ours.dilation == 1)  # Keras has not both at once
    assume(shape[2] % ours.groups == 0 and ours.filters % ours.groups == 0)
    spans = [ours.dilation * (k - 1) + 1 for k in ours.kernel]
    assume(ours.padding == "same" or all(span <= n for span, n in zip(spans, shape, strict=False)))
    more = {"dilation_rate": ours.dilation, "groups": ours.groups, "use_bias": ours.bias}
    theirs = layers.Conv2D(ours.filters, ours.kernel, ours.stride, ours.padding, **more)

    assert of_keras(theirs, shape) == (ours.output_shape(shape), ours.parameters(shape))


@quick
@given(shape=shapes, kernel=pairs, stride=st.integers(1, 3), sides=st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_padding_by_numbers_is_padding_first(layers, shape, kernel, stride, sides):
    padded = (shape[0] + 2 * sides[0], shape[1] + 2 * sides[1], shape[2])
    assume(all(k <= n for k, n in zip(kernel, padded, strict=False)))
    ours = Conv(5, kernel, stride, sides)

    assert of_keras(layers.Conv2D(5, kernel, stride), padded) == (ours.output_shape(shape), ours.parameters(shape))


@quick
@given(
    shape=shapes,
    window=pairs,
    stride=st.one_of(st.none(), st.integers(1, 3)),
    padding=st.sampled_from(["valid", "same"]),
    average=st.booleans(),
)
def test_pooling_is_that_of_keras(layers, shape, window, stride, padding, average):
    assume(padding == "same" or all(k <= n for k, n in zip(window, shape, strict=False)))
    ours = Pool(window, stride, padding, average)
    kind = layers.AveragePooling2D if average else layers.MaxPooling2D

    assert of_keras(kind(window, stride, padding), shape) == (ours.output_shape(shape), ours.parameters(shape))


@quick
@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)), kernel=pairs, stride=st.integers(1, 2),
       padding=st.integers(0, 2), dilation=st.integers(1, 2), groups=st.integers(1, 2))  # fmt: skip
def test_multiplications_are_those_of_a_loop(shape, kernel, stride, padding, dilation, groups):
    assume(shape[2] % groups == 0)
    layer = Conv(2, kernel, stride, padding, dilation, groups)
    spans = [dilation * (k - 1) + 1 for k in kernel]
    assume(all(span <= n + 2 * padding for span, n in zip(spans, shape, strict=False)))
    rows, columns = (range(0, n + 2 * padding - span + 1, stride) for n, span in zip(shape, spans, strict=False))
    done = sum(
        1 for _ in rows for _ in columns for _ in range(2) for _ in range(math.prod(kernel) * shape[2] // groups)
    )

    assert done == layer.multiplications(shape)


def test_a_whole_network_is_that_of_keras(layers):
    keras = pytest.importorskip("keras")
    ours = [Conv(8, 3, padding="same"), Pool(2), Conv(16, 3, stride=2), Flatten(), Dense(10)]
    theirs = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, padding="same"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, strides=2),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )

    assert theirs.count_params() == total(ours, (28, 28, 1)).parameters
    assert [layer.count_params() for layer in theirs.layers] == [c.parameters for c in count(ours, (28, 28, 1))]
    assert theirs.output_shape[1:] == total(ours, (28, 28, 1)).output_shape


def test_the_two_networks_of_the_homework():
    assert Count((28, 28, 32), 153_632, 120_422_400) == total(NETWORKS["network 1"], INPUT)
    assert [Count((28, 28, 16), 3_088, 2_408_448), Count((28, 28, 32), 12_832, 10_035_200)] == count(
        NETWORKS["network 2"], INPUT
    )
    assert Count((28, 28, 32), 15_920, 12_443_648) == total(NETWORKS["network 2"], INPUT)


def test_an_average_multiplies_and_a_maximum_does_not():
    assert (0, 49) == (Pool(4).multiplications((28, 28, 1)), Pool(4, average=True).multiplications((28, 28, 1)))


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (Conv(4, 5, padding="full"), "padding is"),
        (Conv(4, 5), "does not fit"),
        (Conv(4, 1, groups=3), "cannot be split"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_is_said(layer, reason):
    with pytest.raises(ValueError, match=reason):
        layer.output_shape((3, 3, 4))
