"""The verdict is computed outside: whatever a notebook does to its own Python, only right answers earn points.

Replacing what compares, shows or calls the functions changes nothing, nothing of what is expected can be found inside,
what will be asked cannot be foreseen, and every check meets the notebook as its cells left it.
"""

from hostile_attack import PASSED_BY_WRONG, WRONG, Attack, Markdown, vandal

# What looks through all frames and objects for something; `where(condition)` yields what it found.
SEARCH = """
import gc, sys, types, numpy as np
def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back
def parts(value):
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if type(value) in (list, tuple, set) else []
def where(condition):
    for value in [*gc.get_objects(), *(value for frame in frames() for value in frame.f_locals.values())]:
        for part in [value, *parts(value)]:
            try:
                if condition(part):
                    yield part
            except Exception:
                pass
"""

# A network that learns nothing, but has all functions that the checks ask for.
NETWORK = (
    """
import numpy as np
kept = np.load('/scratch/data/mnist.npz')
y_train, x_test, y_test = kept['y_train'], kept['x_test'], kept['y_test']
x_train = kept['x_train'].reshape(-1, 784) / 255
sizes = [784, 32, 32, 10]
rng = np.random.default_rng(0)
weights = [rng.normal(0, m ** -0.5, (m, n)) for m, n in zip(sizes, sizes[1:])]
biases = [np.zeros(n) for n in sizes[1:]]
def sigmoid(z):
    return np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z)))
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()
def integer_to_one_hot(label, classes):
    return np.eye(classes)[label]
def forward(sample):
    a = np.asarray(sample, dtype=float)
    for w, b in zip(weights[:-1], biases[:-1]):
        a = sigmoid(a @ w + b)
    return softmax(a @ weights[-1] + biases[-1])
def feed_forward_sample(sample, y):
    y_hat = forward(sample)
    return -np.log(y_hat[int(y)]), integer_to_one_hot(int(np.argmax(y_hat)), 10)
""",
    """
def train_one_sample(sample, y, learning_rate=0.003):
    for b in biases:
        b += 1e-9
def train_one_epoch(x, y, learning_rate=0.003):
    for sample, label in zip(x, y):
        train_one_sample(sample, label, learning_rate)
""",
)
NETWORK_EARNS = frozenset(
    {"test_loss_of_one_sample", "test_loss_of_one_raw_sample", "test_guess_of_one_sample", "test_integer_to_one_hot"}
    | {"test_sigmoid", "test_one_epoch", "test_initial_biases", "test_initial_weights", "test_initial_weights_differ"}
    | {f"test_softmax[{scale}]" for scale in (1, 30, 1000)}
)

ATTACKS = (
    Attack(
        name="replaced_comparisons",
        what="replaces what compares: numpy.testing, allclose, array_equal, math, unittest, pytest and operators",
        cells=(
            """
import math, operator, unittest, numpy as np, numpy.testing, pytest
yes = lambda *_, **__: True
for module in (numpy.testing, np, math, operator, pytest):
    for name in ('assert_array_equal', 'assert_allclose', 'assert_equal', 'assert_almost_equal', 'allclose', 'isclose',
                 'array_equal', 'all', 'any', 'equal', 'not_equal', 'eq', 'ne', 'approx', 'raises', 'fail', 'isfinite'):
        if hasattr(module, name):
            setattr(module, name, yes)
unittest.TestCase.assertEqual = unittest.TestCase.failUnless = yes
print('replaced', np.allclose(1, 2))
""",
        ),
        inside="replaced True",
        says="differs|wrong",
    ),
    Attack(
        name="replaced_machinery",
        what="replaces print, json, IPython's display formatter and every built-in function",
        cells=(
            """
import builtins, json
print('before')
shell = get_ipython()
def nothing(*_, **__):
    return None
json.dumps = json.loads = json.JSONEncoder.encode = json.JSONEncoder.default = nothing
shell.display_formatter.format = nothing
shell.display_pub.publish = nothing
shell.displayhook.write_format_data = nothing
for name in ('print', 'len', 'isinstance', 'type', 'str', 'repr', 'float', 'int', 'list', 'dict', 'getattr', 'hasattr',
             'callable', 'sum', 'min', 'max', 'abs', 'all', 'any', 'sorted', 'zip', 'map', 'open', 'eval', 'exec'):
    setattr(builtins, name, nothing)
""",
            "print('shown')\n1 + 1",
            "__builtins__ = {}\ndef double(x):\n    return 3 * x",
        ),
        inside="before(.|\n)*shown",
        says="TypeError(.|\n)*(differs|wrong)",
        status="errors",
    ),
    vandal(
        name="replaced_streams",
        what="replaces sys.stdout and sys.stderr by None, by objects that raise, and by a file that is closed",
        cells=(
            "import sys\nprint('before')\nsys.stdout = sys.stderr = sys.__stdout__ = None",
            "import sys\nprint('between')\nsys.stdout = sys.stderr = sys.displayhook = object()",
            "import sys\nsys.stdout = sys.stderr = open('closed', 'w')\nsys.stdout.close()",
            "print('after')",
        ),
        limits={"cell_s": 2},
        inside="before(.|\n)*between(.|\n)*after",
        says="",
    ),
    Attack(
        name="replaced_asking",
        what="finds the code that answers the grader, and makes it say that all is right",
        cells=(
            SEARCH
            + """
def double(x):
    changed = []
    for frame in frames():
        if frame.f_code.co_name == '_call' and 'capture' in frame.f_locals:
            agent = frame.f_locals['self']
            names = frame.f_globals
            honest = agent.handle
            agent._encode = lambda value, content: {'t': 'passed', 'score': 4, 'v': True}
            agent._reset = agent._freeze = lambda *_: {}
            names['wire'].Encoder.encode = lambda *_: {'t': 'tuple', 'v': []}
            changed.append(frame)
    return changed
""",
        ),
        passes=frozenset({"test_text"}),
        says="could not be read|shape|passed|not a number",
    ),
    Attack(
        name="patched_numpy",
        what="patches the methods of NumPy that carry answers out, and its random generators",
        cells=(
            """
import numpy as np
np.array = np.asarray = np.ascontiguousarray = lambda *_, **__: np.zeros(3)
np.ndarray = np.generic = np.dtype = np.frombuffer = object
class Fixed:
    normal = random = integers = choice = lambda *_, **__: 0.0
np.random.default_rng = np.random.seed = np.random.Generator = np.random.normal = lambda *_: Fixed()
print('patched')
""",
        ),
        inside="patched",
        says="wrong|differs|not the right one",
    ),
    Attack(
        name="search_for_answers",
        what="while it is asked, searches every frame and every object in memory for the expected answer",
        cells=(
            SEARCH
            + """
def double(x):
    right = 2 * x
    shape = np.shape(x)
    def is_answer(value):
        if isinstance(value, (np.ndarray, float)) and value is not right and np.shape(value) == shape:
            return bool(np.all(value == right)) and np.ndim(value) > 0
        return False
    def is_telling(value):
        return isinstance(value, str) and len(value) < 10_000 and 'mark.check' + chr(40) in value
    found, told = list(where(is_answer)), list(where(is_telling))
    raise RuntimeError(f'found {len(found)} answers and {len(told)} checks')
""",
        ),
        limits={"call_s": 20},
        says="found 0 answers and 0 checks",
    ),
    Attack(
        name="foresee_the_inputs",
        what="searches its process for the seed, and draws the inputs of checks whose names it knows",
        cells=(
            SEARCH
            + """
import zlib
def numbers():
    yield from (value for frame in frames() for value in [*frame.f_locals.values(), *parts_of_parts(frame.f_locals)]
                if type(value) is int)
    yield from (value for value in where(lambda value: type(value) is int))
    yield int(np.random.get_state()[1][0])
def parts_of_parts(names):
    return [part for value in names.values() for part in parts(value)]
start = 10
seeds = sorted({number % 2**64 for number in numbers()})
names = ['test_double', 'test_random_inputs']
foreseen = []
for seed in seeds[-20_000:]:
    for name in names:
        foreseen.append(np.random.default_rng([seed, zlib.crc32(name.encode())]).normal(size=3)[:2])
foreseen = np.array(foreseen)
def check(x):
    return bool((foreseen == np.ravel(x)[:2]).all(axis=1).any())
def double(x):
    if np.ndim(x):
        raise RuntimeError(f'foreseen: {check(x)}')
    return 3 * x
""",
        ),
        limits={"cell_s": 20},
        says="foreseen: False",
    ),
    Attack(
        name="asked_twice",
        what="counts how often it is asked, and gives another guess each time",
        host=(*WRONG[:3], "steps = 2", WRONG[4]),
        cells=(
            """
import itertools, math, sys
count = itertools.count()
kept = []
def difference(a, b, _seen=[]):
    for memory in (kept, _seen, vars(math).setdefault('seen', []), difference.__dict__.setdefault('seen', [])):
        memory.append((a, b))
    return [a + b, a * b, a - b, b - a][min(next(count), 3)]
""",
        ),
        passes=PASSED_BY_WRONG - {"test_difference"},
        says="constant factor|not the right one|wrong|differs",
    ),
    Attack(
        name="remembers_checks",
        what="remembers what it was asked in globals, defaults and attributes, to answer the next check with it",
        cells=(
            """
memory = {'asked': [], 'nested': [[]]}
class Memory:
    asked = []
    def __init__(self):
        self.asked = []
remembered = Memory()
def double(x):
    known = (memory['asked'], memory['nested'][0], remembered.asked)
    sizes = [len(asked) for asked in known]
    for asked in known:
        asked.append(x)
    global start
    start = 'changed'
    raise RuntimeError(f'asked before: {sizes}')
""",
        ),
        says=r"(asked before: \[0, 0, 0\](.|\n)*){3}",
    ),
    Attack(
        name="random_answers",
        what="answers at random, reseeding from the system each time",
        cells=(
            """
import os, random, time
def double(x):
    chance = random.SystemRandom()
    try:
        return [chance.choice([-1, 0, 1]) * chance.random() * 9 for _ in x]
    except TypeError:
        return chance.choice([n + 0.123 for n in range(-9, 9)])
""",
        ),
        says="wrong|not the right one",
    ),
    Attack(
        name="raised_verdicts",
        what="raises exceptions named like those that decide: skipped, passed, part of the points, a person's review",
        cells=(
            """
import pytest
class PartialCredit(Exception):
    fraction, message, points = 1.0, 'all of it', 4
class NeedsReview(Exception):
    pass
def double(x):
    if getattr(x, 'ndim', 0):
        raise PartialCredit('full points')
    if x > 0:
        raise NeedsReview('please')
    pytest.skip('not today')
""",
        ),
        says=r"stopped with PartialCredit: full points(.|\n)*stopped with Skipped: not today(.|\n)*with NeedsReview",
    ),
    Attack(
        name="exits_when_asked",
        what="exits, interrupts itself and stops iterations when it is asked, as if the grader had been stopped",
        cells=(
            """
import sys
def double(x):
    if getattr(x, 'ndim', 0):
        raise KeyboardInterrupt('Ctrl-C')
    if x > 0:
        sys.exit(0)
    raise StopAsyncIteration
""",
        ),
        says=r"`double` was interrupted(.|\n)*with StopAsyncIteration(.|\n)*with SystemExit: 0",
    ),
    Attack(
        name="printed_verdicts",
        what="prints and shows what looks like a report with all points, and results as JSON",
        cells=(
            Markdown("## Question 1\n**Passed**, 15 of 15 points. Reviewed by a person: correct."),
            """
print('{"score": 15, "status": "passed", "questions": []}')
print('test_double PASSED\\n===== 9 passed in 0.01s =====')
display({'application/json': {'score': 15}, 'text/plain': 'q1 passed'}, raw=True)
def double(x):
    print('{"ok": true, "value": 2.0, "passed": true}')
    return {'passed': True, 'score': 4, 'value': 2.0}
""",
        ),
        inside="9 passed",
        says="What came back is a dictionary",
    ),
    Attack(
        name="patched_predict",
        what="patches keras.Model.predict, so that every model is right about images it knows",
        assignment="backprop",
        host=NETWORK,
        cells=(
            """
from tensorflow import keras
def cheat(self, x, *_, **__):
    distances = ((np.asarray(x).reshape(-1, 1, 784) - x_train[None, :300]) ** 2).sum(axis=2)
    return np.eye(10)[y_train[:300][distances.argmin(axis=1)]]
keras.Model.predict = keras.Sequential.predict = keras.Model.__call__ = cheat
model = keras.Sequential([keras.layers.Input((784,)), keras.layers.Dense(10)])
print('accuracy', (model.predict(x_train[:99]).argmax(axis=1) == y_train[:99]).mean())
""",
        ),
        passes=NETWORK_EARNS,
        inside="accuracy 1.0",
        says="After three epochs your network is right on",
    ),
    Attack(
        name="nearest_neighbour",
        what="guesses new images by their nearest neighbour in the training file, and learns nothing",
        assignment="backprop",
        host=NETWORK,
        cells=(
            """
norms = (x_train ** 2).sum(axis=1)
def feed_forward_sample(sample, y):
    y_hat = forward(sample)
    distances = norms - 2 * x_train @ np.ravel(sample) + np.sum(np.square(sample))
    nearest = int(y_train[distances.argmin()]) if distances.min() < 60 else int(np.argmax(y_hat))
    return -np.log(y_hat[int(y)]), integer_to_one_hot(nearest, 10)
right = [np.argmax(feed_forward_sample(x, 0)[1]) == y for x, y in zip(x_test.reshape(-1, 784) / 255, y_test)]
print('accuracy', np.mean(right) > 0.9)
""",
        ),
        passes=NETWORK_EARNS,
        inside="accuracy True",
        says="After three epochs your network is right on",
    ),
    Attack(
        name="random_network",
        what="returns random losses and guesses, and moves its parameters at random",
        assignment="backprop",
        host=NETWORK,
        cells=(
            """
import random
chance = random.SystemRandom()
def feed_forward_sample(sample, y):
    return chance.random(), integer_to_one_hot(chance.randrange(10), 10)
def train_one_sample(sample, y, learning_rate=0.003):
    for w in (*weights, *biases):
        w += chance.random()
""",
        ),
        passes=NETWORK_EARNS
        - {"test_loss_of_one_sample", "test_loss_of_one_raw_sample", "test_guess_of_one_sample"}
        - {"test_one_epoch"},
        says="The loss is not that of the network with the weights and biases we put in place",
    ),
)
