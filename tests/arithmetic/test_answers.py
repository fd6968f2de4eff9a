"""Numbers from a dict in a code cell that is never run, and from a Markdown table."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.arithmetic import answers_in_code, answers_in_table

SOURCE = """
import os
k, filters = 5, 32
depth = 192
answers = {
    "network 1": {"parameters": (5 * 5 * depth + 1) * 32, "output": (28, 28, 32), "ratio": 1 / 3},
    "network 2": {"parameters": count(3), "multiplications": -2 ** 3 + 7 // 2},
    7: "seven",
}
answers["later"] = depth * 2
"""


def test_a_dict_is_read_and_not_run():
    assert {
        "network 1": {"parameters": 153_632, "output": (28, 28, 32), "ratio": Fraction(1, 3)},
        "network 2": {"parameters": None, "multiplications": -5},
        7: "seven",
        "later": 384,
    } == answers_in_code(SOURCE, "answers")


@pytest.mark.parametrize("source", ["", "answers = f(1)", "answers = [x for x in y]", "answers =", "other = 1"])
def test_what_cannot_be_read_is_none(source):
    assert answers_in_code(source, "answers") is None


def test_a_table_is_read_by_row_and_column():
    text = """
| network | parameters | multiplications | output |
|:--|--:|--:|---|
| **1** | (25·192+1)·32 = 153,632 | $120{,}422{,}400$ | none |
| 2 | 15 920 | 12443648 multiplications | |

| 3 | 4 |
"""

    assert {
        ("1", "parameters"): 153_632,
        ("1", "multiplications"): 120_422_400,
        ("2", "parameters"): 15_920,
        ("2", "multiplications"): 12_443_648,
    } == answers_in_table(text)
