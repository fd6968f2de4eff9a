"""Plain values for the tests of records, and when two are exactly the same."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

NUMBERS = (
    st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.complex_numbers()
    | st.sampled_from([np.float32(0.1), np.int8(-3), np.bool_(True), np.float64("nan"), np.uint8(255)])  # noqa: FBT003
)
ARRAYS = hnp.arrays(
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="=")
    | hnp.unsigned_integer_dtypes(endianness="=")
    | hnp.floating_dtypes(endianness="=")
    | hnp.complex_number_dtypes(endianness="=", sizes=(64, 128)),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LEAVES = st.none() | NUMBERS | TEXTS | st.binary(max_size=10) | ARRAYS
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(TEXTS | st.integers(-9, 9), inner, max_size=4)
        | st.sets(TEXTS | st.integers(-9, 9), max_size=4)
    ),
    max_leaves=12,
)


def same(one, other):
    """Tell whether two values are the same to the last bit, and of the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return repr(one) == repr(other) if isinstance(one, float | complex) else one == other
