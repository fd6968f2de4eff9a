"""Values survive the way through the wire; what is odd is refused."""

import contextlib
import json
import math

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.kernels.inside.wire import Decoder, Encoder, WireError

BUDGET = 10_000_000

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.tuples(children, children)
        | st.dictionaries(st.text(max_size=5) | st.integers(), children, max_size=4)
    ),
    max_leaves=20,
)
arrays = hnp.arrays(
    dtype=hnp.boolean_dtypes()
    | hnp.integer_dtypes()
    | hnp.unsigned_integer_dtypes()
    | hnp.floating_dtypes(sizes=(16, 32, 64)),
    shape=hnp.array_shapes(min_dims=0, min_side=0, max_side=5),
)


def there_and_back(value):
    encoder = Encoder(BUDGET)
    tree = json.loads(json.dumps(encoder.encode(value), allow_nan=False))
    return Decoder(encoder.buffers).decode(tree)


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex) and isinstance(b, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


@given(plain)
@settings(max_examples=200, deadline=None)
def test_plain_values_come_back_equal(value):
    assert same(value, there_and_back(value))


@given(arrays)
@settings(max_examples=200, deadline=None)
def test_arrays_come_back_equal(array):
    back = there_and_back(array)

    assert array.dtype == back.dtype
    assert array.shape == back.shape
    np.testing.assert_array_equal(array, back)


@pytest.mark.parametrize(
    "value",
    [np.float32(1.5), np.int8(-3), np.bool_(1), np.float64("nan")],
    ids=["float32", "int8", "bool", "nan"],
)
def test_numpy_scalars_keep_their_type(value):
    back = there_and_back(value)

    assert type(value) is type(back)
    np.testing.assert_equal(back, value)


def test_object_arrays_travel_by_element():
    ragged = np.empty(2, dtype=object)
    ragged[0], ragged[1] = np.ones((2, 3)), np.zeros(4)

    back = there_and_back(ragged)

    assert [(2, 3), (4,)] == [part.shape for part in back]


class Liar(np.ndarray):
    def __array__(self, *_, **__):
        raise RuntimeError

    def tobytes(self, *_):
        raise RuntimeError

    def __eq__(self, other):
        return True

    __hash__ = None


def test_subclasses_are_read_by_the_base_class():
    class Sevens(float):
        def __mul__(self, other):
            return 7.0

    lie = np.arange(3.0).view(Liar)

    assert there_and_back(Sevens(2.5)) == 2.5
    assert type(there_and_back(lie)) is np.ndarray
    np.testing.assert_array_equal(np.arange(3.0), there_and_back(lie))


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(BUDGET),
        "x" * (BUDGET + 1),
        nested(100),
        [0] * 3_000_000,
        1 << 10_000,
        object(),
        np.array(["2020"], dtype="M8[Y]"),
    ],
    ids=["large array", "long text", "deep", "many", "huge integer", "object", "dates"],
)
def test_what_cannot_cross_is_refused(value):
    with pytest.raises(WireError):
        Encoder(BUDGET).encode(value)


FORGED = {
    "too large a claim": ({"t": "array", "dtype": "<f8", "shape": [10**12], "b": 0}, [b"12345678"]),
    "negative shape": ({"t": "array", "dtype": "<f8", "shape": [-1], "b": 0}, [b"12345678"]),
    "an empty axis that hides others": ({"t": "objects", "shape": [2**27, 0], "v": []}, []),
    "very many axes": ({"t": "array", "dtype": "<f8", "shape": [1] * 100_000, "b": 0}, [b"12345678"]),
    "keys of one hash": (
        {"t": "dict", "v": [[{"t": "int", "v": hex(k * (2**61 - 1))}, 1] for k in range(1, 6_000)]},
        [],
    ),
    "too many parts": ({"t": "list", "v": [None] * 2_000_001}, []),
    "object dtype": ({"t": "array", "dtype": "|O", "shape": [1], "b": 0}, [b"12345678"]),
    "structured dtype": ({"t": "array", "dtype": "i4,O", "shape": [1], "b": 0}, [b"12345678"]),
    "no such buffer": ({"t": "array", "dtype": "<f8", "shape": [1], "b": 3}, []),
    "one buffer twice": (
        {"t": "list", "v": [{"t": "bytes", "b": 0}, {"t": "bytes", "b": 0}]},
        [b"12345678"],
    ),
    "buffer by name": ({"t": "bytes", "b": "0"}, [b""]),
    "unknown type": ({"t": "pickle", "v": "x"}, []),
    "no type": ({"v": []}, []),
    "list of text": ({"t": "list", "v": "abc"}, []),
    "pairs that are none": ({"t": "dict", "v": [[1]]}, []),
    "unhashable key": ({"t": "dict", "v": [[{"t": "list", "v": []}, 1]]}, []),
    "float of words": ({"t": "float", "v": "1e5"}, []),
    "endless integer": ({"t": "int", "v": "0x" + "f" * 100_000}, []),
    "objects of another number": ({"t": "objects", "shape": [3], "v": [1]}, []),
    "complex of three": ({"t": "complex", "v": [1, 2, 3]}, []),
    "complex of text": ({"t": "complex", "v": ["a", "b"]}, []),
}


@pytest.mark.parametrize(("tree", "buffers"), FORGED.values(), ids=FORGED.keys())
def test_forged_trees_are_refused(tree, buffers):
    with pytest.raises(WireError):
        Decoder(buffers).decode(tree)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda c: (
            st.lists(c, max_size=3)
            | st.dictionaries(st.sampled_from(["t", "v", "b", "shape", "dtype"]) | st.text(max_size=3), c, max_size=4)
        ),
    )
)
@settings(max_examples=300, deadline=None)
def test_random_trees_give_a_value_or_a_wire_error(tree):
    with contextlib.suppress(WireError):
        Decoder([b"12345678"]).decode(tree)
