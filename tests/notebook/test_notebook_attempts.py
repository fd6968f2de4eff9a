from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from grader.notebook import Attempt, attempt_of, defined_names, unparsable_cells

MISSING, UNTOUCHED, WRITTEN = Attempt.MISSING, Attempt.UNTOUCHED, Attempt.WRITTEN

MASTER = '''
def softmax(z):
    """Return softmax of z."""
    # YOUR CODE HERE
    raise NotImplementedError

def sigmoid(z):
    """Given."""
    return 1 / (1 + np.exp(-z))

def forward(x):
    h = x @ w  # hidden
    y = # YOUR CODE HERE
    return y

class Net:
    """A network."""
    def __init__(self, sizes):
        self.sizes = sizes
    def fit(self, x, y):
        # YOUR CODE HERE

weights = []
biases = [None, None]
rate = 0.003
'''


def notebook(*sources):
    return v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])


def attempt(name, *sources, master=MASTER):
    return attempt_of(name, notebook(*sources), notebook(master))


@pytest.mark.parametrize(
    "body",
    [
        "pass", "...", "return", "return None", "'''Only words.'''", "raise NotImplementedError",
        "raise NotImplementedError('write me')", "'''Words.'''\n    # YOUR CODE HERE\n    pass",
        "y = None\n    return y",
        "y = ...\n    a, b = None, None\n    return y, a", "global w\n    pass", "return ____",
        "# YOUR CODE HERE", "y =",
        "y = # YOUR CODE HERE\n    return y", "x: int\n    return ...", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("head", ["def f(x):", "async def f(x, *, rate: float = 3) -> int:"])
def test_an_empty_body_is_untouched(head, body):
    assert attempt("f", f"{head}\n    {body}\n\nx = 1") is UNTOUCHED


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x", "def f(x): return 0", "def f(x):\n    y = None\n    y = x\n    return y",
        "f = lambda x: x",
        "import math as f", "from m import f", "f = g", "f: int = 3", "f, g = 1, 2", "[g, *f] = 1, 2",
        "(a, (b, f)) = z",
        "a = f = 3", "if True:\n    def f(): return 1", "try:\n    f = 1\nexcept E:\n    pass",
        "try:\n    pass\nexcept E:\n    f = 1", "with open(x) as f:\n    pass", "with g:\n    f = 1",
        "for f in x:\n    pass",
        "for i in x:\n    f = i", "while x:\n    if y:\n        pass\n    else:\n        f = 1",
        "match x:\n    case 1:\n        f = 1", "class f:\n    a = 1",
        "class f(Base):\n    def g(self): return 1",
        "def init():\n    global f\n    f = 1", "f = !ls", "f = %timeit -o g()",
        "def f(x):\n    raise ValueError",
        "@cached\ndef f():\n    return 1", "def f(x):\n    raise NotImplementedError if x else E",
        ">>> def f():\n...     return 1", "  f = 1\n  g = 2", "def f(x)\n    return x",
        "def f(x):\n    I would use numpy",
        "f = 3 +", "class f\n    def g(self): return 1", "some prose here\nf = 3\n",
        "def g(:\n    pass\n\ndef f(x):\n    return x",
        'f = """\ntext\n"""\nprose that does not parse', "f = [\n1,\n2,\n]\nprose that does not parse",
    ],
)  # fmt: skip
def test_what_was_written_is_seen(source):
    assert attempt("f", source, master="def f(x):\n    pass") is WRITTEN


@pytest.mark.parametrize(
    "source",
    [
        "f(1)",
        "def g():\n    f = 1",
        "class G:\n    def f(self): return 1",
        "x.f = 1",
        "f == 3",
        "'f = 1'",
        "# f = 1",
        "",
        "%%bash\nf = 1",
        "import f2",
        "from m import *",
        "'''\nf = 1\n'''",
        "prose\n    f = 1",
        "ff = 1",
        "prose f = 1",
    ],
)
def test_what_does_not_define_is_missing(source):
    assert attempt("f", source) is MISSING


@pytest.mark.parametrize(
    "source",
    [
        "f = None", "f = ...", "f: int", "f: int = None", "f =", "f = # YOUR CODE HERE", "f =   \ng = 3",
        "g, f = None, None",
        "class f:\n    pass",
        "class f(Base):\n    '''Words.'''\n    x = None\n    def g(self):\n        pass", "class f:",
        "class f:\n    # YOUR CODE HERE\n\nx = 1", "def f(x)", "f = ____", "!pip install x\nf = None",
        "f = YOUR_CODE_HERE",
    ],
)  # fmt: skip
def test_an_empty_definition_is_untouched(source):
    assert attempt("f", source) is UNTOUCHED


@pytest.mark.parametrize("name", ["softmax", "sigmoid", "forward", "Net", "weights", "biases", "rate"])
def test_the_master_itself_is_untouched(name):
    assert attempt(name, MASTER) is UNTOUCHED


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("sigmoid", "def sigmoid( z ):\n  # my comment\n  return 1/(1+np.exp(-z))", UNTOUCHED),
        ("sigmoid", "def sigmoid(z):\n    'Other words.'\n    return (1 / (1 + np.exp(-z)))", UNTOUCHED),
        ("sigmoid", "def sigmoid(z):\n    return 1 / (1 + np.exp(z))", WRITTEN),
        ("forward", "def forward(x):\n\n    h = x@w\n    y = # TODO\n    return y\n", UNTOUCHED),
        ("forward", "def forward(x):\n    h = x @ w\n    y = h + b\n    return y\n", WRITTEN),
        ("rate", "rate = 3e-3", UNTOUCHED),
        ("rate", "rate = 0.01", WRITTEN),
        ("weights", "weights = [ ]  # mine", UNTOUCHED),
        ("weights", "weights = []\nfor i in range(3):\n    weights.append(i)", WRITTEN),
        ("weights", "weights = []\nweights += [1]", WRITTEN),
        ("weights", "weights = []\ndef init():\n    global weights\n    weights = [1]", WRITTEN),
        ("biases", "biases = [None, None]\nbiases[0] = 1", WRITTEN),
        ("biases", "biases = [None, None]\nprint(biases[0])", UNTOUCHED),
    ],
)
def test_layout_comments_and_docstrings_do_not_matter(name, source, expected):
    assert attempt(name, source) is expected


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["def f(): return 1", "def f(): pass"], UNTOUCHED),
        (["def f(): pass", "def f(): return 1"], WRITTEN),
        (["def f(): pass\ndef f(): return 1"], WRITTEN),
        (["f = None", "if x:\n    f = 3"], WRITTEN),
        (["def f(): return 1", "prose in a cell\ndef f():\n"], UNTOUCHED),
    ],
)
def test_the_last_definition_counts(sources, expected):
    assert attempt("f", *sources) is expected


def test_text_cells_define_nothing():
    node = v4.new_notebook(cells=[v4.new_markdown_cell("f = 1")])

    assert attempt_of("f", node, notebook("f = None")) is MISSING


def test_defined_names_in_order_of_appearance():
    node = notebook(
        "import numpy as np\nimport os.path\n\nx, y = 1, 2",
        "%matplotlib inline\ndef f(): pass\nx = 3",
        "z =\nw",
    )

    assert defined_names(node) == ("np", "os", "x", "y", "f", "z")


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1", "!pip install x", "!echo it's\nx = 1", "%%time\nx = 1",
        "%%bash\nfor i in *; do\ndone",
        "%%writefile a.py\nx = =", "x?", "np.array??", "?x", "%timeit?", "x = !ls -l", "files, = !ls",
        "x = %timeit -o f()",
        "if x:\n    !pip install y", "for i in x:\n    %time f(i)\nelse:\n    !ls",
        "!pip install \\\n  numpy\nx = 1",
        "s = '''\n!not a magic'\n%nor this\n'''", "y = (a\n% b)", "y = a \\\n% b", "x = 5 % 3",
        "x = [\n  1, # it's\n]\n!ls",
        's = "it\'s" # """\n!ls', 's = """\\"""\n!x"""\n%time', ">>> x = 1\n>>> x", "  x = 1\n  y = 2",
        "await f()", "",
        "# !ls", "s = 'a?'", "\n\n%%html\n<b>", "x = 1;", "f'{x!r}'", "s = '\\\n!x'",
        "!ls\r\n".replace("\r", ""), "%cd ..",
    ],
)  # fmt: skip
def test_magics_are_no_errors(source):
    assert unparsable_cells(notebook(source)) == {}


def test_strings_are_left_alone():
    source = "s = '''\n!ls\n%time\nx?\n'''"

    assert attempt("s", source, master=source.replace("!ls", "!rm")) is WRITTEN
    assert attempt("s", source, master=source) is UNTOUCHED


@pytest.mark.parametrize(
    ("source", "start", "words"),
    [
        ("x = 1\nweights = \n", "Line 2 is not Python: ", "(`weights =`)"),
        ("%matplotlib inline\n!ls\nThe answer is 4.", "Line 3 is not Python: ", "The answer"),
        ("def f(x):\n\ny = 1", "Line 3 is not Python: ", "expected an indented block"),
        ("print 'x'", "Line 1 is not Python: ", "parentheses"),
        ("x = 1\0", "", "null"),
        ("-" * 100_000 + "1", "The cell is nested too deeply", ""),
        ("x = 1\n" * 50_000, "The cell is longer than 250,000 characters", ""),
    ],
)
def test_a_cell_that_is_no_python_is_told_with_line_and_reason(source, start, words):
    found = unparsable_cells(notebook("x = 1", source))

    assert list(found) == [1]
    assert found[1].startswith(start)
    assert words in found[1]


HARD = [
    "(" * 100_000,
    "x" + ".x" * 100_000,
    "1" + "+1" * 100_000,
    "not " * 50_000,
    "lambda:" * 30_000,
    "a\n" * 20_000 + "=",
    "if x:\n a\n" + "elif x:\n a\n" * 20_000,
    "'''" + "\\'" * 99_000,
    "[\n" * 5_000,
    "9" * 9_000,
    "@a\n" * 9_000,
]


@pytest.mark.parametrize("source", HARD, ids=lambda source: source[:10].replace("\n", " "))
def test_hard_code_is_survived(source):
    node = notebook(source)

    assert attempt_of("f", node, node) is MISSING
    assert set(unparsable_cells(node)) <= {0}


WORDS = st.lists(
    st.sampled_from(
        [
            "def f(x):",
            "\n",
            "\n    ",
            "f",
            "=",
            "pass",
            "return",
            " ",
            "'''",
            '"',
            "'",
            "#",
            "(",
            ")",
            "!",
            "%%",
            "%",
            "?",
            "\\",
            "class f",
            "@",
            "if x:",
            "else:",
            "try:",
            "None",
            "lambda",
            ">>> ",
            "[",
            "]",
            "\0",
            "\x0c",
            "\r",
            "é",
            "\\N{x}",
        ]
    ),
    max_size=14,
)


@settings(max_examples=200, deadline=None)
@given(words=WORDS, master=WORDS)
def test_any_text_gives_an_answer(words, master):
    node, other = notebook("".join(words)), notebook("".join(master))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = attempt_of("f", node, other)
        unparsable = unparsable_cells(node)

    assert (found is not MISSING) or "f" not in defined_names(node)
    assert all(sentence.endswith((".", ").")) for sentence in unparsable.values())
    assert attempt_of("f", node, node) is not WRITTEN or "f" not in defined_names(node)
