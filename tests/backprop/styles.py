"""One homework, written in many hands: every style is right, and must be seen to be right.

Each style is the code of question 4; what they share is the mathematics. Then come wrong ones, each with the checks it
must fail, and odd ones, whose functions return what nobody expects.
"""

import re

HELPERS = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

def dsigmoid(z):
    s = sigmoid(z)
    return s * (1 - s)

def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

def cross_entropy_loss(y, y_hat):
    return -np.sum(y * np.log(y_hat + 1e-300))

def integer_to_one_hot(label, classes=10):
    v = np.zeros(classes)
    v[label] = 1
    return v

sizes = [784, 32, 32, 10]
"""

DATASET = """
def feed_forward_dataset(x, y):
    total, right = 0, 0
    for s, t in zip(x, y):
        loss, guess = feed_forward_sample(s, t)
        total += loss
        right += int(np.argmax(guess) == np.argmax(t) if np.size(t) > 1 else np.argmax(guess) == t)
    print(f"average loss {total / len(x):.4f}, accuracy {right / len(x):.2%}")
"""

EPOCH = """
def train_one_epoch(x, y, learning_rate=0.003):
    for s, t in zip(x, y):
        train_one_sample(s, t, learning_rate)
"""

LISTS = """
weights = [np.random.normal(0, np.sqrt(1 / max(a, b)), (a, b)) for a, b in zip(sizes, sizes[1:])]
biases = [np.zeros(b) for b in sizes[1:]]

def forward(x):
    zs, activations = [], [x]
    for w, b in zip(weights[:-1], biases[:-1]):
        zs.append(activations[-1] @ w + b)
        activations.append(sigmoid(zs[-1]))
    zs.append(activations[-1] @ weights[-1] + biases[-1])
    return zs, activations, softmax(zs[-1])

def feed_forward_sample(sample, y):
    _, _, p = forward(np.ravel(sample))
    guess = integer_to_one_hot(int(np.argmax(p)))
    return cross_entropy_loss(integer_to_one_hot(int(y)), p), guess

def train_one_sample(sample, y, learning_rate=0.003):
    zs, activations, p = forward(np.ravel(sample))
    delta = p - integer_to_one_hot(int(y))
    for i in (2, 1, 0):
        d_w, d_b = np.outer(activations[i], delta), delta
        if i:
            delta = (weights[i] @ delta) * dsigmoid(zs[i - 1])
        weights[i] = weights[i] - learning_rate * d_w
        biases[i] = biases[i] - learning_rate * d_b
"""

DICT_COLUMNS = """
rng = np.random.default_rng(1)
params = {}
for i in range(1, 4):
    params[f"W{i}"] = rng.normal(scale=max(sizes[i - 1], sizes[i]) ** -0.5, size=(sizes[i], sizes[i - 1]))
    params[f"b{i}"] = np.zeros((sizes[i], 1))

def feed_forward_sample(sample, y):
    a = np.asarray(sample, dtype=float).reshape(-1, 1)
    for i in (1, 2):
        a = sigmoid(params[f"W{i}"] @ a + params[f"b{i}"])
    p = softmax(params["W3"] @ a + params["b3"])
    guess = integer_to_one_hot(p.argmax()).reshape(-1, 1)
    return -np.log(p[int(y), 0] + 1e-300), guess

def train_one_sample(sample, y, learning_rate=0.003):
    a0 = np.asarray(sample, dtype=float).reshape(-1, 1)
    z1 = params["W1"] @ a0 + params["b1"]
    a1 = sigmoid(z1)
    z2 = params["W2"] @ a1 + params["b2"]
    a2 = sigmoid(z2)
    p = softmax(params["W3"] @ a2 + params["b3"])
    d3 = p - integer_to_one_hot(int(y)).reshape(-1, 1)
    d2 = (params["W3"].T @ d3) * dsigmoid(z2)
    d1 = (params["W2"].T @ d2) * dsigmoid(z1)
    for i, (d, a) in enumerate([(d1, a0), (d2, a1), (d3, a2)], 1):
        params[f"W{i}"] -= learning_rate * (d @ a.T)
        params[f"b{i}"] -= learning_rate * d
"""

NAMES_ROWS = """
W1 = np.random.randn(784, 32) / np.sqrt(784)
W2 = np.random.randn(32, 32) / np.sqrt(32)
W3 = np.random.randn(32, 10) / np.sqrt(32)
b1, b2, b3 = np.zeros((1, 32)), np.zeros((1, 32)), np.zeros((1, 10))
dW1 = dW2 = dW3 = None

def feed_forward_sample(sample, y):
    global z1, a1, z2, a2, p
    x = sample.reshape(1, 784)
    z1 = x @ W1 + b1; a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2; a2 = sigmoid(z2)
    p = softmax(a2 @ W3 + b3)
    guess = np.zeros(10); guess[np.argmax(p)] = 1
    return -np.log(p[0, y] + 1e-300), guess

def train_one_sample(sample, y, lr=0.003):
    global W1, W2, W3, b1, b2, b3, dW1, dW2, dW3
    loss, _ = feed_forward_sample(sample, y)
    x = sample.reshape(1, 784)
    d3 = p.copy(); d3[0, y] -= 1
    d2 = d3 @ W3.T * dsigmoid(z2)
    d1 = d2 @ W2.T * dsigmoid(z1)
    dW1, dW2, dW3 = x.T @ d1, a1.T @ d2, a2.T @ d3
    W1 = W1 - lr * dW1; W2 = W2 - lr * dW2; W3 = W3 - lr * dW3
    b1 = b1 - lr * d1; b2 = b2 - lr * d2; b3 = b3 - lr * d3
    return loss
"""

SCALAR_BIASES = LISTS.replace("biases = [np.zeros(b) for b in sizes[1:]]", "biases = [0, 0, 0]")

OBJECT_ARRAY = LISTS.replace(
    "biases = [np.zeros(b) for b in sizes[1:]]",
    "biases = np.array([np.zeros(b) for b in sizes[1:]], dtype=object)\nweights = np.array(weights, dtype=object)",
)

ALIASES = (
    LISTS.replace("def forward", "W1, W2, W3 = weights\nfirst_bias = biases[0]\n\ndef forward")
    .replace("weights[i] = weights[i] - learning_rate", "weights[i] -= learning_rate")
    .replace("biases[i] = biases[i] - learning_rate", "biases[i] -= learning_rate")
)

PASSED_AND_RETURNED = """
weights = [np.random.normal(0, max(a, b) ** -0.5, (a, b)) for a, b in zip(sizes, sizes[1:])]
biases = [np.zeros(b) for b in sizes[1:]]

def feed_forward_sample(sample, y, weights=None, biases=None):
    weights = globals()["weights"] if weights is None else weights
    biases = globals()["biases"] if biases is None else biases
    a = np.ravel(sample)
    for w, b in zip(weights[:-1], biases[:-1]):
        a = sigmoid(a @ w + b)
    p = softmax(a @ weights[-1] + biases[-1])
    return cross_entropy_loss(integer_to_one_hot(int(y)), p), integer_to_one_hot(int(np.argmax(p)))

def train_one_sample(sample, y, weights, biases, learning_rate=0.003):
    a0 = np.ravel(sample)
    z1 = a0 @ weights[0] + biases[0]; a1 = sigmoid(z1)
    z2 = a1 @ weights[1] + biases[1]; a2 = sigmoid(z2)
    p = softmax(a2 @ weights[2] + biases[2])
    d3 = p - integer_to_one_hot(int(y))
    d2 = weights[2] @ d3 * dsigmoid(z2)
    d1 = weights[1] @ d2 * dsigmoid(z1)
    new_w = [w - learning_rate * np.outer(a, d) for w, a, d in zip(weights, (a0, a1, a2), (d1, d2, d3))]
    return new_w, [b - learning_rate * d for b, d in zip(biases, (d1, d2, d3))]

def train_one_epoch(x, y, learning_rate=0.003):
    global weights, biases
    for s, t in zip(x, y):
        weights, biases = train_one_sample(s, t, weights, biases, learning_rate)
"""

ONE_HOT_LABELS = LISTS.replace("integer_to_one_hot(int(y))", "y")

OBJECT = """
class Network:
    def __init__(self):
        self.W = [np.random.normal(0, max(a, b) ** -0.5, (b, a)) for a, b in zip(sizes, sizes[1:])]
        self.b = [np.zeros(b) for b in sizes[1:]]

    def forward(self, x):
        zs, acts = [], [x]
        for w, b in zip(self.W, self.b):
            zs.append(w @ acts[-1] + b)
            acts.append(sigmoid(zs[-1]))
        return zs, acts, softmax(zs[-1])

net = Network()

def feed_forward_sample(sample, y):
    p = net.forward(np.ravel(sample))[2]
    return cross_entropy_loss(integer_to_one_hot(int(y)), p), integer_to_one_hot(int(np.argmax(p)))

def train_one_sample(sample, y, eta=0.003):
    zs, acts, p = net.forward(np.ravel(sample))
    delta = p - integer_to_one_hot(int(y))
    for i in (2, 1, 0):
        grad = np.outer(delta, acts[i])
        step = delta
        if i > 0:
            delta = (net.W[i].T @ delta) * dsigmoid(zs[i - 1])
        net.W[i] = net.W[i] - eta * grad
        net.b[i] = net.b[i] - eta * step
"""

GLOBAL_DATA = (
    """
x_train = np.random.rand(200, 28, 28)
y_train = np.random.randint(0, 10, 200)
"""
    + LISTS
)
GLOBAL_DATA_EPOCH = """
def train_one_epoch(learning_rate=0.003):
    for i in range(len(x_train)):
        train_one_sample(x_train[i], y_train[i], learning_rate)
"""

PAIRS = (
    LISTS.replace(
        "weights = [np.random.normal(0, np.sqrt(1 / max(a, b)), (a, b)) for a, b in zip(sizes, sizes[1:])]\n"
        "biases = [np.zeros(b) for b in sizes[1:]]",
        "layers = [[np.random.normal(0, np.sqrt(1 / max(p)), p), np.zeros(p[1])] for p in zip(sizes, sizes[1:])]",
    )
    .replace("zip(weights[:-1], biases[:-1])", "layers[:-1]")
    .replace("weights[-1]", "layers[-1][0]")
    .replace("biases[-1]", "layers[-1][1]")
    .replace("weights[i]", "layers[i][0]")
    .replace("biases[i]", "layers[i][1]")
)

MADE = LISTS[: LISTS.index("def forward")]  # the statements that make the parameters
STEP = "        weights[i] = weights[i] - learning_rate * d_w\n"
PRINT = 'print(f"average loss {total / len(x):.4f}, accuracy {right / len(x):.2%}")'
TRAIN = "def train_one_sample(sample, y, learning_rate=0.003):\n"
ANSWER = "return cross_entropy_loss(integer_to_one_hot(int(y)), p), guess"
WHOLE_NUMBER = LISTS.replace("guess = integer_to_one_hot(int(np.argmax(p)))", "guess = int(np.argmax(p))")
SINGLE = LISTS.replace("(a, b)) for", "(a, b)).astype(np.float32) for").replace(
    "np.zeros(b) for", "np.zeros(b, dtype=np.float32) for"
)
SCALED = LISTS.replace("def forward(x):", "def forward(x):\n    x = np.asarray(x) / 255")
SCALED_IF_LARGE = LISTS.replace("def forward(x):", "def forward(x):\n    x = x / 255 if np.max(x) > 1 else x")
KEPT_GRADIENTS = (
    "weight_grads = [np.zeros((a, b)) for a, b in zip(sizes, sizes[1:])]\n"
    "steps = [np.zeros((a, b)) for a, b in zip(sizes, sizes[1:])]\n"
) + LISTS.replace(STEP, "        weight_grads[i] = d_w\n        steps[i] = -learning_rate * d_w\n" + STEP)
NUMBERS_ABOUT = "labels = list(range(10))\nbatch_sizes = [32, 64, 128]\n" + LISTS
OTHER_NAMES = re.sub(r"\bdW(\d)", r"gr\1", NAMES_ROWS)
OTHER_NAMES = re.sub(r"\bW(\d)", r"dense_w\1", OTHER_NAMES)
SCALARS_IN_DICT = DICT_COLUMNS.replace("np.zeros((sizes[i], 1))", "0.0").replace(
    'params[f"b{i}"] -= learning_rate * d', 'params[f"b{i}"] = params[f"b{i}"] - learning_rate * d'
)
SEEDED = LISTS.replace(
    MADE,
    """
def start():
    np.random.seed(42)
    w = [np.random.normal(0, np.sqrt(1 / max(a, b)), (a, b)) for a, b in zip(sizes, sizes[1:])]
    return w, [np.zeros(b) for b in sizes[1:]]

weights, biases = start()

""",
)
BATCHES = HELPERS.replace("np.max(z)", "np.max(z, axis=1, keepdims=True)").replace(
    "np.sum(e)", "np.sum(e, axis=1, keepdims=True)"
)
KEYWORD_ONLY = LISTS.replace("sample, y, learning_rate", "sample, y, *, learning_rate")
FIRST_THE_GUESS = "def feed_forward_dataset(x, y):\n    return [feed_forward_sample(s, t) for s, t in zip(x, y)]\n"
NO_BIASES = (
    LISTS.replace("biases = [np.zeros(b) for b in sizes[1:]]\n", "")
    .replace("w, b in zip(weights[:-1], biases[:-1])", "w in weights[:-1]")
    .replace("@ w + b", "@ w")
    .replace(" + biases[-1]", "")
    .replace("        biases[i] = biases[i] - learning_rate * d_b\n", "")
)


def cells(network: str = LISTS, epoch: str = EPOCH, *, helpers: str = HELPERS, dataset: str = DATASET) -> list[str]:
    """Return the code cells of question 4."""
    return [helpers, network, dataset + epoch]


def epoch_over(samples: str) -> list[str]:
    """Return question 4 with an epoch over other samples than all of them once."""
    return cells(epoch=EPOCH.replace("zip(x, y)", samples))


def returning(forward: str, dataset: str = "None") -> list[str]:
    """Return question 4 where the forward pass and the function of the data set return something else."""
    return cells(
        LISTS.replace(ANSWER, "return " + forward), dataset=f"def feed_forward_dataset(x, y):\n    return {dataset}\n"
    )


def updating(line: str, network: str = LISTS) -> list[str]:
    """Return question 4 with another statement where the weights are updated."""
    return cells(network.replace(STEP, f"        {line}\n"))


STYLES = {
    "lists": cells(),
    "dict, columns, (out, in)": cells(DICT_COLUMNS),
    "names, rows, gradients in globals": cells(NAMES_ROWS),
    "scalar biases": cells(SCALAR_BIASES),
    "object arrays": cells(OBJECT_ARRAY),
    "aliases": cells(ALIASES),
    "passed and returned": cells(PASSED_AND_RETURNED, ""),
    "one-hot labels": cells(ONE_HOT_LABELS),
    "an object": cells(OBJECT),
    "data in globals": cells(GLOBAL_DATA, GLOBAL_DATA_EPOCH),
    "pairs": cells(PAIRS),
    "float32": cells(SINGLE),
    "pixels scaled inside": cells(SCALED),
    "pixels scaled where they are large": cells(SCALED_IF_LARGE, dataset=DATASET.replace(".2%", ".3f")),
    "gradients kept in lists": cells(KEPT_GRADIENTS),
    "lists of numbers about": cells(
        NUMBERS_ABOUT, dataset=DATASET.replace(PRINT, "return {'l': total / 24, 'a': right / 24}")
    ),
    "names with d, softmax of batches": cells(OTHER_NAMES, helpers=BATCHES),
    "scalar biases in a dict": cells(SCALARS_IN_DICT),
    "seeded initialiser, whole percent": cells(SEEDED, dataset=DATASET.replace(".2%", ".0%")),
    "keyword-only rate, sigmoid clipped at 30": cells(
        KEYWORD_ONLY,
        EPOCH.replace("t, learning_rate)", "t, learning_rate=learning_rate)"),
        helpers=HELPERS.replace("500", "30"),
    ),
    "rate called epsilon, count": cells(
        LISTS.replace("learning_rate", "epsilon"), dataset=DATASET.replace("{right / len(x):.2%}", "{right}/{len(x)}")
    ),
    "probabilities before the guess": cells(
        LISTS.replace(ANSWER, ANSWER.replace("p), guess", "p), p, guess")),
        dataset=DATASET.replace("loss, guess", "loss, _, guess"),
    ),
}

EPOCH_FAILS = {"test_one_epoch"}
WRONG_STYLES = {
    "a whole number as guess": (
        cells(WHOLE_NUMBER, dataset=DATASET.replace("np.argmax(guess)", "guess")),
        {"test_guess_of_one_sample"},
    ),
    "a whole number first": (
        cells(
            WHOLE_NUMBER.replace(ANSWER, "return guess, cross_entropy_loss(integer_to_one_hot(int(y)), p)"),
            dataset=DATASET.replace("np.argmax(guess)", "guess").replace("loss, guess = feed", "guess, loss = feed"),
        ),
        {"test_guess_of_one_sample"},
    ),
    "rate fixed": (
        cells(
            LISTS.replace("learning_rate=0.003", "w=None, b=None").replace("learning_rate", "0.003"),
            EPOCH.replace("learning_rate=0.003", "").replace(", learning_rate", ""),
        ),
        {"test_learning_rate"},
    ),
    "epoch over two thirds": (epoch_over("list(zip(x, y))[:len(x) * 2 // 3]"), EPOCH_FAILS),
    "epoch without the last": (epoch_over("list(zip(x, y))[:-1]"), EPOCH_FAILS),
    "epoch twice": (epoch_over("list(zip(x, y)) * 2"), EPOCH_FAILS),
    "no biases": (
        cells(NO_BIASES),
        {
            "test_initial_biases",
            "test_gradient_on_scaled_pixels",
            "test_gradient_at_other_weights",
            "test_gradient_on_raw_pixels",
        },
    ),
    "many numbers printed": (
        cells(dataset="def feed_forward_dataset(x, y):\n    print(*[i / 100 for i in range(1000)])\n"),
        {"test_dataset_loss_and_accuracy"},
    ),
    "one-hot vectors of ten": (
        cells(helpers=HELPERS.replace("np.zeros(classes)", "np.zeros(10)")),
        {"test_integer_to_one_hot"},
    ),
}

ODD_STYLES = {
    "ragged answers": returning("[[1, 2], [3]]", "[[1, 2], [3]]"),
    "huge numbers": returning("10**400, guess", "10**400, np.array(['a']), np.array([1j]), 1j, np.array([None])"),
    "complex loss, text": returning("np.array([1j]), guess", "'x'"),
    "odd guesses": returning("cross_entropy_loss(integer_to_one_hot(int(y)), p), ['a'] * 10", "['a']"),
    "weights None": updating("weights[i] = None"),
    "weights ragged": updating("weights[i] = [[1, 2], [3]]"),
    "weights complex": updating("weights[i] = weights[i] * 1j"),
    "weights a function": updating("weights[i] = print"),
    "weights gone": updating("weights.pop()"),
    "a scalar bias grown": updating(
        "biases[i] = np.zeros((32, 32))", SCALAR_BIASES.replace("biases[i] = biases[i] -", "0 *")
    ),
    "flat parameters returned": cells(
        LISTS.replace(TRAIN, TRAIN + "    return [np.zeros(n) for n in (25088, 1024, 320, 32, 32, 10)]\n")
    ),
    "values, not functions": cells(
        LISTS + "\nfeed_forward_sample, train_one_sample = 3, 4\n",
        "",
        helpers=HELPERS + "\ninteger_to_one_hot = 7\n",
        dataset="",
    ),
    "weights that cannot be made again": cells(LISTS.replace(MADE, "exec(" + repr(MADE) + ")\nweights\n\n")),
}
BOX = """
def box_network(h, delta):
    return %s

def approximate(f, B, n):
    return %s
"""
ODD_BOXES = {
    "huge number, not boxes": BOX % ("(10**400, 0, -1, delta, h, h, -h)", "lambda x: f(x) + 1 / n"),
    "text": BOX % ("'abcdefg'", "lambda x: 'a'"),
    "ragged": BOX % ("[[1], [2, 3]] * 3 + [0]", "lambda x: [[1], [2, 3]]"),
    "a dict": BOX % ("{1: 2}", "lambda x: {1: 2}"),
    "nothing": BOX % ("[None] * 7", "lambda x: []"),
    "values": "box_network = 7\napproximate = [1]",
}
