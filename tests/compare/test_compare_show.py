from __future__ import annotations

import numpy as np
import pytest
from garbage import ANYTHING, Opaque, nested
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.compare import show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "None", id="none"),
        pytest.param(True, "True", id="bool"),
        pytest.param(1 / 3, "0.333333", id="float"),
        pytest.param(float("-inf"), "-inf", id="infinity"),
        pytest.param(np.float32(0.1), "0.1", id="numpy number"),
        pytest.param(2 - 1j, "2-1j", id="complex"),
        pytest.param(10**5000, "an integer of about 5001 digits", id="long integer"),
        pytest.param("it's", r"'it\'s'", id="quote"),
        pytest.param("\x1b[31m\n\u202e\ud800", r"'\x1b[31m\n\u202e\ud800'", id="control characters"),
        pytest.param([1, (2.5,), {}], "[1, (2.5,), {}]", id="nested"),
        pytest.param({"W1": [0.0]}, "{'W1': [0]}", id="dictionary"),
        pytest.param(b"abc", "3 bytes", id="bytes"),
        pytest.param(np.eye(2), "array([[1, 0], [0, 1]])", id="array"),
        pytest.param(np.array(3.0), "array(3)", id="array without axes"),
        pytest.param(np.array([None, "x"], dtype=object), "array([None, 'x'])", id="object array"),
        pytest.param(Opaque(), "an object of the notebook", id="object"),
        pytest.param([Opaque()], "[an object of the notebook]", id="object in a list"),
        pytest.param(object, "an object of the notebook", id="class"),
    ],
)
def test_values(value, text):
    assert text == show(value)


def test_what_is_cut_ends_in_an_ellipsis():
    assert "'aaaaaaaa…" == show("a" * 10_000_000, limit=10)


def test_a_long_array_begins_with_its_shape():
    text = show(np.zeros((784, 32)), limit=60)

    assert text.startswith("array of shape (784, 32): [[0, 0, ")
    assert len(text) == 60


@given(ANYTHING, st.integers(1, 300))
@settings(max_examples=200)
def test_any_value_is_one_bounded_printable_line(value, limit):
    text = show(value, limit)

    assert len(text) <= limit
    assert text.isprintable()


def test_depth_is_bounded():
    assert "…" in show(nested(5000), limit=10_000)
