"""Prints of rows, and what is believed of a kernel's ledger."""

import numpy as np
import pytest
from pydantic import ValidationError

from grader.models import Ledger, Run, prints_of, shared_rows

RNG = np.random.default_rng(1)
PIXELS = RNG.integers(0, 17, (2_000, 8, 8)).astype(np.uint8)  # so few levels that many are their row's mean
FLOWERS = np.round(RNG.uniform(0.1, 8, (2_000, 4)), 3)
SCALED = {
    "0..1": lambda x: x / 255.0,
    "float32": lambda x: x.astype(np.float32) / 255,
    "-1..1": lambda x: x / 127.5 - 1,
    "standardized": lambda x: (x.astype(np.float32) - 33.3) / 78.5,
    "integers": lambda x: x.astype(np.int64),
    "flat": lambda x: x.reshape(len(x), -1),
    "columns": lambda x: np.asfortranarray(x.reshape(len(x), -1) / 16),
    "channel": lambda x: x[..., None] / 16,
}


@pytest.mark.parametrize("name", SCALED)
def test_a_picture_has_the_same_print_on_every_scale(name):
    np.testing.assert_array_equal(prints_of(PIXELS), prints_of(SCALED[name](PIXELS)))


@pytest.mark.parametrize(
    "rows", [PIXELS, FLOWERS, np.arange(50.0), RNG.normal(size=(300, 30)) * np.logspace(0, 4, 30)], ids=np.shape
)
def test_different_rows_have_different_prints(rows):
    prints = prints_of(rows)

    assert (prints.dtype, prints.shape) == (np.uint64, (len(rows),))
    assert len(set(prints)) == len(np.unique(rows, axis=0))


def test_short_rows_are_known_by_their_numbers():
    prints = prints_of(FLOWERS)

    np.testing.assert_array_equal(prints, prints_of(FLOWERS.astype(np.float32)))
    np.testing.assert_array_equal(prints, prints_of(FLOWERS * (1 + 1e-9)))
    assert not np.isin(prints, prints_of(FLOWERS / 10)).any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "rows",
    [
        np.array([[np.nan, 1.0], [np.inf, -np.inf], [0.0, -1e-320], [1e308, -1e308]]),
        np.full((2, 70), np.nan),
        np.full((2, 70), 1e308),
        np.full((2, 70), np.inf),
        np.zeros((0, 70)),
        np.zeros((3, 0)),
        np.ones((3, 70), bool),
        np.ones((3, 70), np.float16),
    ],
    ids=str,
)
def test_odd_numbers_have_prints_and_no_warnings(rows):
    assert prints_of(rows).shape == (len(rows),)


def test_a_gap_in_a_row_leaves_the_other_rows_alone():
    rows = PIXELS.reshape(len(PIXELS), -1) / 16.0
    rows[3, 5] = np.nan

    assert (prints_of(rows) == prints_of(PIXELS)).sum() >= len(rows) - 1
    np.testing.assert_array_equal(prints_of(rows), prints_of(rows * 7 - 2))


def test_zero_has_no_sign_and_rounding_up_adds_no_digit():
    assert prints_of(np.array([0.0, 9.99999999, 1e-5])).tolist() == prints_of(np.array([-0.0, 10.0, 0.00001])).tolist()


def test_no_more_rows_than_can_be_sent():
    assert len(prints_of(np.zeros((100_001, 1)))) == 100_000


def test_shared_rows():
    train, test = PIXELS[:1_500], PIXELS[1_500:]
    fit, evaluate = Run(kind="fit", prints=prints_of(train)), Run(kind="evaluate", prints=prints_of(test / 16))

    assert shared_rows(fit, evaluate) == 0.0
    assert shared_rows(fit, Run(kind="evaluate", prints=prints_of(train[:100] / 16))) == 1.0
    assert shared_rows(fit, prints_of(PIXELS)) == 0.75
    assert shared_rows(prints_of(PIXELS), evaluate) == 1.0
    assert shared_rows(fit, Run(kind="evaluate")) == shared_rows(Run(kind="fit"), evaluate) == 0.0


def test_prints_are_found_by_their_number():
    prints = prints_of(PIXELS)
    runs = [{"kind": "fit", "prints": 0, "validation_prints": None}, {"kind": "predict", "prints": 7}]
    first, second = Ledger.model_validate({"runs": runs, "scalers": [], "prints": [prints]}).runs

    assert first.prints is prints
    assert (len(first.validation_prints), len(second.prints)) == (0, 0)


LIES = {
    "no list": {"runs": 5},
    "too many": {"runs": [{"kind": "fit"}] * 501},
    "another kind": {"runs": [{"kind": "train"}]},
    "no run": {"runs": ["fit"]},
    "prints that are none": {"runs": [{"kind": "fit", "prints": 0}], "prints": ["x"]},
    "prints of another type": {"runs": [{"kind": "fit", "prints": 0}], "prints": [np.zeros(3)]},
    "too many prints": {"runs": [{"kind": "fit", "prints": 0}], "prints": [np.zeros(100_001, np.uint64)]},
    "negative rows": {"runs": [{"kind": "fit", "rows": -1}]},
    "a long sentence": {"runs": [{"kind": "fit", "capped": "x" * 500}]},
    "too many means": {"runs": [{"kind": "fit", "means": [0.0] * 101}]},
    "a scaler without a name": {"runs": [], "scalers": [{"rows": 3}]},
}


@pytest.mark.parametrize("told", LIES.values(), ids=LIES)
def test_what_no_kernel_of_ours_says_is_refused(told):
    with pytest.raises(ValidationError):
        Ledger.model_validate(told)
