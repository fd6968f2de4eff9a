"""Lines of hidden tests are found however a notebook shows them, and nothing else is taken for one."""

import html

import pytest

from grader.withheld import Withheld

TEST = '''import numpy as np
expected = softmax(np.array([1.0, "two"]))
assert f(2)
assert "relu" in dir(), "there is no activation called relu"
result = "categorical_crossentropy"'''
CASE = """call(
    '>>> round(softmax([0.0, 0.0])[0], 3)\\n'
    'np.float64(0.5)\\n')"""
FUNCTION = r"""call(
    'def test_two():\n'
    '    assert(f(2)==[4,16])\n',
    'test_two')"""
SHORT = """call(
    '>>> mean([])\\n'
    'nan\\n')"""
LINE = TEST.splitlines()[1]
WITHHELD = Withheld.of([TEST, CASE, FUNCTION, SHORT], ["def softmax(x): return x"])


@pytest.mark.parametrize(
    "text",
    [
        TEST,
        f"   {LINE}   # and more",
        repr([TEST]),
        repr(repr(TEST)),
        LINE.replace(" ", "\n"),
        LINE.replace("array", "\x1b[32marray\x1b[39m"),
        html.escape(LINE),
        LINE.replace("np", "<span class='nn'>np</span>"),
        "AssertionError: there is no activation called relu",
        "round(softmax([0.0, 0.0])[0], 3)",
        "----> 2 assert(f(2)==[4,16])\n",
        ">>> mean([])\nnan\n",
        {"evidence": [{"text": "quiet"}, {"rows": ((LINE,),)}]},
        [*LINE],
    ],
    ids=[
        "all",
        "part",
        "repr",
        "twice",
        "broken",
        "colours",
        "page",
        "spans",
        "said",
        "doctest",
        "function",
        "short",
        "data",
        "letters",
    ],
)
def test_a_telling_line_is_found(text):
    assert WITHHELD.is_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np",
        "assert f(2)",
        "np.float64(0.5)",
        "mean([])",
        "loss: categorical_crossentropy",
        "expected = softmax",
        "",
        {"score": 3, "text": None},
    ],
)
def test_what_a_notebook_shows_of_itself_is_no_telling_line(text):
    assert not WITHHELD.is_in(text)


def test_a_line_that_the_student_has_anyway_tells_nothing():
    known = Withheld.of([TEST], [f"x = 1\n    {LINE}"])

    assert not known.is_in(LINE)
    assert known.is_in("there is no activation called relu")


def test_a_test_that_is_no_python_is_withheld_by_its_lines():
    magic = Withheld.of(["%time softmax(np.ones(3))\n1 +"], [])

    assert magic.is_in("In [3]: %time softmax(np.ones(3))")


def test_without_hidden_tests_nothing_is_withheld():
    assert not Withheld.of([], ["x"]).is_in(TEST)
