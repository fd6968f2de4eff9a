"""What two pieces of code may differ in and still count as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.similarity.tokens import tokens


def kinds(source):
    return [token.kind for token in tokens([source])[0]]


ALIKE = {
    "other names": ("total = rate * steps", "t = lr * n"),
    "other numbers": ("x = y / 255", "x = y / 1e-3"),
    "other texts": ("print('loss', x)", 'print("the loss is", x)'),
    "texts with a prefix": ("print(f'loss {x}')", "print(r'loss')"),
    "a text in pieces": ("s = 'one two three'", "s = ('one '\n     f'two')"),
    "comments": ("x = 1  # first\n# second\ny = 2", "x = 1\ny = 2"),
    "a hash in a text": ("x = '# no comment'; y = 2", "x = ''\ny = 2"),
    "a docstring": ('def f(x):\n    """Say what it does."""\n    return x', "def f(x):\n    return x"),
    "a docstring of many lines": (
        "def f(x):\n    '''Say\n    what it's for.\n    '''\n    return x",
        "def f(x): return x",
    ),
    "a text as a comment": ("'look'\nx = 1", "x = 1"),
    "blank lines": ("x = 1\n\n\ny = 2\n", "x = 1\ny = 2"),
    "a semicolon": ("x = 1; y = 2", "x = 1\ny = 2"),
    "lines broken in brackets": ("f(a, b)", "f(\n    a,\n    b,\n)"),
    "a line broken by a backslash": ("x = a + b", "x = a + \\\n    b"),
    "windows line ends": ("x = 1\ny = 2", "x = 1\r\ny = 2\r\n"),
    "magics": ("%matplotlib inline\n!pip install it's\nx = 1", "x = 1"),
    "a magic behind blank lines": ("\n\n  %time\nx = 1", "x = 1"),
    "an attribute of one's own": ("self.w = 1\nprint(self.w)", "self.weights = 1\nprint(self.weights)"),
    "attributes in a row": ("self.w, self.b = 1, 2\nnet.w", "self.x, self.y = 1, 2\nnet.x"),
    "a function of one's own in an object": ("def step(self): pass\nnet.step()", "def go(self): pass\nnet.go()"),
    "a variable called like an attribute": ("history = fit(x)\nhistory.history", "h = fit(x)\nh.history"),
    "brackets that only group": ("return (a, b)", "return a, b"),
    "brackets around one": ("print((x))", "print(x)"),
    "a name of Python's, taken": ("sum = 0\nprint(sum(x))", "s = 0\nprint(s(x))"),
}
OTHER = {
    "another library function": ("y = np.exp(x)", "y = np.log(x)"),
    "another function of Python's": ("y = max(x)", "y = min(x)"),
    "another operator": ("y = a + b", "y = a - b"),
    "an operator of two signs": ("y = a ** b", "y = a * b"),
    "another keyword": ("return x", "yield x"),
    "a text that is used": ("def f(x):\n    return 'a'", "def f(x):\n    return"),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_these_are_the_same(one, other):
    assert kinds(one) == kinds(other)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_these_are_not_the_same(one, other):
    assert kinds(one) != kinds(other)


def test_a_name_counts_as_ones_own_in_every_cell():
    cells = tokens(["def step(x): return x", "net.step()"])

    assert [token.kind for token in cells[1]] == ["n", ".", "n", "(", ")"]


BROKEN = [
    "def f(:",
    "x = 'no end",
    '"""never closed',
    "x = (1, [2",
    ")))",
    "\\",
    "1e+",
    "\x00\ud800é",
    "!",
    "%%bash\necho it's",
]


@pytest.mark.parametrize("source", BROKEN)
def test_broken_code_has_tokens_too(source):
    whole = kinds(f"{source}\nx = np.exp(y)\n")

    assert whole == kinds(f"{source}\nz = np.exp(a)  # b\n")


@given(st.text(st.sampled_from(" \n\t\"'#\\()[]{}=+-*%!?;:,.abcf019é"), max_size=80))
def test_every_token_stands_where_it_says(source):
    found = tokens([source])[0]

    places = [(token.start, token.end) for token in found]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(source) for start, end in places)
    assert all(source[token.start : token.end] == token.word for token in found if token.word)


@given(st.text(max_size=200))
def test_no_text_is_too_odd(source):
    assert len(tokens([source])[0]) <= len(source)
