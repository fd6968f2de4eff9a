"""Which cells are needed for what: running only those gives the values that running all gives."""

import contextlib
import inspect
import random
import re
import resource
import signal

import numpy as np
import psutil
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.selfcheck import tables
from grader.selfcheck.depends import Depends, Unclear

NAMES = "abcdeuvw"
FUNCTIONS = "fgh"
POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD

EXPRESSIONS = (
    "[1, 2]",
    "{n}",
    "[{n}, {m}]",
    "{n} + {m}",
    "{n}[:1]",
    "list({n})",
    "{n}[0]",
    "{{'k': {n}}}",
    "{f}({n})",
    "[x for x in {n}]",
    "(x for x in {n})",
    "iter({n})",
    "zip({n}, {m})",
    "enumerate({n})",
    "next({n})",
    "list(zip({n}, {m}))",
    "lambda: {n}.append(7)",
    "lambda x=None: {n}",
    "{f}",
    "np.zeros(2)",
    "np.asarray({n})",
    "np.random.randn(2).round(3).tolist()",
    "random.random()",
    "K({n})",
    "K({n}).items",
    "{n}.items",
    "{n}.grown()",
    "sum({n}, [])",
    "dict(k={n})['k']",
    "max({n}, {m}, key=len)",
    "{n} if {m} else {n}",
    "[*{n}, {m}]",
    "{n}.copy()",
    "len({n})",
    "{n} * 2",
    "({n}, {m})",
    "map({f}, {n})",
    "sorted({n}, key=str)",
    "str({n})",
    "made()",
    "made",
    "{n}()",
    "L({n})",
    "L({n}).items",
    "list({{L}} - set())",
    "defaultdict(list, k={n})",
    "{n}['z']",
    "np.add(1, 2, np.zeros(2))",
    "np.array({n}, dtype=float)",
    "K",
    "K.count",
    "L.count",
    "K(1).count",
    "{f}.count",
    "{n}.count",
    "getattr({n}, 'count', 0)",
    "isinstance({n}, K)",
    "7 in {n}",
    "[7 not in {n}, {m}]",
    "(*{n}, {m})",
    "print(*{n})",
    "lambda x=None, y={n}: y.append(8)",
    "f'{{{n}}}'",
    "str([{n}])",
    "np.concatenate([{n}, {n}])",
    "np.where([True], {n}, {m})",
    "np.full(2, {n}, dtype=object)",
    "{n}.astype(object)",
)
CHANGING_CLASSES = (  # and functions, through something else than their names
    "class K:\n    count = 0\n    def __init__(self, x):\n        self.items = x\n    @classmethod\n"
    "    def grown(owner):\n        owner.count += 1\n        return [owner.count]",
    "class K:\n    count = 0\n    def __init__(self, x):\n        self.count += 1\n        self.items = [self.count]",
    "class K:\n    count = 1\n    def __init__(self, x):\n        self.items = x\n    def grown(self):\n"
    "        return [self.count]",
    "class K:\n    count = 1\n    def __init__(self, x):\n        self.items = x\n"
    "    def __init_subclass__(made):\n        made.count += 1",
    "K.grown()",
    "L.grown()",
    "K(1).grown()",
    "def {f}(x):\n    x.count = getattr(x, 'count', 0) + 1\n    return x",
    "def {f}(x):\n    {n}[0].count = x",
    "def {f}(x):\n    type(x).count = 6\n    return x",
    "{f}(K)",
    "{f}({f})",
    "{n} = K",
    "{n} = [K, {f}]",
    "{n} = {f}; {n}.count = {e}",
    "{n} = K; {n}.count = 8",
    "{n}.count = 3",
    "{n}[0].count = 4",
    "for {n} in [K, {f}]: {n}.count = {e}",
    "K.count = 2",
    "{f}.count = 2",
    "type({n}).count = 5",
    "{n} = {f}.count",
    "{n} = K.count",
)
STATEMENTS = (
    "{n} = {e}",
    "{n} = {e}",
    "{n} = {e}",
    "{n}, {m} = {e}, {n}",
    "{n} += list({m})",  # by what runs over itself it would grow without end
    "{n}.append({e})",
    "{n}[0] = {e}",
    "{n}.extend(list({m}))",
    "{f}({n})",
    "{n}()",
    "for {n} in {m}: pass",
    "for {n} in {m}:\n    {n}.append({e})",
    "if {n}:\n    {m} = {e}",
    "try:\n    {n} = {e}\nexcept Exception as error:\n    {m} = str(error)",
    "del {n}",
    "def {f}(x):\n    return {n}",
    "def {f}(x):\n    {n}.append(1)\n    return x",
    "def {f}(x):\n    x.append({e})",
    "def {f}(x):\n    global {n}\n    {n} = {e}\n    return x",
    "def {f}(x, kept=[]):\n    kept.append(1)\n    return kept",
    "def {f}(x):\n    y = {n}\n    y.append(x)\n    return len(y)",
    "def {f}(x):\n    yield from {n}\n    {m}.append(3)",
    "def {f}(x):\n    return {e}",
    "def {f}(x):\n    {f}.calls = getattr({f}, 'calls', 0) + 1\n    return {f}.calls",
    "def made():\n    kept = []\n    def add():\n        kept.append(len(kept))\n        return kept\n    return add",
    "class K:\n    def __init__(self, x):\n        self.items = x\n    def grown(self):\n        self.items.append(2)\n"
    "        return self.items",
    "class K:\n    shared = []\n    def __init__(self, x):\n        self.shared.append(x)\n"
    "        self.items = self.shared\n"
    "    def grown(self):\n        return {n}",
    "class K:\n    def __init__(self, x):\n        self.items = x\n    def __add__(self, other):\n"
    "        self.items.append(other)\n        return self\n    def __iter__(self):\n        self.items.append(0)\n"
    "        return iter(self.items)",
    "class K:\n    count = 0\n    def __init__(self, x):\n        K.count += 1\n        self.items = [K.count, x]",
    "class K:\n    def __init__(self, x):\n        self.it = iter(x)\n    @property\n    def items(self):\n"
    "        return next(self.it)\n    def grown(self):\n        return list(self.it)",
    "class L(K):\n    pass",
    "class L(K):\n    def __init__(self, x):\n        super().__init__(x)\n        {n}.append(4)",
    "{n} = np.array([3.0, -1.0])\n{m} = {n}.astype(float, copy=False)",
    "np.clip({n}, 0, 1, {m})",
    "{n}.cumsum(0, None, {m})",
    "random.seed(1)",
    "np.random.seed(3)",
    "random.shuffle({n})",
    "while len({n}) < 3:\n    {n}.append({e})",
    "with contextlib.suppress(Exception):\n    {n} = {e}",
    "match {n}:\n    case [{m}, *_]: pass\n    case _: {m} = {e}",
    "print([{n} := x for x in {m}])",
    "np.random.seed(5); {n} = [{f}, {m}]\n{m} = {n}[0]({m})",
    "def noted(f):\n    {n}.append(f)\n    return f",
    "@noted\ndef {f}(x):\n    return {e}",
    "@noted\nclass K:\n    def __init__(self, x):\n        self.items = x",
    "@wrapped\ndef {f}(x):\n    return np.random.rand()",
    "@wrapped\ndef {f}(x):\n    {n}.append(x)\n    return {e}",
    "@wrapped\ndef {f}(x):\n    return {f}({n})",
    "class K:\n    def __init__(self, x):\n        self.items = x\n    def __repr__(self):\n"
    "        self.items.append(5)\n        return str(random.random())",
    "class K:\n    def __init__(self, x):\n        self.items = x\n    def told(self):\n        {n}.append(6)\n"
    "        return ''\n    __str__ = told",
    "print({n}, {e})",
    "{n} = np.empty(2, object); {n}[0] = {e}",
    "{n}[0].append({e})",
    *CHANGING_CLASSES,
    *CHANGING_CLASSES,
)


WRAPPED = "def wrapped(f):\n    def inner(x):\n        return f(x)\n    return inner\ndef noted(f):\n    return f"
OWN = (
    "class K:\n    count = 1\n    def __init__(self, x):\n        self.items = x\n"
    "    def grown(self):\n        return [self.count]\nclass L(K):\n    pass"
)
LOOKING = (
    "{n} = K",
    "{n} = {f}",
    "{n} = [K, {f}]",
    "{n} = K.count",
    "{n} = {f}.count",
    "{n} = L(1).count",
    "{n} = {f}({n})",
    "{n} = K(1).grown()",
)


@st.composite
def notebooks(draw):
    """Return the cells of a small notebook that does things with few names; every other one changes classes."""
    numbers = random.Random(draw(st.integers(0, 2**40)))  # noqa: S311 - a notebook, no secret
    changes_classes = draw(st.booleans())
    names, functions = (NAMES[:3], FUNCTIONS[:2]) if changes_classes else (NAMES, FUNCTIONS)
    statements = [*numbers.sample(CHANGING_CLASSES, 3), *LOOKING] if changes_classes else STATEMENTS

    def filled(text):
        parts = {"n": numbers.choice(names), "m": numbers.choice(names), "f": numbers.choice(functions), "e": ""}
        if "{e}" in text:
            parts["e"] = filled(numbers.choice(EXPRESSIONS))
        return text.format(**parts)

    def cell():
        return "\n".join(filled(numbers.choice(statements)) for _ in range(numbers.randint(1, 3)))

    start = [
        "import random, contextlib\nfrom collections import defaultdict\nimport numpy as np",
        "a = [1]; b = [[2], 3]; c = [4]; d = [[5]]\ne = [6]; u = [[7], [8]]; v = []; w = {'k': [9]}",
        WRAPPED,
        *([OWN, "def f(x):\n    return x", "def g(x):\n    return [x]"] if changes_classes else []),
    ]
    return start + [cell() for _ in range(numbers.randint(2, 12))]


class Endless(BaseException):
    """A notebook does not come to an end, or grows without one: a list that is extended by itself, say."""


@contextlib.contextmanager
def bounded(seconds=2, room=2**29):
    """Raise Endless or MemoryError where the block takes more time or memory than that."""

    def stop(*_):
        raise Endless

    limits, handler = resource.getrlimit(resource.RLIMIT_AS), signal.signal(signal.SIGALRM, stop)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + room, limits[1]))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:  # also where the alarm struck in the line above
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, limits)


def outcome(cells, wanted, seed=0):
    """Run cells as a kernel does; return what the wanted names refer to, as text, and which errors there were.

    An example that does not end is left out.
    """
    scope, errors, found = {"print": lambda *given: given and str(given) and None, "__name__": "__main__"}, {}, None
    random.seed(seed)
    np.random.seed(seed)
    try:
        with bounded():
            for number, source in cells:
                run(number, source, scope, errors)
            found = {name: shown(scope.get(name, "none")) for name in wanted}
    except (Endless, MemoryError):
        scope.clear()
    assume(found is not None)
    return found, errors


def run(number, source, scope, errors):
    try:
        exec(compile(source, f"<cell {number}>", "exec"), scope)  # noqa: S102
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - as a kernel does
        errors[number] = type(error)


def shown(value, depth=0):  # noqa: PLR0911 - a table
    """Return a value as text without addresses, also what can be reached from it."""
    if depth > 4:
        return "…"
    if isinstance(value, np.ndarray):
        value = [str(value.shape), *value.ravel().tolist()]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(shown(each, depth + 1) for each in value)]
    if isinstance(value, dict):
        return {key: shown(each, depth + 1) for key, each in value.items()}
    if callable(value):
        about = getattr(value, "__dict__", {})
        return getattr(value, "__name__", "?"), shown(getattr(value, "__defaults__", None), depth + 1), str(about)[:0]
    if hasattr(value, "__dict__"):
        return type(value).__name__, shown(vars(value), depth + 1)
    if hasattr(value, "__next__"):
        with contextlib.suppress(Exception):
            return "iterator", shown([item for item, _ in zip(value, range(5), strict=False)], depth + 1)
        return "iterator"
    return re.sub("0x[0-9a-f]+", "", str(value))


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(notebooks(), st.sampled_from([*NAMES[:3], *NAMES, *FUNCTIONS]))
def test_the_needed_cells_alone_give_a_name_its_value(cells, name):
    try:
        needed = Depends(cells).for_names([name])
    except Unclear:
        return
    numbered = list(enumerate(cells))

    everything, _ = outcome(numbered, [name])
    alone, _ = outcome([(i, source) for i, source in numbered if i in needed], [name])

    assert everything == alone, "\n---\n".join(f"{i} {'+' if i in needed else ''}\n{c}" for i, c in numbered)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(notebooks(), st.data())
def test_the_cells_before_are_enough_for_a_cell_to_do_what_it_does(cells, data):
    index = data.draw(st.integers(0, len(cells) - 1))
    try:
        needed = Depends(cells).for_cell(index)
    except Unclear:
        return
    numbered = list(enumerate(cells))

    _, everything = outcome(numbered[: index + 1], [])
    _, alone = outcome([(i, source) for i, source in numbered[: index + 1] if i in needed], [])

    assert everything.get(index) == alone.get(index)


@pytest.mark.parametrize(
    "source",
    [
        "exec('x = 1')",
        "from numpy import *",
        "globals()['x'] = 1",
        "%run other.ipynb",
        "get_ipython().run_line_magic('reset', '-f')",
        "import numpy as np\nnp.exp = None",
        "import sys\nsys.modules.clear()",
        "chance = np.random\nchance.seed(1)",
        "for library in [np]: library.one = 1",
        "%time x = f()",
        "x = !ls",
        "x = (",
        "await f()",
        "print(_1)",
        "%%writefile helper.py\nx = 1",
        "x.__class__ = int",
    ],
)
def test_what_reaches_names_in_hidden_ways_is_unclear(source):
    with pytest.raises(Unclear):
        Depends(["import numpy as np", source])


@pytest.mark.parametrize("magic", ["%matplotlib inline", "!pip install numpy", "%%time", "%pip install keras"])
def test_harmless_magics_leave_it_clear(magic):
    depends = Depends([f"{magic}\nx = 1", "y = 2"])

    assert depends.for_names(["y"]) == {1}


def test_a_function_needs_what_it_uses_and_no_demonstration():
    depends = Depends(
        [
            "import numpy as np",
            None,
            "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))\nz = np.array([1.0, 2.0])\nprint(sigmoid(z))",
            "W = np.random.randn(3, 2)",
            "losses = []\nfor step in range(10):\n    W -= 0.1 * W\n    losses.append(W.sum())",
            "import matplotlib.pyplot as plt\nplt.plot(losses)",
            "def forward(x):\n    return sigmoid(x @ W)",
        ]
    )

    assert depends.for_names(["sigmoid"]) == {0, 2}
    assert depends.for_names(["forward"]) == {0, 2, 3, 4, 6}
    assert depends.for_names(["losses"]) == {0, 3, 4}


def test_importing_the_same_again_is_needed_once():
    depends = Depends(["import numpy as np", "import numpy as np\na = 1", "b = np.ones(2)"])

    assert depends.for_names(["b"]) == {0, 2}


def test_settings_are_needed_by_all():
    depends = Depends(["import numpy as np", "np.set_printoptions(precision=2)", "x = 1"])

    assert depends.for_cell(2) == {0, 1, 2}


@pytest.mark.parametrize(
    "writes",
    [
        "fig, ax = plt.subplots()\nax.plot([1, 2])\nfig.savefig('a.png')",
        "np.save('a.npy', np.ones(2))",
        "with open('a.txt', 'w') as file:\n    file.write('1')",
        "def keep():\n    open('a.txt', 'w').write('1')\nkeep()",
        "rng = np.random.default_rng(0)\nrng.normal(size=3).tofile('a.bin')",
    ],
)
def test_a_cell_that_reads_a_file_needs_the_one_that_writes_it(writes):
    depends = Depends(["import numpy as np\nimport matplotlib.pyplot as plt", writes, "x = open('a').read()"])

    assert depends.for_names(["x"]) >= {1, 2}


def test_a_generator_of_chance_is_a_value_like_any_other():
    depends = Depends(["import numpy as np", "rng = np.random.default_rng(0)", "W = rng.normal(size=3)", "y = 1"])

    assert depends.for_names(["rng"]) == {0, 1, 2}
    assert depends.for_names(["W"]) == {0, 1, 2}
    assert depends.for_names(["y"]) == {3}


ARRAYS = "import numpy as np\nz = np.array([-1.0, 2.0])\nother = z + 1"
LAYERS = "made = []\nclass Layer:\n    def __init__(self, to=made):\n        to.append(self)\n        np.random.rand()"
SUPER = "class Dense(Layer):\n    def __init__(self, to=made):\n        super().__init__(to)"
KEEPING = "made = []\nclass Layer:\n    def __init_subclass__(cls):\n        made.append(cls)"


@pytest.mark.parametrize(
    "source",
    [
        "np.maximum(z, 0, z)",
        "np.clip(z, 0, 1, z)",
        "np.sum(other, 0, None, z)",
        "np.exp(*[other, z])",
        "np.nan_to_num(z, False)",
        "np.nan_to_num(z, copy=False)",
        "np.median(z, overwrite_input=True)",
        "other.cumsum(0, None, z)",
        "z.partition(1)",
        "y = z.astype(float, copy=False)\ny += 1",
        "def relu_(x):\n    np.maximum(x, 0, x)\nrelu_(z)",
        "print('text', file=z)",
    ],
)
def test_where_a_result_is_written_to_is_changed(source):
    depends = Depends([ARRAYS, source, "a = z.sum()"])

    assert depends.for_names(["a"]) == {0, 1, 2}


@pytest.mark.parametrize(
    "source", ["y = np.maximum(z, 0)", "y = np.array(z, copy=True)", "y = np.median(z, overwrite_input=False)"]
)
def test_what_is_only_read_is_not_changed(source):
    depends = Depends([ARRAYS, source, "a = z.sum()"])

    assert depends.for_names(["a"]) == {0, 2}


def inputs(function):
    """Return how many arguments by position are inputs, None where another is no place for the result."""
    if isinstance(function, np.ufunc):
        return function.nin
    names = inspect.signature(function).parameters
    places = [i for i, name in enumerate(names) if name in ("out", "copy", "overwrite_input")]
    return places[0] if places and names[list(names)[places[0]]].kind is POSITIONAL else None


def test_the_inputs_of_functions_are_counted_as_numpy_counts_them():
    names = [name.partition(".")[2] for name in tables.FRESH_FUNCTIONS | tables.SHARING_FUNCTIONS]
    functions = {name: getattr(np, name, None) for name in names}
    counted = {name: inputs(each) for name, each in functions.items() if callable(each) and not isinstance(each, type)}
    limited = {name: count for name, count in counted.items() if count is not None}

    assert len(limited) > 50
    assert {} == {name: count for name, count in limited.items() if tables.INPUTS.get(f"numpy.{name}", 99) > count}


@pytest.mark.parametrize("dense", ["class Dense(Layer):\n    pass", SUPER])
@pytest.mark.parametrize("name", ["n", "x"])
def test_a_class_does_what_its_base_does(dense, name):
    start = ["import numpy as np", LAYERS, dense, "class Last(Dense):\n    pass", "np.random.seed(0)"]
    depends = Depends([*start, "Last()", "n = len(made)", "x = np.random.rand()"])

    assert 5 in depends.for_names([name])


def test_a_class_that_is_made_from_another_may_be_noted_there():
    depends = Depends([KEEPING, "class Dense(Layer):\n    pass", "n = len(made)"])

    assert depends.for_names(["n"]) == {0, 1, 2}


def test_the_difference_of_sets_holds_the_same_objects():
    own = "class P:\n    pass\na = P()"

    assert Depends([own, "for e in {a} - set():\n    e.v = 1", "b = a.v"]).for_names(["b"]) == {0, 1, 2}
    assert Depends([own, "for e in {a: 1}.keys() - (2,):\n    e.v = 1", "b = a.v"]).for_names(["b"]) == {0, 1, 2}


COUNTER = """class A:
    n = 0
    def go(self):
        return 1
    @classmethod
    def add(owner):
        owner.n += 1"""
PATCHING = [
    "A.add()",
    "class B(A):\n    pass\nB.add()\nA().add()",
    "def bump(k):\n    k.n += 1\nbump(A)",
    "def patch(c):\n    c.go = lambda self: 2\npatch(A)",
    "B = A\nB.n = 3",
    "for k in [A]:\n    k.n = 5",
    "ks = [A]\nks[0].n = 4",
    "a = A()\ntype(a).n = 4",
    "def f(a):\n    type(a).n = 4\nf(A())",
    "def f(k):\n    k.__name__ = 'B'\nf(A)",
    "class S:\n    def set(self, k):\n        k.n = 6\nS().set(A)",
    "class S:\n    @staticmethod\n    def set(self):\n        self.n = 6\nS.set(A)",
    "class S:\n    def __init__(self, k):\n        self.k = k\n        self.k.n = 1\nS(A)",
    "class S:\n    def __init__(self, k):\n        self = k\n        self.n = 1\nS(A)",
]


@pytest.mark.parametrize("source", PATCHING)
@pytest.mark.parametrize("value", ["A.n", "A().go()"])
def test_a_class_that_is_changed_under_another_name_is_changed(source, value):
    depends = Depends([COUNTER, source, f"x = {value}", "y = 1"])

    assert depends.for_names(["x"]) == {0, 1, 2}
    assert depends.for_names(["y"]) == {3}


@pytest.mark.parametrize("source", ["h = g; h.c = 3", "def bump(k):\n    k.c = 1\nbump(g)", "[g][0].c = 1"])
def test_a_function_that_is_changed_under_another_name_is_changed(source):
    depends = Depends(["def g():\n    pass", source, "x = g.c"])

    assert depends.for_names(["x"]) == {0, 1, 2}


LAYER = (
    "class Layer:\n    def __init__(self, activation):\n        self.W, self.activation = 1.0, activation\n"
    "    def __call__(self, x):\n        return self.activation(self.W * x)"
)


@pytest.mark.parametrize(
    "uses",
    [
        "zs = list(map(relu, [1, 2]))",
        f"{LAYER}\nnet = Layer(activation=relu)\nfor step in range(3):\n    net(step)",
        f"{LAYER}\nnet = [Layer(relu)]\nfor layer in net:\n    layer.W -= 0.1",
        "import keras\nmodel = keras.Sequential([keras.layers.Dense(2, activation=relu)])\nmodel.fit(1)",
    ],
)
def test_a_function_that_is_handed_on_is_not_changed_by_that(uses):
    depends = Depends(["def relu(x):\n    return max(x, 0)", uses, "y = relu(3)"])

    assert depends.for_names(["y"]) == {0, 2}


@pytest.mark.parametrize("look", ["1 in it", "[2 not in it]", "[*it]", "(*it,)", "{*it}", "print(*it)", "f(it)"])
@pytest.mark.parametrize("it", ["iter([1, 2, 3])", "open('a')"])
def test_what_goes_through_an_iterator_changes_it(look, it):
    depends = Depends(["def f(x):\n    return 2 in x", f"it = {it}", look, "x = next(it)", "y = 1"])

    assert depends.for_names(["x"]) >= {1, 2, 3}
    assert depends.for_names(["y"]) == {4}


@pytest.mark.parametrize("look", ["1 in z", "[*z]", "print(*z)"])
def test_what_goes_through_a_list_leaves_it_as_it_is(look):
    depends = Depends(["z = [1]", look, "x = z[0]"])

    assert depends.for_names(["x"]) == {0, 2}


def test_looking_an_item_up_may_add_it():
    depends = Depends(["from collections import defaultdict", "d = defaultdict(list)", "d['a']", "n = len(d)"])

    assert depends.for_names(["n"]) == {0, 1, 2, 3}


def test_what_was_drawn_before_is_needed_where_it_is_asked_for():
    depends = Depends(["import matplotlib.pyplot as plt", "plt.plot([1])", "n = len(plt.gca().lines)"])

    assert depends.for_names(["n"]) == {0, 1, 2}


TIMED = "def timed(f):\n    def inner(*given):\n        return f(*given)\n    return inner"
DECORATED = ["@timed", "@lru_cache(maxsize=None)", "@timed\n@lru_cache", "@lru_cache"]


@pytest.mark.parametrize("decorators", DECORATED)
@pytest.mark.parametrize("call", ["draw(3)", "twice(3)", "np.mean(draw(3))"])
def test_a_decorated_function_does_what_its_body_does(decorators, call):
    start = ["import numpy as np\nfrom functools import lru_cache", TIMED, "np.random.seed(0)"]
    draw = f"{decorators}\ndef draw(n):\n    return np.random.rand(n)"
    depends = Depends([*start, draw, "def twice(n):\n    return draw(n)", f"a = {call}", "b = np.random.rand()"])

    assert depends.for_names(["b"]) >= {0, 2, 3, 5, 6}


def test_a_decorated_function_writes_the_file_that_its_body_writes():
    save = "@timed\ndef save(a):\n    np.save('a.npy', a)"
    depends = Depends(["import numpy as np", TIMED, save, "save([1])", "b = np.load('a.npy')", "c = 1"])

    assert depends.for_names(["b"]) == {0, 1, 2, 3, 4}
    assert depends.for_names(["c"]) == {5}


@pytest.mark.parametrize("noting", ["noted", "noted_as('f')", "Notes().add", "[noted][0]"])
@pytest.mark.parametrize("made", ["def f():\n    pass", "class F:\n    pass"])
def test_a_decorator_does_what_it_does_where_it_stands(noting, made):
    noted = "known = []\ndef noted(f):\n    known.append(f)\n    return f"
    noted_as = "def noted_as(name):\n    return noted"
    notes = "class Notes:\n    def add(self, f):\n        known.append(f)\n        return f"
    depends = Depends([f"{noted}\n{noted_as}\n{notes}", f"@{noting}\n{made}", "n = len(known)"])

    assert depends.for_names(["n"]) == {0, 1, 2}


@pytest.mark.parametrize("decorator", ["staticmethod", "noted"])
def test_a_decorator_that_only_looks_changes_nothing(decorator):
    noted = "def noted(f):\n    return f"
    depends = Depends(["known = []", noted, f"@{decorator}\ndef f():\n    return known", "n = len(known)"])

    assert depends.for_names(["n"]) == {0, 3}


@pytest.mark.parametrize("default", ["y=L", "*, y=L", "y=[L]"])
def test_a_lambda_shares_its_defaults(default):
    depends = Depends(["L = [1]", f"f = lambda a, {default}: y.append(a)", "f(3)", "b = sum(L)", "c = 1"])

    assert depends.for_names(["b"]) == {0, 1, 2, 3}
    assert depends.for_names(["c"]) == {4}


LOUD_TEXT = ["str(random.random())", "str(self.count())", "str(made.append(1))", "open('a').read()"]
SHOWN = ["print(a)", "s = f'{a}'", "s = str(a)", "s = repr([a])", "s = '%s' % a", "s = '{}'.format(a)", "a"]


@pytest.mark.parametrize("text", LOUD_TEXT)
@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("name", ["__repr__", "__str__", "_repr_html_"])
def test_showing_an_object_does_what_its_class_does_then(name, shown, text):
    own = f"class A:\n    def {name}(self):\n        return {text}\n    def count(self):\n        self.n += 1"
    depends = Depends(["import random", "made = []", own, "a = A()", shown, "b = random.random(), made, a, open('a')"])

    assert depends.for_names(["b"]) == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("way", ["__repr__ = str_of", "__repr__ = lambda self: str(random.random())"])
def test_what_shows_an_object_may_be_given_otherwise(way):
    own = f"import random\ndef str_of(a):\n    return str(random.random())\nclass A:\n    {way}"
    depends = Depends([own, "a = A()", "print(a)", "b = random.random()"])

    assert depends.for_names(["b"]) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    "text",
    [
        "f'Dense({self.W.shape}, {self.name!r})'",
        "'Net(' + ', '.join([str(each) for each in self.layers]) + ')'",
        "'{} of {}'.format(self.name, len(self.layers))",
        "str(self)",
    ],
)
def test_a_text_that_only_tells_is_no_reason_to_print_again(text):
    own = f"class Dense:\n    def __repr__(self):\n        return {text}\n    __str__ = __repr__"
    depends = Depends([own, "a = Dense()", "print(a, f'{a}')\na", "b = a"])

    assert depends.for_names(["b"]) == {0, 1, 3}


@pytest.mark.parametrize("dtype", ["object", "'object'", "'O'", "np.object_", "[('a', 'O')]"])
@pytest.mark.parametrize(
    "made", ["np.concatenate([a, a])", "np.where([True], a, a)", "a.astype(float)", "np.full(1, a[0], dtype=kind)"]
)
def test_arrays_of_objects_share_them(dtype, made):
    start = ["import numpy as np", f"kind = {dtype}\na = np.empty(1, kind)\na[0] = [1]", f"c = {made}"]
    depends = Depends([*start, "c[0].append(2)", "b = sum(a[0])", "d = 1"])

    assert depends.for_names(["b"]) == {0, 1, 2, 3, 4}
    assert depends.for_names(["d"]) == {5}


def test_a_class_made_from_object_makes_no_arrays_of_objects():
    own = "class A(object):\n    pass\nc = np.concatenate([[1], [2]])"
    depends = Depends(["import numpy as np", own, "x = np.ones(2)", "y = np.exp(x)\ny += 1", "z = x"])

    assert depends.for_names(["z"]) == {0, 2, 4}
