"""Plain values of any kind, as they may come out of a kernel."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


class Opaque:
    """An object that fails whoever looks into it, as a hostile one would."""

    def __getattr__(self, name):
        raise AttributeError(name) if name.startswith("__") else RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("nobody may ask")

    __eq__ = __str__ = __len__ = __iter__ = __float__ = __bool__ = __repr__
    __hash__ = object.__hash__


DTYPES = st.sampled_from(
    ["f8", ">f8", "f4", "f2", "i8", "u1", "i1", "b1", "c16", "c8", "g", "O", "U3", "M8[s]", "m8[s]"]
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@st.composite
def arrays_of_anything(draw):
    dtype, shape = np.dtype(draw(DTYPES)), draw(SHAPES)
    size = int(np.prod(shape))
    if dtype.kind == "O":
        array = np.empty(size, dtype=object)
        for i in range(size):
            array[i] = draw(LEAVES)
        return array.reshape(shape)
    if dtype.kind == "U":
        return np.full(shape, "abc", dtype=dtype)
    raw = draw(st.binary(min_size=size * dtype.itemsize, max_size=size * dtype.itemsize))
    raw = bytes(byte & 1 for byte in raw) if dtype.kind == "b" else raw
    return np.frombuffer(raw, dtype).reshape(shape).copy()


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**1100, max_value=2**1101),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.builds(Opaque),
    st.sampled_from([np.float32(1.5), np.float64("nan"), np.int8(-3), np.uint64(2**64 - 1), np.bool_(1)]),
    st.sampled_from([np.longdouble("1e4000"), np.complex64(1j), np.str_("x"), np.timedelta64(3, "s")]),
)
ANYTHING = st.recursive(
    st.one_of(LEAVES, st.deferred(arrays_of_anything)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.frozensets(st.integers(), max_size=3),
    ),
    max_leaves=8,
)


def nested(depth):
    """Return a list in a list in a list …"""
    value = [1.0]
    for _ in range(depth):
        value = [value]
    return value
